//! safetensors files: the model with PyTorch's names, and metadata that says what it is.
//!
//! Same tensors and metadata give the same bytes: metadata in key order, tensors in name order.
//! (The `safetensors` crate's writer takes metadata as a hash map and so writes it in an order that
//! differs from process to process; its reader, which checks every offset, is used as it is.)

use std::collections::BTreeMap;

use safetensors::{Dtype as StDtype, SafeTensors};
use serde_json::{Map, Value, json};
use suffit_core::{Error, Result};

use crate::blob::{Blob, Dtype, Tensors};
use crate::error::NnError;

/// What a model file says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Slug of the method, such as `symile`.
    pub method: String,
    /// BLAKE3 of the resolved configuration, hexadecimal.
    pub config_digest: String,
    /// What tensors are for, by name or by prefix with a final dot, such as `encoders.image.` →
    /// `encoder of view image`.
    pub roles: BTreeMap<String, String>,
}

impl Metadata {
    fn pairs(&self) -> BTreeMap<String, String> {
        let mut pairs = BTreeMap::new();
        if !self.method.is_empty() {
            pairs.insert("suffit.method".into(), self.method.clone());
        }
        if !self.config_digest.is_empty() {
            pairs.insert("suffit.config".into(), self.config_digest.clone());
        }
        pairs.extend(self.roles.iter().map(|(k, v)| (format!("suffit.role.{k}"), v.clone())));
        pairs
    }

    fn from_pairs(pairs: BTreeMap<String, String>) -> Self {
        let mut out = Metadata::default();
        for (key, value) in pairs {
            match key.as_str() {
                "suffit.method" => out.method = value,
                "suffit.config" => out.config_digest = value,
                other => {
                    if let Some(name) = other.strip_prefix("suffit.role.") {
                        out.roles.insert(name.to_owned(), value);
                    }
                }
            }
        }
        out
    }
}

/// The bytes of a safetensors file.
///
/// Layout: 8 bytes little-endian header length, JSON header padded with spaces to a multiple of 8,
/// then the tensors one after another: 8-byte numbers before 4-byte ones, so that all are aligned,
/// and in name order within a kind.
///
/// # Errors
/// [`NnError::TensorBytes`] for a tensor whose values do not fill its shape, [`NnError::Json`] if
/// the header cannot be written.
///
/// ```
/// use suffit_nn::{blob::Blob, export};
/// let tensors = [("b".to_owned(), Blob::from_f32(vec![1], &[2.0]))].into();
/// let bytes = export::to_bytes(&tensors, &export::Metadata::default())?;
/// assert_eq!(export::from_bytes(&bytes, "b.safetensors")?.0, tensors);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn to_bytes(tensors: &Tensors, metadata: &Metadata) -> Result<Vec<u8>> {
    let mut order: Vec<(&String, &Blob)> = tensors.iter().collect();
    order.sort_by_key(|(_, blob)| std::cmp::Reverse(blob.dtype().size()));
    let mut header = Map::new();
    let mut about: Map<String, Value> = metadata.pairs().into_iter().map(|(k, v)| (k, Value::String(v))).collect();
    about.insert("format".into(), "pt".into());
    about.sort_keys();
    header.insert("__metadata__".into(), Value::Object(about));
    let mut offset = 0;
    for (name, blob) in &order {
        let (got, expected) = (blob.bytes().len(), blob.shape().iter().product::<usize>() * blob.dtype().size());
        if got != expected {
            let (origin, name) = ("the file to write".into(), (*name).clone());
            return Err(NnError::TensorBytes { origin, name, got, expected }.into());
        }
        let end = offset + blob.bytes().len();
        header.insert(
            (*name).clone(),
            json!({"dtype": blob.dtype().name(), "shape": blob.shape(), "data_offsets": [offset, end]}),
        );
        offset = end;
    }
    let mut text =
        serde_json::to_vec(&header).map_err(|source| NnError::Json { origin: "the tensor header".into(), source })?;
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut out = Vec::with_capacity(8 + text.len() + offset);
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text);
    for (_, blob) in order {
        out.extend(blob.bytes());
    }
    Ok(out)
}

