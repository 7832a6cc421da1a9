//! Layers of the encoders, with PyTorch's names, layouts and initial distributions.

mod bag;
mod dropout;
mod init;
mod linear;
mod missing;
mod mlp;
mod norm;
mod standardise;

pub use bag::{Embedding, TokenBag, Tokens};
pub use dropout::dropout;
pub use init::Init;
pub use linear::Linear;
pub use missing::{MissingEmbedding, indicator};
pub use mlp::{Activation, Mlp, MlpSpec, Pass};
pub use norm::{L2_EPS, LAYER_NORM_EPS, LayerNorm, l2_rows, standard_rows};
pub use standardise::Standardiser;

#[cfg(test)]
mod tests;
