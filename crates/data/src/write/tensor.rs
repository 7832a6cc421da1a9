//! Columns as arrays: npz and safetensors, held until the end; the bytes of elements for npy.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{self, ArrowPrimitiveType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use suffit_core::Result;
use zip::write::SimpleFileOptions;

use super::{Encoder, Out};
use crate::error::WriteError;

/// Element type codes: NumPy's and safetensors'.
pub(super) fn codes(kind: &DataType) -> Option<(&'static str, Dtype)> {
    Some(match kind {
        DataType::Boolean => ("|b1", Dtype::BOOL),
        DataType::Int8 => ("|i1", Dtype::I8),
        DataType::Int16 => ("<i2", Dtype::I16),
        DataType::Int32 => ("<i4", Dtype::I32),
        DataType::Int64 => ("<i8", Dtype::I64),
        DataType::UInt8 => ("|u1", Dtype::U8),
        DataType::UInt16 => ("<u2", Dtype::U16),
        DataType::UInt32 => ("<u4", Dtype::U32),
        DataType::UInt64 => ("<u8", Dtype::U64),
        DataType::Float16 => ("<f2", Dtype::F16),
        DataType::Float32 => ("<f4", Dtype::F32),
        DataType::Float64 => ("<f8", Dtype::F64),
        _ => return None,
    })
}

/// Element type and axes after the first of a column.
pub(super) fn shape(field: &arrow_schema::Field) -> (DataType, Vec<usize>) {
    match field.data_type() {
        DataType::FixedSizeList(item, n) => {
            let whole = vec![usize::try_from(*n).unwrap_or(0)];
            let axes = field
                .metadata()
                .get("shape")
                .and_then(|s| s.split(',').map(|a| a.parse().ok()).collect::<Option<Vec<usize>>>());
            let axes = axes.filter(|a| a.iter().product::<usize>() == whole[0]).unwrap_or(whole);
            (item.data_type().clone(), axes)
        }
        other => (other.clone(), Vec::new()),
    }
}

/// Little-endian bytes of every row of a column; `Err(row)` for a missing value that has no NaN.
pub(super) fn bytes(array: &ArrayRef, out: &mut Vec<u8>) -> Result<(), usize> {
    let Some(list) = array.as_fixed_size_list_opt() else {
        let rows: Vec<Option<usize>> = (0..array.len()).map(Some).collect();
        return elements(array, &rows, 1, out);
    };
    let rows: Vec<Option<usize>> =
        (0..list.len()).map(|r| (!list.is_null(r)).then(|| list.value_offset(r) as usize)).collect();
    elements(list.values(), &rows, list.value_length() as usize, out)
}

fn elements(values: &ArrayRef, rows: &[Option<usize>], width: usize, out: &mut Vec<u8>) -> Result<(), usize> {
    macro_rules! float {
        ($kind:ty, $nan:expr) => {
            numbers::<$kind>(values, rows, width, Some($nan), |v| out.extend_from_slice(&v.to_le_bytes()))
        };
    }
    macro_rules! whole {
        ($kind:ty) => {
            numbers::<$kind>(values, rows, width, None, |v| out.extend_from_slice(&v.to_le_bytes()))
        };
    }
    match values.data_type() {
        DataType::Float16 => float!(types::Float16Type, half::f16::NAN),
        DataType::Float32 => float!(types::Float32Type, f32::NAN),
        DataType::Float64 => float!(types::Float64Type, f64::NAN),
        DataType::Int8 => whole!(types::Int8Type),
        DataType::Int16 => whole!(types::Int16Type),
        DataType::Int32 => whole!(types::Int32Type),
        DataType::Int64 => whole!(types::Int64Type),
        DataType::UInt8 => whole!(types::UInt8Type),
        DataType::UInt16 => whole!(types::UInt16Type),
        DataType::UInt32 => whole!(types::UInt32Type),
        DataType::UInt64 => whole!(types::UInt64Type),
        _ => {
            let Some(array) = values.as_boolean_opt() else { return Ok(()) };
            for (r, start) in rows.iter().enumerate() {
                let start = start.ok_or(r)?;
                for i in start..start + width {
                    if array.is_null(i) {
                        return Err(r);
                    }
                    out.push(u8::from(array.value(i)));
                }
            }
            Ok(())
        }
    }
}

fn numbers<T: ArrowPrimitiveType>(
    values: &ArrayRef,
    rows: &[Option<usize>],
    width: usize,
    missing: Option<T::Native>,
    mut put: impl FnMut(T::Native),
) -> Result<(), usize> {
    let Some(array) = values.as_primitive_opt::<T>() else { return Ok(()) };
    for (r, start) in rows.iter().enumerate() {
        for j in 0..width {
            let value = start.filter(|s| !array.is_null(s + j)).map(|s| array.value(s + j));
            put(value.or(missing).ok_or(r)?);
        }
    }
    Ok(())
}

