//! The decision procedure on claims whose terms are known.

use oxrdf::{NamedNode, TermRef};
use suffit_core::Error;

use super::claim::Op;
use super::decision::{Decision, Reason, ShapeFinding, Verdict};
use super::facts::{Facts, Predicate, lexical, objects, subjects};
use super::literal::{Match, Probe};
use super::number::Number;
use crate::ground::{Lexicon, LexiconOptions};
use crate::reason::Closure;
use crate::store::{Store, Triples};
use crate::term::{Kind, TermId, Triple};

/// Validation of a claim against shapes: what the claim breaks and the graph alone does not.
pub trait ShapeCheck: Send + Sync {
    /// Violations of asserted graph + claim, keyed (focus node, component, path, value), that the
    /// asserted graph does not have; sorted.
    ///
    /// # Errors
    /// Limits of time or memory, failures of SPARQL constraints.
    fn new_violations(&self, store: &Store, claim: [TermRef<'_>; 3]) -> Result<Vec<ShapeFinding>, Error>;
}

/// What an ambiguous claim needs for a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingRule {
    /// One licensed reading; the decision lists it.
    #[default]
    Any,
    /// Every reading licensed.
    All,
}

/// Settings of an oracle.
#[derive(Debug, Clone, Copy, Default)]
pub struct OracleOptions {
    /// What an ambiguous claim needs.
    pub readings: ReadingRule,
    /// Whether near names may ground a mention without exact name. Off: they are only proposed.
    pub fuzzy_license: bool,
}

/// Where the triples come from.
enum Graph {
    /// Closed here: every derived triple has a justification.
    Closed(Box<Closure>),
    /// Closed elsewhere: no proofs.
    Plain(Box<Store>),
}

/// A graph, its closure, its shapes and its names, ready to decide claims. Threads may share it.
pub struct Oracle {
    graph: Graph,
    pub(crate) facts: Facts,
    pub(crate) lexicon: Lexicon,
    pub(crate) shapes: Option<Box<dyn ShapeCheck>>,
    pub(crate) options: OracleOptions,
}

impl Graph {
    fn store(&self) -> &Store {
        match self {
            Graph::Closed(closure) => closure.store(),
            Graph::Plain(store) => store,
        }
    }
}

/// A claim with IRIs and a literal, its codes looked up where the graph knows them.
pub(crate) struct Grounded {
    pub s: Option<TermId>,
    pub p: Option<TermId>,
    pub subject: NamedNode,
    pub predicate: NamedNode,
    pub object: Thing,
    pub op: Op,
    pub negated: bool,
}

/// The object of a grounded claim.
pub(crate) enum Thing {
    Node(NamedNode, Option<TermId>),
    Value(Probe, Option<TermId>),
}

/// What the procedure found, in codes.
#[derive(Default)]
pub(crate) struct Findings {
    /// The triple of the closure that makes the claim true.
    pub entailed: Option<Triple>,
    /// Reasons against, each with a triple of the closure where there is one.
    pub against: Vec<(Reason, Option<Triple>)>,
    pub shapes: Vec<ShapeFinding>,
    /// Verdict of a comparison; it bypasses the rest.
    pub comparison: Option<(Verdict, Reason)>,
}

impl Findings {
    fn add(&mut self, reason: Reason, triple: Option<Triple>) {
        if !self.against.iter().any(|(r, _)| *r == reason) {
            self.against.push((reason, triple));
        }
    }
}

impl Oracle {
    /// Compiles the ontology and reads the names of a closed graph.
    ///
    /// Cost: one pass over the triples of the vocabulary and of the names.
    pub fn new(closure: Closure, options: OracleOptions) -> Oracle {
        Oracle::over(Graph::Closed(Box::new(closure)), options)
    }

    /// The same over a graph whose derived layer was computed elsewhere; there are no proofs.
    pub fn of_store(store: Store, options: OracleOptions) -> Oracle {
        Oracle::over(Graph::Plain(Box::new(store)), options)
    }

