//! Log-gamma, the regularised incomplete beta function and its inverse.

use crate::{StatsError, check};

/// `ln Gamma(x)` for `x > 0`; NaN otherwise.
///
/// Stirling's series (DLMF 5.11.1) at `x >= 16`, reached by `Gamma(x + 1) = x Gamma(x)`.
///
/// - cost: at most 16 multiplications and two logarithms
/// - accuracy: about `1e-14` absolute below 16, `1e-15` relative above
///
/// ```
/// use suffit_stats::beta::ln_gamma;
/// assert!((ln_gamma(5.0) - 24f64.ln()).abs() < 1e-13); // Gamma(5) = 4!
/// assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-13);
/// ```
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (mut y, mut product) = (x, 1.0);
    while y < 16.0 {
        product *= y;
        y += 1.0;
    }
    let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    (y - 0.5) * y.ln() - y + half_ln_two_pi + stirling(y) - product.ln()
}

/// Stirling's correction `ln Gamma(y) - [(y - 1/2) ln y - y + ln sqrt(2 pi)]` for `y >= 16`.
fn stirling(y: f64) -> f64 {
    // B_2k / (2k (2k - 1)), k = 1..7
    const S: [f64; 7] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    let z = 1.0 / (y * y);
    S.iter().rev().fold(0.0, |acc, &c| acc * z + c) / y
}

/// Regularised incomplete beta function `I_x(a, b)`, the distribution function of Beta(a, b).
///
/// Continued fraction DLMF 8.17.22 by the modified Lentz method, on the side of
/// `x = (a + 1)/(a + b + 2)` where it converges quickly (`I_x(a, b) = 1 - I_{1-x}(b, a)`).
///
/// - cost: `O(sqrt(max(a, b)))` divisions
/// - accuracy: about `1e-12` relative; for large `a` and `b` the log-gammas are replaced by the
///   saddle-point form (Loader 2000, "Fast and accurate computation of binomial probabilities")
///
/// # Errors
/// [`StatsError::Setting`] unless `a > 0`, `b > 0` and `0 <= x <= 1`.
///
/// ```
/// use suffit_stats::beta::incomplete;
/// assert!((incomplete(1.0, 1.0, 0.3)? - 0.3).abs() < 1e-15); // uniform
/// assert!((incomplete(2.0, 1.0, 0.3)? - 0.09).abs() < 1e-15); // x^2
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn incomplete(a: f64, b: f64, x: f64) -> Result<f64, StatsError> {
    shape("a", a)?;
    shape("b", b)?;
    if !(0.0..=1.0).contains(&x) {
        return Err(StatsError::Setting { name: "x", value: x, range: "between 0 and 1" });
    }
    Ok(incomplete_unchecked(a, b, x))
}

/// Inverse in `x`: the `p` quantile of Beta(a, b).
///
/// Newton steps, each replaced by a halving of the bracket when it would leave it.
///
/// - cost: some ten evaluations of [`incomplete`]; at most 200
/// - accuracy: the last bits of `x`, as far as [`incomplete`] is accurate
///
/// # Errors
/// [`StatsError::Setting`] unless `a > 0`, `b > 0` and `0 <= p <= 1`.
///
/// ```
/// use suffit_stats::beta::inverse;
/// assert!((inverse(2.0, 1.0, 0.09)? - 0.3).abs() < 1e-14);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn inverse(a: f64, b: f64, p: f64) -> Result<f64, StatsError> {
    shape("a", a)?;
    shape("b", b)?;
    if !(0.0..=1.0).contains(&p) {
        return Err(StatsError::Setting { name: "p", value: p, range: "between 0 and 1" });
    }
    if p == 0.0 || p == 1.0 {
        return Ok(p);
    }
    let (mut low, mut high) = (0.0f64, 1.0f64);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let gap = incomplete_unchecked(a, b, x) - p;
        if gap == 0.0 {
            break;
        }
        if gap > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let slope = ln_front(a, b, x).exp() / (x * (1.0 - x));
        let newton = x - gap / slope;
        // Far below the mean a geometric step halves the exponent instead of the value.
        let middle = if low > 0.0 && high / low > 4.0 { (low * high).sqrt() } else { 0.5 * (low + high) };
        let next = if newton > low && newton < high { newton } else { middle };
        if (next - x).abs() <= f64::EPSILON * x {
            x = next;
            break;
        }
        x = next;
    }
    Ok(x)
}

fn shape(name: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(StatsError::Setting { name, value, range: "positive and finite" })
    }
}

/// `a ln x + b ln(1 - x) - ln B(a, b)` without cancellation for large parameters.
fn ln_front(a: f64, b: f64, x: f64) -> f64 {
    let n = a + b;
    if a.min(b) < 16.0 {
        return a * x.ln() + b * (-x).ln_1p() - (ln_gamma(a) + ln_gamma(b) - ln_gamma(n));
    }
    let d = n * x - a;
    let deviance = a * (d / a).ln_1p() + b * (-d / b).ln_1p();
    let scale = 0.5 * (a / (2.0 * std::f64::consts::PI) * (b / n)).ln();
    deviance + scale + stirling(n) - stirling(a) - stirling(b)
}

