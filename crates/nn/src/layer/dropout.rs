//! Dropout from our seed streams.

use burn::tensor::{Tensor, TensorData};
use suffit_core::seed;

use super::Pass;

/// Each value is dropped with probability `share` and the others are divided by `1 − share`.
///
/// - shapes: `x [B, d]`, result `[B, d]`
/// - randomness: stream `("dropout", [layer])` of the pass's seed, row-major; nothing is drawn in
///   evaluation or for `share <= 0`; `share >= 1` drops everything
/// - gradient: that of the product with the mask
/// - cost: one draw by element on one thread
pub fn dropout(x: Tensor<2>, share: f64, pass: Pass, layer: u64) -> Tensor<2> {
    let Pass::Train(seed) = pass else { return x };
    if share <= 0.0 {
        return x;
    }
    let mut stream = seed.stream("dropout", &[layer]);
    let kept = if share < 1.0 { 1.0 / (1.0 - share) } else { 0.0 };
    let [rows, columns] = x.dims();
    let mask: Vec<f64> =
        (0..rows * columns).map(|_| if seed::uniform(&mut stream) < share { 0.0 } else { kept }).collect();
    let device = x.device().without_autodiff();
    let mask = Tensor::<2>::from_data(TensorData::new(mask, [rows, columns]), (&device, x.dtype()));
    x * mask
}
