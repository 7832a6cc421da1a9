//! The loop itself.

use suffit_core::ctx::Phase;
use suffit_core::error::CommonError;
use suffit_core::{Cancel, Ctx, Error, Result, Run, TrainConfig};

use super::state::{Best, Progress, Snapshot, Sum};
use super::{At, Fitted, Monitor, Point, Scalars, Stopped, Store, Task};
use crate::blob::Tensors;
use crate::error::NnError;

/// Most points of the training curve that are logged, beside those at evaluations.
const CURVE_POINTS: u64 = 1000;

/// Trains a task.
///
/// - total steps: `epochs × steps_per_epoch`
/// - evaluation: every `eval_every` steps (0: at the end of each epoch), after the last step, and
///   before the first one if the monitor asks for it
/// - best weights: those of the best evaluation; in every checkpoint (`best.safetensors`), and in
///   the task at the end
/// - early stop: after `patience` evaluations without improvement (0: never)
/// - with a run: a checkpoint before the first step, every `checkpoint_every` steps, whenever
///   `checkpoint_seconds` have passed, on a stop that was asked for, and at the end; the newest that
///   verifies is resumed, skipped ones are warned of, metrics after it are dropped
/// - metrics: means of the step values about every thousandth of the way and at evaluations (split
///   `train`), evaluations (split `val`)
/// - progress: phase `train`, one event by step
///
/// The time when a checkpoint is taken influences nothing else: see the promise of the module.
///
/// # Errors
/// [`CommonError::Interrupted`] when a stop was asked for (after a checkpoint, with the command
/// that goes on); [`NnError::Diverged`] for a loss, gradient norm or watched value that is not
/// finite; [`NnError::MonitorMissing`]; what makes a checkpoint unusable; the task's own.
pub fn fit<T: Task>(
    task: &mut T,
    config: &TrainConfig,
    monitor: Monitor,
    run: Option<&Run>,
    ctx: &Ctx,
) -> Result<Fitted> {
    let store = run.map(Store::of).transpose()?;
    fit_in(task, config, monitor, store, ctx)
}

/// [`fit`] with a store of its own, for runs with more than one fit.
///
/// # Errors
/// As [`fit`].
pub fn fit_in<T: Task>(
    task: &mut T,
    config: &TrainConfig,
    monitor: Monitor,
    store: Option<Store>,
    ctx: &Ctx,
) -> Result<Fitted> {
    let store = store.map(|s| Store { checkpoints: s.checkpoints.keep(config.keep_checkpoints), ..s });
    let per_epoch = task.steps_per_epoch().max(1);
    let total = config.epochs.saturating_mul(per_epoch);
    let phase = ctx.phase("train", Some(total));
    let mut train = Loop {
        task,
        config,
        monitor,
        store,
        ctx,
        quiet: Ctx { cancel: Cancel::default(), ..ctx.clone() },
        phase,
        per_epoch,
        total,
        progress: Progress::default(),
        best: None,
        saved: None,
        saved_at: ctx.clock.monotonic_s(),
        last_loss: None,
    };
    train.resume()?;
    train.run()
}

struct Loop<'a, T: Task> {
    task: &'a mut T,
    config: &'a TrainConfig,
    monitor: Monitor,
    store: Option<Store>,
    ctx: &'a Ctx,
    /// The context for steps and evaluations: both are finished even if a stop is asked for, so
    /// that every checkpoint lies between two whole steps.
    quiet: Ctx,
    phase: Phase<'a>,
    per_epoch: u64,
    total: u64,
    progress: Progress,
    best: Option<Tensors>,
    /// Step of the newest checkpoint.
    saved: Option<u64>,
    saved_at: f64,
    last_loss: Option<f64>,
}

