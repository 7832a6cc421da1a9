//! Delta validation equals the full difference on random graphs, shapes and claims.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use oxrdf::{GraphName, Term};
use proptest::prelude::*;
use suffit_rdf::Store;
use suffit_rdf::shacl::{Delta, Options, Shapes, Violation};

const CASES: u32 = 10_000;

fn store(turtle: &str) -> Store {
    let mut store = Store::new();
    for triple in oxttl::TurtleParser::new().for_slice(turtle.as_bytes()) {
        let triple = triple.unwrap_or_else(|e| panic!("{e}\n{turtle}"));
        store.read(triple.in_graph(GraphName::DefaultGraph).as_ref()).unwrap();
    }
    store.finish();
    store
}

const PREFIXES: &str = "@prefix ex: <http://ex/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Odd a sh:ConstraintComponent ; sh:parameter [ sh:path ex:odd ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:ask \"ASK { FILTER NOT EXISTS { $value <http://ex/q> $odd } }\" ] .
ex:Far a sh:ConstraintComponent ; sh:parameter [ sh:path ex:far ] , [ sh:path ex:farther ; sh:optional true ] ;
  sh:propertyValidator [ a sh:SPARQLSelectValidator ;
    sh:select \"SELECT $this ?value { $this $PATH ?value . ?value ?any $far }\" ] .
";

/// A node: seven IRIs, three of them classes, and seven literals.
fn node() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..7).prop_map(|i| format!("ex:n{i}")),
        1 => (0..3).prop_map(|i| format!("ex:C{i}")),
        3 => prop_oneof![
            (0..5_u8).prop_map(|i| i.to_string()),
            Just("\"a\"@en".to_owned()),
            Just("\"c\"@en".to_owned()),
            Just("\"b\"@en".to_owned()),
            Just("\"b\"@de-CH".to_owned()),
            Just("\"text\"".to_owned()),
            Just("2.50".to_owned()),
            Just("\"x\"^^xsd:integer".to_owned()),
        ],
    ]
}

fn subject() -> impl Strategy<Value = String> {
    prop_oneof![6 => (0..7).prop_map(|i| format!("ex:n{i}")), 1 => (0..3).prop_map(|i| format!("ex:C{i}"))]
}

fn triple() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (subject(), prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]), node())
            .prop_map(|(s, p, o)| format!("{s} {p} {o} .")),
        4 => (0..2, prop::sample::select(vec!["ex:p", "ex:q"]), prop::sample::select(vec!["a", "b", "c"]))
            .prop_map(|(s, p, o)| format!("ex:n{s} {p} \"{o}\"@en .")),
        3 => (0..7, 0..3).prop_map(|(s, c)| format!("ex:n{s} rdf:type ex:C{c} .")),
        1 => (0..3, 0..3).prop_map(|(a, b)| format!("ex:C{a} rdfs:subClassOf ex:C{b} .")),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|p| format!("[ sh:inversePath {p} ]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("( {a} {b} )")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[ sh:alternativePath ( {a} {b} ) ]")),
            inner.clone().prop_map(|p| format!("[ sh:zeroOrMorePath {p} ]")),
            inner.clone().prop_map(|p| format!("[ sh:oneOrMorePath {p} ]")),
            inner.prop_map(|p| format!("[ sh:zeroOrOnePath {p} ]")),
        ]
    })
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..3).prop_map(|i| format!("sh:targetClass ex:C{i}")),
        (0..7).prop_map(|i| format!("sh:targetNode ex:n{i}")),
        prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]).prop_map(|p| format!("sh:targetSubjectsOf {p}")),
        prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]).prop_map(|p| format!("sh:targetObjectsOf {p}")),
    ]
}

