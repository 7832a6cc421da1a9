//! Mean, variance and standard error.

use serde::{Deserialize, Serialize};

use crate::{Interval, IntervalKind, StatsError, beta, check};

/// Sum by halving: blocks of 64 added in order, blocks combined pairwise.
///
/// - cost: `O(N)`; rounding error grows as `log N` instead of `N` (Higham 1993)
/// - determinism: the order is fixed by the length alone
///
/// ```
/// assert_eq!(suffit_stats::mean_var::sum(&[0.5, 1.5, -1.0]), 1.0);
/// ```
pub fn sum(values: &[f64]) -> f64 {
    if values.len() <= 64 {
        return values.iter().sum();
    }
    let (left, right) = values.split_at(values.len().div_ceil(128) * 64);
    sum(left) + sum(right)
}

/// Arithmetic mean.
///
/// - shapes: `values: [N]`; cost `O(N)`; determinism as [`sum`]
///
/// # Errors
/// [`StatsError::TooFew`] (empty), [`StatsError::NotFinite`].
///
/// ```
/// assert_eq!(suffit_stats::mean_var::mean(&[1.0, 2.0, 6.0])?, 3.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn mean(values: &[f64]) -> Result<f64, StatsError> {
    check::sample("values", values, 1)?;
    Ok(mean_unchecked(values))
}

/// Unbiased variance `sum (x - mean)^2 / (N - 1)`, two passes with the correction
/// `- (sum (x - mean))^2 / N` for the rounded mean.
///
/// - source: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance"
/// - shapes: `values: [N]`; cost `O(N)`; determinism as [`sum`]
///
/// # Errors
/// [`StatsError::TooFew`] (fewer than two), [`StatsError::NotFinite`].
///
/// ```
/// assert_eq!(suffit_stats::mean_var::variance(&[1.0, 2.0, 6.0])?, 7.0); // (4 + 1 + 9)/2
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn variance(values: &[f64]) -> Result<f64, StatsError> {
    check::sample("values", values, 2)?;
    Ok(variance_unchecked(values))
}

/// Standard error of the mean, `sqrt(variance / N)`.
///
/// # Errors
/// As [`variance`].
///
/// ```
/// let se = suffit_stats::mean_var::standard_error(&[1.0, 2.0, 6.0])?;
/// assert!((se - (7.0f64 / 3.0).sqrt()).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn standard_error(values: &[f64]) -> Result<f64, StatsError> {
    Ok((variance(values)? / values.len() as f64).sqrt())
}

/// Student's interval `mean +- t_(N-1) se`: exact for normal data.
///
/// - source: Student 1908, "The probable error of a mean"
/// - shapes: `values: [N]`, N >= 2; cost `O(N)`
///
/// # Errors
/// As [`variance`]; [`StatsError::Setting`] for a level outside (0, 1).
///
/// ```
/// // two values a distance 2 apart: se = 1, and t_1(0.75) = 1
/// let i = suffit_stats::mean_var::mean_interval(&[-1.0, 1.0], 0.5)?;
/// assert!((i.high - 1.0).abs() < 1e-12 && (i.low + 1.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn mean_interval(values: &[f64], level: f64) -> Result<Interval, StatsError> {
    check::open_unit("level", level)?;
    let se = standard_error(values)?;
    let estimate = mean_unchecked(values);
    let t = beta::student_quantile(0.5 + 0.5 * level, (values.len() - 1) as f64)?;
    Ok(Interval::plain(estimate, estimate - t * se, estimate + t * se, level, IntervalKind::Student)
        .with_standard_error(se))
}

pub(crate) fn mean_unchecked(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

pub(crate) fn variance_unchecked(values: &[f64]) -> f64 {
    let m = mean_unchecked(values);
    let deviation: Vec<f64> = values.iter().map(|x| x - m).collect();
    let squares: Vec<f64> = deviation.iter().map(|d| d * d).collect();
    let n = values.len() as f64;
    let rest = sum(&deviation);
    ((sum(&squares) - rest * rest / n) / (n - 1.0)).max(0.0)
}

/// Count, mean and sum of squared deviations, updated value by value (Welford) and mergeable.
///
/// - source: Welford 1962; merging: Chan, Golub and LeVeque 1983
/// - cost: `O(1)` a value, 24 bytes
/// - determinism: depends on the order of `push` and `merge` in the last bits
/// - a NaN or infinite value is not refused here: it shows as a NaN mean
///
/// ```
/// use suffit_stats::mean_var::Moments;
/// let mut m = Moments::default();
/// for x in [1.0, 2.0, 6.0] {
///     m.push(x);
/// }
/// assert_eq!((m.count(), m.mean(), m.variance()), (3, Some(3.0), Some(7.0)));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes one more value in.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// Takes all values of another accumulator in.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let gap = other.mean - self.mean;
        self.count += other.count;
        self.mean += gap * b / (a + b);
        self.squares += other.squares + gap * gap * a * b / (a + b);
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Unbiased variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Standard error of the mean; `None` below two values.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|v| (v / self.count as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use proptest::prelude::*;

    #[test]
    fn variance_survives_a_large_offset() {
        let v: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 2)).collect();
        let exact = 0.25 * 1000.0 / 999.0;
        assert!((variance(&v).unwrap() / exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn student_interval_covers_at_its_level() {
        // Exact for normal data: 1000 samples of 6; three binomial standard errors.
        let hits = (0..1000u64)
            .filter(|&r| {
                let mut s = Stream::new(42, r);
                let x: Vec<f64> = (0..6).map(|_| 3.0 + 2.0 * s.normal()).collect();
                mean_interval(&x, 0.95).unwrap().contains(3.0)
            })
            .count() as f64
            / 1000.0;
        assert!((hits - 0.95).abs() < 3.0 * (0.95f64 * 0.05 / 1000.0).sqrt(), "{hits}");
    }

    #[test]
    fn too_few_and_bad_values_are_named() {
        assert_eq!(variance(&[1.0]).unwrap_err(), StatsError::TooFew { name: "values", got: 1, need: 2 });
        assert!(mean(&[]).is_err());
        assert!(mean(&[0.0, f64::INFINITY]).unwrap_err().to_string().contains("index 1"));
        assert_eq!(Moments::default().mean(), None);
    }

    proptest! {
        #[test]
        fn merged_streaming_and_two_pass_agree(
            v in prop::collection::vec(-1e3f64..1e3, 2..200), cut in 0usize..200,
        ) {
            let cut = cut.min(v.len());
            let (mut a, mut b) = (Moments::default(), Moments::default());
            v[..cut].iter().for_each(|&x| a.push(x));
            v[cut..].iter().for_each(|&x| b.push(x));
            a.merge(&b);
            prop_assert!((a.mean().unwrap() - mean(&v).unwrap()).abs() < 1e-10);
            let var = variance(&v).unwrap();
            prop_assert!((a.variance().unwrap() - var).abs() < 1e-9 * (1.0 + var));
        }
    }
}
