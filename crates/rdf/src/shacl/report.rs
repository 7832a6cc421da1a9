//! What a validation found.

use oxrdf::Term;
use serde::Serialize;

use super::words::{SH, sh};

/// One violation, terms in N-Triples syntax.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Violation {
    /// The node that was looked at.
    pub focus: String,
    /// The path of a property shape in SPARQL syntax (an IRI in angle brackets where it is one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The offending value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// IRI of the constraint component.
    pub component: String,
    /// The shape.
    pub shape: String,
    /// The node that holds the query, for `sh:sparql`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// IRI of the severity.
    pub severity: String,
    /// Messages, literals in N-Triples syntax.
    pub messages: Vec<String>,
    /// The path as a node of a report, in Turtle.
    #[serde(skip)]
    pub(crate) path_turtle: Option<String>,
}

/// What makes two violations the same when a graph changes: focus, component, path, value.
pub type Key = (String, String, Option<String>, Option<String>);

impl Violation {
    /// The key.
    pub fn key(&self) -> Key {
        (self.focus.clone(), self.component.clone(), self.path.clone(), self.value.clone())
    }

    /// Sets a path that is one predicate.
    pub(crate) fn set_path(&mut self, iri: String) {
        self.path_turtle = Some(iri.clone());
        self.path = Some(iri);
    }

    /// One line for people.
    pub fn sentence(&self) -> String {
        let component = self.component.rsplit(['#', '/']).next().unwrap_or(&self.component);
        let at = self.path.as_deref().map(|p| format!(" at {p}")).unwrap_or_default();
        let value = self.value.as_deref().map(|v| format!(", value {v}")).unwrap_or_default();
        let message = self.messages.first().map(|m| format!(": {m}")).unwrap_or_default();
        format!("{} breaks {component} of {}{at}{value}{message}", self.focus, self.shape)
    }
}

/// The outcome of a validation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// True without violations of any severity.
    pub conforms: bool,
    /// The violations, by shape (in the order of compilation), then focus node.
    pub violations: Vec<Violation>,
}

impl Report {
    pub(crate) fn new(violations: Vec<Violation>) -> Self {
        Report { conforms: violations.is_empty(), violations }
    }

    /// As a `sh:ValidationReport` in Turtle.
    pub fn to_turtle(&self) -> String {
        let mut out = format!("@prefix sh: <{SH}> .\n\n[] a sh:ValidationReport ;\n  sh:conforms {}", self.conforms);
        for violation in &self.violations {
            out.push_str(" ;\n  sh:result [\n    a sh:ValidationResult");
            let mut add = |name: &str, term: &str| out.push_str(&format!(" ;\n    sh:{name} {term}"));
            add("focusNode", &violation.focus);
            violation.path_turtle.iter().for_each(|p| add("resultPath", p));
            violation.value.iter().for_each(|v| add("value", v));
            add("sourceConstraintComponent", &format!("<{}>", violation.component));
            add("sourceShape", &violation.shape);
            violation.constraint.iter().for_each(|c| add("sourceConstraint", c));
            add("resultSeverity", &format!("<{}>", violation.severity));
            violation.messages.iter().for_each(|m| add("resultMessage", m));
            out.push_str("\n  ]");
        }
        out.push_str(" .\n");
        out
    }
}

/// The default severity.
pub(crate) fn violation() -> String {
    sh("Violation")
}

/// Message template: `{?name}` and `{$name}` become the values, in one pass, so that a value with
/// braces stays what it is.
pub(crate) fn fill(message: &str, bindings: &[(String, Term)]) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = rest[1..].find('}').map(|end| &rest[1..=end]);
        let value = name.and_then(|n| n.strip_prefix(['?', '$'])).and_then(|n| bindings.iter().find(|(b, _)| b == n));
        match (name, value) {
            (Some(name), Some((_, term))) => {
                match term {
                    Term::Literal(l) => out.push_str(l.value()),
                    Term::NamedNode(n) => out.push_str(n.as_str()),
                    other => out.push_str(&other.to_string()),
                }
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_filled_once() {
        let literal = |t: &str| Term::from(oxrdf::Literal::new_simple_literal(t));
        let bindings = [("a".to_owned(), literal("{$b}")), ("b".to_owned(), literal("x"))];
        assert_eq!(fill("{?a} and {$b}, {?c} {", &bindings), "{$b} and x, {?c} {");
    }
}
