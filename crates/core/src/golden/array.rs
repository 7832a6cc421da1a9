//! Arrays of a vector file as flat f64 with a shape.

use serde_json::Value;

use super::GoldenError;

/// Numbers with a shape, row-major. Undefined entries (`null`) are NaN. A scalar has shape `[]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Array {
    /// An array, if the shape has as many entries as there are numbers.
    pub fn new(shape: &[usize], data: Vec<f64>) -> Option<Array> {
        (shape.iter().product::<usize>() == data.len()).then(|| Array { shape: shape.to_vec(), data })
    }

    /// A number.
    pub fn scalar(value: f64) -> Array {
        Array { shape: Vec::new(), data: vec![value] }
    }

    /// A list of numbers.
    pub fn vector(data: Vec<f64>) -> Array {
        Array { shape: vec![data.len()], data }
    }

    /// From nested JSON arrays of numbers, booleans (0 and 1) and `null`; an empty list has the
    /// shape `[0]`. `key` is its path, for messages.
    ///
    /// # Errors
    /// [`GoldenError::Ragged`], [`GoldenError::WrongKind`].
    pub fn from_json(key: &str, value: &Value) -> Result<Array, GoldenError> {
        let shape = shape_of(value);
        let mut data = Vec::with_capacity(shape.iter().product());
        fill(key, value, &shape, &mut data)?;
        Ok(Array { shape, data })
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers, row-major.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// The numbers in single precision.
    pub fn to_f32(&self) -> Vec<f32> {
        self.data.iter().map(|&v| v as f32).collect()
    }

    /// The numbers, given away.
    pub fn into_data(self) -> Vec<f64> {
        self.data
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Largest absolute finite entry; 0 if there is none.
    pub fn largest(&self) -> f64 {
        self.data.iter().filter(|v| v.is_finite()).fold(0.0, |m, v| v.abs().max(m))
    }

    /// Position of a flat index, such as `[2, 0]`.
    pub fn position(&self, index: usize) -> Vec<usize> {
        let (mut rest, mut position) = (index, vec![0; self.shape.len()]);
        for (at, &size) in position.iter_mut().zip(&self.shape).rev() {
            *at = rest % size.max(1);
            rest /= size.max(1);
        }
        position
    }
}

/// The shape along first entries; `fill` holds the others to it.
fn shape_of(value: &Value) -> Vec<usize> {
    let (mut shape, mut at) = (Vec::new(), value);
    while let Value::Array(entries) = at {
        shape.push(entries.len());
        match entries.first() {
            Some(first) => at = first,
            None => break,
        }
    }
    shape
}

fn fill(key: &str, value: &Value, shape: &[usize], data: &mut Vec<f64>) -> Result<(), GoldenError> {
    match (shape.split_first(), value) {
        (Some((&size, inner)), Value::Array(entries)) => {
            if entries.len() != size {
                return Err(GoldenError::Ragged { key: key.to_owned(), got: entries.len(), expected: size });
            }
            for (i, entry) in entries.iter().enumerate() {
                fill(&format!("{key}[{i}]"), entry, inner, data)?;
            }
            Ok(())
        }
        (None, entry) => {
            data.push(number(key, entry)?);
            Ok(())
        }
        (Some(_), other) => Err(GoldenError::WrongKind {
            key: key.to_owned(),
            got: kind(other),
            expected: "an array like its siblings",
        }),
    }
}

/// A number, a boolean as 0 or 1, or NaN for `null`.
pub(super) fn number(key: &str, value: &Value) -> Result<f64, GoldenError> {
    match value {
        Value::Null => Ok(f64::NAN),
        Value::Bool(b) => Ok(f64::from(u8::from(*b))),
        Value::Number(n) if n.as_f64().is_some() => Ok(n.as_f64().unwrap_or(f64::NAN)),
        other => Err(GoldenError::WrongKind { key: key.to_owned(), got: kind(other), expected: "a number or null" }),
    }
}

/// A value's kind in words.
pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => format!("{b}"),
        Value::Number(n) => format!("the number {n}"),
        Value::String(s) => format!("the text \"{}\"", s.chars().take(40).collect::<String>()),
        Value::Array(a) => format!("an array of {}", a.len()),
        Value::Object(o) => format!("an object of {} keys", o.len()),
    }
}
