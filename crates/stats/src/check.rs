//! Checks of arguments that every module shares.

use crate::StatsError;

/// At least `need` elements.
pub(crate) fn at_least(name: &'static str, got: usize, need: usize) -> Result<(), StatsError> {
    if got < need { Err(StatsError::TooFew { name, got, need }) } else { Ok(()) }
}

/// Every value finite; the first that is not is named.
pub(crate) fn finite(name: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { name, index, value: values[index] }),
        None => Ok(()),
    }
}

/// Non-empty and finite.
pub(crate) fn sample(name: &'static str, values: &[f64], need: usize) -> Result<(), StatsError> {
    at_least(name, values.len(), need)?;
    finite(name, values)
}

/// Two arguments of one length.
pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<(), StatsError> {
    if left_len == right_len { Ok(()) } else { Err(StatsError::LengthMismatch { left, left_len, right, right_len }) }
}

/// A flat row-major table of `rows x columns`.
pub(crate) fn table(name: &'static str, got: usize, rows: usize, columns: usize) -> Result<(), StatsError> {
    if rows.checked_mul(columns) == Some(got) { Ok(()) } else { Err(StatsError::Shape { name, rows, columns, got }) }
}

/// Labels below `classes`.
pub(crate) fn labels(name: &'static str, values: &[usize], classes: usize) -> Result<(), StatsError> {
    match values.iter().position(|&c| c >= classes) {
        Some(index) => Err(StatsError::Class { name, index, class: values[index], classes }),
        None => Ok(()),
    }
}

/// A confidence level or another share strictly between 0 and 1.
pub(crate) fn open_unit(name: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(StatsError::Setting { name, value, range: "strictly between 0 and 1" })
    }
}

/// A count that must not be zero.
pub(crate) fn positive(name: &'static str, value: usize) -> Result<(), StatsError> {
    if value > 0 { Ok(()) } else { Err(StatsError::Setting { name, value: 0.0, range: "at least 1" }) }
}

/// Probabilities, each in `[0, 1]`.
pub(crate) fn probabilities(name: &'static str, values: &[f64]) -> Result<(), StatsError> {
    finite(name, values)?;
    match values.iter().position(|v| !(0.0..=1.0).contains(v)) {
        Some(index) => Err(StatsError::Element { name, index, value: values[index], range: "between 0 and 1" }),
        None => Ok(()),
    }
}

/// Rows of probabilities, each summing to 1 within `1e-6` (a softmax in f32 stays inside).
pub(crate) fn simplex_rows(name: &'static str, values: &[f64], columns: usize) -> Result<(), StatsError> {
    probabilities(name, values)?;
    for (row, p) in values.chunks_exact(columns).enumerate() {
        let sum: f64 = p.iter().sum();
        if (sum - 1.0).abs() > 1e-6 {
            return Err(StatsError::NotNormalised { name, row, sum });
        }
    }
    Ok(())
}
