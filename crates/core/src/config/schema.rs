//! Holding a value against the JSON Schema of a configuration.
//!
//! The part of JSON Schema that `schemars` writes for configurations: `$ref`, `type`, `enum`,
//! `const`, `anyOf`, `oneOf`, `allOf`, limits of numbers and lists, properties. What it cannot
//! say, the struct's own deserialisation decides afterwards.

use serde_json::{Map, Value};

use super::ConfigError;
use super::locate::{Aim, Part, Path, dotted};
use crate::error::SourceSpan;
use crate::text::nearest;

mod words;

use words::{expected, got, limits};

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) path: Path,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Unknown { known: Vec<String> },
    Type { got: String, expected: String },
    Range { got: String, expected: String },
    Choice { got: String, typed: String, allowed: Vec<String> },
    Missing,
}

impl Fault {
    /// Whether the key itself is at fault or its value.
    pub(super) fn aim(&self) -> Aim {
        if matches!(self.kind, Kind::Unknown { .. }) { Aim::Key } else { Aim::Value }
    }

    pub(super) fn into_error(self, at: Option<SourceSpan>) -> ConfigError {
        let key = if self.path.is_empty() { "configuration".to_owned() } else { dotted(&self.path) };
        match self.kind {
            Kind::Unknown { known } => {
                let last = match self.path.last() {
                    Some(Part::Key(last)) => last.as_str(),
                    _ => "",
                };
                let nearest = nearest(last, known.iter().map(String::as_str)).map(str::to_owned);
                ConfigError::UnknownKey { key, nearest, known, at }
            }
            Kind::Type { got, expected } => ConfigError::WrongType { key, got, expected, at },
            Kind::Range { got, expected } => ConfigError::OutOfRange { key, got, expected, at },
            Kind::Choice { got, typed, allowed } => {
                let nearest = nearest(&typed, allowed.iter().map(String::as_str)).map(str::to_owned);
                ConfigError::NotAChoice { key, got, allowed, nearest, at }
            }
            Kind::Missing => ConfigError::MissingKey { key, at },
        }
    }
}

/// Forbids further properties wherever properties are named and nothing is said about others.
pub(super) fn close(schema: &mut Value) {
    match schema {
        Value::Object(node) => {
            let open = ["additionalProperties", "unevaluatedProperties", "anyOf", "oneOf", "allOf", "$ref"];
            if node.contains_key("properties") && !open.iter().any(|k| node.contains_key(*k)) {
                node.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            node.iter_mut()
                .filter(|(key, _)| !["default", "const", "enum", "examples"].contains(&key.as_str()))
                .for_each(|(_, v)| close(v));
        }
        Value::Array(entries) => entries.iter_mut().for_each(close),
        _ => {}
    }
}

/// Holds a whole value against a schema.
pub(super) fn check(schema: &Value, value: &Value) -> Result<(), Fault> {
    Checker { root: schema, whole: true }.node(schema, value, &mut Vec::new())
}

/// The same for a value that will be laid over others: nothing can be missing.
pub(super) fn check_part(schema: &Value, value: &Value) -> Result<(), Fault> {
    Checker { root: schema, whole: false }.node(schema, value, &mut Vec::new())
}

/// Lays `over` on `base` like [`super::layer`], but where the schema has alternatives and the sum
/// of both fits none while `over` alone does, `over` replaces. (`kind = "linear"` over an `mlp`
/// with layers.) `set` is told each path that `over` decides.
pub(super) fn layer(schema: &Value, base: &mut Value, over: &Value, set: &mut dyn FnMut(&[Part])) {
    let checker = Checker { root: schema, whole: true };
    checker.layer(Some(schema), base, over, &mut Vec::new(), set);
}

struct Checker<'s> {
    root: &'s Value,
    whole: bool,
}

