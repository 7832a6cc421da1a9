//! A set of triples: three frozen orders and the changes since.

use std::collections::BTreeSet;

use super::index::Index;
use super::order::{Order, merge};
use crate::term::{TermId, Triple};

/// The orders are frozen anew when there are more changes than this and than an eighth of all triples.
const CHANGES: usize = 4096;

/// A set of triples under three orders.
///
/// Invariant: `added` and the frozen triples are disjoint; `removed` is a part of the frozen ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    frozen: [Index; 3],
    added: [BTreeSet<Triple>; 3],
    removed: BTreeSet<Triple>,
}

impl Layer {
    /// From any triples, repeated or not.
    pub(super) fn new(mut triples: Vec<Triple>) -> Self {
        let mut layer = Layer::default();
        triples.sort_unstable();
        triples.dedup();
        layer.frozen[0] = Index::new(triples.iter().copied());
        for order in [Order::Pos, Order::Osp] {
            // The three keys are rotations of one another: turn once more, in place.
            for triple in &mut triples {
                let [a, b, c] = *triple;
                *triple = [b, c, a];
            }
            triples.sort_unstable();
            layer.frozen[order as usize] = Index::new(triples.iter().copied());
        }
        layer
    }

    pub(super) fn len(&self) -> usize {
        self.frozen[0].len() + self.added[0].len() - self.removed.len()
    }

    pub(super) fn contains(&self, triple: Triple) -> bool {
        if self.frozen[0].contains(triple) {
            self.removed.is_empty() || !self.removed.contains(&triple)
        } else {
            !self.added[0].is_empty() && self.added[0].contains(&triple)
        }
    }

    /// Adds a triple; says whether it is new.
    pub(super) fn insert(&mut self, triple: Triple) -> bool {
        if self.frozen[0].contains(triple) {
            return self.removed.remove(&triple);
        }
        let new = self.added[0].insert(triple);
        if new {
            for order in [Order::Pos, Order::Osp] {
                self.added[order as usize].insert(order.key(triple));
            }
            self.settle();
        }
        new
    }

    /// Takes a triple away; says whether it was there.
    pub(super) fn remove(&mut self, triple: Triple) -> bool {
        if self.frozen[0].contains(triple) {
            let there = self.removed.insert(triple);
            if there {
                self.settle();
            }
            return there;
        }
        let there = self.added[0].remove(&triple);
        if there {
            for order in [Order::Pos, Order::Osp] {
                self.added[order as usize].remove(&order.key(triple));
            }
        }
        there
    }

    /// Adds many at once: cheaper than one by one when they are many.
    pub(super) fn extend(&mut self, mut triples: Vec<Triple>) {
        if triples.len() < CHANGES && triples.len() < self.len() / 8 {
            for triple in triples {
                self.insert(triple);
            }
            return;
        }
        triples.extend(self.matching([None; 3]));
        *self = Layer::new(triples);
    }

    /// The keys of a pattern in its order.
    pub(super) fn keys(&self, pattern: [Option<TermId>; 3]) -> Box<dyn Iterator<Item = Triple> + '_> {
        let order = Order::of(pattern);
        let range = order.range(pattern);
        let frozen = self.frozen[order as usize].range(range);
        if self.removed.is_empty() && self.added[0].is_empty() {
            return Box::new(frozen);
        }
        let kept = frozen.filter(move |&key| !self.removed.contains(&order.triple(key)));
        let added = self.added[order as usize].range(range[0]..=range[1]).copied();
        Box::new(merge(kept, added))
    }

    pub(super) fn matching(&self, pattern: [Option<TermId>; 3]) -> impl Iterator<Item = Triple> + '_ {
        let order = Order::of(pattern);
        self.keys(pattern).map(move |key| order.triple(key))
    }

    pub(super) fn estimate(&self, pattern: [Option<TermId>; 3]) -> usize {
        let order = Order::of(pattern);
        self.frozen[order as usize].count(order.range(pattern)) + self.added[0].len()
    }

    pub(super) fn bytes(&self) -> usize {
        // A node of the standard B-tree holds 11 keys and is at least half full: 24 bytes a key at most.
        let changes = 3 * self.added[0].len() + self.removed.len();
        self.frozen.iter().map(Index::bytes).sum::<usize>() + 24 * changes
    }

    fn settle(&mut self) {
        let changes = self.added[0].len() + self.removed.len();
        if changes > CHANGES && changes > self.frozen[0].len() / 8 {
            *self = Layer::new(self.matching([None; 3]).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn triple() -> impl Strategy<Value = Triple> {
        (0..6u32, 0..6u32, 0..6u32).prop_map(|(s, p, o)| [TermId(s), TermId(p), TermId(o)])
    }

    fn naive(set: &BTreeSet<Triple>, pattern: [Option<TermId>; 3]) -> Vec<Triple> {
        let order = Order::of(pattern);
        let fits = |t: &&Triple| pattern.iter().zip(t.iter()).all(|(w, h)| w.is_none_or(|w| w == *h));
        let mut found: Vec<_> = set.iter().filter(fits).copied().collect();
        found.sort_by_key(|&t| order.key(t));
        found
    }

    proptest! {
        #[test]
        fn equals_a_plain_set(
            first in prop::collection::vec(triple(), 0..60),
            changes in prop::collection::vec((any::<bool>(), triple()), 0..60),
        ) {
            let mut set: BTreeSet<Triple> = first.iter().copied().collect();
            let mut layer = Layer::new(first);
            for (add, t) in changes {
                if add {
                    prop_assert_eq!(layer.insert(t), set.insert(t));
                } else {
                    prop_assert_eq!(layer.remove(t), set.remove(&t));
                }
            }
            prop_assert_eq!(layer.len(), set.len());
            for mask in 0..8u32 {
                for t in [[1, 2, 3], [0, 0, 0], [5, 5, 9]] {
                    let pattern: [Option<TermId>; 3] =
                        std::array::from_fn(|i| (mask >> i & 1 == 1).then_some(TermId(t[i])));
                    let found: Vec<_> = layer.matching(pattern).collect();
                    prop_assert!(layer.estimate(pattern) >= found.len());
                    prop_assert_eq!(found, naive(&set, pattern));
                }
            }
        }
    }
}
