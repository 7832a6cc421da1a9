//! Development tasks: `cargo xtask ci | golden | gen | rules | new-method`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a task runner talks to its terminal

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod ci;
mod generate;
mod golden;
mod new_method;
mod rules;
mod workspace;

/// Development tasks of suffit.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// All checks and tests, in the order in which failures are cheapest.
    Ci {
        /// Leave out a step (may be repeated); `--list` shows their names.
        #[arg(long, value_name = "STEP")]
        skip: Vec<String>,
        /// Run only this step (may be repeated).
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
        /// List the steps and stop.
        #[arg(long)]
        list: bool,
    },
    /// Compare a method with the vectors of a folder: one line a case, then `N passed, N failed`.
    Golden {
        /// The method.
        slug: String,
        /// Folder with `.json` and `.safetensors` vectors.
        folder: PathBuf,
        /// Folder with the data sets that some checks read.
        #[arg(long, default_value = "../shared/data")]
        data: PathBuf,
    },
    /// Write the generated files: schemas, command-line reference, table of methods.
    Gen {
        /// Fail when a file on disk differs, write nothing.
        #[arg(long)]
        check: bool,
    },
    /// Check who depends on whom, where files are opened and where `unsafe` stands.
    Rules,
    /// Make the folder of a new method: it compiles and passes the contract.
    NewMethod {
        /// Slug: lower-case letters, digits and `-`.
        slug: String,
        /// Title shown to people.
        #[arg(long)]
        title: Option<String>,
    },
    /// Make a method in a copy of the workspace and run its contract: the recipe stays true.
    CheckTemplate,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().task {
        Task::Ci { skip, only, list } => ci::run(&skip, &only, list),
        Task::Golden { slug, folder, data } => golden::run(&slug, &folder, &data),
        Task::Gen { check } => generate::run(check),
        Task::Rules => rules::run(),
        Task::NewMethod { slug, title } => new_method::run(&workspace::root()?, &slug, title.as_deref()),
        Task::CheckTemplate => new_method::check_template(),
    }
}
