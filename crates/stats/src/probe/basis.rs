//! Ridge regression in a basis whose Gram matrix is diagonal: one decomposition, any number of targets.
//!
//! Rows become features `F [n, r]`, centred, with `F'F = diag(s)`. Ridge regression of a centred
//! target `y` is then `beta_j = (F_j'y) / (s_j + lambda)`, and the generalised cross-validation score
//! `n |y - F beta|^2 / (n - 1 - sum_j s_j/(s_j + lambda))^2` costs `O(r)` for every `lambda`.
//!
//! Two bases: the columns themselves (linear), and the kernel
//! `k(u, v) = [<u, v>/p + mean_j exp(-(u_j - v_j)^2/2) + exp(-|u - v|^2/(2 m))]/3`, where `m` is the
//! median squared distance. The inputs of the kernel are normal scores of the columns, so a monotone
//! rescaling of a column changes nothing but the linear part. The middle term (additive) is left out
//! above [`ADDITIVE`] columns. Up to [`EXACT`] rows the kernel is exact (eigenvectors of the centred
//! Gram matrix); above, it lives on random landmark rows (Nyström features) in place of the random
//! Fourier features of the specification, which do not carry the linear and additive terms.
//! Source: `fccov.md`, section 5(b); Williams and Seeger 2001; Golub, Heath and Wahba 1979.

use super::scale::Scaler;
use crate::{
    StatsError, Stream, check,
    linalg::{Matrix, matmul, matmul_nt, matmul_tn, symmetric_eigen},
};

/// Largest number of rows whose kernel is used whole.
pub const EXACT: usize = 320;
/// Landmark rows above that.
pub const LANDMARKS: usize = 256;
/// Most columns with an additive term.
pub const ADDITIVE: usize = 24;
/// Penalties tried, as shares of the mean eigenvalue of the basis.
const PENALTIES: [f64; 15] = [1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0];

/// Features with a diagonal Gram matrix, fitted on rows.
#[derive(Debug, Clone)]
pub struct Basis {
    scaler: Scaler,
    map: Map,
    /// Eigenvalues `s`, `[r]`.
    spectrum: Vec<f64>,
    /// Features of the rows it was made from, `[n, r]`.
    train: Matrix,
}

#[derive(Debug, Clone)]
enum Map {
    /// Features = scaled columns times a rotation `[p, r]`.
    Linear { rotation: Matrix },
    /// Features = (kernel with `points` minus `offset`) times `lift [m, r]`.
    Kernel { points: Matrix, width: f64, offset: Vec<f64>, lift: Matrix },
}

/// Ridge coefficients of several targets in one basis.
#[derive(Debug, Clone)]
pub struct Ridge {
    /// `[r, m]`.
    pub beta: Matrix,
    /// Mean of every target, `[m]`.
    pub mean: Vec<f64>,
    /// Penalty chosen for every target, `[m]`.
    pub penalty: Vec<f64>,
    /// Generalised cross-validation score of every target, `[m]`.
    pub score: Vec<f64>,
}

impl Basis {
    /// The columns of `x`, standardised and rotated to principal axes.
    ///
    /// - cost: `2 n p^2 + 9 p^3` FLOPs
    ///
    /// # Errors
    /// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::Decomposition`].
    pub fn linear(x: &Matrix) -> Result<Self, StatsError> {
        valid(x)?;
        let scaler = Scaler::standard(x);
        let scaled = scaler.apply(x);
        if x.cols == 0 {
            return Ok(Self::empty(x.rows, scaler));
        }
        let e = symmetric_eigen(&matmul_tn(&scaled, &scaled)?)?;
        let keep = kept(&e.values);
        let rotation = e.vectors.leading(keep);
        let train = matmul(&scaled, &rotation)?;
        Ok(Self { scaler, map: Map::Linear { rotation }, spectrum: e.values[..keep].to_vec(), train })
    }

    /// The kernel of the module, on all rows or on landmarks drawn with `seed`.
    ///
    /// - cost: `9 n^3` FLOPs up to [`EXACT`] rows; `O(n m p + n m^2 + m^3)` with `m` = [`LANDMARKS`]
    /// - determinism: a function of the rows and the seed
    ///
    /// # Errors
    /// As [`Self::linear`].
    pub fn kernel(x: &Matrix, seed: u64) -> Result<Self, StatsError> {
        valid(x)?;
        let scaler = Scaler::scores(x);
        if x.cols == 0 {
            return Ok(Self::empty(x.rows, scaler));
        }
        let u = scaler.apply(x);
        let width = width(&u, seed);
        if x.rows <= EXACT { Self::exact(scaler, u, width) } else { Self::landmarks(scaler, &u, width, seed) }
    }

