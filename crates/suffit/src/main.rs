//! The `suffit` command line.
//!
//! `args` holds what can be typed, `settings` what it means, `command` one file per verb, and
//! everything that is shown goes through `out`, `progress` and `failure`.

mod args;
mod browser;
mod command;
mod failure;
mod flags;
mod job;
mod log;
mod out;
mod paint;
mod panic;
mod plan;
mod progress;
mod record;
mod settings;
mod settle;
mod show;
mod signal;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use suffit_core::{Exit, Result};

use crate::args::Cli;
use crate::command::{Reply, own};
use crate::failure::CliError;
use crate::out::Out;
use crate::settings::Session;

fn main() -> ExitCode {
    let raw: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let argv: Vec<String> = raw.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let out = settings::output(&argv);
    let result = panic::guarded(|| start(raw, argv, &out));
    let mut exit = finish(&out, result);
    if let Some(error) = out.failure() {
        out.aside(&failure::human(&error, out.paint_err));
        exit = failure::exit(&error);
    }
    // exit codes lie between 0 and 130
    ExitCode::from(u8::try_from(exit.code()).unwrap_or(u8::MAX))
}

/// Shows what came out, once, and gives the exit code.
fn finish(out: &Out, result: Result<Option<Reply>>) -> Exit {
    match result {
        Ok(None) => Exit::Ok,
        Ok(Some(reply)) => {
            out.document(&reply.json);
            reply.exit
        }
        Err(error) => {
            out.document(&failure::document(&error));
            if out.format == out::Format::Human {
                out.aside(&failure::human(&error, out.paint_err));
            }
            failure::exit(&error)
        }
    }
}

/// Parses and does; `None` when the parser has answered already (`--help`, `--version`).
fn start(raw: Vec<std::ffi::OsString>, argv: Vec<String>, out: &std::sync::Arc<Out>) -> Result<Option<Reply>> {
    let methods = suffit_methods::registry();
    let parser = own::with_verbs_of(&methods, Cli::command());
    let matches = match parser.try_get_matches_from(raw) {
        Ok(matches) => matches,
        Err(error) => return refused(&error, &argv),
    };
    if let Some((method, matches)) = own::asked(&methods, &matches) {
        let (global, call) = own::parse(method, matches).map_err(|e| arguments(&e, &argv))?;
        let session = Session::new(&global, std::sync::Arc::clone(out), argv)?;
        signal::install(session.ctx.cancel.clone());
        return own::run(&call, &session).map(Some);
    }
    let cli = Cli::from_arg_matches(&matches).map_err(|e| arguments(&e, &argv))?;
    let session = Session::new(&cli.global, std::sync::Arc::clone(out), argv)?;
    signal::install(session.ctx.cancel.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), argv = ?session.argv, threads = session.ctx.threads, "begin");
    command::run(&cli.verb, &session).map(Some)
}

/// `--help` and `--version` are answers; everything else is a usage error.
fn refused(error: &clap::Error, argv: &[String]) -> Result<Option<Reply>> {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    if matches!(error.kind(), DisplayHelp | DisplayVersion) {
        return match error.print() {
            // a reader that went away is success here too
            Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Stdout { source }.into()),
            _ => Ok(None),
        };
    }
    Err(arguments(error, argv))
}

/// The parser's message in the form of all our errors: one line, one hint.
fn arguments(error: &clap::Error, argv: &[String]) -> suffit_core::Error {
    let text = error.render().to_string();
    let (mut message, mut tip) = (Vec::new(), None);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if let Some(found) = line.strip_prefix("tip: ") {
            tip.get_or_insert_with(|| found.to_owned());
        } else if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        } else {
            message.push(line.strip_prefix("error: ").unwrap_or(line).to_owned());
        }
    }
    let known = Cli::command();
    let verb = argv.iter().skip(1).find(|a| known.find_subcommand(a.as_str()).is_some());
    let help = verb.map_or_else(|| "suffit --help".to_owned(), |v| format!("suffit {v} --help"));
    if matches!(error.kind(), clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) {
        message = vec!["no command was given".to_owned()];
    }
    CliError::Arguments { message: message.join(" "), hint: tip.unwrap_or_else(|| format!("see `{help}`")) }.into()
}
