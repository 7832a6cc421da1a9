//! The regressions that conditional tests are made of.

use crate::{
    StatsError,
    linalg::{Matrix, lstsq, matmul},
    probe::Basis,
};

/// A regression method: prepared on rows once, then fitted to any number of targets.
pub trait Regression {
    /// What is prepared on rows.
    type Prepared: Prepared;

    /// Prepares the regression on the rows of `x`.
    ///
    /// # Errors
    /// As the method.
    fn prepare(&self, x: &Matrix, seed: u64) -> Result<Self::Prepared, StatsError>;
}

/// A regression prepared on the rows of one table.
pub trait Prepared {
    /// Fits `y` (`[n, m]`) and predicts at the prepared rows and at those of `at`.
    ///
    /// # Errors
    /// As the method.
    fn predict(&self, y: &Matrix, at: &[&Matrix]) -> Result<(Matrix, Vec<Matrix>), StatsError>;
}

/// Ordinary least squares with intercept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ols;

/// Kernel ridge regression with generalised cross-validation ([`Basis::kernel`]).
#[derive(Debug, Clone, Copy, Default)]
pub struct Smoother;

/// Rows with a leading 1.
#[derive(Debug)]
pub struct OlsRows(Matrix);

fn with_intercept(x: &Matrix) -> Matrix {
    Matrix::from_fn(x.rows, x.cols + 1, |i, j| if j == 0 { 1.0 } else { x.at(i, j - 1) })
}

impl Regression for Ols {
    type Prepared = OlsRows;

    fn prepare(&self, x: &Matrix, _seed: u64) -> Result<OlsRows, StatsError> {
        Ok(OlsRows(with_intercept(x)))
    }
}

impl Prepared for OlsRows {
    fn predict(&self, y: &Matrix, at: &[&Matrix]) -> Result<(Matrix, Vec<Matrix>), StatsError> {
        let beta = lstsq(&self.0, y)?;
        let others: Result<Vec<Matrix>, StatsError> = at.iter().map(|x| matmul(&with_intercept(x), &beta)).collect();
        Ok((matmul(&self.0, &beta)?, others?))
    }
}

impl Regression for Smoother {
    type Prepared = Basis;

    fn prepare(&self, x: &Matrix, seed: u64) -> Result<Basis, StatsError> {
        Basis::kernel(x, seed)
    }
}

impl Prepared for Basis {
    fn predict(&self, y: &Matrix, at: &[&Matrix]) -> Result<(Matrix, Vec<Matrix>), StatsError> {
        let ridge = self.fit(y)?;
        let others: Result<Vec<Matrix>, StatsError> = at.iter().map(|x| ridge.predict(&self.features(x)?)).collect();
        Ok((self.fitted(&ridge)?, others?))
    }
}
