//! Why shapes cannot be used.

use suffit_core::{Cause, Family};

use crate::store::StoreError;

/// Causes of failure of shapes; each names the shape.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShaclError {
    /// A shape is ill-formed.
    #[error("shape {shape}: {key} {problem}")]
    Shape {
        /// The shape, in N-Triples syntax.
        shape: String,
        /// The parameter.
        key: String,
        /// What it holds and what was expected.
        problem: String,
    },
    /// A shape needs its own answer.
    #[error("shape {shape} is recursive: it needs its own answer for {focus}")]
    Recursive {
        /// The shape.
        shape: String,
        /// The node.
        focus: String,
    },
    /// Shapes refer to shapes too deeply.
    #[error("shape {shape}: shapes refer to one another over more than {limit} levels")]
    TooDeep {
        /// The shape at which the limit was reached.
        shape: String,
        /// The limit.
        limit: usize,
    },
    /// More violations than a report holds.
    #[error("shape {shape}: there are more than {limit} violations")]
    TooMany {
        /// The shape at which the limit was reached.
        shape: String,
        /// The limit.
        limit: usize,
    },
    /// A query uses a prefix that its shape does not declare.
    #[error("shape {shape}: the query uses the prefix `{prefix}:`, which is not declared")]
    UndeclaredPrefix {
        /// The shape.
        shape: String,
        /// The prefix.
        prefix: String,
    },
    /// A query failed, ran over a limit or reported a failure itself.
    #[error("shape {shape}: the query failed: {problem}")]
    Query {
        /// The shape.
        shape: String,
        /// What happened.
        problem: String,
    },
    /// No room for the terms of shapes or claim.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Cause for ShaclError {
    fn family(&self) -> Family {
        match self {
            ShaclError::Store(_) | ShaclError::TooMany { .. } => Family::Resource,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ShaclError::UndeclaredPrefix { .. } => {
                "declare the prefix inside the query or with sh:prefixes, or pass --lenient-prefixes".into()
            }
            ShaclError::Shape { .. } => "correct the shape, or deactivate it".into(),
            ShaclError::Recursive { .. } | ShaclError::TooDeep { .. } => {
                "break the circle: W3C SHACL leaves recursive shapes undefined".into()
            }
            ShaclError::Query { .. } => "make the query smaller, or deactivate the shape".into(),
            ShaclError::TooMany { .. } => "validate a part of the graph, or deactivate the shape".into(),
            ShaclError::Store(e) => return e.hint(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            ShaclError::Shape { .. } => "shacl.shape",
            ShaclError::Recursive { .. } => "shacl.recursive",
            ShaclError::TooDeep { .. } => "shacl.too_deep",
            ShaclError::UndeclaredPrefix { .. } => "shacl.undeclared_prefix",
            ShaclError::Query { .. } => "shacl.query",
            ShaclError::TooMany { .. } => "shacl.too_many",
            ShaclError::Store(e) => e.code(),
        }
    }
}
