//! What the command line itself can complain about, and how any error is shown.
//!
//! People get `error:` with the chain on one line, the offending line of the file with a caret
//! where the cause knows its place, and `hint:` with one thing to do. Programs get one JSON
//! document with a stable code. Exit codes come from the family of the cause.

use std::fmt::Write as _;

use serde_json::{Value, json};
use suffit_core::text::nearest;
use suffit_core::{Cause, Error, Exit, Family, SourceSpan};

use crate::paint::Paint;

/// Causes that belong to the command line: what was typed does not make sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// The argument parser refused.
    #[error("{message}")]
    Arguments {
        /// What it said, on one line.
        message: String,
        /// Its suggestion, or where the help is.
        hint: String,
    },
    /// `NAME=VALUE` was expected.
    #[error("`--{flag} {got}` is not of the form {expected}")]
    Pair {
        /// The flag.
        flag: &'static str,
        /// What was typed.
        got: String,
        /// The form, such as `NAME=COLUMNS`.
        expected: &'static str,
    },
    /// Nothing to work on.
    #[error("`suffit {verb}` needs {what}")]
    Missing {
        /// The verb.
        verb: &'static str,
        /// What is missing, in words.
        what: &'static str,
        /// A command that works.
        example: String,
    },
    /// Two things that exclude each other were given.
    #[error("`{first}` and `{second}` cannot be combined: {why}")]
    Conflict {
        /// The first.
        first: String,
        /// The second.
        second: String,
        /// The reason.
        why: &'static str,
        /// What to do instead.
        hint: String,
    },
    /// A name that is not in a list.
    #[error("unknown {what} `{got}`")]
    Unknown {
        /// What was looked up, such as `example`.
        what: &'static str,
        /// What was typed.
        got: String,
        /// The nearest name that exists.
        nearest: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// A filter for the log cannot be read.
    #[error("SUFFIT_LOG holds `{got}`, which is not a log filter: {why}")]
    LogFilter {
        /// The content of the variable.
        got: String,
        /// What the parser said.
        why: String,
    },
    /// The data of a resumed run are not the data it began with.
    #[error("{path} has changed since {run} began: digest {got}, expected {expected}")]
    DataChanged {
        /// The file.
        path: String,
        /// The run.
        run: String,
        /// Digest now.
        got: String,
        /// Digest in the run's record.
        expected: String,
    },
    /// A data set of a kind that the method does not take.
    #[error("{data} is a data set of kind {got}, {method} takes {expected}")]
    Kind {
        /// The data.
        data: String,
        /// Its kind.
        got: String,
        /// The method.
        method: &'static str,
        /// Kinds it takes.
        expected: String,
        /// Roles it needs.
        needs: String,
    },
    /// A file that is not text.
    #[error("{path} is not UTF-8 text: byte {offset}")]
    NotText {
        /// The file.
        path: String,
        /// Offset of the first bad byte.
        offset: usize,
    },
    /// Output with an ending that no writer knows.
    #[error("cannot tell from `{path}` what to write: {got}")]
    OutputKind {
        /// The path.
        path: String,
        /// What was found.
        got: String,
        /// The endings that are known.
        known: &'static str,
    },
    /// A file exists and would be overwritten.
    #[error("{path} exists already")]
    Exists {
        /// The path.
        path: String,
    },
    /// A value that a JSON document cannot be made of.
    #[error("a result cannot be written as JSON: {source}")]
    Json {
        /// What the serialiser said.
        source: serde_json::Error,
    },
    /// The program that opens files could not be started.
    #[error("cannot open {path} with `{program}`: {source}")]
    Open {
        /// The file.
        path: String,
        /// The program.
        program: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Standard output refused.
    #[error("cannot write to standard output: {source}")]
    Stdout {
        /// The system's answer.
        source: std::io::Error,
    },
    /// A panic was caught.
    #[error("bug: {message} ({place})")]
    Panic {
        /// The message of the panic.
        message: String,
        /// Source file and line.
        place: String,
    },
}

impl Cause for CliError {
    fn family(&self) -> Family {
        match self {
            CliError::Arguments { .. }
            | CliError::Pair { .. }
            | CliError::Missing { .. }
            | CliError::Conflict { .. }
            | CliError::Unknown { .. }
            | CliError::LogFilter { .. }
            | CliError::OutputKind { .. }
            | CliError::Exists { .. } => Family::Usage,
            CliError::DataChanged { .. } | CliError::Kind { .. } => Family::Data,
            CliError::NotText { .. } => Family::Format,
            CliError::Open { .. } | CliError::Stdout { .. } => Family::Io,
            CliError::Json { .. } | CliError::Panic { .. } => Family::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            CliError::Arguments { hint, .. } | CliError::Conflict { hint, .. } => hint.clone(),
            CliError::Pair { flag, expected, .. } => format!("write `--{flag} {expected}`"),
            CliError::Missing { example, .. } => format!("try `{example}`"),
            CliError::Unknown { what, nearest, known, .. } => match nearest {
                Some(name) => format!("did you mean `{name}`?"),
                None if known.is_empty() => format!("there is no {what} yet"),
                None => format!("known: {}", known.join(", ")),
            },
            CliError::LogFilter { .. } => {
                "write a level (`error`, `warn`, `info`, `debug`, `trace`) or `target=level,…`".into()
            }
            CliError::DataChanged { .. } => "give the original data with `--data`, or begin a new run".into(),
            CliError::OutputKind { known, .. } => format!("use a name that ends in {known}"),
            CliError::Kind { needs, .. } => format!("bind its columns to roles: {needs}"),
            CliError::NotText { .. } => "save it as UTF-8".into(),
            CliError::Exists { .. } => "choose another name, or add `--force` to replace it".into(),
            CliError::Open { path, .. } => format!("open {path} by hand"),
            CliError::Stdout { .. } => "check where the output goes: the disk may be full".into(),
            CliError::Json { .. } | CliError::Panic { .. } => {
                "this is our mistake: please report it with this text and the run's log.jsonl".into()
            }
        })
    }

    fn code(&self) -> &'static str {
        match self {
            CliError::Arguments { .. } => "usage.arguments",
            CliError::Pair { .. } => "usage.pair",
            CliError::Missing { .. } => "usage.missing",
            CliError::Conflict { .. } => "usage.conflict",
            CliError::Unknown { .. } => "usage.unknown",
            CliError::LogFilter { .. } => "usage.log_filter",
            CliError::DataChanged { .. } => "data.changed",
            CliError::OutputKind { .. } => "usage.output_kind",
            CliError::Exists { .. } => "usage.exists",
            CliError::Kind { .. } => "data.kind",
            CliError::NotText { .. } => "format.not_text",
            CliError::Json { .. } => "bug.json",
            CliError::Open { .. } => "io.open",
            CliError::Stdout { .. } => "io.stdout",
            CliError::Panic { .. } => "bug.panic",
        }
    }
}

