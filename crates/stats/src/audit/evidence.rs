//! What an audit found: numbers only, serialisable.

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::{conditional::TestResult, probe::Family};

/// The answer of one representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The lost share is below the tolerance.
    Enough,
    /// Below the tolerance, but the test sees that something was lost.
    EnoughLossReal,
    /// The test sees a loss and the stacked gap is above the tolerance.
    NotEnough,
    /// The rows do not decide.
    Undecided,
    /// X says nothing about Y that these rows could show.
    NoSignal,
}

/// A mean with its two-sided interval at level `1 - 2 alpha`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Point estimate.
    pub value: f64,
    /// Standard error.
    pub se: f64,
    /// One-sided lower limit at level `1 - alpha`.
    pub lower: f64,
    /// One-sided upper limit at level `1 - alpha`.
    pub upper: f64,
}

/// The loss in which risks are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// Squared error of standardised numbers, summed over coordinates.
    Squared,
    /// Log-loss in bits.
    Bits,
    /// Squared 2-Wasserstein distance, quantiles made monotone.
    Wasserstein,
    /// Squared log-Euclidean distance.
    LogEuclidean,
    /// `1 - cos` of the angle.
    Cosine,
    /// Squared distance in the coordinates of the kind.
    Coordinates,
    /// Energy score of a weighted forecast; needs distances only.
    Energy,
}

/// Dependence of Y on X and on a representation, by permutation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// Rows used.
    pub rows: usize,
    /// Permutations.
    pub permutations: usize,
    /// Name of a measure with its statistic and p-value.
    pub measures: Vec<Measure>,
    /// Holm-adjusted smallest p-value.
    pub p: f64,
}

/// One measure of a [`Screen`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// `dcor`, `hsic`, `fccov`.
    pub name: String,
    /// The statistic.
    pub statistic: f64,
    /// Permutation p-value, never 0.
    pub p: f64,
}

/// Share of the mean loss that a column of X gives on top of Z.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColumnLoss {
    /// Column of X, from 0.
    pub column: usize,
    /// Residual correlation statistic (largest over the coordinates of Y).
    pub statistic: f64,
    /// Its p-value.
    pub p: f64,
    /// Benjamini-Hochberg adjusted over columns.
    pub p_adjusted: f64,
}

/// Loss on a part of Y.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartLoss {
    /// A class, a range of Y, or a coordinate.
    pub part: Part,
    /// Rows in it (all, for a coordinate).
    pub rows: usize,
    /// Mean gap there.
    pub gap: Estimate,
    /// One-sided p-value of a positive gap.
    pub p: f64,
    /// Benjamini-Hochberg adjusted over parts.
    pub p_adjusted: f64,
}

/// A part of Y.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Class by code.
    Class(usize),
    /// Rows whose number lies in this range, both ends included.
    Range(f64, f64),
    /// Coordinate (quantile, entry) by number.
    Coordinate(usize),
}

/// A group of rows where much was lost, found on one half and measured on the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subgroup {
    /// Bounds on columns of X that define it.
    pub bounds: Vec<Bound>,
    /// Rows of the measuring half in it.
    pub rows: usize,
    /// Mean gap on them.
    pub gap: Estimate,
    /// One-sided p-value of a gap above the mean gap.
    pub p: f64,
    /// Benjamini-Hochberg adjusted over subgroups.
    pub p_adjusted: f64,
}

/// `column > value` or `column <= value`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Column of X, from 0.
    pub column: usize,
    /// Cut.
    pub value: f64,
    /// Whether the rows lie above the cut.
    pub above: bool,
}

/// Predicted against seen, for the plot of probe calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Rows in the bin.
    pub rows: usize,
    /// Mean prediction (first coordinate, or top-class probability).
    pub predicted: f64,
    /// Mean of what was seen.
    pub seen: f64,
}

/// Online code lengths in the unit of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CodeLength {
    /// Rows coded.
    pub rows: usize,
    /// Code length from Z (and W).
    pub z: f64,
    /// Code length from X (and W).
    pub x: f64,
    /// Code length of the uniform code (labels), else of the running mean.
    pub baseline: f64,
}

