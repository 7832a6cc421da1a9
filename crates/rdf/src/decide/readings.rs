//! From claims to grounded claims: mentions, units, untyped values, and every combination of them.

use oxrdf::{Literal, NamedNode, NamedNodeRef, TermRef};
use oxsdatatypes::Decimal;
use suffit_core::Error;

use super::claim::{Claim, Node, Object};
use super::decision::{Decision, Reading, Reason, Verdict};
use super::facts::{Predicate, lexical, objects};
use super::literal::Probe;
use super::number::{Number, XSD};
use super::oracle::{Grounded, Oracle, ReadingRule, Thing};
use super::time::Stretch;
use crate::ground::{Unit, half_of_last_digit};
use crate::store::Triples;
use crate::term::TermId;

/// More readings than this are not decided: the claim is ambiguous.
pub const MOST_READINGS: usize = 16;
/// Names proposed for a mention that has none.
const MOST_SUGGESTIONS: usize = 5;

/// Why a claim has no reading.
pub(super) enum Miss {
    /// A mention without candidate.
    Mention(Vec<String>),
    /// The unit does not fit.
    Unit,
    /// More than [`MOST_READINGS`].
    TooMany,
}

impl Oracle {
    /// Decides a claim.
    ///
    /// Terms given by IRI are decided as they stand. A mention with several candidates is never
    /// resolved silently: every combination of the right kind is decided, and the claim is licensed
    /// if one reading is (or all are, by [`ReadingRule::All`]), refuted if all are, else unknown.
    /// The claim is never added to the closure.
    ///
    /// Cost: a few binary searches over the values of (S, P) and the types of S and O, no pass over
    /// the graph; with shapes also the constraints that the claim can reach. Deterministic.
    /// Source: specification, heading "Licensing decision".
    ///
    /// # Errors
    /// Those of the shapes (limits, failing SPARQL constraints); the claim itself is never an error.
    pub fn license(&self, claim: &Claim) -> Result<Decision, Error> {
        let readings = match self.readings(claim) {
            Ok(readings) => readings,
            Err(miss) => return Ok(missed(miss)),
        };
        if let [only] = readings.as_slice() {
            return Ok(self.conclude(only, &self.decide(only)?));
        }
        let mut decided = Vec::with_capacity(readings.len());
        for reading in &readings {
            decided.push((reading, self.conclude(reading, &self.decide(reading)?)));
        }
        Ok(self.combine(decided))
    }

    /// One verdict from those of all readings.
    fn combine(&self, decided: Vec<(&Grounded, Decision)>) -> Decision {
        let all = |verdict| decided.iter().all(|(_, d)| d.verdict == verdict);
        let licensed = match self.options.readings {
            ReadingRule::Any => decided.iter().any(|(_, d)| d.verdict == Verdict::Licensed),
            ReadingRule::All => all(Verdict::Licensed),
        };
        let verdict = if licensed {
            Verdict::Licensed
        } else if all(Verdict::Refuted) {
            Verdict::Refuted
        } else if all(Verdict::Conflict) {
            Verdict::Conflict
        } else {
            Verdict::Unknown
        };
        let mut decision = Decision::plain(verdict, Reason::Ambiguous);
        if verdict != Verdict::Unknown {
            decision.reasons.clear();
            for (_, d) in decided.iter().filter(|(_, d)| d.verdict == verdict) {
                decision.reasons.extend(&d.reasons);
                decision.correction.extend(d.correction.iter().cloned());
                decision.shapes.extend(d.shapes.iter().cloned());
            }
            decision.reasons.sort_unstable();
            decision.reasons.dedup();
            decision.correction.sort();
            decision.correction.dedup();
            decision.shapes.sort();
            decision.shapes.dedup();
        }
        let list = decided.into_iter();
        decision.readings =
            list.map(|(g, d)| Reading { claim: g.to_json(), verdict: d.verdict, reasons: d.reasons }).collect();
        decision
    }

