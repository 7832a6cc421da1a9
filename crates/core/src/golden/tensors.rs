//! A safetensors file as the JSON value that checks read: tensor names to nested arrays, the
//! metadata (texts) under their own names.

use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value};

use super::GoldenError;

/// Tensors as nested arrays, NaN as `null`. Integers beyond 2^53 keep their value.
pub(super) fn to_value(path: &Path, bytes: &[u8]) -> Result<Value, GoldenError> {
    let bad = |source| GoldenError::BadTensors { path: path.to_owned(), source };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(bad)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(bad)?;
    let mut out = Map::new();
    for (name, text) in header.metadata().iter().flatten() {
        out.insert(name.clone(), Value::String(text.clone()));
    }
    for name in header.offset_keys() {
        let view = tensors.tensor(&name).map_err(bad)?;
        let numbers = numbers(&view).ok_or_else(|| GoldenError::TensorType {
            path: path.to_owned(),
            tensor: name.clone(),
            dtype: format!("{:?}", view.dtype()),
        })?;
        out.insert(name, nest(view.shape(), &mut numbers.into_iter()));
    }
    Ok(Value::Object(out))
}

fn numbers(view: &TensorView<'_>) -> Option<Vec<Value>> {
    fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> Value) -> Vec<Value> {
        bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
    }
    let bytes = view.data();
    Some(match view.dtype() {
        Dtype::F64 => each(bytes, |b| f64::from_le_bytes(b).into()),
        Dtype::F32 => each(bytes, |b| f64::from(f32::from_le_bytes(b)).into()),
        Dtype::F16 => each(bytes, |b| half::f16::from_le_bytes(b).to_f64().into()),
        Dtype::BF16 => each(bytes, |b| half::bf16::from_le_bytes(b).to_f64().into()),
        Dtype::I64 => each(bytes, |b| i64::from_le_bytes(b).into()),
        Dtype::U64 => each(bytes, |b| u64::from_le_bytes(b).into()),
        Dtype::I32 => each(bytes, |b| i32::from_le_bytes(b).into()),
        Dtype::U32 => each(bytes, |b| u32::from_le_bytes(b).into()),
        Dtype::I16 => each(bytes, |b| i16::from_le_bytes(b).into()),
        Dtype::U16 => each(bytes, |b| u16::from_le_bytes(b).into()),
        Dtype::I8 => each(bytes, |b| i8::from_le_bytes(b).into()),
        Dtype::U8 => each(bytes, |[b]| b.into()),
        Dtype::BOOL => each(bytes, |[b]| (b != 0).into()),
        _ => return None,
    })
}

/// Nests a flat row-major list; the file was checked to hold as many numbers as its shape says.
fn nest(shape: &[usize], numbers: &mut impl Iterator<Item = Value>) -> Value {
    match shape.split_first() {
        None => numbers.next().unwrap_or(Value::Null),
        Some((&size, inner)) => Value::Array((0..size).map(|_| nest(inner, numbers)).collect()),
    }
}
