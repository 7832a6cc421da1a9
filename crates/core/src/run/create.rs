//! Making new runs.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::lock::Lock;
use super::{Run, RunError, RunInfo, RunSpec, data_value, file, find, name, pretty};
use crate::ctx::Ctx;
use crate::error::{CommonError, Result};
use crate::{config, files};

impl Run {
    /// A new run in `root` under a fresh name, with its lock; `root/latest` then points to it.
    ///
    /// `run.json` is written last: a folder without it is no run yet.
    ///
    /// # Errors
    /// I/O, [`crate::config::ConfigError`] for a configuration that TOML cannot hold.
    pub fn create(root: &Path, spec: &RunSpec, ctx: &Ctx) -> Result<Run> {
        fs::create_dir_all(root).map_err(|e| CommonError::io("create", root, e))?;
        for attempt in 0u64.. {
            let id = name::candidate(&spec.method, attempt, ctx);
            let path = root.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => {
                    let run = fill(&path, &id, spec, ctx)?;
                    files::sync_dir(root)?;
                    find::set_latest(root, &path)?;
                    return Ok(run);
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(CommonError::io("create", &path, e).into()),
            }
        }
        Err(CommonError::bug("2^64 run names are taken").into())
    }

    /// A new run in exactly this folder, which must be new or empty. Remains of a creation that
    /// was killed before the run existed are taken over.
    ///
    /// # Errors
    /// [`RunError::NotEmpty`], [`RunError::NotAFolder`], [`RunError::Locked`], I/O.
    pub fn create_at(path: &Path, spec: &RunSpec, ctx: &Ctx) -> Result<Run> {
        if path.exists() && !path.is_dir() {
            return Err(RunError::NotAFolder { path: path.to_owned() }.into());
        }
        fs::create_dir_all(path).map_err(|e| CommonError::io("create", path, e))?;
        refuse_content(path)?;
        let id = path.canonicalize().ok().and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()));
        let run = fill(path, &id.unwrap_or_else(|| spec.method.clone()), spec, ctx)?;
        files::sync_parent(path)?;
        Ok(run)
    }

    /// Makes `root/latest` point to a run, in one step.
    ///
    /// # Errors
    /// I/O, for example when `latest` is a folder.
    pub fn set_latest(root: &Path, run: &Path) -> Result<()> {
        find::set_latest(root, run)
    }
}

/// Anything but the remains of a killed creation makes a folder unfit.
fn refuse_content(path: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(|e| CommonError::io("read", path, e))? {
        let entry = entry.map_err(|e| CommonError::io("read", path, e))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let begun = names.iter().any(|n| n == file::LOCK) && !names.iter().any(|n| n == file::RUN);
    let remains =
        |n: &String| begun && (files::is_temp(n) || [file::LOCK, file::CONFIG, file::DATA].contains(&n.as_str()));
    match names.iter().find(|n| !remains(n)) {
        Some(first) => Err(RunError::NotEmpty { path: path.to_owned(), first: first.clone() }.into()),
        None => Ok(()),
    }
}

fn fill(path: &Path, id: &str, spec: &RunSpec, ctx: &Ctx) -> Result<Run> {
    let lock = Lock::take(path, ctx.clock.unix_ms())?;
    clean_temp(path)?;
    let info = RunInfo::begin(id, spec, &lock.holder().host, ctx);
    files::write_atomic(&path.join(file::CONFIG), config::to_toml(&spec.config)?.as_bytes())?;
    files::write_atomic(&path.join(file::DATA), &pretty(file::DATA, data_value(spec))?)?;
    let run = Run::new(path, info, Some(lock), Arc::clone(&ctx.clock));
    run.write_info()?;
    Ok(run)
}

/// Removes unfinished files of a writer that is gone; only called under the lock.
pub(super) fn clean_temp(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path).map_err(|e| CommonError::io("read", path, e))? {
        let entry = entry.map_err(|e| CommonError::io("read", path, e))?;
        if files::is_temp(&entry.file_name().to_string_lossy()) && entry.path().is_file() {
            fs::remove_file(entry.path()).map_err(|e| CommonError::io("remove", entry.path(), e))?;
        }
    }
    Ok(())
}
