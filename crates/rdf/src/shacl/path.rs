//! Property paths: parsing from the shapes graph, evaluation, and SPARQL syntax.

use hashbrown::HashSet;
use spargebra::algebra::PropertyPathExpression as Expression;

use super::compile::Reader;
use super::error::ShaclError;
use super::terms::Terms;
use crate::store::Triples;
use crate::term::{Kind, TermId};

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    Predicate(TermId),
    Inverse(Box<Path>),
    Sequence(Vec<Path>),
    Alternative(Vec<Path>),
    ZeroOrMore(Box<Path>),
    OneOrMore(Box<Path>),
    ZeroOrOne(Box<Path>),
}

impl Path {
    /// From a node of the shapes graph.
    pub fn parse(reader: &Reader<'_>, node: TermId, depth: usize) -> Result<Self, ShaclError> {
        let bad = |problem: &str| reader.ill(node, "sh:path", problem);
        if depth > 64 {
            return Err(bad("is nested deeper than 64 levels, or contains itself"));
        }
        if reader.graph.kind(node) == Kind::Iri && reader.list(node).is_none() {
            return Ok(Path::Predicate(node));
        }
        let parse = |n| Path::parse(reader, n, depth + 1);
        if let Some(list) = reader.list(node) {
            if list.len() < 2 {
                return Err(bad("is a sequence of fewer than two paths"));
            }
            return Ok(Path::Sequence(list.into_iter().map(parse).collect::<Result<_, _>>()?));
        }
        if let Some(inner) = reader.one(node, "inversePath") {
            return Ok(Path::Inverse(Box::new(parse(inner)?)));
        }
        if let Some(list) = reader.one(node, "alternativePath") {
            let list = reader.list(list).ok_or_else(|| bad("has an alternative that is no list"))?;
            return Ok(Path::Alternative(list.into_iter().map(parse).collect::<Result<_, _>>()?));
        }
        for (word, make) in [
            ("zeroOrMorePath", Path::ZeroOrMore as fn(Box<Path>) -> Path),
            ("oneOrMorePath", Path::OneOrMore),
            ("zeroOrOnePath", Path::ZeroOrOne),
        ] {
            if let Some(inner) = reader.one(node, word) {
                return Ok(make(Box::new(parse(inner)?)));
            }
        }
        Err(bad("is neither an IRI nor a path expression"))
    }

    /// Nodes at the other end, each once, in order of discovery.
    pub fn eval(&self, graph: &dyn Triples, from: TermId) -> Vec<TermId> {
        self.ends(graph, from, false)
    }

    /// Nodes from which the path leads to `to`.
    pub fn eval_back(&self, graph: &dyn Triples, to: TermId) -> Vec<TermId> {
        self.ends(graph, to, true)
    }

    fn ends(&self, graph: &dyn Triples, from: TermId, back: bool) -> Vec<TermId> {
        if let (Path::Predicate(p), false) = (self, back) {
            return graph.objects(from, *p).collect(); // each once, as triples are
        }
        let mut seen = HashSet::new();
        let mut out = Vec::new();
        self.walk(graph, from, back, &mut |node| {
            if seen.insert(node) {
                out.push(node);
            }
        });
        out
    }