    fn empty(rows: usize, scaler: Scaler) -> Self {
        let map = Map::Linear { rotation: Matrix::zeros(0, 0) };
        Self { scaler, map, spectrum: Vec::new(), train: Matrix::zeros(rows, 0) }
    }

    fn exact(scaler: Scaler, u: Matrix, width: f64) -> Result<Self, StatsError> {
        let mut k = gram(&u, &u, width)?;
        let offset = k.column_means();
        k.double_centre();
        let e = symmetric_eigen(&k)?;
        let keep = kept(&e.values);
        let roots: Vec<f64> = e.values[..keep].iter().map(|v| v.sqrt()).collect();
        let train = Matrix::from_fn(u.rows, keep, |i, j| e.vectors.at(i, j) * roots[j]);
        let lift = Matrix::from_fn(u.rows, keep, |i, j| e.vectors.at(i, j) / roots[j]);
        let map = Map::Kernel { points: u, width, offset, lift };
        Ok(Self { scaler, map, spectrum: e.values[..keep].to_vec(), train })
    }

    fn landmarks(scaler: Scaler, u: &Matrix, width: f64, seed: u64) -> Result<Self, StatsError> {
        let mut rows: Vec<usize> = (0..u.rows).collect();
        Stream::new(seed, 0x6c61).shuffle(&mut rows);
        rows.truncate(LANDMARKS);
        rows.sort_unstable();
        let points = u.select(&rows);
        let inner = symmetric_eigen(&gram(&points, &points, width)?)?;
        let keep = kept(&inner.values);
        let whiten = Matrix::from_fn(points.rows, keep, |i, j| inner.vectors.at(i, j) / inner.values[j].sqrt());
        let mut k = gram(u, &points, width)?;
        let offset = k.column_means();
        k.subtract_row(&offset);
        let features = matmul(&k, &whiten)?;
        let e = symmetric_eigen(&matmul_tn(&features, &features)?)?;
        let keep = kept(&e.values);
        let rotation = e.vectors.leading(keep);
        let train = matmul(&features, &rotation)?;
        let lift = matmul(&whiten, &rotation)?;
        Ok(Self {
            scaler,
            map: Map::Kernel { points, width, offset, lift },
            spectrum: e.values[..keep].to_vec(),
            train,
        })
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.spectrum.len()
    }

    /// Whether there is no feature (no column, or constant columns only): the fit is the mean.
    pub fn is_empty(&self) -> bool {
        self.spectrum.is_empty()
    }

    /// Features of the rows the basis was made from, `[n, r]`.
    pub fn train(&self) -> &Matrix {
        &self.train
    }

    /// Features of new rows, `[n', r]`.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`] (columns).
    pub fn features(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        if self.is_empty() {
            return Ok(Matrix::zeros(x.rows, 0));
        }
        check::same_length("columns of x", x.cols, "columns fitted", self.scaler.columns())?;
        let u = self.scaler.apply(x);
        match &self.map {
            Map::Linear { rotation } => matmul(&u, rotation),
            Map::Kernel { points, width, offset, lift } => {
                let mut k = gram(&u, points, *width)?;
                k.subtract_row(offset);
                matmul(&k, lift)
            }
        }
    }