/// [`incomplete`] for arguments known to be in range.
pub(crate) fn incomplete_unchecked(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = ln_front(a, b, x).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of DLMF 8.17.22, modified Lentz.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut f = d;
    // The fraction needs O(sqrt(max(a, b))) terms; the cap is far above that.
    let cap = 1_000 + 10 * (a.max(b).sqrt() as usize);
    for m in 1..=cap {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        f *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        f *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    f
}

/// Distribution function of Student's t with `freedom` degrees of freedom.
///
/// `P(T <= t) = 1 - I_{v/(v+t^2)}(v/2, 1/2) / 2` for `t >= 0`. Source: DLMF 8.17, Abramowitz and
/// Stegun 26.7.1.
///
/// # Errors
/// [`StatsError::Setting`] unless `freedom > 0`; [`StatsError::NotFinite`] for a NaN `t`.
///
/// ```
/// // one degree of freedom is the Cauchy distribution: P(T <= 1) = 3/4
/// assert!((suffit_stats::beta::student_cdf(1.0, 1.0)? - 0.75).abs() < 1e-14);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn student_cdf(t: f64, freedom: f64) -> Result<f64, StatsError> {
    shape("freedom", freedom)?;
    check::finite("t", &[t])?;
    let square = t * t;
    if square < freedom {
        // Near the centre the complement keeps its digits: 1 - v/(v + t^2) would lose them.
        let centre = 0.5 * incomplete_unchecked(0.5, 0.5 * freedom, square / (freedom + square));
        return Ok(if t >= 0.0 { 0.5 + centre } else { 0.5 - centre });
    }
    let tail = 0.5 * incomplete_unchecked(0.5 * freedom, 0.5, freedom / (freedom + square));
    Ok(if t >= 0.0 { 1.0 - tail } else { tail })
}

/// Quantile of Student's t: the inverse of [`student_cdf`].
///
/// # Errors
/// [`StatsError::Setting`] unless `0 < p < 1` and `freedom > 0`.
///
/// ```
/// // two degrees of freedom: t = (2p - 1) sqrt(2 / (4 p (1 - p)))
/// let t = suffit_stats::beta::student_quantile(0.975, 2.0)?;
/// assert!((t - 0.95 * (2.0f64 / (4.0 * 0.975 * 0.025)).sqrt()).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn student_quantile(p: f64, freedom: f64) -> Result<f64, StatsError> {
    check::open_unit("p", p)?;
    shape("freedom", freedom)?;
    if p == 0.5 {
        return Ok(0.0);
    }
    let tail = p.min(1.0 - p);
    // w = t^2 / (v + t^2) ~ Beta(1/2, v/2) keeps its digits for t near 0 as well.
    let w = inverse(0.5, 0.5 * freedom, 1.0 - 2.0 * tail)?;
    let rest = inverse(0.5 * freedom, 0.5, 2.0 * tail)?;
    let t = (freedom * w / rest).sqrt();
    Ok(if p < 0.5 { -t } else { t })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// `I_x(a, b) = sum_{j=a}^{a+b-1} C(a+b-1, j) x^j (1-x)^(a+b-1-j)` for integers.
    fn incomplete_naive(a: u32, b: u32, x: f64) -> f64 {
        let n = a + b - 1;
        (a..=n)
            .map(|j| {
                let choose = (0..j).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
                choose * x.powi(j as i32) * (1.0 - x).powi((n - j) as i32)
            })
            .sum()
    }

    #[test]
    fn factorials() {
        let mut ln = 0.0;
        for n in 1..200u32 {
            ln += f64::from(n).ln();
            assert!((ln_gamma(f64::from(n) + 1.0) - ln).abs() < 1e-13 * (1.0 + ln), "{n}");
        }
        assert!(ln_gamma(0.0).is_nan() && ln_gamma(-1.5).is_nan());
    }

    #[test]
    fn large_parameters_approach_the_normal() {
        // Beta(n, n) has mean 1/2 and is symmetric: exact value 1/2 at the mean.
        for n in [10.0, 1e3, 1e5, 1e7] {
            assert!((incomplete(n, n, 0.5).unwrap() - 0.5).abs() < 1e-12, "{n}");
        }
    }

    #[test]
    fn student_quantile_of_many_degrees_is_normal() {
        let t = student_quantile(0.975, 1e7).unwrap();
        assert!((t - crate::normal::quantile(0.975).unwrap()).abs() < 1e-6);
        assert!(student_quantile(0.5, 3.0).unwrap() == 0.0);
        // Cauchy: tan(pi (p - 1/2))
        let t = student_quantile(0.9, 1.0).unwrap();
        assert!((t - (0.4 * std::f64::consts::PI).tan()).abs() < 1e-12);
    }

    #[test]
    fn refuses_bad_shapes() {
        assert!(incomplete(0.0, 1.0, 0.5).is_err());
        assert!(inverse(1.0, f64::NAN, 0.5).is_err());
        assert!(inverse(1.0, 1.0, -0.1).is_err());
        assert!(student_cdf(f64::NAN, 3.0).is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_the_binomial_sum(a in 1u32..30, b in 1u32..30, x in 0.0f64..1.0) {
            let fast = incomplete(f64::from(a), f64::from(b), x).unwrap();
            prop_assert!((fast - incomplete_naive(a, b, x)).abs() < 1e-12);
        }

        #[test]
        fn inverse_inverts(a in 0.2f64..300.0, b in 0.2f64..300.0, p in 1e-6f64..0.999_999) {
            let x = inverse(a, b, p).unwrap();
            // Neighbouring numbers x(1 +- eps) bracket p up to the accuracy of the function.
            let (lo, hi) = (x * (1.0 - 1e-14), (x * (1.0 + 1e-14)).min(1.0));
            let (l, h) = (incomplete_unchecked(a, b, lo), incomplete_unchecked(a, b, hi));
            prop_assert!(l - 1e-11 * p <= p && p <= h + 1e-11 * p.max(1e-3), "{l} {p} {h}");
        }

        #[test]
        fn student_quantile_inverts(p in 0.0005f64..0.9995, v in 1.0f64..500.0) {
            let t = student_quantile(p, v).unwrap();
            prop_assert!((student_cdf(t, v).unwrap() - p).abs() < 1e-12);
        }
    }
}
