//! The contract of a method, its erased form, and the words around it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ctx::Ctx;
use crate::dataset::{Dataset, Kind};
use crate::error::{CommonError, Result};
use crate::run::Run;
use crate::verdict::Verdict;

/// What a method is, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodCard {
    /// Short name used on the command line.
    pub slug: &'static str,
    /// Full title.
    pub title: &'static str,
    /// One line: what it does for a user.
    pub purpose: &'static str,
    /// Family: `summarise`, `perceive`, `diagnose` or `license`.
    pub family: &'static str,
    /// Paper, with year and identifier.
    pub paper: &'static str,
    /// Verbs it supports, of `fit apply audit report reproduce`.
    pub verbs: &'static [&'static str],
    /// Shown by `describe`: a command that works as it stands.
    pub example: &'static str,
}

/// Data sets that a method takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accepts {
    /// Kinds.
    pub kinds: Vec<Kind>,
    /// Roles in words, such as `view:NAME (two or more)`; required ones first.
    pub required: Vec<&'static str>,
    /// Optional roles.
    pub optional: Vec<&'static str>,
}

/// What a fit will cost, told before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Seconds on this machine with the context's threads (an estimate).
    pub seconds: f64,
    /// Peak memory in bytes.
    pub memory_bytes: u64,
    /// Disk in bytes.
    pub disk_bytes: u64,
    /// Optimisation steps, at most.
    pub steps: u64,
}

/// A named value with baselines, for the result table on the terminal.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct ResultRow {
    /// What was measured.
    pub name: String,
    /// The value.
    pub value: f64,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Baselines by column name (`chance`, `pairwise`, …), in column order.
    pub baselines: Vec<(String, f64)>,
}

/// What a fit reached.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Outcome {
    /// The table.
    pub results: Vec<ResultRow>,
    /// Heading of the first column and name of the value, such as `("find the view", "top-1")`.
    pub heading: (String, String),
    /// The answer, if the verb asks one.
    pub verdict: Option<Verdict>,
    /// One line in words.
    pub sentence: String,
    /// The command to type next.
    pub next: String,
}

/// What `apply` wrote.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Applied {
    /// Rows written.
    pub rows: u64,
    /// Files written.
    pub files: Vec<PathBuf>,
    /// One line in words.
    pub sentence: String,
}

/// Receives the record batches that `apply` makes; the writers of `suffit-data` implement it.
pub trait Sink {
    /// One batch; all batches have the schema of the first.
    ///
    /// # Errors
    /// I/O.
    fn write(&mut self, batch: &arrow_array::RecordBatch) -> Result<()>;
}

/// Which cells of a paper's tables to reproduce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReproduceRequest {
    /// Table name, or all.
    pub table: Option<String>,
    /// A smaller version that ends sooner; says so in its output.
    pub quick: bool,
    /// Number of seeds.
    pub seeds: usize,
    /// Folder with data that is not bundled.
    pub data: Option<PathBuf>,
    /// Where finished cells are kept, so that a killed reproduction goes on.
    pub out: PathBuf,
}

/// A table that a method can reproduce.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableCard {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Data it needs that is not bundled, and where it comes from.
    pub needs: Option<&'static str>,
    /// About how long it takes, in seconds: (quick, whole).
    pub seconds: (f64, f64),
}

/// One cell of a reproduced table.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Cell {
    /// Table name.
    pub table: String,
    /// Row and column in words, such as `p=0.5` and `Symile`.
    pub row: String,
    /// Column.
    pub column: String,
    /// Value by seed.
    pub values: Vec<f64>,
    /// Expected value with its source (`derived`, `paper`, `specification`), where there is one.
    pub expected: Option<(f64, String)>,
    /// Accepted distance from the expected value, or bound as `>= x`.
    pub tolerance: Option<f64>,
    /// True/false when judged; absent for context such as baselines.
    pub pass: Option<bool>,
    /// A remark, such as `2 of 10 seeds stuck`.
    pub note: String,
}

/// What `reproduce` gives back.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Reproduction {
    /// The method.
    pub method: String,
    /// Cells in order.
    pub cells: Vec<Cell>,
    /// Report document as JSON (the format of `suffit-report`).
    pub document: Value,
}

/// A verb that a method adds to the command line: `suffit SLUG VERB …`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Its arguments, positional ones in order.
    pub arguments: &'static [Argument],
    /// A command that works as it stands.
    pub example: &'static str,
}

