//! The context of a run: everything a method may know about the world outside its arguments.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{CommonError, Result};
use crate::seed::Seed;

/// Where tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Device {
    /// The CPU (Burn's Flex back end).
    #[default]
    Cpu,
}

/// Wall time, so that tests can hold it still.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn unix_ms(&self) -> u64;
    /// Seconds since an arbitrary fixed moment; never goes back.
    fn monotonic_s(&self) -> f64;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock(std::time::Instant);

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock(std::time::Instant::now())
    }
}

impl Clock for SystemClock {
    fn unix_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| d.as_millis() as u64)
    }

    fn monotonic_s(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// What happened, for whoever watches.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A phase of work begins.
    Start {
        /// Its name, such as `train`.
        phase: String,
        /// Number of units, where known.
        total: Option<u64>,
    },
    /// A phase moved; `done` never decreases within a phase.
    Step {
        /// Its name.
        phase: String,
        /// Units done.
        done: u64,
        /// Current values to show, such as the loss.
        values: Vec<(String, f64)>,
    },
    /// A phase ended.
    End {
        /// Its name.
        phase: String,
    },
    /// Something the user should know but need not act on.
    Note {
        /// The text, one line.
        text: String,
    },
    /// Something the user should look at.
    Warning {
        /// The text, one line.
        text: String,
    },
}

/// Receives events; must not block for long.
pub trait Progress: Send + Sync {
    /// One event.
    fn event(&self, event: &Event);
}

/// Discards all events.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: &Event) {}
}

/// A request to stop, shared between a signal handler and the loops.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ask to stop at the next safe point.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Passed by reference to every verb of every method.
#[derive(Clone)]
pub struct Ctx {
    /// Root of all randomness.
    pub seed: Seed,
    /// Number of worker threads.
    pub threads: usize,
    /// Where tensors live.
    pub device: Device,
    /// Receives progress.
    pub progress: Arc<dyn Progress>,
    /// Asked to stop?
    pub cancel: Cancel,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Ctx {
    /// A silent context on the CPU, for tests and libraries.
    pub fn silent(seed: u64) -> Self {
        Ctx {
            seed: Seed::new(seed),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            device: Device::Cpu,
            progress: Arc::new(Silent),
            cancel: Cancel::default(),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// The same context with another seed.
    pub fn with_seed(&self, seed: Seed) -> Self {
        Ctx { seed, ..self.clone() }
    }

    /// Begins a phase; the guard ends it.
    pub fn phase(&self, name: &str, total: Option<u64>) -> Phase<'_> {
        self.progress.event(&Event::Start { phase: name.to_owned(), total });
        Phase { ctx: self, name: name.to_owned() }
    }

    /// Tells the user something.
    pub fn note(&self, text: impl Into<String>) {
        self.progress.event(&Event::Note { text: text.into() });
    }

    /// Warns the user.
    pub fn warn(&self, text: impl Into<String>) {
        self.progress.event(&Event::Warning { text: text.into() });
    }

    /// Fails with [`CommonError::Interrupted`] if a stop was asked for.
    ///
    /// # Errors
    /// [`CommonError::Interrupted`].
    pub fn check_cancel(&self, at: &str) -> Result<()> {
        if self.cancel.asked() {
            return Err(CommonError::Interrupted { at: at.to_owned(), resume: None }.into());
        }
        Ok(())
    }
}

/// A running phase; ends when dropped.
pub struct Phase<'a> {
    ctx: &'a Ctx,
    name: String,
}

impl Phase<'_> {
    /// Reports that `done` units are finished.
    pub fn step(&self, done: u64, values: &[(&str, f64)]) {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        self.ctx.progress.event(&Event::Step { phase: self.name.clone(), done, values });
    }
}

impl Drop for Phase<'_> {
    fn drop(&mut self) {
        self.ctx.progress.event(&Event::End { phase: self.name.clone() });
    }
}
