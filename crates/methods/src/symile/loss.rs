//! The choice of negatives, and the loss of a batch under it.
//!
//! The formulas live with the fused kernels in [`suffit_nn::fused`]; here is only who is held
//! against whom (spec: `symile.md`, Loss).

use burn::tensor::Tensor;
use suffit_core::{Result, Seed};
use suffit_nn::fused::{Contrast, Groups, LossValue, Negatives, Permutations, Real, Views};

use super::config::{Objective, Sampling};
use super::error::SymileError;
use super::sample;

/// Most scores of one step under `grid`.
const MOST_SCORES: f64 = 4e9;

/// Who is held against whom in one batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// O(N) sampling: shuffles per anchor and other view.
    Shuffles(Permutations),
    /// All combinations of rows.
    All,
    /// Drawn rows of the target view.
    Negatives(Negatives),
    /// All pairs of views, all other rows (the pairwise baseline).
    Pairs,
}

impl Draw {
    /// Draws for a batch; `name` and `step` address the streams.
    ///
    /// Two views have no tuples to shuffle: their loss is the symmetric InfoNCE over all pairs of
    /// rows, which is `grid`.
    ///
    /// # Errors
    /// Fewer than two views.
    pub fn new(
        objective: Objective,
        sampling: Sampling,
        seed: Seed,
        name: &str,
        step: u64,
        views: usize,
        rows: usize,
    ) -> Result<Draw> {
        Ok(match (objective, sampling) {
            (Objective::Clip, _) => Draw::Pairs,
            (Objective::Symile, Sampling::Pair(k)) => {
                Draw::Negatives(sample::negatives(seed, name, step, views, rows, k)?)
            }
            (Objective::Symile, Sampling::Grid) => Draw::All,
            (Objective::Symile, Sampling::N) if views == 2 => Draw::All,
            (Objective::Symile, Sampling::N) => Draw::Shuffles(sample::permutations(seed, name, step, views, rows)?),
        })
    }
}

/// Candidates of each row: the largest bound is its logarithm.
pub fn candidates(objective: Objective, sampling: Sampling, views: usize, rows: usize) -> f64 {
    match (objective, sampling) {
        (Objective::Symile, Sampling::Grid) => (rows as f64).powi(views as i32 - 1),
        (Objective::Symile, Sampling::Pair(k)) => k as f64 + 1.0,
        _ => rows as f64,
    }
}

/// Refuses a grid that no machine finishes.
///
/// # Errors
/// [`SymileError::GridTooLarge`].
pub fn check_grid(objective: Objective, sampling: Sampling, views: usize, batch: usize) -> Result<()> {
    let scores = (batch as f64).powi(views as i32);
    if objective == Objective::Symile && sampling == Sampling::Grid && scores > MOST_SCORES {
        return Err(SymileError::GridTooLarge { views, batch, scores }.into());
    }
    Ok(())
}

impl Draw {
    /// The kernel's view of the draw.
    pub fn contrast(&self) -> Contrast<'_> {
        match self {
            Draw::Shuffles(perms) => Contrast::Shuffled(perms),
            Draw::All => Contrast::Grid,
            Draw::Negatives(negatives) => Contrast::Drawn(negatives),
            Draw::Pairs => Contrast::Clip,
        }
    }
}

/// Loss of a batch without gradients, in f32 or f64.
///
/// - shapes: M views `[B, d]`, already normalised; `log_scale` is `ln τ`
/// - cost and determinism: see the kernels
///
/// # Errors
/// Draws or groups made for another batch.
pub fn loss_value<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    draw: &Draw,
    groups: Option<&Groups>,
) -> Result<LossValue> {
    Ok(draw.contrast().value_of(views, log_scale, groups)?)
}

/// Loss of a batch as a differentiable tensor `[1]`.
///
/// - gradient: analytic, to every view and to the log-scale
///
/// # Errors
/// As [`loss_value`].
pub fn loss_tensor(
    reps: &[Tensor<2>],
    log_scale: &Tensor<1>,
    draw: &Draw,
    groups: Option<&Groups>,
) -> Result<Tensor<1>> {
    Ok(draw.contrast().loss(reps, log_scale, groups)?.loss)
}
