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

mod kernel;

use std::ops::Range;

use rayon::prelude::*;

use super::matmul::{Mat, Spread, matmul};
use super::mip::{add_positives, mip};
use super::vector::{add, sigmoid, softplus, wide};
use super::{FusedError, Groups, LossGrad, LossValue, Real, Views};
use kernel::{LeadingRows, ReturnRows, SumTile, WeighTile};

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
    plan: Plan,
}

/// How one evaluation is cut up. Depends on the shape alone, so the bytes do not depend on threads.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Score rows of one tile.
    tile_rows: usize,
    /// Most tasks that the score rows are shared out to.
    lanes: usize,
    /// Whether the scores of pass 1 are kept for pass 2.
    keep: bool,
}

impl Plan {
    fn of<T: Real>(views: &Views<T>, combos: usize) -> Self {
        let b = views.rows();
        let grads = views.views() * b * views.dim() * size_of::<T>();
        let scores = (combos * b).saturating_mul(size_of::<T>());
        Self {
            tile_rows: (TILE / b).clamp(16, 1024),
            lanes: (LANE_BYTES / grads).clamp(2, LANES),
            keep: scores <= KEPT_BYTES,
        }
    }
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
    fn new(views: &'a Views<'v, T>, log_scale: f64, groups: Option<&'a Groups>) -> Result<Self, FusedError> {
        groups.map_or(Ok(()), |g| g.fits(views))?;
        let (rows, m) = (views.rows(), views.views());
        let combos = u32::try_from(m - 1).ok().and_then(|p| rows.checked_pow(p));
        let combos = combos.filter(|c| c.checked_mul(rows).is_some());
        let combos = combos.ok_or(FusedError::TooManyCombinations { rows, views: m })?;
        let tau = log_scale.exp();
        let positive = mip(views).into_iter().map(|x| tau * x).collect();
        Ok(Self { views, groups, tau, combos, positive, plan: Plan::of(views, combos) })
    }

    /// The score rows of each task: whole tiles.
    fn lanes(&self) -> Vec<Range<usize>> {
        let tiles = self.combos.div_ceil(self.plan.tile_rows).div_ceil(self.plan.lanes);
        let step = tiles * self.plan.tile_rows;
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
        let tile = self.plan.tile_rows;
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
                    let scores = if kept.is_empty() { &mut own[..n * b] } else { &mut kept[at..at + n * b] };
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
        let (b, views) = (self.views.rows(), self.views.views());
        let mut kept = vec![T::ZERO; if self.plan.keep { self.combos * b } else { 0 }];
        let finished = self.finish(&self.sums(&mut kept));
        let (mut grads, mut slope) = self.pass_two(&finished, &mut kept);
        let unit = self.tau / (b * views) as f64;
        let coef: Vec<f64> = finished.miss.iter().map(|m| -unit * m).collect();
        add_positives(self.views, &coef, &mut grads);
        for (m, p) in finished.miss.iter().zip(&self.positive) {
            slope -= m * p / (b * views) as f64;
        }
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
        let tile = self.plan.tile_rows;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::super::tests::{Batch, excess_of};
    use super::*;

    /// Neither the cut into tiles and lanes nor keeping the scores changes the result beyond rounding.
    fn cuts<T: Real>(rel: f64) {
        for (views, rows) in [(2, 40), (3, 21), (4, 8)] {
            let batch = Batch::<T>::new(views, rows, 9, 1.0, 21);
            let x: Vec<Vec<f64>> = batch.x.iter().map(|v| v.iter().map(|x| x.f64()).collect()).collect();
            let wide = Views::new(x.iter().map(|v| &v[..]).collect(), rows, 9).unwrap();
            let want = symile_grid(&wide, 1.5, None).unwrap();
            let bound = batch.views();
            for (tile_rows, lanes, keep) in [(1, 1, false), (7, 3, false), (7, 3, true), (512, 16, true)] {
                let mut job = Job::new(&bound, 1.5, None).unwrap();
                job.plan = Plan { tile_rows, lanes, keep };
                let worst = excess_of(&job.with_gradients(), &want, rel, 1e-12);
                assert!(worst <= 1.0, "{views} views, {:?}: {worst}", job.plan);
            }
        }
    }

    #[test]
    fn tiles_and_lanes_do_not_change_the_result() {
        cuts::<f64>(1e-12);
        cuts::<f32>(2e-6);
    }

    #[test]
    fn too_many_combinations_are_refused() {
        let x = vec![0.0f32; 1 << 16];
        let views = Views::new(vec![&x[..]; 5], 1 << 16, 1).unwrap();
        let e = symile_grid(&views, 0.0, None).unwrap_err();
        assert_eq!(e, FusedError::TooManyCombinations { rows: 1 << 16, views: 5 });
    }
}
