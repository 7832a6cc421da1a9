//! From data to an answer, by the commands of the guide.

use crate::util::{Place, SMALL, files, npy};

#[test]
fn new_fit_apply_report_verify() {
    let place = Place::with_data();
    place.ok(&["new", "symile", "small.csv", "--out", "small.toml"]);
    let mut args = vec!["fit", "small.toml", "--no-progress"];
    args.extend_from_slice(SMALL);
    let fit = place.ok(&args);
    assert!(fit.out.contains("views a(3) b(3) c(3)"), "{}", fit.out);
    assert!(fit.out.contains("report.html") && fit.out.contains("next"), "{}", fit.out);
    assert!(place.exists("runs/latest/model.safetensors"));
    let apply = place.ok(&["apply", "latest", "small.csv", "--target", "c", "--top", "3", "--out", "found.parquet"]);
    assert!(apply.out.contains("96 rows"), "{}", apply.out);
    let verify = place.ok(&["runs", "verify", "latest"]);
    assert!(verify.out.contains("0 not"), "{}", verify.out);
    let report = place.ok(&["report", "latest", "--out", "r.md"]);
    assert!(report.out.contains("r.md"));
    assert!(std::fs::read_to_string(place.path("r.md")).unwrap().starts_with("# "));
    let html = std::fs::read_to_string(place.path("runs/latest/report.html")).unwrap();
    assert!(html.contains("application/json"));
}

#[test]
fn the_starter_configuration_says_nothing_new() {
    let place = Place::with_data();
    place.ok(&["new", "symile", "small.csv", "--out", "small.toml"]);
    let (_, plain) = place.json(&["fit", "symile", "--data", "small.csv", "--dry-run"]);
    let (_, starter) = place.json(&["fit", "small.toml", "--dry-run"]);
    assert_eq!(plain["config"], starter["config"]);
    assert_eq!(plain["data"]["roles"], starter["data"]["roles"]);
}

#[test]
fn later_sources_win() {
    let place = Place::with_data();
    place.write("c.toml", "dim = 12\n[train]\nepochs = 7\nbatch_size = 16\n");
    let args = [
        "fit",
        "symile",
        "--data",
        "small.csv",
        "--config",
        "c.toml",
        "--set",
        "train.epochs=9",
        "--dry-run",
        "--json",
    ];
    let mut command = place.command(&args);
    command.env("SUFFIT_TRAIN__EPOCHS", "8").env("SUFFIT_TRAIN__BATCH_SIZE", "24");
    let said = crate::util::said(command);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let config = &document["config"];
    assert_eq!(
        (&config["dim"], &config["train"]["epochs"], &config["train"]["batch_size"]),
        (&12.into(), &9.into(), &24.into())
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::with_data();
    let said = place.ok(&["fit", "symile", "--data", "small.csv", "--dry-run"]);
    assert!(said.out.contains("plan"), "{}", said.out);
    assert_eq!(files(&place.path("")).keys().collect::<Vec<_>>(), ["small.csv"]);
}

#[test]
fn views_from_files_of_their_own() {
    let place = Place::new();
    for (name, shift) in [("x", 0), ("y", 1), ("z", 2)] {
        let bytes = npy(64, 4, |r, c| ((r * (c + 1 + shift)) % 7) as f64);
        std::fs::write(place.path(&format!("{name}.npy")), bytes).unwrap();
    }
    let mut args =
        vec!["fit", "symile", "--view", "x=x.npy", "--view", "y=y.npy", "--view", "z=z.npy", "--no-progress"];
    args.extend_from_slice(SMALL);
    assert!(place.ok(&args).out.contains("views x(4) y(4) z(4)"));
    place.ok(&[
        "apply",
        "latest",
        "--view",
        "x=x.npy",
        "--view",
        "y=y.npy",
        "--target",
        "z",
        "--candidates",
        "z.npy",
        "--out",
        "o.parquet",
    ]);
    assert!(place.exists("o.parquet"));
}

#[test]
fn a_run_works_where_it_is_copied() {
    let place = Place::with_data();
    place.fit("runs/one");
    std::fs::create_dir(place.path("elsewhere")).unwrap();
    std::fs::rename(place.path("runs/one"), place.path("elsewhere/other")).unwrap();
    place.ok(&["apply", "elsewhere/other", "small.csv", "--out", "o.csv"]);
    place.ok(&["runs", "verify", "elsewhere/other"]);
}

#[test]
fn same_seed_and_threads_same_bytes() {
    let place = Place::with_data();
    for run in ["one", "two"] {
        place.fit(run);
    }
    let read = |run: &str| std::fs::read(place.path(run).join("model.safetensors")).unwrap();
    assert!(read("one") == read("two"));
}

#[test]
fn a_damaged_file_is_named() {
    let place = Place::with_data();
    place.fit("runs/one");
    let model = place.path("runs/one/model.safetensors");
    let mut bytes = std::fs::read(&model).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&model, bytes).unwrap();
    let said = place.run(&["runs", "verify", "one"]);
    assert_eq!(said.code, 3);
    assert!(said.out.contains("DAMAGED  model.safetensors"), "{said:?}");
}

