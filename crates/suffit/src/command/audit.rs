//! `suffit audit`: is what was kept enough? The answer is a verdict, and the exit code.

mod error;
mod question;
pub(crate) mod roles;

use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use suffit_core::run::Run;
use suffit_core::{AnyMethod, Result};

use super::Reply;
use crate::failure::CliError;
use crate::flags::{DataArgs, pair};
use crate::plan::Understood;
use crate::settings::Session;
use crate::show;

/// Ask whether what was kept is enough: the answer is also the exit code
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit audit --data patients.parquet --x raw_* --z emb_* --y outcome --w age,site --group patient
  suffit audit --x predictors.csv --z pca.parquet --y densities.csv --y-kind distribution --grid 0..100
  suffit audit latest
  suffit audit --run latest --data other.parquet --label digit --tolerance 0.02

Exit codes: 0 enough, 1 not enough, 6 undecided; see `suffit --help` for the others")]
pub struct Args {
    /// A folder, a name, the beginning of a name, or `latest`
    #[arg(value_name = "RUN")]
    positional: Option<String>,
    /// The same as a flag
    #[arg(long, value_name = "RUN", conflicts_with = "positional")]
    run: Option<String>,
    /// The method, to audit data without a run
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    #[command(flatten)]
    ask: question::AskArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Loss that is accepted
    #[arg(long, value_name = "SHARE")]
    tolerance: Option<f64>,
    /// Further option of the method; repeat for more
    #[arg(long = "option", value_name = "KEY=VALUE")]
    options: Vec<String>,
}

/// Audits and shows the verdict.
///
/// # Errors
/// A run that is not there, data that does not fit, a method that asks no question.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let names_a_run = args.positional.is_some() || args.run.is_some();
    if !names_a_run
        && args.method.as_deref().is_none_or(|m| m == "audit")
        && (args.ask.is_asked() || !args.data.is_empty())
    {
        return question::run(&args.ask, &args.data, args.tolerance, session);
    }
    if args.ask.is_asked() {
        return Err(CliError::Conflict {
            first: "a run".to_owned(),
            second: "--x, --z, --y, --w or --z-run".to_owned(),
            why: "a run has its own question",
            hint: "to audit what a run gives, write `--z-run RUN --data FILE --y COLUMN`".to_owned(),
        }
        .into());
    }
    let (method, run) = subject(args, session)?;
    let options = options(args)?;
    let data = match &run {
        Some((_, run)) if args.data.is_empty() => of_the_run(run, &args.data)?,
        Some((_, run)) => Understood::open(super::apply::like_the_run(args.data.clone(), run)?)?,
        None => Understood::open(args.data.clone())?,
    };
    data.echo(session);
    let verdict = method.audit(run.as_ref().map(|(_, run)| run), &data.dataset, &options, &session.ctx)?;
    session.out.line("");
    session.out.line(format!("{}\n", verdict.question));
    show::verdict(session, &verdict);
    let exit = verdict.answer.exit();
    Ok(Reply::new(
        "audit",
        exit,
        json!({
            "method": method.slug(), "run": run.map(|(path, _)| show::absolute(&path)), "data": data.record(),
            "options": options, "verdict": verdict,
        }),
    ))
}

/// What is audited.
type Subject = (Arc<dyn AnyMethod>, Option<(PathBuf, Run)>);

fn subject(args: &Args, session: &Session) -> Result<Subject> {
    if let Some(name) = args.positional.as_ref().or(args.run.as_ref()) {
        let path = Run::find(&session.runs, name)?;
        let run = Run::open(&path)?;
        let method = suffit_methods::find(&run.info().method)?;
        if let Some(other) = args.method.as_ref().filter(|m| *m != method.slug()) {
            return Err(CliError::Conflict {
                first: format!("--method {other}"),
                second: format!("--run {name}"),
                why: "the run belongs to another method",
                hint: "leave `--method` out".to_owned(),
            }
            .into());
        }
        return Ok((method, Some((path, run))));
    }
    match &args.method {
        Some(slug) => Ok((suffit_methods::find(slug)?, None)),
        None => Err(CliError::Missing {
            verb: "audit",
            what: "a run, or `--method` and `--data`",
            example: "suffit audit --data FILE --x raw_* --z emb_* --y outcome".to_owned(),
        }
        .into()),
    }
}

/// The data of the run itself, opened again; single roles may be given anew.
fn of_the_run(run: &Run, args: &DataArgs) -> Result<Understood> {
    let recorded: Value = run.read_json(suffit_core::run::file::DATA)?;
    let value = recorded.get("request").cloned().unwrap_or(Value::Null);
    let request: DataArgs = serde_json::from_value(value).map_err(|source| CliError::Json { source })?;
    Understood::open(args.or(&request))
}

fn options(args: &Args) -> Result<Value> {
    let mut object = Map::new();
    for text in &args.options {
        let (key, value) = pair("option", text, "KEY=VALUE")?;
        object.insert(key, serde_json::from_str(&value).unwrap_or(Value::String(value)));
    }
    if let Some(tolerance) = args.tolerance {
        object.insert("tolerance".to_owned(), tolerance.into());
    }
    Ok(Value::Object(object))
}
