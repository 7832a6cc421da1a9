//! From a shapes graph to compiled shapes.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use oxrdf::{BlankNodeRef, TermRef};

use super::error::ShaclError;
use super::path::Path;
use super::terms::Terms;
use super::words::{SH, sh};
use super::words::{owl, rdf, rdfs};
use super::{Bound, Check, MAX_DEPTH, NodeKinds, Shape, ShapeId, Target};
use crate::sparql::Limits;
use crate::store::{Store, Triples};
use crate::term::{Kind, TermId, Triple};

/// Reads the shapes graph.
pub(crate) struct Reader<'a> {
    pub graph: &'a Store,
}

impl Reader<'_> {
    pub fn word(&self, name: &str) -> Option<TermId> {
        self.graph.dictionary().iri(&sh(name))
    }

    /// Objects of (node, sh:name, ·).
    pub fn all(&self, node: TermId, name: &str) -> Vec<TermId> {
        self.word(name).map(|p| self.graph.objects(node, p).collect()).unwrap_or_default()
    }

    pub fn one(&self, node: TermId, name: &str) -> Option<TermId> {
        self.all(node, name).first().copied()
    }

    pub fn has(&self, node: TermId, name: &str) -> bool {
        !self.all(node, name).is_empty()
    }

    /// Members of an RDF list; nothing when `node` is no list.
    pub fn list(&self, mut node: TermId) -> Option<Vec<TermId>> {
        let code = |iri: &str| self.graph.dictionary().iri(iri);
        let nil = code(rdf::NIL);
        if Some(node) == nil {
            return Some(Vec::new());
        }
        let (first, rest) = (code(rdf::FIRST)?, code(rdf::REST)?);
        let mut members = Vec::new();
        while Some(node) != nil {
            members.push(self.graph.objects(node, first).next()?);
            node = self.graph.objects(node, rest).next()?;
            if members.len() > 1_000_000 {
                return None; // a cycle
            }
        }
        Some(members)
    }

    pub fn ill(&self, node: TermId, key: &str, problem: &str) -> ShaclError {
        ShaclError::Shape { shape: self.graph.term(node).to_string(), key: key.to_owned(), problem: problem.to_owned() }
    }

    pub fn is_true(&self, node: TermId, name: &str) -> bool {
        self.one(node, name).and_then(|v| self.graph.literal(v)).is_some_and(|l| matches!(l.value, "true" | "1"))
    }
}

/// How shapes are read and queries run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Bind what the shapes declare anywhere and the prefixes of RDF, RDFS, OWL, XSD and SHACL in
    /// queries that use them undeclared; otherwise that is [`ShaclError::UndeclaredPrefix`].
    pub lenient_prefixes: bool,
    /// Bounds of each query.
    pub limits: Limits,
}

/// Shapes, ready to validate graphs over one dictionary.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// The shapes graph over the codes of the data.
    pub(crate) graph: Store,
    pub(crate) shapes: Vec<Shape>,
    /// Positions of the shapes that have targets.
    pub(crate) roots: Vec<ShapeId>,
    pub(crate) limits: Limits,
}

pub(crate) struct Compiler<'a> {
    pub reader: Reader<'a>,
    pub lenient: bool,
    pub shapes: Vec<Shape>,
    known: HashMap<TermId, ShapeId>,
    depth: usize,
    pub components: Vec<super::component::Component>,
}

impl Shapes {
    /// Compiles every shape that has a target, with all that it refers to.
    ///
    /// The terms of `graph`, which may have a dictionary of its own, get codes in `data`, so that
    /// terms compare by code; no triple is added there. Blank nodes of the shapes stay apart from
    /// those of the data. Load the data first: terms that come later than the shapes cost more.
    ///
    /// Cost: `O(n log n)` in the triples of the shapes.
    ///
    /// # Errors
    /// [`ShaclError::Shape`] names the shape, the parameter and what is wrong with it,
    /// [`ShaclError::UndeclaredPrefix`], [`ShaclError::TooDeep`], [`ShaclError::Store`].
    pub fn compile(data: &mut Store, graph: &dyn Triples, options: Options) -> Result<Self, ShaclError> {
        let graph = adopt(data, graph)?;
        let reader = Reader { graph: &graph };
        let components = super::component::read(&reader)?;
        let mut compiler = Compiler {
            reader,
            lenient: options.lenient_prefixes,
            shapes: Vec::new(),
            known: HashMap::new(),
            depth: 0,
            components,
        };
        let mut roots = Vec::new();
        for node in compiler.with_targets() {
            roots.push(compiler.shape(node)?);
        }
        let shapes = compiler.shapes;
        super::reads::know_constants(data, &shapes)?;
        Ok(Shapes { graph, shapes, roots, limits: options.limits })
    }

