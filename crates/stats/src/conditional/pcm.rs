//! The projected covariance measure: does X say more about the mean of Y than Z does?
//!
//! Rows are halved. On the direction half A: `g = E^[Y|X,Z]`, `m = E^[g|Z]`,
//! `rho = mean{(Y - m)(g - m)}`, `h = sign(rho)(g - m)`, `v~ = max(E^[(Y-g)^2|X,Z], 0)`, `c` the
//! root of `mean{(Y-g)^2/(v~+c)} = 1` (0 where that mean is at most 1 already),
//! `f = h/max(v~+c, floor)` with `floor = 1e-2 mean (Y-g)^2`. On the test half B: `L = (Y - E^[Y|Z]) (f - E^[f|Z])`,
//! `T = sqrt(n_B) mean(L) / sd(L)` with the population standard deviation. `T` is about N(0, 1) under
//! the null and large otherwise: the test is one-sided. Over several halvings `T` is averaged and
//! compared with N(0, 1) all the same, which is conservative.
//! Source: `fccov.md`, section 5(c); Lundborg, Kim, Shah and Samworth, arXiv 2211.02039.

use super::{
    TestResult,
    halves::halves,
    regress::{Prepared, Regression},
};
use crate::{StatsError, check, linalg::Matrix, normal};

/// The parts of one halving.
#[derive(Debug, Clone, PartialEq)]
pub struct PcmSplit {
    /// `mean_A{(Y - m)(g - m)}`.
    pub rho: f64,
    /// Lower bound of the variances; `None` without variance weights.
    pub floor: Option<f64>,
    /// Constant added to the variances; `None` without variance weights.
    pub c: Option<f64>,
    /// Products of residuals on the test half, `[n_B]`.
    pub products: Vec<f64>,
    /// The statistic; 0 where the products do not vary.
    pub t: f64,
    /// `1 - Phi(T)`; 1 where the products do not vary.
    pub p: f64,
}

