//! Upper tail of the gamma distribution.

/// `P(G >= x)` for a gamma variable of this shape and scale 1.
///
/// - method: series below `shape + 1`, continued fraction above; relative error about 1e-14
/// - source: Press et al. 2007, "Numerical Recipes", section 6.2
///
/// ```
/// // shape 1 is the exponential distribution
/// assert!((suffit_stats::gamma::upper(1.0, 2.0) - (-2.0f64).exp()).abs() < 1e-14);
/// ```
pub fn upper(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = (shape * x.ln() - x - crate::beta::ln_gamma(shape)).exp();
    if x < shape + 1.0 { (1.0 - front * series(shape, x)).clamp(0.0, 1.0) } else { front * fraction(shape, x) }
}

/// `sum_k x^k / (shape (shape+1) ... (shape+k))`.
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut a) = (1.0 / shape, 1.0 / shape, shape);
    for _ in 0..10_000 {
        a += 1.0;
        term *= x / a;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// Lentz's continued fraction of the upper tail.
fn fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut h = d;
    for k in 1..10_000 {
        let k = f64::from(k);
        let a = -k * (k - shape);
        b += 2.0;
        d = 1.0 / nonzero(a * d + b);
        c = nonzero(b + a / c);
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

fn nonzero(v: f64) -> f64 {
    if v.abs() < 1e-300 { 1e-300 } else { v }
}
