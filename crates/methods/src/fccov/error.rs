//! Why the Fréchet cumulative covariance net cannot go on: causes with data.

use suffit_core::{Cause, Family};
use suffit_stats::{Fault, StatsError};

/// Why the Fréchet cumulative covariance net cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FccovError {
    /// No view is bound.
    #[error("`{data}` has no view beside y: fccov reduces one")]
    NoView {
        /// The data set.
        data: String,
    },
    /// A row without x.
    #[error("`{data}` row {row}: the view `{view}` is missing")]
    NoRow {
        /// The data set.
        data: String,
        /// Row, from 1.
        row: usize,
        /// The view.
        view: String,
    },
    /// Too few rows in a part.
    #[error("the {part} part of `{data}` has {rows} row(s), at least {need} are needed")]
    TooFew {
        /// The part.
        part: &'static str,
        /// The data set.
        data: String,
        /// Rows there.
        rows: usize,
        /// Rows needed.
        need: usize,
    },
    /// More dimensions than the solver can give.
    #[error("`dims` is {dims}, but x has {columns} column(s) that vary")]
    TooManyDims {
        /// Dimensions asked for.
        dims: usize,
        /// Columns that vary.
        columns: usize,
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
    /// A table that does not exist.
    #[error("fccov has no table `{table}`")]
    UnknownTable {
        /// The name.
        table: String,
        /// Tables there are.
        known: Vec<&'static str>,
    },
    /// Data of a table that was not given.
    #[error("table `{table}` needs data that is not bundled: {needs}")]
    NoData {
        /// The table.
        table: &'static str,
        /// What it needs.
        needs: &'static str,
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

impl FccovError {
    /// A refusal of `stats`, with what was computed.
    pub fn of(what: &'static str) -> impl Fn(StatsError) -> suffit_core::Error + Copy {
        move |source| FccovError::Statistic { what, source }.into()
    }
}

impl Cause for FccovError {
    fn family(&self) -> Family {
        match self {
            Self::Option { .. } | Self::UnknownTable { .. } | Self::NoData { .. } => Family::Usage,
            Self::TooManyDims { .. } => Family::Config,
            Self::Statistic { source, .. } if source.fault() == Fault::Setting => Family::Config,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoView { .. } => "bind one with `--view x=COLUMNS`".to_owned(),
            Self::NoRow { .. } => "fill the values in or remove the row".to_owned(),
            Self::TooFew { .. } => "add rows, or change `val_fraction` and `test_fraction`".to_owned(),
            Self::TooManyDims { .. } => "ask for fewer, or give more columns".to_owned(),
            Self::Option { .. } => "apply takes `batch_rows`, audit takes `permutations`".to_owned(),
            Self::UnknownTable { known, .. } => format!("the tables are {}", suffit_core::text::choices(known)),
            Self::NoData { .. } => "give the folder above it with `--data FOLDER`".to_owned(),
            Self::Statistic { source, .. } => source.hint().to_owned(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoView { .. } => "fccov.no_view",
            Self::NoRow { .. } => "fccov.no_row",
            Self::TooFew { .. } => "fccov.too_few",
            Self::TooManyDims { .. } => "fccov.too_many_dims",
            Self::Option { .. } => "fccov.option",
            Self::UnknownTable { .. } => "fccov.unknown_table",
            Self::NoData { .. } => "fccov.no_data",
            Self::Statistic { source, .. } => source.code(),
        }
    }
}
