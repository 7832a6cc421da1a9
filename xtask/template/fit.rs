//! From rows to a fitted model, its judgement and its card.

use suffit_core::card::{CardDataset, CardMetric, ModelCard};
use suffit_core::method::{Cost, Outcome, ResultRow};
use suffit_core::{Ctx, Dataset, Method, Result, Run};
use suffit_data::split::Part;
use suffit_nn::layer::Standardiser;
use suffit_nn::train::{self, Fitted, Monitor};

use super::__Camel__;
use super::artifact::{Artifact, Spec, commonest};
use super::audit::{HeldOut, Judgement, judge};
use super::config::__Camel__Config;
use super::input::{Labelled, view_name, width};
use super::train::Trainer;

/// What the report reads.
pub const JUDGEMENT: &str = "judgement.json";

/// Trains on the training part, stops on the validation part, judges on the test part.
///
/// # Errors
/// Those of [`Labelled::read`]; interruption, divergence, I/O.
pub fn fit(config: &__Camel__Config, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
    let rows = Labelled::read(config, data, ctx.seed)?;
    let missing = (0..rows.view.rows).filter(|&r| !rows.usable(r)).count();
    if missing > 0 {
        ctx.note(format!("{missing} rows without view or label are left out"));
    }
    let (model, fitted) = learn(config, &rows, Some(run), ctx)?;
    ctx.check_cancel("the judgement")?;
    model.save(run, config)?;
    let judgement = on_test(&model, &rows, config, ctx)?;
    run.write_json(JUDGEMENT, &judgement)?;
    let metrics = run.metrics()?;
    // What a killed process logged after training is logged again.
    metrics.truncate(fitted.history.len() as u64, fitted.steps)?;
    metrics.log(fitted.steps, "test", "accuracy", judgement.accuracy)?;
    metrics.log(fitted.steps, "test", "commonest", judgement.commonest)?;
    metrics.sync()?;
    run.write_text("README.md", &card(&judgement, &model, data, run, ctx)?.markdown())?;
    Ok(outcome(judgement, &model.spec, run))
}

/// Trains; with a run, resumes from its newest checkpoint.
///
/// # Errors
/// Interruption, divergence, I/O.
pub fn learn(config: &__Camel__Config, rows: &Labelled, run: Option<&Run>, ctx: &Ctx) -> Result<(Artifact, Fitted)> {
    let learning = rows.rows(Part::Train);
    let standardiser = Standardiser::fit(&rows.view.select(&learning).data, rows.view.cols, None)?;
    if let Some(warning) = standardiser.warning(&rows.view.name, Some(&rows.view.names)) {
        ctx.warn(warning);
    }
    let mut trainer = Trainer::new(config, rows, &standardiser, ctx)?;
    let fitted = train::fit(&mut trainer, &config.train, Monitor::min("loss"), run, ctx)?;
    let spec = Spec {
        model_type: __Camel__::SLUG.to_owned(),
        library_name: "suffit".to_owned(),
        view: rows.view.name.clone(),
        columns: rows.view.cols,
        classes: rows.labels.names.clone(),
        commonest: commonest(rows, &learning),
        fitted_on: rows.digest(),
    };
    Ok((Artifact { spec, standardiser, model: trainer.into_model() }, fitted))
}

/// The judgement on the test part.
///
/// # Errors
/// Statistics that cannot be computed.
pub fn on_test(model: &Artifact, rows: &Labelled, config: &__Camel__Config, ctx: &Ctx) -> Result<Judgement> {
    let test = rows.rows(Part::Test);
    let truth: Vec<usize> = test.iter().filter_map(|&r| rows.class(r)).collect();
    let held_out = HeldOut { x: &rows.view.select(&test).data, truth: &truth, what: "the test part", unseen: true };
    judge(model, &held_out, config.tolerance, ctx.seed.child("audit", &[]), ctx)
}

fn outcome(judgement: Judgement, spec: &Spec, run: &Run) -> Outcome {
    let row = ResultRow {
        name: format!("label from {}", spec.view),
        value: judgement.accuracy,
        interval: Some(judgement.interval),
        baselines: vec![("commonest".to_owned(), judgement.commonest)],
    };
    Outcome {
        results: vec![row],
        heading: ("name the label".to_owned(), "accuracy".to_owned()),
        sentence: judgement.verdict.sentence.clone(),
        verdict: Some(judgement.verdict),
        next: format!("suffit apply {} DATA --out named.parquet", run.info().id),
    }
}

fn card(judgement: &Judgement, model: &Artifact, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<ModelCard> {
    let about = __Camel__::card();
    let rows = data.source.rows().unwrap_or(0);
    let files = data.source.files()?;
    let datasets = files.into_iter().map(|file| CardDataset {
        name: file.path.file_name().map_or_else(|| data.name.clone(), |n| n.to_string_lossy().into_owned()),
        digest: file.digest,
        rows,
    });
    Ok(ModelCard {
        title: format!("{} on {}", about.title, data.name),
        method: about.slug.to_owned(),
        version: run.info().version.clone(),
        tags: vec!["classification".to_owned()],
        license: None,
        summary: format!("Names one of {} labels from the view `{}`.", model.spec.classes.len(), model.spec.view),
        paper: about.paper.to_owned(),
        datasets: datasets.collect(),
        metrics: vec![CardMetric {
            name: "accuracy".to_owned(),
            data: format!("{}, test part", data.name),
            value: judgement.accuracy,
            interval: Some(judgement.interval),
            baselines: vec![("commonest label".to_owned(), judgement.commonest)],
        }],
        verdict: Some(judgement.verdict.sentence.clone()),
        limits: vec!["The probabilities are those of the model; nothing calibrates them.".to_owned()],
        usage: "suffit apply RUN DATA --out named.parquet".to_owned(),
        recreate: format!("suffit fit {} --data DATA --seed {}", about.slug, ctx.seed.value()),
        seed: ctx.seed.value(),
    })
}

/// What a fit costs at most, from sizes alone.
///
/// # Errors
/// No view; a number of rows that cannot be counted.
pub fn estimate(config: &__Camel__Config, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
    let view = view_name(&config.view, data)?;
    let rows = match data.source.rows() {
        Some(rows) => rows,
        None => suffit_data::ids(data)?.len() as u64,
    };
    let columns = width(data, &view) as u64;
    let per_epoch = rows.div_ceil(config.train.batch_size.max(1) as u64).max(1);
    let steps = per_epoch.saturating_mul(config.train.epochs);
    let values = rows * columns;
    Ok(Cost {
        // A step of a few rows is overhead; the rest is one pass over the values an epoch.
        seconds: steps as f64 * 5e-4 + config.train.epochs as f64 * values as f64 * 2e-9 / ctx.threads.max(1) as f64,
        memory_bytes: 50_000_000 + 12 * values,
        disk_bytes: 100_000 + 4 * 64 * columns * (config.train.keep_checkpoints as u64 + 2),
        steps,
    })
}
