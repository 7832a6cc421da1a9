//! Golden vectors of the independent reference: exact, except ratios at 1e-12 and quantities, which
//! the file rounds.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use suffit_core::Result;
use suffit_core::golden::{Comparison, GoldenCase, GoldenError, KeyGuard};
use suffit_rdf::decide::{Claim, Oracle as Engine, OracleOptions};
use suffit_rdf::ground::{Lexicon, LexiconOptions, Quantity, normalise};
use suffit_rdf::metrics::{ThreeAction, TwoAction};
use suffit_rdf::read::{self, Options};
use suffit_rdf::reason::{self, Closure};
use suffit_rdf::{Store, Triples};

use super::shapes::Gate;

/// Names of the checks.
const CHECKS: [&str; 4] = ["closure", "decisions", "grounding", "metrics"];

/// Compares public functions with one file of vectors.
pub fn check(stem: &str, file: &Value, data: &Path) -> Result<Vec<GoldenCase>> {
    match stem {
        "closure" => KeyGuard::each(stem, file, closure),
        "decisions" => decisions(&KeyGuard::new(stem, file)?),
        "metrics" => metrics(file),
        "grounding" => grounding(file, data),
        _ => Err(GoldenError::UnknownStem { stem: stem.to_owned(), known: CHECKS.map(String::from).to_vec() }.into()),
    }
}

fn turtle(texts: &[&str]) -> Result<Store> {
    let mut store = Store::new();
    for text in texts {
        read::bytes(&mut store, "vector.ttl", text.as_bytes(), &Options::default())?;
    }
    store.finish();
    Ok(store)
}

fn decisions(case: &KeyGuard<'_>) -> Result<Vec<GoldenCase>> {
    let mut store = turtle(&[case.text("kg")?, case.text("ontology")?])?;
    let shapes = turtle(&[case.text("shapes")?])?;
    let gate = Gate::new(&mut store, &shapes, false)?;
    let none = || "None".to_owned();
    let plain = |t: &String| match read::term(t) {
        Some(oxrdf::Term::NamedNode(iri)) => iri.into_string(),
        Some(oxrdf::Term::Literal(literal)) => literal.value().to_owned(),
        _ => t.clone(),
    };
    let baseline: BTreeSet<[String; 4]> = gate
        .iter()
        .flat_map(Gate::baseline)
        .map(|v| {
            let [path, value] = [&v.path, &v.value].map(|t| t.as_ref().map_or_else(none, plain));
            [plain(&v.focus), v.component.clone(), path, value]
        })
        .collect();
    let wanted: BTreeSet<[String; 4]> =
        serde_json::from_value(case.value("baseline_violations")?.clone()).unwrap_or_default();
    let mut out = vec![Comparison::exact("decisions.baseline_violations", &baseline, &wanted)];
    let closure = Closure::new(store, reason::Options::default())?;
    let mut engine = Engine::new(closure, OracleOptions::default());
    if let Some(gate) = gate {
        engine = engine.with_shapes(Box::new(gate));
    }
    for row in case.children("claims")? {
        let mut claim = serde_json::Map::new();
        for key in ["subject", "predicate", "object", "op"] {
            claim.insert(key.to_owned(), row.value(key)?.clone());
        }
        let decision = engine.license(&Claim::from_value(&Value::Object(claim))?)?;
        let ours = serde_json::json!([decision.verdict, decision.reasons, decision.correction]);
        let wanted = serde_json::json!([row.value("verdict")?, row.value("reasons")?, row.value("correction")?]);
        out.push(Comparison::exact(row.path(), &ours, &wanted));
        row.finish()?;
    }
    case.finish()?;
    Ok(out)
}

fn closure(case: &KeyGuard<'_>) -> Result<Vec<GoldenCase>> {
    let mut store = Store::new();
    read::bytes(&mut store, "vector.ttl", case.text("turtle")?.as_bytes(), &Options::default())?;
    let closure = Closure::new(store, reason::Options::default())?;
    let store = closure.store();
    let asserted =
        Comparison::exact(&format!("{}.asserted", case.path()), &store.asserted_len(), &case.count("asserted")?);
    let ours: BTreeSet<Vec<String>> = store
        .derived()
        .map(|t| t.map(|id| store.dictionary().term(id).to_string()))
        .filter(in_scope)
        .map(Vec::from)
        .collect();
    let wanted: BTreeSet<Vec<String>> = serde_json::from_value(case.value("entailed_new")?.clone()).unwrap_or_default();
    Ok(vec![asserted, Comparison::exact(&format!("{}.entailed_new", case.path()), &ours, &wanted)])
}

/// The restriction that the vectors' README names.
fn in_scope([s, p, o]: &[String; 3]) -> bool {
    let own = |t: &str| t.starts_with("<urn:t#");
    let typed = p.ends_with("22-rdf-syntax-ns#type>");
    let same = p.ends_with("owl#sameAs>") && s != o;
    own(s) && (own(p) && (own(o) || o.starts_with('"')) || (typed || same) && own(o))
}

