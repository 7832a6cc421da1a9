//! Permutation tests of independence.
//!
//! Rows of one side are permuted, the other side stays; `p = (1 + #{T_b >= T})/(B + 1)`, never 0.
//! Permutation b draws from stream b of the seed, so results do not depend on the number of threads.
//! Source: spec sections 1 and 6; Phipson and Smyth 2010.

use rayon::prelude::*;

use super::{
    distance::pair,
    fast::{Side, products},
    hsic::inner,
};
use crate::{
    PermutationTest, StatsError, Stream, check,
    linalg::{Matrix, matmul},
    mean_var,
};

/// Columns of features that one product takes.
const BATCH: usize = 256;

/// The permutation of replicate `b`.
pub(super) fn order(seed: u64, b: usize, n: usize) -> Vec<u32> {
    let mut perm: Vec<u32> = (0u32..).take(n).collect();
    Stream::new(seed, b as u64).shuffle(&mut perm);
    perm
}

/// The p-value; statistics that equal the observed one up to rounding count as ties.
pub(super) fn verdict(observed: f64, drawn: &[f64]) -> PermutationTest {
    let floor = observed - 1e-12 * observed.abs();
    let above = drawn.iter().filter(|t| **t >= floor).count();
    PermutationTest {
        statistic: observed,
        p_value: (above + 1) as f64 / (drawn.len() + 1) as f64,
        permutations: drawn.len() as u64,
        exact: false,
    }
}

/// Tests `n^-2 tr(U' HKH U)` (FCCov_V for the rank kernel) by permuting the rows of U.
///
/// - shapes: `centred: [n, n]` as of [`super::RankGram::centred`], `u: [n, d]`
/// - cost: `2 n^2 d` FLOPs a permutation, as products of matrices
/// - determinism: same seed, same bytes, for any number of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::Setting`] (no permutations).
pub fn fccov_permutation(
    centred: &Matrix,
    u: &Matrix,
    permutations: usize,
    seed: u64,
) -> Result<PermutationTest, StatsError> {
    check::positive("permutations", permutations)?;
    check::same_length("u", u.rows, "kernel", centred.rows)?;
    check::finite("u", &u.values)?;
    let (n, d) = (u.rows, u.cols);
    let mut c = u.clone();
    let means = c.column_means();
    c.subtract_row(&means);
    let each = (BATCH / d.max(1)).max(1);
    let observed = quadratic(centred, &c, 1)?;
    let mut drawn = Vec::with_capacity(permutations);
    for first in (0..permutations).step_by(each) {
        let count = each.min(permutations - first);
        let orders: Vec<Vec<u32>> = (0..count).into_par_iter().map(|b| order(seed, first + b, n)).collect();
        let mut wide = Matrix::zeros(n, count * d);
        wide.values.par_chunks_mut((count * d).max(1)).enumerate().for_each(|(i, row)| {
            for (slot, perm) in row.chunks_exact_mut(d.max(1)).zip(&orders) {
                slot.copy_from_slice(c.row(perm[i] as usize));
            }
        });
        drawn.extend(quadratic(centred, &wide, count)?);
    }
    Ok(verdict(observed[0], &drawn))
}

/// `n^-2 tr(U_b' K U_b)` of `count` sets of columns side by side.
fn quadratic(k: &Matrix, wide: &Matrix, count: usize) -> Result<Vec<f64>, StatsError> {
    let product = matmul(k, wide)?;
    let d = wide.cols / count.max(1);
    let scale = (k.rows as f64).powi(-2);
    let mut sums = vec![0.0; count];
    for i in 0..k.rows {
        for (b, s) in sums.iter_mut().enumerate() {
            let at = b * d..(b + 1) * d;
            *s += wide.row(i)[at.clone()].iter().zip(&product.row(i)[at]).map(|(x, y)| x * y).sum::<f64>();
        }
    }
    sums.iter_mut().for_each(|s| *s *= scale);
    Ok(sums)
}

/// Tests `n^-2 sum A B` of two symmetric matrices by permuting rows and columns of B together: distance
/// covariance for distances, biased HSIC for kernels.
///
/// - shapes: `a, b: [n, n]`; both are centred here; cost: `n^2/2` products a permutation
/// - determinism: same seed, same bytes, for any number of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (4),
/// [`StatsError::Setting`] (no permutations).
pub fn gram_permutation(a: &Matrix, b: &Matrix, permutations: usize, seed: u64) -> Result<PermutationTest, StatsError> {
    check::positive("permutations", permutations)?;
    pair(a, b)?;
    let (mut x, mut y) = (a.clone(), b.clone());
    x.double_centre();
    y.double_centre();
    let n = x.rows;
    let scale = (n as f64).powi(-2);
    let observed = inner(&x, &y) * scale;
    let drawn: Vec<f64> =
        (0..permutations).into_par_iter().map(|b| permuted(&x, &y, &order(seed, b, n)) * scale).collect();
    Ok(verdict(observed, &drawn))
}

/// `sum_kl x_kl y_p(k)p(l)` from the lower triangle.
fn permuted(x: &Matrix, y: &Matrix, perm: &[u32]) -> f64 {
    let mut rows = Vec::with_capacity(x.rows);
    for k in 0..x.rows {
        let (left, right) = (x.row(k), y.row(perm[k] as usize));
        let mut lanes = [0.0f64; 4];
        let (quads, rest) = perm[..k].as_chunks::<4>();
        for (q, l) in quads.iter().zip(left.chunks_exact(4)) {
            for lane in 0..4 {
                lanes[lane] += l[lane] * right[q[lane] as usize];
            }
        }
        let tail: f64 = rest.iter().zip(&left[k - rest.len()..k]).map(|(p, v)| v * right[*p as usize]).sum();
        let below = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + tail;
        rows.push(2.0 * below + left[k] * right[perm[k] as usize]);
    }
    mean_var::sum(&rows)
}

/// Tests `dCov^2` (V-form) of two numbers by permuting y.
///
/// - shapes: `x, y: [n]`; cost: `O(n log n)` a permutation
/// - determinism: same seed, same bytes, for any number of threads
///
/// # Errors
/// As [`super::univariate`]; [`StatsError::Setting`] (no permutations).
pub fn univariate_permutation(
    x: &[f64],
    y: &[f64],
    permutations: usize,
    seed: u64,
) -> Result<PermutationTest, StatsError> {
    check::positive("permutations", permutations)?;
    check::same_length("x", x.len(), "y", y.len())?;
    let (a, b) = (Side::new("x", x)?, Side::new("y", y)?);
    let n = x.len();
    let statistic = |perm: &[u32]| {
        let values: Vec<f64> = perm.iter().map(|&i| b.values[i as usize]).collect();
        let (rows, total) = b.permuted_rows(perm);
        let (own, sum) = a.row_sums();
        let cross: Vec<f64> = own.iter().zip(&rows).map(|(x, y)| x * y).collect();
        let m = n as f64;
        products(&a, &values) / (m * m) - 2.0 * mean_var::sum(&cross) / (m * m * m) + sum * total / (m * m * m * m)
    };
    let identity: Vec<u32> = (0u32..).take(n).collect();
    let drawn: Vec<f64> = (0..permutations).into_par_iter().map(|b| statistic(&order(seed, b, n))).collect();
    Ok(verdict(statistic(&identity), &drawn))
}
