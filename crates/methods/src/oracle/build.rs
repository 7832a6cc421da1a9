//! `suffit oracle build`: files into a folder that opens in one go.

use serde_json::json;
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Result};
use suffit_rdf::decide::{Oracle as Engine, OracleOptions};
use suffit_rdf::store::folder;

use super::arguments::Arguments;
use super::graph::{Settings, close, read};
use super::shapes::Gate;

pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let settings = Settings::parse(arguments)?;
    let mut store = read(arguments, &["files", "ontology"], settings, ctx)?;
    let out = arguments.path("out").unwrap_or_default();
    let first = arguments.path("files").unwrap_or_default();
    let shapes = read(arguments, &["shapes"], settings, ctx)?;
    let gate = Gate::new(&mut store, &shapes, settings.lenient_prefixes)?;
    let violations = gate.map_or(0, |g| g.baseline().len());
    // Closing now shows mistakes before anybody asks.
    let closure = close(store, settings, &first)?;
    let manifest = folder::save(closure.store(), &shapes, settings.to_map(), &out)?;
    let (asserted, derived) = (closure.store().asserted_len(), closure.store().derived_len());
    let engine = Engine::new(closure, OracleOptions::default());
    let count = |n: usize| suffit_core::units::count(n as u64);
    let text = format!(
        "built     {} · {} facts, {} more that they entail, {} names, {} violations of shapes\nnext      suffit oracle check claims.jsonl --graph {}",
        out.display(),
        count(asserted),
        count(derived),
        count(engine.lexicon().len()),
        count(violations),
        out.display(),
    );
    let json = json!({
        "out": out, "asserted": asserted, "derived": derived, "names": engine.lexicon().len(),
        "shape_violations": violations,
        "digest": manifest.digest,
    });
    Ok(VerbResult { json, text, verdict: None, exit: None })
}