    fn walk(&self, graph: &dyn Triples, from: TermId, back: bool, visit: &mut dyn FnMut(TermId)) {
        match self {
            Path::Predicate(p) if back => graph.matching(None, Some(*p), Some(from)).for_each(|t| visit(t[0])),
            Path::Predicate(p) => graph.matching(Some(from), Some(*p), None).for_each(|t| visit(t[2])),
            Path::Inverse(inner) => inner.walk(graph, from, !back, visit),
            Path::Sequence(parts) => {
                let mut at = vec![from];
                let ordered: Vec<&Path> = if back { parts.iter().rev().collect() } else { parts.iter().collect() };
                for part in ordered {
                    let mut next = Vec::new();
                    let mut seen = HashSet::new();
                    for node in at {
                        part.walk(graph, node, back, &mut |n| {
                            if seen.insert(n) {
                                next.push(n);
                            }
                        });
                    }
                    at = next;
                }
                at.into_iter().for_each(visit);
            }
            Path::Alternative(parts) => parts.iter().for_each(|p| p.walk(graph, from, back, visit)),
            Path::ZeroOrOne(inner) => {
                visit(from);
                inner.walk(graph, from, back, visit);
            }
            Path::ZeroOrMore(inner) => {
                visit(from);
                inner.closure(graph, from, back, visit);
            }
            Path::OneOrMore(inner) => inner.closure(graph, from, back, visit),
        }
    }

    /// Everything after one step or more.
    fn closure(&self, graph: &dyn Triples, from: TermId, back: bool, visit: &mut dyn FnMut(TermId)) {
        let mut seen = HashSet::new();
        let mut stack = vec![from];
        while let Some(node) = stack.pop() {
            let mut fresh = Vec::new();
            self.walk(graph, node, back, &mut |n| {
                if seen.insert(n) {
                    fresh.push(n);
                }
            });
            fresh.iter().for_each(|&n| visit(n));
            stack.extend(fresh);
        }
    }

    /// The path as SPARQL has it, for `$PATH`.
    pub fn expression(&self, graph: &dyn Triples) -> Expression {
        let boxed = |path: &Path| Box::new(path.expression(graph));
        let fold = |parts: &[Path], make: fn(Box<Expression>, Box<Expression>) -> Expression| {
            let mut all = parts.iter().map(|p| p.expression(graph));
            // Lists of fewer than two members are refused when the path is parsed.
            let first = all.next().unwrap_or_else(|| Expression::NegatedPropertySet(Vec::new()));
            all.fold(first, |a, b| make(Box::new(a), Box::new(b)))
        };
        match self {
            Path::Predicate(p) => Expression::NamedNode(oxrdf::NamedNode::new_unchecked(graph.text(*p))),
            Path::Inverse(inner) => Expression::Reverse(boxed(inner)),
            Path::Sequence(parts) => fold(parts, Expression::Sequence),
            Path::Alternative(parts) => fold(parts, Expression::Alternative),
            Path::ZeroOrMore(inner) => Expression::ZeroOrMore(boxed(inner)),
            Path::OneOrMore(inner) => Expression::OneOrMore(boxed(inner)),
            Path::ZeroOrOne(inner) => Expression::ZeroOrOne(boxed(inner)),
        }
    }

    /// SPARQL syntax, for people and as the name of the path.
    pub fn sparql(&self, graph: &dyn Triples) -> String {
        match self {
            Path::Predicate(p) => format!("<{}>", graph.text(*p)),
            _ => self.expression(graph).to_string(),
        }
    }

    /// The node of a report that describes the path, in Turtle with the prefix `sh:`.
    pub fn turtle(&self, graph: &dyn Triples) -> String {
        let list = |parts: &[Path]| {
            let all: Vec<String> = parts.iter().map(|p| p.turtle(graph)).collect();
            format!("( {} )", all.join(" "))
        };
        match self {
            Path::Predicate(p) => format!("<{}>", graph.text(*p)),
            Path::Inverse(inner) => format!("[ sh:inversePath {} ]", inner.turtle(graph)),
            Path::Sequence(parts) => list(parts),
            Path::Alternative(parts) => format!("[ sh:alternativePath {} ]", list(parts)),
            Path::ZeroOrMore(inner) => format!("[ sh:zeroOrMorePath {} ]", inner.turtle(graph)),
            Path::OneOrMore(inner) => format!("[ sh:oneOrMorePath {} ]", inner.turtle(graph)),
            Path::ZeroOrOne(inner) => format!("[ sh:zeroOrOnePath {} ]", inner.turtle(graph)),
        }
    }
}
