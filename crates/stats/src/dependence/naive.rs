//! Definitions written out: oracles of the fast forms, for small inputs.

use crate::{StatsError, check, linalg::Matrix};

/// FCCov, V-form, as the triple sum of its definition.
///
/// - formula: `n^-2 sum_ij | n^-1 sum_k (U_k - mean) 1{D_ik <= D_ij} |^2`; cost `O(n^3 d)`
///
/// # Errors
/// [`StatsError::LengthMismatch`].
pub fn fccov_v(u: &Matrix, distances: &Matrix) -> Result<f64, StatsError> {
    check::same_length("u", u.rows, "distances", distances.rows)?;
    let (n, means) = (u.rows, u.column_means());
    let mut total = 0.0;
    for i in 0..n {
        for j in 0..n {
            for (c, centre) in means.iter().enumerate() {
                let inside = (0..n).filter(|&k| distances.at(i, k) <= distances.at(i, j));
                let mean = inside.map(|k| u.at(k, c) - centre).sum::<f64>() / n as f64;
                total += mean * mean;
            }
        }
    }
    Ok(total / (n * n) as f64)
}

/// FCCov, U-form: for every `i != j` the mean of `(1_a - 1_b)(1_c - 1_d) U_a.U_c` over distinct rows
/// a, b, c, d of the others, `1_k` telling whether k lies in ball (i, j).
///
/// - cost `O(n^6 d)`: a handful of rows
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`] (6).
pub fn fccov_u(u: &Matrix, distances: &Matrix) -> Result<f64, StatsError> {
    check::same_length("u", u.rows, "distances", distances.rows)?;
    check::at_least("u", u.rows, 6)?;
    let n = u.rows;
    let dot = |a: usize, b: usize| u.row(a).iter().zip(u.row(b)).map(|(x, y)| x * y).sum::<f64>();
    let (mut total, mut count) = (0.0, 0.0);
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let ind = |k: usize| f64::from(u8::from(distances.at(i, k) <= distances.at(i, j)));
            let rest: Vec<usize> = (0..n).filter(|&k| k != i && k != j).collect();
            for &a in &rest {
                for &b in rest.iter().filter(|&&b| b != a) {
                    for &c in rest.iter().filter(|&&c| c != a && c != b) {
                        for &d in rest.iter().filter(|&&d| d != a && d != b && d != c) {
                            total += (ind(a) - ind(b)) * (ind(c) - ind(d)) * dot(a, c);
                            count += 1.0;
                        }
                    }
                }
            }
        }
    }
    Ok(total / count)
}

/// `G_kl = sum_i min(r_ik, r_il)` with ranks counted one by one; cost `O(n^3)`.
pub fn rank_gram(distances: &Matrix) -> Matrix {
    let n = distances.rows;
    let rank = |i: usize, k: usize| (0..n).filter(|&j| distances.at(i, j) >= distances.at(i, k)).count() as f64;
    let r = Matrix::from_fn(n, n, rank);
    Matrix::from_fn(n, n, |k, l| (0..n).map(|i| r.at(i, k).min(r.at(i, l))).sum())
}
