//! One number that rescales logits so that confidences fit the outcomes.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{StatsError, check, mean_var};

/// Rows per partial sum: fixed, so that the sum does not depend on the number of threads.
const CHUNK: usize = 512;
/// Smallest and largest temperature considered.
const RANGE: (f64, f64) = (1e-3, 1e3);

/// A fitted temperature: use `softmax(logits / temperature)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// The temperature, between 1/1000 and 1000.
    pub temperature: f64,
    /// Log loss at temperature 1, in nats.
    pub loss_before: f64,
    /// Log loss at the fitted temperature, never above `loss_before`.
    pub loss_after: f64,
    /// Whether the optimum lies at an end of the range: the lower end when the logits already
    /// rank every true class first, the upper end when they are worse than a uniform guess.
    pub at_bound: bool,
}

/// Fits a temperature by maximum likelihood.
///
/// With `b = 1/T` the loss `mean_i [ logsumexp_k (b z_ik) - b z_(i, y_i) ]` is convex in `b`, with
/// slope `mean_i [ sum_k p_ik z_ik - z_(i, y_i) ]` and curvature `mean_i Var_p(z_i)`: Newton steps,
/// each kept inside the bracket of the slope's root.
///
/// - source: Guo, Pleiss, Sun and Weinberger 2017, section 4.2 (temperature scaling)
/// - shapes: `logits: [N, K]` row-major, `truth: [N]`
/// - cost: about ten passes of `O(N K)`; determinism: independent of threads
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Shape`], [`StatsError::NotFinite`],
/// [`StatsError::Class`], [`StatsError::Setting`] (no classes).
///
/// ```
/// // logit gap 2, right three times in four: sigmoid(2/T) = 3/4, T = 2 / ln 3
/// let logits = [0.0, 2.0].repeat(4);
/// let t = suffit_stats::calibration::fit_temperature(&logits, 2, &[1, 1, 1, 0])?;
/// assert!((t.temperature - 2.0 / 3f64.ln()).abs() < 1e-12 && !t.at_bound);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn fit_temperature(logits: &[f64], classes: usize, truth: &[usize]) -> Result<Temperature, StatsError> {
    check::at_least("truth", truth.len(), 1)?;
    check::positive("classes", classes)?;
    check::table("logits", logits.len(), truth.len(), classes)?;
    check::finite("logits", logits)?;
    check::labels("truth", truth, classes)?;
    let evaluate = |b: f64| evaluate(logits, classes, truth, b);
    let (mut low, mut high) = (1.0 / RANGE.1, 1.0 / RANGE.0);
    let before = evaluate(1.0);
    let at = |b: f64| Temperature {
        temperature: 1.0 / b,
        loss_before: before.loss,
        loss_after: evaluate(b).loss.min(before.loss),
        at_bound: b == 1.0 / RANGE.0 || b == 1.0 / RANGE.1,
    };
    if evaluate(low).slope >= 0.0 {
        // Flat everywhere (equal logits): any temperature is as good, so keep 1.
        let flat = before.slope == 0.0 && before.curvature == 0.0;
        return Ok(at(if flat { 1.0 } else { low }));
    }
    if evaluate(high).slope <= 0.0 {
        return Ok(at(high));
    }
    let mut b = 1.0;
    let mut point = before;
    for _ in 0..200 {
        if point.slope == 0.0 {
            break;
        }
        if point.slope > 0.0 {
            high = b;
        } else {
            low = b;
        }
        let newton = b - point.slope / point.curvature;
        let inside = newton > low && newton < high;
        let next = if inside { newton } else { (low * high).sqrt() };
        let done = (next - b).abs() <= 4.0 * f64::EPSILON * b;
        b = next;
        if done {
            break;
        }
        point = evaluate(b);
    }
    Ok(at(b))
}

/// `softmax(logits / temperature)` row by row.
///
/// - shapes: `logits: [N, K]` row-major, result `[N, K]`; cost `O(N K)`
///
/// # Errors
/// [`StatsError::Setting`] (no classes, temperature not positive), [`StatsError::Shape`],
/// [`StatsError::NotFinite`].
///
/// ```
/// let p = suffit_stats::calibration::softmax(&[0.0, 3f64.ln()], 2, 1.0)?;
/// assert!((p[0] - 0.25).abs() < 1e-15 && (p[1] - 0.75).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn softmax(logits: &[f64], classes: usize, temperature: f64) -> Result<Vec<f64>, StatsError> {
    check::positive("classes", classes)?;
    check::table("logits", logits.len(), logits.len() / classes, classes)?;
    check::finite("logits", logits)?;
    if !(temperature > 0.0 && temperature.is_finite()) {
        let range = "positive and finite";
        return Err(StatsError::Setting { name: "temperature", value: temperature, range });
    }
    let mut out = logits.to_vec();
    for row in out.chunks_exact_mut(classes) {
        let top = row.iter().copied().fold(f64::MIN, f64::max);
        row.iter_mut().for_each(|z| *z = ((*z - top) / temperature).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|z| *z /= sum);
    }
    Ok(out)
}

/// Mean loss with its first two derivatives in `b`.
#[derive(Debug, Clone, Copy)]
struct Point {
    loss: f64,
    slope: f64,
    curvature: f64,
}

