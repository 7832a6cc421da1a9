//! FCCov from sampled balls, for more rows than a matrix of pairs can hold.

use rayon::prelude::*;

use super::permute::{order, verdict};
use crate::{PermutationTest, StatsError, Stream, check, linalg::Matrix, mean_var, response::Space};

/// Which rows lie in each of `balls` balls, one bit a row.
///
/// Centres are drawn without replacement, boundaries per centre with replacement from all rows, so every
/// ball is a uniform pair and the mean over balls is unbiased for FCCov_V given the data.
/// Source: spec section 1 (sampled pairs); sharing a centre among balls is ours.
#[derive(Debug, Clone)]
pub struct SampledBalls {
    n: usize,
    balls: usize,
    /// `[n/8 rounded up, balls]`: bit k of byte g of a ball = row `8 g + k`.
    bits: Vec<u8>,
}

impl SampledBalls {
    /// Draws `centres` (at most n) centres and `boundaries` boundaries each.
    ///
    /// - cost: `centres * n` distances and `balls * n` comparisons; `balls * n/8` bytes
    /// - determinism: same seed, same bytes, for any number of threads
    ///
    /// # Errors
    /// [`StatsError::TooFew`] (2 rows), [`StatsError::Setting`] (no centres or boundaries).
    pub fn new(space: &Space, centres: usize, boundaries: usize, seed: u64) -> Result<Self, StatsError> {
        let n = space.rows();
        check::at_least("rows", n, 2)?;
        check::positive("centres", centres)?;
        check::positive("boundaries", boundaries)?;
        let centres = centres.min(n);
        let mut all: Vec<usize> = (0..n).collect();
        let mut stream = Stream::new(seed, 0);
        for i in 0..centres {
            let j = i + stream.below(n - i);
            all.swap(i, j);
        }
        let groups = n.div_ceil(8);
        let blocks: Vec<Vec<u8>> = (0..centres)
            .into_par_iter()
            .map(|c| {
                let mut row = vec![0.0; n];
                space.row(all[c], &mut row);
                let mut stream = Stream::new(seed, c as u64 + 1);
                let mut block = vec![0u8; boundaries * groups];
                for ball in block.chunks_exact_mut(groups) {
                    let radius = row[stream.below(n)];
                    for (byte, eight) in ball.iter_mut().zip(row.chunks(8)) {
                        *byte = eight.iter().rev().fold(0, |b, d| (b << 1) | u8::from(*d <= radius));
                    }
                }
                block
            })
            .collect();
        let balls = centres * boundaries;
        let mut bits = vec![0u8; balls * groups];
        bits.par_chunks_mut(balls).enumerate().for_each(|(g, out)| {
            for (p, byte) in out.iter_mut().enumerate() {
                *byte = blocks[p / boundaries][p % boundaries * groups + g];
            }
        });
        Ok(Self { n, balls, bits })
    }

    /// Number of balls.
    pub fn balls(&self) -> usize {
        self.balls
    }

    /// Mean over the balls of `| n^-1 sum_k (U_k - mean) 1{k in ball} |^2`.
    ///
    /// - shapes: `u: [n, d]`; cost: `balls * n/8` look-ups and additions per column
    /// - determinism: independent of threads
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`].
    pub fn fccov(&self, u: &Matrix) -> Result<f64, StatsError> {
        let c = self.centred(u)?;
        Ok(self.value(&c, &order_of(self.n)))
    }

    /// Permutation test of [`Self::fccov`], the rows of U permuted.
    ///
    /// # Errors
    /// As [`Self::fccov`]; [`StatsError::Setting`] (no permutations).
    pub fn permutation(&self, u: &Matrix, permutations: usize, seed: u64) -> Result<PermutationTest, StatsError> {
        check::positive("permutations", permutations)?;
        let c = self.centred(u)?;
        let drawn: Vec<f64> =
            (0..permutations).into_par_iter().map(|b| self.value(&c, &order(seed, b, self.n))).collect();
        Ok(verdict(self.value(&c, &order_of(self.n)), &drawn))
    }

    fn value(&self, c: &Matrix, perm: &[u32]) -> f64 {
        let mut squares = vec![0.0; self.balls];
        let mut sums = vec![0.0; self.balls];
        let mut table = [0.0f64; 256];
        for column in 0..c.cols {
            sums.fill(0.0);
            for (bytes, rows) in self.bits.chunks_exact(self.balls).zip(perm.chunks(8)) {
                // Sums of all subsets of eight rows.
                table[0] = 0.0;
                let mut size = 1;
                for &k in rows {
                    let v = c.at(k as usize, column);
                    let (low, high) = table.split_at_mut(size);
                    high[..size].iter_mut().zip(&*low).for_each(|(h, l)| *h = l + v);
                    size *= 2;
                }
                sums.iter_mut().zip(bytes).for_each(|(s, b)| *s += table[usize::from(*b)]);
            }
            squares.iter_mut().zip(&sums).for_each(|(q, s)| *q += s * s);
        }
        mean_var::sum(&squares) / (self.balls as f64 * (self.n as f64).powi(2))
    }

    fn centred(&self, u: &Matrix) -> Result<Matrix, StatsError> {
        check::same_length("u", u.rows, "rows", self.n)?;
        check::finite("u", &u.values)?;
        let mut c = u.clone();
        let means = c.column_means();
        c.subtract_row(&means);
        Ok(c)
    }
}

fn order_of(n: usize) -> Vec<u32> {
    (0u32..).take(n).collect()
}
