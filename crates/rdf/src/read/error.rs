//! What can go wrong while reading.

use suffit_core::error::CommonError;
use suffit_core::{Cause, Family};

use crate::store::StoreError;

/// A statement that cannot be read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Line from 1, if the format has lines.
    pub line: Option<u64>,
    /// Column from 1, in characters.
    pub column: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            (Some(line), None) => write!(f, "{}:{line}: {}", self.file, self.message),
            _ => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Causes of failure while reading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused.
    #[error(transparent)]
    Io(CommonError),
    /// A folder where a file was expected.
    #[error("{file} is a folder, not a file of triples")]
    Folder {
        /// The path.
        file: String,
    },
    /// Neither name nor content tells the format.
    #[error("cannot tell the format of {file} from its name or its beginning")]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The base IRI is none.
    #[error("the base IRI `{base}` is not an IRI: {reason}")]
    Base {
        /// As given.
        base: String,
        /// What is wrong.
        reason: String,
    },
    /// A statement cannot be read.
    #[error("{0}")]
    Syntax(Problem),
    /// A compressed file is damaged.
    #[error("{file} is damaged as a {packing} file: {reason}")]
    Packed {
        /// The file.
        file: String,
        /// `gzip`, `zstd` or `bzip2`.
        packing: &'static str,
        /// The decoder's words.
        reason: String,
    },
    /// More bytes after decompression than allowed.
    #[error("{file} holds more than {limit} bytes once unpacked")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        limit: u64,
    },
    /// A literal or IRI longer than allowed.
    #[error("{file}, statement {statement}: a literal of {bytes} bytes; at most {limit} are allowed")]
    LongTerm {
        /// The file.
        file: String,
        /// Number of the statement from 1.
        statement: u64,
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// XML entities that grow too large.
    #[error("{file}: the XML entity `{entity}` grows to more than {limit} bytes")]
    Entity {
        /// The file.
        file: String,
        /// The entity.
        entity: String,
        /// The limit.
        limit: u64,
    },
    /// The store is full.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReadError {
    pub(super) fn io(action: &'static str, file: &str, source: std::io::Error) -> Self {
        ReadError::Io(CommonError::io(action, file, source))
    }
}

impl Cause for ReadError {
    fn family(&self) -> Family {
        match self {
            ReadError::Io(cause) => cause.family(),
            ReadError::Store(cause) => cause.family(),
            ReadError::Folder { .. } | ReadError::Base { .. } => Family::Usage,
            ReadError::UnknownFormat { .. } | ReadError::Syntax(_) | ReadError::Packed { .. } => Family::Format,
            ReadError::TooLarge { .. } | ReadError::LongTerm { .. } | ReadError::Entity { .. } => Family::Resource,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            ReadError::Io(cause) => cause.hint(),
            ReadError::Store(cause) => cause.hint(),
            ReadError::Folder { .. } => Some("name the files in it".into()),
            ReadError::Base { .. } => Some("give an absolute IRI such as http://example.org/".into()),
            ReadError::UnknownFormat { .. } => {
                Some("use one of the endings .nt .nq .ttl .trig .rdf .jsonld, with .gz .zst .bz2 after it".into())
            }
            ReadError::Syntax(_) => Some("mend the statement, or go on without it with `--on-error continue`".into()),
            ReadError::Packed { .. } => Some("fetch or write the file again".into()),
            ReadError::TooLarge { .. } => Some("split the file, or raise the limit if you trust its source".into()),
            ReadError::LongTerm { .. } | ReadError::Entity { .. } => {
                Some("no ordinary graph looks like this: check where the file comes from".into())
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ReadError::Io(cause) => cause.code(),
            ReadError::Store(cause) => cause.code(),
            ReadError::Folder { .. } => "rdf.folder",
            ReadError::UnknownFormat { .. } => "rdf.unknown_format",
            ReadError::Base { .. } => "rdf.base",
            ReadError::Syntax(_) => "rdf.syntax",
            ReadError::Packed { .. } => "rdf.packed",
            ReadError::TooLarge { .. } => "rdf.too_large",
            ReadError::LongTerm { .. } => "rdf.long_term",
            ReadError::Entity { .. } => "rdf.entity",
        }
    }
}
