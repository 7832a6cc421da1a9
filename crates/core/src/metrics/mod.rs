//! `metrics.jsonl`: one object per event, `{"step":12,"split":"val","name":"loss","value":1.5,"time_ms":…}`.
//!
//! Each event is one line, handed to the system at once, so that a kill loses at most the line
//! being written. Values that are not finite are written as the strings `"NaN"`, `"inf"` and
//! `"-inf"`, since JSON has no such numbers. After a resume the file equals that of an
//! uninterrupted run but for `time_ms`: see [`Metrics::rewind`].

mod tensorboard;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ctx::Clock;
use crate::error::{Cause, CommonError, Family, Result};
use crate::files;

use tensorboard::EventFile;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricEvent {
    /// Optimisation step.
    pub step: u64,
    /// `train`, `val` or `test`.
    pub split: String,
    /// What was measured.
    pub name: String,
    /// The value.
    #[serde(serialize_with = "write_value", deserialize_with = "read_value")]
    pub value: f64,
    /// When, in milliseconds since the Unix epoch.
    pub time_ms: u64,
}

/// Why metrics cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// A line other than a torn last one is not an event.
    #[error("{}, line {line}: not a metric event: {source}", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// Line from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// An event has no JSON form: our mistake.
    #[error("metric `{name}` cannot be written: {source}")]
    CannotEncode {
        /// Its name.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
}

impl Cause for MetricsError {
    fn family(&self) -> Family {
        match self {
            MetricsError::BadLine { .. } => Family::Format,
            MetricsError::CannotEncode { .. } => Family::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            MetricsError::BadLine { .. } => {
                "the file was changed or damaged: remove the line, or start the run again".into()
            }
            MetricsError::CannotEncode { .. } => "this is our mistake: please report it".into(),
        })
    }

    fn code(&self) -> &'static str {
        match self {
            MetricsError::BadLine { .. } => "metrics.bad_line",
            MetricsError::CannotEncode { .. } => "metrics.cannot_encode",
        }
    }
}

/// Appends events; may be shared between threads.
pub struct Metrics {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    open: Mutex<Open>,
}

struct Open {
    file: File,
    /// Events in the file.
    count: u64,
    tensorboard: Option<EventFile>,
}

