//! The rules as data: `body -> head` over `?variables` and words of the vocabulary.

use super::vocabulary::iri;
use crate::store::StoreError;
use crate::term::{Dictionary, TermId};
use oxrdf::NamedNodeRef;

/// Name and text of every rule that needs no list.
///
/// Two rules of the Recommendation are stated with a guard in `Closure`: `prp-fp` and `prp-ifp` do
/// not identify two IRIs unless asked.
#[rustfmt::skip]
pub(super) const RULES: &[(&str, &str)] = &[
    ("eq-sym", "?x sameAs ?y -> ?y sameAs ?x"),
    ("eq-trans", "?x sameAs ?y , ?y sameAs ?z -> ?x sameAs ?z"),
    ("eq-rep-s", "?s sameAs ?t , ?s ?p ?o -> ?t ?p ?o"),
    ("eq-rep-p", "?p sameAs ?q , ?s ?p ?o -> ?s ?q ?o"),
    ("eq-rep-o", "?o sameAs ?t , ?s ?p ?o -> ?s ?p ?t"),
    ("prp-dom", "?p domain ?c , ?x ?p ?y -> ?x a ?c"),
    ("prp-rng", "?p range ?c , ?x ?p ?y -> ?y a ?c"),
    ("prp-fp", "?p a FunctionalProperty , ?x ?p ?y , ?x ?p ?z -> ?y sameAs ?z"),
    ("prp-ifp", "?p a InverseFunctionalProperty , ?x ?p ?z , ?y ?p ?z -> ?x sameAs ?y"),
    ("prp-symp", "?p a SymmetricProperty , ?x ?p ?y -> ?y ?p ?x"),
    ("prp-trp", "?p a TransitiveProperty , ?x ?p ?y , ?y ?p ?z -> ?x ?p ?z"),
    ("prp-spo1", "?p subPropertyOf ?q , ?x ?p ?y -> ?x ?q ?y"),
    ("prp-eqp1", "?p equivalentProperty ?q , ?x ?p ?y -> ?x ?q ?y"),
    ("prp-eqp2", "?p equivalentProperty ?q , ?x ?q ?y -> ?x ?p ?y"),
    ("prp-inv1", "?p inverseOf ?q , ?x ?p ?y -> ?y ?q ?x"),
    ("prp-inv2", "?p inverseOf ?q , ?x ?q ?y -> ?y ?p ?x"),
    ("cls-svf1", "?c someValuesFrom ?d , ?c onProperty ?p , ?x ?p ?y , ?y a ?d -> ?x a ?c"),
    ("cls-svf2", "?c someValuesFrom Thing , ?c onProperty ?p , ?x ?p ?y -> ?x a ?c"),
    ("cls-avf", "?c allValuesFrom ?d , ?c onProperty ?p , ?x a ?c , ?x ?p ?y -> ?y a ?d"),
    ("cls-hv1", "?c hasValue ?v , ?c onProperty ?p , ?x a ?c -> ?x ?p ?v"),
    ("cls-hv2", "?c hasValue ?v , ?c onProperty ?p , ?x ?p ?v -> ?x a ?c"),
    ("cax-sco", "?c subClassOf ?d , ?x a ?c -> ?x a ?d"),
    ("cax-eqc1", "?c equivalentClass ?d , ?x a ?c -> ?x a ?d"),
    ("cax-eqc2", "?c equivalentClass ?d , ?x a ?d -> ?x a ?c"),
    ("scm-cls", "?c a Class -> ?c subClassOf ?c , ?c equivalentClass ?c , ?c subClassOf Thing , Nothing subClassOf ?c"),
    ("scm-sco", "?c subClassOf ?d , ?d subClassOf ?e -> ?c subClassOf ?e"),
    ("scm-eqc1", "?c equivalentClass ?d -> ?c subClassOf ?d , ?d subClassOf ?c"),
    ("scm-eqc2", "?c subClassOf ?d , ?d subClassOf ?c -> ?c equivalentClass ?d"),
    ("scm-op", "?p a ObjectProperty -> ?p subPropertyOf ?p , ?p equivalentProperty ?p"),
    ("scm-dp", "?p a DatatypeProperty -> ?p subPropertyOf ?p , ?p equivalentProperty ?p"),
    ("scm-spo", "?p subPropertyOf ?q , ?q subPropertyOf ?r -> ?p subPropertyOf ?r"),
    ("scm-eqp1", "?p equivalentProperty ?q -> ?p subPropertyOf ?q , ?q subPropertyOf ?p"),
    ("scm-eqp2", "?p subPropertyOf ?q , ?q subPropertyOf ?p -> ?p equivalentProperty ?q"),
    ("scm-dom1", "?p domain ?c , ?c subClassOf ?d -> ?p domain ?d"),
    ("scm-dom2", "?q domain ?c , ?p subPropertyOf ?q -> ?p domain ?c"),
    ("scm-rng1", "?p range ?c , ?c subClassOf ?d -> ?p range ?d"),
    ("scm-rng2", "?q range ?c , ?p subPropertyOf ?q -> ?p range ?c"),
    ("scm-hv", "?c hasValue ?v , ?c onProperty ?p , ?d hasValue ?v , ?d onProperty ?q , ?p subPropertyOf ?q -> ?c subClassOf ?d"),
    ("scm-svf1", "?c someValuesFrom ?y , ?c onProperty ?p , ?d someValuesFrom ?z , ?d onProperty ?p , ?y subClassOf ?z -> ?c subClassOf ?d"),
    ("scm-svf2", "?c someValuesFrom ?y , ?c onProperty ?p , ?d someValuesFrom ?y , ?d onProperty ?q , ?p subPropertyOf ?q -> ?c subClassOf ?d"),
    ("scm-avf1", "?c allValuesFrom ?y , ?c onProperty ?p , ?d allValuesFrom ?z , ?d onProperty ?p , ?y subClassOf ?z -> ?c subClassOf ?d"),
    ("scm-avf2", "?c allValuesFrom ?y , ?c onProperty ?p , ?d allValuesFrom ?y , ?d onProperty ?q , ?p subPropertyOf ?q -> ?d subClassOf ?c"),
];

