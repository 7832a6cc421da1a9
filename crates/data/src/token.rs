//! Token views: lists of ids with a mask, for bags of words and the like.

use arrow_array::cast::AsArray;
use arrow_array::types::{self, ArrowPrimitiveType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use suffit_core::{Dataset, Result, Role};

use crate::error::{BindError, Problem, ValueError, What};
use crate::limit::PROBLEMS;

/// Token ids in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMatrix {
    /// The view.
    pub name: String,
    /// N.
    pub rows: usize,
    /// T: the longest row, or the length asked for.
    pub width: usize,
    /// Row-major `[N, T]`; 0 where the mask is false.
    pub ids: Vec<u32>,
    /// Which entries are tokens. `[N, T]`
    pub mask: Vec<bool>,
    /// Whether the view was observed, by row: a null list is missing. `[N]`
    pub present: Vec<bool>,
    /// One more than the largest id.
    pub vocabulary: u32,
    /// Rows cut to the length asked for.
    pub cut: usize,
}

/// How a token view is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenOptions {
    /// Column with the mask: lists as long as the ids, 1 or true for tokens. Without it, a column named
    /// like the ids plus `_mask` is taken if there is one.
    pub mask: Option<String>,
    /// An id that stands for padding.
    pub pad: Option<i64>,
    /// Cut rows to this length.
    pub max_len: Option<usize>,
}

/// Whether cells of this type are lists of whole numbers.
pub fn is_tokens(kind: &DataType) -> bool {
    match kind {
        DataType::List(item) | DataType::LargeList(item) => item.data_type().is_integer(),
        _ => false,
    }
}

/// Reads a token view: one column of integer lists (of one length or several).
///
/// - padding: nulls, entries whose mask is 0, and `pad`
/// - cost: one pass, 5 N T bytes
///
/// # Errors
/// [`ValueError::Values`] for ids below zero or too large and masks of another length,
/// [`BindError::ColumnType`], [`BindError::UnknownView`], I/O and format errors.
pub fn token_matrix(data: &Dataset, view: &str, options: &TokenOptions) -> Result<TokenMatrix> {
    let role = Role::View(view.to_owned());
    let bound = data.roles.get(&role);
    let column = match bound {
        [] => {
            return Err(BindError::UnknownView {
                view: view.to_owned(),
                nearest: data.roles.views().iter().map(ToString::to_string).collect(),
            }
            .into());
        }
        [one] => one.clone(),
        many => {
            return Err(
                BindError::TooMany { role: role.to_string(), selector: view.to_owned(), count: many.len() }.into()
            );
        }
    };
    let schema = data.source.schema();
    let mask = options.mask.clone().or_else(|| {
        let name = format!("{column}_mask");
        schema.field_with_name(&name).is_ok().then_some(name)
    });
    let wanted: Vec<String> = std::iter::once(column.clone()).chain(mask.clone()).collect();
    let mut read = Reading { rows: Vec::new(), problems: Vec::new(), total: 0 };
    crate::source::fold(&*data.source, Some(&wanted), |before, batch| {
        let Some(array) = batch.column_by_name(&column) else { return Ok(()) };
        let lists = lists(array).ok_or_else(|| column_type(data, &role, &column, array.data_type()))?;
        let masks = match mask.as_ref().and_then(|m| batch.column_by_name(m).map(|a| (m, a))) {
            Some((name, array)) => {
                Some(self::lists(array).ok_or_else(|| column_type(data, &role, name, array.data_type()))?)
            }
            None => None,
        };
        for (r, list) in lists.into_iter().enumerate() {
            let mask = masks.as_ref().map(|m| m[r].as_deref().unwrap_or_default());
            read.row(data, (&column, before + r as u64), list, mask, options.pad);
        }
        Ok(())
    })?;
    if read.total > 0 {
        return Err(ValueError::Values { role: role.to_string(), problems: read.problems, total: read.total }.into());
    }
    Ok(pack(view, &read.rows, options.max_len))
}

fn column_type(data: &Dataset, role: &Role, column: &str, got: &DataType) -> suffit_core::Error {
    let file = data.source.locate(column, 0).file;
    let (role, column, got) = (role.to_string(), column.to_owned(), got.to_string());
    BindError::ColumnType { role, column, file, got, expected: "lists of whole numbers (token ids)" }.into()
}

struct Reading {
    rows: Vec<Option<Vec<u32>>>,
    problems: Vec<Problem>,
    total: u64,
}

