//! Both matrices against an independent reference.

use serde_json::Value;

use super::{ThreeAction, TwoAction};

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/oracle/metrics.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn compare(ours: &Value, expected: &Value) {
    let (ours, expected) = (ours.as_object().unwrap(), expected.as_object().unwrap());
    assert_eq!(ours.keys().collect::<std::collections::BTreeSet<_>>(), expected.keys().collect());
    for (key, value) in expected {
        match value.as_f64() {
            None => assert!(ours[key].is_null(), "{key}"),
            Some(v) => assert!((ours[key].as_f64().unwrap() - v).abs() <= 1e-12, "{key}"),
        }
    }
}

#[test]
fn two_actions_equal_the_golden_rows() {
    let rows = file();
    let rows = rows["two_action"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let count = |key: &str| row["counts"][key].as_u64().unwrap();
        let matrix =
            TwoAction { answered: ["A_E", "A_C", "A_U"].map(count), abstained: ["S_E", "S_C", "S_U"].map(count) };
        compare(&serde_json::to_value(matrix.metrics()).unwrap(), &row["metrics"]);
    }
}

#[test]
fn three_actions_equal_the_golden_rows() {
    let rows = file();
    let rows = rows["three_action"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let matrix = ["E", "C", "U"].map(|g| ["L", "R", "S"].map(|v| row["matrix"][g][v].as_u64().unwrap()));
        compare(&serde_json::to_value(ThreeAction { matrix }.metrics()).unwrap(), &row["metrics"]);
    }
}
