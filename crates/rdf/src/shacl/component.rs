//! SHACL-SPARQL: queries of `sh:sparql` and custom constraint components.

use std::sync::Arc;

use spargebra::Query;

use super::compile::{Compiler, Reader};
use super::error::ShaclError;
use super::plan::Plan;
use super::terms::Terms;
use super::{Check, CustomCheck, Prepared, SparqlCheck, prefix};
use crate::sparql;
use crate::sparql::bind::{self, Names};
use crate::store::Triples;
use crate::term::TermId;

/// Variables of the shape itself, which subqueries may leave out.
const SHAPE_NAMES: [&str; 2] = ["currentShape", "shapesGraph"];

/// Parameters by name.
type Values = Vec<(String, TermId)>;

/// A custom component: its parameters and how to validate.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    id: TermId,
    /// Name, path and whether it may be absent.
    parameters: Vec<(String, TermId, bool)>,
    ask: Option<TermId>,
    node: Option<TermId>,
    property: Option<TermId>,
}

/// Components of the shapes graph: nodes with `sh:parameter` and a validator.
pub(crate) fn read(reader: &Reader<'_>) -> Result<Vec<Component>, ShaclError> {
    let Some(parameter) = reader.word("parameter") else { return Ok(Vec::new()) };
    let mut nodes: Vec<TermId> = reader.graph.matching(None, Some(parameter), None).map(|t| t[0]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut components = Vec::new();
    for id in nodes {
        let mut parameters = Vec::new();
        for p in reader.all(id, "parameter") {
            let path = reader.one(p, "path").ok_or_else(|| reader.ill(p, "sh:path", "is missing in a parameter"))?;
            let iri = reader.graph.text(path);
            let name = iri.rsplit(['#', '/', ':']).next().unwrap_or(iri).to_owned();
            parameters.push((name, path, reader.is_true(p, "optional")));
        }
        parameters.sort_by(|a, b| a.0.cmp(&b.0));
        let first = |name: &str| reader.one(id, name);
        let component = Component {
            id,
            parameters,
            ask: first("validator"),
            node: first("nodeValidator"),
            property: first("propertyValidator"),
        };
        if component.ask.or(component.node).or(component.property).is_some() {
            components.push(component);
        }
    }
    Ok(components)
}

impl Compiler<'_> {
    /// `sh:sparql` constraints of a shape.
    pub(super) fn sparql(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        for constraint in self.reader.all(node, "sparql") {
            if self.reader.is_true(constraint, "deactivated") {
                continue;
            }
            let names = Names { required: vec!["this"], optional: SHAPE_NAMES.to_vec(), ..Names::default() };
            checks.push(Check::Sparql(SparqlCheck {
                source: constraint,
                query: self.query(node, constraint, "select", names)?,
                messages: self.reader.all(constraint, "message"),
                severity: self.reader.one(constraint, "severity"),
            }));
        }
        Ok(())
    }

    /// Custom components whose mandatory parameters the shape has.
    pub(super) fn custom(&mut self, node: TermId, checks: &mut Vec<Check>) -> Result<(), ShaclError> {
        for component in self.components.clone() {
            for values in self.parameter_values(node, &component)? {
                if let Some(check) = self.custom_check(node, &component, values)? {
                    checks.push(Check::Custom(check));
                }
            }
        }
        Ok(())
    }

    /// Values of the parameters of a component at a shape: one constraint for each value of a
    /// single parameter, one in all for several parameters; none where a mandatory one is missing.
    fn parameter_values(&self, node: TermId, component: &Component) -> Result<Vec<Values>, ShaclError> {
        let graph = self.reader.graph;
        let mut all: Vec<(String, Vec<TermId>)> = Vec::new();
        for (name, path, optional) in &component.parameters {
            let values: Vec<TermId> = graph.objects(node, *path).collect();
            if values.is_empty() && !optional {
                return Ok(Vec::new());
            }
            if values.len() > 1 && component.parameters.len() > 1 {
                let key = graph.term(*path).to_string();
                let problem = format!(
                    "has {} values, expected at most one for a component with several parameters",
                    values.len()
                );
                return Err(self.reader.ill(node, &key, &problem));
            }
            all.push((name.clone(), values));
        }
        if component.parameters.len() == 1 {
            return Ok(all.into_iter().flat_map(|(n, vs)| vs.into_iter().map(move |v| vec![(n.clone(), v)])).collect());
        }
        let bound: Values = all.into_iter().flat_map(|(n, vs)| vs.into_iter().map(move |v| (n.clone(), v))).collect();
        Ok(if bound.is_empty() { Vec::new() } else { vec![bound] })
    }

    fn custom_check(
        &self,
        node: TermId,
        component: &Component,
        parameters: Values,
    ) -> Result<Option<CustomCheck>, ShaclError> {
        let is_property = self.shapes.iter().any(|s| s.id == node && s.path.is_some());
        let special = if is_property { component.property } else { component.node };
        let Some(validator) = special.or(component.ask) else { return Ok(None) };
        let is_ask = self.reader.has(validator, "ask");
        let mut names = Names { required: vec!["this"], optional: SHAPE_NAMES.to_vec(), ..Names::default() };
        if is_ask {
            names.required.push("value");
        }
        for (name, _, optional) in &component.parameters {
            let list = match (parameters.iter().any(|(n, _)| n == name), optional) {
                (false, _) => &mut names.absent,
                (true, true) => &mut names.optional,
                (true, false) => &mut names.required,
            };
            list.push(name);
        }
        let query = self.query(node, validator, if is_ask { "ask" } else { "select" }, names)?;
        let mut messages = self.reader.all(validator, "message");
        if messages.is_empty() {
            messages = self.reader.all(component.id, "message");
        }
        Ok(Some(CustomCheck { component: component.id, query, is_ask, parameters, messages }))
    }

    /// Parses a query with the prefixes that it declares and puts places for what is bound.
    fn query(&self, shape: TermId, holder: TermId, word: &str, names: Names<'_>) -> Result<Prepared, ShaclError> {
        let reader = &self.reader;
        let key = format!("sh:{word}");
        let text = reader.one(holder, word).ok_or_else(|| reader.ill(holder, &key, "is missing"))?;
        let text = reader.graph.text(text);
        let prefixes = self.prefixes(holder);
        if let Some(prefix) = prefix::undeclared(text, &prefixes) {
            return Err(ShaclError::UndeclaredPrefix { shape: reader.graph.term(shape).to_string(), prefix });
        }
        let query = sparql::parse(text, &prefixes).map_err(|e| reader.ill(shape, &key, &e.to_string()))?;
        let is_right = matches!((&query, word), (Query::Select { .. }, "select") | (Query::Ask { .. }, "ask"));
        if !is_right {
            return Err(reader.ill(shape, &key, &format!("is no {} query", word.to_uppercase())));
        }
        let path = self.shapes.iter().find(|s| s.id == shape).and_then(|s| s.path.as_ref());
        let path = path.map(|(path, _)| path.expression(reader.graph));
        let names = Names { path: path.as_ref(), ..names };
        let query = bind::substitute(&query, &names).map_err(|e| reader.ill(shape, &key, &e.to_string()))?;
        let plan = Plan::new(&query).map(Arc::new);
        Ok(Prepared { query: Arc::new(query), plan })
    }

    /// Declarations of `sh:prefixes`, also those of imported ontologies.
    fn prefixes(&self, holder: TermId) -> Vec<(String, String)> {
        let reader = &self.reader;
        let graph = reader.graph;
        let mut found = Vec::new();
        let mut stack = reader.all(holder, "prefixes");
        let mut seen = stack.clone();
        let imports = graph.dictionary().iri(super::words::owl::IMPORTS);
        while let Some(node) = stack.pop() {
            found.extend(self.declared(node));
            for next in imports.into_iter().flat_map(|p| graph.objects(node, p)) {
                if !seen.contains(&next) {
                    seen.push(next);
                    stack.push(next);
                }
            }
        }
        if self.lenient {
            // What the shapes file declares: nodes with sh:declare, and the vocabularies of SHACL.
            if let Some(p) = reader.word("declare") {
                let nodes: Vec<TermId> = graph.matching(None, Some(p), None).map(|t| t[0]).collect();
                nodes.into_iter().for_each(|n| found.extend(self.declared(n)));
            }
            for (prefix, namespace) in prefix::COMMON {
                if !found.iter().any(|(p, _)| p == prefix) {
                    found.push(((*prefix).to_owned(), (*namespace).to_owned()));
                }
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        found
    }

    fn declared(&self, node: TermId) -> Vec<(String, String)> {
        let reader = &self.reader;
        let text = |n: TermId, name: &str| reader.one(n, name).map(|v| reader.graph.text(v).to_owned());
        let pair = |d: TermId| Some((text(d, "prefix")?, text(d, "namespace")?));
        reader.all(node, "declare").into_iter().filter_map(pair).collect()
    }
}
