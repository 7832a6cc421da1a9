//! Kernel conditional independence test with a gamma null.
//!
//! With centred Gram matrices, `R = eps (K_Z + eps I)^-1`, `K1 = R K_(X, Z/2) R`, `K2 = R K_Y R`:
//! `T = tr(K1 K2)`, null mean `tr(K1 ∘ K2)`-diagonal `sum_t K1_tt K2_tt`, null variance
//! `2 sum_st (K1_st K2_st)^2`, gamma with these moments. `O(n^3)`; over-rejects when the regression
//! on Z is poor (several columns, few rows): off by default, at most 1,500 rows.
//! Source: `fccov.md`, section 5(d); Zhang, Peters, Janzing and Schölkopf 2011.

use serde::{Deserialize, Serialize};

use crate::{
    StatsError, check, gamma,
    linalg::{Matrix, cholesky_solve, matmul},
};

/// Outcome of [`kci`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kci {
    /// `tr(K1 K2)`.
    pub statistic: f64,
    /// Mean of the gamma null.
    pub mean: f64,
    /// Variance of the gamma null.
    pub variance: f64,
    /// Upper tail.
    pub p: f64,
}

/// Most rows.
pub const MOST_ROWS: usize = 1_500;

/// KCI with Gaussian kernels of given widths, `exp(-|u - v|^2 / (2 width^2))`; Z enters the kernel of
/// (X, Z) as `Z/2`.
///
/// - cost: about `5 n^3` FLOPs, `40 n^2` bytes
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`], [`StatsError::Setting`] (width, eps, more
/// than 1,500 rows).
pub fn kci(x: &Matrix, y: &Matrix, z: &Matrix, widths: [f64; 3], eps: f64) -> Result<Kci, StatsError> {
    check::same_length("x", x.rows, "y", y.rows)?;
    check::same_length("x", x.rows, "z", z.rows)?;
    for value in widths {
        if !(value > 0.0 && value.is_finite()) {
            return Err(StatsError::Setting { name: "width", value, range: "above 0" });
        }
    }
    let half = gaussian(z, 2.0 * widths[2]);
    let mut kxz = gaussian(x, widths[0]);
    kxz.values.iter_mut().zip(&half.values).for_each(|(a, b)| *a *= b);
    kci_grams(kxz, gaussian(y, widths[1]), gaussian(z, widths[2]), eps)
}

/// KCI from Gram matrices of (X, Z), Y and Z (centred here).
///
/// # Errors
/// As [`kci`].
pub fn kci_grams(mut kxz: Matrix, mut ky: Matrix, mut kz: Matrix, eps: f64) -> Result<Kci, StatsError> {
    let n = kz.rows;
    check::at_least("rows", n, 6)?;
    check::same_length("kxz", kxz.rows, "kz", n)?;
    check::same_length("ky", ky.rows, "kz", n)?;
    if n > MOST_ROWS {
        return Err(StatsError::Setting { name: "rows", value: n as f64, range: "at most 1,500" });
    }
    if !(eps > 0.0 && eps.is_finite()) {
        return Err(StatsError::Setting { name: "eps", value: eps, range: "above 0" });
    }
    [&mut kxz, &mut ky, &mut kz].into_iter().for_each(Matrix::double_centre);
    let mut identity = Matrix::zeros(n, n);
    for i in 0..n {
        identity.set(i, i, eps);
        kz.set(i, i, kz.at(i, i) + eps);
    }
    let r = cholesky_solve(&kz, &identity)?;
    let k1 = matmul(&matmul(&r, &kxz)?, &r)?;
    let k2 = matmul(&matmul(&r, &ky)?, &r)?;
    let statistic = k1.values.iter().zip(&k2.values).map(|(a, b)| a * b).sum();
    let mean: f64 = (0..n).map(|t| k1.at(t, t) * k2.at(t, t)).sum();
    let variance = 2.0 * k1.values.iter().zip(&k2.values).map(|(a, b)| (a * b) * (a * b)).sum::<f64>();
    let p = if mean > 0.0 && variance > 0.0 {
        gamma::upper(mean * mean / variance, statistic * mean / variance)
    } else {
        1.0
    };
    Ok(Kci { statistic, mean, variance, p })
}

fn gaussian(x: &Matrix, width: f64) -> Matrix {
    Matrix::from_fn(x.rows, x.rows, |i, j| {
        let d: f64 = x.row(i).iter().zip(x.row(j)).map(|(a, b)| (a - b) * (a - b)).sum();
        (-d / (2.0 * width * width)).exp()
    })
}
