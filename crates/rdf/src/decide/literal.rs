//! A literal of a claim against the values of the graph.

use oxrdf::{Literal, LiteralRef};

use super::number::Number;
use super::time::Stretch;

/// A literal of a claim with its value in the value space.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    pub term: Literal,
    pub number: Option<Number>,
    pub stretch: Option<Stretch>,
    /// Half a unit of the last written digit, where the claim gives a unit.
    pub half_width: Number,
}

/// How one value of the graph stands to the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// It makes the claim true.
    Same,
    /// It is another value.
    Other,
    /// It leaves the claim open: a coarser date of which the claimed one is a part.
    Open,
}

impl Probe {
    pub fn new(term: Literal) -> Probe {
        let (number, stretch) = (Number::of(term.as_ref()), Stretch::of(term.as_ref()));
        Probe { term, number, stretch, half_width: Number::zero() }
    }

    /// Steps 3 and the extension on dates: same term, or same number up to the tolerance, or a
    /// stretch of time inside the claimed one.
    pub fn against(&self, value: LiteralRef<'_>, tolerance: Option<Number>) -> Match {
        if self.term.as_ref() == value {
            return Match::Same;
        }
        if self.number.is_none() && self.stretch.is_none() {
            return Match::Other;
        }
        if let (Some(mine), Some(their)) = (self.number, Number::of(value)) {
            let near = mine.within(their, tolerance.unwrap_or(Number::zero()), self.half_width);
            return if near { Match::Same } else { Match::Other };
        }
        match (self.stretch, Stretch::of(value)) {
            (Some(mine), Some(their)) if their.inside(mine) => Match::Same,
            (Some(mine), Some(their)) if !their.disjoint(mine) => Match::Open,
            _ => Match::Other,
        }
    }
}
