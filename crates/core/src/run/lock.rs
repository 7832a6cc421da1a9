//! The lock of a run: an operating-system lock on `.lock`, whose content says who holds it.
//!
//! The system releases the lock when the process ends, also by `kill -9`, so a stale lock cannot
//! exist; a stale *content* can, and is overwritten by the next holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{RunError, file};
use crate::error::{CommonError, Result};

/// Who writes a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Machine.
    pub host: String,
    /// Since when, in milliseconds since the Unix epoch.
    pub since_ms: u64,
}

/// A held lock; released when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    // Closing the file releases the lock.
    _file: File,
    holder: Holder,
}

impl Lock {
    /// Takes the lock of a run folder or tells who has it.
    pub(super) fn take(run: &Path, now_ms: u64) -> Result<Lock> {
        let path = run.join(file::LOCK);
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| CommonError::io("open", &path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_holder(&mut file);
                let (pid, host) = holder.map_or_else(|| (0, "an unknown machine".to_owned()), |h| (h.pid, h.host));
                return Err(RunError::Locked { path: run.to_owned(), pid, host }.into());
            }
            Err(TryLockError::Error(e)) => return Err(CommonError::io("lock", &path, e).into()),
        }
        let holder = Holder { pid: std::process::id(), host: host(), since_ms: now_ms };
        write_holder(&mut file, &holder).map_err(|e| CommonError::io("write", &path, e))?;
        Ok(Lock { _file: file, holder })
    }

    pub(super) fn holder(&self) -> &Holder {
        &self.holder
    }
}

/// Who holds the lock of a run at this moment, if anybody.
pub(super) fn holder(run: &Path) -> Result<Option<Holder>> {
    let path = run.join(file::LOCK);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(CommonError::io("open", &path, e).into()),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let unknown = Holder { pid: 0, host: "an unknown machine".to_owned(), since_ms: 0 };
            Ok(Some(read_holder(&mut file).unwrap_or(unknown)))
        }
        Err(TryLockError::Error(e)) => Err(CommonError::io("lock", &path, e).into()),
    }
}

/// The content may be torn or from a former holder that was just replaced: then nobody is named.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let text = serde_json::to_string(holder).map_err(std::io::Error::from)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// Name of this machine, `unknown` where the system does not tell.
pub(super) fn host() -> String {
    let sources = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let from_file = sources.iter().find_map(|p| std::fs::read_to_string(p).ok());
    let name = from_file.or_else(|| std::env::var("COMPUTERNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}
