//! The audit: does a representation Z keep what X knows about Y?
//!
//! Any representation from anywhere: a vendor's embedding, a PCA, a learned code, the output of one
//! of our runs. Three risks are compared — of a constant, of a probe that reads Z, of the same probe
//! with X stacked on top — and a conditional independence test asks whether X still says anything
//! about Y once Z is known. The statistics are `suffit_stats::audit`; here are columns, words, and
//! the report.
//!
//! Specification: `fccov.md`, section 5.
//!
//! | file | idea |
//! |---|---|
//! | [`config`] | settings |
//! | [`input`] | columns of a data set to matrices and a response |
//! | [`cost`] | what it will take, told before it starts |
//! | [`ask()`] | the statistics with progress and cancel |
//! | [`dependence`] | measures of dependence with their tests |
//! | [`record`] | `audit.json`: numbers, names, verdicts |
//! | [`verdict`] | an evidence to an answer in words |
//! | [`report`] | the page |
//! | [`method`] | the verbs |

pub mod ask;
pub mod config;
pub mod cost;
pub mod dependence;
pub mod error;
pub mod input;
pub mod method;
pub mod record;
pub mod report;
pub mod verdict;

#[cfg(test)]
mod tests;

pub use ask::{ask, keep, lost};
pub use config::AuditConfig;
pub use error::AuditError;
pub use method::{Audit, TARGET, X};
pub use record::AuditRecord;
