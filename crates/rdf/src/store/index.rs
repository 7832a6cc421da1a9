//! One frozen order: for each first term the sorted pairs of the other two.

use crate::term::{TermId, Triple};

/// Keys of one order, compressed by their first term.
///
/// - memory: 8 bytes a triple + 4 bytes for each code up to the largest first term
/// - cost: the pairs of a first term in two reads; a key by binary search among them
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    starts: Vec<u32>,
    pairs: Vec<[TermId; 2]>,
}

impl Index {
    /// From keys that are sorted and distinct.
    pub(super) fn new(keys: impl ExactSizeIterator<Item = Triple>) -> Self {
        let mut index = Index { starts: Vec::new(), pairs: Vec::with_capacity(keys.len()) };
        for [a, b, c] in keys {
            // `starts` grows to the code of this first term; terms without triples get empty ranges.
            while index.starts.len() <= a.index() {
                index.starts.push(index.pairs.len() as u32);
            }
            index.pairs.push([b, c]);
        }
        index.starts.push(index.pairs.len() as u32);
        index.starts.shrink_to_fit();
        index
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(super) fn bytes(&self) -> usize {
        4 * self.starts.capacity() + 8 * self.pairs.capacity()
    }

    /// The pairs of a first term.
    fn of(&self, first: TermId) -> &[[TermId; 2]] {
        match (self.starts.get(first.index()), self.starts.get(first.index() + 1)) {
            (Some(&start), Some(&end)) => &self.pairs[start as usize..end as usize],
            _ => &[],
        }
    }

    pub(super) fn contains(&self, [a, b, c]: Triple) -> bool {
        self.of(a).binary_search(&[b, c]).is_ok()
    }

    /// The pairs of a first term between two pairs, both included.
    fn slice(&self, first: TermId, low: [TermId; 2], high: [TermId; 2]) -> &[[TermId; 2]] {
        let pairs = self.of(first);
        if low == [TermId::MIN; 2] && high == [TermId::MAX; 2] {
            return pairs;
        }
        let start = pairs.partition_point(|p| *p < low);
        let end = start + pairs[start..].partition_point(|p| *p <= high);
        &pairs[start..end]
    }

    /// How many keys lie in a range that [`super::order::Order::range`] gave.
    pub(super) fn count(&self, [low, high]: [Triple; 2]) -> usize {
        if low[0] == high[0] {
            self.slice(low[0], [low[1], low[2]], [high[1], high[2]]).len()
        } else {
            self.pairs.len()
        }
    }

    /// The keys of such a range in order.
    pub(super) fn range(&self, [low, high]: [Triple; 2]) -> Keys<'_> {
        if low[0] == high[0] {
            Keys::One { first: low[0], pairs: self.slice(low[0], [low[1], low[2]], [high[1], high[2]]).iter() }
        } else {
            Keys::All { index: self, first: 0, at: 0 }
        }
    }
}

/// Keys of a range in order.
pub(super) enum Keys<'a> {
    One { first: TermId, pairs: std::slice::Iter<'a, [TermId; 2]> },
    All { index: &'a Index, first: usize, at: usize },
}

impl Iterator for Keys<'_> {
    type Item = Triple;

    fn next(&mut self) -> Option<Triple> {
        match self {
            Keys::One { first, pairs } => pairs.next().map(|&[b, c]| [*first, b, c]),
            Keys::All { index, first, at } => {
                let &[b, c] = index.pairs.get(*at)?;
                while index.starts[*first + 1] as usize <= *at {
                    *first += 1;
                }
                *at += 1;
                Some([TermId(*first as u32), b, c])
            }
        }
    }
}
