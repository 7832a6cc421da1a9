//! Folders: tables are parts of one table, arrays are columns side by side.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use suffit_core::Result;
use suffit_core::error::CommonError;

use super::{Format, Opened, ReadOptions, format_of, open_path};
use crate::decision::Decision;
use crate::error::FormatError;
use crate::limit::ENTRIES;
use crate::source::{Beside, Chain, Part, names};

/// Opens the files of a folder in name order; hidden files, subfolders and other endings are left out.
pub(super) fn open(folder: &Path, options: &ReadOptions) -> Result<Opened> {
    let io = |e| CommonError::io("read", folder, e);
    let (mut tables, mut arrays) = (Vec::<PathBuf>::new(), Vec::<PathBuf>::new());
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let hidden = path.file_name().is_none_or(|n| n.to_string_lossy().starts_with(['.', '_']));
        if hidden || path.is_dir() {
            continue;
        }
        match format_of(&path) {
            Some(Format::Parquet | Format::Csv | Format::Tsv) => tables.push(path),
            Some(Format::Npy | Format::Npz | Format::Safetensors) => arrays.push(path),
            Some(Format::Refused(refused)) => return Err(refused.error(&path).into()),
            None => {}
        }
        if tables.len() + arrays.len() > ENTRIES {
            let (got, limit) = (tables.len() as u64 + arrays.len() as u64, ENTRIES as u64);
            return Err(FormatError::Limit {
                path: folder.display().to_string(),
                what: "the number of files",
                got,
                limit,
            }
            .into());
        }
    }
    tables.sort();
    arrays.sort();
    let label = |p: &Path| p.display().to_string();
    let (mut parts, mut decisions) = (Vec::new(), Vec::new());
    if !tables.is_empty() {
        let mut sources = Vec::new();
        for path in &tables {
            let opened = open_path(path, None, options)?;
            decisions.extend(opened.decisions);
            sources.push((label(path), opened.source));
        }
        if tables.len() > 1 {
            decisions.push(Decision::guessed(
                "table",
                label(folder),
                format!("its {} tables are read in name order as parts of one", tables.len()),
            ));
        }
        parts.push(part(label(&tables[0]), Arc::new(Chain::new(sources)?)));
    }
    for path in &arrays {
        let opened = open_path(path, None, options)?;
        decisions.extend(opened.decisions);
        parts.push(part(label(path), opened.source));
    }
    if parts.is_empty() {
        return Err(FormatError::EmptyFolder { path: label(folder) }.into());
    }
    Ok(Opened { source: Arc::new(Beside::new(parts)?), decisions })
}

fn part(label: String, source: Arc<dyn suffit_core::Source>) -> Part {
    let columns = names(&source.schema()).into_iter().map(|c| (c.clone(), c)).collect();
    Part { label, source, columns }
}
