//! The softmax cross-entropy.
//!
//! `L = −(1/B) Σ_i log softmax(z_i)[c_i]`, with gradient `(softmax(z_i) − onehot(c_i)) / B` to `z_i`.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use suffit_core::Result;
use suffit_nn::Place;

/// Mean cross-entropy of logits against classes.
///
/// - shapes: `logits: [B, K]`, `classes: [B]`, each below `K`; result `[1]`, in nats
/// - gradient: to the logits, by Burn
/// - cost: `O(B·K)`
/// - determinism: same bytes for the same thread count
///
/// # Errors
/// Another number of classes than rows.
pub fn cross_entropy(logits: Tensor<2>, classes: &[usize], place: &Place) -> Result<Tensor<1>> {
    let [rows, _] = logits.dims();
    let own = place.integers(classes.iter().map(|&c| c as i64).collect(), [rows, 1])?;
    Ok(log_softmax(logits, 1).gather(1, own).mean().neg())
}

/// The definition, term by term, in f64: what [`cross_entropy`] must agree with.
#[cfg(test)]
pub fn cross_entropy_naive(logits: &[f64], classes: &[usize]) -> f64 {
    let width = logits.len() / classes.len();
    let one = |(row, &class): (&[f64], &usize)| row.iter().map(|z| z.exp()).sum::<f64>().ln() - row[class];
    logits.chunks(width).zip(classes).map(one).sum::<f64>() / classes.len() as f64
}
