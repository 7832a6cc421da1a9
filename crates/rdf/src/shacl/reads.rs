//! Which triples a shape reads, seen from its focus node.
//!
//! Every read is either around the focus (a path leads from the focus to the subject or object of
//! the triple) or anywhere (the triple hangs on nothing that we can follow). A claim can change what
//! a shape says about a focus node only if it matches a read, and then the focus lies backwards on
//! that read's path. The prefix paths are followed on graph + claim, where they reach at least as
//! far as on the graph.

use oxrdf::{Term, Variable};
use spargebra::Query;
use spargebra::algebra::{Expression, GraphPattern, PropertyPathExpression};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

use super::path::Path;
use super::{Check, Shape, ShapeId, Shapes};
use crate::sparql::bind::PLACE;
use crate::sparql::{pattern_of, visit_patterns};
use crate::store::{Store, StoreError};
use crate::term::{Dictionary, TermId, Triple};

/// More reads than this are taken for "anything anywhere".
const MAX_READS: usize = 2048;

/// A pattern of triples that a shape reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    /// Steps from the focus to the triple; absent when it can be anywhere.
    pub prefix: Option<Vec<Path>>,
    /// The end of the prefix is the triple's object, not its subject.
    pub back: bool,
    pub predicate: Option<TermId>,
    pub object: Option<TermId>,
}

impl Read {
    const ANYTHING: Read = Read { prefix: None, back: false, predicate: None, object: None };

    /// Can the triple be this read?
    pub fn matches(&self, [_, p, o]: Triple) -> bool {
        self.predicate.is_none_or(|q| q == p) && self.object.is_none_or(|q| q == o)
    }
}

/// Codes for every term that a query names, so that reads and claims compare by code.
pub(crate) fn know_constants(data: &mut Store, shapes: &[Shape]) -> Result<(), StoreError> {
    let mut terms: Vec<Term> = Vec::new();
    for iri in [super::words::rdf::TYPE, super::words::rdfs::SUB_CLASS_OF] {
        terms.push(oxrdf::NamedNode::new_unchecked(iri).into());
    }
    for query in shapes.iter().flat_map(|s| &s.checks).filter_map(query_of) {
        visit_patterns(pattern_of(query), &mut |pattern| match pattern {
            GraphPattern::Bgp { patterns } => {
                for triple in patterns {
                    terms.extend(constant(&triple.object));
                    if let NamedNodePattern::NamedNode(n) = &triple.predicate {
                        terms.push(n.clone().into());
                    }
                }
            }
            GraphPattern::Path { path, .. } => {
                let mut all = Vec::new();
                if predicates(path, &mut all) {
                    terms.extend(all.into_iter().map(|n| Term::from(n.clone())));
                }
            }
            _ => {}
        });
    }
    for term in &terms {
        data.dictionary_mut().intern(term.as_ref())?;
    }
    Ok(())
}

fn query_of(check: &Check) -> Option<&Query> {
    match check {
        Check::Sparql(c) => Some(&c.query.query),
        Check::Custom(c) => Some(&c.query.query),
        _ => None,
    }
}

fn constant(term: &TermPattern) -> Option<Term> {
    match term {
        TermPattern::NamedNode(n) if !n.as_str().starts_with(PLACE) => Some(n.clone().into()),
        TermPattern::Literal(l) => Some(l.clone().into()),
        _ => None,
    }
}

/// Everything that a shape and the shapes below it read.
pub(crate) fn reads(dictionary: &Dictionary, shapes: &Shapes, id: ShapeId) -> Vec<Read> {
    let mut reader = Reader { dictionary, shapes, found: Vec::new(), open: Vec::new() };
    reader.shape(id, &[]);
    if reader.found.len() > MAX_READS {
        return vec![Read::ANYTHING];
    }
    reader.found
}

struct Reader<'a> {
    dictionary: &'a Dictionary,
    shapes: &'a Shapes,
    found: Vec<Read>,
    open: Vec<ShapeId>,
}

