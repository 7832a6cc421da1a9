//! The affine map `y = x Wᵀ + b`.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Init;

/// An affine map, stored as PyTorch stores it: `weight [out, in]`, `bias [out]`.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Param<Tensor<2>>,
    /// `[out]`, if there is one.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// Weight and bias from `U(−1/√in, 1/√in)`, PyTorch's default.
    ///
    /// ```
    /// use suffit_core::Seed;
    /// use suffit_nn::{Place, layer::{Init, Linear}};
    /// let layer = Linear::new(4, 2, true, &Init::new(Seed::new(1), &Place::cpu()));
    /// assert!(layer.weight.val().abs().max().into_scalar::<f32>() <= 0.5); // 1/√4
    /// ```
    pub fn new(input: usize, output: usize, bias: bool, init: &Init) -> Self {
        let bound = if input == 0 { 0.0 } else { 1.0 / (input as f64).sqrt() };
        Linear {
            weight: init.uniform("weight", [output, input], bound),
            bias: bias.then(|| init.uniform("bias", [output], bound)),
        }
    }

    /// `y = x Wᵀ + b`.
    ///
    /// - shapes: `x [B, in]`, result `[B, out]`
    /// - cost: `2·B·in·out` FLOPs forward, twice that backward; the transpose is a view
    /// - gradient: to `x`, weight and bias, by Burn
    /// - determinism: same bytes for the same thread count
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let bias = self.bias.as_ref().map(Param::val);
        burn::tensor::module::linear(x, self.weight.val().transpose(), bias) // [B, out]
    }

    /// Number of columns that go in.
    pub fn input(&self) -> usize {
        self.weight.lazy_shape()[1]
    }

    /// Number of columns that come out.
    pub fn output(&self) -> usize {
        self.weight.lazy_shape()[0]
    }
}
