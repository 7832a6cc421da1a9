//! Columns and roles that do not fit together.

use suffit_core::{Cause, Family};

use super::{did_you_mean, quoted};

/// Why columns could not be bound to roles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Nothing to read.
    #[error("no data given: neither a data file nor a view with a file of its own")]
    NoData,
    /// A column that is not there.
    #[error("{file} has no column `{column}`{}", did_you_mean(.nearest))]
    UnknownColumn {
        /// Where it was looked for.
        file: String,
        /// The name.
        column: String,
        /// Nearest names.
        nearest: Vec<String>,
    },
    /// A pattern that matches nothing.
    #[error("{role}: `{selector}` matches no column of {file}{}", did_you_mean(.nearest))]
    NoMatch {
        /// For which role.
        role: String,
        /// The selector.
        selector: String,
        /// Where it was looked for.
        file: String,
        /// Nearest names.
        nearest: Vec<String>,
    },
    /// A role of one column that matched several.
    #[error("{role} takes one column, `{selector}` matches {count}")]
    TooMany {
        /// The role.
        role: String,
        /// The selector.
        selector: String,
        /// Number of matches.
        count: usize,
    },
    /// `a..f` with `f` before `a`.
    #[error("the range `{selector}` runs backwards: `{last}` comes before `{first}` in {file}")]
    Backwards {
        /// The selector.
        selector: String,
        /// Its first column.
        first: String,
        /// Its last column.
        last: String,
        /// The file.
        file: String,
    },
    /// `NAME=` without something on either side.
    #[error("`{text}` is not of the form NAME=COLUMNS or NAME=FILE")]
    ViewSyntax {
        /// What was given.
        text: String,
    },
    /// Two views of one name.
    #[error("the view `{view}` is given twice")]
    ViewTwice {
        /// The view.
        view: String,
    },
    /// A column in two roles that exclude each other.
    #[error("column `{column}` is both {first} and {second}")]
    TwoRoles {
        /// The column.
        column: String,
        /// One role.
        first: String,
        /// The other.
        second: String,
    },
    /// A view that is not bound.
    #[error("there is no view `{view}`{}", did_you_mean(.nearest))]
    UnknownView {
        /// The name.
        view: String,
        /// Nearest names, or all when few.
        nearest: Vec<String>,
    },
    /// A role that a method needs and nobody gave or guessed.
    #[error("no column is bound to {role}")]
    Unbound {
        /// The role.
        role: String,
        /// The flag that binds it.
        flag: &'static str,
    },
    /// A key that occurs twice in a file, so rows cannot be aligned.
    #[error("{file}: key `{key}` is in row {first} and again in row {second}")]
    DuplicateKey {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// First row, from 1.
        first: u64,
        /// Second row.
        second: u64,
    },
    /// A row without a key.
    #[error("{file} row {row}: the key column `{column}` is empty")]
    NoKey {
        /// The file.
        file: String,
        /// Row from 1.
        row: u64,
        /// The key column.
        column: String,
    },
    /// Neither numbers nor tokens.
    #[error("{role}: column `{column}` of {file} is {got}, expected {expected}")]
    ColumnType {
        /// The role.
        role: String,
        /// The column.
        column: String,
        /// The file.
        file: String,
        /// Its type.
        got: String,
        /// What is needed.
        expected: &'static str,
    },
    /// A bundled data set that is not there.
    #[error("there is no bundled data set or example `{name}`{}", did_you_mean(.nearest))]
    UnknownBundle {
        /// The name.
        name: String,
        /// Nearest names.
        nearest: Vec<String>,
        /// All names.
        all: Vec<String>,
    },
}

impl Cause for BindError {
    fn family(&self) -> Family {
        match self {
            BindError::DuplicateKey { .. } | BindError::NoKey { .. } | BindError::ColumnType { .. } => Family::Data,
            _ => Family::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            BindError::NoData => "give `--data FILE`, or one `--view NAME=FILE` for each view; `suffit example digits` writes a file to try".into(),
            BindError::UnknownColumn { nearest, .. } | BindError::NoMatch { nearest, .. } if nearest.is_empty() => {
                "`suffit check FILE` lists the columns".into()
            }
            BindError::ViewSyntax { .. } => "for example `--view image=img_*` or `--view image=image.npy`".into(),
            BindError::TooMany { .. } => "give the exact name of one column".into(),
            BindError::Unbound { flag, .. } => format!("give `{flag}`"),
            BindError::DuplicateKey { .. } => "keys must be unique in each file".into(),
            BindError::NoKey { .. } => "every row needs a key: fill it in or remove the row".into(),
            BindError::UnknownBundle { all, .. } => format!("there are {}", quoted(all)),
            BindError::TwoRoles { .. } => "leave it out of one of them, for example with a narrower selector".into(),
            _ => return None,
        })
    }

    fn code(&self) -> &'static str {
        match self {
            BindError::NoData => "bind.no_data",
            BindError::UnknownColumn { .. } => "bind.unknown_column",
            BindError::NoMatch { .. } => "bind.no_match",
            BindError::TooMany { .. } => "bind.too_many",
            BindError::Backwards { .. } => "bind.backwards",
            BindError::ViewSyntax { .. } => "bind.view_syntax",
            BindError::ViewTwice { .. } => "bind.view_twice",
            BindError::TwoRoles { .. } => "bind.two_roles",
            BindError::UnknownView { .. } => "bind.unknown_view",
            BindError::Unbound { .. } => "bind.unbound",
            BindError::DuplicateKey { .. } => "data.duplicate_key",
            BindError::NoKey { .. } => "data.no_key",
            BindError::ColumnType { .. } => "data.column_type",
            BindError::UnknownBundle { .. } => "bind.unknown_bundle",
        }
    }
}
