//! Distance covariance and correlation of objects given by their distances.

use rayon::prelude::*;

use super::hsic::inner;
use crate::{StatsError, beta, check, linalg::Matrix, normal};

/// Squared distance covariance and correlation, both forms.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DistanceCovariance {
    /// Rows.
    pub n: usize,
    /// `dCov^2`, V-form (biased, 0 or more).
    pub dcov_sqr_v: f64,
    /// `dCor^2`, V-form, in `[0, 1]`; `None` where one side is constant.
    pub dcor_sqr_v: Option<f64>,
    /// `dCov^2`, unbiased; may be negative.
    pub dcov_sqr_u: f64,
    /// Bias-corrected `dCor^2`; may be negative; `None` where one side is constant.
    pub dcor_sqr_u: Option<f64>,
}

impl DistanceCovariance {
    /// From covariances and the two variances of each form.
    pub(super) fn of(n: usize, v: [f64; 3], u: [f64; 3]) -> Self {
        let ratio = |[xy, xx, yy]: [f64; 3]| (xx > 0.0 && yy > 0.0).then(|| xy / (xx.sqrt() * yy.sqrt()));
        Self { n, dcov_sqr_v: v[0], dcor_sqr_v: ratio(v), dcov_sqr_u: u[0], dcor_sqr_u: ratio(u) }
    }

    /// The distance correlation as usually printed: the root of the V-form.
    pub fn correlation(&self) -> Option<f64> {
        self.dcor_sqr_v.map(|r| r.max(0.0).sqrt())
    }
}

/// Distance covariance of two samples of objects.
///
/// - formula: V: `n^-2 sum A B`, `A = H a H`; unbiased: `sum_{k != l} A~ B~/(n(n-3))`,
///   `A~_kl = a_kl - a_k./(n-2) - a_.l/(n-2) + a../((n-1)(n-2))`
/// - shapes: distances `a, b: [n, n]`, symmetric; cost `O(n^2)`; determinism: independent of threads
/// - source: Székely, Rizzo and Bakirov 2007; Székely and Rizzo 2013; spec section 6
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (4 rows).
///
/// ```
/// use suffit_stats::{dependence::distance_covariance, response::{Metric, Response, distances}};
/// let d = distances(&Response::real(vec![0.0, 1.0, 3.0, 7.0], 1)?, Metric::Euclidean)?;
/// assert!((distance_covariance(&d, &d)?.dcor_sqr_v.unwrap_or(0.0) - 1.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn distance_covariance(a: &Matrix, b: &Matrix) -> Result<DistanceCovariance, StatsError> {
    pair(a, b)?;
    let n = a.rows;
    let (mut x, mut y) = (a.clone(), b.clone());
    x.double_centre();
    y.double_centre();
    let v = [inner(&x, &y), inner(&x, &x), inner(&y, &y)].map(|s| s / (n * n) as f64);
    let (x, y) = (u_centred(a), u_centred(b));
    let u = [inner(&x, &y), inner(&x, &x), inner(&y, &y)].map(|s| s / (n as f64 * (n as f64 - 3.0)));
    Ok(DistanceCovariance::of(n, v, u))
}

pub(super) fn pair(a: &Matrix, b: &Matrix) -> Result<(), StatsError> {
    check::same_length("a", a.rows, "b", b.rows)?;
    check::same_length("rows of a", a.rows, "columns of a", a.cols)?;
    check::same_length("rows of b", b.rows, "columns of b", b.cols)?;
    check::at_least("a", a.rows, 4)?;
    check::finite("a", &a.values)?;
    check::finite("b", &b.values)
}

/// The U-centred matrix, 0 on the diagonal.
pub(super) fn u_centred(a: &Matrix) -> Matrix {
    let n = a.rows;
    let sums: Vec<f64> = (0..n).into_par_iter().map(|i| a.row(i).iter().sum()).collect();
    let (m, total) = (n as f64, crate::mean_var::sum(&sums));
    let grand = total / ((m - 1.0) * (m - 2.0));
    let mut out = a.clone();
    out.values.par_chunks_mut(n).enumerate().for_each(|(i, row)| {
        for (j, v) in row.iter_mut().enumerate() {
            *v = if i == j { 0.0 } else { *v - (sums[i] + sums[j]) / (m - 2.0) + grand };
        }
    });
    out
}

/// t-test of independence in high dimension: `T = sqrt(v-1) R/sqrt(1-R^2)`, `v = n(n-3)/2`, R the
/// bias-corrected `dCor^2`; `(T, p)` with p the upper tail of Student's t with `v - 1` degrees.
///
/// - valid as the dimension grows; source: Székely and Rizzo 2013; spec section 6
///
/// # Errors
/// [`StatsError::TooFew`] (4), [`StatsError::Setting`] (R outside `(-1, 1)`).
pub fn t_test(dcor_sqr_u: f64, n: usize) -> Result<(f64, f64), StatsError> {
    check::at_least("rows", n, 4)?;
    if dcor_sqr_u.is_nan() || dcor_sqr_u.abs() > 1.0 + 1e-12 {
        return Err(StatsError::Setting { name: "dcor_sqr_u", value: dcor_sqr_u, range: "between -1 and 1" });
    }
    let v = n as f64 * (n as f64 - 3.0) / 2.0;
    let rest = (1.0 - dcor_sqr_u * dcor_sqr_u).max(f64::MIN_POSITIVE);
    let t = (v - 1.0).sqrt() * dcor_sqr_u / rest.sqrt();
    Ok((t, beta::student_cdf(-t, v - 1.0)?))
}

/// Chi-square test of independence: `p = P(chi2_1 - 1 >= n R)`; valid for levels up to 0.05,
/// conservative. Source: Shen, Panda and Vogelstein 2022; spec section 6.
///
/// ```
/// assert_eq!(suffit_stats::dependence::chi_square_p(-0.5, 10), 1.0);
/// ```
pub fn chi_square_p(dcor_sqr_u: f64, n: usize) -> f64 {
    let x = n as f64 * dcor_sqr_u + 1.0;
    if x <= 0.0 { 1.0 } else { 2.0 * normal::cdf(-x.sqrt()) }
}
