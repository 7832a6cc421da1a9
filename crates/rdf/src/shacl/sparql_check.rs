//! SHACL-SPARQL constraints, evaluated with their variables bound as terms.

use oxrdf::{Literal, NamedNode, Term};

use super::error::ShaclError;
use super::plan::Given;
use super::report::fill;
use super::terms::Terms;
use super::validate::Run;
use super::{CustomCheck, Prepared, Shape, SparqlCheck};
use crate::sparql::dataset::SHAPES_GRAPH;
use crate::sparql::{self, Bindings, Graphs, SparqlError};
use crate::term::TermId;

/// What a solution is reported for.
struct About<'a> {
    component: &'a str,
    focus: TermId,
    /// The value node of an `ASK`.
    node: Option<TermId>,
    messages: &'a [TermId],
    severity: Option<TermId>,
    /// The node of `sh:sparql`.
    source: Option<TermId>,
}

impl Run<'_> {
    pub(super) fn sparql(&mut self, shape: &Shape, check: &SparqlCheck, focus: TermId) -> Result<(), ShaclError> {
        let component = super::words::sh("SPARQLConstraintComponent");
        for solution in self.solutions(shape, &check.query, focus, &[])? {
            let about = About {
                component: &component,
                focus,
                node: None,
                messages: &check.messages,
                severity: check.severity,
                source: Some(check.source),
            };
            self.report(shape, &about, &solution)?;
        }
        Ok(())
    }

    pub(super) fn custom(
        &mut self,
        shape: &Shape,
        check: &CustomCheck,
        focus: TermId,
        nodes: &[TermId],
    ) -> Result<(), ShaclError> {
        let parameters: Bindings = check.parameters.iter().map(|(n, id)| (n.clone(), self.graph.term(*id))).collect();
        let component = self.graph.text(check.component).to_owned();
        let about =
            About { component: &component, focus, node: None, messages: &check.messages, severity: None, source: None };
        if !check.is_ask {
            for mut solution in self.solutions(shape, &check.query, focus, &check.parameters)? {
                solution.extend(parameters.iter().cloned());
                self.report(shape, &about, &solution)?;
            }
            return Ok(());
        }
        for &node in nodes {
            let graphs = self.graphs(shape, focus, &check.parameters).with_bound("value", self.data.term(node));
            let holds = sparql::ask(&check.query.query, graphs, &self.limits).map_err(|e| self.failed(shape, &e))?;
            if !holds {
                self.report(shape, &About { node: Some(node), ..about }, &parameters)?;
            }
        }
        Ok(())
    }

    /// The graphs with everything bound that stays the same for a focus node.
    fn graphs<'b>(&'b self, shape: &Shape, focus: TermId, parameters: &'b [(String, TermId)]) -> Graphs<'b> {
        let shapes = NamedNode::new_unchecked(SHAPES_GRAPH);
        let mut graphs = Graphs::new(self.data)
            .with_shapes(Some(self.graph))
            .with_bound("this", self.data.term(focus))
            .with_bound("currentShape", self.graph.term(shape.id))
            .with_bound("shapesGraph", shapes.into());
        for (name, id) in parameters {
            graphs = graphs.with_bound(name, self.graph.term(*id));
        }
        graphs
    }

    /// Solutions by our own plan where it can decide, by the evaluator otherwise.
    fn solutions(
        &self,
        shape: &Shape,
        prepared: &Prepared,
        focus: TermId,
        parameters: &[(String, TermId)],
    ) -> Result<Vec<Bindings>, ShaclError> {
        if let Some(plan) = prepared.plan.as_deref().filter(|_| self.plans) {
            let given = Given { focus, shape: shape.id, parameters };
            if let Some(rows) = plan.run(self.data, &given, self.limits.rows) {
                return Ok(rows);
            }
        }
        let graphs = self.graphs(shape, focus, parameters);
        sparql::select(&prepared.query, graphs, &self.limits).map_err(|e| self.failed(shape, &e))
    }

    fn failed(&self, shape: &Shape, error: &SparqlError) -> ShaclError {
        ShaclError::Query { shape: self.graph.term(shape.id).to_string(), problem: error.to_string() }
    }

    fn report(&mut self, shape: &Shape, about: &About<'_>, solution: &Bindings) -> Result<(), ShaclError> {
        let of = |name: &str| solution.iter().find(|(n, _)| n == name).map(|(_, t)| t.clone());
        if matches!(of("failure"), Some(Term::Literal(l)) if matches!(l.value(), "true" | "1")) {
            let problem = format!("it reports a failure for {}", self.data.term(about.focus));
            return Err(ShaclError::Query { shape: self.graph.term(shape.id).to_string(), problem });
        }
        let value = match (about.node, of("value")) {
            (Some(node), _) => Some(self.data.term(node)),
            (None, Some(term)) => Some(term),
            // A node shape's value node is the focus itself.
            (None, None) => shape.path.is_none().then(|| self.data.term(about.focus)),
        };
        let mut bindings = solution.clone();
        bindings.push(("this".into(), self.data.term(about.focus)));
        bindings.extend(about.node.map(|n| ("value".to_owned(), self.data.term(n))));
        let texts: Vec<String> = match of("message") {
            Some(message) => vec![message.to_string()],
            None => {
                let source = if about.messages.is_empty() { &shape.messages } else { about.messages };
                source.iter().filter_map(|&m| self.filled(m, &bindings)).collect()
            }
        };
        self.push(shape, |run| {
            let mut violation = run.plain(shape, about.component.to_owned(), about.focus);
            violation.value = value.map(|v| v.to_string());
            violation.messages = texts;
            violation.constraint = about.source.map(|s| run.graph.term(s).to_string());
            if let Some(severity) = about.severity {
                violation.severity = run.graph.text(severity).to_owned();
            }
            if let Some(Term::NamedNode(path)) = of("path") {
                violation.set_path(path.to_string());
            }
            violation
        })
    }

    fn filled(&self, message: TermId, bindings: &Bindings) -> Option<String> {
        let parts = self.graph.literal(message)?;
        let text = fill(parts.value, bindings);
        let literal = match parts.language {
            Some(tag) => Literal::new_language_tagged_literal_unchecked(text, tag),
            None => Literal::new_simple_literal(text),
        };
        Some(literal.to_string())
    }
}
