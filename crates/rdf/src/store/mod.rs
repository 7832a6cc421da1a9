//! Triples of codes under three orders, in two layers: asserted and derived.

mod error;
pub mod folder;
mod graph;
mod index;
mod layer;
mod order;
mod overlay;
pub mod results;
mod triples;

pub use error::StoreError;
pub use graph::{Asserted, Origin, Store};
pub use overlay::Overlay;
pub use triples::{Matches, Triples};
