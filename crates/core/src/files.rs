//! Writing files so that nothing half-written ever looks complete.
//!
//! A file is written under a temporary name in the same folder, flushed to the disk (`fsync`),
//! renamed over its final name, and the folder is flushed. Whoever reads sees the old content or
//! the new one, also after a power cut. Temporary names begin with [`TEMP_PREFIX`].

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{CommonError, Result};

/// Beginning of the names of unfinished files and folders; they may be deleted when no run writes.
pub const TEMP_PREFIX: &str = ".tmp-";

/// A name in the same folder that nothing else uses: `.tmp-<pid>-<counter>-<name>`.
pub fn temp_beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    path.with_file_name(format!("{TEMP_PREFIX}{}-{count}-{name}", std::process::id()))
}

/// Whether a name is one of ours for unfinished work.
pub fn is_temp(name: &str) -> bool {
    name.starts_with(TEMP_PREFIX)
}

/// Writes a file whole or not at all: temporary file, flush, rename, flush of the folder.
///
/// # Errors
/// [`CommonError::Io`]; the temporary file is then removed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let temp = temp_beside(path);
    let written = write_synced(&temp, bytes).and_then(|()| rename(&temp, path));
    if written.is_err() {
        // The first error is the one to tell; a leftover is ignored by every reader.
        let _ = fs::remove_file(&temp);
    }
    written?;
    sync_parent(path)
}

/// Writes a new file and flushes it to the disk.
///
/// # Errors
/// [`CommonError::Io`].
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path).map_err(|e| CommonError::io("create", path, e))?;
    file.write_all(bytes).map_err(|e| CommonError::io("write", path, e))?;
    file.sync_all().map_err(|e| CommonError::io("flush", path, e))?;
    Ok(())
}

/// Renames, replacing what was there.
///
/// # Errors
/// [`CommonError::Io`] with the final path.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|e| CommonError::io("rename to", to, e))?;
    Ok(())
}

/// Flushes a folder, so that names in it survive a power cut (on systems that can).
///
/// # Errors
/// [`CommonError::Io`].
pub fn sync_dir(path: &Path) -> Result<()> {
    if cfg!(unix) {
        let folder = File::open(path).map_err(|e| CommonError::io("open", path, e))?;
        folder.sync_all().map_err(|e| CommonError::io("flush", path, e))?;
    }
    Ok(())
}

/// Flushes the folder that holds `path`.
///
/// # Errors
/// [`CommonError::Io`].
pub fn sync_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync_dir(Path::new(".")),
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// I/O with the path.
pub fn create_dirs(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| CommonError::io("create", path, e).into())
}

/// Reads a file whole.
///
/// # Errors
/// [`CommonError::Io`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    Ok(fs::read(path).map_err(|e| CommonError::io("read", path, e))?)
}

/// Size and BLAKE3 digest (hexadecimal) of a file, read in pieces of 1 MiB.
///
/// # Errors
/// [`CommonError::Io`].
pub fn digest(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).map_err(|e| CommonError::io("open", path, e))?;
    let (mut hash, mut size, mut piece) = (blake3::Hasher::new(), 0u64, vec![0u8; 1 << 20]);
    loop {
        let n = file.read(&mut piece).map_err(|e| CommonError::io("read", path, e))?;
        if n == 0 {
            return Ok((size, hash.finalize().to_hex().to_string()));
        }
        hash.update(&piece[..n]);
        size += n as u64;
    }
}

/// BLAKE3 digest of bytes, hexadecimal.
pub fn digest_bytes(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn replaces_whole_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_keeps_the_old_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "x").unwrap();
        // A file cannot be renamed over a folder: the write fails and nothing is left behind.
        let error = write_atomic(&path, b"new").unwrap_err();
        assert_eq!(error.family(), crate::Family::Io);
        assert!(path.join("inside").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn digest_of_a_file_is_the_digest_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big");
        let bytes: Vec<u8> = (0..3_000_001u32).map(|i| (i % 251) as u8).collect();
        write_synced(&path, &bytes).unwrap();
        assert_eq!(digest(&path).unwrap(), (bytes.len() as u64, digest_bytes(&bytes)));
    }
}
