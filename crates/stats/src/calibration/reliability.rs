//! Reliability tables and the expected calibration error.

use serde::{Deserialize, Serialize};

use crate::{StatsError, check};

/// How confidences are cut into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binning {
    /// Bins of equal width on `[0, 1]`: `(0, 1/K]`, `(1/K, 2/K]`, ...; 0 falls into the first.
    Width,
    /// Bins of equal row count; equal confidences stay together (in the bin of their middle rank).
    Mass,
}

/// One line of a reliability table; empty bins are left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Smallest confidence in the bin.
    pub low: f64,
    /// Largest confidence in the bin.
    pub high: f64,
    /// Rows.
    pub count: usize,
    /// Mean confidence.
    pub confidence: f64,
    /// Share of correct rows.
    pub accuracy: f64,
}

/// A reliability table with its summaries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Non-empty bins by ascending confidence.
    pub bins: Vec<ReliabilityBin>,
    /// Expected calibration error: `sum_k (n_k / N) |accuracy_k - confidence_k|`.
    pub expected_error: f64,
    /// Largest `|accuracy_k - confidence_k|`.
    pub maximum_error: f64,
}

/// Reliability table of confidences against outcomes.
///
/// - source: Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks",
///   section 2; equal-mass bins: Nguyen and O'Connor 2015
/// - shapes: `confidence: [N]` in `[0, 1]`, `correct: [N]`; up to `bins` lines
/// - cost: `O(N log N)`; determinism: independent of the order of rows up to rounding
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::LengthMismatch`], [`StatsError::NotFinite`],
/// [`StatsError::Element`] (outside `[0, 1]`), [`StatsError::Setting`] (no bins).
///
/// ```
/// use suffit_stats::calibration::{Binning, reliability};
/// let r = reliability(&[0.25, 0.25, 1.0, 1.0], &[false, true, true, true], 2, Binning::Width)?;
/// assert_eq!((r.bins[0].confidence, r.bins[0].accuracy), (0.25, 0.5));
/// assert_eq!((r.expected_error, r.maximum_error), (0.125, 0.25)); // 2/4 * .25 + 2/4 * 0
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn reliability(
    confidence: &[f64],
    correct: &[bool],
    bins: usize,
    binning: Binning,
) -> Result<Reliability, StatsError> {
    check::at_least("confidence", confidence.len(), 1)?;
    check::same_length("confidence", confidence.len(), "correct", correct.len())?;
    check::probabilities("confidence", confidence)?;
    check::positive("bins", bins)?;
    let mut order: Vec<usize> = (0..confidence.len()).collect();
    order.sort_by(|&a, &b| confidence[a].total_cmp(&confidence[b]).then(correct[a].cmp(&correct[b])));
    let numbers = match binning {
        Binning::Width => order.iter().map(|&i| width_bin(confidence[i], bins)).collect(),
        Binning::Mass => mass_bins(confidence, &order, bins),
    };
    let mut lines = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let length = numbers[start..].iter().take_while(|&&k| k == numbers[start]).count();
        lines.push(line(&order[start..start + length], confidence, correct));
        start += length;
    }
    let gap = |b: &ReliabilityBin| (b.accuracy - b.confidence).abs();
    let n = confidence.len() as f64;
    Ok(Reliability {
        expected_error: lines.iter().map(|b| b.count as f64 / n * gap(b)).sum(),
        maximum_error: lines.iter().map(gap).fold(0.0, f64::max),
        bins: lines,
    })
}

/// [`Reliability::expected_error`] alone.
///
/// # Errors
/// As [`reliability`].
///
/// ```
/// use suffit_stats::calibration::{Binning, expected_calibration_error};
/// let e = expected_calibration_error(&[0.75; 4], &[true, true, true, false], 15, Binning::Mass)?;
/// assert_eq!(e, 0.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn expected_calibration_error(
    confidence: &[f64],
    correct: &[bool],
    bins: usize,
    binning: Binning,
) -> Result<f64, StatsError> {
    Ok(reliability(confidence, correct, bins, binning)?.expected_error)
}

/// Confidence of the likeliest class and whether it is the true one (first class among equals).
///
/// - shapes: `probabilities: [N, K]` row-major, `truth: [N]`; two results of `[N]`
/// - cost: `O(N K)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Shape`], [`StatsError::NotFinite`],
/// [`StatsError::Element`], [`StatsError::NotNormalised`], [`StatsError::Class`].
///
/// ```
/// let (confidence, correct) =
///     suffit_stats::calibration::top_label(&[0.25, 0.75, 0.5, 0.5], 2, &[1, 1])?;
/// assert_eq!((confidence, correct), (vec![0.75, 0.5], vec![true, false]));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn top_label(probabilities: &[f64], classes: usize, truth: &[usize]) -> Result<(Vec<f64>, Vec<bool>), StatsError> {
    check::at_least("truth", truth.len(), 1)?;
    check::positive("classes", classes)?;
    check::table("probabilities", probabilities.len(), truth.len(), classes)?;
    check::simplex_rows("probabilities", probabilities, classes)?;
    check::labels("truth", truth, classes)?;
    Ok(probabilities
        .chunks_exact(classes)
        .zip(truth)
        .map(|(row, &t)| {
            let best = crate::metric::argmax(row);
            // A row sums to one only up to rounding.
            (row[best].min(1.0), best == t)
        })
        .unzip())
}

fn width_bin(confidence: f64, bins: usize) -> usize {
    ((confidence * bins as f64).ceil() as usize).clamp(1, bins) - 1
}

