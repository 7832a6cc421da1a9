//! Figures by rows and columns of names: heat maps, subsets.

use serde::{Deserialize, Serialize};

use super::axis::{Axis, Reference};
use crate::num;
use crate::value::Estimate;

/// Values by two lists of names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// What the columns are.
    pub x_label: String,
    /// What the rows are.
    pub y_label: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// `values[row][column]`; `NaN` where there is none.
    #[serde(with = "num::grid")]
    pub values: Vec<Vec<f64>>,
    /// `n[row][column]` or empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub n: Vec<Vec<u64>>,
    /// What is measured and how it is printed.
    pub axis: Axis,
    /// The colours.
    pub colours: Colours,
}

/// The colour scale of values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scale", rename_all = "snake_case")]
pub enum Colours {
    /// Dark to light (viridis), from the lowest to the highest value or the axis' domain.
    Sequential,
    /// Two hues from a neutral middle.
    Diverging {
        /// The value of the middle.
        centre: f64,
    },
}

impl Heat {
    /// A map of `values[row][column]` on the sequential scale.
    pub fn new<R: Into<String>, C: Into<String>>(
        axis: Axis,
        rows: impl IntoIterator<Item = R>,
        columns: impl IntoIterator<Item = C>,
        values: Vec<Vec<f64>>,
    ) -> Self {
        Self {
            x_label: String::new(),
            y_label: String::new(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: rows.into_iter().map(Into::into).collect(),
            values,
            n: Vec::new(),
            axis,
            colours: Colours::Sequential,
        }
    }

    /// What rows and columns are.
    #[must_use]
    pub fn labels(mut self, rows: impl Into<String>, columns: impl Into<String>) -> Self {
        self.y_label = rows.into();
        self.x_label = columns.into();
        self
    }

    /// On the diverging scale around `centre`.
    #[must_use]
    pub fn diverging(mut self, centre: f64) -> Self {
        self.colours = Colours::Diverging { centre };
        self
    }

    /// With the number of units behind each value.
    #[must_use]
    pub fn n(mut self, n: Vec<Vec<u64>>) -> Self {
        self.n = n;
        self
    }
}

/// Values by which of a few things are present: one row per subset, one column per target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subsets {
    /// Names of the things that may be present.
    pub members: Vec<String>,
    /// Names of what is measured for each subset ("find pix"); one or more.
    pub targets: Vec<String>,
    /// The subsets, top to bottom.
    pub rows: Vec<SubsetRow>,
    /// What is measured and how it is printed.
    pub axis: Axis,
    /// Reference lines (drawn with a single target, listed under the figure otherwise).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// One subset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubsetRow {
    /// Which members are present, in the order of `members`.
    pub present: Vec<bool>,
    /// One value per target; nothing where the question makes no sense.
    pub values: Vec<Option<Estimate>>,
}

impl Subsets {
    /// An empty matrix.
    pub fn new<M: Into<String>, T: Into<String>>(
        axis: Axis,
        members: impl IntoIterator<Item = M>,
        targets: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            members: members.into_iter().map(Into::into).collect(),
            targets: targets.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            axis,
            references: Vec::new(),
        }
    }

    /// Adds a subset with one value per target.
    #[must_use]
    pub fn row(mut self, present: Vec<bool>, values: Vec<Option<Estimate>>) -> Self {
        self.push(present, values);
        self
    }

    /// Adds a subset in a loop.
    pub fn push(&mut self, present: Vec<bool>, values: Vec<Option<Estimate>>) {
        self.rows.push(SubsetRow { present, values });
    }

    references!();
}
