//! The record: how to get the result again.

use serde::{Deserialize, Serialize};

/// Everything needed to repeat a run. Paths are relative to the run directory where they can be.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The resolved configuration, every default spelled out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<Setting>,
    /// The data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Seeds by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<Fact>,
    /// Versions of product, compiler, main libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Fact>,
    /// Processor, cores, memory, threads, start, duration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machine: Vec<Fact>,
    /// The exact commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
    /// Files of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLink>,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// Value as text.
    pub value: String,
}

/// One configuration key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Dotted key: `train.epochs`.
    pub key: String,
    /// Value as written in the configuration.
    pub value: String,
    /// The default as text; a value that differs from it is marked. `None`: it has no default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Setting {
    /// Whether the value is not the default.
    pub fn changed(&self) -> bool {
        self.default.as_ref() != Some(&self.value)
    }
}

/// One data source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// File name or relative path.
    pub name: String,
    /// Rows read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Size on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Digest, with the algorithm in front: `blake3:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Licence or origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Input {
    /// A source by name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), rows: None, bytes: None, digest: None, note: None }
    }

    /// With its number of rows.
    #[must_use]
    pub fn rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// With its size.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// With its digest.
    #[must_use]
    pub fn digest(mut self, digest: impl Into<String>) -> Self {
        self.digest = Some(digest.into());
        self
    }

    /// With its licence or origin.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// One command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What it is for: "repeat this run".
    pub purpose: String,
    /// The line to type.
    pub line: String,
}

/// A file of the run. The link works when the report lies in the run directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLink {
    /// Path relative to the run directory, with `/`.
    pub path: String,
    /// What it holds.
    pub what: String,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Record {
    /// An empty record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a configuration key with its default.
    #[must_use]
    pub fn setting(mut self, key: impl Into<String>, value: impl ToString, default: impl ToString) -> Self {
        let (value, default) = (value.to_string(), Some(default.to_string()));
        self.config.push(Setting { key: key.into(), value, default });
        self
    }

    /// Adds a configuration key that has no default.
    #[must_use]
    pub fn required_setting(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.config.push(Setting { key: key.into(), value: value.to_string(), default: None });
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    /// Adds a seed.
    #[must_use]
    pub fn seed(mut self, name: impl Into<String>, seed: u64) -> Self {
        self.seeds.push(Fact { name: name.into(), value: seed.to_string() });
        self
    }

    /// Adds a version.
    #[must_use]
    pub fn version(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.versions.push(Fact { name: name.into(), value: version.into() });
        self
    }

    /// Adds a fact about machine, threads or time.
    #[must_use]
    pub fn machine(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.machine.push(Fact { name: name.into(), value: value.to_string() });
        self
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, purpose: impl Into<String>, line: impl Into<String>) -> Self {
        self.commands.push(Command { purpose: purpose.into(), line: line.into() });
        self
    }

    /// Adds a file of the run.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, what: impl Into<String>, bytes: Option<u64>) -> Self {
        self.files.push(FileLink { path: path.into(), what: what.into(), bytes });
        self
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl FileLink {
    /// Whether the path stays inside the run directory: relative, no `..`, no scheme, no drive.
    pub(crate) fn inside(&self) -> bool {
        !self.path.is_empty()
            && !self.path.starts_with('/')
            && !self.path.contains(['\\', ':'])
            && self.path.split('/').all(|part| part != "..")
    }
}
