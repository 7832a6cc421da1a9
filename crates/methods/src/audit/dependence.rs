//! Measures of dependence on the columns of a data set, with their tests.
//!
//! | measure | question | test |
//! |---|---|---|
//! | `dcor` | is y independent of x? | permutation, t, chi-square |
//! | `hsic` | the same, Gaussian kernels of median width | permutation |
//! | `fccov` | does the mean of x change with y? | permutation |
//! | `pcm` | does x tell about the mean of y once z is known? | normal, one-sided |
//! | `gcm` | is some residual of x correlated with one of y? | multiplier bootstrap |
//! | `kci` | is y independent of x given z? at most 1,500 rows | gamma null |
//!
//! Spec: `fccov.md`, sections 1, 5(c), 5(d), 6.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Dataset, Result};
use suffit_stats::StatsError;
use suffit_stats::conditional::{Smoother, gcm, kci, pcm};
use suffit_stats::dependence::{
    Ranks, chi_square_p, distance_covariance, fccov_permutation, gaussian_gram, gram_permutation, hsic,
    median_distance, t_test, univariate, univariate_permutation,
};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{Metric, Response, distances};

use super::config::AuditConfig;
use super::error::AuditError;
use super::input::Sides;

/// Rows whose matrices of distances still fit (8 n² bytes each).
const MOST_ROWS: usize = 20_000;

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Distance correlation.
    Dcor,
    /// Hilbert-Schmidt independence criterion.
    Hsic,
    /// Fréchet cumulative covariance.
    Fccov,
    /// Projected covariance measure.
    Pcm,
    /// Generalised covariance measure.
    Gcm,
    /// Kernel conditional independence.
    Kci,
}

/// How dCor is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Test {
    /// By permutation.
    Permutation,
    /// The t-test of the bias-corrected correlation.
    T,
    /// The chi-square bound of the bias-corrected correlation.
    Chi2,
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The measure.
    pub measure: Measure,
    /// The test, for dCor.
    pub test: Test,
    /// Permutations, or multipliers.
    pub permutations: usize,
}

/// A measured dependence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What was asked.
    pub question: Question,
    /// Rows.
    pub n: usize,
    /// Statistics by name, the main one first.
    pub statistics: Vec<(String, f64)>,
    /// p-value.
    pub p: f64,
    /// How the p-value was made.
    pub how: String,
}

