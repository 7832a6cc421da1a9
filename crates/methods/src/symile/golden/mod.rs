//! Golden vectors: the product's public functions held against independent references, in f64 at
//! 1e-9 and in f32 at 1e-5 (rules: `tests/golden/symile/README.md`).

mod heads;
mod information;
mod loss;
mod search;

use serde_json::Value;
use suffit_core::Result;
use suffit_core::golden::{Comparison, GoldenCase, GoldenError, KeyGuard};

use super::score::{Number, dtype_of};
use burn::tensor::DType;

/// Names of the checks.
pub const CHECKS: [&str; 8] =
    ["clip", "discrete_tc", "loss_n", "loss_n2", "missing_heads", "similarity", "train_steps", "xor_information"];

/// Checks one file.
///
/// # Errors
/// An unknown stem, keys that are missing or not known, values of the wrong kind.
pub fn check(stem: &str, file: &Value) -> Result<Vec<GoldenCase>> {
    let one: fn(&KeyGuard) -> Result<Vec<GoldenCase>> = match stem {
        "loss_n" | "loss_n2" | "clip" => loss::check,
        "similarity" => search::check,
        "missing_heads" => heads::missing,
        "train_steps" => heads::train_steps,
        "xor_information" => information::xor,
        "discrete_tc" => information::table,
        _ => {
            return Err(
                GoldenError::UnknownStem { stem: stem.to_owned(), known: CHECKS.map(String::from).to_vec() }.into()
            );
        }
    };
    KeyGuard::each(stem, file, one)
}

/// The rule for the precision of `T`.
fn rule<T: Number>() -> Comparison {
    match dtype_of::<T>() {
        DType::F64 => Comparison::f64(1e-9),
        _ => Comparison::f32(1e-5),
    }
}

fn wide<T: Number>(values: &[T]) -> Vec<f64> {
    values.iter().map(|x| x.f64()).collect()
}

fn narrow<T: Number>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&x| T::of(x)).collect()
}
