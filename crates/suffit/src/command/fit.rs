//! `suffit fit`: data to a run — understand, resolve, estimate, create the run, learn, report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use suffit_core::config::Resolved;
use suffit_core::error::CommonError;
use suffit_core::method::{Cost, Outcome};
use suffit_core::run::{Run, RunInfo, RunSpec, Status};
use suffit_core::{AnyMethod, Ctx, Error, Family, FileInfo, Result, Seed};

use super::Reply;
use crate::failure::CliError;
use crate::flags::{ConfigArgs, DataArgs};
use crate::plan::{Understood, echo_cost};
use crate::settings::Session;
use crate::{browser, record, settle, show};

/// Learn from data: makes a run
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  suffit example digits.parquet
  suffit fit symile --data digits.parquet --set train.epochs=20
  suffit fit symile --data my.parquet --view image=img_* --view text=txt_* --view audio=aud_*
  suffit fit symile --view a=a.npy --view b=b.npy --view c=all.npz[c] --dry-run
  suffit new symile digits.parquet > digits.toml; suffit fit digits.toml
  suffit fit --resume latest")]
pub struct Args {
    /// The method, or a configuration file that names it (see `suffit new`)
    #[arg(value_name = "METHOD|FILE", required_unless_present = "resume")]
    method: Option<String>,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    config: ConfigArgs,
    /// Folder of the run, new or empty [default: a fresh name in the runs folder]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Print what would be done and what it costs; write nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,
    /// Go on with a run that was stopped or killed
    #[arg(long, value_name = "RUN", conflicts_with_all = ["preset", "config", "set"])]
    resume: Option<String>,
    /// Also write the metrics as event files for TensorBoard
    #[arg(long, value_name = "KIND", value_parser = ["tensorboard"])]
    log: Option<String>,
    /// Open the report at the end
    #[arg(long)]
    open: bool,
}

impl Args {
    /// Whether a stopped run goes on; it brings its own number of threads.
    pub fn resumes(&self) -> bool {
        self.resume.is_some()
    }
}

/// What is about to be learnt.
struct Plan {
    method: Arc<dyn AnyMethod>,
    data: Understood,
    config: Resolved,
    cost: Cost,
}

/// Fits, or goes on with a fit.
///
/// # Errors
/// Usage, configuration, data, I/O; an interruption names the command that goes on.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    if let Some(run) = &args.resume {
        return resume(args, run, session);
    }
    let plan = Plan::make(args, session)?;
    plan.data.echo(session);
    echo_cost(session, &plan.method, &plan.cost);
    if args.dry_run {
        session.out.field("next", "the same command without --dry-run");
        return Ok(Reply::ok(
            "fit",
            json!({ "dry_run": true, "method": plan.method.slug(), "data": plan.data.record(), "config": plan.config.value, "cost": plan.cost }),
        ));
    }
    let spec = RunSpec {
        method: plan.method.slug().to_owned(),
        config: plan.config.value.clone(),
        argv: session.argv.clone(),
        data: plan.data.record(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("SUFFIT_COMMIT").map(str::to_owned),
    };
    let run = create(&spec, args.out.as_deref(), session)?;
    learn(args, session, &session.ctx, plan.method.as_ref(), &plan.config.value, &plan.data, run)
}

/// A new run, in the folder that was asked for or under a fresh name; `latest` points to it.
///
/// # Errors
/// A folder that is not empty or cannot be written.
pub fn create(spec: &RunSpec, out: Option<&Path>, session: &Session) -> Result<Run> {
    let Some(folder) = out else { return Run::create(&session.runs, spec, &session.ctx) };
    let run = Run::create_at(folder, spec, &session.ctx)?;
    Run::set_latest(&session.runs, run.path())?;
    Ok(run)
}

