//! One-dimensional fits on the validation part: scales and temperatures.

/// Where a unimodal function is smallest on `[low, high]`, by golden-section search to 1e-4.
///
/// ```
/// use suffit_methods::symile::temperature::minimise;
/// assert!((minimise(|x| (x - 0.7) * (x - 0.7), -2.0, 3.0) - 0.7).abs() < 1e-3);
/// ```
pub fn minimise(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (low, high);
    let (mut c, mut d) = (b - ratio * (b - a), a + ratio * (b - a));
    let (mut fc, mut fd) = (f(c), f(d));
    while b - a > 1e-4 {
        if fc <= fd {
            (b, d, fd) = (d, c, fc);
            c = b - ratio * (b - a);
            fc = f(c);
        } else {
            (a, c, fc) = (c, d, fd);
            d = a + ratio * (b - a);
            fd = f(d);
        }
    }
    (a + b) / 2.0
}

/// The factor that, multiplied into the scores, makes the true candidates most likely:
/// `argmax_α Σ_i log softmax(α s_i)[true_i]`, `ln α` in [−5, 3].
///
/// - shapes: `scores: [Q · C]`, `truth: [Q]`; cost: about 25 passes over the scores
///
/// ```
/// use suffit_methods::symile::temperature::fit_factor;
/// // three of four right, twice as sure: log odds ln 3 over a score gap of 2
/// let scores = [2.0f32, 0.0, 2.0, 0.0, 2.0, 0.0, 2.0, 0.0];
/// let factor = fit_factor(&scores, 2, &[0, 0, 0, 1], None);
/// assert!((factor - 3f64.ln() / 2.0).abs() < 1e-3);
/// ```
pub fn fit_factor(scores: &[f32], candidates: usize, truth: &[usize], log_prior: Option<&[f64]>) -> f64 {
    let loss = |log_factor: f64| {
        let factor = log_factor.exp();
        let rows = scores.chunks(candidates.max(1)).zip(truth);
        rows.map(|(row, &t)| {
            let at = |c: usize| factor * f64::from(row[c]) + log_prior.map_or(0.0, |p| p[c]);
            let top = (0..row.len()).map(at).fold(f64::NEG_INFINITY, f64::max);
            top + (0..row.len()).map(|c| (at(c) - top).exp()).sum::<f64>().ln() - at(t)
        })
        .sum::<f64>()
    };
    minimise(loss, -5.0, 3.0).exp()
}