/// Bin of each row in sorted order: by the middle rank of its run of equal confidences.
fn mass_bins(confidence: &[f64], order: &[usize], bins: usize) -> Vec<usize> {
    let n = order.len();
    let mut numbers = Vec::with_capacity(n);
    let mut start = 0;
    while start < n {
        let value = confidence[order[start]];
        let run = order[start..].iter().take_while(|&&i| confidence[i] == value).count();
        // Middle rank start + (run - 1)/2, doubled to stay in integers.
        let bin = (2 * start + run - 1) as u128 * bins as u128 / (2 * n) as u128;
        numbers.extend(std::iter::repeat_n(bin as usize, run));
        start += run;
    }
    numbers
}

fn line(rows: &[usize], confidence: &[f64], correct: &[bool]) -> ReliabilityBin {
    let n = rows.len() as f64;
    let (low, high) = match (rows.first(), rows.last()) {
        (Some(&a), Some(&b)) => (confidence[a], confidence[b]),
        _ => (0.0, 0.0),
    };
    ReliabilityBin {
        low,
        high,
        count: rows.len(),
        confidence: rows.iter().map(|&i| confidence[i]).sum::<f64>() / n,
        accuracy: rows.iter().filter(|&&i| correct[i]).count() as f64 / n,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use proptest::prelude::*;

    /// The definition for equal widths: every bin looks at every row.
    fn ece_naive(confidence: &[f64], correct: &[bool], bins: usize) -> f64 {
        (0..bins)
            .map(|k| {
                let rows: Vec<usize> = (0..confidence.len())
                    .filter(|&i| {
                        let scaled = confidence[i] * bins as f64;
                        (scaled > k as f64 || (k == 0 && scaled == 0.0)) && scaled <= (k + 1) as f64
                    })
                    .collect();
                let hits = rows.iter().filter(|&&i| correct[i]).count() as f64;
                let mass: f64 = rows.iter().map(|&i| confidence[i]).sum();
                (hits - mass).abs() / confidence.len() as f64
            })
            .sum()
    }

    #[test]
    fn mass_bins_are_equal_and_keep_ties_together() {
        let c: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let r = reliability(&c, &[true; 100], 10, Binning::Mass).unwrap();
        assert!(r.bins.len() == 10 && r.bins.iter().all(|b| b.count == 10));
        let tied = reliability(&[0.5; 100], &[true; 100], 10, Binning::Mass).unwrap();
        assert_eq!(tied.bins.len(), 1);
    }

    #[test]
    fn calibrated_predictions_have_small_error_and_biased_ones_do_not() {
        let mut s = Stream::new(21, 0);
        let n = 40_000;
        let c: Vec<f64> = (0..n).map(|_| s.uniform()).collect();
        let y: Vec<bool> = c.iter().map(|&p| s.uniform() < p).collect();
        for binning in [Binning::Width, Binning::Mass] {
            let fair = expected_calibration_error(&c, &y, 10, binning).unwrap();
            // Each of 10 bins of 4,000 rows errs by at most three standard errors, 3 sqrt(1/4/4000).
            assert!(fair < 3.0 * (0.25f64 / 4_000.0).sqrt(), "{fair}");
            let pushed: Vec<f64> = c.iter().map(|p| (p + 0.2).min(1.0)).collect();
            // E[min(p + .2, 1) - p] = .2 * .8 + .02 = 0.18
            let biased = expected_calibration_error(&pushed, &y, 10, binning).unwrap();
            assert!((biased - 0.18).abs() < 3.0 * (0.25f64 / 4_000.0).sqrt(), "{biased}");
        }
    }

    #[test]
    fn bad_input() {
        let e = |c: &[f64], y: &[bool], k| reliability(c, y, k, Binning::Width).unwrap_err();
        assert!(matches!(e(&[], &[], 3), StatsError::TooFew { .. }));
        assert!(matches!(e(&[0.1], &[], 3), StatsError::LengthMismatch { .. }));
        assert!(matches!(e(&[0.1, 1.1], &[true; 2], 3), StatsError::Element { index: 1, .. }));
        assert!(matches!(e(&[f64::NAN], &[true], 3), StatsError::NotFinite { index: 0, .. }));
        assert!(matches!(e(&[0.1], &[true], 0), StatsError::Setting { name: "bins", .. }));
        assert!(matches!(top_label(&[0.5, 0.6], 2, &[0]).unwrap_err(), StatsError::NotNormalised { row: 0, .. }));
        assert!(top_label(&[0.5, 0.5], 2, &[2]).is_err());
    }

    proptest! {
        #[test]
        fn equal_width_agrees_with_the_definition(
            v in prop::collection::vec((0u32..=60, any::<bool>()), 1..80), bins in 1usize..20,
        ) {
            // Sixtieths hit the edges of many bins.
            let c: Vec<f64> = v.iter().map(|x| f64::from(x.0) / 60.0).collect();
            let y: Vec<bool> = v.iter().map(|x| x.1).collect();
            let fast = expected_calibration_error(&c, &y, bins, Binning::Width).unwrap();
            prop_assert!((fast - ece_naive(&c, &y, bins)).abs() < 1e-12);
        }

        #[test]
        fn row_order_does_not_matter(
            v in prop::collection::vec((0u32..=10, any::<bool>()), 1..60), bins in 1usize..9,
        ) {
            let of = |w: &[(u32, bool)], k| {
                let c: Vec<f64> = w.iter().map(|x| f64::from(x.0) / 10.0).collect();
                let y: Vec<bool> = w.iter().map(|x| x.1).collect();
                reliability(&c, &y, bins, k).unwrap()
            };
            let mut w = v.clone();
            w.reverse();
            for k in [Binning::Width, Binning::Mass] {
                prop_assert_eq!(of(&v, k), of(&w, k));
            }
        }
    }
}
