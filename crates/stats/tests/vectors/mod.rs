//! Reading golden vectors.

use serde_json::Value;
use suffit_stats::linalg::Matrix;

pub fn read(name: &str) -> Value {
    let path = format!("{}/../../tests/golden/fccov/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of a nested array, in order.
pub fn flat(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(a) => a.iter().flat_map(flat).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

pub fn matrix(v: &Value) -> Matrix {
    let rows = v.as_array().unwrap().len();
    let values = flat(v);
    Matrix::new(rows, values.len() / rows, values).unwrap()
}