    fn over(graph: Graph, options: OracleOptions) -> Oracle {
        let store = graph.store();
        let facts = Facts::compile(store);
        let lexicon = Lexicon::of(&store.asserted(), &LexiconOptions::default());
        Oracle { graph, facts, lexicon, shapes: None, options }
    }

    /// With shapes.
    pub fn with_shapes(mut self, shapes: Box<dyn ShapeCheck>) -> Oracle {
        self.shapes = Some(shapes);
        self
    }

    /// With another lexicon.
    pub fn with_lexicon(mut self, lexicon: Lexicon) -> Oracle {
        self.lexicon = lexicon;
        self
    }

    /// The graph: asserted triples and what they entail.
    pub fn store(&self) -> &Store {
        self.graph.store()
    }

    /// The closure with its justifications, if it was computed here.
    pub fn closure(&self) -> Option<&Closure> {
        match &self.graph {
            Graph::Closed(closure) => Some(closure),
            Graph::Plain(_) => None,
        }
    }

    /// The names.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    pub(crate) fn values(&self, claim: &Grounded) -> impl Iterator<Item = TermId> + '_ {
        claim.s.zip(claim.p).into_iter().flat_map(|(s, p)| objects(self.store(), s, p))
    }

    /// Steps 1 to 7.
    pub(crate) fn decide(&self, claim: &Grounded) -> Result<Findings, Error> {
        let mut found = Findings::default();
        if !matches!(claim.op, Op::Eq | Op::Ne) {
            self.comparison(claim, &mut found);
            return Ok(found);
        }
        let none = Predicate::default();
        let predicate = self.facts.of(claim.p).unwrap_or(&none);
        match &claim.object {
            Thing::Value(probe, id) => self.value(claim, probe, *id, predicate, &mut found),
            Thing::Node(iri, o) => self.node(claim, iri, *o, predicate, &mut found),
        }
        self.ends(claim, predicate, &mut found);
        if found.entailed.is_none()
            && let Some(shapes) = &self.shapes
        {
            let object: TermRef<'_> = match &claim.object {
                Thing::Node(iri, _) => iri.as_ref().into(),
                Thing::Value(probe, _) => probe.term.as_ref().into(),
            };
            let triple = [claim.subject.as_ref().into(), claim.predicate.as_ref().into(), object];
            found.shapes = shapes.new_violations(self.store(), triple)?;
            if !found.shapes.is_empty() {
                found.add(Reason::Shape, None);
            }
        }
        Ok(found)
    }

    /// Step 2: a comparison holds when it holds for every numeric value.
    fn comparison(&self, claim: &Grounded, found: &mut Findings) {
        let mine = match &claim.object {
            Thing::Value(probe, _) => probe.number,
            Thing::Node(..) => None,
        };
        let (mut first, mut holds, mut fails) = (None, true, None);
        for v in self.values(claim) {
            let Some(number) = self.number(v) else { continue };
            first = first.or(Some(v));
            if mine.is_some_and(|m| !claim.op.holds(number.compare(m))) {
                holds = false;
                fails = fails.or(Some(v));
            }
        }
        let triple = |v: Option<TermId>| claim.s.zip(claim.p).zip(v).map(|((s, p), v)| [s, p, v]);
        found.comparison = Some(if first.is_none() || mine.is_none() {
            (Verdict::Unknown, Reason::NoValue)
        } else if holds {
            found.entailed = triple(first);
            (Verdict::Licensed, Reason::Comparison)
        } else if self.facts.of(claim.p).is_some_and(|p| p.functional) {
            found.add(Reason::Comparison, triple(fails));
            (Verdict::Refuted, Reason::Comparison)
        } else {
            (Verdict::Unknown, Reason::ComparisonMulti)
        });
    }

    fn number(&self, value: TermId) -> Option<Number> {
        match self.store().dictionary().get(value)? {
            TermRef::Literal(literal) => Number::of(literal),
            _ => None,
        }
    }

    /// Step 3, with dates. A blank node is some value: it neither equals nor contradicts a claim.
    fn value(&self, claim: &Grounded, probe: &Probe, id: Option<TermId>, predicate: &Predicate, found: &mut Findings) {
        let (Some(s), Some(p)) = (claim.s, claim.p) else { return };
        let dictionary = self.store().dictionary();
        let (mut other, mut open) = (None, false);
        for v in objects(self.store(), s, p).filter(|v| dictionary.kind(*v) != Some(Kind::Blank)) {
            let compared = match dictionary.term(v) {
                TermRef::Literal(literal) => probe.against(literal, predicate.tolerance),
                _ => Match::Other,
            };
            match compared {
                Match::Same => found.entailed = found.entailed.or(Some([s, p, v])),
                Match::Other => other = other.or(Some([s, p, v])),
                Match::Open => open = true,
            }
        }
        if predicate.functional && other.is_some() {
            match found.entailed {
                Some(_) => found.add(Reason::FunctionalInKg, other),
                None if !open => found.add(Reason::Functional, other),
                None => {}
            }
        }
        if id.is_some_and(|o| self.facts.is_negative([s, p, o])) {
            found.add(Reason::NegativeAssertion, None);
        }
    }

    /// Step 4.
    fn node(&self, claim: &Grounded, iri: &NamedNode, o: Option<TermId>, predicate: &Predicate, found: &mut Findings) {
        let Some(p) = claim.p else { return };
        let s = claim.s;
        found.entailed = s.zip(o).map(|(s, o)| [s, p, o]).filter(|t| self.store().contains(*t));
        if predicate.irreflexive && (claim.subject == *iri || s.zip(o).is_some_and(|(a, b)| self.same(a, b))) {
            found.add(Reason::Irreflexive, None);
        }
        if let Some(s) = s {
            let kind = |v: TermId| self.store().dictionary().kind(v);
            let differs = |v: &TermId| kind(*v) != Some(Kind::Blank) && !o.is_some_and(|o| self.same(*v, o));
            if predicate.functional
                && let Some(v) = objects(self.store(), s, p).find(differs)
            {
                found.add(Reason::Functional, Some([s, p, v]));
            }
            if found.entailed.is_none()
                && let Some(t) = self.facts.rdf_type
                && let Some(&k) = predicate.complete_for.iter().find(|&&k| self.store().contains([s, t, k]))
            {
                found.add(Reason::ClosedWorldComplete, Some([s, t, k]));
            }
        }
        if let Some(o) = o
            && predicate.inverse_functional
        {
            let differs = |x: &TermId| {
                self.store().dictionary().kind(*x) != Some(Kind::Blank) && !s.is_some_and(|s| self.same(*x, s))
            };
            if let Some(x) = subjects(self.store(), p, o).find(differs) {
                found.add(Reason::InverseFunctional, Some([x, p, o]));
            }
        }
        if let (Some(s), Some(o)) = (s, o) {
            if predicate.asymmetric && self.store().contains([o, p, s]) {
                found.add(Reason::Asymmetric, Some([o, p, s]));
            }
            if self.facts.denies() && self.facts.is_negative([s, p, o]) {
                found.add(Reason::NegativeAssertion, None);
            }
            self.class(s, p, o, found);
        }
    }

    /// P = rdf:type: a type of S is disjoint with the class or with a class above it.
    fn class(&self, s: TermId, p: TermId, o: TermId, found: &mut Findings) {
        if Some(p) != self.facts.rdf_type {
            return;
        }
        let above = self.facts.sub_class.into_iter().flat_map(|sub| objects(self.store(), o, sub));
        for class in [o].into_iter().chain(above) {
            if let Some(kind) = objects(self.store(), s, p).find(|&kind| self.facts.are_disjoint(kind, class)) {
                found.add(Reason::DisjointClass, Some([s, p, kind]));
            }
        }
    }

    /// Step 5: domains and ranges of P and of everything above it, against the types of S and O.
    fn ends(&self, claim: &Grounded, predicate: &Predicate, found: &mut Findings) {
        let Some(t) = self.facts.rdf_type.filter(|t| claim.p != Some(*t)) else { return };
        let mut check = |node: Option<TermId>, classes: &[TermId], reason| {
            let Some(node) = node else { return };
            for &class in classes {
                if let Some(kind) = objects(self.store(), node, t).find(|&k| self.facts.are_disjoint(k, class)) {
                    found.add(reason, Some([node, t, kind]));
                }
            }
        };
        check(claim.s, &predicate.domains, Reason::DisjointDomain);
        if let Thing::Node(_, o) = claim.object {
            check(o, &predicate.ranges, Reason::DisjointRange);
        }
    }

    /// Step 7: the verdict from what was found; negation swaps licensed and refuted.
    pub(crate) fn conclude(&self, claim: &Grounded, found: &Findings) -> Decision {
        let mut reasons: Vec<Reason> = found.against.iter().map(|(r, _)| *r).collect();
        reasons.sort_unstable();
        let verdict = match (found.comparison, found.entailed.is_some(), reasons.is_empty()) {
            (Some((verdict, reason)), ..) => {
                reasons = vec![reason];
                verdict
            }
            (None, true, false) => Verdict::Conflict,
            (None, true, true) => {
                reasons = vec![Reason::Entailed];
                Verdict::Licensed
            }
            (None, false, false) => Verdict::Refuted,
            (None, false, true) => {
                let known = self.knows(claim.s)
                    && match &claim.object {
                        Thing::Node(_, o) => self.knows(*o),
                        Thing::Value(..) => true,
                    };
                reasons = vec![if known { Reason::NoEvidence } else { Reason::UnknownEntity }];
                Verdict::Unknown
            }
        };
        let corrects = |r: &Reason| match r {
            Reason::Functional | Reason::FunctionalInKg | Reason::ClosedWorldComplete => true,
            Reason::Comparison => verdict == Verdict::Refuted,
            _ => false,
        };
        let negated = claim.negated != (claim.op == Op::Ne);
        let last = if negated { verdict.negate() } else { verdict };
        let corrected = last != Verdict::Licensed && reasons.iter().any(corrects);
        let correction = if corrected { self.shown(claim) } else { Vec::new() };
        let plain = Decision::plain(last, Reason::NoEvidence);
        Decision { reasons, correction, shapes: found.shapes.clone(), ..plain }
    }

    /// Does the term occur in the asserted graph as a subject or as an object?
    fn knows(&self, id: Option<TermId>) -> bool {
        let asserted = self.store().asserted();
        let any = |s, o| asserted.matching(s, None, o).next().is_some();
        id.is_some_and(|id| any(Some(id), None) || any(None, Some(id)))
    }

    pub(crate) fn same(&self, a: TermId, b: TermId) -> bool {
        a == b || self.facts.same_as.is_some_and(|p| self.store().contains([a, p, b]))
    }

    /// Lexical forms of the values that can be named, sorted, each once.
    fn shown(&self, claim: &Grounded) -> Vec<String> {
        let dictionary = self.store().dictionary();
        let named = self.values(claim).filter(|v| dictionary.kind(*v) != Some(Kind::Blank));
        let mut shown: Vec<String> = named.map(|v| lexical(dictionary.term(v)).to_owned()).collect();
        shown.sort();
        shown.dedup();
        shown
    }

    /// A triple as three N-Triples terms.
    pub(crate) fn text(&self, triple: Triple) -> [String; 3] {
        triple.map(|id| self.store().dictionary().term(id).to_string())
    }
}
