//! CSV, TSV and JSON lines.

use std::fs::File;
use std::io::{BufWriter, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{self, ArrowPrimitiveType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use serde_json::Value;
use suffit_core::Result;

use super::{Encoder, Out};
use crate::error::WriteError;

/// Values of a column as text: numbers print so that they read back the same, floats with a point.
struct Texts {
    values: Vec<Option<String>>,
    quoted: bool,
}

fn printed<T: ArrowPrimitiveType>(array: &ArrayRef, print: impl Fn(T::Native) -> Option<String>) -> Option<Texts> {
    let values = array.as_primitive_opt::<T>()?.iter().map(|v| v.and_then(&print)).collect();
    Some(Texts { values, quoted: false })
}

fn texts(array: &ArrayRef) -> Option<Texts> {
    fn whole<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<Texts>
    where
        T::Native: std::fmt::Display,
    {
        printed::<T>(array, |v| Some(v.to_string()))
    }
    let text = |values: Vec<Option<String>>| Some(Texts { values, quoted: true });
    match array.data_type() {
        DataType::Utf8 => text(array.as_string_opt::<i32>()?.iter().map(|t| t.map(str::to_owned)).collect()),
        DataType::LargeUtf8 => text(array.as_string_opt::<i64>()?.iter().map(|t| t.map(str::to_owned)).collect()),
        DataType::Utf8View => text(array.as_string_view_opt()?.iter().map(|t| t.map(str::to_owned)).collect()),
        DataType::Boolean => {
            let values = array.as_boolean_opt()?.iter().map(|v| v.map(|v| v.to_string())).collect();
            Some(Texts { values, quoted: false })
        }
        DataType::Float16 => {
            printed::<types::Float16Type>(array, |v| (!v.is_nan()).then(|| format!("{:?}", v.to_f32())))
        }
        DataType::Float32 => printed::<types::Float32Type>(array, |v| (!v.is_nan()).then(|| format!("{v:?}"))),
        DataType::Float64 => printed::<types::Float64Type>(array, |v| (!v.is_nan()).then(|| format!("{v:?}"))),
        DataType::Int8 => whole::<types::Int8Type>(array),
        DataType::Int16 => whole::<types::Int16Type>(array),
        DataType::Int32 => whole::<types::Int32Type>(array),
        DataType::Int64 => whole::<types::Int64Type>(array),
        DataType::UInt8 => whole::<types::UInt8Type>(array),
        DataType::UInt16 => whole::<types::UInt16Type>(array),
        DataType::UInt32 => whole::<types::UInt32Type>(array),
        DataType::UInt64 => whole::<types::UInt64Type>(array),
        DataType::Null => Some(Texts { values: vec![None; array.len()], quoted: false }),
        _ => None,
    }
}

/// A column ready to print: one text per row, or the bounds of each row in the texts.
struct Column {
    texts: Texts,
    bounds: Option<Vec<Option<(usize, usize)>>>,
}

fn column(array: &ArrayRef) -> Option<Column> {
    if let Some(list) = array.as_fixed_size_list_opt() {
        let size = list.value_length() as usize;
        let at = |r| (!list.is_null(r)).then(|| (list.value_offset(r) as usize, list.value_offset(r) as usize + size));
        let bounds = (0..list.len()).map(at).collect();
        return Some(Column { texts: texts(list.values())?, bounds: Some(bounds) });
    }
    if let Some(list) = array.as_list_opt::<i32>() {
        let o = list.value_offsets();
        let at = |r: usize| (!list.is_null(r)).then(|| (o[r] as usize, o[r + 1] as usize));
        return Some(Column { texts: texts(list.values())?, bounds: Some((0..list.len()).map(at).collect()) });
    }
    Some(Column { texts: texts(array)?, bounds: None })
}

fn columns(batch: &RecordBatch, path: &str, format: &'static str) -> Result<Vec<Column>> {
    let mut out = Vec::with_capacity(batch.num_columns());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        out.push(column(array).ok_or_else(|| refuse(path, field.name(), array.data_type(), format))?);
    }
    Ok(out)
}

fn refuse(path: &str, column: &str, kind: &DataType, format: &'static str) -> suffit_core::Error {
    WriteError::ColumnType { path: path.to_owned(), column: column.to_owned(), got: kind.to_string(), format }.into()
}

struct Table {
    writer: csv::Writer<File>,
    path: String,
    widths: Vec<usize>,
}

pub(super) fn table(out: Out, schema: &SchemaRef, delimiter: u8) -> Result<Box<dyn Encoder>> {
    let path = out.label();
    let (mut names, mut widths) = (Vec::new(), Vec::new());
    for field in schema.fields() {
        match field.data_type() {
            DataType::FixedSizeList(_, n) => {
                names.extend((0..*n).map(|j| format!("{}_{j}", field.name())));
                widths.push(*n as usize);
            }
            kind if kind.is_nested() => return Err(refuse(&path, field.name(), kind, "CSV")),
            _ => {
                names.push(field.name().clone());
                widths.push(1);
            }
        }
    }
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out.file);
    writer.write_record(&names).map_err(|source| WriteError::Csv { path: path.clone(), source })?;
    Ok(Box::new(Table { writer, path, widths }))
}

