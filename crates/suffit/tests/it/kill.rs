//! SIGKILL at any moment, then resume: the run equals one that was never killed.
//!
//! *Equals* means the same bytes of model.safetensors, of every checkpoint, of the configuration,
//! of what `apply` writes, and of metrics.jsonl without its time field. Odd kills come at seeded
//! random moments, even ones while a checkpoint is being written (its temporary folder exists).
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rand::Rng;
use serde_json::Value;
use suffit_core::Seed;

use crate::util::{Place, files};

/// Kills of a living process that are asked for.
const KILLS: usize = 24;

const FIT: &[&str] = &[
    "--threads",
    "2",
    "--seed",
    "5",
    "--no-progress",
    "--set",
    "dim=8",
    "--set",
    "bank_size=16",
    "--set",
    "train.epochs=30",
    "--set",
    "train.patience=0",
    "--set",
    "train.batch_size=16",
    "--set",
    "train.checkpoint_every=2",
    "--set",
    "train.checkpoint_seconds=0",
];

#[test]
fn killed_and_resumed_equals_uninterrupted() {
    let place = Place::with_data();
    let begin = Instant::now();
    let full = spawn(&place, "full").wait_with_output().unwrap();
    assert!(full.status.success(), "{}", String::from_utf8_lossy(&full.stderr));
    let whole = begin.elapsed();
    let mut random = Seed::new(11).stream("kill", &[]);
    let (mut kills, mut inside, mut runs) = (0, 0, Vec::new());
    while kills < KILLS {
        assert!(runs.len() < 4 * KILLS, "runs end before they can be killed: {kills} kills in {} runs", runs.len());
        let name = format!("killed-{}", runs.len());
        while kills < KILLS {
            let mut child = spawn(&place, &name);
            let aimed = kills % 2 == 1;
            let moment = whole.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
            let writing = if aimed { wait_for_write(&place.path(&name), &mut child) } else { wait(&mut child, moment) };
            if child.try_wait().unwrap().is_some() {
                break; // it ended before its moment came: begin another run
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            inside += usize::from(writing && aimed);
        }
        let last = spawn(&place, &name).wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&last.stderr);
        assert!(last.status.success() || err.contains("is complete"), "{name}: {err}");
        runs.push(name);
    }
    assert!(inside >= KILLS / 4, "only {inside} of {kills} kills came while a checkpoint was being written");
    let expected = content(&place, "full");
    assert!(expected.keys().any(|k| k.starts_with("checkpoints/")), "{:?}", expected.keys());
    for run in &runs {
        let got = content(&place, run);
        assert_eq!(got.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{run}");
        for (file, bytes) in &got {
            assert!(*bytes == expected[file], "{run}: {file} differs from the uninterrupted run");
        }
        place.ok(&["runs", "verify", run]);
    }
}

/// Begins the run, or goes on with it if it has begun.
fn spawn(place: &Place, run: &str) -> Child {
    let mut args = vec!["fit"];
    if place.exists(&format!("{run}/run.json")) {
        args.extend(["--resume", run, "--threads", "2", "--no-progress"]);
    } else {
        args.extend(["symile", "--data", "small.csv", "--out", run]);
        args.extend_from_slice(FIT);
    }
    place.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Until the moment has come or the child has ended.
fn wait(child: &mut Child, moment: Duration) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < moment && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// Until a checkpoint is being written; true if that was seen.
fn wait_for_write(run: &Path, child: &mut Child) -> bool {
    let checkpoints = run.join("checkpoints");
    while child.try_wait().unwrap().is_none() {
        let entries = std::fs::read_dir(&checkpoints).into_iter().flatten().flatten();
        if entries.into_iter().any(|e| e.file_name().to_string_lossy().starts_with(".tmp-")) {
            return true;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    false
}

/// What must be equal: everything that is learnt, saved or written, without times.
fn content(place: &Place, run: &str) -> BTreeMap<String, Vec<u8>> {
    let output = format!("{run}.parquet");
    if !place.exists(&output) {
        place.ok(&["apply", run, "small.csv", "--target", "c", "--top", "3", "--threads", "2", "--out", &output]);
    }
    let learnt = |name: &str| {
        name.starts_with("checkpoints/")
            || ["model.safetensors", "config.toml", "config.json", "preprocessing.json"].contains(&name)
    };
    let all = files(&place.path(run));
    let mut kept: BTreeMap<String, Vec<u8>> =
        all.iter().filter(|(name, _)| learnt(name)).map(|(n, b)| (n.clone(), b.clone())).collect();
    kept.insert("metrics.jsonl".into(), without_time(&all["metrics.jsonl"]));
    kept.insert("output".into(), std::fs::read(place.path(&output)).unwrap());
    kept
}

fn without_time(metrics: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(metrics).unwrap();
    let mut out = String::new();
    for line in text.lines() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event.as_object_mut().unwrap().remove("time_ms").expect("every event has a time");
        out.push_str(&format!("{event}\n"));
    }
    assert!(!out.is_empty());
    out.into_bytes()
}