/// A remark that changes how the result may be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// Columns of Z that never vary (they were left out).
    ConstantColumns {
        /// Columns, from 0.
        columns: Vec<usize>,
    },
    /// Z predicts Y far better than X does, which no function of X can: it may contain Y, or have been
    /// learned from these rows.
    MayContainTarget {
        /// `R_Z / R_0`.
        share: f64,
        /// `R_X / R_0` of the same family.
        share_x: f64,
    },
    /// Z follows the order of the rows as X does not: a row number may be in it.
    RowOrder {
        /// Column of Z.
        column: usize,
        /// Absolute rank correlation with the row number.
        correlation: f64,
    },
    /// Rows with identical X and Z lie in several folds.
    DuplicatesAcrossFolds {
        /// Rows concerned.
        rows: usize,
    },
    /// Only part of the rows was used by tests or probes.
    Subsampled {
        /// Rows of the test.
        test: usize,
        /// Most rows of a fit.
        fit: usize,
    },
    /// X added nothing to the Z-probe in any fold.
    StackKeptZ,
    /// Every column of X is a column of Z.
    SameAsX,
    /// The test on balls sees a difference beyond means.
    BeyondMeans {
        /// Its p-value.
        p: f64,
    },
}

/// One representation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepresentationEvidence {
    /// Its name.
    pub name: String,
    /// Its number of columns.
    pub columns: usize,
    /// The family chosen by inner cross-validation, used on both sides.
    pub family: Family,
    /// Inner cross-validated risk of every family on (X, Z, W).
    pub families: Vec<(Family, f64)>,
    /// Risk of the best constant.
    pub r0: Estimate,
    /// Risk of the probe on (Z, W).
    pub r_z: Estimate,
    /// Risk of the stack on (X, Z, W).
    pub r_xz: Estimate,
    /// `R_Z - R_XZ`.
    pub gap: Estimate,
    /// `(R_Z - R_XZ) / (R_0 - R_XZ)`; not defined where nothing is predicted.
    pub lost: Option<Estimate>,
    /// Weight of the stack in every fold.
    pub stack: Vec<f64>,
    /// The primary test: PCM, and PCM on balls, Bonferroni over both.
    pub test: TestResult,
    /// PCM on means.
    pub pcm: Option<TestResult>,
    /// PCM on ball indicators.
    pub balls: Option<TestResult>,
    /// Second opinions that never decide.
    pub second: Vec<TestResult>,
    /// p-value of the primary test after Holm over the representations.
    pub p_holm: f64,
    /// Verdict.
    pub decision: Decision,
    /// Smallest lost share that these rows would show with power 0.8.
    pub detectable: Option<f64>,
    /// Rows that would decide, where undecided.
    pub rows_to_decide: Option<u64>,
    /// Gap of every row, in the order of the rows.
    pub gaps: Vec<f64>,
    /// Columns of X by what they add.
    pub lost_columns: Vec<ColumnLoss>,
    /// Parts of Y.
    pub lost_parts: Vec<PartLoss>,
    /// Worst subgroups.
    pub subgroups: Vec<Subgroup>,
    /// Calibration of the probe on Z.
    pub calibration_z: Vec<CalibrationBin>,
    /// Calibration of the stack.
    pub calibration_xz: Vec<CalibrationBin>,
    /// Online code.
    pub code_length: Option<CodeLength>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// Paired difference of two representations: `R_Z(a) - R_Z(b)` row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// First, by index.
    pub a: usize,
    /// Second, by index.
    pub b: usize,
    /// Mean difference of losses.
    pub difference: Estimate,
    /// Two-sided p-value.
    pub p: f64,
    /// After Holm over all pairs.
    pub p_holm: f64,
}

/// Everything an audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Rows.
    pub rows: usize,
    /// Columns of X.
    pub x_columns: usize,
    /// Columns of W.
    pub w_columns: usize,
    /// Kind of the response.
    pub kind: String,
    /// Its metric.
    pub metric: String,
    /// Loss of the risks.
    pub loss: LossKind,
    /// How folds were made: `stratified`, `random`, `group`, `time`.
    pub fold_rule: String,
    /// Dependence of Y on X.
    pub screen: Screen,
    /// Representations in the order given.
    pub representations: Vec<RepresentationEvidence>,
    /// Indices of representations, smallest risk first.
    pub ranking: Vec<usize>,
    /// All pairs.
    pub pairs: Vec<Paired>,
    /// Settings used.
    pub settings: Settings,
}
