//! `suffit describe`: what a method takes, what it offers, how it is configured.

use serde_json::{Value, json};
use suffit_core::{AnyMethod, Result};
use suffit_report::{Table, cells};

use super::Reply;
use crate::settings::Session;

/// Describe a method: what it takes, what it offers, its configuration
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  suffit describe symile")]
pub struct Args {
    /// The method; see `suffit list`
    method: String,
}

/// Prints card, roles, configuration keys, own verbs and tables.
///
/// # Errors
/// An unknown method.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let method = suffit_methods::find(&args.method)?;
    let (card, accepts) = (method.card(), method.accepts());
    let keys = keys(method.as_ref());
    let out = &session.out;
    out.answer(format!("{} — {}", out.paint.bold(card.slug), card.title));
    out.answer("");
    out.answer_field("purpose", card.purpose);
    out.answer_field("family", card.family);
    out.answer_field("paper", card.paper);
    out.answer_field("kinds", accepts.kinds.iter().filter_map(word).collect::<Vec<_>>().join(", "));
    out.answer_field("needs", accepts.required.join(", "));
    if !accepts.optional.is_empty() {
        out.answer_field("may use", accepts.optional.join(", "));
    }
    out.answer_field("commands", card.verbs.join(" "));
    let mut table = Table::new("").code("key").code("default").text("meaning");
    for key in &keys {
        table.push_row(cells![&key.name, &key.default, &key.meaning]);
    }
    print(session, "\nconfiguration (--set KEY=VALUE, --config FILE)", &table);
    if !method.verbs().is_empty() {
        let mut table = Table::new("").code("command").text("what it does");
        for verb in method.verbs() {
            table.push_row(cells![format!("suffit {} {}", card.slug, verb.name), verb.help]);
        }
        print(session, "\ncommands of its own", &table);
    }
    if !method.tables().is_empty() {
        let mut table = Table::new("").code("table").text("what it shows").text("quick").text("whole");
        for t in method.tables() {
            let time = |s: f64| suffit_core::units::seconds(s);
            table.push_row(cells![t.name, t.title, time(t.seconds.0), time(t.seconds.1)]);
        }
        print(session, "\ntables of its paper (suffit reproduce)", &table);
    }
    out.answer("");
    out.answer_field("example", card.example);
    let config: Vec<Value> =
        keys.iter().map(|k| json!({"key": k.name, "default": k.value, "meaning": k.meaning})).collect();
    Ok(Reply::ok(
        "describe",
        json!({"method": card, "accepts": accepts, "config": config, "verbs": method.verbs(), "tables": method.tables()}),
    ))
}

fn print(session: &Session, heading: &str, table: &Table) {
    session.out.answer(heading);
    session.out.table(table);
}

fn word(kind: &suffit_core::Kind) -> Option<String> {
    serde_json::to_value(kind).ok()?.as_str().map(str::to_owned)
}

/// One configuration key.
pub struct Key {
    /// Dotted name.
    pub name: String,
    /// Default as TOML writes it.
    pub default: String,
    /// Default as JSON.
    pub value: Value,
    /// First sentence of its documentation.
    pub meaning: String,
}

/// The leaves of a method's default configuration, with the first sentence of their schema.
pub fn keys(method: &dyn AnyMethod) -> Vec<Key> {
    let (schema, default) = (method.schema(), method.default_config());
    let mut keys = Vec::new();
    walk(&schema, &schema, &default, "", &mut keys);
    keys
}

fn walk(root: &Value, schema: &Value, default: &Value, prefix: &str, keys: &mut Vec<Key>) {
    let Some(object) = default.as_object() else { return };
    let schema = resolve(root, schema);
    for (name, value) in object {
        let property = schema.get("properties").and_then(|p| p.get(name)).unwrap_or(&Value::Null);
        let full = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let inner = resolve(root, property);
        if value.is_object() && inner.get("properties").is_some() {
            walk(root, inner, value, &full, keys);
            continue;
        }
        let text = [property, inner].iter().find_map(|s| s.get("description").and_then(Value::as_str)).unwrap_or("");
        keys.push(Key { name: full, default: value.to_string(), value: value.clone(), meaning: first_sentence(text) });
    }
}

/// Follows `$ref` and a lone `allOf`/`anyOf` member within the same document.
fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        return root.pointer(path.trim_start_matches('#')).unwrap_or(schema);
    }
    for group in ["allOf", "anyOf"] {
        if let Some(first) = schema.get(group).and_then(Value::as_array).and_then(|a| a.first())
            && first.get("$ref").is_some()
        {
            return resolve(root, first);
        }
    }
    schema
}

fn first_sentence(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = flat.find(". ").unwrap_or(flat.len());
    flat[..end].trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_a_full_stop_and_a_blank() {
        assert_eq!(first_sentence("Rows per step.\nMore than 0.5 of"), "Rows per step");
        assert_eq!(first_sentence("About 0.05 is usual"), "About 0.05 is usual");
    }
}