    /// True when no shape has a target.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Number of compiled shapes.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }
}

/// The shapes graph over the codes of the data.
fn adopt(data: &mut Store, graph: &dyn Triples) -> Result<Store, ShaclError> {
    let all: Vec<Triple> = graph.matching(None, None, None).collect();
    let mut codes: HashMap<TermId, TermId> = HashMap::new();
    let scope = scope(data, graph, &all);
    for &id in all.iter().flatten() {
        if let Entry::Vacant(free) = codes.entry(id) {
            let code = match graph.dictionary().term(id) {
                TermRef::BlankNode(b) => {
                    data.dictionary_mut().intern(BlankNodeRef::new_unchecked(&format!("{scope}{}", b.as_str())))?
                }
                other => data.dictionary_mut().intern(other)?,
            };
            free.insert(code);
        }
    }
    let triples = all.into_iter().map(|t| t.map(|id| codes[&id])).collect();
    Ok(Store::from_parts(data.dictionary().extended(), triples))
}

/// A start of labels that keeps the blank nodes of the shapes apart from those of the data.
fn scope(data: &Store, graph: &dyn Triples, all: &[Triple]) -> String {
    let labels: Vec<&str> = all
        .iter()
        .flatten()
        .filter_map(|&id| match graph.dictionary().term(id) {
            TermRef::BlankNode(b) => Some(b.as_str()),
            _ => None,
        })
        .collect();
    let mut number = 0;
    loop {
        let scope = format!("shapes{number}x");
        let taken = |l: &&str| data.dictionary().id(BlankNodeRef::new_unchecked(&format!("{scope}{l}"))).is_some();
        if !labels.iter().any(taken) {
            return scope;
        }
        number += 1;
    }
}

