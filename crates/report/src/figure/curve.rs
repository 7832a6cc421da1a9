//! Figures with two axes of numbers: curves, points, calibration.

use serde::{Deserialize, Serialize};

use super::axis::{Axis, Reference};
use crate::num;
use crate::value::{Estimate, LEVEL};

/// Curves over a common x axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lines {
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The curves.
    pub series: Vec<Series>,
    /// Horizontal reference lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// One curve: `x` and `y` of one length, `low`, `high` and `n` of that length or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Name; decides the colour in the whole report.
    pub name: String,
    /// Positions.
    #[serde(with = "num::list")]
    pub x: Vec<f64>,
    /// Values; `NaN` leaves a gap.
    #[serde(with = "num::list")]
    pub y: Vec<f64>,
    /// Lower ends of the band.
    #[serde(default, with = "num::list", skip_serializing_if = "Vec::is_empty")]
    pub low: Vec<f64>,
    /// Upper ends of the band.
    #[serde(default, with = "num::list", skip_serializing_if = "Vec::is_empty")]
    pub high: Vec<f64>,
    /// Coverage of the band in (0, 1), 0.95 unless said otherwise; nothing for a spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Units behind each value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub n: Vec<u64>,
    /// Something to compare with: drawn dashed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baseline: bool,
    /// Mark every point (few points), not only the line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marks: bool,
}

impl Series {
    /// A curve through `(x[i], y[i])`.
    pub fn new(name: impl Into<String>, x: Vec<f64>, y: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            x,
            y,
            low: Vec::new(),
            high: Vec::new(),
            level: None,
            n: Vec::new(),
            baseline: false,
            marks: false,
        }
    }

    /// With a band of 95 % intervals from `low` to `high`.
    #[must_use]
    pub fn band(mut self, low: Vec<f64>, high: Vec<f64>) -> Self {
        (self.low, self.high, self.level) = (low, high, Some(LEVEL));
        self
    }

    /// With a band from the lowest to the highest of a few values (seeds, folds).
    #[must_use]
    pub fn spread(mut self, low: Vec<f64>, high: Vec<f64>) -> Self {
        (self.low, self.high, self.level) = (low, high, None);
        self
    }

    /// With another coverage of the band than 95 %.
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        self.level = Some(level);
        self
    }

    /// With the number of units behind each point.
    #[must_use]
    pub fn n(mut self, n: Vec<u64>) -> Self {
        self.n = n;
        self
    }

    /// As something to compare with.
    #[must_use]
    pub fn as_baseline(mut self) -> Self {
        self.baseline = true;
        self
    }

    /// With a mark at every point.
    #[must_use]
    pub fn marked(mut self) -> Self {
        self.marks = true;
        self
    }
}

impl Lines {
    /// Empty axes.
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, series: Vec::new(), references: Vec::new() }
    }

    /// Adds a curve.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    references!();
}

/// Points in the plane. Above 5,000 points the page draws counts per cell of a grid instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scatter {
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The points.
    pub series: Vec<Points>,
    /// Draw the diagonal y = x.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub diagonal: bool,
    /// Horizontal reference lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// The points of one series; `labels` is empty or of the same length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Name; decides the colour.
    pub name: String,
    /// Horizontal positions.
    #[serde(with = "num::list")]
    pub x: Vec<f64>,
    /// Vertical positions.
    #[serde(with = "num::list")]
    pub y: Vec<f64>,
    /// A name per point, shown on hover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl Scatter {
    /// Empty axes.
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, series: Vec::new(), diagonal: false, references: Vec::new() }
    }

    /// Adds points.
    #[must_use]
    pub fn points(mut self, name: impl Into<String>, x: Vec<f64>, y: Vec<f64>) -> Self {
        self.series.push(Points { name: name.into(), x, y, labels: Vec::new() });
        self
    }

    /// Names the points of the last series.
    #[must_use]
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        if let Some(points) = self.series.last_mut() {
            points.labels = labels.into_iter().map(Into::into).collect();
        }
        self
    }

    /// With the diagonal.
    #[must_use]
    pub fn diagonal(mut self) -> Self {
        self.diagonal = true;
        self
    }

    references!();
}

/// Reliability: observed frequency against predicted probability, by bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What the probability is of: "top candidate is right".
    pub event: String,
    /// One curve per series.
    pub curves: Vec<CalibrationCurve>,
}

/// The bins of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationCurve {
    /// Name; decides the colour.
    pub name: String,
    /// The bins, ascending.
    pub bins: Vec<CalibrationBin>,
    /// Expected calibration error, printed beside the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
}

/// One bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationBin {
    /// Mean predicted probability.
    #[serde(with = "num")]
    pub predicted: f64,
    /// Observed frequency with interval and n.
    pub observed: Estimate,
}

impl Calibration {
    /// An empty plot.
    pub fn new(event: impl Into<String>) -> Self {
        Self { event: event.into(), curves: Vec::new() }
    }

    /// Adds a curve of `(mean predicted probability, observed frequency)`.
    #[must_use]
    pub fn curve(mut self, name: impl Into<String>, ece: Option<f64>, bins: Vec<(f64, Estimate)>) -> Self {
        let bins = bins.into_iter().map(|(predicted, observed)| CalibrationBin { predicted, observed }).collect();
        self.curves.push(CalibrationCurve { name: name.into(), bins, ece });
        self
    }
}
