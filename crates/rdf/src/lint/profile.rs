//! What the data suggest about predicates, and where they break what the ontology says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::decide::shown;
use crate::store::{Store, Triples};
use crate::term::{Kind, TermId};

/// A functional predicate with several values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// IRI of the subject.
    pub subject: String,
    /// IRI of the predicate.
    pub predicate: String,
    /// The values, sorted.
    pub values: Vec<String>,
}

/// Subjects with two or more values, not the same by `owl:sameAs`, of a functional predicate; sorted.
/// Cost: one pass over the triples of the functional predicates.
pub fn functional_violations(store: &Store) -> Vec<Violation> {
    let dictionary = store.dictionary();
    let code = |iri: &str| dictionary.iri(iri);
    let (Some(rdf_type), Some(functional)) = (
        code("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        code("http://www.w3.org/2002/07/owl#FunctionalProperty"),
    ) else {
        return Vec::new();
    };
    let same_as = code("http://www.w3.org/2002/07/owl#sameAs");
    let same = |a: TermId, b: TermId| same_as.is_some_and(|p| store.contains([a, p, b]));
    let mut found = Vec::new();
    for [p, ..] in store.matching(None, Some(rdf_type), Some(functional)) {
        let mut by_subject: BTreeMap<TermId, Vec<TermId>> = BTreeMap::new();
        for [s, _, o] in store.matching(None, Some(p), None) {
            if dictionary.kind(o) != Some(Kind::Blank) {
                by_subject.entry(s).or_default().push(o);
            }
        }
        for (s, values) in by_subject {
            if values.iter().any(|&v| v != values[0] && !same(values[0], v)) {
                let mut values: Vec<String> = values.iter().map(|v| shown(store, *v)).collect();
                values.sort();
                found.push(Violation { subject: shown(store, s), predicate: shown(store, p), values });
            }
        }
    }
    found.sort();
    found
}

/// What the asserted triples of one predicate look like. Counts only: whether the predicate *is*
/// functional or irreflexive is for a person to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Profile {
    /// IRI of the predicate.
    pub predicate: String,
    /// Asserted triples.
    pub triples: usize,
    /// Subjects.
    pub subjects: usize,
    /// Subjects with one value: functional is suggested if it equals `subjects`.
    pub single_valued: usize,
    /// Objects: inverse functional is suggested if it equals `triples`.
    pub objects: usize,
    /// Triples with an IRI object.
    pub links: usize,
    /// Triples from a thing to itself: irreflexive is suggested if there are links and none of these.
    pub loops: usize,
    /// Classes of which every member has a value, with the number of members: `completeFor` may fit.
    pub whole_classes: Vec<(String, usize)>,
}

impl Profile {
    /// Suggestions that at least `support` subjects bear out and none contradicts.
    pub fn suggestions(&self, support: usize) -> Vec<&'static str> {
        let enough = self.subjects >= support;
        let links = self.links == self.triples;
        let mut out = Vec::new();
        if enough && self.single_valued == self.subjects {
            out.push("functional");
        }
        if enough && links && self.objects == self.triples {
            out.push("inverse_functional");
        }
        if enough && links && self.loops == 0 {
            out.push("irreflexive");
        }
        if self.whole_classes.iter().any(|(_, members)| *members >= support) {
            out.push("complete_for");
        }
        out
    }
}

/// Profiles of all asserted predicates, sorted. Cost: one pass, and one look at each class.
pub fn profile(store: &Store) -> Vec<Profile> {
    let asserted = store.asserted();
    let cover = super::coverage(store);
    let predicates: BTreeSet<TermId> = asserted.matching(None, None, None).map(|t| t[1]).collect();
    let mut out: Vec<Profile> = predicates.into_iter().map(|p| of(store, p, &cover)).collect();
    out.sort();
    out
}

fn of(store: &Store, p: TermId, cover: &[super::Cover]) -> Profile {
    let mut values: BTreeMap<TermId, usize> = BTreeMap::new();
    let (mut objects, mut links, mut loops) = (BTreeSet::new(), 0, 0);
    for [s, _, o] in store.asserted().matching(None, Some(p), None) {
        *values.entry(s).or_default() += 1;
        objects.insert(o);
        links += usize::from(store.dictionary().kind(o) == Some(Kind::Iri));
        loops += usize::from(s == o);
    }
    let predicate = shown(store, p);
    let whole = cover.iter().filter(|c| c.predicate == predicate && c.covered == c.members);
    Profile {
        triples: values.values().sum(),
        subjects: values.len(),
        single_valued: values.values().filter(|n| **n == 1).count(),
        objects: objects.len(),
        links,
        loops,
        whole_classes: whole.map(|c| (c.class.clone(), c.members)).collect(),
        predicate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::GraphName;

    fn store(turtle: &str) -> Store {
        let mut store = Store::new();
        for triple in oxttl::TurtleParser::new().for_slice(turtle.as_bytes()) {
            let quad = triple.unwrap().in_graph(GraphName::DefaultGraph);
            store.read(quad.as_ref()).unwrap();
        }
        store.finish();
        store
    }

    #[test]
    fn counts_by_hand() {
        let store = store(
            "@prefix : <urn:t#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . :p a owl:FunctionalProperty .
             :a a :K ; :p 1 , 2 ; :q :b . :b a :K ; :p 3 ; :q :a . :c a :K ; :p _:x , 4 .",
        );
        let broken = functional_violations(&store);
        assert_eq!((broken.len(), broken[0].subject.as_str(), broken[0].values.len()), (1, "urn:t#a", 2));
        let all = profile(&store);
        let of = |name: &str| all.iter().find(|p| p.predicate == name).unwrap();
        let p = of("urn:t#p");
        assert_eq!((p.triples, p.subjects, p.single_valued, p.links), (5, 3, 1, 0));
        assert_eq!(p.whole_classes, [("urn:t#K".to_owned(), 3)]);
        assert_eq!(of("urn:t#q").suggestions(2), ["functional", "inverse_functional", "irreflexive"]);
        assert_eq!(of("urn:t#q").suggestions(3), [""; 0]);
        let q = super::super::coverage(&store).into_iter().find(|c| c.predicate == "urn:t#q").unwrap();
        assert_eq!((q.covered, q.members, q.example_missing.as_deref()), (2, 3, Some("urn:t#c")));
    }
}
