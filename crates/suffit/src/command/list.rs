//! `suffit list`: the methods.

use serde_json::json;
use suffit_core::Result;
use suffit_report::{Table, cells};

use super::Reply;
use crate::settings::Session;

/// List the methods
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  suffit list")]
pub struct Args {}

/// Prints one line per method.
///
/// # Errors
/// None of its own.
pub fn run(_: &Args, session: &Session) -> Result<Reply> {
    let cards: Vec<_> = suffit_methods::registry().iter().map(|m| m.card()).collect();
    let mut table = Table::new("").code("method").text("what it does").text("commands");
    for card in &cards {
        table.push_row(cells![card.slug, card.purpose, card.verbs.join(" ")]);
    }
    session.out.table(&table);
    session.out.line("");
    session.out.field("more", "suffit describe METHOD");
    Ok(Reply::ok("list", json!({ "methods": cards })))
}
