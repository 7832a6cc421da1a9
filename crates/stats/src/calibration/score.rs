//! Proper scores of predicted probabilities.

use crate::{StatsError, check, mean_var};

/// Brier score of a binary prediction: `mean (p - y)^2`, between 0 and 1.
///
/// - source: Brier 1950, Monthly Weather Review 78, 1-3 (in its one-sided form)
/// - shapes: `probability: [N]` of the event, `outcome: [N]`; cost `O(N)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::LengthMismatch`], [`StatsError::NotFinite`],
/// [`StatsError::Element`] (outside `[0, 1]`).
///
/// ```
/// // (0.5^2 + 0.25^2) / 2
/// assert_eq!(suffit_stats::calibration::brier_binary(&[0.5, 0.75], &[false, true])?, 0.15625);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn brier_binary(probability: &[f64], outcome: &[bool]) -> Result<f64, StatsError> {
    check::at_least("probability", probability.len(), 1)?;
    check::same_length("probability", probability.len(), "outcome", outcome.len())?;
    check::probabilities("probability", probability)?;
    let squares: Vec<f64> =
        probability.iter().zip(outcome).map(|(p, &y)| (p - f64::from(u8::from(y))).powi(2)).collect();
    Ok(mean_var::mean_unchecked(&squares))
}

/// Multiclass Brier score: `mean_i sum_k (p_ik - 1{k = y_i})^2`, between 0 and 2 (twice
/// [`brier_binary`] for two classes).
///
/// - source: Brier 1950; shapes: `probabilities: [N, K]` row-major, `truth: [N]`; cost `O(N K)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Shape`], [`StatsError::NotFinite`],
/// [`StatsError::Element`], [`StatsError::NotNormalised`], [`StatsError::Class`].
///
/// ```
/// // .25^2 + .75^2 for the first row, 0 for the second
/// let b = suffit_stats::calibration::brier(&[0.25, 0.25, 0.5, 0.0, 1.0, 0.0], 3, &[2, 1])?;
/// assert_eq!(b, (0.0625 + 0.0625 + 0.25) / 2.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn brier(probabilities: &[f64], classes: usize, truth: &[usize]) -> Result<f64, StatsError> {
    check_rows(probabilities, classes, truth)?;
    let scores: Vec<f64> = probabilities
        .chunks_exact(classes)
        .zip(truth)
        .map(|(row, &t)| row.iter().enumerate().map(|(k, p)| (p - f64::from(u8::from(k == t))).powi(2)).sum())
        .collect();
    Ok(mean_var::mean_unchecked(&scores))
}

/// Log loss in nats: `-mean_i ln p_(i, y_i)`; infinite when a true class got probability 0.
///
/// - source: Good 1952, "Rational decisions"; shapes and cost as [`brier`]
///
/// # Errors
/// As [`brier`].
///
/// ```
/// let l = suffit_stats::calibration::log_loss(&[0.5, 0.5, 0.25, 0.75], 2, &[0, 0])?;
/// assert!((l - 8f64.ln() / 2.0).abs() < 1e-15); // (ln 2 + ln 4)/2
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn log_loss(probabilities: &[f64], classes: usize, truth: &[usize]) -> Result<f64, StatsError> {
    check_rows(probabilities, classes, truth)?;
    let losses: Vec<f64> = probabilities
        .chunks_exact(classes)
        .zip(truth)
        .map(|(row, &t)| if row[t] > 0.0 { -row[t].ln() } else { f64::INFINITY })
        .collect();
    Ok(mean_var::mean_unchecked(&losses))
}

fn check_rows(p: &[f64], classes: usize, truth: &[usize]) -> Result<(), StatsError> {
    check::at_least("truth", truth.len(), 1)?;
    check::positive("classes", classes)?;
    check::table("probabilities", p.len(), truth.len(), classes)?;
    check::simplex_rows("probabilities", p, classes)?;
    check::labels("truth", truth, classes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zero_probability_of_the_truth_is_infinite() {
        assert_eq!(log_loss(&[1.0, 0.0], 2, &[1]).unwrap(), f64::INFINITY);
    }

    #[test]
    fn bad_input() {
        assert!(brier(&[0.5, 0.5, 0.5], 2, &[0]).is_err());
        assert!(brier(&[0.5, 0.5], 2, &[2]).is_err());
        assert!(brier(&[], 0, &[]).is_err());
        assert!(log_loss(&[0.5, 0.6], 2, &[1]).is_err());
        assert!(brier_binary(&[0.5], &[]).is_err());
        assert!(brier_binary(&[-0.1], &[true]).is_err());
    }

    proptest! {
        #[test]
        fn two_classes_are_twice_the_binary_score(
            v in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 1..40),
        ) {
            let p: Vec<f64> = v.iter().map(|x| x.0).collect();
            let y: Vec<bool> = v.iter().map(|x| x.1).collect();
            let table: Vec<f64> = p.iter().flat_map(|&q| [1.0 - q, q]).collect();
            let truth: Vec<usize> = y.iter().map(|&b| usize::from(b)).collect();
            let both = brier(&table, 2, &truth).unwrap();
            prop_assert!((both - 2.0 * brier_binary(&p, &y).unwrap()).abs() < 1e-12);
        }

        #[test]
        fn the_true_probability_scores_best(p in 0.05f64..0.95, q in 0.0f64..1.0) {
            // Expected score of saying q when the event has probability p, as a weighted data set.
            let n = 1_000usize;
            let hits = (p * n as f64).round() as usize;
            let p = hits as f64 / n as f64;
            let truth: Vec<usize> = (0..n).map(|i| usize::from(i < hits)).collect();
            let table = |q: f64| [1.0 - q, q].repeat(n);
            for score in [brier, log_loss] {
                let (best, other) =
                    (score(&table(p), 2, &truth).unwrap(), score(&table(q), 2, &truth).unwrap());
                prop_assert!(best <= other + 1e-12);
            }
        }
    }
}
