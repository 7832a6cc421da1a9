//! Bags of tokens.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};
use suffit_core::Result;

use super::{Init, Linear};
use crate::device::Place;
use crate::error::NnError;

/// Embedding, mean over the tokens of a row, affine head. Names: `embedding.weight [V, e]`,
/// `head.weight [d, e]`, `head.bias [d]`.
#[derive(Module, Debug)]
pub struct TokenBag {
    /// The table.
    pub embedding: Embedding,
    /// The map from the mean to the representation.
    pub head: Linear,
}

/// A table of vectors, one for each token.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[V, e]`, starts from `N(0, 1)` (PyTorch's default).
    pub weight: Param<Tensor<2>>,
}

/// Rows of tokens, padded to one length.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Token numbers `[B, T]`; 0 where padded.
    pub ids: Tensor<2, Int>,
    /// 1 for a token, 0 for padding `[B, T]`.
    pub mask: Tensor<2>,
}

impl Tokens {
    /// Pads rows of tokens.
    ///
    /// # Errors
    /// [`NnError::Token`] for a token outside `0..vocabulary`.
    pub fn new(rows: &[Vec<i64>], vocabulary: usize, place: &Place) -> Result<Self> {
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let (mut ids, mut mask) = (vec![0i64; rows.len() * longest], vec![0f32; rows.len() * longest]);
        for (row, tokens) in rows.iter().enumerate() {
            for (position, &id) in tokens.iter().enumerate() {
                if id < 0 || id as usize >= vocabulary {
                    return Err(NnError::Token { row, position, id, vocabulary }.into());
                }
                ids[row * longest + position] = id;
                mask[row * longest + position] = 1.0;
            }
        }
        let shape = [rows.len(), longest];
        Ok(Tokens { ids: place.integers(ids, shape)?, mask: place.matrix(mask, shape)? })
    }
}

impl TokenBag {
    /// A table of `vocabulary` vectors of `width` numbers, and a head to `output` columns.
    pub fn new(vocabulary: usize, width: usize, output: usize, init: &Init) -> Self {
        TokenBag {
            embedding: Embedding { weight: init.child("embedding").normal("weight", [vocabulary, width], 1.0) },
            head: Linear::new(width, output, true, &init.child("head")),
        }
    }

    /// `head(Σ_t mask·E[id] / max(Σ_t mask, 1))`: the mean over the tokens that are there; a row
    /// without tokens gives the head's bias.
    ///
    /// - shapes: ids and mask `[B, T]`, result `[B, output]`
    /// - cost: `2·B·T·e + 2·B·e·d` FLOPs, `B·T·e` numbers of memory
    /// - gradient: to the table (rows summed in token order) and the head
    pub fn forward(&self, tokens: &Tokens) -> Tensor<2> {
        let vectors = burn::tensor::module::embedding(self.embedding.weight.val(), tokens.ids.clone()); // [B, T, e]
        let mask = tokens.mask.clone().cast(vectors.dtype()); // [B, T]
        let count = mask.clone().sum_dim(1).clamp_min(1.0); // [B, 1]
        let sum = (vectors * mask.unsqueeze_dim::<3>(2)).sum_dim(1).squeeze_dim::<2>(1); // [B, e]
        self.head.forward(sum / count)
    }
}
