//! Where configuration comes from, and the sum of all sources.

use std::collections::BTreeMap;

use serde_json::Value;

use super::locate::{Aim, Part, dotted, in_json, in_toml, leaves, nested, split};
use super::schema::{self, Fault};
use super::{ConfigError, read};
use crate::error::{Error, Result, SourceSpan};

/// Prefix of environment variables.
const PREFIX: &str = "SUFFIT_";

/// Environment variables with the prefix that are no configuration keys: the program reads them.
pub const RESERVED: [&str; 9] = [
    "SUFFIT_LOG",
    "SUFFIT_RUNS",
    "SUFFIT_SEED",
    "SUFFIT_THREADS",
    "SUFFIT_DATA",
    "SUFFIT_CONFIG",
    "SUFFIT_NO_PROGRESS",
    "SUFFIT_SKIP_BROWSER",
    "SUFFIT_COMMIT",
];

/// Everything that configuration may come from, weakest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sources {
    /// Every key with its default.
    pub defaults: Value,
    /// A named preset.
    pub preset: Option<(String, Value)>,
    /// Path and text of a TOML or JSON file.
    pub file: Option<(String, String)>,
    /// Environment variables; others than `SUFFIT_…` and [`RESERVED`] ones are ignored.
    pub env: Vec<(String, String)>,
    /// `--set KEY=VALUE`, in order.
    pub flags: Vec<(String, String)>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "from", content = "name", rename_all = "snake_case")]
pub enum Origin {
    /// The default.
    Default,
    /// The preset of that name.
    Preset(String),
    /// The file of that path.
    File(String),
    /// The environment variable of that name.
    Env(String),
    /// A flag, by its number among the flags.
    Flag(usize),
}

/// The sum of all sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Every key, spelled out.
    pub value: Value,
    /// By dotted key of each plain value, where it came from.
    pub origins: BTreeMap<String, Origin>,
    sources: Sources,
}

impl Resolved {
    /// Keys that do not hold their default, with what they hold.
    pub fn changed(&self) -> BTreeMap<String, Value> {
        let all = leaves(&self.value).into_iter().map(|path| (dotted(&path), super::locate::pointer(&path)));
        let value = |pointer: &str| self.value.pointer(pointer).cloned().unwrap_or(Value::Null);
        all.filter(|(_, pointer)| self.sources.defaults.pointer(pointer) != self.value.pointer(pointer))
            .map(|(key, pointer)| (key, value(&pointer)))
            .collect()
    }

    /// Gives an error about a key its place in the text that the key came from, if it has none:
    /// for checks that see only the value.
    #[must_use]
    pub fn point(&self, error: Error) -> Error {
        match error.downcast_ref::<ConfigError>() {
            Some(cause) if error.span().is_none() => {
                let place = cause.key().and_then(|key| self.span(key));
                cause.clone().placed(place).into()
            }
            _ => error,
        }
    }

    /// The place of a dotted key in the text that it came from.
    pub fn span(&self, key: &str) -> Option<SourceSpan> {
        let path: Vec<Part> = split(key)?.into_iter().map(Part::Key).collect();
        self.sources.place(self.origin(&path)?, &path, Aim::Value)
    }

    fn origin(&self, path: &[Part]) -> Option<&Origin> {
        // A list is one value: its entries have the origin of the list.
        (1..=path.len()).rev().find_map(|n| self.origins.get(&dotted(&path[..n])))
    }
}

/// Adds up the sources under the JSON Schema of the configuration.
///
/// Values of environment and flags are read as TOML (`20`, `0.5`, `true`, `[64, 64]`), as nothing
/// (`null`) where that is allowed, else as text. Where the schema has alternatives, a source that
/// chooses another one replaces what was there.
///
/// # Errors
/// [`ConfigError`] with the place in the file, flag or variable.
pub fn resolve(schema: &Value, sources: &Sources) -> Result<Resolved> {
    let mut resolved = Resolved { value: sources.defaults.clone(), origins: BTreeMap::new(), sources: sources.clone() };
    for (origin, value) in sources.parts(schema)? {
        schema::check_part(schema, &value).map_err(|fault| sources.error(&origin, fault))?;
        let origins = &mut resolved.origins;
        schema::layer(schema, &mut resolved.value, &value, &mut |path| {
            let key = dotted(path);
            let below = format!("{key}.");
            origins.retain(|k, _| *k != key && !k.starts_with(&below));
            origins.insert(key, origin.clone());
        });
    }
    spell_out(&mut resolved);
    schema::check(schema, &resolved.value).map_err(|fault| resolved.error(fault))?;
    Ok(resolved)
}

