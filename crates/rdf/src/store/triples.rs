//! What every source of triples offers.

use crate::term::{Dictionary, TermId, Triple};

/// Triples that match a pattern.
pub type Matches<'a> = Box<dyn Iterator<Item = Triple> + 'a>;

/// A set of triples over one dictionary.
pub trait Triples: Send + Sync {
    /// The terms behind the codes.
    fn dictionary(&self) -> &Dictionary;

    /// Whether the triple is in the set. Cost: `O(log d)`, `d` = triples of its subject.
    fn contains(&self, triple: Triple) -> bool;

    /// The triples that have the given terms, each once, in an order that depends only on the set:
    /// by subject, predicate, object for the patterns `???`, `s??`, `sp?`, `spo`; by predicate,
    /// object, subject for `?p?`, `?po`; by object, subject, predicate for `??o`, `s?o`.
    fn matching(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> Matches<'_>;

    /// An upper bound, cheap to have, of how many triples [`Triples::matching`] will give.
    fn estimate(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> usize;
}
