//! Ranks of distances around every centre: all that FCCov knows of the response.

use rayon::prelude::*;

use super::RankGram;
use crate::{StatsError, check, linalg::Matrix, mean_var, response::Space};

/// Rows that fit a 16-bit rank.
const MOST: usize = 65_535;

/// `r_ik = #{j : D_ij >= D_ik}` for every centre i and row k (j = i and j = k count).
///
/// Ball (i, j), closed, holds k exactly when `r_ik >= r_ij`. Ranks do not change under an increasing
/// transformation of the dissimilarity, which need not be symmetric.
///
/// ```
/// use suffit_stats::{dependence::Ranks, linalg::Matrix};
/// let r = Ranks::new(&Matrix::new(2, 2, vec![0.0, 1.0, 1.0, 0.0])?)?;
/// assert_eq!((r.at(0, 0), r.at(0, 1)), (2, 1));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks {
    n: usize,
    values: Vec<u16>,
}

impl Ranks {
    /// Ranks of a dissimilarity matrix, row i = distances from centre i.
    ///
    /// - cost: `n^2 log n` comparisons, `2 n^2` bytes; determinism: independent of threads
    ///
    /// # Errors
    /// [`StatsError::TooFew`] (2), [`StatsError::LengthMismatch`] (not square), [`StatsError::Cell`]
    /// (NaN), [`StatsError::Setting`] (more than 65,535 rows: use [`super::SampledBalls`]).
    pub fn new(distances: &Matrix) -> Result<Self, StatsError> {
        check::same_length("rows", distances.rows, "columns", distances.cols)?;
        Self::build(distances.rows, |i, out| out.copy_from_slice(distances.row(i)))
    }

