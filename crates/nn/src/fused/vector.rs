//! Loops over rows of scores, written so that they become vector code.
//!
//! Every loop keeps [`LANES`] independent partial results, whose order of addition is fixed, and is
//! `#[inline(always)]`, so that [`wide`] compiles it once per instruction set and picks one when it
//! runs. On one machine the result is always the same, to the bit.

use pulp::{Arch, Simd, WithSimd};

use super::Real;

/// Independent partial results of a reduction.
const LANES: usize = 32;
/// Entries that are summed in the kernel's precision before the sum moves to f64.
const BLOCK: usize = 4096;

/// A computation that is compiled for every instruction set. `run` must be `#[inline(always)]`.
pub(super) trait Kernel {
    /// What it returns.
    type Out;
    /// Does it.
    fn run(self) -> Self::Out;
}

struct Wide<K>(K);

impl<K: Kernel> WithSimd for Wide<K> {
    type Output = K::Out;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Out {
        self.0.run()
    }
}

/// Runs a kernel with the widest instructions of this machine.
#[inline]
pub(super) fn wide<K: Kernel>(kernel: K) -> K::Out {
    Arch::new().dispatch(Wide(kernel))
}

/// Largest entry; minus infinity for an empty row. NaN entries are passed over (they come back
/// from the exponentials that follow).
#[inline(always)]
pub(super) fn largest<T: Real>(row: &[T]) -> T {
    let mut lanes = [T::NEG_INF; LANES];
    let (blocks, rest) = row.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &x) in lanes.iter_mut().zip(block) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = if x > *lane { x } else { *lane };
    }
    lanes.into_iter().fold(T::NEG_INF, |a, b| if b > a { b } else { a })
}

/// Adds up lanes pairwise, in f64.
#[inline(always)]
fn total<T: Real>(lanes: &[T; LANES]) -> f64 {
    let mut sums = [0.0; LANES];
    for (s, l) in sums.iter_mut().zip(lanes) {
        *s = l.f64();
    }
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
        half /= 2;
    }
    sums[0]
}

/// Replaces each `x` by `e = exp(x - shift)` when `STORE`; returns `(sum e, sum e (x - shift))`.
///
/// Excluded entries (minus infinity) give 0 in both sums.
#[inline(always)]
pub(super) fn exp_row<T: Real, const STORE: bool>(row: &mut [T], shift: T) -> (f64, f64) {
    let (mut sum, mut dot) = (0.0, 0.0);
    for part in row.chunks_mut(BLOCK) {
        let (mut sums, mut dots) = ([T::ZERO; LANES], [T::ZERO; LANES]);
        let (blocks, rest) = part.as_chunks_mut::<LANES>();
        for block in blocks {
            for ((x, s), d) in block.iter_mut().zip(&mut sums).zip(&mut dots) {
                exp_step::<T, STORE>(x, shift, s, d);
            }
        }
        for ((x, s), d) in rest.iter_mut().zip(&mut sums).zip(&mut dots) {
            exp_step::<T, STORE>(x, shift, s, d);
        }
        sum += total(&sums);
        dot += total(&dots);
    }
    (sum, dot)
}

#[inline(always)]
fn exp_step<T: Real, const STORE: bool>(x: &mut T, shift: T, sum: &mut T, dot: &mut T) {
    let y = *x - shift;
    let e = y.exp_wide();
    *sum += e;
    // `0 * -inf` must not become NaN: an excluded entry adds nothing.
    let y = if y == T::NEG_INF { T::ZERO } else { y };
    *dot = e.fma(y, *dot);
    if STORE {
        *x = e;
    }
}

/// `row *= by`.
#[inline(always)]
pub(super) fn scale<T: Real>(row: &mut [T], by: T) {
    for x in row {
        *x = *x * by;
    }
}

/// `out = a * b`, entry by entry.
#[inline(always)]
pub(super) fn product<T: Real>(out: &mut [T], a: &[T], b: &[T]) {
    for ((o, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *o = x * y;
    }
}

/// `out *= a`, entry by entry.
#[inline(always)]
pub(super) fn times<T: Real>(out: &mut [T], a: &[T]) {
    for (o, &x) in out.iter_mut().zip(a) {
        *o = *o * x;
    }
}

/// `out += a * b`, entry by entry.
#[inline(always)]
pub(super) fn add_product<T: Real>(out: &mut [T], a: &[T], b: &[T]) {
    for ((o, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *o = x.fma(y, *o);
    }
}

/// `out += by * a`, entry by entry.
#[inline(always)]
pub(super) fn add_scaled<T: Real>(out: &mut [T], a: &[T], by: T) {
    for (o, &x) in out.iter_mut().zip(a) {
        *o = x.fma(by, *o);
    }
}

/// `out += a`, entry by entry.
#[inline(always)]
pub(super) fn add<T: Real>(out: &mut [T], a: &[T]) {
    for (o, &x) in out.iter_mut().zip(a) {
        *o += x;
    }
}

/// `sum a b`.
#[inline(always)]
pub(super) fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut lanes = [T::ZERO; LANES];
        let (a_blocks, a_rest) = a.as_chunks::<LANES>();
        let (b_blocks, b_rest) = b.as_chunks::<LANES>();
        for (x, y) in a_blocks.iter().zip(b_blocks) {
            for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
                *lane = x.fma(y, *lane);
            }
        }
        for ((lane, &x), &y) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
            *lane = x.fma(y, *lane);
        }
        sum += total(&lanes);
    }
    sum
}

/// `ln(1 + e^x)` without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

/// `1 / (1 + e^-x)` without overflow.
pub(super) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
