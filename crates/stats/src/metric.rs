//! Accuracy, ranks and the area under the ROC curve.
//!
//! Ties are never broken by position: a metric of tied scores is its expectation under a random
//! order of the tied items, so it depends on the scores alone.

use serde::{Deserialize, Serialize};

use crate::{StatsError, check, mean_var};

/// Share of equal labels.
///
/// - shapes: `predicted: [N]`, `truth: [N]`; cost `O(N)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::LengthMismatch`].
///
/// ```
/// assert_eq!(suffit_stats::metric::accuracy(&[0, 1, 1, 2], &[0, 1, 2, 2])?, 0.75);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn accuracy(predicted: &[usize], truth: &[usize]) -> Result<f64, StatsError> {
    check::at_least("predicted", predicted.len(), 1)?;
    check::same_length("predicted", predicted.len(), "truth", truth.len())?;
    let hits = predicted.iter().zip(truth).filter(|(p, t)| p == t).count();
    Ok(hits as f64 / truth.len() as f64)
}

/// Where the true candidate stands among the candidates of its query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// Candidates with a higher score.
    pub above: usize,
    /// Other candidates with the same score.
    pub tied: usize,
}

impl Rank {
    /// Chance to be among the first `k` in a random order of ties.
    ///
    /// ```
    /// let r = suffit_stats::metric::Rank { above: 1, tied: 1 }; // place 2 or 3
    /// assert_eq!((r.top(1), r.top(2), r.top(3)), (0.0, 0.5, 1.0));
    /// ```
    pub fn top(&self, k: usize) -> f64 {
        let places = (self.tied + 1) as f64;
        (k.saturating_sub(self.above) as f64 / places).min(1.0)
    }

    /// Expected reciprocal of the place.
    ///
    /// ```
    /// let r = suffit_stats::metric::Rank { above: 1, tied: 1 };
    /// assert_eq!(r.reciprocal(), (1.0 / 2.0 + 1.0 / 3.0) / 2.0);
    /// ```
    pub fn reciprocal(&self) -> f64 {
        let places = self.above + 1..=self.above + 1 + self.tied;
        places.map(|r| 1.0 / r as f64).sum::<f64>() / (self.tied + 1) as f64
    }
}

/// Rank of the true candidate of each query.
///
/// - shapes: `scores: [N, K]` row-major, larger is better; `truth: [N]` below K; result `[N]`
/// - cost: `O(N K)`, no sorting
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Shape`], [`StatsError::NotFinite`] (NaN only: an
/// infinite score is allowed), [`StatsError::Class`], [`StatsError::Setting`] (no candidates).
///
/// ```
/// use suffit_stats::metric::{Rank, ranks};
/// let r = ranks(&[0.9, 0.5, 0.5, 0.1], 4, &[2])?;
/// assert_eq!(r, vec![Rank { above: 1, tied: 1 }]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn ranks(scores: &[f64], candidates: usize, truth: &[usize]) -> Result<Vec<Rank>, StatsError> {
    check::at_least("truth", truth.len(), 1)?;
    check::positive("candidates", candidates)?;
    check::table("scores", scores.len(), truth.len(), candidates)?;
    check::labels("truth", truth, candidates)?;
    not_nan("scores", scores)?;
    Ok(scores
        .chunks_exact(candidates)
        .zip(truth)
        .map(|(row, &t)| Rank {
            above: row.iter().filter(|&&s| s > row[t]).count(),
            tied: row.iter().filter(|&&s| s == row[t]).count() - 1,
        })
        .collect())
}

/// Expected share of queries whose true candidate is among the best `k`.
///
/// # Errors
/// As [`ranks`]; [`StatsError::Setting`] for `k = 0`.
///
/// ```
/// use suffit_stats::metric::top_k;
/// let scores = [0.9, 0.5, 0.1, 0.2, 0.3, 0.3];
/// assert_eq!(top_k(&scores, 3, &[0, 1], 1)?, 0.75); // 1, and 1/2 for the tie
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn top_k(scores: &[f64], candidates: usize, truth: &[usize], k: usize) -> Result<f64, StatsError> {
    check::positive("k", k)?;
    let shares: Vec<f64> = ranks(scores, candidates, truth)?.iter().map(|r| r.top(k)).collect();
    Ok(mean_var::mean_unchecked(&shares))
}

