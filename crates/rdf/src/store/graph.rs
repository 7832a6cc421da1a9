//! The store: a dictionary, an asserted and a derived layer, and the graphs that say what.

use std::collections::BTreeSet;

use oxrdf::{BlankNode, QuadRef, TermRef};

use super::error::StoreError;
use super::layer::Layer;
use super::order::{Order, merge};
use super::triples::{Matches, Triples};
use crate::term::{Dictionary, TermId, Triple};

/// Which layer a triple is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It was read.
    Asserted,
    /// It follows from what was read.
    Derived,
}

/// Triples in memory.
///
/// - memory: three orders at 8 bytes a triple each, 4 bytes for each term and order, and the
///   dictionary; see [`Store::bytes`]
/// - cost: `contains` two or three cache misses and a binary search among the triples of a subject
/// - determinism: everything depends only on the triples and the order in which terms were first seen
#[derive(Debug, Clone, Default)]
pub struct Store {
    dictionary: Dictionary,
    asserted: Layer,
    derived: Layer,
    /// Read but not yet in the layer.
    pending: Vec<Triple>,
    /// Triple and the name of a graph that has it.
    graphs: BTreeSet<(Triple, TermId)>,
    /// Number of blank nodes named so far.
    blanks: u64,
}

/// Triples to read before they are put in order: bounds the memory of reading.
const PENDING: usize = 1 << 22;

impl Store {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store with these terms and asserted triples.
    pub fn from_parts(dictionary: Dictionary, triples: Vec<Triple>) -> Self {
        Store { dictionary, asserted: Layer::new(triples), ..Self::default() }
    }

    /// The dictionary, to give codes to further terms.
    pub fn dictionary_mut(&mut self) -> &mut Dictionary {
        &mut self.dictionary
    }

    /// Asserts one triple; says whether it is new among the asserted ones. A derived triple that is
    /// asserted leaves the derived layer.
    pub fn insert(&mut self, triple: Triple) -> bool {
        self.derived.remove(triple);
        self.asserted.insert(triple)
    }

    /// Takes back an asserted triple and what graphs said it; says whether it was there.
    pub fn remove(&mut self, triple: Triple) -> bool {
        let names: Vec<_> = self.graphs_of(triple).collect();
        for name in names {
            self.graphs.remove(&(triple, name));
        }
        self.asserted.remove(triple)
    }

    /// A blank node that the store does not have yet: `b0`, `b1`, …
    pub fn fresh_blank(&mut self) -> BlankNode {
        loop {
            let node = BlankNode::new_unchecked(format!("b{}", self.blanks));
            self.blanks += 1;
            if self.dictionary.id(node.as_ref()).is_none() {
                return node;
            }
        }
    }

