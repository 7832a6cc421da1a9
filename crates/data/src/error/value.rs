//! Values that a method cannot compute with.

use suffit_core::dataset::Location;
use suffit_core::{Cause, Family};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// Missing in a row whose other values are there.
    Missing,
    /// Infinite.
    Infinite,
    /// Finite in the file but beyond the range of f32.
    TooLarge(f64),
    /// Text that is not a number.
    Text(String),
    /// The presence mask says present, but the whole row is missing.
    MaskedPresent,
    /// A presence mask that is neither 0 nor 1.
    NotAMask(f64),
    /// A token id below zero or beyond u32.
    TokenId(i64),
    /// A mask of another length than its ids: (mask, ids).
    MaskLength(usize, usize),
    /// A list of another length than the first: (got, expected).
    ListLength(usize, usize),
    /// Empty where a value is needed.
    Empty,
    /// A weight below zero.
    Negative(f64),
    /// Neither `train`, `val` nor `test`.
    NotAPart(String),
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            What::Missing => f.write_str("NaN or missing in a row that has other values"),
            What::Infinite => f.write_str("infinite"),
            What::TooLarge(v) => write!(f, "{v:e} is beyond the range of 32-bit numbers"),
            What::Text(t) => write!(f, "`{t}` is text, expected a number"),
            What::MaskedPresent => f.write_str("the presence mask says present, but every value is missing"),
            What::NotAMask(v) => write!(f, "{v} in a presence mask, expected 0 or 1"),
            What::TokenId(v) => write!(f, "{v} is not a token id (0 to 4294967294)"),
            What::MaskLength(mask, ids) => write!(f, "the mask has {mask} entries for {ids} ids"),
            What::ListLength(got, expected) => {
                write!(f, "a list of {got} values, expected {expected} as in the first row")
            }
            What::Empty => f.write_str("empty, expected a value"),
            What::Negative(v) => write!(f, "{v} is a negative weight"),
            What::NotAPart(t) => write!(f, "`{t}` is not train, val or test"),
        }
    }
}

/// One bad value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// File and row.
    pub at: Location,
    /// Column, with the position inside for array columns, such as `image[3]`.
    pub column: String,
    /// What is wrong.
    pub what: What,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} row {}, column `{}`: {}", self.at.file, self.at.row, self.column, self.what)
    }
}

/// Why values cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// Bad values in a view or another role.
    #[error("{role}: {total} value{} cannot be used, the first at {}", if *.total == 1 { "" } else { "s" }, first(.problems))]
    Values {
        /// The role, such as `view:image`.
        role: String,
        /// The first problems, in reading order of the rows.
        problems: Vec<Problem>,
        /// How many there are.
        total: u64,
    },
    /// Every row of a view is missing.
    #[error("view `{view}` is never present: all {rows} rows are missing")]
    NeverPresent {
        /// The view.
        view: String,
        /// Number of rows.
        rows: u64,
    },
    /// A view with another width than the model was fitted with.
    #[error("view `{view}` has {got} columns here, expected {expected} as in the fit")]
    Width {
        /// The view.
        view: String,
        /// Columns here.
        got: usize,
        /// Columns wanted.
        expected: usize,
    },
    /// Nothing to work on.
    #[error("{name} has no rows")]
    NoRows {
        /// The data set.
        name: String,
    },
    /// More values than memory can hold.
    #[error("view `{view}` would need {bytes} bytes of memory ({rows} rows, {columns} columns)")]
    Memory {
        /// The view.
        view: String,
        /// Rows.
        rows: u64,
        /// Columns.
        columns: u64,
        /// Bytes.
        bytes: u128,
    },
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(|| "an unknown place".to_owned(), Problem::to_string)
}

impl Cause for ValueError {
    fn family(&self) -> Family {
        match self {
            ValueError::Width { .. } => Family::Shape,
            ValueError::Memory { .. } => Family::Resource,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ValueError::Values { problems, total, .. } => {
                let mut text = String::new();
                if *total > 1 {
                    text.push_str("the first problems:");
                    for p in problems {
                        text.push_str(&format!("\n  {p}"));
                    }
                    let rest = total.saturating_sub(problems.len() as u64);
                    if rest > 0 {
                        text.push_str(&format!("\n  … and {rest} more"));
                    }
                    text.push('\n');
                }
                text.push_str(advice(problems));
                text
            }
            ValueError::NeverPresent { .. } => "leave the view out, or check its columns and its presence mask".into(),
            ValueError::Width { .. } => "bind the same columns, in the same order, as in the fit".into(),
            ValueError::NoRows { .. } => "check the step that wrote it, and the split".into(),
            ValueError::Memory { .. } => "use fewer rows or columns".into(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            ValueError::Values { problems, .. } => match problems.first().map(|p| &p.what) {
                Some(What::Infinite | What::TooLarge(_) | What::Missing) => "data.not_finite",
                Some(What::Text(_)) => "data.text",
                Some(What::NotAMask(_) | What::MaskedPresent) => "data.mask",
                Some(What::TokenId(_)) => "data.token_id",
                Some(What::NotAPart(_)) => "data.split",
                _ => "data.value",
            },
            ValueError::NeverPresent { .. } => "data.never_present",
            ValueError::Width { .. } => "data.width",
            ValueError::NoRows { .. } => "data.no_rows",
            ValueError::Memory { .. } => "data.memory",
        }
    }
}

fn advice(problems: &[Problem]) -> &'static str {
    match problems.first().map(|p| &p.what) {
        Some(What::Missing) => "fill the value in, or make the whole row of the view NaN if the view was not observed",
        Some(What::Infinite | What::TooLarge(_)) => {
            "replace it, or make the whole row of the view NaN if the view was not observed"
        }
        Some(What::Text(_)) => "leave text columns out of the view, or encode them as numbers first",
        Some(What::NotAMask(_) | What::MaskedPresent) => "in a presence mask 1 means observed, 0 missing",
        Some(What::TokenId(_)) => "token ids are non-negative integers; mark padding by a mask, a null or `pad`",
        Some(What::ListLength(..)) => {
            "all lists of a view have one length; lists of token ids are read by a token encoder"
        }
        Some(What::NotAPart(_)) => "name the parts train, val and test",
        _ => "fill the value in or remove the row",
    }
}
