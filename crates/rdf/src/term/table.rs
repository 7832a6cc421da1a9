//! One table of terms: their text in one string, and a hash table from text to code.

use std::hash::{BuildHasher, Hasher, RandomState};

use hashbrown::HashTable;

/// How the text of a term is to be read; packed with a code of 29 bits into one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An IRI.
    Iri,
    /// A blank node.
    Blank,
    /// A literal of type xsd:string.
    Simple,
    /// A literal with a language; the text is `language` + `@` + value.
    Language,
    /// A literal whose datatype is the term with this code.
    Typed(u32),
}

/// Bits of a packed shape that say which one it is.
const BITS: u32 = 3;
/// Datatype codes must stay below this, or they do not fit beside the shape.
pub(super) const TYPED_LIMIT: u32 = 1 << (32 - BITS);

impl Shape {
    fn pack(self) -> u32 {
        match self {
            Shape::Iri => 0,
            Shape::Blank => 1,
            Shape::Simple => 2,
            Shape::Language => 3,
            Shape::Typed(code) => 4 | code << BITS,
        }
    }

    fn unpack(word: u32) -> Self {
        match word & ((1 << BITS) - 1) {
            0 => Shape::Iri,
            1 => Shape::Blank,
            2 => Shape::Simple,
            3 => Shape::Language,
            _ => Shape::Typed(word >> BITS),
        }
    }
}

/// Terms with consecutive codes from `first`.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    text: String,
    ends: Vec<u64>,
    shapes: Vec<u32>,
    codes: HashTable<u32>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<(Shape, &str)> {
        let shape = Shape::unpack(*self.shapes.get(index)?);
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some((shape, &self.text[start as usize..self.ends[index] as usize]))
    }

    pub(super) fn find(&self, hash: u64, shape: Shape, text: &str) -> Option<usize> {
        self.codes.find(hash, |&i| self.get(i as usize) == Some((shape, text))).map(|&i| i as usize)
    }

    /// Adds a term that [`Table::find`] did not find.
    pub(super) fn push(&mut self, keys: &RandomState, hash: u64, shape: Shape, text: &str) -> usize {
        let index = self.ends.len();
        self.text.push_str(text);
        self.ends.push(self.text.len() as u64);
        self.shapes.push(shape.pack());
        let (ends, shapes, all) = (&self.ends, &self.shapes, &self.text);
        self.codes.insert_unique(hash, index as u32, |&i| {
            let i = i as usize;
            let start = if i == 0 { 0 } else { ends[i - 1] };
            hash_of(keys, Shape::unpack(shapes[i]), &all[start as usize..ends[i] as usize])
        });
        index
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.shapes.shrink_to_fit();
    }

    /// Bytes held: text, ends, shapes, hash table (four bytes and one control byte a slot).
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + 8 * self.ends.capacity() + 4 * self.shapes.capacity() + self.codes.allocation_size()
    }
}

pub(super) fn hash_of(keys: &RandomState, shape: Shape, text: &str) -> u64 {
    let mut hasher = keys.build_hasher();
    hasher.write_u32(shape.pack());
    hasher.write(text.as_bytes());
    hasher.finish()
}