impl Metrics {
    /// Opens a file to append, or makes it. A torn last line (of a killed writer) is cut off.
    ///
    /// # Errors
    /// [`MetricsError::BadLine`], I/O.
    pub fn append(path: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Result<Metrics> {
        let path = path.into();
        let text = read_or_empty(&path)?;
        let (lines, torn) = parse(&path, &text)?;
        let whole = text.len() - torn;
        if torn > 0 {
            files::write_atomic(&path, &text[..whole])?;
        }
        let open = Open { file: open(&path)?, count: lines.len() as u64, tensorboard: None };
        Ok(Metrics { path, clock, open: Mutex::new(open) })
    }

    /// Also writes TensorBoard event files (`events.out.tfevents.*`) into a folder.
    ///
    /// # Errors
    /// I/O.
    pub fn with_tensorboard(self, folder: &Path) -> Result<Metrics> {
        self.lock().tensorboard = Some(EventFile::create(folder, self.clock.unix_ms())?);
        Ok(self)
    }

    /// Appends one event with the current time.
    ///
    /// # Errors
    /// I/O.
    pub fn log(&self, step: u64, split: &str, name: &str, value: f64) -> Result<()> {
        let event =
            MetricEvent { step, split: split.to_owned(), name: name.to_owned(), value, time_ms: self.clock.unix_ms() };
        let mut line = serde_json::to_vec(&event)
            .map_err(|source| MetricsError::CannotEncode { name: event.name.clone(), source })?;
        line.push(b'\n');
        let mut open = self.lock();
        open.file.write_all(&line).map_err(|e| CommonError::io("write", &self.path, e))?;
        open.count += 1;
        match &mut open.tensorboard {
            Some(sink) => sink.scalar(&event),
            None => Ok(()),
        }
    }

    /// Number of events in the file: what [`Metrics::truncate`] takes.
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// Flushes to the disk. Call it before saving a checkpoint, so that a checkpoint never
    /// survives a power cut that its metrics do not.
    ///
    /// # Errors
    /// I/O.
    pub fn sync(&self) -> Result<()> {
        let open = self.lock();
        open.file.sync_all().map_err(|e| CommonError::io("flush", &self.path, e))?;
        Ok(())
    }

    /// Drops every event after a step, as when going on from a checkpoint of that step.
    ///
    /// # Errors
    /// [`MetricsError::BadLine`], I/O.
    pub fn rewind(&self, step: u64) -> Result<()> {
        self.keep(step, |_, event| event.step <= step)
    }

    /// Keeps only the first `count` events: exact where events of the checkpoint's own step were
    /// logged after it. `step` is told to TensorBoard as the step to purge from.
    ///
    /// # Errors
    /// [`MetricsError::BadLine`], I/O.
    pub fn truncate(&self, count: u64, step: u64) -> Result<()> {
        self.keep(step, |index, _| index < count)
    }

    fn keep(&self, step: u64, wanted: impl Fn(u64, &MetricEvent) -> bool) -> Result<()> {
        let mut open = self.lock();
        let text = read_or_empty(&self.path)?;
        let (lines, torn) = parse(&self.path, &text)?;
        let (mut kept, mut count) = (Vec::with_capacity(text.len()), 0);
        for (index, (event, range)) in lines.into_iter().enumerate() {
            if wanted(index as u64, &event) {
                kept.extend_from_slice(&text[range]);
                count += 1;
            }
        }
        if kept.len() + torn != text.len() || torn > 0 {
            files::write_atomic(&self.path, &kept)?;
            // The old handle belongs to the replaced file.
            open.file = self::open(&self.path)?;
        }
        open.count = count;
        match &mut open.tensorboard {
            Some(sink) => sink.restart(step, self.clock.unix_ms()),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads all events; a torn last line is left out.
///
/// # Errors
/// [`MetricsError::BadLine`], I/O.
pub fn read(path: &Path) -> Result<Vec<MetricEvent>> {
    let text = files::read(path)?;
    Ok(parse(path, &text)?.0.into_iter().map(|(event, _)| event).collect())
}

/// Events with the byte range of their line, and the length of a torn last line.
type Lines = (Vec<(MetricEvent, std::ops::Range<usize>)>, usize);

fn parse(path: &Path, text: &[u8]) -> Result<Lines> {
    let (mut events, mut begin) = (Vec::new(), 0);
    for (index, line) in text.split_inclusive(|&b| b == b'\n').enumerate() {
        let range = begin..begin + line.len();
        begin = range.end;
        if !line.ends_with(b"\n") {
            // A line counts once its end is written.
            return Ok((events, line.len()));
        }
        let event = serde_json::from_slice(line).map_err(|source| MetricsError::BadLine {
            path: path.to_owned(),
            line: index + 1,
            source,
        })?;
        events.push((event, range));
    }
    Ok((events, 0))
}

fn read_or_empty(path: &Path) -> Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(CommonError::io("read", path, e).into()),
    }
}

fn open(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    Ok(file.map_err(|e| CommonError::io("open", path, e))?)
}

fn write_value<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    match value {
        v if v.is_finite() => to.serialize_f64(*v),
        v if v.is_nan() => to.serialize_str("NaN"),
        v if *v > 0.0 => to.serialize_str("inf"),
        _ => to.serialize_str("-inf"),
    }
}

fn read_value<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Word(Word),
    }
    #[derive(Deserialize)]
    enum Word {
        NaN,
        #[serde(rename = "inf")]
        Inf,
        #[serde(rename = "-inf")]
        MinusInf,
    }
    Ok(match Written::deserialize(from)? {
        Written::Number(v) => v,
        Written::Word(Word::NaN) => f64::NAN,
        Written::Word(Word::Inf) => f64::INFINITY,
        Written::Word(Word::MinusInf) => f64::NEG_INFINITY,
    })
}

#[cfg(test)]
mod tests;
