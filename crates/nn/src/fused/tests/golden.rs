//! The published vectors, in f64 and f32, through the tensor functions.

use burn::tensor::{DType, Device, Tensor, TensorData};
use serde_json::Value;

use crate::fused::{Contrast, Permutations, Views, score_sum, symile_n, symile_n_logits};

use super::excess;

struct Case {
    normalise: String,
    s: f64,
    x: Vec<Vec<Vec<f64>>>,
    json: Value,
}

impl Case {
    fn rows(&self) -> usize {
        self.x[0].len()
    }

    fn dim(&self) -> usize {
        self.x[0][0].len()
    }

    fn perms(&self) -> Permutations {
        let perms: Vec<Vec<Vec<usize>>> = serde_json::from_value(self.json["perms"].clone()).unwrap();
        Permutations::new(perms, self.rows()).unwrap()
    }

    /// Views after normalisation, in f64.
    fn normalised(&self) -> Vec<Vec<f64>> {
        let device = Device::flex();
        let views = self.x.iter().map(|x| normalise(&self.normalise, leaf(x, &device, DType::F64)));
        views.map(|v| v.into_data().iter::<f64>().collect()).collect()
    }
}

fn cases(file: &str) -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/symile/");
    let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!list.is_empty());
    list.into_iter()
        .map(|json| Case {
            normalise: json["normalise"].as_str().unwrap().to_owned(),
            s: json["s"].as_f64().unwrap(),
            x: serde_json::from_value(json["x"].clone()).unwrap(),
            json,
        })
        .collect()
}

fn leaf(x: &[Vec<f64>], device: &Device, dtype: DType) -> Tensor<2> {
    let flat: Vec<f64> = x.iter().flatten().copied().collect();
    let data = TensorData::new(flat, [x.len(), x[0].len()]).convert_dtype(dtype);
    Tensor::from_data(data, (device, dtype))
}

fn normalise(how: &str, x: Tensor<2>) -> Tensor<2> {
    match how {
        "l2" => {
            let norm = x.clone().powf_scalar(2.0).sum_dim(1).sqrt().clamp_min(1e-12);
            x / norm
        }
        "ln" => {
            let centred = x.clone() - x.mean_dim(1);
            let variance = centred.clone().powf_scalar(2.0).mean_dim(1);
            centred / (variance + 1e-5).sqrt()
        }
        _ => x,
    }
}

/// Worst excess of loss, parts and gradients of one case in one precision.
fn deviation(case: &Case, contrast: Contrast, dtype: DType) -> f64 {
    let device = Device::flex().autodiff();
    let (rel, abs) = if dtype == DType::F64 { (1e-9, 1e-12) } else { (1e-5, 1e-6) };
    let leaves: Vec<_> = case.x.iter().map(|x| leaf(x, &device, dtype).require_grad()).collect();
    let s = TensorData::new(vec![case.s], [1]).convert_dtype(dtype);
    let s = Tensor::<1>::from_data(s, (&device, dtype)).require_grad();
    let views: Vec<_> = leaves.iter().map(|x| normalise(&case.normalise, x.clone())).collect();
    let out = contrast.loss(&views, &s, None).unwrap();
    let grads = out.loss.backward();
    let number = |key: &str| vec![case.json[key].as_f64().unwrap()];
    let loss = out.loss.clone().into_data().iter::<f64>().collect::<Vec<_>>();
    let mut worst = excess(loss, &number("loss"), rel, abs);
    worst = worst.max(excess([out.value.loss], &number("loss"), rel, abs));
    let of_s = s.grad(&grads).unwrap().into_data().iter::<f64>().collect::<Vec<_>>();
    worst = worst.max(excess(of_s, &number("grad_s"), rel, abs));
    if let Some(parts) = case.json.get("loss_per_anchor") {
        let parts: Vec<f64> = serde_json::from_value(parts.clone()).unwrap();
        worst = worst.max(excess(out.value.parts.iter().copied(), &parts, rel, abs));
    }
    let want: Vec<Vec<Vec<f64>>> = serde_json::from_value(case.json["grad_x"].clone()).unwrap();
    let want: Vec<f64> = want.into_iter().flatten().flatten().collect();
    let got = leaves.iter().flat_map(|x| x.grad(&grads).unwrap().into_data().iter::<f64>().collect::<Vec<_>>());
    worst.max(excess(got, &want, rel, abs))
}

