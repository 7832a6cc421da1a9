//! From a loss to the next parameters: backward pass, accumulation, clipping, AdamW.

mod adamw;
mod gradient;

pub use adamw::{AdamW, AdamWSpec};
pub use gradient::Grads;

use burn::module::Module;
use burn::tensor::Tensor;
use suffit_core::Result;
use suffit_core::config::TrainConfig;

use crate::blob::Tensors;
use crate::error::NnError;
use crate::parameter::read;

/// AdamW with accumulation and clipping, as a [`TrainConfig`] asks for.
#[derive(Debug, Clone)]
pub struct Optimiser {
    adamw: AdamW,
    clip_norm: f64,
    accumulate: u64,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// Mean loss over the micro-batches.
    pub loss: f64,
    /// Norm of the mean gradient, before clipping.
    pub grad_norm: f64,
}

impl Optimiser {
    /// By the shared training settings.
    pub fn new(config: &TrainConfig) -> Self {
        let spec = AdamWSpec {
            learning_rate: config.learning_rate,
            weight_decay: config.weight_decay,
            beta1: config.beta1,
            beta2: config.beta2,
            epsilon: config.epsilon,
        };
        Optimiser { adamw: AdamW::new(spec), clip_norm: config.clip_norm, accumulate: config.accumulate.max(1) as u64 }
    }

    /// Changes the step size, for schedules.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.adamw.set_learning_rate(learning_rate);
    }

    /// Number of micro-batches that make one step.
    pub fn accumulate(&self) -> u64 {
        self.accumulate
    }

    /// One step: `loss` is called once for each micro-batch (0, 1, …) and gives a tensor `[1]`; the
    /// gradients are averaged, clipped to the norm limit (0 = none) and used.
    ///
    /// The mean is over micro-batches: contrastive losses see `accumulate` batches of their own, not
    /// one large batch.
    ///
    /// # Errors
    /// The loss's own; [`NnError::NotFinite`] for a loss or gradient norm that is NaN or infinite
    /// (the module then stays as it was); [`NnError::Readback`].
    pub fn step<M: Module>(
        &mut self,
        module: &mut M,
        mut loss: impl FnMut(&M, u64) -> Result<Tensor<1>>,
    ) -> Result<Update> {
        let mut total = 0.0;
        let mut grads = Grads::default();
        for micro in 0..self.accumulate {
            let value = loss(module, micro)?;
            total += scalar("loss", value.clone())?;
            let mut gradients = value.backward();
            grads.add(Grads::take(module, &mut gradients)?)?;
        }
        let loss = total / self.accumulate as f64;
        if self.accumulate > 1 {
            grads.scale(1.0 / self.accumulate as f64)?;
        }
        let grad_norm = grads.norm();
        check_finite("gradient norm", grad_norm)?;
        if self.clip_norm > 0.0 && grad_norm > self.clip_norm {
            grads.scale(self.clip_norm / grad_norm)?;
        }
        *module = self.adamw.step(module.clone(), &grads)?;
        Ok(Update { loss, grad_norm })
    }

    /// The moments.
    ///
    /// # Errors
    /// See [`AdamW::save`].
    pub fn save(&self) -> Result<Tensors> {
        self.adamw.save()
    }

    /// Replaces the moments.
    ///
    /// # Errors
    /// See [`AdamW::load`].
    pub fn load(&mut self, tensors: &Tensors) -> Result<()> {
        self.adamw.load(tensors)
    }
}

/// The number in a one-element tensor, which must be finite.
///
/// # Errors
/// [`NnError::NotFinite`], [`NnError::Readback`], [`NnError::Size`].
pub fn scalar(what: &str, tensor: Tensor<1>) -> Result<f64> {
    let data = read(what, tensor.inner())?;
    if data.num_elements() != 1 {
        let (got, expected) = (format!("{} numbers", data.num_elements()), "1".to_owned());
        return Err(NnError::Size { what: what.into(), got, expected }.into());
    }
    let value = data.iter::<f64>().next().unwrap_or(f64::NAN);
    check_finite(what, value)?;
    Ok(value)
}

fn check_finite(what: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    Err(NnError::NotFinite { what: what.into(), value }.into())
}

#[cfg(test)]
mod tests;
