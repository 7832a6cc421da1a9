//! One row of a contrast: the positive against its negatives.
//!
//! With `lse` the log-sum-exp over the negatives alone and `g = lse - positive`, the row's
//! cross-entropy is `ln(1 + e^g)` and the probability that is not on the positive is
//! `1 / (1 + e^-g)`. Keeping the positive out of the sum keeps small losses and small gradients
//! exact in f32, where `p - 1` would cancel.

use super::Real;
use super::vector::{exp_row, largest, scale, sigmoid, softplus};

/// What one row gives to the loss.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RowLoss {
    /// Cross-entropy of the row, in nats.
    pub loss: f64,
    /// Probability mass that is not on the positive.
    pub miss: f64,
    /// `sum_j p_j L_j - L_positive`, the row's derivative with respect to the log-scale.
    pub slope: f64,
}

/// Loss of one row; with `STORE`, `row` becomes `unit` times the negatives' probabilities.
///
/// `row` holds the negatives' logits, minus infinity where one is excluded.
#[inline(always)]
pub(super) fn contrast_row<T: Real, const STORE: bool>(row: &mut [T], positive: f64, unit: f64) -> RowLoss {
    let shift = largest(row);
    if shift == T::NEG_INF && row.iter().all(|&x| x == T::NEG_INF) {
        // No negative at all: the positive has all the mass.
        if STORE {
            row.fill(T::ZERO);
        }
        return RowLoss { loss: 0.0 * positive, ..RowLoss::default() };
    }
    let (sum, dot) = exp_row::<T, STORE>(row, shift);
    let lse = shift.f64() + sum.ln();
    let gap = lse - positive;
    let miss = sigmoid(gap);
    if STORE {
        scale(row, T::of(unit * miss / sum));
    }
    RowLoss { loss: softplus(gap), miss, slope: miss * (dot / sum + shift.f64() - positive) }
}

/// Mean loss per anchor and the derivative with respect to the log-scale, from rows `[M][B]`.
pub(super) fn summarise(rows: &[Vec<RowLoss>]) -> (Vec<f64>, f64) {
    let mean = |rows: &Vec<RowLoss>, f: fn(&RowLoss) -> f64| rows.iter().map(f).sum::<f64>() / rows.len() as f64;
    let parts: Vec<f64> = rows.iter().map(|r| mean(r, |x| x.loss)).collect();
    let slope = rows.iter().map(|r| mean(r, |x| x.slope)).sum::<f64>() / rows.len() as f64;
    (parts, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_by_hand() {
        // Logits 0, ln 2 against a positive of ln 3: probabilities 1/6, 2/6, 3/6.
        let mut row = [0.0f64, 2f64.ln()];
        let out = contrast_row::<f64, true>(&mut row, 3f64.ln(), 6.0);
        assert!((out.loss - 2f64.ln()).abs() < 1e-15);
        assert!((out.miss - 0.5).abs() < 1e-15);
        assert!((row[0] - 1.0).abs() < 1e-15 && (row[1] - 2.0).abs() < 1e-15);
        let slope = 2.0 / 6.0 * 2f64.ln() + 0.5 * 3f64.ln() - 3f64.ln();
        assert!((out.slope - slope).abs() < 1e-15);
    }

    #[test]
    fn without_negatives_the_loss_is_zero() {
        let mut row = [f32::NEG_INFINITY; 3];
        let out = contrast_row::<f32, true>(&mut row, 5.0, 1.0);
        assert_eq!((out, row), (RowLoss::default(), [0.0; 3]));
    }

    #[test]
    fn small_losses_keep_their_digits_in_f32() {
        let mut row = [0.0f32];
        let out = contrast_row::<f32, true>(&mut row, 30.0, 1.0);
        let exact = (-30.0f64).exp().ln_1p();
        assert!((out.loss / exact - 1.0).abs() < 1e-6);
        assert!((f64::from(row[0]) / exact - 1.0).abs() < 1e-6);
    }

    #[test]
    fn nan_is_not_hidden() {
        let mut row = [0.0f32, f32::NAN];
        assert!(contrast_row::<f32, false>(&mut row, 1.0, 1.0).loss.is_nan());
        let mut row = [f32::NAN];
        assert!(contrast_row::<f32, false>(&mut row, 1.0, 1.0).loss.is_nan());
    }
}
