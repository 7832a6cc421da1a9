//! What the closure promises.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::read;
use crate::store::{Store, Triples};
use crate::term::Triple;

fn load(name: &str, text: &[u8]) -> Store {
    let mut store = Store::new();
    read::bytes(&mut store, name, text, &read::Options::default()).unwrap();
    store
}

fn close(store: Store) -> Closure {
    Closure::new(store, Options::default()).unwrap()
}

fn text(closure: &Closure, triple: Triple) -> [String; 3] {
    triple.map(|t| closure.store().dictionary().term(t).to_string())
}

/// Every derived triple of the closure has a proof that the verifier accepts.
fn prove_all(closure: &Closure) {
    let asserted: BTreeSet<_> =
        closure.store().asserted().matching(None, None, None).map(|t| text(closure, t)).collect();
    for triple in closure.store().derived() {
        let proof = closure.proof(triple).unwrap();
        verify(&proof, |t| asserted.contains(t)).unwrap_or_else(|e| panic!("{e}: {proof:?}"));
        let mut forged = proof.clone();
        forged.steps.last_mut().unwrap().triple[2] = "<urn:forged>".into();
        assert!(verify(&forged, |t| asserted.contains(t)).is_err(), "{forged:?}");
    }
}

#[test]
fn the_golden_closures_are_exact() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/oracle/closure.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 2);
    for case in &cases {
        let closure = close(load("x.ttl", case["turtle"].as_str().unwrap().as_bytes()));
        assert_eq!(closure.store().asserted_len() as u64, case["asserted"].as_u64().unwrap());
        let expected: BTreeSet<[String; 3]> = serde_json::from_value(case["entailed_new"].clone()).unwrap();
        assert_eq!(golden_view(&closure), expected);
        prove_all(&closure);
    }
}

/// The restriction of the golden file.
fn golden_view(closure: &Closure) -> BTreeSet<[String; 3]> {
    let ours = |t: &str| t.starts_with("<urn:t#");
    let kept = |[s, p, o]: &[String; 3]| {
        let same = p == "<http://www.w3.org/2002/07/owl#sameAs>" && s != o && ours(o);
        let typed = p == "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" && ours(o);
        ours(s) && (same || typed || (ours(p) && (ours(o) || o.starts_with('"'))))
    };
    closure.store().derived().map(|t| text(closure, t)).filter(kept).collect()
}

const EVERY: &str = "@prefix : <urn:t#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:hv owl:hasValue :v ; owl:onProperty :p . :hv2 owl:hasValue :v ; owl:onProperty :q . :p rdfs:subPropertyOf :q .
:sv owl:someValuesFrom :C ; owl:onProperty :p . :sv2 owl:someValuesFrom :D ; owl:onProperty :p .
:sv3 owl:someValuesFrom :C ; owl:onProperty :q . :svt owl:someValuesFrom owl:Thing ; owl:onProperty :p .
:av owl:allValuesFrom :C ; owl:onProperty :p . :av2 owl:allValuesFrom :D ; owl:onProperty :p .
:av3 owl:allValuesFrom :C ; owl:onProperty :q .
:C rdfs:subClassOf :D . :D a owl:Class . :p a owl:ObjectProperty . :l a owl:DatatypeProperty .
:I owl:intersectionOf ( :C :D ) . :U owl:unionOf ( :C :E ) . :O owl:oneOf ( :x :y ) .
:x :p :v . :y a :hv . :z :p :c . :c a :C . :w a :av ; :p :c2 . :e a :E . :i a :I .
:f a owl:FunctionalProperty . :g a owl:InverseFunctionalProperty . :x :f [] , :k . :m :g :n . [] :g :n .
:p1 owl:sameAs :p2 . :a :p1 :b . :C owl:equivalentClass :C2 . :r owl:equivalentProperty :r2 . :a :r2 :b .
:F rdfs:subClassOf :G . :G rdfs:subClassOf :F . :s rdfs:subPropertyOf :t . :t rdfs:subPropertyOf :s .
:p rdfs:domain :C ; rdfs:range :D . :q rdfs:domain :K ; rdfs:range :L . :K rdfs:subClassOf :M . :L rdfs:subClassOf :M .";

