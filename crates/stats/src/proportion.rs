//! Intervals for a proportion.

use crate::{Interval, IntervalKind, StatsError, beta, check, normal};

/// Wilson's score interval.
///
/// With `p = k/n`, `z = Phi^-1((1 + level)/2)`:
/// `(p + z^2/(2n) +- z sqrt(p(1-p)/n + z^2/(4n^2))) / (1 + z^2/n)`. Coverage is close to the level
/// on average over `p` and may fall below it at single `p`.
///
/// - source: Wilson 1927, JASA 22, 209-212
/// - cost: `O(1)`; deterministic
///
/// # Errors
/// [`StatsError::TooFew`] (no trials), [`StatsError::Setting`] (more successes than trials, or a
/// level outside (0, 1)).
///
/// ```
/// // k = 0: the upper limit is z^2 / (n + z^2)
/// let i = suffit_stats::proportion::wilson(0, 10, 0.95)?;
/// let z2 = 1.959963984540054f64.powi(2);
/// assert!(i.low == 0.0 && (i.high - z2 / (10.0 + z2)).abs() < 1e-14);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn wilson(successes: u64, trials: u64, level: f64) -> Result<Interval, StatsError> {
    counts(successes, trials, level)?;
    let (n, p) = (trials as f64, successes as f64 / trials as f64);
    let z = normal::quantile(0.5 + 0.5 * level)?;
    let z2 = z * z;
    let centre = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At the ends the two terms are equal; the limit is exactly 0 or 1.
    let low = if successes == 0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let high = if successes == trials { 1.0 } else { ((centre + half) / scale).min(1.0) };
    Ok(Interval::plain(p, low, high, level, IntervalKind::Wilson).with_standard_error((p * (1.0 - p) / n).sqrt()))
}

/// Clopper-Pearson ("exact") interval: never below its level, for any `p` and `n`.
///
/// `low` solves `P(X >= k | p) = (1 - level)/2` and `high` solves `P(X <= k | p) = (1 - level)/2`,
/// both quantiles of a beta distribution.
///
/// - source: Clopper and Pearson 1934, Biometrika 26, 404-413
/// - cost: two inversions of the incomplete beta function; deterministic
///
/// # Errors
/// As [`wilson`].
///
/// ```
/// // k = 0: the upper limit solves (1 - p)^n = 0.025
/// let i = suffit_stats::proportion::clopper_pearson(0, 10, 0.95)?;
/// assert!(i.low == 0.0 && (i.high - (1.0 - 0.025f64.powf(0.1))).abs() < 1e-13);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn clopper_pearson(successes: u64, trials: u64, level: f64) -> Result<Interval, StatsError> {
    counts(successes, trials, level)?;
    let (k, n) = (successes as f64, trials as f64);
    let tail = 0.5 - 0.5 * level;
    let low = if successes == 0 { 0.0 } else { beta::inverse(k, n - k + 1.0, tail)? };
    // 1 - high is the same quantile of the failures, which keeps its digits when high is near 1.
    let high = if successes == trials { 1.0 } else { 1.0 - beta::inverse(n - k, k + 1.0, tail)? };
    let p = k / n;
    Ok(Interval::plain(p, low, high, level, IntervalKind::ClopperPearson)
        .with_standard_error((p * (1.0 - p) / n).sqrt()))
}

/// `P(X <= k)` for a binomial variable with `trials` and success probability `p`.
///
/// `I_(1-p)(n - k, k + 1)`; DLMF 8.17.5.
///
/// # Errors
/// [`StatsError::Setting`] unless `0 <= p <= 1`.
///
/// ```
/// // P(X <= 1) for two fair coins = 3/4
/// assert!((suffit_stats::proportion::binomial_cdf(1, 2, 0.5)? - 0.75).abs() < 1e-13);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn binomial_cdf(k: u64, trials: u64, p: f64) -> Result<f64, StatsError> {
    if k >= trials {
        return if (0.0..=1.0).contains(&p) {
            Ok(1.0)
        } else {
            Err(StatsError::Setting { name: "p", value: p, range: "between 0 and 1" })
        };
    }
    beta::incomplete((trials - k) as f64, k as f64 + 1.0, 1.0 - p)
}

fn counts(successes: u64, trials: u64, level: f64) -> Result<(), StatsError> {
    if trials == 0 {
        return Err(StatsError::TooFew { name: "trials", got: 0, need: 1 });
    }
    if successes > trials {
        return Err(StatsError::Setting {
            name: "successes",
            value: successes as f64,
            range: "at most the number of trials",
        });
    }
    check::open_unit("level", level)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// Exact coverage at `p`: the binomial mass of the counts whose interval holds `p`.
    fn coverage(interval: fn(u64, u64, f64) -> Result<Interval, StatsError>, trials: u64, p: f64) -> f64 {
        let mut mass = (1.0 - p).powi(trials as i32);
        let mut sum = 0.0;
        for k in 0..=trials {
            if interval(k, trials, 0.95).unwrap().contains(p) {
                sum += mass;
            }
            mass *= (trials - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        }
        sum
    }

    #[test]
    fn clopper_pearson_never_covers_less_than_its_level() {
        for trials in [1, 7, 30] {
            for i in 1..200 {
                let c = coverage(clopper_pearson, trials, f64::from(i) / 200.0);
                assert!(c >= 0.95 - 1e-12, "n {trials} p {i}/200: {c}");
            }
        }
    }

    #[test]
    fn wilson_is_shorter_and_right_on_average() {
        let points = 999;
        let mean = |f| (1..=points).map(|i| coverage(f, 30, f64::from(i) / 1000.0)).sum::<f64>() / f64::from(points);
        let (w, c) = (mean(wilson), mean(clopper_pearson));
        assert!(w < c, "{w} {c}");
        // Nearer to the level than the conservative interval is.
        assert!((w - 0.95).abs() < c - 0.95, "{w} {c}");
    }

    #[test]
    fn refuses_impossible_counts() {
        assert!(wilson(0, 0, 0.95).is_err());
        assert!(wilson(3, 2, 0.95).is_err());
        assert!(clopper_pearson(1, 2, 1.0).is_err());
        assert!(binomial_cdf(5, 3, 2.0).is_err());
    }

    #[test]
    fn limits_solve_their_equations() {
        let i = clopper_pearson(3, 17, 0.9).unwrap();
        let upper_tail = 1.0 - binomial_cdf(2, 17, i.low).unwrap();
        assert!((upper_tail - 0.05).abs() < 1e-12);
        assert!((binomial_cdf(3, 17, i.high).unwrap() - 0.05).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn mirror_image(k in 0u64..200, extra in 0u64..200) {
            let n = k + extra + 1;
            let k = k.min(n);
            for f in [wilson, clopper_pearson] {
                let (a, b) = (f(k, n, 0.95).unwrap(), f(n - k, n, 0.95).unwrap());
                prop_assert!((a.low - (1.0 - b.high)).abs() < 1e-12);
                prop_assert!(a.low <= a.estimate && a.estimate <= a.high);
            }
        }

        #[test]
        fn wilson_limits_are_where_the_score_equals_z(k in 1u64..99) {
            let i = wilson(k, 100, 0.95).unwrap();
            for p in [i.low, i.high] {
                let z = (i.estimate - p).abs() / (p * (1.0 - p) / 100.0).sqrt();
                prop_assert!((z - 1.959_963_984_540_054).abs() < 1e-9);
            }
        }
    }
}
