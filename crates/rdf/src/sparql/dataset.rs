//! A graph as `spareval` reads it: codes where the dictionary has the term, terms otherwise.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use oxrdf::Term;
use spareval::{CancellationToken, InternalQuad, QueryableDataset};

use super::bind;
use crate::store::Triples;
use crate::term::TermId;

/// Name under which a query sees the graph of the shapes.
pub const SHAPES_GRAPH: &str = "urn:x-suffit:shapes-graph";

/// The clock is looked at once in so many reads.
const LOOK_EVERY: u32 = 64;

/// A term of a query: in the dictionary (then always by its code) or made by an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A term of the dictionary.
    Id(TermId),
    /// Any other term.
    New(Arc<Term>),
}

/// What a query can see: the data as default graph, the shapes as [`SHAPES_GRAPH`] where given, and
/// the terms bound beforehand.
pub struct Graphs<'a> {
    data: &'a dyn Triples,
    shapes: Option<&'a dyn Triples>,
    bound: Vec<(&'a str, Term)>,
    deadline: Option<(Instant, CancellationToken)>,
    reads: Cell<u32>,
}

impl<'a> Graphs<'a> {
    /// `data` alone.
    pub fn new(data: &'a dyn Triples) -> Self {
        Graphs { data, shapes: None, bound: Vec::new(), deadline: None, reads: Cell::new(0) }
    }

    /// With the graph of the shapes, over the same dictionary.
    #[must_use]
    pub fn with_shapes(mut self, shapes: Option<&'a dyn Triples>) -> Self {
        self.shapes = shapes;
        self
    }

    /// With `term` where [`bind::substitute`] left a place for the variable `name`.
    #[must_use]
    pub fn with_bound(mut self, name: &'a str, term: Term) -> Self {
        self.bound.push((name, term));
        self
    }

    pub(super) fn bound(&self) -> &[(&'a str, Term)] {
        &self.bound
    }

    pub(super) fn until(mut self, deadline: Instant, token: CancellationToken) -> Self {
        self.deadline = Some((deadline, token));
        self
    }

    fn tick(&self) {
        let reads = self.reads.get().wrapping_add(1);
        self.reads.set(reads);
        if reads.is_multiple_of(LOOK_EVERY)
            && let Some((deadline, token)) = &self.deadline
            && Instant::now() > *deadline
        {
            token.cancel();
        }
    }

    fn node(&self, term: Term) -> Node {
        match self.data.dictionary().id(term.as_ref()) {
            Some(id) => Node::Id(id),
            None => Node::New(Arc::new(term)),
        }
    }
}

/// Code of a bound position; `Err` when no triple can have that term.
fn code(node: Option<&Node>) -> Result<Option<TermId>, ()> {
    match node {
        None => Ok(None),
        Some(Node::Id(id)) => Ok(Some(*id)),
        Some(Node::New(_)) => Err(()),
    }
}

fn is_shapes(node: &Node) -> bool {
    matches!(node, Node::New(t) if matches!(&**t, Term::NamedNode(n) if n.as_str() == SHAPES_GRAPH))
}

type Quads<'a> = Box<dyn Iterator<Item = Result<InternalQuad<Node>, Infallible>> + 'a>;

impl<'a> QueryableDataset<'a> for Graphs<'a> {
    type InternalTerm = Node;
    type Error = Infallible;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Node>,
        predicate: Option<&Node>,
        object: Option<&Node>,
        graph_name: Option<Option<&Node>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Node>, Infallible>> + use<'a> {
        let nothing = || -> Quads<'a> { Box::new(std::iter::empty()) };
        let (graph, name) = match graph_name {
            Some(None) => (Some(self.data), None),
            Some(Some(name)) if !is_shapes(name) => (None, None),
            _ => (self.shapes, Some(shapes_node())),
        };
        let (Some(graph), Ok(s), Ok(p), Ok(o)) = (graph, code(subject), code(predicate), code(object)) else {
            return nothing();
        };
        self.tick();
        let watch = self.deadline.clone();
        let mut seen = 0_u32;
        let quads = graph.matching(s, p, o).map(move |[s, p, o]| {
            seen = seen.wrapping_add(1);
            if seen.is_multiple_of(LOOK_EVERY * 16)
                && let Some((deadline, token)) = &watch
                && Instant::now() > *deadline
            {
                token.cancel();
            }
            Ok(InternalQuad {
                subject: Node::Id(s),
                predicate: Node::Id(p),
                object: Node::Id(o),
                graph_name: name.clone(),
            })
        });
        Box::new(quads) as Quads<'a>
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Node, Infallible>> + use<'a> {
        self.shapes.map(|_| Ok(shapes_node())).into_iter()
    }

    fn contains_internal_graph_name(&self, name: &Node) -> Result<bool, Infallible> {
        Ok(self.shapes.is_some() && is_shapes(name))
    }

    fn internalize_term(&self, term: Term) -> Result<Node, Infallible> {
        if let Term::NamedNode(n) = &term
            && let Some(name) = n.as_str().strip_prefix(bind::PLACE)
            && let Some((_, bound)) = self.bound.iter().find(|(b, _)| *b == name)
        {
            return Ok(self.node(bound.clone()));
        }
        Ok(self.node(term))
    }

    fn externalize_term(&self, term: Node) -> Result<Term, Infallible> {
        self.tick();
        Ok(match term {
            Node::Id(id) => self.data.dictionary().term(id).into_owned(),
            Node::New(term) => Arc::unwrap_or_clone(term),
        })
    }
}

fn shapes_node() -> Node {
    Node::New(Arc::new(oxrdf::NamedNode::new_unchecked(SHAPES_GRAPH).into()))
}
