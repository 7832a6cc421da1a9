//! Element types of arrays, and their bytes as Arrow arrays.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_schema::DataType;
use half::{bf16, f16};

/// An element type that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    Bf16,
    F32,
    F64,
    /// NumPy `S`: bytes padded with zeros, ASCII or UTF-8.
    Bytes(usize),
    /// NumPy `U`: characters of four bytes padded with zeros.
    Chars(usize),
}

impl Element {
    /// Bytes of one element.
    pub fn size(self) -> u64 {
        match self {
            Element::Bool | Element::I8 | Element::U8 => 1,
            Element::I16 | Element::U16 | Element::F16 | Element::Bf16 => 2,
            Element::I32 | Element::U32 | Element::F32 => 4,
            Element::I64 | Element::U64 | Element::F64 => 8,
            Element::Bytes(n) => n as u64,
            Element::Chars(n) => 4 * n as u64,
        }
    }

    /// Whether it is text.
    pub fn is_text(self) -> bool {
        matches!(self, Element::Bytes(_) | Element::Chars(_))
    }

    /// The Arrow type; bf16, which Arrow lacks, becomes f32.
    pub fn arrow(self) -> DataType {
        match self {
            Element::Bool => DataType::Boolean,
            Element::I8 => DataType::Int8,
            Element::I16 => DataType::Int16,
            Element::I32 => DataType::Int32,
            Element::I64 => DataType::Int64,
            Element::U8 => DataType::UInt8,
            Element::U16 => DataType::UInt16,
            Element::U32 => DataType::UInt32,
            Element::U64 => DataType::UInt64,
            Element::F16 => DataType::Float16,
            Element::F32 | Element::Bf16 => DataType::Float32,
            Element::F64 => DataType::Float64,
            Element::Bytes(_) | Element::Chars(_) => DataType::Utf8,
        }
    }

    /// Bytes of elements in order, big or little endian, as an array. `None` when text is not valid.
    pub fn decode(self, bytes: &[u8], big: bool) -> Option<ArrayRef> {
        macro_rules! numbers {
            ($kind:ty, $arrow:ty, $n:literal) => {{
                let read = |c: &[u8]| {
                    let mut raw = [0u8; $n];
                    raw.copy_from_slice(c);
                    if big { <$kind>::from_be_bytes(raw) } else { <$kind>::from_le_bytes(raw) }
                };
                primitive::<$arrow>(bytes.chunks_exact($n).map(read).collect())
            }};
        }
        Some(match self {
            Element::Bool => Arc::new(BooleanArray::from_iter(bytes.iter().map(|b| Some(*b != 0)))),
            Element::I8 => numbers!(i8, Int8Type, 1),
            Element::I16 => numbers!(i16, Int16Type, 2),
            Element::I32 => numbers!(i32, Int32Type, 4),
            Element::I64 => numbers!(i64, Int64Type, 8),
            Element::U8 => numbers!(u8, UInt8Type, 1),
            Element::U16 => numbers!(u16, UInt16Type, 2),
            Element::U32 => numbers!(u32, UInt32Type, 4),
            Element::U64 => numbers!(u64, UInt64Type, 8),
            Element::F16 => numbers!(f16, Float16Type, 2),
            Element::F32 => numbers!(f32, Float32Type, 4),
            Element::F64 => numbers!(f64, Float64Type, 8),
            Element::Bf16 => {
                let read = |c: &[u8]| bf16::from_le_bytes([c[0], c[1]]).to_f32();
                primitive::<Float32Type>(bytes.chunks_exact(2).map(read).collect())
            }
            Element::Bytes(n) => texts(bytes, n, |c| {
                let end = c.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
                std::str::from_utf8(&c[..end]).ok().map(str::to_owned)
            })?,
            Element::Chars(n) => texts(bytes, 4 * n, |c| {
                let code = |c: &[u8]| {
                    let raw = [c[0], c[1], c[2], c[3]];
                    if big { u32::from_be_bytes(raw) } else { u32::from_le_bytes(raw) }
                };
                let text: String = c.chunks_exact(4).map(|c| char::from_u32(code(c))).collect::<Option<String>>()?;
                Some(text.trim_end_matches('\0').to_owned())
            })?,
        })
    }
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(values))
}

fn texts(bytes: &[u8], size: usize, read: impl Fn(&[u8]) -> Option<String>) -> Option<ArrayRef> {
    let texts = bytes.chunks_exact(size.max(1)).map(read).collect::<Option<Vec<_>>>()?;
    Some(Arc::new(StringArray::from(texts)))
}