impl Reading {
    fn row(
        &mut self,
        data: &Dataset,
        at: (&str, u64),
        list: Option<Vec<Option<i64>>>,
        mask: Option<&[Option<i64>]>,
        pad: Option<i64>,
    ) {
        let (column, row) = at;
        let Some(list) = list else {
            self.rows.push(None);
            return;
        };
        let mut tokens = Vec::with_capacity(list.len());
        if let Some(mask) = mask.filter(|m| m.len() != list.len()) {
            self.problem(data, column, row, column.to_owned(), What::MaskLength(mask.len(), list.len()));
        }
        for (j, id) in list.iter().enumerate() {
            let hidden = mask.is_some_and(|m| m.get(j).copied().flatten().is_none_or(|v| v == 0));
            match id {
                Some(id) if !hidden && Some(*id) != pad => match u32::try_from(*id) {
                    Ok(id) if id < u32::MAX => tokens.push(id),
                    _ => self.problem(data, column, row, format!("{column}[{j}]"), What::TokenId(*id)),
                },
                _ => {}
            }
        }
        self.rows.push(Some(tokens));
    }

    fn problem(&mut self, data: &Dataset, column: &str, row: u64, shown: String, what: What) {
        self.total += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem { at: data.source.locate(column, row), column: shown, what });
        }
    }
}

fn pack(view: &str, rows: &[Option<Vec<u32>>], max_len: Option<usize>) -> TokenMatrix {
    let longest = rows.iter().flatten().map(Vec::len).max().unwrap_or(0);
    let width = max_len.map_or(longest, |m| m.min(longest));
    let n = rows.len();
    let mut out = TokenMatrix {
        name: view.to_owned(),
        rows: n,
        width,
        ids: vec![0; n * width],
        mask: vec![false; n * width],
        present: rows.iter().map(Option::is_some).collect(),
        vocabulary: 0,
        cut: rows.iter().flatten().filter(|r| r.len() > width).count(),
    };
    for (r, tokens) in rows.iter().enumerate() {
        for (j, &id) in tokens.iter().flatten().take(width).enumerate() {
            out.ids[r * width + j] = id;
            out.mask[r * width + j] = true;
            out.vocabulary = out.vocabulary.max(id + 1);
        }
    }
    out
}

type Lists = Vec<Option<Vec<Option<i64>>>>;

/// Rows of a list column as whole numbers; `None` for another type.
fn lists(array: &ArrayRef) -> Option<Lists> {
    let (values, bounds): (ArrayRef, Vec<Option<(usize, usize)>>) = if let Some(a) = array.as_list_opt::<i32>() {
        let o = a.value_offsets();
        (
            a.values().clone(),
            (0..a.len()).map(|r| (!a.is_null(r)).then(|| (o[r] as usize, o[r + 1] as usize))).collect(),
        )
    } else if let Some(a) = array.as_list_opt::<i64>() {
        let o = a.value_offsets();
        (
            a.values().clone(),
            (0..a.len()).map(|r| (!a.is_null(r)).then(|| (o[r] as usize, o[r + 1] as usize))).collect(),
        )
    } else {
        let a = array.as_fixed_size_list_opt()?;
        let at =
            |r| (!a.is_null(r)).then(|| (a.value_offset(r) as usize, (a.value_offset(r) + a.value_length()) as usize));
        (a.values().clone(), (0..a.len()).map(at).collect())
    };
    let flat = integers(&values)?;
    Some(bounds.into_iter().map(|b| b.map(|(from, to)| flat[from..to].to_vec())).collect())
}

fn integers(values: &ArrayRef) -> Option<Vec<Option<i64>>> {
    fn convert<T: ArrowPrimitiveType>(values: &ArrayRef, to: impl Fn(T::Native) -> i64) -> Option<Vec<Option<i64>>> {
        Some(values.as_primitive_opt::<T>()?.iter().map(|v| v.map(&to)).collect())
    }
    match values.data_type() {
        DataType::Int8 => convert::<types::Int8Type>(values, i64::from),
        DataType::Int16 => convert::<types::Int16Type>(values, i64::from),
        DataType::Int32 => convert::<types::Int32Type>(values, i64::from),
        DataType::Int64 => convert::<types::Int64Type>(values, |v| v),
        DataType::UInt8 => convert::<types::UInt8Type>(values, i64::from),
        DataType::UInt16 => convert::<types::UInt16Type>(values, i64::from),
        DataType::UInt32 => convert::<types::UInt32Type>(values, i64::from),
        DataType::UInt64 => convert::<types::UInt64Type>(values, |v| i64::try_from(v).unwrap_or(i64::MAX)),
        DataType::Boolean => Some(values.as_boolean_opt()?.iter().map(|v| v.map(i64::from)).collect()),
        _ => None,
    }
}
