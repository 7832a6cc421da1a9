//! The manifest of a checkpoint and reading a checkpoint against it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CheckpointError;
use crate::error::Result;
use crate::files;

/// Name of the manifest.
pub(super) const MANIFEST: &str = "MANIFEST.json";

/// Version of the checkpoint format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// What is wrong with a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The manifest is not there.
    #[error("it has no {MANIFEST}")]
    NoManifest,
    /// The manifest is not JSON of the right shape.
    #[error("its {MANIFEST} cannot be understood (line {line}, column {column})")]
    BadManifest {
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
    },
    /// Written by another version.
    #[error("it has format {got}, this version reads format {FORMAT}")]
    OtherFormat {
        /// Its format.
        got: u32,
    },
    /// The manifest belongs to another step.
    #[error("its {MANIFEST} is that of step {got}")]
    OtherStep {
        /// The step in the manifest.
        got: u64,
    },
    /// A file is not there.
    #[error("{file} is missing")]
    Missing {
        /// Its name.
        file: String,
    },
    /// A file has another size.
    #[error("{file} has {got} bytes, {expected} expected")]
    Size {
        /// Its name.
        file: String,
        /// In the manifest.
        expected: u64,
        /// On the disk.
        got: u64,
    },
    /// A file has other content.
    #[error("{file} was changed: its digest differs")]
    Changed {
        /// Its name.
        file: String,
    },
    /// The system refused to read it.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        file: String,
        /// The system's answer.
        reason: std::io::ErrorKind,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    bytes: u64,
    blake3: String,
}

/// The content of `MANIFEST.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    step: u64,
    files: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    pub(super) fn of(step: u64, files: &BTreeMap<String, Vec<u8>>) -> Manifest {
        let part = |bytes: &Vec<u8>| Part { bytes: bytes.len() as u64, blake3: files::digest_bytes(bytes) };
        Manifest { format: FORMAT, step, files: files.iter().map(|(n, b)| (n.clone(), part(b))).collect() }
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|source| CheckpointError::CannotEncode { step: self.step, source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// All files of a checkpoint folder, each held against the manifest.
pub(super) fn read(folder: &Path, step: u64) -> Result<BTreeMap<String, Vec<u8>>, Damage> {
    let bytes = match fs::read(folder.join(MANIFEST)) {
        Ok(bytes) => bytes,
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Err(Damage::NoManifest);
        }
        Err(e) => return Err(Damage::Unreadable { file: MANIFEST.to_owned(), reason: e.kind() }),
    };
    let bad = |e: serde_json::Error| Damage::BadManifest { line: e.line(), column: e.column() };
    // The format comes first: another one may have other fields.
    let Format { format } = serde_json::from_slice(&bytes).map_err(bad)?;
    if format != FORMAT {
        return Err(Damage::OtherFormat { got: format });
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(bad)?;
    if manifest.step != step {
        return Err(Damage::OtherStep { got: manifest.step });
    }
    manifest.files.into_iter().map(|(name, part)| read_part(folder, &name, &part).map(|bytes| (name, bytes))).collect()
}

fn read_part(folder: &Path, name: &str, part: &Part) -> Result<Vec<u8>, Damage> {
    let file = name.to_owned();
    if !super::plain(name) {
        // A damaged or hostile manifest does not make us read elsewhere.
        return Err(Damage::Missing { file });
    }
    let path = folder.join(name);
    let got = match fs::metadata(&path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => return Err(Damage::Missing { file }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Damage::Missing { file }),
        Err(e) => return Err(Damage::Unreadable { file, reason: e.kind() }),
    };
    if got != part.bytes {
        return Err(Damage::Size { file, expected: part.bytes, got });
    }
    let bytes = fs::read(&path).map_err(|e| Damage::Unreadable { file: file.clone(), reason: e.kind() })?;
    if files::digest_bytes(&bytes) != part.blake3 {
        return Err(Damage::Changed { file });
    }
    Ok(bytes)
}
