//! Tensors at rest: shape, kind of number, little-endian bytes. What checkpoints and model files
//! are made of; bit-exact in both directions.

use std::collections::BTreeMap;

use burn::tensor::{DType, TensorData};
use suffit_core::Result;

use crate::error::NnError;

/// Named tensors at rest, in name order.
pub type Tensors = BTreeMap<String, Blob>;

/// Kinds of number that suffit writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Dtype {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Signed 64-bit integers.
    I64,
}

impl Dtype {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Dtype::F32 => 4,
            Dtype::F64 | Dtype::I64 => 8,
        }
    }

    /// Name as in a safetensors header.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F32 => "F32",
            Dtype::F64 => "F64",
            Dtype::I64 => "I64",
        }
    }
}

/// One tensor at rest.
///
/// ```
/// use suffit_nn::blob::{Blob, Dtype};
/// let b = Blob::from_f32(vec![2], &[1.0, -0.5]);
/// assert_eq!((b.dtype(), b.bytes().len(), b.to_f64()), (Dtype::F32, 8, vec![1.0, -0.5]));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    shape: Vec<usize>,
    dtype: Dtype,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} {:?}, {} bytes)", self.dtype.name(), self.shape, self.bytes.len())
    }
}

impl Blob {
    /// From raw parts; `origin` and `name` are for the message.
    ///
    /// # Errors
    /// [`NnError::TensorBytes`] when the byte count does not fit.
    pub fn new(origin: &str, name: &str, shape: Vec<usize>, dtype: Dtype, bytes: Vec<u8>) -> Result<Self> {
        let expected = shape.iter().product::<usize>() * dtype.size();
        if bytes.len() != expected {
            let (origin, name) = (origin.into(), name.into());
            return Err(NnError::TensorBytes { origin, name, got: bytes.len(), expected }.into());
        }
        Ok(Blob { shape, dtype, bytes })
    }

    /// From single-precision values. The shape must hold as many: debug builds stop at a misfit,
    /// writing one to a file is refused ([`crate::export::to_bytes`]).
    pub fn from_f32(shape: Vec<usize>, values: &[f32]) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Blob { shape, dtype: Dtype::F32, bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
    }

    /// From double-precision values; the shape must hold as many, see [`Blob::from_f32`].
    pub fn from_f64(shape: Vec<usize>, values: &[f64]) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Blob { shape, dtype: Dtype::F64, bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
    }

    /// One integer, shape `[]`.
    pub fn from_i64(value: i64) -> Self {
        Blob { shape: vec![], dtype: Dtype::I64, bytes: value.to_le_bytes().to_vec() }
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The kind of number.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The little-endian bytes, row-major.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of numbers.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.dtype.size()
    }

    /// Whether it holds no number.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The values as f64 (exact for F32 and F64; I64 above 2⁵³ are rounded).
    pub fn to_f64(&self) -> Vec<f64> {
        match self.dtype {
            Dtype::F32 => words(&self.bytes).map(|w| f64::from(f32::from_le_bytes(w))).collect(),
            Dtype::F64 => words(&self.bytes).map(f64::from_le_bytes).collect(),
            Dtype::I64 => words(&self.bytes).map(|w| i64::from_le_bytes(w) as f64).collect(),
        }
    }

    /// The values as f32 (exact for F32, rounded otherwise).
    pub fn to_f32(&self) -> Vec<f32> {
        match self.dtype {
            Dtype::F32 => words(&self.bytes).map(f32::from_le_bytes).collect(),
            _ => self.to_f64().into_iter().map(|v| v as f32).collect(),
        }
    }

    /// The single integer of an I64 blob with one number.
    pub fn to_i64(&self) -> Option<i64> {
        match (self.dtype, self.len()) {
            (Dtype::I64, 1) => words(&self.bytes).map(i64::from_le_bytes).next(),
            _ => None,
        }
    }

    /// From Burn's data at rest.
    ///
    /// # Errors
    /// [`NnError::TensorDtype`] for precisions that suffit does not write.
    pub fn from_data(name: &str, data: &TensorData) -> Result<Self> {
        let dtype = match data.dtype() {
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
            DType::I64 => Dtype::I64,
            other => {
                let (origin, got) = ("the model".into(), other.name().into());
                return Err(NnError::TensorDtype {
                    origin,
                    name: name.into(),
                    got,
                    expected: "F32, F64 or I64".into(),
                }
                .into());
            }
        };
        let shape = data.shape().iter().copied().collect();
        // Burn keeps native byte order; every platform that Flex's kernels are built for is
        // little-endian, and the test below would fail on one that is not.
        Blob::new("the model", name, shape, dtype, data.as_bytes().to_vec())
    }

    /// As Burn's data at rest.
    pub fn to_data(&self) -> TensorData {
        let shape = self.shape.clone();
        match self.dtype {
            Dtype::F32 => TensorData::new(self.to_f32(), shape),
            Dtype::F64 => TensorData::new(self.to_f64(), shape),
            Dtype::I64 => TensorData::new(words(&self.bytes).map(i64::from_le_bytes).collect::<Vec<i64>>(), shape),
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn bytes_are_little_endian_and_survive_burn() {
        let blob = Blob::from_f32(vec![1, 3], &[1.0, -2.5, f32::MIN_POSITIVE / 2.0]);
        assert_eq!(blob.bytes()[..4], [0, 0, 0x80, 0x3f]);
        assert_eq!(Blob::from_data("x", &blob.to_data()).unwrap(), blob);
        let blob = Blob::from_f64(vec![2], &[0.1, -0.0]);
        assert_eq!(Blob::from_data("x", &blob.to_data()).unwrap(), blob);
        let blob = Blob::from_i64(i64::MAX);
        assert_eq!(blob.to_i64(), Some(i64::MAX));
        assert_eq!(Blob::from_data("x", &blob.to_data()).unwrap(), blob);
    }

    #[test]
    fn wrong_byte_count_is_named() {
        let e = Blob::new("a.safetensors", "w", vec![2, 2], Dtype::F32, vec![0; 12]).unwrap_err();
        assert_eq!(e.to_string(), "tensor `w` of a.safetensors has 12 bytes, its shape needs 16");
    }
}
