//! Why a verdict was given, and what would change it.

use oxrdf::TermRef;
use serde::Serialize;
use suffit_core::Error;

use super::claim::Claim;
use super::decision::{Decision, Evidence, Reason};
use super::facts::{objects, subjects};
use super::number::Number;
use super::oracle::{Findings, Grounded, Oracle, Thing};
use super::words::{owl, rdfs};
use crate::reason::Proof;
use crate::store::{Origin, Triples};
use crate::term::{Kind, TermId, Triple};

/// A decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The decision, with evidence where the claim has one reading.
    pub decision: Decision,
    /// Sets of asserted triples of which any one would entail the claim, smallest sets first, then
    /// sorted; the first is the claim itself. Empty where the claim is entailed already or has
    /// several readings. Triples that speak against the claim would still do so.
    pub would_entail: Vec<Vec<[String; 3]>>,
    /// The statement about the same subject and predicate that the graph does entail and that is
    /// closest: for numbers the nearest value, else the first in sorted order.
    pub closest: Option<[String; 3]>,
    /// The proof of the triple that entails the claim, down to asserted triples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

impl Oracle {
    /// Decides a claim and says why; the verdict is that of [`Oracle::license`].
    ///
    /// Abduction goes one rule step back (sub-property, inverse, symmetric, transitive, subclass):
    /// (inferred) the specification asks for a minimal set and does not fix the rules. Cost: that of
    /// the decision, and a pass over the values of the subject.
    ///
    /// # Errors
    /// As [`Oracle::license`].
    pub fn explain(&self, claim: &Claim) -> Result<Explanation, Error> {
        let readings = self.readings(claim).unwrap_or_default();
        let [only] = readings.as_slice() else {
            return Ok(Explanation {
                decision: self.license(claim)?,
                would_entail: Vec::new(),
                closest: None,
                proof: None,
            });
        };
        let found = self.decide(only)?;
        let mut decision = self.conclude(only, &found);
        decision.evidence = self.evidence(&found);
        let open = found.entailed.is_none() && found.comparison.is_none();
        let would_entail = if open { self.would_entail(only) } else { Vec::new() };
        let closest = if found.entailed.is_none() { self.closest(only) } else { None };
        let proof = found.entailed.and_then(|t| self.closure()?.proof(t));
        Ok(Explanation { decision, would_entail, closest, proof })
    }

    /// The triple of the closure that makes a claim true, for its proof; `None` if it is not entailed
    /// or has several readings.
    ///
    /// # Errors
    /// As [`Oracle::license`].
    pub fn entailing(&self, claim: &Claim) -> Result<Option<Triple>, Error> {
        match self.readings(claim).unwrap_or_default().as_slice() {
            [only] => Ok(self.decide(only)?.entailed),
            _ => Ok(None),
        }
    }

    fn evidence(&self, found: &Findings) -> Vec<Evidence> {
        let reason = if found.comparison.is_some() { Reason::Comparison } else { Reason::Entailed };
        let for_it = found.entailed.map(|t| Evidence { reason, triples: vec![self.text(t)] });
        let against = found
            .against
            .iter()
            .filter_map(|(reason, triple)| triple.map(|t| Evidence { reason: *reason, triples: vec![self.text(t)] }));
        let mut all: Vec<Evidence> = for_it.into_iter().chain(against).collect();
        all.sort();
        all
    }

    fn would_entail(&self, claim: &Grounded) -> Vec<Vec<[String; 3]>> {
        let object = match &claim.object {
            Thing::Node(iri, _) => iri.to_string(),
            Thing::Value(probe, _) => probe.term.to_string(),
        };
        let (s, p) = (claim.subject.to_string(), claim.predicate.to_string());
        let itself = vec![[s.clone(), p, object.clone()]];
        let mut others: Vec<Vec<[String; 3]>> = Vec::new();
        if let Some(code) = claim.p {
            let name = |id: TermId| self.store().dictionary().term(id).to_string();
            let word = |iri: &str| self.store().dictionary().iri(iri);
            for q in word(rdfs::SUB_PROPERTY_OF).into_iter().flat_map(|sub| subjects(self.store(), sub, code)) {
                if q != code && self.is_iri(q) {
                    others.push(vec![[s.clone(), name(q), object.clone()]]);
                }
            }
            if let Thing::Node(_, o) = &claim.object {
                self.backwards(claim, code, *o, &s, &object, &mut others);
            }
        }
        others.sort();
        others.dedup();
        others.retain(|set| *set != itself);
        std::iter::once(itself.clone()).chain(others).collect()
    }

    /// Rules that need the object to be a thing.
    fn backwards(
        &self,
        claim: &Grounded,
        p: TermId,
        o: Option<TermId>,
        s: &str,
        object: &str,
        others: &mut Vec<Vec<[String; 3]>>,
    ) {
        let name = |id: TermId| self.store().dictionary().term(id).to_string();
        let word = |iri: &str| self.store().dictionary().iri(iri);
        if let Some(inverse) = word(owl::INVERSE_OF) {
            for q in objects(self.store(), p, inverse).chain(subjects(self.store(), inverse, p)) {
                others.push(vec![[object.to_owned(), name(q), s.to_owned()]]);
            }
        }
        let Some(t) = self.facts.rdf_type else { return };
        let is = |class: &str| word(class).is_some_and(|c| self.store().contains([p, t, c]));
        if is(owl::SYMMETRIC) {
            others.push(vec![[object.to_owned(), name(p), s.to_owned()]]);
        }
        if is(owl::TRANSITIVE) {
            let onward = claim.s.into_iter().flat_map(|s| objects(self.store(), s, p));
            let links = onward.filter(|y| self.is_iri(*y) && Some(*y) != o);
            others.extend(links.map(|y| vec![[name(y), name(p), object.to_owned()]]));
        }
        if let (true, Some(o), Some(sub)) = (p == t, o, self.facts.sub_class) {
            let below = subjects(self.store(), sub, o).filter(|c| *c != o && self.is_iri(*c));
            others.extend(below.map(|c| vec![[s.to_owned(), name(t), name(c)]]));
        }
    }

    fn is_iri(&self, id: TermId) -> bool {
        self.store().dictionary().kind(id) == Some(Kind::Iri)
    }

    fn closest(&self, claim: &Grounded) -> Option<[String; 3]> {
        let (s, p) = claim.s.zip(claim.p)?;
        let named = |v: &TermId| self.store().dictionary().kind(*v) != Some(Kind::Blank);
        let mine = match &claim.object {
            Thing::Value(probe, _) => probe.number.map(Number::to_f64),
            Thing::Node(..) => None,
        };
        let gap = |v: TermId| match (mine, self.store().dictionary().term(v)) {
            (Some(m), TermRef::Literal(l)) => Number::of(l).map_or(f64::INFINITY, |n| (n.to_f64() - m).abs()),
            _ => f64::INFINITY,
        };
        let values = objects(self.store(), s, p).filter(named);
        let texts = values.map(|v| (gap(v), self.text([s, p, v])));
        texts.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1))).map(|(_, text)| text)
    }

    /// Whether a triple was asserted or follows.
    pub fn origin(&self, triple: Triple) -> Option<Origin> {
        self.store().origin(triple)
    }
}
