//! The interval every estimator of this crate returns.

use serde::{Deserialize, Serialize};

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalKind {
    /// Bootstrap, plain quantiles of the replicates.
    Percentile,
    /// Bootstrap, bias-corrected and accelerated.
    Bca {
        /// Bias correction `z0`.
        bias: f64,
        /// Acceleration `a`.
        acceleration: f64,
    },
    /// Student's t.
    Student,
    /// Wilson score (proportion).
    Wilson,
    /// Clopper-Pearson (proportion).
    ClopperPearson,
}

/// Why an interval should be read with care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Caution {
    /// Every replicate equals the estimate: the data show no variation at all.
    Constant,
    /// All replicates lie on one side of the estimate, so the bias correction was capped.
    OneSided,
    /// A limit lies beyond the outermost replicate, which stands in for it: a strong acceleration,
    /// or too few replicates for the level.
    Extreme,
    /// Fewer than ten resampling units: resampling cannot show what was not sampled.
    FewUnits,
}

/// A point estimate with a two-sided interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The statistic on the data.
    pub estimate: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Nominal coverage, for example 0.95.
    pub level: f64,
    /// Standard error where the method has one.
    pub standard_error: Option<f64>,
    /// How the limits were made.
    pub kind: IntervalKind,
    /// Number of bootstrap replicates; 0 for closed forms.
    pub replicates: usize,
    /// A reason to read it with care.
    pub caution: Option<Caution>,
}

impl Interval {
    pub(crate) fn plain(estimate: f64, low: f64, high: f64, level: f64, kind: IntervalKind) -> Self {
        Self { estimate, low, high, level, standard_error: None, kind, replicates: 0, caution: None }
    }

    pub(crate) fn with_standard_error(mut self, standard_error: f64) -> Self {
        self.standard_error = Some(standard_error);
        self
    }

    /// Whether `value` lies inside, limits included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// `high - low`.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}
