//! Graphs: an indexed store on oxigraph's crates, OWL-RL closure with justifications, SHACL
//! validation, and the licensing decision built on them.
//!
//! Source of the decision procedure: specification of the Licensing Oracle, heading
//! "Licensing decision".
#![deny(missing_docs)]

pub mod decide;
pub mod ground;
pub mod lint;
pub mod metrics;
pub mod policy;
pub mod read;
pub mod reason;
pub mod shacl;
pub mod sparql;
pub mod store;
pub mod term;

pub use store::{Asserted, Origin, Overlay, Store, StoreError, Triples};
pub use term::{Dictionary, Kind, Number, TermId, Triple};
