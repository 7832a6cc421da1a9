//! The two-way map between terms and their codes.

use std::hash::RandomState;
use std::sync::Arc;

use oxrdf::vocab::xsd;
use oxrdf::{BlankNodeRef, LiteralRef, NamedNodeRef, TermRef};

use super::number::{self, Number};
use super::table::{Shape, TYPED_LIMIT, Table, hash_of};
use super::{Kind, TermId};
use crate::store::StoreError;

/// Terms and their codes; the codes of a dictionary made by [`Dictionary::extended`] go on where
/// its base ends, so that a few more terms can be had without copying.
///
/// - cost: `id` one keyed hash of the text and about two cache misses; `term` two reads
/// - memory: text + 17 bytes a term; see [`Dictionary::bytes`]
/// - determinism: codes depend only on the order of first sight
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    keys: RandomState,
    shared: Arc<Table>,
    own: Table,
}

impl Dictionary {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.shared.len() + self.own.len()
    }

    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One that has all of these terms under the same codes and can take more.
    pub fn extended(&self) -> Self {
        self.clone()
    }

    /// The code of a term, if it was ever seen.
    pub fn id<'t>(&self, term: impl Into<TermRef<'t>>) -> Option<TermId> {
        match term.into() {
            TermRef::NamedNode(iri) => self.find(Shape::Iri, iri.as_str()),
            TermRef::BlankNode(node) => self.find(Shape::Blank, node.as_str()),
            TermRef::Literal(literal) => match literal.language() {
                Some(language) => self.find(Shape::Language, &tagged(language, literal.value())),
                None if literal.datatype() == xsd::STRING => self.find(Shape::Simple, literal.value()),
                None => {
                    let datatype = self.iri(literal.datatype().as_str())?;
                    self.find(Shape::Typed(datatype.0), literal.value())
                }
            },
        }
    }

    /// The code of an IRI, if it was ever seen.
    pub fn iri(&self, iri: &str) -> Option<TermId> {
        self.find(Shape::Iri, iri)
    }

    /// The code of a term, given now if it has none.
    ///
    /// # Errors
    /// [`StoreError::TooManyTerms`].
    pub fn intern<'t>(&mut self, term: impl Into<TermRef<'t>>) -> Result<TermId, StoreError> {
        match term.into() {
            TermRef::NamedNode(iri) => self.add(Shape::Iri, iri.as_str()),
            TermRef::BlankNode(node) => self.add(Shape::Blank, node.as_str()),
            TermRef::Literal(literal) => match literal.language() {
                Some(language) => self.add(Shape::Language, &tagged(language, literal.value())),
                None if literal.datatype() == xsd::STRING => self.add(Shape::Simple, literal.value()),
                None => {
                    let datatype = self.add(Shape::Iri, literal.datatype().as_str())?;
                    if datatype.0 >= TYPED_LIMIT {
                        return Err(StoreError::TooManyTerms { limit: u64::from(TYPED_LIMIT) });
                    }
                    self.add(Shape::Typed(datatype.0), literal.value())
                }
            },
        }
    }

    /// The term of a code. A code of another dictionary gives `None` or a wrong term.
    pub fn get(&self, id: TermId) -> Option<TermRef<'_>> {
        let (shape, text) = self.raw(id)?;
        Some(match shape {
            Shape::Iri => NamedNodeRef::new_unchecked(text).into(),
            Shape::Blank => BlankNodeRef::new_unchecked(text).into(),
            Shape::Simple => LiteralRef::new_simple_literal(text).into(),
            Shape::Language => {
                let (language, value) = text.split_once('@')?;
                LiteralRef::new_language_tagged_literal_unchecked(value, language).into()
            }
            Shape::Typed(datatype) => {
                let (_, datatype) = self.raw(TermId(datatype))?;
                LiteralRef::new_typed_literal(text, NamedNodeRef::new_unchecked(datatype)).into()
            }
        })
    }

    /// The term of a code that this dictionary gave; a foreign code gives the IRI `urn:suffit:unknown`.
    pub fn term(&self, id: TermId) -> TermRef<'_> {
        self.get(id).unwrap_or(TermRef::NamedNode(NamedNodeRef::new_unchecked("urn:suffit:unknown")))
    }

    /// What a term is, without building it.
    pub fn kind(&self, id: TermId) -> Option<Kind> {
        Some(match self.raw(id)?.0 {
            Shape::Iri => Kind::Iri,
            Shape::Blank => Kind::Blank,
            Shape::Simple | Shape::Language | Shape::Typed(_) => Kind::Literal,
        })
    }

    /// Whether the term is a literal.
    pub fn is_literal(&self, id: TermId) -> bool {
        self.kind(id) == Some(Kind::Literal)
    }

    /// The number that a literal denotes, if its datatype is numeric and its text fits it.
    pub fn number(&self, id: TermId) -> Option<Number> {
        match self.raw(id)? {
            (Shape::Typed(datatype), text) => number::parse(text, self.raw(TermId(datatype))?.1),
            _ => None,
        }
    }

    /// Bytes held by text, offsets and hash table.
    pub fn bytes(&self) -> usize {
        self.shared.bytes() + self.own.bytes()
    }

    /// Gives back what growing left over.
    pub(crate) fn shrink(&mut self) {
        if let Some(table) = Arc::get_mut(&mut self.shared) {
            table.shrink();
        }
        self.own.shrink();
    }

    fn raw(&self, id: TermId) -> Option<(Shape, &str)> {
        match id.index().checked_sub(self.shared.len()) {
            None => self.shared.get(id.index()),
            Some(index) => self.own.get(index),
        }
    }

    fn find(&self, shape: Shape, text: &str) -> Option<TermId> {
        let hash = hash_of(&self.keys, shape, text);
        let (shared, own) = (&self.shared, &self.own);
        let index = shared.find(hash, shape, text).or_else(|| Some(shared.len() + own.find(hash, shape, text)?))?;
        Some(TermId(index as u32))
    }

    fn add(&mut self, shape: Shape, text: &str) -> Result<TermId, StoreError> {
        let hash = hash_of(&self.keys, shape, text);
        if let Some(index) = self.shared.find(hash, shape, text) {
            return Ok(TermId(index as u32));
        }
        if let Some(index) = self.own.find(hash, shape, text) {
            return Ok(TermId((self.shared.len() + index) as u32));
        }
        if self.len() >= u32::MAX as usize {
            return Err(StoreError::TooManyTerms { limit: u64::from(u32::MAX) });
        }
        // While nobody else reads the shared table it grows in place; otherwise new terms are ours.
        if self.own.len() == 0
            && let Some(table) = Arc::get_mut(&mut self.shared)
        {
            return Ok(TermId(table.push(&self.keys, hash, shape, text) as u32));
        }
        Ok(TermId((self.shared.len() + self.own.push(&self.keys, hash, shape, text)) as u32))
    }
}

