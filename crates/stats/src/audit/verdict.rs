//! From limits and a p-value to a verdict.
//!
//! With tolerance `eps`, `l` and `u` the one-sided limits of the lost share `psi`:
//!
//! | | `u < eps` | `u >= eps` |
//! |---|---|---|
//! | test `p >= alpha` | enough | undecided |
//! | test `p < alpha` | enough, loss real | not enough if `psi >= eps` and `l > 0`, else undecided |
//!
//! The specification also lets `l > eps` alone mean "not enough". That clause is left out: where Z is a
//! rotation, an invertible rescaling or a copy of X nothing is lost, yet a family that reads X more
//! easily than Z (trees and axes) shows a gap with a narrow interval. "Not enough" therefore needs the
//! test **and** the gap of the stack.
//!
//! **Known limit.** The test is made of regressions too: a kernel with an additive part reads X along its
//! axes more easily than a rotation of X. On 40 data sets of 200 rows with Z a rotation of all five
//! columns the primary test rejected 6 at level 0.05, which is too often; on the eleven other null designs
//! tried with it (40 sets each) at most 3. The calibration at the specified number of replicates is not
//! done. Source: `fccov.md`, section 5(f); the rule is ours.

use super::evidence::{Decision, Estimate};
use crate::{StatsError, normal};

/// The verdict of one representation.
pub fn decide(lost: Option<&Estimate>, p: f64, alpha: f64, tolerance: f64) -> Decision {
    let Some(lost) = lost else { return Decision::Undecided };
    match (lost.upper < tolerance, p < alpha) {
        (true, false) => Decision::Enough,
        (true, true) => Decision::EnoughLossReal,
        (false, true) if lost.value >= tolerance && lost.lower > 0.0 => Decision::NotEnough,
        (false, _) => Decision::Undecided,
    }
}

/// Smallest lost share that is seen with power 0.8: `(q + 0.84) se`.
///
/// # Errors
/// [`StatsError::Setting`].
pub fn detectable(se: f64, alpha: f64) -> Result<f64, StatsError> {
    Ok((normal::quantile(1.0 - alpha)? + normal::quantile(0.8)?) * se)
}

/// Rows that would bring the detectable share down to the tolerance: `n ((q + 0.84) se / eps)^2`.
///
/// # Errors
/// [`StatsError::Setting`].
pub fn rows_to_decide(rows: usize, se: f64, alpha: f64, tolerance: f64) -> Result<u64, StatsError> {
    let ratio = detectable(se, alpha)? / tolerance;
    Ok((rows as f64 * ratio * ratio).ceil() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lost(value: f64, se: f64) -> Estimate {
        Estimate { value, se, lower: value - 1.645 * se, upper: value + 1.645 * se }
    }

    #[test]
    fn a_narrow_gap_without_the_test_is_not_a_loss() {
        // probe bias: a gap of 20 % +- 1 %, which the test does not confirm
        assert_eq!(decide(Some(&lost(0.2, 0.01)), 0.4, 0.05, 0.05), Decision::Undecided);
        assert_eq!(decide(Some(&lost(0.2, 0.01)), 0.001, 0.05, 0.05), Decision::NotEnough);
    }

    #[test]
    fn the_test_without_a_gap_is_not_a_verdict() {
        assert_eq!(decide(Some(&lost(-0.02, 0.01)), 1e-9, 0.05, 0.05), Decision::EnoughLossReal);
        assert_eq!(decide(Some(&lost(0.02, 0.05)), 1e-9, 0.05, 0.05), Decision::Undecided);
        assert_eq!(decide(Some(&lost(0.06, 0.05)), 1e-9, 0.05, 0.05), Decision::Undecided);
        assert_eq!(decide(None, 1e-9, 0.05, 0.05), Decision::Undecided);
    }

    #[test]
    fn absence_of_evidence_is_not_enough() {
        assert_eq!(decide(Some(&lost(0.0, 0.1)), 0.9, 0.05, 0.05), Decision::Undecided);
        assert_eq!(decide(Some(&lost(0.0, 0.01)), 0.9, 0.05, 0.05), Decision::Enough);
    }

    #[test]
    fn rows_that_decide_bring_the_detectable_share_to_the_tolerance() {
        let n = rows_to_decide(400, 0.05, 0.05, 0.05).unwrap();
        let se = 0.05 * (400.0 / n as f64).sqrt();
        assert!((detectable(se, 0.05).unwrap() - 0.05).abs() < 1e-4);
    }
}
