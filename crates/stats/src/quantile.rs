//! Sample quantiles, plain and weighted.

use crate::{StatsError, check};

/// Quantile of type 7: `h = (n - 1) p`, linear between the order statistics `floor(h)`, `ceil(h)`.
///
/// - source: Hyndman and Fan 1996, "Sample quantiles in statistical packages", definition 7
/// - shapes: `values: [N]` in any order; result in their unit
/// - cost: `O(N log N)`; to ask for many quantiles sort once and call [`quantile_sorted`]
/// - determinism: independent of order and threads
///
/// # Errors
/// [`StatsError::TooFew`] (empty), [`StatsError::NotFinite`], [`StatsError::Setting`]
/// (`p` outside `[0, 1]`).
///
/// ```
/// use suffit_stats::quantile::quantile;
/// assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5)?, 2.5);
/// assert_eq!(quantile(&[0.0, 10.0], 0.25)?, 2.5);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn quantile(values: &[f64], p: f64) -> Result<f64, StatsError> {
    check::sample("values", values, 1)?;
    share(p)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted_unchecked(&sorted, p))
}

/// [`quantile`] of values already in ascending order, in `O(1)` after an `O(N)` check.
///
/// # Errors
/// As [`quantile`], and [`StatsError::Element`] at the first value below its predecessor.
///
/// ```
/// use suffit_stats::quantile::quantile_sorted;
/// assert_eq!(quantile_sorted(&[1.0, 2.0, 4.0], 0.75)?, 3.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn quantile_sorted(sorted: &[f64], p: f64) -> Result<f64, StatsError> {
    check::sample("sorted", sorted, 1)?;
    share(p)?;
    match sorted.windows(2).position(|w| w[1] < w[0]) {
        Some(i) => Err(StatsError::Element {
            name: "sorted",
            index: i + 1,
            value: sorted[i + 1],
            range: "at least the value before it",
        }),
        None => Ok(sorted_unchecked(sorted, p)),
    }
}

/// Median: [`quantile`] at 1/2.
///
/// # Errors
/// [`StatsError::TooFew`] (empty), [`StatsError::NotFinite`].
///
/// ```
/// assert_eq!(suffit_stats::quantile::median(&[5.0, 1.0, 2.0])?, 2.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn median(values: &[f64]) -> Result<f64, StatsError> {
    quantile(values, 0.5)
}

/// Quantile of weighted values that equals type 7 when all weights are equal.
///
/// With shares `t_i = (w_1 + ... + w_i) / sum w` of the sorted values, the effective size
/// `n = (sum w)^2 / sum w^2` (Kish) and `h = (n - 1) p + 1`, the result is
/// `sum x_i (F(t_i) - F(t_(i-1)))`, where `F` rises linearly from 0 at `(h - 1)/n` to 1 at `h/n`.
/// Weights are relative: scaling them changes nothing, a weight of zero removes its value.
///
/// - source: Akinshin 2023, "Weighted quantile estimators", arXiv 2304.07265
/// - shapes: `values: [N]`, `weights: [N]`
/// - cost: `O(N log N)`; determinism: independent of threads
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::LengthMismatch`],
/// [`StatsError::Element`] (negative weight, or no positive one), [`StatsError::Setting`].
///
/// ```
/// use suffit_stats::quantile::quantile_weighted;
/// assert_eq!(quantile_weighted(&[4.0, 1.0, 3.0, 2.0], &[2.0; 4], 0.5)?, 2.5);
/// assert_eq!(quantile_weighted(&[1.0, 9.0], &[1.0, 0.0], 0.9)?, 1.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn quantile_weighted(values: &[f64], weights: &[f64], p: f64) -> Result<f64, StatsError> {
    check::sample("values", values, 1)?;
    check::same_length("values", values.len(), "weights", weights.len())?;
    check::finite("weights", weights)?;
    share(p)?;
    let bad = |index: usize, range| StatsError::Element { name: "weights", index, value: weights[index], range };
    if let Some(i) = weights.iter().position(|&w| w < 0.0) {
        return Err(bad(i, "zero or more"));
    }
    let mut pairs: Vec<(f64, f64)> =
        values.iter().copied().zip(weights.iter().copied()).filter(|&(_, w)| w > 0.0).collect();
    if pairs.is_empty() {
        return Err(bad(0, "positive for at least one value"));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let top = pairs.iter().map(|&(_, w)| w).fold(0.0, f64::max);
    // Dividing by the largest weight first keeps the squares in range.
    let total: f64 = pairs.iter().map(|&(_, w)| w / top).sum();
    let squares: f64 = pairs.iter().map(|&(_, w)| (w / top) * (w / top)).sum();
    let n = total * total / squares;
    let start = (n - 1.0) * p;
    let rise = |t: f64| (t * n - start).clamp(0.0, 1.0);
    let (mut sum, mut acc, mut before) = (0.0, 0.0, 0.0);
    for &(x, w) in &pairs {
        acc += w / top;
        let now = rise(acc / total);
        sum += x * (now - before);
        before = now;
    }
    // At p = 1 rounding may leave a little of the rise unused: it belongs to the largest value.
    let last = pairs.last().map_or(0.0, |&(x, _)| x);
    Ok(sum + last * (1.0 - before))
}

