//! Random streams addressed by `(seed, counter)`.
//!
//! Replicate `r` of a bootstrap or permutation draws from `Stream::new(seed, r)`. Streams are
//! independent (ChaCha with 8 rounds; key from the seed, nonce = counter), so replicates can be
//! computed in any order, on any number of threads, in shards, with the same result.
//! Source: Bernstein 2008, "ChaCha, a variant of Salsa20".

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One random stream.
///
/// - cost: about 1 ns per 32-bit word, 300 bytes of state
/// - determinism: a function of seed and counter only, equal on every machine
///
/// ```
/// use suffit_stats::Stream;
/// let (mut a, mut b) = (Stream::new(7, 3), Stream::new(7, 3));
/// assert_eq!(a.below(100), b.below(100));
/// ```
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `counter` under `seed`.
    pub fn new(seed: u64, counter: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(counter);
        Self(rng)
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A uniform index in `0..bound`, without bias; 0 when `bound` is 0.
    ///
    /// Multiply-shift with rejection: Lemire 2019, "Fast random integer generation in an interval".
    pub fn below(&mut self, bound: usize) -> usize {
        let Ok(n) = u32::try_from(bound) else { return self.below_wide(bound as u64) };
        let mut m = u64::from(self.0.next_u32()) * u64::from(n);
        if (m as u32) < n {
            let threshold = n.wrapping_neg() % n;
            while (m as u32) < threshold {
                m = u64::from(self.0.next_u32()) * u64::from(n);
            }
        }
        (m >> 32) as usize
    }

    /// [`Self::below`] for bounds that need more than 32 bits.
    fn below_wide(&mut self, n: u64) -> usize {
        let mut m = u128::from(self.0.next_u64()) * u128::from(n);
        if (m as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (m as u64) < threshold {
                m = u128::from(self.0.next_u64()) * u128::from(n);
            }
        }
        (m >> 64) as usize
    }

    /// A uniform number in `[0, 1)` with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A standard normal number: the quantile function at a uniform number (one word per draw).
    pub fn normal(&mut self) -> f64 {
        // The half step keeps the argument inside (0, 1).
        let u = ((self.0.next_u64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64);
        crate::normal::quantile_unchecked(u)
    }

    /// Uniform random order in place (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i + 1);
            items.swap(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_differ() {
        let (mut a, mut b) = (Stream::new(1, 0), Stream::new(1, 1));
        let same = (0..64).filter(|_| a.bits() == b.bits()).count();
        assert_eq!(same, 0);
    }

    #[test]
    fn indices_are_uniform() {
        // Chi-square with 9 degrees of freedom; 27.88 is its 99.9 % point.
        let mut s = Stream::new(11, 0);
        let mut counts = [0.0f64; 10];
        for _ in 0..100_000 {
            counts[s.below(10)] += 1.0;
        }
        let chi: f64 = counts.iter().map(|c| (c - 1e4) * (c - 1e4) / 1e4).sum();
        assert!(chi < 27.88, "{chi}");
    }

    #[test]
    fn bounds_of_one_and_zero_draw_zero() {
        let mut s = Stream::new(0, 0);
        assert_eq!((s.below(1), s.below(0)), (0, 0));
        assert!(s.below_wide(5) < 5);
    }

    #[test]
    fn shuffle_keeps_the_items() {
        let mut v: Vec<usize> = (0..50).collect();
        Stream::new(3, 9).shuffle(&mut v);
        assert_ne!(v, (0..50).collect::<Vec<_>>());
        v.sort_unstable();
        assert_eq!(v, (0..50).collect::<Vec<_>>());
    }
}
