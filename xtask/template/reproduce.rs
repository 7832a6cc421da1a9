//! Tables as data: here one cell whose value is known in closed form.
//!
//! Two classes, equally likely, with one informative column `x ~ N(±1, 1)` and one of noise. No
//! classifier names more than `Φ(1)` of the rows, and a linear one reaches that in the limit.

use suffit_core::method::{Cell, ReproduceRequest, Reproduction, TableCard};
use suffit_core::seed::{below, normal};
use suffit_core::{Ctx, Dataset, Method, Result, Seed};
use suffit_data::ViewMatrix;
use suffit_data::generate::Sample;
use suffit_report::{Document, Section, Table, cells};

use super::__Camel__;
use super::config::__Camel__Config;
use super::fit::{learn, on_test};
use super::input::Labelled;
use super::report::value;

/// Name of the table.
const TABLE: &str = "two-gaussians";

/// `Φ(1)`, the share of rows that the best possible rule names.
pub const OPTIMUM: f64 = 0.841_344_746_068_543;

/// What can be reproduced.
pub fn tables() -> Vec<TableCard> {
    vec![TableCard {
        name: TABLE,
        title: "Two Gaussian classes: accuracy against the best possible rule",
        needs: None,
        seconds: (1.0, 5.0),
    }]
}

/// Two classes at −1 and +1 of the first column, both with unit variance; the second is noise.
///
/// # Errors
/// A bug: columns that do not fit each other.
pub fn two_gaussians(rows: usize, seed: Seed) -> Result<Dataset> {
    let mut stream = seed.stream("two-gaussians", &[]);
    let (mut data, mut label) = (Vec::with_capacity(2 * rows), Vec::with_capacity(rows));
    for _ in 0..rows {
        let class = below(2, &mut stream) as u32;
        let centre = 2.0 * f64::from(class) - 1.0;
        data.extend([(centre + normal(&mut stream)) as f32, normal(&mut stream) as f32]);
        label.push(class);
    }
    let names = vec!["x[0]".to_owned(), "x[1]".to_owned()];
    let view = ViewMatrix { name: "x".to_owned(), rows, cols: 2, data, present: vec![true; rows], names };
    Sample { views: vec![view], label: Some(label) }.into_dataset(TABLE)
}

/// Fits once a seed and holds the mean accuracy against the optimum.
///
/// The tolerance is three standard errors of the mean over all test rows; what a fit on thousands of
/// rows loses to the optimum is far below that.
///
/// # Errors
/// Interruption; those of a fit.
pub fn reproduce(request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
    let rows = if request.quick { 4_000 } else { 40_000 };
    let seeds = request.seeds.max(1);
    let config = __Camel__Config { val_fraction: 0.2, test_fraction: 0.4, ..__Camel__Config::default() };
    let (mut values, mut judged) = (Vec::with_capacity(seeds), 0);
    for k in 0..seeds {
        let own = ctx.with_seed(ctx.seed.child(TABLE, &[k as u64]));
        let labelled = Labelled::read(&config, &two_gaussians(rows, own.seed)?, own.seed)?;
        let (model, _) = learn(&config, &labelled, None, &own)?;
        let judgement = on_test(&model, &labelled, &config, &own)?;
        values.push(judgement.accuracy);
        judged += judgement.verdict.n;
    }
    let mean = values.iter().sum::<f64>() / seeds as f64;
    let tolerance = 3.0 * (OPTIMUM * (1.0 - OPTIMUM) / judged as f64).sqrt();
    let cell = Cell {
        table: TABLE.to_owned(),
        row: "two Gaussian classes".to_owned(),
        column: "accuracy".to_owned(),
        values,
        expected: Some((OPTIMUM, "derived: Φ(1)".to_owned())),
        tolerance: Some(tolerance),
        pass: Some((mean - OPTIMUM).abs() <= tolerance),
        note: format!("{rows} rows a seed, {judged} test rows in all{}", if request.quick { "; quick" } else { "" }),
    };
    let table = Table::new("Two Gaussian classes")
        .text("")
        .number("accuracy, mean over seeds", 4)
        .number("best possible", 4)
        .number("tolerance", 4)
        .row(cells!["softmax regression", mean, OPTIMUM, tolerance]);
    let document = Document::new("Two Gaussian classes", __Camel__::SLUG)
        .section(Section::new("Accuracy against the best possible rule").table(table));
    Ok(Reproduction { method: __Camel__::SLUG.to_owned(), cells: vec![cell], document: value(&document)? })
}
