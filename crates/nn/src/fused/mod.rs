//! Fused operations with analytic gradients: the measured hot steps of the methods.
//!
//! Each loss exists twice: as a function on slices, generic over [`Real`] (f32, f64), and, through
//! [`Contrast`], as a differentiable function of Burn tensors. The naive definitions stand beside
//! the fast paths under the `oracle` feature and in the tests.

mod carry;
mod clip;
mod composed;
mod contrast;
mod error;
mod input;
mod matmul;
mod mip;
#[cfg(any(test, feature = "oracle"))]
mod naive;
mod real;
mod softmax;
mod symile_grid;
mod symile_n;
mod symile_pair;
#[cfg(test)]
mod tests;
mod value;
mod vector;

pub use carry::CarryGradient;
pub use clip::{clip_pairs, clip_pairs_value};
pub use contrast::{Contrast, ContrastLoss};
pub use error::FusedError;
pub use input::{Groups, Negatives, Permutations, Views};
pub use mip::{mip, score_sum};
#[cfg(any(test, feature = "oracle"))]
pub use naive::{clip_pairs_naive, symile_grid_naive, symile_n_naive, symile_pair_naive};
pub use real::Real;
pub use symile_grid::{symile_grid, symile_grid_value};
pub use symile_n::{symile_n, symile_n_logits, symile_n_value};
pub use symile_pair::{symile_pair, symile_pair_value};
pub use value::{LossGrad, LossValue};
