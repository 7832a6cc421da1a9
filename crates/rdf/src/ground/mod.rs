//! Grounding: from words of a text to IRIs and exact quantities.
//!
//! Source: specification of the Licensing Oracle, heading "Text to claims", (b), and "Licensing
//! decision", extensions. A mention with several candidates is never resolved silently.

mod fuzzy;
mod lexicon;
mod normalise;
mod quantity;
mod unit;
mod words;

pub use fuzzy::{damerau_levenshtein, near, trigram_jaccard};
pub use lexicon::{Lexicon, LexiconOptions, NAME_PREDICATES};
pub use normalise::normalise;
pub(crate) use quantity::half_of_last_digit;
pub use quantity::{Extent, Quantity};
pub use unit::{Unit, UnitFault};

#[cfg(test)]
mod tests;
