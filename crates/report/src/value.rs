//! An estimated number: value, interval, sample size.

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::num;

/// The level of an interval when nothing else is said.
pub const LEVEL: f64 = 0.95;

/// An interval around an estimate, in the estimate's unit. An end may be infinite (one-sided).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower limit.
    #[serde(with = "num")]
    pub low: f64,
    /// Upper limit.
    #[serde(with = "num")]
    pub high: f64,
    /// Coverage in (0, 1), 0.95 unless said otherwise; `NaN` for a spread, which promises none.
    #[serde(with = "num")]
    pub level: f64,
}

impl Interval {
    /// `95 %`, or `spread` for one that promises no coverage.
    pub(crate) fn tag(&self) -> String {
        if self.level.is_nan() {
            return "spread".to_owned();
        }
        format!("{} %", Format::percent_auto().write(self.level))
    }
}

/// A number with, where it was estimated, its interval and the number of units it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The value; `NaN` means "not measured" and prints as a dash.
    #[serde(with = "num")]
    pub value: f64,
    /// Its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// How many units (rows, pairs, seeds) it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
}

impl Estimate {
    /// A bare value.
    pub fn new(value: f64) -> Self {
        Self { value, interval: None, n: None }
    }

    /// With a 95 % interval.
    #[must_use]
    pub fn interval(mut self, low: f64, high: f64) -> Self {
        self.interval = Some(Interval { low, high, level: LEVEL });
        self
    }

    /// With the lowest and the highest of a few values (seeds, folds): a spread that promises no
    /// coverage and is labelled so.
    #[must_use]
    pub fn spread(mut self, low: f64, high: f64) -> Self {
        self.interval = Some(Interval { low, high, level: f64::NAN });
        self
    }

    /// With another coverage than 95 %; does nothing to an estimate without interval.
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        if let Some(interval) = &mut self.interval {
            interval.level = level;
        }
        self
    }

    /// With the number of units behind it.
    #[must_use]
    pub fn n(mut self, n: u64) -> Self {
        self.n = Some(n);
        self
    }
}

impl From<f64> for Estimate {
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}
