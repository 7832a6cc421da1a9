//! PCM for vectors and objects: coordinates, one-hot labels or ball indicators as targets.
//!
//! Targets `psi(Y) in R^M`, divided by their standard deviations on A. `f = g - m` coordinatewise, one
//! common sign (that of `sum_A <psi - m, g - m>`), and `L = <psi - E^[psi|Z], f - E^[f|Z]>` on B;
//! otherwise as [`super::pcm`], without variance weights.
//! Ball indicators `1{d(Y, y_i) <= d(y_i, y_j)}` with `(i, j)` from A see more than means; balls whose
//! share on A lies outside [0.05, 0.95] are dropped. Source: `fccov.md`, section 5(c) (derived there).

use super::{
    TestResult,
    pcm::{beside, over_halvings},
    regress::{Prepared, Regression},
};
use crate::{StatsError, Stream, check, linalg::Matrix, response::Space};

/// What the regressions of a halving are asked to predict, `[n, M]`, given the rows of A.
pub type Targets<'a> = dyn Fn(&[usize], u64) -> Matrix + 'a;

/// Indicators of `count` random balls with centre and boundary in `a`, `[n, <= count]`.
///
/// - cost: `count` rows of distances; determinism: a function of the arguments
///
/// ```
/// use suffit_stats::{conditional::ball_targets, response::{Metric, Response}};
/// let y = Response::real((0..40).map(f64::from).collect(), 1)?;
/// let balls = ball_targets(&y.space(Metric::Euclidean)?, &(0..20).collect::<Vec<_>>(), 8, 1);
/// assert!(balls.cols > 0 && balls.values.iter().all(|v| *v == 0.0 || *v == 1.0));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn ball_targets(space: &Space, a: &[usize], count: usize, seed: u64) -> Matrix {
    let n = space.rows();
    let mut stream = Stream::new(seed, 0xba11);
    let mut row = vec![0.0; n];
    let mut columns: Vec<Vec<f64>> = Vec::new();
    // Twice as many draws as balls wanted: those that hold nearly nothing or everything are dropped.
    for _ in 0..2 * count {
        if columns.len() == count || a.is_empty() {
            break;
        }
        let (centre, edge) = (a[stream.below(a.len())], a[stream.below(a.len())]);
        space.row(centre, &mut row);
        let radius = row[edge];
        let inside: Vec<f64> = row.iter().map(|d| f64::from(u8::from(*d <= radius))).collect();
        let share = a.iter().map(|&i| inside[i]).sum::<f64>() / a.len() as f64;
        if (0.05..=0.95).contains(&share) {
            columns.push(inside);
        }
    }
    Matrix::from_fn(n, columns.len(), |i, j| columns[j][i])
}

/// The vector form over `splits` random halvings; the statistics are averaged.
///
/// - shapes: `x: [n, p]`, `z: [n, k]`; `targets(A, split)` gives `[n, M]`
/// - cost: three preparations of the regression a split, whatever M
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`], those of the regression.
#[allow(clippy::too_many_arguments)]
pub fn vector_pcm<R: Regression>(
    name: &str,
    regression: &R,
    x: &Matrix,
    z: &Matrix,
    targets: &Targets<'_>,
    groups: Option<&[usize]>,
    splits: usize,
    seed: u64,
) -> Result<TestResult, StatsError> {
    check::positive("splits", splits)?;
    check::at_least("rows", x.rows, 16)?;
    check::same_length("x", x.rows, "z", z.rows)?;
    let xz = beside(x, z);
    over_halvings(name, x.rows, groups, splits, seed, |a, b, split| {
        one_split(regression, (&xz, z), &targets(a, split), (a, b), seed)
    })
}

fn one_split<R: Regression>(
    regression: &R,
    (xz, z): (&Matrix, &Matrix),
    psi: &Matrix,
    (a, b): (&[usize], &[usize]),
    seed: u64,
) -> Result<Vec<f64>, StatsError> {
    if psi.cols == 0 {
        return Ok(vec![0.0; b.len()]);
    }
    let psi = scaled(psi, a);
    let (psi_a, psi_b) = (psi.select(a), psi.select(b));
    let (g_a, g_b) = predicted(&regression.prepare(&xz.select(a), seed)?, &psi_a, &xz.select(b))?;
    let z_b = z.select(b);
    let (m_a, m_b) = predicted(&regression.prepare(&z.select(a), seed)?, &g_a, &z_b)?;
    let agree: f64 =
        (0..psi_a.values.len()).map(|i| (psi_a.values[i] - m_a.values[i]) * (g_a.values[i] - m_a.values[i])).sum();
    let sign = if agree < 0.0 { -1.0 } else { 1.0 };
    let m = psi.cols;
    let both = Matrix::from_fn(b.len(), 2 * m, |i, j| {
        if j < m { psi_b.at(i, j) } else { sign * (g_b.at(i, j - m) - m_b.at(i, j - m)) }
    });
    let (fit, _) = regression.prepare(&z_b, seed)?.predict(&both, &[])?;
    let product =
        |i: usize| (0..m).map(|j| (both.at(i, j) - fit.at(i, j)) * (both.at(i, j + m) - fit.at(i, j + m))).sum();
    Ok((0..b.len()).map(product).collect())
}

fn predicted<P: Prepared>(prepared: &P, y: &Matrix, at: &Matrix) -> Result<(Matrix, Matrix), StatsError> {
    let (own, mut other) = prepared.predict(y, &[at])?;
    Ok((own, other.pop().unwrap_or_else(|| Matrix::zeros(0, y.cols))))
}

/// Columns divided by their standard deviation on `a`; columns constant there become 0.
fn scaled(psi: &Matrix, a: &[usize]) -> Matrix {
    let part = psi.select(a);
    let mean = part.column_means();
    let mut scale = vec![0.0; psi.cols];
    for i in 0..part.rows {
        (0..psi.cols).for_each(|j| scale[j] += (part.at(i, j) - mean[j]).powi(2));
    }
    let n = part.rows.max(1) as f64;
    scale.iter_mut().for_each(|s| *s = if *s > 1e-20 { (n / *s).sqrt() } else { 0.0 });
    Matrix::from_fn(psi.rows, psi.cols, |i, j| psi.at(i, j) * scale[j])
}
