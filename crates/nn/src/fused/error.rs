//! Why a fused loss cannot be computed.

use suffit_core::{Cause, Family};

/// Wrong input to a fused loss. Every variant names the argument, what was expected and what came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FusedError {
    /// A contrast needs at least two views.
    #[error("a contrast needs at least 2 views, got {got}")]
    TooFewViews {
        /// How many were given.
        got: usize,
    },
    /// The batch has no rows or no columns.
    #[error("the batch is empty: {rows} rows of {dim} numbers")]
    Empty {
        /// Rows of the batch.
        rows: usize,
        /// Numbers per row.
        dim: usize,
    },
    /// A view is not `[B, d]` as the others are.
    #[error("view {view} holds {got} numbers, expected {rows} rows of {dim}")]
    ViewLength {
        /// Position of the view.
        view: usize,
        /// Numbers found.
        got: usize,
        /// Rows expected.
        rows: usize,
        /// Numbers per row expected.
        dim: usize,
    },
    /// Two views are tensors of different shape.
    #[error("view {view} has shape [{}, {}], expected [{}, {}] as view 0 has", got[0], got[1], expected[0], expected[1])]
    ViewShape {
        /// Position of the view.
        view: usize,
        /// Its shape.
        got: [usize; 2],
        /// The shape of view 0.
        expected: [usize; 2],
    },
    /// A list of negatives or permutations has the wrong number of entries.
    #[error("{what} of view {view} has {got} entries, expected {expected}")]
    Count {
        /// Which list.
        what: &'static str,
        /// The anchor or target view it belongs to.
        view: usize,
        /// Entries found.
        got: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A row index points outside the batch.
    #[error("{what} of view {view} names row {got} at position {position}, but the batch has {rows} rows")]
    RowIndex {
        /// Which list.
        what: &'static str,
        /// The anchor or target view it belongs to.
        view: usize,
        /// Position in the list.
        position: usize,
        /// The index found.
        got: usize,
        /// Rows of the batch.
        rows: usize,
    },
    /// A shuffle uses a row twice.
    #[error("shuffle {other} of anchor {view} is no permutation: row {row} occurs twice")]
    NotPermutation {
        /// The anchor.
        view: usize,
        /// Position among the anchor's other views.
        other: usize,
        /// The repeated row.
        row: usize,
    },
    /// A drawn negative is the row's own positive.
    #[error("negative {position} of row {row} for target view {view} is the row itself")]
    NegativeIsPositive {
        /// The target view.
        view: usize,
        /// The row.
        row: usize,
        /// Which of the row's negatives.
        position: usize,
    },
    /// The group column does not fit the batch.
    #[error("the group column has {got} entries, the batch has {rows} rows")]
    GroupCount {
        /// Entries found.
        got: usize,
        /// Rows of the batch.
        rows: usize,
    },
    /// The number of combinations does not fit the machine's integers.
    #[error("all combinations of {rows} rows over {views} views are too many to count")]
    TooManyCombinations {
        /// Rows of the batch.
        rows: usize,
        /// Views.
        views: usize,
    },
    /// An anchor that does not exist.
    #[error("there is no anchor {got}: the batch has {views} views")]
    NoSuchAnchor {
        /// The anchor asked for.
        got: usize,
        /// Views of the batch.
        views: usize,
    },
    /// The log-scale is not one number.
    #[error("the log-scale must hold one number, it holds {got}")]
    ScaleCount {
        /// Numbers found.
        got: usize,
    },
}

impl Cause for FusedError {
    fn family(&self) -> Family {
        Family::Shape
    }

    fn hint(&self) -> Option<String> {
        match self {
            FusedError::TooManyCombinations { .. } => Some("use sampling `n` or a smaller batch".to_owned()),
            FusedError::GroupCount { .. } => Some("give one group id per row of the batch".to_owned()),
            _ => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            FusedError::TooFewViews { .. } => "fused.too_few_views",
            FusedError::Empty { .. } => "fused.empty",
            FusedError::ViewLength { .. } => "fused.view_length",
            FusedError::ViewShape { .. } => "fused.view_shape",
            FusedError::Count { .. } => "fused.count",
            FusedError::RowIndex { .. } => "fused.row_index",
            FusedError::NotPermutation { .. } => "fused.not_permutation",
            FusedError::NegativeIsPositive { .. } => "fused.negative_is_positive",
            FusedError::GroupCount { .. } => "fused.group_count",
            FusedError::TooManyCombinations { .. } => "fused.too_many_combinations",
            FusedError::NoSuchAnchor { .. } => "fused.no_such_anchor",
            FusedError::ScaleCount { .. } => "fused.scale_count",
        }
    }
}
