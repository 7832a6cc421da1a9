//! Gaussian views with a closed-form total correlation (symile.md, Data).

use suffit_core::seed::normal;
use suffit_core::{Result, Seed};

use super::{GenerateError, Sample, view};

/// x ~ N(0, R), one view per coordinate; TC = -1/2 log det R.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    factor: Vec<Vec<f64>>,
}

impl Gaussian {
    /// From a correlation matrix (rows of equal length, ones on the diagonal).
    ///
    /// # Errors
    /// [`GenerateError::NotPositive`].
    pub fn new(correlation: &[Vec<f64>]) -> Result<Self, GenerateError> {
        let n = correlation.len();
        let mut factor = vec![vec![0.0; n]; n];
        for i in 0..n {
            let symmetric = correlation[i].len() == n && (0..n).all(|j| correlation[j].get(i) == correlation[i].get(j));
            if !symmetric || (correlation[i][i] - 1.0).abs() > 1e-12 {
                return Err(GenerateError::NotPositive { row: i + 1 });
            }
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                let rest = correlation[i][j] - dot;
                if i == j {
                    if rest.is_nan() || rest <= 0.0 {
                        return Err(GenerateError::NotPositive { row: i + 1 });
                    }
                    factor[i][i] = rest.sqrt();
                } else {
                    factor[i][j] = rest / factor[j][j];
                }
            }
        }
        Ok(Gaussian { factor })
    }

    /// TC in nats: -1/2 log det R = -sum of the logs of the Cholesky diagonal.
    ///
    /// ```
    /// let g = suffit_data::generate::Gaussian::new(&[vec![1.0, 0.6], vec![0.6, 1.0]])?;
    /// assert!((g.total_correlation() + 0.5 * 0.64f64.ln()).abs() < 1e-12);
    /// # Ok::<(), suffit_data::generate::GenerateError>(())
    /// ```
    pub fn total_correlation(&self) -> f64 {
        -self.factor.iter().enumerate().map(|(i, row)| row[i].ln()).sum::<f64>()
    }

    /// Draws rows from the stream `gaussian` of `seed`: views `x1 … xM`, each `[rows, 3]` with columns
    /// 1, x, x², which a product of linear encoders needs to represent the log-density ratio.
    ///
    /// # Errors
    /// None at present.
    pub fn draw(&self, rows: usize, seed: Seed) -> Result<Sample> {
        let m = self.factor.len();
        let mut stream = seed.stream("gaussian", &[]);
        let mut columns = vec![Vec::with_capacity(3 * rows); m];
        for _ in 0..rows {
            let z: Vec<f64> = (0..m).map(|_| normal(&mut stream)).collect();
            for (column, weights) in columns.iter_mut().zip(&self.factor) {
                let x: f64 = weights.iter().zip(&z).map(|(w, z)| w * z).sum();
                column.extend([1.0, x as f32, (x * x) as f32]);
            }
        }
        let views = columns.into_iter().enumerate().map(|(k, c)| view(&format!("x{}", k + 1), rows, 3, c)).collect();
        Ok(Sample { views, label: None })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn correlations_come_out_and_singular_matrices_do_not() {
        let g = Gaussian::new(&[vec![1.0, 0.5, 0.2], vec![0.5, 1.0, -0.3], vec![0.2, -0.3, 1.0]]).unwrap();
        let s = g.draw(40_000, Seed::new(6)).unwrap();
        let x = |k: usize, r: usize| f64::from(s.views[k].row(r)[1]);
        let r01: f64 = (0..40_000).map(|r| x(0, r) * x(1, r)).sum::<f64>() / 40_000.0;
        assert!((r01 - 0.5).abs() < 5.0 * (1.25f64 / 40_000.0).sqrt());
        // det = 1 - .25 - .04 - .09 + 2 (.5)(.2)(-.3)
        assert!((g.total_correlation() + 0.5 * 0.56f64.ln()).abs() < 1e-12);
        assert!(Gaussian::new(&[vec![1.0, 1.0], vec![1.0, 1.0]]).is_err());
        assert!(Gaussian::new(&[vec![1.0, 0.1], vec![0.2, 1.0]]).is_err());
    }
}