impl Compiler<'_> {
    /// Nodes with an explicit target, and classes that are shapes.
    fn with_targets(&self) -> Vec<TermId> {
        let mut nodes = Vec::new();
        for name in ["targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"] {
            if let Some(p) = self.reader.word(name) {
                nodes.extend(self.reader.graph.matching(None, Some(p), None).map(|t| t[0]));
            }
        }
        nodes.extend(self.implicit());
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Shapes that are classes too: they target their own instances.
    fn implicit(&self) -> Vec<TermId> {
        let graph = self.reader.graph;
        let code = |iri: &str| graph.dictionary().iri(iri);
        let Some(rdf_type) = code(rdf::TYPE) else { return Vec::new() };
        let is_shape = |n: &TermId| {
            ["NodeShape", "PropertyShape"]
                .iter()
                .any(|k| self.reader.word(k).is_some_and(|k| graph.contains([*n, rdf_type, k])))
                || ["property", "node", "sparql"].iter().any(|k| self.reader.has(*n, k))
        };
        let mut kinds: Vec<TermId> = [code(rdfs::CLASS), code(owl::CLASS)].into_iter().flatten().collect();
        if let (Some(sub), Some(class)) = (code(rdfs::SUB_CLASS_OF), code(rdfs::CLASS)) {
            kinds.extend(Path::ZeroOrMore(Box::new(Path::Inverse(Box::new(Path::Predicate(sub))))).eval(graph, class));
        }
        let mut nodes: Vec<TermId> = kinds.iter().flat_map(|&k| graph.subjects(rdf_type, k)).filter(is_shape).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// The compiled shape of a node; a shape that refers to itself is compiled once.
    pub fn shape(&mut self, node: TermId) -> Result<ShapeId, ShaclError> {
        if let Some(&id) = self.known.get(&node) {
            return Ok(id);
        }
        if self.depth >= MAX_DEPTH {
            return Err(ShaclError::TooDeep { shape: self.reader.graph.term(node).to_string(), limit: MAX_DEPTH });
        }
        let id = self.shapes.len();
        self.known.insert(node, id);
        let path = match self.reader.one(node, "path") {
            Some(p) => Some((Path::parse(&self.reader, p, 0)?, p)),
            None => None,
        };
        self.shapes.push(Shape {
            id: node,
            path,
            targets: self.targets(node),
            checks: Vec::new(),
            deactivated: self.reader.is_true(node, "deactivated"),
            severity: self.reader.one(node, "severity"),
            messages: self.reader.all(node, "message"),
        });
        self.depth += 1;
        let checks = self.checks(node);
        self.depth -= 1;
        self.shapes[id].checks = checks?;
        Ok(id)
    }

    fn targets(&self, node: TermId) -> Vec<Target> {
        let all = |name: &str, make: fn(TermId) -> Target| self.reader.all(node, name).into_iter().map(make).collect();
        let mut targets: Vec<Target> = all("targetNode", Target::Node);
        targets.extend::<Vec<_>>(all("targetClass", Target::Class));
        targets.extend::<Vec<_>>(all("targetSubjectsOf", Target::SubjectsOf));
        targets.extend::<Vec<_>>(all("targetObjectsOf", Target::ObjectsOf));
        if self.implicit().contains(&node) {
            targets.push(Target::Class(node));
        }
        targets
    }

    fn checks(&mut self, node: TermId) -> Result<Vec<Check>, ShaclError> {
        let mut checks = Vec::new();
        self.simple(node, &mut checks)?;
        self.logical(node, &mut checks)?;
        self.qualified(node, &mut checks)?;
        self.closed(node, &mut checks)?;
        self.sparql(node, &mut checks)?;
        self.custom(node, &mut checks)?;
        Ok(checks)
    }

    fn simple(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        let reader = &self.reader;
        let each =
            |name: &str, make: fn(TermId) -> Check| reader.all(node, name).into_iter().map(make).collect::<Vec<_>>();
        checks.extend(each("class", Check::Class));
        checks.extend(each("datatype", Check::Datatype));
        checks.extend(each("equals", Check::Equals));
        checks.extend(each("disjoint", Check::Disjoint));
        checks.extend(each("hasValue", Check::HasValue));
        checks.extend(each("lessThan", |p| Check::LessThan(p, false)));
        checks.extend(each("lessThanOrEquals", |p| Check::LessThan(p, true)));
        for (name, bound) in [
            ("minExclusive", Bound::MinExclusive),
            ("minInclusive", Bound::MinInclusive),
            ("maxExclusive", Bound::MaxExclusive),
            ("maxInclusive", Bound::MaxInclusive),
        ] {
            checks.extend(reader.all(node, name).into_iter().map(|v| Check::Range(bound, v)));
        }
        for (name, make) in [
            ("minCount", Check::MinCount as fn(u64) -> Check),
            ("maxCount", Check::MaxCount),
            ("minLength", Check::MinLength),
            ("maxLength", Check::MaxLength),
        ] {
            for value in reader.all(node, name) {
                checks.push(make(self.count(node, name, value)?));
            }
        }
        for value in reader.all(node, "nodeKind") {
            checks.push(Check::NodeKind(self.kinds(node, value)?));
        }
        for value in reader.all(node, "pattern") {
            checks.push(Check::Pattern(self.pattern(node, value)?));
        }
        for value in reader.all(node, "languageIn") {
            let list = reader.list(value).ok_or_else(|| reader.ill(node, "sh:languageIn", "is no list"))?;
            checks.push(Check::LanguageIn(list.iter().map(|&l| reader.graph.text(l).to_owned()).collect()));
        }
        // Only the literal `true` activates it; `1` does not (suite, uniqueLang-002).
        let exactly_true = |v: TermId| reader.graph.literal(v).is_some_and(|l| l.value == "true");
        if reader.one(node, "uniqueLang").is_some_and(exactly_true) {
            checks.push(Check::UniqueLang);
        }
        for value in reader.all(node, "in") {
            let list = reader.list(value).ok_or_else(|| reader.ill(node, "sh:in", "is no list"))?;
            checks.push(Check::In(list));
        }
        Ok(())
    }

    fn count(&self, node: TermId, name: &str, value: TermId) -> Result<u64, ShaclError> {
        let text = self.reader.graph.text(value);
        text.trim().parse().map_err(|_| {
            self.reader.ill(node, &format!("sh:{name}"), &format!("is `{text}`, expected a count of 0 or more"))
        })
    }

    fn kinds(&self, node: TermId, value: TermId) -> Result<NodeKinds, ShaclError> {
        let text = self.reader.graph.text(value);
        let kinds = |iri, blank, literal| Ok(NodeKinds { iri, blank, literal });
        match text.strip_prefix(SH).unwrap_or(text) {
            "IRI" => kinds(true, false, false),
            "BlankNode" => kinds(false, true, false),
            "Literal" => kinds(false, false, true),
            "BlankNodeOrIRI" => kinds(true, true, false),
            "BlankNodeOrLiteral" => kinds(false, true, true),
            "IRIOrLiteral" => kinds(true, false, true),
            other => Err(self.reader.ill(node, "sh:nodeKind", &format!("is `{other}`, which is no node kind"))),
        }
    }

    fn pattern(&self, node: TermId, value: TermId) -> Result<regex::Regex, ShaclError> {
        let flags = self.reader.one(node, "flags").map(|f| self.reader.graph.text(f).to_owned()).unwrap_or_default();
        let text = self.reader.graph.text(value);
        let text = if flags.contains('q') { regex::escape(text) } else { text.to_owned() };
        regex::RegexBuilder::new(&text)
            .case_insensitive(flags.contains('i'))
            .dot_matches_new_line(flags.contains('s'))
            .multi_line(flags.contains('m'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(1 << 22)
            .build()
            .map_err(|e| self.reader.ill(node, "sh:pattern", &format!("is not a regular expression we can run: {e}")))
    }

    fn logical(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        for (name, make) in
            [("not", Check::Not as fn(ShapeId) -> Check), ("node", Check::Node), ("property", Check::Property)]
        {
            for value in self.reader.all(node, name) {
                if name == "property" && !self.reader.has(value, "path") {
                    return Err(self.reader.ill(value, "sh:path", "is missing in a property shape"));
                }
                checks.push(make(self.shape(value)?));
            }
        }
        for (name, make) in [("and", Check::And as fn(Vec<ShapeId>) -> Check), ("or", Check::Or), ("xone", Check::Xone)]
        {
            for value in self.reader.all(node, name) {
                let list = self
                    .reader
                    .list(value)
                    .ok_or_else(|| self.reader.ill(node, &format!("sh:{name}"), "is no list"))?;
                let members = list.into_iter().map(|n| self.shape(n)).collect::<Result<_, _>>()?;
                checks.push(make(members));
            }
        }
        Ok(())
    }

    fn qualified(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        let count = |compiler: &Self, name: &str| -> Result<Option<u64>, ShaclError> {
            compiler.reader.one(node, name).map(|v| compiler.count(node, name, v)).transpose()
        };
        let min = count(self, "qualifiedMinCount")?;
        let max = count(self, "qualifiedMaxCount")?;
        for value in self.reader.all(node, "qualifiedValueShape") {
            let mut siblings = Vec::new();
            if self.reader.is_true(node, "qualifiedValueShapesDisjoint")
                && let Some(property) = self.reader.word("property")
            {
                for parent in self.reader.graph.subjects(property, node).collect::<Vec<_>>() {
                    for other in self.reader.all(parent, "property") {
                        siblings
                            .extend(self.reader.all(other, "qualifiedValueShape").into_iter().filter(|q| *q != value));
                    }
                }
                siblings.sort_unstable();
                siblings.dedup();
            }
            let shape = self.shape(value)?;
            let disjoint = siblings.into_iter().map(|n| self.shape(n)).collect::<Result<_, _>>()?;
            checks.push(Check::Qualified { shape, min, max, disjoint });
        }
        Ok(())
    }

    fn closed(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        if !self.reader.is_true(node, "closed") {
            return Ok(());
        }
        let mut allowed: Vec<TermId> = Vec::new();
        for property in self.reader.all(node, "property") {
            let path = self.reader.one(property, "path");
            allowed.extend(path.filter(|&p| self.reader.graph.kind(p) == Kind::Iri));
        }
        if let Some(list) = self.reader.one(node, "ignoredProperties") {
            let list =
                self.reader.list(list).ok_or_else(|| self.reader.ill(node, "sh:ignoredProperties", "is no list"))?;
            allowed.extend(list);
        }
        checks.push(Check::Closed { allowed });
        Ok(())
    }
}