/// Measures.
///
/// - cost: `O(n log n)` for dCor of two numbers, else `O(n²)` time and `8 n²` bytes a matrix
///
/// # Errors
/// Roles that are missing, values that cannot be read, too few or too many rows.
pub fn dependence(question: Question, data: &Dataset, config: &AuditConfig, ctx: &Ctx) -> Result<Found> {
    let sides = Sides::read(data, config, ctx)?;
    let refused = |source| AuditError::Statistic { data: data.name.clone(), source };
    let seed = ctx.seed.value();
    let (n, (x, y)) = (sides.x.values.rows, (&sides.x.values, &sides.y));
    let single = |y: &Response| match y {
        Response::Real { values, dim: 1, .. } => Some(values.clone()),
        _ => None,
    };
    let quick = (question.measure == Measure::Dcor && x.cols == 1).then(|| single(&y.response)).flatten();
    let unconditional = matches!(question.measure, Measure::Dcor | Measure::Hsic | Measure::Fccov);
    if unconditional && quick.is_none() && n > MOST_ROWS {
        return Err(AuditError::TooManyRows { data: data.name.clone(), rows: n, most: MOST_ROWS }.into());
    }
    let far = |x: &Matrix| -> std::result::Result<Matrix, StatsError> {
        distances(&Response::real(x.values.clone(), x.cols)?, Metric::Euclidean)
    };
    // distances of y as dcor has them where nobody chose: raw for numbers
    let metric = match (&y.response, config.y.metric.as_str()) {
        (Response::Real { .. }, "") => Metric::Euclidean,
        _ => y.metric,
    };
    let z = || sides.z.as_ref().ok_or_else(|| AuditError::NoRole { data: data.name.clone(), what: "z" });
    let coordinates = || -> Result<Matrix> {
        let space = y.response.space(y.metric).map_err(refused)?;
        Ok(space.coordinates().ok_or(AuditError::NoCoordinates { kind: y.kind.name() })?)
    };
    let permuted = |k: u64| format!("{k} permutations");
    let (statistics, p, how) = match question.measure {
        Measure::Dcor => {
            let (value, test) = match &quick {
                Some(other) => {
                    let test = (question.test == Test::Permutation)
                        .then(|| univariate_permutation(&x.values, other, question.permutations, seed));
                    (univariate(&x.values, other).map_err(refused)?, test.transpose().map_err(refused)?)
                }
                None => {
                    let (a, b) = (far(x).map_err(refused)?, distances(&y.response, metric).map_err(refused)?);
                    let test = (question.test == Test::Permutation)
                        .then(|| gram_permutation(&a, &b, question.permutations, seed));
                    (distance_covariance(&a, &b).map_err(refused)?, test.transpose().map_err(refused)?)
                }
            };
            let corrected = value.dcor_sqr_u.unwrap_or(0.0);
            let (p, how) = match (test, question.test) {
                (Some(test), _) => (test.p_value, permuted(test.permutations)),
                (None, Test::Chi2) => (chi_square_p(corrected, n), "chi-square bound".to_owned()),
                (None, _) => (t_test(corrected, n).map_err(refused)?.1, "t-test".to_owned()),
            };
            let statistics = vec![
                ("dcor".to_owned(), value.correlation().unwrap_or(f64::NAN)),
                ("dcor_sqr_v".to_owned(), value.dcor_sqr_v.unwrap_or(f64::NAN)),
                ("dcor_sqr_u".to_owned(), value.dcor_sqr_u.unwrap_or(f64::NAN)),
                ("dcov_sqr_v".to_owned(), value.dcov_sqr_v),
                ("dcov_sqr_u".to_owned(), value.dcov_sqr_u),
            ];
            (statistics, p, how)
        }
        Measure::Hsic => {
            let gram =
                |d: Matrix| -> std::result::Result<Matrix, StatsError> { Ok(gaussian_gram(&d, median_distance(&d)?)) };
            let k = far(x).and_then(gram).map_err(refused)?;
            let l = distances(&y.response, metric).and_then(gram).map_err(refused)?;
            let value = hsic(&k, &l).map_err(refused)?;
            let test = gram_permutation(&k, &l, question.permutations, seed).map_err(refused)?;
            let statistics = vec![
                ("hsic_biased".to_owned(), value.biased),
                ("hsic_unbiased".to_owned(), value.unbiased.unwrap_or(f64::NAN)),
            ];
            (statistics, test.p_value, permuted(test.permutations))
        }
        Measure::Fccov => {
            let d = distances(&y.response, metric).map_err(refused)?;
            let gram = Ranks::new(&d).map_err(refused)?.gram();
            let value = gram.fccov_v(x).map_err(refused)?;
            let test = fccov_permutation(&gram.centred(), x, question.permutations, seed).map_err(refused)?;
            let bound = variance(x) / 4.0;
            let statistics = vec![("fccov_v".to_owned(), value), ("share_of_bound".to_owned(), value / bound)];
            (statistics, test.p_value, permuted(test.permutations))
        }
        Measure::Pcm => {
            let Some(values) = single(&y.response) else {
                return Err(AuditError::OneNumber { measure: "pcm" }.into());
            };
            let test = pcm(&Smoother, x, &z()?.values, &values, sides.groups.as_deref(), config.splits, seed)
                .map_err(refused)?;
            (
                vec![("t".to_owned(), test.statistic)],
                test.p,
                format!("one-sided normal, mean of {} splits", config.splits),
            )
        }
        Measure::Gcm => {
            let test =
                gcm(&Smoother, x, &z()?.values, &coordinates()?, question.permutations, seed).map_err(refused)?;
            let mut statistics = vec![("max_abs_t".to_owned(), test.max_abs)];
            statistics.extend(test.t.iter().zip(&sides.x.columns).map(|(t, name)| (format!("t[{name}]"), *t)));
            (statistics, test.p, format!("multiplier bootstrap, {} draws", question.permutations))
        }
        Measure::Kci => {
            let z = &z()?.values;
            let y = coordinates()?;
            let width = |m: &Matrix| far(m).and_then(|d| median_distance(&d));
            let widths = [width(x).map_err(refused)?, width(&y).map_err(refused)?, width(z).map_err(refused)?];
            let test = kci(x, &y, z, widths, 1e-3).map_err(refused)?;
            (vec![("kci".to_owned(), test.statistic)], test.p, "gamma null".to_owned())
        }
    };
    Ok(Found { question, n, statistics, p, how })
}

/// `tr Cov(u)` with divisor n.
fn variance(u: &Matrix) -> f64 {
    let means = u.column_means();
    let squares = |i: usize| u.row(i).iter().zip(&means).map(|(v, m)| (v - m) * (v - m)).sum::<f64>();
    (0..u.rows).map(squares).sum::<f64>() / u.rows as f64
}
