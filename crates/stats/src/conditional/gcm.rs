//! Generalised covariance measure: does a column of X correlate with Y once Z is regressed out?
//!
//! `L_j = (Y - E^[Y|Z]) (X_j - E^[X_j|Z])`, `T_j = sqrt(n) mean(L_j)/sd(L_j)` (population standard
//! deviation), `max_j |T_j|` against a Gaussian multiplier bootstrap. Blind where
//! `E[cov(Y, X_j | Z)] = 0` (interactions), and it may reject too often at small n when X and Y are
//! confounded by Z: a second opinion that says which column, never the verdict.
//! Source: `fccov.md`, section 5(d); Shah and Peters 2020.

use serde::{Deserialize, Serialize};

use super::regress::{Prepared, Regression};
use crate::{StatsError, Stream, check, linalg::Matrix, normal};

/// Outcome of [`gcm`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gcm {
    /// Statistic of every column of X, `[p]` (the one of largest absolute value over the columns of Y).
    pub t: Vec<f64>,
    /// Two-sided normal p-value of every column, times the columns of Y.
    pub p_columns: Vec<f64>,
    /// `max |T|`.
    pub max_abs: f64,
    /// Multiplier-bootstrap p-value of `max |T|`, never 0.
    pub p: f64,
}

/// GCM with residuals of `regression` on all rows.
///
/// - shapes: `x: [n, p]`, `z: [n, k]`, `y: [n, m]`
/// - cost: one preparation and `O(bootstrap n p m)`
/// - determinism: a function of the arguments
///
/// # Errors
/// [`StatsError::LengthMismatch`], those of the regression.
pub fn gcm<R: Regression>(
    regression: &R,
    x: &Matrix,
    z: &Matrix,
    y: &Matrix,
    bootstrap: usize,
    seed: u64,
) -> Result<Gcm, StatsError> {
    check::same_length("x", x.rows, "y", y.rows)?;
    check::same_length("x", x.rows, "z", z.rows)?;
    let both = super::pcm::beside(x, y);
    let (fit, _) = regression.prepare(z, seed)?.predict(&both, &[])?;
    let residual = Matrix::from_fn(x.rows, both.cols, |i, j| both.at(i, j) - fit.at(i, j));
    let rx = Matrix::from_fn(x.rows, x.cols, |i, j| residual.at(i, j));
    let ry = Matrix::from_fn(x.rows, y.cols, |i, j| residual.at(i, j + x.cols));
    gcm_residuals(&rx, &ry, bootstrap, seed)
}

/// GCM from residuals `rx: [n, p]`, `ry: [n, m]`.
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`].
pub fn gcm_residuals(rx: &Matrix, ry: &Matrix, bootstrap: usize, seed: u64) -> Result<Gcm, StatsError> {
    check::same_length("rx", rx.rows, "ry", ry.rows)?;
    check::at_least("rows", rx.rows, 4)?;
    let (n, p, m) = (rx.rows, rx.cols, ry.cols);
    let root = (n as f64).sqrt();
    let mut standard: Vec<Vec<f64>> = Vec::with_capacity(p * m);
    let (mut t, mut p_columns) = (vec![0.0f64; p], vec![1.0; p]);
    for j in 0..p {
        for k in 0..m {
            let mut l: Vec<f64> = (0..n).map(|i| rx.at(i, j) * ry.at(i, k)).collect();
            let mean = l.iter().sum::<f64>() / n as f64;
            let square = l.iter().map(|v| v * v).sum::<f64>() / n as f64;
            let variance = square - mean * mean;
            if variance <= 1e-14 * square || variance <= 0.0 {
                continue;
            }
            let sd = variance.sqrt();
            let value = root * mean / sd;
            if value.abs() > t[j].abs() {
                t[j] = value;
            }
            l.iter_mut().for_each(|v| *v = (*v - mean) / sd);
            standard.push(l);
        }
        p_columns[j] = (2.0 * normal::cdf(-t[j].abs()) * m as f64).min(1.0);
    }
    let max_abs = t.iter().fold(0.0f64, |a, v| a.max(v.abs()));
    let mut at_least = 0;
    let mut weights = vec![0.0; n];
    for draw in 0..bootstrap {
        let mut stream = Stream::new(seed, 0x6c_0000 + draw as u64);
        weights.iter_mut().for_each(|w| *w = stream.normal());
        let largest = standard
            .iter()
            .map(|l| l.iter().zip(&weights).map(|(a, b)| a * b).sum::<f64>().abs() / root)
            .fold(0.0, f64::max);
        at_least += usize::from(largest >= max_abs);
    }
    let p = if standard.is_empty() { 1.0 } else { (1 + at_least) as f64 / (1 + bootstrap) as f64 };
    Ok(Gcm { t, p_columns, max_abs, p })
}
