//! Views as matrices of 32-bit floats, with every bad value named.

mod cell;

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use suffit_core::{Dataset, Result, Role};

use self::cell::{Bad, Place};
use crate::column::nearest;
use crate::error::{BindError, Problem, ValueError, What};
use crate::limit::{BATCH_ROWS, PROBLEMS};

/// Values visited at a time while a view is read.
const BLOCK_VALUES: usize = 1 << 22;

/// A view in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewMatrix {
    /// The view.
    pub name: String,
    /// N.
    pub rows: usize,
    /// D.
    pub cols: usize,
    /// Row-major `[N, D]`; rows that are not present hold zeros.
    pub data: Vec<f32>,
    /// Whether the view was observed, by row. `[N]`
    pub present: Vec<bool>,
    /// Names of the D columns; `array[j]` inside an array column.
    pub names: Vec<String>,
}

impl ViewMatrix {
    /// Row `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Number of rows in which the view was observed.
    pub fn observed(&self) -> usize {
        self.present.iter().filter(|p| **p).count()
    }

    /// The given rows, in that order.
    pub fn select(&self, rows: &[usize]) -> ViewMatrix {
        let mut data = Vec::with_capacity(rows.len() * self.cols);
        for &r in rows {
            data.extend_from_slice(self.row(r));
        }
        let present = rows.iter().map(|&r| self.present[r]).collect();
        ViewMatrix {
            name: self.name.clone(),
            rows: rows.len(),
            cols: self.cols,
            data,
            present,
            names: self.names.clone(),
        }
    }
}

/// How a view is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewOptions {
    /// Number of columns it must have, such as that of the fitted model.
    pub expected_cols: Option<usize>,
    /// Accept a view that no row has (otherwise [`ValueError::NeverPresent`]).
    pub allow_never_present: bool,
}

/// Reads a view of a data set.
///
/// - result: `[N, D]` f32 row-major; integers, booleans, f16 and f64 are converted (f64 rounds to the
///   nearest f32)
/// - a row is missing (not present) when all its values are NaN or null, or when the column bound to
///   `present:VIEW` holds 0 or false there; its values are then ignored and read as zeros
/// - cost: one pass, 4 N D bytes and a block of at most 4 million values
/// - determinism: the same for every batch size
///
/// # Errors
/// [`ValueError::Values`] (NaN in a row with other values, Inf, text, a mask that contradicts the
/// values: the first 20 with file, row and column, and the count), [`ValueError::NeverPresent`],
/// [`ValueError::Width`], [`ValueError::NoRows`], [`BindError::UnknownView`],
/// [`BindError::ColumnType`], I/O and format errors.
pub fn view_matrix(data: &Dataset, view: &str, options: &ViewOptions) -> Result<ViewMatrix> {
    let plan = ViewPlan::new(data, view, options)?;
    let mut out = plan.empty();
    if let Some(rows) = data.source.rows() {
        let bytes = u128::from(rows) * plan.cols as u128 * 4;
        let too_large = || ValueError::Memory { view: view.to_owned(), rows, columns: plan.cols as u64, bytes };
        let wanted = usize::try_from(bytes / 4).map_err(|_| too_large())?;
        out.data.try_reserve_exact(wanted).map_err(|_| too_large())?;
        out.present.reserve_exact(rows as usize);
    }
    let mut found = Found::default();
    let batch_rows = (BLOCK_VALUES / plan.cols.max(1)).clamp(1, BATCH_ROWS);
    for batch in data.source.batches(Some(&plan.wanted()), batch_rows)? {
        plan.append(data, &batch?, &mut out, &mut found)?;
    }
    found.check(&plan.role)?;
    plan.refuse_text(data)?;
    if out.rows == 0 {
        return Err(ValueError::NoRows { name: data.name.clone() }.into());
    }
    if !options.allow_never_present && !out.present.iter().any(|p| *p) {
        return Err(ValueError::NeverPresent { view: view.to_owned(), rows: out.rows as u64 }.into());
    }
    Ok(out)
}

/// The columns of a view, resolved once, to read it batch by batch.
#[derive(Debug, Clone)]
pub struct ViewPlan {
    name: String,
    role: String,
    columns: Vec<Column>,
    present: Option<String>,
    cols: usize,
    names: Vec<String>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    width: usize,
    list: bool,
    text: bool,
}

