//! Tables with typed columns.

use serde::{Deserialize, Serialize};

use crate::error::ReportError;
use crate::format::{DASH, Format};
use crate::num;
use crate::value::Estimate;

/// A table: typed columns, rows of cells, maybe in groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Title that says what is found or shown.
    pub title: String,
    /// A sentence under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, top to bottom.
    #[serde(default)]
    pub rows: Vec<Row>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Header.
    pub name: String,
    /// What the cells are.
    pub kind: ColumnKind,
    /// How numbers in it are printed; the unit goes into the header.
    #[serde(default)]
    pub format: Format,
    /// It holds something to compare with (chance, another method), not our result.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baseline: bool,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words, to the left.
    Text,
    /// Something to type or a name in code, to the left, monospaced.
    Code,
    /// Numbers, to the right.
    Number,
    /// Numbers with an interval in brackets.
    Estimate,
}

impl Column {
    /// The header with the unit, and the interval's level: `gain (nats)  [95 %]`.
    pub(crate) fn header(&self) -> String {
        match self.format.suffix() {
            Some(unit) => format!("{} ({unit})", self.name),
            None => self.name.clone(),
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is.
    #[serde(default, skip_serializing_if = "RowKind::is_plain")]
    pub kind: RowKind,
    /// One cell per column; a heading has one cell.
    pub cells: Vec<Cell>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A result.
    #[default]
    Plain,
    /// Heading of the rows below; sorting stays within it.
    Heading,
    /// Something to compare with.
    Baseline,
    /// The row the text speaks of.
    Strong,
}

impl RowKind {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cell", content = "is", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing measured; prints as a dash.
    Missing,
    /// Words.
    Text(String),
    /// A number.
    Number(#[serde(with = "num")] f64),
    /// A number with interval and n.
    Estimate(Estimate),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<f32> for Cell {
    fn from(value: f32) -> Self {
        Self::Number(f64::from(value))
    }
}

/// Counts above 2^53 lose their last digits, as they would in the page's JSON.
impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::Number(value as f64)
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<i32> for Cell {
    fn from(value: i32) -> Self {
        Self::Number(f64::from(value))
    }
}

impl From<Estimate> for Cell {
    fn from(value: Estimate) -> Self {
        Self::Estimate(value)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

/// A row's cells from values of different types: `cells!["a + b", 0.5, None::<f64>]`.
#[macro_export]
macro_rules! cells {
    ($($cell:expr),* $(,)?) => { vec![$($crate::Cell::from($cell)),*] };
}

impl Table {
    /// A table without columns.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), caption: None, columns: Vec::new(), rows: Vec::new() }
    }

    /// A sentence under the title.
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    /// Adds any column.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    fn push(self, name: impl Into<String>, kind: ColumnKind, format: Format) -> Self {
        self.column(Column { name: name.into(), kind, format, baseline: false })
    }

    /// Adds a column of words.
    #[must_use]
    pub fn text(self, name: impl Into<String>) -> Self {
        self.push(name, ColumnKind::Text, Format::auto())
    }

    /// Adds a column of code.
    #[must_use]
    pub fn code(self, name: impl Into<String>) -> Self {
        self.push(name, ColumnKind::Code, Format::auto())
    }

    /// Adds a column of whole numbers.
    #[must_use]
    pub fn count(self, name: impl Into<String>) -> Self {
        self.push(name, ColumnKind::Number, Format::count())
    }

    /// Adds a column of numbers with `digits` digits after the point.
    #[must_use]
    pub fn number(self, name: impl Into<String>, digits: u8) -> Self {
        self.push(name, ColumnKind::Number, Format::digits(digits))
    }

    /// Adds a column of shares, printed as percent.
    #[must_use]
    pub fn percent(self, name: impl Into<String>, digits: u8) -> Self {
        self.push(name, ColumnKind::Number, Format::percent(digits))
    }

    /// Adds a column of values with their intervals.
    #[must_use]
    pub fn estimate(self, name: impl Into<String>, digits: u8) -> Self {
        self.push(name, ColumnKind::Estimate, Format::digits(digits))
    }

    /// Gives the last column another number format (sign, percent, unit).
    #[must_use]
    pub fn with(mut self, format: Format) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.format = format;
        }
        self
    }

    /// Gives the last column a unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.format.unit = Some(unit.into());
        }
        self
    }

