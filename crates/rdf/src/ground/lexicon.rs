//! The lexicon: from names to the things that bear them.

use std::collections::BTreeMap;

use oxrdf::{NamedNode, TermRef};

use super::fuzzy::near;
use super::normalise::normalise;
use crate::decide::ClaimError;
use crate::store::Triples;

/// Predicates whose literals are names, unless configured otherwise.
pub const NAME_PREDICATES: [&str; 5] = [
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2004/02/skos/core#altLabel",
    "http://schema.org/name",
    "https://schema.org/name",
];

/// What counts as a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconOptions {
    /// IRIs of the predicates whose literals are names.
    pub predicates: Vec<String>,
}

impl Default for LexiconOptions {
    fn default() -> Self {
        LexiconOptions { predicates: NAME_PREDICATES.map(str::to_owned).to_vec() }
    }
}

/// Normalised names with the sorted IRIs that bear them.
///
/// ```
/// use suffit_rdf::ground::Lexicon;
/// let mut lexicon = Lexicon::default();
/// lexicon.read_aliases("alias,iri,lang\nBulgarien,urn:bg,de\n\"Bulgarie\",urn:bg\n")?;
/// assert_eq!(lexicon.candidates("bulgarien")[0].as_str(), "urn:bg");
/// assert!(lexicon.candidates("Narnia").is_empty());
/// # Ok::<(), suffit_rdf::decide::ClaimError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexicon {
    names: BTreeMap<String, Vec<NamedNode>>,
}

impl Lexicon {
    /// The names that a graph gives to its things, by the predicates of `options`.
    ///
    /// Blank nodes have no name here: nobody can mean one by a word. Cost: one pass over the triples
    /// of these predicates.
    pub fn of(store: &dyn Triples, options: &LexiconOptions) -> Lexicon {
        let mut lexicon = Lexicon::default();
        let dictionary = store.dictionary();
        for predicate in options.predicates.iter().filter_map(|p| dictionary.iri(p)) {
            for [thing, _, name] in store.matching(None, Some(predicate), None) {
                if let (TermRef::NamedNode(thing), TermRef::Literal(name)) =
                    (dictionary.term(thing), dictionary.term(name))
                {
                    lexicon.add(name.value(), thing.into_owned());
                }
            }
        }
        lexicon
    }

    /// Adds a name of a thing; the order of additions does not matter.
    pub fn add(&mut self, name: &str, iri: NamedNode) {
        let key = normalise(name);
        if key.is_empty() {
            return;
        }
        let bearers = self.names.entry(key).or_default();
        if let Err(at) = bearers.binary_search(&iri) {
            bearers.insert(at, iri);
        }
    }

    /// Adds the lines `alias,iri[,lang]` of a CSV text; a first line `alias,iri…` is a header.
    ///
    /// # Errors
    /// [`ClaimError::Alias`] with the line: too few or many columns, an open quote, a relative IRI,
    /// an alias without letters or digits.
    pub fn read_aliases(&mut self, csv: &str) -> Result<usize, ClaimError> {
        let mut added = 0;
        for (index, text) in csv.lines().enumerate() {
            let line = index + 1;
            let fault = |message: String| ClaimError::Alias { line, message };
            let text = text.trim_start_matches('\u{feff}');
            if text.trim().is_empty() {
                continue;
            }
            let fields = fields(text).ok_or_else(|| fault("a quote is not closed".to_owned()))?;
            if index == 0 && fields.first().is_some_and(|f| f == "alias") {
                continue;
            }
            if !(2..=3).contains(&fields.len()) {
                return Err(fault(format!("{} columns, expected 2 or 3 (alias,iri[,lang])", fields.len())));
            }
            let iri = NamedNode::new(fields[1].trim())
                .map_err(|e| fault(format!("`{}` is not an absolute IRI ({e})", fields[1])))?;
            if normalise(&fields[0]).is_empty() {
                return Err(fault(format!("the alias `{}` has no letters or digits", fields[0])));
            }
            self.add(&fields[0], iri);
            added += 1;
        }
        Ok(added)
    }

    /// The things with this name, sorted; several mean that the mention is ambiguous.
    pub fn candidates(&self, mention: &str) -> &[NamedNode] {
        self.names.get(&normalise(mention)).map_or(&[], Vec::as_slice)
    }

    /// Things whose names are near the mention, sorted; at most `most` names are used.
    ///
    /// Cost: one pass over all names.
    pub fn near(&self, mention: &str, most: usize) -> Vec<(&str, &[NamedNode])> {
        let key = normalise(mention);
        self.names
            .iter()
            .filter(|(name, _)| near(name, &key))
            .take(most)
            .map(|(name, things)| (name.as_str(), things.as_slice()))
            .collect()
    }

    /// Names borne by several things, with them.
    pub fn collisions(&self) -> impl Iterator<Item = (&str, &[NamedNode])> {
        self.names.iter().filter(|(_, things)| things.len() > 1).map(|(n, t)| (n.as_str(), t.as_slice()))
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Fields of one CSV line with `"` quotes; `None` if a quote stays open.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        let last = out.last_mut()?;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                last.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            _ => last.push(c),
        }
    }
    (!quoted).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_name_their_line() {
        for (csv, line) in
            [("a,urn:x\nb", 2), ("a,rel", 1), ("alias,iri\n\"open,urn:x", 2), ("--,urn:x", 1), ("a,urn:x,de,more", 1)]
        {
            match Lexicon::default().read_aliases(csv) {
                Err(ClaimError::Alias { line: got, .. }) => assert_eq!(got, line, "{csv}"),
                other => panic!("{csv}: {other:?}"),
            }
        }
    }

    #[test]
    fn ambiguous_names_keep_all_candidates_sorted() {
        let mut a = Lexicon::default();
        a.read_aliases("Kingston,urn:z\nKINGSTON,urn:b\nKingston,urn:z").unwrap();
        let iris: Vec<&str> = a.candidates("kingston").iter().map(|i| i.as_str()).collect();
        assert_eq!(iris, ["urn:b", "urn:z"]);
        assert_eq!(a.collisions().count(), 1);
        assert_eq!(a.near("Kingstom", 5).len(), 1);
    }
}