impl Plan {
    fn make(args: &Args, session: &Session) -> Result<Plan> {
        let (slug, file) = method_and_file(args)?;
        let method = suffit_methods::find(&slug)?;
        let config = settle::settle(method.as_ref(), &args.config, file.as_ref())?;
        let asked = file.as_ref().map_or_else(|| args.data.clone(), |f| args.data.or(&f.job.data));
        if asked.is_empty() {
            let example = method.card().example.to_owned();
            return Err(CliError::Missing {
                verb: "fit",
                what: "data: `--data FILE`, or one `--view NAME=FILE` per view",
                example,
            }
            .into());
        }
        let data = Understood::open(asked)?;
        // the method's own words first: it knows which roles it misses
        method.validate(&config.value, &data.dataset, &session.ctx).map_err(|e| config.point(e))?;
        data.check_kind(method.as_ref())?;
        let cost = method.estimate(&config.value, &data.dataset, &session.ctx)?;
        Ok(Plan { method, data, config, cost })
    }
}

/// The method's name, and the configuration file, which may itself name the method.
fn method_and_file(args: &Args) -> Result<(String, Option<crate::job::JobFile>)> {
    let given = args.method.clone().unwrap_or_default();
    let is_file = Path::new(&given).extension().is_some_and(|e| e == "toml" || e == "json");
    if !is_file {
        let file = args.config.config.as_deref().map(settle::read).transpose()?;
        return Ok((given, file));
    }
    if let Some(other) = &args.config.config {
        return Err(CliError::Conflict {
            first: given,
            second: format!("--config {}", other.display()),
            why: "both are configuration files",
            hint: "give one of them".to_owned(),
        }
        .into());
    }
    let file = settle::read(Path::new(&given))?;
    match &file.job.method {
        Some(method) => Ok((method.clone(), Some(file))),
        None => Err(CliError::Missing {
            verb: "fit",
            what: "a method, and the configuration file does not name one in its `[suffit]` table",
            example: format!("suffit fit METHOD --config {given}"),
        }
        .into()),
    }
}

/// Goes on with a stopped run: configuration, seed and data are those of its record.
fn resume(args: &Args, name: &str, session: &Session) -> Result<Reply> {
    let path = Run::find(&session.runs, name)?;
    let before = Run::open(&path)?;
    let info = before.info();
    if let Some(given) = &args.method
        && *given != info.method
    {
        return Err(CliError::Conflict {
            first: given.clone(),
            second: format!("--resume {name}"),
            why: "the run belongs to another method",
            hint: record::resume_command(info, &path),
        }
        .into());
    }
    if record::is_demonstration(info) {
        return Err(CliError::Conflict {
            first: "fit".to_owned(),
            second: format!("--resume {name}"),
            why: "the run belongs to `suffit quickstart`",
            hint: record::resume_command(info, &path),
        }
        .into());
    }
    let method = suffit_methods::find(&info.method)?;
    let ctx = resumed(session, info)?;
    let recorded: Value = before.read_json(suffit_core::run::file::DATA)?;
    let request: DataArgs = before_request(&recorded)?;
    let data = Understood::open(args.data.or(&request))?;
    same_files(&recorded, &data.files, name)?;
    let config: Value = settle_recorded(method.as_ref(), &before)?;
    method.validate(&config, &data.dataset, &ctx)?;
    drop(before);
    let run = Run::resume(&path, &ctx)?;
    data.echo(session);
    session.out.field("resume", run.path().display().to_string());
    learn(args, session, &ctx, method.as_ref(), &config, &data, run)
}

/// The context of a run that goes on: its own seed and threads unless others are given.
///
/// # Errors
/// The threads cannot be started.
pub fn resumed(session: &Session, info: &RunInfo) -> Result<Ctx> {
    let threads = session.threads.unwrap_or(info.threads);
    suffit_nn::device::set_threads(threads)?;
    Ok(Ctx { seed: session.seed.map_or(info.seed, Seed::new), threads, ..session.ctx.clone() })
}

fn before_request(recorded: &Value) -> Result<DataArgs> {
    let value = recorded.get("request").cloned().unwrap_or(Value::Null);
    Ok(serde_json::from_value(value).map_err(|source| CliError::Json { source })?)
}

/// The configuration of a run over the defaults, so that keys that TOML cannot hold (`null`) are
/// there again.
fn settle_recorded(method: &dyn AnyMethod, run: &Run) -> Result<Value> {
    let mut config = method.default_config();
    suffit_core::config::layer(&mut config, &run.config::<Value>()?);
    method.check_config(&config)?;
    Ok(config)
}

