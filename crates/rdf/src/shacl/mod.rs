//! SHACL Core and SHACL-SPARQL: shapes compiled once, validation of a whole graph, and the
//! violations that one more triple would add.
//!
//! Start with [`Shapes::compile`], then [`validate`] or [`Delta`].
//!
//! Cost of a validation: for each target the triples that its shapes read; memory that of the
//! violations. Regular expressions run in linear time (`regex` crate): back-references and
//! look-around, which XPath does not have either, are refused by name.
//!
//! Source: specification of the Licensing Oracle, heading "SHACL engine"; W3C SHACL (2017).

mod check;
mod compile;
mod component;
mod delta;
mod error;
mod path;
mod plan;
mod prefix;
mod reads;
mod report;
mod sparql_check;
mod terms;
mod validate;
mod value;
mod words;

pub use compile::{Options, Shapes};
pub use delta::Delta;
pub use error::ShaclError;
pub use report::{Key, Report, Violation};
pub use validate::validate;

use std::sync::Arc;

use path::Path;
use plan::Plan;
use regex::Regex;

use crate::term::TermId;

/// Position of a compiled shape.
pub(crate) type ShapeId = usize;

/// Which nodes a shape is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    Node(TermId),
    Class(TermId),
    SubjectsOf(TermId),
    ObjectsOf(TermId),
}

/// Deepest chain of shapes that refer to shapes.
pub const MAX_DEPTH: usize = 128;

/// A compiled shape.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub id: TermId,
    /// Present for property shapes.
    pub path: Option<(Path, TermId)>,
    pub targets: Vec<Target>,
    pub checks: Vec<Check>,
    pub deactivated: bool,
    pub severity: Option<TermId>,
    pub messages: Vec<TermId>,
}

/// What a node may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeKinds {
    pub iri: bool,
    pub blank: bool,
    pub literal: bool,
}

/// Bounds of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    MinExclusive,
    MinInclusive,
    MaxExclusive,
    MaxInclusive,
}

/// One constraint.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    Class(TermId),
    Datatype(TermId),
    NodeKind(NodeKinds),
    MinCount(u64),
    MaxCount(u64),
    Range(Bound, TermId),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Regex),
    LanguageIn(Vec<String>),
    UniqueLang,
    Equals(TermId),
    Disjoint(TermId),
    LessThan(TermId, bool),
    Not(ShapeId),
    And(Vec<ShapeId>),
    Or(Vec<ShapeId>),
    Xone(Vec<ShapeId>),
    Node(ShapeId),
    Property(ShapeId),
    Qualified { shape: ShapeId, min: Option<u64>, max: Option<u64>, disjoint: Vec<ShapeId> },
    Closed { allowed: Vec<TermId> },
    HasValue(TermId),
    In(Vec<TermId>),
    Sparql(SparqlCheck),
    Custom(CustomCheck),
}

/// `sh:sparql`.
#[derive(Debug, Clone)]
pub(crate) struct SparqlCheck {
    /// The node that holds the query.
    pub source: TermId,
    pub query: Prepared,
    pub messages: Vec<TermId>,
    pub severity: Option<TermId>,
}

/// A constraint of a custom component.
#[derive(Debug, Clone)]
pub(crate) struct CustomCheck {
    pub component: TermId,
    pub query: Prepared,
    pub is_ask: bool,
    pub parameters: Vec<(String, TermId)>,
    pub messages: Vec<TermId>,
}

/// A query with places for its pre-bound variables, and a plan of our own where it is simple.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub query: Arc<spargebra::Query>,
    pub plan: Option<Arc<Plan>>,
}
