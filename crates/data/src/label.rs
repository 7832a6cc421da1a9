//! Labels, groups, parts, identifiers and weights of the rows.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Date64Type};
use arrow_array::{Array, ArrayRef, types};
use arrow_schema::{DataType, TimeUnit};
use suffit_core::{Dataset, Result, Role, Source};

use crate::error::{BindError, FormatError, Problem, ValueError, What};
use crate::limit::PROBLEMS;
use crate::split::Part;

/// A column as codes into a list of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// For each row the position of its name; `None` where the cell is empty.
    pub codes: Vec<Option<u32>>,
    /// The names: in numeric order when all are numbers, else in text order.
    pub names: Vec<String>,
    /// The column.
    pub column: String,
}

impl Labels {
    /// From texts.
    pub fn from_texts(column: &str, texts: &[Option<String>]) -> Self {
        let mut codes: BTreeMap<&str, u32> = BTreeMap::new();
        for text in texts.iter().flatten() {
            codes.entry(text).or_insert(0);
        }
        let mut names: Vec<String> = codes.keys().map(|k| (*k).to_owned()).collect();
        if let Some(mut numbers) =
            names.iter().map(|n| n.parse::<i64>().ok().map(|v| (v, n.clone()))).collect::<Option<Vec<_>>>()
        {
            numbers.sort();
            names = numbers.into_iter().map(|(_, n)| n).collect();
        } else if let Some(mut numbers) =
            names.iter().map(|n| n.parse::<f64>().ok().map(|v| (v, n.clone()))).collect::<Option<Vec<_>>>()
        {
            numbers.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            names = numbers.into_iter().map(|(_, n)| n).collect();
        }
        for (code, name) in names.iter().enumerate() {
            if let Some(slot) = codes.get_mut(name.as_str()) {
                *slot = code as u32;
            }
        }
        let codes = texts.iter().map(|t| t.as_deref().and_then(|t| codes.get(t).copied())).collect();
        Labels { codes, names, column: column.to_owned() }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// The codes, when every row has one.
    ///
    /// # Errors
    /// [`ValueError::Values`] naming the empty cells.
    pub fn complete(&self, data: &Dataset, role: &Role) -> Result<Vec<u32>> {
        let empty = |(row, code): (usize, &Option<u32>)| code.is_none().then_some(row as u64);
        let bad: Vec<u64> = self.codes.iter().enumerate().filter_map(empty).collect();
        if bad.is_empty() {
            return Ok(self.codes.iter().flatten().copied().collect());
        }
        Err(problems(data, role, &self.column, bad.into_iter().map(|r| (r, What::Empty))).into())
    }
}

fn problems(data: &Dataset, role: &Role, column: &str, bad: impl ExactSizeIterator<Item = (u64, What)>) -> ValueError {
    let total = bad.len() as u64;
    let problem = |(row, what)| Problem { at: data.source.locate(column, row), column: column.to_owned(), what };
    ValueError::Values { role: role.to_string(), problems: bad.take(PROBLEMS).map(problem).collect(), total }
}

/// The labels; `None` when no column has that role.
///
/// # Errors
/// I/O, format, and a column that is neither text nor numbers.
pub fn labels(data: &Dataset) -> Result<Option<Labels>> {
    coded(data, &Role::Label)
}

/// The groups; `None` when no column has that role.
///
/// # Errors
/// As [`labels`].
pub fn groups(data: &Dataset) -> Result<Option<Labels>> {
    coded(data, &Role::Group)
}

/// The column of any one-column role as codes.
///
/// # Errors
/// As [`labels`].
pub fn coded(data: &Dataset, role: &Role) -> Result<Option<Labels>> {
    let Some(column) = data.roles.one(role) else { return Ok(None) };
    let texts = texts(&*data.source, column, &data.name, &role.to_string())?;
    Ok(Some(Labels::from_texts(column, &texts)))
}

/// Identifiers: the id column, or the row number from 1 where there is none or the cell is empty.
///
/// # Errors
/// As [`labels`].
pub fn ids(data: &Dataset) -> Result<Vec<String>> {
    match data.roles.one(&Role::Id) {
        Some(column) => {
            let texts = texts(&*data.source, column, &data.name, "id")?;
            Ok(texts.into_iter().enumerate().map(|(i, t)| t.unwrap_or_else(|| (i + 1).to_string())).collect())
        }
        None => Ok((1..=crate::source::count(&*data.source)?).map(|i| i.to_string()).collect()),
    }
}

/// The part of every row as a column says; `None` when no column has that role.
///
/// # Errors
/// [`ValueError::Values`] for names other than train, val(id, idation), dev, test.
pub fn splits(data: &Dataset) -> Result<Option<Vec<Part>>> {
    let Some(column) = data.roles.one(&Role::Split) else { return Ok(None) };
    let texts = texts(&*data.source, column, &data.name, "split")?;
    let (mut parts, mut bad) = (Vec::with_capacity(texts.len()), Vec::new());
    for (row, text) in texts.into_iter().enumerate() {
        match text.as_deref().map(Part::parse) {
            Some(Some(part)) => parts.push(part),
            Some(None) => bad.push((row as u64, What::NotAPart(text.unwrap_or_default()))),
            None => bad.push((row as u64, What::Empty)),
        }
    }
    if bad.is_empty() { Ok(Some(parts)) } else { Err(problems(data, &Role::Split, column, bad.into_iter()).into()) }
}

/// Row weights; `None` when no column has that role.
///
/// # Errors
/// [`ValueError::Values`] for weights that are missing, negative or not finite.
pub fn weights(data: &Dataset) -> Result<Option<Vec<f64>>> {
    let Some(column) = data.roles.one(&Role::Weight) else { return Ok(None) };
    let texts = texts(&*data.source, column, &data.name, "weight")?;
    let (mut values, mut bad) = (Vec::with_capacity(texts.len()), Vec::new());
    for (row, text) in texts.into_iter().enumerate() {
        let Some(text) = text else {
            bad.push((row as u64, What::Empty));
            continue;
        };
        match text.parse::<f64>() {
            Ok(v) if v.is_finite() && v >= 0.0 => values.push(v),
            Ok(v) if v.is_infinite() => bad.push((row as u64, What::Infinite)),
            Ok(v) if v < 0.0 => bad.push((row as u64, What::Negative(v))),
            Ok(_) => bad.push((row as u64, What::Empty)),
            Err(_) => bad.push((row as u64, What::Text(text))),
        }
    }
    if bad.is_empty() { Ok(Some(values)) } else { Err(problems(data, &Role::Weight, column, bad.into_iter()).into()) }
}

/// A column as text: text unchanged, whole numbers without a point, `None` for empty cells.
///
/// # Errors
/// I/O and format errors; [`BindError::ColumnType`] for lists and other nested columns.
pub fn texts(source: &dyn Source, column: &str, file: &str, role: &str) -> Result<Vec<Option<String>>> {
    let mut out = Vec::new();
    crate::source::fold(source, Some(&[column.to_owned()]), |_, batch| {
        for array in batch.columns() {
            if !append_texts(array, &mut out, file)? {
                let got = array.data_type().to_string();
                let (role, column, file) = (role.to_owned(), column.to_owned(), file.to_owned());
                return Err(BindError::ColumnType {
                    role,
                    column,
                    file,
                    got,
                    expected: "text, whole numbers or true/false",
                }
                .into());
            }
        }
        Ok(())
    })?;
    Ok(out)
}

macro_rules! print_primitive {
    ($array:expr, $out:expr, $($pattern:pat => $kind:ty),+ $(,)?) => {
        match $array.data_type() {
            $($pattern => {
                let Some(a) = $array.as_primitive_opt::<$kind>() else { return Ok(false) };
                $out.extend(a.iter().map(|v| v.map(|v| v.to_string())));
                return Ok(true);
            })+
            _ => {}
        }
    };
}

/// Appends the texts of an array; false when its type has no text form.
fn append_texts(array: &ArrayRef, out: &mut Vec<Option<String>>, file: &str) -> Result<bool> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let dense = arrow_select::take::take(dictionary.values(), dictionary.keys(), None)
            .map_err(|source| FormatError::Arrow { path: file.to_owned(), source })?;
        return append_texts(&dense, out, file);
    }
    let full = |t: Option<&str>| t.filter(|t| !t.is_empty()).map(str::to_owned);
    let float = |v: Option<f64>| v.filter(|v| !v.is_nan()).map(|v| v.to_string());
    if let Some(a) = array.as_string_opt::<i32>() {
        out.extend(a.iter().map(full));
    } else if let Some(a) = array.as_string_opt::<i64>() {
        out.extend(a.iter().map(full));
    } else if let Some(a) = array.as_string_view_opt() {
        out.extend(a.iter().map(full));
    } else if let Some(a) = array.as_boolean_opt() {
        out.extend(a.iter().map(|v| v.map(|v| v.to_string())));
    } else if let Some(a) = array.as_primitive_opt::<types::Float64Type>() {
        out.extend(a.iter().map(float));
    } else if let Some(a) = array.as_primitive_opt::<types::Float32Type>() {
        out.extend(a.iter().map(|v| v.filter(|v| !v.is_nan()).map(|v| v.to_string())));
    } else if let Some(a) = array.as_primitive_opt::<types::Float16Type>() {
        out.extend(a.iter().map(|v| float(v.map(f64::from))));
    } else if *array.data_type() == DataType::Null {
        out.extend((0..array.len()).map(|_| None));
    } else {
        return append_integers(array, out);
    }
    Ok(true)
}

