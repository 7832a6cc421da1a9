//! Readers: a path to a lazy [`Source`].

mod array;
mod csv;
mod element;
mod file;
mod folder;
mod npy;
mod npz;
mod parquet;
mod refuse;
mod safetensors;

use std::path::Path;
use std::sync::Arc;

use suffit_core::{Result, Source};

pub(crate) use self::csv::embedded;
pub use self::parquet::ParquetSource;
use crate::decision::Decision;
use crate::error::FormatError;

/// A source and what was decided while opening it.
pub struct Opened {
    /// The rows.
    pub source: Arc<dyn Source>,
    /// Decisions such as the delimiter of a CSV file.
    pub decisions: Vec<Decision>,
}

impl Opened {
    fn plain(source: impl Source + 'static) -> Self {
        Opened { source: Arc::new(source), decisions: Vec::new() }
    }
}

/// How text tables are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// Delimiter of CSV files; found out when absent.
    pub delimiter: Option<char>,
    /// Whether the first line names the columns; found out when absent.
    pub header: Option<bool>,
}

/// A format by the ending of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Csv,
    Tsv,
    Npy,
    Npz,
    Safetensors,
    Refused(refuse::Refused),
}

/// The format of a name; `None` when the ending is not known.
pub(crate) fn format_of(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "parquet" | "pq" => Format::Parquet,
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        "npy" => Format::Npy,
        "npz" => Format::Npz,
        "safetensors" => Format::Safetensors,
        other => Format::Refused(refuse::by_extension(other)?),
    })
}

/// Opens a file or folder. `array` picks one array of an archive, or for tables the columns of a
/// [`Selector`](crate::Selector) (which the caller applies).
///
/// Arrays `[N]` become a scalar column; `[N, D]` and more axes one column of lists of D values, named
/// by the key (npz, safetensors) or the file's stem (npy). Parquet streams by row group, CSV by rows,
/// arrays by ranges of rows.
///
/// # Errors
/// [`FormatError`] naming the file, I/O.
pub fn open_path(path: &Path, array: Option<&str>, options: &ReadOptions) -> Result<Opened> {
    let info = std::fs::metadata(path).map_err(|e| suffit_core::error::CommonError::io("read", path, e))?;
    if info.is_dir() {
        return folder::open(path, options);
    }
    let Some(format) = format_of(path) else {
        let extension = path.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
        return Err(FormatError::Extension { path: path.display().to_string(), extension }.into());
    };
    if let Format::Refused(refused) = format {
        return Err(refused.error(path).into());
    }
    let handle = file::Handle::new(path)?;
    refuse::by_content(&handle)?;
    match format {
        Format::Parquet => Ok(Opened::plain(ParquetSource::file(handle)?)),
        Format::Csv | Format::Tsv => csv::open(handle, format == Format::Tsv, options),
        Format::Npy => Ok(Opened::plain(npy::open(handle)?)),
        Format::Npz => npz::open(handle, array),
        Format::Safetensors => safetensors::open(handle, array),
        Format::Refused(refused) => Err(refused.error(path).into()),
    }
}
