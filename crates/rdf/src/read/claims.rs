//! Claims as JSON lines: every line is a claim or a named refusal; a wrong line stops nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use suffit_core::Result;
use suffit_core::error::CommonError;

use crate::decide::Line;

/// Longest line of a file of claims, in bytes.
pub const LINE_LIMIT: u64 = 1 << 20;

/// One line of a file of claims.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Its number, from 1.
    pub number: u64,
    /// What it says, or why it says nothing.
    pub line: std::result::Result<Line, String>,
}

/// Lines of a reader, empty ones left out.
pub struct Claims<R> {
    reader: R,
    file: String,
    number: u64,
}

/// Opens a file of claims.
///
/// # Errors
/// The system's refusal.
pub fn claims(path: &Path) -> Result<Claims<BufReader<File>>> {
    let reader = File::open(path).map_err(|source| CommonError::io("open", path, source))?;
    Ok(Claims::new(BufReader::with_capacity(1 << 16, reader), &path.display().to_string()))
}

impl<R: BufRead> Claims<R> {
    /// Claims of any reader; `file` stands in messages.
    pub fn new(reader: R, file: &str) -> Self {
        Claims { reader, file: file.to_owned(), number: 0 }
    }

    /// Reads to the end of a line, but no more than the limit.
    fn part(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let limit = LINE_LIMIT + 1;
        (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut bytes)
            .map_err(|source| CommonError::io("read", &self.file, source))?;
        Ok(bytes)
    }

    fn next_line(&mut self) -> Result<Option<Numbered>> {
        loop {
            let mut bytes = self.part()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() as u64 > LINE_LIMIT {
                while !bytes.is_empty() && bytes.last() != Some(&b'\n') {
                    bytes = self.part()?;
                }
                return Ok(Some(self.refused(format!("longer than {LINE_LIMIT} bytes"))));
            }
            let text = match std::str::from_utf8(&bytes) {
                Ok(text) => text.trim().trim_start_matches('\u{feff}'),
                Err(e) => return Ok(Some(self.refused(format!("not UTF-8 at byte {}", e.valid_up_to() + 1)))),
            };
            if text.is_empty() {
                continue;
            }
            let line = Line::from_json(text).map_err(|e| e.to_string());
            return Ok(Some(Numbered { number: self.number, line }));
        }
    }

    fn refused(&self, problem: String) -> Numbered {
        Numbered { number: self.number, line: Err(problem) }
    }
}

impl<R: BufRead> Iterator for Claims<R> {
    type Item = Result<Numbered>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_lines_are_named_by_number_and_stop_nothing() {
        let good = r#"{"subject":{"iri":"urn:a"},"predicate":"urn:p","object":{"iri":"urn:b"}}"#;
        let long = "x".repeat(2 * LINE_LIMIT as usize + 5);
        let mut text = format!("{good}\n\n{{\"subject\":\n{long}\n{good}\n").into_bytes();
        text.extend_from_slice(b"\xff\n");
        text.extend_from_slice(good.as_bytes());
        let lines: Vec<Numbered> = Claims::new(text.as_slice(), "c").map(Result::unwrap).collect();
        let seen: Vec<(u64, bool)> = lines.iter().map(|l| (l.number, l.line.is_ok())).collect();
        assert_eq!(seen, [(1, true), (3, false), (4, false), (5, true), (6, false), (7, true)]);
        assert!(lines[1].line.as_ref().unwrap_err().contains("column"));
        assert!(lines[2].line.as_ref().unwrap_err().contains("longer"));
        assert!(lines[4].line.as_ref().unwrap_err().contains("UTF-8"));
    }
}
