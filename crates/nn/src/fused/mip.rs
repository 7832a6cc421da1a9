//! Multilinear inner products of true tuples, and the pieces that every Symile loss shares.
//!
//! `MIP(r^1, …, r^M) = sum_k prod_m r^m_k` (`symile.md` §Notation); with two views it is the dot
//! product.

use rayon::prelude::*;

use super::vector::{Kernel, add_scaled, dot, product, times, wide};
use super::{Real, Views};

/// Rows that one task of the pool handles in the cheap row-by-row passes.
pub(super) const ROWS_PER_TASK: usize = 64;

/// The multilinear inner product of every true tuple.
///
/// - shapes: M views `[B, d]` to `[B]`
/// - cost: `M B d` FLOPs, reads each view once
/// - determinism: the same for any number of threads
///
/// ```
/// use suffit_nn::fused::{Views, mip};
/// let (a, b, c) = ([1.0, 2.0], [3.0, 1.0], [1.0, 4.0]);
/// let views = Views::new(vec![&a[..], &b, &c], 1, 2)?;
/// assert_eq!(mip(&views), [1.0 * 3.0 * 1.0 + 2.0 * 1.0 * 4.0]);
/// # Ok::<(), suffit_nn::fused::FusedError>(())
/// ```
pub fn mip<T: Real>(views: &Views<T>) -> Vec<f64> {
    let mut out = vec![0.0; views.rows()];
    out.par_chunks_mut(ROWS_PER_TASK).enumerate().for_each(|(task, out)| {
        wide(MipRows { views, first: task * ROWS_PER_TASK, out });
    });
    out
}

struct MipRows<'a, 'v, T> {
    views: &'a Views<'v, T>,
    first: usize,
    out: &'a mut [f64],
}

impl<T: Real> Kernel for MipRows<'_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let last = self.views.views() - 1;
        let mut scratch = vec![T::ZERO; self.views.dim()];
        for (at, out) in self.out.iter_mut().enumerate() {
            let i = self.first + at;
            let rest = others(self.views, [last, last], |_| i, &mut scratch);
            *out = dot(rest, self.views.row(last, i));
        }
    }
}

/// Sum of the scaled scores of all `B^M` combinations, `tau sum_k prod_m sum_i x^m_ik`.
///
/// Beside a loss over all combinations it tells the mean score of a random tuple, which runs away
/// when training collapses.
///
/// - shapes: M views `[B, d]` to one number
/// - cost: `M B d` FLOPs
/// - determinism: one fixed order
pub fn score_sum<T: Real>(views: &Views<T>, log_scale: f64) -> f64 {
    let mut sums = vec![1.0; views.dim()];
    for m in 0..views.views() {
        let mut of_view = vec![0.0; views.dim()];
        for row in views.view(m).chunks_exact(views.dim()) {
            for (s, x) in of_view.iter_mut().zip(row) {
                *s += x.f64();
            }
        }
        for (s, v) in sums.iter_mut().zip(&of_view) {
            *s *= v;
        }
    }
    log_scale.exp() * sums.iter().sum::<f64>()
}

/// The elementwise product over all views but those in `skip`, of the rows that `row_of` names.
///
/// One factor comes back as it is; none is a row of ones.
#[inline(always)]
pub(super) fn others<'s, 'v: 's, T: Real>(
    views: &Views<'v, T>,
    skip: [usize; 2],
    row_of: impl Fn(usize) -> usize,
    scratch: &'s mut [T],
) -> &'s [T] {
    let mut left = (0..views.views()).filter(|l| !skip.contains(l));
    let Some(a) = left.next() else {
        scratch.fill(T::ONE);
        return scratch;
    };
    let first = views.row(a, row_of(a));
    let Some(b) = left.next() else { return first };
    product(scratch, first, views.row(b, row_of(b)));
    for l in left {
        times(scratch, views.row(l, row_of(l)));
    }
    scratch
}

/// Adds the positives' share to the gradients: `grad^m_i += coef_i prod_{l != m} r^l_i`.
pub(super) fn add_positives<T: Real>(views: &Views<T>, coef: &[f64], grads: &mut [Vec<T>]) {
    let d = views.dim();
    for (m, grad) in grads.iter_mut().enumerate() {
        grad.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, grad)| {
            wide(PositiveRows { views, m, first: task * ROWS_PER_TASK, coef, grad });
        });
    }
}

struct PositiveRows<'a, 'v, T> {
    views: &'a Views<'v, T>,
    m: usize,
    first: usize,
    coef: &'a [f64],
    grad: &'a mut [T],
}

impl<T: Real> Kernel for PositiveRows<'_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let mut scratch = vec![T::ZERO; self.views.dim()];
        for (at, grad) in self.grad.chunks_exact_mut(self.views.dim()).enumerate() {
            let i = self.first + at;
            let rest = others(self.views, [self.m, self.m], |_| i, &mut scratch);
            add_scaled(grad, rest, T::of(self.coef[i]));
        }
    }
}
