//! Clauses about what people see: card, files of the run, report, verdict.

use serde_json::{Value, json};
use suffit_core::ctx::Event;
use suffit_core::method::ReproduceRequest;
use suffit_core::{Family, Verdict};
use suffit_report::Document;

use super::Fixture;
use super::fixture::{SEED, Watch, context};
use super::table;

/// The card's texts are there, and its verbs are exactly those that the method has.
pub fn the_card_says_what_is_there(fixture: &Fixture) {
    let (method, card) = (fixture.method(), fixture.method().card());
    assert_eq!(card.slug, method.slug());
    for (what, text) in [("title", card.title), ("purpose", card.purpose), ("paper", card.paper)] {
        assert!(!text.trim().is_empty(), "the card has no {what}");
    }
    assert!(card.example.starts_with("suffit "), "the example is no command: `{}`", card.example);
    assert!(["summarise", "perceive", "diagnose", "license"].contains(&card.family), "family `{}`", card.family);
    assert!(method.accepts().kinds.contains(&fixture.data().kind), "the method does not accept the contract's data");

    let ctx = context(SEED, &Watch::new(None));
    let (_folder, run) = fixture.unpack();
    let mut sink = Nothing;
    let applied = method.apply(&run, fixture.data(), &fixture.contract.options, &mut sink, &ctx).map(drop);
    let audited = method.audit(Some(&run), fixture.data(), &json!({}), &ctx).map(drop);
    for (verb, result) in [("apply", applied), ("audit", audited)] {
        let missing = result.is_err_and(|e| e.family() == Family::Unsupported);
        assert_eq!(fixture.offers(verb), !missing, "the card and the method disagree about `{verb}`");
    }
    assert_eq!(fixture.offers("reproduce"), !method.tables().is_empty(), "the card and the tables disagree");
    if !fixture.offers("reproduce") {
        let request = ReproduceRequest { table: None, quick: true, seeds: 1, data: None, out: run.path().to_owned() };
        let error = method.reproduce(&request, &ctx).map(drop).err();
        assert_eq!(error.map(|e| e.family()), Some(Family::Unsupported));
    }
}

struct Nothing;

impl suffit_core::method::Sink for Nothing {
    fn write(&mut self, _: &arrow_array::RecordBatch) -> suffit_core::Result<()> {
        Ok(())
    }
}

/// A complete run has a model card, metrics, and what `apply` needs.
pub fn the_run_has_card_metrics_and_model(fixture: &Fixture) {
    let (_folder, run) = fixture.unpack();
    let card = run.read_text("README.md").unwrap_or_else(|e| panic!("no model card: {e}"));
    assert!(card.starts_with("---\nlibrary_name: suffit\n"), "the model card has no front matter");
    for part in [
        format!("method: \"{}\"", fixture.method().slug()),
        format!("seed: {SEED}"),
        "\n# ".into(),
        "\n## Use\n".into(),
    ] {
        assert!(card.contains(&part), "the model card lacks `{part}`:\n{card}");
    }
    let metrics = suffit_core::metrics::read(&run.path().join("metrics.jsonl")).unwrap();
    assert!(!metrics.is_empty(), "no metrics");
    if fixture.offers("apply") {
        let (tensors, about) =
            suffit_nn::export::from_bytes(&run.read_bytes("model.safetensors").unwrap(), "model").unwrap();
        assert!(!tensors.is_empty(), "the model has no tensors");
        assert_eq!(about.method, fixture.method().slug(), "the model does not say which method made it");
        for file in ["config.json", "preprocessing.json"] {
            let value: Value = run.read_json(file).unwrap_or_else(|e| panic!("`apply` needs {file}: {e}"));
            assert!(value.is_object(), "{file} is no object");
        }
    }
    let outcome = &fixture.outcome;
    assert!(!outcome.sentence.is_empty() && outcome.next.starts_with("suffit "), "{outcome:?}");
    for row in &outcome.results {
        assert!(row.value.is_finite(), "result `{}` is {}", row.name, row.value);
        assert!(row.interval.is_none_or(|(low, high)| low <= row.value && row.value <= high), "{row:?}");
    }
    if let Some(verdict) = &outcome.verdict {
        check_verdict(verdict);
    }
}

