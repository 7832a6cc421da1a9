//! Symile behind the verbs of the command line.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use suffit_core::card::{CardDataset, CardMetric, ModelCard};
use suffit_core::golden::GoldenCase;
use suffit_core::method::{
    Accepts, Applied, Cost, MethodCard, Outcome, ReproduceRequest, Reproduction, ResultRow, Sink, TableCard,
};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Run, Verdict};

use super::artifact::Artifact;
use super::audit::{Audit, Question, TOLERANCE, audit, fresh_parts};
use super::config::{Sampling, SymileConfig};
use super::error::SymileError;
use super::evaluate::Evaluation;
use super::fit::{Fit, Parts, check, divide, fit_tuples};
use super::input::{Content, Tuples};
use super::ledger::Ledger;
use super::report::{self, AUDIT, EVALUATION};

/// Which rows a fit used for what, so that an audit of the same data knows them again.
const PARTS: &str = "parts.json";

/// Symile as a [`Method`].
pub struct Symile;

#[derive(Serialize, Deserialize)]
struct PartsFile {
    /// Digest of the rows: values, presence and identifiers.
    digest: String,
    parts: Parts,
}

impl Method for Symile {
    const SLUG: &'static str = "symile";
    type Config = SymileConfig;

    fn card() -> MethodCard {
        MethodCard {
            slug: Self::SLUG,
            title: "Symile: contrastive learning for any number of views",
            purpose: "representations of aligned views, search of one view from any others, and how much they share",
            family: "perceive",
            paper: "Saporta, Puli, Goldstein, Ranganath: Contrasting with Symile (arXiv 2411.01053)",
            verbs: &["fit", "apply", "audit", "report", "reproduce"],
            example: "suffit fit symile --data digits.parquet",
        }
    }

    fn accepts() -> Accepts {
        Accepts {
            kinds: vec![Kind::Tuples, Kind::Table],
            required: vec!["view:NAME (two or more)"],
            optional: vec!["present:NAME", "label", "group", "id", "split"],
        }
    }

    fn validate(config: &SymileConfig, data: &Dataset, ctx: &Ctx) -> Result<()> {
        let tuples = Tuples::read(data, ctx)?;
        // What is unusual is said once, by `fit`.
        check(config, &tuples, &Ctx { progress: std::sync::Arc::new(suffit_core::Silent), ..ctx.clone() })?;
        let quiet = Ctx { progress: std::sync::Arc::new(suffit_core::Silent), ..ctx.clone() };
        let parts = divide(config, data, &tuples, &quiet)?;
        super::prepare::Preprocessing::fit(&tuples.select(&parts.train), config.standardise, &quiet)?;
        Ok(())
    }

    fn estimate(config: &SymileConfig, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
        super::cost::estimate(config, data, ctx)
    }

    fn fit(config: &SymileConfig, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
        let tuples = Tuples::read(data, ctx)?;
        check(config, &tuples, ctx)?;
        let parts = divide(config, data, &tuples, ctx)?;
        let fit = fit_tuples(config, tuples, parts, Some(run), None, ctx)?;
        let events = fit.trained.events;
        let (evaluation, audit) = finish_fit(config, &fit, data, run, events, ctx)?;
        if let Some(advice) = advice(config, evaluation.ledger.as_ref()) {
            ctx.warn(advice);
        }
        Ok(outcome(&evaluation, audit.as_ref(), &fit, run))
    }

    fn apply(run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
        super::apply::apply(run, data, options, sink, ctx)
    }

    fn audit(run: Option<&Run>, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
        let Some(run) = run else {
            let reason = "it judges a fitted model: give a run";
            return Err(suffit_core::error::CommonError::Unsupported {
                method: Self::SLUG,
                verb: "audit without a run",
                reason,
            }
            .into());
        };
        Ok(audit_run(run, data, options, ctx)?.verdict)
    }

    fn report(run: &Run) -> Result<Value> {
        let document = report::document(run)?;
        Ok(serde_json::to_value(&document)
            .map_err(|e| suffit_core::error::CommonError::bug(format!("the report document: {e}")))?)
    }

