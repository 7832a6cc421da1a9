//! Columns to a response: what `y` is, and the distance between two of its objects.
//!
//! The target of a question may be a number, a vector, a label, a distribution, a covariance matrix,
//! a direction, a composition, a graph, a text, or a row of a distance matrix. [`bind`] reads its
//! columns in f64, finds out the kind where nobody says it, and makes the validated
//! [`Response`] that all statistics take; [`distance_file`] reads
//! a matrix of distances, square or in the long form `i,j,d`. Spec: `fccov.md`, "Inputs and outputs".
//!
//! | kind | columns |
//! |---|---|
//! | `real` | one or more numbers |
//! | `label`, `ordinal` | one column |
//! | `distribution` | quantiles on a common grid of levels, densities (with `grid`), or one list column of samples |
//! | `spd` | the lower triangle by rows (`q(q+1)/2` columns) or all `q²` |
//! | `sphere`, `composition` | two or more numbers |
//! | `graph` | `q²` weights of an adjacency matrix by rows, or `q(q-1)/2` of its strict lower triangle |
//! | `string` | one text column |
//! | `distance` | as many columns as rows |

mod build;
mod error;
mod guess;
mod matrix;
mod read;

pub use error::ResponseError;
pub use matrix::distance_file;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use suffit_core::{Dataset, Result, Role};
use suffit_stats::response::{Metric, Response};

/// What one object of the response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ResponseKind {
    /// Found out from the columns; the choice is echoed.
    #[default]
    Auto,
    /// A number or a vector.
    Real,
    /// A class.
    Label,
    /// A level of an ordered scale.
    Ordinal,
    /// A probability distribution on the line.
    Distribution,
    /// A symmetric positive definite matrix.
    Spd,
    /// A unit vector.
    Sphere,
    /// Shares that sum to one.
    Composition,
    /// A weighted graph on common nodes.
    Graph,
    /// A text.
    String,
    /// A row of a distance matrix.
    Distance,
}

impl ResponseKind {
    /// Its name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Real => "real",
            Self::Label => "label",
            Self::Ordinal => "ordinal",
            Self::Distribution => "distribution",
            Self::Spd => "spd",
            Self::Sphere => "sphere",
            Self::Composition => "composition",
            Self::Graph => "graph",
            Self::String => "string",
            Self::Distance => "distance",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        use ResponseKind::*;
        [Auto, Real, Label, Ordinal, Distribution, Spd, Sphere, Composition, Graph, String, Distance]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// How distributions are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DistributionForm {
    /// Densities when a grid is given, samples when the column is a list, quantiles otherwise.
    #[default]
    Auto,
    /// A list of observations a row.
    Samples,
    /// Quantiles at the levels `(j + 1/2) / m`.
    Quantiles,
    /// Densities, or counts, at the points of the grid.
    Density,
}

/// How a response is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseOptions {
    /// What one object is.
    pub kind: ResponseKind,
    /// The distance; empty for the default of the kind.
    pub metric: String,
    /// Points at which densities are given: `0..100` (whole numbers), or `a,b,c`.
    pub grid: String,
    /// How distributions are written down.
    pub form: DistributionForm,
    /// Levels of the quantile functions made from samples and densities.
    #[schemars(range(min = 2))]
    pub levels: usize,
    /// Accept a dissimilarity whose matrix is not symmetric.
    pub allow_asymmetric: bool,
}

impl Default for ResponseOptions {
    fn default() -> Self {
        ResponseOptions {
            kind: ResponseKind::Auto,
            metric: String::new(),
            grid: String::new(),
            form: DistributionForm::Auto,
            levels: 200,
            allow_asymmetric: false,
        }
    }
}