fn evaluate(logits: &[f64], classes: usize, truth: &[usize], b: f64) -> Point {
    let parts: Vec<[f64; 3]> = logits
        .par_chunks(CHUNK * classes)
        .zip(truth.par_chunks(CHUNK))
        .map(|(block, labels)| {
            let mut sums = [0.0; 3];
            for (row, &t) in block.chunks_exact(classes).zip(labels) {
                let r = row_terms(row, t, b);
                sums.iter_mut().zip(r).for_each(|(s, v)| *s += v);
            }
            sums
        })
        .collect();
    let total = |k: usize| mean_var::sum(&parts.iter().map(|p| p[k]).collect::<Vec<_>>()) / truth.len() as f64;
    Point { loss: total(0), slope: total(1), curvature: total(2) }
}

fn row_terms(row: &[f64], truth: usize, b: f64) -> [f64; 3] {
    // Relative to the largest logit: no overflow, and exact zeros for a flat row.
    let top = row.iter().copied().fold(f64::MIN, f64::max);
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for &z in row {
        let d = z - top;
        let e = (b * d).exp();
        mass += e;
        first += e * d;
        second += e * d * d;
    }
    let (mean, own) = (first / mass, row[truth] - top);
    [mass.ln() - b * own, mean - own, (second / mass - mean * mean).max(0.0)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use crate::calibration::log_loss;
    use proptest::prelude::*;

    /// Golden-section search on the loss itself.
    fn temperature_naive(logits: &[f64], classes: usize, truth: &[usize]) -> f64 {
        let loss = |ln_t: f64| {
            let p = softmax(logits, classes, ln_t.exp()).unwrap();
            log_loss(&p, classes, truth).unwrap()
        };
        let (mut a, mut b) = (RANGE.0.ln(), RANGE.1.ln());
        let g = 0.5 * (5f64.sqrt() - 1.0);
        while b - a > 1e-7 {
            let (c, d) = (b - g * (b - a), a + g * (b - a));
            if loss(c) < loss(d) { b = d } else { a = c }
        }
        (0.5 * (a + b)).exp()
    }

    #[test]
    fn recovers_the_temperature_that_made_the_labels() {
        let (n, k, t) = (20_000, 4, 2.5);
        let mut s = Stream::new(31, 0);
        let logits: Vec<f64> = (0..n * k).map(|_| 4.0 * s.normal()).collect();
        let p = softmax(&logits, k, t).unwrap();
        let truth: Vec<usize> = p
            .chunks_exact(k)
            .map(|row| {
                let mut u = s.uniform();
                row.iter()
                    .position(|&q| {
                        u -= q;
                        u < 0.0
                    })
                    .unwrap_or(k - 1)
            })
            .collect();
        let fit = fit_temperature(&logits, k, &truth).unwrap();
        // Four standard errors of 1/T: 1/sqrt(N curvature).
        let se = 1.0 / (n as f64 * evaluate(&logits, k, &truth, 1.0 / t).curvature).sqrt();
        assert!((1.0 / fit.temperature - 1.0 / t).abs() < 4.0 * se, "{fit:?} {se}");
        assert!(fit.loss_after < fit.loss_before);
    }

    #[test]
    fn ends_of_the_range_are_reported() {
        let right = fit_temperature(&[0.0, 1.0, 2.0, 0.0], 2, &[1, 0]).unwrap();
        assert!(right.at_bound && right.temperature < 0.01);
        let wrong = fit_temperature(&[0.0, 1.0, 2.0, 0.0], 2, &[0, 1]).unwrap();
        assert!(wrong.at_bound && wrong.temperature > 100.0);
        let flat = fit_temperature(&[3.0, 3.0], 2, &[0]).unwrap();
        assert!(flat.temperature == 1.0 && !flat.at_bound);
    }

    #[test]
    fn bad_input() {
        assert!(fit_temperature(&[0.0, f64::NAN], 2, &[0]).is_err());
        assert!(fit_temperature(&[0.0], 2, &[0]).is_err());
        assert!(fit_temperature(&[0.0, 1.0], 2, &[2]).is_err());
        assert!(softmax(&[0.0], 1, 0.0).is_err());
        assert!(softmax(&[0.0, 1.0, 2.0], 2, 1.0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees_with_a_plain_search(seed in 0u64..10_000) {
            let mut s = Stream::new(seed, 1);
            let logits: Vec<f64> = (0..60 * 3).map(|_| 3.0 * s.normal()).collect();
            let truth: Vec<usize> = logits
                .chunks_exact(3)
                .map(|r| if s.uniform() < 0.6 { crate::metric::argmax(r) } else { s.below(3) })
                .collect();
            let fast = fit_temperature(&logits, 3, &truth).unwrap();
            let naive = temperature_naive(&logits, 3, &truth);
            prop_assert!((fast.temperature / naive - 1.0).abs() < 1e-5, "{fast:?} {naive}");
        }

        #[test]
        fn scaling_logits_scales_the_temperature(scale in 0.2f64..5.0) {
            let logits: Vec<f64> = [0.0, 2.0].repeat(5).iter().map(|z| z * scale).collect();
            let t = fit_temperature(&logits, 2, &[1, 1, 1, 1, 0]).unwrap();
            prop_assert!((t.temperature - scale * 2.0 / 4f64.ln()).abs() < 1e-10 * scale);
        }
    }
}
