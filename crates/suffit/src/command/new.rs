//! `suffit new`: a starter configuration for a method and, where given, for your data.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use suffit_core::{AnyMethod, Result, files};

use super::Reply;
use super::describe::{Key, keys};
use crate::failure::CliError;
use crate::flags::DataArgs;
use crate::plan::Understood;
use crate::settings::Session;

/// Write a starter configuration for your data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  suffit example digits.parquet
  suffit new symile digits.parquet > digits.toml
  suffit fit digits.toml")]
pub struct Args {
    /// The method; see `suffit list`
    method: String,
    /// Your data, like `--data`
    #[arg(value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    data: DataArgs,
    /// Where to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
}

/// Writes TOML in which every key has its default and its meaning, and the roles as understood.
///
/// # Errors
/// An unknown method, data that cannot be opened, a file that exists.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let method = suffit_methods::find(&args.method)?;
    let mut asked = args.data.clone();
    asked.data.extend(args.path.clone());
    let data = if asked.is_empty() { None } else { Some(Understood::open(asked)?) };
    let text = starter(method.as_ref(), data.as_ref())?;
    match &args.out {
        None => session.out.answer(text.trim_end()),
        Some(path) => {
            if path.exists() && !args.force {
                return Err(CliError::Exists { path: path.display().to_string() }.into());
            }
            files::write_atomic(path, text.as_bytes())?;
            session.out.answer_field("wrote", path.display().to_string());
            session.out.field("next", format!("suffit fit {}", crate::record::quote(&path.display().to_string())));
        }
    }
    Ok(Reply::ok("new", json!({"method": method.slug(), "toml": text, "path": args.out})))
}

fn starter(method: &dyn AnyMethod, data: Option<&Understood>) -> Result<String> {
    let keys = keys(method);
    let mut text = format!(
        "# {}: every key at its default. Delete what you do not change.\n# Learn with: suffit fit THIS_FILE\n",
        method.card().title
    );
    // in TOML, keys of the root stand before the first table
    for key in keys.iter().filter(|k| !k.name.contains('.')) {
        entry(&mut text, &key.name, key)?;
    }
    let mut table = String::new();
    for key in keys.iter().filter(|k| k.name.contains('.')) {
        let (head, leaf) = key.name.rsplit_once('.').unwrap_or(("", &key.name));
        if head != table {
            let _ = write!(text, "\n[{head}]");
            text.push('\n');
            table = head.to_owned();
        }
        entry(&mut text, leaf, key)?;
    }
    text.push_str("\n# What to do, and with which data; flags win over it.\n[suffit]\n");
    let _ = writeln!(text, "method = \"{}\"", method.slug());
    text.push_str("\n[suffit.data]\n");
    match data {
        Some(data) => text.push_str(&toml_of(&bound(data))?),
        None => {
            text.push_str("# data = [\"my.parquet\"]\n# view = [\"image=img_*\", \"text=txt_*\"]\n# label = \"y\"\n")
        }
    }
    Ok(text)
}

fn entry(text: &mut String, leaf: &str, key: &Key) -> Result<()> {
    let _ = write!(text, "\n# {}\n", if key.meaning.is_empty() { &key.name } else { &key.meaning });
    match &key.value {
        // TOML has no null, and a table would end the keys before it
        Value::Null => {
            let _ = writeln!(text, "# {leaf} is not set");
        }
        Value::Object(_) => {
            let _ = writeln!(text, "# {leaf} = {}", key.default);
        }
        value => text.push_str(&toml_of(&json!({ leaf: value }))?),
    }
    Ok(())
}

fn toml_of<T: serde::Serialize>(value: &T) -> Result<String> {
    let value = serde_json::to_value(value).map_err(|source| CliError::Json { source })?;
    suffit_core::config::to_toml(&value)
}

/// The data arguments with every role written out as it was bound.
fn bound(data: &Understood) -> DataArgs {
    let mut args = data.args.clone();
    if data.dataset.roles.views().len() > args.view.len() {
        args.view.clear();
    }
    let guessed_views = args.view.is_empty();
    for (role, columns) in data.dataset.roles.iter() {
        let Some((flag, text)) = DataArgs::flag(role, columns) else { continue };
        match flag {
            "view" if guessed_views => args.view.push(shorter(data, &text, columns)),
            "present" if !args.present.contains(&text) => args.present.push(text),
            "label" => args.label = Some(text),
            "id" if args.key.is_none() => args.id = Some(text),
            "group" => args.group = Some(text),
            "split" => args.split = Some(text),
            "weight" => args.weight = Some(text),
            "time" => args.time = Some(text),
            _ => {}
        }
    }
    args
}

/// `pix=pix_*` instead of a list of names, where the pattern selects the same columns.
fn shorter(data: &Understood, text: &str, columns: &[String]) -> String {
    let (Some((name, _)), Some(first)) = (text.split_once('='), columns.first()) else { return text.to_owned() };
    let schema = data.dataset.source.schema();
    let all: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let pattern = format!("{stem}*");
    let same = |p: &str| suffit_data::Selector::new(p).resolve("view", "", &all).is_ok_and(|found| found == columns);
    if columns.len() > 1 && !stem.is_empty() && same(&pattern) { format!("{name}={pattern}") } else { text.to_owned() }
}
