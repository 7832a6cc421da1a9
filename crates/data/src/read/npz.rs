//! npz: a zip archive of npy entries. Stored entries are read in place, deflated ones held whole.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use suffit_core::Result;
use zip::{CompressionMethod, ZipArchive};

use super::Opened;
use super::array::{Array, ArraySource, Place};
use super::file::Handle;
use super::npy;
use crate::column::nearest;
use crate::decision::Decision;
use crate::error::FormatError;
use crate::limit::{ENTRIES, HELD_BYTES, NPY_HEADER_BYTES};

/// Deflate never expands more than this (RFC 1951: 258 bytes from two bits).
const DEFLATE_RATIO: u64 = 1_032;

fn archive(handle: &Handle) -> Result<ZipArchive<File>> {
    ZipArchive::new(handle.open()?).map_err(|source| FormatError::Zip { path: handle.label(), source }.into())
}

/// Opens an archive: every array a column, or only `wanted`.
pub(super) fn open(handle: Handle, wanted: Option<&str>) -> Result<Opened> {
    let mut archive = archive(&handle)?;
    if archive.len() > ENTRIES {
        let (got, limit) = (archive.len() as u64, ENTRIES as u64);
        return Err(FormatError::Limit { path: handle.label(), what: "the number of entries", got, limit }.into());
    }
    let (mut arrays, mut keys, mut decisions) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let Some(key) = key(&handle, &mut archive, index, &mut decisions)? else { continue };
        keys.push(key.clone());
        if wanted.is_some_and(|w| w != key) {
            continue;
        }
        match array(&handle, &mut archive, index, &key)? {
            Some(array) => arrays.push(array),
            None if wanted.is_some() => return Err(FormatError::NoRows { path: handle.label(), array: key }.into()),
            None => decisions.push(Decision::guessed("array", key, "left out: a single value, not one per row")),
        }
    }
    if let Some(wanted) = wanted.filter(|_| arrays.is_empty()) {
        let nearest = nearest(wanted, &keys);
        let nearest = if nearest.is_empty() { keys.into_iter().take(8).collect() } else { nearest };
        return Err(FormatError::NoArray { path: handle.label(), key: wanted.to_owned(), nearest }.into());
    }
    if arrays.is_empty() {
        return Err(FormatError::NoRows { path: handle.label(), array: "the archive".to_owned() }.into());
    }
    Ok(Opened { source: Arc::new(ArraySource::new(handle, arrays)?), decisions })
}

/// The key of an entry; `None` for folders and entries that are not arrays.
fn key(
    handle: &Handle,
    archive: &mut ZipArchive<File>,
    index: usize,
    decisions: &mut Vec<Decision>,
) -> Result<Option<String>> {
    let broken = |source| FormatError::Zip { path: handle.label(), source };
    let entry = archive.by_index_raw(index).map_err(broken)?;
    let name = entry.name().map_err(broken)?.into_owned();
    let outside =
        name.starts_with('/') || name.contains('\\') || name.contains(':') || name.split('/').any(|p| p == "..");
    if outside {
        return Err(FormatError::EntryName { path: handle.label(), entry: name }.into());
    }
    if name.ends_with(".pkl") || name.ends_with(".pickle") {
        return Err(super::refuse::Refused::Torch.error(handle.path()).into());
    }
    match name.strip_suffix(".npy") {
        Some(key) => Ok(Some(key.to_owned())),
        None if entry.is_dir() => Ok(None),
        None => {
            decisions.push(Decision::guessed("entry", name, "left out: not an npy array"));
            Ok(None)
        }
    }
}

fn array(handle: &Handle, archive: &mut ZipArchive<File>, index: usize, key: &str) -> Result<Option<Array>> {
    let label = format!("{}[{key}]", handle.label());
    let broken = |source| FormatError::Zip { path: label.clone(), source };
    let mut entry = archive.by_index(index).map_err(broken)?;
    let mut head = Vec::new();
    let io = |e| -> suffit_core::Error {
        FormatError::Zip { path: label.clone(), source: zip::result::ZipError::Io(e) }.into()
    };
    entry.by_ref().take(12 + NPY_HEADER_BYTES).read_to_end(&mut head).map_err(io)?;
    let (start, header) = npy::split(&head, &label)?;
    let Some(layout) = npy::parse(header, &label, key)? else { return Ok(None) };
    layout.check(&label)?;
    let claimed = layout.bytes().unwrap_or(u64::MAX);
    let there = entry.size().saturating_sub(start);
    if claimed != there {
        return Err(FormatError::Size { path: label, expected: claimed, got: there }.into());
    }
    let place = match entry.compression() {
        CompressionMethod::Stored => {
            let data = entry.data_start().ok_or_else(|| FormatError::Size {
                path: label.clone(),
                expected: claimed,
                got: 0,
            })?;
            let end = data.saturating_add(start).saturating_add(claimed);
            if end > handle.bytes() {
                return Err(FormatError::Size { path: label, expected: end, got: handle.bytes() }.into());
            }
            Place::Plain(data + start)
        }
        _ => {
            let most = entry.compressed_size().min(handle.bytes()).saturating_mul(DEFLATE_RATIO);
            if claimed > most {
                return Err(FormatError::Size { path: label, expected: claimed, got: most }.into());
            }
            if claimed > HELD_BYTES {
                let what = "the size of a compressed array (save it with numpy.savez, uncompressed)";
                return Err(FormatError::Limit { path: label, what, got: claimed, limit: HELD_BYTES }.into());
            }
            Place::Deflated { index, skip: start }
        }
    };
    Ok(Some(Array { name: key.to_owned(), label, layout, place }))
}

/// The data of a deflated array; grows with what is really there, not with what is claimed.
pub(super) fn inflate(handle: &Handle, index: usize, skip: u64, array: &Array) -> Result<Vec<u8>> {
    let mut archive = archive(handle)?;
    let broken = |source| FormatError::Zip { path: array.label.clone(), source };
    let mut entry = archive.by_index(index).map_err(broken)?;
    let io = |e| -> suffit_core::Error {
        FormatError::Zip { path: array.label.clone(), source: zip::result::ZipError::Io(e) }.into()
    };
    std::io::copy(&mut entry.by_ref().take(skip), &mut std::io::sink()).map_err(io)?;
    let claimed = array.layout.bytes().unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    entry.by_ref().take(claimed.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 != claimed {
        return Err(FormatError::Size { path: array.label.clone(), expected: claimed, got: bytes.len() as u64 }.into());
    }
    Ok(bytes)
}