/// Mean reciprocal rank.
///
/// - source: Voorhees 1999, "The TREC-8 Question Answering Track Report"
///
/// # Errors
/// As [`ranks`].
///
/// ```
/// use suffit_stats::metric::mean_reciprocal_rank;
/// let scores = [0.9, 0.5, 0.1, 0.9, 0.5, 0.1];
/// assert_eq!(mean_reciprocal_rank(&scores, 3, &[0, 1])?, 0.75); // (1 + 1/2)/2
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn mean_reciprocal_rank(scores: &[f64], candidates: usize, truth: &[usize]) -> Result<f64, StatsError> {
    let values: Vec<f64> = ranks(scores, candidates, truth)?.iter().map(Rank::reciprocal).collect();
    Ok(mean_var::mean_unchecked(&values))
}

/// Counts of (true class, predicted class).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Number of classes K.
    pub classes: usize,
    /// `[K, K]` row-major: row = true class, column = predicted class.
    pub counts: Vec<u64>,
}

impl Confusion {
    /// Count of rows of class `truth` that were predicted as `predicted` (0 outside the table).
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        if truth < self.classes && predicted < self.classes { self.counts[truth * self.classes + predicted] } else { 0 }
    }

    /// Share of each true class that was recognised; `None` for a class that does not occur.
    pub fn recall(&self) -> Vec<Option<f64>> {
        self.shares(|k, j| self.count(k, j))
    }

    /// Share of each predicted class that was right; `None` for a class never predicted.
    pub fn precision(&self) -> Vec<Option<f64>> {
        self.shares(|k, j| self.count(j, k))
    }

    fn shares(&self, cell: impl Fn(usize, usize) -> u64) -> Vec<Option<f64>> {
        (0..self.classes)
            .map(|k| {
                let all: u64 = (0..self.classes).map(|j| cell(k, j)).sum();
                (all > 0).then(|| cell(k, k) as f64 / all as f64)
            })
            .collect()
    }
}

/// Confusion matrix.
///
/// - shapes: `predicted: [N]`, `truth: [N]`, labels below `classes`; cost `O(N + K^2)`
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::Class`], [`StatsError::Setting`] (no classes).
///
/// ```
/// let c = suffit_stats::metric::confusion(&[0, 1, 1], &[0, 0, 1], 2)?;
/// assert_eq!(c.counts, vec![1, 1, 0, 1]);
/// assert_eq!((c.recall(), c.precision()[1]), (vec![Some(0.5), Some(1.0)], Some(0.5)));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn confusion(predicted: &[usize], truth: &[usize], classes: usize) -> Result<Confusion, StatsError> {
    check::positive("classes", classes)?;
    check::same_length("predicted", predicted.len(), "truth", truth.len())?;
    check::labels("predicted", predicted, classes)?;
    check::labels("truth", truth, classes)?;
    let mut counts = vec![0; classes * classes];
    predicted.iter().zip(truth).for_each(|(&p, &t)| counts[t * classes + p] += 1);
    Ok(Confusion { classes, counts })
}

/// Area under the ROC curve: the chance that a positive scores above a negative, ties counted
/// half. With midranks `r`, `(sum_positive r - P(P+1)/2) / (P Q)` for P positives, Q negatives.
///
/// - source: Mann and Whitney 1947; Hanley and McNeil 1982
/// - shapes: `scores: [N]`, `positive: [N]`; cost `O(N log N)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::LengthMismatch`], [`StatsError::NotFinite`] (NaN only),
/// [`StatsError::OneClass`].
///
/// ```
/// use suffit_stats::metric::roc_auc;
/// // pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2 (half): 3.5 of 4
/// assert_eq!(roc_auc(&[1.0, 2.0, 2.0, 3.0], &[false, false, true, true])?, 0.875);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn roc_auc(scores: &[f64], positive: &[bool]) -> Result<f64, StatsError> {
    check::at_least("scores", scores.len(), 2)?;
    check::same_length("scores", scores.len(), "positive", positive.len())?;
    not_nan("scores", scores)?;
    let mut pairs: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all = pairs.iter().filter(|p| p.1).count();
    let negatives = pairs.len() - all;
    if all == 0 || negatives == 0 {
        return Err(StatsError::OneClass { name: "positive" });
    }
    // Twice the number of won pairs, in integers: exact whatever the order of ties.
    let (mut won, mut below) = (0u128, 0u128);
    for run in pairs.chunk_by(|a, b| a.0 == b.0) {
        let p = run.iter().filter(|x| x.1).count() as u128;
        let q = run.len() as u128 - p;
        won += p * (2 * below + q);
        below += q;
    }
    Ok(won as f64 / (2.0 * all as f64 * negatives as f64))
}

