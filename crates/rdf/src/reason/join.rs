//! All ways in which the body of a rule holds in a set of triples.

use std::collections::HashMap;

use super::rule::{Atom, Rule, Slot};
use crate::store::{Store, Triples};
use crate::term::{TermId, Triple};

/// Values of the variables of a rule.
pub(super) type Binding = Vec<Option<TermId>>;

/// Extends a binding so that the atom is the triple; undo by restoring the binding.
pub(super) fn unify(atom: Atom, triple: Triple, binding: &mut Binding) -> bool {
    for (slot, term) in atom.into_iter().zip(triple) {
        match slot {
            Slot::Term(fixed) if fixed != term => return false,
            Slot::Term(_) => {}
            Slot::Var(v) => match binding[v] {
                Some(bound) if bound != term => return false,
                Some(_) => {}
                None => binding[v] = Some(term),
            },
        }
    }
    true
}

/// The atom with its bound variables replaced.
pub(super) fn fill(atom: Atom, binding: &Binding) -> [Option<TermId>; 3] {
    atom.map(|slot| match slot {
        Slot::Term(term) => Some(term),
        Slot::Var(v) => binding[v],
    })
}

/// Which terms stand where beside a fixed predicate: one bit for each (predicate, side, other
/// side if fixed). A clear bit says at once that a lookup is vain; bits are never cleared.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    bits: Vec<u64>,
    of: HashMap<TermId, Vec<(usize, Option<TermId>, u64)>>,
}

impl Marks {
    /// Bits for the atoms of rules whose predicate is fixed; 64 at most.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let (mut marks, mut next) = (Marks::default(), 0u32);
        for atom in rules.iter().flat_map(|r| &r.body) {
            let [s, Slot::Term(p), o] = *atom else { continue };
            for (side, here, there) in [(0, s, o), (2, o, s)] {
                let other = if let Slot::Term(t) = there { Some(t) } else { None };
                let known = marks.of.entry(p).or_default();
                if matches!(here, Slot::Var(_)) && !known.iter().any(|k| (k.0, k.1) == (side, other)) && next < 64 {
                    known.push((side, other, 1 << next));
                    next += 1;
                }
            }
        }
        marks
    }

    /// Takes note of a triple.
    pub(super) fn note(&mut self, triple: Triple) {
        let Some(kinds) = self.of.get(&triple[1]) else { return };
        for &(side, other, bit) in kinds {
            if other.is_none_or(|t| t == triple[2 - side]) {
                let at = triple[side].index();
                if self.bits.len() <= at {
                    self.bits.resize(at + 1, 0);
                }
                self.bits[at] |= bit;
            }
        }
    }

    /// The bits that subject and object of an atom must have; 0 where nothing is known.
    pub(super) fn guard(&self, atom: Atom) -> [u64; 2] {
        let Slot::Term(p) = atom[1] else { return [0; 2] };
        [0, 2].map(|side| {
            let other = if let Slot::Term(t) = atom[2 - side] { Some(t) } else { None };
            let known = self.of.get(&p).map_or(&[][..], Vec::as_slice);
            let here = matches!(atom[side], Slot::Var(_));
            known.iter().find(|k| here && (k.0, k.1) == (side, other)).map_or(0, |k| k.2)
        })
    }

    /// Whether no triple can match the pattern of an atom with this guard; `false` when that is
    /// not known.
    pub(super) fn vain(&self, guard: [u64; 2], pattern: [Option<TermId>; 3]) -> bool {
        let lacks = |bit: u64, term: Option<TermId>| {
            bit != 0 && term.is_some_and(|t| self.bits.get(t.index()).is_none_or(|b| b & bit == 0))
        };
        lacks(guard[0], pattern[0]) || lacks(guard[1], pattern[2])
    }
}

/// Calls `found` with every binding under which all atoms of `left` hold, and the triples that
/// make the body in its order; `found` says whether to go on.
pub(super) fn join(
    store: &Store,
    marks: &Marks,
    rule: &Rule,
    left: &mut Vec<usize>,
    state: &mut (Binding, Vec<Triple>),
    found: &mut dyn FnMut(&Binding, &[Triple]) -> bool,
) -> bool {
    // The atom with the most bound places first: lookups, then short ranges.
    let bound = |i: usize| fill(rule.body[i], &state.0).iter().flatten().count();
    let Some(at) = (0..left.len()).max_by_key(|&k| (bound(left[k]), left.len() - k)) else {
        return found(&state.0, &state.1);
    };
    let i = left.swap_remove(at);
    let pattern = fill(rule.body[i], &state.0);
    let mut go_on = true;
    if !marks.vain(rule.guards[i], pattern) {
        if let [Some(s), Some(p), Some(o)] = pattern {
            if store.contains([s, p, o]) {
                state.1[i] = [s, p, o];
                go_on = join(store, marks, rule, left, state, found);
            }
        } else {
            let before = state.0.clone();
            for triple in store.matching(pattern[0], pattern[1], pattern[2]) {
                if unify(rule.body[i], triple, &mut state.0) {
                    state.1[i] = triple;
                    go_on = join(store, marks, rule, left, state, found);
                }
                state.0.clone_from(&before);
                if !go_on {
                    break;
                }
            }
        }
    }
    left.push(i);
    let last = left.len() - 1;
    left.swap(at, last);
    go_on
}
