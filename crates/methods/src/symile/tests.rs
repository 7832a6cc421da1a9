//! Golden vectors, the paper's discriminating examples in small, edges, apply.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::json;
use suffit_core::method::Sink;
use suffit_core::{AnyMethod, Ctx, Result};
use suffit_data::generate::Xor;

use super::config::{EncoderConfig, EncoderKind, InitScale, Objective, SymileConfig};
use super::fit::{Fit, Parts, fit_tuples};
use super::input::{Content, Tuples};
use super::ledger::tuple_gains;
use super::prepare::encode_view;
use super::score::argmax;
use super::*;

struct Memory(Vec<RecordBatch>);

impl Sink for Memory {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.push(batch.clone());
        Ok(())
    }
}

fn method() -> std::sync::Arc<dyn AnyMethod> {
    suffit_core::method::erase::<Symile>()
}

#[test]
fn golden_vectors_agree_in_both_precisions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/symile");
    let report = suffit_core::golden::run_folder(method().as_ref(), &folder, Path::new("")).unwrap();
    assert_eq!(report.failed(), 0, "{}", report.lines().join("\n"));
    assert!(report.passed() > 200, "{}", report.passed());
}

/// Settings of the package's XOR example, ended early.
fn xor_config(objective: Objective) -> SymileConfig {
    let mut config = SymileConfig {
        dim: 16,
        objective,
        init_scale: InitScale::Number(-0.3),
        encoder: EncoderConfig { kind: EncoderKind::Linear, ..EncoderConfig::default() },
        standardise: false,
        calibrate: false,
        ..SymileConfig::default()
    };
    config.train.epochs = 20;
    config.train.batch_size = 1000;
    config.train.learning_rate = 0.1;
    config.train.patience = 0;
    config
}

fn xor_fit(objective: Objective, p: f64, ctx: &Ctx) -> Fit {
    let draw = Xor::new(5, p).draw(11_000, ctx.seed).unwrap();
    let parts = Parts {
        how: "in order".into(),
        train: (0..10_000).collect(),
        validation: (10_000..11_000).collect(),
        test: vec![],
    };
    fit_tuples(&xor_config(objective), Tuples::from_sample("xor", draw), parts, None, None, ctx).unwrap()
}

/// Share of rows whose `b` is found among all 32 from `(a, c)`.
fn xor_accuracy(fit: &Fit, p: f64, ctx: &Ctx) -> f64 {
    let xor = Xor::new(5, p);
    let test = Tuples::from_sample("test", xor.draw(2_000, ctx.seed.child("test", &[])).unwrap());
    let reps = fit.artifact.represent(&test, ctx).unwrap();
    let all = xor.candidates();
    let view = super::input::View {
        name: "b".into(),
        present: vec![true; all.rows],
        content: Content::Dense { width: 5, data: all.data.clone(), columns: vec![] },
    };
    let candidates = encode_view(
        &fit.artifact.model,
        &fit.artifact.spec,
        &fit.artifact.preprocessing,
        &view,
        1,
        &suffit_nn::Place::of(ctx),
    )
    .unwrap();
    let scores = fit.artifact.searcher().unwrap().scores(&reps, &candidates, 1, &[0, 2]).unwrap();
    let Content::Dense { data, .. } = &test.views[1].content else { panic!() };
    let right =
        scores.chunks(32).enumerate().filter(|(i, row)| all.row(argmax(row)) == &data[i * 5..i * 5 + 5]).count();
    right as f64 / 2_000.0
}

#[test]
fn symile_solves_xor_where_the_pairwise_baseline_cannot() {
    let ctx = Ctx::silent(1);
    let symile = xor_fit(Objective::Symile, 1.0, &ctx);
    assert!(xor_accuracy(&symile, 1.0, &ctx) > 0.99);
    let clip = xor_fit(Objective::Clip, 1.0, &ctx);
    let accuracy = xor_accuracy(&clip, 1.0, &ctx);
    assert!(accuracy < 0.06, "{accuracy}"); // chance is 1/32

    // the bound approaches the truth, ln 32 = 3.466 nats, and does not pass it
    let validation = symile.reps.select(&symile.parts.validation);
    let gains = tuple_gains(&validation, symile.artifact.model.log_scale().unwrap(), 1000, ctx.seed).unwrap();
    let (mean, error) =
        (suffit_stats::mean_var::mean(&gains).unwrap(), suffit_stats::mean_var::standard_error(&gains).unwrap());
    assert!(mean > 3.2 && mean < 32f64.ln() + 3.0 * error, "{mean} ± {error}");
}

