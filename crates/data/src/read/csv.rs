//! CSV and TSV: scanned once for types and row count, then read in batches with every cell re-checked.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use csv::ByteRecord;
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Result, Source};

use super::file::{Handle, shown};
use super::{Opened, ReadOptions};
use crate::decision::Decision;
use crate::error::FormatError;
use crate::limit::{CELL_BYTES, COLUMNS};
use crate::source::{project, projected, rechunk};

/// Bytes looked at for the delimiter.
const SNIFF_BYTES: usize = 1 << 16;

/// The type of a column, from the narrowest: a column has the narrowest that holds all its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Bool,
    Int,
    Float,
    Text,
}

impl Kind {
    fn of(cell: &str) -> Kind {
        if is_empty(cell) {
            Kind::Empty
        } else if cell.parse::<i64>().is_ok() {
            Kind::Int
        } else if cell.parse::<f64>().is_ok() {
            Kind::Float
        } else if truth(cell).is_some() {
            Kind::Bool
        } else {
            Kind::Text
        }
    }

    fn join(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Empty, k) | (k, Kind::Empty) => k,
            (a, b) if a == b => a,
            (Kind::Int, Kind::Float) | (Kind::Float, Kind::Int) => Kind::Float,
            _ => Kind::Text,
        }
    }

    fn arrow(self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int => DataType::Int64,
            Kind::Empty | Kind::Float => DataType::Float64,
            Kind::Text => DataType::Utf8,
        }
    }
}

/// Cells that mean "missing" where numbers are expected.
fn is_empty(cell: &str) -> bool {
    cell.is_empty() || ["nan", "na", "n/a", "null", "none"].iter().any(|n| cell.eq_ignore_ascii_case(n))
}

fn truth(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A text table on disk.
#[derive(Clone)]
struct CsvSource {
    handle: Handle,
    layout: Layout,
    kinds: Vec<Kind>,
    schema: SchemaRef,
    rows: u64,
}

/// How the bytes are cut into cells.
#[derive(Debug, Clone, Copy)]
struct Layout {
    delimiter: u8,
    header: bool,
    start: u64,
}

/// Opens a text table.
///
/// # Errors
/// [`FormatError`] naming row and column: not UTF-8, ragged rows, duplicate columns, no rows.
pub(super) fn open(handle: Handle, tab: bool, options: &ReadOptions) -> Result<Opened> {
    let mut decisions = Vec::new();
    let first = handle.first(SNIFF_BYTES)?;
    if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
        return Err(FormatError::Utf16 { path: handle.label() }.into());
    }
    if first.contains(&0) {
        return Err(FormatError::Magic { path: handle.label(), expected: "a text table", got: shown(&first) }.into());
    }
    let start = if first.starts_with(b"\xef\xbb\xbf") { 3u64 } else { 0 };
    let delimiter = match options.delimiter {
        Some(c) => u8::try_from(c).map_err(|_| FormatError::Header {
            path: handle.label(),
            field: "the delimiter",
            got: c.to_string(),
            expected: "one ASCII character",
        })?,
        None => {
            let found = delimiter(&first[start as usize..], tab);
            if found != b',' && !tab {
                let choice = format!("{:?}", char::from(found));
                decisions.push(Decision::guessed(
                    "delimiter",
                    choice,
                    format!("most frequent in the first line of {}", handle.label()),
                ));
            }
            found
        }
    };
    let mut layout = Layout { delimiter, header: true, start };
    let head = first_record(&handle, layout)?;
    layout.header = match options.header {
        Some(header) => header,
        None => {
            let header = looks_like_header(&head);
            if !header {
                let choice = "none".to_owned();
                decisions.push(Decision::guessed(
                    "header",
                    choice,
                    format!("the first line of {} holds only numbers", handle.label()),
                ));
            }
            header
        }
    };
    let source = scan(handle, layout, head)?;
    Ok(Opened { source: Arc::new(source), decisions })
}

/// The most frequent of `, ; tab |` outside quotes in the first line that is not blank.
fn delimiter(text: &[u8], tab: bool) -> u8 {
    if tab {
        return b'\t';
    }
    let candidates = [b',', b';', b'\t', b'|'];
    let (mut counts, mut quoted) = ([0usize; 4], false);
    for &b in text {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|&c| c > 0) => break,
            _ if !quoted => {
                if let Some(k) = candidates.iter().position(|&c| c == b) {
                    counts[k] += 1;
                }
            }
            _ => {}
        }
    }
    let mut best = 0;
    for k in 1..4 {
        if counts[k] > counts[best] {
            best = k;
        }
    }
    candidates[best]
}

/// A first line names columns if it holds a cell that is not a number, or counts 0, 1, 2, … from 0.
fn looks_like_header(cells: &[String]) -> bool {
    let numbers = cells.iter().all(|c| matches!(Kind::of(c.trim()), Kind::Int | Kind::Float | Kind::Empty));
    let counted = cells.len() >= 3 && cells.iter().enumerate().all(|(i, c)| c.trim().parse::<usize>() == Ok(i));
    !numbers || counted
}