impl Reader<'_> {
    fn add(&mut self, read: Read) {
        if !self.found.contains(&read) {
            self.found.push(read);
        }
    }

    fn around(&mut self, prefix: &[Path], predicate: Option<TermId>) {
        self.add(Read { prefix: Some(prefix.to_vec()), back: false, predicate, object: None });
    }

    fn word(&self, iri: &str) -> Option<TermId> {
        self.dictionary.iri(iri)
    }

    fn shape(&mut self, id: ShapeId, prefix: &[Path]) {
        if self.found.len() > MAX_READS {
            return;
        }
        if self.open.contains(&id) {
            self.add(Read::ANYTHING);
            return;
        }
        let shapes = self.shapes;
        let shape = &shapes.shapes[id];
        if shape.deactivated {
            return;
        }
        self.open.push(id);
        let mut at = prefix.to_vec();
        if let Some((path, _)) = &shape.path {
            self.path(path, false, &mut at);
        }
        for check in &shape.checks {
            self.check(shape, check, prefix, &at);
        }
        self.open.pop();
    }

    fn check(&mut self, shape: &Shape, check: &Check, focus: &[Path], values: &[Path]) {
        match check {
            // A change of the class hierarchy is validated in full.
            Check::Class(_) => self.around(values, self.word(super::words::rdf::TYPE)),
            Check::Equals(p) | Check::Disjoint(p) | Check::LessThan(p, _) => self.around(focus, Some(*p)),
            Check::Closed { .. } => self.around(values, None),
            Check::Not(id) | Check::Node(id) | Check::Property(id) => self.shape(*id, values),
            Check::And(ids) | Check::Or(ids) | Check::Xone(ids) => ids.iter().for_each(|&id| self.shape(id, values)),
            Check::Qualified { shape, disjoint, .. } => {
                self.shape(*shape, values);
                disjoint.iter().for_each(|&id| self.shape(id, values));
            }
            Check::Sparql(c) => self.query(shape, &c.query.query, focus, values),
            Check::Custom(c) => self.query(shape, &c.query.query, focus, values),
            _ => {}
        }
    }

    /// Reads of a path from the end of `at`, which then leads on to the path's end.
    fn path(&mut self, path: &Path, back: bool, at: &mut Vec<Path>) {
        match path {
            Path::Predicate(p) => {
                self.add(Read { prefix: Some(at.clone()), back, predicate: Some(*p), object: None });
            }
            Path::Inverse(inner) => {
                self.path(inner, !back, at);
                return;
            }
            Path::Sequence(parts) => {
                let ordered: Vec<&Path> = if back { parts.iter().rev().collect() } else { parts.iter().collect() };
                ordered.into_iter().for_each(|part| self.path(part, back, at));
                return;
            }
            Path::Alternative(parts) => parts.iter().for_each(|part| self.path(part, back, &mut at.clone())),
            Path::ZeroOrOne(inner) => self.path(inner, back, &mut at.clone()),
            Path::ZeroOrMore(inner) | Path::OneOrMore(inner) => {
                let mut before = at.clone();
                before.push(turned(Path::ZeroOrMore(inner.clone()), back));
                self.path(inner, back, &mut before);
            }
        }
        at.push(turned(path.clone(), back));
    }

    /// Reads of a query. A pattern at `$this` or `$value` is around it, and so is one at a variable
    /// that a required pattern of the outermost group ties to `$this`; others are anywhere.
    fn query(&mut self, shape: &Shape, query: &Query, focus: &[Path], values: &[Path]) {
        let ties = self.ties(pattern_of(query), focus);
        let outer = outermost(pattern_of(query));
        let mut all: Vec<(&TriplePattern, bool)> = Vec::new();
        let mut paths = Vec::new();
        visit_patterns(pattern_of(query), &mut |pattern| match pattern {
            GraphPattern::Bgp { patterns } => {
                let tied = outer.iter().any(|o| std::ptr::eq(*o, pattern));
                all.extend(patterns.iter().map(|t| (t, tied)));
            }
            GraphPattern::Path { subject, path, .. } => paths.push((subject, path)),
            _ => {}
        });
        for (triple, tied) in all {
            let read = self.triple(triple, focus, values, if tied { &ties } else { &[] });
            self.add(read);
        }
        for (subject, path) in paths {
            let own = shape.path.as_ref().map(|(p, _)| p).filter(|p| p.expression(&self.shapes.graph) == *path);
            let mut named = Vec::new();
            match (own, place(subject)) {
                (Some(own), Some("this")) => self.path(own, false, &mut focus.to_vec()),
                _ if predicates(path, &mut named) => {
                    for n in named {
                        let predicate = self.word(n.as_str());
                        self.add(Read { predicate, ..Read::ANYTHING });
                    }
                }
                _ => self.add(Read::ANYTHING),
            }
        }
    }

    fn triple(&self, triple: &TriplePattern, focus: &[Path], values: &[Path], ties: &[(Variable, Vec<Path>)]) -> Read {
        let predicate = match &triple.predicate {
            NamedNodePattern::NamedNode(n) => self.word(n.as_str()).filter(|_| !n.as_str().starts_with(PLACE)),
            NamedNodePattern::Variable(_) => None,
        };
        let object = constant(&triple.object).and_then(|t| self.dictionary.id(t.as_ref()));
        let way = |term: &TermPattern| match (place(term), term) {
            (Some("this"), _) => Some(focus.to_vec()),
            (Some("value"), _) => Some(values.to_vec()),
            (_, TermPattern::Variable(v)) => ties.iter().find(|(tied, _)| tied == v).map(|(_, way)| way.clone()),
            _ => None,
        };
        match (way(&triple.subject), way(&triple.object)) {
            (Some(prefix), _) => Read { prefix: Some(prefix), back: false, predicate, object },
            (None, Some(prefix)) => Read { prefix: Some(prefix), back: true, predicate, object },
            (None, None) => Read { prefix: None, back: false, predicate, object },
        }
    }

    /// Variables that every solution ties to `$this` by one triple.
    fn ties(&self, pattern: &GraphPattern, focus: &[Path]) -> Vec<(Variable, Vec<Path>)> {
        let mut ties = Vec::new();
        let mut groups = vec![pattern];
        while let Some(group) = groups.pop() {
            match group {
                GraphPattern::Project { inner, .. }
                | GraphPattern::Distinct { inner }
                | GraphPattern::Reduced { inner }
                | GraphPattern::Filter { inner, .. } => groups.push(inner),
                GraphPattern::Bgp { patterns } => {
                    for triple in patterns {
                        let NamedNodePattern::NamedNode(n) = &triple.predicate else { continue };
                        let Some(p) = self.word(n.as_str()).map(Path::Predicate) else { continue };
                        let (variable, step) = match (&triple.subject, &triple.object) {
                            (s, TermPattern::Variable(v)) if place(s) == Some("this") => (v, p),
                            (TermPattern::Variable(v), o) if place(o) == Some("this") => {
                                (v, Path::Inverse(Box::new(p)))
                            }
                            _ => continue,
                        };
                        let mut way = focus.to_vec();
                        way.push(step);
                        ties.push((variable.clone(), way));
                    }
                }
                _ => {}
            }
        }
        ties
    }
}