/// The report of the run is a document of the right format, and shows the answer first.
pub fn the_report_is_a_valid_document(fixture: &Fixture) {
    let (_folder, run) = fixture.unpack();
    let value = fixture.method().report(&run).unwrap_or_else(|e| panic!("the run has no report: {e}"));
    let document = check_document(fixture, &value);
    assert!(!document.sections.is_empty(), "the report shows no evidence");
    assert_eq!(document.verdicts.is_empty(), fixture.outcome.verdict.is_none(), "verdict and report disagree");
    let (_other, run) = fixture.unpack();
    assert_eq!(fixture.method().report(&run).unwrap(), value, "the report depends on where the run lies");
}

/// Fails unless the value is a valid document of the method; gives it back.
pub fn check_document(fixture: &Fixture, value: &Value) -> Document {
    let document: Document =
        serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("no report document: {e}"));
    document.validate().unwrap_or_else(|e| panic!("the report is not valid: {e}"));
    assert_eq!(document.method, fixture.method().slug());
    assert!(suffit_report::html(&document).contains("<html"), "the report has no page");
    document
}

/// The estimate promises at least as many steps as are made, and finite, positive costs.
pub fn the_cost_is_an_upper_bound_in_steps(fixture: &Fixture) {
    let ctx = context(SEED, &Watch::new(None));
    let cost = fixture.method().estimate(fixture.config(), fixture.data(), &ctx).unwrap();
    assert!(cost.seconds.is_finite() && cost.seconds > 0.0, "{cost:?}");
    assert!(cost.memory_bytes > 0 && cost.disk_bytes > 0, "{cost:?}");
    let made = fixture.events.iter().filter_map(|event| match event {
        Event::Step { phase, done, .. } if phase == "train" => Some(*done),
        _ => None,
    });
    let made = made.max().unwrap_or(0);
    assert!(made <= cost.steps, "{made} steps were made, {} promised at most", cost.steps);
}

/// The audit answers the same each time, with an interval around its effect, rows behind it, and
/// evidence beside a baseline.
pub fn the_audit_answers_with_evidence(fixture: &Fixture) {
    if !fixture.offers("audit") {
        return;
    }
    let audit = || {
        let (_folder, run) = fixture.unpack();
        let ctx = context(SEED, &Watch::new(None));
        let audited = fixture.method().audit(Some(&run), fixture.data(), &json!({}), &ctx);
        audited.unwrap_or_else(|e| panic!("the audit fails: {e}"))
    };
    let verdict = audit();
    check_verdict(&verdict);
    assert_eq!(audit(), verdict, "the audit answers differently the second time");
    let few = table::with_rows(fixture.data(), &table::rows(fixture.data()).slice(0, 0));
    let (_folder, run) = fixture.unpack();
    let ctx = context(SEED, &Watch::new(None));
    assert!(fixture.method().audit(Some(&run), &few, &json!({}), &ctx).is_err(), "the audit answers without any row");
}

fn check_verdict(verdict: &Verdict) {
    assert!(verdict.question.ends_with('?'), "no question: `{}`", verdict.question);
    assert!(!verdict.sentence.is_empty() && !verdict.effect.interval.is_empty(), "{verdict:?}");
    let effect = &verdict.effect;
    assert!(
        effect.low <= effect.value && effect.value <= effect.high,
        "the effect lies outside its interval: {effect:?}"
    );
    assert!(effect.level > 0.5 && effect.level < 1.0 && verdict.tolerance >= 0.0 && verdict.n > 0, "{verdict:?}");
    assert!(verdict.evidence.iter().any(|e| !e.baselines.is_empty()), "no evidence beside a baseline");
}
