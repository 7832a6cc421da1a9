//! Linear features, and combinations of given features.

use serde::{Deserialize, Serialize};

use crate::{
    StatsError, check,
    linalg::{Eigen, Matrix, generalised_symmetric_eigen, matmul, matmul_tn},
};

/// Combinations of given features, sorted by their dependence.
///
/// Solves `C v = eta (S + ridge tr(S)/p I) v` with `C = n^-2 F' HKH F`, `S = n^-1 F' F`, F centred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spectral {
    /// Means taken from the features, `[p]`.
    pub means: Vec<f64>,
    /// `[p, p]`: column j gives feature j of unit variance (up to the ridge).
    pub weights: Matrix,
    /// Falling eigenvalues `eta_j`, `[p]`, in units of the kernel that was passed.
    pub eta: Vec<f64>,
}

impl Spectral {
    /// Fits on `features: [n, p]` and a centred kernel `[n, n]` of the response.
    ///
    /// - sign: the training row with the largest absolute value of a feature has a positive value
    /// - cost: `2 n^2 p + 11 p^3` FLOPs; determinism: independent of threads; source: spec section 2
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (2),
    /// [`StatsError::Decomposition`] (features repeat one another and `ridge` is 0),
    /// [`StatsError::Setting`] (negative ridge).
    pub fn fit(features: &Matrix, kernel: &Matrix, ridge: f64) -> Result<Self, StatsError> {
        check::same_length("features", features.rows, "kernel", kernel.rows)?;
        check::at_least("features", features.rows, 2)?;
        check::finite("features", &features.values)?;
        if ridge.is_nan() || ridge < 0.0 {
            return Err(StatsError::Setting { name: "ridge", value: ridge, range: "0 or more" });
        }
        let means = features.column_means();
        let mut f = features.clone();
        f.subtract_row(&means);
        let (c, mut s) = moments(&f, kernel)?;
        let p = f.cols;
        let load = ridge * (0..p).map(|j| s.at(j, j)).sum::<f64>() / p.max(1) as f64;
        (0..p).for_each(|j| s.values[j * p + j] += load);
        let Eigen { values: eta, vectors: mut weights } = generalised_symmetric_eigen(&c, &s)?;
        fix_signs(&f, &mut weights)?;
        Ok(Self { means, weights, eta })
    }

    /// The first `d` features of new rows, `[m, p]` to `[m, d]`.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`] (columns).
    pub fn predict(&self, features: &Matrix, d: usize) -> Result<Matrix, StatsError> {
        check::same_length("columns of features", features.cols, "means", self.means.len())?;
        let mut f = features.clone();
        f.subtract_row(&self.means);
        matmul(&f, &self.weights.leading(d))
    }
}

/// `(n^-2 F' K F, n^-1 F' F)` of centred features.
pub(super) fn moments(f: &Matrix, kernel: &Matrix) -> Result<(Matrix, Matrix), StatsError> {
    let n = f.rows as f64;
    let mut c = matmul_tn(f, &matmul(kernel, f)?)?;
    let mut s = matmul_tn(f, f)?;
    c.values.iter_mut().for_each(|v| *v /= n * n);
    s.values.iter_mut().for_each(|v| *v /= n);
    Ok((c, s))
}

/// Turns columns of weights so that the row of largest absolute feature is positive.
pub(super) fn fix_signs(f: &Matrix, weights: &mut Matrix) -> Result<(), StatsError> {
    let scores = matmul(f, weights)?;
    for j in 0..scores.cols {
        let mut top = 0.0f64;
        for i in 0..scores.rows {
            let v = scores.at(i, j);
            if v.abs() > top.abs() * (1.0 + 1e-9) {
                top = v;
            }
        }
        if top < 0.0 {
            for i in 0..weights.rows {
                let v = -weights.at(i, j);
                weights.set(i, j, v);
            }
        }
    }
    Ok(())
}

/// Linear sufficient dimension reduction: cumulative slicing for the rank kernel, WIRE for `-D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinearSdr {
    /// The solution on the columns of X as they are.
    pub spectral: Spectral,
}

impl LinearSdr {
    /// Fits on `x: [n, p]` and a centred kernel of the response.
    ///
    /// - as [`Spectral::fit`]; the eigenproblem is solved on standardised columns, which changes nothing
    ///   but the rounding and the meaning of `ridge`
    ///
    /// # Errors
    /// As [`Spectral::fit`]; [`StatsError::Constant`] (a column of X does not vary).
    pub fn fit(x: &Matrix, kernel: &Matrix, ridge: f64) -> Result<Self, StatsError> {
        check::at_least("x", x.rows, 2)?;
        check::finite("x", &x.values)?;
        let means = x.column_means();
        let mut scaled = x.clone();
        scaled.subtract_row(&means);
        let mut sds = vec![0.0; x.cols];
        for i in 0..x.rows {
            sds.iter_mut().zip(scaled.row(i)).for_each(|(s, v)| *s += v * v);
        }
        for (s, m) in sds.iter_mut().zip(&means) {
            *s = (*s / x.rows as f64).sqrt();
            if *s <= 1e-13 * m.abs() {
                return Err(StatsError::Constant { name: "a column of x", rows: x.rows });
            }
        }
        scaled.values.chunks_exact_mut(x.cols.max(1)).for_each(|r| r.iter_mut().zip(&sds).for_each(|(v, s)| *v /= s));
        let mut spectral = Spectral::fit(&scaled, kernel, ridge)?;
        spectral.means = means;
        for (i, s) in sds.iter().enumerate() {
            let cols = spectral.weights.cols;
            spectral.weights.values[i * cols..(i + 1) * cols].iter_mut().for_each(|w| *w /= s);
        }
        Ok(Self { spectral })
    }

    /// The first `d` features of new rows.
    ///
    /// # Errors
    /// As [`Spectral::predict`].
    pub fn predict(&self, x: &Matrix, d: usize) -> Result<Matrix, StatsError> {
        self.spectral.predict(x, d)
    }

    /// Falling eigenvalues.
    pub fn eta(&self) -> &[f64] {
        &self.spectral.eta
    }
}
