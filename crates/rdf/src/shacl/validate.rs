//! Validation of focus nodes against shapes.

use hashbrown::{HashMap, HashSet};

use super::error::ShaclError;
use super::report::Report;
use super::report::{Violation, violation};
use super::terms::Terms;
use super::words::{rdf, rdfs};
use super::{MAX_DEPTH, Shape, ShapeId, Shapes, Target};
use crate::sparql::Limits;
use crate::store::{Store, Triples};
use crate::term::TermId;

/// Most violations of one validation.
pub const MAX_VIOLATIONS: usize = 1_000_000;

type Done = Result<(), ShaclError>;

/// What a validation runs over.
pub(crate) struct Run<'a> {
    pub data: &'a dyn Triples,
    pub graph: &'a Store,
    pub shapes: &'a Shapes,
    pub rdf_type: Option<TermId>,
    pub sub_class: Option<TermId>,
    /// (shape, node) pairs under way, against recursion.
    pub open: Vec<(ShapeId, TermId)>,
    pub violations: Vec<Violation>,
    /// Answers of [`Run::conforms`].
    known: HashMap<(ShapeId, TermId), bool>,
    /// Only whether something is broken counts.
    quiet: bool,
    broken: bool,
    pub limits: Limits,
    /// Whether simple queries run by our own plans.
    pub plans: bool,
}

/// Validates a whole graph; `data` must have the dictionary that `shapes` was compiled with, or one
/// that extends it.
///
/// - determinism: violations by shape, then focus node, in the order of their codes
///
/// # Errors
/// [`ShaclError::Recursive`], [`ShaclError::TooDeep`], [`ShaclError::Query`].
pub fn validate(data: &dyn Triples, shapes: &Shapes) -> Result<Report, ShaclError> {
    full(data, shapes, true).map(Report::new)
}

pub(crate) fn full(data: &dyn Triples, shapes: &Shapes, plans: bool) -> Result<Vec<Violation>, ShaclError> {
    let mut run = Run::new(data, shapes);
    run.plans = plans;
    for &root in &shapes.roots {
        for focus in run.targets(root) {
            run.shape(root, focus)?;
        }
    }
    Ok(run.violations)
}

impl<'a> Run<'a> {
    pub fn new(data: &'a dyn Triples, shapes: &'a Shapes) -> Self {
        let code = |iri: &str| data.dictionary().iri(iri);
        Run {
            data,
            graph: &shapes.graph,
            shapes,
            rdf_type: code(rdf::TYPE),
            sub_class: code(rdfs::SUB_CLASS_OF),
            open: Vec::new(),
            violations: Vec::new(),
            known: HashMap::new(),
            quiet: false,
            broken: false,
            limits: shapes.limits,
            plans: true,
        }
    }

