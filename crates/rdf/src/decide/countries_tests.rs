//! The benchmark of 600 claims about countries, where its files are beside the checkout.

use std::path::Path;

use super::*;
use crate::metrics::{Act, ThreeAction};
use crate::reason;
use crate::store::Store;
use crate::{read, term::Triple};

/// Oracles over facts and ontology, with and without shapes.
fn oracle(folder: &Path, shaped: bool) -> Oracle {
    let (mut store, mut shapes) = (Store::new(), Store::new());
    let read = |store: &mut Store, file: &str| {
        read::file(store, &folder.join(file), &read::Options::default()).unwrap();
        store.finish();
    };
    read(&mut store, "countries.nt");
    read(&mut store, "ontology.ttl");
    read(&mut shapes, "shapes.ttl");
    let shapes: Option<&dyn crate::Triples> = if shaped { Some(&shapes) } else { None };
    Oracle::build(store, shapes, OracleOptions::default(), Default::default(), Default::default()).unwrap()
}

/// Every claim has its label, none is licensed falsely, and each licence has a proof that verifies.
/// Without shapes the claims that only a shape refutes are unknown.
#[test]
#[allow(clippy::print_stderr)]
fn countries() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/oracle-countries");
    let Ok(text) = std::fs::read_to_string(folder.join("claims.jsonl")) else {
        eprintln!("skipped: no oracle-countries beside the checkout");
        return;
    };
    for shaped in [false, true] {
        all_claims(&oracle(&folder, shaped), &text, shaped);
    }
}

fn all_claims(oracle: &Oracle, text: &str, shaped: bool) {
    let (mut matrix, mut seen) = (ThreeAction::default(), 0);
    for json in text.lines() {
        let line = Line::from_json(json).unwrap();
        let raw: serde_json::Value = serde_json::from_str(json).unwrap();
        let gold = line.gold.unwrap();
        let decision = oracle.license(&line.claim).unwrap();
        matrix.add(gold, Act::of(decision.verdict));
        seen += 1;
        let expected = match gold {
            _ if !shaped && raw["reason"] == "shape_range" => Verdict::Unknown,
            Gold::E => Verdict::Licensed,
            Gold::C => Verdict::Refuted,
            Gold::U => Verdict::Unknown,
        };
        assert_eq!(decision.verdict, expected, "{json}: {}", decision.sentence());
        if decision.verdict == Verdict::Licensed {
            let proof = oracle.explain(&line.claim).unwrap().proof.unwrap();
            let asserted = |t: &[String; 3]| is_asserted(oracle, t);
            reason::verify(&proof, asserted).unwrap();
        }
    }
    assert_eq!((seen, matrix.leaks()), (600, (0, 400)));
}

fn is_asserted(oracle: &Oracle, triple: &[String; 3]) -> bool {
    let turtle = format!("{} .", triple.join(" "));
    oxttl::NTriplesParser::new().for_slice(turtle.as_bytes()).all(|t| {
        let t = t.unwrap();
        let dictionary = crate::Triples::dictionary(oracle.store());
        let codes: Option<Vec<_>> = [
            dictionary.id(oxrdf::TermRef::from(t.subject.as_ref())),
            dictionary.id(t.predicate.as_ref()),
            dictionary.id(t.object.as_ref()),
        ]
        .into_iter()
        .collect();
        let triple: Option<Triple> = codes.and_then(|c| c.try_into().ok());
        triple.is_some_and(|t| oracle.origin(t) == Some(crate::Origin::Asserted))
    })
}
