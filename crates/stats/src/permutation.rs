//! Permutation tests: two samples, and sign flips of paired differences.
//!
//! Under the null hypothesis the labels (or signs) are exchangeable, so the observed statistic is
//! one of equally likely values. With `b` of `B` random permutations at least as extreme,
//! `p = (b + 1)/(B + 1)`, which is never 0 and never too small; when all permutations can be
//! listed, `p` is their exact share.
//! Source: Phipson and Smyth 2010, "Permutation p-values should never be zero"; Pitman 1937.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{StatsError, Stream, check, mean_var};

/// Which deviations from the null count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// Large absolute values.
    TwoSided,
    /// Large values (the first argument is larger).
    Greater,
    /// Small values (the first argument is smaller).
    Less,
}

/// Settings of a permutation test; the methods run it.
///
/// ```
/// use suffit_stats::Permutation;
/// // two of the C(4, 2) = 6 splits are as extreme as {5, 6} against {1, 2}
/// let t = Permutation::default().two_sample(&[5.0, 6.0], &[1.0, 2.0])?;
/// assert!(t.exact && t.statistic == 4.0 && t.p_value == 2.0 / 6.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// Random permutations when there are too many to list (9,999).
    pub permutations: usize,
    /// Seed; permutation `r` draws from stream `r` (0).
    pub seed: u64,
    /// Direction (two-sided).
    pub alternative: Alternative,
    /// List all permutations when there are at most this many (20,000).
    pub exact_limit: u64,
}

impl Default for Permutation {
    fn default() -> Self {
        Self { permutations: 9_999, seed: 0, alternative: Alternative::TwoSided, exact_limit: 20_000 }
    }
}

/// Result of a permutation test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PermutationTest {
    /// The statistic on the data.
    pub statistic: f64,
    /// The p-value.
    pub p_value: f64,
    /// Permutations evaluated (all of them when `exact`).
    pub permutations: u64,
    /// Whether all permutations were listed.
    pub exact: bool,
}

impl Permutation {
    /// Tests equal distributions by the difference of means, `mean(x) - mean(y)`.
    ///
    /// - shapes: `x: [N]`, `y: [M]`; cost: `O(N + M)` per permutation
    /// - determinism: same seed, same bytes, for any number of threads
    ///
    /// # Errors
    /// [`StatsError::TooFew`] (an empty sample), [`StatsError::NotFinite`],
    /// [`StatsError::Setting`] (no permutations).
    ///
    /// ```
    /// use suffit_stats::{Alternative, Permutation};
    /// let one = Permutation { alternative: Alternative::Greater, ..Permutation::default() };
    /// assert_eq!(one.two_sample(&[5.0, 6.0], &[1.0, 2.0])?.p_value, 1.0 / 6.0);
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn two_sample(&self, x: &[f64], y: &[f64]) -> Result<PermutationTest, StatsError> {
        let pooled = pool(x, y)?;
        let (n, m) = (x.len() as f64, y.len() as f64);
        let total = mean_var::sum(&pooled);
        self.split_test(&pooled, x.len(), |first, _| {
            let sum: f64 = first.iter().sum();
            sum / n - (total - sum) / m
        })
    }

    /// Tests equal distributions by any statistic of two samples, large (in absolute value) when
    /// they differ.
    ///
    /// - shapes: `x: [N]`, `y: [M]`; cost: one evaluation and `O(N + M)` per permutation
    /// - determinism as [`Self::two_sample`]
    ///
    /// # Errors
    /// As [`Self::two_sample`]; [`StatsError::Statistic`].
    ///
    /// ```
    /// use suffit_stats::{Permutation, quantile::median};
    /// let gap = |x: &[f64], y: &[f64]| match (median(x), median(y)) {
    ///     (Ok(a), Ok(b)) => a - b,
    ///     _ => f64::NAN,
    /// };
    /// let t = Permutation::default().two_sample_with(&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0], gap)?;
    /// // {5,6,7} and {3,6,7} reach a gap of 4, and so do their mirror images
    /// assert_eq!(t.p_value, 4.0 / 20.0);
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn two_sample_with<F>(&self, x: &[f64], y: &[f64], statistic: F) -> Result<PermutationTest, StatsError>
    where
        F: Fn(&[f64], &[f64]) -> f64 + Sync,
    {
        self.split_test(&pool(x, y)?, x.len(), statistic)
    }

