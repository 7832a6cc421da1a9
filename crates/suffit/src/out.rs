//! Where results go: one sink for standard output, so that `--json` prints exactly one document.
//!
//! A reader that went away (broken pipe) is not a failure: later writes are dropped and the work
//! goes on. Any other refusal is kept and ends the program with an I/O error.

use std::io::{ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use suffit_core::{Error, Event};
use suffit_report::{Table, terminal_line, terminal_table};

use crate::failure::CliError;
use crate::paint::Paint;

/// What is printed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Human,
    /// One JSON document at the end.
    Json,
    /// One JSON object per event, the result last.
    JsonLines,
}

/// The sink.
#[derive(Debug)]
pub struct Out {
    /// What is printed.
    pub format: Format,
    /// Only the answer.
    pub quiet: bool,
    /// Colour of standard output.
    pub paint: Paint,
    /// Colour of standard error.
    pub paint_err: Paint,
    /// Columns to use.
    pub width: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    failed: Option<std::io::Error>,
}

impl Out {
    /// A sink.
    pub fn new(format: Format, quiet: bool, paint: Paint, paint_err: Paint, width: usize) -> Self {
        Out { format, quiet, paint, paint_err, width, state: Mutex::default() }
    }

    /// One line for people; dropped when quiet.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.answer(text);
        }
    }

    /// One line for people, also when quiet.
    pub fn answer(&self, text: impl AsRef<str>) {
        if self.format == Format::Human {
            self.put(text.as_ref());
        }
    }

    /// A labelled line of the shape `data      digits.parquet · …`.
    pub fn field(&self, label: &str, text: impl AsRef<str>) {
        self.line(self.labelled(label, text.as_ref()));
    }

    /// The same, also when quiet.
    pub fn answer_field(&self, label: &str, text: impl AsRef<str>) {
        self.answer(self.labelled(label, text.as_ref()));
    }

    fn labelled(&self, label: &str, text: &str) -> String {
        let line = terminal_line(label, text, self.width);
        let line = line.trim_end();
        match line.strip_prefix(label) {
            Some(rest) => format!("{}{rest}", self.paint.bold(label)),
            None => line.to_owned(),
        }
    }

    /// A table for people, in the columns there are.
    pub fn table(&self, table: &Table) {
        self.answer(terminal_table(table, self.width, self.paint.is_on()).trim_end());
    }

    /// The one JSON document (or the last line with `--json-lines`); nothing for people.
    pub fn document(&self, value: &Value) {
        match self.format {
            Format::Human => {}
            Format::Json => match serde_json::to_string_pretty(value) {
                Ok(text) => self.put(&text),
                Err(source) => self.fail(std::io::Error::other(source)),
            },
            Format::JsonLines => {
                let kind = if value.get("error").is_some() { "error" } else { "result" };
                let inner = value.get("error").unwrap_or(value);
                self.put(&json!({"event": kind, kind: inner}).to_string());
            }
        }
    }

    /// One event as a line of JSON; only with `--json-lines`.
    pub fn event(&self, event: &Event) {
        if self.format == Format::JsonLines
            && let Ok(text) = serde_json::to_string(event)
        {
            self.put(&text);
        }
    }

    /// Tells people something on standard error.
    pub fn aside(&self, text: &str) {
        // standard error is the last resort: when it is gone there is nobody left to tell
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// The failure of standard output, if it failed other than by a reader that went away.
    pub fn failure(&self) -> Option<Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.closed
            && let Err(source) = std::io::stdout().lock().flush()
        {
            state.note(source);
        }
        state.failed.take().map(|source| CliError::Stdout { source }.into())
    }

    fn put(&self, text: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        if let Err(source) =
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush())
        {
            state.note(source);
        }
    }

    fn fail(&self, source: std::io::Error) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).note(source);
    }
}

impl State {
    fn note(&mut self, source: std::io::Error) {
        self.closed = true;
        if source.kind() != ErrorKind::BrokenPipe && self.failed.is_none() {
            self.failed = Some(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let mut s = State::default();
        s.note(std::io::Error::from(ErrorKind::BrokenPipe));
        assert!(s.closed && s.failed.is_none());
        let mut s = State::default();
        s.note(std::io::Error::from(ErrorKind::StorageFull));
        assert!(s.failed.is_some());
    }
}
