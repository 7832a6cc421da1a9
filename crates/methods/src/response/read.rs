//! Columns of any numeric type as f64, lists of them, and texts.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use suffit_core::{Dataset, Result};
use suffit_data::error::{Problem, ValueError, What};

/// Rows read at a time.
const BATCH: usize = 8_192;

/// Problems named one by one; the rest is counted.
const NAMED: usize = 20;

/// The cells of one column.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    /// Numbers; `NaN` where missing.
    Numbers(Vec<f64>),
    /// Lists of numbers.
    Lists(Vec<Vec<f64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

impl Cells {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Cells::Numbers(_) => "numbers",
            Cells::Lists(_) => "lists",
            Cells::Texts(_) => "texts",
        }
    }
}

/// The columns of a response.
pub(super) struct Columns<'a> {
    pub(super) data: &'a Dataset,
    pub(super) names: Vec<String>,
    pub(super) cells: Vec<Cells>,
    pub(super) rows: usize,
    role: String,
}

impl<'a> Columns<'a> {
    pub(super) fn read(data: &'a Dataset, columns: &[String]) -> Result<Self> {
        Self::read_as(data, columns, "y")
    }

    /// The same, called `role` in messages.
    pub(super) fn read_as(data: &'a Dataset, columns: &[String], role: &str) -> Result<Self> {
        let schema = data.source.schema();
        let mut cells = Vec::with_capacity(columns.len());
        for name in columns {
            let kind = schema.field_with_name(name).map(|f| f.data_type().clone()).unwrap_or(DataType::Null);
            cells.push(match kind {
                DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Cells::Lists(Vec::new()),
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                    Cells::Texts(suffit_data::label::texts(&*data.source, name, &data.name, role)?)
                }
                _ => Cells::Numbers(Vec::new()),
            });
        }
        let mut rows = 0;
        for batch in data.source.batches(Some(columns), BATCH)? {
            let batch = batch?;
            for (name, cells) in columns.iter().zip(&mut cells) {
                let Some(array) = batch.column_by_name(name) else { continue };
                match cells {
                    Cells::Numbers(out) => numbers(array, out),
                    Cells::Lists(out) => lists(array, out),
                    Cells::Texts(_) => {}
                }
            }
            rows += batch.num_rows();
        }
        if rows == 0 {
            return Err(ValueError::NoRows { name: data.name.clone() }.into());
        }
        let out = Columns { data, names: columns.to_vec(), cells, rows, role: role.to_owned() };
        out.refuse_infinite()?;
        Ok(out)
    }

    /// All columns as one matrix, row-major `[n, m]`; texts that are numbers are read.
    ///
    /// # Errors
    /// Missing values and texts, with file, row and column.
    pub(super) fn matrix(&self) -> Result<(Vec<f64>, usize)> {
        let mut wide: Vec<Vec<f64>> = Vec::with_capacity(self.cells.len());
        let mut bad = Vec::new();
        for (name, cells) in self.names.iter().zip(&self.cells) {
            match cells {
                Cells::Numbers(v) => wide.push(v.clone()),
                Cells::Texts(texts) => wide.push(parse(name, texts, &mut bad)),
                Cells::Lists(rows) => unroll(name, rows, &mut wide, &mut bad),
            }
        }
        let width = wide.len();
        let mut values = vec![0.0; self.rows * width];
        for (j, column) in wide.iter().enumerate() {
            for (i, &v) in column.iter().enumerate() {
                if v.is_nan() && !bad.iter().any(|(row, ..)| *row == i) {
                    bad.push((i, self.name_of(j), What::Missing));
                }
                values[i * width + j] = v;
            }
        }
        self.refuse(bad)?;
        Ok((values, width))
    }

    /// Names of the columns of the matrix.
    pub(super) fn wide_names(&self) -> Vec<String> {
        let mut out = Vec::with_capacity(self.names.len());
        for (name, cells) in self.names.iter().zip(&self.cells) {
            match cells {
                Cells::Lists(rows) => out.extend((0..rows.first().map_or(0, Vec::len)).map(|k| format!("{name}[{k}]"))),
                _ => out.push(name.clone()),
            }
        }
        out
    }

    /// Name of column `j` of the matrix.
    pub(super) fn name_of(&self, j: usize) -> String {
        if self.names.len() == 1 && matches!(self.cells[0], Cells::Lists(_)) {
            return format!("{}[{j}]", self.names[0]);
        }
        self.names.get(j).cloned().unwrap_or_else(|| format!("column {}", j + 1))
    }

    /// The one column as texts, whole numbers without a point.
    ///
    /// # Errors
    /// Empty cells; what the readers name.
    pub(super) fn texts(&self) -> Result<Vec<String>> {
        let name = &self.names[0];
        let texts = suffit_data::label::texts(&*self.data.source, name, &self.data.name, &self.role)?;
        let empty = texts.iter().enumerate().filter(|(_, t)| t.is_none());
        self.refuse(empty.map(|(i, _)| (i, name.clone(), What::Empty)).collect())?;
        Ok(texts.into_iter().flatten().collect())
    }

    fn refuse_infinite(&self) -> Result<()> {
        let mut bad = Vec::new();
        for (name, cells) in self.names.iter().zip(&self.cells) {
            match cells {
                Cells::Numbers(v) => {
                    let at = v.iter().enumerate().filter(|(_, v)| v.is_infinite());
                    bad.extend(at.map(|(i, _)| (i, name.clone(), What::Infinite)));
                }
                Cells::Lists(rows) => {
                    for (i, row) in rows.iter().enumerate() {
                        match row.iter().position(|v| !v.is_finite()) {
                            Some(k) if row[k].is_nan() => bad.push((i, format!("{name}[{k}]"), What::Missing)),
                            Some(k) => bad.push((i, format!("{name}[{k}]"), What::Infinite)),
                            None if row.is_empty() => bad.push((i, name.clone(), What::Empty)),
                            None => {}
                        }
                    }
                }
                Cells::Texts(_) => {}
            }
        }
        self.refuse(bad)
    }

    fn refuse(&self, mut bad: Vec<(usize, String, What)>) -> Result<()> {
        if bad.is_empty() {
            return Ok(());
        }
        bad.sort_by_key(|(row, ..)| *row);
        let total = bad.len() as u64;
        let problem = |(row, column, what): (usize, String, What)| {
            let bare = column.split('[').next().unwrap_or(&column).to_owned();
            let known = if self.names.contains(&column) { &column } else { &bare };
            Problem { at: self.data.source.locate(known, row as u64), column, what }
        };
        let problems = bad.into_iter().take(NAMED).map(problem).collect();
        Err(ValueError::Values { role: self.role.clone(), problems, total }.into())
    }
}

