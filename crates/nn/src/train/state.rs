//! What a checkpoint holds: the task's state and the loop's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use suffit_core::{Result, TrainConfig};

use super::Stopped;
use crate::blob::Tensors;
use crate::error::NnError;
use crate::export::{self, Metadata};

/// Version of the layout of `state.json` and the names of the files beside it.
const FORMAT: u64 = 1;

const MODEL: &str = "model.safetensors";
const OPTIM: &str = "optim.safetensors";
const BEST: &str = "best.safetensors";
const STATE: &str = "state.json";

/// The state of a task between two steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Parameters by name, and whatever else the weights consist of: what "best weights" keeps.
    pub model: Tensors,
    /// Moments of the optimiser.
    pub optim: Tensors,
    /// Anything else.
    pub json: Value,
}

/// One logged value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps finished.
    pub step: u64,
    /// `train` or `val`.
    pub split: String,
    /// What was measured.
    pub name: String,
    /// The value.
    #[serde(serialize_with = "write_number", deserialize_with = "read_number")]
    pub value: f64,
}

/// The best evaluation so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Best {
    pub step: u64,
    pub value: f64,
}

/// A training value summed since it was last logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub name: String,
    #[serde(serialize_with = "write_number", deserialize_with = "read_number")]
    pub sum: f64,
    pub count: u64,
}

/// The loop's own state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    /// Steps finished.
    pub step: u64,
    pub best: Option<Best>,
    /// Evaluations since the best one.
    pub stale: u64,
    pub stopped: Option<Stopped>,
    /// Whether the evaluation before the first step is done (or not wanted).
    pub started: bool,
    pub sums: Vec<Sum>,
    pub history: Vec<Point>,
    /// Events in the metrics file.
    pub events: u64,
}

/// A whole checkpoint in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Snapshot {
    pub progress: Progress,
    pub task: State,
    pub best: Option<Tensors>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    format: u64,
    progress: Progress,
    train: BTreeMap<String, Value>,
    task: Value,
}

impl Snapshot {
    /// The files of the checkpoint, same content = same bytes.
    pub fn to_files(&self, config: &TrainConfig) -> Result<BTreeMap<String, Vec<u8>>> {
        let none = Metadata::default();
        let state =
            json!({"format": FORMAT, "progress": self.progress, "train": settings(config)?, "task": self.task.json});
        let text = serde_json::to_vec(&state).map_err(|source| NnError::Json { origin: STATE.into(), source })?;
        let mut files = BTreeMap::from([
            (MODEL.to_owned(), export::to_bytes(&self.task.model, &none)?),
            (OPTIM.to_owned(), export::to_bytes(&self.task.optim, &none)?),
            (STATE.to_owned(), text),
        ]);
        if let Some(best) = &self.best {
            files.insert(BEST.to_owned(), export::to_bytes(best, &none)?);
        }
        Ok(files)
    }

    /// The reverse; refuses other formats and other settings.
    pub fn from_files(step: u64, files: &BTreeMap<String, Vec<u8>>, config: &TrainConfig) -> Result<Self> {
        let origin = |file: &str| format!("{file} of the checkpoint of step {step}");
        let find = |file: &'static str| files.get(file).ok_or(NnError::CheckpointFile { step, file });
        let explain = |source| NnError::Json { origin: origin(STATE), source };
        let text = find(STATE)?;
        // The format first: other formats may differ in everything else.
        let any: Value = serde_json::from_slice(text).map_err(explain)?;
        let got = any.get("format").and_then(Value::as_u64).unwrap_or(0);
        if got != FORMAT {
            return Err(NnError::CheckpointFormat { step, got, expected: FORMAT }.into());
        }
        let file: StateFile = serde_json::from_value(any).map_err(explain)?;
        debug_assert_eq!(file.format, FORMAT);
        check_settings(step, &file.train, &settings(config)?)?;
        let tensors =
            |name: &'static str| Ok::<_, suffit_core::Error>(export::from_bytes(find(name)?, &origin(name))?.0);
        let best = if files.contains_key(BEST) { Some(tensors(BEST)?) } else { None };
        let task = State { model: tensors(MODEL)?, optim: tensors(OPTIM)?, json: file.task };
        Ok(Snapshot { progress: file.progress, task, best })
    }
}

