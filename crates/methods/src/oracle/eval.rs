//! `suffit oracle eval`: decisions against labels, with the trivial gates beside.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use suffit_core::method::VerbResult;
use suffit_core::verdict::{Assumption, Effect, Evidence};
use suffit_core::{Answer, Ctx, Result, Verdict as Answered};
use suffit_rdf::Triples;
use suffit_rdf::decide::{Claim, Node, Object, Op, Oracle as Engine};
use suffit_rdf::lint::{Cover, coverage};
use suffit_rdf::metrics::{Act, LeakBound, ThreeAction, ThreeActionMetrics, leak_bound};
use suffit_rdf::read::claims::{Numbered, claims};

use super::arguments::Arguments;
use super::error::OracleError;
use super::graph::open;
use super::report::document;

/// Share of false licences that is tolerated, by default.
const TOLERANCE: f64 = 0.01;
/// Wrong lines that are kept word for word.
const KEPT: usize = 50;

/// A gate and what it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// Its name.
    pub name: &'static str,
    /// Counts.
    pub matrix: ThreeAction,
    /// Ratios.
    pub metrics: ThreeActionMetrics,
    /// False licences among claims that must not be licensed.
    pub leaks: u64,
    /// Claims that must not be licensed.
    pub forbidden: u64,
    /// Bounds of their share at 95 %; absent where no claim must be held back.
    pub leak_bound: Option<LeakBound>,
}

/// Everything that an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// Ours first, then the trivial ones.
    pub gates: Vec<Gate>,
    /// Counts by reason code.
    pub reasons: BTreeMap<String, u64>,
    /// Lines decided otherwise than labelled, the first few.
    pub wrong: Vec<Value>,
    /// Lines that are no claims or have no label.
    pub unreadable: u64,
    /// Can the graph answer this kind of question?
    pub coverage: Vec<Cover>,
    /// Digest of what was decided from.
    pub digest: String,
}

pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let tolerance = match arguments.one("tolerance") {
        None => TOLERANCE,
        Some(text) => text.parse().ok().filter(|t: &f64| *t > 0.0 && *t < 1.0).ok_or_else(|| {
            OracleError::Argument { argument: "tolerance", value: text.to_owned(), expected: "a share between 0 and 1" }
        })?,
    };
    let opened = open(arguments, ctx)?;
    let path = arguments.path("claims").unwrap_or_default();
    let found = evaluate(&opened.engine, opened.digest, claims(&path)?, ctx)?;
    let total: u64 = found.gates[0].matrix.matrix.iter().flatten().sum();
    if total == 0 {
        return Err(OracleError::NoLabels { file: path.display().to_string() }.into());
    }
    let verdict = answer(&found, tolerance);
    let mut text = table_text(&found);
    if let Some(out) = arguments.path("report") {
        let document = document(&found, &verdict);
        suffit_core::files::write_atomic(&out, suffit_report::html(&document).as_bytes())?;
        text.push_str(&format!("\nreport    {}", out.display()));
    }
    let json = json!({ "evaluation": found });
    Ok(VerbResult { json, text, verdict: Some(verdict), exit: None })
}

fn evaluate(
    engine: &Engine,
    digest: String,
    lines: impl Iterator<Item = Result<Numbered>>,
    ctx: &Ctx,
) -> Result<Found> {
    let mut matrices = [ThreeAction::default(); 4];
    let mut found = Found {
        gates: Vec::new(),
        reasons: BTreeMap::new(),
        wrong: Vec::new(),
        unreadable: 0,
        coverage: coverage(engine.store()),
        digest,
    };
    for numbered in lines {
        let numbered = numbered?;
        let labelled = numbered.line.as_ref().ok().and_then(|line| line.gold.map(|gold| (line, gold)));
        let Some((line, gold)) = labelled else {
            found.unreadable += 1;
            continue;
        };
        ctx.check_cancel("evaluating")?;
        let decision = engine.license(&line.claim)?;
        let act = Act::of(decision.verdict);
        let member = if is_stated(engine, &line.claim) { Act::License } else { Act::Silent };
        for (matrix, act) in matrices.iter_mut().zip([act, member, Act::License, Act::Silent]) {
            matrix.add(gold, act);
        }
        decision.reasons.iter().for_each(|r| *found.reasons.entry(r.word().to_owned()).or_default() += 1);
        if act as usize != gold as usize && found.wrong.len() < KEPT {
            let (verdict, reasons) = (decision.verdict, decision.reasons);
            found.wrong.push(json!({"line": numbered.number, "gold": gold, "verdict": verdict, "reasons": reasons}));
        }
    }
    let names = ["ours", "only stated triples", "license everything", "license nothing"];
    for (name, matrix) in names.into_iter().zip(matrices) {
        let (leaks, forbidden) = matrix.leaks();
        let leak_bound = if forbidden > 0 {
            Some(leak_bound(leaks, forbidden, 0.95).map_err(OracleError::Statistics)?)
        } else {
            None
        };
        found.gates.push(Gate { name, matrix, metrics: matrix.metrics(), leaks, forbidden, leak_bound });
    }
    Ok(found)
}

