//! Plumbing shared by all sources: projection and batches of an exact size.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use suffit_core::Result;
use suffit_core::dataset::Batches;

use crate::column::unknown;
use crate::error::FormatError;

/// Positions of `columns` in `schema`, ascending; all when `None`.
pub(crate) fn project(schema: &Schema, columns: Option<&[String]>, file: &str) -> Result<Vec<usize>> {
    let Some(columns) = columns else {
        return Ok((0..schema.fields().len()).collect());
    };
    let mut positions = Vec::with_capacity(columns.len());
    let by_name: std::collections::HashMap<&str, usize> =
        schema.fields().iter().enumerate().map(|(i, f)| (f.name().as_str(), i)).collect();
    for column in columns {
        match by_name.get(column.as_str()) {
            Some(&i) => positions.push(i),
            None => return Err(unknown(file, column, &super::names(schema)).into()),
        }
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

/// The schema of these positions.
pub(crate) fn projected(schema: &SchemaRef, positions: &[usize]) -> SchemaRef {
    if positions.len() == schema.fields().len() {
        return schema.clone();
    }
    let fields: Vec<_> = positions.iter().map(|&i| schema.fields()[i].clone()).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// The same rows in batches of exactly `rows`, the last one shorter; never an empty batch.
pub(crate) fn rechunk(inner: Batches, schema: SchemaRef, rows: usize, file: String) -> Batches {
    Box::new(Rechunk { inner, schema, rows: rows.max(1), file, queue: VecDeque::new(), queued: 0, ended: false })
}

struct Rechunk {
    inner: Batches,
    schema: SchemaRef,
    rows: usize,
    file: String,
    queue: VecDeque<RecordBatch>,
    queued: usize,
    ended: bool,
}

impl Rechunk {
    fn take(&mut self, mut wanted: usize) -> Result<RecordBatch> {
        let mut parts = Vec::new();
        while wanted > 0 {
            let Some(batch) = self.queue.pop_front() else { break };
            let n = batch.num_rows();
            if n <= wanted {
                wanted -= n;
                self.queued -= n;
                parts.push(batch);
            } else {
                parts.push(batch.slice(0, wanted));
                self.queue.push_front(batch.slice(wanted, n - wanted));
                self.queued -= wanted;
                wanted = 0;
            }
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => Ok(only),
            Some(last) => {
                parts.push(last);
                concat_batches(&self.schema, &parts)
                    .map_err(|source| FormatError::Arrow { path: self.file.clone(), source }.into())
            }
            None => Ok(RecordBatch::new_empty(self.schema.clone())),
        }
    }
}

impl Iterator for Rechunk {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended && self.queued < self.rows {
            match self.inner.next() {
                Some(Ok(batch)) if batch.num_rows() == 0 => {}
                Some(Ok(batch)) => {
                    self.queued += batch.num_rows();
                    self.queue.push_back(batch);
                }
                Some(Err(e)) => {
                    self.ended = true;
                    self.queue.clear();
                    self.queued = 0;
                    return Some(Err(e));
                }
                None => self.ended = true,
            }
        }
        (self.queued > 0).then(|| self.take(self.rows.min(self.queued)))
    }
}

/// Visits every batch of some columns with the number of rows before it.
pub(crate) fn fold(
    source: &dyn suffit_core::Source,
    columns: Option<&[String]>,
    mut visit: impl FnMut(u64, &RecordBatch) -> Result<()>,
) -> Result<u64> {
    let mut before = 0u64;
    for batch in source.batches(columns, crate::limit::BATCH_ROWS)? {
        let batch = batch?;
        visit(before, &batch)?;
        before += batch.num_rows() as u64;
    }
    Ok(before)
}

/// Number of rows, by reading the first column when the source does not know.
pub(crate) fn count(source: &dyn suffit_core::Source) -> Result<u64> {
    match (source.rows(), source.schema().fields().first()) {
        (Some(rows), _) => Ok(rows),
        (None, Some(field)) => fold(source, Some(&[field.name().clone()]), |_, _| Ok(())),
        (None, None) => Ok(0),
    }
}
