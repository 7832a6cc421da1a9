//! The closed forms and the discrete table against vectors of an independent computation.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use suffit_stats::information::{Table3, Xor};

fn read(name: &str) -> Value {
    let path = format!("{}/../../tests/golden/symile/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of a nested array, in order.
fn flat(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(a) => a.iter().flat_map(flat).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

/// Relative `1e-9` of the largest entry, plus `1e-12`: the vectors hold 12 significant digits.
fn near(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let top = theirs.iter().map(|v| v.abs()).fold(0.0, f64::max);
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-9 * top + 1e-12, "{name}[{i}]: {a} {b}");
    }
}

#[test]
fn xor_closed_forms() {
    let cases = read("xor_information.json");
    let cases = cases.as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let at = |k: &str| case[k].as_f64().unwrap();
        let x = Xor::new(at("d_v") as u32, at("p_hat")).unwrap();
        for (key, value) in case.as_object().unwrap() {
            let ours = match key.as_str() {
                "d_v" => at("d_v"),
                "p_hat" => at("p_hat"),
                "I_ac" => x.i_ac(),
                "I_bc" => x.i_bc(),
                "I_ab_given_c" => x.i_ab_given_c(),
                "I_cb_given_a" => x.i_cb_given_a(),
                "TC" => x.total_correlation(),
                "bayes_acc_b_given_ac" => x.bayes_accuracy(),
                other => panic!("unknown key {other}"),
            };
            near(key, &[ours], &[value.as_f64().unwrap()]);
        }
    }
}

#[test]
fn discrete_table() {
    let case = read("discrete_tc.json");
    let p = &case["p"];
    let sizes = [p.as_array().unwrap().len(), p[0].as_array().unwrap().len(), p[0][0].as_array().unwrap().len()];
    let t = Table3::new(&flat(p), sizes).unwrap();
    let whole = |v: Vec<usize>| v.into_iter().map(|i| i as f64).collect::<Vec<f64>>();
    for (key, value) in case.as_object().unwrap() {
        let ours = match key.as_str() {
            "p" => flat(p),
            "g_star" => t.g_star(),
            "TC" => vec![t.total_correlation()],
            "I_xy" => vec![t.i_xy()],
            "I_xz" => vec![t.i_xz()],
            "I_yz" => vec![t.i_yz()],
            "I_yz_given_x" => vec![t.i_yz_given_x()],
            "p_z_given_xy" => t.posterior_z_given_xy(),
            "argmax_g" => whole(t.argmax_g()),
            "argmax_posterior" => whole(t.argmax_posterior()),
            "pmi_xz" => t.pmi_xz(),
            "pmi_xz_from_marginalising_y" => t.pmi_xz_by_marginalising_y(),
            other => panic!("unknown key {other}"),
        };
        near(key, &ours, &flat(value));
    }
}
