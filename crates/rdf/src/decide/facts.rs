//! What the decision asks of the ontology, compiled once: one table look-up per claim.

use std::collections::{HashMap, HashSet};

use oxrdf::TermRef;

use super::number::Number;
use super::words::{lic, owl, rdf, rdfs};
use crate::store::{Store, Triples};
use crate::term::{TermId, Triple};

/// Objects of (s, p, ·) in the closure.
pub(crate) fn objects(store: &dyn Triples, s: TermId, p: TermId) -> impl Iterator<Item = TermId> + '_ {
    store.matching(Some(s), Some(p), None).map(|t| t[2])
}

/// Subjects of (·, p, o) in the closure.
pub(crate) fn subjects(store: &dyn Triples, p: TermId, o: TermId) -> impl Iterator<Item = TermId> + '_ {
    store.matching(None, Some(p), Some(o)).map(|t| t[0])
}

fn with(store: &dyn Triples, p: TermId) -> impl Iterator<Item = Triple> + '_ {
    store.matching(None, Some(p), None)
}

/// Characteristics of one predicate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Predicate {
    pub functional: bool,
    pub inverse_functional: bool,
    pub irreflexive: bool,
    pub asymmetric: bool,
    /// Classes for whose members all values are known.
    pub complete_for: Vec<TermId>,
    /// Asserted domains of the predicate and of everything above it.
    pub domains: Vec<TermId>,
    /// Asserted ranges, likewise.
    pub ranges: Vec<TermId>,
    /// Relative tolerance for numbers.
    pub tolerance: Option<Number>,
    /// The unit of its numbers.
    pub unit: Option<String>,
}

/// Sets one characteristic.
type Mark = fn(&mut Predicate);

/// Compiled facts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub rdf_type: Option<TermId>,
    pub same_as: Option<TermId>,
    pub sub_class: Option<TermId>,
    predicates: HashMap<TermId, Predicate>,
    disjoint: HashMap<TermId, Vec<TermId>>,
    negative: HashSet<[TermId; 3]>,
    classes: HashSet<TermId>,
    properties: HashSet<TermId>,
}

impl Facts {
    /// From the asserted triples and their closure.
    pub fn compile(store: &Store) -> Self {
        let code = |iri: &str| store.dictionary().iri(iri);
        let mut facts = Facts {
            rdf_type: code(rdf::TYPE),
            same_as: code(owl::SAME_AS),
            sub_class: code(rdfs::SUB_CLASS_OF),
            ..Facts::default()
        };
        facts.marks(store);
        facts.ends(store);
        facts.ours(store);
        facts.disjointness(store);
        facts.negatives(store);
        facts.kinds(store);
        facts
    }

    fn marks(&mut self, store: &Store) {
        let marks: [(&str, Mark); 4] = [
            (owl::FUNCTIONAL, |p| p.functional = true),
            (owl::INVERSE_FUNCTIONAL, |p| p.inverse_functional = true),
            (owl::IRREFLEXIVE, |p| p.irreflexive = true),
            (owl::ASYMMETRIC, |p| p.asymmetric = true),
        ];
        for (class, mark) in marks {
            if let (Some(kind), Some(t)) = (store.dictionary().iri(class), self.rdf_type) {
                for p in subjects(store, t, kind) {
                    mark(self.predicates.entry(p).or_default());
                }
            }
        }
    }

    /// Domains and ranges of a predicate and of everything above it.
    fn ends(&mut self, store: &Store) {
        let code = |iri: &str| store.dictionary().iri(iri);
        let sub = code(rdfs::SUB_PROPERTY_OF);
        for (word, is_domain) in [(code(rdfs::DOMAIN), true), (code(rdfs::RANGE), false)] {
            let Some(word) = word else { continue };
            for [property, _, class] in with(&store.asserted(), word) {
                let below = sub.into_iter().flat_map(|sub| subjects(store, sub, property));
                for p in below.chain([property]) {
                    let predicate = self.predicates.entry(p).or_default();
                    let list = if is_domain { &mut predicate.domains } else { &mut predicate.ranges };
                    if !list.contains(&class) {
                        list.push(class);
                    }
                }
            }
        }
    }

    /// `completeFor`, `relativeTolerance` and `unit`.
    fn ours(&mut self, store: &Store) {
        let dictionary = store.dictionary();
        if let Some(word) = dictionary.iri(lic::COMPLETE_FOR) {
            for [p, _, class] in with(store, word) {
                self.predicates.entry(p).or_default().complete_for.push(class);
            }
        }
        if let Some(word) = dictionary.iri(lic::RELATIVE_TOLERANCE) {
            for [p, _, value] in with(store, word) {
                let number = match dictionary.term(value) {
                    TermRef::Literal(literal) => Number::of(literal),
                    _ => None,
                };
                let predicate = self.predicates.entry(p).or_default();
                // Several tolerances: the strictest counts, whatever the order of triples.
                predicate.tolerance = match (predicate.tolerance, number) {
                    (Some(a), Some(b)) => Some(if a.compare(b).is_le() { a } else { b }),
                    (a, b) => a.or(b),
                };
            }
        }
        if let Some(word) = dictionary.iri(lic::UNIT) {
            for [p, _, value] in with(store, word) {
                let text = lexical(dictionary.term(value)).to_owned();
                let unit = &mut self.predicates.entry(p).or_default().unit;
                if unit.as_ref().is_none_or(|u| text < *u) {
                    *unit = Some(text);
                }
            }
        }
    }

