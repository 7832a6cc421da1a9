#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use suffit_core::error::Exit;
use suffit_core::method::VerbResult;
use suffit_core::{Ctx, Method};

use super::Oracle;

const GRAPH: &str = "@prefix : <urn:ex:> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:oslo a :City ; rdfs:label \"Oslo\" ; :in :norway .
:norway a :Country ; rdfs:label \"Norway\" ; :capital :oslo ; :people 5550000 .
:bergen a :City ; :in :norway .
";
const ONTOLOGY: &str = "@prefix : <urn:ex:> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:capital a owl:FunctionalProperty , owl:ObjectProperty ; rdfs:label \"capital\" ; owl:inverseOf :capitalOf .
:capitalOf a owl:ObjectProperty ; rdfs:label \"capital of\" .
:City owl:disjointWith :Country . :people a owl:FunctionalProperty .
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("g.ttl", GRAPH), ("o.ttl", ONTOLOGY)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn call(verb: &str, arguments: &[(&str, String)]) -> suffit_core::Result<VerbResult> {
    let arguments: Vec<(String, String)> = arguments.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    Oracle::run_verb(verb, &arguments, &Ctx::silent(1))
}

fn build(folder: &Path) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    let out = at("kg");
    let result = call("build", &[("files", at("g.ttl")), ("ontology", at("o.ttl")), ("out", out.clone())]).unwrap();
    assert!(result.text.contains("built"));
    out
}