/// How an argument of a method's own verb is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// `--name VALUE`, must be there.
    Required,
    /// `--name VALUE`, may be there.
    Optional,
    /// `--name VALUE`, any number of times; the verb gets one pair for each.
    Repeated,
    /// `--name`; the verb gets the value `true`.
    Switch,
    /// A value by its place, must be there.
    Place,
    /// A value by its place, may be there.
    PlaceMaybe,
    /// One or more values by their place.
    Places,
}

/// An argument of a method's own verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its name: of the flag, or of the place in the help.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// How it is given.
    pub given: Given,
}

impl Argument {
    /// An argument.
    pub const fn new(name: &'static str, given: Given, help: &'static str) -> Self {
        Argument { name, help, given }
    }
}

/// What a method's own verb gives back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerbResult {
    /// One JSON document.
    pub json: Value,
    /// The same for people.
    pub text: String,
    /// The answer, if the verb asks one; decides the exit code.
    pub verdict: Option<Verdict>,
    /// The exit code where no verdict decides it; `Ok` when absent.
    #[serde(skip)]
    pub exit: Option<crate::error::Exit>,
}

/// A configuration: typed, with defaults, a schema and its own checks.
pub trait Config: Serialize + DeserializeOwned + Default + schemars::JsonSchema + Clone + Send + Sync {
    /// Changes that a named preset makes, as a JSON object merged over the defaults.
    fn preset(name: &str) -> Option<Value> {
        (name == "fast" || name == "best" || name == "paper").then(|| Value::Object(serde_json::Map::new()))
    }

    /// Checks that do not need data.
    ///
    /// # Errors
    /// A cause that names the key, what it holds and what was expected.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// A method. Verbs that a method does not have keep their default, which answers `Unsupported`.
pub trait Method: Send + Sync + 'static {
    /// Name on the command line.
    const SLUG: &'static str;
    /// Its configuration.
    type Config: Config;

    /// What it is.
    fn card() -> MethodCard;
    /// What it takes.
    fn accepts() -> Accepts;

    /// Checks configuration and data against each other, before anything is written.
    ///
    /// # Errors
    /// Named causes with file, row and column.
    fn validate(config: &Self::Config, data: &Dataset, ctx: &Ctx) -> Result<()>;

    /// What `fit` will cost.
    ///
    /// # Errors
    /// As `validate`.
    fn estimate(config: &Self::Config, data: &Dataset, ctx: &Ctx) -> Result<Cost>;

