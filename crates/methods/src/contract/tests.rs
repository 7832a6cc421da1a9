//! The contract can fail: a small method that breaks one promise at a time, and the clause that
//! notices.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suffit_core::card::ModelCard;
use suffit_core::golden::{GoldenCase, GoldenError};
use suffit_core::method::{Accepts, Applied, Cost, MethodCard, Outcome, ResultRow, Sink, erase};
use suffit_core::{Ctx, Dataset, Kind, Method, Result, Run, Seed};
use suffit_data::{ViewMatrix, ViewOptions, ids, view_matrix};
use suffit_nn::{Blob, export};
use suffit_report::{Document, Section};

use super::{Contract, Edge, Fixture, Rows, apply, input, learn, method_contract, shown};

/// The promise that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum Fault {
    None,
    /// Puts the time into a file.
    Clock,
    /// Puts the run's path into a file.
    Path,
    /// Forgets its state on resume.
    Forgets,
    /// Does not hear that it is asked to stop.
    Deaf,
    /// Tells of fewer steps than before.
    Backwards,
    /// Makes more steps than it promised.
    Greedy,
    /// Takes NaN for a number.
    Blind,
    /// Centres each block of rows by its own mean.
    Blocks,
    /// Gives back a document of another method.
    Stranger,
    /// Writes no model card.
    Cardless,
    /// Refuses one row that it was declared to accept.
    Picky,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct MeansConfig {
    /// What is broken.
    fault: Fault,
    /// Steps to make.
    steps: u64,
}

impl Default for MeansConfig {
    fn default() -> Self {
        MeansConfig { fault: Fault::None, steps: 6 }
    }
}

impl suffit_core::method::Config for MeansConfig {}

/// Adds up random numbers from its seed, and gives back row means.
struct Means;

impl Method for Means {
    const SLUG: &'static str = "means";
    type Config = MeansConfig;

    fn card() -> MethodCard {
        MethodCard {
            slug: Self::SLUG,
            title: "Row means",
            purpose: "a method to test the contract with",
            family: "summarise",
            paper: "none",
            verbs: &["fit", "apply", "report"],
            example: "suffit fit means --data a.csv",
        }
    }

    fn accepts() -> Accepts {
        Accepts { kinds: vec![Kind::Tuples], required: vec!["view:NAME"], optional: vec![] }
    }

    fn validate(config: &MeansConfig, data: &Dataset, _: &Ctx) -> Result<()> {
        if config.fault == Fault::Blind {
            return Ok(());
        }
        let view = first_view(data)?;
        if config.fault == Fault::Picky && view.rows == 1 {
            return Err(suffit_data::ValueError::NoRows { name: data.name.clone() }.into());
        }
        Ok(())
    }

    fn estimate(config: &MeansConfig, _: &Dataset, _: &Ctx) -> Result<Cost> {
        let steps = if config.fault == Fault::Greedy { 1 } else { config.steps };
        Ok(Cost { seconds: 0.1, memory_bytes: 1, disk_bytes: 1, steps })
    }

    fn fit(config: &MeansConfig, _: &Dataset, run: &Run, ctx: &Ctx) -> Result<Outcome> {
        let metrics = run.metrics()?;
        let (mut step, mut sum) = (0, 0u64);
        if let Some((saved, files)) = run.checkpoints().newest()?.found {
            let state: u64 = serde_json::from_slice(&files["state.json"]).unwrap();
            (step, sum) = (saved, if config.fault == Fault::Forgets { 0 } else { state });
        }
        metrics.rewind(step)?;
        let phase = ctx.phase("train", Some(config.steps));
        while step < config.steps {
            let state = [("state.json".to_owned(), sum.to_string().into_bytes())].into();
            run.checkpoints().save(step, &state)?;
            if config.fault != Fault::Deaf {
                ctx.check_cancel(&format!("step {step}"))?;
            }
            sum += suffit_core::seed::below(1_000, &mut ctx.seed.stream("step", &[step]));
            step += 1;
            metrics.log(step, "train", "sum", sum as f64)?;
            let back = config.fault == Fault::Backwards && step == 4;
            phase.step(if back { 2 } else { step }, &[]);
        }
        drop(phase);
        finish(config, run, sum, ctx)
    }

    fn apply(run: &Run, data: &Dataset, _: &Value, sink: &mut dyn Sink, _: &Ctx) -> Result<Applied> {
        let config: MeansConfig = run.config()?;
        let (view, ids) = (first_view(data)?, ids(data)?);
        let mut means: Vec<f64> =
            (0..view.rows).map(|r| view.row(r).iter().map(|&v| f64::from(v)).sum::<f64>() / view.cols as f64).collect();
        if config.fault == Fault::Blocks {
            let centre = means.iter().sum::<f64>() / means.len() as f64;
            means.iter_mut().for_each(|m| *m -= centre);
        }
        let fields = vec![Field::new("id", DataType::Utf8, false), Field::new("mean", DataType::Float64, false)];
        let columns: Vec<arrow_array::ArrayRef> =
            vec![Arc::new(StringArray::from(ids)), Arc::new(Float64Array::from(means))];
        sink.write(&RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap())?;
        Ok(Applied { rows: view.rows as u64, files: Vec::new(), sentence: "means".to_owned() })
    }

