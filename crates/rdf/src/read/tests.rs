//! What reading promises.

use super::*;
use crate::store::Triples;
use std::io::Write;

fn read(name: &str, content: &[u8]) -> Result<(Store, Summary), ReadError> {
    let mut store = Store::new();
    let summary = bytes(&mut store, name, content, &Options::default())?;
    Ok((store, summary))
}

fn lines(store: &Store) -> Vec<String> {
    let d = store.dictionary();
    let mut lines: Vec<_> = store
        .matching(None, None, None)
        .map(|[s, p, o]| format!("{} {} {} .", d.term(s), d.term(p), d.term(o)))
        .collect();
    lines.sort();
    lines
}

const NT: &str = "<http://x/s> <http://x/p> \"a\"@en .\n<http://x/s> <http://x/q> <http://x/o> .\n";

#[test]
fn six_formats_say_the_same() {
    let same = [
        ("a.nt", NT.to_owned()),
        ("a.nq", NT.to_owned()),
        ("a.ttl", "@prefix : <http://x/> . :s :p \"a\"@en ; :q :o .".to_owned()),
        ("a.trig", "@prefix : <http://x/> . { :s :p \"a\"@en ; :q :o . }".to_owned()),
        (
            "a.rdf",
            r#"<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://x/"><rdf:Description rdf:about="http://x/s"><p xml:lang="en">a</p><q rdf:resource="http://x/o"/></rdf:Description></rdf:RDF>"#.to_owned(),
        ),
        (
            "a.jsonld",
            r#"{"@id":"http://x/s","http://x/p":{"@value":"a","@language":"en"},"http://x/q":{"@id":"http://x/o"}}"#.to_owned(),
        ),
    ];
    let expected: Vec<_> = NT.lines().map(str::to_owned).collect();
    for (name, text) in &same {
        let (store, summary) = read(name, text.as_bytes()).unwrap();
        assert_eq!(lines(&store), expected, "{name}");
        assert_eq!(summary.statements, 2, "{name}");
        // And without a name that helps.
        let (store, _) = read("data", text.as_bytes()).unwrap();
        assert_eq!(lines(&store), expected, "{name} by content");
    }
}

#[test]
fn packed_files_are_known_by_their_content() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(NT.as_bytes()).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(NT.as_bytes()).unwrap();
    let zstd = zstd::encode_all(NT.as_bytes(), 1).unwrap();
    for packed in [gzip.finish().unwrap(), bzip2.finish().unwrap(), zstd] {
        assert_eq!(read("x.nt", &packed).unwrap().0.len(), 2);
        let error = read("x.nt", &packed[..packed.len() - 9]).unwrap_err();
        assert!(matches!(error, ReadError::Packed { .. }), "{error}");
    }
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let zstd = zstd::encode_all(std::io::Read::take(std::io::repeat(b' '), 50 << 20), 1).unwrap();
    assert!(zstd.len() < 1 << 20);
    let options = Options { expanded_limit: 1 << 20, ..Options::default() };
    let error = bytes(&mut Store::new(), "x.nt", &zstd, &options).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { limit, .. } if limit == 1 << 20), "{error}");
}

#[test]
fn an_entity_bomb_is_refused_before_it_grows() {
    let mut xml = String::from("<?xml version=\"1.0\"?><!DOCTYPE rdf:RDF [<!ENTITY a0 \"lollollol\">");
    for i in 1..12 {
        let body = format!("&a{};", i - 1).repeat(10);
        xml += &format!("<!ENTITY a{i} \"{body}\">");
    }
    xml += "]><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"&a11;\"/></rdf:RDF>";
    let error = read("x.rdf", xml.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Entity { .. }), "{error}");
}

#[test]
fn a_problem_has_its_place_and_may_be_skipped() {
    let text = format!("{NT}<http://x/s> <http://x/p> oops .\n{NT}");
    match read("x.nt", text.as_bytes()).unwrap_err() {
        ReadError::Syntax(p) => assert_eq!((p.file.as_str(), p.line), ("x.nt", Some(3))),
        other => panic!("{other}"),
    }
    let mut store = Store::new();
    let options = Options { on_error: OnError::Continue, ..Options::default() };
    let summary = bytes(&mut store, "x.nt", text.as_bytes(), &options).unwrap();
    assert_eq!((summary.skipped, summary.problems.len(), summary.statements, store.len()), (1, 1, 4, 2));
}

#[test]
fn blank_nodes_of_two_files_stay_apart() {
    let mut store = Store::new();
    for _ in 0..2 {
        bytes(&mut store, "x.ttl", b"_:a <http://x/p> [] .", &Options::default()).unwrap();
    }
    assert_eq!(store.len(), 2);
    assert_eq!(lines(&store), ["_:b0 <http://x/p> _:b1 .", "_:b2 <http://x/p> _:b3 ."]);
}

#[test]
fn named_graphs_are_kept() {
    let (store, _) = read("x.nq", b"<urn:s> <urn:p> <urn:o> <urn:g> .\n<urn:s> <urn:p> <urn:o> .\n").unwrap();
    let triple = store.matching(None, None, None).next().unwrap();
    let graphs: Vec<_> = store.graphs_of(triple).map(|g| store.dictionary().term(g).to_string()).collect();
    assert_eq!(graphs, ["<urn:g>"]);
}

#[test]
fn damage_never_panics() {
    use proptest::test_runner::TestRunner;
    let turtle = "@prefix : <http://x/> .\n:s :p \"a\\u00e9\"@en , 1.5 , ( 1 [ :q true ] ) ; a :C .\n".repeat(3);
    let xml = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"urn:e#\"><e:C rdf:about=\"urn:a\"><e:p>x</e:p></e:C></rdf:RDF>";
    let json = "{\"@context\":{\"p\":\"urn:p\"},\"@id\":\"urn:s\",\"p\":[1,{\"@value\":\"x\"},{\"@list\":[true]}]}";
    let files = [("x.nt", NT), ("x.ttl", &turtle), ("x.trig", &turtle), ("x.rdf", xml), ("x.jsonld", json)];
    let strategy = proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 1..6);
    for (name, text) in files {
        TestRunner::default()
            .run(&strategy, |edits| {
                let mut content = text.as_bytes().to_vec();
                for (at, byte) in edits {
                    let at = at % content.len();
                    match byte % 3 {
                        0 => content[at] = byte,
                        1 => content.truncate(at.max(1)),
                        _ => content.insert(at, byte),
                    }
                }
                let options = Options { on_error: OnError::Continue, ..Options::default() };
                // Any answer will do, as long as there is one.
                let _ = bytes(&mut Store::new(), name, &content, &options);
                Ok(())
            })
            .unwrap();
    }
}
