//! Statements from oxigraph's parsers into the store.

use std::collections::HashMap;
use std::io::Read;

use oxjsonld::{JsonLdParseError, JsonLdParser};
use oxrdf::{BlankNode, GraphName, NamedOrBlankNode, Quad, Term, Triple};
use oxrdfxml::{RdfXmlParseError, RdfXmlParser};
use oxttl::{NQuadsParser, NTriplesParser, TriGParser, TurtleParseError, TurtleParser};

use super::error::{Problem, ReadError};
use super::format::Format;
use super::open::{EXPANDED_LIMIT, LITERAL_LIMIT, Over, unpack};
use super::{OnError, Options, PROBLEMS_KEPT, Summary, entity};
use crate::store::Store;

/// Reads one source.
pub(super) fn source<'a>(
    store: &mut Store,
    name: &str,
    content: Box<dyn Read + 'a>,
    options: &Options,
) -> Result<Summary, ReadError> {
    let limit = if options.expanded_limit == 0 { EXPANDED_LIMIT } else { options.expanded_limit };
    let opened = unpack(content, limit).map_err(|(packing, e)| broken(name, packing, e))?;
    let packing = opened.packing;
    let format = options
        .format
        .or_else(|| Format::from_name(name))
        .or_else(|| Format::from_content(&opened.head))
        .or_else(|| opened.head.iter().all(u8::is_ascii_whitespace).then_some(Format::Turtle))
        .ok_or_else(|| ReadError::UnknownFormat { file: name.to_owned() })?;
    let base = |e: oxrdf::IriParseError| ReadError::Base {
        base: options.base.clone().unwrap_or_default(),
        reason: e.to_string(),
    };
    let mut sink = Sink::new(store, name, packing, options.on_error);
    match format {
        Format::NTriples => {
            for item in NTriplesParser::new().for_reader(opened.body) {
                sink.turtle(item.map(default_graph))?;
            }
        }
        Format::NQuads => {
            for item in NQuadsParser::new().for_reader(opened.body) {
                sink.turtle(item)?;
            }
        }
        Format::Turtle => {
            let mut parser = TurtleParser::new();
            if let Some(iri) = &options.base {
                parser = parser.with_base_iri(iri).map_err(base)?;
            }
            for item in parser.for_reader(opened.body) {
                sink.turtle(item.map(default_graph))?;
            }
        }
        Format::TriG => {
            let mut parser = TriGParser::new();
            if let Some(iri) = &options.base {
                parser = parser.with_base_iri(iri).map_err(base)?;
            }
            for item in parser.for_reader(opened.body) {
                sink.turtle(item)?;
            }
        }
        Format::JsonLd => {
            let mut parser = JsonLdParser::new();
            if let Some(iri) = &options.base {
                parser = parser.with_base_iri(iri).map_err(base)?;
            }
            for item in parser.for_reader(opened.body) {
                sink.json(item)?;
            }
        }
        Format::RdfXml => {
            let mut parser = RdfXmlParser::new();
            if let Some(iri) = &options.base {
                parser = parser.with_base_iri(iri).map_err(base)?;
            }
            sink.xml(parser, opened.body)?;
        }
    }
    let summary = sink.summary;
    store.finish();
    Ok(summary)
}

/// A failed read as its cause.
fn broken(name: &str, packing: Option<&'static str>, error: std::io::Error) -> ReadError {
    if let Some(Over(limit)) = error.get_ref().and_then(|e| e.downcast_ref::<Over>()) {
        return ReadError::TooLarge { file: name.to_owned(), limit: *limit };
    }
    match packing {
        Some(packing) if error.raw_os_error().is_none() => {
            ReadError::Packed { file: name.to_owned(), packing, reason: error.to_string() }
        }
        _ => ReadError::io("read", name, error),
    }
}

/// Where statements go.
struct Sink<'s> {
    store: &'s mut Store,
    name: &'s str,
    packing: Option<&'static str>,
    on_error: OnError,
    blanks: HashMap<BlankNode, BlankNode>,
    summary: Summary,
}

