//! Axes and reference lines.

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::num;

/// An axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// What it measures, without the unit.
    pub label: String,
    /// How its numbers are printed; the unit goes with the label.
    #[serde(default)]
    pub format: Format,
    /// Linear or logarithmic.
    #[serde(default, skip_serializing_if = "Scale::is_linear")]
    pub scale: Scale,
    /// Start at zero (where ratios are read).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub zero: bool,
    /// Fixed ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<[f64; 2]>,
}

/// How an axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal steps.
    #[default]
    Linear,
    /// Equal ratios; the page says so on the axis. Values must be above zero.
    Log,
}

impl Scale {
    fn is_linear(&self) -> bool {
        *self == Self::Linear
    }
}

impl Axis {
    /// A linear axis with automatic digits.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), format: Format::auto(), scale: Scale::Linear, zero: false, domain: None }
    }

    /// How numbers on it are printed.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.format.unit = Some(unit.into());
        self
    }

    /// Logarithmic.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.scale = Scale::Log;
        self
    }

    /// Logarithmic if the finite values are all above zero and span more than two decades.
    #[must_use]
    pub fn log_if_wide(self, values: &[f64]) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &value in values.iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > 0.0 && high > 100.0 * low { self.log() } else { self }
    }

    /// Starting at zero.
    #[must_use]
    pub fn from_zero(mut self) -> Self {
        self.zero = true;
        self
    }

    /// Fixed ends.
    #[must_use]
    pub fn domain(mut self, low: f64, high: f64) -> Self {
        self.domain = Some([low, high]);
        self
    }
}

/// A labelled line at a value: chance, a trivial baseline, a target, a ceiling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its label, printed at the line.
    pub label: String,
    /// Its position on the axis of values.
    #[serde(with = "num")]
    pub value: f64,
    /// What it stands for.
    pub role: ReferenceRole,
}

/// What a reference line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceRole {
    /// Guessing.
    Chance,
    /// A trivial or another method.
    Baseline,
    /// What is to be reached.
    Target,
    /// What cannot be exceeded.
    Ceiling,
}

impl Reference {
    /// Guessing at `value`.
    pub fn chance(value: f64) -> Self {
        Self { label: "chance".to_owned(), value, role: ReferenceRole::Chance }
    }

    /// A baseline.
    pub fn baseline(label: impl Into<String>, value: f64) -> Self {
        Self { label: label.into(), value, role: ReferenceRole::Baseline }
    }

    /// A target.
    pub fn target(label: impl Into<String>, value: f64) -> Self {
        Self { label: label.into(), value, role: ReferenceRole::Target }
    }

    /// A ceiling.
    pub fn ceiling(label: impl Into<String>, value: f64) -> Self {
        Self { label: label.into(), value, role: ReferenceRole::Ceiling }
    }
}
