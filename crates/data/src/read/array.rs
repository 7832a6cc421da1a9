//! Arrays on disk as columns: npy, npz and safetensors share this source.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::element::Element;
use super::file::Handle;
use crate::error::FormatError;
use crate::limit::{ARRAY_AXES, ROW_VALUES};
use crate::source::{project, projected};

/// Shape and element type of an array with at least one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub shape: Vec<u64>,
    pub element: Element,
    pub big_endian: bool,
    pub fortran: bool,
}

impl Layout {
    /// Rows: the first axis.
    pub fn rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or(0)
    }

    /// Values per row.
    pub fn width(&self) -> u64 {
        self.shape.iter().skip(1).product()
    }

    /// Bytes of all values; `None` beyond 64 bits.
    pub fn bytes(&self) -> Option<u64> {
        self.shape.iter().try_fold(self.element.size(), |b, &d| b.checked_mul(d))
    }

    /// Refuses shapes that cannot be columns.
    pub fn check(&self, path: &str) -> Result<()> {
        let limit = |what, got, limit| FormatError::Limit { path: path.to_owned(), what, got, limit };
        if self.shape.len() > ARRAY_AXES {
            return Err(limit("the number of axes", self.shape.len() as u64, ARRAY_AXES as u64).into());
        }
        let width = self.shape.iter().skip(1).try_fold(1u64, |w, &d| w.checked_mul(d)).unwrap_or(u64::MAX);
        if width > ROW_VALUES {
            return Err(limit("the number of values in a row", width, ROW_VALUES).into());
        }
        if self.bytes().is_none() {
            return Err(limit("the size of the array", u64::MAX, u64::MAX).into());
        }
        let shape = || format!("{:?}", self.shape);
        if width == 0 {
            let expected = "at least one value in each row";
            return Err(
                FormatError::Header { path: path.to_owned(), field: "the shape", got: shape(), expected }.into()
            );
        }
        if self.rows() == 0 {
            return Err(FormatError::HeaderOnly { path: path.to_owned() }.into());
        }
        if self.element.is_text() && self.shape.len() > 1 {
            let expected = "one axis for arrays of text";
            return Err(
                FormatError::Header { path: path.to_owned(), field: "the shape", got: shape(), expected }.into()
            );
        }
        Ok(())
    }

    fn field(&self, name: &str) -> Field {
        match self.shape.len() {
            1 => Field::new(name, self.element.arrow(), true),
            _ => {
                let item = Arc::new(Field::new("item", self.element.arrow(), true));
                let axes: Vec<String> = self.shape.iter().skip(1).map(u64::to_string).collect();
                let kind = DataType::FixedSizeList(item, i32::try_from(self.width()).unwrap_or(i32::MAX));
                Field::new(name, kind, true).with_metadata([("shape".to_owned(), axes.join(","))].into())
            }
        }
    }

    fn column(&self, rows: &[u8], path: &str) -> Result<ArrayRef> {
        let values = self.element.decode(rows, self.big_endian).ok_or_else(|| FormatError::Header {
            path: path.to_owned(),
            field: "a text value",
            got: "not valid Unicode".to_owned(),
            expected: "UTF-8 bytes or Unicode characters",
        })?;
        if self.shape.len() == 1 {
            return Ok(values);
        }
        let item = Arc::new(Field::new("item", self.element.arrow(), true));
        let size = i32::try_from(self.width()).unwrap_or(i32::MAX);
        let list = FixedSizeListArray::try_new(item, size, values, None)
            .map_err(|source| FormatError::Arrow { path: path.to_owned(), source })?;
        Ok(Arc::new(list))
    }
}

/// Where the values of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the file as they are, from this byte.
    Plain(u64),
    /// Deflated in entry `index` of an npz archive, after a header of `skip` bytes.
    Deflated { index: usize, skip: u64 },
}

/// One array of a file.
#[derive(Debug, Clone)]
pub(super) struct Array {
    pub name: String,
    /// File, or `file[key]`.
    pub label: String,
    pub layout: Layout,
    pub place: Place,
}

/// Arrays of one file with the same number of rows, as columns.
#[derive(Clone)]
pub(super) struct ArraySource {
    handle: Handle,
    arrays: Vec<Array>,
    schema: SchemaRef,
    rows: u64,
}

impl ArraySource {
    /// Checks shapes and row counts.
    pub fn new(handle: Handle, arrays: Vec<Array>) -> Result<Self> {
        for array in &arrays {
            array.layout.check(&array.label)?;
            let (first, rows) = (&arrays[0], array.layout.rows());
            if rows != first.layout.rows() {
                let (first, first_rows) = (first.label.clone(), first.layout.rows());
                return Err(FormatError::RowCounts {
                    first,
                    first_rows,
                    second: array.label.clone(),
                    second_rows: rows,
                }
                .into());
            }
        }
        let rows = arrays.first().map_or(0, |a| a.layout.rows());
        let fields: Vec<Field> = arrays.iter().map(|a| a.layout.field(&a.name)).collect();
        super::csv::refuse_duplicates(&handle.label(), &arrays.iter().map(|a| a.name.clone()).collect::<Vec<_>>())?;
        Ok(ArraySource { handle, arrays, schema: Arc::new(Schema::new(fields)), rows })
    }
}

