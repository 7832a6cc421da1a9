//! The main job: one command on a bare machine, from nothing to an answer.

use crate::util::Place;

#[test]
fn quickstart_completes_whatever_the_answer() {
    let place = Place::new();
    let (code, document) = place.json(&["quickstart", "--no-progress"]);
    assert_eq!(code, 0, "{document}");
    let answer = document["outcome"]["verdict"]["answer"].as_str().unwrap();
    assert!(["enough", "not_enough", "undecided"].contains(&answer), "{document}");
    let rows = document["outcome"]["results"].as_array().unwrap();
    assert!(
        rows.iter().all(|r| r["interval"].is_array() && !r["baselines"].as_array().unwrap().is_empty()),
        "{rows:?}"
    );
    let report = std::path::PathBuf::from(document["report"].as_str().unwrap());
    assert!(report.is_absolute() && report.is_file());
    assert!(std::fs::metadata(&report).unwrap().len() < 1_500_000);
    assert!(place.exists("runs/latest/README.md"));
    place.ok(&["runs", "verify", "latest"]);
    // the command that it names next can be typed as it stands, and its answer is its exit code
    let next: Vec<&str> = document["outcome"]["next"].as_str().unwrap().split(' ').collect();
    assert_eq!(next[0], "suffit");
    let expected = match answer {
        "enough" => 0,
        "not_enough" => 1,
        _ => 6,
    };
    assert_eq!(place.run(&next[1..]).code, expected);
}

#[cfg(unix)]
#[test]
fn a_stopped_quickstart_names_the_command_that_goes_on() {
    let place = Place::new();
    let child = crate::util::begun(&place, &["quickstart", "--out", "demo", "--json", "--no-progress"], "demo");
    crate::util::interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["error"]["code"], "interrupted");
    let hint = document["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("suffit quickstart --resume demo"), "{hint}");
    // `fit` does not go on with half a demonstration
    let said = place.run(&["fit", "--resume", "demo"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("suffit quickstart --resume demo"), "{said:?}");
}
