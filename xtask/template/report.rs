//! The report of a run as a document: the answer, the evidence, the limits. Configuration, data,
//! machine and commands are added by the command line for all methods.

use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::{Method, Result, Run, metrics};
use suffit_report::{
    Axis, Banner, Card, Document, Estimate, Figure, Format, Heat, LimitState, Lines, Section, Series,
};

use super::__Camel__;
use super::audit::Judgement;
use super::fit::JUDGEMENT;

/// The document of a run, from its files alone; shows what is there while a fit is unfinished.
///
/// # Errors
/// Missing or damaged files.
pub fn document(run: &Run) -> Result<Document> {
    let mut document = Document::new("Does the view name the label?", __Camel__::SLUG);
    if run.has(JUDGEMENT) {
        document = evidence(document, &run.read_json(JUDGEMENT)?);
    }
    if let Some(figure) = curves(run)? {
        document = document.section(Section::new("Training").figure(figure));
    }
    Ok(document)
}

/// The answer and what it rests on.
pub fn evidence(document: Document, judgement: &Judgement) -> Document {
    let n = judgement.verdict.n;
    let (low, high) = judgement.interval;
    let accuracy = Estimate::new(judgement.accuracy).interval(low, high).n(n);
    let axis = Axis::new("held-out rows").format(Format::count());
    let counts = judgement.confusion.iter().map(|row| row.iter().map(|&c| c as f64).collect()).collect();
    let names = |word: &str| -> Vec<String> { judgement.classes.iter().map(|c| format!("{word} {c}")).collect() };
    let heat = Heat::new(axis, names("is"), names("named"), counts);
    let wrong = n - judgement.confusion.iter().enumerate().map(|(k, row)| row[k]).sum::<u64>();
    let title = format!("{wrong} of {n} held-out rows are named wrongly");
    document
        .verdict(Banner::from(&judgement.verdict))
        .card(Card::new("accuracy", accuracy, Format::digits(3)).baseline("commonest label", judgement.commonest))
        .section(Section::new("Which labels are mistaken for which").figure(Figure::new(title, heat)))
        .limit(LimitState::Note, "A linear classifier: what it cannot name, a richer model may.")
        .limit(LimitState::Note, "Probabilities are those of the model; nothing calibrates them.")
}

/// Training and validation loss over steps.
fn curves(run: &Run) -> Result<Option<Figure>> {
    if !run.has(suffit_core::run::file::METRICS) {
        return Ok(None);
    }
    let events = metrics::read(&run.path().join(suffit_core::run::file::METRICS))?;
    let series = |split: &str, name: &str| {
        let of = events.iter().filter(|e| e.split == split && e.name == "loss");
        let (x, y): (Vec<f64>, Vec<f64>) = of.map(|e| (e.step as f64, e.value)).unzip();
        (!x.is_empty()).then(|| Series::new(name, x, y))
    };
    let both: Vec<Series> = [series("train", "training"), series("val", "validation")].into_iter().flatten().collect();
    if both.is_empty() {
        return Ok(None);
    }
    let (x, y) = (Axis::new("step").format(Format::count()), Axis::new("loss").unit("nats").format(Format::digits(2)));
    let lines = both.into_iter().fold(Lines::new(x, y), Lines::series);
    let best = events.iter().filter(|e| e.split == "val" && e.name == "loss").min_by(|a, b| a.value.total_cmp(&b.value));
    let title = best.map_or_else(
        || "Loss over steps".to_owned(),
        |e| format!("Validation loss is lowest at step {} ({:.3}); those weights are kept", e.step, e.value),
    );
    Ok(Some(Figure::new(title, lines)))
}

/// A document as JSON.
///
/// # Errors
/// A bug: a document that has no JSON form.
pub fn value(document: &Document) -> Result<Value> {
    Ok(serde_json::to_value(document).map_err(|e| CommonError::bug(format!("the report document: {e}")))?)
}
