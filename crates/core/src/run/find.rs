//! Finding and listing runs.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Run, RunError, RunInfo, Status, lock};
use crate::error::{CommonError, Result};
use crate::files;
use crate::text::nearest;

/// Name of the pointer to the newest run.
const LATEST: &str = "latest";

/// A line of the list of runs.
#[derive(Debug)]
pub struct RunEntry {
    /// Its folder.
    pub path: PathBuf,
    /// Name of the folder.
    pub name: String,
    /// What it says about itself, or why that cannot be read.
    pub info: Result<RunInfo>,
    /// Says that it is running, or complete without a list of files, but nobody holds its lock:
    /// the process was killed.
    pub killed: bool,
}

impl Run {
    /// The folder of a run given as a path, as the name of a folder in `root`, as the unique
    /// beginning of such a name, or as `latest`.
    ///
    /// # Errors
    /// [`RunError::NotFound`] with the nearest name, [`RunError::Ambiguous`],
    /// [`RunError::NotARun`], I/O.
    pub fn find(root: &Path, wanted: &str) -> Result<PathBuf> {
        let is_run = |p: &Path| p.join(super::file::RUN).is_file();
        let as_path = PathBuf::from(wanted);
        if is_run(&as_path) {
            return Ok(as_path);
        }
        if wanted == LATEST {
            return latest(root);
        }
        let names = names(root)?;
        if names.iter().any(|n| n == wanted) {
            return Ok(root.join(wanted));
        }
        let matches: Vec<String> =
            names.iter().filter(|n| !wanted.is_empty() && n.starts_with(wanted)).cloned().collect();
        match matches.as_slice() {
            [one] => Ok(root.join(one)),
            [] if as_path.is_dir() => Err(RunError::NotARun { path: as_path }.into()),
            [] => {
                let nearest = nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned);
                Err(RunError::NotFound { name: wanted.to_owned(), root: root.to_owned(), nearest }.into())
            }
            _ => Err(RunError::Ambiguous { name: wanted.to_owned(), matches }.into()),
        }
    }

    /// All runs in `root`, oldest first (by begin, then name); empty when `root` does not exist.
    ///
    /// # Errors
    /// I/O on `root` itself; runs that cannot be read are listed with their cause.
    pub fn list(root: &Path) -> Result<Vec<RunEntry>> {
        let mut entries = Vec::new();
        for name in names(root)? {
            let path = root.join(&name);
            let info = RunInfo::read(&path);
            let unfinished = info.as_ref().is_ok_and(|i| match i.status {
                Status::Running => true,
                Status::Complete => !path.join(super::file::FILES).exists(),
                Status::Failed | Status::Interrupted => false,
            });
            let killed = unfinished && lock::holder(&path)?.is_none();
            entries.push(RunEntry { path, name, info, killed });
        }
        entries.sort_by_key(|e| (e.info.as_ref().map_or(0, |i| i.started_ms), e.name.clone()));
        Ok(entries)
    }
}

/// Names of the folders in `root` that have a `run.json`, sorted.
fn names(root: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(CommonError::io("read", root, e).into()),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| CommonError::io("read", root, e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != LATEST && !files::is_temp(&name) && entry.path().join(super::file::RUN).is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The run that `latest` points to; where there is no pointer, the run that began last.
fn latest(root: &Path) -> Result<PathBuf> {
    let pointer = root.join(LATEST);
    if pointer.join(super::file::RUN).is_file() {
        // Give the run's own name, so that messages say which one it is.
        return Ok(fs::read_link(&pointer).map_or(pointer, |target| root.join(target)));
    }
    if let Ok(text) = fs::read_to_string(&pointer)
        && root.join(text.trim()).join(super::file::RUN).is_file()
    {
        return Ok(root.join(text.trim()));
    }
    match Run::list(root)?.pop() {
        Some(newest) => Ok(newest.path),
        None => Err(RunError::NotFound { name: LATEST.to_owned(), root: root.to_owned(), nearest: None }.into()),
    }
}

/// Points `root/latest` to a run: a symbolic link where the system has them, else a text file with
/// the name. Relative for runs inside `root`, so that `root` can be moved.
pub(super) fn set_latest(root: &Path, run: &Path) -> Result<()> {
    let inside = run.parent() == Some(root);
    let target = match run.file_name() {
        Some(name) if inside => PathBuf::from(name),
        _ => run.canonicalize().map_err(|e| CommonError::io("find", run, e))?,
    };
    fs::create_dir_all(root).map_err(|e| CommonError::io("create", root, e))?;
    let pointer = root.join(LATEST);
    let temp = files::temp_beside(&pointer);
    point(&target, &temp)?;
    let renamed = files::rename(&temp, &pointer);
    if renamed.is_err() {
        let _ = fs::remove_file(&temp);
    }
    renamed
}

#[cfg(unix)]
fn point(target: &Path, at: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, at).map_err(|e| CommonError::io("create", at, e))?;
    Ok(())
}

#[cfg(not(unix))]
fn point(target: &Path, at: &Path) -> Result<()> {
    files::write_synced(at, target.to_string_lossy().as_bytes())
}