fn reader(handle: &Handle, layout: Layout) -> Result<csv::Reader<File>> {
    let mut file = handle.open()?;
    file.seek(SeekFrom::Start(layout.start)).map_err(|e| handle.io(e))?;
    Ok(csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(layout.delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(file))
}

fn first_record(handle: &Handle, layout: Layout) -> Result<Vec<String>> {
    let mut record = ByteRecord::new();
    let got = reader(handle, layout)?.read_byte_record(&mut record).map_err(|e| broken(handle, e))?;
    if !got {
        return Err(FormatError::Empty { path: handle.label() }.into());
    }
    let mut cells = Vec::with_capacity(record.len());
    for (i, cell) in record.iter().enumerate() {
        let text = std::str::from_utf8(cell).map_err(|_| FormatError::NotUtf8 {
            path: handle.label(),
            row: 0,
            column: format!("number {}", i + 1),
        })?;
        cells.push(text.to_owned());
    }
    if cells.len() > COLUMNS {
        let (got, limit) = (cells.len() as u64, COLUMNS as u64);
        return Err(FormatError::Limit { path: handle.label(), what: "the number of columns", got, limit }.into());
    }
    Ok(cells)
}

fn broken(handle: &Handle, e: csv::Error) -> suffit_core::Error {
    if !e.is_io_error() {
        return FormatError::Csv { path: handle.label(), source: e }.into();
    }
    handle.io(match e.into_kind() {
        csv::ErrorKind::Io(e) => e,
        _ => std::io::Error::from(std::io::ErrorKind::Other),
    })
}

fn scan(handle: Handle, layout: Layout, head: Vec<String>) -> Result<CsvSource> {
    let names: Vec<String> = match layout.header {
        true => head
            .iter()
            .enumerate()
            .map(|(i, n)| if n.trim().is_empty() { format!("column_{}", i + 1) } else { n.trim().to_owned() })
            .collect(),
        false => (1..=head.len()).map(|i| format!("column_{i}")).collect(),
    };
    refuse_duplicates(&handle.label(), &names)?;
    let mut kinds = vec![Kind::Empty; names.len()];
    let mut rows = Rows::new(&handle, layout)?;
    let mut record = ByteRecord::new();
    while rows.next(&handle, &names, &mut record)? {
        for (c, cell) in record.iter().enumerate() {
            let text = utf8(&handle, &names, rows.row, c, cell)?;
            if kinds[c] != Kind::Text {
                kinds[c] = kinds[c].join(Kind::of(text));
            }
        }
    }
    if rows.row == 0 {
        return Err(FormatError::HeaderOnly { path: handle.label() }.into());
    }
    let fields: Vec<Field> = names.iter().zip(&kinds).map(|(n, k)| Field::new(n, k.arrow(), true)).collect();
    Ok(CsvSource { rows: rows.row, handle, layout, kinds, schema: Arc::new(Schema::new(fields)) })
}

fn utf8<'a>(handle: &Handle, names: &[String], row: u64, c: usize, cell: &'a [u8]) -> Result<&'a str> {
    let text = std::str::from_utf8(cell).map_err(|_| FormatError::NotUtf8 {
        path: handle.label(),
        row,
        column: names.get(c).cloned().unwrap_or_default(),
    })?;
    if text.len() > CELL_BYTES {
        let (got, limit) = (text.len() as u64, CELL_BYTES as u64);
        let path = format!("{} row {row}, column `{}`", handle.label(), names.get(c).cloned().unwrap_or_default());
        return Err(FormatError::Limit { path, what: "the size of a cell (is a quote left open?)", got, limit }.into());
    }
    Ok(text.trim())
}

/// Two columns of one name cannot be told apart.
pub(super) fn refuse_duplicates(path: &str, names: &[String]) -> Result<()> {
    let mut seen = std::collections::HashMap::new();
    for (i, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name, i) {
            let (path, column) = (path.to_owned(), name.clone());
            return Err(FormatError::Duplicate { path, column, first: first + 1, second: i + 1 }.into());
        }
    }
    Ok(())
}

/// Data rows one after the other, each of the right length.
struct Rows {
    reader: csv::Reader<File>,
    row: u64,
}

impl Rows {
    fn new(handle: &Handle, layout: Layout) -> Result<Self> {
        let mut reader = reader(handle, layout)?;
        if layout.header {
            reader.read_byte_record(&mut ByteRecord::new()).map_err(|e| broken(handle, e))?;
        }
        Ok(Rows { reader, row: 0 })
    }

    fn next(&mut self, handle: &Handle, names: &[String], record: &mut ByteRecord) -> Result<bool> {
        if !self.reader.read_byte_record(record).map_err(|e| broken(handle, e))? {
            return Ok(false);
        }
        self.row += 1;
        if record.len() != names.len() {
            let line = record.position().map_or(0, csv::Position::line);
            let (got, expected) = (record.len() as u64, names.len() as u64);
            return Err(FormatError::Ragged { path: handle.label(), row: self.row, line, got, expected }.into());
        }
        Ok(true)
    }
}

