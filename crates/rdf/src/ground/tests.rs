//! Names and quantities against an independent reference.

use std::str::FromStr;

use serde_json::Value;

use super::{Quantity, normalise};

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/oracle/grounding.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn names_have_the_golden_form() {
    for row in file()["labels"].as_array().unwrap() {
        assert_eq!(normalise(row["mention"].as_str().unwrap()), row["normalised"].as_str().unwrap());
    }
}

#[test]
fn quantities_equal_the_golden_rows() {
    let rows = file();
    let rows = rows["quantities"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let ours = Quantity::parse(text).unwrap_or_else(|| panic!("{text}: nothing read"));
        assert_eq!(ours.unit(), row["unit"].as_str().unwrap(), "{text}");
        near(&ours.value_text(), row["value"].as_str().unwrap(), text);
        match row["half_width"].as_str() {
            None => assert_eq!(ours.half_width_text(), None, "{text}"),
            Some(half) => near(&ours.half_width_text().unwrap(), half, text),
        }
    }
}

/// Equal as texts, or up to the rounding of the file: half a unit of the last digit it writes behind
/// the point. (Its 1e-5 relative cannot hold for the half width written `0.01416`, which has four
/// digits; everywhere else this is the stricter rule.)
fn near(ours: &str, expected: &str, text: &str) {
    if ours == expected {
        return;
    }
    let digits = expected.split_once('.').map_or(0, |(_, part)| part.len());
    assert!(digits > 0, "{text}: {ours} against {expected}");
    let (a, b) = (f64::from_str(ours).unwrap(), f64::from_str(expected).unwrap());
    assert!((a - b).abs() <= 0.5 * 10f64.powi(-(digits as i32)), "{text}: {ours} against {expected}");
}
