//! __Title__: names the label of a row from one view.
//!
//! A linear map of the standardised view gives one logit a class; training minimises the softmax
//! cross-entropy. The question behind it: *does the view name the label better than always saying
//! the commonest one?* This is the working example of a new method: replace it piece by piece.
//!
//! | file | idea |
//! |---|---|
//! | [`config`] | settings |
//! | [`input`] | rows of a data set, and which of them learn, choose and judge |
//! | [`model`], [`loss`], [`train`] | parameters, what they minimise, the loop |
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
pub mod loss;
pub mod model;
pub mod report;
pub mod reproduce;
pub mod train;

#[cfg(test)]
mod tests;

pub use config::__Camel__Config;
pub use error::__Camel__Error;

use std::path::Path;

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::golden::GoldenCase;
use suffit_core::method::{
    Accepts, Applied, Cost, MethodCard, Outcome, ReproduceRequest, Reproduction, Sink, TableCard,
};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Run, Verdict};

/// __Title__ as a [`Method`]: each verb is one line that says where it is done.
pub struct __Camel__;

impl Method for __Camel__ {
    const SLUG: &'static str = "__slug__";
    type Config = __Camel__Config;

    fn card() -> MethodCard {
        MethodCard {
            slug: Self::SLUG,
            title: "__Title__",
            purpose: "names the label of a row from one view, and says whether the view is enough for that",
            family: "diagnose",
            paper: "none: softmax regression, the working example of a new method",
            verbs: &["fit", "apply", "audit", "report", "reproduce"],
            example: "suffit fit __slug__ --data digits.parquet",
        }
    }

    fn accepts() -> Accepts {
        Accepts {
            kinds: vec![Kind::Table, Kind::Tuples],
            required: vec!["view:NAME", "label"],
            optional: vec!["id", "group", "split"],
        }
    }

    fn validate(config: &Self::Config, data: &Dataset, ctx: &Ctx) -> Result<()> {
        input::Labelled::read(config, data, ctx.seed).map(drop)
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
