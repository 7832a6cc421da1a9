//! Bad input, through the command line: each case its own cause, with file, row and column.

use crate::util::{Place, SMALL, npy, shown, small_csv};

/// The message of a small fit that must fail.
fn fit(place: &Place, args: &[&str]) -> String {
    let mut all = vec!["fit", "symile", "--no-progress", "--out", "run"];
    all.extend_from_slice(SMALL);
    all.extend_from_slice(args);
    let text = shown(place, &all);
    assert!(!place.exists("run/model.safetensors"), "a run came out of it: {text}");
    text
}

fn with_cell(row: usize, column: usize, text: &str) -> String {
    let mut lines: Vec<Vec<String>> =
        small_csv(40).lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
    lines[row][column] = text.to_owned();
    lines.iter().map(|l| l.join(",") + "\n").collect()
}

#[test]
fn row_counts_that_differ_name_both_files() {
    let place = Place::new();
    for (name, rows) in [("x", 40), ("y", 40), ("z", 39)] {
        std::fs::write(place.path(&format!("{name}.npy")), npy(rows, 3, |r, c| (r * 3 + c) as f64)).unwrap();
    }
    insta::assert_snapshot!(fit(&place, &["--view", "x=x.npy", "--view", "y=y.npy", "--view", "z=z.npy"]));
}

#[test]
fn an_infinite_value_names_view_row_and_column() {
    let place = Place::new();
    place.write("inf.csv", &with_cell(7, 5, "inf"));
    insta::assert_snapshot!(fit(&place, &["--data", "inf.csv"]));
}

#[test]
fn a_missing_value_inside_a_view_names_view_row_and_column() {
    let place = Place::new();
    place.write("nan.csv", &with_cell(7, 5, "NaN"));
    insta::assert_snapshot!(fit(&place, &["--data", "nan.csv"]));
}

#[test]
fn an_unknown_column_suggests_the_nearest() {
    let place = Place::with_data();
    insta::assert_snapshot!(fit(&place, &["--data", "small.csv", "--label", "lable"]));
}

#[test]
fn a_view_pattern_without_a_match_suggests_the_nearest() {
    let place = Place::with_data();
    insta::assert_snapshot!(fit(&place, &["--data", "small.csv", "--view", "a=aa_*", "--view", "b=b_*"]));
}

#[test]
fn an_unknown_view_suggests_the_nearest() {
    let place = Place::with_data();
    insta::assert_snapshot!(fit(&place, &["--data", "small.csv", "--present", "aa=label"]));
}

#[test]
fn a_view_that_is_never_observed() {
    let place = Place::new();
    let text = small_csv(40);
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(i, l)| {
            let mut cells: Vec<&str> = l.split(',').collect();
            if i > 0 {
                (7..10).for_each(|k| cells[k] = "");
            }
            cells.join(",") + "\n"
        })
        .collect();
    place.write("never.csv", &lines.concat());
    insta::assert_snapshot!(fit(
        &place,
        &["--data", "never.csv", "--view", "a=a_*", "--view", "b=b_*", "--view", "c=c_*"]
    ));
}

#[test]
fn one_view_is_not_enough() {
    let place = Place::with_data();
    insta::assert_snapshot!(fit(&place, &["--data", "small.csv", "--view", "a=a_*"]));
}

#[test]
fn a_batch_of_one_warns() {
    let place = Place::with_data();
    let mut args = vec!["fit", "symile", "--data", "small.csv", "--no-progress", "--out", "run"];
    args.extend_from_slice(SMALL);
    args.extend(["--set", "train.batch_size=1", "--set", "train.epochs=1"]);
    let said = place.ok(&args);
    assert!(said.err.contains("warning:") && said.err.contains("no negatives"), "{said:?}");
}

#[test]
fn a_pickle_is_refused_with_the_conversion() {
    let place = Place::new();
    // a pickle of protocol 4: PROTO 4, NONE, STOP
    std::fs::write(place.path("views.pt"), b"\x80\x04N.").unwrap();
    insta::assert_snapshot!(fit(&place, &["--data", "views.pt"]));
    // content decides, whatever the name says
    std::fs::write(place.path("views.npy"), b"\x80\x04N.").unwrap();
    insta::assert_snapshot!("pickle_behind_another_name", fit(&place, &["--data", "views.npy"]));
}

#[cfg(unix)]
#[test]
fn an_output_that_cannot_be_written() {
    let place = Place::with_data();
    place.write("taken", "a file");
    insta::assert_snapshot!(shown(&place, &["fit", "symile", "--data", "small.csv", "--out", "taken/run"]));
}

#[test]
fn an_output_folder_that_holds_something() {
    let place = Place::with_data();
    std::fs::create_dir(place.path("full")).unwrap();
    place.write("full/thesis.tex", "x");
    insta::assert_snapshot!(shown(&place, &["fit", "symile", "--data", "small.csv", "--out", "full"]));
}

#[test]
fn an_unknown_key_is_pointed_at_in_the_file() {
    let place = Place::with_data();
    place.write("my.toml", "dim = 8\n\n[train]\nepocs = 3\n");
    insta::assert_snapshot!(fit(&place, &["--data", "small.csv", "--config", "my.toml"]));
}

#[test]
fn a_value_of_the_wrong_type_is_pointed_at_on_the_command_line() {
    let place = Place::with_data();
    insta::assert_snapshot!(shown(&place, &["fit", "symile", "--data", "small.csv", "--set", "train.epochs=many"]));
}

#[test]
fn an_unknown_method_verb_and_flag_suggest_the_nearest() {
    let place = Place::with_data();
    insta::assert_snapshot!("unknown_method", shown(&place, &["describe", "symlie"]));
    insta::assert_snapshot!("unknown_verb", shown(&place, &["fti", "symile"]));
    insta::assert_snapshot!("unknown_flag", shown(&place, &["fit", "symile", "--vew", "a=a_*"]));
    insta::assert_snapshot!("unknown_example", shown(&place, &["example", "digit.parquet"]));
    insta::assert_snapshot!("unknown_table", shown(&place, &["reproduce", "symile", "--table", "xorr"]));
    insta::assert_snapshot!(
        "unknown_preset",
        shown(&place, &["fit", "symile", "--data", "small.csv", "--preset", "fats"])
    );
}

#[test]
fn a_missing_file_and_an_unknown_ending() {
    let place = Place::with_data();
    insta::assert_snapshot!("missing_file", fit(&place, &["--data", "smal.csv"]));
    place.write("notes.docx", "x");
    insta::assert_snapshot!("unknown_ending", fit(&place, &["--data", "notes.docx"]));
}

#[test]
fn applying_without_the_wanted_view_or_with_other_widths() {
    let place = Place::with_data();
    place.fit("runs/small");
    insta::assert_snapshot!(
        "unknown_target",
        shown(&place, &["apply", "small", "small.csv", "--target", "d", "--out", "o.parquet"])
    );
    insta::assert_snapshot!(
        "other_width",
        shown(
            &place,
            &[
                "apply",
                "small",
                "small.csv",
                "--view",
                "a=a_0,a_1",
                "--view",
                "b=b_*",
                "--target",
                "c",
                "--out",
                "o.parquet"
            ]
        )
    );
    insta::assert_snapshot!("output_ending", shown(&place, &["apply", "small", "small.csv", "--out", "o.xlsx"]));
    assert!(!place.exists("o.parquet"));
}
