//! `suffit example`: a small bundled data set as a file, so that every command can be tried.

use std::path::PathBuf;

use serde_json::json;
use suffit_core::Result;
use suffit_data::bundle;
use suffit_report::{Table, cells};

use super::Reply;
use crate::failure::CliError;
use crate::record::quote;
use crate::settings::Session;
use crate::show;

/// Write a small bundled data set, to try every command on
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit example
  suffit example digits.parquet
  suffit fit symile --data digits.parquet --dry-run")]
pub struct Args {
    /// Which one [default: list them]
    name: Option<String>,
    /// Where to write [default: its name in this folder]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
}

/// Writes the file, or lists what there is.
///
/// # Errors
/// An unknown name, a file that exists, a place that cannot be written.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let Some(name) = &args.name else { return list(session) };
    let example = find(name)?;
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(example.file));
    if path.exists() && !args.force {
        return Err(CliError::Exists { path: path.display().to_string() }.into());
    }
    let rows = bundle::write_example(example.name, &path)?;
    let bundle = bundle::list().iter().find(|b| b.name == example.bundle);
    let (licence, notice) = bundle.map_or(("", ""), |b| (b.licence, b.notice));
    session.out.answer_field("wrote", path.display().to_string());
    session.out.field("licence", licence);
    session.out.field("next", format!("suffit check {}", quote(&path.display().to_string())));
    Ok(Reply::ok(
        "example",
        json!({"name": example.name, "path": show::absolute(&path), "licence": licence, "rows": rows, "notice": notice}),
    ))
}

/// By name (`digits`) or by file (`digits.parquet`).
fn find(name: &str) -> Result<&'static bundle::Example> {
    bundle::examples().iter().find(|e| e.name == name || e.file == name).ok_or_else(|| bundle::unknown_example(name))
}

fn list(session: &Session) -> Result<Reply> {
    let examples = bundle::examples();
    let mut table = Table::new("").code("example").text("what it is").text("licence");
    for example in examples {
        let licence = bundle::list().iter().find(|b| b.name == example.bundle).map_or("", |b| b.licence);
        table.push_row(cells![example.file, example.title, licence]);
    }
    session.out.table(&table);
    session.out.line("");
    session.out.field("next", "suffit example digits.parquet");
    Ok(Reply::ok("example", json!({ "examples": examples })))
}
