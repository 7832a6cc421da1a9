//! `suffit quickstart`: the whole product on real data, with no set-up.
//!
//! Six feature views of handwritten digits: is the product of the present representations enough
//! to name the digit and to find the missing view? Completing the demonstration is success,
//! whatever the answer.

use std::path::PathBuf;

use serde_json::{Value, json};
use suffit_core::run::{Run, RunSpec};
use suffit_core::{AnyMethod, Ctx, Result, units};
use suffit_methods::symile::{SymileConfig, digits};

use super::Reply;
use super::fit::{Ended, Work, finish};
use crate::failure::CliError;
use crate::flags::DataArgs;
use crate::plan::Understood;
use crate::settings::Session;

/// The method of the demonstration.
const SLUG: &str = "symile";

/// See the whole product on real data in a few minutes
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  suffit quickstart --open")]
pub struct Args {
    /// Folder of the run, new or empty [default: a fresh name in the runs folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with a demonstration that was stopped or killed
    #[arg(long, value_name = "RUN", conflicts_with = "out")]
    resume: Option<String>,
    /// Open the report at the end
    #[arg(long)]
    open: bool,
}

impl Args {
    /// Whether a stopped demonstration goes on; it brings its own number of threads.
    pub fn resumes(&self) -> bool {
        self.resume.is_some()
    }
}

/// Runs the demonstration.
///
/// # Errors
/// A folder that cannot be written; an interruption names the command that goes on.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let method = suffit_methods::find(SLUG)?;
    let config = digits::config();
    let value = serde_json::to_value(&config).map_err(|source| CliError::Json { source })?;
    let data = understood()?;
    data.echo(session);
    let (run, ctx) = match &args.resume {
        Some(name) => {
            let path = Run::find(&session.runs, name)?;
            let ctx = super::fit::resumed(session, Run::open(&path)?.info())?;
            (Run::resume(&path, &ctx)?, ctx)
        }
        None => (create(args, session, &value, &data)?, session.ctx.clone()),
    };
    plan(method.as_ref(), &value, &data, session, &ctx)?;
    let resume = crate::record::resume_command(run.info(), run.path());
    let work = Work { verb: "quickstart", method: method.as_ref(), ctx: &ctx, resume };
    let fit = |run: &Run| digits::demonstrate(&typed(run)?, run, &ctx);
    let Ended { outcome, run, report } = finish(&work, session, run, fit, args.open)?;
    Ok(Reply::ok(
        work.verb,
        json!({
            "method": SLUG, "run": crate::show::absolute(run.path()), "id": run.info().id, "report": report, "outcome": outcome,
        }),
    ))
}

/// Says what will be done and what it costs: two fits on three views, two on six.
fn plan(method: &dyn AnyMethod, config: &Value, data: &Understood, session: &Session, ctx: &Ctx) -> Result<()> {
    let three = method.estimate(config, &data.dataset, ctx)?;
    let six = method.estimate(config, &suffit_data::bundle::open("digits")?, ctx)?;
    session.out.field(
        "plan",
        format!(
            "symile and the pairwise baseline on three views and on six · at most {} steps each · about {}, {} of memory",
            units::count(three.steps.max(six.steps)),
            units::seconds(2.0 * (three.seconds + six.seconds)),
            units::bytes(three.memory_bytes.max(six.memory_bytes)),
        ),
    );
    Ok(())
}

/// The configuration that the run was made with.
fn typed(run: &Run) -> Result<SymileConfig> {
    run.config()
}

/// The bundled digits with the roles of the demonstration.
fn understood() -> Result<Understood> {
    let args = DataArgs { data: vec!["bundled:digits".to_owned()], ..DataArgs::default() };
    let args = DataArgs { view: digits::THREE.iter().map(|v| format!("{v}={v}_*")).collect(), ..args };
    let opened = Understood::open(args)?;
    Ok(Understood { dataset: digits::dataset()?, ..opened })
}

fn create(args: &Args, session: &Session, config: &Value, data: &Understood) -> Result<Run> {
    let spec = RunSpec {
        method: SLUG.to_owned(),
        config: config.clone(),
        argv: session.argv.clone(),
        data: data.record(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("SUFFIT_COMMIT").map(str::to_owned),
    };
    super::fit::create(&spec, args.out.as_deref(), session)
}
