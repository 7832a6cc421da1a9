//! Configuration: one typed struct per method, many sources, errors that point at the key.
//!
//! Sources in order, later ones win: defaults < preset < file (TOML or JSON) < environment
//! (`SUFFIT_TRAIN__EPOCHS=20`) < flags (`--set train.epochs=20`). The JSON Schema of the struct
//! decides what is allowed: unknown keys are refused at any depth with the nearest name, and a
//! value of another type, out of range or not among the choices is named with its key, what it
//! holds and what was expected. Where the value came from a text, the error carries the place.

mod error;
mod locate;
mod read;
mod schema;
mod sources;
mod train;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Result, SourceSpan};
use crate::method::{AnyMethod, Config};

pub use error::ConfigError;
pub use sources::{Origin, RESERVED, Resolved, Sources, resolve};
pub use train::TrainConfig;

/// A typed configuration from a JSON object.
///
/// # Errors
/// [`ConfigError`] with the key, what it holds and what was expected.
pub fn from_value<C: Config>(value: &Value) -> Result<C> {
    schema::check(&schema_of::<C>(), value).map_err(|fault| fault.into_error(None))?;
    match serde_json::from_value(value.clone()) {
        Ok(config) => Ok(config),
        Err(e) => {
            let key = culprit::<C>(value).unwrap_or_default();
            Err(ConfigError::Refused { key, reason: e.to_string(), at: None }.into())
        }
    }
}

/// JSON Schema (draft 2020-12) of a configuration or an answer; objects with named properties allow
/// no others.
pub fn schema_of<C: schemars::JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(C).to_value();
    schema::close(&mut schema);
    schema
}

/// Names of presets that every method has.
pub const PRESETS: [&str; 3] = ["paper", "fast", "best"];

/// What a named preset of a method changes.
///
/// # Errors
/// [`ConfigError::UnknownPreset`] with the presets that the method has.
pub fn preset(method: &dyn AnyMethod, name: &str) -> Result<Value> {
    method.preset(name).ok_or_else(|| {
        let known = PRESETS.iter().filter(|p| method.preset(p).is_some()).map(|p| (*p).to_owned()).collect();
        ConfigError::UnknownPreset { method: method.slug().to_owned(), name: name.to_owned(), known }.into()
    })
}

/// Lays `over` on `base`: objects key by key at any depth, everything else replaced.
///
/// ```
/// use serde_json::json;
/// let mut base = json!({"train": {"epochs": 60, "batch_size": 256}, "views": [1, 2]});
/// suffit_core::config::layer(&mut base, &json!({"train": {"epochs": 5}, "views": [3]}));
/// assert_eq!(base, json!({"train": {"epochs": 5, "batch_size": 256}, "views": [3]}));
/// ```
pub fn layer(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(key) {
                    Some(below) => layer(below, value),
                    None => drop(base.insert(key.clone(), value.clone())),
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// As TOML text, keys in their order, plain values before tables. `null` entries are left out: in
/// TOML an absent optional key is a missing value, so optional keys should default to none.
///
/// # Errors
/// [`ConfigError::CannotEncode`] for what TOML has no form for, such as `null` in a list.
pub fn to_toml(value: &Value) -> Result<String> {
    fn without_null(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_null(v))).collect()
            }
            other => other.clone(),
        }
    }
    Ok(toml::to_string(&without_null(value)).map_err(|e| ConfigError::CannotEncode { reason: e.to_string() })?)
}

/// A value from TOML text; `origin` names the text in messages.
///
/// # Errors
/// [`ConfigError::Syntax`] with the place.
pub fn from_toml_text<C: DeserializeOwned>(origin: &str, text: &str) -> Result<C> {
    Ok(toml::from_str(text).map_err(|e| ConfigError::Syntax {
        origin: origin.to_owned(),
        format: "TOML",
        reason: e.message().to_owned(),
        at: e.span().map(|range| SourceSpan { origin: origin.to_owned(), text: text.to_owned(), range }),
    })?)
}

/// The key that makes a value fail to deserialise although it fits the schema: the one whose
/// default lets it pass.
fn culprit<C: Config>(value: &Value) -> Option<String> {
    let default = serde_json::to_value(C::default()).ok()?;
    locate::leaves(value).into_iter().find_map(|path| {
        let fixed = default.pointer(&locate::pointer(&path));
        let mut trial = value.clone();
        match fixed {
            Some(fixed) => *trial.pointer_mut(&locate::pointer(&path))? = fixed.clone(),
            None => locate::remove(&mut trial, &path),
        }
        serde_json::from_value::<C>(trial).is_ok().then(|| locate::dotted(&path))
    })
}

#[cfg(test)]
mod tests;
