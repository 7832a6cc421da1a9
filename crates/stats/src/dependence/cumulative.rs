//! Half-line form of FCCov for a number.

use crate::{StatsError, check, linalg::Matrix};

/// `n^-1 sum_t | n^-1 sum_k (U_k - mean) 1{y_k <= y_t} |^2`.
///
/// - shapes: `u: [n, d]`, `y: [n]`; cost `O(n log n + n d)`; ties use the last tied row
/// - source: Zhu, Zhu and Feng 2010; spec section 1
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`].
///
/// ```
/// use suffit_stats::{dependence::cumulative, linalg::Matrix};
/// // centred (-1, 1): half-lines give -1/2 and 0
/// let u = Matrix::new(2, 1, vec![0.0, 2.0])?;
/// assert_eq!(cumulative(&u, &[0.0, 1.0])?, 0.125);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn cumulative(u: &Matrix, y: &[f64]) -> Result<f64, StatsError> {
    check::same_length("u", u.rows, "y", y.len())?;
    check::sample("y", y, 1)?;
    check::finite("u", &u.values)?;
    let (n, means) = (y.len(), u.column_means());
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| y[a].total_cmp(&y[b]));
    let mut sums = vec![0.0; u.cols];
    let mut total = 0.0;
    for tied in order.chunk_by(|&a, &b| y[a] == y[b]) {
        for &k in tied {
            sums.iter_mut().zip(u.row(k)).zip(&means).for_each(|((s, v), m)| *s += v - m);
        }
        total += tied.len() as f64 * sums.iter().map(|s| s * s).sum::<f64>();
    }
    Ok(total / (n as f64).powi(3))
}
