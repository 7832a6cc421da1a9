//! Searching one view from any subset of the others, without retraining.
//!
//! The score of candidate `z` given the views `G` of a query is `τ ⟨Π_{g∈G} r^g, r^z⟩` when every
//! other view is in `G`. Views that are neither given nor searched are averaged over the bank
//! (spec: `symile.md`, Theory 5), left out, or go through their encoder as missing.

mod cell;
mod prior;

pub use cell::{Cell, all_subsets, evaluate, subset_name};
pub use prior::{LabelPrior, log_prior};

use std::collections::BTreeMap;

use suffit_core::Result;

use super::config::{MissingQuery, Objective};
use super::error::SymileError;
use super::reps::{Bank, BankKind, Reps};
use super::score::{bank_scores, clip_scores, mip_scores};

/// Scores candidates for queries with any views present.
#[derive(Debug, Clone, Copy)]
pub struct Searcher<'a> {
    /// What the model was trained for.
    pub objective: Objective,
    /// `ln τ`.
    pub log_scale: f64,
    /// Stands in for missing views.
    pub bank: &'a Bank,
    /// How several missing views are combined.
    pub bank_kind: BankKind,
    /// What to do about missing views.
    pub missing: MissingQuery,
}

impl Searcher<'_> {
    /// Scores of all candidates for every query, `[Q · C]`.
    ///
    /// Query `i` is searched from those views of `given` that it has; `target` is never used. A
    /// query that has none of them gets score 0 for every candidate (nothing is known).
    ///
    /// - shapes: `queries: Q` rows, `candidates: [C · d]` of the target view
    /// - cost: `2 Q C d` FLOPs, times the bank size where views are missing
    /// - determinism: queries are scored alone, whatever the order and the number of threads
    ///
    /// # Errors
    /// [`SymileError::Dimension`] when candidates have another length.
    pub fn scores(&self, queries: &Reps, candidates: &[f32], target: usize, given: &[usize]) -> Result<Vec<f32>> {
        let width = candidates.len() / queries.dim().max(1);
        let mut scores = vec![0.0f32; queries.rows() * width];
        for (views, rows) in self.patterns(queries, target, given) {
            if views.is_empty() && self.missing != MissingQuery::Trained {
                continue;
            }
            let part = self.pattern_scores(&queries.select(&rows), candidates, target, &views)?;
            for (row, found) in rows.iter().zip(part.chunks(width.max(1))) {
                scores[row * width..(row + 1) * width].copy_from_slice(found);
            }
        }
        Ok(scores)
    }

    /// Rows by the views that they are searched from.
    fn patterns(&self, queries: &Reps, target: usize, given: &[usize]) -> BTreeMap<Vec<usize>, Vec<usize>> {
        let mut patterns: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for i in 0..queries.rows() {
            let there = |m: &usize| *m != target && queries.present(*m, i);
            patterns.entry(given.iter().copied().filter(there).collect()).or_default().push(i);
        }
        patterns
    }

    fn pattern_scores(&self, queries: &Reps, candidates: &[f32], target: usize, views: &[usize]) -> Result<Vec<f32>> {
        let dim = queries.dim();
        if self.objective == Objective::Clip {
            let reps: Vec<&[f32]> = views.iter().map(|&m| queries.view(m)).collect();
            return clip_scores(&reps, candidates, dim, self.log_scale);
        }
        let absent: Vec<usize> = (0..queries.views()).filter(|m| *m != target && !views.contains(m)).collect();
        match self.missing {
            _ if absent.is_empty() => mip_scores(&queries.product(views)?, candidates, dim, self.log_scale),
            MissingQuery::Drop => mip_scores(&queries.product(views)?, candidates, dim, self.log_scale),
            MissingQuery::Trained => {
                let all: Vec<usize> = (0..queries.views()).filter(|m| *m != target).collect();
                mip_scores(&queries.product(&all)?, candidates, dim, self.log_scale)
            }
            MissingQuery::Bank => {
                let bank = self.bank.entries(&absent, self.bank_kind)?;
                if bank.is_empty() {
                    let what = "a bank for missing query views";
                    return Err(SymileError::TooFewRows { what, need: 1, got: 0 }.into());
                }
                bank_scores(&queries.product(views)?, &bank, candidates, dim, self.log_scale)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use suffit_core::Seed;
    use suffit_core::seed::normal;

    fn reps(rows: usize, seed: u64) -> Reps {
        let mut stream = Seed::new(seed).stream("reps", &[]);
        let data = (0..3).map(|_| (0..rows * 4).map(|_| normal(&mut stream) as f32).collect()).collect();
        Reps::new(["a", "b", "c"].map(String::from).to_vec(), 4, rows, data, vec![vec![true; rows]; 3]).unwrap()
    }

    #[test]
    fn every_query_is_searched_from_the_views_it_has() {
        let full = reps(6, 1);
        let mut present = vec![vec![true; 6]; 3];
        present[1][4] = false;
        let data = (0..3).map(|m| full.view(m).to_vec()).collect();
        let queries = Reps::new(full.names().to_vec(), 4, 6, data, present).unwrap();
        let bank = Bank::new(&reps(20, 2), 20, Seed::new(3));
        let searcher = Searcher {
            objective: Objective::Symile,
            log_scale: 0.0,
            bank: &bank,
            bank_kind: BankKind::Independent,
            missing: MissingQuery::Bank,
        };
        let mixed = searcher.scores(&queries, full.view(2), 2, &[0, 1]).unwrap();
        let complete = searcher.scores(&full, full.view(2), 2, &[0, 1]).unwrap();
        let from_a = searcher.scores(&full, full.view(2), 2, &[0]).unwrap();
        assert_eq!(mixed[..24], complete[..24]);
        assert_eq!(mixed[24..30], from_a[24..30]);
        assert_ne!(mixed[24..30], complete[24..30]);
    }

    #[test]
    fn dropping_differs_from_averaging() {
        let full = reps(6, 1);
        let bank = Bank::new(&reps(20, 2), 20, Seed::new(3));
        let searcher = Searcher {
            objective: Objective::Symile,
            log_scale: 0.0,
            bank: &bank,
            bank_kind: BankKind::Independent,
            missing: MissingQuery::Drop,
        };
        let dropped = searcher.scores(&full, full.view(2), 2, &[0]).unwrap();
        let averaged =
            Searcher { missing: MissingQuery::Bank, ..searcher }.scores(&full, full.view(2), 2, &[0]).unwrap();
        assert_ne!(dropped, averaged);
    }
}