    /// Tests that paired differences are symmetric about 0, by their mean, flipping signs.
    ///
    /// - shapes: `differences: [N]`; cost: `O(N)` per permutation, exact for `2^N` up to the limit
    /// - determinism as [`Self::two_sample`]
    ///
    /// # Errors
    /// As [`Self::two_sample`].
    ///
    /// ```
    /// // of the 8 sign patterns only +++ and --- reach a mean of 2
    /// let t = suffit_stats::Permutation::default().sign_flip(&[1.0, 2.0, 3.0])?;
    /// assert_eq!((t.statistic, t.p_value), (2.0, 0.25));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn sign_flip(&self, differences: &[f64]) -> Result<PermutationTest, StatsError> {
        check::sample("differences", differences, 1)?;
        check::positive("permutations", self.permutations)?;
        let n = differences.len();
        let observed = differences.iter().sum::<f64>() / n as f64;
        let scale = differences.iter().map(|d| d.abs()).sum::<f64>() / n as f64;
        let hit = |t: f64| self.extreme(t, observed, 1e-12 * scale);
        if n < 63 && (1u64 << n) <= self.exact_limit {
            let all = 1u64 << n;
            let hits = (0..all).into_par_iter().filter(|&mask| hit(flipped_mean(differences, |_| mask))).count() as u64;
            return Ok(exact(observed, hits, all));
        }
        let hits = (0..self.permutations)
            .into_par_iter()
            .filter(|&r| {
                let mut stream = Stream::new(self.seed, r as u64);
                hit(flipped_mean(differences, |_| stream.bits()))
            })
            .count() as u64;
        Ok(sampled(observed, hits, self.permutations as u64))
    }

    fn split_test<F>(&self, pooled: &[f64], n: usize, statistic: F) -> Result<PermutationTest, StatsError>
    where
        F: Fn(&[f64], &[f64]) -> f64 + Sync,
    {
        check::positive("permutations", self.permutations)?;
        let observed = statistic(&pooled[..n], &pooled[n..]);
        if !observed.is_finite() {
            return Err(StatsError::Statistic { sample: "the data", index: 0, value: observed });
        }
        let scale = pooled.iter().map(|v| v.abs()).fold(observed.abs(), f64::max);
        let all = choose(pooled.len() as u64, n as u64, self.exact_limit);
        let values: Vec<f64> = match all {
            Some(_) => every_split(pooled, n, &statistic),
            None => (0..self.permutations)
                .into_par_iter()
                .map_init(Vec::new, |items, r| {
                    items.clear();
                    items.extend_from_slice(pooled);
                    let mut stream = Stream::new(self.seed, r as u64);
                    // Only which items come first matters: a partial Fisher-Yates shuffle.
                    for i in 0..n {
                        let j = i + stream.below(items.len() - i);
                        items.swap(i, j);
                    }
                    statistic(&items[..n], &items[n..])
                })
                .collect(),
        };
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            let value = values[index];
            return Err(StatsError::Statistic { sample: "permutation", index, value });
        }
        let tie = 1e-12 * scale;
        let hits = values.iter().filter(|&&t| self.extreme(t, observed, tie)).count() as u64;
        Ok(match all {
            Some(all) => exact(observed, hits, all),
            None => sampled(observed, hits, self.permutations as u64),
        })
    }

    /// Whether `t` is at least as extreme as `observed`; rounding differences are ties.
    fn extreme(&self, t: f64, observed: f64, tie: f64) -> bool {
        match self.alternative {
            Alternative::TwoSided => t.abs() >= observed.abs() - tie,
            Alternative::Greater => t >= observed - tie,
            Alternative::Less => t <= observed + tie,
        }
    }
}

fn exact(statistic: f64, hits: u64, all: u64) -> PermutationTest {
    let p_value = hits as f64 / all as f64;
    PermutationTest { statistic, p_value, permutations: all, exact: true }
}

