//! Symile with O(N) sampling ("n"), `symile.md` §Loss.
//!
//! For anchor `m` column `j` is the elementwise product `P_j` of the other views' rows, each taken
//! at its own shuffle of `j`. `L_ij = tau <r^m_i, P_j>` for `j != i`, the diagonal is the positive
//! `tau MIP(r^1_i, …, r^M_i)`, and the loss is the mean cross-entropy over rows and anchors.
//!
//! How it is fast: rows are taken in tiles whose scores against all columns stay in cache; the
//! positive is patched inside the tile, the softmax is formed in place and used at once for both
//! gradient products. No `B x B` array, no recomputation: `6 B^2 d` FLOPs per anchor.

mod kernel;

use rayon::prelude::*;

use super::matmul::{Mat, Spread, matmul};
use super::mip::{ROWS_PER_TASK, add_positives, mip};
use super::softmax::{RowLoss, summarise};
use super::vector::{add, wide};
use super::{FusedError, Groups, LossGrad, LossValue, Permutations, Real, Views};
use kernel::{ColumnRows, ContrastRows, Source, SpreadRows};

/// Scores that one tile holds: a tile of f32 is 512 KiB, half of a usual second-level cache.
const TILE: usize = 128 * 1024;
/// Rows that one task of the pool handles, where the columns' gradients are small enough to be
/// kept once per task.
const LANE: usize = 256;
/// Bytes of column gradients kept for all tasks together; above this the tasks share one buffer
/// and the pool works inside each product.
const LANE_BYTES: usize = 64 << 20;

/// Loss and gradients of Symile with O(N) sampling.
///
/// `loss = 1/M sum_m 1/B sum_i [ ln sum_j exp L^m_ij - L^m_ii ]`. With `groups`, column `j != i` is
/// left out of row `i` when all its rows are in the group of row `i` (a true tuple off the
/// diagonal); the reference keeps them, so `None` is the published loss.
///
/// - shapes: M views `[B, d]`; `log_scale` is `ln tau`; gradients as the views; M = 2 is allowed
///   and is the same formula with one shuffle
/// - cost: `6 M B^2 d` FLOPs; memory about `3 M B d` numbers and one tile per thread
/// - determinism: sums have a fixed order, the same for any number of threads
///
/// # Errors
/// [`FusedError::Count`] when the shuffles are for another batch, [`FusedError::GroupCount`].
pub fn symile_n<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    perms: &Permutations,
    groups: Option<&Groups>,
) -> Result<LossGrad<T>, FusedError> {
    perms.fits(views)?;
    groups.map_or(Ok(()), |g| g.fits(views))?;
    Ok(Job::new(views, log_scale, perms, groups).with_gradients())
}

/// [`symile_n`] without gradients: a third of the arithmetic, the same loss.
///
/// # Errors
/// As [`symile_n`].
pub fn symile_n_value<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    perms: &Permutations,
    groups: Option<&Groups>,
) -> Result<LossValue, FusedError> {
    perms.fits(views)?;
    groups.map_or(Ok(()), |g| g.fits(views))?;
    let job = Job::new(views, log_scale, perms, groups);
    let rows: Vec<_> = (0..views.views()).map(|m| job.rows_of(m)).collect();
    Ok(value(&rows).0)
}

/// The scaled logits of one anchor, `[B, B]`, diagonal replaced by the positives.
///
/// For looking at a batch and for checks; the losses above never build it.
///
/// # Errors
/// As [`symile_n`], and [`FusedError::NoSuchAnchor`].
pub fn symile_n_logits<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    perms: &Permutations,
    anchor: usize,
) -> Result<Vec<T>, FusedError> {
    perms.fits(views)?;
    if anchor >= views.views() {
        return Err(FusedError::NoSuchAnchor { got: anchor, views: views.views() });
    }
    let job = Job::new(views, log_scale, perms, None);
    let (b, columns) = (views.rows(), job.columns(anchor));
    let mut scores = vec![T::ZERO; b * b];
    job.scores(anchor, 0, &columns, &mut scores, Spread::Pool);
    for (i, &positive) in job.positive.iter().enumerate() {
        scores[i * b + i] = T::of(positive);
    }
    Ok(scores)
}

/// Loss, parts and the derivative with respect to the log-scale.
fn value(rows: &[Vec<RowLoss>]) -> (LossValue, f64) {
    let (parts, slope) = summarise(rows);
    (LossValue { loss: parts.iter().sum::<f64>() / parts.len() as f64, parts }, slope)
}

/// One evaluation.
struct Job<'a, 'v, T> {
    views: &'a Views<'v, T>,
    perms: &'a Permutations,
    groups: Option<&'a Groups>,
    tau: f64,
    /// Scaled score of every true tuple, `[B]`.
    positive: Vec<f64>,
    plan: Plan,
}