/// One column being held.
struct Held {
    name: String,
    kind: DataType,
    axes: Vec<usize>,
    bytes: Vec<u8>,
    texts: Vec<String>,
}

struct Columns {
    held: Vec<Held>,
    rows: usize,
    path: String,
    format: &'static str,
}

impl Columns {
    fn new(path: String, schema: &SchemaRef, format: &'static str, text: bool) -> Result<Self> {
        let mut held = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            let (kind, axes) = shape(field);
            let is_text = text && axes.is_empty() && kind == DataType::Utf8;
            if codes(&kind).is_none() && !is_text {
                let (column, got) = (field.name().clone(), field.data_type().to_string());
                return Err(WriteError::ColumnType { path, column, got, format }.into());
            }
            held.push(Held { name: field.name().clone(), kind, axes, bytes: Vec::new(), texts: Vec::new() });
        }
        Ok(Columns { held, rows: 0, path, format })
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        for (held, array) in self.held.iter_mut().zip(batch.columns()) {
            let missing = |r: usize| WriteError::Missing {
                path: self.path.clone(),
                row: (self.rows + r) as u64 + 1,
                column: held.name.clone(),
                format: self.format,
            };
            match array.as_string_opt::<i32>() {
                Some(texts) => held.texts.extend(texts.iter().map(|t| t.unwrap_or_default().to_owned())),
                None => bytes(array, &mut held.bytes).map_err(missing)?,
            }
        }
        self.rows += batch.num_rows();
        Ok(())
    }
}

struct Npz {
    columns: Columns,
    out: Out,
}

pub(super) fn npz(out: Out, schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
    Ok(Box::new(Npz { columns: Columns::new(out.label(), schema, "npz", true)?, out }))
}

impl Encoder for Npz {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.append(batch)
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let Npz { columns, out } = *self;
        let path = out.label();
        let failed = |source| WriteError::Zip { path: path.clone(), source };
        let mut zip = zip::ZipWriter::new(out.file);
        for held in columns.held {
            // a fixed time, so that the same arrays give the same bytes
            let options = SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored)
                .last_modified_time(zip::DateTime::default())
                .large_file(held.bytes.len() as u64 >= u64::from(u32::MAX) - (1 << 16));
            zip.start_file(format!("{}.npy", held.name), options).map_err(failed)?;
            let (code, bytes) = match codes(&held.kind) {
                Some((code, _)) => (code.to_owned(), held.bytes),
                None => unicode(&held.texts),
            };
            let mut shape = vec![columns.rows];
            shape.extend(&held.axes);
            let io = |e| failed(zip::result::ZipError::Io(e));
            zip.write_all(&super::npy::header(&code, &shape, 0)).map_err(io)?;
            zip.write_all(&bytes).map_err(io)?;
        }
        zip.finish().map_err(|e| failed(e).into())
    }
}

/// NumPy's fixed-width text: four bytes a character, padded with zeros.
fn unicode(texts: &[String]) -> (String, Vec<u8>) {
    let width = texts.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1);
    let mut bytes = Vec::with_capacity(4 * width * texts.len());
    for text in texts {
        let codes = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
        codes.for_each(|c| bytes.extend_from_slice(&c.to_le_bytes()));
    }
    (format!("<U{width}"), bytes)
}

struct Safetensors {
    columns: Columns,
    out: Out,
}

pub(super) fn safetensors(out: Out, schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
    Ok(Box::new(Safetensors { columns: Columns::new(out.label(), schema, "safetensors", false)?, out }))
}

impl Encoder for Safetensors {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.append(batch)
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let Safetensors { columns, mut out } = *self;
        let path = out.label();
        let mut views = Vec::with_capacity(columns.held.len());
        for held in &columns.held {
            let Some((_, dtype)) = codes(&held.kind) else { continue };
            let mut shape = vec![columns.rows];
            shape.extend(&held.axes);
            let view = TensorView::new(dtype, shape, &held.bytes)
                .map_err(|source| WriteError::Safetensors { path: path.clone(), source })?;
            views.push((held.name.clone(), view));
        }
        let none: Option<HashMap<String, String>> = None;
        let bytes = safetensors::serialize(views, none)
            .map_err(|source| WriteError::Safetensors { path: path.clone(), source })?;
        let written = out.file.rewind().and_then(|()| out.file.write_all(&bytes));
        written.map_err(|e| out.io(e))?;
        Ok(out.file)
    }
}
