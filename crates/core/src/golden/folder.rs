//! Running all vectors of a folder through a method.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{GoldenCase, GoldenError, tensors};
use crate::error::{CommonError, Result};
use crate::files;
use crate::method::AnyMethod;

/// Outcome of one file.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FileCases {
    /// Its name.
    pub file: String,
    /// Comparisons made.
    pub cases: Vec<GoldenCase>,
    /// Why the file could not be checked, or not to its end.
    pub problem: Option<String>,
}

/// Outcome of a folder.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct GoldenReport {
    /// Files in the order of their names.
    pub files: Vec<FileCases>,
}

impl GoldenReport {
    /// Comparisons within their tolerance.
    pub fn passed(&self) -> usize {
        self.files.iter().flat_map(|f| &f.cases).filter(|c| c.passed()).count()
    }

    /// Comparisons beyond their tolerance and files with a problem.
    pub fn failed(&self) -> usize {
        let cases = self.files.iter().flat_map(|f| &f.cases).filter(|c| !c.passed()).count();
        cases + self.files.iter().filter(|f| f.problem.is_some()).count()
    }

    /// One line a case with the largest deviation and the tolerance, one a problem, and the last
    /// line `N passed, N failed`.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for file in &self.files {
            lines.extend(file.cases.iter().map(|case| line(&file.file, case)));
            lines.extend(file.problem.iter().map(|problem| format!("FAIL  {}  {problem}", file.file)));
        }
        lines.push(format!("{} passed, {} failed", self.passed(), self.failed()));
        lines
    }
}

fn line(file: &str, case: &GoldenCase) -> String {
    let mark = if case.passed() { "ok  " } else { "FAIL" };
    let sign = if case.passed() { "<=" } else { "> " };
    let note = if case.note.is_empty() { String::new() } else { format!("  {}", case.note) };
    format!("{mark}  {file}  {}  {:.2e} {sign} {:.2e}{note}", case.name, case.deviation, case.tolerance)
}

/// Runs every `.json` and `.safetensors` file directly in `folder` through the method's check of
/// the same stem; `data` is the folder with data sets that some checks need. A file that cannot be
/// checked is a failure of the report, not an error.
///
/// # Errors
/// [`GoldenError::NoVectors`], I/O on the folder.
pub fn run_folder(method: &dyn AnyMethod, folder: &Path, data: &Path) -> Result<GoldenReport> {
    let mut report = GoldenReport::default();
    for path in vectors(folder)? {
        let file = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let outcome = read(&path).and_then(|value| method.golden(stem(&file), &value, data));
        let (cases, problem) = match outcome {
            Ok(cases) if cases.is_empty() => (cases, Some("the check compared nothing".to_owned())),
            Ok(cases) => (cases, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        report.files.push(FileCases { file, cases, problem });
    }
    Ok(report)
}

/// The check a file belongs to: its name without the ending, up to the first `-`.
///
/// ```
/// use suffit_core::golden::stem;
/// assert_eq!(stem("loss_n-2.json"), "loss_n");
/// assert_eq!(stem("clip.safetensors"), "clip");
/// ```
pub fn stem(file: &str) -> &str {
    let name = file.strip_suffix(".json").or_else(|| file.strip_suffix(".safetensors")).unwrap_or(file);
    name.split('-').next().unwrap_or(name)
}

fn vectors(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| CommonError::io("read", folder, e))? {
        let path = entry.map_err(|e| CommonError::io("read", folder, e))?.path();
        if path.is_file() && path.extension().is_some_and(|e| e == "json" || e == "safetensors") {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(GoldenError::NoVectors { path: folder.to_owned() }.into());
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<Value> {
    let bytes = files::read(path)?;
    if path.extension().is_some_and(|e| e == "safetensors") {
        return Ok(tensors::to_value(path, &bytes)?);
    }
    Ok(serde_json::from_slice(&bytes).map_err(|source| GoldenError::BadJson { path: path.to_owned(), source })?)
}