/// The data must be the data that the run began with: a resumed run equals an uninterrupted one.
fn same_files(recorded: &Value, now: &[FileInfo], run: &str) -> Result<()> {
    let before: Vec<FileInfo> =
        recorded.get("files").cloned().and_then(|f| serde_json::from_value(f).ok()).unwrap_or_default();
    let digest = |files: &[FileInfo], i: usize| files.get(i).map_or_else(|| "none".to_owned(), |f| f.digest.clone());
    for i in 0..before.len().max(now.len()) {
        let (got, expected) = (digest(now, i), digest(&before, i));
        if got != expected {
            let path = now.get(i).or(before.get(i)).map_or_else(String::new, |f| f.path.display().to_string());
            return Err(CliError::DataChanged { path, run: run.to_owned(), got, expected }.into());
        }
    }
    Ok(())
}

/// Fits inside the run, and ends it.
fn learn(
    args: &Args,
    session: &Session,
    ctx: &Ctx,
    method: &dyn AnyMethod,
    config: &Value,
    data: &Understood,
    run: Run,
) -> Result<Reply> {
    let run = if args.log.is_some() { run.with_tensorboard() } else { run };
    let resume = record::resume_command(run.info(), run.path());
    let work = Work { verb: "fit", method, ctx, resume };
    let Ended { outcome, run, report } =
        finish(&work, session, run, |run| method.fit(config, &data.dataset, run, ctx), args.open)?;
    // A fit that ends has done its work whatever the answer: the answer decides the exit code of
    // `audit`, not of `fit`.
    let path = show::absolute(run.path());
    Ok(Reply::ok(
        "fit",
        json!({"method": method.slug(), "run": path, "id": run.info().id, "report": report, "outcome": outcome}),
    ))
}

/// What is done inside a run.
pub struct Work<'a> {
    /// The verb, for the document.
    pub verb: &'static str,
    /// The method.
    pub method: &'a dyn AnyMethod,
    /// The context.
    pub ctx: &'a Ctx,
    /// The command that goes on after an interruption.
    pub resume: String,
}

/// A run that ended well.
pub struct Ended {
    /// What it reached.
    pub outcome: Outcome,
    /// The run.
    pub run: Run,
    /// Its report.
    pub report: PathBuf,
}

/// Does the work inside the run, writes the report, ends the run, shows what came out.
///
/// # Errors
/// Those of the work; the run then says how it ended.
pub fn finish(
    work: &Work,
    session: &Session,
    mut run: Run,
    fit: impl FnOnce(&Run) -> Result<Outcome>,
    open: bool,
) -> Result<Ended> {
    session.log.attach(run.path())?;
    session.out.field("run", run.path().display().to_string());
    let fitted = fit(&run).and_then(|outcome| {
        write_report(work.method, &run)?;
        Ok(outcome)
    });
    if let Err(error) = &fitted {
        tracing::error!(target: crate::log::SHOWN, code = error.code(), "{error}");
    }
    session.log.detach();
    let outcome = fitted.map_err(|error| stopped(error, &mut run, work))?;
    run.finish(Status::Complete, None, 0, work.ctx)?;
    let report = show::absolute(&run.path().join("report.html"));
    show::outcome(session, &outcome);
    show::ending(session, Some(&report), &outcome.next);
    if open {
        browser::open(&report)?;
    }
    Ok(Ended { outcome, run, report })
}

fn write_report(method: &dyn AnyMethod, run: &Run) -> Result<()> {
    let document = record::document(method, run)?;
    run.write_text("report.html", &suffit_report::html(&document))
}

/// Records how a run ended that did not end well; the first error is the one to tell.
fn stopped(error: Error, run: &mut Run, work: &Work) -> Error {
    let status = if error.family() == Family::Interrupted { Status::Interrupted } else { Status::Failed };
    let at = match error.downcast_ref::<CommonError>() {
        Some(CommonError::Interrupted { at, .. }) => Some(at.clone()),
        _ => None,
    };
    if let Err(second) = run.finish(status, at.as_deref(), error.family().exit().code(), work.ctx) {
        tracing::warn!(%second, "the end of the run could not be recorded");
    }
    if status == Status::Interrupted {
        let at = at.unwrap_or_else(|| "a safe point".to_owned());
        return CommonError::Interrupted { at, resume: Some(work.resume.clone()) }.into();
    }
    error
}
