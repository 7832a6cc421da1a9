//! A method that the registry does not have.

use suffit_core::text::{choices, nearest};
use suffit_core::{Cause, Family};

/// There is no method of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no method `{slug}`")]
pub struct UnknownMethod {
    /// The name.
    pub slug: String,
    /// Methods there are.
    pub known: Vec<&'static str>,
}

impl Cause for UnknownMethod {
    fn family(&self) -> Family {
        Family::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match nearest(&self.slug, self.known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`? `suffit list` shows all"),
            None => format!("the methods are {}", choices(&self.known)),
        })
    }

    fn code(&self) -> &'static str {
        "methods.unknown"
    }
}