impl<'s> Checker<'s> {
    fn node(&self, schema: &'s Value, value: &Value, path: &mut Path) -> Result<(), Fault> {
        let Value::Object(node) = schema else { return Ok(()) };
        if let Some(target) = self.target(node) {
            self.node(target, value, path)?;
        }
        for part in node.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.node(part, value, path)?;
        }
        if let Some(branches) = branches(node) {
            self.alternatives(branches, value, path)?;
        }
        choice(node, value, path)?;
        kind(node, value, path)?;
        match value {
            Value::Number(_) => range(node, value, path),
            Value::Array(entries) => self.array(node, entries, value, path),
            Value::Object(map) => self.object(node, map, path),
            _ => Ok(()),
        }
    }

    fn target(&self, node: &Map<String, Value>) -> Option<&'s Value> {
        self.root.pointer(node.get("$ref")?.as_str()?.strip_prefix('#')?)
    }

    fn array(
        &self,
        node: &'s Map<String, Value>,
        entries: &[Value],
        value: &Value,
        path: &mut Path,
    ) -> Result<(), Fault> {
        let limit = |key: &str| node.get(key).and_then(Value::as_u64);
        let few = limit("minItems").is_some_and(|min| (entries.len() as u64) < min);
        if few || limit("maxItems").is_some_and(|max| entries.len() as u64 > max) {
            return Err(fault(path, Kind::Range { got: got(value), expected: expected(self.root, node) }));
        }
        let first = node.get("prefixItems").and_then(Value::as_array);
        for (i, entry) in entries.iter().enumerate() {
            let schema = first.and_then(|f| f.get(i)).or_else(|| node.get("items"));
            if let Some(schema) = schema {
                path.push(Part::Index(i));
                self.node(schema, entry, path)?;
                path.pop();
            }
        }
        Ok(())
    }

    fn object(&self, node: &'s Map<String, Value>, map: &Map<String, Value>, path: &mut Path) -> Result<(), Fault> {
        let properties = node.get("properties").and_then(Value::as_object);
        for (key, value) in map {
            path.push(Part::Key(key.clone()));
            match (properties.and_then(|p| p.get(key)), node.get("additionalProperties")) {
                (Some(schema), _) => self.node(schema, value, path)?,
                (None, Some(Value::Bool(false))) => {
                    let known = properties.map(|p| p.keys().cloned().collect()).unwrap_or_default();
                    return Err(fault(path, Kind::Unknown { known }));
                }
                (None, Some(schema)) => self.node(schema, value, path)?,
                (None, None) => {}
            }
            path.pop();
        }
        if self.whole {
            let required = node.get("required").and_then(Value::as_array).into_iter().flatten();
            if let Some(missing) = required.filter_map(Value::as_str).find(|k| !map.contains_key(*k)) {
                path.push(Part::Key(missing.to_owned()));
                return Err(fault(path, Kind::Missing));
            }
        }
        Ok(())
    }

    /// One of several schemas must fit; if none does, the fault of the one that was meant.
    fn alternatives(&self, branches: &'s [Value], value: &Value, path: &mut Path) -> Result<(), Fault> {
        let depth = path.len();
        let mut faults = Vec::new();
        for branch in self.flat(branches) {
            match self.node(branch, value, path) {
                Ok(()) => return Ok(()),
                Err(fault) => faults.push((branch, fault)),
            }
            path.truncate(depth);
        }
        let faults = by_tag(faults, value, path)?;
        let of_type = |(b, _): &&Failed<'_>| b.as_object().is_some_and(|n| kind(n, value, &[]).is_ok());
        let same_type: Vec<Failed<'_>> = faults.iter().filter(of_type).cloned().collect();
        let meant = if same_type.is_empty() { &faults } else { &same_type };
        let choices: Vec<Value> = meant.iter().flat_map(|(b, _)| words::constants(b)).collect();
        let deepest = meant.iter().map(|(_, f)| f).max_by_key(|f| f.path.len());
        match deepest {
            Some(deepest) if deepest.path.len() > depth => Err(all_known(meant, deepest)),
            _ if !choices.is_empty() && value.is_string() => {
                Err(fault(path, no_choice(value, &choices.iter().collect::<Vec<_>>())))
            }
            Some(only) if meant.len() == 1 => Err(only.clone()),
            _ => {
                let all = self.flat(branches).into_iter().filter_map(Value::as_object);
                Err(fault(path, Kind::Type { got: got(value), expected: words::any_of(self.root, all) }))
            }
        }
    }

    /// Alternatives with references followed and nested alternatives laid open.
    fn flat(&self, branches: &'s [Value]) -> Vec<&'s Value> {
        let mut out = Vec::new();
        for branch in branches {
            let mut at = branch;
            while let Some(target) = at.as_object().filter(|n| n.len() <= 2).and_then(|n| self.target(n)) {
                at = target;
            }
            match at.as_object().filter(|n| !n.contains_key("properties")).and_then(self::branches) {
                Some(inner) => out.extend(self.flat(inner)),
                None => out.push(at),
            }
        }
        out
    }

    fn layer(
        &self,
        schema: Option<&'s Value>,
        base: &mut Value,
        over: &Value,
        path: &mut Path,
        set: &mut dyn FnMut(&[Part]),
    ) {
        let alternatives = schema.and_then(|s| self.choices_at(s));
        let (Value::Object(old), Value::Object(new)) = (&mut *base, over) else {
            *base = over.clone();
            return set(path);
        };
        if let Some(branches) = alternatives {
            let mut sum = Value::Object(old.clone());
            super::layer(&mut sum, over);
            let fits = |v: &Value| self.alternatives(branches, v, &mut Vec::new()).is_ok();
            if !fits(&sum) && fits(over) {
                *base = over.clone();
                return set(path);
            }
        }
        for (key, value) in new {
            path.push(Part::Key(key.clone()));
            match old.get_mut(key) {
                Some(below) => self.layer(schema.and_then(|s| self.property(s, key)), below, value, path, set),
                None => {
                    old.insert(key.clone(), value.clone());
                    set(path);
                }
            }
            path.pop();
        }
    }

    fn choices_at(&self, schema: &'s Value) -> Option<&'s [Value]> {
        let node = schema.as_object()?;
        match self.target(node) {
            Some(target) => self.choices_at(target),
            None => branches(node),
        }
    }

    /// Schema of a property, through references and alternatives (the first that has it).
    fn property(&self, schema: &'s Value, key: &str) -> Option<&'s Value> {
        let node = schema.as_object()?;
        if let Some(found) = node.get("properties").and_then(|p| p.get(key)) {
            return Some(found);
        }
        if let Some(found) = self.target(node).and_then(|t| self.property(t, key)) {
            return Some(found);
        }
        let inner = branches(node).into_iter().flatten().find_map(|b| self.property(b, key));
        inner.or_else(|| node.get("additionalProperties").filter(|s| s.is_object()))
    }
}

/// An alternative and why it does not fit.
type Failed<'s> = (&'s Value, Fault);

/// A tag such as `kind` tells which alternatives were meant.
fn by_tag<'s>(mut failed: Vec<Failed<'s>>, value: &Value, path: &[Part]) -> Result<Vec<Failed<'s>>, Fault> {
    fn tag_of<'a>(branch: &'a Value, key: &str) -> Option<&'a Value> {
        branch.get("properties")?.get(key)?.get("const")
    }
    for (key, given) in value.as_object().into_iter().flatten() {
        let tags: Vec<&Value> = failed.iter().filter_map(|(b, _)| tag_of(b, key)).collect();
        if tags.is_empty() {
            continue;
        }
        if !tags.contains(&given) {
            let at: Path = path.iter().cloned().chain([Part::Key(key.clone())]).collect();
            return Err(fault(&at, no_choice(given, &tags)));
        }
        failed.retain(|(b, _)| tag_of(b, key).is_none_or(|tag| tag == given));
    }
    Ok(failed)
}

