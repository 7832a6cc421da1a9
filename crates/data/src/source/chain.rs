//! Rows of several sources, end to end: the parts of one table.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::stream::{project, projected, rechunk};
use crate::error::FormatError;

/// Several sources of one schema, end to end.
pub struct Chain {
    parts: Vec<(String, Arc<dyn Source>)>,
    starts: Vec<u64>,
    rows: u64,
}

impl Chain {
    /// Puts labelled parts end to end.
    ///
    /// # Errors
    /// [`FormatError::Schemas`] naming the column that differs; errors of counting rows.
    pub fn new(parts: Vec<(String, Arc<dyn Source>)>) -> Result<Self> {
        let (mut starts, mut rows) = (Vec::with_capacity(parts.len()), 0u64);
        for (label, part) in &parts {
            if let Some((first, leading)) = parts.first() {
                same(first, &leading.schema(), label, &part.schema())?;
            }
            starts.push(rows);
            rows += super::count(&**part)?;
        }
        Ok(Chain { parts, starts, rows })
    }

    fn part(&self, row: u64) -> usize {
        self.starts.partition_point(|&s| s <= row).saturating_sub(1)
    }
}

fn same(first: &str, a: &SchemaRef, second: &str, b: &SchemaRef) -> Result<()> {
    let differs = |column: &str, got: String, expected: String| {
        let (first, second, column) = (first.to_owned(), second.to_owned(), column.to_owned());
        Err(FormatError::Schemas { first, second, column, got, expected }.into())
    };
    for (i, field) in a.fields().iter().enumerate() {
        let Some(other) = b.fields().get(i) else {
            return differs(field.name(), "missing".into(), field.data_type().to_string());
        };
        if other.name() != field.name() {
            return differs(field.name(), format!("at this place `{}`", other.name()), format!("column {}", i + 1));
        }
        if other.data_type() != field.data_type() {
            return differs(field.name(), other.data_type().to_string(), field.data_type().to_string());
        }
    }
    match b.fields().get(a.fields().len()) {
        Some(extra) => differs(extra.name(), extra.data_type().to_string(), "missing".into()),
        None => Ok(()),
    }
}

impl Source for Chain {
    fn schema(&self) -> SchemaRef {
        self.parts.first().map_or_else(|| Arc::new(arrow_schema::Schema::empty()), |(_, s)| s.schema())
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn files(&self) -> Result<Vec<FileInfo>> {
        let mut files = Vec::new();
        for (_, part) in &self.parts {
            files.extend(part.files()?);
        }
        Ok(files)
    }

    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        let label = self.parts.first().map_or_else(String::new, |(l, _)| l.clone());
        let schema = projected(&self.schema(), &project(&self.schema(), columns, &label)?);
        let columns: Option<Vec<String>> = columns.map(<[String]>::to_vec);
        let parts: Vec<Arc<dyn Source>> = self.parts.iter().map(|(_, s)| s.clone()).collect();
        let inner = parts.into_iter().flat_map(move |part| -> Batches {
            match part.batches(columns.as_deref(), batch_rows) {
                Ok(batches) => batches,
                Err(e) => Box::new(std::iter::once(Err(e))),
            }
        });
        Ok(rechunk(Box::new(inner), schema, batch_rows, label))
    }

    fn locate(&self, column: &str, row: u64) -> Location {
        let k = self.part(row);
        match (self.parts.get(k), self.starts.get(k)) {
            (Some((_, part)), Some(start)) => part.locate(column, row - start),
            _ => Location { file: String::new(), row: row + 1 },
        }
    }
}