/// The settings that the course of training depends on: all but those of checkpoints.
fn settings(config: &TrainConfig) -> Result<BTreeMap<String, Value>> {
    let value = serde_json::to_value(config)
        .map_err(|source| NnError::Json { origin: "the training settings".into(), source })?;
    let mut out: BTreeMap<String, Value> = match value {
        Value::Object(map) => map.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    out.retain(|key, _| !key.contains("checkpoint"));
    Ok(out)
}

fn check_settings(step: u64, saved: &BTreeMap<String, Value>, now: &BTreeMap<String, Value>) -> Result<()> {
    let show = |v: Option<&Value>| v.map_or("absent".into(), ToString::to_string);
    let keys: std::collections::BTreeSet<&String> = saved.keys().chain(now.keys()).collect();
    match keys.into_iter().find(|key| saved.get(*key) != now.get(*key)) {
        None => Ok(()),
        Some(key) => {
            let (saved, now) = (show(saved.get(key)), show(now.get(key)));
            Err(NnError::ResumeMismatch { step, key: format!("train.{key}"), saved, now }.into())
        }
    }
}

/// JSON has no NaN or infinity: they are written as words.
fn write_number<S: Serializer>(value: &f64, to: S) -> std::result::Result<S::Ok, S::Error> {
    match value {
        v if v.is_finite() => to.serialize_f64(*v),
        v if v.is_nan() => to.serialize_str("NaN"),
        v if *v > 0.0 => to.serialize_str("inf"),
        _ => to.serialize_str("-inf"),
    }
}

fn read_number<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Plain(f64),
        Word(String),
    }
    match Number::deserialize(from)? {
        Number::Plain(v) => Ok(v),
        Number::Word(w) => match w.as_str() {
            "NaN" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(serde::de::Error::custom(format!("`{w}` is no number"))),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::blob::Blob;

    fn snapshot() -> Snapshot {
        let point = |value| Point { step: 3, split: "val".into(), name: "loss".into(), value };
        let sum = Sum { name: "loss".into(), sum: 0.1 + 0.2, count: 2 };
        let progress = Progress {
            step: 3,
            best: Some(Best { step: 2, value: 1.0 / 3.0 }),
            stale: 1,
            stopped: Some(Stopped::Patience),
            started: true,
            sums: vec![sum],
            history: vec![point(1.5e-300), point(f64::INFINITY), point(f64::NEG_INFINITY)],
            events: 9,
        };
        let tensors = |v: f32| Tensors::from([("w".to_owned(), Blob::from_f32(vec![1], &[v]))]);
        let task = State { model: tensors(1.0), optim: tensors(2.0), json: json!({"k": [1, 0.1]}) };
        Snapshot { progress, task, best: Some(tensors(3.0)) }
    }

    #[test]
    fn survives_writing_and_reading() {
        let (s, config) = (snapshot(), TrainConfig::default());
        let files = s.to_files(&config).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), [BEST, MODEL, OPTIM, STATE]);
        assert_eq!(Snapshot::from_files(3, &files, &config).unwrap(), s);
        assert_eq!(Snapshot::from_files(3, &files, &config).unwrap().to_files(&config).unwrap(), files);
    }

    #[test]
    fn misfits_are_named() {
        let config = TrainConfig::default();
        let files = snapshot().to_files(&config).unwrap();
        let message = |files: &BTreeMap<String, Vec<u8>>, c: &TrainConfig| {
            Snapshot::from_files(3, files, c).unwrap_err().to_string()
        };

        let other = TrainConfig { beta1: 0.5, checkpoint_every: 7, ..config.clone() };
        let text =
            "the checkpoint of step 3 was made with `train.beta1` = 0.9, now it is 0.5: it cannot be continued exactly";
        assert_eq!(message(&files, &other), text);
        let free = TrainConfig { checkpoint_every: 7, checkpoint_seconds: 1.0, keep_checkpoints: 9, ..config.clone() };
        assert!(Snapshot::from_files(3, &files, &free).is_ok());

        let mut f = files.clone();
        f.remove(OPTIM);
        assert_eq!(message(&f, &config), "the checkpoint of step 3 has no `optim.safetensors`");

        let mut f = files.clone();
        f.insert(STATE.into(), br#"{"format": 2}"#.to_vec());
        assert_eq!(message(&f, &config), "the checkpoint of step 3 has training-state format 2, this version reads 1");

        let mut f = files;
        f.insert(MODEL.into(), b"torn".to_vec());
        assert!(
            message(&f, &config)
                .starts_with("model.safetensors of the checkpoint of step 3 is not a readable safetensors file")
        );
    }
}