impl Source for ArraySource {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn files(&self) -> Result<Vec<FileInfo>> {
        Ok(vec![self.handle.info()?])
    }

    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        let positions = project(&self.schema, columns, &self.handle.label())?;
        let mut readers = Vec::with_capacity(positions.len());
        for &p in &positions {
            readers.push(Reader::new(&self.handle, self.arrays[p].clone())?);
        }
        let schema = projected(&self.schema, &positions);
        let stream = Stream {
            readers,
            schema,
            next: 0,
            rows: self.rows,
            step: batch_rows.max(1) as u64,
            label: self.handle.label(),
        };
        Ok(Box::new(stream))
    }

    fn locate(&self, column: &str, row: u64) -> Location {
        let array = self.arrays.iter().find(|a| a.name == column);
        Location { file: array.map_or_else(|| self.handle.label(), |a| a.label.clone()), row: row + 1 }
    }
}

enum Bytes {
    File(File),
    Held(Cursor<Vec<u8>>),
}

/// Reads ranges of rows of one array.
struct Reader {
    array: Array,
    bytes: Bytes,
    start: u64,
    handle: Handle,
}

impl Reader {
    fn new(handle: &Handle, array: Array) -> Result<Self> {
        let (bytes, start) = match array.place {
            Place::Plain(start) => (Bytes::File(handle.open()?), start),
            Place::Deflated { index, skip } => {
                let held = super::npz::inflate(handle, index, skip, &array)?;
                (Bytes::Held(Cursor::new(held)), 0)
            }
        };
        Ok(Reader { array, bytes, start, handle: handle.clone() })
    }

    fn read_at(&mut self, at: u64, out: &mut [u8]) -> Result<()> {
        let position = SeekFrom::Start(self.start + at);
        let done = match &mut self.bytes {
            Bytes::File(file) => file.seek(position).and_then(|_| file.read_exact(out)),
            Bytes::Held(held) => held.seek(position).and_then(|_| held.read_exact(out)),
        };
        done.map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                let got =
                    self.handle.open().and_then(|f| f.metadata().map_err(|e| self.handle.io(e))).map_or(0, |m| m.len());
                let expected = self.start + at + out.len() as u64;
                FormatError::Size { path: self.array.label.clone(), expected, got }.into()
            }
            _ => self.handle.io(e),
        })
    }

    /// Rows `from..to` in row-major order.
    fn rows(&mut self, from: u64, to: u64) -> Result<ArrayRef> {
        let layout = self.array.layout.clone();
        let (size, width, n) = (layout.element.size(), layout.width(), to - from);
        // both factors are bounded by the size of the file, which the header was compared with
        let mut out = vec![0u8; (n * width * size) as usize];
        if !layout.fortran || layout.shape.len() == 1 {
            self.read_at(from * width * size, &mut out)?;
        } else {
            let mut run = vec![0u8; (n * size) as usize];
            for c in 0..width {
                let at = (fortran_position(c, &layout.shape[1..]) * layout.rows() + from) * size;
                self.read_at(at, &mut run)?;
                for (r, value) in run.chunks_exact(size as usize).enumerate() {
                    let to = (r as u64 * width + c) * size;
                    out[to as usize..(to + size) as usize].copy_from_slice(value);
                }
            }
        }
        layout.column(&out, &self.array.label)
    }
}

/// Position in first-axis-fastest order of entry `c` in last-axis-fastest order.
fn fortran_position(c: u64, shape: &[u64]) -> u64 {
    let mut rest = c;
    let mut index = vec![0u64; shape.len()];
    for (k, &d) in shape.iter().enumerate().rev() {
        index[k] = rest % d;
        rest /= d;
    }
    index.iter().zip(shape).rev().fold(0, |p, (i, d)| p * d + i)
}

struct Stream {
    readers: Vec<Reader>,
    schema: SchemaRef,
    next: u64,
    rows: u64,
    step: u64,
    label: String,
}

impl Iterator for Stream {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.rows {
            return None;
        }
        let (from, to) = (self.next, (self.next + self.step).min(self.rows));
        self.next = to;
        let arrays = self.readers.iter_mut().map(|r| r.rows(from, to)).collect::<Result<Vec<_>>>();
        let batch = arrays.and_then(|arrays| {
            let options = arrow_array::RecordBatchOptions::new().with_row_count(Some((to - from) as usize));
            RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
                .map_err(|source| FormatError::Arrow { path: self.label.clone(), source }.into())
        });
        if batch.is_err() {
            self.next = self.rows;
        }
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fortran_positions_of_a_two_by_three_block() {
        // C order (0,0) (0,1) (0,2) (1,0) …; Fortran position of (i, j) is i + 2 j
        let at: Vec<u64> = (0..6).map(|c| fortran_position(c, &[2, 3])).collect();
        assert_eq!(at, [0, 2, 4, 1, 3, 5]);
    }
}
