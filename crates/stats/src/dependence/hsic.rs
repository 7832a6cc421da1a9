//! Hilbert-Schmidt independence criterion.

use rayon::prelude::*;

use crate::{StatsError, check, linalg::Matrix, mean_var};

/// Both estimates of HSIC.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Hsic {
    /// `n^-2 tr(K H L H)`.
    pub biased: f64,
    /// Unbiased (Song et al. 2012); `None` below 4 rows.
    pub unbiased: Option<f64>,
}

/// Median of the distances of distinct rows; where it is 0, the mean of them.
///
/// - cost `O(n^2)`; source: spec section 6; the fallback is for responses with many equal rows
///
/// # Errors
/// [`StatsError::TooFew`] (2), [`StatsError::Constant`] (all distances 0).
pub fn median_distance(distances: &Matrix) -> Result<f64, StatsError> {
    let n = distances.rows;
    check::at_least("distances", n, 2)?;
    let mut all: Vec<f64> = (0..n).flat_map(|i| distances.row(i)[i + 1..].iter().copied()).collect();
    let (half, even) = (all.len() / 2, all.len().is_multiple_of(2));
    let (low, high, _) = all.select_nth_unstable_by(half, f64::total_cmp);
    let mut median = *high;
    if even {
        median = 0.5 * (median + low.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    }
    if median > 0.0 {
        return Ok(median);
    }
    let mean = mean_var::sum(&all) / all.len() as f64;
    if mean > 0.0 { Ok(mean) } else { Err(StatsError::Constant { name: "distances", rows: n }) }
}

/// `exp(-d^2/(2 sigma^2))` of every distance.
pub fn gaussian_gram(distances: &Matrix, sigma: f64) -> Matrix {
    let scale = -0.5 / (sigma * sigma);
    let values = distances.values.par_iter().map(|d| (scale * d * d).exp()).collect();
    Matrix { rows: distances.rows, cols: distances.cols, values }
}

/// HSIC of two kernel matrices.
///
/// - formula: biased `n^-2 tr(KHLH)`; unbiased, with zero diagonals,
///   `[tr(KL) + 1'K1 1'L1/((n-1)(n-2)) - 2/(n-2) 1'KL1]/(n(n-3))`
/// - shapes: `k, l: [n, n]`; cost `O(n^2)`; determinism: independent of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (2).
pub fn hsic(k: &Matrix, l: &Matrix) -> Result<Hsic, StatsError> {
    check::same_length("k", k.rows, "l", l.rows)?;
    check::same_length("rows of k", k.rows, "columns of k", k.cols)?;
    check::same_length("rows of l", l.rows, "columns of l", l.cols)?;
    check::sample("k", &k.values, 4)?;
    check::finite("l", &l.values)?;
    let n = k.rows;
    let (mut kc, mut lc) = (k.clone(), l.clone());
    kc.double_centre();
    lc.double_centre();
    let biased = inner(&kc, &lc) / (n * n) as f64;
    let unbiased = (n >= 4).then(|| {
        let clear = |m: &Matrix| Matrix::from_fn(n, n, |i, j| if i == j { 0.0 } else { m.at(i, j) });
        let (k, l) = (clear(k), clear(l));
        let sums = |m: &Matrix| -> Vec<f64> { (0..n).map(|i| m.row(i).iter().sum()).collect() };
        let (a, b, n) = (sums(&k), sums(&l), n as f64);
        let cross: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
        let total = mean_var::sum(&a) * mean_var::sum(&b);
        (inner(&k, &l) + total / ((n - 1.0) * (n - 2.0)) - 2.0 * cross / (n - 2.0)) / (n * (n - 3.0))
    });
    Ok(Hsic { biased, unbiased })
}

/// Sum of products of all cells, row sums added by halving.
pub(super) fn inner(a: &Matrix, b: &Matrix) -> f64 {
    let rows: Vec<f64> =
        (0..a.rows).into_par_iter().map(|i| a.row(i).iter().zip(b.row(i)).map(|(x, y)| x * y).sum()).collect();
    mean_var::sum(&rows)
}
