//! Checkpoints that survive a kill at any moment.
//!
//! A checkpoint is a folder `step-00012000` with some files and a `MANIFEST.json` (format version,
//! step, sizes, BLAKE3 digests). It is written into a temporary folder, every file flushed, the
//! manifest last; then the folder is renamed and its parent flushed. Reading takes the newest
//! checkpoint whose manifest verifies and names the ones it skipped.

mod manifest;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Cause, CommonError, Family, Result};
use crate::files;

pub use manifest::{Damage, FORMAT};
use manifest::{MANIFEST, Manifest};

/// Marks the best checkpoint, so that pruning leaves it.
const BEST: &str = "BEST.json";

/// Why a checkpoint cannot be written as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file name that is not a plain name.
    #[error("`{name}` cannot be the name of a file in a checkpoint: a plain name other than {MANIFEST} is needed")]
    BadName {
        /// The name.
        name: String,
    },
    /// The step to mark has no checkpoint.
    #[error("step {step} has no checkpoint in {}", folder.display())]
    NoSuchStep {
        /// The step.
        step: u64,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A manifest has no JSON form: our mistake.
    #[error("the manifest of step {step} cannot be written: {source}")]
    CannotEncode {
        /// The step.
        step: u64,
        /// Why.
        source: serde_json::Error,
    },
}

impl Cause for CheckpointError {
    fn family(&self) -> Family {
        Family::Bug
    }

    fn hint(&self) -> Option<String> {
        Some("this is our mistake: please report it".into())
    }

    fn code(&self) -> &'static str {
        match self {
            CheckpointError::BadName { .. } => "checkpoint.bad_name",
            CheckpointError::NoSuchStep { .. } => "checkpoint.no_such_step",
            CheckpointError::CannotEncode { .. } => "checkpoint.cannot_encode",
        }
    }
}

/// A checkpoint that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its folder.
    pub path: PathBuf,
    /// Why.
    pub reason: Damage,
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "checkpoint {} was skipped: {}", self.path.display(), self.reason)
    }
}

/// The newest checkpoint that verifies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Newest {
    /// Its step and files, if there is one.
    pub found: Option<(u64, BTreeMap<String, Vec<u8>>)>,
    /// Newer ones that do not verify, newest first.
    pub skipped: Vec<Skipped>,
}

/// The checkpoints of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
    keep: usize,
}

