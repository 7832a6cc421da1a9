//! The run directory: everything about one run in one portable folder.
//!
//! | file | content |
//! |---|---|
//! | `run.json` | [`RunInfo`]: method, version, commit, command, host, seed, times, status |
//! | `config.toml` | the resolved configuration, every default spelled out |
//! | `data.json` | sources, digests, roles, splits |
//! | `checkpoints/` | see [`crate::checkpoint`] |
//! | `metrics.jsonl` | see [`crate::metrics`] |
//! | `FILES.json` | names, sizes and digests, written last: a run without it is not complete |
//! | `.lock` | held by the writing process; says who that is |
//!
//! One process writes, any number read. The lock belongs to the process and ends with it, however
//! it ends, so a killed run can be resumed at once. Nothing in a run refers to its own path: copy
//! the folder, and it works elsewhere.

mod create;
mod error;
mod find;
mod info;
mod lock;
mod name;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::checkpoint::Checkpoints;
use crate::ctx::{Clock, Ctx, SystemClock};
use crate::error::{CommonError, Result};
use crate::metrics::Metrics;
use crate::{config, files};

pub use error::RunError;
pub use find::RunEntry;
pub use info::{Resumed, RunInfo, RunSpec, Status};
pub use lock::Holder;
pub use verify::{VerifyLine, VerifyState};

pub(crate) use name::civil;

use lock::Lock;

/// Names of files that core itself writes into a run.
pub mod file {
    /// What the run is; written when it begins and when it ends.
    pub const RUN: &str = "run.json";
    /// The resolved configuration.
    pub const CONFIG: &str = "config.toml";
    /// The data behind the run.
    pub const DATA: &str = "data.json";
    /// Metrics, one object a line.
    pub const METRICS: &str = "metrics.jsonl";
    /// The list of all files, written last.
    pub const FILES: &str = "FILES.json";
    /// Folder of the checkpoints.
    pub const CHECKPOINTS: &str = "checkpoints";
    /// Full log of the process; goes on growing, so it is not in the list of files.
    pub const LOG: &str = "log.jsonl";
    /// Held by the writer.
    pub const LOCK: &str = ".lock";
}

/// An open run: writable if made by `create`, `create_at`, `resume` or `amend`, else read-only.
pub struct Run {
    path: PathBuf,
    info: RunInfo,
    /// Absent in read-only runs.
    lock: Option<Lock>,
    clock: Arc<dyn Clock>,
    keep_checkpoints: usize,
    tensorboard: bool,
    /// One amendment of `FILES.json` at a time.
    seal: Mutex<()>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("path", &self.path)
            .field("info", &self.info)
            .field("writable", &self.lock.is_some())
            .finish_non_exhaustive()
    }
}

impl Run {
    fn new(path: &Path, info: RunInfo, lock: Option<Lock>, clock: Arc<dyn Clock>) -> Run {
        Run { path: path.to_owned(), info, lock, clock, keep_checkpoints: 2, tensorboard: false, seal: Mutex::new(()) }
    }

    /// Opens a run for reading; others may be writing it.
    ///
    /// # Errors
    /// [`RunError::NotARun`], [`RunError::BadInfo`], I/O.
    pub fn open(path: impl AsRef<Path>) -> Result<Run> {
        let path = path.as_ref();
        let info = RunInfo::read(path)?;
        Ok(Run::new(path, info, None, Arc::new(SystemClock::default())))
    }

