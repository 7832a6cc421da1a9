//! The promises of the loop, on a small regression.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use burn::tensor::Tensor;
use serde_json::json;
use suffit_core::error::CommonError;
use suffit_core::{Cancel, Clock, Ctx, Event, Family, Progress, Result, Run, RunSpec, TrainConfig, seed};

use super::*;
use crate::layer::{Activation, Init, Mlp, MlpSpec, Pass};
use crate::optim::{Optimiser, scalar};
use crate::{NnError, Place, parameter};

const ROWS: usize = 24;
const BATCH: usize = 4;
const PER_EPOCH: u64 = (ROWS / BATCH) as u64;

/// What goes wrong, and when.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The process dies before step `0` begins.
    DieBefore(u64),
    /// The process dies after step `0` was computed, before the loop hears of it.
    DieAfter(u64),
    /// The process dies in the evaluation after step `0`.
    DieInEvaluation(u64),
    /// Ctrl-C during step `0`.
    Ask(u64),
    /// The loss of step `0` is NaN.
    NotANumber(u64),
}

struct Regression {
    model: Mlp,
    optim: Optimiser,
    place: Place,
    x: Vec<f32>,
    y: Vec<f32>,
    fault: Fault,
    cancel: Cancel,
    /// Evaluations made, part of the state.
    evaluations: u64,
    /// Evaluated loss by evaluation, instead of the real one.
    script: Vec<f64>,
}

impl Regression {
    fn new(config: &TrainConfig, ctx: &Ctx, fault: Fault) -> Self {
        let mut stream = ctx.seed.stream("data", &[]);
        let x: Vec<f32> = (0..ROWS * 3).map(|_| seed::normal(&mut stream) as f32).collect();
        let y = x.chunks(3).map(|r| r[0] * r[1] - r[2]).collect();
        let place = Place::of(ctx);
        let spec = MlpSpec {
            input: 3,
            hidden: vec![8],
            output: 1,
            activation: Activation::Gelu,
            layer_norm: true,
            dropout: 0.2,
        };
        let model = Mlp::new(&spec, &Init::new(ctx.seed, &place));
        let optim = Optimiser::new(config);
        Regression { model, optim, place, x, y, fault, cancel: ctx.cancel.clone(), evaluations: 0, script: vec![] }
    }

    fn loss(&self, model: &Mlp, rows: &[usize], pass: Pass) -> Result<Tensor<1>> {
        let x = rows.iter().flat_map(|&r| self.x[r * 3..r * 3 + 3].to_vec()).collect();
        let y = rows.iter().map(|&r| self.y[r]).collect();
        let (x, y): (Vec<f32>, Vec<f32>) = (x, y);
        let (x, y) = (self.place.matrix(x, [rows.len(), 3])?, self.place.matrix(y, [rows.len(), 1])?);
        Ok((model.forward(x, pass) - y).square().mean())
    }

    fn die() -> suffit_core::Error {
        CommonError::bug("killed").into()
    }
}

impl Task for Regression {
    fn steps_per_epoch(&self) -> u64 {
        PER_EPOCH
    }

    fn step(&mut self, at: At, ctx: &Ctx) -> Result<Scalars> {
        match self.fault {
            Fault::DieBefore(k) if k == at.step => return Err(Self::die()),
            Fault::Ask(k) if k == at.step => self.cancel.ask(),
            Fault::NotANumber(k) if k == at.step => return Ok(vec![("loss", f64::NAN)]),
            _ => {}
        }
        let order = seed::permutation(ROWS, &mut ctx.seed.stream("shuffle", &[at.epoch]));
        let begin = at.in_epoch as usize * BATCH;
        let rows = &order[begin..begin + BATCH];
        let mut model = self.model.clone();
        let mut optim = self.optim.clone();
        let update = optim.step(&mut model, |m, micro| {
            let half = &rows[micro as usize * BATCH / 2..][..BATCH / 2];
            self.loss(m, half, Pass::Train(ctx.seed.child("dropout", &[at.step, micro])))
        })?;
        (self.model, self.optim) = (model, optim);
        if self.fault == Fault::DieAfter(at.step) {
            return Err(Self::die());
        }
        Ok(vec![("loss", update.loss), ("grad_norm", update.grad_norm)])
    }