    /// Focus nodes of a shape, each once, sorted.
    pub fn targets(&self, shape: ShapeId) -> Vec<TermId> {
        let mut nodes = Vec::new();
        for target in &self.shapes.shapes[shape].targets {
            match *target {
                Target::Node(n) => nodes.push(n),
                Target::Class(class) => nodes.extend(self.instances(class)),
                Target::SubjectsOf(p) => nodes.extend(self.data.matching(None, Some(p), None).map(|t| t[0])),
                Target::ObjectsOf(p) => nodes.extend(self.data.matching(None, Some(p), None).map(|t| t[2])),
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Is `node` a focus node of the shape?
    pub fn is_target(&self, shape: ShapeId, node: TermId) -> bool {
        self.shapes.shapes[shape].targets.iter().any(|target| match *target {
            Target::Node(n) => n == node,
            Target::Class(class) => self.is_instance(node, class),
            Target::SubjectsOf(p) => self.data.matching(Some(node), Some(p), None).next().is_some(),
            Target::ObjectsOf(p) => self.data.matching(None, Some(p), Some(node)).next().is_some(),
        })
    }

    fn instances(&self, class: TermId) -> Vec<TermId> {
        let Some(rdf_type) = self.rdf_type else { return Vec::new() };
        let below = self.hierarchy(class, false);
        below.into_iter().flat_map(|c| self.data.subjects(rdf_type, c)).collect()
    }

    /// SHACL instance: a type of the node, or a class above it.
    pub fn is_instance(&self, node: TermId, class: TermId) -> bool {
        let Some(rdf_type) = self.rdf_type else { return false };
        self.data.contains([node, rdf_type, class])
            || self.data.objects(node, rdf_type).any(|t| self.hierarchy(t, true).contains(&class))
    }

    /// The class with everything above or below it by `rdfs:subClassOf`.
    fn hierarchy(&self, class: TermId, up: bool) -> Vec<TermId> {
        let mut found = vec![class];
        let Some(sub) = self.sub_class else { return found };
        let mut at = 0;
        while at < found.len() {
            let class = found[at];
            let next: Vec<TermId> =
                if up { self.data.objects(class, sub).collect() } else { self.data.subjects(sub, class).collect() };
            for c in next {
                if !found.contains(&c) {
                    found.push(c);
                }
            }
            at += 1;
        }
        found
    }

    /// Adds the violations of one focus node against one shape.
    pub fn shape(&mut self, id: ShapeId, focus: TermId) -> Result<(), ShaclError> {
        let shapes = self.shapes;
        let shape = &shapes.shapes[id];
        if shape.deactivated {
            return Ok(());
        }
        if self.open.contains(&(id, focus)) {
            return Err(ShaclError::Recursive {
                shape: self.graph.term(shape.id).to_string(),
                focus: self.data.term(focus).to_string(),
            });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(ShaclError::TooDeep { shape: self.graph.term(shape.id).to_string(), limit: MAX_DEPTH });
        }
        self.open.push((id, focus));
        let values = match &shape.path {
            Some((path, _)) => path.eval(self.data, focus),
            None => vec![focus],
        };
        let mut done = Ok(());
        for check in &shape.checks {
            done = self.check(shape, check, focus, &values);
            if done.is_err() || (self.quiet && self.broken) {
                break;
            }
        }
        self.open.pop();
        done
    }

    /// Does a node conform? Violations stay as they are; an answer is kept, so that shapes that refer
    /// to shapes many times over cost one check for each shape and node.
    pub fn conforms(&mut self, id: ShapeId, node: TermId) -> Result<bool, ShaclError> {
        if let Some(&known) = self.known.get(&(id, node)) {
            return Ok(known);
        }
        let (quiet, broken) = (self.quiet, self.broken);
        (self.quiet, self.broken) = (true, false);
        let done = self.shape(id, node);
        let conforms = !self.broken;
        (self.quiet, self.broken) = (quiet, broken);
        done?;
        self.known.insert((id, node), conforms);
        Ok(conforms)
    }

    /// A property shape at a value: its violations are those of the whole.
    pub fn property(&mut self, id: ShapeId, node: TermId) -> Result<(), ShaclError> {
        if self.quiet {
            self.broken |= !self.conforms(id, node)?;
            return Ok(());
        }
        if self.known.get(&(id, node)) == Some(&true) {
            return Ok(());
        }
        let before = self.violations.len();
        self.shape(id, node)?;
        if self.violations.len() == before {
            self.known.insert((id, node), true);
        }
        Ok(())
    }

    pub fn add(&mut self, shape: &Shape, component: &str, focus: TermId, value: Option<TermId>) -> Done {
        self.push(shape, |run| {
            let mut violation = run.plain(shape, super::words::sh(component), focus);
            violation.value = value.map(|v| run.data.term(v).to_string());
            violation
        })
    }

    /// Adds what `make` makes, or only takes notice that something is broken.
    pub fn push(&mut self, shape: &Shape, make: impl FnOnce(&Self) -> Violation) -> Done {
        if self.quiet {
            self.broken = true;
            return Ok(());
        }
        if self.violations.len() >= MAX_VIOLATIONS {
            return Err(ShaclError::TooMany { shape: self.graph.term(shape.id).to_string(), limit: MAX_VIOLATIONS });
        }
        let violation = make(self);
        self.violations.push(violation);
        Ok(())
    }

    /// A violation with what every one of the shape has.
    pub fn plain(&self, shape: &Shape, component: String, focus: TermId) -> Violation {
        Violation {
            focus: self.data.term(focus).to_string(),
            path: shape.path.as_ref().map(|(path, _)| path.sparql(self.graph)),
            path_turtle: shape.path.as_ref().map(|(path, _)| path.turtle(self.graph)),
            value: None,
            component,
            shape: self.graph.term(shape.id).to_string(),
            constraint: None,
            severity: shape.severity.map_or_else(violation, |s| self.graph.text(s).to_owned()),
            messages: shape.messages.iter().map(|&m| self.graph.term(m).to_string()).collect(),
        }
    }

    /// Distinct nodes in order.
    pub fn distinct(nodes: impl IntoIterator<Item = TermId>) -> Vec<TermId> {
        let mut seen = HashSet::new();
        nodes.into_iter().filter(|n| seen.insert(*n)).collect()
    }
}
