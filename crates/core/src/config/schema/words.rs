//! Values and schemas in words, for messages.

use serde_json::{Map, Value};

/// What a value is: `"ten" (a text)`, `20.5`, `a list of 3`.
pub(super) fn got(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => {
            let short: String = text.chars().take(40).collect();
            let dots = if short.len() < text.len() { "…" } else { "" };
            format!("\"{short}{dots}\" (a text)")
        }
        Value::Array(entries) => format!("a list of {}", entries.len()),
        Value::Object(_) => "a table".to_owned(),
    }
}

/// What a schema wants.
pub(super) fn expected(root: &Value, node: &Map<String, Value>) -> String {
    join(wanted(root, node))
}

/// What one of several schemas wants.
pub(super) fn any_of<'a>(root: &Value, nodes: impl Iterator<Item = &'a Map<String, Value>>) -> String {
    join(nodes.flat_map(|n| wanted(root, n)).collect())
}

/// Each thing that a schema accepts; nothing for `null`.
fn wanted(root: &Value, node: &Map<String, Value>) -> Vec<String> {
    if let Some(target) = reference(root, node) {
        return wanted(root, target);
    }
    let inner = node.get("anyOf").or_else(|| node.get("oneOf")).and_then(Value::as_array);
    if let Some(branches) = inner {
        return branches.iter().filter_map(Value::as_object).flat_map(|n| wanted(root, n)).collect();
    }
    let choices = constants(&Value::Object(node.clone()));
    if !choices.is_empty() {
        return choices.iter().map(|c| c.as_str().map_or_else(|| c.to_string(), |s| format!("`{s}`"))).collect();
    }
    match node.get("type") {
        Some(Value::String(name)) => one_type(name, node).into_iter().collect(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter_map(|n| one_type(n, node)).collect(),
        _ => vec!["something else".to_owned()],
    }
}

fn reference<'a>(root: &'a Value, node: &Map<String, Value>) -> Option<&'a Map<String, Value>> {
    root.pointer(node.get("$ref")?.as_str()?.strip_prefix('#')?)?.as_object()
}

fn one_type(name: &str, node: &Map<String, Value>) -> Option<String> {
    Some(match name {
        "integer" | "number" => limits(node),
        "boolean" => "true or false".to_owned(),
        "string" => "a text".to_owned(),
        "array" => list(node),
        "object" => table(node),
        _ => return None,
    })
}

fn list(node: &Map<String, Value>) -> String {
    let limit = |key: &str| node.get(key).and_then(Value::as_u64);
    match (limit("minItems"), limit("maxItems")) {
        (Some(min), Some(max)) if min == max => format!("a list of {min}"),
        (Some(min), Some(max)) => format!("a list of {min} to {max}"),
        (Some(min), None) => format!("a list of at least {min}"),
        (None, Some(max)) => format!("a list of at most {max}"),
        (None, None) => "a list".to_owned(),
    }
}

/// A table, told apart by its tag or its needed key.
fn table(node: &Map<String, Value>) -> String {
    let properties = node.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (key, property) in properties {
        if let Some(tag) = property.get("const").and_then(Value::as_str) {
            return format!("a table with {key} = \"{tag}\"");
        }
    }
    match node.get("required").and_then(Value::as_array).and_then(|r| r.first()).and_then(Value::as_str) {
        Some(key) => format!("a table with `{key}`"),
        None => "a table".to_owned(),
    }
}

/// A number and its limits.
pub(super) fn limits(node: &Map<String, Value>) -> String {
    let whole = |n: &Value| n.as_str() == Some("integer");
    let integer = match node.get("type") {
        Some(Value::Array(names)) => names.iter().any(whole),
        Some(one) => whole(one),
        None => false,
    };
    let what = if integer { "a whole number" } else { "a number" };
    let limit = |key: &str| node.get(key).and_then(Value::as_f64);
    let (min, max) = (limit("minimum"), limit("maximum"));
    match (min, max, limit("exclusiveMinimum"), limit("exclusiveMaximum")) {
        (_, Some(max), Some(above), _) => format!("{what} above {above} and at most {max}"),
        (_, _, Some(above), Some(below)) => format!("{what} between {above} and {below}, both excluded"),
        (Some(min), _, _, Some(below)) => format!("{what} from {min} and below {below}"),
        (_, None, Some(above), None) => format!("{what} above {above}"),
        (None, _, None, Some(below)) => format!("{what} below {below}"),
        (Some(min), Some(max), None, None) => format!("{what} from {min} to {max}"),
        (Some(min), None, None, None) => format!("{what} of at least {min}"),
        (None, Some(max), None, None) => format!("{what} of at most {max}"),
        (None, None, None, None) => what.to_owned(),
    }
}

/// Values that a schema names.
pub(super) fn constants(schema: &Value) -> Vec<Value> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(several)) => several.clone(),
        (None, None) => Vec::new(),
    }
}

/// As a list for people, the same words once.
fn join(words: Vec<String>) -> String {
    let mut unique: Vec<String> = Vec::new();
    for word in words {
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    match unique.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}
