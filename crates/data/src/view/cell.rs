//! Cells of any numeric Arrow type as f32.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::error::What;

/// A rectangle in a row-major block.
pub(super) struct Place<'a> {
    /// The block.
    pub block: &'a mut [f32],
    /// Values per row of the block.
    pub stride: usize,
    /// First column of the rectangle.
    pub offset: usize,
    /// Columns of the rectangle.
    pub width: usize,
}

/// Whether cells of this type are numbers (an all-empty column counts).
pub(super) fn is_number(kind: &DataType) -> bool {
    kind.is_numeric()
        && !matches!(
            kind,
            DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..)
        )
        || matches!(kind, DataType::Boolean | DataType::Null)
}

/// Whether cells of this type are text.
pub(super) fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Length of the first list that is not null.
pub(super) fn first_length(array: &ArrayRef) -> Option<usize> {
    if let Some(list) = array.as_list_opt::<i32>() {
        return list.iter().flatten().next().map(|l| l.len());
    }
    array.as_list_opt::<i64>()?.iter().flatten().next().map(|l| l.len())
}

/// A number that becomes an f32.
trait Narrow: Copy {
    fn narrow(self) -> f32;
    fn wide(self) -> f64;
}

macro_rules! narrow {
    ($($kind:ty),+) => {$(
        impl Narrow for $kind {
            fn narrow(self) -> f32 {
                self as f32
            }
            fn wide(self) -> f64 {
                self as f64
            }
        }
    )+};
}
narrow!(f32, f64, i8, i16, i32, i64, u8, u16, u32, u64);

impl Narrow for half::f16 {
    fn narrow(self) -> f32 {
        self.to_f32()
    }
    fn wide(self) -> f64 {
        self.to_f64()
    }
}

/// Bad values of one batch: all counted, the first few of each column kept.
#[derive(Default)]
pub(super) struct Bad {
    /// (row, column of the block, what).
    pub list: Vec<(usize, usize, What)>,
    /// How many there are.
    pub total: u64,
    here: usize,
}

impl Bad {
    /// The next values belong to another column.
    pub fn next_column(&mut self) {
        self.here = 0;
    }

    /// Notes one.
    pub fn push(&mut self, row: usize, column: usize, what: What) {
        self.total += 1;
        self.here += 1;
        if self.here <= crate::limit::PROBLEMS {
            self.list.push((row, column, what));
        }
    }
}

/// Writes the cells of `array` for the rows that `mask` leaves (all when `None`); nulls stay as they
/// are in the block. Cells that are not finite numbers are noted and left infinite.
pub(super) fn fill(array: &ArrayRef, mask: Option<&[bool]>, place: &mut Place<'_>, bad: &mut Bad) {
    bad.next_column();
    let wanted = |r: usize| mask.is_none_or(|m| m[r]);
    if let Some(list) = array.as_fixed_size_list_opt() {
        let starts: Vec<Option<usize>> =
            (0..list.len()).map(|r| (wanted(r) && !list.is_null(r)).then(|| list.value_offset(r) as usize)).collect();
        scatter(list.values(), &starts, place, bad);
    } else if let Some(list) = array.as_list_opt::<i32>() {
        let o = list.value_offsets();
        let runs = (0..list.len()).map(|r| (wanted(r) && !list.is_null(r)).then(|| (o[r] as usize, o[r + 1] as usize)));
        ragged(list.values(), runs, place, bad);
    } else if let Some(list) = array.as_list_opt::<i64>() {
        let o = list.value_offsets();
        let runs = (0..list.len()).map(|r| (wanted(r) && !list.is_null(r)).then(|| (o[r] as usize, o[r + 1] as usize)));
        ragged(list.values(), runs, place, bad);
    } else if is_text(array.data_type()) {
        text(array, &wanted, place, bad);
    } else {
        let starts: Vec<Option<usize>> = (0..array.len()).map(|r| wanted(r).then_some(r)).collect();
        scatter(array, &starts, place, bad);
    }
}

