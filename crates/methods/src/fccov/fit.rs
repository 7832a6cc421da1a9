//! From rows to a fitted model, its judgement and its card.

use suffit_core::card::{CardDataset, CardMetric, ModelCard};
use suffit_core::method::{Cost, Outcome, ResultRow};
use suffit_core::{Ctx, Dataset, Method, Result, Run};
use suffit_data::split::Part;
use suffit_nn::Place;
use suffit_nn::layer::{Init, Standardiser};
use suffit_nn::train::Fitted;
use suffit_stats::linalg::Matrix;
use suffit_stats::sdr::{KernelOptions, KernelSdr, Spectral};

use super::Fccov;
use super::artifact::{Artifact, Map, Spec, wide};
use super::audit::{Judgement, PERMUTATIONS, judge};
use super::config::{FccovConfig, Solver};
use super::error::FccovError;
use super::input::{Paired, view_name, width};
use super::model::{affine, fold, outputs};
use super::train::{KERNEL_ROWS, Kernel, Prepared, train};

/// What the report reads.
pub const JUDGEMENT: &str = "judgement.json";

/// A fitted model and how it was reached.
#[derive(Debug, Clone)]
pub struct Learnt {
    /// The model.
    pub artifact: Artifact,
    /// The training, for the network.
    pub fitted: Option<Fitted>,
    /// Best held-out covariance of every start.
    pub starts: Vec<f64>,
    /// Events that training wrote.
    pub events: u64,
}

/// Trains on the training part, stops on the validation part, judges on the test part.
///
/// # Errors
/// Those of [`Paired::read`]; interruption, divergence, I/O.
pub fn fit(config: &FccovConfig, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
    let rows = Paired::read(config, data, ctx.seed)?;
    ctx.note(format!(
        "y is read as {} ({}), distance {}",
        rows.bound.kind.name(),
        rows.bound.why,
        rows.bound.metric.name()
    ));
    let learnt = learn(config, &rows, Some(run), ctx)?;
    ctx.check_cancel("the judgement")?;
    learnt.artifact.save(run, config)?;
    let judgement = on_test(&learnt.artifact, &rows, ctx)?;
    run.write_json(JUDGEMENT, &judgement)?;
    let metrics = run.metrics()?;
    let steps = learnt.fitted.as_ref().map_or(0, |f| f.steps);
    // What a killed process logged after training is logged again.
    metrics.truncate(learnt.events, steps)?;
    metrics.log(steps, "test", "fccov_share", judgement.verdict.effect.value)?;
    metrics.log(steps, "test", "dcor", judgement.dcor)?;
    metrics.sync()?;
    run.write_text("README.md", &card(&judgement, &learnt.artifact, data, run, ctx)?.markdown())?;
    Ok(outcome(judgement, &learnt.artifact.spec, run))
}

/// Solves; with a run, the network resumes from its newest checkpoint.
///
/// # Errors
/// Interruption, divergence, I/O; [`FccovError::TooManyDims`].
pub fn learn(config: &FccovConfig, rows: &Paired, run: Option<&Run>, ctx: &Ctx) -> Result<Learnt> {
    let learning = rows.rows(Part::Train);
    let standardiser = Standardiser::fit(&rows.view.select(&learning).data, rows.view.cols, None)?;
    if let Some(warning) = standardiser.warning(&rows.view.name, Some(&rows.view.names)) {
        ctx.warn(warning);
    }
    let varying = rows.view.cols - standardiser.constant.len();
    if varying == 0 || (config.solver == Solver::Linear && config.dims > varying) {
        return Err(FccovError::TooManyDims { dims: config.dims, columns: varying }.into());
    }
    let data = Prepared::new(config, rows, &standardiser)?;
    let (place, init) = (Place::of(ctx), Init::new(ctx.seed, &Place::of(ctx)));
    let statistic = FccovError::of("the solution");
    let (map, eta, fitted, starts, events) = match config.solver {
        Solver::Linear => {
            let solved = coordinates(&data, &wide(&data.x, data.columns))?;
            let map = Map::Net(Box::new(affine(&solved, config.dims, &init)?));
            (map, solved.eta, None, Vec::new(), 0)
        }
        Solver::Kernel => {
            let (x, kernel) = whole(&data, &wide(&data.x, data.columns))?;
            let options = KernelOptions { seed: ctx.seed.value(), ..KernelOptions::default() };
            let solved = KernelSdr::fit(&x, &kernel, config.dims, &options).map_err(statistic)?;
            let eta = solved.eta.clone();
            (Map::Kernel(solved), eta, None, Vec::new(), 0)
        }
        Solver::Net => {
            let trained = train(config, &data, run, ctx)?;
            let solved = coordinates(&data, &outputs(&trained.model, &data.x, &place)?)?;
            let map = Map::Net(Box::new(fold(&trained.model, &solved, config.dims, &init)?));
            (map, solved.eta, Some(trained.fitted), trained.starts, trained.events)
        }
    };
    let spec = Spec {
        model_type: Fccov::SLUG.to_owned(),
        library_name: "suffit".to_owned(),
        view: rows.view.name.clone(),
        columns: rows.view.cols,
        solver: config.solver,
        hidden: config.widths(rows.view.cols),
        dims: config.dims,
        response: rows.bound.kind.name().to_owned(),
        metric: rows.bound.metric.name().to_owned(),
        objective: config.objective.name().to_owned(),
        eta,
        clip_x: config.clip_x,
        fitted_on: rows.digest(),
    };
    Ok(Learnt { artifact: Artifact { spec, standardiser, map }, fitted, starts, events })
}

