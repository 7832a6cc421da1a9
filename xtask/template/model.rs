//! Parameters and forward pass.

use burn::module::Module;
use burn::tensor::Tensor;
use suffit_core::Result;
use suffit_core::error::CommonError;
use suffit_nn::Place;
use suffit_nn::layer::{Init, Linear};

/// A softmax classifier: one linear map, stored with PyTorch's names (`linear.weight [K, D]`,
/// `linear.bias [K]`).
#[derive(Module, Debug)]
pub struct Classifier {
    /// From view columns to logits.
    pub linear: Linear,
}

impl Classifier {
    /// With initial values from the seed streams of `init`.
    pub fn new(columns: usize, classes: usize, init: &Init) -> Self {
        Classifier { linear: Linear::new(columns, classes, true, &init.child("linear")) }
    }

    /// Logits `z = x Wᵀ + b`.
    ///
    /// - shapes: `x: [B, D]`, result `[B, K]`
    /// - gradient: to all parameters, by Burn
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.linear.forward(x)
    }

    /// Class probabilities of standardised rows, in f64: `p_k = exp(z_k − max z) / Σ_j exp(z_j − max z)`.
    ///
    /// - shapes: `x: [B, D]` row-major, result `B` lists of `K`
    /// - determinism: each row by itself, whatever rows come with it
    ///
    /// # Errors
    /// Values that are no whole number of rows; tensors that cannot be read back.
    pub fn probabilities(&self, x: &[f32], place: &Place) -> Result<Vec<Vec<f64>>> {
        let columns = self.linear.input();
        let mut out = Vec::with_capacity(x.len() / columns.max(1));
        // Blocks of one shape: the last one is filled up, because matrix kernels may sum in another
        // order for another number of rows.
        for block in x.chunks(BLOCK * columns.max(1)) {
            let rows = block.len() / columns.max(1);
            let mut full = block.to_vec();
            full.resize(BLOCK * columns, 0.0);
            let logits = self.forward(place.matrix(full, [BLOCK, columns])?).inner();
            let data = logits.try_into_data().map_err(|e| CommonError::bug(format!("the logits: {e}")))?;
            let values: Vec<f64> = data.iter::<f64>().collect();
            out.extend(values.chunks(self.linear.output().max(1)).take(rows).map(softmax));
        }
        Ok(out)
    }
}

/// Rows that go through the model at once in [`Classifier::probabilities`].
const BLOCK: usize = 256;

/// `exp(z − max z)`, divided by its sum.
///
/// ```
/// use suffit_methods::__module__::model::softmax;
/// // odds 1 : 3
/// assert_eq!(softmax(&[0.0, 3f64.ln()]), [0.25, 0.75]);
/// assert_eq!(softmax(&[800.0, 800.0]), [0.5, 0.5]);
/// ```
pub fn softmax(logits: &[f64]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|z| (z - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}
