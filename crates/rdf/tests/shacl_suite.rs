//! W3C SHACL test suite, Core and SPARQL: all 121 `sht:Validate` tests, result graphs compared up
//! to the names of blank nodes.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oxrdf::graph::CanonicalizationAlgorithm;
use oxrdf::{Graph, GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, Triple};
use suffit_rdf::Store;
use suffit_rdf::shacl::{self, Options, Shapes};

/// Tests that do not pass: none.
const FAILURES: &[&str] = &[];

const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const SHT: &str = "http://www.w3.org/ns/shacl-test#";
const SH: &str = "http://www.w3.org/ns/shacl#";

fn iri(space: &str, name: &str) -> NamedNode {
    NamedNode::new(format!("{space}{name}")).unwrap()
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn path(url: &str) -> PathBuf {
    PathBuf::from(url.strip_prefix("file://").unwrap())
}

fn read(file: &Path) -> Graph {
    let text = std::fs::read_to_string(file).unwrap();
    let parser = oxttl::TurtleParser::new().with_base_iri(url(file)).unwrap();
    parser.for_slice(text.as_bytes()).map(|t| t.unwrap_or_else(|e| panic!("{}: {e}", file.display()))).collect()
}

fn node(term: &Term) -> NamedOrBlankNode {
    match term {
        Term::NamedNode(n) => n.clone().into(),
        Term::BlankNode(b) => b.clone().into(),
        other => panic!("{other} is no subject"),
    }
}

fn objects(graph: &Graph, s: &NamedOrBlankNode, p: &NamedNode) -> Vec<Term> {
    graph.objects_for_subject_predicate(s.as_ref(), p.as_ref()).map(TermRef::into_owned).collect()
}

fn object(graph: &Graph, s: &NamedOrBlankNode, p: &NamedNode) -> Option<Term> {
    objects(graph, s, p).into_iter().next()
}

/// All test entries of the folder: those that the manifests include, and those they forgot
/// (`nodeValidator-001` is in no manifest).
fn entries(folder: &Path, found: &mut Vec<(PathBuf, NamedOrBlankNode)>) {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files {
        if file.is_dir() {
            entries(&file, found);
        } else if file.extension().is_some_and(|e| e == "ttl") {
            let graph = read(&file);
            let me: NamedOrBlankNode = NamedNode::new(url(&file)).unwrap().into();
            let mut list = object(&graph, &me, &iri(MF, "entries"));
            while let Some(at) = list {
                let at = node(&at);
                if let Some(entry) = object(&graph, &at, &oxrdf::vocab::rdf::FIRST.into_owned()) {
                    found.push((file.clone(), node(&entry)));
                }
                list = object(&graph, &at, &oxrdf::vocab::rdf::REST.into_owned())
                    .filter(|r| *r != Term::from(oxrdf::vocab::rdf::NIL.into_owned()));
            }
        }
    }
}

/// What of a report is compared, as a graph of its own.
fn essence(from: &Graph, report: &NamedOrBlankNode, messages: bool, constraints: bool) -> Graph {
    let mut out = Graph::new();
    copy(from, report, &["conforms", "result"], &mut out);
    for result in objects(from, report, &iri(SH, "result")) {
        let mut keep =
            vec!["focusNode", "resultPath", "value", "sourceShape", "sourceConstraintComponent", "resultSeverity"];
        if messages {
            keep.push("resultMessage");
        }
        if constraints {
            keep.push("sourceConstraint");
        }
        copy(from, &node(&result), &keep, &mut out);
        if let Some(path) = object(from, &node(&result), &iri(SH, "resultPath")) {
            deep(from, &path, &mut out);
        }
    }
    out
}

fn copy(from: &Graph, s: &NamedOrBlankNode, names: &[&str], out: &mut Graph) {
    for name in names {
        for o in objects(from, s, &iri(SH, name)) {
            out.insert(&Triple::new(s.clone(), iri(SH, name), o));
        }
    }
}

/// Everything that a path expression says.
fn deep(from: &Graph, term: &Term, out: &mut Graph) {
    if let Term::BlankNode(b) = term {
        for t in from.triples_for_subject(b.as_ref()) {
            let t = t.into_owned();
            // A shape or a result can be reached from nowhere inside a path.
            if out.insert(&t) {
                deep(from, &t.object, out);
            }
        }
    }
}

fn actual(data: &Path, shapes: &Path) -> Result<Graph, String> {
    let load = |file: &Path| {
        let mut store = Store::new();
        for t in read(file).iter() {
            store.read(t.into_owned().in_graph(GraphName::DefaultGraph).as_ref()).unwrap();
        }
        store.finish();
        store
    };
    let mut store = load(data);
    let shapes = Shapes::compile(&mut store, &load(shapes), Options::default()).map_err(|e| e.to_string())?;
    let turtle = shacl::validate(&store, &shapes).map_err(|e| e.to_string())?.to_turtle();
    Ok(oxttl::TurtleParser::new()
        .for_slice(turtle.as_bytes())
        .map(|t| t.unwrap_or_else(|e| panic!("our own report: {e}\n{turtle}")))
        .collect())
}

fn lines(graph: &Graph) -> BTreeSet<String> {
    graph.iter().map(|t| t.to_string()).collect()
}

fn run(file: &Path, entry: &NamedOrBlankNode) -> Result<(), String> {
    let graph = read(file);
    let kind = object(&graph, entry, &oxrdf::vocab::rdf::TYPE.into_owned());
    if kind != Some(iri(SHT, "Validate").into()) {
        return Err(format!("unknown kind of test: {kind:?}"));
    }
    let action = node(&object(&graph, entry, &iri(MF, "action")).ok_or("no action")?);
    let input = |name| match object(&graph, &action, &iri(SHT, name)) {
        Some(Term::NamedNode(n)) => Ok(path(n.as_str())),
        other => Err(format!("{name}: {other:?}")),
    };
    let ours = actual(&input("dataGraph")?, &input("shapesGraph")?);
    let expected = object(&graph, entry, &iri(MF, "result")).ok_or("no result")?;
    if expected == Term::from(iri(SHT, "Failure")) {
        return match ours {
            Err(_) => Ok(()),
            Ok(report) => Err(format!("a failure was expected, got {:#?}", lines(&report))),
        };
    }
    let ours = ours?;
    let expected = node(&expected);
    let has = |name| graph.triples_for_predicate(iri(SH, name).as_ref()).any(|t| is_result(&graph, t.subject));
    let (messages, constraints) = (has("resultMessage"), has("sourceConstraint"));
    let mut wanted = essence(&graph, &expected, messages, constraints);
    let report = one_report(&ours)?;
    let mut got = essence(&ours, &report, messages, constraints);
    wanted.canonicalize(CanonicalizationAlgorithm::Unstable);
    got.canonicalize(CanonicalizationAlgorithm::Unstable);
    if wanted == got {
        return Ok(());
    }
    let (wanted, got) = (lines(&wanted), lines(&got));
    Err(format!("expected {:#?}\n     got {:#?}", wanted.difference(&got), got.difference(&wanted)))
}

fn is_result(graph: &Graph, s: NamedOrBlankNodeRef<'_>) -> bool {
    graph.contains(oxrdf::TripleRef::new(
        s,
        oxrdf::vocab::rdf::TYPE,
        NamedNodeRef::new(&format!("{SH}ValidationResult")).unwrap(),
    ))
}

fn one_report(graph: &Graph) -> Result<NamedOrBlankNode, String> {
    let kind = iri(SH, "ValidationReport");
    let mut all = graph.subjects_for_predicate_object(oxrdf::vocab::rdf::TYPE, kind.as_ref());
    all.next().map(NamedOrBlankNodeRef::into_owned).ok_or_else(|| "no report".into())
}

#[test]
fn all_tests_of_the_suite_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/shacl").canonicalize().unwrap();
    let mut tests = Vec::new();
    entries(&root, &mut tests);
    assert_eq!(tests.len(), 121, "tests found");
    let mut failed = Vec::new();
    for (file, entry) in &tests {
        let name = file.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        if let Err(problem) = run(file, entry) {
            eprintln!("{name}: {problem}");
            failed.push(name);
        }
    }
    assert_eq!(failed, FAILURES);
}
