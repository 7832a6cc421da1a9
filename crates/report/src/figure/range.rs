//! Figures with one axis of numbers: intervals, bars, histograms.

use serde::{Deserialize, Serialize};

use super::axis::{Axis, Reference};
use crate::num;
use crate::value::Estimate;

/// One dot with its interval per row, in groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// The axis of values.
    pub axis: Axis,
    /// The rows, top to bottom.
    pub rows: Vec<IntervalRow>,
    /// Vertical reference lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// A row of [`Intervals`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalRow {
    /// Label at the left; rows with the same label share a line.
    pub label: String,
    /// Series; decides colour. Several series on one label are drawn above one another.
    pub series: String,
    /// The value.
    pub value: Estimate,
}

impl Intervals {
    /// An empty plot.
    pub fn new(axis: Axis) -> Self {
        Self { axis, rows: Vec::new(), references: Vec::new() }
    }

    /// Adds a value.
    #[must_use]
    pub fn row(mut self, label: impl Into<String>, series: impl Into<String>, value: impl Into<Estimate>) -> Self {
        self.rows.push(IntervalRow { label: label.into(), series: series.into(), value: value.into() });
        self
    }

    references!();
}

/// Bars from zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// What the bars are.
    pub category: String,
    /// The axis of values.
    pub axis: Axis,
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// Reference lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// Its category.
    pub label: String,
    /// Its series; decides colour. Several series in a category stand side by side.
    pub series: String,
    /// Its height.
    pub value: Estimate,
}

impl Bars {
    /// An empty plot.
    pub fn new(category: impl Into<String>, axis: Axis) -> Self {
        Self { category: category.into(), axis, bars: Vec::new(), references: Vec::new() }
    }

    /// Adds a bar.
    #[must_use]
    pub fn bar(mut self, label: impl Into<String>, series: impl Into<String>, value: impl Into<Estimate>) -> Self {
        self.bars.push(Bar { label: label.into(), series: series.into(), value: value.into() });
        self
    }

    references!();
}

/// Counts by bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The axis of values.
    pub x: Axis,
    /// Edges of the bins, ascending, one more than bins.
    #[serde(with = "num::list")]
    pub edges: Vec<f64>,
    /// Counts per series.
    pub series: Vec<HistogramSeries>,
    /// Vertical reference lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// The counts of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistogramSeries {
    /// Name; decides the colour.
    pub name: String,
    /// Count per bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// A histogram over given edges.
    pub fn new(x: Axis, edges: Vec<f64>) -> Self {
        Self { x, edges, series: Vec::new(), references: Vec::new() }
    }

    /// A histogram of `values` in `bins` equal bins between their finite ends.
    pub fn of(x: Axis, name: impl Into<String>, values: &[f64], bins: usize) -> Self {
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let low = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let high = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bins = bins.max(1);
        let (low, width) = match (finite.is_empty(), high > low) {
            (true, _) => return Self::new(x, Vec::new()),
            (false, true) => (low, (high - low) / bins as f64),
            (false, false) => (low - 0.5, 1.0 / bins as f64),
        };
        let edges = (0..=bins).map(|i| low + width * i as f64).collect();
        let mut counts = vec![0; bins];
        for value in &finite {
            counts[(((value - low) / width) as usize).min(bins - 1)] += 1;
        }
        Self::new(x, edges).series(name, counts)
    }

    /// Adds the counts of a series.
    #[must_use]
    pub fn series(mut self, name: impl Into<String>, counts: Vec<u64>) -> Self {
        self.series.push(HistogramSeries { name: name.into(), counts });
        self
    }

    references!();
}