impl ViewPlan {
    /// Resolves the columns of `view`.
    ///
    /// # Errors
    /// [`BindError::UnknownView`], [`BindError::ColumnType`], [`ValueError::Width`].
    pub fn new(data: &Dataset, view: &str, options: &ViewOptions) -> Result<Self> {
        let role = Role::View(view.to_owned());
        let bound = data.roles.get(&role);
        if bound.is_empty() {
            let all: Vec<String> = data.roles.views().iter().map(ToString::to_string).collect();
            let mut close = nearest(view, &all);
            if close.is_empty() && all.len() <= 8 {
                close = all;
            }
            return Err(BindError::UnknownView { view: view.to_owned(), nearest: close }.into());
        }
        let schema = data.source.schema();
        let (mut columns, mut names) = (Vec::with_capacity(bound.len()), Vec::new());
        for column in bound {
            let Ok(field) = schema.field_with_name(column) else {
                return Err(crate::column::unknown(&data.name, column, &crate::source::names(&schema)).into());
            };
            let column = Self::column(data, &role, column, field.data_type())?;
            match column.list {
                true => names.extend((0..column.width).map(|j| format!("{}[{j}]", column.name))),
                false => names.push(column.name.clone()),
            }
            columns.push(column);
        }
        let cols = columns.iter().map(|c| c.width).sum();
        if let Some(expected) = options.expected_cols.filter(|&e| e != cols) {
            return Err(ValueError::Width { view: view.to_owned(), got: cols, expected }.into());
        }
        let present = data.roles.one(&Role::Present(view.to_owned())).map(str::to_owned);
        Ok(ViewPlan { name: view.to_owned(), role: role.to_string(), columns, present, cols, names })
    }

    fn column(data: &Dataset, role: &Role, name: &str, kind: &DataType) -> Result<Column> {
        let column = |width, list, text| Column { name: name.to_owned(), width, list, text };
        match kind {
            k if cell::is_number(k) => Ok(column(1, false, false)),
            k if cell::is_text(k) => Ok(column(1, false, true)),
            DataType::FixedSizeList(item, n) if cell::is_number(item.data_type()) => {
                Ok(column(usize::try_from(*n).unwrap_or(0), true, false))
            }
            DataType::List(item) | DataType::LargeList(item) if cell::is_number(item.data_type()) => {
                Ok(column(first_length(data, name)?, true, false))
            }
            other => {
                let file = data.source.locate(name, 0).file;
                let expected = "numbers, or arrays of numbers of one length";
                Err(BindError::ColumnType {
                    role: role.to_string(),
                    column: name.to_owned(),
                    file,
                    got: other.to_string(),
                    expected,
                }
                .into())
            }
        }
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The columns of the source that are needed.
    pub fn wanted(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.name.clone()).chain(self.present.clone()).collect()
    }

    /// The view in one batch whose first row is row `first` (from 0) of the data set.
    ///
    /// # Errors
    /// [`ValueError::Values`], [`BindError::ColumnType`].
    pub fn extract(&self, data: &Dataset, batch: &RecordBatch, first: u64) -> Result<ViewMatrix> {
        let (mut out, mut found) = (self.empty(), Found { first, ..Found::default() });
        self.append(data, batch, &mut out, &mut found)?;
        found.check(&self.role)?;
        Ok(out)
    }

    fn empty(&self) -> ViewMatrix {
        let (name, names) = (self.name.clone(), self.names.clone());
        ViewMatrix { name, rows: 0, cols: self.cols, data: Vec::new(), present: Vec::new(), names }
    }

    /// Text columns whose cells are all numbers reach this point: still text, so say so.
    fn refuse_text(&self, data: &Dataset) -> Result<()> {
        match self.columns.iter().find(|c| c.text) {
            Some(column) => {
                let file = data.source.locate(&column.name, 0).file;
                let (got, expected) = ("text".to_owned(), "numbers (its cells look like numbers: store them as such)");
                Err(BindError::ColumnType { role: self.role.clone(), column: column.name.clone(), file, got, expected }
                    .into())
            }
            None => Ok(()),
        }
    }