/// Called before each step of writing a checkpoint; tests fail it to stand for a kill.
type Gate<'a> = &'a mut dyn FnMut(&'static str) -> Result<()>;

#[derive(Serialize, Deserialize)]
struct Best {
    step: u64,
}

impl Checkpoints {
    /// Checkpoints in a folder, which need not exist yet; two are kept.
    pub fn at(folder: impl Into<PathBuf>) -> Checkpoints {
        Checkpoints { folder: folder.into(), keep: 2 }
    }

    /// Sets how many are kept beside the best one; at least 1.
    #[must_use]
    pub fn keep(mut self, keep: usize) -> Checkpoints {
        self.keep = keep.max(1);
        self
    }

    /// Their folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Folder of the checkpoint of a step.
    pub fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("step-{step:08}"))
    }

    /// Steps that have a checkpoint folder, oldest first, verified or not.
    ///
    /// # Errors
    /// I/O.
    pub fn steps(&self) -> Result<Vec<u64>> {
        let mut steps: Vec<u64> = self.names()?.iter().filter_map(|n| step_of(n)).collect();
        steps.sort_unstable();
        Ok(steps)
    }

    /// Saves a checkpoint, whole or not at all, then removes remains of killed writers and old
    /// checkpoints beyond the number to keep. The newest valid one and the marked best one stay.
    ///
    /// Saving a step again replaces it; if it holds exactly these files already, nothing is done.
    ///
    /// # Errors
    /// [`CheckpointError::BadName`], I/O.
    pub fn save(&self, step: u64, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        let temp = files::temp_beside(&self.path(step));
        let saved = self.save_gated(step, files, &temp, &mut |_| Ok(()));
        if saved.is_err() {
            // The first error is the one to tell; remains are ignored by every reader.
            let _ = fs::remove_dir_all(&temp);
        }
        saved
    }

    fn save_gated(&self, step: u64, files: &BTreeMap<String, Vec<u8>>, temp: &Path, gate: Gate<'_>) -> Result<()> {
        if let Some(name) = files.keys().find(|n| !plain(n)) {
            return Err(CheckpointError::BadName { name: name.clone() }.into());
        }
        gate("folder")?;
        fs::create_dir_all(&self.folder).map_err(|e| CommonError::io("create", &self.folder, e))?;
        self.clean(gate)?;
        if manifest::read(&self.path(step), step).is_ok_and(|old| old == *files) {
            return self.prune(gate);
        }
        self.write(step, files, temp, gate)?;
        self.publish(step, temp, gate)?;
        self.prune(gate)
    }

    /// Everything into the temporary folder, the manifest last.
    fn write(&self, step: u64, files: &BTreeMap<String, Vec<u8>>, temp: &Path, gate: Gate<'_>) -> Result<()> {
        gate("temporary folder")?;
        fs::create_dir(temp).map_err(|e| CommonError::io("create", temp, e))?;
        for (name, bytes) in files {
            gate("file")?;
            files::write_synced(&temp.join(name), bytes)?;
        }
        gate("manifest")?;
        files::write_synced(&temp.join(MANIFEST), &Manifest::of(step, files).encode()?)?;
        gate("flush of the temporary folder")?;
        files::sync_dir(temp)
    }

    /// Renames the temporary folder to its final name. A folder of that name (damaged, or of other
    /// content) is moved aside first: a kill between the two leaves the older checkpoints.
    fn publish(&self, step: u64, temp: &Path, gate: Gate<'_>) -> Result<()> {
        let path = self.path(step);
        let aside = files::temp_beside(&path);
        let replaces = path.exists();
        if replaces {
            gate("move aside")?;
            files::rename(&path, &aside)?;
        }
        gate("rename")?;
        files::rename(temp, &path)?;
        gate("flush of the folder")?;
        files::sync_dir(&self.folder)?;
        if replaces {
            gate("remove the replaced one")?;
            remove(&aside)?;
        }
        Ok(())
    }

    /// The newest checkpoint that verifies, and the ones skipped on the way.
    ///
    /// # Errors
    /// I/O on the folder itself; what is wrong with a checkpoint goes into `skipped`.
    pub fn newest(&self) -> Result<Newest> {
        let mut newest = Newest::default();
        for step in self.steps()?.into_iter().rev() {
            let path = self.path(step);
            match manifest::read(&path, step) {
                Ok(files) => {
                    newest.found = Some((step, files));
                    break;
                }
                Err(reason) => newest.skipped.push(Skipped { path, reason }),
            }
        }
        Ok(newest)
    }

    /// The checkpoint of a step, or what is wrong with it.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn load(&self, step: u64) -> std::result::Result<BTreeMap<String, Vec<u8>>, Damage> {
        manifest::read(&self.path(step), step)
    }

    /// Marks a saved step as the best one: pruning leaves it.
    ///
    /// # Errors
    /// [`CheckpointError::NoSuchStep`], I/O.
    pub fn mark_best(&self, step: u64) -> Result<()> {
        if !self.path(step).is_dir() {
            return Err(CheckpointError::NoSuchStep { step, folder: self.folder.clone() }.into());
        }
        let bytes =
            serde_json::to_vec(&Best { step }).map_err(|source| CheckpointError::CannotEncode { step, source })?;
        files::write_atomic(&self.folder.join(BEST), &bytes)
    }

    /// The step marked as the best, if one is marked and still there.
    pub fn best(&self) -> Option<u64> {
        let bytes = fs::read(self.folder.join(BEST)).ok()?;
        let best: Best = serde_json::from_slice(&bytes).ok()?;
        self.path(best.step).is_dir().then_some(best.step)
    }

    /// Removes remains of killed writers.
    fn clean(&self, gate: Gate<'_>) -> Result<()> {
        for name in self.names()?.iter().filter(|n| files::is_temp(n)) {
            gate("clean")?;
            remove(&self.folder.join(name))?;
        }
        Ok(())
    }

    /// Removes the oldest checkpoints beyond the number to keep. Damaged ones newer than the
    /// newest valid one count as kept only until they grow old.
    fn prune(&self, gate: Gate<'_>) -> Result<()> {
        let steps = self.steps()?;
        if steps.len() <= self.keep {
            return Ok(());
        }
        let (valid, best) = (self.newest_valid(&steps), self.best());
        for &step in steps.iter().rev().skip(self.keep) {
            if Some(step) != valid && Some(step) != best {
                gate("prune")?;
                remove(&self.path(step))?;
            }
        }
        Ok(())
    }

    fn newest_valid(&self, steps: &[u64]) -> Option<u64> {
        steps.iter().rev().copied().find(|&s| manifest::read(&self.path(s), s).is_ok())
    }

    fn names(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(CommonError::io("read", &self.folder, e).into()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| CommonError::io("read", &self.folder, e))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

/// Removes a checkpoint under another name first, so that a kill in between cannot leave a folder
/// that looks like a damaged checkpoint.
fn remove(path: &Path) -> Result<()> {
    let gone = if path.file_name().is_some_and(|n| files::is_temp(&n.to_string_lossy())) {
        path.to_owned()
    } else {
        let aside = files::temp_beside(path);
        files::rename(path, &aside)?;
        aside
    };
    let removed = if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) };
    removed.map_err(|e| CommonError::io("remove", path, e))?;
    Ok(())
}

fn step_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("step-")?;
    let step = digits.parse().ok()?;
    // `step-7` or `step-+0000007` would not be found again under its step.
    (format!("{step:08}") == digits).then_some(step)
}

fn plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let normal = matches!(parts.next(), Some(std::path::Component::Normal(part)) if part == name);
    normal && parts.next().is_none() && name != MANIFEST && !files::is_temp(name)
}

#[cfg(test)]
mod tests;
