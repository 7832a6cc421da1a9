//! Coverage by predicate and class: can this graph answer this kind of question?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::decide::shown;
use crate::store::{Store, Triples};
use crate::term::{Kind, TermId};

/// How many members of a class have a value of a predicate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cover {
    /// IRI of the class.
    pub class: String,
    /// IRI of the predicate.
    pub predicate: String,
    /// Members with at least one value in the closure.
    pub covered: usize,
    /// Members in the closure.
    pub members: usize,
    /// First member without a value, in sorted order: an example.
    pub example_missing: Option<String>,
}

/// Every class with every predicate that at least one of its members has; sorted by class and
/// predicate. Members and values are those of the closure; classes and members that are blank nodes
/// are left out.
///
/// Cost: for each class, the triples of its members.
pub fn coverage(store: &Store) -> Vec<Cover> {
    let dictionary = store.dictionary();
    let Some(rdf_type) = dictionary.iri("http://www.w3.org/1999/02/22-rdf-syntax-ns#type") else {
        return Vec::new();
    };
    let is_iri = |id: TermId| dictionary.kind(id) == Some(Kind::Iri);
    let mut members: BTreeMap<TermId, BTreeSet<TermId>> = BTreeMap::new();
    for [s, _, class] in store.matching(None, Some(rdf_type), None) {
        if is_iri(class) && is_iri(s) {
            members.entry(class).or_default().insert(s);
        }
    }
    let mut rows = Vec::new();
    for (class, things) in &members {
        let mut having: BTreeMap<TermId, BTreeSet<TermId>> = BTreeMap::new();
        for &s in things {
            for [_, p, _] in store.matching(Some(s), None, None).filter(|t| t[1] != rdf_type) {
                having.entry(p).or_default().insert(s);
            }
        }
        for (p, covered) in having {
            let missing = things.difference(&covered).map(|id| shown(store, *id)).min();
            rows.push(Cover {
                class: shown(store, *class),
                predicate: shown(store, p),
                covered: covered.len(),
                members: things.len(),
                example_missing: missing,
            });
        }
    }
    rows.sort();
    rows
}
