//! Columns of a data set to the two sides of the question.

use std::collections::BTreeSet;

use arrow_schema::DataType;
use suffit_core::{Ctx, Dataset, Result, Role};
use suffit_data::label::{Labels, texts};
use suffit_stats::audit::{FEWEST_ROWS, Input, Representation};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::Response;

use super::config::AuditConfig;
use super::error::AuditError;
use super::method::X;
use crate::response::{self, Bound};

/// Most values of a text column that becomes indicators.
const MOST_VALUES: usize = 50;

/// A matrix with the names of its columns.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it is called in results.
    pub name: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// `[n, p]`.
    pub values: Matrix,
}

/// All rows of an audit.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The data set.
    pub name: String,
    /// What is known.
    pub x: Block,
    /// What was kept, one or more.
    pub z: Vec<Block>,
    /// Always conditioned on.
    pub w: Option<Block>,
    /// The target.
    pub y: Bound,
    /// Group of every row.
    pub groups: Option<Vec<usize>>,
    /// Time of every row.
    pub time: Option<Vec<f64>>,
}

/// The sides of a question about dependence: x, y and perhaps one z.
#[derive(Debug, Clone)]
pub struct Sides {
    /// One side.
    pub x: Block,
    /// What is conditioned on: all of z and w together.
    pub z: Option<Block>,
    /// The other side.
    pub y: Bound,
    /// Group of every row.
    pub groups: Option<Vec<usize>>,
}

impl Sides {
    /// Reads the views `x`, `z…` and `w`, and the target.
    ///
    /// # Errors
    /// As [`Rows::read`].
    pub fn read(data: &Dataset, config: &AuditConfig, ctx: &Ctx) -> Result<Sides> {
        let missing = |what| AuditError::NoRole { data: data.name.clone(), what };
        let x = block(data, X, X)?.ok_or_else(|| missing("x"))?;
        ctx.check_cancel("reading")?;
        let mut given: Vec<Block> = Vec::new();
        for view in data.roles.views() {
            if let Some(name) = representation(view).or((view == "w").then_some("w")) {
                given.extend(block(data, view, name)?);
            }
        }
        let z = given.into_iter().reduce(|a, b| {
            let extra = (0..b.values.cols).map(|j| (b.columns[j].clone(), column(&b.values, j))).collect();
            join("z", a.values.values, a.columns, extra)
        });
        let columns = response::columns(data);
        if columns.is_empty() {
            return Err(missing("y").into());
        }
        Ok(Sides { x, z, y: response::bind(data, &columns, &config.y)?, groups: groups(data)? })
    }
}

fn column(m: &Matrix, j: usize) -> Vec<f64> {
    (0..m.rows).map(|i| m.at(i, j)).collect()
}

fn groups(data: &Dataset) -> Result<Option<Vec<usize>>> {
    match suffit_data::groups(data)? {
        Some(groups) => Ok(Some(groups.complete(data, &Role::Group)?.iter().map(|c| *c as usize).collect())),
        None => Ok(None),
    }
}

impl Rows {
    /// Reads the views `x`, `z:NAME` (one or more, or `z`), `w`, the target and group and time.
    ///
    /// - cost: `16 n (p + k + q)` bytes while a block is read, half of it afterwards
    ///
    /// # Errors
    /// [`AuditError`]; what the readers name: missing, infinite and text cells with file, row, column.
    pub fn read(data: &Dataset, config: &AuditConfig, ctx: &Ctx) -> Result<Rows> {
        let missing = |what| AuditError::NoRole { data: data.name.clone(), what };
        let x = block(data, X, X)?.ok_or_else(|| missing("x"))?;
        let mut z = Vec::new();
        for view in data.roles.views() {
            if let Some(name) = representation(view) {
                ctx.check_cancel("reading")?;
                z.extend(block(data, view, name)?);
            }
        }
        if z.is_empty() {
            return Err(missing("z").into());
        }
        let columns = response::columns(data);
        if columns.is_empty() {
            return Err(missing("y").into());
        }
        let y = response::bind(data, &columns, &config.y)?;
        let groups = groups(data)?;
        let time = match data.roles.get(&Role::Time) {
            [] => None,
            columns => Some(response::numbers(data, columns, "time")?.0),
        };
        let rows = Rows { name: data.name.clone(), w: block(data, "w", "w")?, x, z, y, groups, time };
        rows.check(config)?;
        Ok(rows)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.x.values.rows
    }