    fn tables() -> Vec<TableCard> {
        super::reproduce::tables()
    }

    fn reproduce(request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
        super::reproduce::reproduce(request, ctx)
    }

    fn golden(stem: &str, case: &Value, _: &std::path::Path) -> Result<Vec<GoldenCase>> {
        super::golden::check(stem, case)
    }
}

/// Evaluates a fit, audits it where there is a label, and writes model, results and card.
///
/// `events` is the number of events that training wrote: what a killed end of fit left after them
/// is dropped first, so that a resumed run has the same metrics as an uninterrupted one.
///
/// # Errors
/// I/O, interruption, statistics that cannot be computed.
pub fn finish_fit(
    config: &SymileConfig,
    fit: &Fit,
    data: &Dataset,
    run: &Run,
    events: u64,
    ctx: &Ctx,
) -> Result<(Evaluation, Option<Audit>)> {
    let text =
        serde_json::to_vec(config).map_err(|e| suffit_core::error::CommonError::bug(format!("settings: {e}")))?;
    fit.artifact.save(run, "", &suffit_core::files::digest_bytes(&text))?;
    run.write_json(PARTS, &PartsFile { digest: digest(&fit.prepared), parts: fit.parts.clone() })?;
    let evaluation = fit.evaluate(config, ctx)?;
    run.write_json(EVALUATION, &evaluation)?;
    let audit = label_audit(fit, ctx)?;
    if let Some(audit) = &audit {
        run.write_json(AUDIT, audit)?;
    }
    let metrics = run.metrics()?;
    let step = fit.trained.fitted.steps;
    metrics.truncate(events, step)?;
    for cell in &evaluation.cells {
        metrics.log(step, &evaluation.part, &format!("top1/{}|{}", cell.target, cell.given.join("+")), cell.top1)?;
    }
    if let Some(ledger) = &evaluation.ledger {
        metrics.log(step, &evaluation.part, "total_correlation_bound", ledger.total.nats)?;
        metrics.log(step, &evaluation.part, "interaction_remainder", ledger.remainder.nats)?;
    }
    for probe in audit.iter().flat_map(|a| &a.probes) {
        metrics.log(step, &evaluation.part, &format!("probe/{}", probe.reads), probe.accuracy)?;
    }
    metrics.sync()?;
    run.write_text("README.md", &card(&evaluation, audit.as_ref(), data, run, ctx)?.markdown())?;
    Ok((evaluation, audit))
}

