//! `suffit oracle check`: a file of claims, or one claim.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Value, json};
use suffit_core::error::Exit;
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Result};
use suffit_rdf::decide::{Claim, Decision, Line, Node};
use suffit_rdf::read::claims::{Numbered, claims};
use suffit_rdf::store::results::{CHUNK, Results};

use super::arguments::Arguments;
use super::error::OracleError;
use super::graph::{Opened, open};

/// Counts by verdict; lines that are no claims count as `unreadable`.
pub type Counts = BTreeMap<String, u64>;

pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let given = (arguments.one("claim"), arguments.path("claims"));
    let fail_on = fail_on(arguments)?;
    let path = match given {
        (Some(text), None) => {
            // Read before the graph is opened: a slip in the claim costs no time.
            let line = parse(text)?;
            return single(&open(arguments, ctx)?, &line, fail_on);
        }
        (None, Some(path)) => path,
        _ => {
            let problem = "must come alone: give a file of claims or --claim JSON, one of both".to_owned();
            return Err(OracleError::Claim { problem }.into());
        }
    };
    let opened = open(arguments, ctx)?;
    let out = arguments.path("out").unwrap_or_else(|| beside(&path));
    let (_, of_claims) = suffit_core::files::digest(&path)?;
    let (mut results, done) = Results::open(&out, &key(arguments, &opened.digest, &of_claims)?)?;
    let mut counts = Counts::new();
    done.iter().for_each(|line| count(&mut counts, line));
    if !done.is_empty() {
        ctx.note(format!("goes on after {} lines that an earlier start decided", done.len()));
    }
    let mut chunk: Vec<Numbered> = Vec::with_capacity(CHUNK);
    for line in claims(&path)?.skip(done.len()) {
        chunk.push(line?);
        if chunk.len() == CHUNK {
            write(&opened, &mut chunk, &mut results, &mut counts)?;
            ctx.check_cancel("deciding claims")?;
        }
    }
    write(&opened, &mut chunk, &mut results, &mut counts)?;
    Ok(answer(&counts, &opened.digest, &results.finish()?, fail_on))
}

/// What the results depend on: graph, claims, names, policy and settings.
fn key(arguments: Arguments<'_>, graph: &str, claims: &str) -> Result<String> {
    let mut key = format!("{graph} {claims}");
    for name in ["lexicon", "policy"] {
        for path in arguments.paths(name) {
            key.push_str(&format!(" {name}={}", suffit_core::files::digest(&path)?.1));
        }
    }
    for name in ["readings", "fuzzy-license", "unique-names", "lenient-prefixes"] {
        key.push_str(&format!(" {name}={}", arguments.one(name).unwrap_or("")));
    }
    Ok(key)
}

/// `claims.jsonl` → `claims.decided.jsonl`.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{stem}.decided.jsonl"))
}

fn write(opened: &Opened, chunk: &mut Vec<Numbered>, results: &mut Results, counts: &mut Counts) -> Result<()> {
    let lines: Vec<String> = chunk.par_iter().map(|line| decide(opened, line)).collect::<Result<_>>()?;
    lines.iter().for_each(|line| count(counts, line));
    chunk.clear();
    results.write(&lines)
}

/// One line of output for one line of input.
fn decide(opened: &Opened, numbered: &Numbered) -> Result<String> {
    let value = match &numbered.line {
        Ok(line) => {
            let mut value = shown(opened, line, &opened.engine.license(&line.claim)?)?;
            value["line"] = json!(numbered.number);
            value
        }
        Err(problem) => json!({"line": numbered.number, "verdict": "unreadable", "problem": problem}),
    };
    Ok(value.to_string())
}

/// A decision as JSON, with what the policy makes of it.
fn shown(opened: &Opened, line: &Line, decision: &Decision) -> Result<Value> {
    let mut value = serde_json::to_value(decision)
        .map_err(|e| suffit_core::error::CommonError::bug(format!("a decision as JSON: {e}")))?;
    let predicate = match &line.claim.predicate {
        Node::Iri(predicate) => predicate.as_str(),
        _ => "",
    };
    value["action"] = json!(opened.policy.action(predicate, decision.verdict));
    if let Some(id) = &line.id {
        value["id"] = json!(id);
    }
    Ok(value)
}

fn count(counts: &mut Counts, line: &str) {
    let verdict = serde_json::from_str::<Value>(line).ok().and_then(|v| v["verdict"].as_str().map(str::to_owned));
    *counts.entry(verdict.unwrap_or_else(|| "unreadable".to_owned())).or_default() += 1;
}

/// From which verdict on the exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// 1 for refuted or conflict, 6 for what is open.
    Unlicensed,
    /// 1 for refuted or conflict, 0 for what is open.
    Refuted,
    /// Always 0.
    Never,
}

pub fn fail_on(arguments: Arguments<'_>) -> Result<FailOn> {
    let words = [("unlicensed", FailOn::Unlicensed), ("refuted", FailOn::Refuted), ("never", FailOn::Never)];
    Ok(arguments.choice("fail-on", "unlicensed, refuted, never", &words)?)
}

/// 1 when something is refuted or in conflict, 6 when something is open, else 0.
pub fn exit(counts: &Counts, fail_on: FailOn) -> Exit {
    let some = |words: &[&str]| words.iter().any(|w| counts.get(*w).is_some_and(|n| *n > 0));
    if fail_on == FailOn::Never {
        Exit::Ok
    } else if some(&["refuted", "conflict"]) {
        Exit::NotEnough
    } else if fail_on == FailOn::Unlicensed && some(&["unknown", "ungrounded", "unparsed", "unreadable"]) {
        Exit::Undecided
    } else {
        Exit::Ok
    }
}

fn answer(counts: &Counts, digest: &str, out: &Path, fail_on: FailOn) -> VerbResult {
    let parts: Vec<String> = counts.iter().map(|(v, n)| format!("{} {v}", suffit_core::units::count(*n))).collect();
    let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    let text = format!(
        "claims    {parts}\nwritten   {}\nnext      suffit oracle explain --graph … --claim JSON",
        out.display()
    );
    let json = json!({"counts": counts, "digest": digest, "out": out});
    VerbResult { json, text, verdict: None, exit: Some(exit(counts, fail_on)) }
}

fn single(opened: &Opened, line: &Line, fail_on: FailOn) -> Result<VerbResult> {
    let decision = opened.engine.license(&line.claim)?;
    let value = shown(opened, line, &decision)?;
    let counts = Counts::from([(decision.verdict.word().to_owned(), 1)]);
    let json = json!({"decision": value, "digest": opened.digest});
    Ok(VerbResult { json, text: decision.sentence(), verdict: None, exit: Some(exit(&counts, fail_on)) })
}

/// A claim from the command line, bare or with label and text around it.
pub fn parse(text: &str) -> Result<Line> {
    Ok(Line::from_json(text)?)
}

/// As [`parse`], the claim alone.
pub fn parse_claim(text: &str) -> Result<Claim> {
    Ok(parse(text)?.claim)
}
