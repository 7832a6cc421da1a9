#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::ctx::Progress;
use crate::{Event, Exit, Seed};

/// A clock that stands at 2026-11-25 00:00 UTC unless it is moved.
struct Still(AtomicU64);

impl Clock for Still {
    fn unix_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
    fn monotonic_s(&self) -> f64 {
        self.unix_ms() as f64 / 1000.0
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<Event>>);

impl Progress for Notes {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

fn ctx(seed: u64) -> Ctx {
    Ctx { clock: Arc::new(Still(AtomicU64::new(1_795_564_800_000))), threads: 2, ..Ctx::silent(seed) }
}

fn spec() -> RunSpec {
    RunSpec {
        method: "symile".into(),
        config: json!({"dim": 64, "scale": 0.1, "prior": null, "train": {"epochs": 3}}),
        argv: vec!["suffit".into(), "fit".into()],
        data: json!({"rows": 7}),
        version: "0.1.0".into(),
        commit: None,
    }
}

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_new_run_has_name_config_data_and_latest() {
    let root = tempfile::tempdir().unwrap();
    let run = Run::create(&root.path().join("runs"), &spec(), &ctx(7)).unwrap();
    let name = run.path().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("2026-11-25-symile-"), "{name}");
    assert_eq!(name.split('-').count(), 6);
    assert_eq!(run.info().id, name);
    assert_eq!((run.info().status, run.info().seed, run.info().threads), (Status::Running, Seed::new(7), 2));
    // null is absent in TOML
    assert_eq!(run.config::<Value>().unwrap(), json!({"dim": 64, "scale": 0.1, "train": {"epochs": 3}}));
    assert_eq!(run.read_json::<Value>("data.json").unwrap(), json!({"rows": 7}));
    let latest = root.path().join("runs/latest");
    assert_eq!(fs::read_link(&latest).unwrap(), Path::new(&name));
    // A second run with the same seed and time gets another name, and becomes the latest.
    let second = Run::create(&root.path().join("runs"), &spec(), &ctx(7)).unwrap();
    assert_ne!(second.path(), run.path());
    assert_eq!(fs::read_link(&latest).unwrap().as_os_str(), second.path().file_name().unwrap());
}

#[test]
fn names_never_run_out() {
    let root = tempfile::tempdir().unwrap();
    let context = ctx(3);
    for attempt in 0..33 {
        fs::create_dir_all(root.path().join(name::candidate("symile", attempt, &context))).unwrap();
    }
    let run = Run::create(root.path(), &spec(), &context).unwrap();
    assert!(run.info().id.ends_with("-3"), "{}", run.info().id);
}

#[test]
fn an_explicit_folder_must_be_new_or_empty() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("a/b");
    let run = Run::create_at(&out, &spec(), &ctx(1)).unwrap();
    assert_eq!(run.info().id, "b");
    drop(run);
    assert_eq!(
        message(Run::create_at(&out, &spec(), &ctx(1))),
        format!("{} is not empty: it holds .lock", out.display())
    );
    let full = root.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("thesis.txt"), "x").unwrap();
    let e = Run::create_at(&full, &spec(), &ctx(1)).unwrap_err();
    assert_eq!(e.to_string(), format!("{} is not empty: it holds thesis.txt", full.display()));
    assert_eq!(e.family().exit(), Exit::Usage);
    assert!(message(Run::create_at(&full.join("thesis.txt"), &spec(), &ctx(1))).contains("is a file"));
    let empty = root.path().join("empty");
    fs::create_dir(&empty).unwrap();
    Run::create_at(&empty, &spec(), &ctx(1)).unwrap();
}

