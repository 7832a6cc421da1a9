//! From what was typed to what it means: output, threads, seed, folders — resolved once.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use suffit_core::{Cancel, Ctx, Device, Result, Seed, SystemClock};

use crate::args::Global;
use crate::log::RunLog;
use crate::out::{Format, Out};
use crate::paint::Paint;
use crate::progress::{self, Mode};

/// Widest text that we print.
const WIDEST: usize = 100;
/// Narrowest that the tables degrade to.
const NARROWEST: usize = 60;

/// One invocation: where to print, how to work, where runs live.
pub struct Session {
    /// Where results go.
    pub out: Arc<Out>,
    /// The context for methods.
    pub ctx: Ctx,
    /// The seed, when one was given.
    pub seed: Option<u64>,
    /// The number of threads, when one was given.
    pub threads: Option<usize>,
    /// Root folder of runs.
    pub runs: PathBuf,
    /// Number of `-v`.
    pub verbose: u8,
    /// The JSON log.
    pub log: RunLog,
    /// The command line, for the record.
    pub argv: Vec<String>,
}

impl Session {
    /// Resolves the shared flags. `out` was made from the raw arguments, before they were parsed.
    ///
    /// # Errors
    /// A log filter that cannot be read.
    pub fn new(global: &Global, out: Arc<Out>, argv: Vec<String>) -> Result<Self> {
        let filter = variable("SUFFIT_LOG");
        let log = crate::log::start(global.verbose, filter.as_deref(), out.paint_err.is_on())?;
        let clock = Arc::new(SystemClock::default());
        let ctx = Ctx {
            seed: Seed::new(global.seed.unwrap_or(0)),
            threads: global.threads.map_or_else(available_threads, std::num::NonZero::get),
            device: Device::Cpu,
            progress: progress::sink(mode(global), &out, clock.clone()),
            cancel: Cancel::default(),
            clock,
        };
        Ok(Session {
            out,
            ctx,
            seed: global.seed,
            threads: global.threads.map(std::num::NonZero::get),
            runs: global.runs.clone(),
            verbose: global.verbose,
            log,
            argv,
        })
    }
}

/// The output sink by the raw arguments, so that even a usage error obeys `--json`.
pub fn output(raw: &[String]) -> Arc<Out> {
    let given = |long: &str| raw.iter().take_while(|a| *a != "--").any(|a| a == long);
    let short_q = |a: &String| {
        a.starts_with('-') && !a.starts_with("--") && a[1..].chars().all(|c| c == 'q' || c == 'v') && a.contains('q')
    };
    let format = if given("--json") {
        Format::Json
    } else if given("--json-lines") {
        Format::JsonLines
    } else {
        Format::Human
    };
    let quiet = given("--quiet") || raw.iter().take_while(|a| *a != "--").any(short_q);
    let paint = Paint::decide(std::io::stdout().is_terminal(), variable);
    let paint_err = Paint::decide(std::io::stderr().is_terminal(), variable);
    Arc::new(Out::new(format, quiet, paint, paint_err, width()))
}

fn mode(global: &Global) -> Mode {
    if global.no_progress || global.quiet {
        Mode::Off
    } else if std::io::stderr().is_terminal() && variable("TERM").as_deref() != Some("dumb") && global.verbose == 0 {
        Mode::Bars
    } else {
        Mode::Lines
    }
}

/// `COLUMNS`, else the terminal's width, else 100; never beyond 60 to 100.
fn width() -> usize {
    let given = variable("COLUMNS").and_then(|v| v.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    given.or_else(seen).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// An environment variable, if it is set to readable text.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(raw: &[&str]) -> Format {
        output(&raw.iter().map(|&s| s.to_owned()).collect::<Vec<_>>()).format
    }

    #[test]
    fn raw_arguments_decide_the_format() {
        assert_eq!(format(&["suffit", "fit", "--json", "--nonsense"]), Format::Json);
        assert_eq!(format(&["suffit", "fit", "--json-lines"]), Format::JsonLines);
        assert_eq!(format(&["suffit", "fit", "--", "--json"]), Format::Human);
    }
}
