//! From tuples to a fitted, calibrated model and its evaluation on held-out rows.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Dataset, Result, Run};
use suffit_data::split::{How, Part, Size, Split, SplitPlan};
use suffit_nn::Place;

use super::artifact::{Artifact, SearchSpec};
use super::config::{Objective, Prior, SplitBy, SymileConfig};
use super::error::SymileError;
use super::evaluate::{self, Evaluation};
use super::input::Tuples;
use super::loss::check_grid;
use super::model::{ModelSpec, ViewShape};
use super::prepare::{Preprocessing, encode};
use super::reps::{Bank, Reps};
use super::retrieve::LabelPrior;
use super::train::{Trained, Trainer};

/// Rows of each part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// How rows were divided, in words.
    pub how: String,
    /// Training rows.
    pub train: Vec<usize>,
    /// Rows used to stop and to choose; may be empty.
    pub validation: Vec<usize>,
    /// Rows that no choice saw; may be empty.
    pub test: Vec<usize>,
}

impl Parts {
    /// From the part of each row.
    pub fn of(split: &Split) -> Parts {
        Parts {
            how: split.how.clone(),
            train: split.rows(Part::Train),
            validation: split.rows(Part::Val),
            test: split.rows(Part::Test),
        }
    }

    /// The rows to report on, and whether they were used for choices: test, else validation, else
    /// training rows.
    pub fn reported(&self) -> (&[usize], &'static str) {
        if !self.test.is_empty() {
            (&self.test, "test")
        } else if !self.validation.is_empty() {
            (&self.validation, "validation")
        } else {
            (&self.train, "training")
        }
    }
}

/// Divides the rows of a data set as the settings ask.
///
/// # Errors
/// A column that is not bound; fractions that leave nothing; [`SymileError::EmptyPart`].
pub fn divide(config: &SymileConfig, data: &Dataset, tuples: &Tuples, ctx: &Ctx) -> Result<Parts> {
    let how = match config.split.by {
        SplitBy::Auto if tuples.parts.is_some() => How::Column,
        SplitBy::Auto if tuples.groups.is_some() => How::Grouped,
        SplitBy::Auto if tuples.labels.as_ref().is_some_and(|l| l.classes() > 1) => How::Stratified,
        SplitBy::Auto | SplitBy::Random => How::Random,
        SplitBy::Column => How::Column,
        SplitBy::Group => How::Grouped,
        SplitBy::Label => How::Stratified,
    };
    let plan = SplitPlan {
        how,
        val: Size::Fraction(config.split.val_fraction),
        test: Size::Fraction(config.split.test_fraction),
    };
    let parts = Parts::of(&suffit_data::split::split(data, &plan, ctx.seed)?);
    if parts.train.is_empty() {
        return Err(SymileError::EmptyPart { part: "training", data: data.name.clone(), rows: tuples.rows }.into());
    }
    if parts.validation.is_empty() {
        ctx.warn("there are no validation rows: training stops and chooses on its own loss");
    }
    if parts.test.is_empty() {
        ctx.warn("there are no test rows: results are measured on rows that choices have seen");
    }
    Ok(parts)
}

/// Checks settings against tuples before anything is trained, and says what is unusual.
///
/// # Errors
/// [`SymileError::EmptyRow`], [`SymileError::GridTooLarge`], [`SymileError::UnknownView`],
/// [`SymileError::EncoderKind`], [`SymileError::PriorNeedsLabels`].
pub fn check(config: &SymileConfig, tuples: &Tuples, ctx: &Ctx) -> Result<()> {
    if !config.allow_empty {
        tuples.refuse_empty_rows()?;
    }
    let batch = config.train.batch_size.min(tuples.rows);
    check_grid(config.objective, config.sampling, tuples.views.len(), batch)?;
    let shapes: Vec<(String, ViewShape, bool)> =
        tuples.views.iter().map(|v| (v.name.clone(), v.shape(), false)).collect();
    ModelSpec::new(config, &shapes, &tuples.name)?;
    let known: Vec<String> = tuples.views.iter().map(|v| v.name.clone()).collect();
    if !config.target.is_empty() && !known.contains(&config.target) {
        let place = format!("in `{}` (`target`)", tuples.name);
        return Err(SymileError::UnknownView { view: config.target.clone(), place, known }.into());
    }
    if config.prior != Prior::Uniform && tuples.labels.is_none() {
        let prior = String::from(config.prior.clone());
        return Err(SymileError::PriorNeedsLabels { prior, data: tuples.name.clone() }.into());
    }
    if batch == 1 {
        ctx.warn("batches of one row have no negatives: the loss is 0 and nothing is learned");
    }
    if tuples.views.len() == 2 && config.objective == Objective::Symile {
        ctx.note("two views: symile is the symmetric pairwise contrast (InfoNCE)");
    }
    if !config.group_aware {
        let copies = tuples.duplicates().map_or(0, |ids| ids.iter().enumerate().filter(|(i, id)| i != *id).count());
        if copies > 0 {
            ctx.note(format!("{copies} rows are exact copies of others and count as their negatives; `--set group_aware=true` leaves them out"));
        }
    }
    Ok(())
}