#[test]
fn accuracy_follows_the_optimum_at_half() {
    let ctx = Ctx::silent(2);
    let accuracy = xor_accuracy(&xor_fit(Objective::Symile, 0.5, &ctx), 0.5, &ctx);
    let optimum = (1.0 + 31.0 * 0.5) / 32.0;
    // two standard errors of 2,000 rows above, the 0.03 below
    assert!(
        accuracy > optimum - 0.03 && accuracy < optimum + 2.0 * (0.25f64 / 2_000.0).sqrt(),
        "{accuracy} against {optimum}"
    );
}

fn small(rows: usize) -> Tuples {
    Tuples::from_sample("small", Xor::new(3, 1.0).draw(rows, suffit_core::Seed::new(7)).unwrap())
}

fn fast() -> SymileConfig {
    let mut config = SymileConfig {
        dim: 8,
        bank_size: 16,
        encoder: EncoderConfig { hidden: 8, ..EncoderConfig::default() },
        ..SymileConfig::default()
    };
    config.train.epochs = 3;
    config.train.batch_size = 32;
    config
}

fn thirds(rows: usize) -> Parts {
    let (a, b) = (rows * 3 / 5, rows * 4 / 5);
    Parts { how: "in order".into(), train: (0..a).collect(), validation: (a..b).collect(), test: (b..rows).collect() }
}

#[test]
fn every_sampling_and_normalisation_trains() {
    use super::config::{Normalise, Sampling};
    let ctx = Ctx::silent(3);
    for sampling in [Sampling::N, Sampling::Grid, Sampling::Pair(7)] {
        for normalise in [Normalise::L2, Normalise::LayerNorm, Normalise::None] {
            let mut config = SymileConfig { sampling, normalise, ..fast() };
            config.train.batch_size = 16;
            let fit = fit_tuples(&config, small(100), thirds(100), None, None, &ctx).unwrap();
            let first =
                fit.trained.fitted.history.iter().find(|p| p.split == "train" && p.name == "loss").unwrap().value;
            assert!(fit.trained.fitted.best_value.is_finite() && first.is_finite());
        }
    }
}

#[test]
fn missing_rows_train_in_every_mode_and_can_be_searched() {
    use super::config::{Missing, MissingQuery};
    let ctx = Ctx::silent(4);
    let draw = Xor { bits: 1, p: 1.0, missing: 0.2 }.draw(400, ctx.seed).unwrap();
    let tuples = Tuples::from_sample("missing", draw);
    for missing in [Missing::Indicator, Missing::Embedding, Missing::Token] {
        let config = SymileConfig { missing, placeholder: 0.5, standardise: false, allow_empty: true, ..fast() };
        let fit = fit_tuples(&config, tuples.clone(), thirds(400), None, None, &ctx).unwrap();
        assert!(fit.artifact.spec.views.iter().all(|v| v.missing == Some(missing)));
        for how in [MissingQuery::Bank, MissingQuery::Drop, MissingQuery::Trained] {
            let searcher = super::retrieve::Searcher { missing: how, ..fit.artifact.searcher().unwrap() };
            let scores = searcher.scores(&fit.reps, fit.reps.view(2), 2, &[0, 1]).unwrap();
            assert!(scores.iter().all(|x| x.is_finite()) && scores.len() == 400 * 400);
        }
    }
    let config = SymileConfig::default();
    let e = super::fit::check(&config, &tuples, &ctx).unwrap_err();
    assert!(e.to_string().contains("has no view at all"), "{e}");
}

