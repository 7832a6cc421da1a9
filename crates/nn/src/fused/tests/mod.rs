//! Checks of the fused losses: published vectors, definitions, derivatives, invariances.
#![allow(clippy::unwrap_used, clippy::panic)]

mod golden;
mod gradient;
mod invariance;
mod oracle;
mod surface;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{LossGrad, Negatives, Permutations, Real, Views};

/// A batch with everything a loss may draw.
pub(in crate::fused) struct Batch<T> {
    pub x: Vec<Vec<T>>,
    pub rows: usize,
    pub dim: usize,
    pub perms: Vec<Vec<Vec<usize>>>,
    pub negatives: Vec<Vec<usize>>,
    pub per_row: usize,
}

impl<T: Real> Batch<T> {
    /// Uniform numbers in `[-width, width]`, uniform shuffles, two negatives per row.
    pub fn new(views: usize, rows: usize, dim: usize, width: f64, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let x = (0..views).map(|_| (0..rows * dim).map(|_| T::of(rng.random_range(-width..width))).collect()).collect();
        let mut shuffle = || {
            let mut perm: Vec<usize> = (0..rows).collect();
            for j in (1..rows).rev() {
                perm.swap(j, rng.random_range(0..=j));
            }
            perm
        };
        let perms = (0..views).map(|_| (1..views).map(|_| shuffle()).collect()).collect();
        let per_row = if rows > 1 { 2 } else { 0 };
        let mut other = |i: usize| (i + 1 + rng.random_range(0..rows - 1)) % rows;
        let negatives = (0..views).map(|_| (0..rows * per_row).map(|at| other(at / per_row)).collect()).collect();
        Self { x, rows, dim, perms, negatives, per_row }
    }

    pub fn views(&self) -> Views<'_, T> {
        Views::new(self.x.iter().map(|v| &v[..]).collect(), self.rows, self.dim).unwrap()
    }

    pub fn perms(&self) -> Permutations {
        Permutations::new(self.perms.clone(), self.rows).unwrap()
    }

    pub fn negatives(&self) -> Negatives {
        Negatives::new(self.negatives.clone(), self.rows, self.per_row).unwrap()
    }
}

/// Largest deviation of `got` from `want`, as a share of the tolerance: relative to the largest
/// entry of `want`, plus an absolute floor.
pub(in crate::fused) fn excess(got: impl IntoIterator<Item = f64>, want: &[f64], rel: f64, abs: f64) -> f64 {
    let scale = want.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    let got: Vec<f64> = got.into_iter().collect();
    assert_eq!(got.len(), want.len());
    got.iter().zip(want).fold(0.0f64, |worst, (g, w)| {
        let gap = (g - w).abs() / (rel * scale + abs);
        if gap.is_nan() { f64::INFINITY } else { worst.max(gap) }
    })
}

/// [`excess`] over loss, parts and gradients.
pub(in crate::fused) fn excess_of<T: Real>(got: &LossGrad<T>, want: &LossGrad<f64>, rel: f64, abs: f64) -> f64 {
    let mut worst = excess([got.value.loss], &[want.value.loss], rel, abs);
    worst = worst.max(excess(got.value.parts.iter().copied(), &want.value.parts, rel, abs));
    worst = worst.max(excess([got.log_scale], &[want.log_scale], rel, abs));
    let all: Vec<f64> = want.views.iter().flatten().copied().collect();
    worst.max(excess(got.views.iter().flatten().map(|x| x.f64()), &all, rel, abs))
}
