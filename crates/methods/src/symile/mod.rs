//! Symile: contrastive learning for two or more views through total correlation.
//!
//! One encoder per view maps a row to `r^m ∈ R^d`; whole tuples are scored by the multilinear inner
//! product `τ Σ_k Π_m r^m_k` and held against tuples of shuffled views. The score bounds the total
//! correlation, which holds what pairs share *and* what only all views together share; the
//! product of any subset's representations is a query for the missing view.
//!
//! Specification: `symile.md`. Paper: Saporta, Puli, Goldstein, Ranganath, "Contrasting with Symile:
//! Simple Model-Agnostic Representation Learning for Unlimited Modalities" (arXiv 2411.01053).
//!
//! | file | idea |
//! |---|---|
//! | [`config`] | settings |
//! | [`input`], [`prepare`] | rows of a data set to encoder inputs |
//! | [`model`], [`loss`], [`sample`], [`train`] | parameters, who is held against whom, the loop |
//! | [`fit`], [`artifact`] | the whole of a fit; a fitted model at rest |
//! | [`score`], [`reps`], [`retrieve`] | scores, the bank, any-subset search, priors |
//! | [`evaluate`], [`ledger`], [`audit`] | held-out results, information, "is it enough?" |
//! | [`apply`], [`report`], [`golden`], [`digits`], [`method`] | the verbs |

pub mod apply;
pub mod artifact;
pub mod audit;
pub mod config;
mod cost;
pub mod digits;
pub mod error;
pub mod evaluate;
pub mod fit;
pub mod golden;
pub mod input;
pub mod ledger;
pub mod loss;
pub mod method;
pub mod model;
pub mod prepare;
pub mod report;
pub mod reproduce;
pub mod reps;
pub mod retrieve;
pub mod sample;
pub mod score;
pub mod temperature;
pub mod train;

#[cfg(test)]
mod tests;

pub use config::SymileConfig;
pub use error::SymileError;
pub use method::Symile;
