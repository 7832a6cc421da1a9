//! The W3C SHACL test suite (Core and SPARQL): every `sht:Validate` entry of every manifest.
//!
//! Reports are compared on focus node, path, value, shape, component, severity, and message where
//! the suite gives one; blank nodes compare by being blank, paths by structure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use oxrdf::{Graph, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef};
use oxttl::TurtleParser;
use suffit_rdf::shacl::{Finding, Shapes, validate};
use suffit_rdf::store::{Builder, Part};

use crate::repository;

/// Entries that are allowed to fail. Empty, and to stay so.
const KNOWN_FAILURES: &[&str] = &[];

const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const SHT: &str = "http://www.w3.org/ns/shacl-test#";
const SH: &str = "http://www.w3.org/ns/shacl#";

struct File {
    path: PathBuf,
    graph: Graph,
}

fn base(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn file(path: &Path) -> File {
    let text = std::fs::read(path).unwrap();
    let parser = TurtleParser::new().with_base_iri(base(path)).unwrap();
    let graph = parser.for_slice(&text).map(Result::unwrap).collect();
    File { path: path.to_owned(), graph }
}

fn object<'a>(graph: &'a Graph, s: NamedOrBlankNodeRef<'a>, p: &str) -> Option<TermRef<'a>> {
    graph.object_for_subject_predicate(s, NamedNodeRef::new_unchecked(p))
}

fn node(term: TermRef<'_>) -> NamedOrBlankNode {
    match term {
        TermRef::NamedNode(n) => n.into_owned().into(),
        TermRef::BlankNode(b) => b.into_owned().into(),
        TermRef::Literal(l) => panic!("{l} is no node"),
    }
}

fn list(graph: &Graph, head: TermRef<'_>) -> Vec<Term> {
    let (mut members, mut at) = (Vec::new(), head.into_owned());
    while at != Term::from(oxrdf::vocab::rdf::NIL.into_owned()) {
        let s = node(at.as_ref());
        members.push(object(graph, s.as_ref(), oxrdf::vocab::rdf::FIRST.as_str()).unwrap().into_owned());
        at = object(graph, s.as_ref(), oxrdf::vocab::rdf::REST.as_str()).unwrap().into_owned();
    }
    members
}

/// All entries below a manifest.
fn entries(manifest: &Path, found: &mut Vec<(PathBuf, NamedOrBlankNode)>) {
    let file = file(manifest);
    for triple in file.graph.triples_for_predicate(NamedNodeRef::new_unchecked(&format!("{MF}include"))) {
        let TermRef::NamedNode(target) = triple.object else { panic!("include of a literal") };
        entries(Path::new(target.as_str().strip_prefix("file://").unwrap()), found);
    }
    for triple in file.graph.triples_for_predicate(NamedNodeRef::new_unchecked(&format!("{MF}entries"))) {
        for entry in list(&file.graph, triple.object) {
            found.push((file.path.clone(), node(entry.as_ref())));
        }
    }
}

/// A path or a term without blank labels.
fn shape_of(graph: &Graph, term: TermRef<'_>) -> String {
    let TermRef::BlankNode(b) = term else { return term.to_string() };
    let mut parts: Vec<String> = graph
        .triples_for_subject(NamedOrBlankNodeRef::from(b))
        .map(|t| format!("{} {}", t.predicate, shape_of(graph, t.object)))
        .collect();
    parts.sort();
    format!("[{}]", parts.join(";"))
}

type Row = BTreeMap<&'static str, String>;

/// Expected rows, or nothing where the suite expects a failure.
fn expected(graph: &Graph, entry: NamedOrBlankNodeRef<'_>) -> Option<Vec<Row>> {
    let result = object(graph, entry, &format!("{MF}result")).unwrap();
    if result == TermRef::NamedNode(NamedNodeRef::new_unchecked(&format!("{SHT}Failure"))) {
        return None;
    }
    let report = node(result);
    let rows =
        graph.objects_for_subject_predicate(report.as_ref(), NamedNodeRef::new_unchecked(&format!("{SH}result")));
    Some(
        rows.map(|row| {
            let row = node(row);
            let mut out = Row::new();
            for (key, name) in [
                ("focus", "focusNode"),
                ("path", "resultPath"),
                ("value", "value"),
                ("shape", "sourceShape"),
                ("component", "sourceConstraintComponent"),
                ("severity", "resultSeverity"),
                ("message", "resultMessage"),
            ] {
                if let Some(term) = object(graph, row.as_ref(), &format!("{SH}{name}")) {
                    let shown = if key == "path" || key == "focus" || key == "value" {
                        shape_of(graph, term)
                    } else {
                        blank(term)
                    };
                    out.insert(key, shown);
                }
            }
            out
        })
        .collect(),
    )
}

fn blank(term: TermRef<'_>) -> String {
    if matches!(term, TermRef::BlankNode(_)) { "[]".into() } else { term.to_string() }
}

/// Ours in the same form; blank nodes are looked up in the graph that was validated.
fn found(finding: &Finding, graph: &Graph, labels: &BTreeMap<String, Term>) -> Row {
    let term = |text: &str| -> String {
        match labels.get(text) {
            Some(t) => shape_of(graph, t.as_ref()),
            None => text.to_owned(),
        }
    };
    let mut out = Row::new();
    out.insert("focus", term(&finding.focus));
    finding.path.iter().for_each(|p| {
        out.insert("path", term(p));
    });
    finding.value.iter().for_each(|v| {
        out.insert("value", term(v));
    });
    let shape = if finding.shape.starts_with("_:") { "[]".to_owned() } else { finding.shape.clone() };
    out.insert("shape", shape);
    out.insert("component", format!("<{}>", finding.component));
    out.insert("severity", format!("<{}>", finding.severity));
    out.insert("message", finding.messages.join("|"));
    out
}

/// The file parsed as the product does: blank nodes renamed in order of appearance.
fn ours(paths: [&Path; 2]) -> (Builder, BTreeMap<String, Term>, Graph) {
    let mut builder = Builder::new();
    let mut labels = BTreeMap::new();
    let mut union = Graph::new();
    for (path, part) in paths.into_iter().zip([Part::Data, Part::Shapes]) {
        let scope = path.display().to_string().bytes().fold(7_u64, |h, b| h.wrapping_mul(31) ^ u64::from(b));
        let text = std::fs::read(path).unwrap();
        let parser = TurtleParser::new().with_base_iri(base(path)).unwrap();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut rename = |label: &str| {
            let next = names.len();
            let name = names.entry(label.to_owned()).or_insert_with(|| format!("x{scope}n{next}")).clone();
            oxrdf::BlankNode::new_unchecked(name)
        };
        for triple in parser.for_slice(&text) {
            let mut triple = triple.unwrap();
            if let NamedOrBlankNode::BlankNode(b) = &triple.subject {
                triple.subject = rename(b.as_str()).into();
            }
            if let Term::BlankNode(b) = &triple.object {
                triple.object = rename(b.as_str()).into();
            }
            for term in [Term::from(triple.subject.clone()), triple.object.clone()] {
                labels.insert(term.to_string(), term);
            }
            union.insert(&triple);
            builder.add(&triple.in_graph(oxrdf::GraphName::DefaultGraph), part, "test").unwrap();
        }
    }
    (builder, labels, union)
}

fn run(path: &Path, entry: NamedOrBlankNodeRef<'_>) -> Result<(), String> {
    let file = file(path);
    let action = node(object(&file.graph, entry, &format!("{MF}action")).unwrap());
    let part = |name: &str| {
        let term = object(&file.graph, action.as_ref(), &format!("{SHT}{name}")).unwrap();
        let TermRef::NamedNode(iri) = term else { panic!("a graph without an IRI") };
        PathBuf::from(iri.as_str().strip_prefix("file://").unwrap())
    };
    let (builder, labels, union) = ours([&part("dataGraph"), &part("shapesGraph")]);
    let store = builder.build();
    let graph = store.shapes();
    let result = Shapes::compile(&graph, false).and_then(|shapes| validate(&store, &graph, &shapes));
    match (expected(&file.graph, entry), result) {
        (None, Err(_)) => Ok(()),
        (None, Ok(found)) => Err(format!("a failure was expected, got {} findings", found.len())),
        (Some(_), Err(error)) => Err(format!("failed: {error}")),
        (Some(mut wanted), Ok(findings)) => {
            let mut got: Vec<Row> = findings.iter().map(|f| found(f, &union, &labels)).collect();
            let has_message = wanted.iter().any(|r| r.contains_key("message"));
            if !has_message {
                got.iter_mut().for_each(|r| {
                    r.remove("message");
                });
            }
            wanted.sort();
            got.sort();
            if wanted == got { Ok(()) } else { Err(format!("\n  wanted {wanted:#?}\n  got {got:#?}")) }
        }
    }
}

#[test]
fn every_entry_of_the_w3c_suite_gives_the_expected_report() {
    let root = repository("tests/conformance/shacl/manifest.ttl").canonicalize().unwrap();
    let mut all = Vec::new();
    entries(&root, &mut all);
    let validate_kind = NamedNode::new_unchecked(format!("{SHT}Validate"));
    let mut failures = Vec::new();
    for (path, entry) in &all {
        let graph = file(path).graph;
        let kind = object(&graph, entry.as_ref(), oxrdf::vocab::rdf::TYPE.as_str()).map(TermRef::into_owned);
        assert_eq!(kind, Some(validate_kind.clone().into()), "an unknown kind of test is a failure: {entry}");
        let name = path.strip_prefix(root.parent().unwrap()).unwrap().display().to_string();
        if let Err(problem) = run(path, entry.as_ref()) {
            failures.push((name, problem));
        }
    }
    assert_eq!(all.len(), 121);
    let names: Vec<&str> = failures.iter().map(|f| f.0.as_str()).collect();
    let details: Vec<String> = failures.iter().map(|(n, p)| format!("{n}: {p}")).collect();
    assert_eq!(names, KNOWN_FAILURES, "{} of {} failed\n{}", failures.len(), all.len(), details.join("\n"));
}
