//! Reading a vector file so that nothing in it is overlooked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::array::{kind, number};
use super::{Array, GoldenCase, GoldenError};
use crate::error::Result;

/// Reads the keys of an object and remembers which; [`KeyGuard::finish`] fails if a number, array,
/// boolean or `null` was left unread at any depth. Texts are labels and may stay unread.
///
/// ```
/// use suffit_core::golden::KeyGuard;
/// let case = serde_json::json!({"name": "first", "x": [1.0, 2.0], "opt": {"lr": 0.1, "wd": 0.0}});
/// let guard = KeyGuard::new("case", &case)?;
/// assert_eq!(guard.array("x")?.data(), [1.0, 2.0]);
/// assert_eq!(guard.child("opt")?.number("lr")?, 0.1);
/// assert_eq!(guard.finish().unwrap_err().to_string(), "the check does not know `case.opt.wd`");
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub struct KeyGuard<'a> {
    path: String,
    map: &'a Map<String, Value>,
    read: Rc<RefCell<BTreeSet<String>>>,
}

impl<'a> KeyGuard<'a> {
    /// Guards an object; `path` names it in messages.
    ///
    /// # Errors
    /// [`GoldenError::WrongKind`] if it is no object.
    pub fn new(path: &str, value: &'a Value) -> Result<KeyGuard<'a>> {
        KeyGuard::with(path.to_owned(), value, Rc::default())
    }

    /// Guards each case of a file that is a list of cases or one case: `stem[0]`, `stem[1]`, …
    ///
    /// # Errors
    /// [`GoldenError::WrongKind`].
    pub fn cases(stem: &str, file: &'a Value) -> Result<Vec<KeyGuard<'a>>> {
        match file {
            Value::Array(cases) => {
                cases.iter().enumerate().map(|(i, case)| KeyGuard::new(&format!("{stem}[{i}]"), case)).collect()
            }
            one => Ok(vec![KeyGuard::new(stem, one)?]),
        }
    }

    /// Checks each case of a file, and that the check read every number of it.
    ///
    /// # Errors
    /// Those of `check`; [`GoldenError::WrongKind`], [`GoldenError::UnreadKeys`].
    pub fn each<R: IntoIterator<Item = GoldenCase>>(
        stem: &str,
        file: &'a Value,
        mut check: impl FnMut(&KeyGuard<'a>) -> Result<R>,
    ) -> Result<Vec<GoldenCase>> {
        let mut out = Vec::new();
        for case in KeyGuard::cases(stem, file)? {
            out.extend(check(&case)?);
            case.finish()?;
        }
        Ok(out)
    }

    fn with(path: String, value: &'a Value, read: Rc<RefCell<BTreeSet<String>>>) -> Result<KeyGuard<'a>> {
        match value {
            Value::Object(map) => Ok(KeyGuard { path, map, read }),
            other => Err(GoldenError::WrongKind { key: path, got: kind(other), expected: "an object" }.into()),
        }
    }

    /// Its path, for names of cases.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// The value of a key; counts as read with everything below it.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`].
    pub fn value(&self, key: &str) -> Result<&'a Value> {
        let value = self.look(key)?;
        self.read.borrow_mut().insert(self.at(key));
        Ok(value)
    }

    /// A number; `null` gives NaN.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn number(&self, key: &str) -> Result<f64> {
        Ok(number(&self.at(key), self.value(key)?)?)
    }

    /// A whole number from 0.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn count(&self, key: &str) -> Result<usize> {
        count(&self.at(key), self.value(key)?)
    }

    /// A boolean.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn flag(&self, key: &str) -> Result<bool> {
        let value = self.value(key)?;
        value.as_bool().ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// A text.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn text(&self, key: &str) -> Result<&'a str> {
        let value = self.value(key)?;
        value.as_str().ok_or_else(|| self.wrong(key, value, "a text"))
    }

    /// An array of any rank.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::Ragged`], [`GoldenError::WrongKind`].
    pub fn array(&self, key: &str) -> Result<Array> {
        Ok(Array::from_json(&self.at(key), self.value(key)?)?)
    }

