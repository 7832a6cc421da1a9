//! Symile over all combinations ("n_squared", in general `B^(M-1)` columns), `symile.md` §Speed.
//!
//! The scores `T[i_1, …, i_M] = tau MIP(x^1_{i_1}, …, x^M_{i_M})` are the same for every anchor, so
//! one pass serves all of them. The leading M-1 indices are flattened to one row number `r`, whose
//! product `W_r = prod_{m<M} x^m` gives a row of scores against the last view, `T_r = tau W_r C^T`.
//!
//! - Pass 1: tiles of rows, online log-sum-exp along every axis: per row for the leading axes, per
//!   column for the last.
//! - Pass 2: the tile again, and with `rho_r = -ln sum_m exp(-lse_m(i_m))` for the leading axes
//!   together `G_rk = tau/(MB) (e^{T - rho_r} + e^{T - lse_M(k)})`; then `G C` gives the gradients
//!   of the leading views and `G^T W` that of the last.
//!
//! The positives (the diagonal) are kept out of the sums and enter analytically, see `softmax`.
//! `8 B^M d` FLOPs, `O(B^2)` numbers of memory for any M. Small problems keep the scores of pass 1.

use std::ops::Range;

use rayon::prelude::*;

use super::matmul::{Mat, Spread, matmul};
use super::mip::{add_positives, mip};
use super::vector::{
    Kernel, add, add_product, exp_row, largest, product, sigmoid, softplus, times, wide,
};
use super::{FusedError, Groups, LossGrad, LossValue, Real, Views};

/// Scores that one tile holds: 256 KiB of f32.
const TILE: usize = 64 * 1024;
/// Most tasks that rows are shared out to; each keeps its own sums and gradients.
const LANES: usize = 16;
/// Bytes of gradients kept for all tasks together.
const LANE_BYTES: usize = 128 << 20;
/// Bytes of scores that are kept between the passes instead of being computed twice.
const KEPT_BYTES: usize = 16 << 20;

/// Loss and gradients of Symile over all combinations of rows.
///
/// `loss = 1/M sum_m 1/B sum_i [ ln sum_{c: c_m = i} exp T_c - T_{i,…,i} ]`. With two views this is
/// the symmetric InfoNCE (CLIP) loss. With `groups`, a combination off the diagonal whose rows are
/// all in one group is left out of every sum.
///
/// - shapes: M views `[B, d]`; `log_scale` is `ln tau`; gradients as the views
/// - cost: `8 B^M d` FLOPs, 6 where all scores fit into 16 MiB; memory at most about 128 MiB beside
///   the gradients, for any B
/// - determinism: sums have a fixed order, the same for any number of threads
///
/// # Errors
/// [`FusedError::GroupCount`], [`FusedError::TooManyCombinations`].
///
/// ```
/// use suffit_nn::fused::{Views, symile_grid};
/// // All scores equal: every anchor picks one of 2^2 combinations, so the loss is ln 4.
/// let zero = [0.0f64; 2];
/// let views = Views::new(vec![&zero[..], &zero, &zero], 2, 1)?;
/// assert!((symile_grid(&views, 0.0, None)?.value.loss - 4f64.ln()).abs() < 1e-15);
/// # Ok::<(), suffit_nn::fused::FusedError>(())
/// ```
pub fn symile_grid<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossGrad<T>, FusedError> {
    Ok(Job::new(views, log_scale, groups)?.with_gradients())
}

/// [`symile_grid`] without gradients: a quarter of the arithmetic, the same number to the bit.
///
/// # Errors
/// As [`symile_grid`].
pub fn symile_grid_value<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossValue, FusedError> {
    let job = Job::new(views, log_scale, groups)?;
    Ok(job.finish(&job.sums(&mut [])).value)
}

/// A log-sum-exp that grows: largest exponent, and the sum relative to it.
#[derive(Debug, Clone, Copy)]
struct Online {
    top: f64,
    sum: f64,
}

impl Online {
    const EMPTY: Self = Self { top: f64::NEG_INFINITY, sum: 0.0 };

    #[inline(always)]
    fn join(&mut self, other: Self) {
        if other.sum == 0.0 {
            return;
        }
        if other.top > self.top {
            self.sum = self.sum * (self.top - other.top).exp() + other.sum;
            self.top = other.top;
        } else {
            self.sum += other.sum * (other.top - self.top).exp();
        }
    }

