//! What a data set holds for Symile: aligned views, presence, labels, groups, parts.

use suffit_core::{Ctx, Dataset, Result, Role};
use suffit_data::label::Labels;
use suffit_data::split::Part;
use suffit_data::{TokenOptions, ViewOptions, token_matrix, view_matrix};

use super::error::SymileError;
use super::model::ViewShape;

/// One view of all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Its values; anything where missing.
    pub content: Content,
    /// Whether it was observed, by row.
    pub present: Vec<bool>,
}

/// Values of a view.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Numbers, row-major `[N · p]`.
    Dense {
        /// `p`.
        width: usize,
        /// Values.
        data: Vec<f32>,
        /// Names of the columns.
        columns: Vec<String>,
    },
    /// Token ids by row.
    Tokens {
        /// Rows.
        rows: Vec<Vec<i64>>,
    },
}

impl View {
    /// Shape, with the vocabulary taken from the largest id found.
    pub fn shape(&self) -> ViewShape {
        match &self.content {
            Content::Dense { width, .. } => ViewShape::Dense { width: *width },
            Content::Tokens { rows } => {
                let largest = rows.iter().flatten().copied().max().unwrap_or(0);
                ViewShape::Tokens { vocabulary: usize::try_from(largest).unwrap_or(0) + 1 }
            }
        }
    }

    /// A view that is missing in every row.
    pub fn absent(name: &str, shape: ViewShape, rows: usize) -> View {
        let content = match shape {
            ViewShape::Dense { width } => Content::Dense { width, data: vec![0.0; rows * width], columns: Vec::new() },
            ViewShape::Tokens { .. } => Content::Tokens { rows: vec![Vec::new(); rows] },
        };
        View { name: name.to_owned(), content, present: vec![false; rows] }
    }

    /// The chosen rows.
    pub fn select(&self, rows: &[usize]) -> View {
        let content = match &self.content {
            Content::Dense { width, data, columns } => {
                let data = rows.iter().flat_map(|&i| data[i * width..(i + 1) * width].iter().copied()).collect();
                Content::Dense { width: *width, data, columns: columns.clone() }
            }
            Content::Tokens { rows: all } => Content::Tokens { rows: rows.iter().map(|&i| all[i].clone()).collect() },
        };
        View { name: self.name.clone(), content, present: rows.iter().map(|&i| self.present[i]).collect() }
    }
}

/// Aligned rows of several views.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuples {
    /// Name of the data set, for messages.
    pub name: String,
    /// N.
    pub rows: usize,
    /// The views, in binding order.
    pub views: Vec<View>,
    /// Identifiers of the rows.
    pub ids: Vec<String>,
    /// Labels, where a column has that role.
    pub labels: Option<Labels>,
    /// Groups, where a column has that role.
    pub groups: Option<Labels>,
    /// Parts, where a column has that role.
    pub parts: Option<Vec<Part>>,
}

impl Tuples {
    /// Reads all bound views.
    ///
    /// # Errors
    /// [`SymileError::TooFewViews`], [`SymileError::NoRows`], and what the readers of `suffit-data`
    /// name: NaN and infinite values with view, file, row and column, and a view that is never
    /// present.
    pub fn read(data: &Dataset, ctx: &Ctx) -> Result<Tuples> {
        let bound: Vec<String> = data.roles.views().iter().map(ToString::to_string).collect();
        if bound.len() < 2 {
            let got = bound.first().map_or_else(|| "none is".to_owned(), |one| format!("only `{one}` is"));
            return Err(SymileError::TooFewViews { data: data.name.clone(), got }.into());
        }
        let mut views = Vec::with_capacity(bound.len());
        for name in &bound {
            ctx.check_cancel("reading")?;
            views.push(read_view(data, name, &ViewOptions::default())?);
        }
        Tuples::with_views(data, views)
    }

    /// Joins views that were read with the other columns of the data set.
    ///
    /// # Errors
    /// [`SymileError::NoRows`]; what the readers of `suffit-data` name.
    pub fn with_views(data: &Dataset, views: Vec<View>) -> Result<Tuples> {
        let rows = views.first().map_or(0, |v| v.present.len());
        if rows == 0 {
            return Err(SymileError::NoRows { data: data.name.clone() }.into());
        }
        Ok(Tuples {
            name: data.name.clone(),
            rows,
            views,
            ids: suffit_data::ids(data)?,
            labels: suffit_data::labels(data)?,
            groups: suffit_data::groups(data)?,
            parts: suffit_data::splits(data)?,
        })
    }

    /// From the rows of a generator.
    pub fn from_sample(name: &str, sample: suffit_data::generate::Sample) -> Tuples {
        let rows = sample.rows();
        let labels = sample.label.map(|codes| {
            let texts: Vec<Option<String>> = codes.iter().map(|c| Some(c.to_string())).collect();
            Labels::from_texts("label", &texts)
        });
        let view = |v: suffit_data::ViewMatrix| View {
            name: v.name,
            present: v.present,
            content: Content::Dense { width: v.cols, data: v.data, columns: v.names },
        };
        Tuples {
            name: name.to_owned(),
            rows,
            views: sample.views.into_iter().map(view).collect(),
            ids: (1..=rows).map(|i| i.to_string()).collect(),
            labels,
            groups: None,
            parts: None,
        }
    }