#[test]
fn edges_are_named() {
    let ctx = Ctx::silent(5);
    let one = fit_tuples(
        &fast(),
        small(60),
        Parts { how: String::new(), train: vec![0], validation: vec![], test: vec![] },
        None,
        None,
        &ctx,
    )
    .unwrap();
    assert_eq!(one.trained.fitted.best_value, 0.0); // no negatives: the loss is 0

    let mut hidden = small(60);
    hidden.views[1].present[..36].fill(false);
    let e = fit_tuples(&fast(), hidden, thirds(60), None, None, &ctx).unwrap_err();
    assert_eq!(e.to_string(), "view `b` is never observed in the training part of `small` (36 rows)");

    let e = super::fit::check(&SymileConfig { target: "d".into(), ..fast() }, &small(60), &ctx).unwrap_err();
    assert!(e.to_string().contains("there is no view `d`"), "{e}");
    let grid = SymileConfig { sampling: super::config::Sampling::Grid, ..SymileConfig::default() };
    let mut large = grid.clone();
    large.train.batch_size = 5_000;
    let e = super::fit::check(&large, &small(5_000), &ctx).unwrap_err();
    assert!(e.to_string().contains("scores a step"), "{e}");

    let fit = fit_tuples(&fast(), small(60), thirds(60), None, None, &ctx).unwrap();
    let wide = Tuples::from_sample("wide", Xor::new(4, 1.0).draw(10, ctx.seed).unwrap());
    let e = fit.artifact.represent(&wide, &ctx).unwrap_err();
    assert_eq!(e.to_string(), "view `a` has 4 features in `wide`, but the model was trained with 3");
}

#[test]
fn applying_in_blocks_gives_the_same_rows_and_bad_options_are_named() {
    let ctx = Ctx::silent(6);
    let fit = fit_tuples(&fast(), small(90), thirds(90), None, None, &ctx).unwrap();
    let data = Xor::new(3, 1.0).draw(70, ctx.seed).unwrap().into_dataset("new").unwrap();
    let run = |options: serde_json::Value| -> Result<RecordBatch> {
        let mut sink = Memory(vec![]);
        let options = super::apply::ApplyOptions::parse(&options)?;
        super::apply::apply_with(&fit.artifact, &data, &options, &mut sink, &ctx)?;
        let schema = sink.0[0].schema();
        arrow_select::concat::concat_batches(&schema, &sink.0)
            .map_err(|e| suffit_core::error::CommonError::bug(e.to_string()).into())
    };
    let whole = run(json!({})).unwrap();
    assert_eq!(whole.num_rows(), 70);
    for rows in [1, 7, 64] {
        let parts = run(json!({"batch_rows": rows})).unwrap();
        for (field, (a, b)) in whole.schema().fields().iter().zip(parts.columns().iter().zip(whole.columns())) {
            assert_eq!(a, b, "column {} in blocks of {rows}", field.name());
        }
    }
    let names: Vec<_> = whole.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["id", "a", "b", "c", "product", "c_candidate", "c_score", "c_probability"]);
    assert_eq!(run(json!({"target": "none"})).unwrap().num_columns(), 5);
    assert!(run(json!({"target": "zzz"})).unwrap_err().to_string().contains("there is no view `zzz`"));
    assert!(run(json!({"tpo": 3})).unwrap_err().hint().unwrap().contains("`top`"));
    assert!(run(json!({"top": 0})).is_err());
}

#[test]
fn copies_are_left_out_of_negatives_when_asked() {
    let ctx = Ctx::silent(8);
    // 3 bits per view: few distinct rows, many copies
    let loss = |group_aware| {
        let config = SymileConfig { group_aware, ..fast() };
        fit_tuples(&config, small(200), thirds(200), None, None, &ctx).unwrap().trained.fitted.best_value
    };
    assert!(loss(true) < loss(false));
}

/// Products of two views with noise; the label is the sign of the first one.
fn contract_data() -> suffit_core::Dataset {
    let mut sample = suffit_data::generate::Product { noise: 0.3 }.draw(160, suffit_core::Seed::new(12)).unwrap();
    sample.label = Some((0..160).map(|i| u32::from(sample.views[0].row(i)[1] > 0.0)).collect());
    sample.into_dataset("products").unwrap()
}

crate::contract::method_contract!(contract, || {
    use crate::contract::{Contract, Edge, Rows};
    let train = json!({"epochs": 3, "batch_size": 32, "checkpoint_every": 2, "learning_rate": 0.01});
    let config =
        json!({"dim": 8, "bank_size": 32, "restarts": 2, "encoder": {"hidden": 8, "dropout": 0.1}, "train": train});
    Contract::new(method(), &contract_data())
        .config(&config)
        .rows(Rows::Together)
        .chunks(&json!({"batch_rows": 7}))
        .one_row(Edge::Accepted)
        .one_class(Edge::Accepted)
});
