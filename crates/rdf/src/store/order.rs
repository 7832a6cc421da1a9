//! The three orders and which of them answers a pattern.

use crate::term::{TermId, Triple};

/// An order of triples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Spo,
    Pos,
    Osp,
}

impl Order {
    /// The order in which the triples of a pattern lie together.
    pub(super) fn of(pattern: [Option<TermId>; 3]) -> Order {
        match pattern.map(|t| t.is_some()) {
            [false, false, false] | [true, false, false] | [true, true, _] => Order::Spo,
            [false, true, _] => Order::Pos,
            [_, false, true] => Order::Osp,
        }
    }

    /// The triple, turned so that this order is the plain order of arrays.
    pub(super) fn key<T: Copy>(self, [s, p, o]: [T; 3]) -> [T; 3] {
        match self {
            Order::Spo => [s, p, o],
            Order::Pos => [p, o, s],
            Order::Osp => [o, s, p],
        }
    }

    /// The inverse of [`Order::key`].
    pub(super) fn triple<T: Copy>(self, [a, b, c]: [T; 3]) -> [T; 3] {
        match self {
            Order::Spo => [a, b, c],
            Order::Pos => [c, a, b],
            Order::Osp => [b, c, a],
        }
    }

    /// Smallest and largest key of a pattern answered by this order: its bound terms are a prefix.
    pub(super) fn range(self, pattern: [Option<TermId>; 3]) -> [Triple; 2] {
        let key = self.key(pattern);
        [key.map(|t| t.unwrap_or(TermId::MIN)), key.map(|t| t.unwrap_or(TermId::MAX))]
    }
}

/// Two sorted sequences without common elements as one.
pub(super) fn merge<'a>(
    a: impl Iterator<Item = Triple> + 'a,
    b: impl Iterator<Item = Triple> + 'a,
) -> impl Iterator<Item = Triple> + 'a {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(x), Some(y)) => {
            if x < y {
                a.next()
            } else {
                b.next()
            }
        }
        (Some(_), None) => a.next(),
        (None, _) => b.next(),
    })
}