    /// A list of arrays, which may differ in shape.
    ///
    /// # Errors
    /// As [`KeyGuard::array`].
    pub fn arrays(&self, key: &str) -> Result<Vec<Array>> {
        let entries = self.list(key)?;
        let array = |(i, v)| Array::from_json(&format!("{}[{i}]", self.at(key)), v).map_err(Into::into);
        entries.iter().enumerate().map(array).collect()
    }

    /// An array of whole numbers from 0: its shape and the numbers, row-major.
    ///
    /// # Errors
    /// As [`KeyGuard::array`].
    pub fn indices(&self, key: &str) -> Result<(Vec<usize>, Vec<usize>)> {
        let array = self.array(key)?;
        let whole = |&v: &f64| (v >= 0.0 && v.fract() == 0.0 && v < 9e15).then_some(v as usize);
        let wrong = || self.wrong(key, &Value::Null, "whole numbers from 0");
        let numbers = array.data().iter().map(whole).collect::<Option<Vec<usize>>>().ok_or_else(wrong)?;
        Ok((array.shape().to_vec(), numbers))
    }

    /// An object below this one, with the same memory: only [`KeyGuard::finish`] of the outermost
    /// is needed.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn child(&self, key: &str) -> Result<KeyGuard<'a>> {
        KeyGuard::with(self.at(key), self.look(key)?, Rc::clone(&self.read))
    }

    /// A list of objects below this one, with the same memory.
    ///
    /// # Errors
    /// [`GoldenError::MissingKey`], [`GoldenError::WrongKind`].
    pub fn children(&self, key: &str) -> Result<Vec<KeyGuard<'a>>> {
        let value = self.look(key)?;
        let entries = value.as_array().ok_or_else(|| self.wrong(key, value, "an array of objects"))?;
        let child = |(i, v)| KeyGuard::with(format!("{}[{i}]", self.at(key)), v, Rc::clone(&self.read));
        entries.iter().enumerate().map(child).collect()
    }

    /// Keys at this level, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(String::as_str)
    }

    /// Fails if a number, array, boolean or `null` below this object was not read.
    ///
    /// # Errors
    /// [`GoldenError::UnreadKeys`].
    pub fn finish(&self) -> Result<()> {
        let mut keys = Vec::new();
        for (key, value) in self.map {
            unread(&self.at(key), value, &self.read.borrow(), &mut keys);
        }
        if keys.is_empty() { Ok(()) } else { Err(GoldenError::UnreadKeys { keys }.into()) }
    }

    fn list(&self, key: &str) -> Result<&'a Vec<Value>> {
        let value = self.value(key)?;
        value.as_array().ok_or_else(|| self.wrong(key, value, "an array"))
    }

    fn look(&self, key: &str) -> Result<&'a Value> {
        self.map.get(key).ok_or_else(|| GoldenError::MissingKey { key: self.at(key) }.into())
    }

    fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn wrong(&self, key: &str, value: &Value, expected: &'static str) -> crate::Error {
        GoldenError::WrongKind { key: self.at(key), got: kind(value), expected }.into()
    }
}

fn count(key: &str, value: &Value) -> Result<usize> {
    let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
    let wrong = || GoldenError::WrongKind { key: key.to_owned(), got: kind(value), expected: "a whole number from 0" };
    Ok(number.ok_or_else(wrong)?)
}

/// Paths of what is neither read itself nor below something read. Lists of plain values are named
/// by their key, not entry by entry.
fn unread(path: &str, value: &Value, read: &BTreeSet<String>, keys: &mut Vec<String>) {
    if read.contains(path) {
        return;
    }
    match value {
        Value::String(_) => {}
        Value::Object(map) => map.iter().for_each(|(k, v)| unread(&format!("{path}.{k}"), v, read, keys)),
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            entries.iter().enumerate().for_each(|(i, v)| unread(&format!("{path}[{i}]"), v, read, keys));
        }
        Value::Array(entries) if !entries.is_empty() && entries.iter().all(Value::is_string) => {}
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => keys.push(path.to_owned()),
    }
}
