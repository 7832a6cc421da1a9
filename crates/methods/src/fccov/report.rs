//! The report of a run as a document: the answer, the evidence, the limits. Configuration, data,
//! machine and commands are added by the command line for all methods.

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::{Method, Result, Run, metrics};
use suffit_report::{
    Axis, Banner, Card, Document, Estimate, Figure, Format, LimitState, Lines, Section, Series, Table, cells,
};

use super::Fccov;
use super::audit::Judgement;
use super::fit::JUDGEMENT;

/// The document of a run, from its files alone; shows what is there while a fit is unfinished.
///
/// # Errors
/// Missing or damaged files.
pub fn document(run: &Run) -> Result<Document> {
    let mut document = Document::new("What does the representation know about y?", Fccov::SLUG);
    if run.has(JUDGEMENT) {
        document = evidence(document, &run.read_json(JUDGEMENT)?);
    }
    if let Some(figure) = curves(run)? {
        document = document.section(Section::new("Training").figure(figure));
    }
    Ok(document)
}

/// What the numbers cannot say.
pub const LIMITS: [&str; 4] = [
    "The covariance measures the mean of z given y, not their full independence.",
    "The solution is unique up to a rotation; columns are sorted by what they know about y.",
    "More than chance is not all: `suffit audit` asks whether z keeps everything that x knows about y.",
    "Balls of distances as the events of the covariance are inferred from the abstract of the paper and earlier work.",
];

/// The answer and what it rests on.
pub fn evidence(document: Document, judgement: &Judgement) -> Document {
    let effect = &judgement.verdict.effect;
    let share = Estimate::new(effect.value).interval(effect.low, effect.high).n(judgement.verdict.n);
    let mut table = Table::new("Columns of the representation")
        .text("column")
        .number("eta on the training rows", 4)
        .number("share of bound on test rows", 4);
    for (j, share) in judgement.columns.iter().enumerate() {
        let eta = judgement.eta.get(j).copied().unwrap_or(f64::NAN);
        table.push_row(cells![format!("z{}", j + 1), eta, *share]);
    }
    let title = format!("What each column knows about y (kernel: {})", judgement.objective);
    let mut document = document
        .verdict(Banner::from(&judgement.verdict))
        .card(Card::new("covariance, share of its bound", share, Format::digits(4)).baseline("chance", 0.0))
        .card(Card::new(
            "distance correlation",
            Estimate::new(judgement.dcor).n(judgement.verdict.n),
            Format::digits(3),
        ))
        .section(Section::new(title).table(table));
    for limit in LIMITS {
        document = document.limit(LimitState::Note, limit);
    }
    document
}

/// Training loss and held-out covariance over steps.
fn curves(run: &Run) -> Result<Option<Figure>> {
    if !run.has(suffit_core::run::file::METRICS) {
        return Ok(None);
    }
    let events = metrics::read(&run.path().join(suffit_core::run::file::METRICS))?;
    let of = |split: &str, name: &str| -> (Vec<f64>, Vec<f64>) {
        events.iter().filter(|e| e.split == split && e.name == name).map(|e| (e.step as f64, e.value)).unzip()
    };
    let (steps, values) = of("val", "fccov_u");
    if steps.is_empty() {
        return Ok(None);
    }
    let y = Axis::new("held-out covariance, unbiased").format(Format::digits(4));
    let best =
        steps.iter().zip(&values).fold((0.0, f64::NEG_INFINITY), |b, (s, v)| if *v > b.1 { (*s, *v) } else { b });
    let title =
        format!("The held-out covariance is largest at step {} ({:.4}); those weights are kept", best.0, best.1);
    let lines =
        Lines::new(Axis::new("step").format(Format::count()), y).series(Series::new("validation", steps, values));
    Ok(Some(Figure::new(title, lines)))
}

/// A document as JSON.
///
/// # Errors
/// A bug: a document that has no JSON form.
pub fn value(document: &Document) -> Result<Value> {
    Ok(serde_json::to_value(document).map_err(|e| CommonError::bug(format!("the report document: {e}")))?)
}
