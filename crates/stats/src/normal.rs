//! The standard normal distribution: distribution function and quantile.

use crate::{StatsError, check};

/// `1 / sqrt(2 pi)`.
const INV_SQRT_TWO_PI: f64 = 0.398_942_280_401_432_7;

/// Density `phi(x) = exp(-x^2 / 2) / sqrt(2 pi)`.
///
/// ```
/// assert!((suffit_stats::normal::density(0.0) - 0.3989422804014327).abs() < 1e-16);
/// ```
pub fn density(x: f64) -> f64 {
    INV_SQRT_TWO_PI * (-0.5 * x * x).exp()
}

/// Distribution function `Phi(x) = P(Z <= x)`.
///
/// Near the centre the all-positive series `Phi = 1/2 + phi(x) sum x^(2k+1) / (1 3 5 ... (2k+1))`;
/// in the tails the continued fraction `1 - Phi = phi(x) / (x + 1/(x + 2/(x + ...)))`, so that
/// small tail probabilities keep their relative accuracy.
///
/// - source: Abramowitz and Stegun 1964, 26.2.11 and 26.2.14
/// - cost: at most some 120 multiply-adds; relative error below `1e-13`
/// - NaN in gives NaN out
///
/// ```
/// use suffit_stats::normal::cdf;
/// assert_eq!(cdf(0.0), 0.5);
/// assert!((cdf(1.959963984540054) - 0.975).abs() < 1e-15);
/// assert!((cdf(-1.0) + cdf(1.0) - 1.0).abs() < 1e-15);
/// ```
pub fn cdf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let a = x.abs();
    if a <= 2.0 {
        let (mut term, mut sum, mut k) = (a, a, 1.0);
        while term > sum * 1e-18 && term > 0.0 {
            k += 2.0;
            term *= a * a / k;
            sum += term;
        }
        let centre = density(a) * sum;
        return if x >= 0.0 { 0.5 + centre } else { 0.5 - centre };
    }
    let upper = upper_tail(a);
    if x > 0.0 { 1.0 - upper } else { upper }
}

/// `1 - Phi(x)` for `x >= 2`: the continued fraction, evaluated from its tail.
fn upper_tail(x: f64) -> f64 {
    if x > 39.0 {
        return 0.0; // below the smallest positive number
    }
    let mut f = x;
    for k in (1..=120).rev() {
        f = x + f64::from(k) / f;
    }
    density(x) / f
}

/// Quantile `Phi^-1(p)`.
///
/// - source: Wichura 1988, Algorithm AS 241 (PPND16), Applied Statistics 37, 477-484
/// - accuracy: about 1 part in `1e16`; cost: two polynomials of degree 7
///
/// # Errors
/// [`StatsError::Setting`] unless `0 < p < 1`.
///
/// ```
/// use suffit_stats::normal::quantile;
/// assert_eq!(quantile(0.5)?, 0.0);
/// assert!((quantile(0.975)? - 1.959963984540054).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn quantile(p: f64) -> Result<f64, StatsError> {
    check::open_unit("p", p)?;
    Ok(quantile_unchecked(p))
}

/// [`quantile`] for arguments known to lie in `(0, 1)`.
pub(crate) fn quantile_unchecked(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * poly(&A, r) / poly(&B, r);
    }
    let r = (-(if q < 0.0 { p } else { 1.0 - p }).ln()).sqrt();
    let x = if r <= 5.0 { poly(&C, r - 1.6) / poly(&D, r - 1.6) } else { poly(&E, r - 5.0) / poly(&F, r - 5.0) };
    if q < 0.0 { -x } else { x }
}

/// Horner's rule, lowest coefficient first.
fn poly(c: &[f64; 8], x: f64) -> f64 {
    c.iter().rev().fold(0.0, |acc, &k| acc * x + k)
}

// The digits are those of the publication.
const A: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const B: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const F: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn series_and_fraction_meet_at_the_switch() {
        let series = 0.5 - {
            let (mut term, mut sum, mut k) = (2.0f64, 2.0f64, 1.0);
            for _ in 0..80 {
                k += 2.0;
                term *= 4.0 / k;
                sum += term;
            }
            density(2.0) * sum
        };
        assert!((series / upper_tail(2.0) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn derivative_is_the_density() {
        for i in -60..=60 {
            let (x, h) = (f64::from(i) * 0.1, 1e-5);
            let slope = (cdf(x + h) - cdf(x - h)) / (2.0 * h);
            assert!((slope - density(x)).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn far_tail_follows_its_asymptotic_series() {
        // 1 - Phi(x) = phi(x)/x (1 - 1/x^2 + 3/x^4 - 15/x^6 + 105/x^8 - ...)
        let x: f64 = 20.0;
        let y = 1.0 / (x * x);
        let series = 1.0 - y + 3.0 * y * y - 15.0 * y.powi(3) + 105.0 * y.powi(4);
        assert!((cdf(-x) / (density(x) / x * series) - 1.0).abs() < 1e-9);
        assert_eq!(cdf(-40.0), 0.0);
        assert!(cdf(f64::NAN).is_nan());
    }

    #[test]
    fn refuses_the_ends() {
        assert!(quantile(0.0).is_err() && quantile(1.0).is_err() && quantile(f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn quantile_inverts_the_cdf(e in -40.0f64..-0.31) {
            let p = 10f64.powf(e); // both rational tails and the centre
            let back = cdf(quantile(p).unwrap());
            prop_assert!((back / p - 1.0).abs() < 1e-11, "{p} {back}");
        }

        #[test]
        fn quantile_is_odd(p in 0.001f64..0.5) {
            let (a, b) = (quantile(p).unwrap(), quantile(1.0 - p).unwrap());
            prop_assert!((a + b).abs() < 1e-12);
        }
    }
}
