//! The command line: one definition per flag; flags that several verbs share live in one struct.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::command;

/// Shown under the help of the program.
const EXIT_CODES: &str = "\
Exit codes:
    0  done, or the audit answered \"enough\"
    1  the audit answered \"not enough\"
    2  the command line or a configuration value is wrong
    3  the data or a file's format is wrong
    4  input/output failed, or memory or disk ran out
    6  undecided: the data cannot tell
   70  a bug in suffit: please report it
  130  stopped by Ctrl-C; a checkpoint was written

Environment:
  SUFFIT_RUNS, SUFFIT_SEED, SUFFIT_THREADS  like --runs, --seed, --threads
  SUFFIT_LOG                                log filter, such as `debug` or `suffit_nn=trace`
  SUFFIT_TRAIN__EPOCHS=20                   a configuration key, here `train.epochs`
  NO_COLOR, CLICOLOR_FORCE, TERM=dumb       colour off, on, off

First steps:
  suffit quickstart
  suffit example digits.parquet
  suffit fit symile --data digits.parquet --dry-run";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "suffit",
    version,
    about = "Learn representations and find out whether they are enough for the job",
    after_help = EXIT_CODES,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Flags of every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Print exactly one JSON document on standard output
    #[arg(long, global = true, conflicts_with = "json_lines")]
    pub json: bool,
    /// Print events as JSON lines on standard output, the result last
    #[arg(long, global = true)]
    pub json_lines: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Print the answer only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more on standard error; repeat for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Root of all randomness [default: 0]
    #[arg(long, global = true, value_name = "N", env = "SUFFIT_SEED", hide_env = true)]
    pub seed: Option<u64>,
    /// Worker threads [default: all cores]
    #[arg(long, global = true, value_name = "N", env = "SUFFIT_THREADS", hide_env = true)]
    pub threads: Option<NonZeroUsize>,
    /// Folder that holds the runs
    #[arg(long, global = true, value_name = "DIR", env = "SUFFIT_RUNS", hide_env = true, default_value = "runs")]
    pub runs: PathBuf,
}

/// The verbs, in the order in which a newcomer meets them.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// See the whole product on real data in a few minutes
    Quickstart(command::quickstart::Args),
    /// Learn from data: makes a run
    Fit(command::fit::Args),
    /// Apply a run to other data
    Apply(command::apply::Args),
    /// Ask whether what was kept is enough: the answer is also the exit code
    Audit(Box<command::audit::Args>),
    /// Measure how two sets of columns depend on one another, and test it
    Dependence(command::dependence::Args),
    /// Write the report of a run: one HTML file that opens offline
    Report(command::report::Args),
    /// Reproduce the tables of a method's paper
    Reproduce(command::reproduce::Args),
    /// List the methods
    List(command::list::Args),
    /// Describe a method: what it takes, what it offers, its configuration
    Describe(command::describe::Args),
    /// Write a starter configuration for your data
    New(command::new::Args),
    /// Check the environment and, if given, data
    Check(command::check::Args),
    /// Print the JSON Schema of a configuration or of a verdict
    Schema(command::schema::Args),
    /// Write a small bundled data set, to try every command on
    Example(command::example::Args),
    /// List, show and verify runs
    Runs(command::runs::Args),
}
