//! Golden vectors of the decision and the closure, through the public API.

use std::collections::BTreeSet;

use serde_json::Value;
use suffit_rdf::decide::{Claim, Options, Oracle};
use suffit_rdf::reason::{Closure, UniqueNames};
use suffit_rdf::store::Triples;

use crate::{repository, store_of};

fn golden(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(repository(&format!("tests/golden/oracle/{name}.json"))).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

#[test]
fn decisions_are_exact() {
    for names in [UniqueNames::Iri, UniqueNames::Off] {
        let file = golden("decisions");
        let store = store_of(&[text(&file, "kg"), text(&file, "ontology")], text(&file, "shapes"));
        let oracle = Oracle::new(store, "kg", Options { names, lenient_prefixes: false }).unwrap();
        let claims = file["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 36);
        let mut wrong = Vec::new();
        for claim in claims {
            let decision = oracle.license(&Claim::from_json(claim).unwrap()).unwrap();
            let same = decision.verdict.word() == text(claim, "verdict")
                && serde_json::to_value(&decision.reasons).unwrap() == claim["reasons"]
                && serde_json::to_value(&decision.correction).unwrap() == claim["correction"];
            if !same {
                wrong.push(format!(
                    "{claim}\n   ours {:?} {:?} {:?}",
                    decision.verdict, decision.reasons, decision.correction
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let baseline: Vec<_> = oracle.baseline().iter().map(|f| f.focus.clone()).collect();
        assert_eq!(baseline, ["<urn:t#eve>"]);
    }
}

#[test]
fn closure_is_exact() {
    for case in golden("closure").as_array().unwrap() {
        let mut store = store_of(&[text(case, "turtle")], "");
        assert_eq!(store.len() as u64, case["asserted"].as_u64().unwrap());
        let closure = Closure::new(&mut store, UniqueNames::Iri);
        let ours: BTreeSet<Vec<String>> = closure
            .derived()
            .map(|t| t.map(|id| store.dictionary().term(id).to_string()))
            .filter(|[s, p, o]| {
                let own = |t: &str| t.starts_with("<urn:t#");
                let same = p.ends_with("#sameAs>") && o != s;
                own(s)
                    && (own(p) && (own(o) || o.starts_with('"')) || p.ends_with("#type>") && own(o) || same && own(o))
            })
            .map(Vec::from)
            .collect();
        let wanted: BTreeSet<Vec<String>> = serde_json::from_value(case["entailed_new"].clone()).unwrap();
        assert_eq!(ours, wanted);
    }
}