#[test]
fn loss_n() {
    for case in cases("loss_n.json") {
        let perms = case.perms();
        for dtype in [DType::F64, DType::F32] {
            let worst = deviation(&case, Contrast::Shuffled(&perms), dtype);
            assert!(worst <= 1.0, "{dtype:?}: {worst} times the tolerance");
        }
        let x = case.normalised();
        let views = Views::new(x.iter().map(|v| &v[..]).collect(), case.rows(), case.dim()).unwrap();
        let logits = symile_n_logits(&views, case.s, &perms, 0).unwrap();
        let want: Vec<Vec<f64>> = serde_json::from_value(case.json["logits_anchor0"].clone()).unwrap();
        let want: Vec<f64> = want.into_iter().flatten().collect();
        assert!(excess(logits, &want, 1e-9, 1e-12) <= 1.0);
    }
}

#[test]
fn loss_n2() {
    for case in cases("loss_n2.json") {
        for dtype in [DType::F64, DType::F32] {
            let worst = deviation(&case, Contrast::Grid, dtype);
            assert!(worst <= 1.0, "{dtype:?}: {worst} times the tolerance");
        }
        let x = case.normalised();
        let views = Views::new(x.iter().map(|v| &v[..]).collect(), case.rows(), case.dim()).unwrap();
        let want = case.json["T_sum"].as_f64().unwrap();
        assert!(excess([score_sum(&views, case.s)], &[want], 1e-9, 1e-12) <= 1.0);
    }
}

#[test]
fn clip() {
    for case in cases("clip.json") {
        for dtype in [DType::F64, DType::F32] {
            let worst = deviation(&case, Contrast::Clip, dtype);
            assert!(worst <= 1.0, "{dtype:?}: {worst} times the tolerance");
        }
    }
}

/// `symile.md` §Checks (e): one shuffle shared by all other views keeps their true pairing, and is
/// another loss.
#[test]
fn one_shared_shuffle_is_another_loss() {
    let mut differing = 0;
    for case in cases("loss_n.json") {
        let mut perms: Vec<Vec<Vec<usize>>> = serde_json::from_value(case.json["perms"].clone()).unwrap();
        for anchor in &mut perms {
            let first = anchor[0].clone();
            anchor.fill(first);
        }
        let perms = Permutations::new(perms, case.rows()).unwrap();
        let x = case.normalised();
        let views = Views::new(x.iter().map(|v| &v[..]).collect(), case.rows(), case.dim()).unwrap();
        let shared = symile_n(&views, case.s, &perms, None).unwrap().value.loss;
        let want = case.json["loss"].as_f64().unwrap();
        differing += usize::from((shared - want).abs() > 1e-3 * want);
    }
    assert!(differing >= 4, "only {differing} cases tell the two apart");
}

/// `symile.md` §Checks (f): a diagonal that keeps the shuffled rows is another loss.
#[test]
fn a_diagonal_of_shuffled_rows_is_another_loss() {
    let mut differing = 0;
    for case in cases("loss_n.json") {
        let x = case.normalised();
        let (b, d, perms) = (case.rows(), case.dim(), case.perms());
        let mut loss = 0.0;
        for m in 0..x.len() {
            let score = |i: usize, j: usize| -> f64 {
                let others = || (0..x.len()).filter(|&l| l != m).enumerate();
                let column =
                    |k: usize| others().map(|(a, l)| x[l][perms.of(m, a)[j] as usize * d + k]).product::<f64>();
                case.s.exp() * (0..d).map(|k| x[m][i * d + k] * column(k)).sum::<f64>()
            };
            for i in 0..b {
                let sum: f64 = (0..b).map(|j| score(i, j).exp()).sum();
                loss += (sum.ln() - score(i, i)) / (b * x.len()) as f64;
            }
        }
        let want = case.json["loss"].as_f64().unwrap();
        differing += usize::from((loss - want).abs() > 1e-3 * want.abs());
    }
    assert!(differing >= 4, "only {differing} cases tell the two apart");
}