    /// Marks the last column as something to compare with.
    #[must_use]
    pub fn baseline(mut self) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.baseline = true;
        }
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, cells: Vec<Cell>) -> Self {
        self.push_row(cells);
        self
    }

    /// Adds a row to compare with.
    #[must_use]
    pub fn baseline_row(mut self, cells: Vec<Cell>) -> Self {
        self.rows.push(Row { kind: RowKind::Baseline, cells });
        self
    }

    /// Adds the row the text speaks of.
    #[must_use]
    pub fn strong_row(mut self, cells: Vec<Cell>) -> Self {
        self.rows.push(Row { kind: RowKind::Strong, cells });
        self
    }

    /// Adds a heading over the rows that follow.
    #[must_use]
    pub fn heading(mut self, text: impl Into<String>) -> Self {
        self.push_heading(text);
        self
    }

    /// Adds a row in a loop.
    pub fn push_row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { kind: RowKind::Plain, cells });
    }

    /// Adds a heading in a loop.
    pub fn push_heading(&mut self, text: impl Into<String>) {
        self.rows.push(Row { kind: RowKind::Heading, cells: vec![Cell::Text(text.into())] });
    }

    /// Checks that every row but a heading has one cell per column.
    ///
    /// # Errors
    /// [`ReportError::RowWidth`].
    pub fn validate(&self) -> Result<(), ReportError> {
        let expected = self.columns.len();
        let mut rows = self.rows.iter().enumerate();
        match rows.find(|(_, row)| row.kind != RowKind::Heading && row.cells.len() != expected) {
            Some((i, row)) => {
                Err(ReportError::RowWidth { table: self.title.clone(), row: i + 1, expected, got: row.cells.len() })
            }
            None => Ok(()),
        }
    }

    /// What the intervals of a column are: `95 %`, `spread`, `interval` where they differ, `None`
    /// where there are none.
    pub(crate) fn interval_tag(&self, column: usize) -> Option<String> {
        let mut tags = self.rows.iter().filter_map(|row| match row.cells.get(column) {
            Some(Cell::Estimate(estimate)) => estimate.interval.map(|interval| interval.tag()),
            _ => None,
        });
        let first = tags.next()?;
        if tags.all(|tag| tag == first) { Some(first) } else { Some("interval".to_owned()) }
    }

    /// The table as CSV: an estimate becomes the columns `name`, `name low`, `name high` and
    /// `name n`; numbers in full, with a point and an ASCII minus; text with quotes where needed.
    ///
    /// ```
    /// use suffit_report::{cells, Table};
    /// let table = Table::new("t").text("from").count("rows").row(cells!["a, b", 2000]);
    /// assert_eq!(table.csv(), "from,rows\n\"a, b\",2000\n");
    /// ```
    pub fn csv(&self) -> String {
        let grouped = self.rows.iter().any(|row| row.kind == RowKind::Heading);
        let mut header: Vec<String> = grouped.then(|| "group".to_owned()).into_iter().collect();
        for column in &self.columns {
            header.push(column.name.clone());
            if column.kind == ColumnKind::Estimate {
                header.extend(["low", "high", "n"].map(|part| format!("{} {part}", column.name)));
            }
        }
        let mut out = csv_line(&header);
        let mut group = String::new();
        for row in &self.rows {
            if row.kind == RowKind::Heading {
                group = row.cells.first().map(csv_text).unwrap_or_default();
                continue;
            }
            let mut line: Vec<String> = grouped.then(|| group.clone()).into_iter().collect();
            for (i, column) in self.columns.iter().enumerate() {
                let cell = row.cells.get(i).unwrap_or(&Cell::Missing);
                line.push(csv_text(cell));
                if column.kind == ColumnKind::Estimate {
                    line.extend(csv_interval(cell));
                }
            }
            out.push_str(&csv_line(&line));
        }
        out
    }
}

fn csv_number(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

fn csv_text(cell: &Cell) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(value) => csv_number(*value),
        Cell::Estimate(estimate) => csv_number(estimate.value),
    }
}

fn csv_interval(cell: &Cell) -> [String; 3] {
    let Cell::Estimate(estimate) = cell else { return Default::default() };
    let (low, high) = estimate.interval.map_or((f64::NAN, f64::NAN), |i| (i.low, i.high));
    [csv_number(low), csv_number(high), estimate.n.map(|n| n.to_string()).unwrap_or_default()]
}

fn csv_line(fields: &[String]) -> String {
    let quoted: Vec<String> = fields
        .iter()
        .map(|field| {
            if field.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                field.clone()
            }
        })
        .collect();
    format!("{}\n", quoted.join(","))
}

impl Cell {
    /// The cell in one piece, by the column's format: `0.750 [0.700, 0.800]`.
    pub(crate) fn write(&self, format: &Format) -> String {
        match self {
            Self::Missing => DASH.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Number(value) => format.write(*value),
            Self::Estimate(estimate) => match &estimate.interval {
                Some(interval) => format!("{} {}", format.write(estimate.value), format.write_interval(interval)),
                None => format.write(estimate.value),
            },
        }
    }
}
