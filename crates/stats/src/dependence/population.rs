//! Values of the measures for known laws.

use crate::{StatsError, check, linalg::Matrix, normal};

/// `kappa = E[(phi(a - r) - phi(a + r))^2]`, `a, b` independent standard normal, `r = |a - b|`:
/// FCCov(X|Y) of a bivariate normal pair with correlation rho is `rho^2 kappa`.
///
/// - method: trapezoid rule with step 1/20 on a square that holds all but `1e-20` of the mass; the
///   integrand is analytic, so the error is below `1e-14`; cost: 320,000 evaluations
/// - source: spec section 1
///
/// ```
/// assert!((suffit_stats::dependence::population::gaussian_kappa() - 0.0439011283).abs() < 1e-9);
/// ```
pub fn gaussian_kappa() -> f64 {
    let step = 0.05;
    let rows: Vec<f64> = (-200..=200)
        .map(|i| {
            let a = f64::from(i) * step;
            let inner: Vec<f64> = (-400..=400)
                .map(|j| {
                    let r = f64::from(j) * step;
                    (normal::density(a - r) - normal::density(a + r)).powi(2) * normal::density(a - r)
                })
                .collect();
            crate::mean_var::sum(&inner) * normal::density(a)
        })
        .collect();
    crate::mean_var::sum(&rows) * step * step
}

/// FCCov(X|Y) of a bivariate normal pair: `rho^2 kappa`.
///
/// # Errors
/// [`StatsError::Setting`] (rho outside `[-1, 1]`).
pub fn gaussian_fccov(rho: f64) -> Result<f64, StatsError> {
    correlation(rho)?;
    Ok(rho * rho * gaussian_kappa())
}

/// `dCor^2` of a bivariate normal pair:
/// `(rho asin rho + sqrt(1-rho^2) - rho asin(rho/2) - sqrt(4-rho^2) + 1)/(1 + pi/3 - sqrt 3)`.
///
/// # Errors
/// [`StatsError::Setting`] (rho outside `[-1, 1]`).
pub fn gaussian_dcor_sqr(rho: f64) -> Result<f64, StatsError> {
    correlation(rho)?;
    let top = rho * rho.asin() + (1.0 - rho * rho).sqrt() - rho * (rho / 2.0).asin() - (4.0 - rho * rho).sqrt() + 1.0;
    Ok(top / (1.0 + std::f64::consts::FRAC_PI_3 - 3f64.sqrt()))
}

fn correlation(rho: f64) -> Result<(), StatsError> {
    if rho.abs() <= 1.0 {
        Ok(())
    } else {
        Err(StatsError::Setting { name: "rho", value: rho, range: "between -1 and 1" })
    }
}

/// FCCov(Y|Y) of a uniform number on `[0, 1]`: 1/180.
pub const UNIFORM_IDENTITY: f64 = 1.0 / 180.0;

/// FCCov of features given labels under the 0/1 distance: `sum_c p_c^4 |m_c - m|^2`.
///
/// - shapes: `p: [C]` probabilities, `means: [C, d]` of the features in each class
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotNormalised`], [`StatsError::Element`].
///
/// ```
/// use suffit_stats::{dependence::population::labels_fccov, linalg::Matrix};
/// let m = Matrix::new(2, 1, vec![0.0, 2.0])?;
/// assert_eq!(labels_fccov(&[0.5, 0.5], &m)?, 0.125);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn labels_fccov(p: &[f64], means: &Matrix) -> Result<f64, StatsError> {
    check::same_length("p", p.len(), "means", means.rows)?;
    check::simplex_rows("p", p, p.len().max(1))?;
    check::finite("means", &means.values)?;
    let centre: Vec<f64> =
        (0..means.cols).map(|j| p.iter().enumerate().map(|(c, q)| q * means.at(c, j)).sum()).collect();
    let terms = p.iter().enumerate().map(|(c, q)| {
        let gap: f64 = means.row(c).iter().zip(&centre).map(|(a, b)| (a - b) * (a - b)).sum();
        q.powi(4) * gap
    });
    Ok(terms.sum())
}
