//! Bytes to typed data sets to batches.
//!
//! - [`open()`]: paths, views and roles to a [`Dataset`](suffit_core::Dataset), with the decisions it took
//! - [`read`] and [`write`](mod@write): Parquet, CSV/TSV, npy/npz, safetensors, JSON lines (out only)
//! - [`view`], [`token`], [`label`]: what methods compute on, with every bad value named
//! - [`split`] and [`batch`]: who is in which part, and in which order rows are visited
//! - [`generate`]: the papers' generators with their exact information
//! - [`bundle`]: small licensed data inside the library
//!
//! Errors name the file, the row (data rows count from 1) and the column.

pub mod batch;
pub mod bundle;
pub mod column;
pub mod decision;
pub mod error;
#[path = "gen/mod.rs"]
pub mod generate;
pub mod label;
pub mod limit;
pub mod open;
pub mod read;
pub mod sniff;
pub mod source;
pub mod split;
pub mod token;
pub mod view;
pub mod write;

pub use column::Selector;
pub use decision::Decision;
pub use error::{BindError, FormatError, ValueError, WriteError};
pub use label::{Labels, groups, ids, labels, splits};
pub use open::{OpenRequest, ViewSpec, open};
pub use split::{Part, Split};
pub use token::{TokenMatrix, TokenOptions, token_matrix};
pub use view::{ViewMatrix, ViewOptions, view_matrix};
pub use write::Writer;
