//! The licensing decision: licensed, refuted, unknown or conflict, with its reasons.
//!
//! Source: specification of the Licensing Oracle, heading "Licensing decision" (normative).

mod claim;
mod decision;
mod error;
mod explain;
mod facts;
mod literal;
mod number;
mod oracle;
mod parse;
mod readings;
mod shapes;
mod time;
mod words;

pub use claim::{Claim, Gold, Line, Node, Object, Op};
pub use decision::{Decision, Evidence, Reading, Reason, ShapeFinding, Verdict};
pub use error::ClaimError;
pub use explain::Explanation;
pub use number::{Number, XSD};
pub use oracle::{Oracle, OracleOptions, ReadingRule, ShapeCheck};
pub use readings::MOST_READINGS;
pub use time::Stretch;

/// The text of a code: an IRI, a label of a blank node, a lexical form.
pub(crate) fn shown(store: &dyn crate::store::Triples, id: crate::TermId) -> String {
    facts::lexical(store.dictionary().term(id)).to_owned()
}

#[cfg(test)]
mod countries_tests;
#[cfg(test)]
mod tests;