/// How one evaluation is cut up. Depends on the shape alone, so the bytes do not depend on threads.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Rows of a tile that one thread works on.
    tile_rows: usize,
    /// Rows of a tile that the pool shares.
    pool_rows: usize,
    /// Lanes of rows per anchor, each with column gradients of its own; 0: one anchor at a time, the
    /// pool inside each product.
    lanes: usize,
}

impl Plan {
    fn of<T: Real>(views: &Views<T>) -> Self {
        let b = views.rows();
        let lanes_fit = LANE_BYTES / (views.views() * b * views.dim() * size_of::<T>());
        Self {
            // Each product over a tile packs all columns again, so a tile has at least 128 rows even
            // where it leaves the cache: measured 8 % less time at B = 4096.
            tile_rows: (TILE / b).clamp(128, LANE),
            pool_rows: (8 * TILE / b).max(LANE),
            lanes: if lanes_fit < 2 { 0 } else { lanes_fit.min(b.div_ceil(LANE)) },
        }
    }
}

/// What one task leaves behind: the gradient of its columns and its rows' losses.
struct Lane<T> {
    anchor: usize,
    columns: Vec<T>,
    rows: Vec<RowLoss>,
}

impl<'a, 'v, T: Real> Job<'a, 'v, T> {
    fn new(views: &'a Views<'v, T>, log_scale: f64, perms: &'a Permutations, groups: Option<&'a Groups>) -> Self {
        let tau = log_scale.exp();
        let positive = mip(views).into_iter().map(|x| tau * x).collect();
        Self { views, perms, groups, tau, positive, plan: Plan::of(views) }
    }

    /// Weight of one row of one anchor in the loss.
    fn share(&self) -> f64 {
        1.0 / (self.views.rows() * self.views.views()) as f64
    }

