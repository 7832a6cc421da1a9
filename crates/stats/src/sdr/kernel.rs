//! Functions in a Gaussian reproducing space: the GSIR form.

use serde::{Deserialize, Serialize};

use super::linear::{fix_signs, moments};
use crate::{
    StatsError, Stream, check,
    dependence::median_distance,
    linalg::{Matrix, matmul, matmul_nt, symmetric_eigen},
};

/// Settings of [`KernelSdr`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KernelOptions {
    /// Width of the Gaussian kernel in medians of the pairwise distances (1).
    pub width: f64,
    /// Ridge as a share of the largest eigenvalue of the kernel (0.01).
    pub ridge: f64,
    /// Rows up to which every row is a landmark (5,000).
    pub exact: usize,
    /// Landmarks above that (2,000).
    pub landmarks: usize,
    /// Seed of the landmarks (0).
    pub seed: u64,
}

impl Default for KernelOptions {
    fn default() -> Self {
        Self { width: 1.0, ridge: 0.01, exact: 5_000, landmarks: 2_000, seed: 0 }
    }
}

/// Nonlinear features `f(x) = sum_l k(x, x_l) a_l`, sorted by their dependence.
///
/// With the centred Gram matrix `G = V diag(g) V'` of X: eigenvectors w of
/// `(G + eps I)^-1 G K G (G + eps I)^-1`, features `G (G + eps I)^-1 w` scaled to unit variance on the
/// training rows. Where rows are many, G is that of Nyström features of random landmarks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelSdr {
    /// Standardisation of X: means, `[p]`.
    pub means: Vec<f64>,
    /// Standardisation of X: standard deviations, `[p]` (1 for a constant column).
    pub sds: Vec<f64>,
    /// Standardised landmarks, `[l, p]`.
    pub landmarks: Matrix,
    /// Width of the kernel.
    pub sigma: f64,
    /// `[l, d]`: weights of the kernels at the landmarks.
    pub weights: Matrix,
    /// Constants added to the features, `[d]`.
    pub offsets: Vec<f64>,
    /// Falling eigenvalues, `[d]`, in units of the kernel that was passed.
    pub eta: Vec<f64>,
}

impl KernelSdr {
    /// Fits `d` features on `x: [n, p]` and a centred kernel `[n, n]` of the response.
    ///
    /// - cost: two eigenproblems of order l (landmarks) and `2 n^2 l` FLOPs
    /// - determinism: independent of threads; source: Lee, Li and Chiaromonte 2013; spec section 2
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (3),
    /// [`StatsError::Setting`], [`StatsError::Constant`] (all rows of X equal),
    /// [`StatsError::Decomposition`].
    pub fn fit(x: &Matrix, kernel: &Matrix, d: usize, options: &KernelOptions) -> Result<Self, StatsError> {
        check::same_length("x", x.rows, "kernel", kernel.rows)?;
        check::at_least("x", x.rows, 3)?;
        check::finite("x", &x.values)?;
        for (name, value) in [("width", options.width), ("ridge", options.ridge)] {
            if value.is_nan() || value <= 0.0 {
                return Err(StatsError::Setting { name, value, range: "above 0" });
            }
        }
        check::positive("landmarks", options.landmarks.min(options.exact))?;
        let (means, sds) = scales(x);
        let scaled = standardised(x, &means, &sds);
        let landmarks = if x.rows <= options.exact {
            scaled.clone()
        } else {
            let mut rows: Vec<usize> = (0..x.rows).collect();
            Stream::new(options.seed, 0).shuffle(&mut rows);
            rows.truncate(options.landmarks);
            rows.sort_unstable();
            scaled.select(&rows)
        };
        let sigma = options.width * median_distance(&distances(&landmarks, &landmarks)?)?;
        // Nyström features: k(x, L) U diag(s)^-1/2, whose Gram matrix is the kernel's projection.
        let basis = gaussian(&landmarks, &landmarks, sigma)?;
        let e = symmetric_eigen(&basis)?;
        let keep = e.values.iter().take_while(|v| **v > 1e-10 * e.values[0]).count();
        let root = Matrix::from_fn(landmarks.rows, keep, |i, j| e.vectors.at(i, j) / e.values[j].sqrt());
        let mut features = matmul(&gaussian(&scaled, &landmarks, sigma)?, &root)?;
        let centre = features.column_means();
        features.subtract_row(&centre);
        let (combine, eta) = solve(&features, kernel, d, options.ridge)?;
        let weights = matmul(&root, &combine)?;
        let offsets =
            (0..combine.cols).map(|j| -(0..keep).map(|i| centre[i] * combine.at(i, j)).sum::<f64>()).collect();
        Ok(Self { means, sds, landmarks, sigma, weights, offsets, eta })
    }

