//! The contract, golden vectors, the loss against its definition, the table.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;
use suffit_core::method::{ReproduceRequest, erase};
use suffit_core::{Answer, Ctx, Dataset, Run, RunSpec, Seed};
use suffit_nn::{Place, gradcheck};

use super::loss::{cross_entropy, cross_entropy_naive};
use super::reproduce::two_gaussians;
use super::*;
use crate::contract::{Contract, Edge, Rows, method_contract};

fn data() -> Dataset {
    two_gaussians(120, Seed::new(3)).unwrap()
}

method_contract!(contract, || {
    Contract::new(erase::<__Camel__>(), &data())
        .config(&json!({"train": {"epochs": 4, "batch_size": 16, "eval_every": 3, "checkpoint_every": 4}}))
        .rows(Rows::Independent)
        .chunks(&json!({"batch_rows": 7}))
        .chunks(&json!({"batch_rows": 1}))
        .one_row(Edge::Refused("__module__.one_class"))
        .one_class(Edge::Refused("__module__.one_class"))
});

#[test]
fn options_that_cannot_be_used_are_named() {
    let (folder, ctx) = (tempfile::tempdir().unwrap(), Ctx::silent(1));
    let config = json!(__Camel__Config::default());
    let (method, data, argv) = (erase::<__Camel__>(), json!({}), Vec::new());
    let spec = RunSpec { method: "__slug__".into(), config: config.clone(), argv, data, version: "0".into(), commit: None };
    let run = Run::create_at(&folder.path().join("run"), &spec, &ctx).unwrap();
    method.fit(&config, &two_gaussians(80, Seed::new(4)).unwrap(), &run, &ctx).unwrap();
    let audit = |options| method.audit(Some(&run), &two_gaussians(40, Seed::new(9)).unwrap(), &options, &ctx);
    assert_eq!(audit(json!({"tolerance": "0.1"})).unwrap().tolerance, 0.1);
    let error = audit(json!({"tolerance": 2})).unwrap_err();
    assert_eq!(error.to_string(), "option `tolerance` is 2: expected a share from 0 to 1");
    assert_eq!(audit(json!({"margin": 1})).unwrap_err().code(), "__module__.option");
}

#[test]
fn golden_vectors_agree_in_both_precisions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/__slug__");
    let report = suffit_core::golden::run_folder(&*erase::<__Camel__>(), &folder, Path::new("")).unwrap();
    assert!(report.failed() == 0 && report.passed() > 0, "{}", report.lines().join("\n"));
}

#[test]
fn the_best_possible_rule_is_reached_and_never_beaten() {
    let out = std::env::temp_dir(); // nothing is written: the one cell takes about a second
    let request = ReproduceRequest { table: None, quick: true, seeds: 3, data: None, out };
    let cells = reproduce::reproduce(&request, &Ctx::silent(1)).unwrap().cells;
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].pass, Some(true), "{:?}", cells[0]);
}

#[test]
fn a_view_that_knows_nothing_is_not_called_enough() {
    let (ctx, config) = (Ctx::silent(1), __Camel__Config::default());
    let draw = |seed| input::Labelled::read(&config, &two_gaussians(400, Seed::new(seed)).unwrap(), ctx.seed).unwrap();
    let mut rows = draw(5);
    rows.view = draw(6).view; // the views of other rows
    let (model, _) = fit::learn(&config, &rows, None, &ctx).unwrap();
    assert_ne!(fit::on_test(&model, &rows, &config, &ctx).unwrap().verdict.answer, Answer::Enough);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn loss_is_its_definition_and_its_gradient_fits(
        width in 1usize..5,
        rows in proptest::collection::vec((proptest::collection::vec(-4.0..4.0f64, 4), 0usize..4), 1..6),
    ) {
        let logits: Vec<f64> = rows.iter().flat_map(|(z, _)| &z[..width]).copied().collect();
        let classes: Vec<usize> = rows.iter().map(|(_, c)| c % width).collect();
        let place = Place::cpu().double();
        let tensor = place.matrix(logits.clone(), [classes.len(), width]).unwrap();
        let ours = cross_entropy(tensor, &classes, &place).unwrap().into_scalar::<f64>();
        // sums of at most 20 terms of size up to 100: rounding stays far below 1e-12
        prop_assert!((ours - cross_entropy_naive(&logits, &classes)).abs() < 1e-12);
        let worst = gradcheck::check(&[([classes.len(), width], logits)], |x| {
            cross_entropy(x[0].clone(), &classes, &place).unwrap()
        });
        prop_assert!(worst.relative < 1e-6, "{worst:?}");
    }
}
