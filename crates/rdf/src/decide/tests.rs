//! The decision against an independent reference, and what must hold for any graph.

use oxrdf::{GraphName, NamedNode, Quad, Triple as OxTriple};
use serde_json::Value;

use super::*;
use crate::store::Store;

fn golden(name: &str) -> Value {
    let path = format!("{}/../../tests/golden/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn triples(turtle: &str) -> Vec<OxTriple> {
    oxttl::TurtleParser::new().for_slice(turtle.as_bytes()).map(Result::unwrap).collect()
}

/// A store with these asserted triples and these derived ones.
fn store(asserted: &[OxTriple], derived: &[OxTriple]) -> Store {
    let mut store = Store::new();
    for triple in asserted {
        let quad: Quad = triple.clone().in_graph(GraphName::DefaultGraph);
        store.read(quad.as_ref()).unwrap();
    }
    store.finish();
    for triple in derived {
        let dictionary = store.dictionary_mut();
        let s = dictionary.intern(oxrdf::TermRef::from(triple.subject.as_ref())).unwrap();
        let p = dictionary.intern(triple.predicate.as_ref()).unwrap();
        let o = dictionary.intern(triple.object.as_ref()).unwrap();
        store.derive([s, p, o]);
    }
    store
}

/// Asserted and derived triples of the golden graph; the derived ones from the closure's file, so
/// that this test does not rest on our reasoner.
fn golden_graph() -> (Vec<OxTriple>, Vec<OxTriple>) {
    let file = golden("decisions.json");
    let text = |key: &str| file[key].as_str().unwrap();
    let mut asserted = triples(text("kg"));
    asserted.extend(triples(text("ontology")));
    let closure = golden("closure.json");
    let of_graph = |case: &&Value| case["turtle"].as_str().unwrap().contains("Álvarez");
    let case = closure.as_array().unwrap().iter().find(of_graph).unwrap();
    let mut derived = String::new();
    for line in case["entailed_new"].as_array().unwrap() {
        let terms: Vec<&str> = line.as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        derived.push_str(&format!("{} .\n", terms.join(" ")));
    }
    (asserted, triples(&derived))
}

fn words(reasons: &[Reason]) -> Vec<&'static str> {
    reasons.iter().map(|r| r.word()).collect()
}

/// What the file says, less the shapes, which are not compiled here: a verdict that rests on a shape
/// alone becomes unknown.
fn without_shapes(row: &Value) -> (String, Vec<String>) {
    let mut reasons: Vec<String> =
        row["reasons"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_owned()).collect();
    reasons.retain(|r| r != "shape");
    if reasons.is_empty() {
        return ("unknown".to_owned(), vec!["no_evidence".to_owned()]);
    }
    (row["verdict"].as_str().unwrap().to_owned(), reasons)
}

fn claim_of(row: &Value) -> Claim {
    let mut claim = row.as_object().unwrap().clone();
    claim.retain(|key, _| !["verdict", "reasons", "correction"].contains(&key.as_str()));
    Claim::from_value(&Value::Object(claim)).unwrap()
}

