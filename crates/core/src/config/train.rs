//! Configuration of the training loop, shared by all methods.

use serde::{Deserialize, Serialize};

use super::ConfigError;
use crate::error::Result;

/// How to train. Zero switches a feature off wherever a field says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Passes over the training rows, at most.
    #[schemars(range(min = 1))]
    pub epochs: u64,
    /// Rows per optimisation step; fewer when there are fewer rows.
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// Step size of the optimiser (AdamW).
    #[schemars(range(min = 0.0))]
    pub learning_rate: f64,
    /// Decoupled weight decay: each parameter shrinks by `learning_rate × weight_decay` a step.
    #[schemars(range(min = 0.0))]
    pub weight_decay: f64,
    /// Memory of the mean gradient.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub beta1: f64,
    /// Memory of the squared gradient.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub beta2: f64,
    /// Added to the root of the squared gradient.
    #[schemars(range(min = 0.0))]
    pub epsilon: f64,
    /// Evaluations without improvement after which training stops early; 0 = never.
    pub patience: u64,
    /// Steps between evaluations; 0 = once per epoch.
    pub eval_every: u64,
    /// Steps between checkpoints; 0 = by time only.
    pub checkpoint_every: u64,
    /// Seconds between checkpoints; 0 = by steps only.
    #[schemars(range(min = 0.0))]
    pub checkpoint_seconds: f64,
    /// Largest norm of the whole gradient; larger ones are scaled down to it; 0 = no limit.
    #[schemars(range(min = 0.0))]
    pub clip_norm: f64,
    /// Micro-batches whose gradients are added up to one step; 1 = none.
    #[schemars(range(min = 1))]
    pub accumulate: usize,
    /// Checkpoints kept beside the best one.
    #[schemars(range(min = 1))]
    pub keep_checkpoints: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        TrainConfig {
            epochs: 60,
            batch_size: 256,
            learning_rate: 1e-3,
            weight_decay: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            patience: 10,
            eval_every: 0,
            checkpoint_every: 0,
            checkpoint_seconds: 30.0,
            clip_norm: 0.0,
            accumulate: 1,
            keep_checkpoints: 2,
        }
    }
}

impl TrainConfig {
    /// Checks what the schema checks too, for values made in code, and the limits that a schema
    /// cannot say. Keys are named as under `train`, where every method keeps this struct.
    ///
    /// # Errors
    /// [`ConfigError::OutOfRange`].
    pub fn check(&self) -> Result<()> {
        let at_least_one = "a whole number of at least 1";
        positive("epochs", self.epochs, at_least_one)?;
        positive("batch_size", self.batch_size as u64, at_least_one)?;
        positive("accumulate", self.accumulate as u64, at_least_one)?;
        positive("keep_checkpoints", self.keep_checkpoints as u64, at_least_one)?;
        within("learning_rate", self.learning_rate, |x| x > 0.0, "a number above 0")?;
        within("weight_decay", self.weight_decay, |x| x >= 0.0, "a number of at least 0")?;
        within("beta1", self.beta1, |x| (0.0..1.0).contains(&x), "a number from 0 and below 1")?;
        within("beta2", self.beta2, |x| (0.0..1.0).contains(&x), "a number from 0 and below 1")?;
        within("epsilon", self.epsilon, |x| x > 0.0, "a number above 0")?;
        within("checkpoint_seconds", self.checkpoint_seconds, |x| x >= 0.0, "a number of at least 0")?;
        within("clip_norm", self.clip_norm, |x| x >= 0.0, "a number of at least 0")?;
        if self.accumulate > self.batch_size {
            let expected = format!("at most batch_size = {}, one row a micro-batch", self.batch_size);
            return Err(out_of_range("accumulate", self.accumulate.to_string(), &expected));
        }
        Ok(())
    }
}

fn positive(key: &str, value: u64, expected: &str) -> Result<()> {
    if value >= 1 { Ok(()) } else { Err(out_of_range(key, value.to_string(), expected)) }
}

fn within(key: &str, value: f64, ok: impl Fn(f64) -> bool, expected: &str) -> Result<()> {
    if value.is_finite() && ok(value) { Ok(()) } else { Err(out_of_range(key, value.to_string(), expected)) }
}

fn out_of_range(key: &str, got: String, expected: &str) -> crate::Error {
    ConfigError::OutOfRange { key: format!("train.{key}"), got, expected: expected.to_owned(), at: None }.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn defaults_pass_and_each_bad_value_is_named() {
        TrainConfig::default().check().unwrap();
        let message = |c: TrainConfig| c.check().unwrap_err().to_string();
        let base = TrainConfig::default;
        assert_eq!(
            message(TrainConfig { epochs: 0, ..base() }),
            "`train.epochs` is 0, expected a whole number of at least 1"
        );
        assert!(message(TrainConfig { learning_rate: 0.0, ..base() }).starts_with("`train.learning_rate` is 0"));
        assert!(message(TrainConfig { learning_rate: f64::NAN, ..base() }).starts_with("`train.learning_rate` is NaN"));
        assert!(message(TrainConfig { beta1: 1.0, ..base() }).starts_with("`train.beta1` is 1"));
        assert!(message(TrainConfig { epsilon: 0.0, ..base() }).starts_with("`train.epsilon` is 0"));
        assert!(message(TrainConfig { clip_norm: -1.0, ..base() }).starts_with("`train.clip_norm` is -1"));
        assert!(message(TrainConfig { accumulate: 9, batch_size: 8, ..base() }).starts_with("`train.accumulate` is 9"));
    }
}