    /// Learns from data inside `run`: checkpoints, metrics, model, card. Goes on from the newest
    /// checkpoint of `run` when there is one.
    ///
    /// # Errors
    /// Data, resource and interruption causes.
    fn fit(config: &Self::Config, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome>;

    /// Applies a finished run to new data; `options` is the method's own JSON object.
    ///
    /// # Errors
    /// Data and format causes.
    fn apply(_run: &Run, _data: &Dataset, _options: &Value, _sink: &mut dyn Sink, _ctx: &Ctx) -> Result<Applied> {
        Err(CommonError::Unsupported { method: Self::SLUG, verb: "apply", reason: "it keeps no model" }.into())
    }

    /// Is it enough? Evidence from data not used in fit.
    ///
    /// # Errors
    /// Data causes.
    fn audit(_run: Option<&Run>, _data: &Dataset, _options: &Value, _ctx: &Ctx) -> Result<Verdict> {
        Err(CommonError::Unsupported { method: Self::SLUG, verb: "audit", reason: "it asks no question of given data" }
            .into())
    }

    /// The report of a run as a JSON document in the format of `suffit-report`.
    ///
    /// # Errors
    /// I/O and format causes.
    fn report(run: &Run) -> Result<Value>;

    /// Tables that can be reproduced.
    fn tables() -> Vec<TableCard> {
        Vec::new()
    }

    /// Reproduces the paper's tables.
    ///
    /// # Errors
    /// Missing data, interruption.
    fn reproduce(_request: &ReproduceRequest, _ctx: &Ctx) -> Result<Reproduction> {
        Err(CommonError::Unsupported { method: Self::SLUG, verb: "reproduce", reason: "it has no tables yet" }.into())
    }

    /// Verbs of its own.
    fn verbs() -> Vec<Verb> {
        Vec::new()
    }

    /// Runs a verb of its own with its arguments.
    ///
    /// # Errors
    /// The verb's causes.
    fn run_verb(_name: &str, _arguments: &[(String, String)], _ctx: &Ctx) -> Result<VerbResult> {
        Err(CommonError::Unsupported { method: Self::SLUG, verb: "this verb", reason: "it adds no verbs of its own" }
            .into())
    }

    /// A golden check by stem (`loss_n`, …): compares public functions with one vector file.
    ///
    /// # Errors
    /// A stem or key that is not known, a file that cannot be read.
    fn golden(stem: &str, case: &Value, data: &std::path::Path) -> Result<Vec<crate::golden::GoldenCase>>;
}

/// What the command line, the tests and later the server and Python hold: JSON and Arrow only.
#[allow(missing_docs)] // each function is documented at `Method`
pub trait AnyMethod: Send + Sync {
    fn slug(&self) -> &'static str;
    fn card(&self) -> MethodCard;
    fn accepts(&self) -> Accepts;
    fn schema(&self) -> Value;
    fn default_config(&self) -> Value;
    fn preset(&self, name: &str) -> Option<Value>;
    fn check_config(&self, config: &Value) -> Result<()>;
    fn validate(&self, config: &Value, data: &Dataset, ctx: &Ctx) -> Result<()>;
    fn estimate(&self, config: &Value, data: &Dataset, ctx: &Ctx) -> Result<Cost>;
    fn fit(&self, config: &Value, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome>;
    fn apply(&self, run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied>;
    fn audit(&self, run: Option<&Run>, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict>;
    fn report(&self, run: &Run) -> Result<Value>;
    fn tables(&self) -> Vec<TableCard>;
    fn reproduce(&self, request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction>;
    fn verbs(&self) -> Vec<Verb>;
    fn run_verb(&self, name: &str, arguments: &[(String, String)], ctx: &Ctx) -> Result<VerbResult>;
    fn golden(&self, stem: &str, case: &Value, data: &std::path::Path) -> Result<Vec<crate::golden::GoldenCase>>;
}

/// The one wrapper from typed to erased.
struct Erased<M>(std::marker::PhantomData<fn() -> M>);

/// Erases the types of a method.
pub fn erase<M: Method>() -> Arc<dyn AnyMethod> {
    Arc::new(Erased::<M>(std::marker::PhantomData))
}

fn typed<C: Config>(config: &Value) -> Result<C> {
    crate::config::from_value(config)
}

impl<M: Method> AnyMethod for Erased<M> {
    fn slug(&self) -> &'static str {
        M::SLUG
    }
    fn card(&self) -> MethodCard {
        M::card()
    }
    fn accepts(&self) -> Accepts {
        M::accepts()
    }
    fn schema(&self) -> Value {
        crate::config::schema_of::<M::Config>()
    }
    fn default_config(&self) -> Value {
        serde_json::to_value(M::Config::default()).unwrap_or(Value::Null)
    }
    fn preset(&self, name: &str) -> Option<Value> {
        M::Config::preset(name)
    }
    fn check_config(&self, config: &Value) -> Result<()> {
        typed::<M::Config>(config)?.check()
    }
    fn validate(&self, config: &Value, data: &Dataset, ctx: &Ctx) -> Result<()> {
        M::validate(&typed(config)?, data, ctx)
    }
    fn estimate(&self, config: &Value, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
        M::estimate(&typed(config)?, data, ctx)
    }
    fn fit(&self, config: &Value, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
        M::fit(&typed(config)?, data, run, ctx)
    }
    fn apply(&self, run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
        M::apply(run, data, options, sink, ctx)
    }
    fn audit(&self, run: Option<&Run>, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
        M::audit(run, data, options, ctx)
    }
    fn report(&self, run: &Run) -> Result<Value> {
        M::report(run)
    }
    fn tables(&self) -> Vec<TableCard> {
        M::tables()
    }
    fn reproduce(&self, request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
        M::reproduce(request, ctx)
    }
    fn verbs(&self) -> Vec<Verb> {
        M::verbs()
    }
    fn run_verb(&self, name: &str, arguments: &[(String, String)], ctx: &Ctx) -> Result<VerbResult> {
        M::run_verb(name, arguments, ctx)
    }
    fn golden(&self, stem: &str, case: &Value, data: &std::path::Path) -> Result<Vec<crate::golden::GoldenCase>> {
        M::golden(stem, case, data)
    }
}