/// Reads a safetensors file: F32, F64 and I64 tensors and suffit's metadata (foreign files have
/// none, that is no error).
///
/// # Errors
/// [`NnError::Safetensors`] for bytes that are damaged or something else, [`NnError::TensorDtype`]
/// for other kinds of number; `origin` is the name in the message.
pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<(Tensors, Metadata)> {
    let explain = |source| Error::from(NnError::Safetensors { origin: origin.into(), source });
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(explain)?;
    let file = SafeTensors::deserialize(bytes).map_err(explain)?;
    let mut out = Tensors::new();
    for (name, view) in file.iter() {
        let dtype = match view.dtype() {
            StDtype::F32 => Dtype::F32,
            StDtype::F64 => Dtype::F64,
            StDtype::I64 => Dtype::I64,
            other => {
                let (origin, name, got) = (origin.into(), name.into(), format!("{other:?}"));
                return Err(NnError::TensorDtype { origin, name, got, expected: "F32, F64 or I64".into() }.into());
            }
        };
        out.insert(name.to_owned(), Blob::new(origin, name, view.shape().to_vec(), dtype, view.data().to_vec())?);
    }
    let pairs = header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    Ok((out, Metadata::from_pairs(pairs)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn sample() -> (Tensors, Metadata) {
        let tensors = Tensors::from([
            ("b.weight".to_owned(), Blob::from_f32(vec![2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, -0.0])),
            ("a.step".to_owned(), Blob::from_i64(7)),
            ("c".to_owned(), Blob::from_f64(vec![0], &[])),
        ]);
        let roles = BTreeMap::from([("b.".to_owned(), "encoder of view \"image\"".to_owned())]);
        (tensors, Metadata { method: "symile".into(), config_digest: "00ff".into(), roles })
    }

    #[test]
    fn survives_writing_and_reading() {
        let (tensors, metadata) = sample();
        let bytes = to_bytes(&tensors, &metadata).unwrap();
        assert_eq!(to_bytes(&tensors, &metadata).unwrap(), bytes);
        assert_eq!(from_bytes(&bytes, "x").unwrap(), (tensors, metadata));
        assert_eq!(u64::from_le_bytes(*bytes.first_chunk().unwrap()) % 8, 0);
    }

    #[test]
    fn every_truncation_is_refused() {
        let (tensors, metadata) = sample();
        let bytes = to_bytes(&tensors, &metadata).unwrap();
        for n in 0..bytes.len() {
            assert!(from_bytes(&bytes[..n], "x").is_err(), "cut to {n} of {} bytes", bytes.len());
        }
    }

    #[test]
    fn other_kinds_of_number_are_named() {
        let data = [0u8; 4];
        let view = safetensors::tensor::TensorView::new(StDtype::F16, vec![2], &data).unwrap();
        let bytes = safetensors::serialize([("half", view)], None).unwrap();
        let e = from_bytes(&bytes, "m.safetensors").unwrap_err();
        assert_eq!(e.to_string(), "tensor `half` of m.safetensors holds F16 numbers, expected F32, F64 or I64");
    }

    fn blob() -> impl Strategy<Value = Blob> {
        let shape = proptest::collection::vec(0usize..4, 0..4);
        (shape, any::<u64>(), 0..3u8).prop_map(|(shape, seed, kind)| {
            let n: usize = shape.iter().product();
            let mut stream = suffit_core::Seed::new(seed).stream("blob", &[]);
            let dtype = [Dtype::F32, Dtype::F64, Dtype::I64][usize::from(kind)];
            let bytes = (0..n * dtype.size()).map(|_| suffit_core::seed::below(256, &mut stream) as u8).collect();
            Blob::new("x", "y", shape, dtype, bytes).unwrap()
        })
    }

    proptest! {
        #[test]
        fn any_tensors_survive_bit_for_bit(tensors in proptest::collection::btree_map("[a-z.0-9\"\\\\é]{1,8}", blob(), 0..5)) {
            let bytes = to_bytes(&tensors, &sample().1).unwrap();
            prop_assert_eq!(from_bytes(&bytes, "x").unwrap(), (tensors, sample().1));
        }

        #[test]
        fn damaged_bytes_never_panic(at in 0usize..400, value in any::<u8>()) {
            let mut bytes = to_bytes(&sample().0, &sample().1).unwrap();
            let at = at % bytes.len();
            bytes[at] = value;
            let _ = from_bytes(&bytes, "x");
        }
    }
}
