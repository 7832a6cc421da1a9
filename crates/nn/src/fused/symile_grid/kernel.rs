//! The inner loops of the loss over all combinations, one tile of score rows at a time.

use super::super::Real;
use super::super::mip::others;
use super::super::vector::{Kernel, add, add_product, exp_row, largest, product, times};
use super::{Columns, Job, Online, Shift};

/// Fills the products of a tile.
pub(super) struct LeadingRows<'a, 'j, 'v, T> {
    pub job: &'a Job<'j, 'v, T>,
    pub from: usize,
    pub out: &'a mut [T],
}

impl<T: Real> Kernel for LeadingRows<'_, '_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (job, views) = (self.job, self.job.views);
        for (at, out) in self.out.chunks_exact_mut(views.dim()).enumerate() {
            let r = self.from + at;
            let first = views.row(0, job.digit(r, 0));
            if views.views() == 2 {
                out.copy_from_slice(first);
                continue;
            }
            product(out, first, views.row(1, job.digit(r, 1)));
            for m in 2..views.views() - 1 {
                times(out, views.row(m, job.digit(r, m)));
            }
        }
    }
}

/// Joins a tile's scores to the sums of all axes.
pub(super) struct SumTile<'a, 'j, 'v, T> {
    pub job: &'a Job<'j, 'v, T>,
    pub from: usize,
    pub scores: &'a mut [T],
    pub sums: &'a mut [Vec<Online>],
}

impl<T: Real> Kernel for SumTile<'_, '_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let b = self.job.views.rows();
        let last = self.sums.len() - 1;
        // Column tops of this tile, and after them the sums relative to the tops.
        let mut tops = vec![T::NEG_INF; b];
        for row in self.scores.chunks_exact(b) {
            for (top, &x) in tops.iter_mut().zip(row) {
                *top = if x > *top { x } else { *top };
            }
        }
        // An empty column must give exp(-inf - 0) = 0, not exp(-inf + inf).
        for top in &mut tops {
            *top = if *top == T::NEG_INF { T::ZERO } else { *top };
        }
        let mut columns = vec![T::ZERO; b];
        for (at, row) in self.scores.chunks_exact_mut(b).enumerate() {
            for ((sum, &top), &x) in columns.iter_mut().zip(&tops).zip(&*row) {
                *sum += (x - top).exp_wide();
            }
            let top = largest(row);
            if top == T::NEG_INF && !row.iter().any(|x| x.f64().is_nan()) {
                continue;
            }
            let (sum, _) = exp_row::<T, false>(row, top);
            let row_sum = Online { top: top.f64(), sum };
            for (m, sums) in self.sums[..last].iter_mut().enumerate() {
                sums[self.job.digit(self.from + at, m)].join(row_sum);
            }
        }
        for ((online, sum), top) in self.sums[last].iter_mut().zip(columns).zip(tops) {
            online.join(Online { top: top.f64(), sum: sum.f64() });
        }
    }
}

/// Replaces a tile's scores `T` by `e^{T - rho_r} + e^{T - lse_k}`; returns the sum of that times `T`.
pub(super) struct WeighTile<'a, 'j, 'v, T> {
    pub job: &'a Job<'j, 'v, T>,
    pub from: usize,
    pub lse: &'a [Vec<f64>],
    pub columns: &'a Columns<T>,
    pub scores: &'a mut [T],
}

impl<T: Real> Kernel for WeighTile<'_, '_, '_, T> {
    type Out = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let b = self.job.views.rows();
        let mut slope = 0.0;
        for (at, row) in self.scores.chunks_exact_mut(b).enumerate() {
            let r = self.from + at;
            let mut together = Online::EMPTY;
            for (m, lse) in self.lse[..self.lse.len() - 1].iter().enumerate() {
                together.join(Online { top: -lse[self.job.digit(r, m)], sum: 1.0 });
            }
            slope += weigh_row(row, Shift::new(-together.lse()), self.columns);
        }
        slope
    }
}

#[inline(always)]
fn weigh_row<T: Real>(row: &mut [T], rho: Shift<T>, columns: &Columns<T>) -> f64 {
    const LANES: usize = 32;
    let mut lanes = [T::ZERO; LANES];
    let columns = columns.shifts.chunks(LANES).zip(columns.factors.chunks(LANES));
    for (row, (shifts, factors)) in row.chunks_mut(LANES).zip(columns) {
        let columns = shifts.iter().zip(factors);
        for ((x, (&shift, &factor)), lane) in row.iter_mut().zip(columns).zip(&mut lanes) {
            let leading = (*x - rho.by).exp_wide() * rho.factor;
            let weight = (*x - shift).exp_wide().fma(factor, leading);
            let score = if *x == T::NEG_INF { T::ZERO } else { *x };
            *lane = weight.fma(score, *lane);
            *x = weight;
        }
    }
    lanes.iter().map(|x| x.f64()).sum()
}

/// Carries the gradient of a tile's products to the leading views.
pub(super) struct ReturnRows<'a, 'j, 'v, T> {
    pub job: &'a Job<'j, 'v, T>,
    pub from: usize,
    pub back: &'a [T],
    pub grads: &'a mut [Vec<T>],
}

impl<T: Real> Kernel for ReturnRows<'_, '_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (job, views, d) = (self.job, self.job.views, self.job.views.dim());
        let leading = views.views() - 1;
        let mut scratch = vec![T::ZERO; d];
        for (at, back) in self.back.chunks_exact(d).enumerate() {
            let r = self.from + at;
            for m in 0..leading {
                let i = job.digit(r, m);
                let grad = &mut self.grads[m][i * d..(i + 1) * d];
                let rest = others(views, [m, leading], |l| job.digit(r, l), &mut scratch);
                match leading {
                    1 => add(grad, back),
                    _ => add_product(grad, back, rest),
                }
            }
        }
    }
}
