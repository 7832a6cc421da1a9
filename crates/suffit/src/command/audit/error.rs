//! Why a question about data cannot be put.

use suffit_core::{Cause, Family};

/// Why a question about data cannot be put.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Nothing to read.
    #[error("`suffit audit` needs data: a run, `--data FILE`, or files for `--x`, `--z` and `--y`")]
    NoData,
    /// Several files and nothing that says which rows belong together.
    #[error(
        "nothing says which rows of {} belong together: {}",
        .files.join(", "),
        if .shared.is_empty() { "they share no column".to_owned() } else { format!("they share {}", .shared.join(", ")) }
    )]
    NoKey {
        /// The files.
        files: Vec<String>,
        /// Columns that all of them have.
        shared: Vec<String>,
    },
    /// A side that cannot be guessed.
    #[error("which columns of {file} are {side}? Their names do not say: {}", list(.columns))]
    Ask {
        /// `x`, `y` or `z`.
        side: &'static str,
        /// The file.
        file: String,
        /// Its columns.
        columns: Vec<String>,
    },
    /// The target is among what should predict it.
    #[error("column `{column}` of {file} is y and also in {view}: it would tell itself")]
    TargetInside {
        /// The column.
        column: String,
        /// The file.
        file: String,
        /// The side.
        view: String,
    },
}

fn list(columns: &[String]) -> String {
    match columns.get(..12) {
        Some(first) if columns.len() > 12 => format!("{}, … ({} in all)", first.join(", "), columns.len()),
        _ => columns.join(", "),
    }
}

impl Cause for AskError {
    fn family(&self) -> Family {
        match self {
            Self::NoKey { .. } | Self::TargetInside { .. } => Family::Data,
            _ => Family::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoData => "try `suffit audit --data patients.parquet --x raw_* --z emb_* --y outcome`".to_owned(),
            Self::NoKey { .. } => {
                "give `--key COLUMN` (a column of every file), or `--same-order` if row i is the same object everywhere"
                    .to_owned()
            }
            Self::Ask { side, .. } => format!("give `--{side} COLUMNS`, for example `--{side} name_*`"),
            Self::TargetInside { .. } => "leave it out of that pattern".to_owned(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoData => "audit.no_data",
            Self::NoKey { .. } => "audit.no_key",
            Self::Ask { .. } => "audit.ask",
            Self::TargetInside { .. } => "audit.target_inside",
        }
    }
}