fn parse(name: &str, texts: &[Option<String>], bad: &mut Vec<(usize, String, What)>) -> Vec<f64> {
    let mut out = Vec::with_capacity(texts.len());
    for (i, text) in texts.iter().enumerate() {
        let value = text.as_deref().map_or(Ok(f64::NAN), |t| t.trim().parse::<f64>());
        match value {
            Ok(v) if v.is_infinite() => bad.push((i, name.to_owned(), What::Infinite)),
            Err(_) => bad.push((i, name.to_owned(), What::Text(text.clone().unwrap_or_default()))),
            Ok(_) => {}
        }
        out.push(value.unwrap_or(0.0));
    }
    out
}

fn unroll(name: &str, rows: &[Vec<f64>], wide: &mut Vec<Vec<f64>>, bad: &mut Vec<(usize, String, What)>) {
    let width = rows.first().map_or(0, Vec::len);
    for (i, row) in rows.iter().enumerate().filter(|(_, r)| r.len() != width) {
        bad.push((i, name.to_owned(), What::ListLength(row.len(), width)));
    }
    wide.extend((0..width).map(|k| rows.iter().map(|r| r.get(k).copied().unwrap_or(0.0)).collect()));
}

macro_rules! each_kind {
    ($array:expr, $out:expr, $($kind:ty => $wide:expr),+) => {
        match $array.data_type() {
            $(k if *k == <$kind as ArrowPrimitiveType>::DATA_TYPE => {
                if let Some(a) = $array.as_primitive_opt::<$kind>() {
                    $out.extend(a.iter().map(|v| v.map_or(f64::NAN, $wide)));
                }
            })+
            DataType::Boolean => {
                if let Some(a) = $array.as_boolean_opt() {
                    $out.extend(a.iter().map(|v| v.map_or(f64::NAN, |b| f64::from(u8::from(b)))));
                }
            }
            _ => $out.extend(std::iter::repeat_n(f64::NAN, $array.len())),
        }
    };
}

/// The cells of a numeric array; `NaN` where null, and everywhere for other types.
fn numbers(array: &ArrayRef, out: &mut Vec<f64>) {
    each_kind!(array, out,
        Float64Type => |v| v, Float32Type => f64::from, Float16Type => |v| v.to_f64(),
        Int8Type => f64::from, Int16Type => f64::from, Int32Type => f64::from, Int64Type => |v| v as f64,
        UInt8Type => f64::from, UInt16Type => f64::from, UInt32Type => f64::from, UInt64Type => |v| v as f64);
}

fn lists(array: &ArrayRef, out: &mut Vec<Vec<f64>>) {
    for i in 0..array.len() {
        let cell = if array.is_null(i) {
            None
        } else if let Some(list) = array.as_fixed_size_list_opt() {
            Some(list.value(i))
        } else if let Some(list) = array.as_list_opt::<i32>() {
            Some(list.value(i))
        } else {
            array.as_list_opt::<i64>().map(|list| list.value(i))
        };
        let mut row = Vec::new();
        if let Some(cell) = cell {
            numbers(&cell, &mut row);
        }
        out.push(row);
    }
}