/// A fitted model with the representations of all rows it was fitted on.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The model.
    pub artifact: Artifact,
    /// How training went.
    pub trained: Trained,
    /// Rows of each part.
    pub parts: Parts,
    /// Prepared rows (scaled as the encoders see them).
    pub prepared: Tuples,
    /// Representations of all rows.
    pub reps: Reps,
}

/// Trains on the training part, fills the bank, and calibrates on the validation part.
///
/// # Errors
/// [`SymileError::NeverObserved`], interruption, divergence, I/O.
pub fn fit_tuples(
    config: &SymileConfig,
    tuples: Tuples,
    parts: Parts,
    run: Option<&Run>,
    part: Option<&str>,
    ctx: &Ctx,
) -> Result<Fit> {
    let train = tuples.select(&parts.train);
    let preprocessing = Preprocessing::fit(&train, config.standardise, ctx)?;
    let shapes: Vec<(String, ViewShape, bool)> = tuples
        .views
        .iter()
        .zip(&preprocessing.views)
        .map(|(v, p)| (v.name.clone(), v.shape(), p.missing_in_training))
        .collect();
    let spec = ModelSpec::new(config, &shapes, &tuples.name)?;
    let mut prepared = tuples;
    preprocessing.apply_all(&mut prepared, &spec)?;
    let (train, validation) = (prepared.select(&parts.train), prepared.select(&parts.validation));
    let trainer = Trainer {
        config,
        spec: &spec,
        preprocessing: &preprocessing,
        train: &train,
        validation: (validation.rows > 0).then_some(&validation),
    };
    let trained = trainer.train(run, part, ctx)?;
    let reps = encode(&trained.model, &spec, &preprocessing, &prepared, &Place::of(ctx))?;
    let bank = Bank::new(&reps.select(&parts.train), config.bank_size, ctx.seed);
    let prior = prior(config, &train)?;
    let target = if config.target.is_empty() {
        spec.views.last().map(|v| v.name.clone()).unwrap_or_default()
    } else {
        config.target.clone()
    };
    let search = SearchSpec {
        objective: config.objective,
        bank: config.bank,
        missing_query: config.missing_query,
        target,
        factors: vec![1.0; spec.views.len()],
        prior,
        seed: ctx.seed,
    };
    let model = trained.model.clone();
    let mut artifact = Artifact { spec, search, preprocessing, model, bank };
    if config.calibrate && parts.validation.len() > 1 {
        artifact.search.factors = evaluate::fit_factors(&artifact, &reps.select(&parts.validation))?;
    }
    Ok(Fit { artifact, trained, parts, prepared, reps })
}

/// The prior of the settings, by label.
fn prior(config: &SymileConfig, train: &Tuples) -> Result<Option<LabelPrior>> {
    let needs =
        || SymileError::PriorNeedsLabels { prior: String::from(config.prior.clone()), data: train.name.clone() };
    match &config.prior {
        Prior::Uniform => Ok(None),
        Prior::Empirical => Ok(Some(LabelPrior::empirical(train.labels.as_ref().ok_or_else(needs)?))),
        Prior::File(path) => Ok(Some(read_prior(path, &train.labels.as_ref().ok_or_else(needs)?.names)?)),
    }
}

/// Reads a prior file with the columns `label` and `weight`.
///
/// # Errors
/// What the table readers name; [`SymileError::UnknownLabel`], [`SymileError::PriorLine`].
pub fn read_prior(path: &str, known: &[String]) -> Result<LabelPrior> {
    let (table, _) = suffit_data::open(&suffit_data::OpenRequest::path(path))?;
    let column = |name: &str| suffit_data::label::texts(&*table.source, name, path, "prior");
    let (labels, weights) = (column("label")?, column("weight")?);
    let lines: Vec<(String, String)> =
        labels.into_iter().zip(weights).map(|(l, w)| (l.unwrap_or_default(), w.unwrap_or_default())).collect();
    LabelPrior::parse(path, &lines, known)
}

impl Fit {
    /// Measures the model on the reported rows.
    ///
    /// # Errors
    /// Too few rows; interruption.
    pub fn evaluate(&self, config: &SymileConfig, ctx: &Ctx) -> Result<Evaluation> {
        let (rows, part) = self.parts.reported();
        let validation = if self.parts.validation.is_empty() { &self.parts.train } else { &self.parts.validation };
        evaluate::evaluate(
            &self.artifact,
            &self.reps.select(rows),
            &self.reps.select(validation),
            part,
            config.train.batch_size,
            ctx,
        )
    }
}
