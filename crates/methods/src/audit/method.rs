//! The audit behind the verbs of the command line.

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::golden::{GoldenCase, GoldenError};
use suffit_core::method::{Accepts, Cost, MethodCard, Outcome};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Role, Run, Verdict};

use super::config::AuditConfig;
use super::cost;
use super::input::{Rows, representation};
use super::report;

/// View of all that is known.
pub const X: &str = "x";

/// View of the target.
pub const TARGET: &str = "y";

/// The audit as a [`Method`].
pub struct Audit;

impl Method for Audit {
    const SLUG: &'static str = "audit";
    type Config = AuditConfig;

    fn card() -> MethodCard {
        MethodCard {
            slug: Self::SLUG,
            title: "Audit: does a representation keep what the data know?",
            purpose: "whether z keeps what x tells about y: share kept, test, what was lost, how many rows decide",
            family: "diagnose",
            paper: "Yuan, Wang, Yu: Fréchet Cumulative Covariance Net (arXiv 2502.15374); Lundborg, Kim, Shah, Samworth: The projected covariance measure (arXiv 2211.02039)",
            verbs: &["audit", "report"],
            example: "suffit audit --data patients.parquet --x raw_* --z emb_* --y outcome",
        }
    }

    fn accepts() -> Accepts {
        Accepts {
            kinds: vec![Kind::Tuples, Kind::Table],
            required: vec!["view:x", "view:z:NAME (one or more)", "view:y or label"],
            optional: vec!["view:w", "group", "time", "id"],
        }
    }

    fn validate(config: &AuditConfig, data: &Dataset, ctx: &Ctx) -> Result<()> {
        Rows::read(data, config, ctx).map(|_| ())
    }

    fn estimate(config: &AuditConfig, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
        let schema = data.source.schema();
        let width = |columns: &[String]| -> usize {
            let one = |c: &String| match schema.field_with_name(c).map(|f| f.data_type().clone()) {
                Ok(arrow_schema::DataType::FixedSizeList(_, n)) => usize::try_from(n).unwrap_or(1),
                _ => 1,
            };
            columns.iter().map(one).sum()
        };
        let rows = data.source.rows().unwrap_or(0);
        let x = width(data.roles.get(&Role::View(X.to_owned())));
        let views: Vec<&str> = data.roles.views();
        let z: Vec<usize> = views
            .iter()
            .filter(|v| representation(v).is_some())
            .map(|v| width(data.roles.get(&Role::View((*v).to_owned()))))
            .collect();
        Ok(cost::cost(config, rows, x, &z, ctx))
    }

    fn fit(_: &AuditConfig, _: &Dataset, _: &Run, _: &Ctx) -> Result<Outcome> {
        let reason = "it learns nothing to apply: ask with `suffit audit`";
        Err(CommonError::Unsupported { method: Self::SLUG, verb: "fit", reason }.into())
    }

    fn audit(run: Option<&Run>, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
        let mut config = match run {
            Some(run) => run.config()?,
            None => AuditConfig::default(),
        };
        if let Value::Object(options) = options {
            let mut value = serde_json::to_value(&config).map_err(|e| CommonError::bug(format!("settings: {e}")))?;
            suffit_core::config::layer(&mut value, &Value::Object(options.clone()));
            config = suffit_core::config::from_value(&value)?;
        }
        Ok(super::ask(&config, data, ctx)?.verdict)
    }

    fn report(run: &Run) -> Result<Value> {
        let document = report::document(run)?;
        Ok(serde_json::to_value(&document).map_err(|e| CommonError::bug(format!("the report document: {e}")))?)
    }

    fn golden(stem: &str, _: &Value, _: &std::path::Path) -> Result<Vec<GoldenCase>> {
        // the vectors of the audit's statistics are checked with those of `fccov`
        Err(GoldenError::UnknownStem { stem: stem.to_owned(), known: Vec::new() }.into())
    }
}
