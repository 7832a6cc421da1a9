//! Rows held in memory.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::stream::{project, rechunk};
use crate::error::FormatError;

/// Where the rows of one column came from: file, and row (from 1) for each row here.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The file.
    pub file: String,
    /// Rows in it; `None` where the row is not in that file. `None` as a whole: the same rows.
    pub rows: Option<Arc<Vec<Option<u64>>>>,
}

/// Rows held in memory, with the files they came from.
#[derive(Debug, Clone)]
pub struct Held {
    batch: RecordBatch,
    files: Vec<FileInfo>,
    origins: Vec<Origin>,
}

impl Held {
    /// Holds batches of one schema; `label` stands for the file in messages.
    ///
    /// # Errors
    /// [`FormatError::Arrow`] when the batches do not fit the schema.
    pub fn new(label: &str, schema: &SchemaRef, batches: &[RecordBatch], files: Vec<FileInfo>) -> Result<Self> {
        let batch =
            concat_batches(schema, batches).map_err(|source| FormatError::Arrow { path: label.to_owned(), source })?;
        let origin = Origin { file: label.to_owned(), rows: None };
        let origins = vec![origin; schema.fields().len()];
        Ok(Held { batch, files, origins })
    }

    /// Holds a batch whose columns came from several files.
    pub(crate) fn with_origins(batch: RecordBatch, files: Vec<FileInfo>, origins: Vec<Origin>) -> Self {
        Held { batch, files, origins }
    }

    /// Reads a whole source into memory.
    ///
    /// # Errors
    /// As the source's batches.
    pub fn read(source: &dyn Source, label: &str) -> Result<Self> {
        let schema = source.schema();
        let batches = source.batches(None, crate::limit::BATCH_ROWS)?.collect::<Result<Vec<_>>>()?;
        Held::new(label, &schema, &batches, source.files()?)
    }

    /// The rows.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    fn label(&self) -> String {
        self.origins.first().map_or_else(|| "memory".to_owned(), |o| o.file.clone())
    }
}

impl Source for Held {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.batch.num_rows() as u64)
    }

    fn files(&self) -> Result<Vec<FileInfo>> {
        Ok(self.files.clone())
    }

    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        let positions = project(&self.batch.schema(), columns, &self.label())?;
        let batch =
            self.batch.project(&positions).map_err(|source| FormatError::Arrow { path: self.label(), source })?;
        let schema = batch.schema();
        Ok(rechunk(Box::new(std::iter::once(Ok(batch))), schema, batch_rows, self.label()))
    }

    fn locate(&self, column: &str, row: u64) -> Location {
        let origin = self.batch.schema().index_of(column).ok().and_then(|i| self.origins.get(i).cloned());
        let Some(origin) = origin else {
            return Location { file: self.label(), row: row + 1 };
        };
        let there = origin.rows.as_ref().and_then(|rows| usize::try_from(row).ok().and_then(|r| rows.get(r).copied()));
        Location { file: origin.file, row: there.flatten().unwrap_or(row + 1) }
    }
}
