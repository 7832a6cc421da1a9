//! Training: batches, steps, the validation loss, restarts.

use suffit_core::seed::permutation;
use suffit_core::{Ctx, Result, Run, Seed};
use suffit_nn::fused::{Groups, Views};
use suffit_nn::layer::Pass;
use suffit_nn::optim::Optimiser;
use suffit_nn::train::{At, Fitted, Monitor, Scalars, State, Store, Task, fit_in};
use suffit_nn::{Place, parameter};

use super::config::SymileConfig;
use super::input::Tuples;
use super::loss::{Draw, candidates, loss_tensor, loss_value};
use super::model::{ModelSpec, SymileModel};
use super::prepare::{Preprocessing, batch, encode};

/// Shuffles over which the validation loss is averaged; they are the same at every evaluation.
const VALIDATION_SHUFFLES: u64 = 4;

/// The log-scale above which a warning is given: `τ` exceeds 160,000.
pub const LARGE_SCALE: f64 = 12.0;

/// Prepared data and fixed choices of a training.
#[derive(Debug, Clone, Copy)]
pub struct Trainer<'a> {
    /// Settings.
    pub config: &'a SymileConfig,
    /// The model's description.
    pub spec: &'a ModelSpec,
    /// Training statistics.
    pub preprocessing: &'a Preprocessing,
    /// Prepared training rows.
    pub train: &'a Tuples,
    /// Prepared validation rows; empty when there are none.
    pub validation: Option<&'a Tuples>,
}

/// A trained model.
#[derive(Debug, Clone)]
pub struct Trained {
    /// Events that training wrote to the metrics, over all starts.
    pub events: u64,
    /// Best parameters.
    pub model: SymileModel,
    /// What the loop reached.
    pub fitted: Fitted,
    /// Which start was kept, from 0.
    pub start: usize,
    /// Best watched value of every start.
    pub starts: Vec<f64>,
}

impl Trainer<'_> {
    /// Trains every start and keeps the one with the lowest watched loss.
    ///
    /// With a run, the first start keeps its checkpoints in `checkpoints/`, further ones below
    /// `checkpoints/start-N/`; a finished start is passed over on resume.
    ///
    /// # Errors
    /// Interruption, divergence, I/O.
    pub fn train(&self, run: Option<&Run>, part: Option<&str>, ctx: &Ctx) -> Result<Trained> {
        let mut best: Option<Trained> = None;
        let mut starts = Vec::with_capacity(self.config.restarts);
        let mut events = 0;
        for start in 0..self.config.restarts {
            let store = match (run, part, start) {
                (None, ..) => None,
                (Some(run), None, 0) => Some(Store::of(run)?),
                (Some(run), None, _) => Some(Store::part(run, &format!("start-{start}"))?),
                (Some(run), Some(part), 0) => Some(Store::part(run, part)?),
                (Some(run), Some(part), _) => Some(Store::part(run, &format!("{part}-start-{start}"))?),
            };
            let seed = if start == 0 { ctx.seed } else { ctx.seed.child("start", &[start as u64]) };
            let mut task = SymileTask::new(*self, seed, ctx);
            let monitor = Monitor::min("loss");
            let fitted = fit_in(&mut task, &self.config.train, monitor, store, &ctx.with_seed(seed))?;
            starts.push(fitted.best_value);
            events += fitted.history.len() as u64;
            if best.as_ref().is_none_or(|b| fitted.best_value < b.fitted.best_value) {
                best = Some(Trained { events: 0, model: task.model, fitted, start, starts: Vec::new() });
            }
        }
        let mut best = best.ok_or_else(|| suffit_core::error::CommonError::bug("a training without a start"))?;
        (best.starts, best.events) = (starts, events);
        let scale = best.model.log_scale()?;
        if scale > LARGE_SCALE {
            ctx.warn(format!("the log-scale ended at {scale:.1}, above {LARGE_SCALE}: scores are near the limits of single precision; `--set clamp_scale={LARGE_SCALE}` holds it"));
        }
        Ok(best)
    }

    /// Rows of one optimisation step.
    fn batch_size(&self) -> usize {
        self.config.train.batch_size.min(self.train.rows).max(1)
    }
}

/// The training loop's view of Symile.
pub struct SymileTask<'a> {
    trainer: Trainer<'a>,
    model: SymileModel,
    optimiser: Optimiser,
    seed: Seed,
    place: Place,
    train_groups: Option<Vec<usize>>,
    validation_groups: Option<Vec<usize>>,
    /// An epoch and its order of rows; a function of the seed, kept to save the shuffling.
    order: Option<(u64, Vec<usize>)>,
}

impl<'a> SymileTask<'a> {
    /// At its start.
    pub fn new(trainer: Trainer<'a>, seed: Seed, ctx: &Ctx) -> Self {
        let place = Place::of(ctx);
        let aware = trainer.config.group_aware;
        SymileTask {
            model: SymileModel::new(trainer.spec, seed, &place),
            optimiser: Optimiser::new(&trainer.config.train),
            seed,
            place,
            train_groups: aware.then(|| group_ids(trainer.train)).flatten(),
            validation_groups: trainer.validation.filter(|_| aware).and_then(group_ids),
            order: None,
            trainer,
        }
    }

    /// The parameters.
    pub fn model(&self) -> &SymileModel {
        &self.model
    }

