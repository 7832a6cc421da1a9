//! Writers: record batches to a file that is whole or not there at all.

mod npy;
mod parquet;
mod tensor;
mod text;

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use suffit_core::error::CommonError;
use suffit_core::method::Sink;
use suffit_core::{Result, files};

use crate::error::WriteError;

/// Encodes batches of one schema into one file.
trait Encoder: Send {
    /// One batch.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;
    /// The rest, and the file to be flushed.
    fn finish(self: Box<Self>) -> Result<File>;
}

/// Writes record batches to a file, in the format of its ending: `.parquet` (zstd), `.csv`, `.tsv`,
/// `.npy`, `.npz`, `.safetensors`, `.jsonl`.
///
/// Rows go to a temporary file beside the target; [`Writer::finish`] flushes it to the disk and renames
/// it, so nothing half-written ever has the final name. A writer that is dropped before that removes
/// its temporary file and leaves an older target as it was.
///
/// - array columns: lists in Parquet and JSON lines, arrays `[N, D]` in npy, npz and safetensors, and
///   columns `NAME_0 … NAME_{D-1}` in CSV
/// - missing values: null or empty; NaN for floats in arrays; an error for whole numbers there
/// - memory: one batch (Parquet: one row group); npz and safetensors hold everything until the end
pub struct Writer {
    target: PathBuf,
    temp: PathBuf,
    schema: SchemaRef,
    encoder: Option<Box<dyn Encoder>>,
    rows: u64,
}

impl Writer {
    /// Begins a file.
    ///
    /// # Errors
    /// [`WriteError::Extension`], [`WriteError::ColumnType`], [`WriteError::NotOneArray`], I/O (such as
    /// a folder that cannot be written).
    pub fn create(path: impl AsRef<Path>, schema: &SchemaRef) -> Result<Self> {
        let target = path.as_ref().to_owned();
        let extension = target.extension().map_or_else(String::new, |e| e.to_string_lossy().to_ascii_lowercase());
        let known = ["parquet", "pq", "csv", "tsv", "npy", "npz", "safetensors", "jsonl", "ndjson"];
        if !known.contains(&extension.as_str()) {
            let shown = if extension.is_empty() { String::new() } else { format!(".{extension}") };
            return Err(WriteError::Extension { path: target.display().to_string(), extension: shown }.into());
        }
        if target.is_dir() {
            let is_folder = std::io::Error::from(std::io::ErrorKind::IsADirectory);
            return Err(CommonError::io("create", &target, is_folder).into());
        }
        let temp = files::temp_beside(&target);
        let file = File::create_new(&temp).map_err(|e| CommonError::io("create", &target, e))?;
        let out = Out { file, path: target.clone() };
        let encoder: Result<Box<dyn Encoder>> = match extension.as_str() {
            "parquet" | "pq" => parquet::encoder(out, schema),
            "csv" => text::table(out, schema, b','),
            "tsv" => text::table(out, schema, b'\t'),
            "jsonl" | "ndjson" => text::lines(out, schema),
            "npy" => npy::encoder(out, schema),
            "npz" => tensor::npz(out, schema),
            _ => tensor::safetensors(out, schema),
        };
        match encoder {
            Ok(encoder) => Ok(Writer { target, temp, schema: schema.clone(), encoder: Some(encoder), rows: 0 }),
            Err(e) => {
                let _ = std::fs::remove_file(&temp); // the first error is the one to tell
                Err(e)
            }
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file and gives it its name; the number of rows.
    ///
    /// # Errors
    /// I/O; the target is then as it was before.
    pub fn finish(mut self) -> Result<u64> {
        if let Some(encoder) = self.encoder.take() {
            let file = encoder.finish()?;
            file.sync_all().map_err(|e| CommonError::io("flush", &self.target, e))?;
            drop(file);
            files::rename(&self.temp, &self.target)?;
            files::sync_parent(&self.target)?;
        }
        Ok(self.rows)
    }
}

impl Sink for Writer {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if !same_columns(&self.schema, &batch.schema()) {
            return Err(WriteError::Schema { path: self.target.display().to_string() }.into());
        }
        if let Some(encoder) = &mut self.encoder {
            encoder.write(batch)?;
            self.rows += batch.num_rows() as u64;
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // after `finish` the temporary name is gone; otherwise the file is unfinished
        let _ = std::fs::remove_file(&self.temp);
    }
}

fn same_columns(a: &Schema, b: &Schema) -> bool {
    a.fields().len() == b.fields().len()
        && a.fields().iter().zip(b.fields()).all(|(x, y)| x.name() == y.name() && x.data_type() == y.data_type())
}

/// An open file with the name it will have.
struct Out {
    file: File,
    path: PathBuf,
}

impl Out {
    fn label(&self) -> String {
        self.path.display().to_string()
    }

    fn io(&self, e: std::io::Error) -> suffit_core::Error {
        CommonError::io("write", &self.path, e).into()
    }
}

/// Writes all batches of a source to a file; the number of rows.
///
/// # Errors
/// As [`Writer`] and the source.
pub fn write_all(path: impl AsRef<Path>, source: &dyn suffit_core::Source, columns: Option<&[String]>) -> Result<u64> {
    let positions = crate::source::project(&source.schema(), columns, "the source")?;
    let schema = crate::source::projected(&source.schema(), &positions);
    let mut writer = Writer::create(path, &schema)?;
    for batch in source.batches(columns, crate::limit::BATCH_ROWS)? {
        writer.write(&batch?)?;
    }
    writer.finish()
}
