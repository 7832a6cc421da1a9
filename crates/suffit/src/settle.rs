//! From configuration sources to one checked configuration.

use std::path::Path;

use serde_json::Value;
use suffit_core::config::{Resolved, Sources, resolve};
use suffit_core::{AnyMethod, Result};

use crate::failure::{CliError, unknown};
use crate::flags::{ConfigArgs, pair};
use crate::job::JobFile;

/// Presets that a method may have.
const PRESETS: &[&str] = &["paper", "fast", "best"];

/// Reads a configuration file with its `[suffit]` table.
///
/// # Errors
/// I/O, text that is not UTF-8, a table that cannot be understood.
pub fn read(path: &Path) -> Result<JobFile> {
    let shown = path.display().to_string();
    let bytes = suffit_core::files::read(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|e| CliError::NotText { path: shown.clone(), offset: e.utf8_error().valid_up_to() })?;
    JobFile::parse(&shown, &text)
}

/// The method's configuration: defaults < preset < file < `SUFFIT_…` < `--set`, checked.
///
/// # Errors
/// Unknown keys, values that do not fit, a preset that is not there.
pub fn settle(method: &dyn AnyMethod, args: &ConfigArgs, file: Option<&JobFile>) -> Result<Resolved> {
    let preset = args.preset.as_ref().or(file.and_then(|f| f.job.preset.as_ref()));
    let preset = preset.map(|name| named(method, name)).transpose()?;
    let flags = args.set.iter().map(|text| set(text)).collect::<Result<Vec<_>>>()?;
    let sources = Sources {
        defaults: method.default_config(),
        preset,
        file: file.map(|f| (f.path.clone(), f.rest.clone())),
        env: environment(),
        flags,
    };
    let resolved = resolve(&method.schema(), &sources)?;
    match method.check_config(&resolved.value) {
        Ok(()) => Ok(resolved),
        Err(error) => Err(resolved.point(error)),
    }
}

fn named(method: &dyn AnyMethod, name: &str) -> Result<(String, Value)> {
    match method.preset(name) {
        Some(changes) => Ok((name.to_owned(), changes)),
        None => Err(unknown("preset", name, PRESETS)),
    }
}

fn set(text: &str) -> Result<(String, String)> {
    // an empty value is a value: an empty string
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => pair("set", text, "KEY=VALUE"),
    }
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("SUFFIT_"))
        .collect()
}