/// [`CliError::Unknown`] with the nearest name found.
pub fn unknown(what: &'static str, got: &str, known: &[&str]) -> Error {
    CliError::Unknown {
        what,
        got: got.to_owned(),
        nearest: nearest(got, known.iter().copied()).map(str::to_owned),
        known: known.iter().map(|&k| k.to_owned()).collect(),
    }
    .into()
}

/// The message with its chain of sources on one line; a source that the message quotes already is
/// not repeated.
pub fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.as_std().source();
    while let Some(cause) = source {
        let part = cause.to_string();
        if !text.contains(&part) {
            let _ = write!(text, ": {part}");
        }
        source = cause.source();
    }
    visible(&text)
}

/// Control characters made visible, so that a file's name or content cannot move the cursor or
/// colour the screen; line breaks become blanks.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The error for people, without a final newline.
pub fn human(error: &Error, paint: Paint) -> String {
    let mut text = match error.family() {
        Family::Interrupted => format!("{} {}", paint.yellow("stopped:"), chain(error)),
        _ => format!("{} {}", paint.red("error:"), chain(error)),
    };
    if let Some(span) = error.span() {
        text.push('\n');
        text.push_str(&caret(&span, paint));
    }
    if let Some(hint) = error.hint() {
        let _ = write!(text, "\n{} {}", paint.cyan("hint:"), visible(&hint));
    }
    text
}

