//! Rows of several sources aligned by a key.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use suffit_core::{Result, Source};

use super::held::{Held, Origin};
use crate::error::{BindError, FormatError};
use crate::label::texts;

/// Aligns labelled sources by the column `key`.
///
/// The rows of the result are the keys in order of first appearance, file by file; a file without a
/// key has missing values there, so a view without a key is a missing view. The key becomes one text
/// column `key`; other columns are taken as `(label, source, [(name there, name here)])`. All rows are
/// held in memory.
///
/// # Errors
/// [`BindError::DuplicateKey`] and [`BindError::NoKey`] with file and row, an unknown key column.
pub fn align(key: &str, parts: &[super::beside::Part]) -> Result<Held> {
    let mut order: Vec<String> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut tables = Vec::with_capacity(parts.len());
    for part in parts {
        let held = Held::read(&*part.source, &part.label)?;
        let rows = keys(key, part, &held)?;
        for k in &rows {
            if !place.contains_key(k) {
                place.insert(k.clone(), order.len());
                order.push(k.clone());
            }
        }
        tables.push((held, rows));
    }
    let mut fields = vec![Field::new(key, DataType::Utf8, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(StringArray::from(order.clone()))];
    let mut origins = Vec::new();
    let mut files = Vec::new();
    for (part, (held, rows)) in parts.iter().zip(&tables) {
        let mut indices: Vec<Option<u64>> = vec![None; order.len()];
        for (row, k) in rows.iter().enumerate() {
            if let Some(&at) = place.get(k) {
                indices[at] = Some(row as u64);
            }
        }
        let rows = Arc::new(indices.iter().map(|i| i.map(|r| r + 1)).collect::<Vec<_>>());
        let origin = Origin { file: part.label.clone(), rows: Some(rows) };
        if origins.is_empty() {
            origins.push(origin.clone());
        }
        let indices = UInt64Array::from(indices);
        for (there, here) in part.columns.iter().filter(|(there, _)| there != key) {
            let Some(column) = held.batch().column_by_name(there) else { continue };
            let taken = arrow_select::take::take(column, &indices, None)
                .map_err(|source| FormatError::Arrow { path: part.label.clone(), source })?;
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
            fields.push(Field::new(here, taken.data_type().clone(), true));
            arrays.push(taken);
            origins.push(origin.clone());
        }
        files.extend(held.files()?);
    }
    let label = parts.first().map_or_else(String::new, |p| p.label.clone());
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|source| FormatError::Arrow { path: label, source })?;
    Ok(Held::with_origins(batch, files, origins))
}

fn keys(key: &str, part: &super::beside::Part, held: &Held) -> Result<Vec<String>> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut rows = Vec::with_capacity(held.batch().num_rows());
    for (row, text) in texts(held, key, &part.label, "key")?.into_iter().enumerate() {
        let row = row as u64 + 1;
        let Some(text) = text else {
            return Err(BindError::NoKey { file: part.label.clone(), row, column: key.to_owned() }.into());
        };
        if let Some(first) = seen.insert(text.clone(), row) {
            return Err(BindError::DuplicateKey { file: part.label.clone(), key: text, first, second: row }.into());
        }
        rows.push(text);
    }
    Ok(rows)
}