    /// Reads a quad into the store. Many quads: follow with [`Store::finish`].
    ///
    /// # Errors
    /// [`StoreError::TooManyTerms`], [`StoreError::TooManyTriples`].
    pub fn read(&mut self, quad: QuadRef<'_>) -> Result<(), StoreError> {
        if self.asserted.len() + self.pending.len() >= u32::MAX as usize {
            return Err(StoreError::TooManyTriples { limit: u64::from(u32::MAX) });
        }
        let s = self.dictionary.intern(TermRef::from(quad.subject))?;
        let p = self.dictionary.intern(quad.predicate)?;
        let o = self.dictionary.intern(quad.object)?;
        let graph: Option<TermRef<'_>> = match quad.graph_name {
            oxrdf::GraphNameRef::NamedNode(n) => Some(n.into()),
            oxrdf::GraphNameRef::BlankNode(n) => Some(n.into()),
            oxrdf::GraphNameRef::DefaultGraph => None,
        };
        if let Some(name) = graph {
            let name = self.dictionary.intern(name)?;
            self.graphs.insert(([s, p, o], name));
        }
        self.pending.push([s, p, o]);
        if self.pending.len() >= PENDING {
            self.finish();
        }
        Ok(())
    }

    /// Puts what was read in order. Until then it is in no answer.
    pub fn finish(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        if self.derived.len() > 0 {
            for &triple in &pending {
                self.derived.remove(triple);
            }
        }
        pending.shrink_to_fit();
        self.asserted.extend(pending);
        self.dictionary.shrink();
    }

    /// Replaces the derived layer; asserted triples among the given ones are left out.
    pub fn set_derived(&mut self, mut triples: Vec<Triple>) {
        triples.retain(|&t| !self.asserted.contains(t));
        self.derived = Layer::new(triples);
    }

    /// Adds a derived triple; says whether it is new in the store.
    pub fn derive(&mut self, triple: Triple) -> bool {
        !self.asserted.contains(triple) && self.derived.insert(triple)
    }

    /// Takes a derived triple away; says whether it was there.
    pub fn underive(&mut self, triple: Triple) -> bool {
        self.derived.remove(triple)
    }

    /// The layer that has the triple.
    pub fn origin(&self, triple: Triple) -> Option<Origin> {
        if self.asserted.contains(triple) {
            Some(Origin::Asserted)
        } else {
            self.derived.contains(triple).then_some(Origin::Derived)
        }
    }

    /// Names of the graphs that say the triple, by code; none for one of the default graph only.
    pub fn graphs_of(&self, triple: Triple) -> impl Iterator<Item = TermId> + '_ {
        self.graphs.range((triple, TermId::MIN)..=(triple, TermId::MAX)).map(|&(_, name)| name)
    }

    /// Every (triple, graph name), sorted.
    pub fn named(&self) -> impl Iterator<Item = (Triple, TermId)> + '_ {
        self.graphs.iter().copied()
    }

    /// The asserted triples alone.
    pub fn asserted(&self) -> Asserted<'_> {
        Asserted(self)
    }

    /// Number of asserted triples.
    pub fn asserted_len(&self) -> usize {
        self.asserted.len()
    }

    /// Number of derived triples.
    pub fn derived_len(&self) -> usize {
        self.derived.len()
    }

    /// The derived triples, sorted.
    pub fn derived(&self) -> impl Iterator<Item = Triple> + '_ {
        self.derived.matching([None; 3])
    }

    /// Number of triples in both layers.
    pub fn len(&self) -> usize {
        self.asserted.len() + self.derived.len()
    }

    /// Whether there is no triple.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held: dictionary, three orders of both layers, graph names.
    pub fn bytes(&self) -> usize {
        // A B-tree entry of 16 bytes in nodes at least half full: 32 at most.
        self.dictionary.bytes() + self.asserted.bytes() + self.derived.bytes() + 32 * self.graphs.len()
    }
}

impl Triples for Store {
    fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    fn contains(&self, triple: Triple) -> bool {
        self.asserted.contains(triple) || self.derived.contains(triple)
    }

    fn matching(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> Matches<'_> {
        let pattern = [s, p, o];
        if self.derived.len() == 0 {
            return Box::new(self.asserted.matching(pattern));
        }
        let order = Order::of(pattern);
        let both = merge(self.asserted.keys(pattern), self.derived.keys(pattern));
        Box::new(both.map(move |key| order.triple(key)))
    }

    fn estimate(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> usize {
        self.asserted.estimate([s, p, o]) + self.derived.estimate([s, p, o])
    }
}

/// The asserted triples of a store.
#[derive(Debug, Clone, Copy)]
pub struct Asserted<'a>(&'a Store);

impl Triples for Asserted<'_> {
    fn dictionary(&self) -> &Dictionary {
        &self.0.dictionary
    }

    fn contains(&self, triple: Triple) -> bool {
        self.0.asserted.contains(triple)
    }

    fn matching(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> Matches<'_> {
        Box::new(self.0.asserted.matching([s, p, o]))
    }

    fn estimate(&self, s: Option<TermId>, p: Option<TermId>, o: Option<TermId>) -> usize {
        self.0.asserted.estimate([s, p, o])
    }
}
