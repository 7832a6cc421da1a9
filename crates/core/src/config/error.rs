//! Causes of failure in configurations.

use crate::error::{Cause, Family, SourceSpan};
use crate::text::choices;

/// Why a configuration is refused. `at` is the place in the text it came from, where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key that does not exist.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// Dotted path.
        key: String,
        /// The nearest key at that place.
        nearest: Option<String>,
        /// All keys at that place.
        known: Vec<String>,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A value of another type.
    #[error("`{key}` holds {got}, expected {expected}")]
    WrongType {
        /// Dotted path.
        key: String,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A number or a list outside its limits.
    #[error("`{key}` is {got}, expected {expected}")]
    OutOfRange {
        /// Dotted path.
        key: String,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A value that is not among the choices.
    #[error("`{key}` is {got}, expected {}", choices(allowed))]
    NotAChoice {
        /// Dotted path.
        key: String,
        /// What it holds.
        got: String,
        /// The choices.
        allowed: Vec<String>,
        /// The nearest choice.
        nearest: Option<String>,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A key that is needed.
    #[error("`{key}` is missing")]
    MissingKey {
        /// Dotted path.
        key: String,
        /// Where its table is.
        at: Option<SourceSpan>,
    },
    /// A value that fits the schema and is still refused by its type.
    #[error("`{key}` is refused: {reason}")]
    Refused {
        /// Dotted path; empty where it cannot be told.
        key: String,
        /// Why.
        reason: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A number that JSON does not have.
    #[error("`{key}` is not a finite number")]
    NotFinite {
        /// Dotted path.
        key: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A text that is not TOML or JSON.
    #[error("{origin} is not valid {format}: {reason}")]
    Syntax {
        /// The file.
        origin: String,
        /// `TOML` or `JSON`.
        format: &'static str,
        /// Why.
        reason: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A dotted key with an empty part.
    #[error("`{key}` is not a key: a part between the dots is empty")]
    BadKey {
        /// As given.
        key: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// A preset that does not exist.
    #[error("{method} has no preset `{name}`")]
    UnknownPreset {
        /// The slug.
        method: String,
        /// As given.
        name: String,
        /// Presets of the method.
        known: Vec<String>,
    },
    /// TOML has no form for the value.
    #[error("the configuration cannot be written as TOML: {reason}")]
    CannotEncode {
        /// Why.
        reason: String,
    },
}

impl ConfigError {
    /// Dotted path of the key, where the cause is about one.
    pub fn key(&self) -> Option<&str> {
        match self {
            ConfigError::UnknownKey { key, .. }
            | ConfigError::WrongType { key, .. }
            | ConfigError::OutOfRange { key, .. }
            | ConfigError::NotAChoice { key, .. }
            | ConfigError::MissingKey { key, .. }
            | ConfigError::Refused { key, .. }
            | ConfigError::NotFinite { key, .. }
            | ConfigError::BadKey { key, .. } => Some(key),
            ConfigError::Syntax { .. } | ConfigError::UnknownPreset { .. } | ConfigError::CannotEncode { .. } => None,
        }
    }

    /// The same cause with its place.
    #[must_use]
    pub fn placed(mut self, place: Option<SourceSpan>) -> ConfigError {
        match &mut self {
            ConfigError::UnknownKey { at, .. }
            | ConfigError::WrongType { at, .. }
            | ConfigError::OutOfRange { at, .. }
            | ConfigError::NotAChoice { at, .. }
            | ConfigError::MissingKey { at, .. }
            | ConfigError::Refused { at, .. }
            | ConfigError::NotFinite { at, .. }
            | ConfigError::Syntax { at, .. }
            | ConfigError::BadKey { at, .. } => *at = place,
            ConfigError::UnknownPreset { .. } | ConfigError::CannotEncode { .. } => {}
        }
        self
    }
}

impl Cause for ConfigError {
    fn family(&self) -> Family {
        Family::Config
    }

    fn hint(&self) -> Option<String> {
        match self {
            ConfigError::UnknownKey { nearest: Some(nearest), .. }
            | ConfigError::NotAChoice { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            ConfigError::UnknownKey { known, .. } if known.is_empty() => Some("nothing can be set here".into()),
            ConfigError::UnknownKey { known, .. } => Some(format!("the keys here are {}", list(known))),
            ConfigError::BadKey { .. } => Some("write keys as in `train.epochs`".into()),
            ConfigError::UnknownPreset { known, .. } => Some(format!("its presets are {}", list(known))),
            _ => None,
        }
    }

    fn span(&self) -> Option<SourceSpan> {
        match self {
            ConfigError::UnknownKey { at, .. }
            | ConfigError::WrongType { at, .. }
            | ConfigError::OutOfRange { at, .. }
            | ConfigError::NotAChoice { at, .. }
            | ConfigError::MissingKey { at, .. }
            | ConfigError::Refused { at, .. }
            | ConfigError::NotFinite { at, .. }
            | ConfigError::Syntax { at, .. }
            | ConfigError::BadKey { at, .. } => at.clone(),
            ConfigError::UnknownPreset { .. } | ConfigError::CannotEncode { .. } => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ConfigError::UnknownKey { .. } => "config.unknown_key",
            ConfigError::WrongType { .. } => "config.wrong_type",
            ConfigError::OutOfRange { .. } => "config.out_of_range",
            ConfigError::NotAChoice { .. } => "config.not_a_choice",
            ConfigError::MissingKey { .. } => "config.missing_key",
            ConfigError::Refused { .. } => "config.refused",
            ConfigError::NotFinite { .. } => "config.not_finite",
            ConfigError::Syntax { .. } => "config.syntax",
            ConfigError::BadKey { .. } => "config.bad_key",
            ConfigError::UnknownPreset { .. } => "config.unknown_preset",
            ConfigError::CannotEncode { .. } => "config.cannot_encode",
        }
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
