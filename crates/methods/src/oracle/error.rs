//! What can be wrong with a call of the oracle's verbs.

use suffit_core::{Cause, Family};

/// Causes of the verbs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// Neither a folder made by `build` nor a file of a known format.
    #[error("{path}: is neither a folder made by `suffit oracle build` nor an RDF file")]
    NoGraph {
        /// What was given.
        path: String,
    },
    /// A value that an argument does not know.
    #[error("--{argument} is `{value}`, expected one of {expected}")]
    Argument {
        /// The argument.
        argument: &'static str,
        /// What was given.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A file of claims without a single label.
    #[error("{file}: no line has a label `gold` of E, C or U")]
    NoLabels {
        /// The file.
        file: String,
    },
    /// A graph without a triple.
    #[error("{path}: there is no triple in it")]
    Empty {
        /// The graph.
        path: String,
    },
    /// A file beside the graph (aliases, policy) that cannot be used.
    #[error("{file}: {problem}")]
    Beside {
        /// The file.
        file: String,
        /// What is wrong, with its line.
        problem: String,
    },
    /// A statistic that cannot be computed.
    #[error(transparent)]
    Statistics(suffit_stats::StatsError),
    /// A claim that is neither given as JSON nor in a file.
    #[error("the claim given on the command line {problem}")]
    Claim {
        /// What is wrong with it.
        problem: String,
    },
}

impl Cause for OracleError {
    fn family(&self) -> Family {
        match self {
            OracleError::NoGraph { .. } | OracleError::Argument { .. } | OracleError::Claim { .. } => Family::Usage,
            OracleError::NoLabels { .. } | OracleError::Empty { .. } | OracleError::Beside { .. } => Family::Data,
            OracleError::Statistics(_) => Family::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            OracleError::NoGraph { .. } => "build one: suffit oracle build graph.ttl --ontology onto.ttl --out kg".into(),
            OracleError::Argument { argument, .. } => format!("see the help of --{argument}"),
            OracleError::NoLabels { .. } => "for decisions without labels use `suffit oracle check`".into(),
            OracleError::Statistics(_) => return None,
            OracleError::Empty { .. } => "check that this is the right file: an empty graph licenses nothing".into(),
            OracleError::Beside { .. } => {
                r#"a line of aliases is `alias,iri` or `alias,iri,lang`; a policy is {"default":"must_license","predicates":{"IRI":"may_pass"}}"#.into()
            }
            OracleError::Claim { .. } => {
                r#"for example --claim '{"subject":{"mention":"Oslo"},"predicate":"urn:ex:capitalOf","object":{"mention":"Norway"}}'"#.into()
            }
        })
    }

    fn code(&self) -> &'static str {
        match self {
            OracleError::NoGraph { .. } => "oracle.no_graph",
            OracleError::Argument { .. } => "oracle.argument",
            OracleError::NoLabels { .. } => "oracle.no_labels",
            OracleError::Empty { .. } => "oracle.empty",
            OracleError::Statistics(_) => "oracle.statistics",
            OracleError::Beside { .. } => "oracle.beside",
            OracleError::Claim { .. } => "oracle.claim",
        }
    }
}
