//! Malformed IRIs, with a repair where one is evident.

use std::collections::BTreeMap;

use oxrdf::TermRef;
use serde::Serialize;

use crate::store::Triples;
use crate::term::TermId;

/// An IRI that looks broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Malformed {
    /// The IRI.
    pub iri: String,
    /// Asserted triples that have it as subject or object.
    pub uses: usize,
    /// What was probably meant.
    pub repair: Option<String>,
}

/// The IRI that was probably meant; `None` if nothing looks broken.
///
/// Two signs: a scheme whose colon became `_` inside the path (`…/http_//host/…`), and an IRI of the
/// same host pasted behind its own beginning. A complete foreign IRI inside a path is left alone:
/// archives have them.
///
/// ```
/// use suffit_rdf::lint::repair;
/// let broken = "http://dbpedia.org/resource/http_//dbpedia.org/resource/Washita_River";
/// assert_eq!(repair(broken).as_deref(), Some("http://dbpedia.org/resource/Washita_River"));
/// assert_eq!(repair("https://web.archive.org/web/2020/http://example.org/"), None);
/// ```
pub fn repair(iri: &str) -> Option<String> {
    for (sign, scheme) in [("http_//", "http://"), ("https_//", "https://")] {
        if let Some(at) = iri.rfind(sign).filter(|at| *at > 0) {
            return Some(format!("{scheme}{}", &iri[at + sign.len()..]));
        }
    }
    let (scheme, rest) = iri.split_once("://")?;
    let host = &rest[..rest.find('/')?];
    let start = format!("{scheme}://{host}/");
    iri.rfind(&start).filter(|at| *at > 0 && !host.is_empty()).map(|at| iri[at..].to_owned())
}

/// IRIs of asserted subjects and objects that look broken: with an evident repair, or with a broken
/// percent code; sorted. Cost: one pass over the triples.
pub fn malformed(asserted: &dyn Triples) -> Vec<Malformed> {
    let dictionary = asserted.dictionary();
    let mut uses: BTreeMap<TermId, usize> = BTreeMap::new();
    for [s, _, o] in asserted.matching(None, None, None) {
        *uses.entry(s).or_default() += 1;
        if s != o {
            *uses.entry(o).or_default() += 1;
        }
    }
    let broken = |(id, uses)| {
        let TermRef::NamedNode(iri) = dictionary.term(id) else { return None };
        let repair = repair(iri.as_str());
        let broken = repair.is_some() || broken_percent(iri.as_str());
        broken.then(|| Malformed { iri: iri.as_str().to_owned(), uses, repair })
    };
    let mut found: Vec<Malformed> = uses.into_iter().filter_map(broken).collect();
    found.sort();
    found
}

fn broken_percent(iri: &str) -> bool {
    let bytes = iri.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    (0..bytes.len()).any(|i| bytes[i] == b'%' && !(hex(i + 1) && hex(i + 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_only_what_is_evident() {
        assert_eq!(repair("http://a.org/x/http://a.org/x/Y").as_deref(), Some("http://a.org/x/Y"));
        for sound in ["http://a.org/x", "urn:t#ann", "http_//a", "http://a.org/?u=http://b.org/", "http://a.org"] {
            assert_eq!(repair(sound), None, "{sound}");
        }
        assert!(broken_percent("http://a/%2") && broken_percent("http://a/%zz") && !broken_percent("http://a/%20"));
    }
}
