//! What can go wrong while learning, as causes with data.

use suffit_core::{Cause, Family};

/// Causes of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NnError {
    /// A value that must be finite is not; `train::fit` turns it into [`NnError::Diverged`].
    #[error("the {what} is {value}")]
    NotFinite {
        /// `loss` or `gradient norm`.
        what: String,
        /// The value.
        value: f64,
    },
    /// Training left the finite numbers.
    #[error("training diverged at step {step}: the {what} is {value}{}", last_good_text(*.last_good))]
    Diverged {
        /// What became infinite or NaN: `loss`, `gradient norm` or a name the task reported.
        what: String,
        /// Its value.
        value: f64,
        /// The step at which it happened (finished steps before it).
        step: u64,
        /// The newest checkpoint written before.
        last_good: Option<u64>,
    },
    /// A tensor that must be there is not.
    #[error("{origin} holds no tensor `{name}`{}", nearest_text(.nearest.as_deref()))]
    TensorMissing {
        /// File or other place.
        origin: String,
        /// Its name.
        name: String,
        /// The name that is there and comes nearest.
        nearest: Option<String>,
    },
    /// A tensor that nothing here uses.
    #[error("{origin} holds the tensor `{name}`, which this model does not have")]
    TensorUnknown {
        /// File or other place.
        origin: String,
        /// Its name.
        name: String,
    },
    /// A tensor has another shape.
    #[error("tensor `{name}` of {origin} has shape {got:?}, expected {expected:?}")]
    TensorShape {
        /// File or other place.
        origin: String,
        /// Its name.
        name: String,
        /// Its shape.
        got: Vec<usize>,
        /// The shape that the model needs.
        expected: Vec<usize>,
    },
    /// A tensor holds another kind of number.
    #[error("tensor `{name}` of {origin} holds {got} numbers, expected {expected}")]
    TensorDtype {
        /// File or other place.
        origin: String,
        /// Its name.
        name: String,
        /// Its kind of number.
        got: String,
        /// The kinds that are accepted here.
        expected: String,
    },
    /// A tensor's byte count does not fit its shape.
    #[error("tensor `{name}` of {origin} has {got} bytes, its shape needs {expected}")]
    TensorBytes {
        /// File or other place.
        origin: String,
        /// Its name.
        name: String,
        /// Bytes present.
        got: usize,
        /// Bytes that the shape and kind of number need.
        expected: usize,
    },
    /// Bytes that are not a safetensors file.
    #[error("{origin} is not a readable safetensors file: {source}")]
    Safetensors {
        /// File or other place.
        origin: String,
        /// What the reader found.
        source: safetensors::SafeTensorError,
    },
    /// A header or state that is not the JSON it should be.
    #[error("{origin} does not hold the expected JSON: {source}")]
    Json {
        /// File or other place.
        origin: String,
        /// What the parser found.
        source: serde_json::Error,
    },
    /// A file of a checkpoint is absent.
    #[error("the checkpoint of step {step} has no `{file}`")]
    CheckpointFile {
        /// The step.
        step: u64,
        /// The file.
        file: &'static str,
    },
    /// A checkpoint was written by another version.
    #[error("the checkpoint of step {step} has training-state format {got}, this version reads {expected}")]
    CheckpointFormat {
        /// The step.
        step: u64,
        /// Format found.
        got: u64,
        /// Format read here.
        expected: u64,
    },
    /// A checkpoint belongs to other settings.
    #[error(
        "the checkpoint of step {step} was made with `{key}` = {saved}, now it is {now}: it cannot be continued exactly"
    )]
    ResumeMismatch {
        /// The step.
        step: u64,
        /// The setting.
        key: String,
        /// Its value in the checkpoint.
        saved: String,
        /// Its value now.
        now: String,
    },
    /// The value to watch is not among those that the evaluation gave.
    #[error("the evaluation gives no `{name}` to watch, only: {}", .have.join(", "))]
    MonitorMissing {
        /// The name watched.
        name: String,
        /// Names given.
        have: Vec<String>,
    },
    /// Sizes that must agree do not.
    #[error("{what}: got {got}, expected {expected}")]
    Size {
        /// What has the size.
        what: String,
        /// The size.
        got: String,
        /// The size that fits.
        expected: String,
    },
    /// A value of the training data is not finite.
    #[error("value in row {row}, column {column} is {value}")]
    Value {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A statistic was asked of no rows.
    #[error("no observed rows to compute {what} from")]
    NoRows {
        /// The statistic.
        what: &'static str,
    },
    /// A token is not in the vocabulary.
    #[error("token {id} in row {row}, position {position} is outside the vocabulary of {vocabulary}")]
    Token {
        /// Row, from 0.
        row: usize,
        /// Position, from 0.
        position: usize,
        /// The token.
        id: i64,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// The thread pool has another size already.
    #[error("{asked} threads asked, but the process already works with {running}")]
    Threads {
        /// Asked.
        asked: usize,
        /// In use.
        running: usize,
    },
    /// The system gave no threads.
    #[error("cannot start {asked} worker threads: {source}")]
    ThreadPool {
        /// Asked.
        asked: usize,
        /// The system's answer.
        source: rayon::ThreadPoolBuildError,
    },
    /// The device did not give a tensor back.
    #[error("cannot read {what} from the device: {detail}")]
    Readback {
        /// The tensor.
        what: String,
        /// The device's answer.
        detail: String,
    },
}

fn last_good_text(last_good: Option<u64>) -> String {
    match last_good {
        Some(step) => format!("; the last good checkpoint is of step {step}"),
        None => "; there is no checkpoint before it".into(),
    }
}

fn nearest_text(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Cause for NnError {
    fn family(&self) -> Family {
        match self {
            NnError::NotFinite { .. } | NnError::Diverged { .. } | NnError::Value { .. } => Family::Data,
            NnError::NoRows { .. } | NnError::Token { .. } => Family::Data,
            NnError::TensorShape { .. } | NnError::Size { .. } => Family::Shape,
            NnError::TensorMissing { .. }
            | NnError::TensorUnknown { .. }
            | NnError::TensorDtype { .. }
            | NnError::TensorBytes { .. }
            | NnError::Safetensors { .. }
            | NnError::Json { .. }
            | NnError::CheckpointFile { .. }
            | NnError::CheckpointFormat { .. } => Family::Format,
            NnError::ResumeMismatch { .. } => Family::Config,
            NnError::Threads { .. } | NnError::ThreadPool { .. } | NnError::Readback { .. } => Family::Resource,
            NnError::MonitorMissing { .. } => Family::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            NnError::NotFinite { .. } | NnError::Diverged { .. } => {
                Some("lower train.learning_rate or the initial scale, or set train.clip_norm = 1".into())
            }
            NnError::ResumeMismatch { .. } => Some("start a new run for new settings".into()),
            NnError::CheckpointFormat { .. } => {
                Some("start a new run, or continue with the version that wrote it".into())
            }
            NnError::Threads { running, .. } => Some(format!("use --threads {running}, or a process of its own")),
            NnError::TensorDtype { expected, .. } => Some(format!("save the tensor as {expected}")),
            NnError::Value { .. } => Some("remove the row or mark it as missing".into()),
            NnError::MonitorMissing { .. } => {
                Some("this is our mistake: please report it with the log of the run".into())
            }
            _ => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            NnError::NotFinite { .. } => "nn.not_finite",
            NnError::Diverged { .. } => "nn.diverged",
            NnError::TensorMissing { .. } => "nn.tensor_missing",
            NnError::TensorUnknown { .. } => "nn.tensor_unknown",
            NnError::TensorShape { .. } => "nn.tensor_shape",
            NnError::TensorDtype { .. } => "nn.tensor_dtype",
            NnError::TensorBytes { .. } => "nn.tensor_bytes",
            NnError::Safetensors { .. } => "nn.safetensors",
            NnError::Json { .. } => "nn.json",
            NnError::CheckpointFile { .. } => "nn.checkpoint_file",
            NnError::CheckpointFormat { .. } => "nn.checkpoint_format",
            NnError::ResumeMismatch { .. } => "nn.resume_mismatch",
            NnError::MonitorMissing { .. } => "nn.monitor_missing",
            NnError::Size { .. } => "nn.size",
            NnError::Value { .. } => "nn.value",
            NnError::NoRows { .. } => "nn.no_rows",
            NnError::Token { .. } => "nn.token",
            NnError::Threads { .. } => "nn.threads",
            NnError::ThreadPool { .. } => "nn.thread_pool",
            NnError::Readback { .. } => "nn.readback",
        }
    }
}