/// Lists that may differ in length: all must have the width of the rectangle.
fn ragged(values: &ArrayRef, runs: impl Iterator<Item = Option<(usize, usize)>>, place: &mut Place<'_>, bad: &mut Bad) {
    let mut starts = Vec::new();
    for (r, run) in runs.enumerate() {
        let fits = run.filter(|(from, to)| to - from == place.width);
        if let (Some((from, to)), None) = (run, fits) {
            bad.push(r, place.offset, What::ListLength(to - from, place.width));
            place.block[r * place.stride + place.offset..][..place.width].fill(f32::INFINITY);
        }
        starts.push(fits.map(|(from, _)| from));
    }
    scatter(values, &starts, place, bad);
}

/// Row `r` of the rectangle is the run of `width` values from `starts[r]`.
fn scatter(values: &ArrayRef, starts: &[Option<usize>], place: &mut Place<'_>, bad: &mut Bad) {
    macro_rules! try_kinds {
        ($($kind:ty),+) => {
            match values.data_type() {
                $(k if *k == <$kind as ArrowPrimitiveType>::DATA_TYPE => primitive::<$kind>(values, starts, place, bad),)+
                DataType::Boolean => boolean(values, starts, place),
                _ => {}
            }
        };
    }
    try_kinds!(
        Float32Type,
        Float64Type,
        Float16Type,
        Int8Type,
        Int16Type,
        Int32Type,
        Int64Type,
        UInt8Type,
        UInt16Type,
        UInt32Type,
        UInt64Type
    );
}

fn primitive<T>(values: &ArrayRef, starts: &[Option<usize>], place: &mut Place<'_>, bad: &mut Bad)
where
    T: ArrowPrimitiveType,
    T::Native: Narrow,
{
    let Some(array) = values.as_primitive_opt::<T>() else { return };
    let (raw, nulls) = (array.values(), array.nulls());
    for (r, start) in starts.iter().enumerate() {
        let Some(start) = *start else { continue };
        let row = &mut place.block[r * place.stride + place.offset..][..place.width];
        for (j, cell) in row.iter_mut().enumerate() {
            if nulls.is_some_and(|n| n.is_null(start + j)) {
                continue;
            }
            let v = raw[start + j].narrow();
            if v.is_infinite() {
                let wide = raw[start + j].wide();
                bad.push(r, place.offset + j, if wide.is_finite() { What::TooLarge(wide) } else { What::Infinite });
            }
            *cell = v;
        }
    }
}

fn boolean(values: &ArrayRef, starts: &[Option<usize>], place: &mut Place<'_>) {
    let Some(array) = values.as_boolean_opt() else { return };
    for (r, start) in starts.iter().enumerate() {
        let Some(start) = *start else { continue };
        for j in 0..place.width {
            if !array.is_null(start + j) {
                place.block[r * place.stride + place.offset + j] = f32::from(u8::from(array.value(start + j)));
            }
        }
    }
}

/// Text cells that are numbers are read; the others are named.
fn text(array: &ArrayRef, wanted: &dyn Fn(usize) -> bool, place: &mut Place<'_>, bad: &mut Bad) {
    let mut cell = |r: usize, t: Option<&str>| {
        let Some(t) = t.map(str::trim).filter(|t| !t.is_empty() && wanted(r)) else { return };
        let v = t.parse::<f32>();
        match &v {
            Ok(v) if v.is_infinite() => bad.push(r, place.offset, What::Infinite),
            Ok(_) => {}
            Err(_) => bad.push(r, place.offset, What::Text(t.chars().take(40).collect())),
        }
        place.block[r * place.stride + place.offset] = v.unwrap_or(f32::INFINITY);
    };
    if let Some(a) = array.as_string_opt::<i32>() {
        a.iter().enumerate().for_each(|(r, t)| cell(r, t));
    } else if let Some(a) = array.as_string_opt::<i64>() {
        a.iter().enumerate().for_each(|(r, t)| cell(r, t));
    } else if let Some(a) = array.as_string_view_opt() {
        a.iter().enumerate().for_each(|(r, t)| cell(r, t));
    }
}