    /// Opens a stopped run to go on with it: takes the lock, removes what a killed writer left
    /// half-written, and marks the run as running again. A run that was killed between its last
    /// step and its list of files is not complete, and can be resumed.
    ///
    /// # Errors
    /// [`RunError::Locked`] while another process writes, [`RunError::AlreadyComplete`],
    /// [`RunError::OtherSeed`], and those of [`Run::open`].
    pub fn resume(path: impl AsRef<Path>, ctx: &Ctx) -> Result<Run> {
        let path = path.as_ref();
        RunInfo::read(path)?;
        let lock = Lock::take(path, ctx.clock.unix_ms())?;
        // Read again: the former holder may have finished in between.
        let mut info = RunInfo::read(path)?;
        if info.status == Status::Complete && path.join(file::FILES).exists() {
            return Err(RunError::AlreadyComplete { path: path.to_owned() }.into());
        }
        if info.seed != ctx.seed {
            return Err(RunError::OtherSeed {
                path: path.to_owned(),
                recorded: info.seed.value(),
                given: ctx.seed.value(),
            }
            .into());
        }
        if info.threads != ctx.threads {
            ctx.warn(format!(
                "the run was started with {} threads and goes on with {}: the bytes may differ",
                info.threads, ctx.threads
            ));
        }
        info.resumed.push(Resumed {
            at_ms: ctx.clock.unix_ms(),
            host: lock.holder().host.clone(),
            stopped_at: info.stopped_at.take(),
        });
        (info.status, info.ended_ms, info.exit) = (Status::Running, None, None);
        create::clean_temp(path)?;
        let run = Run::new(path, info, Some(lock), Arc::clone(&ctx.clock));
        run.write_info()?;
        Ok(run)
    }

    /// Opens a finished or stopped run to add files to it (a report, an audit) without changing
    /// its status: takes the lock; each file written is entered in `FILES.json` if there is one.
    ///
    /// # Errors
    /// [`RunError::Locked`], and those of [`Run::open`].
    pub fn amend(path: impl AsRef<Path>, ctx: &Ctx) -> Result<Run> {
        let path = path.as_ref();
        RunInfo::read(path)?;
        let lock = Lock::take(path, ctx.clock.unix_ms())?;
        let info = RunInfo::read(path)?;
        create::clean_temp(path)?;
        Ok(Run::new(path, info, Some(lock), Arc::clone(&ctx.clock)))
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known about it.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Whether this handle may write.
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// The process that writes the run at this moment, if there is one; never this handle's own.
    ///
    /// # Errors
    /// I/O.
    pub fn holder(&self) -> Result<Option<Holder>> {
        if self.lock.is_some() { Ok(None) } else { lock::holder(&self.path) }
    }

    /// How many checkpoints [`Run::checkpoints`] keeps; 2 unless set.
    #[must_use]
    pub fn keep_checkpoints(mut self, keep: usize) -> Run {
        self.keep_checkpoints = keep;
        self
    }

    /// Makes [`Run::metrics`] write TensorBoard event files beside `metrics.jsonl`.
    #[must_use]
    pub fn with_tensorboard(mut self) -> Run {
        self.tensorboard = true;
        self
    }

    /// The resolved configuration as a typed struct or as a [`Value`]. `null` entries are not kept
    /// in TOML: an absent key is a missing optional value.
    ///
    /// # Errors
    /// [`crate::config::ConfigError`] with a span into `config.toml`, I/O.
    pub fn config<C: DeserializeOwned>(&self) -> Result<C> {
        let text = self.read_text(file::CONFIG)?;
        config::from_toml_text(&self.path.join(file::CONFIG).display().to_string(), &text)
    }

    /// The checkpoints of the run.
    pub fn checkpoints(&self) -> Checkpoints {
        Checkpoints::at(self.path.join(file::CHECKPOINTS)).keep(self.keep_checkpoints)
    }

    /// The metrics of the run, opened to append.
    ///
    /// # Errors
    /// [`RunError::ReadOnly`], I/O.
    pub fn metrics(&self) -> Result<Metrics> {
        self.writable(file::METRICS)?;
        let metrics = Metrics::append(self.path.join(file::METRICS), Arc::clone(&self.clock))?;
        if self.tensorboard { metrics.with_tensorboard(&self.path) } else { Ok(metrics) }
    }

    /// Whether the run holds a file or folder of that name.
    pub fn has(&self, name: &str) -> bool {
        self.inside(name).is_ok_and(|p| p.exists())
    }

    /// Reads a file of the run.
    ///
    /// # Errors
    /// [`RunError::BadName`], I/O.
    pub fn read_bytes(&self, name: &str) -> Result<Vec<u8>> {
        files::read(&self.inside(name)?)
    }

    /// Reads a text file of the run.
    ///
    /// # Errors
    /// [`RunError::NotText`] with the byte offset, [`RunError::BadName`], I/O.
    pub fn read_text(&self, name: &str) -> Result<String> {
        String::from_utf8(self.read_bytes(name)?)
            .map_err(|e| RunError::NotText { path: self.path.join(name), offset: e.utf8_error().valid_up_to() }.into())
    }

    /// Reads a JSON file of the run.
    ///
    /// # Errors
    /// [`RunError::BadJson`], [`RunError::BadName`], I/O.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let bytes = self.read_bytes(name)?;
        serde_json::from_slice(&bytes).map_err(|source| RunError::BadJson { path: self.path.join(name), source }.into())
    }

