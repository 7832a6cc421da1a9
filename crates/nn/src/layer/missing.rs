//! Encoder inputs with missing values marked (`symile.md` §Missing modalities in training).
//!
//! Both forms keep a row in the batch whose view is missing: they replace its values and tell the
//! encoder that they did. `missing` is 1 where the view is missing, `[B, 1]`; the values behind a 1
//! never matter, they may even be NaN.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Init;

/// `[x or placeholder ; 1{missing}]`: one column more.
///
/// - shapes: `x [B, p]`, `missing [B, 1]`, result `[B, p + 1]`
/// - gradient: to `x` where present
///
/// ```
/// use suffit_nn::{Place, layer::indicator};
/// let place = Place::cpu();
/// let x = place.matrix(vec![2.0f32, f32::NAN], [2, 1])?;
/// let missing = place.matrix(vec![0.0f32, 1.0], [2, 1])?;
/// let out = indicator(x, missing, 0.5).into_data().try_to_vec::<f32>().unwrap_or_default();
/// assert_eq!(out, [2.0, 0.0, 0.5, 1.0]);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn indicator(x: Tensor<2>, missing: Tensor<2>, placeholder: f64) -> Tensor<2> {
    let [rows, columns] = x.dims();
    let mask = missing.clone().greater_scalar(0.5).expand([rows, columns]); // [B, p]
    Tensor::cat(vec![x.mask_fill(mask, placeholder), missing], 1)
}

/// A learned pair of vectors, one for present and one for missing, put beside the features.
#[derive(Module, Debug)]
pub struct MissingEmbedding {
    /// `[2, p]`: row 0 for present, row 1 for missing; starts from `N(0, 1)`.
    pub weight: Param<Tensor<2>>,
}

impl MissingEmbedding {
    /// For `width` features.
    pub fn new(width: usize, init: &Init) -> Self {
        MissingEmbedding { weight: init.normal("weight", [2, width], 1.0) }
    }

    /// `[x or fill ; E[missing]]`: twice the columns. `fill [p]` is the training mean of the
    /// observed rows (zeros after a [`super::Standardiser`]).
    ///
    /// - shapes: `x [B, p]`, `missing [B, 1]`, result `[B, 2p]`
    /// - gradient: to `x` where present, and to the table
    pub fn forward(&self, x: Tensor<2>, missing: Tensor<2>, fill: Tensor<1>) -> Tensor<2> {
        let [rows, columns] = x.dims();
        let mask = missing.clone().greater_scalar(0.5).expand([rows, columns]); // [B, p]
        let filled = x.mask_where(mask, fill.unsqueeze::<2>().expand([rows, columns]));
        // One-hot [1 − m, m] times the table picks the row; its gradient is an ordered sum.
        let choice = Tensor::cat(vec![missing.clone().neg().add_scalar(1.0), missing], 1); // [B, 2]
        Tensor::cat(vec![filled, choice.matmul(self.weight.val())], 1)
    }
}
