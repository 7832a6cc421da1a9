//! Arguments of a verb, looked up by name.

use std::path::PathBuf;

use super::error::OracleError;

/// Pairs of name and value, as the command line gives them.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a>(pub &'a [(String, String)]);

impl<'a> Arguments<'a> {
    pub fn one(self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn path(self, name: &str) -> Option<PathBuf> {
        self.one(name).map(PathBuf::from)
    }

    pub fn paths(self, name: &str) -> Vec<PathBuf> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| PathBuf::from(v)).collect()
    }

    pub fn has(self, name: &str) -> bool {
        self.one(name).is_some()
    }

    /// One of a few words; the first is the default.
    pub fn choice<T: Copy>(
        self,
        argument: &'static str,
        expected: &'static str,
        words: &[(&str, T)],
    ) -> Result<T, OracleError> {
        let value = self.one(argument).unwrap_or(words[0].0);
        words
            .iter()
            .find(|(word, _)| *word == value)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| OracleError::Argument { argument, value: value.to_owned(), expected })
    }
}
