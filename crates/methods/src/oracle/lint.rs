//! `suffit oracle lint`: problems of a graph, and what its data suggest for the ontology.

use serde_json::json;
use suffit_core::error::Exit;
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Result};
use suffit_rdf::lint::{functional_violations, malformed, profile};

use super::arguments::Arguments;
use super::graph::open;

/// Examples of a kind of problem shown on a terminal.
const SHOWN: usize = 5;
/// Subjects that must agree before something is suggested, by default.
const SUPPORT: usize = 20;

pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let opened = open(arguments, ctx)?;
    let store = opened.engine.store();
    let bad = malformed(&store.asserted());
    let several = functional_violations(store);
    let mut collisions: Vec<(&str, Vec<&str>)> = opened
        .engine
        .lexicon()
        .collisions()
        .map(|(name, iris)| (name, iris.iter().map(|iri| iri.as_str()).collect()))
        .collect();
    collisions.sort();
    let suggestions: Vec<(String, &str, usize)> = profile(store)
        .iter()
        .flat_map(|p| p.suggestions(SUPPORT).into_iter().map(move |s| (p.predicate.clone(), s, p.subjects)))
        .collect();
    let mut lines = Vec::new();
    let mut section = |title: &str, all: Vec<String>| {
        if !all.is_empty() {
            lines.push(format!("{title:<32}{}", suffit_core::units::count(all.len() as u64)));
            lines.extend(all.iter().take(SHOWN).map(|line| format!("  {line}")));
        }
    };
    let repair = |m: &suffit_rdf::lint::Malformed| match &m.repair {
        Some(repair) => format!("<{}> → <{repair}>", m.iri),
        None => format!("<{}>", m.iri),
    };
    section("malformed IRIs", bad.iter().map(repair).collect());
    let value =
        |v: &suffit_rdf::lint::Violation| format!("<{}> <{}>: {}", v.subject, v.predicate, v.values.join(" | "));
    section("functional, several values", several.iter().map(value).collect());
    section(
        "one name, several things",
        collisions.iter().map(|(n, iris)| format!("{n}: {}", iris.join(" "))).collect(),
    );
    let clean = lines.is_empty();
    if clean {
        lines.push("no problem found".to_owned());
    }
    lines.extend(
        suggestions.iter().map(|(p, s, n)| format!("suggestion: <{p}> looks {s} ({n} subjects, no exception)")),
    );
    let json = json!({
        "malformed": bad, "functional_violations": several, "collisions": collisions,
        "suggestions": suggestions, "digest": opened.digest,
    });
    let exit = if clean { Exit::Ok } else { Exit::NotEnough };
    Ok(VerbResult { json, text: lines.join("\n"), verdict: None, exit: Some(exit) })
}
