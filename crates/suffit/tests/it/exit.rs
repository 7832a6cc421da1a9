//! Exit codes are documented API: one test each, and the help says the same.

use crate::util::Place;
#[cfg(unix)]
use crate::util::{begun, interrupt};

fn code(place: &Place, args: &[&str]) -> i32 {
    place.run(args).code
}

#[test]
fn success_is_0() {
    assert_eq!(code(&Place::new(), &["list"]), 0);
}

#[test]
fn usage_and_configuration_are_2() {
    let place = Place::with_data();
    assert_eq!(code(&place, &["fit", "symile", "--nonsense"]), 2);
    assert_eq!(code(&place, &["fit", "symlie", "--data", "small.csv"]), 2);
    assert_eq!(code(&place, &["fit", "symile", "--data", "small.csv", "--set", "dimm=8"]), 2);
    assert_eq!(code(&place, &["fit", "symile", "--data", "small.csv", "--set", "dim=many"]), 2);
    assert_eq!(code(&place, &["runs", "show", "nothing"]), 2);
}

#[test]
fn data_is_3() {
    let place = Place::with_data();
    place.write("ragged.csv", "a_0,a_1,b_0,b_1\n1,2,3,4\n1,2\n");
    assert_eq!(code(&place, &["fit", "symile", "--data", "ragged.csv"]), 3);
    place.write("empty.csv", "");
    assert_eq!(code(&place, &["check", "empty.csv"]), 3);
}

#[test]
fn input_and_output_are_4() {
    let place = Place::with_data();
    assert_eq!(code(&place, &["check", "no-such-file.csv"]), 4);
    place.write("file", "x");
    assert_eq!(code(&place, &["fit", "symile", "--data", "small.csv", "--runs", "file/runs"]), 4);
}

/// A fit that does not end by itself.
#[cfg(unix)]
const ENDLESS: &[&str] = &[
    "fit",
    "symile",
    "--data",
    "small.csv",
    "--out",
    "run",
    "--no-progress",
    "--set",
    "train.epochs=100000",
    "--set",
    "train.patience=0",
];

#[cfg(unix)]
#[test]
fn ctrl_c_is_130_and_the_run_goes_on_from_there() {
    let place = Place::with_data();
    let child = begun(&place, ENDLESS, "run");
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("stopped:") && err.contains("hint: go on with `suffit fit symile --resume run`"), "{err}");
    let (_, shown) = place.json(&["runs", "show", "run"]);
    assert_eq!(shown["status"], "interrupted");
    assert!(shown["checkpoint"].as_u64().unwrap() > 0);
    let report = place.ok(&["report", "run"]);
    assert!(report.out.contains("report.html"), "{report:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_twice_stops_now() {
    let place = Place::with_data();
    let mut child = begun(&place, ENDLESS, "run");
    interrupt(&child);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let (_, shown) = place.json(&["runs", "show", "run"]);
    assert!(["killed", "interrupted"].contains(&shown["status"].as_str().unwrap()), "{shown}");
}

#[test]
fn the_help_lists_every_exit_code() {
    let help = Place::new().ok(&["--help"]).out;
    for code in ["  0  ", "  1  ", "  2  ", "  3  ", "  4  ", "  6  ", " 70  ", "130  "] {
        assert!(help.contains(code), "{code} is missing in {help}");
    }
}
