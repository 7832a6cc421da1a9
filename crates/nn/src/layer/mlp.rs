//! Multi-layer perceptron.

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use suffit_core::Seed;

use super::{Init, LayerNorm, Linear, dropout};

/// The bend between two affine maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x·Φ(x)`, exact (by erf), as PyTorch's default.
    #[default]
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// Applied by element.
    pub fn apply(self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Activation::Gelu => activation::gelu(x),
            Activation::Relu => activation::relu(x),
        }
    }
}

/// Whether a forward pass is part of training; carries the randomness of dropout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// No dropout.
    Evaluate,
    /// Dropout from this seed, which must be one of the step: for example
    /// `ctx.seed.child("dropout", &[step, micro_batch])`.
    Train(Seed),
}

impl Pass {
    /// The pass for a part of the model, with randomness of its own.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        match self {
            Pass::Evaluate => Pass::Evaluate,
            Pass::Train(seed) => Pass::Train(seed.child(name, &[])),
        }
    }
}

/// Shape of an [`Mlp`].
#[derive(Debug, Clone, PartialEq)]
pub struct MlpSpec {
    /// Columns in.
    pub input: usize,
    /// Widths between; none gives one affine map.
    pub hidden: Vec<usize>,
    /// Columns out.
    pub output: usize,
    /// Bend after each hidden map.
    pub activation: Activation,
    /// LayerNorm before each bend.
    pub layer_norm: bool,
    /// Share of hidden values dropped in training, in `[0, 1)`.
    pub dropout: f64,
}

/// Affine maps with LayerNorm (optional), a bend and dropout between: names `layers.N.weight`,
/// `layers.N.bias`, `norms.N.weight`, `norms.N.bias`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// The affine maps, in order.
    pub layers: Vec<Linear>,
    /// One for each hidden map, or none.
    pub norms: Vec<LayerNorm>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    dropout: f64,
}

impl Mlp {
    /// All maps from PyTorch's default initialisation.
    pub fn new(spec: &MlpSpec, init: &Init) -> Self {
        let widths: Vec<usize> =
            std::iter::once(spec.input).chain(spec.hidden.iter().copied()).chain([spec.output]).collect();
        let layers = init.child("layers");
        let norms = init.child("norms");
        Mlp {
            layers: widths
                .windows(2)
                .enumerate()
                .map(|(i, w)| Linear::new(w[0], w[1], true, &layers.child(&i.to_string())))
                .collect(),
            norms: if spec.layer_norm {
                spec.hidden.iter().enumerate().map(|(i, &w)| LayerNorm::new(w, &norms.child(&i.to_string()))).collect()
            } else {
                Vec::new()
            },
            activation: spec.activation,
            dropout: spec.dropout,
        }
    }

    /// Affine, norm, bend, dropout; affine; …; affine.
    ///
    /// - shapes: `x [B, input]`, result `[B, output]`
    /// - gradient: by Burn
    /// - determinism: dropout depends on the pass's seed and the layer's number only
    pub fn forward(&self, x: Tensor<2>, pass: Pass) -> Tensor<2> {
        let last = self.layers.len().saturating_sub(1);
        let mut x = x;
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x); // [B, width]
            if i < last {
                if let Some(norm) = self.norms.get(i) {
                    x = norm.forward(x);
                }
                x = dropout(self.activation.apply(x), self.dropout, pass, i as u64);
            }
        }
        x
    }
}
