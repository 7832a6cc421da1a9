//! What is wrong with a graph, and what it covers.
//!
//! Source: specification of the Licensing Oracle, heading "Beyond", 4 and 10.

mod coverage;
mod iri;
mod profile;

pub use coverage::{Cover, coverage};
pub use iri::{Malformed, malformed, repair};
pub use profile::{Profile, Violation, functional_violations, profile};
