//! Fréchet cumulative covariance: a representation of x that keeps what x knows about any object y.
//!
//! `f` maximises `FCCov(f(X)|Y) − λ |Cov f(X) − I|²`, where
//! `FCCov(U|Y) = E |Cov(U, 1{d(Y,Y') ≤ d(Y',Y'')})|²` needs only a dissimilarity of Y (inferred: balls
//! with centre and boundary from the sample). Then `Y ⟂ X | f(X)` as far as conditional means of `f`
//! given Y show. The same engine has the kernels of sister methods (martingale difference divergence,
//! a Gaussian kernel, labels) and exact solvers beside the network.
//!
//! Specification: `fccov.md`. Paper: Yuan, Wang, Yu, "Fréchet Cumulative Covariance Net for Deep
//! Nonlinear Sufficient Dimension Reduction with Random Objects" (arXiv 2502.15374).
//!
//! | file | idea |
//! |---|---|
//! | [`config`] | settings |
//! | [`input`] | rows of a data set, the response, and which rows learn, choose and judge |
//! | [`objective`], [`model`], [`train`] | what is maximised, parameters, the loop |
//! | [`artifact`] | the fitted model at rest |
//! | [`fit`], [`apply`], [`audit`], [`report`], [`reproduce`], [`golden`] | the verbs |

pub mod apply;
pub mod artifact;
pub mod audit;
pub mod config;
pub mod error;
pub mod fit;
pub mod golden;
pub mod input;
pub mod model;
pub mod objective;
pub mod report;
pub mod reproduce;
pub mod train;

#[cfg(test)]
mod tests;

pub use config::FccovConfig;
pub use error::FccovError;

use std::path::Path;

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::golden::GoldenCase;
use suffit_core::method::{
    Accepts, Applied, Cost, MethodCard, Outcome, ReproduceRequest, Reproduction, Sink, TableCard,
};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Run, Verdict};

/// The Fréchet cumulative covariance net as a [`Method`]: each verb is one line that says where it is done.
pub struct Fccov;

impl Method for Fccov {
    const SLUG: &'static str = "fccov";
    type Config = FccovConfig;

    fn card() -> MethodCard {
        MethodCard {
            slug: Self::SLUG,
            title: "Fréchet cumulative covariance net",
            purpose: "reduces x to a few columns that keep what x knows about y, where y is anything with a distance",
            family: "summarise",
            paper: "Yuan, Wang, Yu 2025 (arXiv 2502.15374)",
            verbs: &["fit", "apply", "audit", "report", "reproduce"],
            example: "suffit fit fccov --data digits.parquet --label label",
        }
    }

    fn accepts() -> Accepts {
        Accepts {
            kinds: vec![Kind::Table, Kind::Tuples],
            required: vec!["view:NAME", "view:y or label"],
            optional: vec!["id", "group", "split"],
        }
    }

    fn validate(config: &Self::Config, data: &Dataset, ctx: &Ctx) -> Result<()> {
        input::Paired::read(config, data, ctx.seed).map(drop)
    }

    fn estimate(config: &Self::Config, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
        fit::estimate(config, data, ctx)
    }

    fn fit(config: &Self::Config, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
        fit::fit(config, data, run, ctx)
    }

    fn apply(run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
        apply::apply(run, data, options, sink, ctx)
    }

    fn audit(run: Option<&Run>, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
        let reason = "it judges a fitted model: give a run";
        let missing = || CommonError::Unsupported { method: Self::SLUG, verb: "audit without a run", reason };
        audit::audit(run.ok_or_else(missing)?, data, options, ctx)
    }

    fn report(run: &Run) -> Result<Value> {
        report::value(&report::document(run)?)
    }

    fn tables() -> Vec<TableCard> {
        reproduce::tables()
    }

    fn reproduce(request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
        reproduce::reproduce(request, ctx)
    }

    fn golden(stem: &str, case: &Value, _data: &Path) -> Result<Vec<GoldenCase>> {
        golden::check(stem, case)
    }
}