/// The authors' whole step: is the triple in the graph, as it stands?
fn is_stated(engine: &Engine, claim: &Claim) -> bool {
    let store = engine.store();
    let iri = |node: &Node| match node {
        Node::Iri(iri) => store.dictionary().iri(iri.as_str()),
        Node::Mention(_) => None,
    };
    let object = match &claim.object {
        Object::Iri(iri) => store.dictionary().iri(iri.as_str()),
        Object::Literal(literal) => store.dictionary().id(literal.as_ref()),
        Object::Untyped(_) | Object::Mention(_) => None,
    };
    let stated = matches!(
        (iri(&claim.subject), iri(&claim.predicate), object),
        (Some(s), Some(p), Some(o)) if store.asserted().contains([s, p, o])
    );
    claim.op == Op::Eq && stated && !claim.negated
}

/// The upper end at 95 % of the share of false licences; 1 where nothing says otherwise.
pub fn upper(gate: &Gate) -> f64 {
    gate.leak_bound.as_ref().map_or(1.0, |b| b.rule_of_three.unwrap_or(b.wilson_high))
}

/// *Enough* when the upper limit of false licences lies within the tolerance, *not enough* when
/// more were seen than the tolerance allows, else the labels are too few to tell.
fn answer(found: &Found, tolerance: f64) -> Answered {
    let ours = &found.gates[0];
    let n = ours.forbidden;
    let rate = ours.metrics.false_license_rate.unwrap_or(0.0);
    let high = upper(ours);
    let answer = if high <= tolerance {
        Answer::Enough
    } else if rate > tolerance {
        Answer::NotEnough
    } else {
        Answer::Undecided
    };
    let sentence = format!(
        "{} false licences in {n} claims that must not be licensed (at most {:.2} % at 95 %), and {:.1} % of all verdicts as labelled",
        ours.leaks,
        high * 100.0,
        ours.metrics.verdict_accuracy.unwrap_or(0.0) * 100.0
    );
    let baselines =
        found.gates[1..].iter().filter_map(|g| Some((g.name.to_owned(), g.metrics.license_recall?))).collect();
    Answered {
        question: "Is this graph enough to let only entailed claims pass?".into(),
        answer,
        sentence,
        effect: Effect {
            name: "share of false licences".into(),
            value: rate,
            low: 0.0,
            high,
            level: 0.95,
            interval: "upper limit: 3/n when none was seen, else Wilson".into(),
            unit: String::new(),
        },
        tolerance,
        test: None,
        n,
        assumptions: vec![
            Assumption { text: "the labels are right".into(), holds: None },
            Assumption { text: "future claims are like these".into(), holds: None },
        ],
        would_decide: (answer == Answer::Undecided)
            .then(|| format!("about {} labelled claims that must not be licensed", (3.0 / tolerance).ceil())),
        evidence: vec![Evidence {
            name: "entailed claims that are licensed".into(),
            value: ours.metrics.license_recall.unwrap_or(0.0),
            low: None,
            high: None,
            baselines,
            n: ours.matrix.matrix[0].iter().sum(),
        }],
    }
}

fn shown(value: Option<f64>) -> String {
    value.map_or("–".into(), |v| format!("{v:.3}"))
}

fn table_text(found: &Found) -> String {
    let mut lines = vec![format!(
        "{:<22}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "gate", "accuracy", "licensed", "refuted", "leaks", "leak ≤ 95 %"
    )];
    for gate in &found.gates {
        lines.push(format!(
            "{:<22}{:>10}{:>10}{:>10}{:>10}{:>12}",
            gate.name,
            shown(gate.metrics.verdict_accuracy),
            shown(gate.metrics.license_recall),
            shown(gate.metrics.refute_recall),
            gate.leaks,
            format!("{:.4}", upper(gate))
        ));
    }
    if found.unreadable > 0 {
        lines.push(format!("{} lines are no labelled claims and were left out", found.unreadable));
    }
    lines.join("\n")
}
