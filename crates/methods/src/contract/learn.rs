//! Clauses about fitting: determinism, interruption, progress.

use std::collections::BTreeMap;

use suffit_core::ctx::Event;
use suffit_core::run::{Run, Status, VerifyState};
use suffit_core::{Checkpoints, Family, Seed};
use tempfile::TempDir;

use super::Fixture;
use super::fixture::{self, SEED, Watch, context};
use super::shown::check_document;
use super::trace::{self, Files};

/// Two fits with the same seed and threads leave the same bytes.
pub fn same_seed_gives_same_bytes(fixture: &Fixture) {
    let compared = trace::comparable(&fixture.files);
    assert!(compared.keys().any(|name| name.ends_with(".safetensors")), "no tensors to compare");
    assert!(compared.get("metrics.jsonl").is_some_and(|lines| !lines.is_empty()), "no metrics to compare");
    let folder = TempDir::new().unwrap();
    let (files, outcome) =
        fixture::fit(&fixture.contract, fixture.data(), &folder.path().join("again"), SEED, &Watch::new(None)).unwrap();
    trace::assert_same(&files, &fixture.files, "the same seed again");
    assert_eq!(outcome.results, fixture.outcome.results, "the same seed again");
}

/// A stop asked for anywhere ends in a run that can be read, reported and resumed; resumed, it ends
/// in the bytes of an uninterrupted one. At every second place the newest checkpoint is torn as
/// well, as by a power cut, so that the run goes on from the one before.
pub fn stopped_and_resumed_equals_uninterrupted(fixture: &Fixture) {
    let places = stops(fixture);
    let mut struck = 0;
    for (number, place) in places.iter().enumerate() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("stopped");
        let what = format!("stopped at event {} of {}", place.event, fixture.events.len());
        let watch = Watch::new(Some(place.event));
        let first = fixture::fit(&fixture.contract, fixture.data(), &path, SEED, &watch);
        let files = match first {
            Ok((files, _)) => {
                assert!(!place.must_stop, "{what}: the fit went on to its end");
                files
            }
            Err(error) => {
                assert_eq!(error.family(), Family::Interrupted, "{what}: {error}");
                struck += 1;
                stopped_run_is_loadable(fixture, &path, &what);
                if number % 2 == 1 {
                    tear_newest_checkpoint(&path);
                }
                resume(fixture, &path, &what)
            }
        };
        trace::assert_same(&files, &fixture.files, &what);
    }
    assert!(struck > 0, "none of the {} stops was heard", places.len());
}

/// Where a stop is asked for.
struct Stop {
    /// Number of the event.
    event: usize,
    /// Whether the fit must stop there: training has steps left.
    must_stop: bool,
}

/// Places spread over all steps that the uninterrupted fit told of, whatever the phase.
fn stops(fixture: &Fixture) -> Vec<Stop> {
    let last = fixture.events.iter().filter_map(training_step).max();
    let steps: Vec<Stop> = fixture
        .events
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event, Event::Step { .. }))
        .map(|(event, told)| Stop { event, must_stop: training_step(told) < last && training_step(told).is_some() })
        .collect();
    assert!(steps.len() >= 4, "the fit tells of {} steps: too few to be stopped at", steps.len());
    let wanted = fixture.contract.stops.clamp(1, steps.len());
    let every = steps.len() as f64 / wanted as f64;
    let chosen: Vec<usize> = (0..wanted).map(|i| (i as f64 * every) as usize).collect();
    steps.into_iter().enumerate().filter(|(i, _)| chosen.contains(i)).map(|(_, stop)| stop).collect()
}

fn training_step(event: &Event) -> Option<u64> {
    match event {
        Event::Step { phase, done, .. } if phase == "train" => Some(*done),
        _ => None,
    }
}

