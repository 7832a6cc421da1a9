//! A file on disk with its size and, once asked for, its digest.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use suffit_core::error::CommonError;
use suffit_core::{FileInfo, Result};

use crate::error::FormatError;

/// A file that is there and not empty.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    path: PathBuf,
    bytes: u64,
    info: Arc<OnceLock<FileInfo>>,
}

impl Handle {
    /// Looks at a file.
    pub fn new(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|e| CommonError::io("read", path, e))?;
        if meta.len() == 0 {
            return Err(FormatError::Empty { path: path.display().to_string() }.into());
        }
        Ok(Handle { path: path.to_owned(), bytes: meta.len(), info: Arc::default() })
    }

    /// The path as text.
    pub fn label(&self) -> String {
        self.path.display().to_string()
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Size in bytes when it was looked at.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens it for reading.
    pub fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|e| CommonError::io("read", &self.path, e).into())
    }

    /// The first bytes, at most `n`.
    pub fn first(&self, n: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(n);
        self.open()?.take(n as u64).read_to_end(&mut bytes).map_err(|e| self.io(e))?;
        Ok(bytes)
    }

    /// An I/O error on this file.
    pub fn io(&self, e: std::io::Error) -> suffit_core::Error {
        CommonError::io("read", &self.path, e).into()
    }

    /// Size and BLAKE3 digest, computed once.
    pub fn info(&self) -> Result<FileInfo> {
        if let Some(info) = self.info.get() {
            return Ok(info.clone());
        }
        let (mut hash, mut file, mut block, mut bytes) =
            (blake3::Hasher::new(), self.open()?, vec![0u8; 1 << 16], 0u64);
        loop {
            match file.read(&mut block).map_err(|e| self.io(e))? {
                0 => break,
                n => {
                    hash.update(&block[..n]);
                    bytes += n as u64;
                }
            }
        }
        let info = FileInfo { path: self.path.clone(), bytes, digest: hash.finalize().to_hex().to_string() };
        Ok(self.info.get_or_init(|| info).clone())
    }
}

/// The first bytes of something for a message: printable ones as they are.
pub(crate) fn shown(bytes: &[u8]) -> String {
    format!(
        "\"{}\"",
        bytes.iter().take(8).flat_map(|b| std::ascii::escape_default(*b)).map(char::from).collect::<String>()
    )
}
