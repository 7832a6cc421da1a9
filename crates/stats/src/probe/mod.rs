//! Probes: how well can a reader of a given kind predict the target from these columns?
//!
//! Four families with one interface: ridge, kernel ridge, boosted trees, a small network. A probe
//! predicts numbers (squared error) or logits of classes (log-loss); regularisation is chosen from the
//! rows it is fitted on. Which family is used is chosen by inner cross-validation in [`crate::audit`].
//! Source: `fccov.md`, section 5(b).

mod basis;
mod classes;
mod mlp;
mod scale;
mod tree;

pub use basis::{ADDITIVE, Basis, EXACT, LANDMARKS, Ridge};

use serde::{Deserialize, Serialize};

use crate::{StatsError, check, linalg::Matrix};

/// A family of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Linear: ridge regression (generalised cross-validation), or penalised multinomial logistic.
    Ridge,
    /// Kernel ridge regression, or multinomial logistic in the leading kernel features.
    Kernel,
    /// Gradient-boosted trees on binned columns.
    Trees,
    /// A network with two hidden layers.
    Network,
}

impl Family {
    /// Every family, simplest first.
    pub const ALL: [Self; 4] = [Self::Ridge, Self::Kernel, Self::Trees, Self::Network];
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Numbers, squared error; `y: [n, m]`.
    Squares,
    /// Classes, log-loss; `y: [n, K]` one-hot, predictions are logits.
    Classes,
}

/// A fitted probe.
pub trait Probe {
    /// Predictions `[n', m]`: numbers, or logits of classes.
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`] (columns).
    fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError>;
}

/// Fits a probe of `family` on all rows of `x` and `y`.
///
/// - shapes: `x: [n, p]`, `y: [n, m]`
/// - determinism: a function of the arguments
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`], [`StatsError::NotFinite`].
pub fn fit(family: Family, task: Task, x: &Matrix, y: &Matrix, seed: u64) -> Result<Box<dyn Probe>, StatsError> {
    check::same_length("x", x.rows, "y", y.rows)?;
    check::at_least("rows", x.rows, 8)?;
    check::finite("x", &x.values)?;
    check::finite("y", &y.values)?;
    Ok(match (family, task) {
        (Family::Ridge, Task::Squares) => Box::new(Smooth::new(Basis::linear(x)?, y)?),
        (Family::Kernel, Task::Squares) => Box::new(Smooth::new(Basis::kernel(x, seed)?, y)?),
        (Family::Ridge, Task::Classes) => Box::new(classes::fit(Basis::linear(x)?, usize::MAX, y)?),
        (Family::Kernel, Task::Classes) => Box::new(classes::fit(Basis::kernel(x, seed)?, 64, y)?),
        (Family::Trees, _) => Box::new(tree::fit(task, x, y, seed)?),
        (Family::Network, _) => Box::new(mlp::fit(task, x, y, seed)?),
    })
}

struct Smooth {
    basis: Basis,
    ridge: Ridge,
}

impl Smooth {
    fn new(basis: Basis, y: &Matrix) -> Result<Self, StatsError> {
        let ridge = basis.fit(y)?;
        Ok(Self { basis, ridge })
    }
}

impl Probe for Smooth {
    fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        self.ridge.predict(&self.basis.features(x)?)
    }
}

/// Softmax of every row.
pub(crate) fn softmax(logits: &Matrix) -> Matrix {
    let mut out = logits.clone();
    for row in out.values.chunks_exact_mut(logits.cols.max(1)) {
        let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|v| *v = (*v - top).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|v| *v /= sum);
    }
    out
}

/// Rows held back to choose how long to learn: a random tenth, at least 4, at most 2,000.
pub(crate) fn held_out(rows: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..rows).collect();
    crate::Stream::new(seed, 0x7661).shuffle(&mut order);
    let back = (rows / 8).clamp(2, 2_000);
    let valid = order.split_off(rows - back);
    (order, valid)
}

/// Mean loss of predictions: squared error summed over columns, or log-loss in nats.
pub(crate) fn mean_loss(task: Task, predicted: &Matrix, y: &Matrix) -> f64 {
    let n = y.rows.max(1) as f64;
    match task {
        Task::Squares => predicted.values.iter().zip(&y.values).map(|(p, y)| (p - y) * (p - y)).sum::<f64>() / n,
        Task::Classes => {
            let p = softmax(predicted);
            p.values.iter().zip(&y.values).map(|(p, y)| -y * p.max(1e-12).ln()).sum::<f64>() / n
        }
    }
}
