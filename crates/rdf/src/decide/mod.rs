//! The licensing decision: licensed, refuted, unknown or conflict, with its reasons.
//!
//! Source: specification of the Licensing Oracle, heading "Licensing decision" (normative).

mod claim;
mod decision;
mod error;
mod number;
mod parse;
mod time;

pub use claim::{Claim, Gold, Line, Node, Object, Op};
pub use decision::{Decision, Evidence, Reading, Reason, ShapeFinding, Verdict};
pub use error::ClaimError;
pub use number::{Number, XSD};
pub use time::Stretch;
