//! The XOR family (symile.md, Experiments 1 to 3).

use suffit_core::seed::uniform;
use suffit_core::{Result, Seed};

use super::{Sample, bit, share, view};

/// Three views of bits: a, b fair; c = a XOR b with probability p for a whole row, else c = a.
///
/// Every pair that contains b is independent; b is known from (a, c) with the accuracy of
/// [`XorInformation::accuracy`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Xor {
    /// Bits per view.
    pub bits: usize,
    /// Probability that a row is XORed.
    pub p: f64,
    /// Probability that a view is missing in a row, independently by view; its placeholder is 0.5.
    pub missing: f64,
}

impl Xor {
    /// Complete rows.
    pub fn new(bits: usize, p: f64) -> Self {
        Xor { bits, p, missing: 0.0 }
    }

    /// Draws rows from the stream `xor` of `seed`. Views `a`, `b`, `c` of shape `[rows, bits]` with
    /// values 0 and 1; missing rows are not present and hold 0.5.
    ///
    /// # Errors
    /// A probability outside 0 to 1, or no bits.
    pub fn draw(&self, rows: usize, seed: Seed) -> Result<Sample> {
        share("p", self.p)?;
        share("the missing share", self.missing)?;
        if self.bits == 0 {
            return Err(super::GenerateError::Range { what: "bits", got: 0.0, expected: "at least 1" }.into());
        }
        let mut stream = seed.stream("xor", &[]);
        let n = rows * self.bits;
        let (mut a, mut b, mut c) = (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
        for _ in 0..rows {
            let xored = uniform(&mut stream) < self.p;
            for _ in 0..self.bits {
                let (x, y) = (bit(&mut stream), bit(&mut stream));
                a.push(f32::from(u8::from(x)));
                b.push(f32::from(u8::from(y)));
                c.push(f32::from(u8::from(if xored { x ^ y } else { x })));
            }
        }
        let mut views =
            vec![view("a", rows, self.bits, a), view("b", rows, self.bits, b), view("c", rows, self.bits, c)];
        if self.missing > 0.0 {
            let mut stream = seed.stream("xor_missing", &[]);
            for r in 0..rows {
                for v in &mut views {
                    if uniform(&mut stream) < self.missing {
                        v.present[r] = false;
                        v.data[r * self.bits..(r + 1) * self.bits].fill(0.5);
                    }
                }
            }
        }
        Ok(Sample { views, label: None })
    }

    /// All 2^bits rows that b can be, as candidates: row k holds the bits of k, the highest first.
    pub fn candidates(&self) -> crate::view::ViewMatrix {
        let rows = 1usize << self.bits;
        let bits = |k: usize| (0..self.bits).rev().map(move |j| ((k >> j) & 1) as f32);
        view("b", rows, self.bits, (0..rows).flat_map(bits).collect())
    }

    /// The exact information of complete rows.
    pub fn information(&self) -> XorInformation {
        XorInformation::new(self.bits, self.p)
    }
}

/// Exact information of [`Xor`] in nats, with K = 2^bits, q = 1 - p + p/K and h the binary entropy:
///
/// - I(a;c) = log K + q log q + (K-1)(p/K) log(p/K)
/// - TC = log K - (1 - 1/K) h(p)
/// - I(a;b|c) = I(b;c|a) = TC - I(a;c), I(a;b) = I(b;c) = 0
/// - best accuracy for b from (a, c): p + (1-p)/K = (1 + (K-1) p)/K
///
/// ```
/// let i = suffit_data::generate::Xor::new(5, 1.0).information();
/// assert!((i.total_correlation - 32f64.ln()).abs() < 1e-12);
/// assert!((i.accuracy - 1.0).abs() < 1e-12);
/// assert!((suffit_data::generate::Xor::new(5, 0.5).information().accuracy - 16.5 / 32.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct XorInformation {
    /// I(a;c).
    pub ac: f64,
    /// I(b;c) = I(a;b).
    pub bc: f64,
    /// I(a;b|c) = I(b;c|a).
    pub ab_given_c: f64,
    /// TC(a,b,c).
    pub total_correlation: f64,
    /// Best accuracy for b from (a, c) among 2^bits candidates.
    pub accuracy: f64,
}

impl XorInformation {
    fn new(bits: usize, p: f64) -> Self {
        let x_log_x = |x: f64| if x > 0.0 { x * x.ln() } else { 0.0 };
        let k = (bits as f64).exp2();
        let q = 1.0 - p + p / k;
        let ac = k.ln() + x_log_x(q) + (k - 1.0) * x_log_x(p / k);
        let h = -x_log_x(p) - x_log_x(1.0 - p);
        let total_correlation = k.ln() - (1.0 - 1.0 / k) * h;
        XorInformation {
            ac,
            bc: 0.0,
            ab_given_c: total_correlation - ac,
            total_correlation,
            accuracy: (1.0 + (k - 1.0) * p) / k,
        }
    }
}

