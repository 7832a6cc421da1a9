//! Rules that a graph states with lists: chains, intersections, unions, enumerations.
//!
//! Each such axiom becomes a rule of its own whose body begins with the triples of the list, so
//! that a proof shows them.

use std::collections::HashSet;

use oxrdf::NamedNodeRef;

use super::rule::{Atom, Rule, Slot};
use super::vocabulary::iri;
use crate::store::{Store, StoreError, Triples};
use crate::term::{TermId, Triple};

/// Predicates whose triples make or change rules of this file.
pub(super) const SHAPING: [&str; 6] = ["first", "rest", "propertyChainAxiom", "intersectionOf", "unionOf", "oneOf"];

/// The rules of the asserted lists, in the order of their triples.
pub(super) fn compile(store: &mut Store) -> Result<Vec<Rule>, StoreError> {
    let mut word =
        |name: &str| store.dictionary_mut().intern(NamedNodeRef::new_unchecked(iri(name).unwrap_or_default()));
    let cells = [word("first")?, word("rest")?, word("nil")?];
    let [a, sub] = [word("a")?, word("subClassOf")?];
    let [chain, meet, join, one] =
        [word("propertyChainAxiom")?, word("intersectionOf")?, word("unionOf")?, word("oneOf")?];
    let mut rules = Vec::new();
    for kind in [chain, meet, join, one] {
        let axioms: Vec<_> = store.asserted().matching(None, Some(kind), None).collect();
        for axiom in axioms {
            let Some((mut fixed, items)) = list(store, axiom[2], cells) else { continue };
            fixed.insert(0, axiom);
            let base = Base { a, sub, subject: axiom[0], fixed, items };
            if kind == chain {
                rules.push(base.chain());
            } else if kind == meet {
                rules.extend(base.intersection());
            } else if kind == join {
                rules.extend(base.union());
            } else {
                rules.extend(base.enumeration());
            }
        }
    }
    Ok(rules)
}

/// Triples and items of a list; `None` for a list that is empty, forked, broken or circular.
fn list(store: &Store, head: TermId, [first, rest, nil]: [TermId; 3]) -> Option<(Vec<Triple>, Vec<TermId>)> {
    let asserted = store.asserted();
    let only = |node, predicate| {
        let mut found = asserted.matching(Some(node), Some(predicate), None);
        let triple = found.next()?;
        found.next().is_none().then_some(triple)
    };
    let (mut triples, mut items, mut seen, mut node) = (Vec::new(), Vec::new(), HashSet::new(), head);
    while node != nil {
        if !seen.insert(node) {
            return None;
        }
        let (item, next) = (only(node, first)?, only(node, rest)?);
        triples.extend([item, next]);
        items.push(item[2]);
        node = next[2];
    }
    (!items.is_empty()).then_some((triples, items))
}

struct Base {
    a: TermId,
    sub: TermId,
    subject: TermId,
    fixed: Vec<Triple>,
    items: Vec<TermId>,
}

impl Base {
    fn rule(&self, name: &'static str, body: impl IntoIterator<Item = Atom>, head: Atom, vars: usize) -> Rule {
        let fixed = self.fixed.iter().map(|t| t.map(Slot::Term));
        let body: Vec<Atom> = fixed.chain(body).collect();
        Rule { name, guards: vec![[0; 2]; body.len()], body, head: vec![head], vars, guarded: false }
    }

    /// `x0 p1 x1 , … , xn-1 pn xn -> x0 P xn`.
    fn chain(&self) -> Rule {
        let n = self.items.len();
        let links = self.items.iter().enumerate().map(|(i, &p)| [Slot::Var(i), Slot::Term(p), Slot::Var(i + 1)]);
        self.rule("prp-spo2", links, [Slot::Var(0), Slot::Term(self.subject), Slot::Var(n)], n + 1)
    }

    fn is(&self, class: TermId) -> Atom {
        [Slot::Var(0), Slot::Term(self.a), Slot::Term(class)]
    }

    fn below(&self, small: TermId, large: TermId) -> Atom {
        [small, self.sub, large].map(Slot::Term)
    }

    fn intersection(&self) -> Vec<Rule> {
        let all = self.items.iter().map(|&c| self.is(c));
        let mut rules = vec![self.rule("cls-int1", all, self.is(self.subject), 1)];
        for &c in &self.items {
            rules.push(self.rule("cls-int2", [self.is(self.subject)], self.is(c), 1));
            rules.push(self.rule("scm-int", [], self.below(self.subject, c), 0));
        }
        rules
    }

    fn union(&self) -> Vec<Rule> {
        let each = |&c: &TermId| {
            [
                self.rule("cls-uni", [self.is(c)], self.is(self.subject), 1),
                self.rule("scm-uni", [], self.below(c, self.subject), 0),
            ]
        };
        self.items.iter().flat_map(each).collect()
    }

    fn enumeration(&self) -> Vec<Rule> {
        let each = |&x: &TermId| self.rule("cls-oo", [], [x, self.a, self.subject].map(Slot::Term), 0);
        self.items.iter().map(each).collect()
    }
}
