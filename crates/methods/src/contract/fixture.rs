//! One uninterrupted fit that all clauses share, and the ways to make others.

use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use serde_json::{Value, json};
use suffit_core::ctx::{Event, Progress};
use suffit_core::method::{Outcome, Sink};
use suffit_core::run::{Run, RunSpec, Status};
use suffit_core::{AnyMethod, Cancel, Ctx, Dataset, Error, Result, Role};
use tempfile::TempDir;

use super::trace::{self, Files};
use super::{Contract, table};

/// Root seed of the shared fit.
pub const SEED: u64 = 20_240;

/// Threads of every fit here; the promise is per thread count.
const THREADS: usize = 2;

/// The shared fit. It is kept in memory: each clause that needs the run unpacks it into a folder of
/// its own, so no clause can disturb another, and the run is moved all the time.
pub struct Fixture {
    /// What is asked.
    pub contract: Contract,
    /// Every file of the finished run.
    pub files: Files,
    /// What the fit reached.
    pub outcome: Outcome,
    /// What it told while at work.
    pub events: Vec<Event>,
}

impl Fixture {
    /// Fits once, uninterrupted.
    pub fn new(contract: Contract) -> Self {
        let method = &contract.method;
        method.check_config(&contract.config).unwrap_or_else(|e| panic!("the contract's configuration: {e}"));
        let watch = Watch::new(None);
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("whole");
        let (files, outcome) = fit(&contract, &contract.data, &path, SEED, &watch)
            .unwrap_or_else(|e| panic!("{} does not fit the contract's data: {e}", method.slug()));
        let here = folder.path().to_string_lossy().into_owned().into_bytes();
        for (name, bytes) in files.iter().filter(|(name, _)| !name.starts_with(".")) {
            let found = bytes.windows(here.len()).any(|w| w == here);
            assert!(!found, "{name} holds the path of the run: a run must be portable");
        }
        Fixture { files, outcome, events: watch.events(), contract }
    }

    /// The method.
    pub fn method(&self) -> &dyn AnyMethod {
        &*self.contract.method
    }

    /// Its data.
    pub fn data(&self) -> &Dataset {
        &self.contract.data
    }

    /// Its configuration.
    pub fn config(&self) -> &Value {
        &self.contract.config
    }

    /// Whether the method's card names a verb.
    pub fn offers(&self, verb: &str) -> bool {
        self.method().card().verbs.contains(&verb)
    }

    /// The finished run in a fresh folder.
    pub fn unpack(&self) -> (TempDir, Run) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("moved");
        trace::write(&path, &self.files);
        let run = Run::open(&path).unwrap();
        (folder, run)
    }

    /// Applies the finished run.
    pub fn apply(&self, data: &Dataset, options: &Value) -> Result<RecordBatch> {
        let (_folder, run) = self.unpack();
        apply(self.method(), &run, data, options, &context(SEED, &Watch::new(None)))
    }
}

/// Applies a run and gives back all rows as one table.
pub fn apply(method: &dyn AnyMethod, run: &Run, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<RecordBatch> {
    let mut sink = Collect(Vec::new());
    let applied = method.apply(run, data, options, &mut sink, ctx)?;
    let all = table::join(&sink.0);
    assert_eq!(applied.rows, all.num_rows() as u64, "apply says another number of rows than it wrote");
    assert!(!applied.sentence.is_empty(), "apply says nothing about what it did");
    Ok(all)
}

struct Collect(Vec<RecordBatch>);

impl Sink for Collect {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.push(batch.clone());
        Ok(())
    }
}

/// A context whose events go to `watch`, which may ask for a stop.
pub fn context(seed: u64, watch: &Watch) -> Ctx {
    Ctx { threads: THREADS, progress: Arc::new(watch.clone()), cancel: watch.cancel.clone(), ..Ctx::silent(seed) }
}

/// Fits into a new folder and ends the run as the command line does; the files of the complete run.
pub fn fit(contract: &Contract, data: &Dataset, path: &Path, seed: u64, watch: &Watch) -> Result<(Files, Outcome)> {
    let ctx = context(seed, watch);
    let run = Run::create_at(path, &spec(contract, data), &ctx)?;
    learn(contract, data, run, &ctx)
}

/// Goes on with a stopped run.
pub fn resume(contract: &Contract, path: &Path, seed: u64, watch: &Watch) -> Result<(Files, Outcome)> {
    let ctx = context(seed, watch);
    let run = Run::resume(path, &ctx)?;
    learn(contract, &contract.data, run, &ctx)
}

fn learn(contract: &Contract, data: &Dataset, mut run: Run, ctx: &Ctx) -> Result<(Files, Outcome)> {
    match contract.method.fit(&contract.config, data, &run, ctx) {
        Ok(outcome) => {
            run.finish(Status::Complete, None, 0, ctx)?;
            Ok((trace::read(run.path()), outcome))
        }
        Err(error) => {
            let stopped = error.family() == suffit_core::Family::Interrupted;
            let status = if stopped { Status::Interrupted } else { Status::Failed };
            run.finish(status, Some(&error.to_string()), error.family().exit().code(), ctx)?;
            Err(error)
        }
    }
}

/// What the command line writes at the beginning of a run.
fn spec(contract: &Contract, data: &Dataset) -> RunSpec {
    let roles: serde_json::Map<String, Value> =
        data.roles.iter().map(|(role, columns)| (role.to_string(), json!(columns))).collect();
    RunSpec {
        method: contract.method.slug().to_owned(),
        config: contract.config.clone(),
        argv: ["suffit", "fit", contract.method.slug()].map(str::to_owned).to_vec(),
        data: json!({
            "name": data.name,
            "kind": data.kind,
            "rows": data.source.rows(),
            "files": data.source.files().unwrap(),
            "roles": roles,
        }),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: None,
    }
}

/// Keeps every event, and asks for a stop at one of them.
#[derive(Clone, Default)]
pub struct Watch {
    heard: Arc<Mutex<Vec<Event>>>,
    stop_at: Option<usize>,
    cancel: Cancel,
}

impl Watch {
    /// Asks for a stop at the `stop_at`-th event (from 0).
    pub fn new(stop_at: Option<usize>) -> Self {
        Watch { stop_at, ..Watch::default() }
    }

    /// Everything heard so far.
    pub fn events(&self) -> Vec<Event> {
        self.heard.lock().unwrap().clone()
    }
}

impl Progress for Watch {
    fn event(&self, event: &Event) {
        let mut heard = self.heard.lock().unwrap();
        if self.stop_at == Some(heard.len()) {
            self.cancel.ask();
        }
        heard.push(event.clone());
    }
}

/// Fails unless the error is a cause of the data families with a name of its own, a hint or place,
/// and each of `words` in its message.
pub fn assert_named(error: &Error, words: &[&str]) {
    use suffit_core::Family::{Data, Format, Shape, Usage};
    let family = error.family();
    assert!(matches!(family, Data | Format | Shape | Usage), "`{error}` is of family {family:?}");
    assert_ne!(error.code(), "unnamed", "`{error}` has no name");
    let text = format!("{error} {}", error.hint().unwrap_or_default());
    for word in words {
        assert!(text.contains(word), "`{text}` does not name `{word}`");
    }
}

/// Names of the views of a data set.
pub fn views(data: &Dataset) -> Vec<Role> {
    data.roles.views().into_iter().map(|v| Role::View(v.to_owned())).collect()
}