    fn append(&self, data: &Dataset, batch: &RecordBatch, out: &mut ViewMatrix, found: &mut Found) -> Result<()> {
        let (n, d, base) = (batch.num_rows(), self.cols, out.data.len());
        out.data.resize(base + n * d, f32::NAN);
        let block = &mut out.data[base..];
        let mut bad = Bad::default();
        let mask = self.mask(batch, d, &mut bad);
        let mut offset = 0;
        for column in &self.columns {
            if let Some(array) = batch.column_by_name(&column.name) {
                let mut place = Place { block, stride: d, offset, width: column.width };
                cell::fill(array, mask.as_deref(), &mut place, &mut bad);
            }
            offset += column.width;
        }
        bad.next_column();
        for r in 0..n {
            let row = &mut block[r * d..(r + 1) * d];
            let present = judge(r, row, mask.as_ref().map(|m| m[r]), &mut bad);
            out.present.push(present);
        }
        found.total += bad.total;
        bad.list.sort_by_key(|(r, c, _)| (*r, *c));
        for (r, c, what) in bad.list.into_iter().take(PROBLEMS - found.problems.len()) {
            let (column, shown) = self.place(c);
            let at = data.source.locate(column, found.first + r as u64);
            found.problems.push(Problem { at, column: shown, what });
        }
        found.first += n as u64;
        out.rows += n;
        Ok(())
    }

    /// The presence mask of a batch; bad entries are problems of column `d`.
    fn mask(&self, batch: &RecordBatch, d: usize, bad: &mut Bad) -> Option<Vec<bool>> {
        let array = batch.column_by_name(self.present.as_ref()?)?;
        let mut values = vec![f32::NAN; batch.num_rows()];
        let mut unread = Bad::default();
        cell::fill(array, None, &mut Place { block: &mut values, stride: 1, offset: 0, width: 1 }, &mut unread);
        let mut texts = unread.list.into_iter().peekable();
        let mut mask = Vec::with_capacity(values.len());
        for (r, v) in values.into_iter().enumerate() {
            let text = texts.next_if(|t| t.0 == r).map(|t| t.2);
            match text {
                Some(what) => bad.push(r, d, what),
                None if v.is_nan() => bad.push(r, d, What::Empty),
                None if v != 0.0 && v != 1.0 => bad.push(r, d, What::NotAMask(f64::from(v))),
                None => {}
            }
            mask.push(v == 1.0);
        }
        Some(mask)
    }

    fn place(&self, c: usize) -> (&str, String) {
        let mut offset = 0;
        for column in &self.columns {
            if c < offset + column.width {
                return (&column.name, self.names[c].clone());
            }
            offset += column.width;
        }
        let mask = self.present.as_deref().unwrap_or_default();
        (mask, mask.to_owned())
    }
}

/// Length of the first list that is there; 0 when there is none.
fn first_length(data: &Dataset, column: &str) -> Result<usize> {
    for batch in data.source.batches(Some(&[column.to_owned()]), BATCH_ROWS)? {
        let batch = batch?;
        let Some(array) = batch.columns().first() else { continue };
        if let Some(length) = cell::first_length(array) {
            return Ok(length);
        }
    }
    Ok(0)
}

/// Decides whether a row is present, zeroes it when not, and notes its bad values.
fn judge(r: usize, row: &mut [f32], mask: Option<bool>, bad: &mut Bad) -> bool {
    if mask == Some(false) {
        row.fill(0.0);
        return false;
    }
    let missing = row.iter().filter(|v| v.is_nan()).count();
    if missing == 0 {
        return true;
    }
    if missing == row.len() {
        if mask == Some(true) {
            bad.push(r, row.len(), What::MaskedPresent);
        }
        row.fill(0.0);
        return false;
    }
    for (c, v) in row.iter().enumerate() {
        if v.is_nan() {
            bad.push(r, c, What::Missing);
        }
    }
    true
}

#[derive(Default)]
struct Found {
    first: u64,
    problems: Vec<Problem>,
    total: u64,
}

impl Found {
    fn check(&mut self, role: &str) -> Result<()> {
        if self.total == 0 {
            return Ok(());
        }
        let problems = std::mem::take(&mut self.problems);
        Err(ValueError::Values { role: role.to_owned(), problems, total: self.total }.into())
    }
}
