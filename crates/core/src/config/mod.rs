//! Configuration: one typed struct per method, from many sources, with errors that point at the key.

mod train;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Cause, Family, Result, SourceSpan};
use crate::method::Config;

pub use train::TrainConfig;

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value does not fit.
    #[error("configuration: {source}")]
    Invalid {
        /// Why.
        source: serde_json::Error,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// Not TOML.
    #[error("{origin} is not TOML: {message}")]
    Toml {
        /// The file.
        origin: String,
        /// Why.
        message: String,
        /// Where.
        at: Option<SourceSpan>,
    },
    /// TOML cannot hold the value.
    #[error("the configuration cannot be written as TOML: {source}")]
    CannotEncode {
        /// Why.
        source: toml::ser::Error,
    },
}

impl Cause for ConfigError {
    fn family(&self) -> Family {
        Family::Config
    }
}

/// A typed configuration from JSON.
///
/// # Errors
/// [`ConfigError`].
pub fn from_value<C: Config>(value: &Value) -> Result<C> {
    Ok(serde_json::from_value(value.clone()).map_err(|source| ConfigError::Invalid { source, at: None })?)
}

/// JSON Schema of a configuration.
pub fn schema_of<C: Config>() -> Value {
    schemars::schema_for!(C).to_value()
}

/// A value from TOML text.
///
/// # Errors
/// [`ConfigError`].
pub fn from_toml_text<C: DeserializeOwned>(origin: &str, text: &str) -> Result<C> {
    Ok(toml::from_str(text).map_err(|e| ConfigError::Toml { origin: origin.to_owned(), message: e.message().to_owned(), at: None })?)
}

/// As TOML text; `null` entries are left out.
///
/// # Errors
/// [`ConfigError::CannotEncode`].
pub fn to_toml(value: &Value) -> Result<String> {
    fn without_null(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_null(v))).collect(),
            other => other.clone(),
        }
    }
    Ok(toml::to_string(&without_null(value)).map_err(|source| ConfigError::CannotEncode { source })?)
}
