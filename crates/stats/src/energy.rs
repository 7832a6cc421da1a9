//! Energy score of a forecast that is known only through distances.

use crate::{StatsError, check, linalg::Matrix};

/// Energy score of a weighted empirical forecast at every observed object:
/// `S = sum_i w_i d(y_i, y) - 1/2 sum_ij w_i w_j d(y_i, y_j)`, smaller is better; strictly proper for
/// distances of strong negative type.
///
/// - shapes: `weights: [m]`, sum 1; `between: [m, m]` distances of the atoms; `observed: [t, m]`
///   distances from each observed object to the atoms; result `[t]`; cost `O(m^2 + t m)`
/// - determinism: fixed order; source: Gneiting and Raftery 2007; spec section 5(b)
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::NotNormalised`].
///
/// ```
/// use suffit_stats::{energy::energy_score, linalg::Matrix};
/// let d = Matrix::new(2, 2, vec![0.0, 1.0, 1.0, 0.0])?;
/// assert_eq!(energy_score(&[0.5, 0.5], &d, &d)?, vec![0.25, 0.25]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn energy_score(weights: &[f64], between: &Matrix, observed: &Matrix) -> Result<Vec<f64>, StatsError> {
    check::same_length("weights", weights.len(), "rows of between", between.rows)?;
    check::same_length("weights", weights.len(), "columns of between", between.cols)?;
    check::same_length("weights", weights.len(), "columns of observed", observed.cols)?;
    check::simplex_rows("weights", weights, weights.len().max(1))?;
    check::finite("between", &between.values)?;
    check::finite("observed", &observed.values)?;
    let dot = |row: &[f64]| row.iter().zip(weights).map(|(d, w)| d * w).sum::<f64>();
    let spread: f64 = (0..between.rows).map(|i| weights[i] * dot(between.row(i))).sum();
    Ok((0..observed.rows).map(|i| dot(observed.row(i)) - 0.5 * spread).collect())
}
