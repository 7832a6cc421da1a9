//! Responses that are objects: numbers, labels, distributions, covariance matrices, directions,
//! compositions, graphs, strings, or anything that has a distance.
//!
//! A [`Response`] holds one object a row and is valid once it is built. A [`Metric`] turns it into a
//! [`Space`], which answers distances between rows without a matrix. Where the metric is the
//! Euclidean distance of some coordinates, [`coordinates`] gives them: regressions predict those.
//! Spec: `fccov.md`, "Inputs and outputs".

mod convert;
mod kind;
mod metric;
mod space;
mod spd;
mod text;

pub(crate) use convert::level_weights;
pub use convert::{
    density_quantiles, equidistant_levels, histogram_quantiles, midpoint_levels, sample_quantiles, wasserstein2_samples,
};
pub use kind::Response;
pub use metric::Metric;
pub use space::Space;
pub use text::levenshtein;

use crate::{StatsError, linalg::Matrix};

/// All distances between the rows of `response`.
///
/// - shapes: `[n, n]`, row i = distances from row i; cost `n^2/2` distances, `8 n^2` bytes
/// - determinism: independent of threads
///
/// # Errors
/// As [`Response::space`].
///
/// ```
/// use suffit_stats::response::{Metric, Response, distances};
/// let d = distances(&Response::real(vec![0.0, 3.0], 1)?, Metric::Euclidean)?;
/// assert_eq!(d.values, vec![0.0, 3.0, 3.0, 0.0]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn distances(response: &Response, metric: Metric) -> Result<Matrix, StatsError> {
    Ok(response.space(metric)?.matrix())
}

/// Coordinates of the rows for regressions: standardised numbers, one-hot labels, quantiles, the
/// upper triangle of log-SPD (off-diagonals times the square root of 2), unit vectors, square roots
/// of shares, Laplacians; `None` where only distances exist (strings, a distance matrix).
///
/// - shapes: `[n, m]`; where the default metric is Euclidean in these coordinates their distances are
///   its distances (quantiles carry the square roots of their weights); for labels they are
///   `sqrt(2)` times the 0/1 distance; for directions and compositions they are chords
///
/// # Errors
/// [`StatsError::Decomposition`] (a covariance matrix whose eigenvalues do not converge).
pub fn coordinates(response: &Response) -> Result<Option<Matrix>, StatsError> {
    response.space(Metric::default_for(response)).map(|s| s.coordinates())
}
