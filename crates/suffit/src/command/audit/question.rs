//! A question about data: does z keep what x knows about y?

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use suffit_core::run::RunSpec;
use suffit_core::{AnyMethod, Dataset, Exit, FileInfo, Result, Role, Run, units};
use suffit_data::source::{Beside, Held, Part, names};
use suffit_methods::audit::{self, AuditConfig};

use super::roles::{Asked, RoleArgs, open, shown};
use crate::command::Reply;
use crate::command::fit::{Work, create, finish};
use crate::failure::CliError;
use crate::flags::{ConfigArgs, DataArgs};
use crate::settings::Session;
use crate::{settle, show};

/// How the question is put.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Question")]
pub struct AskArgs {
    #[command(flatten)]
    pub(super) roles: RoleArgs,
    /// Apply this run to the data, and audit what it gives
    #[arg(long, value_name = "RUN")]
    pub(super) z_run: Option<String>,
    /// What y is: auto real label ordinal distribution spd sphere composition graph string distance
    #[arg(long, value_name = "KIND")]
    y_kind: Option<String>,
    /// Distance between two objects of y [default: that of the kind]
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// Points at which densities are given: `0..100` or `a,b,c`
    #[arg(long, value_name = "POINTS")]
    grid: Option<String>,
    /// Level of the test and of the one-sided limits [default: 0.05]
    #[arg(long, value_name = "SHARE")]
    alpha: Option<f64>,
    /// Answers that make the exit code differ from 0: not-enough, undecided [default: both]
    #[arg(long, value_name = "ANSWER", value_delimiter = ',', value_parser = ["not-enough", "undecided", "never"])]
    fail_on: Vec<String>,
    /// Folder of the run that keeps the audit [default: a fresh name in the runs folder]
    #[arg(long, value_name = "DIR", visible_alias = "report")]
    out: Option<PathBuf>,
    /// Print what would be done and what it costs; write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

impl AskArgs {
    /// Whether a side of the question was typed.
    pub fn is_asked(&self) -> bool {
        let r = &self.roles;
        r.x.is_some() || r.y.is_some() || r.w.is_some() || !r.z.is_empty() || self.z_run.is_some()
    }
}

/// Asks, keeps the record in a run, shows the answer.
///
/// # Errors
/// Usage, configuration and data causes; an interruption.
pub fn run(args: &AskArgs, data: &DataArgs, tolerance: Option<f64>, session: &Session) -> Result<Reply> {
    let method = suffit_methods::find("audit")?;
    let config = settings(args, tolerance, method.as_ref())?;
    let typed: AuditConfig = suffit_core::config::from_value(&config)?;
    let mut asked = open(&args.roles, data, args.z_run.is_none())?;
    if let Some(name) = &args.z_run {
        with_run(&mut asked, name, session)?;
    }
    echo(&asked, session);
    let cost = method.estimate(&config, &asked.dataset, &session.ctx)?;
    let plan = format!("audit · about {}, {} of memory", units::seconds(cost.seconds), units::bytes(cost.memory_bytes));
    session.out.field("plan", plan);
    let files = asked.dataset.source.files()?;
    let recorded = record(&asked, &files);
    if args.dry_run {
        method.validate(&config, &asked.dataset, &session.ctx)?;
        return Ok(Reply::ok("audit", json!({"dry_run": true, "data": recorded, "config": config, "cost": cost})));
    }
    method.validate(&config, &asked.dataset, &session.ctx)?;
    let spec = RunSpec {
        method: method.slug().to_owned(),
        config: config.clone(),
        argv: session.argv.clone(),
        data: recorded.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("SUFFIT_COMMIT").map(str::to_owned),
    };
    let run = create(&spec, args.out.as_deref(), session)?;
    let work = Work { verb: "audit", method: method.as_ref(), ctx: &session.ctx, resume: session.argv.join(" ") };
    let mut found = None;
    let ended = finish(
        &work,
        session,
        run,
        |run| {
            let record = audit::ask(&typed, &asked.dataset, &session.ctx)?;
            let outcome = audit::keep(&record, run)?;
            audit::lost(&record).iter().for_each(|line| session.out.field("lost", line));
            found = Some(record);
            Ok(outcome)
        },
        false,
    )?;
    let Some(found) = found else {
        return Err(suffit_core::error::CommonError::bug("an audit without a record").into());
    };
    if let Some(more) = &found.verdict.would_decide {
        session.out.field("decides", more);
    }
    let exit = exit(args, found.verdict.answer.exit());
    Ok(Reply::new(
        "audit",
        exit,
        json!({
            "method": method.slug(), "run": show::absolute(ended.run.path()), "report": ended.report, "data": recorded,
            "config": config, "verdict": found.verdict, "verdicts": found.verdicts, "shares": found.shares,
            "evidence": found.evidence,
        }),
    ))
}

fn exit(args: &AskArgs, answer: Exit) -> Exit {
    let asked = |name: &str| args.fail_on.is_empty() || args.fail_on.iter().any(|f| f == name);
    match answer {
        Exit::NotEnough if !asked("not-enough") => Exit::Ok,
        Exit::Undecided if !asked("undecided") => Exit::Ok,
        other => other,
    }
}

/// Defaults < preset < file < environment < `--set` < the flags of the verb.
fn settings(args: &AskArgs, tolerance: Option<f64>, method: &dyn AnyMethod) -> Result<Value> {
    let file = args.config.config.as_deref().map(settle::read).transpose()?;
    let mut value = settle::settle(method, &args.config, file.as_ref())?.value;
    let (mut top, mut y) = (Map::new(), Map::new());
    let texts = [("kind", &args.y_kind), ("metric", &args.metric), ("grid", &args.grid)];
    for (key, text) in texts {
        if let Some(text) = text {
            y.insert(key.to_owned(), text.clone().into());
        }
    }
    for (key, number) in [("tolerance", tolerance), ("alpha", args.alpha)] {
        if let Some(number) = number {
            top.insert(key.to_owned(), number.into());
        }
    }
    top.insert("y".to_owned(), Value::Object(y));
    suffit_core::config::layer(&mut value, &Value::Object(top));
    method.check_config(&value)?;
    Ok(value)
}

/// What was understood: the columns chosen, and why where they were guessed.
fn echo(asked: &Asked, session: &Session) {
    let rows = asked.dataset.source.rows().map(|r| format!(" · {} rows", units::count(r))).unwrap_or_default();
    session.out.field("data", format!("{}{rows}", asked.dataset.name));
    for (role, columns) in asked.dataset.roles.iter() {
        let subject = role.to_string();
        let guess = asked
            .decisions
            .iter()
            .find(|d| !d.given && (d.subject == subject || subject.starts_with(&format!("{}:", d.subject))));
        let why = guess.map(|d| format!("   guessed: {}", d.reason)).unwrap_or_default();
        let name = subject.strip_prefix("view:").unwrap_or(&subject);
        session.out.field("", format!("{name} {}{why}", shown(columns)));
    }
    for d in asked.decisions.iter().filter(|d| !d.given && d.subject == "key") {
        session.out.field("", format!("key {}   guessed: {}", d.choice, d.reason));
    }
}

fn record(asked: &Asked, files: &[FileInfo]) -> Value {
    let roles: Map<String, Value> =
        asked.dataset.roles.iter().map(|(role, columns)| (role.to_string(), json!(columns))).collect();
    json!({
        "request": asked.args, "name": asked.dataset.name, "kind": asked.dataset.kind,
        "rows": asked.dataset.source.rows(), "files": files, "roles": roles, "decisions": asked.decisions,
    })
}

/// Applies a run to the data and puts its output beside them as a representation.
fn with_run(asked: &mut Asked, name: &str, session: &Session) -> Result<()> {
    let path = Run::find(&session.runs, name)?;
    let run = Run::open(&path)?;
    let method = suffit_methods::find(&run.info().method)?;
    let like = crate::command::apply::like_the_run(asked.args.clone(), &run)?;
    let (input, _) = suffit_data::open(&like.request()?)?;
    let mut sink = Collect(Vec::new());
    method.apply(&run, &input, &json!({}), &mut sink, &session.ctx)?;
    let Some(first) = sink.0.first() else {
        return Err(CliError::Missing {
            verb: "audit",
            what: "rows that the run can be applied to",
            example: "suffit audit --z-run latest --data FILE --y COLUMN".to_owned(),
        }
        .into());
    };
    let held = Held::new(name, &first.schema(), &sink.0, Vec::new())?;
    beside(&mut asked.dataset, name, held)
}

/// Puts the numeric columns of `held` beside the data, bound as `z:NAME`.
fn beside(data: &mut Dataset, name: &str, held: Held) -> Result<()> {
    let old = names(&data.source.schema());
    let schema = held.batch().schema();
    let numeric = |c: &String| {
        schema.field_with_name(c).is_ok_and(|f| {
            use arrow_schema::DataType as T;
            matches!(f.data_type(), T::Float32 | T::Float64 | T::FixedSizeList(..))
        })
    };
    let new: Vec<(String, String)> = names(&schema)
        .into_iter()
        .filter(|c| numeric(c) && !old.contains(c))
        .map(|c| (c.clone(), format!("{name}.{c}")))
        .collect();
    let bound: Vec<String> = new.iter().map(|(_, here)| here.clone()).collect();
    let same = old.into_iter().map(|c| (c.clone(), c)).collect();
    let parts = vec![
        Part { label: data.name.clone(), source: data.source.clone(), columns: same },
        Part { label: name.to_owned(), source: Arc::new(held), columns: new },
    ];
    data.source = Arc::new(Beside::new(parts)?);
    data.roles.bind(Role::View(format!("z:{name}")), bound);
    Ok(())
}

struct Collect(Vec<arrow_array::RecordBatch>);

impl suffit_core::method::Sink for Collect {
    fn write(&mut self, batch: &arrow_array::RecordBatch) -> Result<()> {
        self.0.push(batch.clone());
        Ok(())
    }
}
