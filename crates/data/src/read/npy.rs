//! npy, versions 1 to 3 (the format specification of NumPy, NEP 1).

use suffit_core::Result;

use super::array::{Array, ArraySource, Layout, Place};
use super::element::Element;
use super::file::{Handle, shown};
use crate::error::FormatError;
use crate::limit::NPY_HEADER_BYTES;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Opens an npy file: one column named by the file's stem.
pub(super) fn open(handle: Handle) -> Result<ArraySource> {
    let name = handle.path().file_stem().map_or_else(|| "array".to_owned(), |s| s.to_string_lossy().into_owned());
    let first = handle.first(12 + NPY_HEADER_BYTES as usize)?;
    let label = handle.label();
    let (start, header) = split(&first, &label)?;
    let layout = parse(header, &label, &name)?
        .ok_or_else(|| FormatError::NoRows { path: label.clone(), array: name.clone() })?;
    layout.check(&label)?;
    let claimed = layout.bytes().unwrap_or(u64::MAX);
    let there = handle.bytes() - start;
    if claimed != there {
        return Err(FormatError::Size { path: label, expected: claimed, got: there }.into());
    }
    ArraySource::new(handle, vec![Array { name, label, layout, place: Place::Plain(start) }])
}

/// Where the data start, and the header text. `bytes` begin with the file's first bytes.
pub(super) fn split<'a>(bytes: &'a [u8], label: &str) -> Result<(u64, &'a str)> {
    if !bytes.starts_with(MAGIC) {
        let got = shown(bytes);
        return Err(FormatError::Magic { path: label.to_owned(), expected: "an npy array", got }.into());
    }
    let short = || FormatError::Size { path: label.to_owned(), expected: 12, got: bytes.len() as u64 };
    let version = *bytes.get(6).ok_or_else(short)?;
    let (length, start) = match version {
        1 => {
            let raw = bytes.get(8..10).ok_or_else(short)?;
            (u64::from(u16::from_le_bytes([raw[0], raw[1]])), 10u64)
        }
        2 | 3 => {
            let raw = bytes.get(8..12).ok_or_else(short)?;
            (u64::from(u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]])), 12)
        }
        other => {
            let (field, got, expected) = ("the format version", other.to_string(), "1, 2 or 3");
            return Err(FormatError::Header { path: label.to_owned(), field, got, expected }.into());
        }
    };
    if length > NPY_HEADER_BYTES {
        let (what, limit) = ("the header length", NPY_HEADER_BYTES);
        return Err(FormatError::Limit { path: label.to_owned(), what, got: length, limit }.into());
    }
    let end = start + length;
    let header = bytes.get(start as usize..end as usize).ok_or_else(|| FormatError::Size {
        path: label.to_owned(),
        expected: end,
        got: bytes.len() as u64,
    })?;
    let header = std::str::from_utf8(header).map_err(|_| FormatError::Header {
        path: label.to_owned(),
        field: "the header",
        got: shown(header),
        expected: "text",
    })?;
    Ok((end, header))
}

/// The layout a header describes; `None` for an array without axes.
pub(super) fn parse(header: &str, label: &str, name: &str) -> Result<Option<Layout>> {
    let bad = |field: &'static str, got: &str, expected: &'static str| -> suffit_core::Error {
        let got = got.chars().take(60).collect();
        FormatError::Header { path: label.to_owned(), field, got, expected }.into()
    };
    let descr = value(header, "descr")
        .ok_or_else(|| bad("the header", header.trim(), "a dictionary with descr, fortran_order and shape"))?;
    let order = value(header, "fortran_order")
        .ok_or_else(|| bad("the header", header.trim(), "a dictionary with fortran_order"))?;
    let shape = value(header, "shape").ok_or_else(|| bad("the header", header.trim(), "a dictionary with shape"))?;
    let fortran = match order {
        o if o.starts_with("True") => true,
        o if o.starts_with("False") => false,
        o => return Err(bad("fortran_order", o, "True or False")),
    };
    let inside =
        shape.strip_prefix('(').and_then(|s| s.split_once(')')).ok_or_else(|| bad("the shape", shape, "a tuple"))?.0;
    let mut axes = Vec::new();
    for axis in inside.split(',').map(str::trim).filter(|a| !a.is_empty()) {
        // version 1 files of Python 2 write 3L
        let axis = axis.strip_suffix('L').unwrap_or(axis);
        axes.push(axis.parse::<u64>().map_err(|_| bad("the shape", shape, "a tuple of counts"))?);
    }
    let (element, big_endian) = element(descr, label, name)?;
    if axes.is_empty() {
        return Ok(None);
    }
    Ok(Some(Layout { shape: axes, element, big_endian, fortran }))
}

/// The text after `'key':` of a Python dictionary.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let at =
        [format!("'{key}'"), format!("\"{key}\"")].iter().find_map(|q| header.find(q.as_str()).map(|i| i + q.len()))?;
    Some(header[at..].trim_start().strip_prefix(':')?.trim_start())
}

fn element(descr: &str, label: &str, name: &str) -> Result<(Element, bool)> {
    let refused = |dtype: &str, hint: &'static str| -> suffit_core::Error {
        let (path, array, dtype) = (label.to_owned(), name.to_owned(), dtype.chars().take(60).collect());
        FormatError::ElementType { path, array, dtype, hint }.into()
    };
    let Some(quote) = descr.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return Err(refused(descr, "save each field of a structured array as an array of its own"));
    };
    let code = descr[1..].split(quote).next().unwrap_or_default();
    let (order, kind) = match code.chars().next() {
        Some(c @ ('<' | '>' | '|' | '=')) => (c, &code[1..]),
        _ => ('=', code),
    };
    let big = order == '>';
    let sized = |kind: &str| kind[1..].parse::<usize>().ok().filter(|n| *n <= 1 << 16);
    let element = match kind {
        "b1" | "?" => Element::Bool,
        "i1" => Element::I8,
        "i2" => Element::I16,
        "i4" => Element::I32,
        "i8" => Element::I64,
        "u1" => Element::U8,
        "u2" => Element::U16,
        "u4" => Element::U32,
        "u8" => Element::U64,
        "f2" => Element::F16,
        "f4" => Element::F32,
        "f8" => Element::F64,
        k if k.starts_with('O') => return Err(objects(label, name).into()),
        k if k.starts_with('S') && sized(k).is_some() => Element::Bytes(sized(k).unwrap_or(0)),
        k if k.starts_with('U') && sized(k).is_some() => Element::Chars(sized(k).unwrap_or(0)),
        k if k.starts_with('c') => return Err(refused(code, "save real and imaginary part as two arrays")),
        k if k.starts_with('M') || k.starts_with('m') => {
            return Err(refused(code, "save times as whole numbers with .astype('int64')"));
        }
        _ => return Err(refused(code, "save it as float32 with .astype('float32')")),
    };
    Ok((element, big))
}

fn objects(label: &str, name: &str) -> FormatError {
    let (path, key) = match label.strip_suffix(']').and_then(|l| l.rsplit_once('[')) {
        Some((path, key)) => (path, format!("['{key}']")),
        None => (label, String::new()),
    };
    let to = format!("{}.npy", name.replace('\'', ""));
    let from = path.replace('\\', "\\\\").replace('\'', "\\'");
    let conversion = format!(
        "python -c \"import numpy as np; np.save('{to}', np.stack(np.load('{from}', allow_pickle=True){key}).astype('float32'))\""
    );
    FormatError::Objects { path: label.to_owned(), array: name.to_owned(), conversion }
}
