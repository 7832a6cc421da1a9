//! The training loop that all methods share.
//!
//! A method implements [`Task`]; [`fit`] drives it: evaluation, early stop, best weights,
//! checkpoints by steps or seconds, Ctrl-C, exact resume, metrics and progress.
//!
//! **Promise**: with the same seed and threads, a run that was killed at any moment and resumed ends
//! in the same bytes (weights, moments, state, metrics without their times) as one that was not.
//! It holds because everything that a step depends on is in the checkpoint or addressed by the step
//! number: random numbers come from `ctx.seed.stream(name, &[step])`, never from a generator that
//! advances; when a checkpoint is taken has no influence on anything but the checkpoint.

mod fit;
mod state;
mod store;

pub use fit::{fit, fit_in};
pub use state::{Point, State};
pub use store::Store;

use suffit_core::{Ctx, Result};

/// Named values of a step or an evaluation. The loss is called `loss`, the norm of the gradient
/// `grad_norm`: these two must be finite.
pub type Scalars = Vec<(&'static str, f64)>;

/// A place in the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Steps finished before: 0 for the first step, and after the last step its number.
    pub step: u64,
    /// Epochs finished before.
    pub epoch: u64,
    /// Steps finished in this epoch.
    pub in_epoch: u64,
}

impl At {
    /// The place after `step` steps.
    ///
    /// ```
    /// use suffit_nn::train::At;
    /// assert_eq!(At::new(7, 3), At { step: 7, epoch: 2, in_epoch: 1 });
    /// ```
    pub fn new(step: u64, steps_per_epoch: u64) -> Self {
        let per = steps_per_epoch.max(1);
        At { step, epoch: step / per, in_epoch: step % per }
    }
}

/// What a method does in training.
pub trait Task {
    /// Optimisation steps in one pass over the data; at least 1.
    fn steps_per_epoch(&self) -> u64;

    /// One optimisation step. Randomness must come from streams of `ctx.seed` addressed by
    /// `at.step` (or the epoch). A stop that is asked for takes effect after the step.
    ///
    /// # Errors
    /// The method's own; [`crate::NnError::NotFinite`] for a loss that is not finite.
    fn step(&mut self, at: At, ctx: &Ctx) -> Result<Scalars>;

    /// Measures the current weights on held-out data; changes nothing.
    ///
    /// # Errors
    /// The method's own.
    fn evaluate(&mut self, at: At, ctx: &Ctx) -> Result<Scalars>;

    /// Everything that the next step depends on, beside its number.
    ///
    /// # Errors
    /// Reading tensors back.
    fn save(&self) -> Result<State>;

    /// The reverse of [`Task::save`], bit for bit.
    ///
    /// # Errors
    /// A state that does not fit the task.
    fn load(&mut self, state: &State) -> Result<()>;
}

/// Which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Smaller values.
    Min,
    /// Larger values.
    Max,
}

/// The evaluated value that decides which weights are the best and when to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// Its name among the values of [`Task::evaluate`].
    pub name: &'static str,
    /// Which direction is better.
    pub mode: Mode,
    /// Whether to evaluate before the first step too; untrained weights can then be the best.
    pub at_start: bool,
}

impl Monitor {
    /// Smaller is better.
    pub fn min(name: &'static str) -> Self {
        Monitor { name, mode: Mode::Min, at_start: false }
    }

    /// Larger is better.
    pub fn max(name: &'static str) -> Self {
        Monitor { name, mode: Mode::Max, at_start: false }
    }

    /// Evaluates before the first step too.
    #[must_use]
    pub fn from_start(self) -> Self {
        Monitor { at_start: true, ..self }
    }

    /// Whether `value` is strictly better than `best`; of equals the earlier one stays.
    pub fn better(&self, value: f64, best: f64) -> bool {
        match self.mode {
            Mode::Min => value < best,
            Mode::Max => value > best,
        }
    }
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// All epochs were done.
    Epochs,
    /// No improvement for `patience` evaluations.
    Patience,
}

/// What [`fit`] reached. The task then holds the best weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Step of the best weights.
    pub best_step: u64,
    /// The watched value there.
    pub best_value: f64,
    /// Steps done.
    pub steps: u64,
    /// Why it ended.
    pub stopped: Stopped,
    /// Logged values in order: means over training steps (split `train`) and evaluations (`val`).
    pub history: Vec<Point>,
}

#[cfg(test)]
mod tests;