/// The deepest fault; an unknown key there is told the keys of all alternatives.
fn all_known(meant: &[Failed<'_>], deepest: &Fault) -> Fault {
    let mut out = deepest.clone();
    if let Kind::Unknown { known } = &mut out.kind {
        for (_, other) in meant.iter().filter(|(_, f)| f.path == deepest.path) {
            if let Kind::Unknown { known: more } = &other.kind {
                let new: Vec<String> = more.iter().filter(|k| !known.contains(k)).cloned().collect();
                known.extend(new);
            }
        }
    }
    out
}

fn fault(path: &[Part], kind: Kind) -> Fault {
    Fault { path: path.to_vec(), kind }
}

fn branches(node: &Map<String, Value>) -> Option<&[Value]> {
    node.get("anyOf").or_else(|| node.get("oneOf")).and_then(Value::as_array).map(Vec::as_slice)
}

fn no_choice(value: &Value, allowed: &[&Value]) -> Kind {
    let mut names: Vec<String> = Vec::new();
    for choice in allowed {
        let name = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let typed = value.as_str().unwrap_or_default().to_owned();
    Kind::Choice { got: got(value), typed, allowed: names }
}

fn choice(node: &Map<String, Value>, value: &Value, path: &[Part]) -> Result<(), Fault> {
    let allowed: Vec<&Value> = match (node.get("const"), node.get("enum").and_then(Value::as_array)) {
        (Some(one), _) => vec![one],
        (None, Some(several)) => several.iter().collect(),
        (None, None) => return Ok(()),
    };
    if allowed.contains(&value) { Ok(()) } else { Err(fault(path, no_choice(value, &allowed))) }
}

fn kind(node: &Map<String, Value>, value: &Value, path: &[Part]) -> Result<(), Fault> {
    let fits = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let ok = match node.get("type") {
        Some(Value::String(name)) => fits(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    };
    if ok { Ok(()) } else { Err(fault(path, Kind::Type { got: got(value), expected: expected(&Value::Null, node) })) }
}

fn range(node: &Map<String, Value>, value: &Value, path: &[Part]) -> Result<(), Fault> {
    let x = value.as_f64().unwrap_or(f64::NAN);
    let beyond =
        |key: &str, bad: fn(f64, f64) -> bool| node.get(key).and_then(Value::as_f64).is_some_and(|l| bad(x, l));
    let out = beyond("minimum", |x, l| x < l)
        || beyond("maximum", |x, l| x > l)
        || beyond("exclusiveMinimum", |x, l| x <= l)
        || beyond("exclusiveMaximum", |x, l| x >= l);
    if out { Err(fault(path, Kind::Range { got: value.to_string(), expected: limits(node) })) } else { Ok(()) }
}
