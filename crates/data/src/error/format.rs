//! A file is not what its name or header says.

use suffit_core::{Cause, Family};

use super::did_you_mean;

/// Formats that can be read, for messages.
pub(crate) const ACCEPTED: &str = ".parquet, .csv, .tsv, .npy, .npz, .safetensors or a folder of them";

/// Why a file cannot be read as what it claims to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The extension says nothing we know.
    #[error("{path}: the ending `{extension}` is not one that can be read (accepted: {ACCEPTED})")]
    Extension {
        /// The file.
        path: String,
        /// Its ending.
        extension: String,
    },
    /// A pickle: opening it would run its code.
    #[error("{path} is a pickle ({kind}): reading one can run any code hidden in it, so it is refused")]
    Pickle {
        /// The file.
        path: String,
        /// What kind of pickle.
        kind: &'static str,
        /// The one-line conversion.
        conversion: String,
    },
    /// A format that comes later.
    #[error("{path}: {format} files cannot be read yet (accepted: {ACCEPTED})")]
    NotYet {
        /// The file.
        path: String,
        /// The format.
        format: &'static str,
        /// The one-line conversion.
        conversion: String,
    },
    /// Nothing in it.
    #[error("{path} is empty (0 bytes)")]
    Empty {
        /// The file.
        path: String,
    },
    /// The first bytes are wrong.
    #[error("{path} is not {expected}: it begins with {got}")]
    Magic {
        /// The file or `file[entry]`.
        path: String,
        /// What the name promises.
        expected: &'static str,
        /// The first bytes, escaped.
        got: String,
    },
    /// The header claims more, or less, than there is.
    #[error("{path}: the header asks for {expected} bytes of data but there are {got}")]
    Size {
        /// The file or `file[entry]`.
        path: String,
        /// Bytes claimed.
        expected: u64,
        /// Bytes there.
        got: u64,
    },
    /// A header field cannot be understood.
    #[error("{path}: {field} is `{got}`, expected {expected}")]
    Header {
        /// The file or `file[entry]`.
        path: String,
        /// Which field.
        field: &'static str,
        /// What it holds, shortened.
        got: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// A claim above a limit.
    #[error("{path}: {what} is {got}, the limit is {limit}")]
    Limit {
        /// The file or `file[entry]`.
        path: String,
        /// What is too large.
        what: &'static str,
        /// The claim.
        got: u64,
        /// The limit.
        limit: u64,
    },
    /// An element type with no place in a data set.
    #[error("{path}: `{array}` has element type {dtype}, which is not read here")]
    ElementType {
        /// The file.
        path: String,
        /// The array or column.
        array: String,
        /// Its type.
        dtype: String,
        /// What to do.
        hint: &'static str,
    },
    /// A Python object array, which is a pickle inside.
    #[error("{path}: `{array}` is an array of Python objects (a pickle inside): refused")]
    Objects {
        /// The file.
        path: String,
        /// The array.
        array: String,
        /// The one-line conversion.
        conversion: String,
    },
    /// An array without rows.
    #[error("{path}: `{array}` is a single value, not an array with one entry per row")]
    NoRows {
        /// The file.
        path: String,
        /// The array.
        array: String,
    },
    /// No such array in the archive.
    #[error("{path} has no array `{key}`{}", did_you_mean(.nearest))]
    NoArray {
        /// The file.
        path: String,
        /// The array asked for.
        key: String,
        /// Nearest names.
        nearest: Vec<String>,
    },
    /// Two arrays or files that should be aligned are not.
    #[error("row counts differ: {first} has {first_rows} rows, {second} has {second_rows}")]
    RowCounts {
        /// First file or array.
        first: String,
        /// Its rows.
        first_rows: u64,
        /// Second file or array.
        second: String,
        /// Its rows.
        second_rows: u64,
    },
    /// Files that should be parts of one table are not.
    #[error("{second}: column `{column}` is {got}, but in {first} it is {expected}")]
    Schemas {
        /// The file that sets the columns.
        first: String,
        /// The file that differs.
        second: String,
        /// The column.
        column: String,
        /// What it is there.
        got: String,
        /// What it should be.
        expected: String,
    },
    /// The Parquet reader's complaint.
    #[error("{path} cannot be read as Parquet: {source}")]
    Parquet {
        /// The file.
        path: String,
        /// The cause.
        source: parquet::errors::ParquetError,
    },
    /// Pages that contradict each other.
    #[error("{path} is damaged: the parts of the Parquet file contradict each other")]
    Damaged {
        /// The file.
        path: String,
    },
    /// Arrow's complaint while a batch was put together.
    #[error("{path} cannot be turned into columns: {source}")]
    Arrow {
        /// The file.
        path: String,
        /// The cause.
        source: arrow_schema::ArrowError,
    },
    /// The zip reader's complaint.
    #[error("{path} cannot be read as a zip archive: {source}")]
    Zip {
        /// The file or `file[entry]`.
        path: String,
        /// The cause.
        source: zip::result::ZipError,
    },
    /// A name in an archive that points outside.
    #[error("{path} holds an entry named `{entry}`, which points outside the archive: refused")]
    EntryName {
        /// The archive.
        path: String,
        /// The entry.
        entry: String,
    },
    /// A safetensors header that is not JSON of the right form.
    #[error("{path}: the safetensors header is not valid: {source}")]
    Json {
        /// The file.
        path: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// Tensors must cover the data without gaps or overlaps.
    #[error(
        "{path}: tensor `{tensor}` begins at byte {got} of the data, expected {expected} (tensors may neither overlap nor leave gaps)"
    )]
    Offsets {
        /// The file.
        path: String,
        /// The tensor.
        tensor: String,
        /// Its first byte.
        got: u64,
        /// Where the one before it ends.
        expected: u64,
    },
    /// Text that is not UTF-8.
    #[error("{path} row {row}, column `{column}`: not UTF-8 text")]
    NotUtf8 {
        /// The file.
        path: String,
        /// Data row from 1; 0 is the header.
        row: u64,
        /// The column.
        column: String,
    },
    /// Text in UTF-16.
    #[error("{path} is UTF-16 text, expected UTF-8")]
    Utf16 {
        /// The file.
        path: String,
    },
    /// A row with too many or too few cells.
    #[error("{path} row {row} (line {line}) has {got} cells, expected {expected} as in the header")]
    Ragged {
        /// The file.
        path: String,
        /// Data row from 1.
        row: u64,
        /// Line in the file from 1.
        line: u64,
        /// Cells there.
        got: u64,
        /// Cells in the header.
        expected: u64,
    },
    /// A cell whose type is not the column's.
    #[error("{path} row {row}, column `{column}`: `{got}` is not {expected}")]
    Cell {
        /// The file.
        path: String,
        /// Data row from 1.
        row: u64,
        /// The column.
        column: String,
        /// The cell, shortened.
        got: String,
        /// The type of the column.
        expected: &'static str,
    },
    /// Two columns of one name.
    #[error("{path}: columns {first} and {second} are both named `{column}`")]
    Duplicate {
        /// The file.
        path: String,
        /// The name.
        column: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second.
        second: usize,
    },
    /// The CSV reader's complaint.
    #[error("{path} cannot be read as CSV: {source}")]
    Csv {
        /// The file.
        path: String,
        /// The cause.
        source: csv::Error,
    },
    /// A header without data.
    #[error("{path} has columns but no rows")]
    HeaderOnly {
        /// The file.
        path: String,
    },
    /// A folder with nothing to read.
    #[error("the folder {path} holds no file that can be read (accepted: {ACCEPTED})")]
    EmptyFolder {
        /// The folder.
        path: String,
    },
    /// A file changed between opening and reading.
    #[error("{path} changed while it was being read: it had {expected} rows, now {got}")]
    Changed {
        /// The file.
        path: String,
        /// Rows at opening.
        expected: u64,
        /// Rows now.
        got: u64,
    },
}