#[test]
fn every_rule_fires_and_is_proved() {
    let closure = close(load("x.ttl", EVERY.as_bytes()));
    prove_all(&closure);
    let used: BTreeSet<_> = closure.store().derived().map(|t| closure.why(t).unwrap().rule).collect();
    for rule in ["cls-hv1", "cls-svf1", "cls-avf", "cls-int1", "cls-uni", "cls-oo", "scm-int", "prp-fp", "prp-ifp"] {
        assert!(used.contains(rule), "{rule} in {used:?}");
    }
}

#[test]
fn functional_properties_identify_iris_only_when_asked() {
    let turtle = b"@prefix owl: <http://www.w3.org/2002/07/owl#> . <urn:f> a owl:FunctionalProperty . <urn:x> <urn:f> <urn:a>, <urn:b> .";
    let same = |una| {
        let closure = Closure::new(load("x.ttl", turtle), Options { una }).unwrap();
        let d = closure.store().dictionary();
        closure.store().contains(["urn:a", "http://www.w3.org/2002/07/owl#sameAs", "urn:b"].map(|i| d.iri(i).unwrap()))
    };
    assert_eq!([same(true), same(false)], [false, true]);
}

/// Random graphs over few names, with schema words among the predicates.
fn graph() -> impl Strategy<Value = Vec<[usize; 3]>> {
    prop::collection::vec((0..6usize, 0..20usize, 0..14usize).prop_map(|(s, p, o)| [s, p, o]), 1..25)
}

fn turtle([s, p, o]: [usize; 3]) -> String {
    let schema = [
        "rdfs:subPropertyOf",
        "rdfs:subClassOf",
        "rdfs:domain",
        "rdfs:range",
        "owl:inverseOf",
        "owl:sameAs",
        "owl:equivalentClass",
        "owl:equivalentProperty",
        "owl:hasValue",
        "owl:onProperty",
        "owl:someValuesFrom",
        "owl:allValuesFrom",
        "a",
    ];
    let classes = ["owl:TransitiveProperty", "owl:SymmetricProperty", "owl:Class", "owl:FunctionalProperty"];
    let p = if p < 6 { format!(":n{p}") } else { schema[(p - 6) % 13].to_owned() };
    let o = if o < 6 {
        format!(":n{o}")
    } else if p == "a" {
        classes[o % 4].to_owned()
    } else {
        format!(":n{}", o % 6)
    };
    format!(":n{s} {p} {o} .\n")
}

fn document(triples: &[[usize; 3]]) -> String {
    let head = "@prefix : <urn:n#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n";
    triples.iter().fold(head.to_owned(), |text, &t| text + &turtle(t))
}

fn all(closure: &Closure) -> BTreeSet<([String; 3], bool)> {
    let store = closure.store();
    store.matching(None, None, None).map(|t| (text(closure, t), closure.why(t).is_some())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn changes_equal_a_closure_from_scratch(before in graph(), after in graph(), order in any::<prop::sample::Index>()) {
        let both: Vec<_> = before.iter().chain(&after).copied().collect();
        let mut closure = close(load("x.ttl", document(&before).as_bytes()));
        let mut more = load("x.ttl", document(&both).as_bytes());
        more.finish();
        let added: Vec<Triple> = {
            let terms: Vec<_> = more.matching(None, None, None).map(|t| t.map(|x| more.dictionary().term(x).into_owned())).collect();
            terms.iter().map(|t| t.each_ref().map(|x| closure.dictionary_mut().intern(x.as_ref()).unwrap())).collect()
        };
        closure.insert(&added).unwrap();
        let whole = close(load("x.ttl", document(&both).as_bytes()));
        prop_assert_eq!(all(&closure), all(&whole));
        // Take back what only the second part has, in any rotation: the first closure again.
        let first: BTreeSet<_> = all(&close(load("x.ttl", document(&before).as_bytes())));
        let mut gone: Vec<_> = added.iter().copied()
            .filter(|&t| !first.contains(&(text(&closure, t), false)))
            .collect();
        if !gone.is_empty() {
            let by = order.index(gone.len());
            gone.rotate_left(by);
        }
        closure.remove(&gone).unwrap();
        prop_assert_eq!(all(&closure), first);
        prove_all(&closure);
    }
}
