//! The contract, golden vectors, the exact optimum, solvers against each other.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use serde_json::json;
use suffit_core::method::{ReproduceRequest, erase};
use suffit_core::{Answer, Ctx, Dataset, Seed};
use suffit_data::ViewMatrix;
use suffit_data::generate::Sample;
use suffit_data::generate::objects::Design;
use suffit_data::split::Part;
use suffit_nn::layer::Standardiser;
use suffit_stats::linalg::{Matrix, matmul_tn, symmetric_eigen};
use suffit_stats::sdr::LinearSdr;

use super::config::{Objective, Solver};
use super::objective::objective;
use super::train::{Kernel, Prepared};
use super::*;
use crate::contract::{Contract, Edge, Rows, method_contract};

/// Views `x` and `y` of the design E1.
fn data(rows: usize, seed: u64) -> Dataset {
    let sample = Design::E1.draw(rows, 4, Seed::new(seed));
    let view = |name: &str, cols: usize, values: &[f64]| ViewMatrix {
        name: name.to_owned(),
        rows,
        cols,
        data: values.iter().map(|v| *v as f32).collect(),
        present: vec![true; rows],
        names: (0..cols).map(|j| format!("{name}[{j}]")).collect(),
    };
    let views = vec![view("x", 4, &sample.x), view("y", 1, &sample.y)];
    Sample { views, label: None }.into_dataset("e1").unwrap()
}

method_contract!(contract, || {
    Contract::new(erase::<Fccov>(), &data(120, 3))
        .config(&json!({"dims": 1, "restarts": 2, "hidden": [8],
            "train": {"epochs": 4, "batch_size": 16, "eval_every": 3, "checkpoint_every": 4}}))
        .rows(Rows::Independent)
        .chunks(&json!({"batch_rows": 7}))
        .chunks(&json!({"batch_rows": 1}))
        .one_row(Edge::Refused("fccov.too_few"))
});

#[test]
fn golden_vectors_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/fccov");
    let mut passed = 0;
    for stem in golden::CHECKS {
        let file = std::fs::read(folder.join(format!("{stem}.json"))).unwrap();
        for case in golden::check(stem, &serde_json::from_slice(&file).unwrap()).unwrap() {
            assert!(case.passed(), "{case:?}");
            passed += 1;
        }
    }
    assert!(passed > 40, "{passed}");
    assert_eq!(golden::check("fccovv", &json!([])).unwrap_err().code(), "golden.unknown_stem");
}

/// Gradient ascent of the objective over free outputs of many rows: the population optimum is
/// `f_j = s_j e_j` with `s_j² = 1 + η_j/(2λ)` and value `Σ η_j + η_j²/(4λ)`.
#[test]
fn free_outputs_reach_the_exact_optimum() {
    let (n, d, lambda) = (60, 2, 0.5);
    let sample = Design::E1.draw(n, 4, Seed::new(8));
    let response = suffit_stats::response::Response::real(sample.y, 1).unwrap();
    let Kernel::Whole(kernel) =
        Kernel::new(Objective::Fccov, &response, suffit_stats::response::Metric::Euclidean).unwrap()
    else {
        panic!("sixty rows fit")
    };
    // With Cov over n − 1, eigenvalues of b⁻² U'KU at unit covariance are those of K (n − 1)/n².
    let eta: Vec<f64> =
        symmetric_eigen(&kernel).unwrap().values.iter().map(|v| v * (n as f64 - 1.0) / (n * n) as f64).collect();
    let mut u = Matrix::from_fn(n, d, |i, j| (((i * 7 + j * 13) % 11) as f64 - 5.0) / 4.0);
    let mut value = 0.0;
    for _ in 0..20_000 {
        let step = objective(&u, &kernel, lambda, false).unwrap();
        value = step.value;
        u.values.iter_mut().zip(&step.gradient.values).for_each(|(u, g)| *u += 2.0 * g);
    }
    let best: f64 = eta[..d].iter().map(|e| e + e * e / (4.0 * lambda)).sum();
    assert!((value - best).abs() < 1e-6, "{value} {best}");
    let mut centred = u.clone();
    centred.subtract_row(&u.column_means());
    let mut covariance = matmul_tn(&centred, &centred).unwrap();
    covariance.values.iter_mut().for_each(|v| *v /= n as f64 - 1.0);
    for (ours, e) in symmetric_eigen(&covariance).unwrap().values.iter().zip(&eta) {
        assert!((ours - (1.0 + e / (2.0 * lambda))).abs() < 1e-5, "{ours} {e}");
    }
}