fn metrics(file: &Value) -> Result<Vec<GoldenCase>> {
    let top = KeyGuard::new("metrics", file)?;
    // A remark for readers.
    top.text("note")?;
    let mut out = Vec::new();
    for case in top.children("two_action")? {
        case.text("name")?;
        let counts = case.child("counts")?;
        let row = |keys: [&str; 3]| -> Result<[u64; 3]> {
            let [a, b, c] = keys.map(|key| counts.count(key).map(|n| n as u64));
            Ok([a?, b?, c?])
        };
        let matrix = TwoAction { answered: row(["A_E", "A_C", "A_U"])?, abstained: row(["S_E", "S_C", "S_U"])? };
        counts.finish()?;
        out.extend(ratios(&case, &serde_json::to_value(matrix.metrics()).unwrap_or_default())?);
        case.finish()?;
    }
    for case in top.children("three_action")? {
        let table = case.child("matrix")?;
        let mut matrix = ThreeAction::default();
        for (row, gold) in ["E", "C", "U"].into_iter().enumerate() {
            let cells = table.child(gold)?;
            for (column, act) in ["L", "R", "S"].into_iter().enumerate() {
                matrix.matrix[row][column] = cells.count(act)? as u64;
            }
            cells.finish()?;
        }
        table.finish()?;
        out.extend(ratios(&case, &serde_json::to_value(matrix.metrics()).unwrap_or_default())?);
        case.finish()?;
    }
    top.finish()?;
    Ok(out)
}

fn ratios(case: &KeyGuard<'_>, ours: &Value) -> Result<Vec<GoldenCase>> {
    let wanted = case.child("metrics")?;
    let keys: Vec<&str> = wanted.keys().collect();
    let mut out = Vec::new();
    for key in keys {
        let name = format!("{}.{key}", case.path());
        let expected = wanted.value(key)?.as_f64();
        let found = ours.get(key).map(Value::as_f64);
        // A ratio that we do not have is a failure, not an undefined one.
        out.push(match found {
            Some(found) => Comparison::f64(1e-12).optional(&name, found, expected),
            None => Comparison::exact(&name, &"absent", &"a ratio"),
        });
    }
    wanted.finish()?;
    Ok(out)
}

fn grounding(file: &Value, data: &Path) -> Result<Vec<GoldenCase>> {
    let mut store = Store::new();
    read::file(&mut store, &data.join("oracle-countries").join("countries.nt"), &Options::default())?;
    store.finish();
    let lexicon = Lexicon::of(&store.asserted(), &LexiconOptions::default());
    let mut out = Vec::new();
    let top = KeyGuard::new("grounding", file)?;
    for case in top.children("labels")? {
        let mention = case.text("mention")?;
        let name = format!("grounding.labels[{mention}]");
        let form = normalise(mention);
        out.push(Comparison::exact(&format!("{name}.normalised"), &form.as_str(), &case.text("normalised")?));
        let mut ours: Vec<String> = lexicon.candidates(mention).iter().map(|iri| iri.as_str().to_owned()).collect();
        ours.sort();
        let wanted: Vec<String> = serde_json::from_value(case.value("candidates")?.clone()).unwrap_or_default();
        out.push(Comparison::exact(&format!("{name}.candidates"), &ours, &wanted));
        case.finish()?;
    }
    for case in top.children("quantities")? {
        out.extend(quantity(&case)?);
        case.finish()?;
    }
    top.finish()?;
    Ok(out)
}

fn quantity(case: &KeyGuard<'_>) -> Result<Vec<GoldenCase>> {
    let text = case.text("text")?;
    let name = format!("grounding.quantities[{text}]");
    let (unit, value) = (case.text("unit")?, case.text("value")?);
    let half = case.value("half_width")?.as_str();
    let Some(ours) = Quantity::parse(text) else {
        return Ok(vec![Comparison::exact(&name, &"nothing read", &value)]);
    };
    let mut out = vec![
        Comparison::exact(&format!("{name}.unit"), &ours.unit(), &unit),
        decimal(&format!("{name}.value"), &ours.value_text(), value),
    ];
    out.push(match (ours.half_width_text(), half) {
        (Some(found), Some(wanted)) => decimal(&format!("{name}.half_width"), &found, wanted),
        (found, wanted) => Comparison::exact(&format!("{name}.half_width"), &found.as_deref(), &wanted),
    });
    Ok(out)
}

/// Equal as texts, or up to the rounding of the file: half a unit of the last digit it writes.
fn decimal(name: &str, ours: &str, expected: &str) -> GoldenCase {
    let digits = expected.split_once('.').map_or(0, |(_, part)| part.len() as i32);
    let close = match (ours.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) => digits > 0 && (a - b).abs() <= 0.5 * 10f64.powi(-digits),
        _ => false,
    };
    Comparison::exact(name, &if close { expected } else { ours }, &expected)
}
