//! `suffit report`: the report of a run as one HTML file, as Markdown or as JSON.

use std::path::{Path, PathBuf};

use serde_json::json;
use suffit_core::files;
use suffit_core::run::Run;
use suffit_core::{Error, Result};
use suffit_report::Document;

use super::Reply;
use crate::failure::CliError;
use crate::settings::Session;
use crate::{browser, record, show};

/// Write the report of a run: one HTML file that opens offline
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  suffit report latest --open\n  suffit report latest --out report.md")]
pub struct Args {
    /// A folder, a name, the beginning of a name, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// Where to write; the ending decides: .html, .md or .json [default: report.html in the run]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Open the file when it is written
    #[arg(long)]
    open: bool,
}

/// Writes the report and says where it is.
///
/// # Errors
/// A run that is not there, a document that cannot be made, a place that cannot be written.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let path = Run::find(&session.runs, &args.run)?;
    let kind = args.out.as_deref().map(Kind::of).transpose()?.unwrap_or(Kind::Html);
    let run = Run::open(&path)?;
    let method = suffit_methods::find(&run.info().method)?;
    let document = record::document(method.as_ref(), &run)?;
    let at = match &args.out {
        Some(out) => {
            files::write_atomic(out, kind.render(&document)?.as_bytes())?;
            out.clone()
        }
        None => into_run(&path, &kind.render(&document)?, session)?,
    };
    let at = show::absolute(&at);
    for banner in &document.verdicts {
        session
            .out
            .line(suffit_report::terminal_verdict(banner, session.out.width, session.out.paint.is_on()).trim_end());
    }
    show::ending(session, Some(&at), "");
    if args.open {
        browser::open(&at)?;
    }
    Ok(Reply::ok("report", json!({"run": show::absolute(&path), "report": at, "verdicts": document.verdicts})))
}

/// Adds `report.html` to the run; the list of files with digests is kept up to date.
fn into_run(path: &Path, html: &str, session: &Session) -> Result<PathBuf> {
    let writer = Run::amend(path, &session.ctx)?;
    writer.write_text("report.html", html)?;
    Ok(path.join("report.html"))
}

enum Kind {
    Html,
    Markdown,
    Json,
}

impl Kind {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("html" | "htm") => Ok(Kind::Html),
            Some("md" | "markdown") => Ok(Kind::Markdown),
            Some("json") => Ok(Kind::Json),
            other => Err(CliError::OutputKind {
                path: path.display().to_string(),
                got: other.map_or_else(|| "it has no ending".to_owned(), |e| format!("`.{e}` is not known")),
                known: ".html, .md or .json",
            }
            .into()),
        }
    }

    fn render(&self, document: &Document) -> Result<String> {
        match self {
            Kind::Html => Ok(suffit_report::html(document)),
            Kind::Markdown => Ok(suffit_report::markdown(document)),
            Kind::Json => {
                serde_json::to_string_pretty(document).map_err(|source| Error::from(CliError::Json { source }))
            }
        }
    }
}