/// Constraints that any shape can have.
fn simple() -> impl Strategy<Value = String> {
    let p = || prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]);
    prop_oneof![
        (0..3).prop_map(|i| format!("sh:class ex:C{i}")),
        prop::sample::select(vec!["xsd:integer", "xsd:string", "rdf:langString", "xsd:decimal"])
            .prop_map(|d| format!("sh:datatype {d}")),
        prop::sample::select(vec!["IRI", "Literal", "BlankNode", "IRIOrLiteral", "BlankNodeOrIRI"])
            .prop_map(|k| format!("sh:nodeKind sh:{k}")),
        (prop::sample::select(vec!["minInclusive", "minExclusive", "maxInclusive", "maxExclusive"]), 0..5)
            .prop_map(|(k, v)| format!("sh:{k} {v}")),
        (0..12).prop_map(|n| format!("sh:minLength {n}")),
        (0..12).prop_map(|n| format!("sh:maxLength {n}")),
        Just("sh:pattern \"N[0-3]\" ; sh:flags \"i\"".to_owned()),
        Just("sh:languageIn ( \"en\" \"de\" )".to_owned()),
        p().prop_map(|p| format!("sh:equals {p}")),
        p().prop_map(|p| format!("sh:disjoint {p}")),
        node().prop_map(|n| format!("sh:hasValue {n}")),
        (node(), node()).prop_map(|(a, b)| format!("sh:in ( {a} {b} )")),
        p().prop_map(|p| format!("sh:closed true ; sh:ignoredProperties ( {p} rdf:type )")),
        (0..5).prop_map(|i| format!("ex:odd {i}")),
        query().prop_map(|q| format!("sh:sparql [ sh:select \"{q}\" ; sh:message \"found {{?value}}\" ]")),
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "SELECT $this ?value { $this <http://ex/p> ?value . FILTER(?value > 2) }",
        "SELECT $this ?value { $this <http://ex/p> ?value . FILTER NOT EXISTS { ?value a <http://ex/C1> } }",
        "SELECT $this ?value { ?value <http://ex/q> $this . ?value <http://ex/p> ?o }",
        "SELECT $this { $this <http://ex/p> ?a . $this <http://ex/q> ?b . FILTER(?a <= ?b) }",
        "SELECT $this ?value { { $this <http://ex/p> ?value } UNION { ?value <http://ex/r> ?x . ?x a <http://ex/C0> } }",
        "SELECT $this { $this <http://ex/p> ?x . OPTIONAL { ?x <http://ex/q> ?y } FILTER(!bound(?y)) }",
        "SELECT $this (COUNT(?x) AS ?n) { $this <http://ex/p> ?x . ?x <http://ex/q> ?y } GROUP BY $this HAVING (COUNT(?x) > 1)",
        "SELECT $this ?value { $this (<http://ex/p>|^<http://ex/q>)+ ?value }",
        "SELECT $this ?path ?value { $this ?path ?value . FILTER(isLiteral(?value) && lang(?value) = 'en') }",
        "SELECT $this { ?a <http://ex/p> ?b . ?b <http://ex/q> ?c . FILTER(?c = $this) }",
        "SELECT $this ?value { $this <http://ex/r> ?v . { SELECT $this ?value { ?v <http://ex/q> ?value } } }",
    ])
    .prop_map(str::to_owned)
}

/// Constraints that need a path.
fn of_path() -> impl Strategy<Value = String> {
    let p = || prop::sample::select(vec!["ex:p", "ex:q", "ex:r"]);
    prop_oneof![
        1 => (0..3).prop_map(|n| format!("sh:minCount {n}")),
        1 => (0..3).prop_map(|n| format!("sh:maxCount {n}")),
        3 => Just("sh:uniqueLang true".to_owned()),
        4 => p().prop_map(|p| format!("sh:disjoint {p}")),
        1 => p().prop_map(|p| format!("sh:lessThan {p}")),
        1 => p().prop_map(|p| format!("sh:lessThanOrEquals {p}")),
        1 => node().prop_map(|n| format!("ex:far {n}")),
        3 => simple(),
    ]
}

/// What stands between the brackets of a shape.
fn body() -> impl Strategy<Value = String> {
    let property = (path(), of_path()).prop_map(|(p, c)| format!("sh:path {p} ; {c}"));
    let leaf = prop_oneof![simple(), property];
    leaf.prop_recursive(3, 10, 3, |inner| {
        let path = path;
        prop_oneof![
            inner.clone().prop_map(|b| format!("sh:not [ {b} ]")),
            inner.clone().prop_map(|b| format!("sh:node [ {b} ]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sh:and ( [ {a} ] [ {b} ] )")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sh:or ( [ {a} ] [ {b} ] )")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sh:xone ( [ {a} ] [ {b} ] )")),
            (path(), of_path()).prop_map(|(p, c)| format!("sh:property [ sh:path {p} ; {c} ]")),
            (path(), inner.clone()).prop_filter_map("one path only", |(p, b)| {
                (!b.starts_with("sh:path")).then(|| format!("sh:property [ sh:path {p} ; {b} ]"))
            }),
            (path(), inner.clone(), 0..3).prop_map(|(p, b, n)| {
                format!("sh:property [ sh:path {p} ; sh:qualifiedValueShape [ {b} ] ; sh:qualifiedMinCount {n} ; sh:qualifiedMaxCount 2 ]")
            }),
            (path(), inner.clone(), inner).prop_map(|(p, a, b)| {
                format!(
                    "sh:property [ sh:path {p} ; sh:qualifiedValueShape [ {a} ] ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ] , \
                     [ sh:path {p} ; sh:qualifiedValueShape [ {b} ] ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMaxCount 1 ]"
                )
            }),
        ]
    })
}

fn shape() -> impl Strategy<Value = String> {
    (target(), prop::option::of(target()), body()).prop_map(|(t, u, b)| {
        let more = u.map(|u| format!("{u} ; ")).unwrap_or_default();
        format!("[] a sh:NodeShape ; {t} ; {more}{b} .")
    })
}

