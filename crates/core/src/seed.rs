//! Named, counter-addressed random streams from one root seed.
//!
//! A stream is a ChaCha12 generator keyed by `BLAKE3(root seed, name, counters)`. Streams are
//! addressed, never advanced globally: the batch order of epoch 7 is `seed.stream("shuffle", &[7])`
//! whatever happened before, so resuming needs no generator state, and no result depends on how
//! work was divided among threads.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// A random stream: an ordinary generator of the `rand` family.
pub type Stream = ChaCha12Rng;

/// The root of all randomness of a run.
///
/// ```
/// use rand::Rng;
/// use suffit_core::Seed;
/// let seed = Seed::new(7);
/// let (mut a, mut b) = (seed.stream("init", &[]), seed.stream("init", &[]));
/// assert_eq!(a.next_u64(), b.next_u64()); // same address, same numbers
/// assert_ne!(seed.stream("init", &[1]).next_u64(), seed.stream("init", &[2]).next_u64());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    /// From the number the user gave.
    pub fn new(root: u64) -> Self {
        Seed(root)
    }

    /// The number.
    pub fn value(self) -> u64 {
        self.0
    }

    /// The stream at an address.
    pub fn stream(self, name: &str, counters: &[u64]) -> Stream {
        ChaCha12Rng::from_seed(self.key(name, counters))
    }

    /// An independent root for a part of the work, for example one repetition of an experiment.
    pub fn child(self, name: &str, counters: &[u64]) -> Seed {
        let key = self.key(name, counters);
        let mut bytes = [0u8; 8];
        bytes.copy_from_slice(&key[..8]);
        Seed(u64::from_le_bytes(bytes))
    }

    fn key(self, name: &str, counters: &[u64]) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key("suffit 2026-11 named seed stream");
        hash.update(&self.0.to_le_bytes());
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        for counter in counters {
            hash.update(&counter.to_le_bytes());
        }
        *hash.finalize().as_bytes()
    }
}

/// A uniform permutation of `0..n` (Fisher–Yates, Durstenfeld 1964).
///
/// Written here because a permutation is part of the saved contract (same seed, same bytes), so it
/// must not change with a dependency's version.
pub fn permutation(n: usize, stream: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, below(i as u64 + 1, stream) as usize);
    }
    order
}

/// A uniform integer in `0..n` (Lemire 2019, unbiased multiply-shift).
pub fn below(n: u64, stream: &mut Stream) -> u64 {
    debug_assert!(n > 0);
    loop {
        let product = u128::from(stream.next_u64()) * u128::from(n);
        if (product as u64) >= n.wrapping_neg() % n {
            return (product >> 64) as u64;
        }
    }
}

/// A uniform number in `[0, 1)` with 53 random bits.
pub fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A standard normal number (Marsaglia polar method, one of the pair).
pub fn normal(stream: &mut Stream) -> f64 {
    loop {
        let (u, v) = (2.0 * uniform(stream) - 1.0, 2.0 * uniform(stream) - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutation_is_a_permutation_and_uniform_on_three() {
        let seed = Seed::new(1);
        let mut counts = std::collections::BTreeMap::new();
        for k in 0..6000 {
            let p = permutation(3, &mut seed.stream("p", &[k]));
            let mut sorted = p.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
            *counts.entry(p).or_insert(0u32) += 1;
        }
        // six outcomes, expected 1,000 each, standard deviation 28.9
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&c| (c as f64 - 1000.0).abs() < 5.0 * 28.9), "{counts:?}");
    }

    #[test]
    fn addresses_do_not_collide_by_concatenation() {
        let s = Seed::new(3);
        assert_ne!(s.child("ab", &[]).value(), s.child("a", &[u64::from(b'b')]).value());
        assert_ne!(s.child("a", &[1]).value(), s.child("a", &[1, 0]).value());
    }

    #[test]
    fn normal_has_the_right_moments() {
        let mut r = Seed::new(9).stream("n", &[]);
        let n = 100_000;
        let (mut m, mut v) = (0.0, 0.0);
        for _ in 0..n {
            let x = normal(&mut r);
            m += x;
            v += x * x;
        }
        let (m, v) = (m / n as f64, v / n as f64);
        assert!(m.abs() < 5.0 / (n as f64).sqrt() && (v - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt());
    }
}
