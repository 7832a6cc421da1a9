//! Every part of a parsed query, once.

use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};

/// The pattern of a query of any form.
pub fn pattern_of(query: &Query) -> &GraphPattern {
    match query {
        Query::Select { pattern, .. }
        | Query::Ask { pattern, .. }
        | Query::Construct { pattern, .. }
        | Query::Describe { pattern, .. } => pattern,
    }
}

/// True when any part of the query is a `SERVICE`.
pub fn uses_service(query: &Query) -> bool {
    let mut found = false;
    visit_patterns(pattern_of(query), &mut |p| found |= matches!(p, GraphPattern::Service { .. }));
    found
}

/// Calls `see` for `pattern` and all patterns inside it, also those inside `EXISTS`.
pub fn visit_patterns<'a>(pattern: &'a GraphPattern, see: &mut dyn FnMut(&'a GraphPattern)) {
    see(pattern);
    for expression in expressions_of(pattern) {
        visit_exists(expression, see);
    }
    for inner in inner_of(pattern) {
        visit_patterns(inner, see);
    }
}

/// Patterns directly inside.
pub fn inner_of(pattern: &GraphPattern) -> Vec<&GraphPattern> {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => Vec::new(),
        GraphPattern::Join { left, right }
        | GraphPattern::LeftJoin { left, right, .. }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => vec![left, right],
        GraphPattern::Filter { inner, .. }
        | GraphPattern::Graph { inner, .. }
        | GraphPattern::Extend { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Group { inner, .. }
        | GraphPattern::Service { inner, .. } => vec![inner],
    }
}

fn expressions_of(pattern: &GraphPattern) -> Vec<&Expression> {
    match pattern {
        GraphPattern::LeftJoin { expression: Some(e), .. } => vec![e],
        GraphPattern::Filter { expr, .. } => vec![expr],
        GraphPattern::Extend { expression, .. } => vec![expression],
        GraphPattern::OrderBy { expression, .. } => expression
            .iter()
            .map(|e| match e {
                OrderExpression::Asc(e) | OrderExpression::Desc(e) => e,
            })
            .collect(),
        GraphPattern::Group { aggregates, .. } => aggregates
            .iter()
            .filter_map(|(_, a)| match a {
                AggregateExpression::FunctionCall { expr, .. } => Some(expr),
                AggregateExpression::CountSolutions { .. } => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn visit_exists<'a>(expression: &'a Expression, see: &mut dyn FnMut(&'a GraphPattern)) {
    match expression {
        Expression::Exists(pattern) => visit_patterns(pattern, see),
        Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {}
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
            visit_exists(a, see);
            visit_exists(b, see);
        }
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => visit_exists(a, see),
        Expression::If(a, b, c) => [a, b, c].into_iter().for_each(|e| visit_exists(e, see)),
        Expression::In(a, list) => {
            visit_exists(a, see);
            list.iter().for_each(|e| visit_exists(e, see));
        }
        Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
            list.iter().for_each(|e| visit_exists(e, see));
        }
    }
}
