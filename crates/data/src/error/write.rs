//! Columns that a format cannot hold.

use suffit_core::{Cause, Family};

/// Why rows cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The extension says nothing we can write.
    #[error(
        "{path}: the ending `{extension}` is not one that can be written (possible: .parquet, .csv, .tsv, .npy, .npz, .safetensors, .jsonl)"
    )]
    Extension {
        /// The file.
        path: String,
        /// Its ending.
        extension: String,
    },
    /// A column type the format has no place for.
    #[error("{path}: column `{column}` is {got}, which {format} cannot hold")]
    ColumnType {
        /// The file.
        path: String,
        /// The column.
        column: String,
        /// Its type.
        got: String,
        /// The format.
        format: &'static str,
    },
    /// A missing value in a format without missing values.
    #[error("{path} row {row}, column `{column}`: missing, and {format} cannot hold missing values")]
    Missing {
        /// The file.
        path: String,
        /// Row from 1.
        row: u64,
        /// The column.
        column: String,
        /// The format.
        format: &'static str,
    },
    /// An npy file holds one array of one type.
    #[error("{path}: an npy file holds one array of one type, these are {columns} columns of several types")]
    NotOneArray {
        /// The file.
        path: String,
        /// Number of columns.
        columns: usize,
    },
    /// A batch with other columns than the first.
    #[error("{path}: a batch has other columns than the file")]
    Schema {
        /// The file.
        path: String,
    },
    /// The Parquet writer's complaint.
    #[error("{path} cannot be written as Parquet: {source}")]
    Parquet {
        /// The file.
        path: String,
        /// The cause.
        source: parquet::errors::ParquetError,
    },
    /// The CSV writer's complaint.
    #[error("{path} cannot be written as CSV: {source}")]
    Csv {
        /// The file.
        path: String,
        /// The cause.
        source: csv::Error,
    },
    /// The zip writer's complaint.
    #[error("{path} cannot be written as a zip archive: {source}")]
    Zip {
        /// The file.
        path: String,
        /// The cause.
        source: zip::result::ZipError,
    },
    /// The safetensors writer's complaint.
    #[error("{path} cannot be written as safetensors: {source}")]
    Safetensors {
        /// The file.
        path: String,
        /// The cause.
        source: safetensors::SafeTensorError,
    },
}

impl Cause for WriteError {
    fn family(&self) -> Family {
        match self {
            WriteError::Extension { .. } => Family::Usage,
            WriteError::ColumnType { .. } | WriteError::Missing { .. } | WriteError::NotOneArray { .. } => {
                Family::Format
            }
            WriteError::Schema { .. } => Family::Bug,
            _ => Family::Io,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            WriteError::ColumnType { .. } | WriteError::Missing { .. } | WriteError::NotOneArray { .. } => {
                Some("write .parquet, which holds every type and missing values".into())
            }
            _ => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            WriteError::Extension { .. } => "write.extension",
            WriteError::ColumnType { .. } => "write.column_type",
            WriteError::Missing { .. } => "write.missing",
            WriteError::NotOneArray { .. } => "write.not_one_array",
            WriteError::Schema { .. } => "write.schema",
            WriteError::Parquet { .. } => "write.parquet",
            WriteError::Csv { .. } => "write.csv",
            WriteError::Zip { .. } => "write.zip",
            WriteError::Safetensors { .. } => "write.safetensors",
        }
    }
}
