//! Closed forms for the noisy XOR of bit vectors.

use serde::{Deserialize, Serialize};

use super::{binary_entropy, x_ln_x};
use crate::StatsError;

/// Noisy XOR: `a, b` uniform on `{0,1}^bits`; with probability `p` (once for the whole vector)
/// `c = a xor b`, otherwise `c = a`.
///
/// With `K = 2^bits`, `q = 1 - p + p/K`, `h` the binary entropy, all in nats. Source:
/// `symile.md`, section "Experiments to reproduce", 1.
///
/// ```
/// use suffit_stats::information::Xor;
/// let x = Xor::new(5, 1.0)?;
/// assert!((x.total_correlation() - 32f64.ln()).abs() < 1e-14);
/// assert_eq!((x.i_ac(), x.i_bc(), x.bayes_accuracy()), (0.0, 0.0, 1.0));
/// assert_eq!(Xor::new(5, 0.5)?.bayes_accuracy(), (1.0 + 31.0 * 0.5) / 32.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Xor {
    bits: u32,
    p: f64,
}

impl Xor {
    /// `bits` per vector (1 to 52) and the chance `p` of an XOR.
    ///
    /// # Errors
    /// [`StatsError::Setting`] outside these ranges.
    pub fn new(bits: u32, p: f64) -> Result<Self, StatsError> {
        if !(1..=52).contains(&bits) {
            let range = "between 1 and 52";
            return Err(StatsError::Setting { name: "bits", value: f64::from(bits), range });
        }
        binary_entropy(p)?;
        Ok(Self { bits, p })
    }

    /// Number of values a vector can take, `K = 2^bits`.
    pub fn values(&self) -> f64 {
        2f64.powi(self.bits as i32)
    }

    /// `I(a; c) = ln K + q ln q + (K - 1) (p/K) ln(p/K)`.
    pub fn i_ac(&self) -> f64 {
        let k = self.values();
        let q = 1.0 - self.p + self.p / k;
        (k.ln() + x_ln_x(q) + (k - 1.0) * x_ln_x(self.p / k)).max(0.0)
    }

    /// `I(b; c) = 0`: whatever happens to `c`, `a` hides `b`.
    pub fn i_bc(&self) -> f64 {
        0.0
    }

    /// `I(a; b) = 0`: drawn independently.
    pub fn i_ab(&self) -> f64 {
        0.0
    }

    /// `I(a; b | c) = TC - I(a; c) - I(b; c)`.
    pub fn i_ab_given_c(&self) -> f64 {
        (self.total_correlation() - self.i_ac() - self.i_bc()).max(0.0)
    }

    /// `I(c; b | a) = TC - I(a; c) - I(a; b)`.
    pub fn i_cb_given_a(&self) -> f64 {
        (self.total_correlation() - self.i_ac() - self.i_ab()).max(0.0)
    }

    /// `TC = ln K - (1 - 1/K) h(p)`.
    ///
    /// `TC = 2 ln K + H(c) - H(a, b, c)` with `H(c) = ln K` and `H(c | a, b) = (1 - 1/K) h(p)`:
    /// given `a` and `b`, `c` is uncertain only where `b != 0`.
    pub fn total_correlation(&self) -> f64 {
        let k = self.values();
        let h = -x_ln_x(self.p) - x_ln_x(1.0 - self.p);
        (k.ln() - (1.0 - 1.0 / k) * h).max(0.0)
    }

    /// Best possible accuracy of naming `b` from `(a, c)`: `(1 + (K - 1) p) / K`.
    pub fn bayes_accuracy(&self) -> f64 {
        let k = self.values();
        (1.0 + (k - 1.0) * self.p) / k
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::information::{Table3, mutual_information};
    use proptest::prelude::*;

    /// The joint table `[K, K, K]` of (a, b, c) by its definition.
    fn table(bits: u32, p: f64) -> Table3 {
        let k = 1usize << bits;
        let mut t = vec![0.0; k * k * k];
        for a in 0..k {
            for b in 0..k {
                t[(a * k + b) * k + (a ^ b)] += p / (k * k) as f64;
                t[(a * k + b) * k + a] += (1.0 - p) / (k * k) as f64;
            }
        }
        Table3::new(&t, [k, k, k]).unwrap()
    }

    #[test]
    fn refuses_what_it_cannot_describe() {
        assert!(Xor::new(0, 0.5).is_err() && Xor::new(53, 0.5).is_err());
        assert!(Xor::new(3, 1.5).is_err() && Xor::new(3, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_the_table(bits in 1u32..4, p in 0.0f64..=1.0) {
            let (x, t) = (Xor::new(bits, p).unwrap(), table(bits, p));
            let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
            prop_assert!(near(x.total_correlation(), t.total_correlation()));
            prop_assert!(near(x.i_ac(), t.i_xz()) && near(0.0, t.i_yz()) && near(0.0, t.i_xy()));
            prop_assert!(near(x.i_cb_given_a(), t.i_yz_given_x()));
            // Bayes accuracy of y from (x, z): the mass of the likeliest y in every (x, z) cell.
            let k = 1usize << bits;
            let best: f64 = (0..k * k)
                .map(|xz| {
                    (0..k).map(|y| t.p(xz / k, y, xz % k)).fold(0.0, f64::max)
                })
                .sum();
            prop_assert!(near(x.bayes_accuracy(), best));
        }

        #[test]
        fn c_given_a_alone_is_a_noisy_channel(bits in 1u32..4, p in 0.0f64..=1.0) {
            let k = 1usize << bits;
            let other = p / k as f64;
            let channel: Vec<f64> = (0..k * k)
                .map(|i| (other + if i / k == i % k { 1.0 - p } else { 0.0 }) / k as f64)
                .collect();
            let i = mutual_information(&channel, k, k).unwrap();
            prop_assert!((i - Xor::new(bits, p).unwrap().i_ac()).abs() < 1e-12);
        }
    }
}
