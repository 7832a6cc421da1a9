//! safetensors: a JSON header, then the tensors' bytes without gaps or overlaps.

use std::io::Read;
use std::sync::Arc;

use serde_json::Value;
use suffit_core::Result;

use super::Opened;
use super::array::{Array, ArraySource, Layout, Place};
use super::element::Element;
use super::file::Handle;
use crate::column::nearest;
use crate::decision::Decision;
use crate::error::FormatError;
use crate::limit::SAFETENSORS_HEADER_BYTES;

/// Opens a file: every tensor a column, or only `wanted`.
pub(super) fn open(handle: Handle, wanted: Option<&str>) -> Result<Opened> {
    let (start, header) = header(&handle)?;
    let mut tensors = Vec::new();
    for (name, entry) in &header {
        if name != "__metadata__" {
            tensors.push(Tensor::parse(&handle, name, entry)?);
        }
    }
    covered(&handle, start, &tensors)?;
    if let Some(wanted) = wanted {
        let names: Vec<String> = tensors.iter().map(|t| t.name.clone()).collect();
        tensors.retain(|t| t.name == wanted);
        if tensors.is_empty() {
            let close = nearest(wanted, &names);
            let nearest = if close.is_empty() { names.into_iter().take(8).collect() } else { close };
            return Err(FormatError::NoArray { path: handle.label(), key: wanted.to_owned(), nearest }.into());
        }
    }
    let (mut arrays, mut decisions) = (Vec::new(), Vec::new());
    for tensor in tensors {
        match (tensor.shape.is_empty(), wanted) {
            (true, Some(_)) => return Err(FormatError::NoRows { path: handle.label(), array: tensor.name }.into()),
            (true, None) => {
                decisions.push(Decision::guessed("tensor", tensor.name, "left out: a single value, not one per row"))
            }
            (false, _) => arrays.push(tensor.array(&handle, start)?),
        }
    }
    if arrays.is_empty() {
        return Err(FormatError::NoRows { path: handle.label(), array: "the file".to_owned() }.into());
    }
    Ok(Opened { source: Arc::new(ArraySource::new(handle, arrays)?), decisions })
}

/// Where the data start, and the header.
fn header(handle: &Handle) -> Result<(u64, serde_json::Map<String, Value>)> {
    let mut file = handle.open()?;
    let mut raw = [0u8; 8];
    let short = |got| FormatError::Size { path: handle.label(), expected: 8, got };
    if handle.bytes() < 8 {
        return Err(short(handle.bytes()).into());
    }
    file.read_exact(&mut raw).map_err(|e| handle.io(e))?;
    let length = u64::from_le_bytes(raw);
    if length > SAFETENSORS_HEADER_BYTES {
        let what = "the header length (is it a safetensors file?)";
        return Err(
            FormatError::Limit { path: handle.label(), what, got: length, limit: SAFETENSORS_HEADER_BYTES }.into()
        );
    }
    if length > handle.bytes() - 8 {
        return Err(FormatError::Size { path: handle.label(), expected: length, got: handle.bytes() - 8 }.into());
    }
    let mut text = vec![0u8; length as usize];
    file.read_exact(&mut text).map_err(|e| handle.io(e))?;
    let header =
        serde_json::from_slice::<Unique>(&text).map_err(|source| FormatError::Json { path: handle.label(), source })?;
    Ok((8 + length, header.0))
}

/// A JSON object that refuses a key given twice.
struct Unique(serde_json::Map<String, Value>);

impl<'de> serde::Deserialize<'de> for Unique {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> serde::de::Visitor<'de> for Visit {
            type Value = Unique;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
                let mut map = serde_json::Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if map.contains_key(&key) {
                        return Err(serde::de::Error::custom(format!("tensor `{key}` is given twice")));
                    }
                    map.insert(key, value);
                }
                Ok(Unique(map))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

struct Tensor {
    name: String,
    dtype: String,
    shape: Vec<u64>,
    begin: u64,
    end: u64,
}

impl Tensor {
    fn parse(handle: &Handle, name: &str, entry: &Value) -> Result<Self> {
        let bad = |field: &'static str, got: Option<&Value>, expected: &'static str| -> suffit_core::Error {
            let got = got.map_or_else(|| "absent".to_owned(), |v| v.to_string().chars().take(60).collect());
            FormatError::Header { path: format!("{}[{name}]", handle.label()), field, got, expected }.into()
        };
        let counts = |v: &Value| v.as_array().and_then(|a| a.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>());
        let dtype = entry
            .get("dtype")
            .and_then(Value::as_str)
            .ok_or_else(|| bad("dtype", entry.get("dtype"), "a type name"))?;
        let shape =
            entry.get("shape").and_then(counts).ok_or_else(|| bad("shape", entry.get("shape"), "a list of counts"))?;
        let offsets = entry.get("data_offsets").and_then(counts);
        match offsets.as_deref() {
            Some(&[begin, end]) if begin <= end => {
                Ok(Tensor { name: name.to_owned(), dtype: dtype.to_owned(), shape, begin, end })
            }
            _ => Err(bad("data_offsets", entry.get("data_offsets"), "two counts, the first not above the second")),
        }
    }

    fn array(self, handle: &Handle, start: u64) -> Result<Array> {
        let label = format!("{}[{}]", handle.label(), self.name);
        let element = match self.dtype.as_str() {
            "BOOL" => Element::Bool,
            "I8" => Element::I8,
            "I16" => Element::I16,
            "I32" => Element::I32,
            "I64" => Element::I64,
            "U8" => Element::U8,
            "U16" => Element::U16,
            "U32" => Element::U32,
            "U64" => Element::U64,
            "F16" => Element::F16,
            "BF16" => Element::Bf16,
            "F32" => Element::F32,
            "F64" => Element::F64,
            _ => {
                let hint = "convert it to F32 before saving";
                return Err(FormatError::ElementType {
                    path: handle.label(),
                    array: self.name,
                    dtype: self.dtype,
                    hint,
                }
                .into());
            }
        };
        let layout = Layout { shape: self.shape, element, big_endian: false, fortran: false };
        layout.check(&label)?;
        let (expected, got) = (layout.bytes().unwrap_or(u64::MAX), self.end - self.begin);
        if expected != got {
            return Err(FormatError::Size { path: label, expected, got }.into());
        }
        Ok(Array { name: self.name, label, layout, place: Place::Plain(start + self.begin) })
    }
}

/// Tensors must cover the data exactly once.
fn covered(handle: &Handle, start: u64, tensors: &[Tensor]) -> Result<()> {
    let mut order: Vec<&Tensor> = tensors.iter().collect();
    order.sort_by_key(|t| (t.begin, t.end));
    let mut at = 0;
    for tensor in order {
        if tensor.begin != at {
            let (tensor, got) = (tensor.name.clone(), tensor.begin);
            return Err(FormatError::Offsets { path: handle.label(), tensor, got, expected: at }.into());
        }
        at = tensor.end;
    }
    let there = handle.bytes() - start;
    if at != there {
        return Err(FormatError::Size { path: handle.label(), expected: at, got: there }.into());
    }
    Ok(())
}