/// A column under construction.
enum Cells {
    Bool(Vec<Option<bool>>),
    Int(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
}

impl Cells {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Cells::Bool(Vec::new()),
            Kind::Int => Cells::Int(Vec::new()),
            Kind::Empty | Kind::Float => Cells::Float(Vec::new()),
            Kind::Text => Cells::Text(Vec::new()),
        }
    }

    /// Appends a cell; the type it should have had when it does not fit.
    fn push(&mut self, cell: &str) -> Result<(), &'static str> {
        let empty = is_empty(cell);
        match self {
            Cells::Bool(v) => v.push(if empty { None } else { Some(truth(cell).ok_or("true or false")?) }),
            Cells::Int(v) => v.push(if empty { None } else { Some(cell.parse().map_err(|_| "a whole number")?) }),
            Cells::Float(v) => v.push(if empty { None } else { Some(cell.parse().map_err(|_| "a number")?) }),
            Cells::Text(v) => v.push((!cell.is_empty()).then(|| cell.to_owned())),
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Cells::Bool(v) => Arc::new(BooleanArray::from(v)),
            Cells::Int(v) => Arc::new(Int64Array::from(v)),
            Cells::Float(v) => Arc::new(Float64Array::from(v)),
            Cells::Text(v) => Arc::new(StringArray::from(v)),
        }
    }
}

struct Stream {
    source: CsvSource,
    names: Vec<String>,
    positions: Vec<usize>,
    schema: SchemaRef,
    batch_rows: usize,
    rows: Rows,
    record: ByteRecord,
    ended: bool,
}

impl Stream {
    fn step(&mut self) -> Result<Option<RecordBatch>> {
        let mut cells: Vec<Cells> = self.positions.iter().map(|&p| Cells::new(self.source.kinds[p])).collect();
        let mut n = 0;
        while n < self.batch_rows && self.rows.next(&self.source.handle, &self.names, &mut self.record)? {
            n += 1;
            for (&p, column) in self.positions.iter().zip(&mut cells) {
                let raw = self.record.get(p).unwrap_or_default();
                let text = utf8(&self.source.handle, &self.names, self.rows.row, p, raw)?;
                column.push(text).map_err(|expected| FormatError::Cell {
                    path: self.source.handle.label(),
                    row: self.rows.row,
                    column: self.names[p].clone(),
                    got: text.chars().take(40).collect(),
                    expected,
                })?;
            }
        }
        if n < self.batch_rows && self.rows.row != self.source.rows {
            let (expected, got) = (self.source.rows, self.rows.row);
            return Err(FormatError::Changed { path: self.source.handle.label(), expected, got }.into());
        }
        if n == 0 {
            return Ok(None);
        }
        let arrays = cells.into_iter().map(Cells::finish).collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(n));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map(Some)
            .map_err(|source| FormatError::Arrow { path: self.source.handle.label(), source }.into())
    }
}

impl Iterator for Stream {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

impl Source for CsvSource {
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
        let label = self.handle.label();
        let positions = project(&self.schema, columns, &label)?;
        let schema = projected(&self.schema, &positions);
        let stream = Stream {
            source: self.clone(),
            names: crate::source::names(&self.schema),
            positions,
            schema: schema.clone(),
            batch_rows: batch_rows.max(1),
            rows: Rows::new(&self.handle, self.layout)?,
            record: ByteRecord::new(),
            ended: false,
        };
        Ok(rechunk(Box::new(stream), schema, batch_rows, label))
    }

    fn locate(&self, _column: &str, row: u64) -> Location {
        Location { file: self.handle.label(), row: row + 1 }
    }
}

/// A text table from bytes of the library, written nowhere.
pub(crate) fn embedded(label: &str, bytes: &'static [u8]) -> Result<RecordBatch> {
    let text = std::str::from_utf8(bytes).map_err(|_| FormatError::NotUtf8 {
        path: label.to_owned(),
        row: 0,
        column: String::new(),
    })?;
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let broken = |source| FormatError::Csv { path: label.to_owned(), source };
    let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(broken)?;
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (c, name) in names.iter().enumerate() {
        let cell = |r: &csv::StringRecord| r.get(c).unwrap_or_default().trim().to_owned();
        let kind = records.iter().fold(Kind::Empty, |k, r| k.join(Kind::of(&cell(r))));
        let mut cells = Cells::new(kind);
        for (row, r) in records.iter().enumerate() {
            let got = cell(r);
            cells.push(&got).map_err(|expected| FormatError::Cell {
                path: label.to_owned(),
                row: row as u64 + 1,
                column: name.clone(),
                got: got.clone(),
                expected,
            })?;
        }
        fields.push(Field::new(name, kind.arrow(), true));
        arrays.push(cells.finish());
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|source| FormatError::Arrow { path: label.to_owned(), source }.into())
}
