//! XNOR with unreliable views (symile.md, Experiment 7, setting `u_v_uv`).

use suffit_core::seed::{below, normal};
use suffit_core::{Result, Seed};

use super::{GenerateError, Sample, bit, view};

/// u, v are fair bits; A = [u, v, XNOR(u, v)], B = [u, 1, u], C = [1, v, v], as -1 and +1 in the first
/// columns, the other columns are noise N(0, `noise`²). In every row exactly one of B and C has its
/// signal block taken from another row.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Xnor {
    /// Bits of u and of v.
    pub bits: usize,
    /// Columns of each view, at least 3 `bits`.
    pub cols: usize,
    /// Standard deviation of the distractors.
    pub noise: f64,
}

impl Default for Xnor {
    /// 16 bits, 128 columns, distractors of standard deviation 3.
    fn default() -> Self {
        Xnor { bits: 16, cols: 128, noise: 3.0 }
    }
}

/// A bit made of the bits u and v.
type Rule = fn(bool, bool) -> bool;

/// A sample and which view lies in each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreliable {
    /// The views `a`, `b`, `c`.
    pub sample: Sample,
    /// True where b's block was swapped, false where c's was.
    pub b_swapped: Vec<bool>,
}

impl Xnor {
    /// Draws rows from the streams `xnor`, `xnor_noise` and `xnor_swap` of `seed`.
    ///
    /// # Errors
    /// Too few columns, or fewer than two rows (there is no other row to swap with).
    pub fn draw(&self, rows: usize, seed: Seed) -> Result<Unreliable> {
        let signal = 3 * self.bits;
        if self.bits == 0 || self.cols < signal {
            return Err(GenerateError::Range {
                what: "the number of columns",
                got: self.cols as f64,
                expected: "at least three times the bits",
            }
            .into());
        }
        if rows < 2 {
            return Err(
                GenerateError::Range { what: "the number of rows", got: rows as f64, expected: "at least 2" }.into()
            );
        }
        let mut stream = seed.stream("xnor", &[]);
        let sign = |b: bool| if b { 1.0f32 } else { -1.0 };
        let mut blocks = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rows {
            let u: Vec<bool> = (0..self.bits).map(|_| bit(&mut stream)).collect();
            let v: Vec<bool> = (0..self.bits).map(|_| bit(&mut stream)).collect();
            let both = |f: Rule| u.iter().zip(&v).map(move |(x, y)| sign(f(*x, *y)));
            let thirds: [[Rule; 3]; 3] = [
                [|x, _| x, |_, y| y, |x, y| x == y],
                [|x, _| x, |_, _| true, |x, _| x],
                [|_, _| true, |_, y| y, |_, y| y],
            ];
            for (block, parts) in blocks.iter_mut().zip(thirds) {
                for part in parts {
                    block.extend(both(part));
                }
            }
        }
        let mut swap = seed.stream("xnor_swap", &[]);
        let (mut b_swapped, mut from) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for r in 0..rows {
            b_swapped.push(bit(&mut swap));
            let other = below(rows as u64 - 1, &mut swap) as usize;
            from.push(if other >= r { other + 1 } else { other });
        }
        let mut noise = seed.stream("xnor_noise", &[]);
        let mut views = Vec::with_capacity(3);
        for (k, name) in ["a", "b", "c"].iter().enumerate() {
            let mut data = Vec::with_capacity(rows * self.cols);
            for r in 0..rows {
                let swapped = (k == 1 && b_swapped[r]) || (k == 2 && !b_swapped[r]);
                let source = if swapped { from[r] } else { r };
                data.extend_from_slice(&blocks[k][source * signal..(source + 1) * signal]);
                data.extend((signal..self.cols).map(|_| (self.noise * normal(&mut noise)) as f32));
            }
            views.push(view(name, rows, self.cols, data));
        }
        Ok(Unreliable { sample: Sample { views, label: None }, b_swapped })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn exactly_one_view_lies_in_each_row() {
        let drawn = Xnor::default().draw(400, Seed::new(5)).unwrap();
        let [a, b, c] = [0, 1, 2].map(|k| &drawn.sample.views[k]);
        for r in 0..400 {
            let (u, v) = (&a.row(r)[..16], &a.row(r)[16..32]);
            let b_true = b.row(r)[..16] == *u;
            let c_true = c.row(r)[16..32] == *v;
            // two rows agree in all 16 bits with probability 2^-16
            assert_eq!(b_true, !drawn.b_swapped[r]);
            assert_eq!(c_true, drawn.b_swapped[r]);
            for j in 0..16 {
                assert_eq!(a.row(r)[32 + j], u[j] * v[j]);
                assert_eq!(b.row(r)[16 + j], 1.0);
            }
        }
    }
}
