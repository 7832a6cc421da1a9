#![allow(clippy::unwrap_used)]
use super::*;
use crate::store::{Store, Triples};

fn store(turtle: &str) -> Store {
    let mut store = Store::new();
    for triple in oxttl::TurtleParser::new().for_slice(turtle.as_bytes()) {
        store.read(triple.unwrap().in_graph(oxrdf::GraphName::DefaultGraph).as_ref()).unwrap();
    }
    store.finish();
    store
}

const DATA: &str = r#"@prefix ex: <http://ex/> . ex:a ex:p 1, 2 ; ex:label "x\" } SERVICE <http://evil/> {" . ex:b ex:p 3 . _:n ex:p 4 ."#;

fn bound(text: &str, term: Term) -> Vec<Bindings> {
    let store = store(DATA);
    let query = parse(text, &[]).unwrap();
    let names = bind::Names { required: vec!["this"], ..Default::default() };
    let query = bind::substitute(&query, &names).unwrap();
    let graphs = Graphs::new(&store).with_bound("this", term);
    select(&query, graphs, &Limits::default()).unwrap()
}

#[test]
fn a_bound_term_narrows_patterns_and_expressions() {
    let a: Term = oxrdf::NamedNode::new("http://ex/a").unwrap().into();
    assert_eq!(bound("SELECT $this ?o { $this <http://ex/p> ?o }", a.clone()).len(), 2);
    assert_eq!(bound("SELECT $this ?o { ?s <http://ex/p> ?o FILTER(?s != $this) }", a.clone()).len(), 2);
    assert_eq!(bound("SELECT $this { { FILTER(bound($this)) } }", a).len(), 1);
}

#[test]
fn a_bound_blank_node_stays_itself() {
    let store = store(DATA);
    let p = store.dictionary().iri("http://ex/p").unwrap();
    let blank = store
        .matching(None, Some(p), None)
        .map(|t| store.dictionary().term(t[0]).into_owned())
        .find(|t| matches!(t, Term::BlankNode(_)))
        .unwrap();
    assert_eq!(bound("SELECT $this ?o { $this <http://ex/p> ?o }", blank).len(), 1);
}

#[test]
fn a_label_with_query_text_is_only_a_label() {
    let text = "x\" } SERVICE <http://evil/> {";
    let rows =
        bound("SELECT $this ?o { ?o <http://ex/label> ?l FILTER(?l = $this) }", oxrdf::Literal::from(text).into());
    assert_eq!(rows.len(), 1);
}

#[test]
fn other_servers_and_updates_are_refused() {
    let query = "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://evil/> { ?s ?p ?o } } }";
    assert_eq!(parse(query, &[]).unwrap_err(), SparqlError::Service);
    for update in ["LOAD <http://evil/>", "INSERT DATA { <http://a> <http://b> 1 }", "DROP ALL"] {
        assert!(matches!(parse(update, &[]).unwrap_err(), SparqlError::Syntax { .. }), "{update}");
    }
}

#[test]
fn deep_nesting_and_long_texts_are_refused() {
    let deep = format!("ASK {{ FILTER({}1{}) }}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(matches!(parse(&deep, &[]).unwrap_err(), SparqlError::TooLarge { what: "levels of brackets", .. }));
    let not = format!("ASK {{ FILTER({}true) }}", "!".repeat(100_000));
    assert!(matches!(parse(&not, &[]).unwrap_err(), SparqlError::TooLarge { .. }));
    let long = " ".repeat(MAX_QUERY + 1);
    assert!(matches!(parse(&long, &[]).unwrap_err(), SparqlError::TooLarge { what: "bytes", .. }));
}

#[test]
fn time_and_rows_are_bounded() {
    let turtle: String = (0..200).map(|i| format!("<http://ex/{i}> <http://ex/p> {i} .\n")).collect();
    let store = store(&turtle);
    let product = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c + ?f + ?i = -1) }";
    let short = Limits { time: Duration::from_millis(20), rows: 10 };
    let query = parse(product, &[]).unwrap();
    assert_eq!(select(&query, Graphs::new(&store), &short).unwrap_err(), SparqlError::Time { limit: short.time });
    let query = parse("SELECT * { ?a ?b ?c }", &[]).unwrap();
    let few = Limits { rows: 10, ..Default::default() };
    assert_eq!(select(&query, Graphs::new(&store), &few).unwrap_err(), SparqlError::Rows { limit: 10 });
}