    /// Writes a file of the run, whole or not at all (see [`crate::files`]). `name` may have
    /// folders in it (`figures/a.svg`), which are made.
    ///
    /// # Errors
    /// [`RunError::ReadOnly`], [`RunError::BadName`], I/O.
    pub fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.writable(name)?;
        let path = self.inside(name)?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| CommonError::io("create", parent, e))?;
        }
        files::write_atomic(&path, bytes)?;
        self.amend_seal(name, bytes)
    }

    /// Writes a text file; see [`Run::write_bytes`].
    ///
    /// # Errors
    /// As [`Run::write_bytes`].
    pub fn write_text(&self, name: &str, text: &str) -> Result<()> {
        self.write_bytes(name, text.as_bytes())
    }

    /// Writes a JSON file, indented, with a newline at its end; see [`Run::write_bytes`].
    ///
    /// # Errors
    /// As [`Run::write_bytes`].
    pub fn write_json<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<()> {
        self.write_bytes(name, &pretty(name, value)?)
    }

    /// Ends the run: records status, end time and exit code and, for [`Status::Complete`], writes
    /// `FILES.json` last. The lock stays until the handle is dropped.
    ///
    /// `stopped_at` says how far a failed or interrupted run came, such as `step 1,200`.
    ///
    /// # Errors
    /// [`RunError::ReadOnly`], I/O.
    pub fn finish(&mut self, status: Status, stopped_at: Option<&str>, exit: i32, ctx: &Ctx) -> Result<()> {
        self.writable(file::RUN)?;
        self.info.status = status;
        self.info.stopped_at = stopped_at.map(str::to_owned);
        self.info.exit = Some(exit);
        self.info.ended_ms = (status != Status::Running).then(|| ctx.clock.unix_ms());
        self.write_info()?;
        if status == Status::Complete { verify::seal(&self.path) } else { Ok(()) }
    }

    /// Compares every file with `FILES.json`: one line for each that is fine, damaged, missing or
    /// new since. A run that is not complete has no list and gives a single line that says so.
    ///
    /// # Errors
    /// I/O other than a missing file.
    pub fn verify(&self) -> Result<Vec<VerifyLine>> {
        verify::verify(&self.path, &self.info)
    }

    fn write_info(&self) -> Result<()> {
        let bytes = pretty(file::RUN, &self.info)?;
        files::write_atomic(&self.path.join(file::RUN), &bytes)
    }

    fn amend_seal(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let _one = self.seal.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        verify::amend(&self.path, name, bytes)
    }

    fn writable(&self, name: &str) -> Result<()> {
        match self.lock {
            Some(_) => Ok(()),
            None => Err(RunError::ReadOnly { path: self.path.clone(), name: name.to_owned() }.into()),
        }
    }

    /// Names stay inside the folder: relative, without `..`.
    fn inside(&self, name: &str) -> Result<PathBuf> {
        let path = Path::new(name);
        let plain = path.components().all(|c| matches!(c, std::path::Component::Normal(_)));
        if name.is_empty() || !plain {
            return Err(RunError::BadName { name: name.to_owned() }.into());
        }
        Ok(self.path.join(path))
    }
}

/// Indented JSON with a newline at its end.
fn pretty<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<Vec<u8>> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|source| RunError::CannotEncode { name: name.to_owned(), source })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The content of `data.json`.
fn data_value(spec: &RunSpec) -> &Value {
    &spec.data
}

#[cfg(test)]
mod tests;