    fn report(run: &Run) -> Result<Value> {
        let config: MeansConfig = run.config()?;
        let slug = if config.fault == Fault::Stranger { "other" } else { Self::SLUG };
        let document = Document::new("Means", slug).section(Section::new("Sum").paragraph("a sum"));
        Ok(serde_json::to_value(document).unwrap())
    }

    fn golden(stem: &str, _: &Value, _: &std::path::Path) -> Result<Vec<GoldenCase>> {
        Err(GoldenError::UnknownStem { stem: stem.to_owned(), known: Vec::new() }.into())
    }
}

fn first_view(data: &Dataset) -> Result<ViewMatrix> {
    let name = data.roles.views().first().map_or("x", |v| *v).to_owned();
    view_matrix(data, &name, &ViewOptions::default())
}

fn finish(config: &MeansConfig, run: &Run, sum: u64, ctx: &Ctx) -> Result<Outcome> {
    let tensors = [("sum".to_owned(), Blob::from_f64(vec![1], &[sum as f64]))].into();
    let metadata = export::Metadata { method: Means::SLUG.to_owned(), ..export::Metadata::default() };
    run.write_bytes("model.safetensors", &export::to_bytes(&tensors, &metadata)?)?;
    let extra = match config.fault {
        Fault::Clock => json!({"at": format!("{:?}", std::time::Instant::now())}),
        Fault::Path => json!({"at": run.path()}),
        _ => json!({}),
    };
    run.write_json("config.json", &extra)?;
    run.write_json("preprocessing.json", &json!({}))?;
    if config.fault != Fault::Cardless {
        let card = ModelCard {
            title: "Means".to_owned(),
            method: Means::SLUG.to_owned(),
            version: "0".to_owned(),
            usage: "suffit apply RUN DATA --out OUT.parquet".to_owned(),
            seed: ctx.seed.value(),
            ..ModelCard::default()
        };
        run.write_text("README.md", &card.markdown())?;
    }
    Ok(Outcome {
        results: vec![ResultRow { name: "sum".to_owned(), value: sum as f64, interval: None, baselines: Vec::new() }],
        heading: ("what".to_owned(), "sum".to_owned()),
        verdict: None,
        sentence: "a sum".to_owned(),
        next: "suffit list".to_owned(),
    })
}

fn contract(fault: Fault) -> Contract {
    let sample = suffit_data::generate::Product { noise: 0.5 }.draw(20, Seed::new(1)).unwrap();
    Contract::new(erase::<Means>(), &sample.into_dataset("drawn").unwrap())
        .config(&json!({"fault": fault}))
        .rows(Rows::Independent)
        .one_row(if fault == Fault::None { Edge::Accepted } else { Edge::Refused("data.other") })
        .stops(6)
}

method_contract!(sound, || contract(Fault::None));

type Clause = fn(&Fixture);

/// The message with which a clause fails on a method with a fault.
fn message(fault: Fault, clause: Clause) -> String {
    let failure = catch_unwind(AssertUnwindSafe(|| clause(&Fixture::new(contract(fault)))));
    let Err(payload) = failure else { panic!("{fault:?} goes unnoticed") };
    payload.downcast_ref::<String>().cloned().or(payload.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap()
}

#[test]
fn each_broken_promise_is_noticed() {
    let noticed: [(Fault, Clause, &str); 11] = [
        (Fault::Clock, learn::same_seed_gives_same_bytes, "the same seed again: config.json differs"),
        (Fault::Path, learn::same_seed_gives_same_bytes, "config.json holds the path of the run"),
        (Fault::Forgets, learn::stopped_and_resumed_equals_uninterrupted, "stopped at event 1 of 8"),
        (Fault::Deaf, learn::stopped_and_resumed_equals_uninterrupted, "the fit went on to its end"),
        (Fault::Backwards, learn::progress_only_grows, "phase `train` goes back from 3 to 2"),
        (Fault::Greedy, shown::the_cost_is_an_upper_bound_in_steps, "6 steps were made, 1 promised"),
        (Fault::Blind, input::bad_values_are_named, "validate accepts NaN"),
        (Fault::Blocks, apply::independent_rows_stand_for_themselves, "in three parts: column `mean` differs"),
        (Fault::Stranger, shown::the_report_is_a_valid_document, "left: \"other\""),
        (Fault::Cardless, shown::the_run_has_card_metrics_and_model, "no model card"),
        (Fault::Picky, input::one_row_does_what_is_declared, "one row: drawn has no rows"),
    ];
    for (fault, clause, words) in noticed {
        let message = message(fault, clause);
        assert!(message.contains(words), "{fault:?}: {message}");
    }
}
