//! The exact solution where X and Y take finitely many values.

use serde::{Deserialize, Serialize};

use crate::{
    StatsError, check,
    linalg::{Matrix, symmetric_eigen},
};

/// The solved eigenproblem of a joint law on atoms.
#[derive(Debug, Clone, PartialEq)]
pub struct FiniteProblem {
    /// Positive eigenvalues of `A*A`, falling, `(Af)(B) = Cov(f, 1_B)`, balls with centre and boundary
    /// from the law of Y.
    pub eta: Vec<f64>,
    /// `[m, eta]`: eigenfunction j in column j, mean 0 and variance 1 under the law of X; its entry of
    /// largest absolute value is positive.
    pub functions: Matrix,
}

/// The optimum of `FCCov(f) - lambda |Cov(f) - I|_F^2`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// `sum_j [eta_j + eta_j^2/(4 lambda)]`.
    pub value: f64,
    /// Variance of each feature, `1 + eta_j/(2 lambda)`.
    pub variances: Vec<f64>,
}

impl FiniteProblem {
    /// Solves the eigenproblem.
    ///
    /// - shapes: `p_x: [m]`, `p_y_given_x: [m, k]`, `distances: [k, k]` (row = centre)
    /// - eigenvalues up to `1e-12` count as 0; cost `O(k^3 m + m^3)`; source: spec section 2
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotNormalised`], [`StatsError::Element`],
    /// [`StatsError::NotFinite`], [`StatsError::Decomposition`].
    pub fn solve(p_x: &[f64], p_y_given_x: &Matrix, distances: &Matrix) -> Result<Self, StatsError> {
        check::same_length("p_x", p_x.len(), "p_y_given_x", p_y_given_x.rows)?;
        check::same_length("columns of p_y_given_x", p_y_given_x.cols, "distances", distances.rows)?;
        check::same_length("rows of distances", distances.rows, "columns of distances", distances.cols)?;
        check::simplex_rows("p_x", p_x, p_x.len().max(1))?;
        check::simplex_rows("p_y_given_x", &p_y_given_x.values, p_y_given_x.cols.max(1))?;
        check::finite("distances", &distances.values)?;
        if let Some(index) = p_x.iter().position(|p| *p <= 0.0) {
            return Err(StatsError::Element { name: "p_x", index, value: p_x[index], range: "above 0" });
        }
        let (m, k) = (p_x.len(), distances.rows);
        let p_y: Vec<f64> = (0..k).map(|y| (0..m).map(|x| p_x[x] * p_y_given_x.at(x, y)).sum()).collect();
        let mut s = Matrix::zeros(m, m);
        for a in 0..k {
            for b in 0..k {
                let inside = |y: usize| distances.at(a, y) <= distances.at(a, b);
                let given: Vec<f64> =
                    (0..m).map(|x| (0..k).filter(|y| inside(*y)).map(|y| p_y_given_x.at(x, y)).sum()).collect();
                let mean: f64 = given.iter().zip(p_x).map(|(g, p)| g * p).sum();
                let q: Vec<f64> = given.iter().zip(p_x).map(|(g, p)| (g - mean) * p.sqrt()).collect();
                for i in 0..m {
                    for j in 0..m {
                        s.values[i * m + j] += p_y[a] * p_y[b] * q[i] * q[j];
                    }
                }
            }
        }
        let e = symmetric_eigen(&s)?;
        let eta: Vec<f64> = e.values.into_iter().filter(|v| *v > 1e-12).collect();
        let mut functions = Matrix::from_fn(m, eta.len(), |i, j| e.vectors.at(i, j) / p_x[i].sqrt());
        crate::linalg::fix_signs(&mut functions);
        Ok(Self { eta, functions })
    }

    /// The optimum with `d` features; features past the positive eigenvalues add nothing and have
    /// variance 1.
    ///
    /// # Errors
    /// [`StatsError::Setting`] (lambda not above 0).
    pub fn optimum(&self, d: usize, lambda: f64) -> Result<Optimum, StatsError> {
        if lambda.is_nan() || lambda <= 0.0 {
            return Err(StatsError::Setting { name: "lambda", value: lambda, range: "above 0" });
        }
        let eta: Vec<f64> = (0..d).map(|j| self.eta.get(j).copied().unwrap_or(0.0)).collect();
        Ok(Optimum {
            value: eta.iter().map(|e| e + e * e / (4.0 * lambda)).sum(),
            variances: eta.iter().map(|e| 1.0 + e / (2.0 * lambda)).collect(),
        })
    }
}
