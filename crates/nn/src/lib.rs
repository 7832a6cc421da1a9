//! What the methods share of learning, on Burn: devices, layers with PyTorch's names and layouts,
//! AdamW, the training loop with exact resume, safetensors files, and fused operations with
//! analytic gradients. Tensors, autodiff and modules are Burn's.
//!
//! Shapes are written with the letters of the whole code base: B rows of a batch, D or d columns,
//! V vocabulary, T tokens.

pub mod blob;
pub mod device;
pub mod error;
pub mod export;
pub mod fused;
pub mod gradcheck;
pub mod layer;
pub mod optim;
pub mod parameter;
pub mod train;

pub use blob::{Blob, Tensors};
pub use device::Place;
pub use error::NnError;
