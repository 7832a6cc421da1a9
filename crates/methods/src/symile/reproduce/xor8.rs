//! Table `xor8`: eight views of one bit, the last the parity of the others (spec: Experiment 2).
//!
//! Any seven views are independent, so the loss starts on the plateau `ln B` and stays there until
//! all eight heads agree. Counted is the share of seeds that find the parity.

use serde_json::json;
use suffit_core::method::{Cell, TableCard};
use suffit_core::{Ctx, Result};
use suffit_data::generate::Parity;
use suffit_data::view::ViewMatrix;

use super::TableResult;
use super::bench::{Bench, Job, Measured};
use super::setup::{accuracy, bits_config, fit, tuples};
use super::shown::{DERIVED, SPECIFICATION, by_seed, cell_mean, context, intervals, section};
use crate::symile::config::{AutoWord, InitScale, Objective, SymileConfig};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "xor8",
    title: "parity of eight views: share of seeds that leave the plateau",
    needs: None,
    seconds: (20.0, 190.0),
};

/// Views of the parity.
const VIEWS: usize = 8;
/// Accuracy from which a seed counts as solved (spec: Checks c).
const SOLVED: f64 = 0.95;
/// Share of seeds that the specification asks to be solved (3 of 5).
const GOAL: f64 = 0.6;
/// Seeds of the whole table; more when more are asked for.
const SEEDS: usize = 10;

/// Seeds of the pairwise baseline, which says nothing here and takes longest.
const BASELINE_SEEDS: usize = 3;
/// Rows of a batch.
const BATCH: f64 = 1_000.0;

/// A way to start.
struct Start {
    row: &'static str,
    centred: bool,
    note: &'static str,
}

const REFERENCE: Start = Start { row: "as the reference", centred: false, note: "bits 0 and 1, scale from -0.3" };
const OURS: Start =
    Start { row: "centred bits", centred: true, note: "bits scaled to mean 0 and deviation 1, scale `auto`" };

/// Runs it.
///
/// # Errors
/// As [`super::reproduce`].
pub fn run(bench: &Bench) -> Result<TableResult> {
    let seeds = bench.size(bench.seeds, bench.seeds.max(SEEDS));
    // The reference start is given the epochs of the paper's package: it leaves the plateau late.
    let ways = [(&REFERENCE, bench.size(15, 50)), (&OURS, bench.size(5, 20))];
    let jobs: Vec<Job> = ways.iter().map(|(way, epochs)| job(way, Objective::Symile, *epochs)).collect();
    let results = bench.run(CARD.name, seeds, &jobs)?;
    let clip = bench.run(CARD.name, seeds.min(BASELINE_SEEDS), &[job(&OURS, Objective::Clip, bench.size(2, 20))])?;
    let mut cells = Vec::new();
    for ((way, epochs), measured) in ways.iter().zip(&results) {
        cells.extend(cells_of(way, *epochs, measured));
    }
    for measured in &clip {
        cells.push(context(CARD.name, OURS.row, "CLIP", by_seed(measured, "accuracy"), "pairs say nothing"));
    }
    cells.push(context(CARD.name, "any", "chance", vec![0.5], "1 of 2"));
    let figure = intervals(
        format!(
            "The parity is found in {:.0} % of seeds from centred bits, in {:.0} % from the reference's start",
            100.0 * cell_mean(&cells, OURS.row, "share solved"),
            100.0 * cell_mean(&cells, REFERENCE.row, "share solved")
        ),
        "share of seeds, accuracy",
        &cells,
        &["share solved", "accuracy", "CLIP", "chance"],
    );
    let paragraph = "Any seven of the eight views are independent, so the loss starts at ln B and stays there until all heads agree; a seed either leaves this plateau or does not.";
    Ok(TableResult {
        section: section("Parity of eight views", paragraph, figure, &cells),
        cells,
        remarks: vec![
            "10,000 training and 1,000 validation rows, batches of 1,000, affine heads of length 16, AdamW 0.1; accuracy on 5,000 fresh rows".into(),
            "what was done about stuck seeds: bits are centred, so that the product of the heads begins with a parity in it, and the scale starts where the first logits have spread one (`standardise`, `init_scale = auto`, both defaults); one start per seed, no restarts, no choice among starts".into(),
        ],
    })
}

fn job(way: &'static Start, objective: Objective, epochs: u64) -> Job<'static> {
    let name = if objective == Objective::Clip { format!("{}, CLIP", way.row) } else { way.row.to_owned() };
    Job {
        row: name,
        settings: json!({ "views": VIEWS, "model": config(way, objective, epochs) }),
        work: Box::new(move |ctx: &Ctx| measure(&config(way, objective, epochs), ctx)),
    }
}

fn cells_of(way: &Start, epochs: u64, measured: &[Measured]) -> Vec<Cell> {
    let accuracy = by_seed(measured, "accuracy");
    let solved = accuracy.iter().filter(|v| **v > SOLVED).count();
    let share = solved as f64 / accuracy.len() as f64;
    let note = format!("{solved} of {} seeds above {SOLVED} within {epochs} epochs; {}", accuracy.len(), way.note);
    // Only our own start is held against the goal: the reference is known to stick.
    let goal = if way.centred { Some((GOAL, SPECIFICATION.to_owned())) } else { None };
    let pass = way.centred.then_some(share >= GOAL);
    let bound = by_seed(measured, "bound");
    let truth = Parity { views: VIEWS }.total_correlation();
    let bound_note = "nats, 1,000 candidates, at the best validation step; expected: ln 2";
    vec![
        Cell { expected: goal, pass, ..context(CARD.name, way.row, "share solved", vec![share], note) },
        context(CARD.name, way.row, "accuracy", accuracy, "the first view from the other seven"),
        Cell {
            expected: Some((truth, DERIVED.into())),
            ..context(CARD.name, way.row, "total correlation", bound, bound_note)
        },
    ]
}

fn config(way: &Start, objective: Objective, epochs: u64) -> SymileConfig {
    let mut config = SymileConfig { standardise: way.centred, ..bits_config(objective, epochs) };
    if way.centred {
        config.init_scale = InitScale::Word(AutoWord::Auto);
    }
    config
}

fn measure(config: &SymileConfig, ctx: &Ctx) -> Result<Measured> {
    let parity = Parity { views: VIEWS };
    let train = parity.draw(10_000, ctx.seed.child("train", &[]))?;
    let validation = parity.draw(1_000, ctx.seed.child("validation", &[]))?;
    let fit = fit("parity", config, train, validation, ctx)?;
    let test = parity.draw(5_000, ctx.seed.child("test", &[]))?;
    let truth: Vec<usize> = test.views[0].data.iter().map(|&bit| usize::from(bit > 0.5)).collect();
    let first = &test.views[0];
    let both = ViewMatrix {
        name: first.name.clone(),
        rows: 2,
        cols: 1,
        data: vec![0.0, 1.0],
        present: vec![true; 2],
        names: first.names.clone(),
    };
    let pool = fit.artifact.represent(&tuples("both bits", vec![both]), ctx)?;
    let queries = fit.artifact.represent(&tuples("test", test.views), ctx)?;
    let others: Vec<usize> = (1..VIEWS).collect();
    let scores = fit.artifact.searcher()?.scores(&queries, pool.view(0), 0, &others)?;
    let mut measured = Measured::default().with("accuracy", accuracy(&scores, 2, &truth));
    measured.put("best step", fit.trained.fitted.best_step as f64);
    if config.objective == Objective::Symile {
        measured.put("bound", BATCH.ln() - fit.trained.fitted.best_value);
    }
    Ok(measured)
}
