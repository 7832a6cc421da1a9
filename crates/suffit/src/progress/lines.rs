//! Progress for files and pipes: one line per phase every so many seconds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use suffit_core::{Clock, Event, Progress};

use super::value;
use crate::paint::Paint;

/// Takes one line.
pub type Write = Box<dyn Fn(&str) + Send + Sync>;

/// The sink.
pub struct Lines {
    every_s: f64,
    clock: Arc<dyn Clock>,
    paint: Paint,
    write: Write,
    phases: Mutex<BTreeMap<String, Phase>>,
}

struct Phase {
    total: Option<u64>,
    began_s: f64,
    last_s: f64,
}

impl Lines {
    /// A sink that writes at most one line per phase in `every_s` seconds.
    pub fn new(every_s: f64, clock: Arc<dyn Clock>, paint: Paint, write: Write) -> Self {
        Lines { every_s, clock, paint, write, phases: Mutex::default() }
    }
}

impl Progress for Lines {
    fn event(&self, event: &Event) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic_s();
        match event {
            Event::Start { phase, total } => {
                phases.insert(phase.clone(), Phase { total: *total, began_s: now, last_s: now });
            }
            Event::Step { phase, done, values } => {
                let Some(state) = phases.get_mut(phase) else { return };
                if now - state.last_s < self.every_s {
                    return;
                }
                state.last_s = now;
                (self.write)(&line(phase, *done, state.total, values, now - state.began_s));
            }
            Event::End { phase } => {
                phases.remove(phase);
            }
            Event::Note { text } => (self.write)(text),
            Event::Warning { text } => (self.write)(&super::warning(text, self.paint)),
            _ => {}
        }
    }
}

fn line(phase: &str, done: u64, total: Option<u64>, values: &[(String, f64)], elapsed_s: f64) -> String {
    let mut parts = vec![format!("{phase:<9}")];
    match total {
        Some(total) if total > 0 => parts.push(format!("{:>3} %", 100 * done.min(total) / total)),
        _ => parts.push(format!("{done} done")),
    }
    if !values.is_empty() {
        parts.push(value::values(values));
    }
    if let Some(left) = value::left_s(done, total, elapsed_s) {
        parts.push(format!("{} left", value::time(left)));
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn unix_ms(&self) -> u64 {
            0
        }
        fn monotonic_s(&self) -> f64 {
            self.0.load(Ordering::SeqCst) as f64
        }
    }

    #[test]
    fn one_line_in_ten_seconds() {
        let (clock, lines) = (Arc::new(Hand::default()), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&lines);
        let sink = Lines::new(
            10.0,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Paint::decide(false, |_| None),
            Box::new(move |l| kept.lock().unwrap().push(l.to_owned())),
        );
        sink.event(&Event::Start { phase: "train".into(), total: Some(40) });
        for second in 1..=25 {
            clock.0.store(second, Ordering::SeqCst);
            sink.event(&Event::Step { phase: "train".into(), done: second, values: vec![("loss".into(), 2.0)] });
        }
        sink.event(&Event::Warning { text: "look".into() });
        sink.event(&Event::End { phase: "train".into() });
        assert_eq!(
            *lines.lock().unwrap(),
            ["train       25 %  loss 2.00  30 s left", "train       50 %  loss 2.00  20 s left", "warning: look"]
        );
    }
}