/// The error for programs.
pub fn document(error: &Error) -> Value {
    let mut inner = json!({
        "code": error.code(),
        "family": error.family(),
        "message": chain(error),
        "hint": error.hint(),
        "exit": error.family().exit().code(),
    });
    if let (Some(span), Some(object)) = (error.span(), inner.as_object_mut()) {
        let place = Place::of(&span);
        object.insert("where".into(), json!({"origin": span.origin, "line": place.line, "column": place.column}));
    }
    json!({ "error": inner })
}

/// The exit code of an error.
pub fn exit(error: &Error) -> Exit {
    error.family().exit()
}

/// Line and column (both from 1, columns in characters) of the start of a span.
struct Place<'a> {
    line: usize,
    column: usize,
    text: &'a str,
    width: usize,
}

impl<'a> Place<'a> {
    fn of(span: &'a SourceSpan) -> Self {
        let whole = span.text.as_str();
        let start = floor(whole, span.range.start);
        let end = floor(whole, span.range.end.max(start));
        let line_start = whole[..start].rfind('\n').map_or(0, |p| p + 1);
        let line_end = whole[start..].find('\n').map_or(whole.len(), |p| start + p);
        Place {
            line: whole[..start].matches('\n').count() + 1,
            column: whole[line_start..start].chars().count() + 1,
            text: whole[line_start..line_end].trim_end_matches('\r'),
            width: whole[start..end.min(line_end)].chars().count().max(1),
        }
    }
}

/// The nearest character boundary at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn caret(span: &SourceSpan, paint: Paint) -> String {
    let place = Place::of(span);
    let number = place.line.to_string();
    let pad = " ".repeat(number.len());
    let before: String = place.text.chars().take(place.column - 1).map(|_| ' ').collect();
    format!(
        "{pad}--> {}:{}:{}\n{pad} |\n{number} | {}\n{pad} | {before}{}",
        span.origin,
        place.line,
        place.column,
        visible(place.text),
        paint.red(&"^".repeat(place.width)),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("`train.epochs` holds \"many\", expected a number")]
    struct Spanned(SourceSpan);

    impl Cause for Spanned {
        fn family(&self) -> Family {
            Family::Config
        }
        fn span(&self) -> Option<SourceSpan> {
            Some(self.0.clone())
        }
        fn hint(&self) -> Option<String> {
            Some("write a number".into())
        }
    }

    fn spanned() -> Error {
        let text = "dim = 8\n[train]\nepochs = \"many\" # é\n".to_owned();
        let start = text.find("\"many\"").unwrap();
        Spanned(SourceSpan { origin: "my.toml".into(), range: start..start + 6, text }).into()
    }

    #[test]
    fn caret_points_at_the_value() {
        let shown = human(&spanned(), Paint::decide(false, |_| None));
        assert_eq!(
            shown,
            "error: `train.epochs` holds \"many\", expected a number\n --> my.toml:3:10\n  |\n3 | epochs = \"many\" # é\n  |          ^^^^^^\nhint: write a number"
        );
    }

    #[test]
    fn a_span_beyond_the_text_does_not_panic() {
        let span = SourceSpan { origin: "x".into(), text: "é".into(), range: 1..99 };
        assert!(caret(&span, Paint::decide(false, |_| None)).contains("x:1:1"));
    }

    #[test]
    fn document_has_the_place_and_the_exit_code() {
        let d = document(&spanned());
        assert_eq!(d["error"]["exit"], 2);
        assert_eq!(d["error"]["where"]["line"], 3);
        assert_eq!(d["error"]["family"], "config");
    }
}
