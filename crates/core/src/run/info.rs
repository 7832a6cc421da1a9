//! What a run says about itself: `run.json`.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{RunError, file};
use crate::ctx::{Ctx, Device};
use crate::error::{CommonError, Result};
use crate::seed::Seed;

/// Layout of the run directory that this version writes and reads.
pub(super) const LAYOUT: u32 = 1;

/// What a new run is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpec {
    /// Slug of the method; part of the folder's name.
    pub method: String,
    /// The resolved configuration.
    pub config: Value,
    /// The command as typed.
    pub argv: Vec<String>,
    /// Content of `data.json`: sources, digests, rows, roles, splits.
    pub data: Value,
    /// Version of suffit.
    pub version: String,
    /// Git commit of suffit, where known.
    pub commit: Option<String>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Begun, not ended. If nobody holds the lock, it was killed: see [`super::RunEntry::killed`].
    Running,
    /// Ended as planned; `FILES.json` lists its files.
    Complete,
    /// Ended by an error.
    Failed,
    /// Stopped on request; can be resumed.
    Interrupted,
}

impl Status {
    /// As one word.
    pub fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Complete => "complete",
            Status::Failed => "failed",
            Status::Interrupted => "interrupted",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// One continuation of a stopped run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// On which machine.
    pub host: String,
    /// How far the run had come, where it could still say so.
    pub stopped_at: Option<String>,
}

/// The content of `run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Layout of the run directory.
    pub layout: u32,
    /// Name of the run: `YYYY-MM-DD-<slug>-<adjective>-<animal>`.
    pub id: String,
    /// Slug of the method.
    pub method: String,
    /// Version of suffit.
    pub version: String,
    /// Git commit of suffit, where known.
    pub commit: Option<String>,
    /// The command as typed.
    pub argv: Vec<String>,
    /// Machine that began the run.
    pub host: String,
    /// Worker threads.
    pub threads: usize,
    /// Where tensors live.
    pub device: Device,
    /// Root of all randomness.
    pub seed: Seed,
    /// Begin, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// End, likewise.
    pub ended_ms: Option<u64>,
    /// Where it stands.
    pub status: Status,
    /// How far a failed or interrupted run came.
    pub stopped_at: Option<String>,
    /// Exit code of the process that ended it.
    pub exit: Option<i32>,
    /// Continuations, oldest first.
    pub resumed: Vec<Resumed>,
}

impl RunInfo {
    /// At the beginning of a run.
    pub(super) fn begin(id: &str, spec: &RunSpec, host: &str, ctx: &Ctx) -> RunInfo {
        RunInfo {
            layout: LAYOUT,
            id: id.to_owned(),
            method: spec.method.clone(),
            version: spec.version.clone(),
            commit: spec.commit.clone(),
            argv: spec.argv.clone(),
            host: host.to_owned(),
            threads: ctx.threads,
            device: ctx.device,
            seed: ctx.seed,
            started_ms: ctx.clock.unix_ms(),
            ended_ms: None,
            status: Status::Running,
            stopped_at: None,
            exit: None,
            resumed: Vec::new(),
        }
    }

    /// Reads `run.json` of a folder.
    ///
    /// # Errors
    /// [`RunError::NotARun`], [`RunError::BadInfo`], [`RunError::OtherLayout`], I/O.
    pub fn read(run: &Path) -> Result<RunInfo> {
        let path = run.join(file::RUN);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Err(RunError::NotARun { path: run.to_owned() }.into());
            }
            Err(e) => return Err(CommonError::io("read", path, e).into()),
        };
        #[derive(Deserialize)]
        struct Layout {
            layout: u32,
        }
        let bad = |source| RunError::BadInfo { path: path.clone(), source };
        let Layout { layout } = serde_json::from_slice(&bytes).map_err(bad)?;
        if layout != LAYOUT {
            return Err(RunError::OtherLayout { path, got: layout, expected: LAYOUT }.into());
        }
        Ok(serde_json::from_slice(&bytes).map_err(bad)?)
    }

    /// Seconds from begin to end, for ended runs.
    pub fn seconds(&self) -> Option<f64> {
        self.ended_ms.map(|end| end.saturating_sub(self.started_ms) as f64 / 1000.0)
    }
}