/// Origins of plain values only, for every one of them.
fn spell_out(resolved: &mut Resolved) {
    let all = leaves(&resolved.value).into_iter().map(|path| {
        let origin = resolved.origin(&path).cloned().unwrap_or(Origin::Default);
        (dotted(&path), origin)
    });
    resolved.origins = all.collect();
}

impl Resolved {
    /// A fault of the sum: the strongest source that touches the place is to blame.
    fn error(&self, fault: Fault) -> Error {
        let blamed = self.origin(&fault.path).or_else(|| {
            let below = format!("{}.", dotted(&fault.path));
            self.origins.iter().find(|(k, o)| k.starts_with(&below) && **o != Origin::Default).map(|(_, o)| o)
        });
        match blamed {
            Some(origin) => self.sources.error(origin, fault),
            None => fault.into_error(None).into(),
        }
    }
}

impl Sources {
    /// Each source as a value to be laid over the weaker ones.
    fn parts(&self, schema: &Value) -> Result<Vec<(Origin, Value)>> {
        let mut parts = Vec::new();
        if let Some((name, value)) = &self.preset {
            parts.push((Origin::Preset(name.clone()), value.clone()));
        }
        if let Some((path, text)) = &self.file {
            parts.push((Origin::File(path.clone()), read::file(path, text)?));
        }
        for (name, value) in &self.env {
            if let Some(key) = env_key(name) {
                let origin = Origin::Env(name.clone());
                parts.push((origin.clone(), self.one(schema, &origin, &key, value)?));
            }
        }
        for (i, (key, value)) in self.flags.iter().enumerate() {
            let origin = Origin::Flag(i);
            parts.push((origin.clone(), self.one(schema, &origin, key, value)?));
        }
        Ok(parts)
    }

    /// A single `key = value` as typed.
    fn one(&self, schema: &Value, origin: &Origin, key: &str, text: &str) -> Result<Value> {
        let Some(keys) = split(key) else {
            return Err(ConfigError::BadKey { key: key.to_owned(), at: self.place(origin, &[], Aim::Key) }.into());
        };
        let null = (text.trim() == "null").then_some(Value::Null);
        let readings = null.into_iter().chain([read::typed(text), Value::String(text.to_owned())]);
        let mut nested = readings.map(|value| nested(&keys, value));
        let mut first = None;
        let fits = nested.find(|value| {
            first.get_or_insert_with(|| value.clone());
            schema::check_part(schema, value).is_ok()
        });
        Ok(fits.or(first).unwrap_or(Value::Null))
    }

    fn error(&self, origin: &Origin, fault: Fault) -> Error {
        let place = self.place(origin, &fault.path, fault.aim());
        fault.into_error(place).into()
    }

    fn place(&self, origin: &Origin, path: &[Part], aim: Aim) -> Option<SourceSpan> {
        match origin {
            Origin::Default | Origin::Preset(_) => None,
            Origin::File(name) => {
                let (_, text) = self.file.as_ref()?;
                let range = match read::format(name, text) {
                    read::Format::Json => in_json(text, path, aim),
                    read::Format::Toml => in_toml(text, path, aim),
                };
                Some(SourceSpan { origin: name.clone(), text: text.clone(), range: range? })
            }
            Origin::Env(name) => {
                let (_, value) = self.env.iter().rev().find(|(n, _)| n == name)?;
                Some(assignment("environment", name, PREFIX.len(), "__", value, path.len(), aim))
            }
            Origin::Flag(i) => {
                let (key, value) = self.flags.get(*i)?;
                Some(assignment("--set", key, 0, ".", value, path.len(), aim))
            }
        }
    }
}

/// `KEY=VALUE` with the part of the key, or the value, marked.
fn assignment(origin: &str, key: &str, skip: usize, dot: &str, value: &str, depth: usize, aim: Aim) -> SourceSpan {
    let text = format!("{key}={value}");
    let parts: Vec<&str> = key[skip..].split(dot).collect();
    let begin = |n: usize| skip + parts.iter().take(n).map(|p| p.len() + dot.len()).sum::<usize>();
    let range = match depth {
        0 => 0..key.len(),
        n if n < parts.len() || (n == parts.len() && aim == Aim::Key) => {
            begin(n - 1)..begin(n - 1) + parts[n - 1].len()
        }
        _ => key.len() + 1..text.len(),
    };
    SourceSpan { origin: origin.to_owned(), text, range }
}

/// `SUFFIT_TRAIN__EPOCHS` → `train.epochs`.
fn env_key(name: &str) -> Option<String> {
    let key = name.strip_prefix(PREFIX).filter(|_| !RESERVED.contains(&name))?;
    Some(key.to_ascii_lowercase().replace("__", "."))
}
