//! `suffit runs`: the list of runs, one run, and whether its files are as they were written.

use serde_json::json;
use suffit_core::run::{Run, RunEntry, RunInfo, VerifyState};
use suffit_core::{Exit, Result, units};
use suffit_report::{Table, cells};

use super::Reply;
use crate::settings::Session;

/// List, show and verify runs
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  suffit runs list\n  suffit runs show latest\n  suffit runs verify latest")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the runs, oldest first
    #[command(after_help = "Example:\n  suffit runs list --runs runs")]
    List,
    /// Show what is known about one run
    #[command(after_help = "Example:\n  suffit runs show latest")]
    Show {
        /// A folder, a name, the beginning of a name, or `latest`
        #[arg(default_value = "latest")]
        run: String,
    },
    /// Compare every file of a run with the digests written when it ended; 3 when one differs
    #[command(after_help = "Example:\n  suffit runs verify latest")]
    Verify {
        /// A folder, a name, the beginning of a name, or `latest`
        #[arg(default_value = "latest")]
        run: String,
    },
}

/// Lists, shows or verifies.
///
/// # Errors
/// A run that is not there or cannot be read.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    match &args.what {
        What::List => list(session),
        What::Show { run } => show(run, session),
        What::Verify { run } => verify(run, session),
    }
}

fn list(session: &Session) -> Result<Reply> {
    let entries = Run::list(&session.runs)?;
    if entries.is_empty() {
        session.out.answer(format!("no runs in {}", session.runs.display()));
        session.out.field("next", "suffit quickstart");
    } else {
        let mut table = Table::new("").code("run").text("method").text("status").text("took").text("seed");
        for entry in &entries {
            table.push_row(match &entry.info {
                Ok(info) => cells![
                    &entry.name,
                    &info.method,
                    word(entry, info),
                    info.seconds().map(units::seconds),
                    info.seed.value().to_string(),
                ],
                Err(error) => cells![&entry.name, "?", format!("unreadable: {error}"), None::<f64>, None::<f64>],
            });
        }
        session.out.table(&table);
    }
    let lines: Vec<_> = entries
        .iter()
        .map(|e| match &e.info {
            Ok(info) => json!({"name": e.name, "path": e.path, "status": word(e, info), "info": info}),
            Err(error) => json!({"name": e.name, "path": e.path, "status": "unreadable", "why": error.to_string()}),
        })
        .collect();
    Ok(Reply::ok("runs list", json!({ "runs": lines })))
}

fn word(entry: &RunEntry, info: &RunInfo) -> &'static str {
    if entry.killed { "killed" } else { info.status.word() }
}

fn show(name: &str, session: &Session) -> Result<Reply> {
    let path = Run::find(&session.runs, name)?;
    let run = Run::open(&path)?;
    let info = run.info();
    let out = &session.out;
    out.answer_field("run", &info.id);
    out.answer_field("folder", crate::show::absolute(&path).display().to_string());
    out.answer_field("method", &info.method);
    let killed = info.status == suffit_core::run::Status::Running && run.holder()?.is_none();
    let status = if killed { "killed" } else { info.status.word() };
    out.answer_field("status", info.stopped_at.as_ref().map_or(status.to_owned(), |at| format!("{status} at {at}")));
    if let Some(seconds) = info.seconds() {
        out.answer_field("took", units::seconds(seconds));
    }
    out.answer_field(
        "made by",
        format!("suffit {} · seed {} · threads {}", info.version, info.seed.value(), info.threads),
    );
    out.answer_field("command", crate::record::command_line(&info.argv));
    let checkpoints = run.checkpoints().newest()?;
    if let Some((step, _)) = &checkpoints.found {
        out.answer_field("checkpoint", format!("step {}", units::count(*step)));
    }
    for skipped in &checkpoints.skipped {
        out.answer_field("damaged", format!("{}: {}", skipped.path.display(), skipped.reason));
    }
    if killed || info.status != suffit_core::run::Status::Complete {
        out.field("next", crate::record::resume_command(info, &path));
    } else {
        out.field("next", format!("suffit report {}", path.display()));
    }
    Ok(Reply::ok(
        "runs show",
        json!({
            "path": crate::show::absolute(&path),
            "status": status,
            "info": info,
            "checkpoint": checkpoints.found.as_ref().map(|(step, _)| step),
            "audit": run.has("audit.json").then(|| run.read_json::<serde_json::Value>("audit.json")).transpose()?,
        }),
    ))
}

fn verify(name: &str, session: &Session) -> Result<Reply> {
    let path = Run::find(&session.runs, name)?;
    let lines = Run::open(&path)?.verify()?;
    let bad = lines.iter().filter(|l| !l.is_ok()).count();
    for line in &lines {
        if session.verbose > 0 || !matches!(line.state, VerifyState::Ok { .. }) {
            session.out.answer(line.to_string());
        }
    }
    let good = lines.len() - bad;
    session.out.answer_field("verify", format!("{good} files as written, {bad} not, in {}", path.display()));
    let exit = if bad == 0 { Exit::Ok } else { Exit::Data };
    Ok(Reply::new("runs verify", exit, json!({"path": crate::show::absolute(&path), "files": lines, "bad": bad})))
}