/// Basic patterns in which tied variables stand for what they are tied to: that of the outermost
/// group itself, and those directly inside `EXISTS` of its filters.
fn outermost(pattern: &GraphPattern) -> Vec<&GraphPattern> {
    match pattern {
        // A subquery has variables of its own, so only one projection is passed.
        GraphPattern::Project { inner, .. } | GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
            if matches!(pattern, GraphPattern::Project { .. }) && matches!(**inner, GraphPattern::Project { .. }) {
                return Vec::new();
            }
            outermost(inner)
        }
        GraphPattern::Filter { expr, inner } => {
            let mut all = outermost(inner);
            if !all.is_empty() {
                exists_in(expr, &mut all);
            }
            all
        }
        GraphPattern::Bgp { .. } => vec![pattern],
        _ => Vec::new(),
    }
}

fn exists_in<'a>(e: &'a Expression, all: &mut Vec<&'a GraphPattern>) {
    match e {
        Expression::Exists(pattern) => {
            if let GraphPattern::Bgp { .. } = **pattern {
                all.push(pattern);
            }
        }
        Expression::Not(a) => exists_in(a, all),
        Expression::And(a, b) | Expression::Or(a, b) => {
            exists_in(a, all);
            exists_in(b, all);
        }
        _ => {}
    }
}

/// Name of the variable whose place a term is.
fn place(term: &TermPattern) -> Option<&str> {
    match term {
        TermPattern::NamedNode(n) => n.as_str().strip_prefix(PLACE),
        _ => None,
    }
}

fn turned(path: Path, back: bool) -> Path {
    if back { Path::Inverse(Box::new(path)) } else { path }
}

/// Predicates of a path; false when it reads others than the named.
fn predicates<'a>(path: &'a PropertyPathExpression, all: &mut Vec<&'a oxrdf::NamedNode>) -> bool {
    use PropertyPathExpression as P;
    match path {
        P::NamedNode(n) => {
            all.push(n);
            true
        }
        P::Reverse(a) | P::ZeroOrMore(a) | P::OneOrMore(a) | P::ZeroOrOne(a) => predicates(a, all),
        P::Sequence(a, b) | P::Alternative(a, b) => predicates(a, all) && predicates(b, all),
        P::NegatedPropertySet(_) => false,
    }
}
