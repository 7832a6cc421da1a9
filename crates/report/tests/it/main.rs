//! The renderers on a document that holds every kind of block, and on hostile text.
#![allow(clippy::unwrap_used, clippy::panic)]

mod html;
mod plain;
#[path = "../sample/mod.rs"]
mod sample;

use suffit_report::{
    Answer, Axis, Banner, Cell, Document, Figure, Format, Histogram, Lines, Record, ReportError, Section, Series,
    Table, cells,
};

/// A file of the crate or the workspace, by its path from the crate.
fn read(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_layout_sample_is_current_and_survives_a_round_trip() {
    let document = sample::sample();
    document.validate().unwrap();
    let json = serde_json::to_string(&document).unwrap();
    assert_eq!(
        json,
        read("../../web/test/sample.json").trim_end(),
        "write it anew: cargo run --release -p suffit-report --example sample > web/test/sample.json"
    );
    let back: Document = serde_json::from_str(&json).unwrap();
    // NaN differs from itself, so the texts are compared.
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
}

#[test]
fn numbers_are_written_as_the_page_writes_them() {
    #[derive(serde::Deserialize)]
    struct Case {
        format: Format,
        value: serde_json::Value,
        text: String,
    }
    let cases: Vec<Case> = serde_json::from_str(&read("tests/numbers.json")).unwrap();
    for case in cases {
        let number: Cell = serde_json::from_value(serde_json::json!({ "cell": "number", "is": case.value })).unwrap();
        let Cell::Number(value) = number else { panic!("not a number") };
        assert_eq!(case.format.write(value), case.text, "{:?} {}", case.format, case.value);
    }
}

#[test]
fn csv_is_what_the_page_copies() {
    let document = sample::sample();
    let mut blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let table = blocks.find_map(|block| match block {
        suffit_report::Block::Table(table) => Some(table),
        _ => None,
    });
    assert_eq!(table.unwrap().csv(), read("tests/retrieval.csv"));
}

#[test]
fn a_row_that_is_too_short_is_named() {
    let table = Table::new("gains").text("from").number("gain", 2).row(cells!["a", 0.5]).row(cells!["b"]);
    let error = Document::new("t", "m").section(Section::new("s").table(table)).validate().unwrap_err();
    assert_eq!(error, ReportError::RowWidth { table: "gains".into(), row: 2, expected: 2, got: 1 });
    assert_eq!(error.to_string(), "table `gains`, row 2: 1 cells for 2 columns");
}

#[test]
fn lists_of_different_length_are_named() {
    let axis = || Axis::new("x");
    let lines = Lines::new(axis(), axis())
        .series(Series::new("ours", vec![1.0, 2.0], vec![1.0, 2.0]).band(vec![0.0], vec![3.0, 3.0]));
    let figure = Figure::new("f", lines);
    let error = Document::new("t", "m").section(Section::new("s").figure(figure)).validate().unwrap_err();
    assert_eq!(error.to_string(), "figure `f`: low of `ours` has 1 entries, 2 are needed");
}

#[test]
fn a_file_outside_the_run_is_refused() {
    for path in ["../secret", "/etc/x", "javascript:alert(1)", "a\\b", ""] {
        let document = Document::new("t", "m").record(Record::new().file(path, "x", None));
        assert_eq!(document.validate(), Err(ReportError::FileOutside { path: path.into() }));
    }
    Document::new("t", "m")
        .record(Record::new().file("checkpoints/step-1/model.safetensors", "x", None))
        .validate()
        .unwrap();
}

#[test]
fn a_histogram_counts_every_finite_value_once() {
    let values = [0.0, 0.1, 0.5, 1.0, f64::NAN, 1.0];
    let histogram = Histogram::of(Axis::new("x"), "all", &values, 4);
    assert_eq!(histogram.edges, [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(histogram.series[0].counts, [2, 0, 1, 2]);
    assert_eq!(Histogram::of(Axis::new("x"), "all", &[2.0, 2.0], 1).series[0].counts, [2]);
    assert!(Histogram::of(Axis::new("x"), "all", &[], 4).edges.is_empty());
}

#[test]
fn an_axis_turns_logarithmic_beyond_two_decades_of_positive_values() {
    let scale = |values: &[f64]| Axis::new("x").log_if_wide(values).scale;
    assert_eq!(scale(&[1.0, 101.0]), suffit_report::Scale::Log);
    assert_eq!(scale(&[1.0, 100.0]), suffit_report::Scale::Linear);
    assert_eq!(scale(&[0.0, 1000.0]), suffit_report::Scale::Linear);
}

#[test]
fn a_verdict_becomes_a_banner() {
    let verdict = suffit_core::Verdict {
        question: "Is it enough?".into(),
        answer: Answer::Enough,
        sentence: "it keeps what it should".into(),
        effect: suffit_core::Effect {
            name: "difference".into(),
            value: -0.01,
            low: -0.03,
            high: 0.01,
            level: 0.9,
            interval: "bootstrap".into(),
            unit: "nats".into(),
        },
        tolerance: 0.05,
        test: Some(("permutation".into(), 0.25)),
        n: 1000,
        assumptions: vec![suffit_core::Assumption { text: "a".into(), holds: None }],
        would_decide: None,
        evidence: vec![],
    };
    let banner = Banner::from(&verdict);
    assert_eq!(
        banner.sentence(),
        "it keeps what it should: −0.010 nats [−0.030, +0.010] difference (tolerance 0.050 nats, n = 1,000)"
    );
    assert_eq!(banner.basis.as_deref(), Some("bootstrap; permutation: p = 0.25"));
    assert_eq!(banner.assumptions[0].state, suffit_report::LimitState::Unchecked);
}