#[test]
fn golden_decisions_less_shapes() {
    let (asserted, derived) = golden_graph();
    let oracle = Oracle::of_store(store(&asserted, &derived), OracleOptions::default());
    let file = golden("decisions.json");
    let rows = file["claims"].as_array().unwrap();
    assert_eq!(rows.len(), 36);
    for row in rows {
        let claim = claim_of(row);
        let ours = oracle.license(&claim).unwrap();
        let (verdict, reasons) = without_shapes(row);
        assert_eq!(
            (ours.verdict.word(), words(&ours.reasons)),
            (verdict.as_str(), reasons.iter().map(String::as_str).collect()),
            "{row}"
        );
        let correction: Vec<&str> = row["correction"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
        assert_eq!(ours.correction, correction, "{row}");
    }
}

/// Every IRI of the graph's own namespaces under another name; the vocabularies stay.
fn renamed(triple: &OxTriple) -> OxTriple {
    let name = |n: &NamedNode| match n.as_str().strip_prefix("urn:t#") {
        Some(local) => NamedNode::new_unchecked(format!(
            "http://other.example/{}",
            local.bytes().rev().map(char::from).collect::<String>()
        )),
        None => n.clone(),
    };
    let subject = match &triple.subject {
        oxrdf::NamedOrBlankNode::NamedNode(n) => name(n).into(),
        other => other.clone(),
    };
    let object = match &triple.object {
        oxrdf::Term::NamedNode(n) => name(n).into(),
        other => other.clone(),
    };
    OxTriple { subject, predicate: name(&triple.predicate), object }
}

fn renamed_claim(claim: &Claim) -> Claim {
    let (Node::Iri(s), Node::Iri(p)) = (&claim.subject, &claim.predicate) else { unreachable!() };
    let object = match &claim.object {
        Object::Iri(o) => o.clone().into(),
        Object::Literal(l) => l.clone().into(),
        _ => unreachable!(),
    };
    let triple = renamed(&OxTriple { subject: s.clone().into(), predicate: p.clone(), object });
    let object = match triple.object {
        oxrdf::Term::NamedNode(n) => Object::Iri(n),
        oxrdf::Term::Literal(l) => Object::Literal(l),
        _ => unreachable!(),
    };
    let oxrdf::NamedOrBlankNode::NamedNode(s) = triple.subject else { unreachable!() };
    Claim { op: claim.op, ..Claim::new(s, triple.predicate, object) }
}

#[test]
fn names_and_order_of_triples_do_not_matter() {
    let (asserted, derived) = golden_graph();
    let plain = Oracle::of_store(store(&asserted, &derived), OracleOptions::default());
    let mut other: Vec<OxTriple> = asserted.iter().map(renamed).collect();
    other.reverse();
    let far: Vec<OxTriple> = derived.iter().map(renamed).collect();
    let moved = Oracle::of_store(store(&other, &far), OracleOptions::default());
    for row in golden("decisions.json")["claims"].as_array().unwrap() {
        let claim = claim_of(row);
        let (a, b) = (plain.license(&claim).unwrap(), moved.license(&renamed_claim(&claim)).unwrap());
        assert_eq!((a.verdict, &a.reasons), (b.verdict, &b.reasons), "{row}");
    }
}

#[test]
fn denial_swaps_and_denying_twice_is_nothing() {
    let (asserted, derived) = golden_graph();
    let oracle = Oracle::of_store(store(&asserted, &derived), OracleOptions::default());
    for row in golden("decisions.json")["claims"].as_array().unwrap() {
        let claim = claim_of(row);
        let plain = oracle.license(&claim).unwrap();
        let denied = oracle.license(&claim.clone().negate()).unwrap();
        assert_eq!(denied.verdict, plain.verdict.negate());
        assert_eq!(oracle.license(&claim.clone().negate().negate()).unwrap(), plain);
        let unequal = oracle.license(&Claim { op: Op::Ne, ..claim }).unwrap();
        assert_eq!(unequal, denied);
    }
}

#[test]
fn what_the_graph_asserts_is_licensed_or_in_conflict_and_blank_nodes_never_match() {
    let (asserted, derived) = golden_graph();
    let oracle = Oracle::of_store(store(&asserted, &derived), OracleOptions::default());
    let mut seen = 0;
    for triple in &asserted {
        let oxrdf::NamedOrBlankNode::NamedNode(s) = &triple.subject else { continue };
        let object = match &triple.object {
            oxrdf::Term::NamedNode(o) => Object::Iri(o.clone()),
            oxrdf::Term::Literal(l) => Object::Literal(l.clone()),
            oxrdf::Term::BlankNode(b) => {
                // An IRI that is spelt like the label of a blank node is not that node.
                let named = NamedNode::new_unchecked(format!("_:{}", b.as_str()));
                let claim = Claim::new(s.clone(), triple.predicate.clone(), Object::Iri(named));
                assert_ne!(oracle.license(&claim).unwrap().verdict, Verdict::Licensed);
                continue;
            }
        };
        let verdict = oracle.license(&Claim::new(s.clone(), triple.predicate.clone(), object)).unwrap().verdict;
        assert!(matches!(verdict, Verdict::Licensed | Verdict::Conflict), "{triple}: {verdict:?}");
        seen += 1;
    }
    assert!(seen > 40);
}

#[test]
fn what_would_entail_does_entail() {
    let (asserted, derived) = golden_graph();
    let oracle = Oracle::of_store(store(&asserted, &derived), OracleOptions::default());
    let mut open = 0;
    for row in golden("decisions.json")["claims"].as_array().unwrap() {
        let claim = claim_of(row);
        let told = oracle.explain(&claim).unwrap();
        let mut plain = told.decision.clone();
        plain.evidence.clear();
        assert_eq!(plain, oracle.license(&claim).unwrap());
        let entailed = oracle.entailing(&claim).unwrap().is_some();
        assert_eq!(entailed, told.would_entail.is_empty(), "{row}");
        if let Some(set) = told.would_entail.first() {
            open += 1;
            let mut more = asserted.clone();
            more.extend(triples(&set.iter().map(|t| format!("{} .\n", t.join(" "))).collect::<String>()));
            let with = Oracle::of_store(store(&more, &derived), OracleOptions::default());
            assert!(with.entailing(&claim).unwrap().is_some(), "{row}");
        }
    }
    assert!(open > 15);
}

#[test]
fn mentions_units_and_untyped_values() {
    let ontology = "@prefix : <urn:g#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :capital a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label \"capital\" ; rdfs:domain :Country ; rdfs:range :City .
        :length a owl:FunctionalProperty ; <urn:suffice:license#unit> \"km\" ; rdfs:range xsd:decimal .
        [] a owl:AllDisjointClasses ; owl:members ( :Country :City ) .
        :A a :Country ; rdfs:label \"Alpha\" ; :capital :K1 . :B a :Country ; rdfs:label \"Beta\" ; :capital :M .
        :K1 a :City ; rdfs:label \"Kingston\" . :K2 a :City ; rdfs:label \"Kingston\" . :M a :City ; rdfs:label \"Em\" .
        :R :length 44.64 .";
    let oracle = Oracle::of_store(store(&triples(ontology), &[]), OracleOptions::default());
    let decide = |json: &str| oracle.license(&Claim::from_json(json).unwrap()).unwrap();
    let capital = |s: &str, o: &str| {
        decide(&format!(
            r#"{{"subject":{{"mention":"{s}"}},"predicate":{{"mention":"capital"}},"object":{{"mention":"{o}"}}}}"#
        ))
    };
    let one = capital("alpha", "KINGSTON");
    assert_eq!((one.verdict, one.readings.len()), (Verdict::Licensed, 2));
    assert_eq!(capital("Beta", "Kingston").verdict, Verdict::Refuted);
    let none = capital("Betta", "Kingston");
    assert_eq!((none.verdict, words(&none.reasons)), (Verdict::Ungrounded, vec!["mention"]));
    let all = Oracle::of_store(
        store(&triples(ontology), &[]),
        OracleOptions { readings: ReadingRule::All, ..OracleOptions::default() },
    );
    let claim = r#"{"subject":{"iri":"urn:g#A"},"predicate":"urn:g#capital","object":{"mention":"Kingston"}}"#;
    let strict = all.license(&Claim::from_json(claim).unwrap()).unwrap();
    assert_eq!((strict.verdict, words(&strict.reasons)), (Verdict::Unknown, vec!["ambiguous"]));
    let length = |value: &str, unit: &str| {
        decide(&format!(
            r#"{{"subject":{{"iri":"urn:g#R"}},"predicate":"urn:g#length","object":{{"value":"{value}"}},"unit":"{unit}"}}"#
        ))
    };
    assert_eq!(length("44640", "m").verdict, Verdict::Licensed);
    assert_eq!(length("45", "km").verdict, Verdict::Licensed); // 45 ± 0.5
    assert_eq!(length("46", "km").verdict, Verdict::Refuted);
    assert_eq!(length("27.7", "mi").verdict, Verdict::Licensed); // 44.5788 ± 0.0805 km
    let wrong = length("44.64", "km2");
    assert_eq!((wrong.verdict, words(&wrong.reasons)), (Verdict::Ungrounded, vec!["unit"]));
    let untyped = decide(r#"{"subject":{"iri":"urn:g#R"},"predicate":"urn:g#length","object":{"value":44.640}}"#);
    assert_eq!(untyped.verdict, Verdict::Licensed);
    assert_eq!(
        decide(r#"{"subject":{"iri":"urn:g#R"},"predicate":"urn:g#length","object":{"value":"abc"},"op":">"}"#).reasons,
        [Reason::NoValue]
    );
}

#[test]
fn golden_decisions_with_shapes_over_our_closure() {
    let file = golden("decisions.json");
    let text = |key: &str| triples(file[key].as_str().unwrap());
    let mut asserted = text("kg");
    asserted.extend(text("ontology"));
    let shapes = store(&text("shapes"), &[]);
    let oracle = Oracle::build(
        store(&asserted, &[]),
        Some(&shapes),
        OracleOptions::default(),
        Default::default(),
        Default::default(),
    )
    .unwrap();
    for row in file["claims"].as_array().unwrap() {
        let ours = oracle.license(&claim_of(row)).unwrap();
        let list = |key: &str| row[key].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(ours.verdict.word(), row["verdict"].as_str().unwrap(), "{row}");
        assert_eq!(words(&ours.reasons), list("reasons"), "{row}");
        assert_eq!(ours.correction, list("correction"), "{row}");
        assert_eq!(ours.shapes.is_empty(), !ours.reasons.contains(&Reason::Shape), "{row}");
    }
}
