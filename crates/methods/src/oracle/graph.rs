//! Opening a graph: a folder made by `build`, or files read on the spot.

use std::collections::BTreeMap;
use std::path::Path;

use suffit_core::{Ctx, Result};
use suffit_rdf::Store;
use suffit_rdf::decide::{Oracle as Engine, OracleOptions, ReadingRule};
use suffit_rdf::ground::{Lexicon, LexiconOptions};
use suffit_rdf::policy::Policy;
use suffit_rdf::read::{self, OnError, Options};
use suffit_rdf::reason::{self, Closure};
use suffit_rdf::store::folder;

use super::arguments::Arguments;
use super::error::OracleError;
use super::shapes::Gate;

/// Settings of a graph that decisions depend on.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Different IRIs are different things.
    pub una: bool,
    /// What to do at a statement that cannot be read.
    pub on_error: OnError,
    /// Bind undeclared prefixes of SPARQL shapes.
    pub lenient_prefixes: bool,
}

impl Settings {
    /// The settings among the arguments.
    pub fn parse(arguments: Arguments<'_>) -> Result<Self> {
        let una = arguments.choice("unique-names", "iri, off", &[("iri", true), ("off", false)])?;
        let on_error = arguments.choice(
            "on-error",
            "stop, continue",
            &[("stop", OnError::Stop), ("continue", OnError::Continue)],
        )?;
        Ok(Settings { una, on_error, lenient_prefixes: arguments.has("lenient-prefixes") })
    }

    /// For the manifest of a built folder.
    pub fn to_map(self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("unique_names".to_owned(), if self.una { "iri" } else { "off" }.to_owned()),
            ("lenient_prefixes".to_owned(), self.lenient_prefixes.to_string()),
        ])
    }
}

/// A graph that is open: the oracle on it, and what it was made from.
pub struct Opened {
    /// The oracle.
    pub engine: Engine,
    /// Digest of graph, ontology and shapes.
    pub digest: String,
    /// What may be said about which predicate.
    pub policy: Policy,
}

/// Reads the files of some arguments into one store; warns of what was left out.
pub fn read(arguments: Arguments<'_>, names: &[&str], settings: Settings, ctx: &Ctx) -> Result<Store> {
    let mut store = Store::new();
    let options = Options { on_error: settings.on_error, ..Options::default() };
    for path in names.iter().flat_map(|name| arguments.paths(name)) {
        ctx.check_cancel("reading the graph")?;
        let summary = read::file(&mut store, &path, &options)?;
        ctx.note(format!("{}: {} statements", path.display(), suffit_core::units::count(summary.statements)));
        summary.problems.iter().for_each(|problem| ctx.warn(format!("left out: {problem}")));
        let more = summary.skipped - summary.problems.len() as u64;
        if more > 0 {
            ctx.warn(format!("left out: {more} more statements of {}", path.display()));
        }
    }
    store.finish();
    Ok(store)
}

/// The graph behind `--graph`, closed and ready to decide.
pub fn open(arguments: Arguments<'_>, ctx: &Ctx) -> Result<Opened> {
    let mut settings = Settings::parse(arguments)?;
    let path = arguments.path("graph").unwrap_or_default();
    let (mut store, shapes, digest) = if folder::is_built(&path) {
        let (store, shapes, manifest) = folder::open(&path)?;
        settings.una = manifest.settings.get("unique_names").is_none_or(|names| names != "off");
        settings.lenient_prefixes |= manifest.settings.get("lenient_prefixes").is_some_and(|v| v == "true");
        (store, shapes, manifest.digest)
    } else if path.is_dir() {
        return Err(OracleError::NoGraph { path: path.display().to_string() }.into());
    } else {
        let store = read(arguments, &["graph", "ontology"], settings, ctx)?;
        let shapes = read(arguments, &["shapes"], settings, ctx)?;
        let digest = folder::digest(&store, &shapes);
        (store, shapes, digest)
    };
    // Codes of the shapes' terms first: the closure then only adds triples.
    let gate = Gate::new(&mut store, &shapes, settings.lenient_prefixes)?;
    let closure = close(store, settings, &path)?;
    let options = OracleOptions {
        readings: arguments.choice("readings", "any, all", &[("any", ReadingRule::Any), ("all", ReadingRule::All)])?,
        fuzzy_license: arguments.has("fuzzy-license"),
    };
    let lexicon = lexicon(arguments, closure.store())?;
    let mut engine = Engine::new(closure, options);
    if let Some(gate) = gate {
        engine = engine.with_shapes(Box::new(gate));
    }
    if let Some(lexicon) = lexicon {
        engine = engine.with_lexicon(lexicon);
    }
    Ok(Opened { engine, digest, policy: policy(arguments)? })
}

/// The closure of a graph that has triples.
pub fn close(store: Store, settings: Settings, path: &Path) -> Result<Closure> {
    if store.asserted_len() == 0 {
        return Err(OracleError::Empty { path: path.display().to_string() }.into());
    }
    Ok(Closure::new(store, reason::Options { una: settings.una })?)
}

/// The names of the graph and those of alias files.
fn lexicon(arguments: Arguments<'_>, store: &Store) -> Result<Option<Lexicon>> {
    let files = arguments.paths("lexicon");
    if files.is_empty() {
        return Ok(None);
    }
    let mut lexicon = Lexicon::of(&store.asserted(), &LexiconOptions::default());
    for file in files {
        let bytes = suffit_core::files::read(&file)?;
        let beside = |problem: String| OracleError::Beside { file: file.display().to_string(), problem };
        let text = String::from_utf8(bytes).map_err(|e| beside(format!("not UTF-8: {e}")))?;
        lexicon.read_aliases(&text).map_err(|e| beside(e.to_string()))?;
    }
    Ok(Some(lexicon))
}

fn policy(arguments: Arguments<'_>) -> Result<Policy> {
    let Some(file) = arguments.path("policy") else { return Ok(Policy::default()) };
    let bytes = suffit_core::files::read(&file)?;
    let beside =
        |e: serde_json::Error| OracleError::Beside { file: file.display().to_string(), problem: e.to_string() };
    Ok(serde_json::from_slice(&bytes).map_err(beside)?)
}