    /// Ranks of a response with its metric, without its distance matrix.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_space(space: &Space) -> Result<Self, StatsError> {
        Self::build(space.rows(), |i, out| space.row(i, out))
    }

    fn build(n: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Result<Self, StatsError> {
        check::at_least("distances", n, 2)?;
        if n > MOST {
            let range = "at most 65535 for all pairs: sample pairs instead";
            return Err(StatsError::Setting { name: "rows", value: n as f64, range });
        }
        let mut values = vec![0u16; n * n];
        let bad = values
            .par_chunks_mut(n)
            .enumerate()
            .map_init(
                || (vec![0.0; n], Vec::with_capacity(n)),
                |(row, keys), (i, ranks)| {
                    fill(i, row);
                    rank_row(row, keys, ranks).map(|column| (i, column, row[column]))
                },
            )
            .flatten()
            .min_by_key(|(row, column, _)| (*row, *column));
        match bad {
            Some((row, column, value)) => {
                Err(StatsError::Cell { name: "distances", row, column, value, range: "not NaN" })
            }
            None => Ok(Self { n, values }),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.n
    }

    /// `r_ik`.
    pub fn at(&self, i: usize, k: usize) -> u32 {
        u32::from(self.values[i * self.n + k])
    }

    pub(super) fn row(&self, i: usize) -> &[u16] {
        &self.values[i * self.n..(i + 1) * self.n]
    }

    /// FCCov, V-form: `n^-2 sum_ij | n^-1 sum_k (U_k - mean) 1{D_ik <= D_ij} |^2`, all i, j, k.
    ///
    /// - shapes: `u: [n, d]`; cost `O(n^2 d)`; determinism: independent of threads
    /// - source: spec section 1, (inferred)
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`].
    pub fn fccov_v(&self, u: &Matrix) -> Result<f64, StatsError> {
        let u = self.centred(u)?;
        let (n, d) = (self.n, u.cols);
        let centres: Vec<f64> = (0..n)
            .into_par_iter()
            .map_init(
                || (vec![0.0; (n + 2) * d], vec![0u32; n + 2]),
                |(sums, counts), i| {
                    self.fill(i, &u, sums, counts);
                    let mut total = 0.0;
                    for r in (1..=n).rev() {
                        let (low, high) = sums.split_at_mut((r + 1) * d);
                        let now = &mut low[r * d..];
                        now.iter_mut().zip(&*high).for_each(|(a, b)| *a += b);
                        total += f64::from(counts[r]) * now.iter().map(|s| s * s).sum::<f64>();
                    }
                    total
                },
            )
            .collect();
        Ok(mean_var::sum(&centres) / (n as f64).powi(4))
    }

    /// FCCov, unbiased U-form: the mean over `i != j` of the unbiased estimate of
    /// `|Cov(U, 1_B(i,j))|^2` from the other `m = n - 2` rows. May be negative.
    ///
    /// - formula, with `S = sum U`, `Q = sum |U|^2`, `c`, `S_B`, `Q_B` the same over the ball:
    ///   `[|S_B|^2 - Q_B + (|S|^2 - Q)(c^2 - c)/((m-1)(m-2)) - 2(c-1)(S_B.S - Q_B)/(m-2)]/(m(m-3))`
    /// - cost and determinism as [`Self::fccov_v`]; source: spec section 1
    ///
    /// # Errors
    /// As [`Self::fccov_v`]; [`StatsError::TooFew`] (6 rows).
    pub fn fccov_u(&self, u: &Matrix) -> Result<f64, StatsError> {
        check::at_least("u", u.rows, 6)?;
        let u = self.centred(u)?;
        let n = self.n;
        let squares: Vec<f64> = (0..n).map(|k| u.row(k).iter().map(|v| v * v).sum()).collect();
        let all: f64 = mean_var::sum(&squares);
        let centres: Vec<f64> = (0..n).into_par_iter().map(|i| self.centre_u(i, &u, &squares, all)).collect();
        Ok(mean_var::sum(&centres) / (n as f64 * (n as f64 - 1.0)))
    }

    /// Sum over j of the unbiased terms of centre i; the features have sum 0.
    fn centre_u(&self, i: usize, u: &Matrix, squares: &[f64], all: f64) -> f64 {
        let (n, d) = (self.n, u.cols);
        let (mut sums, mut counts, mut q) = (vec![0.0; (n + 2) * d], vec![0u32; n + 2], vec![0.0; n + 2]);
        self.fill(i, u, &mut sums, &mut counts);
        self.row(i).iter().zip(squares).for_each(|(&r, s)| q[usize::from(r)] += s);
        for r in (1..=n).rev() {
            counts[r] += counts[r + 1];
            q[r] += q[r + 1];
            for c in 0..d {
                sums[r * d + c] += sums[(r + 1) * d + c];
            }
        }
        let m = (n - 2) as f64;
        let mut total = 0.0;
        for (j, &r) in self.row(i).iter().enumerate().filter(|(j, _)| *j != i) {
            let r = usize::from(r);
            let (ui, uj, ball) = (u.row(i), u.row(j), &sums[r * d..(r + 1) * d]);
            // Centre and boundary are in the ball and are taken out of it and of the whole.
            let inside = self.row(i)[i] >= self.row(i)[j];
            let c = f64::from(counts[r]) - 1.0 - f64::from(u8::from(inside));
            let (mut s2, mut sb2, mut cross) = (0.0, 0.0, 0.0);
            for k in 0..d {
                let s = -ui[k] - uj[k];
                let b = ball[k] - uj[k] - if inside { ui[k] } else { 0.0 };
                s2 += s * s;
                sb2 += b * b;
                cross += s * b;
            }
            let whole = all - squares[i] - squares[j];
            let qb = q[r] - squares[j] - if inside { squares[i] } else { 0.0 };
            total += sb2 - qb + (s2 - whole) * (c * c - c) / ((m - 1.0) * (m - 2.0))
                - 2.0 * (c - 1.0) * (cross - qb) / (m - 2.0);
        }
        total / (m * (m - 3.0))
    }

    /// Share of its bound: `FCCov_V / (tr Cov(U)/4)`, in `[0, 1]`; `None` for constant features.
    ///
    /// # Errors
    /// As [`Self::fccov_v`].
    pub fn share_of_bound(&self, u: &Matrix) -> Result<Option<f64>, StatsError> {
        let value = self.fccov_v(u)?;
        let c = self.centred(u)?;
        let trace = c.values.iter().map(|v| v * v).sum::<f64>() / self.n as f64;
        let size = u.values.iter().fold(0.0f64, |a, v| a.max(v.abs()));
        Ok((trace > (1e-14 * size).powi(2)).then(|| value / (trace / 4.0)))
    }

    /// The rank kernel `G_kl = sum_i min(r_ik, r_il)`.
    ///
    /// - cost: `n^3` minima and additions in 16 bits (half by symmetry); `8 n^2` bytes
    /// - determinism: integers, independent of threads
    pub fn gram(&self) -> RankGram {
        RankGram::of(self)
    }

    /// Sums and counts of the rows by their rank around centre i.
    fn fill(&self, i: usize, u: &Matrix, sums: &mut [f64], counts: &mut [u32]) {
        sums.fill(0.0);
        counts.fill(0);
        let d = u.cols;
        for (k, &r) in self.row(i).iter().enumerate() {
            let r = usize::from(r);
            counts[r] += 1;
            sums[r * d..(r + 1) * d].iter_mut().zip(u.row(k)).for_each(|(s, v)| *s += v);
        }
    }

    fn centred(&self, u: &Matrix) -> Result<Matrix, StatsError> {
        check::same_length("u", u.rows, "distances", self.n)?;
        check::finite("u", &u.values)?;
        let mut c = u.clone();
        let means = c.column_means();
        c.subtract_row(&means);
        Ok(c)
    }
}

/// Ranks of one row; the position of a NaN if there is one.
fn rank_row(row: &[f64], keys: &mut Vec<(u64, u32)>, ranks: &mut [u16]) -> Option<usize> {
    if let Some(bad) = row.iter().position(|v| v.is_nan()) {
        return Some(bad);
    }
    keys.clear();
    // Order-preserving bits; adding 0 turns -0 into 0.
    keys.extend(row.iter().enumerate().map(|(k, v)| {
        let bits = (v + 0.0).to_bits();
        let mask = ((bits as i64) >> 63) as u64 | (1 << 63);
        (bits ^ mask, k as u32)
    }));
    keys.sort_unstable();
    let n = row.len();
    let mut first = 0;
    for at in 0..n {
        if keys[at].0 != keys[first].0 {
            first = at;
        }
        ranks[keys[at].1 as usize] = (n - first) as u16;
    }
    None
}
