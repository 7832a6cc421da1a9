//! One cell of the retrieval matrix: find one view from a subset of the others.

use serde::{Deserialize, Serialize};
use suffit_core::Result;
use suffit_stats::proportion::wilson;

use super::Searcher;
use crate::symile::error::SymileError;
use crate::symile::reps::Reps;
use crate::symile::score::rank_of;

/// How well a view is found among all held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The view searched for.
    pub target: String,
    /// The views given.
    pub given: Vec<String>,
    /// Share of queries whose own row came first (a tie for the first place is a miss).
    pub top1: f64,
    /// Wilson 95 % interval.
    pub low: f64,
    /// Wilson 95 % interval.
    pub high: f64,
    /// Mean reciprocal rank; ties count by half.
    pub mean_reciprocal_rank: f64,
    /// Share found by guessing.
    pub chance: f64,
    /// Number of queries.
    pub n: u64,
    /// Whether each query was found, in row order.
    #[serde(skip)]
    pub hits: Vec<bool>,
}

/// Searches `target` from `given` among the rows that have it; queries are the rows that have all
/// of them.
///
/// # Errors
/// [`SymileError::TooFewRows`] when no row has the views.
pub fn evaluate(searcher: &Searcher, reps: &Reps, target: usize, given: &[usize]) -> Result<Cell> {
    let candidates = reps.observed(target);
    let place: std::collections::HashMap<usize, usize> = candidates.iter().enumerate().map(|(k, &i)| (i, k)).collect();
    let queries: Vec<usize> =
        candidates.iter().copied().filter(|&i| given.iter().all(|&m| reps.present(m, i))).collect();
    if queries.is_empty() {
        return Err(SymileError::TooFewRows { what: "a retrieval", need: 1, got: 0 }.into());
    }
    let pool = reps.select(&candidates);
    let scores = searcher.scores(&reps.select(&queries), pool.view(target), target, given)?;
    let ranks: Vec<f64> =
        queries.iter().zip(scores.chunks(candidates.len())).map(|(i, row)| rank_of(row, place[i])).collect();
    let hits: Vec<bool> = ranks.iter().map(|r| *r == 0.0).collect();
    let (found, n) = (hits.iter().filter(|h| **h).count() as u64, hits.len() as u64);
    let interval =
        wilson(found, n, 0.95).map_err(|source| SymileError::Statistic { what: "Wilson interval", source })?;
    Ok(Cell {
        target: reps.names()[target].clone(),
        given: given.iter().map(|&m| reps.names()[m].clone()).collect(),
        top1: found as f64 / n as f64,
        low: interval.low,
        high: interval.high,
        mean_reciprocal_rank: ranks.iter().map(|r| 1.0 / (1.0 + r)).sum::<f64>() / n as f64,
        chance: 1.0 / candidates.len() as f64,
        n,
        hits,
    })
}

/// All non-empty subsets of the views other than `target`: small ones first, then in view order.
pub fn all_subsets(views: usize, target: usize) -> Vec<Vec<usize>> {
    let others: Vec<usize> = (0..views).filter(|&m| m != target).collect();
    let mut subsets: Vec<Vec<usize>> = (1u32..1 << others.len())
        .map(|bits| others.iter().enumerate().filter(|(k, _)| bits >> k & 1 == 1).map(|(_, &m)| m).collect())
        .collect();
    subsets.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    subsets
}

/// `pix + fou`.
pub fn subset_name(names: &[String], subset: &[usize]) -> String {
    subset.iter().map(|&m| names[m].as_str()).collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_all_and_ordered() {
        assert_eq!(all_subsets(3, 1), [vec![0], vec![2], vec![0, 2]]);
        assert_eq!(all_subsets(6, 0).len(), 31);
    }
}