    /// Ridge regression of every column of `y` (`[n, m]`), each with its own penalty.
    ///
    /// - cost: `2 n r m` FLOPs and `O(r m)` for each of 15 penalties
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`].
    pub fn fit(&self, y: &Matrix) -> Result<Ridge, StatsError> {
        check::same_length("rows", self.train.rows, "y", y.rows)?;
        check::finite("y", &y.values)?;
        let mean = y.column_means();
        let mut centred = y.clone();
        centred.subtract_row(&mean);
        let mut beta = matmul_tn(&self.train, &centred)?;
        let (r, m, n) = (self.len(), y.cols, y.rows as f64);
        let average = self.spectrum.iter().sum::<f64>() / r.max(1) as f64;
        let (mut penalty, mut score) = (vec![0.0; m], vec![0.0; m]);
        for t in 0..m {
            let total: f64 = (0..y.rows).map(|i| centred.at(i, t).powi(2)).sum();
            let cross: Vec<f64> = (0..r).map(|j| beta.at(j, t)).collect();
            let chosen = PENALTIES.iter().map(|p| p * average).map(|l| (self.gcv(&cross, total, l, n), l));
            let (best, lambda) = chosen.fold((f64::INFINITY, f64::NAN), |a, b| if b.0 < a.0 { b } else { a });
            // Every score infinite: more features than rows at every penalty, which leaves the mean.
            let scale = |s: f64| if lambda.is_finite() { 1.0 / (s + lambda) } else { 0.0 };
            (0..r).for_each(|j| beta.set(j, t, cross[j] * scale(self.spectrum[j])));
            (penalty[t], score[t]) = (lambda, best);
        }
        Ok(Ridge { beta, mean, penalty, score })
    }

    fn gcv(&self, cross: &[f64], total: f64, lambda: f64, n: f64) -> f64 {
        let (mut rss, mut freedom) = (total, 1.0);
        for (s, c) in self.spectrum.iter().zip(cross) {
            rss -= c * c / s * (1.0 - (lambda / (s + lambda)).powi(2));
            freedom += s / (s + lambda);
        }
        let left = n - freedom;
        if left < 1e-9 * n { f64::INFINITY } else { n * rss.max(0.0) / (left * left) }
    }

    /// Fitted values of the rows the basis was made from, `[n, m]`.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`].
    pub fn fitted(&self, ridge: &Ridge) -> Result<Matrix, StatsError> {
        ridge.predict(&self.train)
    }
}

impl Ridge {
    /// Predictions from features, `[n', m]`.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`].
    pub fn predict(&self, features: &Matrix) -> Result<Matrix, StatsError> {
        let mut out = matmul(features, &self.beta)?;
        let cols = self.mean.len().max(1);
        out.values.chunks_exact_mut(cols).for_each(|row| row.iter_mut().zip(&self.mean).for_each(|(v, m)| *v += m));
        Ok(out)
    }
}

fn valid(x: &Matrix) -> Result<(), StatsError> {
    check::at_least("rows", x.rows, 4)?;
    check::finite("x", &x.values)
}

/// Eigenvalues that carry more than rounding.
fn kept(values: &[f64]) -> usize {
    let floor = values.first().copied().unwrap_or(0.0).max(0.0) * 1e-10;
    values.iter().take_while(|&&v| v > floor && v > 1e-14).count()
}

/// Median squared distance of at most 2,000 random pairs.
fn width(u: &Matrix, seed: u64) -> f64 {
    let mut stream = Stream::new(seed, 0x7769);
    let mut d: Vec<f64> = (0..2_000.min(u.rows * u.rows))
        .map(|_| (stream.below(u.rows), stream.below(u.rows)))
        .filter(|(i, j)| i != j)
        .map(|(i, j)| u.row(i).iter().zip(u.row(j)).map(|(a, b)| (a - b) * (a - b)).sum())
        .collect();
    d.sort_by(f64::total_cmp);
    d.get(d.len() / 2).copied().filter(|m| *m > 1e-12).unwrap_or(1.0)
}

/// The kernel of the module between the rows of `a` and of `b`, `[a, b]`.
fn gram(a: &Matrix, b: &Matrix, width: f64) -> Result<Matrix, StatsError> {
    use rayon::prelude::*;
    let p = a.cols as f64;
    let norm = |m: &Matrix| (0..m.rows).map(|i| m.row(i).iter().map(|v| v * v).sum()).collect::<Vec<f64>>();
    let (na, nb) = (norm(a), norm(b));
    let mut k = matmul_nt(a, b)?;
    let additive = a.cols <= ADDITIVE && a.cols > 1;
    let terms = if additive { 3.0 } else { 2.0 };
    k.values.par_chunks_mut(b.rows.max(1)).enumerate().for_each(|(i, row)| {
        let left = a.row(i);
        for (j, v) in row.iter_mut().enumerate() {
            let square = (na[i] + nb[j] - 2.0 * *v).max(0.0);
            let mut sum = *v / p + (-square / (2.0 * width)).exp();
            if additive {
                sum += left.iter().zip(b.row(j)).map(|(x, y)| (-(x - y) * (x - y) / 2.0).exp()).sum::<f64>() / p;
            }
            *v = sum / terms;
        }
    });
    Ok(k)
}
