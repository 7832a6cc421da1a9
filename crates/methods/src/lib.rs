//! The methods of suffit and their registry: one folder per method, one line per method below.
//!
//! ```
//! let names: Vec<&str> = suffit_methods::registry().iter().map(|m| m.slug()).collect();
//! assert!(names.contains(&"symile"));
//! let error = suffit_methods::find("symlie").err().expect("there is no such method");
//! assert!(error.hint().is_some_and(|h| h.contains("symile")));
//! ```

#![deny(missing_docs)]

pub mod audit;
pub mod bench;
mod error;
pub mod fccov;
pub mod oracle;
pub mod response;
pub mod shown;
pub mod symile;

pub use error::UnknownMethod;

use std::sync::Arc;

use suffit_core::method::erase;
use suffit_core::{AnyMethod, Result};

/// All methods, by slug.
pub fn registry() -> Vec<Arc<dyn AnyMethod>> {
    vec![
        erase::<fccov::Fccov>(),
        erase::<symile::Symile>(),
        erase::<audit::Audit>(),
        erase::<oracle::Oracle>(),
        // new methods above this line
    ]
}

/// The method with a slug.
///
/// # Errors
/// [`UnknownMethod`], which names the nearest.
pub fn find(slug: &str) -> Result<Arc<dyn AnyMethod>> {
    let all = registry();
    match all.iter().find(|m| m.slug() == slug) {
        Some(method) => Ok(Arc::clone(method)),
        None => Err(UnknownMethod { slug: slug.to_owned(), known: all.iter().map(|m| m.slug()).collect() }.into()),
    }
}

#[cfg(test)]
mod contract;
