//! Progress: bars on a terminal, one line every ten seconds when piped, NDJSON with `--json-lines`.

mod bars;
mod lines;
mod value;

use std::sync::Arc;

use suffit_core::{Clock, Event, Progress};

use crate::log::SHOWN;
use crate::out::{Format, Out};

pub use bars::Bars;
pub use lines::Lines;

/// Seconds between two lines of one phase when piped.
pub const LINE_EVERY_S: f64 = 10.0;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Bars, replaced in place.
    Bars,
    /// A line now and then.
    Lines,
    /// Warnings only.
    Off,
}

/// The sink for a mode and an output format.
pub fn sink(mode: Mode, out: &Arc<Out>, clock: Arc<dyn Clock>) -> Arc<dyn Progress> {
    let shown: Arc<dyn Progress> = match (out.format, mode) {
        (Format::JsonLines, _) => Arc::new(Ndjson(Arc::clone(out))),
        (_, Mode::Bars) => Arc::new(Bars::new(out.paint_err)),
        (_, Mode::Lines) => Arc::new(Lines::new(LINE_EVERY_S, clock, out.paint_err, stderr())),
        (_, Mode::Off) => Arc::new(WarningsOnly(Arc::clone(out))),
    };
    Arc::new(Logged(shown))
}

/// Writes whole lines to standard error.
fn stderr() -> lines::Write {
    Box::new(|line| {
        use std::io::Write;
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    })
}

/// Passes events on and puts notes, warnings and phases into the log.
struct Logged(Arc<dyn Progress>);

impl Progress for Logged {
    fn event(&self, event: &Event) {
        match event {
            Event::Start { phase, total } => tracing::info!(target: SHOWN, phase, total, "phase begins"),
            Event::End { phase } => tracing::info!(target: SHOWN, phase, "phase ends"),
            Event::Note { text } => tracing::info!(target: SHOWN, "{text}"),
            Event::Warning { text } => tracing::warn!(target: SHOWN, "{text}"),
            _ => {}
        }
        self.0.event(event);
    }
}

/// Every event as a line of JSON on standard output.
struct Ndjson(Arc<Out>);

impl Progress for Ndjson {
    fn event(&self, event: &Event) {
        self.0.event(event);
    }
}

/// Only what somebody must look at.
struct WarningsOnly(Arc<Out>);

impl Progress for WarningsOnly {
    fn event(&self, event: &Event) {
        if let Event::Warning { text } = event {
            self.0.aside(&warning(text, self.0.paint_err));
        }
    }
}

fn warning(text: &str, paint: crate::paint::Paint) -> String {
    format!("{} {text}", paint.yellow("warning:"))
}