    fn lse(self) -> f64 {
        if self.sum == 0.0 { f64::NEG_INFINITY } else { self.top + self.sum.ln() }
    }
}

/// `e^{x - lse}` as `factor * e^{x - by}`, `by` in the kernel's precision: at large scales the
/// rounding of `lse` alone would be a sizeable factor.
struct Shift<T> {
    by: T,
    factor: T,
}

impl<T: Real> Shift<T> {
    #[inline(always)]
    fn new(lse: f64) -> Self {
        let by = T::of(lse);
        Self { by, factor: T::of((by.f64() - lse).exp()) }
    }
}

/// The [`Shift`] of every column.
struct Columns<T> {
    shifts: Vec<T>,
    factors: Vec<T>,
}

/// One evaluation.
struct Job<'a, 'v, T> {
    views: &'a Views<'v, T>,
    groups: Option<&'a Groups>,
    tau: f64,
    /// `B^(M-1)`, the number of score rows.
    combos: usize,
    /// Scaled score of every true tuple, `[B]`.
    positive: Vec<f64>,
}

/// The log-sum-exps of every axis (positives included) and what follows from them.
struct Finished {
    value: LossValue,
    /// `[M][B]`, in nats.
    lse: Vec<Vec<f64>>,
    /// `sum_m miss_m(i)`, `[B]`.
    miss: Vec<f64>,
}

impl<'a, 'v, T: Real> Job<'a, 'v, T> {
    fn new(
        views: &'a Views<'v, T>,
        log_scale: f64,
        groups: Option<&'a Groups>,
    ) -> Result<Self, FusedError> {
        groups.map_or(Ok(()), |g| g.fits(views))?;
        let (rows, m) = (views.rows(), views.views());
        let combos = u32::try_from(m - 1).ok().and_then(|p| rows.checked_pow(p));
        let combos = combos.filter(|c| c.checked_mul(rows).is_some());
        let combos = combos.ok_or(FusedError::TooManyCombinations { rows, views: m })?;
        let tau = log_scale.exp();
        let positive = mip(views).into_iter().map(|x| tau * x).collect();
        Ok(Self { views, groups, tau, combos, positive })
    }

    /// Score rows of one tile.
    fn tile_rows(&self) -> usize {
        (TILE / self.views.rows()).clamp(16, 1024)
    }

    /// The score rows of each task.
    fn lanes(&self) -> Vec<Range<usize>> {
        let bytes = self.views.views() * self.views.rows() * self.views.dim() * size_of::<T>();
        let lanes = self.combos.div_ceil(self.tile_rows()).clamp(1, LANES);
        let lanes = lanes.min((LANE_BYTES / bytes).max(2));
        // Whole tiles, so that the cut does not depend on anything but the shape.
        let tiles = self.combos.div_ceil(self.tile_rows()).div_ceil(lanes);
        let step = tiles * self.tile_rows();
        (0..self.combos).step_by(step).map(|lo| lo..(lo + step).min(self.combos)).collect()
    }

    /// The row of view `m < M-1` in score row `r`: the first view's index runs slowest.
    #[inline(always)]
    fn digit(&self, r: usize, m: usize) -> usize {
        let b = self.views.rows();
        let mut r = r;
        for _ in m..self.views.views() - 2 {
            r /= b;
        }
        r % b
    }

    /// Whether all leading rows of score row `r` are the same row, and which.
    #[inline(always)]
    fn same_row(&self, r: usize) -> Option<usize> {
        let i = self.digit(r, 0);
        (1..self.views.views() - 1).all(|m| self.digit(r, m) == i).then_some(i)
    }

    /// The columns that score row `r` leaves out: its positive, and coincidences.
    #[inline(always)]
    fn exclude(&self, r: usize, scores: &mut [T]) {
        match self.groups {
            None => {
                if let Some(i) = self.same_row(r) {
                    scores[i] = T::NEG_INF;
                }
            }
            Some(groups) => {
                let g = groups.of(self.digit(r, 0));
                if (1..self.views.views() - 1).all(|m| groups.of(self.digit(r, m)) == g) {
                    for &k in groups.members(g) {
                        scores[k as usize] = T::NEG_INF;
                    }
                }
            }
        }
    }

