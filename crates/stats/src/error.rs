//! Causes of failure, with the data a reader needs to repair them.

use serde::Serialize;

/// Whether a [`StatsError`] is the caller's setting or the data's content.
///
/// Crates above map it to their own families (configuration and data).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// A setting (level, number of bins, penalty, ...) is outside its range.
    Setting,
    /// The data passed in cannot be used.
    Data,
}

/// Why a statistic cannot be computed.
///
/// `name` is always the name of the argument as it stands in the signature.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Fewer elements than the statistic needs.
    #[error("`{name}` has {got} element(s): at least {need} needed")]
    TooFew {
        /// Argument.
        name: &'static str,
        /// Elements given.
        got: usize,
        /// Elements needed.
        need: usize,
    },
    /// A value is NaN or infinite.
    #[error("`{name}` holds {value} at index {index}: values must be finite")]
    NotFinite {
        /// Argument.
        name: &'static str,
        /// Position in that argument.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// Two arguments that go together differ in length.
    #[error("`{left}` has {left_len} element(s) but `{right}` has {right_len}")]
    LengthMismatch {
        /// First argument.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// Second argument.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },
    /// A flat table is not `rows x columns` long.
    #[error("`{name}` has {got} element(s), which is not {rows} row(s) of {columns} column(s)")]
    Shape {
        /// Argument.
        name: &'static str,
        /// Rows expected.
        rows: usize,
        /// Columns expected.
        columns: usize,
        /// Elements given.
        got: usize,
    },
    /// A setting is outside its range.
    #[error("`{name}` is {value}: must be {range}")]
    Setting {
        /// Setting.
        name: &'static str,
        /// Value given.
        value: f64,
        /// The admissible range, in words.
        range: &'static str,
    },
    /// An element is outside its range.
    #[error("`{name}` holds {value} at index {index}: must be {range}")]
    Element {
        /// Argument.
        name: &'static str,
        /// Position in that argument.
        index: usize,
        /// Value found.
        value: f64,
        /// The admissible range, in words.
        range: &'static str,
    },
    /// A class label is not below the number of classes.
    #[error("`{name}` holds class {class} at index {index}: there are {classes} class(es), from 0")]
    Class {
        /// Argument.
        name: &'static str,
        /// Position in that argument.
        index: usize,
        /// Label found.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Only one class occurs where two are needed.
    #[error("`{name}` holds one class only: both are needed")]
    OneClass {
        /// Argument.
        name: &'static str,
    },
    /// A probability row does not sum to one.
    #[error("row {row} of `{name}` sums to {sum}: probabilities must sum to 1")]
    NotNormalised {
        /// Argument.
        name: &'static str,
        /// Row (0 for a whole table).
        row: usize,
        /// Its sum.
        sum: f64,
    },
    /// The caller's statistic returned NaN or an infinity.
    #[error("the statistic is {value} on {sample} {index}: it must be finite on every resample")]
    Statistic {
        /// What was evaluated: the data, a resample, or a leave-one-out sample.
        sample: &'static str,
        /// Which one.
        index: usize,
        /// The value returned.
        value: f64,
    },
    /// A cell of a table cannot be used.
    #[error("`{name}` holds {value} at row {row}, column {column}: must be {range}")]
    Cell {
        /// Argument.
        name: &'static str,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// Value found.
        value: f64,
        /// The admissible range, in words.
        range: &'static str,
    },
    /// A row as a whole is not an object of the declared kind.
    #[error("row {row} of `{name}` {what} ({value})")]
    Row {
        /// Argument.
        name: &'static str,
        /// Row, from 0.
        row: usize,
        /// The number that shows it.
        value: f64,
        /// What is wrong, in words.
        what: &'static str,
    },
    /// A distance matrix differs from its transpose.
    #[error("`{name}` is not symmetric: {upper} at ({row}, {column}) but {lower} at ({column}, {row})")]
    Asymmetric {
        /// Argument.
        name: &'static str,
        /// Row of the upper cell.
        row: usize,
        /// Column of the upper cell.
        column: usize,
        /// Value at (row, column).
        upper: f64,
        /// Value at (column, row).
        lower: f64,
    },
    /// The metric is not defined on this kind of response.
    #[error("metric `{metric}` is not defined on a response of kind `{kind}`")]
    Metric {
        /// Metric asked for.
        metric: &'static str,
        /// Kind of the response.
        kind: &'static str,
    },
    /// The argument does not vary.
    #[error("`{name}` is constant over its {rows} row(s): nothing can depend on it")]
    Constant {
        /// Argument.
        name: &'static str,
        /// Rows looked at.
        rows: usize,
    },
    /// The caller asked to stop.
    #[error("stopped during `{stage}`")]
    Stopped {
        /// What was being done.
        stage: &'static str,
    },
    /// A matrix that has to be positive definite is not, or an eigenvalue iteration did not end.
    #[error("`{name}` ({size} x {size}) cannot be decomposed by `{routine}`")]
    Decomposition {
        /// Argument.
        name: &'static str,
        /// Its order.
        size: usize,
        /// What was tried.
        routine: &'static str,
    },
}

impl StatsError {
    /// Setting or data: what the reader has to change.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Setting { .. } | Self::Metric { .. } => Fault::Setting,
            _ => Fault::Data,
        }
    }

    /// Stable name for machine-readable output.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "stats.too_few",
            Self::NotFinite { .. } => "stats.not_finite",
            Self::LengthMismatch { .. } => "stats.length_mismatch",
            Self::Shape { .. } => "stats.shape",
            Self::Setting { .. } => "stats.setting",
            Self::Element { .. } => "stats.element",
            Self::Class { .. } => "stats.class",
            Self::OneClass { .. } => "stats.one_class",
            Self::NotNormalised { .. } => "stats.not_normalised",
            Self::Statistic { .. } => "stats.statistic",
            Self::Cell { .. } => "stats.cell",
            Self::Row { .. } => "stats.row",
            Self::Asymmetric { .. } => "stats.asymmetric",
            Self::Metric { .. } => "stats.metric",
            Self::Stopped { .. } => "stats.stopped",
            Self::Constant { .. } => "stats.constant",
            Self::Decomposition { .. } => "stats.decomposition",
        }
    }

    /// What to do about it, in one line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "collect more rows, or check the split that was selected",
            Self::NotFinite { .. } => "drop or impute the row before asking for a statistic",
            Self::LengthMismatch { .. } | Self::Shape { .. } => {
                "both arguments must describe the same rows, in the same order"
            }
            Self::Setting { .. } => "choose a value inside the range",
            Self::Element { .. } | Self::Cell { .. } | Self::Row { .. } => "correct the value at that position",
            Self::Asymmetric { .. } => "correct the two cells, or say that the dissimilarity is meant to be asymmetric",
            Self::Metric { .. } => "choose a metric of this kind of response, or another kind",
            Self::Constant { .. } => "pass rows among which it varies, or leave it out",
            Self::Stopped { .. } => "start it again: finished steps are not kept inside one audit",
            Self::Decomposition { .. } => "drop columns that repeat one another, or add a ridge",
            Self::Class { .. } => "count the classes over all splits, and number them from 0",
            Self::OneClass { .. } => "evaluate on rows where both classes occur",
            Self::NotNormalised { .. } => "pass probabilities, for example after a softmax",
            Self::Statistic { .. } => "make the statistic total: a resample may repeat rows and miss others",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_argument_position_and_value() {
        let e = StatsError::NotFinite { name: "x", index: 3, value: f64::NAN };
        assert_eq!(e.to_string(), "`x` holds NaN at index 3: values must be finite");
        assert_eq!(e.fault(), Fault::Data);
        let e = StatsError::Setting { name: "level", value: 1.5, range: "in (0, 1)" };
        assert_eq!(e.to_string(), "`level` is 1.5: must be in (0, 1)");
        assert_eq!((e.fault(), e.code()), (Fault::Setting, "stats.setting"));
    }
}
