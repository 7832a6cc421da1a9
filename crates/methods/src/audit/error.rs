//! Why an audit cannot be made: causes with data.

use suffit_core::{Cause, Family};
use suffit_stats::StatsError;

/// Why an audit cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A setting is out of range.
    #[error("`{key}` is {got}: expected {expected}")]
    Setting {
        /// The key.
        key: &'static str,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A side of the question is not bound.
    #[error("`{data}` has no {what}: an audit needs x (all that is known), z (what was kept) and y (the target)")]
    NoRole {
        /// The data set.
        data: String,
        /// `x`, `z` or `y`.
        what: &'static str,
    },
    /// Too few rows.
    #[error("`{data}` has {rows} rows: an audit needs at least {needed}")]
    TooFewRows {
        /// The data set.
        data: String,
        /// Rows there are.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// A text column with too many values to be made numbers.
    #[error(
        "column `{column}` of `{data}` is text with {values} different values: at most {most} can stand for numbers"
    )]
    Texts {
        /// The column.
        column: String,
        /// The data set.
        data: String,
        /// Different values.
        values: usize,
        /// Most that are taken.
        most: usize,
    },
    /// A column that must be there in every row is empty in one.
    #[error("column `{column}` of `{data}` is empty in row {row}")]
    Empty {
        /// The column.
        column: String,
        /// The data set.
        data: String,
        /// Row from 1.
        row: usize,
    },
    /// Y does not vary.
    #[error("y does not vary: all {rows} rows of `{data}` are the same, so there is nothing to keep")]
    ConstantTarget {
        /// The data set.
        data: String,
        /// Rows.
        rows: usize,
    },
    /// Z does not vary.
    #[error("`{z}` does not vary: every column of it is constant over {rows} rows")]
    ConstantRepresentation {
        /// The representation.
        z: String,
        /// Rows.
        rows: usize,
    },
    /// A class with a single row.
    #[error("class `{class}` of y has {rows} row(s): every class needs at least {needed}")]
    RareClass {
        /// The class.
        class: String,
        /// Its rows.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Fewer groups than folds.
    #[error("{groups} groups cannot fill {folds} folds: rows of one group stay together")]
    FewGroups {
        /// Groups there are.
        groups: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// Too many rows for a matrix of distances.
    #[error("`{data}` has {rows} rows: a matrix of distances takes at most {most}")]
    TooManyRows {
        /// The data set.
        data: String,
        /// Rows there are.
        rows: usize,
        /// Most rows.
        most: usize,
    },
    /// A measure that takes one number as y.
    #[error("`{measure}` needs one number as y")]
    OneNumber {
        /// The measure.
        measure: &'static str,
    },
    /// A response that has distances only.
    #[error("a response of kind `{kind}` has no coordinates, which this test needs")]
    NoCoordinates {
        /// The kind.
        kind: &'static str,
    },
    /// The statistics refused.
    #[error("the audit of `{data}`: {source}")]
    Statistic {
        /// The data set.
        data: String,
        /// What they said.
        source: StatsError,
    },
}

impl Cause for AuditError {
    fn family(&self) -> Family {
        match self {
            Self::Setting { .. } => Family::Config,
            Self::NoRole { .. } => Family::Usage,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Setting { key, .. } => {
                format!("for example `--set {key}=VALUE`; `suffit describe audit` lists the keys")
            }
            Self::NoRole { what, .. } => {
                format!(
                    "bind it with `--{what} COLUMNS` or `--{what} FILE`, for example `--x raw_* --z emb_* --y outcome`"
                )
            }
            Self::TooFewRows { needed, rows, .. } => format!("give {} more rows", needed.saturating_sub(*rows)),
            Self::Texts { .. } => "leave the column out, or give its numbers".to_owned(),
            Self::Empty { .. } => "fill the cell or leave the row out".to_owned(),
            Self::ConstantTarget { .. } => "bind another column to y".to_owned(),
            Self::ConstantRepresentation { .. } => "check how the representation was made".to_owned(),
            Self::RareClass { .. } => "merge rare classes, or leave their rows out".to_owned(),
            Self::FewGroups { groups, .. } => format!("`--set folds={}` or a finer group column", (*groups).max(2)),
            Self::TooManyRows { .. } => "draw rows at random, or compare two single columns with `dcor`".to_owned(),
            Self::OneNumber { .. } => "bind one numeric column, or use `suffit audit` for other kinds".to_owned(),
            Self::NoCoordinates { .. } => "use `dcor`, `hsic` or `fccov`, which need distances only".to_owned(),
            Self::Statistic { source, .. } => source.hint().to_owned(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "audit.setting",
            Self::NoRole { .. } => "audit.no_role",
            Self::TooFewRows { .. } => "audit.too_few_rows",
            Self::Texts { .. } => "audit.texts",
            Self::Empty { .. } => "audit.empty",
            Self::ConstantTarget { .. } => "audit.constant_target",
            Self::ConstantRepresentation { .. } => "audit.constant_representation",
            Self::RareClass { .. } => "audit.rare_class",
            Self::FewGroups { .. } => "audit.few_groups",
            Self::TooManyRows { .. } => "audit.too_many_rows",
            Self::OneNumber { .. } => "audit.one_number",
            Self::NoCoordinates { .. } => "audit.no_coordinates",
            Self::Statistic { .. } => "audit.statistic",
        }
    }
}
