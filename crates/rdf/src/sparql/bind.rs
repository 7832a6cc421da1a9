//! Variables bound beforehand: every use of the variable in the parsed query becomes a place that
//! the evaluator fills with a term (SHACL, "Pre-binding of variables in SPARQL").
//!
//! In a triple pattern the place is an IRI that [`super::Graphs`] reads as the term (so a blank node
//! stays itself and does not become a variable); in an expression it is a call of a function that
//! returns the term. The text of the query is never touched.

use oxrdf::{Literal, NamedNode, Variable};
use spargebra::Query;
use spargebra::algebra::{
    AggregateExpression, Expression, Function, GraphPattern, OrderExpression, PropertyPathExpression,
};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

use super::walk::{pattern_of, visit_patterns};

/// Start of the IRIs that stand for bound terms.
pub const PLACE: &str = "urn:x-suffit:bound:";
const FUNCTION: &str = "urn:x-suffit:value-of:";

/// The variable whose value a function returns.
pub(crate) fn name_of(function: &NamedNode) -> Option<&str> {
    function.as_str().strip_prefix(FUNCTION)
}

/// Name of the variable that stands for the path of a property shape.
pub const PATH: &str = "PATH";

pub(super) fn function_of(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{FUNCTION}{name}"))
}

/// Why a query cannot have variables bound beforehand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// A construct that SHACL forbids here.
    #[error("{construct} is not allowed in a query with pre-bound variables")]
    Forbidden {
        /// `MINUS`, `VALUES` or `SERVICE`.
        construct: &'static str,
    },
    /// A subquery hides a variable.
    #[error("a subquery does not return the pre-bound variable ${variable}")]
    Hidden {
        /// The variable.
        variable: String,
    },
    /// A variable is assigned again.
    #[error("the pre-bound variable ${variable} is assigned by AS")]
    Assigned {
        /// The variable.
        variable: String,
    },
    /// `$PATH` stands where only an IRI can.
    #[error("$PATH stands where a path that is no IRI cannot: use it as predicate of a triple pattern")]
    PathPlace,
}

/// What is bound.
#[derive(Debug, Clone, Default)]
pub struct Names<'a> {
    /// Variables that always have a value and that subqueries must return.
    pub required: Vec<&'a str>,
    /// Variables that have a value and that subqueries may leave out.
    pub optional: Vec<&'a str>,
    /// Variables that have no value here but may not be assigned.
    pub absent: Vec<&'a str>,
    /// What `$PATH` stands for.
    pub path: Option<&'a PropertyPathExpression>,
}

impl Names<'_> {
    fn bound(&self, v: &Variable) -> bool {
        self.required.contains(&v.as_str()) || self.optional.contains(&v.as_str())
    }

    fn reserved(&self, v: &Variable) -> bool {
        self.bound(v) || self.absent.contains(&v.as_str())
    }
}

/// Checks the rules of pre-binding, then puts places for the variables.
///
/// # Errors
/// [`BindError`].
pub fn substitute(query: &Query, names: &Names<'_>) -> Result<Query, BindError> {
    check(pattern_of(query), names)?;
    let mut query = query.clone();
    match &mut query {
        Query::Select { pattern, .. }
        | Query::Ask { pattern, .. }
        | Query::Construct { pattern, .. }
        | Query::Describe { pattern, .. } => in_pattern(pattern, names)?,
    }
    Ok(query)
}

fn check(whole: &GraphPattern, names: &Names<'_>) -> Result<(), BindError> {
    let mut problem = None;
    let mut projections = 0;
    visit_patterns(whole, &mut |pattern| {
        let found = match pattern {
            GraphPattern::Minus { .. } => Some(BindError::Forbidden { construct: "MINUS" }),
            GraphPattern::Values { .. } => Some(BindError::Forbidden { construct: "VALUES" }),
            GraphPattern::Service { .. } => Some(BindError::Forbidden { construct: "SERVICE" }),
            GraphPattern::Extend { variable, .. } => {
                names.reserved(variable).then(|| BindError::Assigned { variable: variable.as_str().into() })
            }
            GraphPattern::Group { aggregates, .. } => aggregates
                .iter()
                .find(|(v, _)| names.reserved(v))
                .map(|(v, _)| BindError::Assigned { variable: v.as_str().into() }),
            GraphPattern::Project { variables, .. } => {
                projections += 1;
                // The first one seen is the query's own (an ASK has none).
                let own = projections == 1 && is_own(whole, pattern);
                let hidden = names.required.iter().find(|n| !variables.iter().any(|v| v.as_str() == **n));
                hidden.filter(|_| !own).map(|n| BindError::Hidden { variable: (*n).into() })
            }
            _ => None,
        };
        if problem.is_none() {
            problem = found;
        }
    });
    problem.map_or(Ok(()), Err)
}

/// True for the projection of the query itself, below DISTINCT, ORDER and LIMIT.
fn is_own(whole: &GraphPattern, projection: &GraphPattern) -> bool {
    let mut at = whole;
    loop {
        if std::ptr::eq(at, projection) {
            return true;
        }
        at = match at {
            GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } | GraphPattern::Slice { inner, .. } => {
                inner
            }
            _ => return false,
        };
    }
}

