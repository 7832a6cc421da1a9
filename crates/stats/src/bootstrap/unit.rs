//! What is drawn: single rows or whole groups.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::all_finite;
use crate::{StatsError, Stream, check};

/// Above this many units the leave-one-out pass leaves out several at once.
const FOLDS: usize = 2_048;

/// The resampling units.
pub(super) enum Units {
    /// Rows `0..n`.
    Rows(usize),
    /// Row numbers of each group, groups in ascending order of their label.
    Groups(Vec<Vec<usize>>),
}

impl Units {
    pub(super) fn rows(rows: usize) -> Result<Self, StatsError> {
        check::at_least("rows", rows, 2)?;
        Ok(Self::Rows(rows))
    }

    pub(super) fn groups(labels: &[usize]) -> Result<Self, StatsError> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, &label) in labels.iter().enumerate() {
            groups.entry(label).or_default().push(row);
        }
        check::at_least("groups", groups.len(), 2)?;
        Ok(Self::Groups(groups.into_values().collect()))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows(n) => *n,
            Self::Groups(g) => g.len(),
        }
    }

    /// The groups; none for plain rows.
    pub(super) fn members(&self) -> &[Vec<usize>] {
        match self {
            Self::Rows(_) => &[],
            Self::Groups(g) => g,
        }
    }

    /// Every row, unit by unit.
    pub(super) fn all(&self) -> Vec<usize> {
        let mut rows = Vec::new();
        (0..self.len()).for_each(|u| self.push(u, &mut rows));
        rows
    }

    fn push(&self, unit: usize, rows: &mut Vec<usize>) {
        match self {
            Self::Rows(_) => rows.push(unit),
            Self::Groups(g) => rows.extend_from_slice(&g[unit]),
        }
    }

    /// As many units as there are, with replacement.
    pub(super) fn resample(&self, stream: &mut Stream, rows: &mut Vec<usize>) {
        rows.clear();
        for _ in 0..self.len() {
            self.push(stream.below(self.len()), rows);
        }
    }

    /// The statistic without unit `u`, for every `u` (without every `FOLDS`-th above `FOLDS`).
    pub(super) fn jackknife<F>(&self, statistic: &F) -> Result<Vec<f64>, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        let folds = self.len().min(FOLDS);
        let values: Vec<f64> = (0..folds)
            .into_par_iter()
            .map_init(Vec::new, |rows, fold| {
                rows.clear();
                (0..self.len()).filter(|u| u % folds != fold).for_each(|u| self.push(u, rows));
                statistic(rows)
            })
            .collect();
        all_finite(values, "leave-one-out sample")
    }
}
