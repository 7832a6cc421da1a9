//! `suffit oracle explain`: what a verdict rests on, re-checked by the independent verifier.

use serde_json::json;
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Result};
use suffit_rdf::reason::{Proof, verify};
use suffit_rdf::{Store, Triples};

use super::arguments::Arguments;
use super::check::{Counts, exit, fail_on, parse_claim};
use super::graph::open;

/// Sets of triples that would license a claim, shown at most.
const SHOWN: usize = 5;

pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let claim = parse_claim(arguments.one("claim").unwrap_or(""))?;
    let fail_on = fail_on(arguments)?;
    let opened = open(arguments, ctx)?;
    let explanation = opened.engine.explain(&claim)?;
    let mut lines = vec![explanation.decision.sentence()];
    let mut verified = None;
    if let Some(proof) = &explanation.proof {
        lines.extend(steps(proof));
        let checked = verify(proof, |t| is_asserted(opened.engine.store(), t));
        lines.push(match &checked {
            Ok(()) => "proof     re-checked by the verifier: every step follows".to_owned(),
            Err(refusal) => format!("proof     REFUSED by the verifier: {refusal}"),
        });
        verified = Some(checked.is_ok());
    }
    for reading in &explanation.decision.readings {
        lines.push(format!("reading   {}: {}", reading.verdict.word(), reading.claim));
    }
    for evidence in explanation.decision.evidence.iter().filter(|e| e.reason.word() != "entailed") {
        lines
            .extend(evidence.triples.iter().map(|t| format!("against   {} ({})", t.join(" "), evidence.reason.word())));
    }
    if let Some(closest) = &explanation.closest {
        lines.push(format!("closest   {}", closest.join(" ")));
    }
    for set in explanation.would_entail.iter().take(SHOWN) {
        let triples: Vec<String> = set.iter().map(|t| t.join(" ")).collect();
        lines.push(format!("missing   {}", triples.join(" and ")));
    }
    let counts = Counts::from([(explanation.decision.verdict.word().to_owned(), 1)]);
    let json = json!({
        "explanation": explanation, "proof_verified": verified, "digest": opened.digest,
    });
    Ok(VerbResult { json, text: lines.join("\n"), verdict: None, exit: Some(exit(&counts, fail_on)) })
}

/// One line a step, numbered from 1; the last is the claim.
fn steps(proof: &Proof) -> Vec<String> {
    let line = |(at, step): (usize, &suffit_rdf::reason::Step)| {
        let why = match &step.rule {
            None if step.graphs.is_empty() => "asserted".to_owned(),
            None => format!("asserted in {}", step.graphs.join(", ")),
            Some(rule) => {
                let premises: Vec<String> = step.premises.iter().map(|p| (p + 1).to_string()).collect();
                format!("{rule} from {}", premises.join(", "))
            }
        };
        format!("{:>8}  {}  [{why}]", at + 1, step.triple.join(" "))
    };
    proof.steps.iter().enumerate().map(line).collect()
}

/// Is the triple asserted? Looked up by its terms, not by the reasoner's record.
fn is_asserted(store: &Store, triple: &[String; 3]) -> bool {
    let code = |text: &String| suffit_rdf::read::term(text).and_then(|t| store.dictionary().id(t.as_ref()));
    match (code(&triple[0]), code(&triple[1]), code(&triple[2])) {
        (Some(s), Some(p), Some(o)) => store.asserted().contains([s, p, o]),
        _ => false,
    }
}