impl Cause for FormatError {
    fn family(&self) -> Family {
        match self {
            FormatError::RowCounts { .. } => Family::Shape,
            FormatError::Limit { .. } => Family::Resource,
            FormatError::Cell { .. } => Family::Data,
            FormatError::NoArray { .. } => Family::Usage,
            _ => Family::Format,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            FormatError::Pickle { conversion, .. } => format!("if you trust the file, convert it once: {conversion}"),
            FormatError::NotYet { conversion, .. } | FormatError::Objects { conversion, .. } => {
                format!("convert it once: {conversion}")
            }
            FormatError::Size { .. } | FormatError::Changed { .. } => {
                "the file is damaged or still being written: copy it again".into()
            }
            FormatError::ElementType { hint, .. } => (*hint).into(),
            FormatError::RowCounts { .. } => {
                "row i of every view must be the same sample; give `--key COLUMN` to align files by a key instead"
                    .into()
            }
            FormatError::NotUtf8 { path, .. } => {
                format!("if it is Latin-1: iconv -f latin1 -t utf-8 {path} > utf8.csv")
            }
            FormatError::Utf16 { path } => format!("convert it: iconv -f utf-16 -t utf-8 {path} > utf8.csv"),
            FormatError::Ragged { .. } => {
                "look for an unquoted delimiter or a missing cell in that line; `--delimiter` sets another delimiter"
                    .into()
            }
            FormatError::Duplicate { .. } => "rename one of them; if the first line is data, give `--no-header`".into(),
            FormatError::Zip { .. } | FormatError::Parquet { .. } | FormatError::Damaged { .. } => {
                "the file may be cut short: compare its size with the original".into()
            }
            FormatError::Schemas { .. } => {
                "files given together are read as parts of one table: give other views with `--view NAME=FILE`".into()
            }
            FormatError::Empty { .. } | FormatError::HeaderOnly { .. } | FormatError::EmptyFolder { .. } => {
                "check the step that wrote it".into()
            }
            FormatError::NoRows { .. } => "choose another array with `FILE[KEY]`".into(),
            _ => return None,
        })
    }

    fn code(&self) -> &'static str {
        match self {
            FormatError::Extension { .. } => "format.extension",
            FormatError::Pickle { .. } => "format.pickle",
            FormatError::NotYet { .. } => "format.not_yet",
            FormatError::Empty { .. } => "format.empty",
            FormatError::Magic { .. } => "format.magic",
            FormatError::Size { .. } => "format.size",
            FormatError::Header { .. } => "format.header",
            FormatError::Limit { .. } => "format.limit",
            FormatError::ElementType { .. } => "format.element_type",
            FormatError::Objects { .. } => "format.objects",
            FormatError::NoRows { .. } => "format.no_rows",
            FormatError::NoArray { .. } => "format.no_array",
            FormatError::RowCounts { .. } => "data.row_counts",
            FormatError::Schemas { .. } => "format.schemas",
            FormatError::Parquet { .. } => "format.parquet",
            FormatError::Damaged { .. } => "format.damaged",
            FormatError::Arrow { .. } => "format.arrow",
            FormatError::Zip { .. } => "format.zip",
            FormatError::EntryName { .. } => "format.entry_name",
            FormatError::Json { .. } => "format.json",
            FormatError::Offsets { .. } => "format.offsets",
            FormatError::NotUtf8 { .. } => "format.not_utf8",
            FormatError::Utf16 { .. } => "format.utf16",
            FormatError::Ragged { .. } => "format.ragged",
            FormatError::Cell { .. } => "data.cell",
            FormatError::Duplicate { .. } => "format.duplicate_column",
            FormatError::Csv { .. } => "format.csv",
            FormatError::HeaderOnly { .. } => "format.header_only",
            FormatError::EmptyFolder { .. } => "format.empty_folder",
            FormatError::Changed { .. } => "format.changed",
        }
    }
}
