//! The countries benchmark: 600 labelled claims, structured.

use std::path::PathBuf;

use serde_json::Value;
use suffit_rdf::decide::{Claim, Options, Oracle, Verdict};
use suffit_rdf::store::{Builder, Part};

use crate::{load_into, repository};

fn folder() -> Option<PathBuf> {
    let folder = repository("../shared/data/oracle-countries");
    let folder = if folder.exists() {
        folder
    } else {
        PathBuf::from(std::env::var_os("SUFFIT_TEST_DATA")?).join("oracle-countries")
    };
    folder.exists().then_some(folder)
}

pub fn oracle(folder: &std::path::Path) -> Oracle {
    let mut builder = Builder::new();
    load_into(&folder.join("countries.nt"), Part::Data, &mut builder);
    load_into(&folder.join("ontology.ttl"), Part::Ontology, &mut builder);
    load_into(&folder.join("shapes.ttl"), Part::Shapes, &mut builder);
    Oracle::new(builder.build(), "countries", Options::default()).unwrap()
}

#[test]
fn six_hundred_claims_are_decided_right() {
    let Some(folder) = folder() else {
        println!("skipped 1 test: the data set oracle-countries is absent (set SUFFIT_TEST_DATA)");
        return;
    };
    let oracle = oracle(&folder);
    assert_eq!(oracle.store().len(), 7_139);
    println!("closure {}", oracle.closure().len());
    assert!(oracle.baseline().is_empty());
    let text = std::fs::read_to_string(folder.join("claims.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for line in text.lines() {
        let json: Value = serde_json::from_str(line).unwrap();
        let decision = oracle.license(&Claim::from_json(&json).unwrap()).unwrap();
        let gold = match json["gold"].as_str().unwrap() {
            "E" => Verdict::Licensed,
            "C" => Verdict::Refuted,
            _ => Verdict::Unknown,
        };
        if decision.verdict != gold {
            wrong.push(format!("{} {} → {:?} {:?}", json["id"], json["reason"], decision.verdict, decision.reasons));
        }
    }
    assert_eq!(text.lines().count(), 600);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