#[test]
fn remains_of_a_killed_creation_are_taken_over() {
    let root = tempfile::tempdir().unwrap();
    let whole = root.path().join("whole");
    drop(Run::create_at(&whole, &spec(), &ctx(1)).unwrap());
    // Every beginning of the sequence lock, config, data that a kill can leave.
    for (i, names) in [
        vec![".lock"],
        vec![".lock", ".tmp-1-0-config.toml"],
        vec![".lock", "config.toml", "data.json", ".tmp-1-1-run.json"],
    ]
    .iter()
    .enumerate()
    {
        let out = root.path().join(format!("killed-{i}"));
        fs::create_dir(&out).unwrap();
        for name in names {
            fs::write(out.join(name), "torn").unwrap();
        }
        assert!(Run::open(&out).is_err());
        drop(Run::create_at(&out, &spec(), &ctx(1)).unwrap());
        let mut got: Vec<_> =
            fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        got.sort();
        assert_eq!(got, [".lock", "config.toml", "data.json", "run.json"]);
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_run() {
    let root = tempfile::tempdir().unwrap();
    let run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    let path = run.path().to_owned();
    for e in [Run::resume(&path, &ctx(1)).unwrap_err(), Run::amend(&path, &ctx(1)).unwrap_err()] {
        match e.downcast_ref::<RunError>().unwrap() {
            RunError::Locked { pid, host, .. } => assert_eq!((*pid, host), (std::process::id(), &run.info().host)),
            other => panic!("{other}"),
        }
        assert_eq!(e.family().exit(), Exit::Io);
    }
    let reader = Run::open(&path).unwrap();
    assert_eq!(reader.holder().unwrap().unwrap().pid, std::process::id());
    assert!(!reader.is_writable());
    drop(run);
    assert_eq!(reader.holder().unwrap(), None);
    Run::resume(&path, &ctx(1)).unwrap();
}

#[test]
fn the_lock_of_a_killed_process_is_free_and_its_content_is_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let path = Run::create(root.path(), &spec(), &ctx(1)).unwrap().path().to_owned();
    fs::write(path.join(file::LOCK), r#"{"pid":4000000,"host":"elsewhere","since_ms":1}"#).unwrap();
    assert!(Run::list(root.path()).unwrap()[0].killed);
    let run = Run::resume(&path, &ctx(1)).unwrap();
    assert!(!Run::list(root.path()).unwrap()[0].killed);
    assert_eq!(Run::open(&path).unwrap().holder().unwrap().unwrap().pid, std::process::id());
    assert_eq!(run.info().resumed.len(), 1);
}

/// Not a test by itself: the process that the next test starts and kills. Holds the run named by
/// the variable until it is killed.
#[test]
fn child_that_holds_a_run() {
    if let Ok(path) = std::env::var("SUFFIT_TEST_HOLD") {
        let _run = Run::resume(path, &ctx(1)).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

#[test]
fn another_process_holds_the_run_until_it_is_killed() {
    let root = tempfile::tempdir().unwrap();
    let path = Run::create(root.path(), &spec(), &ctx(1)).unwrap().path().to_owned();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "run::tests::child_that_holds_a_run"])
        .env("SUFFIT_TEST_HOLD", &path)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let reader = Run::open(&path).unwrap();
    let began = std::time::Instant::now();
    while reader.holder().unwrap().is_none() {
        assert!(began.elapsed().as_secs() < 30, "the child did not take the run");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // The holder writes its name right after taking the lock.
    while Run::resume(&path, &ctx(1)).unwrap_err().to_string().contains("process 0") {}
    match Run::resume(&path, &ctx(1)).unwrap_err().downcast_ref::<RunError>() {
        Some(RunError::Locked { pid, .. }) => assert_eq!(*pid, child.id()),
        other => panic!("{other:?}"),
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let run = Run::resume(&path, &ctx(1)).unwrap();
    assert!(!run.info().resumed.is_empty());
}

#[test]
fn resuming_needs_the_same_seed_and_an_unfinished_run() {
    let root = tempfile::tempdir().unwrap();
    let mut run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    run.finish(Status::Interrupted, Some("step 12"), 130, &ctx(1)).unwrap();
    let path = run.path().to_owned();
    drop(run);
    assert!(message(Run::resume(&path, &ctx(2))).ends_with("was started with seed 1, not 2"));
    let notes = Arc::new(Notes::default());
    let other_threads = Ctx { threads: 5, progress: notes.clone(), ..ctx(1) };
    let mut run = Run::resume(&path, &other_threads).unwrap();
    assert!(matches!(&notes.0.lock().unwrap()[0], Event::Warning { text } if text.contains("2 threads")));
    assert_eq!(run.info().resumed[0].stopped_at.as_deref(), Some("step 12"));
    assert_eq!((run.info().status, run.info().exit), (Status::Running, None));
    run.finish(Status::Complete, None, 0, &ctx(1)).unwrap();
    drop(run);
    assert!(message(Run::resume(&path, &ctx(1))).contains("complete"));
    assert_eq!(Run::open(&path).unwrap().info().seconds(), Some(0.0));
}

#[test]
fn a_kill_before_the_list_of_files_leaves_a_run_to_resume() {
    let root = tempfile::tempdir().unwrap();
    let mut run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    run.finish(Status::Complete, None, 0, &ctx(1)).unwrap();
    let path = run.path().to_owned();
    drop(run);
    assert!(!Run::list(root.path()).unwrap()[0].killed);
    fs::remove_file(path.join(file::FILES)).unwrap();
    fs::write(path.join(".tmp-1-2-FILES.json"), "{").unwrap();
    assert!(Run::list(root.path()).unwrap()[0].killed);
    let mut run = Run::resume(&path, &ctx(1)).unwrap();
    assert!(!path.join(".tmp-1-2-FILES.json").exists());
    run.finish(Status::Complete, None, 0, &ctx(1)).unwrap();
    assert!(run.verify().unwrap().iter().all(VerifyLine::is_ok));
}

#[test]
fn files_are_written_whole_and_only_by_the_writer() {
    let root = tempfile::tempdir().unwrap();
    let run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    run.write_json("figures/a.json", &json!([1, 2])).unwrap();
    run.write_text("note.md", "hé").unwrap();
    run.write_bytes("raw", &[0xff]).unwrap();
    assert!(run.has("figures/a.json") && run.has("figures") && !run.has("b"));
    assert_eq!(run.read_text("note.md").unwrap(), "hé");
    assert!(message(run.read_text("raw")).ends_with("is not UTF-8 text: byte 0"));
    assert!(message(run.read_json::<Value>("note.md")).contains("note.md is not the JSON that was expected"));
    for name in ["../x", "/x", "", "a/../../x", "."] {
        assert!(message(run.write_bytes(name, b"")).contains("not a name inside a run"), "{name}");
        assert!(!run.has(name));
    }
    let reader = Run::open(run.path()).unwrap();
    assert!(message(reader.write_bytes("x", b"")).starts_with("cannot write x: "));
    assert!(message(reader.metrics().map(|_| ())).contains("reading only"));
}

#[test]
fn verify_names_each_damaged_missing_and_new_file() {
    let root = tempfile::tempdir().unwrap();
    let mut run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    let states = |run: &Run| -> Vec<(String, VerifyState)> {
        run.verify()
            .unwrap()
            .into_iter()
            .filter(|l| !matches!(l.state, VerifyState::Ok { .. }))
            .map(|l| (l.name, l.state))
            .collect()
    };
    assert!(
        matches!(&states(&run)[..], [(_, VerifyState::NoList { reason })] if reason == "the run is running, not complete")
    );
    run.write_bytes("model.safetensors", &[1, 2, 3, 4]).unwrap();
    run.write_bytes("preprocessing.json", b"{}").unwrap();
    run.write_bytes("sub/a b", b"x").unwrap();
    run.checkpoints().save(5, &[("m".to_owned(), vec![1])].into()).unwrap();
    fs::write(run.path().join(file::LOG), "grows").unwrap();
    run.finish(Status::Complete, None, 0, &ctx(1)).unwrap();
    let names: Vec<String> = run.verify().unwrap().into_iter().map(|l| l.name).collect();
    let expected = [
        "checkpoints/step-00000005/MANIFEST.json",
        "checkpoints/step-00000005/m",
        "config.toml",
        "data.json",
        "model.safetensors",
        "preprocessing.json",
        "run.json",
        "sub/a b",
    ];
    assert_eq!(names, expected);
    assert!(states(&run).is_empty());
    let path = run.path().to_owned();
    drop(run);

    // Another process adds a report: the list knows it, and the log may grow.
    let amended = Run::amend(&path, &ctx(1)).unwrap();
    amended.write_text("report.html", "<p>").unwrap();
    fs::write(path.join(file::LOG), "grows on").unwrap();
    assert_eq!(amended.info().status, Status::Complete);
    assert!(states(&amended).is_empty());
    drop(amended);

    let run = Run::open(&path).unwrap();
    fs::write(path.join("model.safetensors"), [1, 2, 3, 5]).unwrap();
    fs::write(path.join("preprocessing.json"), "{ }").unwrap();
    fs::remove_dir_all(path.join("sub")).unwrap();
    fs::write(path.join("stray"), "").unwrap();
    let found = states(&run);
    assert_eq!(
        found,
        [
            ("model.safetensors".to_owned(), VerifyState::Changed),
            ("preprocessing.json".to_owned(), VerifyState::Size { expected: 2, got: 3 }),
            ("sub/a b".to_owned(), VerifyState::Missing),
            ("stray".to_owned(), VerifyState::New),
        ]
    );
    let bad: Vec<bool> = run.verify().unwrap().iter().filter(|l| !l.is_ok()).map(|_| true).collect();
    assert_eq!(bad.len(), 3);
    fs::write(path.join(file::FILES), "{").unwrap();
    assert!(matches!(&states(&run)[0].1, VerifyState::NoList { reason } if reason.contains("FILES.json")));
    fs::remove_file(path.join(file::FILES)).unwrap();
    assert!(matches!(&states(&run)[0].1, VerifyState::NoList { reason } if reason.contains("missing although")));
}

#[test]
fn a_run_can_be_copied_and_used_elsewhere() {
    let root = tempfile::tempdir().unwrap();
    let mut run = Run::create(root.path(), &spec(), &ctx(1)).unwrap();
    run.write_bytes("model.safetensors", b"m").unwrap();
    run.finish(Status::Complete, None, 0, &ctx(1)).unwrap();
    let text: String =
        ["run.json", "data.json", "config.toml", "FILES.json"].iter().map(|n| run.read_text(n).unwrap()).collect();
    assert!(!text.contains(&root.path().display().to_string()));
    let elsewhere = root.path().join("moved");
    fs::rename(run.path(), &elsewhere).unwrap();
    let moved = Run::open(&elsewhere).unwrap();
    assert!(moved.verify().unwrap().iter().all(VerifyLine::is_ok));
    assert_eq!(moved.read_bytes("model.safetensors").unwrap(), b"m");
}

#[test]
fn runs_are_found_by_path_name_prefix_and_latest() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    assert!(message(Run::find(root, "latest")).starts_with("no run `latest` in "));
    assert!(Run::list(&root.join("none")).unwrap().is_empty());
    let make = |name: &str, seed: u64| drop(Run::create_at(&root.join(name), &spec(), &ctx(seed)).unwrap());
    make("2026-11-25-symile-calm-otter", 1);
    make("2026-11-25-symile-calm-owl", 2);
    make("2026-11-24-symile-keen-fox", 3);
    fs::create_dir(root.join("empty")).unwrap();
    let found = |wanted: &str| Run::find(root, wanted).unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(found("2026-11-25-symile-calm-owl"), "2026-11-25-symile-calm-owl");
    assert_eq!(found("2026-11-24"), "2026-11-24-symile-keen-fox");
    assert_eq!(found(root.join("2026-11-24-symile-keen-fox").to_str().unwrap()), "2026-11-24-symile-keen-fox");
    // No pointer yet: the last by begin, then name.
    assert_eq!(found("latest"), "2026-11-25-symile-calm-owl");
    Run::set_latest(root, &root.join("2026-11-24-symile-keen-fox")).unwrap();
    assert_eq!(found("latest"), "2026-11-24-symile-keen-fox");
    let e = Run::find(root, "2026-11-25").unwrap_err();
    assert_eq!(
        e.to_string(),
        "`2026-11-25` is the beginning of 2 runs: 2026-11-25-symile-calm-otter, 2026-11-25-symile-calm-owl"
    );
    let e = Run::find(root, "2026-11-25-symile-clam-owl").unwrap_err();
    assert_eq!(e.hint().unwrap(), "did you mean `2026-11-25-symile-calm-owl`?");
    assert!(message(Run::find(root, root.join("empty").to_str().unwrap())).contains("is not a run"));
    assert!(message(Run::find(root, "")).starts_with("no run ``"));
    let names: Vec<String> = Run::list(root).unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["2026-11-24-symile-keen-fox", "2026-11-25-symile-calm-otter", "2026-11-25-symile-calm-owl"]);
}

#[test]
fn a_run_outside_the_root_can_be_the_latest() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("elsewhere/mine");
    drop(Run::create_at(&out, &spec(), &ctx(1)).unwrap());
    Run::set_latest(&root.path().join("runs"), &out).unwrap();
    let found = Run::find(&root.path().join("runs"), "latest").unwrap();
    assert_eq!(Run::open(found).unwrap().info().id, "mine");
}

#[test]
fn unreadable_run_files_are_named_and_listed() {
    let root = tempfile::tempdir().unwrap();
    let path = Run::create(root.path(), &spec(), &ctx(1)).unwrap().path().to_owned();
    let text = fs::read_to_string(path.join("run.json")).unwrap();
    fs::write(path.join("run.json"), text.replace("\"layout\": 1", "\"layout\": 9")).unwrap();
    assert!(message(Run::open(&path)).ends_with("has layout 9; this version reads layout 1"));
    fs::write(path.join("run.json"), &text[..40]).unwrap();
    let e = Run::open(&path).unwrap_err();
    assert_eq!((e.code(), e.family().exit()), ("run.bad_info", Exit::Data));
    let list = Run::list(root.path()).unwrap();
    assert!(list[0].info.is_err() && !list[0].killed);
    fs::remove_file(path.join("run.json")).unwrap();
    assert!(message(Run::open(&path)).ends_with("is not a run: it has no run.json"));
}

#[cfg(unix)]
#[test]
fn a_root_that_cannot_be_written_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let e = Run::create(&file.join("runs"), &spec(), &ctx(1)).unwrap_err();
    assert!(e.to_string().starts_with(&format!("cannot create {}", file.join("runs").display())), "{e}");
    assert_eq!(e.family().exit(), Exit::Io);
}