    /// The products `P_j` of anchor `m`, `[B, d]`.
    fn columns(&self, m: usize) -> Vec<T> {
        let d = self.views.dim();
        let mut out = vec![T::ZERO; self.views.rows() * d];
        out.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, out)| {
            let (views, perms) = (self.views, self.perms);
            wide(ColumnRows { views, perms, m, first: task * ROWS_PER_TASK, out });
        });
        out
    }

    /// `tau <r^m_i, P_j>` for the rows from `lo` on that fit into `out`.
    fn scores(&self, m: usize, lo: usize, columns: &[T], out: &mut [T], spread: Spread) {
        let (b, d) = (self.views.rows(), self.views.dim());
        let n = out.len() / b;
        let a = Mat::new(&self.views.view(m)[lo * d..(lo + n) * d], n, d);
        matmul(out, a, Mat::new(columns, b, d).t(), T::of(self.tau), false, spread);
    }

    /// For every group the columns of anchor `m` whose rows are all in it.
    fn coincidences(&self, m: usize) -> Vec<Vec<u32>> {
        let Some(groups) = self.groups else { return Vec::new() };
        let mut columns = vec![Vec::new(); groups.len()];
        for j in 0..self.views.rows() {
            let mut of = (0..self.views.views() - 1).map(|a| groups.of(self.perms.of(m, a)[j] as usize));
            if let Some(first) = of.next()
                && of.all(|g| g == first)
            {
                columns[first].push(j as u32);
            }
        }
        columns
    }

    /// Turns scores of the rows from `lo` on into losses and, with `STORE`, into weighted
    /// probabilities with an empty diagonal.
    fn contrast<const STORE: bool>(&self, lo: usize, excluded: &[Vec<u32>], scores: &mut [T], rows: &mut [RowLoss]) {
        let (job, unit) = (self, self.tau * self.share());
        wide(ContrastRows::<T, STORE> { job, lo, excluded, unit, scores, rows });
    }

    /// Losses of all rows of anchor `m`.
    fn rows_of(&self, m: usize) -> Vec<RowLoss> {
        let b = self.views.rows();
        let (columns, excluded) = (self.columns(m), self.coincidences(m));
        let mut rows = vec![RowLoss::default(); b];
        let tile = self.plan.tile_rows;
        rows.par_chunks_mut(tile).enumerate().for_each_init(Vec::new, |scores, (t, rows)| {
            scores.resize(rows.len() * b, T::ZERO);
            self.scores(m, t * tile, &columns, scores, Spread::Here);
            self.contrast::<false>(t * tile, &excluded, scores, rows);
        });
        rows
    }

    fn with_gradients(&self) -> LossGrad<T> {
        let (b, d, views) = (self.views.rows(), self.views.dim(), self.views.views());
        let mut grads: Vec<Vec<T>> = (0..views).map(|_| vec![T::ZERO; b * d]).collect();
        let rows = match self.plan.lanes {
            0 => self.by_product(&mut grads),
            lanes => self.by_lane(lanes, &mut grads),
        };
        let unit = self.tau * self.share();
        let coef: Vec<f64> = (0..b).map(|i| -unit * rows.iter().map(|r| r[i].miss).sum::<f64>()).collect();
        add_positives(self.views, &coef, &mut grads);
        let (value, log_scale) = value(&rows);
        LossGrad { value, views: grads, log_scale }
    }

    /// Gradients with one task per anchor and lane of rows, each on its own thread.
    fn by_lane(&self, lanes: usize, grads: &mut [Vec<T>]) -> Vec<Vec<RowLoss>> {
        let (b, d) = (self.views.rows(), self.views.dim());
        let lane_rows = b.div_ceil(lanes);
        let shared: Vec<_> =
            (0..self.views.views()).into_par_iter().map(|m| (self.columns(m), self.coincidences(m))).collect();
        let tasks: Vec<(usize, usize, &mut [T])> = grads
            .iter_mut()
            .enumerate()
            .flat_map(|(m, grad)| {
                let lanes = grad.chunks_mut(lane_rows * d).enumerate();
                lanes.map(move |(lane, grad)| (m, lane * lane_rows, grad))
            })
            .collect();
        let done: Vec<Lane<T>> = tasks
            .into_par_iter()
            .with_max_len(1)
            .map(|(m, lo, grad)| {
                let (columns, excluded) = &shared[m];
                self.lane(m, lo, columns, excluded, grad, Spread::Here)
            })
            .collect();
        let mut of_anchor: Vec<Vec<Lane<T>>> = (0..self.views.views()).map(|_| Vec::new()).collect();
        for lane in done {
            of_anchor[lane.anchor].push(lane);
        }
        let (sums, rows): (Vec<_>, Vec<_>) = of_anchor.into_iter().map(merge).unzip();
        let sums: Vec<(usize, Vec<T>)> = sums.into_iter().enumerate().collect();
        self.spread_columns(&sums, grads);
        rows
    }

    /// Gradients with one anchor at a time, the pool working inside each matrix product.
    fn by_product(&self, grads: &mut [Vec<T>]) -> Vec<Vec<RowLoss>> {
        let mut rows = Vec::with_capacity(grads.len());
        let mut own: Vec<Vec<T>> = Vec::with_capacity(grads.len());
        for m in 0..self.views.views() {
            let (columns, excluded) = (self.columns(m), self.coincidences(m));
            let mut grad = vec![T::ZERO; grads[m].len()];
            let lane = self.lane(m, 0, &columns, &excluded, &mut grad, Spread::Pool);
            drop(columns);
            self.spread_columns(&[(m, lane.columns)], grads);
            own.push(grad);
            rows.push(lane.rows);
        }
        for (grad, own) in grads.iter_mut().zip(&own) {
            let chunk = ROWS_PER_TASK * self.views.dim();
            grad.par_chunks_mut(chunk).zip(own.par_chunks(chunk)).for_each(|(a, b)| add(a, b));
        }
        rows
    }

    /// The rows of anchor `m` that `grad` covers, from `lo` on, tile by tile.
    fn lane(
        &self,
        m: usize,
        lo: usize,
        columns: &[T],
        excluded: &[Vec<u32>],
        grad: &mut [T],
        spread: Spread,
    ) -> Lane<T> {
        let (b, d) = (self.views.rows(), self.views.dim());
        let tile = match spread {
            Spread::Here => self.plan.tile_rows,
            Spread::Pool => self.plan.pool_rows,
        };
        let mut rows = vec![RowLoss::default(); grad.len() / d];
        let mut of_columns = vec![T::ZERO; b * d];
        let mut scores = vec![T::ZERO; tile.min(rows.len()) * b];
        for (t, (grad, rows)) in grad.chunks_mut(tile * d).zip(rows.chunks_mut(tile)).enumerate() {
            let (from, n) = (lo + t * tile, rows.len());
            let scores = &mut scores[..n * b];
            self.scores(m, from, columns, scores, spread);
            match spread {
                Spread::Here => self.contrast::<true>(from, excluded, scores, rows),
                Spread::Pool => scores
                    .par_chunks_mut(8 * b)
                    .zip(rows.par_chunks_mut(8))
                    .enumerate()
                    .for_each(|(at, (scores, rows))| self.contrast::<true>(from + 8 * at, excluded, scores, rows)),
            }
            let p = Mat::new(&*scores, n, b);
            let anchor = Mat::new(&self.views.view(m)[from * d..(from + n) * d], n, d);
            matmul(grad, p, Mat::new(columns, b, d), T::ONE, false, spread);
            matmul(&mut of_columns, p.t(), anchor, T::ONE, t > 0, spread);
        }
        Lane { anchor: m, columns: of_columns, rows }
    }

    /// Carries the gradients of the columns of some anchors to the rows they were made of.
    fn spread_columns(&self, anchors: &[(usize, Vec<T>)], grads: &mut [Vec<T>]) {
        let d = self.views.dim();
        for (k, grad) in grads.iter_mut().enumerate() {
            let sources: Vec<Source<T>> = anchors
                .iter()
                .filter(|(m, _)| *m != k)
                .map(|(m, of_columns)| Source { m: *m, of_columns, at: self.inverse(*m, k) })
                .collect();
            grad.par_chunks_mut(ROWS_PER_TASK * d).enumerate().for_each(|(task, grad)| {
                let (views, perms, sources) = (self.views, self.perms, &sources[..]);
                wide(SpreadRows { views, perms, k, sources, first: task * ROWS_PER_TASK, grad });
            });
        }
    }

    /// The column of anchor `m` that uses row `r` of view `k`, for every `r`.
    fn inverse(&self, m: usize, k: usize) -> Vec<u32> {
        let perm = self.perms.of(m, place(m, k));
        let mut at = vec![0; perm.len()];
        for (j, &r) in perm.iter().enumerate() {
            at[r as usize] = j as u32;
        }
        at
    }
}

