//! Table `missing`: one-bit XOR, trained with every view missing in a fifth of the rows, tested on
//! complete rows (spec: Experiment 3).

use serde_json::json;
use suffit_core::method::{Cell, TableCard};
use suffit_core::{Ctx, Result};
use suffit_data::generate::Xor;

use super::TableResult;
use super::bench::{Bench, Job, Measured};
use super::setup::{OBJECTIVES, bits_config, bits_found, fit};
use super::shown::{SPECIFICATION, all, by_seed, context, intervals, mean, section};
use crate::symile::config::{Objective, SymileConfig};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "missing",
    title: "XOR of one bit, trained with a fifth of every view missing",
    needs: None,
    seconds: (7.0, 15.0),
};

/// Share of rows in which a view is missing, in training and validation.
const MISSING: f64 = 0.2;
/// Lowest accuracy that counts as "about 1".
const ABOUT_ONE: f64 = 0.99;

/// Runs it.
///
/// # Errors
/// As [`super::reproduce`].
pub fn run(bench: &Bench) -> Result<TableResult> {
    let (epochs, draws) = (bench.size(10, 40), bench.size(2, 10));
    let row = format!("{MISSING} missing");
    let job = Job {
        row: row.clone(),
        settings: json!({ "missing": MISSING, "draws": draws, "symile": config(Objective::Symile, epochs), "clip": config(Objective::Clip, epochs) }),
        work: Box::new(move |ctx: &Ctx| measure(epochs, draws, ctx)),
    };
    let results = bench.run(CARD.name, bench.seeds, &[job])?;
    let measured = results.first().map_or(&[][..], Vec::as_slice);
    let symile = by_seed(measured, "Symile");
    let cells = vec![
        Cell {
            expected: Some((1.0, SPECIFICATION.into())),
            pass: Some(all(&symile, |v| v >= ABOUT_ONE)),
            ..context(CARD.name, &row, "Symile", symile, format!("every seed at least {ABOUT_ONE}"))
        },
        context(
            CARD.name,
            &row,
            "CLIP",
            by_seed(measured, "CLIP"),
            "pairs say nothing; a sum of two scores is a threshold rule of (a, c), which meets a parity of two bits in 1/4, 1/2 or 3/4 of the rows by accident",
        ),
        context(CARD.name, &row, "chance", vec![0.5], "1 of 2"),
    ];
    let figure = intervals(
        format!("Trained with missing views, Symile finds {:.3} of complete rows", mean(&by_seed(measured, "Symile"))),
        "accuracy on complete rows",
        &cells,
        &["Symile", "CLIP", "chance"],
    );
    let paragraph =
        "Missing rows hold the placeholder 0.5 and a flag, and stay among the negatives. Test rows are complete.";
    Ok(TableResult {
        section: section("XOR with missing views", paragraph, figure, &cells),
        cells,
        remarks: vec![format!(
            "10,000 training and 1,000 validation rows, {epochs} epochs, affine heads of length 16; accuracy is the mean over {draws} fresh complete test sets of 5,000 rows"
        )],
    })
}

fn config(objective: Objective, epochs: u64) -> SymileConfig {
    SymileConfig { placeholder: 0.5, ..bits_config(objective, epochs) }
}

fn measure(epochs: u64, draws: u64, ctx: &Ctx) -> Result<Measured> {
    let (partial, complete) = (Xor { bits: 1, p: 1.0, missing: MISSING }, Xor::new(1, 1.0));
    let mut measured = Measured::default();
    for (name, objective) in OBJECTIVES {
        let train = partial.draw(10_000, ctx.seed.child("train", &[]))?;
        let validation = partial.draw(1_000, ctx.seed.child("validation", &[]))?;
        let fit = fit("xor with missing views", &config(objective, epochs), train, validation, ctx)?;
        let mut sum = 0.0;
        for draw in 0..draws {
            let test = complete.draw(5_000, ctx.seed.child("test", &[draw]))?;
            sum += bits_found(&fit.artifact, &complete.candidates(), test, ctx)?.accuracy;
        }
        measured.put(name, sum / draws as f64);
    }
    Ok(measured)
}
