//! Taking asserted triples back: what rested on them goes, what still follows comes again.
//!
//! Every derived triple has one reason, and reasons have no cycles. A triple whose reason does not
//! rest on a deleted one still holds; the others are deleted and then sought again (delete and
//! re-derive, restricted to the recorded reasons).

use std::collections::VecDeque;

use super::closure::Closure;
use super::join::{join, unify};
use crate::store::StoreError;
use crate::term::Triple;

impl Closure {
    /// Takes back asserted triples; the result equals a closure of the rest from scratch.
    ///
    /// # Errors
    /// [`StoreError::TooManyTerms`].
    pub fn remove(&mut self, triples: &[Triple]) -> Result<(), StoreError> {
        let gone: Vec<Triple> = triples.iter().copied().filter(|&t| self.is_asserted(t)).collect();
        if self.shapes(&gone) {
            for &triple in &gone {
                self.store.remove(triple);
            }
            return self.renew();
        }
        let doomed = self.doomed(&gone);
        for &triple in &doomed {
            self.store.remove(triple);
            self.store.underive(triple);
            self.reasons.remove(&triple);
        }
        // What one step from the rest yields; everything further follows from these by the queue.
        let mut queue = VecDeque::new();
        for &triple in &doomed {
            if let Some((rule, body)) = self.reason_for(triple)
                && self.store.derive(triple)
            {
                self.give_reason(triple, rule, &body);
                queue.push_back(triple);
            }
        }
        self.run(queue);
        Ok(())
    }

    /// The triples and all that rest on them by their reasons, asserted ones excepted.
    fn doomed(&self, gone: &[Triple]) -> Vec<Triple> {
        let mut dependents: std::collections::HashMap<Triple, Vec<Triple>> = std::collections::HashMap::new();
        for &head in self.reasons.keys() {
            for &premise in self.why(head).map_or(&[][..], |w| w.premises) {
                dependents.entry(premise).or_default().push(head);
            }
        }
        let mut doomed = gone.to_vec();
        let mut seen: std::collections::HashSet<Triple> = gone.iter().copied().collect();
        let mut at = 0;
        while at < doomed.len() {
            for &head in dependents.get(&doomed[at]).map_or(&[][..], Vec::as_slice) {
                if seen.insert(head) {
                    doomed.push(head);
                }
            }
            at += 1;
        }
        // The map above has no order; the reasons found below must not depend on it.
        doomed[gone.len()..].sort_unstable();
        doomed
    }

    /// A rule and a body in the store that yield the triple.
    fn reason_for(&self, triple: Triple) -> Option<(u32, Vec<Triple>)> {
        for (r, rule) in self.rules.iter().enumerate() {
            if !self.allowed(rule, triple) {
                continue;
            }
            for &atom in &rule.head {
                let mut state = (vec![None; rule.vars], vec![triple; rule.body.len()]);
                if !unify(atom, triple, &mut state.0) {
                    continue;
                }
                let mut body = None;
                let mut left = (0..rule.body.len()).collect();
                join(&self.store, &self.marks, rule, &mut left, &mut state, &mut |_, found| {
                    body = Some(found.to_vec());
                    false
                });
                if let Some(body) = body {
                    return Some((r as u32, body));
                }
            }
        }
        None
    }
}
