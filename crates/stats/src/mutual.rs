//! Lower bounds on mutual information from a matrix of critic scores.
//!
//! Information panel only: the difference of two lower bounds bounds nothing, so none of these enters a
//! verdict. The variance of DV and NWJ grows like `e^I`; InfoNCE cannot exceed `log K`; SMILE is not a
//! bound. Spec: `fccov.md`, section 5(e).

use serde::{Deserialize, Serialize};

use crate::{StatsError, check, linalg::Matrix};

/// The four estimates, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Donsker-Varadhan: `E_p[f] - log E_q[e^f]`.
    pub dv: f64,
    /// Nguyen-Wainwright-Jordan: `E_p[f] - E_q[e^(f - 1)]`.
    pub nwj: f64,
    /// InfoNCE: `log K` less the cross-entropy of finding the partner in each row.
    pub infonce: f64,
    /// SMILE: as DV with `e^f` clipped to `[e^-tau, e^tau]`.
    pub smile: f64,
    /// The cap of InfoNCE, `log K`.
    pub log_k: f64,
}

/// Bounds from `scores[i][j] = f(x_i, y_j)`: pairs on the diagonal come from the joint law, off the
/// diagonal from the product.
///
/// - shapes: `scores: [K, K]`; cost `O(K^2)`; determinism: fixed order, logarithms of sums are shifted
/// - source: Poole et al. 2019; Song and Ermon 2020; spec section 5(e)
///
/// # Errors
/// [`StatsError::LengthMismatch`] (not square), [`StatsError::TooFew`] (2), [`StatsError::NotFinite`],
/// [`StatsError::Setting`] (tau not above 0).
///
/// ```
/// use suffit_stats::{linalg::Matrix, mutual::lower_bounds};
/// let b = lower_bounds(&Matrix::zeros(4, 4), 5.0)?;
/// assert!(b.dv.abs() < 1e-15 && b.infonce.abs() < 1e-15 && (b.nwj + 0.36787944117144233).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn lower_bounds(scores: &Matrix, tau: f64) -> Result<Bounds, StatsError> {
    check::same_length("rows", scores.rows, "columns", scores.cols)?;
    check::at_least("scores", scores.rows, 2)?;
    check::finite("scores", &scores.values)?;
    if tau.is_nan() || tau <= 0.0 {
        return Err(StatsError::Setting { name: "tau", value: tau, range: "above 0" });
    }
    let k = scores.rows;
    let joint = (0..k).map(|i| scores.at(i, i)).sum::<f64>() / k as f64;
    let product: Vec<f64> = (0..k)
        .flat_map(|i| (0..k).filter(move |j| *j != i).map(move |j| (i, j)))
        .map(|(i, j)| scores.at(i, j))
        .collect();
    let log_mean = |values: &[f64]| log_sum_exp(values) - (values.len() as f64).ln();
    let clipped: Vec<f64> = product.iter().map(|f| f.clamp(-tau, tau)).collect();
    let cross: f64 = (0..k).map(|i| log_sum_exp(scores.row(i)) - scores.at(i, i)).sum::<f64>() / k as f64;
    let log_k = (k as f64).ln();
    Ok(Bounds {
        dv: joint - log_mean(&product),
        nwj: joint - (log_mean(&product) - 1.0).exp(),
        infonce: log_k - cross,
        smile: joint - log_mean(&clipped),
        log_k,
    })
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + values.iter().map(|v| (v - top).exp()).sum::<f64>().ln()
}