    /// Every combination of candidates, in sorted order.
    pub(super) fn readings(&self, claim: &Claim) -> Result<Vec<Grounded>, Miss> {
        let predicates = self.named(&claim.predicate, |id| self.is_predicate(id))?;
        let subjects = self.named(&claim.subject, |id| !self.is_predicate(id))?;
        let mut out = Vec::new();
        for predicate in &predicates {
            let p = self.store().dictionary().iri(predicate.as_str());
            let is_type = p.is_some() && p == self.facts.rdf_type;
            let objects = match &claim.object {
                Object::Iri(iri) => vec![Object::Iri(iri.clone())],
                Object::Mention(m) => {
                    let kind = |id| self.facts.is_class(id) == is_type && !self.is_predicate(id);
                    self.named(&Node::Mention(m.clone()), kind)?.into_iter().map(Object::Iri).collect()
                }
                value => vec![value.clone()],
            };
            if out.len() + subjects.len() * objects.len() > MOST_READINGS {
                return Err(Miss::TooMany);
            }
            let none = Predicate::default();
            let facts = self.facts.of(p).unwrap_or(&none);
            for subject in self.fitting(&subjects, &facts.domains) {
                let s = self.store().dictionary().iri(subject.as_str());
                for object in self.fitting_objects(&objects, &facts.ranges) {
                    out.push(Grounded {
                        s,
                        p,
                        subject: subject.clone(),
                        predicate: predicate.clone(),
                        object: self.thing(object, claim.unit.as_deref(), s, p, facts)?,
                        op: claim.op,
                        negated: claim.negated,
                    });
                }
            }
        }
        Ok(out)
    }

    /// Candidates of a node; of several those of the right kind, if there are any.
    fn named(&self, node: &Node, right: impl Fn(TermId) -> bool) -> Result<Vec<NamedNode>, Miss> {
        let mention = match node {
            Node::Iri(iri) => return Ok(vec![iri.clone()]),
            Node::Mention(mention) => mention,
        };
        let mut found = self.lexicon.candidates(mention).to_vec();
        if found.is_empty() {
            let near = self.lexicon.near(mention, MOST_SUGGESTIONS);
            if !self.options.fuzzy_license || near.is_empty() {
                return Err(Miss::Mention(near.into_iter().map(|(name, _)| name.to_owned()).collect()));
            }
            found = near.into_iter().flat_map(|(_, things)| things.iter().cloned()).collect();
            found.sort();
            found.dedup();
        }
        let is_right = |iri: &NamedNode| self.store().dictionary().iri(iri.as_str()).is_some_and(&right);
        if found.iter().any(is_right) {
            found.retain(is_right);
        }
        Ok(found)
    }

    fn is_predicate(&self, id: TermId) -> bool {
        self.facts.is_property(id) || self.store().estimate(None, Some(id), None) > 0
    }

