//! Which format a file is in.

/// A format of triples or quads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// N-Triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// Turtle.
    Turtle,
    /// TriG.
    TriG,
    /// RDF/XML.
    RdfXml,
    /// JSON-LD 1.0, streamed where possible.
    JsonLd,
}

impl Format {
    /// From a file name, endings of compression set aside.
    pub fn from_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = [".gz", ".zst", ".bz2"].iter().find_map(|e| name.strip_suffix(e)).unwrap_or(&name);
        Some(match name.rsplit_once('.')?.1 {
            "nt" | "ntriples" => Format::NTriples,
            "nq" | "nquads" => Format::NQuads,
            "ttl" | "turtle" => Format::Turtle,
            "trig" => Format::TriG,
            "rdf" | "owl" | "xml" | "rdfxml" => Format::RdfXml,
            "jsonld" | "json" => Format::JsonLd,
            _ => return None,
        })
    }

    /// From the first bytes. Turtle holds N-Triples, TriG holds Turtle and N-Triples: the widest
    /// language that fits is chosen; N-Quads only by name.
    pub fn from_content(head: &[u8]) -> Option<Format> {
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let lower = text.get(..text.len().min(200)).unwrap_or(text).to_ascii_lowercase();
        if text.starts_with("<?xml") || lower.starts_with("<rdf:rdf") || lower.starts_with("<!doctype") {
            Some(Format::RdfXml)
        } else if text.starts_with(['{', '[']) && text[1..].trim_start().starts_with(['"', '{', '}']) {
            Some(Format::JsonLd)
        } else if text.starts_with(['<', '@', '_', '#', '[', '('])
            || lower.starts_with("prefix")
            || lower.starts_with("base")
            || text.split_whitespace().next().is_some_and(|w| w.contains(':'))
        {
            Some(Format::TriG)
        } else {
            None
        }
    }
}