/// Terms of one triple in the syntax above.
fn terms(triple: &str) -> [Term; 3] {
    let text = format!("{PREFIXES}{triple}");
    let last = oxttl::TurtleParser::new().for_slice(text.as_bytes()).map(|t| t.unwrap()).last().unwrap();
    [last.subject.into(), last.predicate.into(), last.object]
}

fn set(violations: &[Violation]) -> BTreeSet<String> {
    violations.iter().map(|v| format!("{v:?}")).collect()
}

fn compare(data: &str, shapes: &str, claim: &str) -> (usize, BTreeSet<String>, BTreeSet<String>) {
    let mut store = store(&format!("{}{data}", PREFIXES.split("ex:Odd a").next().unwrap()));
    let graph = self::store(&format!("{PREFIXES}{shapes}"));
    let shapes = Shapes::compile(&mut store, &graph, Options::default()).unwrap_or_else(|e| panic!("{e}\n{shapes}"));
    let delta = Delta::new(&store, shapes).unwrap();
    let claim = terms(claim);
    let claim = [claim[0].as_ref(), claim[1].as_ref(), claim[2].as_ref()];
    let before = store.len();
    let fast = delta.new_violations(&store, claim).unwrap();
    let full = delta.new_violations_in_full(&store, claim).unwrap();
    assert_eq!(store.len(), before);
    (delta.baseline().len(), set(&fast), set(&full))
}

#[test]
fn delta_equals_the_full_difference() {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let seed = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, seed);
    let cases = (prop::collection::vec(triple(), 0..14), prop::collection::vec(shape(), 1..4), triple());
    let counts = std::cell::RefCell::new((0, 0));
    let parts = std::cell::RefCell::new(BTreeSet::new());
    runner
        .run(&cases, |(data, shapes, claim)| {
            let (data, shapes) = (data.join("\n"), shapes.join("\n"));
            let (baseline, fast, full) = compare(&data, &shapes, &claim);
            prop_assert_eq!(&fast, &full, "data\n{}\nshapes\n{}\nclaim {}", data, shapes, claim);
            let mut counts = counts.borrow_mut();
            counts.0 += usize::from(baseline > 0);
            counts.1 += usize::from(!full.is_empty());
            let component =
                |v: &String| v.split("component: \"").nth(1).and_then(|r| r.split('"').next()).map(str::to_owned);
            parts.borrow_mut().extend(full.iter().filter_map(component));
            Ok(())
        })
        .unwrap();
    let (with_baseline, with_new) = *counts.borrow();
    println!("{CASES} cases: {with_baseline} with violations before, {with_new} with new ones");
    // The comparison says something only where something was found: every component took part.
    assert!(with_new > CASES as usize / 20, "{with_new}");
    let parts = parts.borrow();
    let absent: Vec<&str> = COMPONENTS.iter().filter(|n| !parts.contains(&component(n))).copied().collect();
    assert_eq!(absent, [""; 0], "components without a new violation");
    assert!(parts.contains("http://ex/Far"), "no new violation of a custom component");
}

fn component(name: &str) -> String {
    format!("http://www.w3.org/ns/shacl#{name}ConstraintComponent")
}

/// Components of SHACL: each must have made a difference at least once.
const COMPONENTS: &[&str] = &[
    "Class",
    "Datatype",
    "NodeKind",
    "MinCount",
    "MaxCount",
    "MinInclusive",
    "MinExclusive",
    "MaxInclusive",
    "MaxExclusive",
    "MinLength",
    "MaxLength",
    "Pattern",
    "LanguageIn",
    "UniqueLang",
    "Equals",
    "Disjoint",
    "LessThan",
    "LessThanOrEquals",
    "Not",
    "And",
    "Or",
    "Xone",
    "Node",
    "QualifiedMinCount",
    "QualifiedMaxCount",
    "Closed",
    "HasValue",
    "In",
    "SPARQL",
];

#[test]
fn claims_may_name_what_the_graph_does_not_know() {
    let shapes = "[] sh:targetClass ex:C0 ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ;
        sh:sparql [ sh:select \"SELECT $this ?value { $this <http://ex/new> ?value }\" ] .";
    let (_, fast, full) = compare("ex:n0 ex:p 1 .", shapes, "ex:n0 rdf:type ex:C0 .");
    assert!(fast.is_empty() && full.is_empty());
    let data = "ex:n0 ex:p 1 . ex:n0 a ex:C0 .";
    for (claim, found) in [("ex:n0 ex:p ex:unseen .", 1), ("ex:n0 ex:new ex:unseen .", 1), ("ex:unseen a ex:C0 .", 0)] {
        let (_, fast, full) = compare(data, shapes, claim);
        assert_eq!((fast.len(), &fast), (found, &full), "{claim}");
    }
}
