//! Why a document cannot be rendered faithfully.

use suffit_core::{Cause, Family};

/// A document whose parts do not fit each other.
///
/// The renderers do not fail on such a document (a missing cell prints as a dash), but a method
/// that builds one has a bug, so [`crate::Document::validate`] names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A row has another number of cells than its table has columns.
    #[error("table `{table}`, row {row}: {got} cells for {expected} columns")]
    RowWidth {
        /// Title of the table.
        table: String,
        /// Row, from 1.
        row: usize,
        /// Number of columns.
        expected: usize,
        /// Number of cells.
        got: usize,
    },
    /// Lists of a figure have different lengths.
    #[error("figure `{figure}`: {part} has {got} entries, {expected} are needed")]
    FigureLength {
        /// Title of the figure.
        figure: String,
        /// Which list.
        part: String,
        /// Length that fits.
        expected: usize,
        /// Length that was given.
        got: usize,
    },
    /// A file of the run is not named by a path inside the run directory.
    #[error("file link `{path}` leads out of the run directory")]
    FileOutside {
        /// The path.
        path: String,
    },
}

impl Cause for ReportError {
    fn family(&self) -> Family {
        Family::Bug
    }

    fn code(&self) -> &'static str {
        match self {
            Self::RowWidth { .. } => "report.row_width",
            Self::FigureLength { .. } => "report.figure_length",
            Self::FileOutside { .. } => "report.file_outside",
        }
    }
}
