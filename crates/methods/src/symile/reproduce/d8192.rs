//! Table `d8192`: representations of length 8,192 learn when the scale starts where the first logits
//! have spread one, and not when it starts at −0.3 (spec: Encoders and normalisation).
//!
//! Products of three unit rows have standard deviation `1/d`: with `τ = e^{−0.3}` all logits are
//! equal to four digits and nothing pulls.

use serde_json::json;
use suffit_core::method::{Cell, TableCard};
use suffit_core::{Ctx, Result, TrainConfig};
use suffit_data::generate::Xor;

use super::TableResult;
use super::bench::{Bench, Job, Measured};
use super::setup::{bits_accuracy, bits_config, fit};
use super::shown::{DERIVED, SPECIFICATION, all, by_seed, context, intervals, section};
use crate::symile::config::{AutoWord, InitScale, Objective, SymileConfig};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "d8192",
    title: "XOR with representations of length 8,192: start of the scale `auto` against −0.3",
    needs: None,
    seconds: (30.0, 120.0),
};

/// Accuracy from which the run has learned.
const LEARNED: f64 = 0.95;
/// Accuracy up to which it has not (chance is 1/32).
const NOT_LEARNED: f64 = 0.06;

const STARTS: [(&str, InitScale); 2] = [("auto", InitScale::Word(AutoWord::Auto)), ("-0.3", InitScale::Number(-0.3))];

/// Runs it.
///
/// # Errors
/// As [`super::reproduce`].
pub fn run(bench: &Bench) -> Result<TableResult> {
    let seeds = bench.size(1, bench.seeds);
    let epochs = 6;
    let jobs: Vec<Job> = STARTS
        .iter()
        .map(|&(name, start)| Job {
            row: format!("start {name}"),
            settings: json!({ "symile": config(start, epochs) }),
            work: Box::new(move |ctx: &Ctx| measure(&config(start, epochs), ctx)),
        })
        .collect();
    let results = bench.run(CARD.name, seeds, &jobs)?;
    let mut cells = Vec::new();
    for (job, measured) in jobs.iter().zip(&results) {
        let values = by_seed(measured, "accuracy");
        let (expected, pass, note) = if job.row == "start auto" {
            (Some((1.0, DERIVED.to_owned())), all(&values, |v| v >= LEARNED), format!("every seed at least {LEARNED}"))
        } else {
            (
                Some((1.0 / 32.0, SPECIFICATION.to_owned())),
                all(&values, |v| v <= NOT_LEARNED),
                format!("every seed at most {NOT_LEARNED}: it does not learn"),
            )
        };
        cells.push(Cell { expected, pass: Some(pass), ..context(CARD.name, &job.row, "Symile", values, note) });
        cells.push(context(
            CARD.name,
            &job.row,
            "total correlation",
            by_seed(measured, "bound"),
            "nats, best validation loss, 256 candidates; the truth is ln 32 = 3.466",
        ));
        cells.push(context(CARD.name, &job.row, "chance", vec![1.0 / 32.0], "1 of 32"));
    }
    let figure =
        intervals("A wide product needs a larger scale from the start", "accuracy", &cells, &["Symile", "chance"]);
    let paragraph =
        "XOR of five bits in every row, unit rows of length 8,192, the same steps and seeds for both starts.";
    Ok(TableResult {
        section: section("Start of the scale at d = 8,192", paragraph, figure, &cells),
        cells,
        remarks: vec![format!(
            "{} steps of AdamW 0.01 with batches of 256; more steps let the fixed start creep up too, because the scale itself is learned",
            epochs * 10
        )],
    })
}

fn config(start: InitScale, epochs: u64) -> SymileConfig {
    let base = bits_config(Objective::Symile, epochs);
    let train = TrainConfig { batch_size: 256, learning_rate: 0.01, ..base.train.clone() };
    SymileConfig { dim: 8192, init_scale: start, train, ..base }
}

fn measure(config: &SymileConfig, ctx: &Ctx) -> Result<Measured> {
    let xor = Xor::new(5, 1.0);
    let train = xor.draw(2_560, ctx.seed.child("train", &[]))?;
    let validation = xor.draw(256, ctx.seed.child("validation", &[]))?;
    let fit = fit("xor", config, train, validation, ctx)?;
    let test = xor.draw(2_000, ctx.seed.child("test", &[]))?;
    let accuracy = bits_accuracy(&fit.artifact, &xor.candidates(), test, ctx)?;
    let bound = 256f64.ln() - fit.trained.fitted.best_value;
    Ok(Measured::default()
        .with("accuracy", accuracy)
        .with("bound", bound)
        .with("log_scale", fit.artifact.model.log_scale()?))
}