impl Encoder for Table {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = columns(batch, &self.path, "CSV")?;
        for r in 0..batch.num_rows() {
            let mut record = csv::StringRecord::new();
            for (column, &width) in columns.iter().zip(&self.widths) {
                let texts = &column.texts.values;
                match &column.bounds {
                    None => record.push_field(texts[r].as_deref().unwrap_or_default()),
                    Some(bounds) => match bounds[r] {
                        Some((from, to)) => {
                            texts[from..to].iter().for_each(|t| record.push_field(t.as_deref().unwrap_or_default()))
                        }
                        None => (0..width).for_each(|_| record.push_field("")),
                    },
                }
            }
            self.writer.write_record(&record).map_err(|source| WriteError::Csv { path: self.path.clone(), source })?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let Table { writer, path, .. } = *self;
        writer.into_inner().map_err(|e| suffit_core::error::CommonError::io("write", path, e.into_error()).into())
    }
}

struct Lines {
    writer: BufWriter<File>,
    out: String,
    path: std::path::PathBuf,
}

/// One JSON object per row; NaN, infinities and missing values are null.
pub(super) fn lines(out: Out, _schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
    Ok(Box::new(Lines { path: out.path, writer: BufWriter::new(out.file), out: String::new() }))
}

impl Lines {
    fn value(&mut self, texts: &Texts, i: usize) {
        match &texts.values[i] {
            None => self.out.push_str("null"),
            Some(t) if texts.quoted => self.out.push_str(&Value::String(t.clone()).to_string()),
            Some(t) if t.ends_with("inf") => self.out.push_str("null"),
            Some(t) => self.out.push_str(t),
        }
    }
}

impl Encoder for Lines {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = columns(batch, &self.path.display().to_string(), "JSON lines")?;
        let names: Vec<String> =
            batch.schema().fields().iter().map(|f| Value::String(f.name().clone()).to_string()).collect();
        for r in 0..batch.num_rows() {
            self.out.clear();
            for (k, (column, name)) in columns.iter().zip(&names).enumerate() {
                self.out.push(if k == 0 { '{' } else { ',' });
                self.out.push_str(name);
                self.out.push(':');
                match &column.bounds {
                    None => self.value(&column.texts, r),
                    Some(bounds) => match bounds[r] {
                        None => self.out.push_str("null"),
                        Some((from, to)) => {
                            for i in from..to {
                                self.out.push(if i == from { '[' } else { ',' });
                                self.value(&column.texts, i);
                            }
                            self.out.push_str(if from == to { "[]" } else { "]" });
                        }
                    },
                }
            }
            self.out.push_str(if columns.is_empty() { "{}\n" } else { "}\n" });
            self.writer
                .write_all(self.out.as_bytes())
                .map_err(|e| suffit_core::error::CommonError::io("write", &self.path, e))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let Lines { writer, path, .. } = *self;
        writer.into_inner().map_err(|e| suffit_core::error::CommonError::io("write", path, e.into_error()).into())
    }
}