impl<'s> Sink<'s> {
    fn new(store: &'s mut Store, name: &'s str, packing: Option<&'static str>, on_error: OnError) -> Self {
        Sink { store, name, packing, on_error, blanks: HashMap::new(), summary: Summary::default() }
    }

    fn turtle(&mut self, item: Result<Quad, TurtleParseError>) -> Result<(), ReadError> {
        match item {
            Ok(quad) => self.quad(quad),
            Err(TurtleParseError::Io(e)) => Err(broken(self.name, self.packing, e)),
            Err(TurtleParseError::Syntax(e)) => {
                let start = e.location().start;
                self.problem(Some(start.line + 1), Some(start.column + 1), e.message().to_owned())
            }
        }
    }

    fn json(&mut self, item: Result<Quad, JsonLdParseError>) -> Result<(), ReadError> {
        match item {
            Ok(quad) => self.quad(quad),
            Err(JsonLdParseError::Io(e)) => Err(broken(self.name, self.packing, e)),
            Err(JsonLdParseError::Syntax(e)) => {
                let start = e.location().map(|l| l.start);
                self.problem(start.map(|p| p.line + 1), start.map(|p| p.column + 1), e.to_string())
            }
        }
    }

    /// RDF/XML is held whole, because its entities must be measured before they are expanded.
    fn xml(&mut self, parser: RdfXmlParser, mut body: impl Read) -> Result<(), ReadError> {
        let mut text = String::new();
        body.read_to_string(&mut text).map_err(|e| broken(self.name, self.packing, e))?;
        entity::check(self.name, &text)?;
        let mut items = parser.for_slice(text.as_bytes());
        while let Some(item) = items.next() {
            match item {
                Ok(triple) => self.quad(default_graph(triple))?,
                Err(e) => {
                    let at = (items.buffer_position() as usize).min(text.len());
                    let before = String::from_utf8_lossy(&text.as_bytes()[..at]);
                    let line = before.matches('\n').count() as u64 + 1;
                    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1;
                    // The parser cannot find the next statement after a fault in the XML.
                    self.on_error = OnError::Stop;
                    let message = RdfXmlParseError::from(e).to_string();
                    self.problem(Some(line), Some(column), message)?;
                }
            }
        }
        Ok(())
    }

    fn problem(&mut self, line: Option<u64>, column: Option<u64>, message: String) -> Result<(), ReadError> {
        let problem = Problem { file: self.name.to_owned(), line, column, message };
        if self.on_error == OnError::Stop {
            return Err(ReadError::Syntax(problem));
        }
        self.summary.skipped += 1;
        if self.summary.problems.len() < PROBLEMS_KEPT {
            self.summary.problems.push(problem);
        }
        Ok(())
    }

    fn quad(&mut self, mut quad: Quad) -> Result<(), ReadError> {
        if let Term::Literal(literal) = &quad.object
            && literal.value().len() as u64 > LITERAL_LIMIT
        {
            let bytes = literal.value().len() as u64;
            let statement = self.summary.statements + 1;
            return Err(ReadError::LongTerm { file: self.name.to_owned(), statement, bytes, limit: LITERAL_LIMIT });
        }
        if let NamedOrBlankNode::BlankNode(node) = &mut quad.subject {
            *node = self.blank(node);
        }
        if let Term::BlankNode(node) = &mut quad.object {
            *node = self.blank(node);
        }
        if let GraphName::BlankNode(node) = &mut quad.graph_name {
            *node = self.blank(node);
        }
        self.summary.statements += 1;
        Ok(self.store.read(quad.as_ref())?)
    }

    fn blank(&mut self, node: &BlankNode) -> BlankNode {
        if let Some(known) = self.blanks.get(node) {
            return known.clone();
        }
        let fresh = self.store.fresh_blank();
        self.blanks.insert(node.clone(), fresh.clone());
        fresh
    }
}

fn default_graph(triple: Triple) -> Quad {
    triple.in_graph(GraphName::DefaultGraph)
}