/// Position of view `k` among the views other than `m`.
#[inline(always)]
fn place(m: usize, k: usize) -> usize {
    if k < m { k } else { k - 1 }
}

/// Joins the lanes of one anchor: columns' gradients added in order, rows one after another.
fn merge<T: Real>(lanes: Vec<Lane<T>>) -> (Vec<T>, Vec<RowLoss>) {
    let (mut sum, mut rows) = (Vec::new(), Vec::new());
    for lane in lanes {
        rows.extend(lane.rows);
        if sum.is_empty() {
            sum = lane.columns;
        } else {
            sum.par_chunks_mut(1 << 14).zip(lane.columns.par_chunks(1 << 14)).for_each(|(a, b)| add(a, b));
        }
    }
    (sum, rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::super::tests::{Batch, excess, excess_of};
    use super::*;

    /// Neither the cut into tiles nor the cut into lanes changes the result beyond rounding.
    fn cuts<T: Real>(rel: f64) {
        let batch = Batch::<T>::new(3, 70, 9, 1.0, 21);
        let (views, perms) = (batch.views(), batch.perms());
        let wide = Batch::<f64> {
            x: batch.x.iter().map(|v| v.iter().map(|x| x.f64()).collect()).collect(),
            rows: 70,
            dim: 9,
            perms: batch.perms.clone(),
            negatives: Vec::new(),
            per_row: 0,
        };
        let want = symile_n(&wide.views(), 1.5, &perms, None).unwrap();
        for (tile_rows, pool_rows, lanes) in [(1, 1, 1), (7, 9, 0), (32, 70, 0), (70, 70, 3), (13, 8, 70)] {
            let mut job = Job::new(&views, 1.5, &perms, None);
            job.plan = Plan { tile_rows, pool_rows, lanes };
            let got = job.with_gradients();
            let worst = excess_of(&got, &want, rel, 1e-12);
            assert!(worst <= 1.0, "{:?}: {worst}", job.plan);
            let rows: Vec<_> = (0..3).map(|m| job.rows_of(m)).collect();
            assert!(excess([value(&rows).0.loss], &[want.value.loss], rel, 1e-12) <= 1.0);
        }
    }

    #[test]
    fn tiles_and_lanes_do_not_change_the_result() {
        cuts::<f64>(1e-12);
        cuts::<f32>(1e-6);
    }

    #[test]
    fn products_shared_by_the_pool_do_not_depend_on_its_size() {
        // Large enough for the products to be shared out, and for sums longer than one block.
        let batch = Batch::<f32>::new(3, 150, 1500, 0.1, 4);
        let (views, perms) = (batch.views(), batch.perms());
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut job = Job::new(&views, 3.0, &perms, None);
            job.plan.lanes = 0;
            pool.install(|| job.with_gradients())
        };
        let once = run(1);
        assert!(run(2) == once && run(3) == once);
    }

    #[test]
    fn plans_follow_the_shape() {
        let zeros = vec![0.0f32; 1024 * 8192];
        let plan = |rows: usize, dim: usize| Plan::of(&Views::new(vec![&zeros[..rows * dim]; 3], rows, dim).unwrap());
        assert_eq!(plan(1024, 128).lanes, 4);
        assert_eq!(plan(1024, 8192).lanes, 0);
        assert_eq!(plan(1, 1).lanes, 1);
    }
}
