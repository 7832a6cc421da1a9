//! Lines of results that survive a kill: they grow in `NAME.partial` and get their name at the end.
//! A second start takes what is whole and goes on, if graph, claims and settings are the same.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use suffit_core::error::CommonError;
use suffit_core::{Result, files};

use super::beside;
use super::folder::FolderError;

/// Lines between two syncs.
pub const CHUNK: usize = 4096;

/// A file of results under way.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    partial: PathBuf,
    key: PathBuf,
    writer: BufWriter<File>,
}

fn io(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> CommonError {
    move |source| CommonError::io(action, path, source)
}

impl Results {
    /// Begins, or goes on after the lines that are there; `key` says what the results depend on.
    /// The second value holds the lines that are done.
    ///
    /// # Errors
    /// [`FolderError::Exists`] when the finished file is there; the system's refusals.
    pub fn open(path: &Path, key: &str) -> Result<(Self, Vec<String>)> {
        if path.exists() {
            return Err(FolderError::Exists { path: path.display().to_string() }.into());
        }
        let (partial, key_path) = (beside(path, ".partial"), beside(path, ".partial.key"));
        let same = fs::read_to_string(&key_path).is_ok_and(|k| k == key) && partial.exists();
        let done = if same { whole_lines(&partial)? } else { Vec::new() };
        if !same {
            // The key goes last, so that results of other inputs are never taken for these.
            if key_path.exists() {
                fs::remove_file(&key_path).map_err(io(&key_path, "remove"))?;
            }
            files::write_synced(&partial, b"")?;
            files::write_synced(&key_path, key.as_bytes())?;
        }
        let length: u64 = done.iter().map(|line| line.len() as u64 + 1).sum();
        let file = OpenOptions::new().append(true).open(&partial).map_err(io(&partial, "open"))?;
        file.set_len(length).map_err(io(&partial, "cut half a line off"))?;
        Ok((Results { path: path.to_owned(), partial, key: key_path, writer: BufWriter::new(file) }, done))
    }

    /// Adds lines and syncs.
    ///
    /// # Errors
    /// The system's refusals, such as a full disk: what was synced before stays.
    pub fn write(&mut self, lines: &[String]) -> Result<()> {
        for line in lines {
            writeln!(self.writer, "{line}").map_err(io(&self.partial, "write"))?;
        }
        self.writer.flush().map_err(io(&self.partial, "write"))?;
        Ok(self.writer.get_ref().sync_data().map_err(io(&self.partial, "sync"))?)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// The system's refusals.
    pub fn finish(mut self) -> Result<PathBuf> {
        self.writer.flush().map_err(io(&self.partial, "write"))?;
        self.writer.get_ref().sync_all().map_err(io(&self.partial, "sync"))?;
        files::rename(&self.partial, &self.path)?;
        files::sync_parent(&self.path)?;
        fs::remove_file(&self.key).map_err(io(&self.key, "remove"))?;
        Ok(self.path)
    }
}

fn whole_lines(path: &Path) -> Result<Vec<String>> {
    let mut reader = BufReader::new(File::open(path).map_err(io(path, "open"))?);
    let mut lines = Vec::new();
    loop {
        let mut bytes = Vec::new();
        reader.read_until(b'\n', &mut bytes).map_err(io(path, "read"))?;
        // A last line without its end was being written when the process died.
        match bytes.strip_suffix(b"\n").map(|b| String::from_utf8(b.to_vec())) {
            Some(Ok(line)) => lines.push(line),
            _ => return Ok(lines),
        }
    }
}
