//! Logs: for people on standard error, in full as JSON into the run's `log.jsonl`.
//!
//! Until a run exists its lines wait in memory, so that the file also tells what led to the run.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use suffit_core::Result;
use suffit_core::error::CommonError;
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::failure::CliError;

/// Events that the progress display shows already; they go to the file only.
pub const SHOWN: &str = "suffit::shown";

/// At most this much waits in memory for a run.
const WAITING_BYTES: usize = 1 << 20;

/// The JSON log: memory first, then a file.
#[derive(Debug, Clone, Default)]
pub struct RunLog(Arc<Mutex<Target>>);

#[derive(Debug)]
enum Target {
    Waiting(Vec<u8>),
    File(File),
    Closed,
}

impl Default for Target {
    fn default() -> Self {
        Target::Waiting(Vec::new())
    }
}

impl RunLog {
    /// From now on, lines go to `log.jsonl` in `folder`; what waited is written first.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn attach(&self, folder: &Path) -> Result<()> {
        let path = folder.join("log.jsonl");
        let io = |source| CommonError::io("write", &path, source);
        let mut file = File::options().create(true).append(true).open(&path).map_err(io)?;
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Target::Waiting(bytes) = &*target {
            file.write_all(bytes).map_err(io)?;
        }
        *target = Target::File(file);
        Ok(())
    }

    /// Ends the file, before the run's list of files with digests is made.
    pub fn detach(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Target::Closed;
    }
}

impl Write for RunLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Target::Waiting(waiting) => {
                if waiting.len() + bytes.len() <= WAITING_BYTES {
                    waiting.extend_from_slice(bytes);
                }
            }
            Target::File(file) => file.write_all(bytes)?,
            Target::Closed => {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for RunLog {
    type Writer = RunLog;

    fn make_writer(&'a self) -> RunLog {
        self.clone()
    }
}

/// Our crates at `level`, everybody else at `warn`.
fn ours(level: &str) -> String {
    let crates = ["", "_core", "_data", "_nn", "_stats", "_methods", "_report"];
    crates.iter().fold("warn".to_owned(), |all, part| format!("{all},suffit{part}={level}"))
}

/// Starts logging. `verbose` is the number of `-v`; `filter` is `SUFFIT_LOG`, which wins.
///
/// # Errors
/// [`CliError::LogFilter`].
pub fn start(verbose: u8, filter: Option<&str>, color: bool) -> Result<RunLog> {
    let parse = |text: &str| {
        EnvFilter::builder().parse(text).map_err(|e| CliError::LogFilter { got: text.to_owned(), why: e.to_string() })
    };
    let screen = match (filter, verbose) {
        (Some(text), _) => parse(text)?,
        (None, 0) => parse("error")?,
        (None, 1) => parse(&ours("info"))?,
        (None, 2) => parse(&ours("debug"))?,
        (None, _) => parse(&ours("trace"))?,
    };
    let file = match filter {
        Some(text) => parse(&format!("{},{text}", ours("info")))?,
        None if verbose > 1 => parse(&ours("debug"))?,
        None => parse(&ours("info"))?,
    };
    let log = RunLog::default();
    let not_shown = FilterFn::new(|meta| meta.target() != SHOWN);
    let people = fmt::layer().with_writer(std::io::stderr).with_ansi(color).with_target(true).without_time();
    let json = fmt::layer().json().with_writer(log.clone());
    // a second subscriber in the same process (tests) keeps the first one
    let _ = tracing_subscriber::registry()
        .with(people.with_filter(not_shown).with_filter(screen))
        .with(json.with_filter(file))
        .try_init();
    Ok(log)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_before_the_run_are_in_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RunLog::default();
        log.write_all(b"early\n").unwrap();
        log.attach(folder.path()).unwrap();
        log.write_all(b"late\n").unwrap();
        log.detach();
        log.write_all(b"after\n").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("log.jsonl")).unwrap(), "early\nlate\n");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let error = start(0, Some("suffit=lots"), false).unwrap_err();
        assert!(error.to_string().starts_with("SUFFIT_LOG holds `suffit=lots`"), "{error}");
    }
}