fn sampled(statistic: f64, hits: u64, permutations: u64) -> PermutationTest {
    let p_value = (hits + 1) as f64 / (permutations + 1) as f64;
    PermutationTest { statistic, p_value, permutations, exact: false }
}

fn pool(x: &[f64], y: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::sample("x", x, 1)?;
    check::sample("y", y, 1)?;
    Ok([x, y].concat())
}

/// Mean with the sign of value `i` taken from bit `i` of the words, 64 values a word.
fn flipped_mean(values: &[f64], mut word: impl FnMut(usize) -> u64) -> f64 {
    let mut sum = 0.0;
    for (block, chunk) in values.chunks(64).enumerate() {
        let bits = word(block);
        for (i, &v) in chunk.iter().enumerate() {
            // Bit set = flipped: the sign bit moves, no branch.
            sum += f64::from_bits(v.to_bits() ^ (((bits >> i) & 1) << 63));
        }
    }
    sum / values.len() as f64
}

/// `C(n, k)` when it is at most `limit`.
fn choose(n: u64, k: u64, limit: u64) -> Option<u64> {
    let mut c: u64 = 1;
    for i in 0..k.min(n - k) {
        // c * (n - i) is divisible by i + 1, and c only grows.
        c = c.checked_mul(n - i)? / (i + 1);
        if c > limit {
            return None;
        }
    }
    (c <= limit).then_some(c)
}