fn append_integers(array: &ArrayRef, out: &mut Vec<Option<String>>) -> Result<bool> {
    print_primitive!(array, out,
        DataType::Int8 => types::Int8Type,
        DataType::Int16 => types::Int16Type,
        DataType::Int32 => types::Int32Type,
        DataType::Int64 => types::Int64Type,
        DataType::UInt8 => types::UInt8Type,
        DataType::UInt16 => types::UInt16Type,
        DataType::UInt32 => types::UInt32Type,
        DataType::UInt64 => types::UInt64Type,
        DataType::Date32 => Date32Type,
        DataType::Date64 => Date64Type,
        DataType::Timestamp(TimeUnit::Second, _) => types::TimestampSecondType,
        DataType::Timestamp(TimeUnit::Millisecond, _) => types::TimestampMillisecondType,
        DataType::Timestamp(TimeUnit::Microsecond, _) => types::TimestampMicrosecondType,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => types::TimestampNanosecondType,
    );
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_ordered_as_numbers() {
        let texts: Vec<Option<String>> =
            ["10", "9", "", "10"].iter().map(|t| (!t.is_empty()).then(|| (*t).to_owned())).collect();
        let l = Labels::from_texts("y", &texts);
        assert_eq!(l.names, ["9", "10"]);
        assert_eq!(l.codes, [Some(1), Some(0), None, Some(1)]);
    }
}
