//! `suffit schema`: JSON Schema for editors and programs.

use serde_json::{Value, json};
use suffit_core::Result;

use super::Reply;
use crate::out::Format;
use crate::settings::Session;

/// Print the JSON Schema of a configuration or of a verdict
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  suffit schema symile > symile.schema.json")]
pub struct Args {
    /// A method, or `verdict` for what an audit answers
    #[arg(value_name = "METHOD")]
    name: String,
}

/// Prints the schema; with `--json` the schema is the document.
///
/// # Errors
/// An unknown name.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let schema: Value = if args.name == "verdict" {
        suffit_core::config::schema_of::<suffit_core::Verdict>()
    } else {
        suffit_methods::find(&args.name)?.schema()
    };
    session.out.answer(format!("{schema:#}"));
    if session.out.format == Format::Json {
        // the schema itself, so that it can be redirected into a file
        return Ok(Reply { exit: suffit_core::Exit::Ok, json: schema });
    }
    Ok(Reply::ok("schema", json!({ "name": args.name, "schema": schema })))
}
