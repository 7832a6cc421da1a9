//! Parquet, by row group, from a file or from bytes of the library.

use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::reader::ChunkReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::file::{Handle, shown};
use crate::error::FormatError;
use crate::limit::COLUMNS;
use crate::source::{project, projected, rechunk};

/// A Parquet table.
#[derive(Clone)]
pub struct ParquetSource {
    input: Input,
    label: String,
    metadata: ArrowReaderMetadata,
    rows: u64,
}

#[derive(Clone)]
enum Input {
    File(Handle),
    Bytes(Bytes),
}

impl ParquetSource {
    /// A table in bytes that live as long as the program; `label` stands for the path.
    ///
    /// # Errors
    /// [`FormatError::Parquet`].
    pub fn embedded(label: &str, bytes: &'static [u8]) -> Result<Self> {
        let bytes = Bytes::from_static(bytes);
        let metadata = load(label, &bytes)?;
        Self::new(Input::Bytes(bytes), label.to_owned(), metadata)
    }

    pub(crate) fn file(handle: Handle) -> Result<Self> {
        let first = handle.first(4)?;
        if first != b"PAR1" {
            return Err(
                FormatError::Magic { path: handle.label(), expected: "a Parquet file", got: shown(&first) }.into()
            );
        }
        let metadata = load(&handle.label(), &handle.open()?)?;
        let label = handle.label();
        Self::new(Input::File(handle), label, metadata)
    }

    fn new(input: Input, label: String, metadata: ArrowReaderMetadata) -> Result<Self> {
        let columns = metadata.schema().fields().len();
        if columns > COLUMNS {
            let (got, limit) = (columns as u64, COLUMNS as u64);
            return Err(FormatError::Limit { path: label, what: "the number of columns", got, limit }.into());
        }
        let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).map_err(|_| FormatError::Header {
            path: label.clone(),
            field: "the number of rows",
            got: "negative".into(),
            expected: "a count",
        })?;
        super::csv::refuse_duplicates(&label, &crate::source::names(metadata.schema()))?;
        Ok(ParquetSource { input, label, metadata, rows })
    }

    fn read<T: ChunkReader + 'static>(&self, input: T, positions: &[usize], batch_rows: usize) -> Result<Batches> {
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), positions.iter().copied());
        let build = || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(input, self.metadata.clone())
                .with_projection(mask)
                .with_batch_size(batch_rows.max(1))
                .build()
        };
        let failed = |source| FormatError::Parquet { path: self.label.clone(), source };
        let reader = guarded(&self.label, build)?.map_err(failed)?;
        let batches = Guarded { reader, label: self.label.clone(), ended: false };
        let schema = projected(self.metadata.schema(), positions);
        Ok(rechunk(Box::new(batches), schema, batch_rows, self.label.clone()))
    }
}

fn load<T: ChunkReader>(label: &str, input: &T) -> Result<ArrowReaderMetadata> {
    guarded(label, || ArrowReaderMetadata::load(input, ArrowReaderOptions::new()))?
        .map_err(|source| FormatError::Parquet { path: label.to_owned(), source }.into())
}

/// The reader of version 59 panics on some damaged pages instead of returning an error (found by the
/// test that changes one byte at a time): what it holds is dropped, and the file is named.
fn guarded<T>(label: &str, read: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| FormatError::Damaged { path: label.to_owned() }.into())
}

struct Guarded {
    reader: ParquetRecordBatchReader,
    label: String,
    ended: bool,
}

impl Iterator for Guarded {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = match guarded(&self.label, || self.reader.next()) {
            Ok(batch) => {
                batch.map(|b| b.map_err(|source| FormatError::Arrow { path: self.label.clone(), source }.into()))
            }
            Err(e) => Some(Err(e)),
        };
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

impl Source for ParquetSource {
    fn schema(&self) -> SchemaRef {
        self.metadata.schema().clone()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn files(&self) -> Result<Vec<FileInfo>> {
        match &self.input {
            Input::File(handle) => Ok(vec![handle.info()?]),
            Input::Bytes(bytes) => {
                let digest = blake3::hash(bytes).to_hex().to_string();
                Ok(vec![FileInfo { path: PathBuf::from(&self.label), bytes: bytes.len() as u64, digest }])
            }
        }
    }

    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        let positions = project(self.metadata.schema(), columns, &self.label)?;
        match &self.input {
            Input::File(handle) => self.read(handle.open()?, &positions, batch_rows),
            Input::Bytes(bytes) => self.read(bytes.clone(), &positions, batch_rows),
        }
    }

    fn locate(&self, _column: &str, row: u64) -> Location {
        Location { file: self.label.clone(), row: row + 1 }
    }
}
