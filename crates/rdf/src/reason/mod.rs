//! OWL 2 RL closure of a store, with one justification for each derived triple.
//!
//! Rules and their names: W3C Recommendation "OWL 2 Web Ontology Language Profiles", tables 4 to 9;
//! which of them: specification of the Licensing Oracle, heading "Entailment engine".
//! Left implicit: reflexive `owl:sameAs` (eq-ref) and the axiomatic and datatype triples.

mod closure;
mod delete;
mod join;
mod list;
mod proof;
mod rule;
mod verify;
mod vocabulary;

pub use closure::{Closure, Options, Why};
pub use proof::{Proof, Step};
pub use verify::{ProofError, verify};

#[cfg(test)]
mod tests;
