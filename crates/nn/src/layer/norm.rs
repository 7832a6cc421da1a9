//! Normalisations of rows.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Init;

/// Smallest norm that rows are divided by, as in the specification and PyTorch.
pub const L2_EPS: f64 = 1e-12;

/// Added to the variance under the root, as in PyTorch's LayerNorm.
pub const LAYER_NORM_EPS: f64 = 1e-5;

/// Rows divided by their length: `x / max(‖x‖₂, eps)`.
///
/// Written as `x / √max(Σx², eps²)`, which is the same number but has gradient 0 (not NaN) from the
/// length of a zero row.
///
/// - shapes: `x [B, d]`, result `[B, d]`
/// - gradient: by Burn; for rows shorter than `eps` that of `x / eps`
/// - cost: `4·B·d` FLOPs
/// - determinism: independent of threads
///
/// ```
/// use suffit_nn::{Place, layer::l2_rows};
/// let x = Place::cpu().matrix(vec![3.0f32, 4.0, 0.0, 0.0], [2, 2])?;
/// assert_eq!(l2_rows(x).into_data().try_to_vec::<f32>().unwrap_or_default(), [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn l2_rows(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().square().sum_dim(1).clamp_min(L2_EPS * L2_EPS).sqrt(); // [B, 1]
    x / length
}

/// `(x − mean) / √(var + 1e−5)` by row, with the biased variance and no affine part.
///
/// - shapes: `x [B, d]`, result `[B, d]`
/// - gradient: by Burn
pub fn standard_rows(x: Tensor<2>) -> Tensor<2> {
    let centred = x.clone() - x.mean_dim(1); // [B, d]
    let variance = centred.clone().square().mean_dim(1); // [B, 1]
    centred / (variance + LAYER_NORM_EPS).sqrt()
}

/// LayerNorm with an affine part: `standard_rows(x) · weight + bias`.
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// Factor by column `[d]`; starts at 1.
    pub weight: Param<Tensor<1>>,
    /// Shift by column `[d]`; starts at 0.
    pub bias: Param<Tensor<1>>,
}

impl LayerNorm {
    /// Factor 1, shift 0.
    pub fn new(width: usize, init: &Init) -> Self {
        LayerNorm { weight: init.constant([width], 1.0), bias: init.constant([width], 0.0) }
    }

    /// Normalises by row.
    ///
    /// - shapes: `x [B, d]`, result `[B, d]`
    /// - gradient: by Burn
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        standard_rows(x) * self.weight.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}
