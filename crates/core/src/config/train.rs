//! Configuration of the training loop, shared by all methods.

use serde::{Deserialize, Serialize};

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
