//! Sufficient dimension reduction without a network.
//!
//! All solvers maximise `n^-2 tr(f(X)' HKH f(X))` over features of unit covariance, `HKH` a
//! [`CentredKernel`](crate::dependence::CentredKernel) of the response: `linear` over linear features,
//! `kernel` over functions in a Gaussian reproducing space (regularised), and [`Spectral`] over
//! combinations of features that are given. Spec: `fccov.md`, section 2.

mod finite;
mod kernel;
mod linear;

pub use finite::{FiniteProblem, Optimum};
pub use kernel::{KernelOptions, KernelSdr};
pub use linear::{LinearSdr, Spectral};