fn place(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{PLACE}{name}"))
}

fn in_pattern(pattern: &mut GraphPattern, names: &Names<'_>) -> Result<(), BindError> {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            let (with_path, mut plain): (Vec<_>, Vec<_>) =
                std::mem::take(patterns).into_iter().partition(|t| names.path.is_some() && is_path(&t.predicate));
            plain.iter_mut().for_each(|t| in_triple(t, names));
            let mut joined = GraphPattern::Bgp { patterns: plain };
            for triple in with_path {
                joined = GraphPattern::Join { left: Box::new(joined), right: Box::new(along_path(triple, names)) };
            }
            *pattern = joined;
        }
        GraphPattern::Path { subject, object, .. } => {
            in_term(subject, names);
            in_term(object, names);
        }
        GraphPattern::Join { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            in_pattern(left, names)?;
            in_pattern(right, names)?;
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            in_pattern(left, names)?;
            in_pattern(right, names)?;
            if let Some(e) = expression {
                in_expression(e, names)?;
            }
        }
        GraphPattern::Filter { expr, inner } => {
            in_expression(expr, names)?;
            in_pattern(inner, names)?;
        }
        GraphPattern::Graph { name, inner } => {
            in_predicate(name, names);
            in_pattern(inner, names)?;
        }
        GraphPattern::Extend { inner, expression, .. } => {
            in_expression(expression, names)?;
            in_pattern(inner, names)?;
        }
        GraphPattern::Values { .. } => {}
        GraphPattern::OrderBy { inner, expression } => {
            for e in expression {
                match e {
                    OrderExpression::Asc(e) | OrderExpression::Desc(e) => in_expression(e, names)?,
                }
            }
            in_pattern(inner, names)?;
        }
        GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => in_pattern(inner, names)?,
        GraphPattern::Group { inner, aggregates, .. } => {
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    in_expression(expr, names)?;
                }
            }
            in_pattern(inner, names)?;
        }
    }
    Ok(())
}

fn is_path(predicate: &NamedNodePattern) -> bool {
    matches!(predicate, NamedNodePattern::Variable(v) if v.as_str() == PATH)
}

fn along_path(mut triple: TriplePattern, names: &Names<'_>) -> GraphPattern {
    in_term(&mut triple.subject, names);
    in_term(&mut triple.object, names);
    match names.path {
        Some(PropertyPathExpression::NamedNode(n)) => {
            triple.predicate = NamedNodePattern::NamedNode(n.clone());
            GraphPattern::Bgp { patterns: vec![triple] }
        }
        Some(path) => GraphPattern::Path { subject: triple.subject, path: path.clone(), object: triple.object },
        None => GraphPattern::Bgp { patterns: vec![triple] },
    }
}

fn in_triple(triple: &mut TriplePattern, names: &Names<'_>) {
    in_term(&mut triple.subject, names);
    in_predicate(&mut triple.predicate, names);
    in_term(&mut triple.object, names);
}

fn in_term(term: &mut TermPattern, names: &Names<'_>) {
    if let TermPattern::Variable(v) = term
        && names.bound(v)
    {
        *term = TermPattern::NamedNode(place(v.as_str()));
    }
}

fn in_predicate(predicate: &mut NamedNodePattern, names: &Names<'_>) {
    if let NamedNodePattern::Variable(v) = predicate
        && names.bound(v)
    {
        *predicate = NamedNodePattern::NamedNode(place(v.as_str()));
    }
}

fn in_expression(e: &mut Expression, names: &Names<'_>) -> Result<(), BindError> {
    match e {
        Expression::Variable(v) if v.as_str() == PATH && names.path.is_some() => match names.path {
            Some(PropertyPathExpression::NamedNode(n)) => *e = Expression::NamedNode(n.clone()),
            _ => return Err(BindError::PathPlace),
        },
        Expression::Variable(v) if names.bound(v) => {
            *e = Expression::FunctionCall(Function::Custom(function_of(v.as_str())), Vec::new());
        }
        Expression::Bound(v) if names.bound(v) => *e = Expression::Literal(Literal::from(true)),
        Expression::Variable(_) | Expression::Bound(_) | Expression::NamedNode(_) | Expression::Literal(_) => {}
        Expression::Exists(pattern) => in_pattern(pattern, names)?,
        Expression::Or(a, b)
        | Expression::And(a, b)
        | Expression::Equal(a, b)
        | Expression::SameTerm(a, b)
        | Expression::Greater(a, b)
        | Expression::GreaterOrEqual(a, b)
        | Expression::Less(a, b)
        | Expression::LessOrEqual(a, b)
        | Expression::Add(a, b)
        | Expression::Subtract(a, b)
        | Expression::Multiply(a, b)
        | Expression::Divide(a, b) => {
            in_expression(a, names)?;
            in_expression(b, names)?;
        }
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => in_expression(a, names)?,
        Expression::If(a, b, c) => {
            for part in [a, b, c] {
                in_expression(part, names)?;
            }
        }
        Expression::In(a, list) => {
            in_expression(a, names)?;
            for part in list {
                in_expression(part, names)?;
            }
        }
        Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
            for part in list {
                in_expression(part, names)?;
            }
        }
    }
    Ok(())
}