    fn evaluate(&mut self, at: At, _: &Ctx) -> Result<Scalars> {
        if self.fault == Fault::DieInEvaluation(at.step) {
            return Err(Self::die());
        }
        let rows: Vec<usize> = (0..ROWS).collect();
        let real = scalar("loss", self.loss(&self.model, &rows, Pass::Evaluate)?)?;
        let value = self.script.get(self.evaluations as usize).copied().unwrap_or(real);
        self.evaluations += 1;
        Ok(vec![("loss", value), ("undefined", f64::NAN)])
    }

    fn save(&self) -> Result<State> {
        let json = json!({"evaluations": self.evaluations});
        Ok(State { model: parameter::collect(&self.model)?, optim: self.optim.save()?, json })
    }

    fn load(&mut self, state: &State) -> Result<()> {
        self.model = parameter::load(self.model.clone(), &state.model, "model.safetensors")?;
        self.optim.load(&state.optim)?;
        self.evaluations = state.json["evaluations"].as_u64().unwrap();
        Ok(())
    }
}

fn config() -> TrainConfig {
    TrainConfig {
        epochs: 2,
        batch_size: BATCH,
        learning_rate: 0.02,
        eval_every: 4,
        checkpoint_every: 3,
        checkpoint_seconds: 0.0,
        clip_norm: 0.5,
        accumulate: 2,
        patience: 0,
        keep_checkpoints: 100,
        ..TrainConfig::default()
    }
}

fn monitor() -> Monitor {
    Monitor::min("loss").from_start()
}

fn new_run(folder: &Path, ctx: &Ctx) -> Run {
    let spec = RunSpec {
        method: "regression".into(),
        config: json!({}),
        argv: vec![],
        data: json!({}),
        version: "0".into(),
        commit: None,
    };
    Run::create_at(folder, &spec, ctx).unwrap()
}

/// Everything that must be the same: last checkpoint, metrics without time, the task's state.
type Bytes = (BTreeMap<String, Vec<u8>>, String, Vec<(String, Vec<u8>)>);

fn bytes_of(run: &Run, task: &Regression) -> Bytes {
    let newest = run.checkpoints().newest().unwrap();
    assert!(newest.skipped.is_empty());
    let events = suffit_core::metrics::read(&run.path().join("metrics.jsonl")).unwrap();
    let events: Vec<String> =
        events.iter().map(|e| format!("{} {} {} {:?}", e.step, e.split, e.name, e.value)).collect();
    let model = task.save().unwrap().model.into_iter().map(|(k, v)| (k, v.bytes().to_vec())).collect();
    (newest.found.unwrap().1, events.join("\n"), model)
}

/// Trains with a fault, then resumes without one if it struck; gives the final bytes.
fn train(config: &TrainConfig, fault: Fault) -> (Bytes, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let ctx = Ctx::silent(11);
    let run = new_run(&path, &ctx);
    let mut task = Regression::new(config, &ctx, fault);
    let first = fit(&mut task, config, monitor(), Some(&run), &ctx);
    let Err(error) = first else {
        return (bytes_of(&run, &task), false);
    };
    match fault {
        Fault::Ask(k) => {
            assert_eq!(error.family(), Family::Interrupted);
            assert_eq!(error.to_string(), format!("stopped at step {} of 12 as asked", k + 1));
            assert!(error.hint().unwrap().contains("suffit fit regression --resume "));
            assert_eq!(run.checkpoints().newest().unwrap().found.unwrap().0, k + 1);
        }
        _ => assert_eq!(error.to_string(), "bug: killed"),
    }
    drop(run);
    let ctx = Ctx::silent(11);
    let run = Run::resume(&path, &ctx).unwrap();
    let mut task = Regression::new(config, &ctx, Fault::None);
    fit(&mut task, config, monitor(), Some(&run), &ctx).unwrap();
    (bytes_of(&run, &task), true)
}

#[test]
fn killed_or_stopped_anywhere_and_resumed_equals_uninterrupted() {
    let config = config();
    let (whole, _) = train(&config, Fault::None);
    let mut struck = 0;
    for k in 0..=12 {
        for fault in [Fault::DieBefore(k), Fault::DieAfter(k), Fault::DieInEvaluation(k), Fault::Ask(k)] {
            let (bytes, hit) = train(&config, fault);
            struck += u32::from(hit);
            assert_eq!(bytes.1, whole.1, "metrics, step {k}");
            assert!(bytes == whole, "bytes differ, step {k}");
        }
    }
    // 12 steps × (before, after, ask but for the last step, which then ends normally) and
    // evaluations at 0, 4, 8, 12
    assert_eq!(struck, 12 + 12 + 11 + 4);
}

