//! A base with a few triples more or less, without copying it.

use oxrdf::TermRef;

use super::error::StoreError;
use super::order::{Order, merge};
use super::triples::{Matches, Triples};
use crate::term::{Dictionary, TermId, Triple};

/// A base, some triples added, some removed, and terms that the base does not have.
///
/// - cost: `O(k)` for `k` changes on top of the base; meant for a handful
#[derive(Clone)]
pub struct Overlay<'a> {
    base: &'a dyn Triples,
    dictionary: Dictionary,
    added: Vec<Triple>,
    removed: Vec<Triple>,
}

impl<'a> Overlay<'a> {
    /// Over a base, without changes yet.
    pub fn new(base: &'a dyn Triples) -> Self {
        Overlay { base, dictionary: base.dictionary().extended(), added: Vec::new(), removed: Vec::new() }
    }

    /// The base.
    pub fn base(&self) -> &'a dyn Triples {
        self.base
    }

    /// The code of a term, given now if neither the base nor this has one. The base is left alone.
    ///
    /// # Errors
    /// [`StoreError::TooManyTerms`].
    pub fn intern<'t>(&mut self, term: impl Into<TermRef<'t>>) -> Result<TermId, StoreError> {
        self.dictionary.intern(term)
    }

    /// Adds a triple; says whether it is new.
    pub fn insert(&mut self, triple: Triple) -> bool {
        if let Some(at) = self.removed.iter().position(|&t| t == triple) {
            self.removed.swap_remove(at);
            return true;
        }
        let new = !self.contains(triple);
        if new {
            self.added.push(triple);
        }
        new
    }

    /// Takes a triple away; says whether it was there.
    pub fn remove(&mut self, triple: Triple) -> bool {
        if let Some(at) = self.added.iter().position(|&t| t == triple) {
            self.added.swap_remove(at);
            return true;
        }
        let there = self.contains(triple);
        if there {
            self.removed.push(triple);
        }
        there
    }

    /// The added triples, in no order.
    pub fn added(&self) -> &[Triple] {
        &self.added
    }

    /// The removed triples, in no order.
    pub fn removed(&self) -> &[Triple] {
        &self.removed
    }
}

impl Triples for Overlay<'_> {
    fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    fn contains(&self, triple: Triple) -> bool {
        self.added.contains(&triple) || (self.base.contains(triple) && !self.removed.contains(&triple))
    }

    fn matching(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> Matches<'_> {
        let pattern = [s, p, o];
        let order = Order::of(pattern);
        let fits = |t: &&Triple| pattern.iter().zip(t.iter()).all(|(want, have)| want.is_none_or(|w| w == *have));
        let mut added: Vec<_> = self.added.iter().filter(fits).map(|&t| order.key(t)).collect();
        if added.is_empty() && self.removed.is_empty() {
            return self.base.matching(s, p, o);
        }
        added.sort_unstable();
        let base = self.base.matching(s, p, o).filter(|t| !self.removed.contains(t)).map(move |t| order.key(t));
        Box::new(merge(base, added.into_iter()).map(move |key| order.triple(key)))
    }

    fn estimate(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> usize {
        self.base.estimate(s, p, o) + self.added.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use oxrdf::NamedNodeRef;

    #[test]
    fn changes_lie_over_the_base() {
        let mut store = Store::new();
        let mut iri = |n: &str| store.dictionary_mut().intern(NamedNodeRef::new_unchecked(n)).unwrap();
        let (a, p, b) = (iri("urn:a"), iri("urn:p"), iri("urn:b"));
        store.insert([a, p, b]);
        store.insert([b, p, a]);
        let mut over = Overlay::new(&store);
        let c = over.intern(NamedNodeRef::new_unchecked("urn:c")).unwrap();
        assert!(over.insert([a, p, c]) && !over.insert([a, p, b]) && over.remove([a, p, b]));
        let found: Vec<_> = over.matching(None, Some(p), None).collect();
        assert_eq!(found, [[b, p, a], [a, p, c]]);
        assert!(over.insert([a, p, b]) && over.remove([a, p, c]));
        let all: Vec<_> = over.matching(None, None, None).collect();
        assert_eq!(all, store.matching(None, None, None).collect::<Vec<_>>());
        assert_eq!(store.dictionary().len(), 3);
    }
}
