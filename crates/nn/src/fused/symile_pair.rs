//! Pair sampling ("pair:K"), `symile.md` §Loss.
//!
//! Per target view `t` the other views stay at their true row, `q_i = prod_{m != t} r^m_i`, and K
//! negatives are drawn for the target alone: candidates `{r^t_i} u {r^t_n}`. Its optimum is the
//! information of the target with the rest together, `I(t; rest)`, not the total correlation.

use rayon::prelude::*;

use super::mip::{ROWS_PER_TASK, add_positives, mip, others};
use super::softmax::{RowLoss, contrast_row, summarise};
use super::vector::{Kernel, add_product, add_scaled, dot, wide};
use super::{FusedError, Groups, LossGrad, LossValue, Negatives, Real, Views};

/// Loss and gradients of pair sampling.
///
/// `loss = 1/M sum_t 1/B sum_i [ ln sum_c exp(tau <q_i, r^t_c>) - tau MIP_i ]` over the positive and
/// the K negatives of row `i`. With `groups`, negatives in the group of row `i` are left out.
///
/// - shapes: M views `[B, d]`; `log_scale` is `ln tau`; gradients as the views
/// - cost: `6 M B K d` FLOPs with gathered rows (bound by memory), `M B K` numbers
/// - determinism: sums have a fixed order, the same for any number of threads
///
/// # Errors
/// [`FusedError::Count`] when the negatives are for another batch, [`FusedError::GroupCount`].
pub fn symile_pair<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    negatives: &Negatives,
    groups: Option<&Groups>,
) -> Result<LossGrad<T>, FusedError> {
    negatives.fits(views)?;
    groups.map_or(Ok(()), |g| g.fits(views))?;
    Ok(Job::new(views, log_scale, negatives, groups).with_gradients())
}

/// [`symile_pair`] without gradients: a third of the arithmetic, the same number to the bit.
///
/// # Errors
/// As [`symile_pair`].
pub fn symile_pair_value<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    negatives: &Negatives,
    groups: Option<&Groups>,
) -> Result<LossValue, FusedError> {
    negatives.fits(views)?;
    groups.map_or(Ok(()), |g| g.fits(views))?;
    let job = Job::new(views, log_scale, negatives, groups);
    let rows: Vec<_> = (0..views.views()).map(|t| job.weights::<false>(t).1).collect();
    Ok(value(&rows).0)
}

fn value(rows: &[Vec<RowLoss>]) -> (LossValue, f64) {
    let (parts, slope) = summarise(rows);
    (LossValue { loss: parts.iter().sum::<f64>() / parts.len() as f64, parts }, slope)
}

struct Job<'a, 'v, T> {
    views: &'a Views<'v, T>,
    negatives: &'a Negatives,
    groups: Option<&'a Groups>,
    tau: f64,
    positive: Vec<f64>,
}

impl<'a, 'v, T: Real> Job<'a, 'v, T> {
    fn new(views: &'a Views<'v, T>, log_scale: f64, negatives: &'a Negatives, groups: Option<&'a Groups>) -> Self {
        let tau = log_scale.exp();
        let positive = mip(views).into_iter().map(|x| tau * x).collect();
        Self { views, negatives, groups, tau, positive }
    }

    fn unit(&self) -> f64 {
        self.tau / (self.views.rows() * self.views.views()) as f64
    }

    /// For target `t` the logits' gradients `[B, K]` (with `STORE`) and the rows' losses.
    fn weights<const STORE: bool>(&self, t: usize) -> (Vec<T>, Vec<RowLoss>) {
        let (b, k) = (self.views.rows(), self.negatives.per_row());
        let mut weights = vec![T::ZERO; b * k];
        let mut rows = vec![RowLoss::default(); b];
        if k > 0 {
            weights.par_chunks_mut(ROWS_PER_TASK * k).zip(rows.par_chunks_mut(ROWS_PER_TASK)).enumerate().for_each(
                |(task, (weights, rows))| {
                    let first = task * ROWS_PER_TASK;
                    wide(ScoreRows::<T, STORE> { job: self, t, first, weights, rows });
                },
            );
        }
        (weights, rows)
    }

    fn with_gradients(&self) -> LossGrad<T> {
        let (b, d, views) = (self.views.rows(), self.views.dim(), self.views.views());
        let mut grads = vec![vec![T::ZERO; b * d]; views];
        let mut rows = Vec::with_capacity(views);
        for t in 0..views {
            let (weights, of_rows) = self.weights::<true>(t);
            rows.push(of_rows);
            self.to_others(t, &weights, &mut grads);
            self.to_target(t, &weights, &mut grads[t]);
        }
        let unit = self.unit();
        let coef: Vec<f64> = (0..b).map(|i| -unit * rows.iter().map(|r| r[i].miss).sum::<f64>()).collect();
        add_positives(self.views, &coef, &mut grads);
        let (value, log_scale) = value(&rows);
        LossGrad { value, views: grads, log_scale }
    }

