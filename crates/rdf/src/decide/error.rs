//! Why a claim cannot be read: causes with data.

use suffit_core::{Cause, Family};

/// Why a claim, an alias file or a policy cannot be used.
///
/// A wrong claim never stops a batch: the caller counts it and goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The text is not JSON.
    #[error("not JSON at line {line}, column {column}: {message}")]
    Json {
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// A value of another JSON type.
    #[error("`{key}` is {got}: expected {expected}")]
    Type {
        /// Dotted key.
        key: String,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A key is absent.
    #[error("`{key}` is missing")]
    Missing {
        /// Dotted key.
        key: String,
    },
    /// A key that claims do not have.
    #[error("`{key}` is not a key of a claim")]
    UnknownKey {
        /// Dotted key.
        key: String,
        /// The nearest known name.
        nearest: Option<String>,
    },
    /// Two ways to name one thing, or a tag beside another datatype.
    #[error("`{key}` has both `{first}` and `{second}`: give one")]
    Both {
        /// Dotted key.
        key: String,
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Not an absolute IRI.
    #[error("`{key}` is not an absolute IRI: `{got}` ({message})")]
    Iri {
        /// Dotted key.
        key: String,
        /// The text.
        got: String,
        /// Why.
        message: String,
    },
    /// Not a language tag.
    #[error("`{key}` is not a language tag: `{got}` ({message})")]
    Language {
        /// Dotted key.
        key: String,
        /// The text.
        got: String,
        /// Why.
        message: String,
    },
    /// A comparison that does not exist.
    #[error("`op` is `{got}`: expected `=`, `!=`, `<`, `>`, `<=` or `>=`")]
    Op {
        /// The text.
        got: String,
    },
    /// A verdict or label that does not exist.
    #[error("`{key}` is `{got}`: expected {expected}")]
    Word {
        /// Dotted key.
        key: String,
        /// The text.
        got: String,
        /// The choices.
        expected: &'static str,
    },
    /// A line of an alias file.
    #[error("line {line} of the aliases: {message}")]
    Alias {
        /// Line from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

impl Cause for ClaimError {
    fn family(&self) -> Family {
        match self {
            ClaimError::Json { .. } => Family::Format,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            ClaimError::UnknownKey { nearest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            ClaimError::UnknownKey { .. } | ClaimError::Missing { .. } => Some(
                "a claim is {\"subject\":{\"iri\":…},\"predicate\":\"…\",\"object\":{\"iri\":…},\"op\":\"=\"}"
                    .to_owned(),
            ),
            ClaimError::Iri { .. } => Some("write the full IRI, or name the thing with {\"mention\":\"…\"}".to_owned()),
            ClaimError::Alias { .. } => Some("columns are alias,iri and, if wanted, lang".to_owned()),
            _ => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ClaimError::Json { .. } => "claim.json",
            ClaimError::Type { .. } => "claim.type",
            ClaimError::Missing { .. } => "claim.missing",
            ClaimError::UnknownKey { .. } => "claim.unknown_key",
            ClaimError::Both { .. } => "claim.both",
            ClaimError::Iri { .. } => "claim.iri",
            ClaimError::Language { .. } => "claim.language",
            ClaimError::Op { .. } => "claim.op",
            ClaimError::Word { .. } => "claim.word",
            ClaimError::Alias { .. } => "claim.alias",
        }
    }
}
