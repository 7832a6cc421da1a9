//! Texts to JSON values: configuration files and single values as typed.

use serde_json::{Number, Value};
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::locate::{Part, dotted};
use crate::error::{Result, SourceSpan};

/// The languages of configuration files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Json,
}

/// By the ending of the name; without one of the two, a text that begins with `{` is JSON.
pub(super) fn format(path: &str, text: &str) -> Format {
    let lower = path.to_ascii_lowercase();
    if lower.ends_with(".json") || (!lower.ends_with(".toml") && text.trim_start().starts_with('{')) {
        Format::Json
    } else {
        Format::Toml
    }
}

/// A configuration file as JSON.
pub(super) fn file(path: &str, text: &str) -> Result<Value> {
    match format(path, text) {
        Format::Json => json(path, text),
        Format::Toml => toml_document(path, text),
    }
}

fn json(path: &str, text: &str) -> Result<Value> {
    let value = serde_json::from_str(text).map_err(|e| ConfigError::Syntax {
        origin: path.to_owned(),
        format: "JSON",
        reason: e.to_string(),
        at: Some(SourceSpan {
            origin: path.to_owned(),
            text: text.to_owned(),
            range: place(text, e.line(), e.column()),
        }),
    })?;
    Ok(value)
}

/// The character at a line and byte column (both from 1), or an empty range at the end.
fn place(text: &str, line: usize, column: usize) -> std::ops::Range<usize> {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut begin = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(begin) {
        begin -= 1;
    }
    let length = text[begin..].chars().next().map_or(0, char::len_utf8);
    begin..begin + length
}

fn toml_document(path: &str, text: &str) -> Result<Value> {
    let span = |range| SourceSpan { origin: path.to_owned(), text: text.to_owned(), range };
    let document = DeTable::parse(text).map_err(|e| ConfigError::Syntax {
        origin: path.to_owned(),
        format: "TOML",
        reason: e.message().to_owned(),
        at: e.span().map(span),
    })?;
    table(document.get_ref(), &mut Vec::new(), &|range| Some(span(range)))
}

/// A value as typed after `=`: a TOML value (`20`, `0.5`, `true`, `[64, 64]`), else a text.
/// `NaN` and infinities have no JSON form and stay texts, which the schema then refuses.
pub(super) fn typed(text: &str) -> Value {
    let parsed = DeValue::parse(text.trim()).ok();
    let value = parsed.and_then(|v| value(v.get_ref(), v.span(), &mut Vec::new(), &|_| None).ok());
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

type Span<'a> = &'a dyn Fn(std::ops::Range<usize>) -> Option<SourceSpan>;

fn table(table: &DeTable<'_>, path: &mut Vec<Part>, span: Span<'_>) -> Result<Value> {
    let mut out = serde_json::Map::new();
    for (key, inner) in table.iter() {
        path.push(Part::Key(key.get_ref().to_string()));
        out.insert(key.get_ref().to_string(), value(inner.get_ref(), inner.span(), path, span)?);
        path.pop();
    }
    Ok(Value::Object(out))
}

fn value(from: &DeValue<'_>, range: std::ops::Range<usize>, path: &mut Vec<Part>, span: Span<'_>) -> Result<Value> {
    Ok(match from {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Integer(n) => {
            let signed = i64::from_str_radix(n.as_str(), n.radix()).ok().map(Value::from);
            let unsigned = || u64::from_str_radix(n.as_str(), n.radix()).ok().map(Value::from);
            let wrong = || ConfigError::OutOfRange {
                key: dotted(path),
                got: n.to_string(),
                expected: "a whole number of at most 64 bits".to_owned(),
                at: span(range),
            };
            signed.or_else(unsigned).ok_or_else(wrong)?
        }
        DeValue::Float(x) => {
            let number = x.as_str().parse().ok().and_then(Number::from_f64);
            Value::Number(number.ok_or_else(|| ConfigError::NotFinite { key: dotted(path), at: span(range) })?)
        }
        DeValue::Array(entries) => {
            let mut out = Vec::with_capacity(entries.len());
            for (i, entry) in entries.iter().enumerate() {
                path.push(Part::Index(i));
                out.push(value(entry.get_ref(), entry.span(), path, span)?);
                path.pop();
            }
            Value::Array(out)
        }
        DeValue::Table(inner) => table(inner, path, span)?,
    })
}