/// PCM with given halves.
///
/// - shapes: `x: [n, p]`, `z: [n, k]`, `y: [n]`; `a`, `b` are row numbers
/// - cost: three preparations of the regression (two on A, one on B)
/// - determinism: a function of the arguments
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`], those of the regression.
pub fn pcm_split<R: Regression>(
    regression: &R,
    x: &Matrix,
    z: &Matrix,
    y: &[f64],
    halves: (&[usize], &[usize]),
    variance: bool,
    seed: u64,
) -> Result<PcmSplit, StatsError> {
    check::same_length("x", x.rows, "y", y.len())?;
    check::same_length("x", x.rows, "z", z.rows)?;
    let (a, b) = halves;
    let xz = beside(x, z);
    let (xz_a, xz_b, z_a, z_b) = (xz.select(a), xz.select(b), z.select(a), z.select(b));
    let (y_a, y_b) = (pick(y, a), pick(y, b));
    let wide = regression.prepare(&xz_a, seed)?;
    let (g_a, g_b) = fitted(&wide, &y_a, &xz_b)?;
    let narrow = regression.prepare(&z_a, seed)?;
    let (m_a, m_b) = fitted(&narrow, &g_a, &z_b)?;
    let n_a = a.len() as f64;
    let rho = (0..a.len()).map(|i| (y_a[i] - m_a[i]) * (g_a[i] - m_a[i])).sum::<f64>() / n_a;
    let sign = if rho < 0.0 { -1.0 } else { 1.0 };
    let mut direction: Vec<f64> = g_b.iter().zip(&m_b).map(|(g, m)| sign * (g - m)).collect();
    let (mut floor, mut constant) = (None, None);
    if variance {
        let e2: Vec<f64> = y_a.iter().zip(&g_a).map(|(y, g)| (y - g) * (y - g)).collect();
        let low = 1e-2 * e2.iter().sum::<f64>() / n_a;
        let (v_a, v_b) = fitted(&wide, &e2, &xz_b)?;
        let clipped: Vec<f64> = v_a.iter().map(|v| v.max(0.0)).collect();
        let c = inflation(&e2, &clipped);
        direction.iter_mut().zip(&v_b).for_each(|(d, v)| {
            let scale = (v.max(0.0) + c).max(low);
            *d = if scale > 0.0 { *d / scale } else { 0.0 };
        });
        (floor, constant) = (Some(low), Some(c));
    }
    let test = regression.prepare(&z_b, seed)?;
    let both = Matrix::from_fn(b.len(), 2, |i, j| if j == 0 { y_b[i] } else { direction[i] });
    let (fit, _) = test.predict(&both, &[])?;
    let products: Vec<f64> =
        (0..b.len()).map(|i| (both.at(i, 0) - fit.at(i, 0)) * (both.at(i, 1) - fit.at(i, 1))).collect();
    let (t, p) = studentised(&products, None);
    Ok(PcmSplit { rho, floor, c: constant, products, t, p })
}

/// PCM with variance weights over `splits` random halvings; the statistics are averaged.
///
/// # Errors
/// As [`pcm_split`].
pub fn pcm<R: Regression>(
    regression: &R,
    x: &Matrix,
    z: &Matrix,
    y: &[f64],
    groups: Option<&[usize]>,
    splits: usize,
    seed: u64,
) -> Result<TestResult, StatsError> {
    check::positive("splits", splits)?;
    check::at_least("rows", x.rows, 16)?;
    over_halvings("pcm", x.rows, groups, splits, seed, |a, b, _| {
        Ok(pcm_split(regression, x, z, y, (a, b), true, seed)?.products)
    })
}

/// The average over `splits` random halvings of the studentised products that `products(A, B, split)`
/// gives on the rows B.
pub(super) fn over_halvings(
    name: &str,
    rows: usize,
    groups: Option<&[usize]>,
    splits: usize,
    seed: u64,
    products: impl Fn(&[usize], &[usize], u64) -> Result<Vec<f64>, StatsError>,
) -> Result<TestResult, StatsError> {
    let mut seen = Vec::with_capacity(splits);
    for split in 0..splits {
        let (a, b) = halves(rows, groups, seed, split as u64);
        check::at_least("rows of a half", a.len().min(b.len()), 8)?;
        let products = products(&a, &b, split as u64)?;
        let clusters = groups.map(|g| pick(g, &b));
        seen.push(studentised(&products, clusters.as_deref()).0);
    }
    Ok(averaged(name, seen, rows))
}

/// The mean of the splits against N(0, 1).
fn averaged(name: &str, splits: Vec<f64>, rows: usize) -> TestResult {
    let statistic = splits.iter().sum::<f64>() / splits.len().max(1) as f64;
    // No split varied: there is no direction in which anything could have been lost.
    let p = if splits.iter().all(|t| *t == 0.0) { 1.0 } else { normal::cdf(-statistic) };
    TestResult { name: name.into(), statistic, splits, p, rows }
}

/// `sqrt(n) mean / sd` and its upper tail; with groups the sums of groups are the units.
pub(super) fn studentised(products: &[f64], groups: Option<&[usize]>) -> (f64, f64) {
    let sums = groups.map(|g| group_sums(products, g));
    let units = sums.as_deref().unwrap_or(products);
    let n = units.len() as f64;
    let mean = units.iter().sum::<f64>() / n;
    let square = units.iter().map(|l| l * l).sum::<f64>() / n;
    let variance = square - mean * mean;
    if variance > 1e-14 * square && variance > 0.0 {
        let t = n.sqrt() * mean / variance.sqrt();
        (t, normal::cdf(-t))
    } else {
        (0.0, 1.0)
    }
}

pub(super) fn group_sums(values: &[f64], groups: &[usize]) -> Vec<f64> {
    let mut sums = std::collections::BTreeMap::new();
    values.iter().zip(groups).for_each(|(v, g)| *sums.entry(*g).or_insert(0.0) += v);
    sums.into_values().collect()
}

/// `c >= 0` with `mean(e2/(v + c)) = 1`, or 0 where the mean is at most 1 at `c = 0`.
///
/// The mean decreases in `c`, and is at most 1 at `c = mean(e2)`: bisection to the last bit.
fn inflation(e2: &[f64], v: &[f64]) -> f64 {
    let n = e2.len() as f64;
    let mean = |c: f64| e2.iter().zip(v).map(|(e, v)| if *e == 0.0 { 0.0 } else { e / (v + c) }).sum::<f64>() / n;
    if mean(0.0) <= 1.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, e2.iter().sum::<f64>() / n);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if mean(middle) > 1.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn fitted<P: Prepared>(prepared: &P, y: &[f64], at: &Matrix) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let target = Matrix { rows: y.len(), cols: 1, values: y.to_vec() };
    let (own, mut other) = prepared.predict(&target, &[at])?;
    Ok((own.values, other.pop().map(|m| m.values).unwrap_or_default()))
}

/// `[x, z]` side by side.
pub(crate) fn beside(x: &Matrix, z: &Matrix) -> Matrix {
    let mut values = Vec::with_capacity(x.rows * (x.cols + z.cols));
    for i in 0..x.rows {
        values.extend_from_slice(x.row(i));
        values.extend_from_slice(z.row(i));
    }
    Matrix { rows: x.rows, cols: x.cols + z.cols, values }
}

pub(super) fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&i| values[i]).collect()
}