    /// Rows of the micro-batches of a step: consecutive rows of the epoch's order.
    fn rows(&mut self, at: At) -> Vec<Vec<usize>> {
        let (size, accumulate) = (self.trainer.batch_size(), self.optimiser.accumulate() as usize);
        let order = match self.order.take() {
            Some((epoch, order)) if epoch == at.epoch => order,
            _ => permutation(self.trainer.train.rows, &mut self.seed.stream("shuffle", &[at.epoch])),
        };
        let first = at.in_epoch as usize * accumulate * size;
        // An epoch of fewer rows than one step takes goes round.
        let micro = |k: usize| (first + k * size..first + (k + 1) * size).map(|j| order[j % order.len()]).collect();
        let micros = (0..accumulate).map(micro).collect();
        self.order = Some((at.epoch, order));
        micros
    }

    fn validation_loss(&self) -> Result<(f64, f64)> {
        let trainer = &self.trainer;
        let tuples = trainer.validation.unwrap_or(trainer.train);
        let groups = if trainer.validation.is_some() { &self.validation_groups } else { &self.train_groups };
        let reps = encode(&self.model, trainer.spec, trainer.preprocessing, tuples, &self.place)?;
        let log_scale = self.model.log_scale()?;
        let size = trainer.config.train.batch_size.min(tuples.rows).max(1);
        let (mut sum, mut count, mut first) = (0.0, 0.0, 0);
        while first + size <= tuples.rows {
            let range = first * reps.dim()..(first + size) * reps.dim();
            let views =
                Views::new((0..reps.views()).map(|m| &reps.view(m)[range.clone()]).collect(), size, reps.dim())?;
            let groups = groups.as_ref().map(|ids| Groups::new(&ids[first..first + size]));
            for shuffle in 0..VALIDATION_SHUFFLES {
                let config = trainer.config;
                let draw = Draw::new(
                    config.objective,
                    config.sampling,
                    self.seed,
                    "validation",
                    shuffle + first as u64 * VALIDATION_SHUFFLES,
                    reps.views(),
                    size,
                )?;
                sum += loss_value(&views, log_scale, &draw, groups.as_ref())?.loss;
                count += 1.0;
                if matches!(draw, Draw::All | Draw::Pairs) {
                    break; // nothing is drawn: every shuffle gives the same
                }
            }
            first += size;
        }
        Ok((sum / count, candidates(trainer.config.objective, trainer.config.sampling, reps.views(), size).ln()))
    }
}

impl Task for SymileTask<'_> {
    fn steps_per_epoch(&self) -> u64 {
        let per_step = self.trainer.batch_size() as u64 * self.optimiser.accumulate();
        (self.trainer.train.rows as u64 / per_step).max(1)
    }

    fn step(&mut self, at: At, _: &Ctx) -> Result<Scalars> {
        let micros = self.rows(at);
        let (trainer, seed, place, groups) = (self.trainer, self.seed, &self.place, &self.train_groups);
        let accumulate = self.optimiser.accumulate();
        let update = self.optimiser.step(&mut self.model, |model: &SymileModel, micro| {
            let rows = &micros[micro as usize];
            let input = batch(trainer.train, trainer.spec, trainer.preprocessing, rows, place)?;
            let counter = at.step * accumulate + micro;
            let reps = model.forward(&input, Pass::Train(seed.child("dropout", &[counter])))?;
            let config = trainer.config;
            let draw =
                Draw::new(config.objective, config.sampling, seed, "negatives", counter, reps.len(), rows.len())?;
            let groups = groups.as_ref().map(|ids| Groups::new(&rows.iter().map(|&i| ids[i]).collect::<Vec<_>>()));
            loss_tensor(&reps, &model.logit_scale.val(), &draw, groups.as_ref())
        })?;
        if let Some(limit) = trainer.config.clamp_scale.limit() {
            self.model.logit_scale = self.model.logit_scale.clone().map(|s| s.detach().clamp_max(limit).require_grad());
        }
        Ok(vec![("loss", update.loss), ("grad_norm", update.grad_norm)])
    }

    fn evaluate(&mut self, _: At, _: &Ctx) -> Result<Scalars> {
        let (loss, ceiling) = self.validation_loss()?;
        let mut values = vec![("loss", loss)];
        if self.trainer.config.objective == super::config::Objective::Symile {
            values.push(("bound", ceiling - loss));
        }
        values.push(("log_scale", self.model.log_scale()?));
        Ok(values)
    }

    fn save(&self) -> Result<State> {
        Ok(State {
            model: parameter::collect(&self.model)?,
            optim: self.optimiser.save()?,
            json: serde_json::Value::Null,
        })
    }

    fn load(&mut self, state: &State) -> Result<()> {
        self.model = parameter::load(self.model.clone(), &state.model, "the checkpoint")?;
        self.optimiser.load(&state.optim)
    }
}

/// Group ids of the rows: the group column, else exact duplicates.
pub fn group_ids(tuples: &Tuples) -> Option<Vec<usize>> {
    match &tuples.groups {
        // An empty cell is a group of its own.
        Some(groups) => Some(
            groups
                .codes
                .iter()
                .enumerate()
                .map(|(i, code)| code.map_or(groups.names.len() + i, |c| c as usize))
                .collect(),
        ),
        None => tuples.duplicates(),
    }
}
