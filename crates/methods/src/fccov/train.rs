//! Training: batches, steps, the held-out covariance, restarts.

use suffit_core::seed::permutation;
use suffit_core::{Ctx, Result, Run, Seed};
use suffit_data::split::Part;
use suffit_nn::layer::{Init, Mlp, Pass, Standardiser};
use suffit_nn::optim::Optimiser;
use suffit_nn::train::{At, Fitted, Monitor, Scalars, State, Store, Task, fit_in};
use suffit_nn::{Place, parameter};
use suffit_stats::dependence::Ranks;
use suffit_stats::linalg::{Matrix, cholesky, matmul_tn};
use suffit_stats::response::{Metric, Response};

use super::config::{FccovConfig, Objective};
use super::error::FccovError;
use super::input::Paired;
use super::model::{outputs, read, shape, start};
use super::objective::objective;

/// Most training rows whose whole kernel is kept (`8 n²` bytes: 512 MB); above, each batch has its own.
pub const KERNEL_ROWS: usize = 8_000;

/// Rows that set the scale of the kernel where it is not kept whole, and that whiten the outputs at an
/// evaluation.
const SAMPLE: usize = 1_000;

/// The kernel of the training rows.
#[derive(Debug, Clone)]
pub enum Kernel {
    /// All of it, centred and scaled: `[n, n]`.
    Whole(Matrix),
    /// Blocks made when they are needed, from the response, divided by one scale.
    Blocks {
        /// The response of the training rows.
        response: Response,
        /// Its metric.
        metric: Metric,
        /// The kernel.
        objective: Objective,
        /// Largest eigenvalue on a sample of the rows.
        scale: f64,
    },
}

impl Kernel {
    /// The kernel of a response.
    ///
    /// # Errors
    /// A response that does not vary, or a kernel that the kind does not have.
    pub fn new(objective: Objective, response: &Response, metric: Metric) -> Result<Self> {
        let statistic = FccovError::of("the kernel of y");
        if response.rows() <= KERNEL_ROWS {
            let kernel = objective.kernel().centred(response, metric).map_err(statistic)?;
            return Ok(Kernel::Whole(kernel.matrix));
        }
        let step = response.rows() / SAMPLE;
        let sample = response.subset(&(0..SAMPLE).map(|k| k * step).collect::<Vec<_>>()).map_err(statistic)?;
        let scale = objective.kernel().centred(&sample, metric).map_err(statistic)?.scale;
        Ok(Kernel::Blocks { response: response.clone(), metric, objective, scale })
    }

    /// The block of some rows, `[b, b]`.
    ///
    /// # Errors
    /// A bug: rows that are not there.
    pub fn block(&self, rows: &[usize]) -> Result<Matrix> {
        match self {
            Kernel::Whole(k) => Ok(Matrix::from_fn(rows.len(), rows.len(), |i, j| k.at(rows[i], rows[j]))),
            Kernel::Blocks { response, metric, objective, scale } => {
                let statistic = FccovError::of("the kernel of a batch");
                let part = response.subset(rows).map_err(statistic)?;
                let mut k = objective.kernel().unscaled(&part, *metric).map_err(statistic)?;
                k.values.iter_mut().for_each(|v| *v /= scale);
                Ok(k)
            }
        }
    }
}

/// Prepared data of a training.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Standardised x of the training rows, `[n, p]` row-major.
    pub x: Vec<f32>,
    /// The same of the validation rows.
    pub x_val: Vec<f32>,
    /// p.
    pub columns: usize,
    /// Kernel of the training rows.
    pub kernel: Kernel,
    /// Ranks of distances among the validation rows.
    pub ranks_val: Ranks,
}

impl Prepared {
    /// Standardises x with the training rows, and makes the kernel.
    ///
    /// # Errors
    /// A response that does not vary; a kernel that the kind does not have.
    pub fn new(config: &FccovConfig, rows: &Paired, standardiser: &Standardiser) -> Result<Self> {
        let x = |part| -> Result<Vec<f32>> {
            let mut x = rows.view.select(&rows.rows(part)).data;
            prepare(&mut x, standardiser, config.clip_x)?;
            Ok(x)
        };
        let metric = rows.bound.metric;
        let statistic = FccovError::of("the held-out response");
        let space = rows.subset(Part::Val)?.space(metric).map_err(statistic)?;
        Ok(Prepared {
            x: x(Part::Train)?,
            x_val: x(Part::Val)?,
            columns: rows.view.cols,
            kernel: Kernel::new(config.objective, &rows.subset(Part::Train)?, metric)?,
            ranks_val: Ranks::of_space(&space).map_err(statistic)?,
        })
    }