    /// Features of new rows, `[m, p]` to `[m, d]`.
    ///
    /// - cost: `2 m l (p + d)` FLOPs
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`] (columns), [`StatsError::NotFinite`].
    pub fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        check::same_length("columns of x", x.cols, "means", self.means.len())?;
        check::finite("x", &x.values)?;
        let scaled = standardised(x, &self.means, &self.sds);
        let mut f = matmul(&gaussian(&scaled, &self.landmarks, self.sigma)?, &self.weights)?;
        let minus: Vec<f64> = self.offsets.iter().map(|o| -o).collect();
        f.subtract_row(&minus);
        Ok(f)
    }
}

/// Weights of centred features `[n, q]` for `d` functions of unit variance, and their eigenvalues.
fn solve(f: &Matrix, kernel: &Matrix, d: usize, ridge: f64) -> Result<(Matrix, Vec<f64>), StatsError> {
    let (c, s) = moments(f, kernel)?;
    let e = symmetric_eigen(&s)?;
    let eps = ridge * e.values[0];
    // In the eigenbasis of the covariance: diag(sqrt g/(g + eps)) C diag(sqrt g/(g + eps)).
    let damp: Vec<f64> = e.values.iter().map(|g| g.max(0.0).sqrt() / (g.max(0.0) + eps)).collect();
    let turn = Matrix::from_fn(s.rows, s.cols, |i, j| e.vectors.at(i, j) * damp[j]);
    let m = matmul(&turn.transpose(), &matmul(&c, &turn)?)?;
    let inner = symmetric_eigen(&m)?;
    let d = d.min(inner.values.len());
    let mut weights = matmul(&turn, &inner.vectors.leading(d))?;
    fix_signs(f, &mut weights)?;
    let scores = matmul(f, &weights)?;
    for j in 0..d {
        let sd = ((0..f.rows).map(|i| scores.at(i, j) * scores.at(i, j)).sum::<f64>() / f.rows as f64).sqrt();
        let scale = if sd > 0.0 { 1.0 / sd } else { 0.0 };
        for i in 0..weights.rows {
            let v = weights.at(i, j) * scale;
            weights.set(i, j, v);
        }
    }
    Ok((weights, inner.values[..d].to_vec()))
}

fn scales(x: &Matrix) -> (Vec<f64>, Vec<f64>) {
    let means = x.column_means();
    let sds = (0..x.cols)
        .map(|j| {
            let square: f64 = (0..x.rows).map(|i| (x.at(i, j) - means[j]).powi(2)).sum();
            let sd = (square / x.rows as f64).sqrt();
            if sd > 1e-13 * means[j].abs() { sd } else { 1.0 }
        })
        .collect();
    (means, sds)
}

fn standardised(x: &Matrix, means: &[f64], sds: &[f64]) -> Matrix {
    Matrix::from_fn(x.rows, x.cols, |i, j| (x.at(i, j) - means[j]) / sds[j])
}

/// Squared norms and one product: `|a - b|`.
fn distances(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    let norm = |m: &Matrix| -> Vec<f64> { (0..m.rows).map(|i| m.row(i).iter().map(|v| v * v).sum()).collect() };
    let (x, y) = (norm(a), norm(b));
    let mut out = matmul_nt(a, b)?;
    for (row, x) in out.values.chunks_exact_mut(b.rows.max(1)).zip(&x) {
        row.iter_mut().zip(&y).for_each(|(v, y)| *v = (x + y - 2.0 * *v).max(0.0).sqrt());
    }
    Ok(out)
}

fn gaussian(a: &Matrix, b: &Matrix, sigma: f64) -> Result<Matrix, StatsError> {
    Ok(crate::dependence::gaussian_gram(&distances(a, b)?, sigma))
}
