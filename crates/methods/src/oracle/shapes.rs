//! Shapes: as a gate of the oracle, and `suffit oracle verify-shapes`, plain SHACL validation.

use oxrdf::TermRef;
use serde_json::json;
use suffit_core::error::{Error, Exit};
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Result};
use suffit_rdf::Store;
use suffit_rdf::decide::{ShapeCheck, ShapeFinding};
use suffit_rdf::shacl::{Delta, Options, Shapes, Violation, validate};

use super::arguments::Arguments;
use super::graph::{Settings, read};

/// Violations shown on a terminal.
const SHOWN: usize = 20;

/// Shapes with what the asserted graph violates already.
pub struct Gate(Delta);

impl Gate {
    /// Compiles shapes and validates the asserted graph once; `None` without shapes.
    pub fn new(store: &mut Store, shapes: &Store, lenient_prefixes: bool) -> Result<Option<Gate>> {
        if shapes.asserted_len() == 0 {
            return Ok(None);
        }
        let options = Options { lenient_prefixes, ..Options::default() };
        let compiled = Shapes::compile(store, &shapes.asserted(), options)?;
        Ok(Some(Gate(Delta::new(&store.asserted(), compiled)?)))
    }

    /// What the graph violates already.
    pub fn baseline(&self) -> &[Violation] {
        self.0.baseline()
    }
}

impl ShapeCheck for Gate {
    /// Shapes see asserted triples and the claim, without inference.
    fn new_violations(&self, store: &Store, claim: [TermRef<'_>; 3]) -> std::result::Result<Vec<ShapeFinding>, Error> {
        let found = self.0.new_violations(&store.asserted(), claim)?;
        let mut out: Vec<ShapeFinding> = found.into_iter().map(finding).collect();
        out.sort();
        Ok(out)
    }
}

fn finding(violation: Violation) -> ShapeFinding {
    ShapeFinding {
        shape: violation.shape,
        component: violation.component,
        focus: violation.focus,
        path: violation.path,
        value: violation.value,
        message: violation.messages.into_iter().next(),
    }
}

/// Validates the files and reports.
pub fn run(arguments: Arguments<'_>, ctx: &Ctx) -> Result<VerbResult> {
    let settings = Settings::parse(arguments)?;
    let mut store = read(arguments, &["files", "ontology"], settings, ctx)?;
    let shapes = read(arguments, &["shapes"], settings, ctx)?;
    let options = Options { lenient_prefixes: settings.lenient_prefixes, ..Options::default() };
    let compiled = Shapes::compile(&mut store, &shapes.asserted(), options)?;
    let report = validate(&store, &compiled)?;
    let all = &report.violations;
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(Violation::sentence).collect();
    if all.len() > SHOWN {
        lines.push(format!("… and {} more (--report FILE, --json)", all.len() - SHOWN));
    }
    let count = |n: usize| suffit_core::units::count(n as u64);
    lines.push(if report.conforms {
        format!("CONFORMS  {} facts, {} shapes", count(store.asserted_len()), count(compiled.len()))
    } else {
        format!("VIOLATES  {} results", count(all.len()))
    });
    if let Some(path) = arguments.path("report") {
        suffit_core::files::write_atomic(&path, report.to_turtle().as_bytes())?;
        lines.push(format!("written   {}", path.display()));
    }
    let exit = if report.conforms { Exit::Ok } else { Exit::NotEnough };
    let json = serde_json::to_value(&report)
        .map_err(|e| suffit_core::error::CommonError::bug(format!("a validation report as JSON: {e}")))?;
    Ok(VerbResult { json: json!({ "report": json }), text: lines.join("\n"), verdict: None, exit: Some(exit) })
}