/// Position of the largest value, the first among equals; 0 for an empty slice.
///
/// ```
/// assert_eq!(suffit_stats::metric::argmax(&[1.0, 3.0, 3.0]), 1);
/// ```
pub fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}

fn not_nan(name: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|v| v.is_nan()) {
        Some(index) => Err(StatsError::NotFinite { name, index, value: values[index] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use proptest::prelude::*;

    /// Every pair compared.
    fn auc_naive(scores: &[f64], positive: &[bool]) -> f64 {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (i, &p) in positive.iter().enumerate().filter(|x| *x.1) {
            for (j, _) in positive.iter().enumerate().filter(|x| *x.1 != p) {
                pairs += 1.0;
                won += match scores[i].total_cmp(&scores[j]) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        won / pairs
    }

    #[test]
    fn bad_input() {
        assert!(accuracy(&[], &[]).is_err());
        assert!(matches!(ranks(&[0.0, f64::NAN], 2, &[0]), Err(StatsError::NotFinite { index: 1, .. })));
        assert!(ranks(&[0.0, f64::INFINITY], 2, &[1]).is_ok());
        assert!(top_k(&[0.0, 1.0], 2, &[0], 0).is_err());
        assert!(matches!(roc_auc(&[0.0, 1.0], &[true; 2]), Err(StatsError::OneClass { .. })));
        assert!(confusion(&[0, 3], &[0, 1], 3).is_err());
    }

    #[test]
    fn tied_ranks_are_the_average_of_random_orders() {
        let scores = [1.0, 2.0, 2.0, 2.0, 5.0];
        let r = ranks(&scores, 5, &[2]).unwrap()[0];
        let (mut top2, mut reciprocal, runs) = (0.0, 0.0, 4_000);
        for i in 0..runs {
            let mut order: Vec<usize> = (0..5).collect();
            Stream::new(4, i).shuffle(&mut order);
            order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a])); // stable: ties stay shuffled
            let place = order.iter().position(|&c| c == 2).unwrap() + 1;
            top2 += f64::from(u8::from(place <= 2));
            reciprocal += 1.0 / place as f64;
        }
        let n = runs as f64;
        assert!((top2 / n - r.top(2)).abs() < 4.0 * (0.25f64 / n).sqrt());
        assert!((reciprocal / n - r.reciprocal()).abs() < 4.0 * (0.25f64 / n).sqrt());
    }

    proptest! {
        #[test]
        fn auc_agrees_with_all_pairs(v in prop::collection::vec((-3i32..3, any::<bool>()), 2..60)) {
            let s: Vec<f64> = v.iter().map(|x| f64::from(x.0)).collect();
            let mut y: Vec<bool> = v.iter().map(|x| x.1).collect();
            (y[0], y[1]) = (true, false);
            let a = roc_auc(&s, &y).unwrap();
            prop_assert!((a - auc_naive(&s, &y)).abs() < 1e-12);
            let flipped: Vec<bool> = y.iter().map(|b| !b).collect();
            prop_assert!((roc_auc(&s, &flipped).unwrap() - (1.0 - a)).abs() < 1e-12);
        }

        #[test]
        fn top_one_without_ties_is_accuracy(n in 1usize..20, seed in 0u64..1_000) {
            let mut s = Stream::new(seed, 0);
            let scores: Vec<f64> = (0..n * 4).map(|_| s.uniform()).collect();
            let truth: Vec<usize> = (0..n).map(|_| s.below(4)).collect();
            let best: Vec<usize> = scores.chunks_exact(4).map(argmax).collect();
            let (t, a) = (top_k(&scores, 4, &truth, 1).unwrap(), accuracy(&best, &truth).unwrap());
            prop_assert!((t - a).abs() < 1e-12);
            let c = confusion(&best, &truth, 4).unwrap();
            let diagonal: u64 = (0..4).map(|k| c.count(k, k)).sum();
            prop_assert!((diagonal as f64 / n as f64 - a).abs() < 1e-12);
            prop_assert!(top_k(&scores, 4, &truth, 4).unwrap() == 1.0);
        }
    }
}