    fn disjointness(&mut self, store: &Store) {
        let code = |iri: &str| store.dictionary().iri(iri);
        let mut pair = |a: TermId, b: TermId| {
            self.disjoint.entry(a).or_default().push(b);
            self.disjoint.entry(b).or_default().push(a);
        };
        if let Some(word) = code(owl::DISJOINT_WITH) {
            with(store, word).for_each(|[a, _, b]| pair(a, b));
        }
        if let (Some(t), Some(kind), Some(word)) = (self.rdf_type, code(owl::ALL_DISJOINT_CLASSES), code(owl::MEMBERS))
        {
            for node in subjects(store, t, kind) {
                for list in objects(store, node, word) {
                    let members = members(store, list);
                    for (i, &a) in members.iter().enumerate() {
                        members[i + 1..].iter().for_each(|&b| pair(a, b));
                    }
                }
            }
        }
        self.disjoint.values_mut().for_each(|list| {
            list.sort_unstable();
            list.dedup();
        });
    }

    fn negatives(&mut self, store: &Store) {
        let code = |iri: &str| store.dictionary().iri(iri);
        let (Some(source), Some(property)) = (code(owl::SOURCE_INDIVIDUAL), code(owl::ASSERTION_PROPERTY)) else {
            return;
        };
        for target in [code(owl::TARGET_INDIVIDUAL), code(owl::TARGET_VALUE)].into_iter().flatten() {
            for [node, _, o] in with(store, target) {
                for s in objects(store, node, source) {
                    for p in objects(store, node, property) {
                        self.negative.insert([s, p, o]);
                    }
                }
            }
        }
    }

    /// What is a class and what is a property.
    fn kinds(&mut self, store: &Store) {
        let code = |iri: &str| store.dictionary().iri(iri);
        if let Some(sub) = self.sub_class {
            self.classes.extend(with(store, sub).flat_map(|[a, _, b]| [a, b]));
        }
        let Some(t) = self.rdf_type else { return };
        self.classes.extend(with(store, t).map(|[_, _, class]| class));
        for class in [owl::CLASS, rdfs::CLASS] {
            if let Some(class) = code(class) {
                self.classes.extend(subjects(store, t, class));
            }
        }
        for name in ["ObjectProperty", "DatatypeProperty", "AnnotationProperty"] {
            if let Some(kind) = code(&format!("http://www.w3.org/2002/07/owl#{name}")) {
                self.properties.extend(subjects(store, t, kind));
            }
        }
        self.properties.extend(self.predicates.keys().copied());
    }

    /// Characteristics of a predicate, if it has any.
    pub fn of(&self, predicate: Option<TermId>) -> Option<&Predicate> {
        self.predicates.get(&predicate?)
    }

    /// Are two classes declared disjoint?
    pub fn are_disjoint(&self, a: TermId, b: TermId) -> bool {
        self.disjoint.get(&a).is_some_and(|list| list.binary_search(&b).is_ok())
    }

    /// Is the triple denied by a negative property assertion?
    pub fn is_negative(&self, triple: [TermId; 3]) -> bool {
        self.negative.contains(&triple)
    }

    /// Is there a negative property assertion at all?
    pub fn denies(&self) -> bool {
        !self.negative.is_empty()
    }

    /// Is the term used as a class?
    pub fn is_class(&self, id: TermId) -> bool {
        self.classes.contains(&id)
    }

    /// Is the term declared a property?
    pub fn is_property(&self, id: TermId) -> bool {
        self.properties.contains(&id)
    }
}

/// The text of a term: an IRI, a label of a blank node, a lexical form.
pub(crate) fn lexical(term: TermRef<'_>) -> &str {
    match term {
        TermRef::NamedNode(n) => n.as_str(),
        TermRef::BlankNode(b) => b.as_str(),
        TermRef::Literal(l) => l.value(),
    }
}

fn members(store: &Store, mut list: TermId) -> Vec<TermId> {
    let code = |iri: &str| store.dictionary().iri(iri);
    let (Some(first), Some(rest)) = (code(rdf::FIRST), code(rdf::REST)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // A list cannot be longer than the graph; a cycle ends there.
    while found.len() <= store.len() {
        let Some(member) = objects(store, list, first).next() else { break };
        found.push(member);
        let Some(next) = objects(store, list, rest).next() else { break };
        list = next;
    }
    found
}