fn claim(s: &str, p: &str, o: &str) -> String {
    format!(r#"{{"subject":{{"iri":"urn:ex:{s}"}},"predicate":"urn:ex:{p}","object":{o}}}"#)
}

#[test]
fn a_built_graph_decides_explains_and_corrects() {
    let folder = folder();
    let kg = build(folder.path());
    let explain = |claim: String| call("explain", &[("graph", kg.clone()), ("claim", claim)]).unwrap();
    let licensed = explain(claim("oslo", "capitalOf", r#"{"iri":"urn:ex:norway"}"#));
    assert_eq!(licensed.exit, Some(Exit::Ok));
    assert_eq!(licensed.json["proof_verified"], true);
    assert!(licensed.text.contains("prp-inv") && licensed.text.contains("[asserted]"), "{}", licensed.text);
    let refuted = explain(claim("norway", "capital", r#"{"iri":"urn:ex:bergen"}"#));
    assert_eq!(refuted.exit, Some(Exit::NotEnough));
    assert!(refuted.text.contains("refuted") && refuted.text.contains("urn:ex:oslo"), "{}", refuted.text);
    let unknown = explain(claim("bergen", "twin", r#"{"iri":"urn:ex:oslo"}"#));
    assert_eq!(unknown.exit, Some(Exit::Undecided));
    assert!(unknown.text.contains("missing   <urn:ex:bergen> <urn:ex:twin> <urn:ex:oslo>"), "{}", unknown.text);
    let named = r#"{"subject":{"mention":"oslo"},"predicate":{"mention":"Capital of"},"object":{"mention":"Norway"}}"#;
    assert_eq!(explain(named.to_owned()).exit, Some(Exit::Ok));
}

#[test]
fn aliases_and_policies_count() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("a.csv"), "alias,iri\nChristiania,urn:ex:oslo\n").unwrap();
    std::fs::write(at("p.json"), r#"{"predicates":{"urn:ex:capitalOf":"forbid"}}"#).unwrap();
    let old =
        r#"{"subject":{"mention":"Christiania"},"predicate":"urn:ex:capitalOf","object":{"iri":"urn:ex:norway"}}"#;
    let mut arguments = vec![("graph", at("g.ttl")), ("ontology", at("o.ttl")), ("claim", old.to_owned())];
    assert_eq!(call("check", &arguments).unwrap().exit, Some(Exit::Undecided));
    arguments.push(("lexicon", at("a.csv")));
    let licensed = call("check", &arguments).unwrap();
    assert_eq!((licensed.exit, &licensed.json["decision"]["action"]), (Some(Exit::Ok), &"pass".into()));
    arguments.push(("policy", at("p.json")));
    assert_eq!(call("check", &arguments).unwrap().json["decision"]["action"], "hold");
}

#[test]
fn a_batch_goes_on_after_a_kill_with_the_same_bytes_and_names_wrong_lines() {
    let folder = folder();
    let kg = build(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let city = |i: usize| if i.is_multiple_of(3) { "oslo" } else { "bergen" };
    let mut lines: Vec<String> =
        (0..9_000).map(|i| claim("norway", "capital", &format!(r#"{{"iri":"urn:ex:{}"}}"#, city(i)))).collect();
    lines[4] = "{\"subject\": ".into();
    lines[5] = r#"{"subject":{"iri":"no iri"},"predicate":"urn:ex:p","object":{"value":1}}"#.into();
    std::fs::write(at("c.jsonl"), lines.join("\n")).unwrap();
    let run = |out: &str| call("check", &[("claims", at("c.jsonl")), ("graph", kg.clone()), ("out", at(out))]);
    let whole = run("whole.jsonl").unwrap();
    assert_eq!(whole.exit, Some(Exit::NotEnough));
    assert_eq!(whole.json["counts"]["unreadable"], 2);
    let expected = std::fs::read(at("whole.jsonl")).unwrap();
    let text = String::from_utf8(expected.clone()).unwrap();
    assert!(text.lines().nth(4).unwrap().contains(r#""line":5"#) && text.lines().count() == 9_000);
    // What a kill leaves: some whole lines, half a line, the key.
    let (_, of_claims) = suffit_core::files::digest(Path::new(&at("c.jsonl"))).unwrap();
    let key = format!(
        "{} {of_claims} readings= fuzzy-license= unique-names= lenient-prefixes=",
        whole.json["digest"].as_str().unwrap()
    );
    for cut in [1_usize, 777, expected.len() / 2, expected.len() - 1] {
        std::fs::write(at("k.jsonl.partial"), &expected[..cut]).unwrap();
        std::fs::write(at("k.jsonl.partial.key"), &key).unwrap();
        assert_eq!(run("k.jsonl").unwrap().json["counts"], whole.json["counts"]);
        assert_eq!(std::fs::read(at("k.jsonl")).unwrap(), expected);
        std::fs::remove_file(at("k.jsonl")).unwrap();
    }
    // What is there is used: a line that another hand wrote stays.
    let first = format!("{{\"verdict\":\"marked\"}}\n{}", &text[text.find('\n').unwrap() + 1..=text.len() / 2]);
    std::fs::write(at("k.jsonl.partial"), first).unwrap();
    std::fs::write(at("k.jsonl.partial.key"), &key).unwrap();
    assert_eq!(run("k.jsonl").unwrap().json["counts"]["marked"], 1);
    std::fs::remove_file(at("k.jsonl")).unwrap();
    // Results of other claims are never continued.
    std::fs::write(at("k.jsonl.partial"), b"{\"verdict\":\"marked\"}\n").unwrap();
    std::fs::write(at("k.jsonl.partial.key"), "another").unwrap();
    run("k.jsonl").unwrap();
    assert_eq!(std::fs::read(at("k.jsonl")).unwrap(), expected);
    assert_eq!(run("k.jsonl").unwrap_err().code(), "rdf.exists");
}

#[test]
fn bad_input_is_named() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let code = |verb: &str, arguments: &[(&str, String)]| {
        let error = call(verb, arguments).unwrap_err();
        (error.code(), error.to_string())
    };
    std::fs::write(at("bad.ttl"), "@prefix : <urn:ex:> .\n:a :b :c .\n:a :b \"x .\n").unwrap();
    let (kind, text) = code("lint", &[("graph", at("bad.ttl"))]);
    assert!(kind == "rdf.syntax" && text.contains("bad.ttl:3:"), "{text}");
    std::fs::write(at("empty.ttl"), "").unwrap();
    assert_eq!(code("lint", &[("graph", at("empty.ttl"))]).0, "oracle.empty");
    assert_eq!(code("lint", &[("graph", folder.path().display().to_string())]).0, "oracle.no_graph");
    assert!(code("lint", &[("graph", at("absent.ttl"))]).1.contains("absent.ttl"));
    assert_eq!(code("lint", &[("graph", at("g.ttl")), ("on-error", "maybe".into())]).0, "oracle.argument");
    assert_eq!(code("explain", &[("graph", at("g.ttl")), ("claim", "{".into())]).0, "claim.json");
    assert_eq!(code("check", &[("graph", at("g.ttl"))]).0, "oracle.claim");
    std::fs::write(at("a.csv"), "alias,iri\nx\n").unwrap();
    let one = claim("oslo", "in", r#"{"iri":"urn:ex:norway"}"#);
    let (kind, text) = code("check", &[("graph", at("g.ttl")), ("claim", one), ("lexicon", at("a.csv"))]);
    assert!(kind == "oracle.beside" && text.contains("a.csv") && text.contains("line 2"), "{text}");
    std::fs::write(at("c.jsonl"), claim("oslo", "in", r#"{"iri":"urn:ex:norway"}"#)).unwrap();
    assert_eq!(code("eval", &[("claims", at("c.jsonl")), ("graph", at("g.ttl"))]).0, "oracle.no_labels");
    let kg = build(folder.path());
    assert_eq!(code("build", &[("files", at("g.ttl")), ("out", kg)]).0, "rdf.exists");
}

#[test]
fn an_evaluation_counts_leaks_and_shows_the_trivial_gates() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let labelled = |gold: &str, claim: String| format!(r#"{{"claim":{claim},"gold":"{gold}"}}"#);
    let lines = [
        labelled("E", claim("oslo", "capitalOf", r#"{"iri":"urn:ex:norway"}"#)),
        labelled("C", claim("norway", "capital", r#"{"iri":"urn:ex:bergen"}"#)),
        labelled("U", claim("bergen", "twin", r#"{"iri":"urn:ex:oslo"}"#)),
    ];
    std::fs::write(at("c.jsonl"), lines.join("\n")).unwrap();
    let arguments =
        [("claims", at("c.jsonl")), ("graph", at("g.ttl")), ("ontology", at("o.ttl")), ("report", at("r.html"))];
    let result = call("eval", &arguments).unwrap();
    let gates = &result.json["evaluation"]["gates"];
    assert_eq!(gates[0]["metrics"]["verdict_accuracy"], 1.0);
    assert_eq!((&gates[1]["metrics"]["license_recall"], &gates[2]["leaks"]), (&0.0.into(), &2.into()));
    // Two claims are too few to promise one in a hundred.
    assert_eq!(result.verdict.unwrap().answer, suffit_core::Answer::Undecided);
    assert!(std::fs::read_to_string(at("r.html")).unwrap().contains("license everything"));
}