/// M views of one bit, the last the XOR of the others (M = 8 in the paper's package). Any M - 1 of them
/// are independent; TC = ln 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Parity {
    /// Number of views, at least 2.
    pub views: usize,
}

impl Parity {
    /// Draws rows from the stream `parity` of `seed`: views `v1 … vM` of shape `[rows, 1]`, values 0 and 1.
    ///
    /// # Errors
    /// Fewer than two views.
    pub fn draw(&self, rows: usize, seed: Seed) -> Result<Sample> {
        if self.views < 2 {
            let got = self.views as f64;
            return Err(super::GenerateError::Range { what: "the number of views", got, expected: "at least 2" }.into());
        }
        let mut stream = seed.stream("parity", &[]);
        let mut columns = vec![Vec::with_capacity(rows); self.views];
        for _ in 0..rows {
            let mut parity = false;
            for (k, column) in columns.iter_mut().enumerate() {
                let value = if k + 1 == self.views { parity } else { bit(&mut stream) };
                parity ^= value;
                column.push(f32::from(u8::from(value)));
            }
        }
        let views = columns.into_iter().enumerate().map(|(k, c)| view(&format!("v{}", k + 1), rows, 1, c)).collect();
        Ok(Sample { views, label: None })
    }

    /// TC in nats.
    pub fn total_correlation(&self) -> f64 {
        std::f64::consts::LN_2
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_obey_their_rule_and_share() {
        let s = Xor::new(5, 0.3).draw(20_000, Seed::new(4)).unwrap();
        let (a, b, c) = (&s.views[0], &s.views[1], &s.views[2]);
        let mut xored = 0;
        for r in 0..s.rows() {
            let x: Vec<f32> = a.row(r).iter().zip(b.row(r)).map(|(x, y)| if x == y { 0.0 } else { 1.0 }).collect();
            assert!(c.row(r) == x.as_slice() || c.row(r) == a.row(r));
            xored += usize::from(c.row(r) == x.as_slice() && c.row(r) != a.row(r));
        }
        // rows with b = 0 look the same either way: expected share p (1 - 1/32)
        let (share, expected) = (xored as f64 / 20_000.0, 0.3 * 31.0 / 32.0);
        assert!((share - expected).abs() < 5.0 * (expected * (1.0 - expected) / 20_000.0f64).sqrt());
    }

    #[test]
    fn information_agrees_with_enumeration() {
        // d = 2, p = 0.3: the whole distribution of (a, b, c)
        let (d, p) = (2usize, 0.3f64);
        let k = 1usize << d;
        let mut joint = vec![0.0; k * k * k];
        for a in 0..k {
            for b in 0..k {
                let w = 1.0 / (k * k) as f64;
                joint[(a * k + b) * k + (a ^ b)] += w * p;
                joint[(a * k + b) * k + a] += w * (1.0 - p);
            }
        }
        let entropy = |keep: [bool; 3]| {
            let mut m = std::collections::BTreeMap::new();
            for (i, w) in joint.iter().enumerate() {
                let v = [i / k / k, i / k % k, i % k];
                let key: Vec<usize> = (0..3).filter(|j| keep[*j]).map(|j| v[j]).collect();
                *m.entry(key).or_insert(0.0) += w;
            }
            -m.values().filter(|w| **w > 0.0).map(|w: &f64| w * w.ln()).sum::<f64>()
        };
        let (ha, hb, hc) =
            (entropy([true, false, false]), entropy([false, true, false]), entropy([false, false, true]));
        let tc = ha + hb + hc - entropy([true, true, true]);
        let ac = ha + hc - entropy([true, false, true]);
        let i = Xor::new(d, p).information();
        assert!((i.total_correlation - tc).abs() < 1e-12 && (i.ac - ac).abs() < 1e-12);
    }

    #[test]
    fn the_last_bit_is_the_parity_of_the_others() {
        let s = Parity { views: 8 }.draw(500, Seed::new(1)).unwrap();
        for r in 0..500 {
            let sum: f32 = s.views.iter().map(|v| v.row(r)[0]).sum();
            assert_eq!(sum % 2.0, 0.0);
        }
    }

    #[test]
    fn missing_views_hold_the_placeholder() {
        let s = Xor { bits: 1, p: 1.0, missing: 0.2 }.draw(5_000, Seed::new(2)).unwrap();
        for v in &s.views {
            let missing = 5_000 - v.observed();
            assert!((missing as f64 / 5_000.0 - 0.2).abs() < 5.0 * (0.16f64 / 5_000.0).sqrt());
            assert!((0..5_000).all(|r| v.present[r] != (v.row(r)[0] == 0.5)));
        }
    }
}
