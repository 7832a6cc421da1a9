//! Graphs: an indexed store on oxigraph's crates, OWL-RL closure with justifications, SHACL
//! validation, and the licensing decision built on them.
//!
//! Source of the decision procedure: specification of the Licensing Oracle, heading
//! "Licensing decision".
#![deny(missing_docs)]

pub mod decide;
pub mod ground;
pub mod metrics;
