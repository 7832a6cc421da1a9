//! Data sets as methods see them: Arrow batches with columns bound to roles.
//!
//! The readers that turn files into a [`Source`] live in `suffit-data`; here are only the words.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::error::Result;

/// The kind of a data set; decides which methods accept it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Rows are independent records.
    Table,
    /// Rows belong to sets by a group key.
    Sets,
    /// Rows are tuples of aligned views.
    Tuples,
    /// Graphs.
    Graph,
    /// Sampled signals.
    Signal,
    /// Images.
    Image,
    /// Trajectories of a decision process.
    Trajectory,
    /// Subject–predicate–object triples.
    Triples,
}

/// What a column is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Features of one named view (modality).
    View(String),
    /// Indicator that the named view is present in the row (1 = present).
    Present(String),
    /// Plain features.
    Features,
    /// The label.
    Label,
    /// Row identifier.
    Id,
    /// Group for sets, grouped splits and cluster intervals.
    Group,
    /// `train`, `val` or `test`.
    Split,
    /// Row weight.
    Weight,
    /// Time.
    Time,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Role::View(name) => write!(f, "view:{name}"),
            Role::Present(name) => write!(f, "present:{name}"),
            Role::Features => f.write_str("features"),
            Role::Label => f.write_str("label"),
            Role::Id => f.write_str("id"),
            Role::Group => f.write_str("group"),
            Role::Split => f.write_str("split"),
            Role::Weight => f.write_str("weight"),
            Role::Time => f.write_str("time"),
        }
    }
}

/// Which columns play which role. Views keep the order in which they were bound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    order: Vec<Role>,
    columns: BTreeMap<Role, Vec<String>>,
}

impl Roles {
    /// Binds columns to a role, replacing what was bound.
    pub fn bind(&mut self, role: Role, columns: Vec<String>) {
        if self.columns.insert(role.clone(), columns).is_none() {
            self.order.push(role);
        }
    }

    /// Columns of a role; empty when unbound.
    pub fn get(&self, role: &Role) -> &[String] {
        self.columns.get(role).map_or(&[], Vec::as_slice)
    }

    /// The one column of a role.
    pub fn one(&self, role: &Role) -> Option<&str> {
        self.get(role).first().map(String::as_str)
    }

    /// Names of the views, in binding order.
    pub fn views(&self) -> Vec<&str> {
        self.order
            .iter()
            .filter_map(|r| match r {
                Role::View(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// All bound roles in binding order.
    pub fn iter(&self) -> impl Iterator<Item = (&Role, &[String])> {
        self.order.iter().map(|r| (r, self.get(r)))
    }
}

/// A file behind a data set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileInfo {
    /// Path as given, or `bundled:NAME`.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 of the content, hexadecimal.
    pub digest: String,
}

/// Where a row of the data set came from, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// File (or `bundled:NAME`).
    pub file: String,
    /// Row within that file, counting data rows from 1.
    pub row: u64,
}

/// A lazy, re-readable table.
pub trait Source: Send + Sync {
    /// The columns.
    fn schema(&self) -> SchemaRef;

    /// Number of rows, where it is cheap to know.
    fn rows(&self) -> Option<u64>;

    /// The files behind it.
    ///
    /// # Errors
    /// I/O while computing digests.
    fn files(&self) -> Result<Vec<FileInfo>>;

    /// Reads from the first row, keeping only `columns` (all when `None`), in schema order, at
    /// most `batch_rows` rows at a time.
    ///
    /// # Errors
    /// I/O and format errors with the file's name; the iterator yields later ones.
    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches>;

    /// Where row `row` (from 0) of column `column` came from.
    fn locate(&self, column: &str, row: u64) -> Location;
}

/// Iterator over record batches.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// A source with a kind and bound roles.
#[derive(Clone)]
pub struct Dataset {
    /// Short name for messages: the file name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// The rows.
    pub source: Arc<dyn Source>,
    /// Column roles.
    pub roles: Roles,
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}