    /// What can be said of rows before any statistics.
    fn check(&self, config: &AuditConfig) -> Result<()> {
        let rows = self.rows();
        if rows < FEWEST_ROWS {
            return Err(AuditError::TooFewRows { data: self.name.clone(), rows, needed: FEWEST_ROWS }.into());
        }
        if let Response::Label { codes, classes } = &self.y.response {
            let mut count = vec![0_usize; *classes];
            codes.iter().for_each(|c| count[*c] += 1);
            let rare = count.iter().enumerate().filter(|(_, n)| **n > 0).min_by_key(|(_, n)| **n);
            if let Some((class, &n)) = rare.filter(|(_, n)| **n < 2) {
                let class = self.y.classes.get(class).cloned().unwrap_or_else(|| class.to_string());
                return Err(AuditError::RareClass { class, rows: n, needed: 2 }.into());
            }
        }
        let constant = self.y.response.is_constant().map_err(|source| self.refused(source))?;
        if constant {
            return Err(AuditError::ConstantTarget { data: self.name.clone(), rows }.into());
        }
        for z in &self.z {
            if (0..z.values.cols).all(|j| (1..rows).all(|i| z.values.at(i, j) == z.values.at(0, j))) {
                return Err(AuditError::ConstantRepresentation { z: z.name.clone(), rows }.into());
            }
        }
        if let Some(groups) = &self.groups {
            let distinct = groups.iter().collect::<BTreeSet<_>>().len();
            if distinct < config.folds {
                return Err(AuditError::FewGroups { groups: distinct, folds: config.folds }.into());
            }
        }
        Ok(())
    }

    /// An error of the statistics with the name of the data.
    pub fn refused(&self, source: suffit_stats::StatsError) -> AuditError {
        AuditError::Statistic { data: self.name.clone(), source }
    }

    /// The same as the statistics take it.
    pub fn with_input<T>(&self, work: impl FnOnce(&Input) -> T) -> T {
        let z: Vec<Representation> =
            self.z.iter().map(|b| Representation { name: &b.name, values: &b.values }).collect();
        work(&Input {
            x: &self.x.values,
            z: &z,
            w: self.w.as_ref().map(|w| &w.values),
            y: &self.y.response,
            metric: self.y.metric,
            groups: self.groups.as_deref(),
            time: self.time.as_deref(),
        })
    }
}

/// The name of a representation, if the view is one.
pub fn representation(view: &str) -> Option<&str> {
    if view == "z" { Some("z") } else { view.strip_prefix("z:") }
}

/// The columns of a view as numbers; texts become indicators.
fn block(data: &Dataset, view: &str, name: &str) -> Result<Option<Block>> {
    let columns = data.roles.get(&Role::View(view.to_owned()));
    if columns.is_empty() {
        return Ok(None);
    }
    let schema = data.source.schema();
    let is_text = |column: &String| {
        schema.field_with_name(column).is_ok_and(|f| {
            matches!(
                f.data_type(),
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
            )
        })
    };
    let (text, numeric): (Vec<String>, Vec<String>) = columns.iter().cloned().partition(is_text);
    let (values, names) = match numeric.as_slice() {
        [] => (Vec::new(), Vec::new()),
        some => response::numbers(data, some, name)?,
    };
    if text.is_empty() {
        let cols = names.len();
        let values = Matrix { rows: values.len() / cols.max(1), cols, values };
        return Ok(Some(Block { name: name.to_owned(), columns: names, values }));
    }
    let mut extra = Vec::new();
    for column in &text {
        extra.extend(indicators(data, column)?);
    }
    Ok(Some(join(name, values, names, extra)))
}

/// One column of 0 and 1 for every value of a text column but the first.
fn indicators(data: &Dataset, column: &str) -> Result<Vec<(String, Vec<f64>)>> {
    let cells = texts(&*data.source, column, &data.name, "x")?;
    if let Some(row) = cells.iter().position(Option::is_none) {
        return Err(AuditError::Empty { column: column.to_owned(), data: data.name.clone(), row: row + 1 }.into());
    }
    let labels = Labels::from_texts(column, &cells);
    let values = labels.classes();
    if values > MOST_VALUES {
        let (column, data) = (column.to_owned(), data.name.clone());
        return Err(AuditError::Texts { column, data, values, most: MOST_VALUES }.into());
    }
    let of = |code: usize| labels.codes.iter().map(|c| f64::from(u8::from(*c == Some(code as u32)))).collect();
    // with two or more values the first is told by the others
    let first = usize::from(values > 1);
    Ok((first..values).map(|code| (format!("{column}={}", labels.names[code]), of(code))).collect())
}

fn join(name: &str, values: Vec<f64>, mut columns: Vec<String>, extra: Vec<(String, Vec<f64>)>) -> Block {
    let old = columns.len();
    let rows = extra.first().map_or_else(|| values.len() / old.max(1), |(_, v)| v.len());
    let cols = old + extra.len();
    let mut all = vec![0.0; rows * cols];
    for (i, row) in all.chunks_exact_mut(cols.max(1)).enumerate() {
        row[..old].copy_from_slice(&values[i * old..(i + 1) * old]);
        extra.iter().zip(&mut row[old..]).for_each(|((_, v), cell)| *cell = v[i]);
    }
    columns.extend(extra.into_iter().map(|(name, _)| name));
    Block { name: name.to_owned(), columns, values: Matrix { rows, cols, values: all } }
}