/// Ridge of the eigen-coordinates, in mean variances: collinear features stay solvable.
const RIDGE: f64 = 1e-10;

/// Eigen-coordinates of features of the training rows.
fn coordinates(data: &Prepared, features: &Matrix) -> Result<Spectral> {
    let (features, kernel) = whole(data, features)?;
    Spectral::fit(&features, &kernel, RIDGE).map_err(FccovError::of("eigen-coordinates"))
}

/// Features with the whole kernel of their rows; above the limit of a whole kernel, evenly spaced rows.
fn whole(data: &Prepared, features: &Matrix) -> Result<(Matrix, Matrix)> {
    match &data.kernel {
        Kernel::Whole(kernel) => Ok((features.clone(), kernel.clone())),
        blocks @ Kernel::Blocks { .. } => {
            let step = data.rows().div_ceil(KERNEL_ROWS / 2);
            let rows: Vec<usize> = (0..data.rows()).step_by(step).collect();
            Ok((features.select(&rows), blocks.block(&rows)?))
        }
    }
}

/// The judgement on the test part.
///
/// # Errors
/// Statistics that cannot be computed.
pub fn on_test(model: &Artifact, rows: &Paired, ctx: &Ctx) -> Result<Judgement> {
    let z = model.represent(&rows.view.select(&rows.rows(Part::Test)).data, ctx)?;
    let (response, metric) = (rows.subset(Part::Test)?, rows.bound.metric);
    judge(model, &z, &response, metric, "the test part", true, PERMUTATIONS, ctx.seed.child("audit", &[]))
}

fn outcome(judgement: Judgement, spec: &Spec, run: &Run) -> Outcome {
    let effect = &judgement.verdict.effect;
    let row = ResultRow {
        name: format!("y from {} column(s) of z", spec.dims),
        value: effect.value,
        interval: Some((effect.low, effect.high)),
        baselines: vec![("chance".to_owned(), 0.0)],
    };
    Outcome {
        results: vec![row],
        heading: ("what z knows about y".to_owned(), "covariance, share of bound".to_owned()),
        sentence: judgement.verdict.sentence.clone(),
        verdict: Some(judgement.verdict),
        next: format!("suffit apply {} DATA --out z.parquet", run.info().id),
    }
}

fn card(judgement: &Judgement, model: &Artifact, data: &Dataset, run: &Run, ctx: &Ctx) -> Result<ModelCard> {
    let about = Fccov::card();
    let rows = data.source.rows().unwrap_or(0);
    let datasets = data.source.files()?.into_iter().map(|file| CardDataset {
        name: file.path.file_name().map_or_else(|| data.name.clone(), |n| n.to_string_lossy().into_owned()),
        digest: file.digest,
        rows,
    });
    let (spec, effect) = (&model.spec, &judgement.verdict.effect);
    Ok(ModelCard {
        title: format!("{} on {}", about.title, data.name),
        method: about.slug.to_owned(),
        version: run.info().version.clone(),
        tags: vec!["dimension-reduction".to_owned()],
        license: None,
        summary: format!(
            "Reduces the {} columns of the view `{}` to {} that keep what they know about a response of kind `{}` (distance `{}`).",
            spec.columns, spec.view, spec.dims, spec.response, spec.metric
        ),
        paper: about.paper.to_owned(),
        datasets: datasets.collect(),
        metrics: vec![CardMetric {
            name: effect.name.clone(),
            data: format!("{}, test part", data.name),
            value: effect.value,
            interval: Some((effect.low, effect.high)),
            baselines: vec![("chance".to_owned(), 0.0)],
        }],
        verdict: Some(judgement.verdict.sentence.clone()),
        limits: super::report::LIMITS.iter().map(ToString::to_string).collect(),
        usage: "suffit apply RUN DATA --out z.parquet".to_owned(),
        recreate: format!("suffit fit {} --data DATA --seed {}", about.slug, ctx.seed.value()),
        seed: ctx.seed.value(),
    })
}

/// What a fit costs at most, from sizes alone.
///
/// # Errors
/// No view; a number of rows that cannot be counted.
pub fn estimate(config: &FccovConfig, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
    let view = view_name(&config.view, data)?;
    let rows = match data.source.rows() {
        Some(rows) => rows,
        None => suffit_data::ids(data)?.len() as u64,
    };
    let columns = width(data, &view) as u64;
    let batch = config.train.batch_size.max(1) as u64;
    let net = config.solver == Solver::Net;
    let steps = if net { rows.div_ceil(batch).max(1) * config.train.epochs * config.restarts as u64 } else { 0 };
    let kernel = rows.min(KERNEL_ROWS as u64);
    let threads = ctx.threads.max(1) as f64;
    Ok(Cost {
        // The rank kernel takes n³/2 minima at about 10¹⁰ a second and thread; a step about 1 ms.
        seconds: (kernel as f64).powi(3) / 2e10 / threads + steps as f64 * 1e-3,
        memory_bytes: 50_000_000 + 12 * rows * columns + 24 * kernel * kernel,
        disk_bytes: 500_000 + 100 * columns * columns,
        steps,
    })
}
