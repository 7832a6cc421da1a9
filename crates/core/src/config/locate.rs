//! Paths into values, and where a path lies in a TOML or JSON text.

use std::ops::Range;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Key(String),
    Index(usize),
}

/// Path from the root.
pub(super) type Path = Vec<Part>;

/// What to point at: the key itself or its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Key,
    Value,
}

/// `train.hidden[2]`.
pub(super) fn dotted(path: &[Part]) -> String {
    let mut out = String::new();
    for part in path {
        match part {
            Part::Key(key) if out.is_empty() => out.push_str(key),
            Part::Key(key) => out.extend([".", key]),
            Part::Index(i) => out.push_str(&format!("[{i}]")),
        }
    }
    out
}

/// The same as a JSON pointer.
pub(super) fn pointer(path: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Part::Index(i) => format!("/{i}"),
    };
    path.iter().map(part).collect()
}

/// Keys of a dotted key as typed; `None` if a part is empty.
pub(super) fn split(key: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = key.split('.').map(|p| p.trim().to_owned()).collect();
    parts.iter().all(|p| !p.is_empty()).then_some(parts)
}

/// An object that holds only `value`, at the keys.
pub(super) fn nested(keys: &[String], value: Value) -> Value {
    keys.iter().rev().fold(value, |inner, key| Value::Object([(key.clone(), inner)].into_iter().collect()))
}

/// Paths of all values that are no objects, and of empty objects; lists count as one value.
pub(super) fn leaves(value: &Value) -> Vec<Path> {
    fn walk(value: &Value, path: &mut Path, out: &mut Vec<Path>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (key, inner) in map {
                    path.push(Part::Key(key.clone()));
                    walk(inner, path, out);
                    path.pop();
                }
            }
            _ => out.push(path.clone()),
        }
    }
    let mut out = Vec::new();
    walk(value, &mut Vec::new(), &mut out);
    out
}

/// Removes what is at a path of keys.
pub(super) fn remove(value: &mut Value, path: &[Part]) {
    if let Some((Part::Key(last), above)) = path.split_last()
        && let Some(Value::Object(map)) = value.pointer_mut(&pointer(above))
    {
        map.shift_remove(last);
    }
}

/// Byte range of a path in a TOML text; of its longest beginning that is there.
pub(super) fn in_toml(text: &str, path: &[Part], aim: Aim) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let (mut table, mut value): (Option<&DeTable<'_>>, Option<&toml::Spanned<DeValue<'_>>>) =
        (Some(document.get_ref()), None);
    let mut found = None;
    for part in path {
        let (range, next) = match part {
            Part::Key(wanted) => match table.and_then(|t| t.iter().find(|(key, _)| key.get_ref() == wanted)) {
                Some((key, next)) => (key.span(), next),
                None => return found,
            },
            Part::Index(i) => match value.and_then(|v| v.get_ref().get(*i)) {
                Some(next) => (next.span(), next),
                None => return found,
            },
        };
        found = Some(range);
        (table, value) = (next.get_ref().as_table(), Some(next));
    }
    if aim == Aim::Key { found } else { value.map(toml::Spanned::span).or(found) }
}

/// Byte range of a path in a JSON text that is known to be valid.
pub(super) fn in_json(text: &str, path: &[Part], aim: Aim) -> Option<Range<usize>> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    let mut found = None;
    for part in path {
        match scan.enter(part) {
            Some(key) => found = Some(key),
            None => return found,
        }
    }
    if aim == Aim::Key { found } else { scan.value().or(found) }
}

/// A walk over valid JSON.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// Goes to the value of a part of the object or array that begins here; gives the range of the
    /// key (or of the entry).
    fn enter(&mut self, part: &Part) -> Option<Range<usize>> {
        self.space();
        let open = self.next()?;
        let mut index = 0;
        loop {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let entry = self.at;
            let mut here = *part == Part::Index(index) && open == b'[';
            let mut range = entry..entry;
            if open == b'{' {
                range = self.string()?;
                let name: String = serde_json::from_slice(&self.text[range.clone()]).ok()?;
                here = *part == Part::Key(name);
                self.space();
                self.next()?; // the colon
                self.space();
            }
            if here {
                let ahead = Scan { text: self.text, at: self.at }.value();
                return Some(if range.is_empty() { ahead? } else { range });
            }
            self.value()?;
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
            }
            index += 1;
        }
    }

    /// Skips a value; gives its range.
    fn value(&mut self) -> Option<Range<usize>> {
        self.space();
        let begin = self.at;
        match self.peek()? {
            b'"' => return self.string(),
            b'{' | b'[' => {
                let mut depth = 0usize;
                loop {
                    match self.peek()? {
                        b'"' => self.at = self.string()?.end,
                        b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                        b'}' | b']' => (depth, self.at) = (depth - 1, self.at + 1),
                        _ => self.at += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {
                while self.peek().is_some_and(|b| !matches!(b, b',' | b'}' | b']') && !b.is_ascii_whitespace()) {
                    self.at += 1;
                }
            }
        }
        Some(begin..self.at)
    }

    fn string(&mut self) -> Option<Range<usize>> {
        let begin = self.at;
        self.next()?;
        loop {
            match self.next()? {
                b'\\' => self.at += 1,
                b'"' => return Some(begin..self.at),
                _ => {}
            }
        }
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
