//! Files of triples into a [`Store`]: six RDF formats, compressed or not.
//!
//! Blank nodes get new names in the order of their first sight, so that the same files in the same
//! order give the same bytes and two files never share one.

pub mod claims;
mod entity;
mod error;
mod format;
mod open;
mod parse;

use std::path::Path;

pub use error::{Problem, ReadError};
pub use format::Format;
pub use open::{EXPANDED_LIMIT, LITERAL_LIMIT};

use crate::store::Store;

/// How many problems are kept word for word; the others are counted.
pub const PROBLEMS_KEPT: usize = 20;

/// What to do at a statement that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// The first problem ends the reading.
    #[default]
    Stop,
    /// The statement is skipped, the problem kept or counted.
    Continue,
}

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The format; by default from the name, else from the content.
    pub format: Option<Format>,
    /// The base IRI of relative references; by default they are errors.
    pub base: Option<String>,
    /// What to do at a problem.
    pub on_error: OnError,
    /// Bytes after decompression at most; 0 = [`EXPANDED_LIMIT`].
    pub expanded_limit: u64,
}

/// What a file gave.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Statements read, repeated ones counted again.
    pub statements: u64,
    /// The first [`PROBLEMS_KEPT`] problems of skipped statements.
    pub problems: Vec<Problem>,
    /// All skipped statements.
    pub skipped: u64,
}

/// Reads a file into the store.
///
/// # Errors
/// [`ReadError`]: the system's refusal, an unknown format, the first bad statement (unless
/// [`OnError::Continue`]), a limit.
pub fn file(store: &mut Store, path: &Path, options: &Options) -> Result<Summary, ReadError> {
    let name = path.display().to_string();
    let source = std::fs::File::open(path).map_err(|e| ReadError::io("read", &name, e))?;
    if source.metadata().is_ok_and(|m| m.is_dir()) {
        return Err(ReadError::Folder { file: name });
    }
    parse::source(store, &name, Box::new(source), options)
}

/// Reads bytes into the store; `name` stands for them in messages and may tell the format.
///
/// # Errors
/// As [`file()`].
pub fn bytes(store: &mut Store, name: &str, content: &[u8], options: &Options) -> Result<Summary, ReadError> {
    parse::source(store, name, Box::new(content), options)
}

/// A term from its N-Triples text; `None` where the text is none.
pub fn term(text: &str) -> Option<oxrdf::Term> {
    if let Some(label) = text.strip_prefix("_:") {
        return oxrdf::BlankNode::new(label).ok().map(Into::into);
    }
    let line = format!("<urn:s> <urn:p> {text} .");
    oxttl::NTriplesParser::new().for_slice(line.as_bytes()).next()?.ok().map(|t| t.object)
}

#[cfg(test)]
mod tests;
