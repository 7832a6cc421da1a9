//! A configuration file that also says what to do: the `[suffit]` table.
//!
//! `suffit new METHOD DATA > my.toml; suffit fit my.toml` works because the file names the method
//! and the data beside the method's own keys. The table is cut out before the method's keys are
//! checked; what is cut is replaced by blanks, so that messages still point at the right place.

use serde::{Deserialize, Serialize};
use suffit_core::{Cause, Family, Result, SourceSpan};

use crate::flags::DataArgs;

/// The `[suffit]` table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Job {
    /// The method.
    pub method: Option<String>,
    /// Named changes to the defaults.
    pub preset: Option<String>,
    /// What to learn from; the same names as the flags.
    pub data: DataArgs,
}

/// A configuration file: what to do, and the method's own keys.
#[derive(Debug, Clone, PartialEq)]
pub struct JobFile {
    /// Path as given.
    pub path: String,
    /// The `[suffit]` table; empty when there is none.
    pub job: Job,
    /// The rest, with blanks where the table was.
    pub rest: String,
}

/// The `[suffit]` table cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", span.origin)]
pub struct JobError {
    message: String,
    span: SourceSpan,
}

impl Cause for JobError {
    fn family(&self) -> Family {
        Family::Config
    }

    fn span(&self) -> Option<SourceSpan> {
        Some(self.span.clone())
    }

    fn hint(&self) -> Option<String> {
        Some("`suffit new METHOD DATA` writes a file to start from".to_owned())
    }

    fn code(&self) -> &'static str {
        "config.job"
    }
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    suffit: Job,
}

impl JobFile {
    /// Cuts the `[suffit]` table out of the text of a file. JSON has no such table.
    ///
    /// # Errors
    /// [`JobError`] with its place.
    pub fn parse(path: &str, text: &str) -> Result<JobFile> {
        if path.to_lowercase().ends_with(".json") {
            return Ok(JobFile { path: path.to_owned(), job: Job::default(), rest: text.to_owned() });
        }
        let (table, rest) = cut(text);
        let whole: Whole = toml::from_str(&table).map_err(|e| JobError {
            message: e.message().to_owned(),
            span: SourceSpan { origin: path.to_owned(), text: text.to_owned(), range: e.span().unwrap_or(0..0) },
        })?;
        Ok(JobFile { path: path.to_owned(), job: whole.suffit, rest })
    }
}

/// The lines of `[suffit]` and its sub-tables, and all other lines, each with blanks of the same
/// length in place of the other's.
fn cut(text: &str) -> (String, String) {
    let (mut table, mut rest) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        if let Some(name) = header(line) {
            inside = name == "suffit" || name.starts_with("suffit.");
        }
        let (to, other) = if inside { (&mut table, &mut rest) } else { (&mut rest, &mut table) };
        to.push_str(line);
        other.extend(line.bytes().map(|b| if b == b'\n' || b == b'\r' { char::from(b) } else { ' ' }));
    }
    (table, rest)
}

/// The name in a table header such as `[suffit.data]  # remark`.
fn header(line: &str) -> Option<String> {
    let inner = line.trim_start().strip_prefix('[')?.split_once(']')?.0;
    let plain = |c: char| c.is_alphanumeric() || "._- \"'".contains(c);
    (!inner.is_empty() && inner.chars().all(plain)).then(|| inner.chars().filter(|c| !" \"'".contains(*c)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "dim = 8 # é\n[suffit]\nmethod = \"symile\"\n[suffit.data]\ndata = [\n  \"a.csv\",\n]\nlabel = \"y\"\n[train]\nepochs = 3\n";

    #[test]
    fn the_table_is_cut_out_and_places_stay() {
        let file = JobFile::parse("my.toml", TEXT).unwrap();
        assert_eq!(file.job.method.as_deref(), Some("symile"));
        assert_eq!(file.job.data.data, ["a.csv"]);
        assert_eq!(file.job.data.label.as_deref(), Some("y"));
        assert_eq!(file.rest.len(), TEXT.len());
        assert_eq!(file.rest.find("epochs"), TEXT.find("epochs"));
        let rest: toml::Table = toml::from_str(&file.rest).unwrap();
        assert_eq!(rest.keys().collect::<Vec<_>>(), ["dim", "train"]);
    }

    #[test]
    fn an_unknown_key_in_the_table_is_pointed_at() {
        let text = "dim = 8\n[suffit]\nmethods = \"symile\"\n";
        let error = JobFile::parse("my.toml", text).unwrap_err();
        let span = error.span().unwrap();
        assert_eq!(&text[span.range], "methods");
        assert_eq!(error.family(), Family::Config);
    }

    #[test]
    fn a_file_without_the_table_is_left_alone() {
        let file = JobFile::parse("a.toml", "dim = 8\n").unwrap();
        assert_eq!((file.job, file.rest.as_str()), (Job::default(), "dim = 8\n"));
    }
}
