//! Short words for what SHACL asks of a graph and its dictionary.

use oxrdf::{Term, TermRef};

use crate::store::Triples;
use crate::term::{Kind, TermId};

/// Text of a literal with its datatype and language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiteralParts<'a> {
    pub value: &'a str,
    pub datatype: &'a str,
    pub language: Option<&'a str>,
}

/// The words, for every [`Triples`].
pub(crate) trait Terms: Triples {
    /// The term of a code.
    fn term(&self, id: TermId) -> Term {
        self.dictionary().term(id).into_owned()
    }

    /// What a term is.
    fn kind(&self, id: TermId) -> Kind {
        self.dictionary().kind(id).unwrap_or(Kind::Iri)
    }

    /// IRI, label of a blank node, or lexical form.
    fn text(&self, id: TermId) -> &str {
        match self.dictionary().term(id) {
            TermRef::NamedNode(n) => n.as_str(),
            TermRef::BlankNode(b) => b.as_str(),
            TermRef::Literal(l) => l.value(),
        }
    }

    /// Parts of a literal; nothing for other terms.
    fn literal(&self, id: TermId) -> Option<LiteralParts<'_>> {
        match self.dictionary().term(id) {
            TermRef::Literal(l) => {
                Some(LiteralParts { value: l.value(), datatype: l.datatype().as_str(), language: l.language() })
            }
            _ => None,
        }
    }

    /// Objects of (s, p, ·).
    fn objects(&self, s: TermId, p: TermId) -> Box<dyn Iterator<Item = TermId> + '_> {
        Box::new(self.matching(Some(s), Some(p), None).map(|t| t[2]))
    }

    /// Subjects of (·, p, o).
    fn subjects(&self, p: TermId, o: TermId) -> Box<dyn Iterator<Item = TermId> + '_> {
        Box::new(self.matching(None, Some(p), Some(o)).map(|t| t[0]))
    }
}

impl<T: Triples + ?Sized> Terms for T {}
