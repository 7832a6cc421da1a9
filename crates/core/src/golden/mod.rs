//! Golden vectors: holding public functions against values of independent references.
//!
//! A folder holds `.json` and `.safetensors` files; a file belongs to the check named by its stem
//! up to the first `-` (`loss_n-2.json` → `loss_n`). Other endings are left alone. A method's
//! check ([`crate::Method::golden`]) reads a file through a [`KeyGuard`], which fails on numbers
//! that the check did not use, compares with a [`Comparison`] and gives [`GoldenCase`]s back.
//!
//! Rules of comparison: a relative tolerance is relative to the largest absolute entry of the
//! expected array, plus 1e-12 absolute in f64 and 1e-6 in f32; `null` means undefined, and ours
//! must be NaN there; fields `max_*_diff` bound ours by max(1e-12, 10 × the reference's).

mod array;
mod compare;
mod folder;
mod guard;
mod tensors;

use std::path::PathBuf;

use crate::error::{Cause, Family};
use crate::text::choices;

pub use array::Array;
pub use compare::{Comparison, Precision};
pub use folder::{FileCases, GoldenReport, run_folder, stem};
pub use guard::KeyGuard;

/// One comparison.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct GoldenCase {
    /// What was compared, such as `loss_n[2].grad_x[0] (f32)`.
    pub name: String,
    /// Largest absolute deviation found; infinite where shapes or undefined entries differ.
    pub deviation: f64,
    /// What it may be.
    pub tolerance: f64,
    /// A remark, such as where the largest deviation is.
    pub note: String,
}

impl GoldenCase {
    /// Whether the deviation is within the tolerance; NaN is not.
    pub fn passed(&self) -> bool {
        self.deviation <= self.tolerance
    }
}

/// Why a vector file cannot be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// No check has this name.
    #[error("no check is called `{stem}`")]
    UnknownStem {
        /// Stem of the file up to the first `-`.
        stem: String,
        /// Checks of the method.
        known: Vec<String>,
    },
    /// Keys with numbers that the check did not use.
    #[error("the check does not know {}", choices(keys))]
    UnreadKeys {
        /// Paths of the keys.
        keys: Vec<String>,
    },
    /// A key that the check needs is not there.
    #[error("`{key}` is missing")]
    MissingKey {
        /// Path of the key.
        key: String,
    },
    /// A value is not of the needed kind.
    #[error("`{key}` is {got}, {expected} is needed")]
    WrongKind {
        /// Path of the key.
        key: String,
        /// What it is.
        got: String,
        /// What is needed.
        expected: &'static str,
    },
    /// Rows of an array differ in length.
    #[error("`{key}` is ragged: {got} entries where {expected} are needed")]
    Ragged {
        /// Path of the entry.
        key: String,
        /// Its length.
        got: usize,
        /// Length of its first sibling.
        expected: usize,
    },
    /// A file is not JSON.
    #[error("{}: not JSON: {source}", path.display())]
    BadJson {
        /// The file.
        path: PathBuf,
        /// Line and column.
        source: serde_json::Error,
    },
    /// A file is not a safetensors file.
    #[error("{}: not a safetensors file: {source}", path.display())]
    BadTensors {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// A tensor has an element type that vectors do not use.
    #[error("{}: tensor `{tensor}` has type {dtype}, which vectors do not use", path.display())]
    TensorType {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// Its type.
        dtype: String,
    },
    /// A folder without vectors.
    #[error("{} holds no vectors (.json or .safetensors)", path.display())]
    NoVectors {
        /// The folder.
        path: PathBuf,
    },
}

impl Cause for GoldenError {
    fn family(&self) -> Family {
        match self {
            GoldenError::NoVectors { .. } => Family::Usage,
            _ => Family::Format,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            GoldenError::UnknownStem { known, .. } => Some(format!("the checks are {}", choices(known))),
            GoldenError::NoVectors { .. } => Some("give the folder of one method, such as tests/golden/symile".into()),
            _ => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            GoldenError::UnknownStem { .. } => "golden.unknown_stem",
            GoldenError::UnreadKeys { .. } => "golden.unread_keys",
            GoldenError::MissingKey { .. } => "golden.missing_key",
            GoldenError::WrongKind { .. } => "golden.wrong_kind",
            GoldenError::Ragged { .. } => "golden.ragged",
            GoldenError::BadJson { .. } => "golden.bad_json",
            GoldenError::BadTensors { .. } => "golden.bad_tensors",
            GoldenError::TensorType { .. } => "golden.tensor_type",
            GoldenError::NoVectors { .. } => "golden.no_vectors",
        }
    }
}

#[cfg(test)]
mod tests;
