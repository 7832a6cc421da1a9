//! Kernels of the response for dimension reduction, centred and scaled alike.

use rayon::prelude::*;

use super::{Ranks, gaussian_gram, median_distance};
use crate::{
    StatsError, Stream, check,
    linalg::{Matrix, symmetric_eigen},
    response::{Metric, Response},
};

/// Which kernel of the response an objective `n^-2 tr(U' HKH U)` uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ResponseKernel {
    /// `G/n^2`: Fréchet cumulative covariance.
    Fccov,
    /// `min(r_k, r_l)/n` of one number: half-lines instead of balls.
    Cumulative,
    /// `-D`: martingale difference divergence.
    Mdd,
    /// `exp(-D^2/(2 m^2))`, m the median distance.
    Gauss,
    /// 1 for equal labels, else 0.
    Label,
}

/// `H K H` divided by the largest eigenvalue of `H K H/n`.
#[derive(Debug, Clone, PartialEq)]
pub struct CentredKernel {
    /// `[n, n]`; the largest eigenvalue of `matrix/n` is 1.
    pub matrix: Matrix,
    /// What it was divided by; multiply eigenvalues by it to have those of the kernel as defined.
    pub scale: f64,
}

impl CentredKernel {
    /// From a centred matrix `H K H`.
    ///
    /// # Errors
    /// [`StatsError::Constant`] (no positive eigenvalue), [`StatsError::Decomposition`].
    pub fn scaled(mut matrix: Matrix) -> Result<Self, StatsError> {
        let scale = top_eigenvalue(&matrix)?;
        let size = matrix.values.iter().fold(0.0f64, |a, v| a.max(v.abs()));
        if scale <= 0.0 || size < 1e-13 {
            return Err(StatsError::Constant { name: "response", rows: matrix.rows });
        }
        matrix.values.par_iter_mut().for_each(|v| *v /= scale);
        Ok(Self { matrix, scale })
    }

    /// From a kernel matrix of the user's, symmetric.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`] (not square), [`StatsError::NotFinite`],
    /// [`StatsError::Asymmetric`]; as [`Self::scaled`].
    pub fn from_gram(gram: &Matrix) -> Result<Self, StatsError> {
        check::same_length("rows", gram.rows, "columns", gram.cols)?;
        check::finite("gram", &gram.values)?;
        let slack = 1e-9 * gram.values.iter().fold(0.0f64, |a, v| a.max(v.abs()));
        for row in 0..gram.rows {
            for column in row + 1..gram.cols {
                let (upper, lower) = (gram.at(row, column), gram.at(column, row));
                if (upper - lower).abs() > slack {
                    return Err(StatsError::Asymmetric { name: "gram", row, column, upper, lower });
                }
            }
        }
        let mut k = gram.clone();
        k.double_centre();
        Self::scaled(k)
    }
}

impl ResponseKernel {
    /// The kernel of `response`, centred and scaled.
    ///
    /// - shapes: `[n, n]`; cost `O(n^3)` 16-bit operations for [`Self::Fccov`], else `O(n^2)` distances
    /// - determinism: independent of threads
    ///
    /// # Errors
    /// [`StatsError::Metric`] ([`Self::Cumulative`] needs one real or ordinal column, [`Self::Label`]
    /// labels), [`StatsError::Constant`], and those of the response's distances.
    pub fn centred(self, response: &Response, metric: Metric) -> Result<CentredKernel, StatsError> {
        CentredKernel::scaled(self.unscaled(response, metric)?)
    }

    /// `H K H` as defined, not scaled.
    ///
    /// # Errors
    /// As [`Self::centred`].
    pub fn unscaled(self, response: &Response, metric: Metric) -> Result<Matrix, StatsError> {
        let mut k = match self {
            Self::Fccov => return Ok(Ranks::of_space(&response.space(metric)?)?.gram().centred()),
            Self::Cumulative => half_lines(response)?,
            Self::Mdd => {
                let mut d = symmetric_distances(response, metric)?;
                d.values.iter_mut().for_each(|v| *v = -*v);
                d
            }
            Self::Gauss => {
                let d = symmetric_distances(response, metric)?;
                gaussian_gram(&d, median_distance(&d)?)
            }
            Self::Label => match response {
                Response::Label { codes, .. } => {
                    Matrix::from_fn(codes.len(), codes.len(), |i, j| f64::from(u8::from(codes[i] == codes[j])))
                }
                _ => return Err(StatsError::Metric { metric: "label", kind: response.kind() }),
            },
        };
        k.double_centre();
        Ok(k)
    }
}