#[test]
fn resuming_a_finished_fit_changes_nothing() {
    let (folder, config, ctx) = (tempfile::tempdir().unwrap(), config(), Ctx::silent(3));
    let path = folder.path().join("run");
    let run = new_run(&path, &ctx);
    let mut task = Regression::new(&config, &ctx, Fault::None);
    let first = fit(&mut task, &config, monitor(), Some(&run), &ctx).unwrap();
    let before = bytes_of(&run, &task);
    // Another fit of the same run logs after the first one; the first must leave that alone.
    let mut other = Regression::new(&config, &ctx, Fault::None);
    fit_in(&mut other, &config, monitor(), Some(Store::part(&run, "baseline").unwrap()), &ctx).unwrap();
    let events = || std::fs::read_to_string(run.path().join("metrics.jsonl")).unwrap();
    let logged = events();
    assert!(logged.contains(r#""baseline/loss""#));

    let mut task = Regression::new(&config, &ctx, Fault::None);
    assert_eq!(fit(&mut task, &config, monitor(), Some(&run), &ctx).unwrap().best_step, first.best_step);
    assert_eq!(events(), logged);
    let after = bytes_of(&run, &task);
    assert_eq!((before.0, before.2), (after.0, after.2));
}

/// Advances by a tenth of a second whenever somebody looks.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn unix_ms(&self) -> u64 {
        0
    }
    fn monotonic_s(&self) -> f64 {
        self.0.fetch_add(1, Ordering::SeqCst) as f64 * 0.1
    }
}

#[test]
fn when_checkpoints_are_taken_changes_nothing_else() {
    let final_bytes = |seconds: f64, every: u64| {
        let (folder, ctx) = (tempfile::tempdir().unwrap(), Ctx::silent(5));
        let ctx = Ctx { clock: Arc::new(Ticking(AtomicU64::new(0))), ..ctx };
        let config = TrainConfig { checkpoint_seconds: seconds, checkpoint_every: every, ..config() };
        let run = new_run(&folder.path().join("run"), &ctx);
        let mut task = Regression::new(&config, &ctx, Fault::None);
        fit(&mut task, &config, monitor(), Some(&run), &ctx).unwrap();
        (bytes_of(&run, &task), run.checkpoints().steps().unwrap())
    };
    let (by_steps, steps) = final_bytes(0.0, 5);
    assert_eq!(steps, [0, 5, 10, 12]);
    let (by_time, times) = final_bytes(0.35, 0);
    assert!(times.len() > 3 && times != steps, "{times:?}");
    assert!(by_steps == by_time);
}

#[test]
fn without_a_run_the_result_is_the_same() {
    let (config, ctx) = (config(), Ctx::silent(11));
    let mut task = Regression::new(&config, &ctx, Fault::None);
    let fitted = fit(&mut task, &config, monitor(), None, &ctx).unwrap();
    assert_eq!((fitted.steps, fitted.stopped), (12, Stopped::Epochs));
    let model: Vec<_> = task.save().unwrap().model.into_iter().map(|(k, v)| (k, v.bytes().to_vec())).collect();
    assert_eq!(model, train(&config, Fault::None).0.2);
    // The task holds the weights of the best step, not of the last one: evaluate them again.
    let again = task.evaluate(At::new(0, 1), &ctx).unwrap();
    assert_eq!(again[0].1, fitted.best_value);
    let evaluated: Vec<u64> =
        fitted.history.iter().filter(|p| p.split == "val" && p.name == "loss").map(|p| p.step).collect();
    assert_eq!(evaluated, [0, 4, 8, 12]);

    let stopped = Ctx::silent(11);
    stopped.cancel.ask();
    let error =
        fit(&mut Regression::new(&config, &stopped, Fault::None), &config, monitor(), None, &stopped).unwrap_err();
    assert_eq!((error.family(), error.hint()), (Family::Interrupted, None));
}