fn stopped_run_is_loadable(fixture: &Fixture, path: &std::path::Path, what: &str) {
    let run = Run::open(path).unwrap_or_else(|e| panic!("{what}: the run cannot be opened: {e}"));
    assert_eq!(run.info().status, Status::Interrupted, "{what}");
    let config: serde_json::Value = run.config().unwrap();
    fixture.method().check_config(&config).unwrap_or_else(|e| panic!("{what}: its configuration is refused: {e}"));
    let newest = run.checkpoints().newest().unwrap();
    assert!(newest.skipped.is_empty(), "{what}: a checkpoint does not verify: {:?}", newest.skipped);
    let document = fixture.method().report(&run).unwrap_or_else(|e| panic!("{what}: it has no report: {e}"));
    check_document(fixture, &document);
}

/// Cuts the largest file of the checkpoint that was written last, in whichever part of the run, if
/// another one is there to go on from: what a power cut can leave.
fn tear_newest_checkpoint(path: &std::path::Path) {
    let main = Run::open(path).unwrap().checkpoints();
    let mut parts = vec![main.folder().to_owned()];
    parts.extend(main.folder().read_dir().unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir() && !is_step(p)));
    // Of equal times the deeper one is later: parts follow the main fit.
    let written = |part: &std::path::PathBuf| {
        let steps = Checkpoints::at(part).steps().unwrap();
        let folder = Checkpoints::at(part).path(*steps.last()?);
        let time = folder.metadata().unwrap().modified().unwrap();
        Some((time, part.components().count(), part.clone(), folder, steps.len()))
    };
    let Some((.., folder, count)) = parts.iter().filter_map(written).max() else { return };
    if count < 2 {
        return;
    }
    let (name, bytes) = trace::read(&folder).into_iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let torn = Files::from([(name, bytes[..bytes.len() / 2].to_vec())]);
    trace::write(&folder, &torn);
}

fn is_step(path: &std::path::Path) -> bool {
    path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("step-"))
}

fn resume(fixture: &Fixture, path: &std::path::Path, what: &str) -> Files {
    let (files, outcome) = fixture::resume(&fixture.contract, path, SEED, &Watch::new(None))
        .unwrap_or_else(|e| panic!("{what}: it cannot be resumed: {e}"));
    assert_eq!(outcome.results, fixture.outcome.results, "{what}");
    files
}

/// Phases begin, move forward within their total, and end; nothing is told outside of them.
pub fn progress_only_grows(fixture: &Fixture) {
    assert_grows(&fixture.events);
    if fixture.offers("apply") {
        let watch = Watch::new(None);
        let (_folder, run) = fixture.unpack();
        let ctx = suffit_core::Ctx { seed: Seed::new(SEED), ..context(SEED, &watch) };
        fixture::apply(fixture.method(), &run, fixture.data(), &fixture.contract.options, &ctx).unwrap();
        assert_grows(&watch.events());
    }
}

fn assert_grows(events: &[Event]) {
    let mut open: BTreeMap<&str, (Option<u64>, u64)> = BTreeMap::new();
    for event in events {
        match event {
            Event::Start { phase, total } => {
                assert!(open.insert(phase, (*total, 0)).is_none(), "phase `{phase}` begins within itself");
            }
            Event::Step { phase, done, .. } => {
                let (total, before) =
                    open.get_mut(phase.as_str()).unwrap_or_else(|| panic!("a step of `{phase}`, which has not begun"));
                assert!(*done >= *before, "phase `{phase}` goes back from {before} to {done}");
                assert!(total.is_none_or(|t| *done <= t), "phase `{phase}` is at {done} of {total:?}");
                *before = *done;
            }
            Event::End { phase } => {
                assert!(open.remove(phase.as_str()).is_some(), "phase `{phase}` ends without having begun");
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "phases that never end: {:?}", open.keys());
}

/// Every file of a complete run is what its list says.
pub fn a_finished_run_verifies(fixture: &Fixture) {
    let (_folder, run) = fixture.unpack();
    assert_eq!(run.info().status, Status::Complete);
    let lines = run.verify().unwrap();
    assert!(!lines.is_empty(), "the run lists no files");
    for line in lines {
        assert!(matches!(line.state, VerifyState::Ok { .. }), "{line:?}");
    }
}
