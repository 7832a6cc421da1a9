//! Adjusted p-values for several tests at once.

use crate::{StatsError, check};

/// Holm's step-down adjustment: rejecting where the result is `<= alpha` keeps the chance of any
/// false rejection at `alpha`, whatever the dependence between the tests.
///
/// In ascending order, `adjusted_(i) = max_(j <= i) min(1, (m - j + 1) p_(j))`.
///
/// - source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70
/// - shapes: `p_values: [N]`, result in the same order; cost `O(N log N)`; deterministic
///
/// # Errors
/// [`StatsError::NotFinite`], [`StatsError::Element`] (outside `[0, 1]`).
///
/// ```
/// use suffit_stats::multiple::holm;
/// // sorted: .01 * 3, .02 * 2, .5 * 1
/// assert_eq!(holm(&[0.02, 0.5, 0.01])?, vec![0.04, 0.5, 0.03]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::probabilities("p_values", p_values)?;
    let order = ascending(p_values);
    let mut adjusted = vec![0.0; p_values.len()];
    let mut highest = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        highest = highest.max(((p_values.len() - rank) as f64 * p_values[i]).min(1.0));
        adjusted[i] = highest;
    }
    Ok(adjusted)
}

/// Benjamini-Hochberg's step-up adjustment: rejecting where the result is `<= q` keeps the
/// expected share of false rejections at `q` (independent or positively dependent tests).
///
/// In ascending order, `adjusted_(i) = min_(j >= i) min(1, m p_(j) / j)`.
///
/// - source: Benjamini and Hochberg 1995, JRSS B 57, 289-300
/// - shapes: `p_values: [N]`, result in the same order; cost `O(N log N)`; deterministic
///
/// # Errors
/// As [`holm`].
///
/// ```
/// use suffit_stats::multiple::benjamini_hochberg;
/// // sorted: .01 * 4/1 = .04, .02 * 4/2 = .04, .06 * 4/3 = .08, .5
/// assert_eq!(benjamini_hochberg(&[0.5, 0.01, 0.06, 0.02])?, vec![0.5, 0.04, 0.08, 0.04]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::probabilities("p_values", p_values)?;
    let order = ascending(p_values);
    let m = p_values.len() as f64;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut lowest = 1.0f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        lowest = lowest.min(p_values[i] * m / (rank + 1) as f64);
        adjusted[i] = lowest;
    }
    Ok(adjusted)
}

fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
    order
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use proptest::prelude::*;

    /// The definition of the step-down procedure, at one level.
    fn holm_rejects_naive(p: &[f64], alpha: f64) -> Vec<bool> {
        let mut left: Vec<usize> = (0..p.len()).collect();
        let mut rejected = vec![false; p.len()];
        while let Some(&i) = left.iter().min_by(|&&a, &&b| p[a].total_cmp(&p[b])) {
            if p[i] * left.len() as f64 > alpha {
                break;
            }
            rejected[i] = true;
            left.retain(|&j| j != i);
        }
        rejected
    }

    /// The definition of the step-up procedure, at one level.
    fn bh_rejects_naive(p: &[f64], q: f64) -> Vec<bool> {
        let mut sorted = p.to_vec();
        sorted.sort_by(f64::total_cmp);
        let m = p.len() as f64;
        let cut = (0..p.len()).rev().find(|&k| sorted[k] * m / (k as f64 + 1.0) <= q);
        p.iter().map(|&v| cut.is_some_and(|k| v <= sorted[k])).collect()
    }

    #[test]
    fn empty_and_bad_input() {
        assert!(holm(&[]).unwrap().is_empty());
        assert!(holm(&[0.1, 1.2]).unwrap_err().to_string().contains("index 1"));
        assert!(benjamini_hochberg(&[f64::NAN]).is_err());
    }

    #[test]
    fn error_rates_stay_at_their_level() {
        // 10 true nulls among 20 tests; the other ten have p = u^8. 2000 runs.
        let runs = 2000;
        let (mut family, mut share) = (0.0, 0.0);
        for r in 0..runs {
            let mut s = Stream::new(5, r);
            let p: Vec<f64> = (0..20).map(|i| if i < 10 { s.uniform() } else { s.uniform().powi(8) }).collect();
            let any = holm(&p).unwrap()[..10].iter().any(|&v| v <= 0.05);
            family += f64::from(u8::from(any));
            let b = benjamini_hochberg(&p).unwrap();
            let all = b.iter().filter(|&&v| v <= 0.2).count();
            let wrong = b[..10].iter().filter(|&&v| v <= 0.2).count();
            share += if all > 0 { wrong as f64 / all as f64 } else { 0.0 };
        }
        let n = runs as f64;
        assert!(family / n <= 0.05 + 3.0 * (0.05f64 * 0.95 / n).sqrt(), "{}", family / n);
        // Independent tests: the expected share is exactly q * (true nulls)/m = 0.1; a share lies
        // in [0, 1], so its variance is at most mean (1 - mean).
        assert!((share / n - 0.1).abs() <= 3.0 * (0.1f64 * 0.9 / n).sqrt(), "{}", share / n);
    }

    proptest! {
        #[test]
        fn agree_with_the_procedures(
            p in prop::collection::vec(0.0f64..=1.0, 1..25), alpha in 0.01f64..0.99,
        ) {
            let h: Vec<bool> = holm(&p).unwrap().iter().map(|&v| v <= alpha).collect();
            prop_assert_eq!(h, holm_rejects_naive(&p, alpha));
            let b: Vec<bool> =
                benjamini_hochberg(&p).unwrap().iter().map(|&v| v <= alpha).collect();
            prop_assert_eq!(b, bh_rejects_naive(&p, alpha));
        }

        #[test]
        fn never_below_the_raw_value(p in prop::collection::vec(0.0f64..=1.0, 1..25)) {
            let (h, b) = (holm(&p).unwrap(), benjamini_hochberg(&p).unwrap());
            for i in 0..p.len() {
                prop_assert!(p[i] <= b[i] + 1e-15 && b[i] <= h[i] + 1e-15 && h[i] <= 1.0);
            }
        }
    }
}
