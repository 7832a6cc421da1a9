//! Terms as numbers: every IRI, blank node and literal gets a code of 32 bits.

mod dictionary;
mod number;
mod table;

pub use dictionary::Dictionary;
pub(crate) use number::integer_range;
pub use number::{Number, XSD};

/// The code of a term in one [`Dictionary`]. Codes are given in the order of first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TermId(pub u32);

impl TermId {
    /// The smallest code, for the lower end of a range.
    pub const MIN: TermId = TermId(0);
    /// The largest code, never given to a term: for the upper end of a range.
    pub const MAX: TermId = TermId(u32::MAX);

    /// The code as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Subject, predicate, object.
pub type Triple = [TermId; 3];

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An IRI.
    Iri,
    /// A blank node.
    Blank,
    /// A literal of any datatype or language.
    Literal,
}