#[test]
fn a_resumed_run_needs_the_same_data() {
    let place = Place::with_data();
    place.fit("runs/one");
    let said = place.run(&["fit", "--resume", "one"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("is complete"), "{said:?}");
    // the same run, as if it had been stopped, with other data under the same name
    let info = place.path("runs/one/run.json");
    let text = std::fs::read_to_string(&info).unwrap().replace("\"complete\"", "\"interrupted\"");
    std::fs::write(info, text).unwrap();
    place.write("small.csv", &crate::util::small_csv(97));
    let said = place.run(&["fit", "--resume", "one"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("has changed since one began"), "{said:?}");
}

#[test]
fn examples_are_written_and_never_over_a_file() {
    let place = Place::new();
    place.ok(&["example", "digits.parquet"]);
    let said = place.run(&["example", "digits.parquet"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("exists already"), "{said:?}");
    place.ok(&["example", "digits.parquet", "--force"]);
    let (_, document) = place.json(&["check", "digits.parquet", "--method", "symile"]);
    assert_eq!(document["data"]["rows"], 2000);
    assert_eq!(document["data"]["roles"]["label"][0], "digit");
}

#[test]
fn quiet_prints_the_answer_and_the_report_only() {
    let place = Place::with_data();
    let mut args = vec!["fit", "symile", "--data", "small.csv", "-q"];
    args.extend_from_slice(SMALL);
    let said = place.ok(&args);
    assert_eq!(said.err, "");
    assert!(!said.out.contains("plan") && said.out.contains("report.html"), "{}", said.out);
}

#[test]
fn the_log_of_a_run_is_json_lines() {
    let place = Place::with_data();
    place.fit("one");
    let log = std::fs::read_to_string(place.path("one/log.jsonl")).unwrap();
    assert!(log.lines().count() >= 2, "{log}");
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
}

#[test]
fn verbose_tells_why_each_role_was_guessed() {
    let place = Place::with_data();
    let said = place.ok(&["fit", "symile", "--data", "small.csv", "--dry-run", "-v"]);
    assert!(said.out.contains("guessed:"), "{}", said.out);
}

#[test]
fn tensorboard_files_come_on_request_only() {
    let place = Place::with_data();
    let events = |run: &str| -> Vec<Vec<u8>> {
        files(&place.path(run))
            .into_iter()
            .filter(|(name, _)| name.contains("tfevents"))
            .map(|(_, bytes)| bytes)
            .collect()
    };
    place.fit("without");
    assert!(events("without").is_empty());
    let mut args = vec!["fit", "symile", "--data", "small.csv", "--out", "with", "--log", "tensorboard"];
    args.extend_from_slice(SMALL);
    place.ok(&args);
    let tag = b"loss/val";
    assert!(events("with").iter().any(|bytes| bytes.windows(tag.len()).any(|w| w == tag)));
    place.ok(&["runs", "verify", "with"]);
}

#[test]
fn a_failed_fit_says_why_in_its_log_and_its_record() {
    let place = Place::with_data();
    let mut args = vec!["fit", "symile", "--data", "small.csv", "--out", "run", "--set", "train.learning_rate=1e30"];
    args.extend_from_slice(SMALL);
    let said = place.run(&args);
    assert_ne!(said.code, 0, "{said:?}");
    let (_, shown) = place.json(&["runs", "show", "run"]);
    assert_eq!((&shown["status"], &shown["info"]["exit"]), (&"failed".into(), &said.code.into()));
    let log = std::fs::read_to_string(place.path("run/log.jsonl")).unwrap();
    assert!(log.lines().any(|l| l.contains("\"ERROR\"")), "{log}");
    assert!(place.ok(&["report", "run"]).out.contains("report.html"));
}

#[test]
fn check_says_why_each_role_was_bound() {
    let place = Place::with_data();
    let guessed = place.ok(&["check", "small.csv"]).out;
    assert!(guessed.contains("guessed: columns share a prefix"), "{guessed}");
    let given = place.ok(&["check", "small.csv", "--view", "a=a_*", "--view", "b=b_*", "--label", "label"]).out;
    assert!(given.contains("as given"), "{given}");
}