/// A place in an atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// This term.
    Term(TermId),
    /// The variable of this number.
    Var(usize),
}

/// A pattern of a triple.
pub(super) type Atom = [Slot; 3];

/// A rule ready to run.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) body: Vec<Atom>,
    pub(super) head: Vec<Atom>,
    /// Number of variables.
    pub(super) vars: usize,
    /// What [`super::join::Marks`] know of each atom of the body.
    pub(super) guards: Vec<[u64; 2]>,
    /// Whether the head may not identify two IRIs.
    pub(super) guarded: bool,
}

/// The rules of [`RULES`] over the codes of a dictionary, which gets the words it lacks.
pub(super) fn compile(dictionary: &mut Dictionary, una: bool) -> Result<Vec<Rule>, StoreError> {
    RULES
        .iter()
        .map(|&(name, text)| {
            let mut names: Vec<&str> = Vec::new();
            let (body, head) = text.split_once(" -> ").unwrap_or((text, ""));
            let body = atoms(dictionary, &mut names, body)?;
            let head = atoms(dictionary, &mut names, head)?;
            let guarded = una && matches!(name, "prp-fp" | "prp-ifp");
            Ok(Rule { name, guards: vec![[0; 2]; body.len()], body, head, vars: names.len(), guarded })
        })
        .collect()
}

fn atoms<'t>(dictionary: &mut Dictionary, names: &mut Vec<&'t str>, text: &'t str) -> Result<Vec<Atom>, StoreError> {
    let mut slots = Vec::new();
    for word in text.split(' ').filter(|w| *w != ",") {
        slots.push(match iri(word) {
            Some(iri) => Slot::Term(dictionary.intern(NamedNodeRef::new_unchecked(iri))?),
            None => Slot::Var(names.iter().position(|n| *n == word).unwrap_or_else(|| {
                names.push(word);
                names.len() - 1
            })),
        });
    }
    Ok(slots.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect())
}