    /// Gradient of the products `q_i`, carried to the views they are made of.
    fn to_others(&self, t: usize, weights: &[T], grads: &mut [Vec<T>]) {
        let d = self.views.dim();
        let mut of_query = vec![T::ZERO; self.views.rows() * d];
        of_query.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, out)| {
            wide(QueryRows { job: self, t, first: task * ROWS_PER_TASK, weights, out });
        });
        for (m, grad) in grads.iter_mut().enumerate().filter(|(m, _)| *m != t) {
            grad.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, grad)| {
                let first = task * ROWS_PER_TASK;
                wide(SpreadRows { views: self.views, skip: [m, t], first, of_query: &of_query, grad });
            });
        }
    }

    /// Gradient of the target's rows: each collects from the rows that drew it, in their order.
    fn to_target(&self, t: usize, weights: &[T], grad: &mut [T]) {
        let (b, d, k) = (self.views.rows(), self.views.dim(), self.negatives.per_row());
        let mut start = vec![0usize; b + 1];
        for i in 0..b {
            for &n in self.negatives.of(t, i) {
                start[n as usize + 1] += 1;
            }
        }
        for i in 0..b {
            start[i + 1] += start[i];
        }
        let mut drawn = vec![0usize; b * k];
        let mut next = start.clone();
        for i in 0..b {
            for (at, &n) in self.negatives.of(t, i).iter().enumerate() {
                drawn[next[n as usize]] = i * k + at;
                next[n as usize] += 1;
            }
        }
        grad.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, grad)| {
            let (start, drawn, first) = (&start[..], &drawn[..], task * ROWS_PER_TASK);
            wide(TargetRows { job: self, t, start, drawn, weights, first, grad });
        });
    }
}

struct ScoreRows<'a, 'j, 'v, T, const STORE: bool> {
    job: &'a Job<'j, 'v, T>,
    t: usize,
    first: usize,
    weights: &'a mut [T],
    rows: &'a mut [RowLoss],
}

impl<T: Real, const STORE: bool> Kernel for ScoreRows<'_, '_, '_, T, STORE> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (job, t) = (self.job, self.t);
        let mut scratch = vec![T::ZERO; job.views.dim()];
        let k = job.negatives.per_row();
        for (at, (scores, row)) in self.weights.chunks_exact_mut(k).zip(self.rows).enumerate() {
            let i = self.first + at;
            let q = others(job.views, [t, t], |_| i, &mut scratch);
            for (x, &n) in scores.iter_mut().zip(job.negatives.of(t, i)) {
                let n = n as usize;
                *x = match job.groups.is_some_and(|g| g.of(n) == g.of(i)) {
                    true => T::NEG_INF,
                    false => T::of(job.tau * dot(q, job.views.row(t, n))),
                };
            }
            *row = contrast_row::<T, STORE>(scores, job.positive[i], job.unit());
        }
    }
}

struct QueryRows<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    t: usize,
    first: usize,
    weights: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for QueryRows<'_, '_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let k = self.job.negatives.per_row();
        for (at, out) in self.out.chunks_exact_mut(self.job.views.dim()).enumerate() {
            let i = self.first + at;
            let negatives = self.job.negatives.of(self.t, i);
            for (&w, &n) in self.weights[i * k..(i + 1) * k].iter().zip(negatives) {
                add_scaled(out, self.job.views.row(self.t, n as usize), w);
            }
        }
    }
}

struct SpreadRows<'a, 'v, T> {
    views: &'a Views<'v, T>,
    skip: [usize; 2],
    first: usize,
    of_query: &'a [T],
    grad: &'a mut [T],
}

impl<T: Real> Kernel for SpreadRows<'_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let d = self.views.dim();
        let mut scratch = vec![T::ZERO; d];
        for (at, grad) in self.grad.chunks_exact_mut(d).enumerate() {
            let i = self.first + at;
            let rest = others(self.views, self.skip, |_| i, &mut scratch);
            add_product(grad, &self.of_query[i * d..(i + 1) * d], rest);
        }
    }
}

struct TargetRows<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    t: usize,
    start: &'a [usize],
    drawn: &'a [usize],
    weights: &'a [T],
    first: usize,
    grad: &'a mut [T],
}

impl<T: Real> Kernel for TargetRows<'_, '_, '_, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (job, k) = (self.job, self.job.negatives.per_row());
        let mut scratch = vec![T::ZERO; job.views.dim()];
        for (at, grad) in self.grad.chunks_exact_mut(job.views.dim()).enumerate() {
            let n = self.first + at;
            for &draw in &self.drawn[self.start[n]..self.start[n + 1]] {
                let i = draw / k;
                let q = others(job.views, [self.t, self.t], |_| i, &mut scratch);
                add_scaled(grad, q, self.weights[draw]);
            }
        }
    }
}
