//! The violations that one more triple would add, without validating the whole graph again.
//!
//! For each shape the focus nodes that the claim can affect are found by [`super::reads`]; they are
//! validated on graph + claim, and violations that the graph had already are dropped. A change of
//! the class hierarchy, or a read that can be anywhere, validates all focus nodes of the shape.

use hashbrown::HashSet;
use oxrdf::TermRef;

use super::error::ShaclError;
use super::path::Path;
use super::reads::{Read, reads};
use super::report::{Key, Violation};
use super::validate::{Run, full};
use super::{ShapeId, Shapes, Target};
use crate::store::{Overlay, Triples};
use crate::term::{TermId, Triple};

/// Compiled shapes with what the graph already violates.
#[derive(Debug)]
pub struct Delta {
    shapes: Shapes,
    /// By shape; empty for shapes without targets.
    reads: Vec<Vec<Read>>,
    baseline: Vec<Violation>,
    keys: HashSet<Key>,
}

impl Delta {
    /// Validates `data` once. It must be the graph that [`Shapes::compile`] got, and stay as it is.
    ///
    /// # Errors
    /// As [`super::validate`].
    pub fn new(data: &dyn Triples, shapes: Shapes) -> Result<Self, ShaclError> {
        let baseline = full(data, &shapes, true)?;
        let keys = baseline.iter().map(Violation::key).collect();
        let mut all = vec![Vec::new(); shapes.shapes.len()];
        for &root in &shapes.roots {
            all[root] = reads(data.dictionary(), &shapes, root);
        }
        Ok(Delta { shapes, reads: all, baseline, keys })
    }

    /// What the graph violates already; never a reason against a claim.
    pub fn baseline(&self) -> &[Violation] {
        &self.baseline
    }

    /// The compiled shapes.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Violations of `data` + claim whose key (focus, component, path, value) `data` alone does not
    /// have. `data` is left alone.
    ///
    /// Cost: the checks of the focus nodes that can change.
    ///
    /// # Errors
    /// As [`super::validate`]; [`ShaclError::Store`] when there is no code left for a new term.
    pub fn new_violations(&self, data: &dyn Triples, claim: [TermRef<'_>; 3]) -> Result<Vec<Violation>, ShaclError> {
        let (overlay, triple) = claimed(data, claim)?;
        let Some(triple) = triple else { return Ok(Vec::new()) };
        let mut run = Run::new(&overlay, &self.shapes);
        for &root in &self.shapes.roots {
            for focus in self.affected(&run, root, triple) {
                run.shape(root, focus)?;
            }
        }
        Ok(self.fresh(run.violations))
    }

    /// The same by validating everything: the definition that [`Delta::new_violations`] is tested by.
    ///
    /// # Errors
    /// As [`Delta::new_violations`].
    pub fn new_violations_in_full(
        &self,
        data: &dyn Triples,
        claim: [TermRef<'_>; 3],
    ) -> Result<Vec<Violation>, ShaclError> {
        let (overlay, triple) = claimed(data, claim)?;
        if triple.is_none() {
            return Ok(Vec::new());
        }
        Ok(self.fresh(full(&overlay, &self.shapes, true)?))
    }

    fn fresh(&self, mut violations: Vec<Violation>) -> Vec<Violation> {
        violations.retain(|v| !self.keys.contains(&v.key()));
        violations
    }

    /// Focus nodes of a shape whose violations the triple may change, sorted.
    fn affected(&self, run: &Run<'_>, root: ShapeId, triple: Triple) -> Vec<TermId> {
        let [s, p, o] = triple;
        if Some(p) == run.sub_class {
            return run.targets(root);
        }
        let mut nodes = Vec::new();
        for read in self.reads[root].iter().filter(|r| r.matches(triple)) {
            let Some(prefix) = &read.prefix else { return run.targets(root) };
            let end = if read.back { o } else { s };
            nodes.extend(backwards(run.data, prefix, end));
        }
        for target in &self.shapes.shapes[root].targets {
            match target {
                Target::Class(_) if Some(p) == run.rdf_type => nodes.push(s),
                Target::SubjectsOf(q) if *q == p => nodes.push(s),
                Target::ObjectsOf(q) if *q == p => nodes.push(o),
                _ => {}
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes.retain(|&n| run.is_target(root, n));
        nodes
    }
}

/// The graph with the claim, and the claim's codes unless the graph has it already.
fn claimed<'a>(data: &'a dyn Triples, claim: [TermRef<'_>; 3]) -> Result<(Overlay<'a>, Option<Triple>), ShaclError> {
    let mut overlay = Overlay::new(data);
    let mut triple = [TermId::MIN; 3];
    for (code, term) in triple.iter_mut().zip(claim) {
        *code = overlay.intern(term)?;
    }
    let new = overlay.insert(triple);
    Ok((overlay, new.then_some(triple)))
}

/// Nodes from which the steps lead to `end`.
fn backwards(data: &dyn Triples, steps: &[Path], end: TermId) -> Vec<TermId> {
    let mut at = vec![end];
    for step in steps.iter().rev() {
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        for node in at {
            for n in step.eval_back(data, node) {
                if seen.insert(n) {
                    next.push(n);
                }
            }
        }
        at = next;
    }
    at
}
