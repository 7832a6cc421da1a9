//! Figures as data: the page draws them, Markdown prints their tables.

use serde::{Deserialize, Serialize};

macro_rules! references {
    () => {
        /// A labelled line on the axis of values.
        #[must_use]
        pub fn reference(mut self, reference: Reference) -> Self {
            self.references.push(reference);
            self
        }
    };
}

mod axis;
mod curve;
mod data;
mod matrix;
mod range;

pub use axis::{Axis, Reference, ReferenceRole, Scale};
pub use curve::{Calibration, CalibrationBin, CalibrationCurve, Lines, Points, Scatter, Series};
pub use matrix::{Colours, Heat, SubsetRow, Subsets};
pub use range::{Bar, Bars, Histogram, HistogramSeries, IntervalRow, Intervals};

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Title: the finding, not the chart type.
    pub title: String,
    /// What is drawn, how the intervals were made, what to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Take the full width of the page (a figure shares a row with its neighbour otherwise).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
    /// What is drawn.
    pub chart: Chart,
}

impl Figure {
    /// A figure from its finding and what it draws.
    pub fn new(title: impl Into<String>, chart: impl Into<Chart>) -> Self {
        Self { title: title.into(), caption: None, wide: false, chart: chart.into() }
    }

    /// A sentence or two under the title.
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    /// The full width of the page.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }
}

/// The kinds of drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Chart {
    /// Curves with bands.
    Lines(Lines),
    /// One dot with its interval per row.
    Intervals(Intervals),
    /// Values by two lists of names.
    Heat(Heat),
    /// Bars from zero with intervals.
    Bars(Bars),
    /// Counts by bins.
    Histogram(Histogram),
    /// Points; binned above 5,000.
    Scatter(Scatter),
    /// Predicted against observed frequency.
    Calibration(Calibration),
    /// Values by subsets of things present.
    Subsets(Subsets),
}

macro_rules! chart_from {
    ($($name:ident),*) => { $(
        impl From<$name> for Chart {
            fn from(chart: $name) -> Self {
                Self::$name(chart)
            }
        }
    )* };
}
chart_from!(Lines, Intervals, Heat, Bars, Histogram, Scatter, Calibration, Subsets);