/// The text under which a literal with a language is kept. Tags compare without case.
fn tagged(language: &str, value: &str) -> String {
    let mut text = String::with_capacity(language.len() + 1 + value.len());
    text.push_str(language);
    text.make_ascii_lowercase();
    text.push('@');
    text.push_str(value);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::{Literal, Term};

    fn samples() -> Vec<Term> {
        vec![
            NamedNodeRef::new_unchecked("http://x/a").into_owned().into(),
            BlankNodeRef::new_unchecked("a").into_owned().into(),
            Literal::new_simple_literal("a").into(),
            Literal::new_simple_literal("http://x/a").into(),
            Literal::new_language_tagged_literal_unchecked("a@b", "de").into(),
            Literal::new_language_tagged_literal_unchecked("a@b", "fr-ch").into(),
            Literal::new_typed_literal("1.70", xsd::DECIMAL).into(),
            Literal::new_typed_literal("1.7", xsd::DECIMAL).into(),
            Literal::new_typed_literal("1.7", xsd::DOUBLE).into(),
            Literal::new_simple_literal("").into(),
        ]
    }

    #[test]
    fn terms_come_back_as_they_went_in() {
        let mut dictionary = Dictionary::new();
        let ids: Vec<_> = samples().iter().map(|t| dictionary.intern(t.as_ref()).unwrap()).collect();
        for (term, &id) in samples().iter().zip(&ids) {
            assert_eq!(dictionary.get(id), Some(term.as_ref()));
            assert_eq!(dictionary.id(term.as_ref()), Some(id));
            assert_eq!(dictionary.intern(term.as_ref()).unwrap(), id);
        }
    }

    #[test]
    fn an_extended_one_keeps_codes_and_leaves_the_base_alone() {
        let mut base = Dictionary::new();
        let a = base.intern(NamedNodeRef::new_unchecked("urn:a")).unwrap();
        let mut more = base.extended();
        let b = more.intern(NamedNodeRef::new_unchecked("urn:b")).unwrap();
        assert_eq!((more.iri("urn:a"), more.iri("urn:b")), (Some(a), Some(b)));
        assert_eq!((base.len(), base.iri("urn:b"), base.get(b)), (1, None, None));
        let mut third = more.extended();
        let c = third.intern(NamedNodeRef::new_unchecked("urn:c")).unwrap();
        assert_eq!(c, TermId(2));
        assert_eq!(third.term(b), more.term(b));
    }

    #[test]
    fn language_tags_compare_without_case() {
        let mut dictionary = Dictionary::new();
        let lower = dictionary.intern(LiteralRef::new_language_tagged_literal_unchecked("x", "en-gb")).unwrap();
        let upper = dictionary.id(LiteralRef::new_language_tagged_literal_unchecked("x", "en-GB"));
        assert_eq!(upper, Some(lower));
    }
}