    /// Rows of several sets of the same views, one after another.
    pub fn concat(parts: &[&Tuples]) -> Option<Tuples> {
        let mut out = (*parts.first()?).clone();
        for part in &parts[1..] {
            out.rows += part.rows;
            out.ids.extend(part.ids.iter().cloned());
            for (view, more) in out.views.iter_mut().zip(&part.views) {
                view.present.extend(&more.present);
                match (&mut view.content, &more.content) {
                    (Content::Dense { data, .. }, Content::Dense { data: more, .. }) => data.extend_from_slice(more),
                    (Content::Tokens { rows }, Content::Tokens { rows: more }) => rows.extend(more.iter().cloned()),
                    _ => return None,
                }
            }
            match (&mut out.labels, &part.labels) {
                (Some(a), Some(b)) if a.names == b.names => a.codes.extend(&b.codes),
                (labels, _) => *labels = None,
            }
            out.groups = None;
            out.parts = None;
        }
        Some(out)
    }

    /// Rows in which no view is present.
    pub fn empty_rows(&self) -> Vec<usize> {
        (0..self.rows).filter(|&i| self.views.iter().all(|v| !v.present[i])).collect()
    }

    /// Refuses rows without any view.
    ///
    /// # Errors
    /// [`SymileError::EmptyRow`] naming the first.
    pub fn refuse_empty_rows(&self) -> Result<()> {
        let empty = self.empty_rows();
        match empty.first() {
            None => Ok(()),
            Some(&row) => {
                let (data, id) = (self.name.clone(), self.ids[row].clone());
                Err(SymileError::EmptyRow { data, row: row as u64 + 1, id, total: empty.len() }.into())
            }
        }
    }

    /// The chosen rows.
    pub fn select(&self, rows: &[usize]) -> Tuples {
        let labels = |l: &Labels| Labels {
            codes: rows.iter().map(|&i| l.codes[i]).collect(),
            names: l.names.clone(),
            column: l.column.clone(),
        };
        Tuples {
            name: self.name.clone(),
            rows: rows.len(),
            views: self.views.iter().map(|v| v.select(rows)).collect(),
            ids: rows.iter().map(|&i| self.ids[i].clone()).collect(),
            labels: self.labels.as_ref().map(labels),
            groups: self.groups.as_ref().map(labels),
            parts: self.parts.as_ref().map(|p| rows.iter().map(|&i| p[i]).collect()),
        }
    }

    /// Only the named views, in that order.
    ///
    /// # Errors
    /// [`SymileError::UnknownView`].
    pub fn only(&self, names: &[&str]) -> Result<Tuples> {
        let find = |name: &&str| {
            self.views.iter().find(|v| v.name == *name).cloned().ok_or_else(|| SymileError::UnknownView {
                view: (*name).to_owned(),
                place: format!("in `{}`", self.name),
                known: self.views.iter().map(|v| v.name.clone()).collect(),
            })
        };
        let views = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(Tuples { views, ..self.clone() })
    }

    /// Groups of exactly equal rows, as group ids; `None` when all rows differ.
    pub fn duplicates(&self) -> Option<Vec<usize>> {
        let mut seen = std::collections::HashMap::new();
        let ids: Vec<usize> = (0..self.rows).map(|i| *seen.entry(self.fingerprint(i)).or_insert(i)).collect();
        (seen.len() < self.rows).then_some(ids)
    }

    /// The bits of a row, with presence.
    fn fingerprint(&self, i: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for view in &self.views {
            bytes.push(u8::from(view.present[i]));
            match &view.content {
                _ if !view.present[i] => {}
                Content::Dense { width, data, .. } => {
                    data[i * width..(i + 1) * width].iter().for_each(|x| bytes.extend(x.to_bits().to_le_bytes()))
                }
                Content::Tokens { rows } => {
                    bytes.extend((rows[i].len() as u64).to_le_bytes());
                    rows[i].iter().for_each(|t| bytes.extend(t.to_le_bytes()));
                }
            }
        }
        bytes
    }
}

/// Reads one view: token ids when its one column is a list of integers, else numbers.
///
/// # Errors
/// What the readers of `suffit-data` name.
pub fn read_view(data: &Dataset, name: &str, options: &ViewOptions) -> Result<View> {
    if is_tokens(data, name) {
        let tokens = token_matrix(data, name, &TokenOptions::default())?;
        let width = tokens.width;
        let row = |i: usize| {
            (i * width..(i + 1) * width).filter(|&k| tokens.mask[k]).map(|k| i64::from(tokens.ids[k])).collect()
        };
        let rows = (0..tokens.rows).map(row).collect();
        return Ok(View { name: name.to_owned(), content: Content::Tokens { rows }, present: tokens.present });
    }
    let matrix = view_matrix(data, name, options)?;
    Ok(View {
        name: name.to_owned(),
        present: matrix.present,
        content: Content::Dense { width: matrix.cols, data: matrix.data, columns: matrix.names },
    })
}

/// Whether a view is one column of integer lists.
pub fn is_tokens(data: &Dataset, name: &str) -> bool {
    let [column] = data.roles.get(&Role::View(name.to_owned())) else { return false };
    data.source.schema().field_with_name(column).is_ok_and(|field| suffit_data::token::is_tokens(field.data_type()))
}