/// A response with its distance and where it came from.
#[derive(Debug, Clone)]
pub struct Bound {
    /// One valid object a row.
    pub response: Response,
    /// The distance between objects.
    pub metric: Metric,
    /// The kind, never `auto`.
    pub kind: ResponseKind,
    /// The columns it was read from.
    pub columns: Vec<String>,
    /// Names of the classes, for labels and ordered levels.
    pub classes: Vec<String>,
    /// Why this kind, in words, for the echo.
    pub why: String,
}

/// Reads the columns of `y` and makes a response of them.
///
/// - cost: one pass over the columns, `8 n m` bytes; two for text
/// - determinism: depends on the values only
///
/// # Errors
/// [`ResponseError`] (which object of which row is not of the kind, a metric that the kind does not
/// have, a number of columns that does not fit); [`suffit_data::ValueError::Values`] for missing,
/// infinite and text cells (file, row, column).
pub fn bind(data: &Dataset, columns: &[String], options: &ResponseOptions) -> Result<Bound> {
    if columns.is_empty() {
        return Err(ResponseError::NoColumns { data: data.name.clone() }.into());
    }
    let table = read::Columns::read(data, columns)?;
    let (kind, why) = match options.kind {
        ResponseKind::Auto => guess::kind(&table, options),
        kind => (kind, format!("`{}` was asked for", kind.name())),
    };
    let (response, classes) = build::build(&table, kind, options)?;
    let metric = metric(&response, kind, &options.metric)?;
    Ok(Bound { response, metric, kind, columns: columns.to_vec(), classes, why })
}

/// Columns as numbers, row-major `[n, m]`, with a name for every column: lists are unrolled, texts
/// that are numbers are read. `role` is what messages call them.
///
/// - cost: one pass over the columns, `16 n m` bytes
///
/// # Errors
/// [`suffit_data::ValueError::Values`] for missing, infinite and text cells (file, row, column).
pub fn numbers(data: &Dataset, columns: &[String], role: &str) -> Result<(Vec<f64>, Vec<String>)> {
    let table = read::Columns::read_as(data, columns, role)?;
    let names = table.wide_names();
    let (values, _) = table.matrix()?;
    Ok((values, names))
}

/// The columns of `y`: those of the view `y`, else the label column.
pub fn columns(data: &Dataset) -> Vec<String> {
    match data.roles.get(&Role::View("y".to_owned())) {
        [] => data.roles.get(&Role::Label).to_vec(),
        view => view.to_vec(),
    }
}

/// The metric of that name, or the default of the kind.
fn metric(response: &Response, kind: ResponseKind, name: &str) -> Result<Metric> {
    let metric = match name {
        "" => return Ok(Metric::default_for(response)),
        name => Metric::from_name(name).ok_or_else(|| ResponseError::UnknownMetric { metric: name.to_owned() })?,
    };
    match response.space(metric) {
        Ok(_) => Ok(metric),
        Err(source) => {
            Err(ResponseError::Metric { metric: metric.name(), kind: kind.name(), source: Box::new(source) }.into())
        }
    }
}

/// The points of a grid: `a..b` in whole steps, both ends included, or a comma list.
///
/// # Errors
/// [`ResponseError::Grid`].
pub fn grid(text: &str) -> Result<Vec<f64>> {
    let bad = || ResponseError::Grid { text: text.to_owned() };
    let points: Vec<f64> = if let Some((a, b)) = text.split_once("..") {
        let (a, b): (f64, f64) = (a.trim().parse().map_err(|_| bad())?, b.trim().parse().map_err(|_| bad())?);
        let steps = b - a;
        if !(1.0..=100_000.0).contains(&steps) {
            return Err(bad().into());
        }
        (0..=steps as usize).map(|k| a + k as f64).collect()
    } else {
        text.split(',').map(|t| t.trim().parse().map_err(|_| bad())).collect::<Result<_, _>>()?
    };
    let rising = points.windows(2).all(|w| w[0] < w[1]);
    if points.len() < 2 || !rising || points.iter().any(|p| !p.is_finite()) {
        return Err(bad().into());
    }
    Ok(points)
}

#[cfg(test)]
mod tests;
