//! Progress on a terminal: one bar per running phase, replaced in place.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use suffit_core::{Event, Progress};

use super::value;
use crate::paint::Paint;

/// The sink.
pub struct Bars {
    all: MultiProgress,
    paint: Paint,
    phases: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Bars {
    /// A sink on standard error.
    pub fn new(paint: Paint) -> Self {
        Bars { all: MultiProgress::new(), paint, phases: Mutex::default() }
    }

    fn say(&self, text: &str) {
        // without a terminal there is nothing to print on, and nothing is lost: the log has it
        let _ = self.all.println(text);
    }
}

impl Progress for Bars {
    fn event(&self, event: &Event) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Start { phase, total } => {
                let bar = match total {
                    Some(total) => ProgressBar::new(*total).with_style(counted()),
                    None => ProgressBar::new_spinner().with_style(open()),
                };
                let bar = self.all.add(bar.with_prefix(phase.clone()));
                bar.enable_steady_tick(Duration::from_millis(500));
                if let Some(before) = phases.insert(phase.clone(), bar) {
                    before.finish_and_clear();
                }
            }
            Event::Step { phase, done, values } => {
                if let Some(bar) = phases.get(phase) {
                    bar.set_position(*done);
                    bar.set_message(value::values(values));
                }
            }
            Event::End { phase } => {
                if let Some(bar) = phases.remove(phase) {
                    bar.finish_and_clear();
                }
            }
            Event::Note { text } => self.say(text),
            Event::Warning { text } => self.say(&super::warning(text, self.paint)),
            _ => {}
        }
    }
}

/// `train     ━━━━━━╸━━━  71 %  loss 1.93  14 s left`.
fn counted() -> ProgressStyle {
    style("{prefix:<9} {bar:31} {percent:>3} %  {msg}  {left}").progress_chars("━╸ ").with_key(
        "left",
        |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            if let Some(left) = value::left_s(state.pos(), state.len(), state.elapsed().as_secs_f64()) {
                let _ = write!(out, "{} left", value::time(left));
            }
        },
    )
}

fn open() -> ProgressStyle {
    style("{prefix:<9} {pos} done  {msg}  {elapsed}")
}

fn style(template: &'static str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
