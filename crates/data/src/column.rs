//! Column selectors: `img_*`, `a,b,c`, `a..f`, `exact`.

use suffit_core::Result;

use crate::error::BindError;

/// Which columns, as the user wrote it.
///
/// A comma list of parts; each part is an exact name, a glob (`*` and `?`), or a range `a..f` of
/// columns in file order, both ends included. A column is taken once, in the order of the parts; the
/// columns of a glob come in file order. An exact name always wins over reading it as a pattern.
///
/// ```
/// let columns: Vec<String> = ["id", "img_0", "img_1", "txt_0"].iter().map(|s| s.to_string()).collect();
/// let s = suffit_data::Selector::new("img_*");
/// assert_eq!(s.resolve("view:image", "a.csv", &columns)?, ["img_0", "img_1"]);
/// let e = suffit_data::Selector::new("imgs_*").resolve("view:image", "a.csv", &columns).unwrap_err();
/// assert_eq!(e.to_string(), "view:image: `imgs_*` matches no column of a.csv, nearest are `img_0`, `img_1`");
/// # Ok::<(), suffit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Selector(String);

impl Selector {
    /// From the user's text.
    pub fn new(text: impl Into<String>) -> Self {
        Selector(text.into())
    }

    /// The user's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The columns it selects among `columns` of `file`, for a role named in messages.
    ///
    /// # Errors
    /// [`BindError::UnknownColumn`], [`BindError::NoMatch`], [`BindError::Backwards`].
    pub fn resolve(&self, role: &str, file: &str, columns: &[String]) -> Result<Vec<String>> {
        if columns.contains(&self.0) {
            return Ok(vec![self.0.clone()]);
        }
        let mut taken: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for part in self.0.split(',').map(str::trim) {
            for name in self.part(part, role, file, columns)? {
                if seen.insert(name.clone()) {
                    taken.push(name);
                }
            }
        }
        Ok(taken)
    }

    /// The one column it selects.
    ///
    /// # Errors
    /// As [`Selector::resolve`], and [`BindError::TooMany`].
    pub fn one(&self, role: &str, file: &str, columns: &[String]) -> Result<String> {
        let mut found = self.resolve(role, file, columns)?;
        match (found.pop(), found.len()) {
            (Some(name), 0) => Ok(name),
            (_, rest) => {
                Err(BindError::TooMany { role: role.into(), selector: self.0.clone(), count: rest + 1 }.into())
            }
        }
    }

    fn part(&self, part: &str, role: &str, file: &str, columns: &[String]) -> Result<Vec<String>> {
        let position = |name: &str| columns.iter().position(|c| c == name);
        if position(part).is_some() {
            return Ok(vec![part.to_owned()]);
        }
        if let Some((first, last)) = part.split_once("..") {
            return self.range(first.trim(), last.trim(), file, columns);
        }
        if part.contains(['*', '?']) {
            let found: Vec<String> = columns.iter().filter(|c| glob_match::glob_match(part, c)).cloned().collect();
            if found.is_empty() {
                let plain: String = part.chars().filter(|c| !matches!(c, '*' | '?')).collect();
                let nearest = nearest(&plain, columns);
                return Err(BindError::NoMatch {
                    role: role.into(),
                    selector: part.into(),
                    file: file.into(),
                    nearest,
                }
                .into());
            }
            return Ok(found);
        }
        Err(unknown(file, part, columns).into())
    }

    fn range(&self, first: &str, last: &str, file: &str, columns: &[String]) -> Result<Vec<String>> {
        let find = |name: &str| columns.iter().position(|c| c == name).ok_or_else(|| unknown(file, name, columns));
        let (a, b) = (find(first)?, find(last)?);
        if b < a {
            let (first, last) = (first.to_owned(), last.to_owned());
            return Err(BindError::Backwards { selector: self.0.clone(), first, last, file: file.into() }.into());
        }
        Ok(columns[a..=b].to_vec())
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn unknown(file: &str, column: &str, columns: &[String]) -> BindError {
    BindError::UnknownColumn { file: file.into(), column: column.into(), nearest: nearest(column, columns) }
}

/// Up to three names that look like `name`, best first, by Jaro–Winkler similarity of at least 0.75
/// (case apart); ties in the order given.
pub fn nearest(name: &str, candidates: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, usize)> = candidates
        .iter()
        .enumerate()
        .map(|(i, c)| (strsim::jaro_winkler(&wanted, &c.to_lowercase()), i))
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.truncate(3);
    scored.into_iter().map(|(_, i)| candidates[i].clone()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn columns() -> Vec<String> {
        ["id", "img_0", "img_1", "img_2", "txt_0", "odd*name", "a..b"].iter().map(ToString::to_string).collect()
    }

    fn pick(text: &str) -> Vec<String> {
        Selector::new(text).resolve("view:x", "f.csv", &columns()).unwrap()
    }

    #[test]
    fn lists_globs_ranges_and_exact_names() {
        assert_eq!(pick("img_*"), ["img_0", "img_1", "img_2"]);
        assert_eq!(pick("img_?"), ["img_0", "img_1", "img_2"]);
        assert_eq!(pick("img_1..txt_0"), ["img_1", "img_2", "txt_0"]);
        assert_eq!(pick("txt_0, img_0, img_*"), ["txt_0", "img_0", "img_1", "img_2"]);
        assert_eq!(pick("odd*name"), ["odd*name"]);
        assert_eq!(pick("a..b"), ["a..b"]);
    }

    #[test]
    fn names_what_was_meant() {
        let e = Selector::new("lable").resolve("label", "f.csv", &["label".into(), "x".into()]).unwrap_err();
        assert_eq!(e.to_string(), "f.csv has no column `lable`, did you mean `label`?");
        let e = Selector::new("img_2..img_0").resolve("view:x", "f.csv", &columns()).unwrap_err();
        assert_eq!(e.code(), "bind.backwards");
        let e = Selector::new("img_*").one("label", "f.csv", &columns()).unwrap_err();
        assert_eq!(e.to_string(), "label takes one column, `img_*` matches 3");
    }
}
