//! Learn representations and find out whether they are enough for the job.
//!
//! This crate is the façade: it re-exports the parts of the workspace under short names, and holds
//! the `suffit` binary. A program that embeds the product needs no other dependency.
//!
//! | module | what is in it |
//! |---|---|
//! | [`core`] | errors, context, seeds, configuration, runs, verdicts, the method contract |
//! | [`data`] | readers, writers, roles, splits, generators, bundled data |
//! | [`nn`] | layers, fused losses, the training loop |
//! | [`stats`] | intervals, tests, calibration, information, on plain slices |
//! | [`methods`] | the methods and their registry |
//! | [`report`] | the report document and its renderers |
//!
//! Everything a method offers goes through [`AnyMethod`], which speaks JSON and Arrow only:
//!
//! ```
//! use suffit::{Ctx, Kind, methods};
//!
//! let symile = methods::find("symile")?;
//! assert!(symile.accepts().kinds.contains(&Kind::Tuples));
//!
//! // data with its roles guessed, and what a fit would cost, before anything is written
//! let (digits, decisions) = suffit::data::open(&suffit::data::OpenRequest::path("bundled:digits"))?;
//! assert!(decisions.iter().any(|d| !d.given));
//! let ctx = Ctx::silent(7);
//! let cost = symile.estimate(&symile.default_config(), &digits, &ctx)?;
//! assert!(cost.steps > 0);
//! # Ok::<(), suffit::Error>(())
//! ```

pub use suffit_core as core;
pub use suffit_data as data;
pub use suffit_methods as methods;
pub use suffit_nn as nn;
pub use suffit_report as report;
pub use suffit_stats as stats;

pub use suffit_core::{
    Answer, AnyMethod, Ctx, Dataset, Error, Exit, Family, Kind, Method, Progress, Result, Role, Seed, Verdict,
};
