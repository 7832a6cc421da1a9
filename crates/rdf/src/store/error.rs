//! What can go wrong in a store.

use suffit_core::{Cause, Family};

/// Causes of failure in a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// More terms than codes.
    #[error("the graph has more than {limit} distinct terms")]
    TooManyTerms {
        /// The largest number of terms.
        limit: u64,
    },
    /// More triples than positions.
    #[error("the graph has more than {limit} triples")]
    TooManyTriples {
        /// The largest number of triples.
        limit: u64,
    },
}

impl Cause for StoreError {
    fn family(&self) -> Family {
        Family::Resource
    }

    fn hint(&self) -> Option<String> {
        Some("split the graph into parts that are asked separately".into())
    }

    fn code(&self) -> &'static str {
        match self {
            StoreError::TooManyTerms { .. } => "rdf.too_many_terms",
            StoreError::TooManyTriples { .. } => "rdf.too_many_triples",
        }
    }
}
