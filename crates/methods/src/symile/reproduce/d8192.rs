//! Table `d8192`: representations of length 8,192 learn when the scale starts where the first logits
//! have spread one, and not when it starts at −0.3 (spec: Encoders and normalisation).
//!
//! Products of three unit rows have standard deviation `1/d`: with `τ = e^{−0.3}` all logits are
//! equal to four digits, and the loss stays at `ln B`.

use serde_json::json;
use suffit_core::method::{Cell, TableCard};
use suffit_core::{Ctx, Result, TrainConfig};
use suffit_data::generate::Xor;

use super::TableResult;
use super::bench::{Bench, Job, Measured};
use super::setup::{bits_config, bits_found, fit};
use super::shown::{DERIVED, all, by_seed, cell_mean, context, intervals, section};
use crate::symile::config::{AutoWord, InitScale, Objective, SymileConfig};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "d8192",
    title: "XOR with representations of length 8,192: start of the scale `auto` against −0.3",
    needs: None,
    seconds: (30.0, 90.0),
};

/// Accuracy from which the answers are right.
const RIGHT: f64 = 0.95;
/// Share of the total correlation that must be found to have learned.
const LEARNED: f64 = 0.5;
/// Share of the total correlation up to which nothing was learned.
const NOT_LEARNED: f64 = 0.1;

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
        cells.extend(cells_of(&job.row, job.row == "start auto", measured));
    }
    let figure = intervals(
        format!(
            "Of 3.47 nats, start `auto` finds {:.2} and start -0.3 finds {:.2}",
            cell_mean(&cells, "start auto", "total correlation"),
            cell_mean(&cells, "start -0.3", "total correlation")
        ),
        "accuracy, probability",
        &cells,
        &["accuracy", "probability of the truth", "chance"],
    );
    let paragraph =
        "XOR of five bits in every row, unit rows of length 8,192, the same steps and seeds for both starts.";
    Ok(TableResult {
        section: section("Start of the scale at d = 8,192", paragraph, figure, &cells),
        cells,
        remarks: vec![
            format!("{} steps of AdamW 0.01 with batches of 256; the scale itself is learned, by at most the step size a step", epochs * 10),
            "with the fixed start the loss stays on its plateau and all candidates keep the same probability; their order is learned all the same, because AdamW's steps do not shrink with the gradient, so accuracy alone would not show the difference".into(),
        ],
    })
}

/// The loss is what learns, so the total correlation found is judged; accuracy only sees the order
/// of the scores.
fn cells_of(row: &str, auto: bool, measured: &[Measured]) -> Vec<Cell> {
    let truth = Xor::new(5, 1.0).information().total_correlation;
    let (bound, accuracy) = (by_seed(measured, "bound"), by_seed(measured, "accuracy"));
    let (learned, rule) = if auto {
        (all(&bound, |v| v >= LEARNED * truth), format!("every seed at least {LEARNED} of the truth"))
    } else {
        (
            all(&bound, |v| v <= NOT_LEARNED * truth),
            format!("it does not learn: every seed at most {NOT_LEARNED} of the truth"),
        )
    };
    let right = auto.then(|| all(&accuracy, |v| v >= RIGHT));
    let remark =
        if auto { format!("every seed at least {RIGHT}") } else { "the order is found, the scale is not".into() };
    vec![
        Cell {
            expected: Some((truth, DERIVED.into())),
            pass: Some(learned),
            ..context(
                CARD.name,
                row,
                "total correlation",
                bound,
                format!("nats, best validation step, 256 candidates; {rule}"),
            )
        },
        Cell {
            expected: auto.then(|| (1.0, DERIVED.into())),
            pass: right,
            ..context(CARD.name, row, "accuracy", accuracy, remark)
        },
        context(
            CARD.name,
            row,
            "probability of the truth",
            by_seed(measured, "probability"),
            "mean posterior over 32 candidates",
        ),
        context(CARD.name, row, "chance", vec![1.0 / 32.0], "1 of 32"),
    ]
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
    let found = bits_found(&fit.artifact, &xor.candidates(), test, ctx)?;
    let bound = 256f64.ln() - fit.trained.fitted.best_value;
    Ok(Measured::default()
        .with("accuracy", found.accuracy)
        .with("probability", found.probability)
        .with("bound", bound)
        .with("log_scale", fit.artifact.model.log_scale()?))
}
