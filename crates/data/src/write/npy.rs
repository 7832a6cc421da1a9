//! npy, version 1: rows stream out, the header is completed at the end.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use suffit_core::Result;
use suffit_core::error::CommonError;

use super::{Encoder, Out, tensor};
use crate::error::WriteError;

/// Bytes reserved for the header: the count of rows is known only at the end.
const RESERVED: usize = 192;

/// The header of an array, at least `least` bytes long; 64-byte aligned as the format asks.
pub(super) fn header(code: &str, shape: &[usize], least: usize) -> Vec<u8> {
    let axes: String = shape.iter().map(|d| format!("{d},")).collect::<Vec<_>>().join(" ");
    // (3,) for one axis, (3, 4) for more, as NumPy prints them
    let axes = if shape.len() == 1 { axes } else { axes.trim_end_matches(',').to_owned() };
    let text = format!("{{'descr': '{code}', 'fortran_order': False, 'shape': ({axes}), }}");
    let total = (10 + text.len() + 1).max(least).next_multiple_of(64);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&((total - 10) as u16).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(total - 1, b' ');
    bytes.push(b'\n');
    bytes
}

struct Npy {
    writer: BufWriter<File>,
    path: std::path::PathBuf,
    names: Vec<String>,
    code: &'static str,
    axes: Vec<usize>,
    size: usize,
    rows: usize,
}

/// One column, or several scalar columns of one type side by side.
pub(super) fn encoder(out: Out, schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
    let path = out.label();
    let columns: Vec<(DataType, Vec<usize>)> = schema.fields().iter().map(|f| tensor::shape(f)).collect();
    let same = columns.iter().all(|(k, a)| *k == columns[0].0 && (columns.len() == 1 || a.is_empty()));
    let Some((kind, axes)) = columns.first().filter(|_| same).cloned() else {
        return Err(WriteError::NotOneArray { path, columns: columns.len() }.into());
    };
    let Some((code, _)) = tensor::codes(&kind) else {
        let (column, got) = (schema.field(0).name().clone(), kind.to_string());
        return Err(WriteError::ColumnType { path, column, got, format: "npy" }.into());
    };
    let axes = if columns.len() > 1 { vec![columns.len()] } else { axes };
    let names = schema.fields().iter().map(|f| f.name().clone()).collect();
    let size = kind.primitive_width().unwrap_or(1);
    let mut npy = Npy { writer: BufWriter::new(out.file), path: out.path, names, code, axes, size, rows: 0 };
    let head = npy.header();
    npy.writer.write_all(&head).map_err(|e| CommonError::io("write", &npy.path, e))?;
    Ok(Box::new(npy))
}

impl Npy {
    fn header(&self) -> Vec<u8> {
        let mut shape = vec![self.rows];
        shape.extend(&self.axes);
        header(self.code, &shape, RESERVED)
    }
}

impl Encoder for Npy {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (array, name) in batch.columns().iter().zip(&self.names) {
            let mut bytes = Vec::new();
            tensor::bytes(array, &mut bytes).map_err(|r| WriteError::Missing {
                path: self.path.display().to_string(),
                row: (self.rows + r) as u64 + 1,
                column: name.clone(),
                format: "npy",
            })?;
            columns.push(bytes);
        }
        let io = |e| CommonError::io("write", &self.path, e);
        match columns.as_slice() {
            [one] => self.writer.write_all(one).map_err(io)?,
            many => {
                for r in 0..batch.num_rows() {
                    for column in many {
                        self.writer.write_all(&column[r * self.size..(r + 1) * self.size]).map_err(io)?;
                    }
                }
            }
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let head = self.header();
        let Npy { writer, path, .. } = *self;
        let io = |e| CommonError::io("write", &path, e);
        let mut file = writer.into_inner().map_err(|e| io(e.into_error()))?;
        file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&head)).map_err(io)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_what_numpy_writes() {
        let h = header("<f4", &[3, 4], 0);
        assert_eq!(h.len() % 64, 0);
        assert!(h.ends_with(b"\n"));
        let text = String::from_utf8_lossy(&h[10..]).trim_end().to_owned();
        assert_eq!(text, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
        assert!(String::from_utf8_lossy(&header("<f4", &[3], 0)).contains("(3,)"));
    }
}
