//! The tree of reasons of a triple, down to asserted triples.

use std::collections::HashMap;

use oxrdf::Term;
use serde::Serialize;

use super::closure::Closure;
use crate::store::Triples;
use crate::term::Triple;

/// One line of a proof: a triple, and the earlier lines and the rule it follows by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Subject, predicate, object as in N-Triples.
    pub triple: [String; 3],
    /// The rule; `None` for an asserted triple.
    pub rule: Option<String>,
    /// Earlier lines, from 0.
    pub premises: Vec<usize>,
    /// The graphs that say an asserted triple.
    pub graphs: Vec<String>,
}

/// Lines of which each follows from earlier ones; the last is what is proved. A tree whose common
/// branches are written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Proof {
    /// The lines.
    pub steps: Vec<Step>,
}

impl Closure {
    /// The proof of a triple; `None` if it does not hold.
    ///
    /// Cost: `O(size of the proof)`; no recursion, so depth is no matter.
    pub fn proof(&self, triple: Triple) -> Option<Proof> {
        if !self.store.contains(triple) {
            return None;
        }
        let mut steps = Vec::new();
        let mut lines: HashMap<Triple, usize> = HashMap::new();
        let mut stack = vec![triple];
        while let Some(&top) = stack.last() {
            if lines.contains_key(&top) {
                stack.pop();
                continue;
            }
            let why = self.why(top);
            let premises = why.map_or(&[][..], |w| w.premises);
            let open: Vec<_> = premises.iter().filter(|p| !lines.contains_key(*p)).copied().collect();
            if open.is_empty() {
                lines.insert(top, steps.len());
                let graphs = self.store.graphs_of(top).map(|g| self.text(g)).collect();
                steps.push(Step {
                    triple: top.map(|t| self.text(t)),
                    rule: why.map(|w| w.rule.to_owned()),
                    premises: premises.iter().map(|p| lines[p]).collect(),
                    graphs,
                });
                stack.pop();
            } else {
                stack.extend(open.into_iter().rev());
            }
        }
        Some(Proof { steps })
    }

    fn text(&self, id: crate::term::TermId) -> String {
        Term::from(self.store.dictionary().term(id)).to_string()
    }
}
