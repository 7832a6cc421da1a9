//! The benchmark of 600 claims about countries, where its files are beside the checkout.

use std::path::Path;

use super::*;
use crate::metrics::{Act, ThreeAction};
use crate::reason::{self, Closure};
use crate::store::Store;
use crate::{read, term::Triple};

/// The oracle over facts and ontology; nothing where the files are not there.
fn oracle(folder: &Path) -> Oracle {
    let mut store = Store::new();
    for file in ["countries.nt", "ontology.ttl"] {
        read::file(&mut store, &folder.join(file), &read::Options::default()).unwrap();
    }
    Oracle::new(Closure::new(store, reason::Options::default()).unwrap(), OracleOptions::default())
}

/// Without shapes, claims that only a shape refutes are unknown; all others have their label, none is
/// licensed falsely, a batch equals single claims, and each licence has a proof that verifies.
#[test]
#[allow(clippy::print_stderr)]
fn countries_less_shapes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/oracle-countries");
    let Ok(text) = std::fs::read_to_string(folder.join("claims.jsonl")) else {
        eprintln!("skipped: no oracle-countries beside the checkout");
        return;
    };
    let oracle = oracle(&folder);
    let (mut matrix, mut seen) = (ThreeAction::default(), 0);
    for json in text.lines() {
        let line = Line::from_json(json).unwrap();
        let raw: serde_json::Value = serde_json::from_str(json).unwrap();
        let gold = line.gold.unwrap();
        let decision = oracle.license(&line.claim).unwrap();
        matrix.add(gold, Act::of(decision.verdict));
        seen += 1;
        let expected = match gold {
            _ if raw["reason"] == "shape_range" => Verdict::Unknown,
            Gold::E => Verdict::Licensed,
            Gold::C => Verdict::Refuted,
            Gold::U => Verdict::Unknown,
        };
        assert_eq!(decision.verdict, expected, "{json}: {}", decision.sentence());
        if decision.verdict == Verdict::Licensed {
            let proof = oracle.explain(&line.claim).unwrap().proof.unwrap();
            let asserted = |t: &[String; 3]| is_asserted(&oracle, t);
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
