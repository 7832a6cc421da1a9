//! The two precisions of the fused kernels, and their exponential.
//!
//! The exponential is our own so that it becomes vector code inside a dispatched kernel: the usual
//! reduction `x = n ln 2 + r`, `|r| <= ln 2 / 2`, a polynomial in `r`, and `2^n` put together from
//! bits. No branches; NaN stays NaN.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// A floating-point number that the fused kernels compute in: `f32` or `f64`.
pub trait Real:
    sealed::Sealed
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// Minus infinity, the logit of an excluded combination.
    const NEG_INF: Self;

    /// The nearest value to `x`.
    fn of(x: f64) -> Self;

    /// This value in f64, exactly.
    fn f64(self) -> f64;

    /// `self * a + b` in one rounding.
    fn fma(self, a: Self, b: Self) -> Self;

    /// `e^self` for any argument: 0 where the result is below the smallest normal number, infinity
    /// above the largest. Within 2 units in the last place.
    fn exp_wide(self) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const NEG_INF: Self = f32::NEG_INFINITY;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }

    #[inline(always)]
    fn exp_wide(self) -> Self {
        // Beyond these the result is infinite or below the smallest normal number (2^-126).
        const HIGH: f32 = 88.722_84;
        const LOW: f32 = -87.336_54;
        // 1.5 * 2^23: adding it rounds to an integer, which then sits in the low bits.
        const SHIFT: f32 = 12_582_912.0;
        const LN2_HI: f32 = 0.693_145_75;
        const LN2_LO: f32 = 1.428_606_8e-6;
        let x = if self > HIGH { HIGH } else { self };
        let x = if x < LOW { LOW } else { x };
        let shifted = x.mul_add(std::f32::consts::LOG2_E, SHIFT);
        let n = shifted - SHIFT;
        let r = n.mul_add(-LN2_LO, n.mul_add(-LN2_HI, x));
        // e^r = 1 + r + r^2 q(r), q fitted for least relative error (3.1e-9) on |r| <= 0.3467.
        let p = 1.381_456e-3_f32;
        let p = p.mul_add(r, 8.368_736e-3);
        let p = p.mul_add(r, 4.166_839e-2);
        let p = p.mul_add(r, 1.666_652e-1);
        let p = p.mul_add(r, 4.999_999_3e-1);
        let p = (p * r).mul_add(r, r) + 1.0;
        // 2^n in two halves: n reaches 128, which one exponent field does not hold.
        let whole = shifted.to_bits() as i32 - SHIFT.to_bits() as i32;
        let half = whole >> 1;
        let a = f32::from_bits(((half + 127) << 23) as u32);
        let b = f32::from_bits(((whole - half + 127) << 23) as u32);
        let y = p * a * b;
        let y = if self < LOW { 0.0 } else { y };
        if self > HIGH { f32::INFINITY } else { y }
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const NEG_INF: Self = f64::NEG_INFINITY;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }

    #[inline(always)]
    fn exp_wide(self) -> Self {
        const HIGH: f64 = 709.782_712_893_384;
        const LOW: f64 = -708.396_418_532_264_1;
        // 1.5 * 2^52.
        const SHIFT: f64 = 6_755_399_441_055_744.0;
        const LN2_HI: f64 = 6.931_471_803_691_238e-1;
        const LN2_LO: f64 = 1.908_214_929_270_588e-10;
        let x = if self > HIGH { HIGH } else { self };
        let x = if x < LOW { LOW } else { x };
        let shifted = x.mul_add(std::f64::consts::LOG2_E, SHIFT);
        let n = shifted - SHIFT;
        let r = n.mul_add(-LN2_LO, n.mul_add(-LN2_HI, x));
        // Taylor to r^13: the remainder on |r| <= ln 2 / 2 is below 1e-17.
        let mut p = 1.0 / 6_227_020_800.0_f64;
        let terms = [
            1.0 / 479_001_600.0,
            1.0 / 39_916_800.0,
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
        ];
        for c in terms {
            p = p.mul_add(r, c);
        }
        let p = (p * r).mul_add(r, r) + 1.0;
        let whole = shifted.to_bits() as i64 - SHIFT.to_bits() as i64;
        let half = whole >> 1;
        let a = f64::from_bits(((half + 1023) << 52) as u64);
        let b = f64::from_bits(((whole - half + 1023) << 52) as u64);
        let y = p * a * b;
        let y = if self < LOW { 0.0 } else { y };
        if self > HIGH { f64::INFINITY } else { y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_in_f32_is_within_two_ulp() {
        let mut worst = 0.0f64;
        let mut x = -87.3f32;
        while x < 88.7 {
            let exact = f64::from(x).exp();
            let ulp = f64::from(f32::EPSILON) * 2f64.powi(exact.log2().floor() as i32);
            worst = worst.max((x.exp_wide().f64() - exact).abs() / ulp);
            x += 1.371e-4;
        }
        assert!(worst <= 2.0, "{worst} ulp");
    }

    #[test]
    fn exp_in_f64_is_within_two_ulp_of_the_standard_one() {
        let mut worst = 0.0f64;
        let mut x = -708.3f64;
        while x < 709.7 {
            let exact = x.exp();
            let ulp = f64::EPSILON * 2f64.powi(exact.log2().floor() as i32);
            worst = worst.max((x.exp_wide() - exact).abs() / ulp);
            x += 1.7391e-3;
        }
        assert!(worst <= 2.0, "{worst} ulp");
    }

    #[test]
    fn exp_at_the_ends() {
        assert_eq!(f32::NEG_INFINITY.exp_wide(), 0.0);
        assert_eq!(f64::NEG_INFINITY.exp_wide(), 0.0);
        assert_eq!(0.0f32.exp_wide(), 1.0);
        assert_eq!(0.0f64.exp_wide(), 1.0);
        assert_eq!(1e9f32.exp_wide(), f32::INFINITY);
        assert_eq!(f64::INFINITY.exp_wide(), f64::INFINITY);
        assert!(f32::NAN.exp_wide().is_nan() && f64::NAN.exp_wide().is_nan());
    }
}
