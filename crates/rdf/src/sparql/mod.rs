//! SPARQL queries over [`Triples`](crate::Triples): evaluated by `spareval`, bounded in time and rows, without
//! `SERVICE` and without updates (`LOAD` and its kin do not parse as queries).
//!
//! Values are bound as terms inside the parsed query ([`bind`]); no text is ever put together.
//!
//! Source: specification of the Licensing Oracle, heading "SHACL engine"; SPARQL 1.1 Query.

pub mod bind;
pub mod dataset;
mod walk;

use std::time::{Duration, Instant};

use oxrdf::Term;
use spareval::{CancellationToken, QueryEvaluationError, QueryEvaluator, QueryResults};
use spargebra::{Query, SparqlParser};

pub use dataset::{Graphs, Node};
pub use walk::{pattern_of, uses_service, visit_patterns};

/// Longest time of one query, unless [`Limits`] says otherwise.
pub const MAX_TIME: Duration = Duration::from_secs(30);
/// Most rows of one query, unless [`Limits`] says otherwise.
pub const MAX_ROWS: usize = 1_000_000;
/// Longest query text in bytes.
pub const MAX_QUERY: usize = 1 << 20;
/// Deepest nesting of brackets in a query text.
pub const MAX_QUERY_DEPTH: usize = 128;

/// Bounds of one query.
///
/// Time is looked at whenever the evaluator reads triples and at every row that it gives. A product of
/// patterns that share no variable reads nothing while its inner loops run, so such a query is
/// stopped late: when its outermost pattern goes on. Memory is bounded by rows and by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest time.
    pub time: Duration,
    /// Most rows of the answer.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { time: MAX_TIME, rows: MAX_ROWS }
    }
}

/// Why a query was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SparqlError {
    /// The text is no query.
    #[error("not a SPARQL query: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// The text is too long or nested too deeply.
    #[error("the query has {got} {what}, more than {limit}")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many may be.
        limit: usize,
    },
    /// The query asks another server.
    #[error("SERVICE is refused: queries read the loaded graph only")]
    Service,
    /// The query has the wrong form.
    #[error("expected a {expected} query")]
    Form {
        /// `SELECT` or `ASK`.
        expected: &'static str,
    },
    /// It took too long.
    #[error("the query took longer than {} s", limit.as_secs_f64())]
    Time {
        /// The limit.
        limit: Duration,
    },
    /// It has too many rows.
    #[error("the query has more than {limit} rows")]
    Rows {
        /// The limit.
        limit: usize,
    },
    /// It uses something that the evaluator does not know.
    #[error("the query cannot be evaluated: {message}")]
    Evaluation {
        /// What the evaluator says.
        message: String,
    },
}

/// Parses a query; `prefixes` are bound besides those that the text declares.
///
/// # Errors
/// [`SparqlError::Syntax`], [`SparqlError::TooLarge`], [`SparqlError::Service`].
pub fn parse(text: &str, prefixes: &[(String, String)]) -> Result<Query, SparqlError> {
    if text.len() > MAX_QUERY {
        return Err(SparqlError::TooLarge { what: "bytes", got: text.len(), limit: MAX_QUERY });
    }
    let depth = depth(text);
    if depth > MAX_QUERY_DEPTH {
        return Err(SparqlError::TooLarge { what: "levels of brackets", got: depth, limit: MAX_QUERY_DEPTH });
    }
    let mut parser = SparqlParser::new();
    for (prefix, iri) in prefixes {
        parser = parser.with_prefix(prefix, iri).map_err(|e| SparqlError::Syntax { message: e.to_string() })?;
    }
    let query = parser.parse_query(text).map_err(|e| SparqlError::Syntax { message: e.to_string() })?;
    if uses_service(&query) {
        return Err(SparqlError::Service);
    }
    Ok(query)
}

/// Deepest run of open brackets or signs of negation; brackets in strings count too.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut unary, mut longest) = (0_usize, 0, 0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '{' | '[' => open += 1,
            ')' | '}' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        unary = if matches!(c, '!' | '-' | '+' | '^') { unary + 1 } else { 0 };
        deepest = deepest.max(open);
        longest = longest.max(unary);
    }
    deepest.max(longest)
}

/// Names and values of one solution.
pub type Bindings = Vec<(String, Term)>;

/// Solutions of a `SELECT`, in the order of the evaluator, each as its bound variables.
///
/// # Errors
/// [`SparqlError::Form`], [`SparqlError::Time`], [`SparqlError::Rows`], [`SparqlError::Evaluation`].
pub fn select(query: &Query, graphs: Graphs<'_>, limits: &Limits) -> Result<Vec<Bindings>, SparqlError> {
    let (graphs, deadline, evaluator) = prepare(graphs, limits);
    let answer = evaluator.prepare(query).execute(graphs);
    let QueryResults::Solutions(solutions) = answer.map_err(|e| failed(e, limits))? else {
        return Err(SparqlError::Form { expected: "SELECT" });
    };
    let mut rows = Vec::new();
    for solution in solutions {
        let solution = solution.map_err(|e| failed(e, limits))?;
        if rows.len() >= limits.rows {
            return Err(SparqlError::Rows { limit: limits.rows });
        }
        if Instant::now() > deadline {
            return Err(SparqlError::Time { limit: limits.time });
        }
        rows.push(solution.iter().map(|(v, t)| (v.as_str().to_owned(), t.clone())).collect());
    }
    Ok(rows)
}

/// The answer of an `ASK`.
///
/// # Errors
/// As [`select`].
pub fn ask(query: &Query, graphs: Graphs<'_>, limits: &Limits) -> Result<bool, SparqlError> {
    let (graphs, _, evaluator) = prepare(graphs, limits);
    let answer = evaluator.prepare(query).execute(graphs);
    match answer.map_err(|e| failed(e, limits))? {
        QueryResults::Boolean(yes) => Ok(yes),
        _ => Err(SparqlError::Form { expected: "ASK" }),
    }
}

fn prepare<'a>(graphs: Graphs<'a>, limits: &Limits) -> (Graphs<'a>, Instant, QueryEvaluator) {
    let token = CancellationToken::new();
    let deadline = Instant::now() + limits.time;
    let mut evaluator = QueryEvaluator::new().with_cancellation_token(token.clone());
    for (name, term) in graphs.bound() {
        let term = term.clone();
        evaluator = evaluator.with_custom_function(bind::function_of(name), move |_| Some(term.clone()));
    }
    (graphs.until(deadline, token), deadline, evaluator)
}

fn failed(error: QueryEvaluationError, limits: &Limits) -> SparqlError {
    match error {
        QueryEvaluationError::Cancelled => SparqlError::Time { limit: limits.time },
        QueryEvaluationError::Service(_)
        | QueryEvaluationError::UnboundService
        | QueryEvaluationError::UnsupportedService(_)
        | QueryEvaluationError::InvalidServiceName(_) => SparqlError::Service,
        other => SparqlError::Evaluation { message: other.to_string() },
    }
}

#[cfg(test)]
mod tests;
