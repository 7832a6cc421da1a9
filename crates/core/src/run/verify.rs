//! The list of files of a complete run, and holding a run against it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{RunError, RunInfo, Status, file, pretty};
use crate::error::{CommonError, Result};
use crate::files;

/// One file in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    bytes: u64,
    blake3: String,
}

/// `FILES.json`.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    layout: u32,
    files: BTreeMap<String, Listed>,
}

/// What [`super::Run::verify`] says about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyLine {
    /// Path inside the run, with `/`.
    pub name: String,
    /// What was found.
    #[serde(flatten)]
    pub state: VerifyState,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum VerifyState {
    /// As listed.
    Ok {
        /// Its size.
        bytes: u64,
    },
    /// Not there.
    Missing,
    /// Another size.
    Size {
        /// In the list.
        expected: u64,
        /// On the disk.
        got: u64,
    },
    /// The right size, other content.
    Changed,
    /// Not in the list.
    New,
    /// The list itself cannot be used.
    NoList {
        /// Why.
        reason: String,
    },
}

impl VerifyLine {
    /// Whether the file is as it should be; a new file is.
    pub fn is_ok(&self) -> bool {
        matches!(self.state, VerifyState::Ok { .. } | VerifyState::New)
    }
}

impl std::fmt::Display for VerifyLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.state {
            VerifyState::Ok { .. } => write!(f, "ok       {}", self.name),
            VerifyState::Missing => write!(f, "MISSING  {}", self.name),
            VerifyState::Size { expected, got } => {
                write!(f, "DAMAGED  {}: {got} bytes, {expected} expected", self.name)
            }
            VerifyState::Changed => write!(f, "DAMAGED  {}: the content changed", self.name),
            VerifyState::New => write!(f, "new      {}: not in {}", self.name, file::FILES),
            VerifyState::NoList { reason } => write!(f, "NO LIST  {}: {reason}", self.name),
        }
    }
}

/// Writes `FILES.json` over everything in the run.
pub(super) fn seal(run: &Path) -> Result<()> {
    let mut list = List { layout: super::info::LAYOUT, files: BTreeMap::new() };
    for name in walk(run)? {
        let (bytes, blake3) = files::digest(&run.join(&name))?;
        list.files.insert(name, Listed { bytes, blake3 });
    }
    write(run, &list)
}

/// Enters a file that was just written, if there is a list.
pub(super) fn amend(run: &Path, name: &str, content: &[u8]) -> Result<()> {
    let Some(mut list) = read(run)? else { return Ok(()) };
    list.files
        .insert(slashed(Path::new(name)), Listed { bytes: content.len() as u64, blake3: files::digest_bytes(content) });
    write(run, &list)
}

/// Holds the run against its list.
pub(super) fn verify(run: &Path, info: &RunInfo) -> Result<Vec<VerifyLine>> {
    let no_list =
        |reason: String| vec![VerifyLine { name: file::FILES.to_owned(), state: VerifyState::NoList { reason } }];
    let list = match read(run) {
        Ok(Some(list)) => list,
        Ok(None) if info.status == Status::Complete => {
            return Ok(no_list("it is missing although the run says that it is complete".into()));
        }
        Ok(None) => return Ok(no_list(format!("the run is {}, not complete", info.status))),
        Err(e) if e.family() == crate::Family::Io => return Err(e),
        Err(e) => return Ok(no_list(e.to_string())),
    };
    let mut lines = Vec::new();
    for (name, listed) in &list.files {
        lines.push(VerifyLine { name: name.clone(), state: look(&run.join(name), listed)? });
    }
    for name in walk(run)? {
        if !list.files.contains_key(&name) {
            lines.push(VerifyLine { name, state: VerifyState::New });
        }
    }
    Ok(lines)
}

fn look(path: &Path, listed: &Listed) -> Result<VerifyState> {
    let got = match fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => return Ok(VerifyState::Missing),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(VerifyState::Missing);
        }
        Err(e) => return Err(CommonError::io("read", path, e).into()),
    };
    if got != listed.bytes {
        return Ok(VerifyState::Size { expected: listed.bytes, got });
    }
    let (_, blake3) = files::digest(path)?;
    Ok(if blake3 == listed.blake3 { VerifyState::Ok { bytes: got } } else { VerifyState::Changed })
}

fn read(run: &Path) -> Result<Option<List>> {
    let path = run.join(file::FILES);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|source| RunError::BadJson { path, source })?)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(CommonError::io("read", path, e).into()),
    }
}

fn write(run: &Path, list: &List) -> Result<()> {
    files::write_atomic(&run.join(file::FILES), &pretty(file::FILES, list)?)
}

/// Every file of the run that belongs into the list, sorted, with `/` between folders.
fn walk(run: &Path) -> Result<Vec<String>> {
    let (mut found, mut open) = (Vec::new(), vec![run.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| CommonError::io("read", &folder, e))? {
            let entry = entry.map_err(|e| CommonError::io("read", &folder, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if files::is_temp(&name) {
                continue;
            }
            let kind = entry.file_type().map_err(|e| CommonError::io("read", entry.path(), e))?;
            let path = entry.path();
            let inside = slashed(path.strip_prefix(run).unwrap_or(&path));
            if kind.is_dir() {
                open.push(path);
            } else if ![file::FILES, file::LOCK, file::LOG].contains(&inside.as_str()) {
                found.push(inside);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
