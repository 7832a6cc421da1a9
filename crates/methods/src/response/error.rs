//! Why columns do not make a response.

use suffit_core::{Cause, Family};
use suffit_stats::StatsError;
use suffit_stats::response::Metric;

/// Why columns do not make a response.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Nothing is bound to y.
    #[error("`{data}` has no response: no column is bound to y")]
    NoColumns {
        /// The data set.
        data: String,
    },
    /// A number of columns that the kind cannot have.
    #[error("a response of kind `{kind}` cannot have {got} column(s): expected {expected}")]
    Width {
        /// The kind.
        kind: &'static str,
        /// Columns given.
        got: usize,
        /// What fits.
        expected: String,
    },
    /// Lists where cells are needed, or the other way round.
    #[error("column `{column}` of {file} holds {got}, a response of kind `{kind}` needs {expected}")]
    Cells {
        /// The column.
        column: String,
        /// The file.
        file: String,
        /// What it holds.
        got: &'static str,
        /// The kind.
        kind: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// A row that is not an object of the kind.
    #[error("{file} row {row}{}: {}", .column.as_ref().map(|c| format!(", column `{c}`")).unwrap_or_default(), plainly(.source))]
    Object {
        /// The file.
        file: String,
        /// Row in the file, from 1.
        row: u64,
        /// The column, where it is one.
        column: Option<String>,
        /// What is wrong.
        source: Box<StatsError>,
    },
    /// A response that is wrong as a whole.
    #[error("the response of `{data}`: {source}")]
    Whole {
        /// The data set.
        data: String,
        /// What is wrong.
        source: Box<StatsError>,
    },
    /// A metric that does not exist.
    #[error("there is no metric `{metric}`")]
    UnknownMetric {
        /// The name.
        metric: String,
    },
    /// A metric that the kind does not have.
    #[error("metric `{metric}` does not fit a response of kind `{kind}`: {source}")]
    Metric {
        /// The metric.
        metric: &'static str,
        /// The kind.
        kind: &'static str,
        /// Why not.
        source: Box<StatsError>,
    },
    /// A grid that is not one.
    #[error("`{text}` is not a grid: expected `first..last` or at least two rising numbers")]
    Grid {
        /// What was given.
        text: String,
    },
    /// A pair of the long form that is missing.
    #[error("{file} has no distance between {i} and {j}")]
    NoPair {
        /// The file.
        file: String,
        /// One object.
        i: String,
        /// The other.
        j: String,
    },
    /// A pair of the long form that is there twice.
    #[error("{file} row {row}: the distance between {i} and {j} is given again")]
    PairTwice {
        /// The file.
        file: String,
        /// Row in the file, from 1.
        row: u64,
        /// One object.
        i: String,
        /// The other.
        j: String,
    },
    /// A distance matrix for other rows.
    #[error("{file} has distances between {got} objects, the data has {expected} rows")]
    Rows {
        /// The file.
        file: String,
        /// Objects there.
        got: usize,
        /// Rows wanted.
        expected: usize,
    },
    /// An object of the long form that no row has.
    #[error("{file} row {row}: there is no row `{id}` in the data")]
    UnknownObject {
        /// The file.
        file: String,
        /// Row in the file, from 1.
        row: u64,
        /// The identifier.
        id: String,
    },
}

/// The refusal without its own row and column: those of the file stand before it.
fn plainly(source: &StatsError) -> String {
    match source {
        StatsError::Cell { value, range, .. } | StatsError::Element { value, range, .. } => {
            format!("{value} must be {range}")
        }
        StatsError::Row { value, what, .. } => format!("the object {what} ({value})"),
        StatsError::Asymmetric { upper, lower, .. } => {
            format!("the matrix is not symmetric: {upper} here, {lower} in the mirrored cell")
        }
        other => other.to_string(),
    }
}

impl Cause for ResponseError {
    fn family(&self) -> Family {
        match self {
            Self::NoColumns { .. } => Family::Usage,
            Self::UnknownMetric { .. } | Self::Metric { .. } | Self::Grid { .. } => Family::Config,
            Self::Width { .. } | Self::Rows { .. } => Family::Shape,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoColumns { .. } => "bind it with `--y COLUMNS` or `--label COLUMN`".to_owned(),
            Self::Width { .. } | Self::Cells { .. } => "give other columns, or another `--y-kind`".to_owned(),
            Self::Object { source, .. } | Self::Whole { source, .. } | Self::Metric { source, .. } => {
                source.hint().to_owned()
            }
            Self::UnknownMetric { .. } => {
                let names: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
                format!("the metrics are {}", suffit_core::text::choices(&names))
            }
            Self::Grid { .. } => "for example `--grid 0..100` or `--grid 0,0.5,1`".to_owned(),
            Self::NoPair { .. } => "the long form needs every pair once; the diagonal may be left out".to_owned(),
            Self::PairTwice { .. } => {
                "give a pair once in one direction, or once in each direction with equal values".to_owned()
            }
            Self::Rows { .. } => {
                "rows and columns of the matrix are the rows of the data, in the same order".to_owned()
            }
            Self::UnknownObject { .. } => "i and j are values of the id column, or row numbers from 0".to_owned(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoColumns { .. } => "response.no_columns",
            Self::Width { .. } => "response.width",
            Self::Cells { .. } => "response.cells",
            Self::Object { .. } => "response.object",
            Self::Whole { .. } => "response.whole",
            Self::UnknownMetric { .. } => "response.unknown_metric",
            Self::Metric { .. } => "response.metric",
            Self::Grid { .. } => "response.grid",
            Self::NoPair { .. } => "response.no_pair",
            Self::PairTwice { .. } => "response.pair_twice",
            Self::Rows { .. } => "response.rows",
            Self::UnknownObject { .. } => "response.unknown_object",
        }
    }
}
