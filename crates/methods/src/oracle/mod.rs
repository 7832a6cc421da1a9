//! Licensing Oracle: only what a curated graph licenses may be said.
//!
//! The engine is `suffit-rdf`; this folder is the method as a person meets it: opening a graph,
//! deciding files of claims, explaining, linting, evaluating against labels.
//!
//! | file | what it holds |
//! |---|---|
//! | `method.rs` | the card, the verbs and their arguments |
//! | `graph.rs` | a built folder or files, opened |
//! | `build.rs`, `check.rs`, `explain.rs`, `lint.rs`, `eval.rs`, `shapes.rs` | one verb each |
//! | `report.rs` | an evaluation as a page |
//! | `golden.rs` | vectors of the independent reference |
//!
//! Paper: Emanuilov, Ackermann, arXiv 2511.06073. The decision procedure is ours: the paper's own
//! code checks only whether a triple is in the graph.

mod arguments;
mod build;
mod check;
mod error;
mod eval;
mod explain;
mod golden;
mod graph;
mod lint;
mod method;
mod report;
mod shapes;

#[cfg(test)]
mod tests;

pub use error::OracleError;
pub use method::Oracle;