#[test]
fn stops_early_and_keeps_the_best() {
    let config = TrainConfig { epochs: 50, patience: 3, eval_every: 1, ..config() };
    let ctx = Ctx::silent(2);
    let mut task = Regression::new(&config, &ctx, Fault::None);
    // evaluations after steps 1, 2, …; equal is no improvement
    task.script = vec![5.0, 4.0, 6.0, 4.0, 3.0, 3.0, 3.5, 9.0, 1.0];
    let fitted = fit(&mut task, &config, Monitor::min("loss"), None, &ctx).unwrap();
    assert_eq!((fitted.best_step, fitted.best_value, fitted.steps, fitted.stopped), (5, 3.0, 8, Stopped::Patience));

    let mut five = Regression::new(&config, &ctx, Fault::None);
    for step in 0..5 {
        five.step(At::new(step, PER_EPOCH), &ctx).unwrap();
    }
    assert_eq!(five.save().unwrap().model, task.save().unwrap().model);

    let mut task = Regression::new(&config, &ctx, Fault::None);
    task.script = vec![1.0, 2.0, 0.0, 1.0, 2.0];
    let fitted = fit(&mut task, &config, Monitor::max("loss"), None, &ctx).unwrap();
    assert_eq!((fitted.best_step, fitted.steps), (2, 5));
}

#[test]
fn divergence_is_named_with_step_and_checkpoint() {
    let (folder, config, ctx) = (tempfile::tempdir().unwrap(), config(), Ctx::silent(1));
    let run = new_run(&folder.path().join("run"), &ctx);
    let mut task = Regression::new(&config, &ctx, Fault::NotANumber(7));
    let error = fit(&mut task, &config, monitor(), Some(&run), &ctx).unwrap_err();
    assert_eq!(
        error.to_string(),
        "training diverged at step 7: the loss is NaN; the last good checkpoint is of step 6"
    );
    assert!(error.hint().unwrap().contains("learning_rate"));

    // Really diverging: the parameters overflow, the loss follows.
    let config = TrainConfig { learning_rate: 1e30, ..config };
    let mut task = Regression::new(&config, &ctx, Fault::None);
    let error = fit(&mut task, &config, Monitor::min("loss"), None, &ctx).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(NnError::Diverged { last_good: None, .. })), "{error}");
}

#[test]
fn a_watched_value_must_exist_and_be_finite() {
    let (config, ctx) = (config(), Ctx::silent(1));
    let fit = |name| {
        fit(&mut Regression::new(&config, &ctx, Fault::None), &config, Monitor::min(name), None, &ctx)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(fit("accuracy"), "the evaluation gives no `accuracy` to watch, only: loss, undefined");
    assert_eq!(
        fit("undefined"),
        "training diverged at step 4: the evaluated undefined is NaN; there is no checkpoint before it"
    );
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_is_used() {
    let (folder, config) = (tempfile::tempdir().unwrap(), config());
    let path = folder.path().join("run");
    let ctx = Ctx::silent(11);
    let run = new_run(&path, &ctx);
    fit(&mut Regression::new(&config, &ctx, Fault::DieBefore(8)), &config, monitor(), Some(&run), &ctx).unwrap_err();
    let file = run.checkpoints().path(6).join("model.safetensors");
    std::fs::write(&file, b"torn").unwrap();
    drop(run);
    let heard = Arc::new(Heard::default());
    let ctx = Ctx { progress: heard.clone(), ..Ctx::silent(11) };
    let run = Run::resume(&path, &ctx).unwrap();
    let mut task = Regression::new(&config, &ctx, Fault::None);
    fit(&mut task, &config, monitor(), Some(&run), &ctx).unwrap();
    assert!(bytes_of(&run, &task) == train(&config, Fault::None).0);
    let heard = heard.0.lock().unwrap();
    assert!(heard.iter().any(|e| matches!(e, Event::Warning { text } if text.contains("step-00000006"))), "{heard:?}");
    assert!(
        heard
            .iter()
            .any(|e| matches!(e, Event::Note { text } if text == "resumed from the checkpoint of step 3 of 12")),
        "{heard:?}"
    );
    let done: Vec<u64> =
        heard.iter().filter_map(|e| if let Event::Step { done, .. } = e { Some(*done) } else { None }).collect();
    assert!(done.is_sorted() && done.first() == Some(&3) && done.last() == Some(&12), "{done:?}");
}

/// Keeps every event.
#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Progress for Heard {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}
