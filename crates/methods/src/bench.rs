//! Running jobs once: seeds, kept results, progress, stopping.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suffit_core::ctx::Silent;
use suffit_core::error::CommonError;
use suffit_core::method::ReproduceRequest;
use suffit_core::{Ctx, Result, files};

/// Named numbers that a job measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measured(pub BTreeMap<String, f64>);

impl Measured {
    /// Adds a number.
    pub fn put(&mut self, name: impl Into<String>, value: f64) {
        self.0.insert(name.into(), value);
    }

    /// The same numbers with one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: f64) -> Self {
        self.put(name, value);
        self
    }

    /// A number; NaN when it was not measured.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(f64::NAN)
    }
}

/// Measures one row with one seed.
pub type Work<'a> = Box<dyn Fn(&Ctx) -> Result<Measured> + 'a>;

/// One row of a table.
pub struct Job<'a> {
    /// Its name.
    pub row: String,
    /// Everything that decides the result beside the seed.
    pub settings: Value,
    /// Measures it; the context holds the seed.
    pub work: Work<'a>,
}

/// A kept result.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    table: String,
    row: String,
    seed: u64,
    quick: bool,
    digest: String,
    settings: Value,
    measured: Measured,
}

/// Runs jobs for several seeds and keeps what is finished.
pub struct Bench<'a> {
    /// The world outside.
    pub ctx: &'a Ctx,
    /// A smaller version was asked for.
    pub quick: bool,
    /// Number of seeds.
    pub seeds: usize,
    out: PathBuf,
}

impl<'a> Bench<'a> {
    /// For a request.
    pub fn new(request: &ReproduceRequest, ctx: &'a Ctx) -> Self {
        Bench { ctx, quick: request.quick, seeds: request.seeds.max(1), out: request.out.clone() }
    }

    /// The smaller value in a quick version, else the whole one.
    pub fn size<T>(&self, quick: T, whole: T) -> T {
        if self.quick { quick } else { whole }
    }

    /// Measures every job with every seed: `result[job][seed]`.
    ///
    /// Seed `k` is the child `("reproduce", k)` of the context's seed, the same for all jobs. Inner
    /// progress is silent; the phase `reproduce TABLE` counts jobs.
    ///
    /// # Errors
    /// Interruption between jobs or inside one; the jobs' own; I/O.
    pub fn run(&self, table: &str, seeds: usize, jobs: &[Job]) -> Result<Vec<Vec<Measured>>> {
        let name = format!("reproduce {table}");
        let phase = self.ctx.phase(&name, Some((jobs.len() * seeds) as u64));
        let mut done = 0;
        let mut results = Vec::with_capacity(jobs.len());
        for job in jobs {
            let mut by_seed = Vec::with_capacity(seeds);
            for k in 0..seeds {
                self.ctx.check_cancel(&format!("{name}, {}, seed {k}", job.row))?;
                by_seed.push(self.one(table, job, k)?);
                done += 1;
                phase.step(done, &[]);
            }
            results.push(by_seed);
        }
        Ok(results)
    }

    fn one(&self, table: &str, job: &Job, k: usize) -> Result<Measured> {
        let seed = self.ctx.seed.child("reproduce", &[k as u64]);
        let identity = json!({
            "table": table, "row": job.row, "seed": seed, "quick": self.quick, "threads": self.ctx.threads,
            "settings": job.settings, "version": env!("CARGO_PKG_VERSION"),
        });
        let digest = files::digest_bytes(identity.to_string().as_bytes());
        let path = self.out.join("cells").join(table).join(format!("{}.seed-{k}.json", file_stem(&job.row)));
        if let Some(kept) = read_kept(&path, &digest) {
            return Ok(kept.measured);
        }
        let inner = Ctx { progress: Arc::new(Silent), ..self.ctx.with_seed(seed) };
        let measured = (job.work)(&inner)?;
        let kept = Kept {
            table: table.to_owned(),
            row: job.row.clone(),
            seed: seed.value(),
            quick: self.quick,
            digest,
            settings: job.settings.clone(),
            measured,
        };
        write_kept(&path, &kept)?;
        Ok(kept.measured)
    }
}

