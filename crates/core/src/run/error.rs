//! Causes of failure around run directories.

use std::path::PathBuf;

use crate::error::{Cause, Family};

/// Why a run directory cannot be used as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The folder has no `run.json`.
    #[error("{} is not a run: it has no run.json", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// `run.json` cannot be understood.
    #[error("{} cannot be understood: {source}", path.display())]
    BadInfo {
        /// The file.
        path: PathBuf,
        /// Line and column.
        source: serde_json::Error,
    },
    /// `run.json` was written in a layout that this version does not read.
    #[error("{} has layout {got}; this version reads layout {expected}", path.display())]
    OtherLayout {
        /// The file.
        path: PathBuf,
        /// Its layout.
        got: u32,
        /// Ours.
        expected: u32,
    },
    /// Another process writes the run.
    #[error("{} is being written by process {pid} on {host}", path.display())]
    Locked {
        /// The run.
        path: PathBuf,
        /// Process id of the holder; 0 when it did not say.
        pid: u32,
        /// Its machine.
        host: String,
    },
    /// The handle was opened for reading.
    #[error("cannot write {name}: {} is open for reading only", path.display())]
    ReadOnly {
        /// The run.
        path: PathBuf,
        /// What was to be written.
        name: String,
    },
    /// The output folder is not empty.
    #[error("{} is not empty: it holds {first}", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// One name in it.
        first: String,
    },
    /// The output path is a file.
    #[error("{} is a file, a folder is needed", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The run is complete: nothing is left to do.
    #[error("{} is complete: there is nothing to resume", path.display())]
    AlreadyComplete {
        /// The run.
        path: PathBuf,
    },
    /// Another seed was given than the run was started with.
    #[error("{} was started with seed {recorded}, not {given}", path.display())]
    OtherSeed {
        /// The run.
        path: PathBuf,
        /// Seed in `run.json`.
        recorded: u64,
        /// Seed of the context.
        given: u64,
    },
    /// No run has that name.
    #[error("no run `{name}` in {}", root.display())]
    NotFound {
        /// What was asked for.
        name: String,
        /// Where runs are looked for.
        root: PathBuf,
        /// The nearest name.
        nearest: Option<String>,
    },
    /// Several runs begin like this.
    #[error("`{name}` is the beginning of {} runs: {}", matches.len(), matches.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The runs.
        matches: Vec<String>,
    },
    /// A file name that would leave the run.
    #[error("`{name}` is not a name inside a run: it must be relative and without `..`")]
    BadName {
        /// The name.
        name: String,
    },
    /// A file of the run is not the JSON that was expected.
    #[error("{} is not the JSON that was expected: {source}", path.display())]
    BadJson {
        /// The file.
        path: PathBuf,
        /// Line and column.
        source: serde_json::Error,
    },
    /// A text file holds bytes that are not UTF-8.
    #[error("{} is not UTF-8 text: byte {offset}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Offset of the first bad byte.
        offset: usize,
    },
    /// A value has no JSON form: our mistake.
    #[error("{name} cannot be written as JSON: {source}")]
    CannotEncode {
        /// The file.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
}

impl Cause for RunError {
    fn family(&self) -> Family {
        match self {
            RunError::BadInfo { .. }
            | RunError::OtherLayout { .. }
            | RunError::BadJson { .. }
            | RunError::NotText { .. } => Family::Format,
            RunError::Locked { .. } => Family::Resource,
            RunError::ReadOnly { .. } | RunError::BadName { .. } | RunError::CannotEncode { .. } => Family::Bug,
            RunError::NotARun { .. }
            | RunError::NotEmpty { .. }
            | RunError::NotAFolder { .. }
            | RunError::AlreadyComplete { .. }
            | RunError::OtherSeed { .. }
            | RunError::NotFound { .. }
            | RunError::Ambiguous { .. } => Family::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            RunError::NotARun { .. } => "`suffit runs list` shows the runs".into(),
            RunError::NotFound { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            RunError::NotFound { nearest: None, .. } => "`suffit runs list` shows the runs".into(),
            RunError::Ambiguous { .. } => "give more letters of the name".into(),
            RunError::BadInfo { .. } | RunError::BadJson { .. } | RunError::NotText { .. } => {
                "the file was changed or damaged: `suffit runs verify` names every such file".into()
            }
            RunError::OtherLayout { .. } => "use the version of suffit that wrote the run".into(),
            RunError::Locked { .. } => "wait until it ends or stop it; one process writes a run at a time".into(),
            RunError::NotEmpty { .. } => "choose a new folder, or `--resume` if it holds a run".into(),
            RunError::NotAFolder { .. } => "choose another name".into(),
            RunError::AlreadyComplete { .. } => "start a new run to train again".into(),
            RunError::OtherSeed { recorded, .. } => format!("leave `--seed` out or give `--seed {recorded}`"),
            RunError::ReadOnly { .. } | RunError::BadName { .. } | RunError::CannotEncode { .. } => {
                "this is our mistake: please report it".into()
            }
        })
    }

    fn code(&self) -> &'static str {
        match self {
            RunError::NotARun { .. } => "run.not_a_run",
            RunError::BadInfo { .. } => "run.bad_info",
            RunError::OtherLayout { .. } => "run.other_layout",
            RunError::Locked { .. } => "run.locked",
            RunError::ReadOnly { .. } => "run.read_only",
            RunError::NotEmpty { .. } => "run.not_empty",
            RunError::NotAFolder { .. } => "run.not_a_folder",
            RunError::AlreadyComplete { .. } => "run.already_complete",
            RunError::OtherSeed { .. } => "run.other_seed",
            RunError::NotFound { .. } => "run.not_found",
            RunError::Ambiguous { .. } => "run.ambiguous",
            RunError::BadName { .. } => "run.bad_name",
            RunError::BadJson { .. } => "run.bad_json",
            RunError::NotText { .. } => "run.not_text",
            RunError::CannotEncode { .. } => "run.cannot_encode",
        }
    }
}