/// Distances; an asymmetric dissimilarity is averaged with its transpose (the rank kernel needs no such
/// repair).
fn symmetric_distances(response: &Response, metric: Metric) -> Result<Matrix, StatsError> {
    let d = response.space(metric)?.matrix();
    Ok(Matrix::from_fn(d.rows, d.cols, |i, j| 0.5 * (d.at(i, j) + d.at(j, i))))
}

fn half_lines(response: &Response) -> Result<Matrix, StatsError> {
    let y = match response {
        Response::Real { values, dim: 1, .. } => values,
        Response::Ordinal { levels } => levels,
        _ => return Err(StatsError::Metric { metric: "cumulative", kind: response.kind() }),
    };
    let n = y.len();
    let mut sorted = y.clone();
    sorted.sort_by(f64::total_cmp);
    let rank: Vec<f64> = y.iter().map(|v| (n - sorted.partition_point(|s| s < v)) as f64 / n as f64).collect();
    Ok(Matrix::from_fn(n, n, |k, l| rank[k].min(rank[l])))
}

/// Largest eigenvalue of `m/n` for a symmetric `m`.
///
/// - method: all eigenvalues below order 300; above it Lanczos with full orthogonalisation from a fixed
///   start until the value moves less than `1e-13` of itself twice (at most 300 steps)
/// - cost: `2 n^2` FLOPs a step; determinism: independent of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`] (not square), [`StatsError::NotFinite`],
/// [`StatsError::Decomposition`].
pub fn top_eigenvalue(m: &Matrix) -> Result<f64, StatsError> {
    let n = m.rows;
    if n < 300 {
        return Ok(symmetric_eigen(m)?.values.first().copied().unwrap_or(0.0) / n.max(1) as f64);
    }
    check::same_length("rows", m.rows, "columns", m.cols)?;
    check::finite("m", &m.values)?;
    let mut stream = Stream::new(0x746f_705f_6569_6765, 0);
    let mut q: Vec<Vec<f64>> = vec![unit((0..n).map(|_| stream.normal()).collect()).0];
    let (mut alpha, mut beta): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let (mut best, mut still) = (f64::NEG_INFINITY, 0);
    for step in 0..300 {
        let last = &q[step];
        let mut w: Vec<f64> = m.values.par_chunks(n).map(|row| dot(row, last)).collect();
        alpha.push(dot(&w, last));
        for _ in 0..2 {
            for v in &q {
                let c = dot(&w, v);
                w.iter_mut().zip(v).for_each(|(w, v)| *w -= c * v);
            }
        }
        let (next, norm) = unit(w);
        let k = alpha.len();
        let mut t = Matrix::zeros(k, k);
        (0..k).for_each(|i| t.set(i, i, alpha[i]));
        (1..k).for_each(|i| {
            t.set(i, i - 1, beta[i - 1]);
            t.set(i - 1, i, beta[i - 1]);
        });
        let top = symmetric_eigen(&t)?.values[0];
        still = if (top - best).abs() <= 1e-13 * top.abs() { still + 1 } else { 0 };
        best = top;
        if still == 2 || norm <= 1e-13 * top.abs() {
            return Ok(best / n as f64);
        }
        beta.push(norm);
        q.push(next);
    }
    Err(StatsError::Decomposition { name: "m", size: n, routine: "Lanczos" })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn unit(mut v: Vec<f64>) -> (Vec<f64>, f64) {
    let norm = dot(&v, &v).sqrt();
    if norm > 0.0 {
        v.iter_mut().for_each(|x| *x /= norm);
    }
    (v, norm)
}