impl<T: Task> Loop<'_, T> {
    fn run(mut self) -> Result<Fitted> {
        if self.progress.stopped.is_some() {
            return self.finish();
        }
        if self.saved.is_none() {
            // Makes a kill during the first steps leave a well-defined start for the metrics too.
            self.save()?;
        }
        if !self.progress.started {
            if self.monitor.at_start || self.total == 0 {
                self.evaluate()?;
            }
            self.progress.started = true;
        }
        loop {
            if self.progress.stopped.is_none() && self.progress.step >= self.total {
                self.progress.stopped = Some(Stopped::Epochs);
            }
            if self.progress.stopped.is_some() {
                self.save()?;
                return self.finish();
            }
            if self.checkpoint_due() {
                self.save()?;
            }
            self.stop_if_asked()?;
            self.step()?;
            if self.evaluation_due() {
                self.evaluate()?;
            }
        }
    }

    /// Goes on from the newest checkpoint, if there is one.
    fn resume(&mut self) -> Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let newest = store.checkpoints.newest()?;
        for skipped in &newest.skipped {
            self.ctx.warn(skipped.to_string());
        }
        let Some((step, files)) = newest.found else { return Ok(()) };
        let snapshot = Snapshot::from_files(step, &files, self.config)?;
        self.task.load(&snapshot.task)?;
        self.progress = snapshot.progress;
        self.best = snapshot.best;
        self.saved = Some(step);
        if self.progress.stopped.is_none() {
            // A finished fit logs nothing more; what follows its events belongs to others.
            store.metrics.truncate(self.progress.events, step)?;
            if step > 0 {
                self.ctx.note(format!("resumed from the checkpoint of step {step} of {}", self.total));
            }
        }
        self.phase.step(step, &[]);
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        let at = At::new(self.progress.step, self.per_epoch);
        let values = self.task.step(at, &self.quiet).map_err(|e| self.explain(e))?;
        for (what, value) in &values {
            if matches!(*what, "loss" | "grad_norm") && !value.is_finite() {
                return Err(self.diverged(what, *value));
            }
        }
        self.last_loss = values.iter().find(|(name, _)| *name == "loss").map(|(_, v)| *v).or(self.last_loss);
        self.progress.step += 1;
        self.add(&values);
        let every = (self.total / CURVE_POINTS).max(1);
        if self.progress.step.is_multiple_of(every) || self.evaluation_due() {
            self.log_sums()?;
        }
        self.tell();
        Ok(())
    }

    fn evaluation_due(&self) -> bool {
        let every = if self.config.eval_every == 0 { self.per_epoch } else { self.config.eval_every };
        self.progress.step.is_multiple_of(every) || self.progress.step == self.total
    }

    fn checkpoint_due(&self) -> bool {
        if self.saved == Some(self.progress.step) {
            return false;
        }
        let by_step =
            self.config.checkpoint_every > 0 && self.progress.step.is_multiple_of(self.config.checkpoint_every);
        let waited = self.ctx.clock.monotonic_s() - self.saved_at;
        by_step || (self.config.checkpoint_seconds > 0.0 && waited >= self.config.checkpoint_seconds)
    }

    fn evaluate(&mut self) -> Result<()> {
        let at = At::new(self.progress.step, self.per_epoch);
        let values = self.task.evaluate(at, &self.quiet).map_err(|e| self.explain(e))?;
        for (name, value) in &values {
            self.log("val", name, *value)?;
        }
        let watched = values.iter().find(|(name, _)| *name == self.monitor.name);
        let Some((_, value)) = watched else {
            let (name, have) = (self.monitor.name.to_owned(), values.iter().map(|(n, _)| (*n).to_owned()).collect());
            return Err(NnError::MonitorMissing { name, have }.into());
        };
        if !value.is_finite() {
            return Err(self.diverged(&format!("evaluated {}", self.monitor.name), *value));
        }
        if self.progress.best.is_none_or(|best| self.monitor.better(*value, best.value)) {
            self.progress.best = Some(Best { step: self.progress.step, value: *value });
            self.progress.stale = 0;
            self.best = Some(self.task.save()?.model);
        } else {
            self.progress.stale += 1;
            if self.config.patience > 0 && self.progress.stale >= self.config.patience {
                self.progress.stopped = Some(Stopped::Patience);
            }
        }
        self.tell();
        Ok(())
    }

    /// Sums step values until they are logged.
    fn add(&mut self, values: &Scalars) {
        for (name, value) in values {
            match self.progress.sums.iter_mut().find(|s| s.name == *name) {
                Some(s) => {
                    s.sum += value;
                    s.count += 1;
                }
                None => self.progress.sums.push(Sum { name: (*name).to_owned(), sum: *value, count: 1 }),
            }
        }
    }

    fn log_sums(&mut self) -> Result<()> {
        for s in std::mem::take(&mut self.progress.sums) {
            self.log("train", &s.name, s.sum / s.count as f64)?;
        }
        Ok(())
    }

    fn log(&mut self, split: &str, name: &str, value: f64) -> Result<()> {
        let step = self.progress.step;
        if let Some(store) = &self.store {
            store.metrics.log(step, split, &format!("{}{name}", store.prefix), value)?;
        }
        self.progress.history.push(Point { step, split: split.to_owned(), name: name.to_owned(), value });
        Ok(())
    }

    fn tell(&self) {
        let mut values = Vec::with_capacity(2);
        if let Some(loss) = self.last_loss {
            values.push(("loss", loss));
        }
        let best = format!("best {}", self.monitor.name);
        if let Some(b) = self.progress.best {
            values.push((best.as_str(), b.value));
        }
        self.phase.step(self.progress.step, &values);
    }

    fn save(&mut self) -> Result<()> {
        if let Some(store) = &self.store {
            store.metrics.sync()?;
            self.progress.events = store.metrics.count();
            let snapshot =
                Snapshot { progress: self.progress.clone(), task: self.task.save()?, best: self.best.clone() };
            store.checkpoints.save(self.progress.step, &snapshot.to_files(self.config)?)?;
            self.saved = Some(self.progress.step);
            self.saved_at = self.ctx.clock.monotonic_s();
        }
        Ok(())
    }

    fn stop_if_asked(&mut self) -> Result<()> {
        if !self.ctx.cancel.asked() {
            return Ok(());
        }
        if self.saved != Some(self.progress.step) {
            self.save()?;
        }
        let at = format!("step {} of {}", self.progress.step, self.total);
        Err(CommonError::Interrupted { at, resume: self.store.as_ref().map(|s| s.resume.clone()) }.into())
    }

    /// Turns a non-finite value met by the task into the error that names step and checkpoint.
    fn explain(&self, error: Error) -> Error {
        match error.downcast_ref::<NnError>() {
            Some(NnError::NotFinite { what, value }) => self.diverged(what, *value),
            _ => error,
        }
    }

    fn diverged(&self, what: &str, value: f64) -> Error {
        NnError::Diverged { what: what.to_owned(), value, step: self.progress.step, last_good: self.saved }.into()
    }

    /// Puts the best weights into the task.
    fn finish(self) -> Result<Fitted> {
        let (Some(best), Some(weights), Some(stopped)) = (self.progress.best, self.best, self.progress.stopped) else {
            return Err(CommonError::bug("training ended without an evaluation").into());
        };
        let mut state = self.task.save()?;
        state.model = weights;
        self.task.load(&state)?;
        Ok(Fitted {
            best_step: best.step,
            best_value: best.value,
            steps: self.progress.step,
            stopped,
            history: self.progress.history,
        })
    }
}