    /// Of several candidates those that the classes do not exclude, if there are any.
    fn fitting<'a>(&self, things: &'a [NamedNode], classes: &[TermId]) -> Vec<&'a NamedNode> {
        let excluded = |iri: &NamedNode| {
            let id = self.store().dictionary().iri(iri.as_str());
            id.zip(self.facts.rdf_type).is_some_and(|(id, t)| {
                objects(self.store(), id, t).any(|k| classes.iter().any(|&c| self.facts.are_disjoint(k, c)))
            })
        };
        let kept: Vec<&NamedNode> = things.iter().filter(|iri| !excluded(iri)).collect();
        if things.len() > 1 && !kept.is_empty() { kept } else { things.iter().collect() }
    }

    fn fitting_objects<'a>(&self, objects: &'a [Object], classes: &[TermId]) -> Vec<&'a Object> {
        if objects.len() < 2 {
            return objects.iter().collect();
        }
        let iri = |o: &Object| match o {
            Object::Iri(iri) => Some(iri.clone()),
            _ => None,
        };
        let iris: Vec<NamedNode> = objects.iter().filter_map(iri).collect();
        let kept = self.fitting(&iris, classes);
        objects.iter().filter(|o| matches!(o, Object::Iri(iri) if kept.contains(&iri))).collect()
    }

    fn thing(
        &self,
        object: &Object,
        unit: Option<&str>,
        s: Option<TermId>,
        p: Option<TermId>,
        facts: &Predicate,
    ) -> Result<Thing, Miss> {
        let dictionary = self.store().dictionary();
        let literal = match object {
            Object::Iri(iri) if unit.is_none() => {
                return Ok(Thing::Node(iri.clone(), dictionary.iri(iri.as_str())));
            }
            // A thing has no unit; mentions were grounded above.
            Object::Iri(_) | Object::Mention(_) => return Err(Miss::Unit),
            Object::Literal(literal) => literal.clone(),
            Object::Untyped(text) => self.typed(text, s, p, facts),
        };
        let probe = match unit {
            None => Probe::new(literal),
            Some(unit) => measured(literal, unit, facts.unit.as_deref()).ok_or(Miss::Unit)?,
        };
        let id = dictionary.id(probe.term.as_ref());
        Ok(Thing::Value(probe, id))
    }

    /// The datatype of a value without one: the XSD range of the predicate where it is valid, else a
    /// decimal beside numeric values, else a string.
    fn typed(&self, text: &str, s: Option<TermId>, p: Option<TermId>, facts: &Predicate) -> Literal {
        let dictionary = self.store().dictionary();
        let as_type = |iri: &str| Literal::new_typed_literal(text, NamedNode::new_unchecked(iri));
        for &range in &facts.ranges {
            let literal = as_type(lexical(dictionary.term(range)));
            if Number::of(literal.as_ref()).is_some() || Stretch::of(literal.as_ref()).is_some() {
                return literal;
            }
        }
        let numeric = |v| matches!(dictionary.term(v), TermRef::Literal(l) if Number::of(l).is_some());
        let beside = s.zip(p).is_some_and(|(s, p)| objects(self.store(), s, p).any(numeric));
        if beside && Number::parse(text).is_some() {
            return as_type(&format!("{XSD}decimal"));
        }
        Literal::new_simple_literal(text)
    }
}

/// A number with a unit in the unit of the property, with half a unit of its last digit; `None` if
/// it is no number or the units do not fit.
fn measured(literal: Literal, unit: &str, wanted: Option<&str>) -> Option<Probe> {
    let (numerator, denominator) = Unit::conversion(unit, wanted.unwrap_or("1")).ok()?;
    let Number::Decimal(value) = Number::of(literal.as_ref())? else { return None };
    let convert = |d: Decimal| d.checked_mul(numerator)?.checked_div(denominator);
    let half = convert(half_of_last_digit(literal.value())?)?;
    let literal = if numerator == denominator {
        literal
    } else {
        let decimal = NamedNodeRef::new_unchecked("http://www.w3.org/2001/XMLSchema#decimal");
        Literal::new_typed_literal(convert(value)?.to_string(), decimal)
    };
    let mut probe = Probe::new(literal);
    probe.half_width = Number::Decimal(half);
    Some(probe)
}

fn missed(miss: Miss) -> Decision {
    match miss {
        Miss::Mention(near) => Decision { suggestions: near, ..Decision::plain(Verdict::Ungrounded, Reason::Mention) },
        Miss::Unit => Decision::plain(Verdict::Ungrounded, Reason::Unit),
        Miss::TooMany => Decision::plain(Verdict::Unknown, Reason::Ambiguous),
    }
}

impl Grounded {
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let object = match &self.object {
            Thing::Node(iri, _) => Object::Iri(iri.clone()),
            Thing::Value(probe, _) => Object::Literal(probe.term.clone()),
        };
        let claim = Claim {
            negated: self.negated,
            op: self.op,
            ..Claim::new(self.subject.clone(), self.predicate.clone(), object)
        };
        claim.to_json()
    }
}
