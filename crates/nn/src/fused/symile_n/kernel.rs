//! The inner loops of O(N) sampling, a few rows at a time.

use super::super::mip::others;
use super::super::softmax::{RowLoss, contrast_row};
use super::super::vector::{Kernel, add_product};
use super::super::{Permutations, Real, Views};
use super::{Job, place};

/// Fills the products `P_j` of an anchor.
pub(super) struct ColumnRows<'a, 'v, T> {
    pub views: &'a Views<'v, T>,
    pub perms: &'a Permutations,
    pub m: usize,
    pub first: usize,
    pub out: &'a mut [T],
}

impl<T: Real> Kernel for ColumnRows<'_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let mut scratch = vec![T::ZERO; self.views.dim()];
        for (at, out) in self.out.chunks_exact_mut(self.views.dim()).enumerate() {
            let j = self.first + at;
            let row_of = |l| self.perms.of(self.m, place(self.m, l))[j] as usize;
            out.copy_from_slice(others(self.views, [self.m, self.m], row_of, &mut scratch));
        }
    }
}

/// Turns rows of scores into losses and weighted probabilities.
pub(super) struct ContrastRows<'a, 'j, 'v, T, const STORE: bool> {
    pub job: &'a Job<'j, 'v, T>,
    pub lo: usize,
    pub excluded: &'a [Vec<u32>],
    pub unit: f64,
    pub scores: &'a mut [T],
    pub rows: &'a mut [RowLoss],
}

impl<T: Real, const STORE: bool> Kernel for ContrastRows<'_, '_, '_, T, STORE> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let b = self.job.views.rows();
        for (at, (scores, row)) in self.scores.chunks_exact_mut(b).zip(self.rows).enumerate() {
            let i = self.lo + at;
            scores[i] = T::NEG_INF;
            if let Some(groups) = self.job.groups {
                for &j in &self.excluded[groups.of(i)] {
                    scores[j as usize] = T::NEG_INF;
                }
            }
            *row = contrast_row::<T, STORE>(scores, self.job.positive[i], self.unit);
        }
    }
}

/// Column gradients of anchor `m`, and where each row of the view in hand is among its columns.
pub(super) struct Source<'a, T> {
    pub m: usize,
    pub of_columns: &'a [T],
    pub at: Vec<u32>,
}

/// Carries column gradients to the rows of one view.
pub(super) struct SpreadRows<'a, 'v, T> {
    pub views: &'a Views<'v, T>,
    pub perms: &'a Permutations,
    pub k: usize,
    pub sources: &'a [Source<'a, T>],
    pub first: usize,
    pub grad: &'a mut [T],
}

impl<T: Real> Kernel for SpreadRows<'_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let d = self.views.dim();
        let mut scratch = vec![T::ZERO; d];
        for (at, grad) in self.grad.chunks_exact_mut(d).enumerate() {
            for source in self.sources {
                let j = source.at[self.first + at] as usize;
                let row_of = |l| self.perms.of(source.m, place(source.m, l))[j] as usize;
                let rest = others(self.views, [source.m, self.k], row_of, &mut scratch);
                add_product(grad, &source.of_columns[j * d..(j + 1) * d], rest);
            }
        }
    }
}
