//! Conditional independence tests and the gap against vectors of an independent computation.
#![allow(clippy::unwrap_used, clippy::panic)]

mod vectors;

use serde_json::Value;
use suffit_stats::audit::{clustered_se, gap};
use suffit_stats::conditional::{Ols, gcm, kci, pcm_split};
use suffit_stats::linalg::Matrix;
use vectors::{flat, matrix, read};

fn rows(v: &Value) -> Vec<usize> {
    v.as_array().unwrap().iter().map(|i| i.as_u64().unwrap() as usize).collect()
}

#[track_caller]
fn near(name: &str, ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= 1e-10 * theirs.abs() + 1e-12, "{name}: {ours} against {theirs}");
}

#[test]
fn pcm_without_and_with_variance_weights() {
    let v = read("pcm_gcm");
    let (x, z, y) = (matrix(&v["X"]), matrix(&v["Z"]), flat(&v["Y"]));
    let halves = (rows(&v["direction_rows"]), rows(&v["test_rows"]));
    let plain = pcm_split(&Ols, &x, &z, &y, (&halves.0, &halves.1), false, 0).unwrap();
    let expected = &v["pcm_no_variance"];
    near("rho", plain.rho, &expected["rho"]);
    near("T", plain.t, &expected["T"]);
    near("p", plain.p, &expected["p"]);
    for (k, l) in expected["L_first5"].as_array().unwrap().iter().enumerate() {
        near("L", plain.products[k], l);
    }
    let weighted = pcm_split(&Ols, &x, &z, &y, (&halves.0, &halves.1), true, 0).unwrap();
    let expected = &v["pcm_variance"];
    near("floor", weighted.floor.unwrap(), &expected["floor"]);
    near("c", weighted.c.unwrap(), &expected["c"]);
    near("T", weighted.t, &expected["T"]);
    near("p", weighted.p, &expected["p"]);
}

#[test]
fn gcm_of_every_column() {
    let v = read("pcm_gcm");
    let y = flat(&v["Y"]);
    let y = Matrix::new(y.len(), 1, y).unwrap();
    let ours = gcm(&Ols, &matrix(&v["X"]), &matrix(&v["Z"]), &y, 99, 0).unwrap();
    for j in 0..2 {
        near("T", ours.t[j], &v["gcm"]["T"][j]);
        near("p", ours.p_columns[j], &v["gcm"]["p_univariate_two_sided"][j]);
    }
    near("max", ours.max_abs, &v["gcm"]["max_abs"]);
    assert!(ours.p > 0.0 && ours.p < 0.06, "{}", ours.p);
}

#[test]
fn kci_statistic_and_gamma_null() {
    let v = read("kci");
    let column = |k: &str| matrix(&v[k]);
    let ours = kci(&column("x"), &column("y"), &column("z"), [1.0; 3], 1e-3).unwrap();
    near("stat", ours.statistic, &v["stat"]);
    near("mean", ours.mean, &v["gamma_mean"]);
    near("variance", ours.variance, &v["gamma_var"]);
    near("p", ours.p, &v["p"]);
}

#[test]
fn gap_and_lost_share() {
    let v = read("gap");
    let [l0, lz, lxz] = ["loss_const", "loss_z", "loss_xz"].map(|k| flat(&v[k]));
    let g = gap(&l0, &lz, &lxz, None, 0.05).unwrap();
    near("delta", g.delta.value, &v["delta"]);
    near("se", g.delta.se, &v["se"]);
    let lost = g.lost.unwrap();
    near("psi", lost.value, &v["psi"]);
    near("se_psi", lost.se, &v["se_psi"]);
    near("upper", lost.upper, &v["upper95_psi_one_sided"]);
    let d: Vec<f64> = lz.iter().zip(&lxz).map(|(a, b)| a - b).collect();
    let triples: Vec<usize> = (0..d.len()).map(|i| i / 3).collect();
    near("cluster", clustered_se(&d, Some(&triples)), &v["cluster_of_3_se"]);
}
