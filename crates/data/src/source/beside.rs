//! Columns of several sources, side by side: row i of each is the same sample.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::stream::{project, projected, rechunk};
use crate::error::FormatError;

/// One column of the whole: which part it comes from and its name there.
#[derive(Debug, Clone)]
struct Column {
    part: usize,
    name: String,
}

/// Several sources side by side.
pub struct Beside {
    parts: Vec<Part>,
    columns: Vec<Column>,
    schema: SchemaRef,
}

/// A source with the columns taken from it.
pub struct Part {
    /// Its name in messages.
    pub label: String,
    /// The rows.
    pub source: Arc<dyn Source>,
    /// Columns taken: name there, name here.
    pub columns: Vec<(String, String)>,
}

impl Beside {
    /// Puts parts side by side.
    ///
    /// # Errors
    /// [`FormatError::RowCounts`] naming both files, [`FormatError::Duplicate`], an unknown column.
    pub fn new(parts: Vec<Part>) -> Result<Self> {
        let mut columns: Vec<Column> = Vec::new();
        let mut fields: Vec<Field> = Vec::new();
        let mut counted: Option<(String, u64)> = None;
        for (index, part) in parts.iter().enumerate() {
            let schema = part.source.schema();
            let wanted: Vec<String> = part.columns.iter().map(|(there, _)| there.clone()).collect();
            project(&schema, Some(&wanted), &part.label)?;
            for (there, here) in &part.columns {
                let Ok(field) = schema.field_with_name(there) else { continue };
                if let Some(first) = fields.iter().position(|f| f.name() == here) {
                    let second = fields.len() + 1;
                    return Err(FormatError::Duplicate {
                        path: part.label.clone(),
                        column: here.clone(),
                        first: first + 1,
                        second,
                    }
                    .into());
                }
                fields.push(field.clone().with_name(here));
                columns.push(Column { part: index, name: there.clone() });
            }
            if let Some(rows) = part.source.rows() {
                match &counted {
                    Some((first, first_rows)) if *first_rows != rows => {
                        return Err(row_counts(first, *first_rows, &part.label, rows));
                    }
                    Some(_) => {}
                    None => counted = Some((part.label.clone(), rows)),
                }
            }
        }
        Ok(Beside { parts, columns, schema: Arc::new(Schema::new(fields)) })
    }
}

fn row_counts(first: &str, first_rows: u64, second: &str, second_rows: u64) -> suffit_core::Error {
    FormatError::RowCounts { first: first.to_owned(), first_rows, second: second.to_owned(), second_rows }.into()
}

impl Source for Beside {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn rows(&self) -> Option<u64> {
        self.parts.iter().find_map(|p| p.source.rows())
    }

    fn files(&self) -> Result<Vec<FileInfo>> {
        let mut files: Vec<FileInfo> = Vec::new();
        for part in &self.parts {
            for file in part.source.files()? {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        Ok(files)
    }

    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        let positions = project(&self.schema, columns, "the joined views")?;
        let mut used: Vec<Stream> = Vec::new();
        let mut places = Vec::with_capacity(positions.len());
        for &position in &positions {
            let column = &self.columns[position];
            let slot = match used.iter().position(|s| s.part == column.part) {
                Some(slot) => slot,
                None => {
                    let part = &self.parts[column.part];
                    let wanted: Vec<String> = positions
                        .iter()
                        .filter(|&&p| self.columns[p].part == column.part)
                        .map(|&p| self.columns[p].name.clone())
                        .collect();
                    let inner = part.source.batches(Some(&wanted), batch_rows)?;
                    let indices = project(&part.source.schema(), Some(&wanted), &part.label)?;
                    let schema = projected(&part.source.schema(), &indices);
                    let inner = rechunk(inner, schema, batch_rows, part.label.clone());
                    used.push(Stream { part: column.part, label: part.label.clone(), inner, rows: 0 });
                    used.len() - 1
                }
            };
            places.push((slot, column.name.clone()));
        }
        Ok(Box::new(Zip { used, places, schema: projected(&self.schema, &positions), ended: false }))
    }

    fn locate(&self, column: &str, row: u64) -> Location {
        let place = self.schema.index_of(column).ok().map(|i| &self.columns[i]);
        match place {
            Some(place) => self.parts[place.part].source.locate(&place.name, row),
            None => Location { file: self.parts.first().map_or_else(String::new, |p| p.label.clone()), row: row + 1 },
        }
    }
}

struct Stream {
    part: usize,
    label: String,
    inner: Batches,
    rows: u64,
}

struct Zip {
    used: Vec<Stream>,
    places: Vec<(usize, String)>,
    schema: SchemaRef,
    ended: bool,
}

impl Zip {
    fn step(&mut self) -> Result<Option<RecordBatch>> {
        let mut batches = Vec::with_capacity(self.used.len());
        for stream in &mut self.used {
            let batch = stream.inner.next().transpose()?;
            stream.rows += batch.as_ref().map_or(0, |b| b.num_rows() as u64);
            batches.push(batch);
        }
        let counts: Vec<usize> = batches.iter().map(|b| b.as_ref().map_or(0, RecordBatch::num_rows)).collect();
        if let Some(other) = counts.iter().position(|&n| n != counts[0]) {
            // sources that do not know their size until read: count to the end, then name both
            for stream in &mut self.used {
                for batch in stream.inner.by_ref() {
                    stream.rows += batch?.num_rows() as u64;
                }
            }
            let (a, b) = (&self.used[0], &self.used[other]);
            return Err(row_counts(&a.label, a.rows, &b.label, b.rows));
        }
        let Some(batches) = batches.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let mut arrays = Vec::with_capacity(self.places.len());
        for (slot, name) in &self.places {
            if let Some(array) = batches[*slot].column_by_name(name) {
                arrays.push(array.clone());
            }
        }
        let label = self.used.first().map_or_else(String::new, |s| s.label.clone());
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|source| FormatError::Arrow { path: label, source })?;
        Ok(Some(batch))
    }
}

impl Iterator for Zip {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.used.is_empty() {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}