    /// The products `W_r` of a tile, `[n, d]`.
    fn leading(&self, from: usize, out: &mut [T]) {
        wide(LeadingRows { job: self, from, out });
    }

    /// `T_r` of a tile from its products, excluded entries at minus infinity.
    fn scores(&self, from: usize, leading: &[T], out: &mut [T]) {
        let (b, d, last) = (self.views.rows(), self.views.dim(), self.views.views() - 1);
        let n = out.len() / b;
        let columns = Mat::new(self.views.view(last), b, d);
        matmul(out, Mat::new(leading, n, d), columns.t(), T::of(self.tau), false, Spread::Here);
        for (at, row) in out.chunks_exact_mut(b).enumerate() {
            self.exclude(from + at, row);
        }
    }

    /// Pass 1: `[M][B]` log-sum-exps over the negatives; `kept` takes all scores unless it is empty.
    fn sums(&self, kept: &mut [T]) -> Vec<Vec<Online>> {
        let (b, d, lanes) = (self.views.rows(), self.views.dim(), self.lanes());
        let tile = self.tile_rows();
        let step = lanes[0].len() * b;
        let mut kept: Vec<&mut [T]> = kept.chunks_mut(step).collect();
        kept.resize_with(lanes.len(), Default::default);
        let done: Vec<Vec<Vec<Online>>> = lanes
            .into_par_iter()
            .zip(kept)
            .with_max_len(1)
            .map(|(rows, kept)| {
                let mut sums = vec![vec![Online::EMPTY; b]; self.views.views()];
                let mut leading = vec![T::ZERO; tile * d];
                let mut own = vec![T::ZERO; if kept.is_empty() { tile * b } else { 0 }];
                for from in rows.clone().step_by(tile) {
                    let n = tile.min(rows.end - from);
                    let at = (from - rows.start) * b;
                    let scores =
                        if kept.is_empty() { &mut own[..n * b] } else { &mut kept[at..at + n * b] };
                    self.leading(from, &mut leading[..n * d]);
                    self.scores(from, &leading[..n * d], scores);
                    wide(SumTile { job: self, from, scores, sums: &mut sums });
                }
                sums
            })
            .collect();
        let mut total = vec![vec![Online::EMPTY; b]; self.views.views()];
        for sums in done {
            for (total, sums) in total.iter_mut().flatten().zip(sums.into_iter().flatten()) {
                total.join(sums);
            }
        }
        total
    }

    /// Loss and what pass 2 needs, from the sums of pass 1.
    fn finish(&self, sums: &[Vec<Online>]) -> Finished {
        let b = self.views.rows();
        let mut miss = vec![0.0; b];
        let (mut parts, mut lse) = (Vec::new(), Vec::new());
        for axis in sums {
            let mut part = 0.0;
            let mut of_axis = Vec::with_capacity(b);
            for ((online, &positive), miss) in axis.iter().zip(&self.positive).zip(&mut miss) {
                let gap = online.lse() - positive;
                let loss = softplus(gap);
                part += loss;
                *miss += sigmoid(gap);
                of_axis.push(positive + loss);
            }
            parts.push(part / b as f64);
            lse.push(of_axis);
        }
        let loss = parts.iter().sum::<f64>() / parts.len() as f64;
        Finished { value: LossValue { loss, parts }, lse, miss }
    }

    fn with_gradients(&self) -> LossGrad<T> {
        let (b, d, views) = (self.views.rows(), self.views.dim(), self.views.views());
        let all = self.combos * b;
        let keep = all.checked_mul(size_of::<T>()).is_some_and(|bytes| bytes <= KEPT_BYTES);
        let mut kept = vec![T::ZERO; if keep { all } else { 0 }];
        let finished = self.finish(&self.sums(&mut kept));
        let (mut grads, mut slope) = self.pass_two(&finished, &mut kept);
        let unit = self.tau / (b * views) as f64;
        let coef: Vec<f64> = finished.miss.iter().map(|m| -unit * m).collect();
        add_positives(self.views, &coef, &mut grads);
        for (m, p) in finished.miss.iter().zip(&self.positive) {
            slope -= m * p / (b * views) as f64;
        }
        debug_assert!(grads.iter().all(|g| g.len() == b * d));
        LossGrad { value: finished.value, views: grads, log_scale: slope }
    }