/// A result with the same identity; anything else (missing, damaged, other settings) is run anew.
fn read_kept(path: &Path, digest: &str) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&files::read(path).ok()?).ok()?;
    (kept.digest == digest).then_some(kept)
}

fn write_kept(path: &Path, kept: &Kept) -> Result<()> {
    if let Some(folder) = path.parent() {
        files::create_dirs(folder)?;
    }
    let text = serde_json::to_string_pretty(kept).map_err(|e| CommonError::bug(format!("a kept result: {e}")))?;
    files::write_atomic(path, text.as_bytes())
}

/// A row's name as a file name.
fn file_stem(row: &str) -> String {
    row.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::Cell;

    fn request(out: &Path) -> ReproduceRequest {
        ReproduceRequest { table: None, quick: false, seeds: 2, data: None, out: out.to_path_buf() }
    }

    /// A job that counts how often it is run and measures its seed.
    fn job<'a>(runs: &'a Cell<u32>, size: u32) -> Job<'a> {
        Job {
            row: "a row, p=0.5".into(),
            settings: json!({ "size": size }),
            work: Box::new(move |ctx| {
                runs.set(runs.get() + 1);
                Ok(Measured::default().with("seed", (ctx.seed.value() >> 40) as f64).with("size", f64::from(size)))
            }),
        }
    }

    #[test]
    fn what_is_finished_is_kept_until_settings_seed_or_file_change() {
        let (folder, runs, ctx) = (tempfile::tempdir().unwrap(), Cell::new(0), Ctx::silent(5));
        let request = request(folder.path());
        let bench = Bench::new(&request, &ctx);
        let first = bench.run("t", 2, &[job(&runs, 1)]).unwrap();
        assert_eq!((runs.get(), bench.run("t", 2, &[job(&runs, 1)]).unwrap()), (2, first.clone()));
        assert_eq!(runs.get(), 2);
        assert_ne!(first[0][0], first[0][1]); // every seed of its own
        bench.run("t", 3, &[job(&runs, 1)]).unwrap();
        assert_eq!(runs.get(), 3); // one seed more, one run more
        assert_eq!(bench.run("t", 2, &[job(&runs, 7)]).unwrap()[0][0].get("size"), 7.0);
        assert_eq!(runs.get(), 5); // other settings
        let other = Ctx::silent(6);
        Bench::new(&request, &other).run("t", 1, &[job(&runs, 7)]).unwrap();
        assert_eq!(runs.get(), 6); // another root seed
        std::fs::write(folder.path().join("cells/t/a-row--p-0.5.seed-0.json"), "{").unwrap();
        bench.run("t", 1, &[job(&runs, 7)]).unwrap();
        assert_eq!(runs.get(), 7); // a damaged file
    }

    #[test]
    fn a_stop_keeps_what_is_finished() {
        let (folder, runs, ctx) = (tempfile::tempdir().unwrap(), Cell::new(0), Ctx::silent(5));
        let request = request(folder.path());
        let bench = Bench::new(&request, &ctx);
        let stopping = Job {
            row: "stops".into(),
            settings: json!({}),
            work: Box::new(|ctx| {
                ctx.cancel.ask();
                ctx.check_cancel("a job").map(|()| Measured::default())
            }),
        };
        let error = bench.run("t", 1, &[job(&runs, 1), stopping]).unwrap_err();
        assert_eq!(error.family(), suffit_core::Family::Interrupted);
        let again = Ctx::silent(5);
        Bench::new(&request, &again).run("t", 1, &[job(&runs, 1)]).unwrap();
        assert_eq!(runs.get(), 1);
    }
}