fn share(p: f64) -> Result<(), StatsError> {
    if (0.0..=1.0).contains(&p) {
        Ok(())
    } else {
        Err(StatsError::Setting { name: "p", value: p, range: "between 0 and 1" })
    }
}

/// Type 7 on sorted, non-empty, finite values.
pub(crate) fn sorted_unchecked(sorted: &[f64], p: f64) -> f64 {
    let h = (sorted.len() - 1) as f64 * p;
    let i = (h.floor() as usize).min(sorted.len() - 1);
    let j = (i + 1).min(sorted.len() - 1);
    let f = h - i as f64;
    if f == 0.0 { sorted[i] } else { sorted[i] + f * (sorted[j] - sorted[i]) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_the_bad_value() {
        let e = quantile(&[1.0, f64::NAN], 0.5).unwrap_err();
        assert_eq!(e.to_string(), "`values` holds NaN at index 1: values must be finite");
        assert!(quantile(&[], 0.5).is_err());
        assert!(quantile(&[1.0], 1.1).is_err());
        assert!(quantile_sorted(&[2.0, 1.0], 0.5).is_err());
        assert!(quantile_weighted(&[1.0, 2.0], &[1.0, -1.0], 0.5).is_err());
        assert!(quantile_weighted(&[1.0, 2.0], &[0.0, 0.0], 0.5).is_err());
        assert!(quantile_weighted(&[1.0, 2.0], &[1.0], 0.5).is_err());
    }

    #[test]
    fn ends_are_minimum_and_maximum() {
        let v = [3.0, -2.0, 8.0, 0.5];
        assert_eq!(quantile(&v, 0.0).unwrap(), -2.0);
        assert_eq!(quantile(&v, 1.0).unwrap(), 8.0);
    }

    proptest! {
        #[test]
        fn equal_weights_give_type_7(
            v in prop::collection::vec(-1e3f64..1e3, 1..40), w in 0.1f64..10.0, p in 0.0f64..=1.0,
        ) {
            let plain = quantile(&v, p).unwrap();
            let weighted = quantile_weighted(&v, &vec![w; v.len()], p).unwrap();
            prop_assert!((plain - weighted).abs() < 1e-9, "{plain} {weighted}");
        }

        #[test]
        fn weight_scale_and_order_do_not_matter(
            v in prop::collection::vec((-1e3f64..1e3, 0.0f64..5.0), 2..30), p in 0.0f64..=1.0,
        ) {
            let (x, mut w): (Vec<f64>, Vec<f64>) = v.iter().copied().unzip();
            w[0] += 0.5;
            let a = quantile_weighted(&x, &w, p).unwrap();
            let (xr, wr): (Vec<f64>, Vec<f64>) =
                x.iter().rev().copied().zip(w.iter().rev().map(|u| u * 4.0)).unzip();
            prop_assert!((a - quantile_weighted(&xr, &wr, p).unwrap()).abs() < 1e-9);
        }

        #[test]
        fn monotone_in_p_and_equivariant(
            v in prop::collection::vec(-1e3f64..1e3, 1..40), p in 0.0f64..=1.0, q in 0.0f64..=1.0,
        ) {
            let (lo, hi) = (p.min(q), p.max(q));
            prop_assert!(quantile(&v, lo).unwrap() <= quantile(&v, hi).unwrap());
            let moved: Vec<f64> = v.iter().map(|x| 2.0 * x + 1.0).collect();
            let expect = 2.0 * quantile(&v, p).unwrap() + 1.0;
            prop_assert!((quantile(&moved, p).unwrap() - expect).abs() < 1e-9);
        }
    }
}
