//! Tests of `Y ⟂ X | Z`.
//!
//! | test | sees | where |
//! |---|---|---|
//! | PCM | any difference of `E[Y \| X, Z]` from `E[Y \| Z]` | [`pcm`] |
//! | PCM on coordinates or ball indicators | any difference of the law of an object | [`vector_pcm`] |
//! | GCM | `E[cov(Y, X \| Z)]`, column by column; blind to interactions | [`gcm`] |
//! | KCI | any dependence, small n and few columns | [`kci`] |
//!
//! PCM decides; the others are second opinions. Spec: `fccov.md`, section 5(c) and (d).

mod gcm;
mod halves;
mod kci;
mod pcm;
mod regress;
mod vector;

pub use gcm::{Gcm, gcm, gcm_residuals};
pub use kci::{Kci, kci, kci_grams};
pub(crate) use pcm::beside;
pub use pcm::{PcmSplit, pcm, pcm_split};
pub use regress::{Ols, Regression, Smoother};
pub use vector::{ball_targets, vector_pcm};

use serde::{Deserialize, Serialize};

/// Outcome of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Name: `pcm`, `pcm_balls`, `gcm`, ...
    pub name: String,
    /// The statistic (the mean over splits).
    pub statistic: f64,
    /// Statistic of every split; empty for tests without.
    pub splits: Vec<f64>,
    /// p-value.
    pub p: f64,
    /// Rows used.
    pub rows: usize,
}