    /// Number of training rows.
    pub fn rows(&self) -> usize {
        self.x.len() / self.columns.max(1)
    }
}

/// Standardises rows, and cuts them at `clip` standard deviations (0 = not).
///
/// # Errors
/// Rows of another width.
pub fn prepare(x: &mut [f32], standardiser: &Standardiser, clip: f64) -> Result<()> {
    standardiser.apply(x)?;
    if clip > 0.0 {
        let clip = clip as f32;
        x.iter_mut().for_each(|v| *v = v.clamp(-clip, clip));
    }
    Ok(())
}

/// `FCCov_U` of held-out outputs, scaled so that the training outputs have covariance `I`.
///
/// # Errors
/// Fewer than six held-out rows. Outputs without variance give 0.
pub fn held_out(train: &Matrix, val: &Matrix, ranks: &Ranks) -> Result<f64> {
    let means = train.column_means();
    let mut centred = train.clone();
    centred.subtract_row(&means);
    let statistic = FccovError::of("the held-out covariance");
    let mut covariance = matmul_tn(&centred, &centred).map_err(statistic)?;
    let d = covariance.rows;
    covariance.values.iter_mut().for_each(|v| *v /= (train.rows as f64 - 1.0).max(1.0));
    let trace: f64 = (0..d).map(|i| covariance.at(i, i)).sum();
    (0..d).for_each(|i| covariance.values[i * d + i] += 1e-9 * trace);
    let Ok(root) = cholesky(&covariance) else { return Ok(0.0) };
    let mut white = val.clone();
    white.subtract_row(&means);
    for row in white.values.chunks_exact_mut(d) {
        // forward substitution: row ← L⁻¹ row
        for i in 0..d {
            let before: f64 = (0..i).map(|j| root.at(i, j) * row[j]).sum();
            row[i] = (row[i] - before) / root.at(i, i);
        }
    }
    ranks.fccov_u(&white).map_err(statistic)
}

/// The loop's view of the network.
pub struct Trainer<'a> {
    data: &'a Prepared,
    config: &'a FccovConfig,
    model: Mlp,
    optimiser: Optimiser,
    seed: Seed,
    place: Place,
}

impl<'a> Trainer<'a> {
    /// At its start: initial parameters from the streams of the seed.
    ///
    /// # Errors
    /// A bug: tensors that do not fit the shape.
    pub fn new(config: &'a FccovConfig, data: &'a Prepared, seed: Seed, ctx: &Ctx) -> Result<Self> {
        let place = Place::of(ctx);
        let spec = shape(data.columns, &config.widths(data.columns), config.dims);
        let model = start(&spec, &Init::new(seed, &place))?;
        Ok(Trainer { data, config, model, optimiser: Optimiser::new(&config.train), seed, place })
    }

    /// The parameters.
    pub fn into_model(self) -> Mlp {
        self.model
    }

    fn batch_size(&self) -> usize {
        self.config.train.batch_size.min(self.data.rows()).max(1)
    }

    /// Batches of an epoch; a last one of fewer than four rows joins the one before.
    fn batches(&self) -> usize {
        let (rows, size) = (self.data.rows(), self.batch_size());
        if rows % size < 4 { (rows / size).max(1) } else { rows.div_ceil(size) }
    }
}