    /// Pass 2: gradients of all views from the negatives, and `sum_c p_c T_c / (MB)`.
    fn pass_two(&self, finished: &Finished, kept: &mut [T]) -> (Vec<Vec<T>>, f64) {
        let (b, d, lanes) = (self.views.rows(), self.views.dim(), self.lanes());
        let step = lanes[0].len() * b;
        let mut kept: Vec<&mut [T]> = kept.chunks_mut(step).collect();
        kept.resize_with(lanes.len(), Default::default);
        let columns = finished.lse.last().into_iter().flatten().map(|&lse| Shift::<T>::new(lse));
        let (shifts, factors) = columns.map(|c| (c.by, c.factor)).unzip();
        let columns = Columns { shifts, factors };
        let done: Vec<(Vec<Vec<T>>, f64)> = lanes
            .into_par_iter()
            .zip(kept)
            .with_max_len(1)
            .map(|(rows, kept)| self.lane_gradients(rows, kept, finished, &columns))
            .collect();
        let mut done = done.into_iter();
        let (mut grads, mut slope) =
            done.next().unwrap_or_else(|| (vec![vec![T::ZERO; b * d]; self.views.views()], 0.0));
        for (lane, lane_slope) in done {
            slope += lane_slope;
            for (grad, lane) in grads.iter_mut().zip(&lane) {
                let chunk = 1 << 14;
                grad.par_chunks_mut(chunk).zip(lane.par_chunks(chunk)).for_each(|(a, b)| add(a, b));
            }
        }
        (grads, slope)
    }

    /// Pass 2 on one lane.
    fn lane_gradients(
        &self,
        rows: Range<usize>,
        kept: &mut [T],
        finished: &Finished,
        columns: &Columns<T>,
    ) -> (Vec<Vec<T>>, f64) {
        let (b, d, views) = (self.views.rows(), self.views.dim(), self.views.views());
        let tile = self.tile_rows();
        let mut grads = vec![vec![T::ZERO; b * d]; views];
        let mut leading = vec![T::ZERO; tile * d];
        let mut back = vec![T::ZERO; tile * d];
        let mut own = vec![T::ZERO; if kept.is_empty() { tile * b } else { 0 }];
        let mut slope = 0.0;
        let (last, share) = (self.views.view(views - 1), 1.0 / (b * views) as f64);
        for from in rows.clone().step_by(tile) {
            let n = tile.min(rows.end - from);
            let (leading, back) = (&mut leading[..n * d], &mut back[..n * d]);
            let at = (from - rows.start) * b;
            self.leading(from, leading);
            let scores = if kept.is_empty() {
                self.scores(from, leading, &mut own[..n * b]);
                &mut own[..n * b]
            } else {
                &mut kept[at..at + n * b]
            };
            slope += wide(WeighTile { job: self, from, lse: &finished.lse, columns, scores });
            let weights = Mat::new(&*scores, n, b);
            let unit = T::of(self.tau * share);
            matmul(back, weights, Mat::new(last, b, d), unit, false, Spread::Here);
            let of_last = &mut grads[views - 1];
            matmul(of_last, weights.t(), Mat::new(leading, n, d), unit, true, Spread::Here);
            wide(ReturnRows { job: self, from, back, grads: &mut grads });
        }
        (grads, slope * share)
    }
}

/// Fills the products of a tile.
struct LeadingRows<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    from: usize,
    out: &'a mut [T],
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
struct SumTile<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    from: usize,
    scores: &'a mut [T],
    sums: &'a mut [Vec<Online>],
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
struct WeighTile<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    from: usize,
    lse: &'a [Vec<f64>],
    columns: &'a Columns<T>,
    scores: &'a mut [T],
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
struct ReturnRows<'a, 'j, 'v, T> {
    job: &'a Job<'j, 'v, T>,
    from: usize,
    back: &'a [T],
    grads: &'a mut [Vec<T>],
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
                let rest = super::mip::others(views, [m, leading], |l| job.digit(r, l), &mut scratch);
                match leading {
                    1 => add(grad, back),
                    _ => add_product(grad, back, rest),
                }
            }
        }
    }
}