/// The audit at the end of a fit: the model's own target counts as missing.
fn label_audit(fit: &Fit, ctx: &Ctx) -> Result<Option<Audit>> {
    let Some(labels) = &fit.prepared.labels else {
        ctx.note("no label column: no audit (bind one with `--label COLUMN`)");
        return Ok(None);
    };
    if labels.classes() < 2 || labels.classes() > fit.parts.train.len() / 2 {
        ctx.note(format!(
            "no audit: `{}` has {} values, which is no label with several rows each",
            labels.column,
            labels.classes()
        ));
        return Ok(None);
    }
    let target = fit.artifact.view_index(&fit.artifact.search.target)?;
    match audit(question(fit, target, !fit.parts.test.is_empty(), ctx), ctx) {
        Ok(audit) => Ok(Some(audit)),
        Err(error)
            if error
                .downcast_ref::<SymileError>()
                .is_some_and(|e| matches!(e, SymileError::TooFewRows { .. } | SymileError::Statistic { .. })) =>
        {
            ctx.warn(format!("no audit: {error}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The question about a fit, with the usual margin.
pub fn question<'a>(fit: &'a Fit, target: usize, unseen: bool, ctx: &Ctx) -> Question<'a> {
    Question {
        artifact: &fit.artifact,
        prepared: &fit.prepared,
        reps: &fit.reps,
        parts: &fit.parts,
        target,
        tolerance: TOLERANCE,
        unseen,
        seed: ctx.seed,
    }
}

/// Audits a run on data: the rows that its fit held out if the data are the same, else all rows,
/// divided anew for the probes.
///
/// Options: `target` (the view that counts as missing), `tolerance`.
///
/// # Errors
/// Options that do not exist, data that do not fit the model, too few rows.
pub fn audit_run(run: &Run, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Audit> {
    let artifact = Artifact::load(run, "", ctx)?;
    let mut tuples = Tuples::read(data, ctx)?;
    let (mut target, mut tolerance) = (artifact.search.target.clone(), TOLERANCE);
    let bad =
        |key: &str, got: String| SymileError::Option { key: key.to_owned(), got, known: vec!["target", "tolerance"] };
    for (key, value) in options.as_object().into_iter().flatten() {
        match key.as_str() {
            "target" => target = value.as_str().ok_or_else(|| bad(key, format!("{value} is no text")))?.to_owned(),
            "tolerance" => {
                let number = value.as_f64().or_else(|| value.as_str().and_then(|t| t.parse().ok()));
                tolerance = number
                    .filter(|t| (0.0..1.0).contains(t))
                    .ok_or_else(|| bad(key, format!("{value} is no share from 0 to 1")))?;
            }
            _ => return Err(bad(key, "there is no such option".into()).into()),
        }
    }
    let reps = artifact.represent(&tuples, ctx)?;
    tuples.views = artifact.ordered(&tuples)?;
    artifact.preprocessing.apply_all(&mut tuples, &artifact.spec)?;
    let file: PartsFile = run.read_json(PARTS)?;
    let (parts, unseen) = if file.digest == digest(&tuples) {
        let held_out = !file.parts.test.is_empty();
        (file.parts, held_out)
    } else {
        ctx.note(format!(
            "`{}` is not what the run was fitted on: all its rows are new, and probes learn from a part of them",
            data.name
        ));
        (fresh_parts(&tuples, ctx.seed)?, true)
    };
    let target = artifact.view_index(&target)?;
    audit(
        Question {
            artifact: &artifact,
            prepared: &tuples,
            reps: &reps,
            parts: &parts,
            target,
            tolerance,
            unseen,
            seed: ctx.seed,
        },
        ctx,
    )
}

/// BLAKE3 over identifiers, presence and values of all rows.
fn digest(tuples: &Tuples) -> String {
    let mut hash = blake3::Hasher::new();
    let mut text = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for id in &tuples.ids {
        text(id.as_bytes());
    }
    for view in &tuples.views {
        text(view.name.as_bytes());
        text(&view.present.iter().map(|p| u8::from(*p)).collect::<Vec<u8>>());
        match &view.content {
            Content::Dense { data, .. } => {
                text(&data.iter().flat_map(|x| x.to_bits().to_le_bytes()).collect::<Vec<u8>>())
            }
            Content::Tokens { rows } => {
                rows.iter().for_each(|row| text(&row.iter().flat_map(|t| t.to_le_bytes()).collect::<Vec<u8>>()))
            }
        }
    }
    hash.finalize().to_hex().to_string()
}

/// What to try when shuffled tuples teach nothing more: the loss is near zero long before single
/// views can be found, because a wrong tuple is wrong in every view at once.
fn advice(config: &SymileConfig, ledger: Option<&Ledger>) -> Option<String> {
    let spent = config.sampling == Sampling::N && ledger.is_some_and(|l| l.total.ceiling_reached);
    spent.then(|| "shuffled tuples are told apart almost without error (the bound stands at its ceiling): to find single views better, try `--set sampling=pair:128 --set encoder.dropout=0.5`".to_owned())
}

fn outcome(evaluation: &Evaluation, audit: Option<&Audit>, fit: &Fit, run: &Run) -> Outcome {
    let names = report::view_order(&evaluation.cells);
    let mut results: Vec<ResultRow> = names
        .iter()
        .filter_map(|view| evaluation.full_cell(view))
        .map(|cell| ResultRow {
            name: format!("find {} from {}", cell.target, cell.given.join(" + ")),
            value: cell.top1,
            interval: Some((cell.low, cell.high)),
            baselines: vec![("chance".into(), cell.chance)],
        })
        .collect();
    if let Some((audit, product)) = audit.and_then(|a| a.probes.first().map(|p| (a, p))) {
        let raw = audit.probes.last().map_or(f64::NAN, |p| p.accuracy);
        results.push(ResultRow {
            name: format!("name the label from the {}", product.reads),
            value: product.accuracy,
            interval: Some((product.low, product.high)),
            baselines: vec![("chance".into(), audit.majority), ("raw views".into(), raw)],
        });
    }
    let verdict = audit.map(|a| a.verdict.clone());
    let ledger = evaluation.ledger.as_ref().map(|l| l.sentence.clone());
    let sentence = verdict
        .as_ref()
        .map(|v| v.sentence.clone())
        .or(ledger)
        .unwrap_or_else(|| format!("best validation loss {:.3}", fit.trained.fitted.best_value));
    Outcome {
        results,
        heading: (
            format!("{} {} rows", suffit_core::units::count(evaluation.rows as u64), evaluation.part),
            "top-1".into(),
        ),
        verdict,
        sentence,
        next: format!("suffit apply {} DATA --out reps.parquet", run.path().display()),
    }
}

fn card(evaluation: &Evaluation, audit: Option<&Audit>, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<ModelCard> {
    let part = format!("{}, {}", data.name, evaluation.part);
    let mut metrics: Vec<CardMetric> = report::view_order(&evaluation.cells)
        .iter()
        .filter_map(|view| evaluation.full_cell(view))
        .map(|cell| CardMetric {
            name: format!("top-1 of {} from {}", cell.target, cell.given.join(" + ")),
            data: part.clone(),
            value: cell.top1,
            interval: Some((cell.low, cell.high)),
            baselines: vec![("chance".into(), cell.chance)],
        })
        .collect();
    if let Some(ledger) = &evaluation.ledger {
        let (low, high) = (ledger.total.low, ledger.total.high);
        metrics.push(CardMetric {
            name: "total correlation, lower bound (nats)".into(),
            data: part,
            value: ledger.total.nats,
            interval: Some((low, high)),
            baselines: vec![],
        });
    }
    let rows = data.source.rows().unwrap_or(0);
    let datasets = data
        .source
        .files()?
        .into_iter()
        .map(|f| CardDataset {
            name: f.path.file_name().map_or_else(|| data.name.clone(), |n| n.to_string_lossy().into_owned()),
            digest: f.digest,
            rows,
        })
        .collect();
    let info = Symile::card();
    Ok(ModelCard {
        title: info.title.into(),
        method: info.slug.into(),
        version: run.info().version.clone(),
        tags: vec!["contrastive".into(), "multimodal".into(), "feature-extraction".into()],
        license: None,
        summary: format!(
            "Representations of the views {} of `{}`. {}",
            report::view_order(&evaluation.cells).join(", "),
            data.name,
            evaluation.ledger.as_ref().map_or("", |l| l.sentence.as_str())
        ),
        paper: info.paper.into(),
        datasets,
        metrics,
        verdict: audit.map(|a| a.verdict.sentence.clone()),
        limits: evaluation.notes.clone(),
        usage: "suffit apply RUN DATA --out reps.parquet".into(),
        recreate: run.info().argv.join(" "),
        seed: ctx.seed.value(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_given_only_where_shuffled_tuples_are_spent() {
        let bound = |ceiling_reached| super::super::ledger::Bound {
            nats: 1.0,
            low: 0.9,
            high: 1.1,
            ceiling: 1.2,
            ceiling_reached,
        };
        let ledger = |reached| Ledger {
            rows: 4,
            batch: 4,
            total: bound(reached),
            pairs: Vec::new(),
            tree: Vec::new(),
            tree_nats: 0.0,
            remainder: bound(reached),
            pairwise: suffit_core::Answer::Undecided,
            sentence: String::new(),
        };
        let shuffled = SymileConfig { sampling: Sampling::N, ..SymileConfig::default() };
        let pairs = SymileConfig { sampling: Sampling::Pair(8), ..SymileConfig::default() };
        assert!(advice(&shuffled, Some(&ledger(true))).is_some_and(|a| a.contains("sampling=pair:128")));
        assert_eq!(advice(&shuffled, Some(&ledger(false))), None);
        assert_eq!(advice(&pairs, Some(&ledger(true))), None);
        assert_eq!(advice(&shuffled, None), None);
    }
}