#[test]
fn a_linear_network_finds_the_linear_solution() {
    let ctx = Ctx::silent(4);
    let config = FccovConfig { dims: 1, solver: Solver::Linear, ..FccovConfig::default() };
    // A response with a linear trend: y = x1 x2 has none, so take the second column of E3's s.
    let rows = reproduce::objects::paired(&Design::E3.draw(1_500, 5, Seed::new(2)), 100).unwrap();
    let exact = fit::learn(&config, &rows, None, &ctx).unwrap().artifact;
    let learning = rows.view.select(&rows.rows(Part::Train));
    let standardiser = Standardiser::fit(&learning.data, 5, None).unwrap();
    let prepared = Prepared::new(&config, &rows, &standardiser).unwrap();
    let Kernel::Whole(kernel) = &prepared.kernel else { panic!("few rows") };
    let x = artifact::wide(&prepared.x, 5);
    let solved = LinearSdr::fit(&x, kernel, 0.0).unwrap();
    assert!((solved.eta()[0] - exact.spec.eta[0]).abs() < 1e-8);
    // One affine map as a network gives the same value, up to its 24 bits.
    let map =
        model::affine(&solved.spectral, 1, &suffit_nn::layer::Init::new(ctx.seed, &suffit_nn::Place::cpu())).unwrap();
    let z = model::outputs(&map, &prepared.x, &suffit_nn::Place::cpu()).unwrap();
    let by_map = objective(&z, kernel, 0.0, false).unwrap().value;
    assert!((by_map - solved.eta()[0]).abs() < 1e-5, "{by_map}");
    // No other direction does better.
    for j in 0..5 {
        let column = Matrix { rows: x.rows, cols: 1, values: x.column(j) };
        assert!(objective(&column, kernel, 0.0, false).unwrap().value <= solved.eta()[0] * 1.001);
    }
}

#[test]
fn every_solver_finds_the_ring_that_lines_cannot_see() {
    let ctx = Ctx::silent(6);
    let sample = Design::E1.draw(1_500, 4, Seed::new(21));
    let truth = Matrix { rows: 1_000, cols: 1, values: sample.truth[500..].to_vec() };
    let rows = reproduce::objects::paired(&sample, 100).unwrap();
    let score = |solver, objective| {
        let mut config =
            FccovConfig { dims: 1, restarts: 1, solver, objective, hidden: vec![32, 32], ..FccovConfig::default() };
        (config.train.epochs, config.train.patience, config.train.learning_rate) = (300, 0, 3e-3);
        let learnt = fit::learn(&config, &rows, None, &ctx).unwrap();
        let z = learnt.artifact.represent(&rows.view.select(&rows.rows(Part::Test)).data, &ctx).unwrap();
        reproduce::objects::dcor(&z, &truth).unwrap()
    };
    let (net, kernel) = (score(Solver::Net, Objective::Fccov), score(Solver::Kernel, Objective::Fccov));
    let linear = score(Solver::Linear, Objective::Fccov);
    assert!(net > 0.85 && kernel > 0.85 && linear < 0.4, "{net} {kernel} {linear}");
}

#[test]
fn noise_is_not_called_known() {
    let (ctx, config) = (Ctx::silent(1), FccovConfig { dims: 1, solver: Solver::Linear, ..FccovConfig::default() });
    let mut rows = input::Paired::read(&config, &data(400, 5), ctx.seed).unwrap();
    rows.view = input::Paired::read(&config, &data(400, 6), ctx.seed).unwrap().view; // the x of other rows
    let learnt = fit::learn(&config, &rows, None, &ctx).unwrap();
    assert_eq!(fit::on_test(&learnt.artifact, &rows, &ctx).unwrap().verdict.answer, Answer::Undecided);
}

#[test]
fn an_unknown_table_and_missing_data_are_named() {
    let request = |table: &str| ReproduceRequest {
        table: Some(table.into()),
        quick: true,
        seeds: 1,
        data: None,
        out: std::env::temp_dir(),
    };
    let code = |table| reproduce::reproduce(&request(table), &Ctx::silent(0)).unwrap_err().code();
    assert_eq!((code("object"), code("mortality")), ("fccov.unknown_table", "fccov.no_data"));
}
