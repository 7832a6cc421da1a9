//! Why __Title__ cannot go on: causes with data.

use suffit_core::{Cause, Family};
use suffit_stats::{Fault, StatsError};

/// Why __Title__ cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum __Camel__Error {
    /// No view is bound.
    #[error("`{data}` has no view: __slug__ reads one")]
    NoView {
        /// The data set.
        data: String,
    },
    /// No label is bound.
    #[error("`{data}` has no label: there is nothing to name")]
    NoLabel {
        /// The data set.
        data: String,
    },
    /// All labels are the same.
    #[error("column `{column}` of `{data}` holds {classes} label(s) in the usable rows, at least 2 are needed")]
    OneClass {
        /// The data set.
        data: String,
        /// The label column.
        column: String,
        /// Labels found.
        classes: usize,
    },
    /// A part of the split has no usable row.
    #[error("the {part} part of `{data}` has no row with view and label ({usable} of {rows} rows have both)")]
    EmptyPart {
        /// The part.
        part: &'static str,
        /// The data set.
        data: String,
        /// Rows with view and label.
        usable: usize,
        /// All rows.
        rows: usize,
    },
    /// A label that the model was not fitted with.
    #[error("label `{label}` in column `{column}` of `{data}` was not there in the fit")]
    UnknownLabel {
        /// The label.
        label: String,
        /// The label column.
        column: String,
        /// The data set.
        data: String,
    },
    /// An option of a verb that cannot be used.
    #[error("option `{key}` is {got}: expected {expected}")]
    Option {
        /// The option.
        key: String,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A statistic that cannot be computed.
    #[error("{what}: {source}")]
    Statistic {
        /// What was computed.
        what: &'static str,
        /// Why not.
        source: StatsError,
    },
}

impl Cause for __Camel__Error {
    fn family(&self) -> Family {
        match self {
            Self::Option { .. } => Family::Usage,
            Self::Statistic { source, .. } if source.fault() == Fault::Setting => Family::Config,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoView { .. } => "bind one with `--view NAME=COLUMNS`".to_owned(),
            Self::NoLabel { .. } => "bind one with `--label COLUMN`".to_owned(),
            Self::OneClass { .. } => "check the label column, and rows whose view is missing".to_owned(),
            Self::EmptyPart { .. } => "add rows, or change `val_fraction` and `test_fraction`".to_owned(),
            Self::UnknownLabel { .. } => "fit again with rows of that label".to_owned(),
            Self::Option { .. } => "apply takes `batch_rows`, audit takes `tolerance`".to_owned(),
            Self::Statistic { source, .. } => source.hint().to_owned(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoView { .. } => "__module__.no_view",
            Self::NoLabel { .. } => "__module__.no_label",
            Self::OneClass { .. } => "__module__.one_class",
            Self::EmptyPart { .. } => "__module__.empty_part",
            Self::UnknownLabel { .. } => "__module__.unknown_label",
            Self::Option { .. } => "__module__.option",
            Self::Statistic { source, .. } => source.code(),
        }
    }
}
