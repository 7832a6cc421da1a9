//! Distances, dependence measures and the algebra of dimension reduction against vectors of an
//! independent computation.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use suffit_stats::linalg::Matrix;
use suffit_stats::response::*;

fn read(name: &str) -> Value {
    let path = format!("{}/../../tests/golden/fccov/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of a nested array, in order.
fn flat(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(a) => a.iter().flat_map(flat).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

#[allow(dead_code)]
fn matrix(v: &Value) -> Matrix {
    let rows = v.as_array().unwrap().len();
    let values = flat(v);
    Matrix::new(rows, values.len() / rows, values).unwrap()
}

/// Relative `1e-10` of the largest entry, plus `1e-12`.
fn near(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let top = theirs.iter().map(|v| v.abs()).fold(0.0, f64::max);
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-10 * top + 1e-12, "{name}[{i}]: {a} {b}");
    }
}

#[test]
fn distances_of_objects() {
    let v = read("distances");
    let spd = Response::spd(flat(&v["spd"]), 3).unwrap();
    for (key, metric) in [
        ("frobenius", Metric::Frobenius),
        ("log_euclidean", Metric::LogEuclidean),
        ("affine_invariant", Metric::AffineInvariant),
        ("log_cholesky", Metric::LogCholesky),
    ] {
        near(key, &distances(&spd, metric).unwrap().values, &flat(&v[key]));
    }
    let (a, b) = (flat(&v["samples"][0]), flat(&v["samples"][1]));
    near("w2_samples", &[wasserstein2_samples(&a, &b).unwrap()], &flat(&v["w2_samples"]));
    let sphere = Response::sphere(flat(&v["sphere"]), 3).unwrap();
    near("sphere_dist", &distances(&sphere, Metric::GreatCircle).unwrap().values, &flat(&v["sphere_dist"]));
    let parts = Response::composition(flat(&v["composition"]), 4).unwrap();
    near("fisher_rao", &distances(&parts, Metric::FisherRao).unwrap().values, &flat(&v["fisher_rao"]));
    near("aitchison", &distances(&parts, Metric::Aitchison).unwrap().values, &flat(&v["aitchison"]));
    let (grid, levels) = (flat(&v["density_grid"]), flat(&v["quantile_grid"]));
    let q: Vec<f64> =
        (0..2).flat_map(|i| density_quantiles(&grid, &flat(&v["densities"][i]), &levels).unwrap()).collect();
    near("quantiles", &q, &flat(&v["quantiles"]));
    let w = distances(&Response::distribution(q, levels).unwrap(), Metric::Wasserstein2).unwrap();
    near("w2_quantiles", &[w.at(0, 1)], &flat(&v["w2_quantiles"]));
}