/// The statistic on every choice of `n` items, in lexicographic order of their positions.
fn every_split<F>(pooled: &[f64], n: usize, statistic: &F) -> Vec<f64>
where
    F: Fn(&[f64], &[f64]) -> f64 + Sync,
{
    let mut chosen: Vec<usize> = (0..n).collect();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    let mut values = Vec::new();
    loop {
        first.clear();
        rest.clear();
        let mut next = 0;
        for (i, &v) in pooled.iter().enumerate() {
            if next < n && chosen[next] == i {
                first.push(v);
                next += 1;
            } else {
                rest.push(v);
            }
        }
        values.push(statistic(&first, &rest));
        // The last position that can still move right; none left = done.
        let Some(k) = (0..n).rev().find(|&k| chosen[k] < pooled.len() - n + k) else {
            return values;
        };
        chosen[k] += 1;
        for j in k + 1..n {
            chosen[j] = chosen[j - 1] + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn gap(x: &[f64], y: &[f64]) -> f64 {
        x.iter().sum::<f64>() / x.len() as f64 - y.iter().sum::<f64>() / y.len() as f64
    }

    /// Share of `runs` p-values at or below 0.05, and the three-standard-error band around 0.05.
    fn rejections(runs: u64, p: impl Fn(u64) -> f64 + Sync + Send) -> (f64, f64) {
        let hits = (0..runs).into_par_iter().filter(|&r| p(r) <= 0.05).count();
        (hits as f64 / runs as f64, 3.0 * (0.05f64 * 0.95 / runs as f64).sqrt())
    }

    #[test]
    fn two_sample_rejects_true_nulls_at_its_level() {
        // (b+1)/(B+1) with B = 199 attains 0.05 exactly for continuous data, of any shape.
        let test = |seed| Permutation { permutations: 199, seed, ..Permutation::default() };
        let (share, band) = rejections(1_000, |r| {
            let mut s = Stream::new(1, r);
            let x: Vec<f64> = (0..15).map(|_| s.normal().exp()).collect();
            let y: Vec<f64> = (0..25).map(|_| s.normal().exp()).collect();
            test(r).two_sample(&x, &y).unwrap().p_value
        });
        assert!((share - 0.05).abs() <= band, "{share}");
    }

    #[test]
    fn sign_flip_rejects_true_nulls_at_its_level_and_sees_effects() {
        let test = |seed| Permutation { permutations: 199, seed, ..Permutation::default() };
        let run = |shift: f64| {
            rejections(1_000, move |r| {
                let mut s = Stream::new(2, r);
                let d: Vec<f64> = (0..30).map(|_| s.normal() + shift).collect();
                test(r).sign_flip(&d).unwrap().p_value
            })
        };
        let (share, band) = run(0.0);
        assert!((share - 0.05).abs() <= band, "{share}");
        // z-test power at shift 0.8: Phi(0.8 sqrt(30) - 1.96) = 0.992
        assert!(run(0.8).0 > 0.95);
    }

    #[test]
    fn enumeration_visits_every_split_once() {
        let pooled = [1.0, 2.0, 4.0, 8.0, 16.0];
        let mut sums = every_split(&pooled, 2, &|x: &[f64], _: &[f64]| x.iter().sum());
        assert_eq!(sums.len(), 10);
        sums.sort_by(f64::total_cmp);
        sums.dedup();
        assert_eq!(sums.len(), 10);
        assert_eq!(choose(5, 2, 100), Some(10));
        assert_eq!(choose(40, 20, 20_000), None);
        assert_eq!(choose(1_000_000, 500_000, u64::MAX), None);
    }

    #[test]
    fn sampled_p_is_never_zero() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = (0..40).map(|i| f64::from(i) + 1e3).collect();
        let t = Permutation { permutations: 99, ..Permutation::default() };
        let r = t.two_sample(&x, &y).unwrap();
        assert_eq!((r.p_value, r.exact, r.permutations), (0.01, false, 99));
    }

    #[test]
    fn bad_input() {
        let t = Permutation::default();
        assert!(t.two_sample(&[], &[1.0]).is_err());
        assert!(t.sign_flip(&[1.0, f64::NAN]).unwrap_err().to_string().contains("index 1"));
        assert!(t.two_sample_with(&[1.0], &[2.0], |_, _| f64::NAN).is_err());
        let none = Permutation { permutations: 0, ..t };
        assert!(none.sign_flip(&[1.0; 30]).is_err());
        assert_eq!(t.sign_flip(&[0.0; 30]).unwrap().p_value, 1.0);
    }

    #[test]
    fn threads_do_not_change_the_count() {
        let d: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 19) - 8.5).collect();
        let run = |k| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(k).build().unwrap();
            pool.install(|| Permutation::default().sign_flip(&d).unwrap())
        };
        assert_eq!(run(1), run(4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn mean_path_equals_the_general_path(
            x in prop::collection::vec(-5i32..5, 1..14), y in prop::collection::vec(-5i32..5, 1..14),
        ) {
            let f = |v: Vec<i32>| v.into_iter().map(f64::from).collect::<Vec<_>>();
            let (x, y) = (f(x), f(y));
            for alternative in [Alternative::TwoSided, Alternative::Greater, Alternative::Less] {
                let t = Permutation { permutations: 200, alternative, ..Permutation::default() };
                let (a, b) = (t.two_sample(&x, &y).unwrap(), t.two_sample_with(&x, &y, gap).unwrap());
                prop_assert_eq!(a.p_value, b.p_value);
            }
        }

        #[test]
        fn sampling_approaches_enumeration(d in prop::collection::vec(-3.0f64..3.0, 3..12)) {
            let t = Permutation { permutations: 4_000, ..Permutation::default() };
            let exact = t.sign_flip(&d).unwrap();
            let drawn = Permutation { exact_limit: 0, ..t }.sign_flip(&d).unwrap();
            prop_assert!(exact.exact && !drawn.exact);
            let p = exact.p_value;
            // five standard errors and the one added permutation
            let band = 5.0 * (p * (1.0 - p) / 4_000.0).sqrt() + 1.0 / 4_001.0;
            prop_assert!((p - drawn.p_value).abs() <= band, "{p} {}", drawn.p_value);
        }

        #[test]
        fn one_sided_values_add_up(d in prop::collection::vec(-3.0f64..3.0, 2..12)) {
            let of = |alternative| {
                Permutation { alternative, ..Permutation::default() }.sign_flip(&d).unwrap().p_value
            };
            // P(T >= t) + P(T <= t) = 1 + P(T = t) >= 1
            prop_assert!(of(Alternative::Greater) + of(Alternative::Less) >= 1.0);
        }
    }
}
