//! Shapes that are wrong, hostile or undecidable end in errors that name the shape.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use oxrdf::GraphName;
use suffit_rdf::Store;
use suffit_rdf::shacl::{MAX_DEPTH, Options, Report, ShaclError, Shapes, validate};
use suffit_rdf::sparql::Limits;

const PREFIXES: &str = "@prefix ex: <http://ex/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n";

fn store(turtle: &str) -> Store {
    let mut store = Store::new();
    let text = format!("{PREFIXES}{turtle}");
    for triple in oxttl::TurtleParser::new().for_slice(text.as_bytes()) {
        store.read(triple.unwrap().in_graph(GraphName::DefaultGraph).as_ref()).unwrap();
    }
    store.finish();
    store
}

fn run(data: &str, shapes: &str, options: Options) -> Result<Report, ShaclError> {
    let mut data = store(data);
    let shapes = Shapes::compile(&mut data, &store(shapes), options)?;
    validate(&data, &shapes)
}

fn fails(data: &str, shapes: &str) -> ShaclError {
    run(data, shapes, Options::default()).unwrap_err()
}

#[test]
fn ill_formed_parameters_are_named() {
    for (body, key) in [
        ("sh:property [ sh:path [ ] ]", "sh:path"),
        ("sh:property [ sh:maxCount 1 ]", "sh:path"),
        ("sh:property [ sh:path ex:p ; sh:maxCount \"many\" ]", "sh:maxCount"),
        ("sh:nodeKind ex:Stone", "sh:nodeKind"),
        ("sh:pattern \"(\"", "sh:pattern"),
        ("sh:pattern \"(a)\\\\1\"", "sh:pattern"),
        ("sh:in ex:p", "sh:in"),
        ("sh:or [ rdf:first [ ] ]", "sh:or"),
        ("sh:sparql [ sh:select \"SELECT nonsense\" ]", "sh:select"),
        ("sh:sparql [ sh:select \"ASK { $this ?p ?o }\" ]", "sh:select"),
        ("sh:sparql [ sh:select \"SELECT $this { SERVICE <http://evil/> { ?a ?b ?c } }\" ]", "sh:select"),
        ("sh:sparql [ sh:message \"no query\" ]", "sh:select"),
    ] {
        let error = fails("ex:a ex:p 1 .", &format!("ex:S sh:targetNode ex:a ; {body} ."));
        let ShaclError::Shape { key: named, shape, .. } = &error else { panic!("{body}: {error:?}") };
        assert_eq!(named, key, "{body}: {error}");
        assert!(shape == "<http://ex/S>" || shape.starts_with("_:"), "{error}");
    }
}

#[test]
fn an_undeclared_prefix_is_named_and_lenient_binds_it() {
    let shapes = "ex:S sh:targetNode ex:a ; sh:sparql [ sh:select \"SELECT $this { $this rdf:type ?t }\" ] .";
    let error = fails("ex:a a ex:C .", shapes);
    let message = "shape <http://ex/S>: the query uses the prefix `rdf:`, which is not declared";
    assert_eq!(error.to_string(), message);
    let lenient = Options { lenient_prefixes: true, ..Options::default() };
    assert_eq!(run("ex:a a ex:C .", shapes, lenient).unwrap().violations.len(), 1);
}

#[test]
fn recursion_is_reported_not_followed() {
    let shapes = "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:next ; sh:node ex:S ] .";
    assert!(matches!(fails("ex:a ex:next ex:a .", shapes), ShaclError::Recursive { .. }));
    let chain: String = (0..5_000).map(|i| format!("ex:n{i} ex:next ex:n{} . ", i + 1)).collect();
    let error = fails(&format!("ex:a ex:next ex:n0 . {chain}"), shapes);
    assert!(matches!(error, ShaclError::TooDeep { limit: MAX_DEPTH, .. }), "{error}");
    let nested: String = (0..50_000).map(|i| format!("ex:S{i} sh:node ex:S{} . ", i + 1)).collect();
    let error = fails("ex:a ex:p 1 .", &format!("ex:S0 sh:targetNode ex:a . {nested}"));
    assert!(matches!(error, ShaclError::TooDeep { limit: MAX_DEPTH, .. }), "{error}");
}

#[test]
fn circular_lists_and_paths_end() {
    let list = "ex:S sh:targetNode ex:a ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .";
    assert!(matches!(fails("ex:a ex:p 1 .", list), ShaclError::Shape { .. }));
    let path = "ex:S sh:targetNode ex:a ; sh:property [ sh:path _:p ; sh:minCount 1 ] . _:p sh:inversePath _:p .";
    assert!(matches!(fails("ex:a ex:p 1 .", path), ShaclError::Shape { .. }));
}

#[test]
fn a_pile_of_references_costs_one_check_each() {
    // 2^60 ways down: without keeping answers this would never end.
    let pile: String =
        (0..60).map(|i| format!("ex:S{i} sh:and ( ex:S{n} ex:S{n} ) ; sh:node ex:S{n} . ", n = i + 1)).collect();
    let shapes = format!("ex:S0 sh:targetNode ex:a . {pile} ex:S60 sh:class ex:C .");
    let report = run("ex:a ex:p 1 .", &shapes, Options::default()).unwrap();
    assert_eq!(report.violations.len(), 2); // sh:and and sh:node of the first shape
}

#[test]
fn a_query_that_takes_too_long_is_stopped() {
    let data: String = (0..300).map(|i| format!("ex:n{i} ex:p {i} . ")).collect();
    let shapes = "ex:S sh:targetNode ex:n0 ; sh:sparql [ sh:select
        \"SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONTAINS(STR(?c + ?f + ?i), 'x')) }\" ] .";
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    let error = run(&data, shapes, Options { limits, ..Options::default() }).unwrap_err();
    assert!(matches!(&error, ShaclError::Query { problem, .. } if problem.contains("longer than 0.05 s")), "{error}");
}

#[test]
fn a_pattern_of_many_repeats_runs_in_linear_time() {
    let text = "a".repeat(50_000);
    let shapes = "ex:S sh:targetObjectsOf ex:p ; sh:pattern \"^(a+)+$\" .";
    let report = run(&format!("ex:a ex:p \"{text}!\" ."), shapes, Options::default()).unwrap();
    assert_eq!(report.violations.len(), 1);
    let bomb = fails("ex:a ex:p 1 .", "ex:S sh:targetNode ex:a ; sh:pattern \"((a{1000}){1000}){1000}\" .");
    assert!(matches!(bomb, ShaclError::Shape { .. }), "{bomb}");
}

#[test]
fn values_are_bound_and_never_become_query_text() {
    let evil = "x\\\" } } INSERT { $this ?p ?o } # ";
    let data = format!("ex:a ex:p \"{evil}\" . ex:b ex:p \"plain\" .");
    let shapes = "ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:word ] ;
        sh:validator [ sh:ask \"ASK { FILTER(STR($value) = $word) }\" ; sh:message \"not {$word}\" ] .
      ex:S sh:targetObjectsOf ex:p ; ex:word \"plain\" .";
    let report = run(&data, shapes, Options::default()).unwrap();
    assert_eq!(report.violations.len(), 1);
    assert_eq!(report.violations[0].messages, ["\"not plain\""]);
}