impl Task for Trainer<'_> {
    fn steps_per_epoch(&self) -> u64 {
        self.batches() as u64
    }

    fn step(&mut self, at: At, _: &Ctx) -> Result<Scalars> {
        // The order is addressed by the epoch: a resumed run needs no memory of it.
        let order = permutation(self.data.rows(), &mut self.seed.stream("shuffle", &[at.epoch]));
        let (size, which) = (self.batch_size(), at.in_epoch as usize);
        let end = if which + 1 == self.batches() { order.len() } else { (which + 1) * size };
        let rows = &order[which * size..end];
        let (data, config, place) = (self.data, self.config, &self.place);
        let parts = self.optimiser.accumulate() as usize;
        let update = self.optimiser.step(&mut self.model, |model: &Mlp, micro| {
            let rows: Vec<usize> = rows.iter().skip(micro as usize).step_by(parts).copied().collect();
            let x = rows.iter().flat_map(|&r| &data.x[r * data.columns..(r + 1) * data.columns]).copied().collect();
            let u = model.forward(place.matrix::<f32>(x, [rows.len(), data.columns])?, Pass::Evaluate); // [B, d]
            let values = Matrix { rows: rows.len(), cols: config.dims, values: read(u.clone())? };
            let step = objective(&values, &data.kernel.block(&rows)?, config.lambda, config.half_batch)?;
            // The gradient is known: a linear form with it as slope has it as gradient, and the
            // constant makes its value the loss.
            let slope: Vec<f32> = step.gradient.values.iter().map(|g| -*g as f32).collect();
            let form = (u * place.matrix(slope, [rows.len(), config.dims])?).sum();
            let inner: f64 = step.gradient.values.iter().zip(&values.values).map(|(g, u)| g * u).sum();
            Ok(form.add_scalar(inner - step.value))
        })?;
        Ok(vec![("loss", update.loss), ("grad_norm", update.grad_norm)])
    }

    fn evaluate(&mut self, _: At, _: &Ctx) -> Result<Scalars> {
        let sample = self.data.rows().min(SAMPLE);
        let train = outputs(&self.model, &self.data.x[..sample * self.data.columns], &self.place)?;
        let val = outputs(&self.model, &self.data.x_val, &self.place)?;
        Ok(vec![("fccov_u", held_out(&train, &val, &self.data.ranks_val)?)])
    }

    fn save(&self) -> Result<State> {
        let (model, optim) = (parameter::collect(&self.model)?, self.optimiser.save()?);
        Ok(State { model, optim, json: serde_json::Value::Null })
    }

    fn load(&mut self, state: &State) -> Result<()> {
        self.model = parameter::load(self.model.clone(), &state.model, "the checkpoint")?;
        self.optimiser.load(&state.optim)
    }
}

/// A trained network.
#[derive(Debug, Clone)]
pub struct Trained {
    /// Best parameters.
    pub model: Mlp,
    /// What the loop reached.
    pub fitted: Fitted,
    /// Which start was kept, from 0.
    pub start: usize,
    /// Best held-out covariance of every start.
    pub starts: Vec<f64>,
    /// Events that training wrote to the metrics, over all starts.
    pub events: u64,
}

/// Trains every start and keeps the one with the largest held-out covariance.
///
/// With a run, the first start keeps its checkpoints in `checkpoints/`, further ones below
/// `checkpoints/start-N/`; a finished start is passed over on resume.
///
/// # Errors
/// Interruption, divergence, I/O.
pub fn train(config: &FccovConfig, data: &Prepared, run: Option<&Run>, ctx: &Ctx) -> Result<Trained> {
    let mut best: Option<Trained> = None;
    let (mut starts, mut events) = (Vec::with_capacity(config.restarts), 0);
    for start in 0..config.restarts.max(1) {
        let store = match (run, start) {
            (None, _) => None,
            (Some(run), 0) => Some(Store::of(run)?),
            (Some(run), _) => Some(Store::part(run, &format!("start-{start}"))?),
        };
        let seed = if start == 0 { ctx.seed } else { ctx.seed.child("start", &[start as u64]) };
        let mut task = Trainer::new(config, data, seed, ctx)?;
        let fitted = fit_in(&mut task, &config.train, Monitor::max("fccov_u"), store, &ctx.with_seed(seed))?;
        starts.push(fitted.best_value);
        events += fitted.history.len() as u64;
        if best.as_ref().is_none_or(|b| fitted.best_value > b.fitted.best_value) {
            best = Some(Trained { model: task.into_model(), fitted, start, starts: Vec::new(), events: 0 });
        }
    }
    let mut best = best.ok_or_else(|| suffit_core::error::CommonError::bug("a training without a start"))?;
    (best.starts, best.events) = (starts, events);
    Ok(best)
}
