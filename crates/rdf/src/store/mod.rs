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

/// The same place with more at the end of its name, for work that is under way.
fn beside(path: &std::path::Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    path.with_file_name(name)
}
