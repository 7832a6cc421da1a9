//! Limits on what a file may claim. A claim above a limit is an error that names both numbers; no
//! memory is reserved for a claim before the file's size has been compared with it.

/// Largest JSON header of a safetensors file (the format's own limit).
pub const SAFETENSORS_HEADER_BYTES: u64 = 100_000_000;

/// Largest header of an npy array; NumPy refuses headers above 10,000 bytes by default, structured
/// types aside (which are refused here).
pub const NPY_HEADER_BYTES: u64 = 65_535;

/// Largest number of axes of an array.
pub const ARRAY_AXES: usize = 16;

/// Largest number of columns of a table.
pub const COLUMNS: usize = 100_000;

/// Largest number of values in one row of an array.
pub const ROW_VALUES: u64 = 1 << 28;

/// Largest number of entries of an npz archive or files of a folder.
pub const ENTRIES: usize = 10_000;

/// Largest number of bytes of a deflated Fortran-ordered array, which must be held whole.
pub const HELD_BYTES: u64 = 4 << 30;

/// Largest size of one CSV cell.
pub const CELL_BYTES: usize = 1 << 20;

/// Rows looked at when roles are guessed.
pub const SNIFF_ROWS: usize = 4_096;

/// Problems listed by a validation pass; the rest is counted.
pub const PROBLEMS: usize = 20;

/// Rows per batch when nobody asks for another number.
pub const BATCH_ROWS: usize = 8_192;

/// Most classes a guessed label may have.
pub const GUESSED_CLASSES: usize = 100;
