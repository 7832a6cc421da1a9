//! Multinomial logistic regression as a probe: how well does a linear reader name the class.
//!
//! Objective, over weights `W [K, D]` and biases `b [K]` of standardised features:
//! `mean_i [ logsumexp_k (w_k . x_i + b_k) - (w_(y_i) . x_i + b_(y_i)) ] + penalty/2 |W|^2`.
//! Biases are not penalised. Solved by L-BFGS from zero, so there is nothing random.
//! Source: Bishop 2006, "Pattern Recognition and Machine Learning", section 4.3.4; Nocedal and
//! Wright 2006, "Numerical Optimization", algorithm 7.5.

mod kernel;
mod lbfgs;
mod objective;
mod select;

use serde::{Deserialize, Serialize};

use crate::{StatsError, check, metric};
use objective::Objective;
pub use select::{Candidate, PENALTIES, Rows, Selection, fit_validated};

/// Settings of [`fit`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProbeOptions {
    /// L2 penalty of the weights, on the scale of the mean loss (0.01). In the convention
    /// "sum of losses times C" this is `1 / (N C)`.
    pub penalty: f64,
    /// Largest number of L-BFGS iterations (1,000).
    pub max_iterations: usize,
    /// Stop when no component of the gradient exceeds this (1e-5).
    pub gradient_tolerance: f64,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self { penalty: 0.01, max_iterations: 1_000, gradient_tolerance: 1e-5 }
    }
}

/// A fitted probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Number of classes K.
    pub classes: usize,
    /// Number of features D.
    pub columns: usize,
    /// Training means, `[D]`.
    pub mean: Vec<f64>,
    /// Training standard deviations, `[D]`; 1 for a constant feature.
    pub scale: Vec<f64>,
    /// Weights of standardised features, `[K, D]` row-major.
    pub weights: Vec<f64>,
    /// Biases, `[K]`.
    pub bias: Vec<f64>,
    /// The penalty used.
    pub penalty: f64,
    /// Objective at the solution.
    pub objective: f64,
    /// Iterations taken.
    pub iterations: usize,
    /// Largest component of the gradient at the solution.
    pub gradient: f64,
    /// Whether the gradient tolerance was met.
    pub converged: bool,
}

/// Fits a probe.
///
/// - shapes: `x: [N, D]` row-major, `y: [N]` below `classes`; D follows from the lengths
/// - cost: about `8 N D K` flops an iteration (50 to 300 iterations), `8 N D` bytes
/// - determinism: the same bytes for any number of threads and any instruction set
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Shape`] (`x` is not N rows), [`StatsError::NotFinite`],
/// [`StatsError::Class`], [`StatsError::OneClass`] (a single class occurs),
/// [`StatsError::Setting`].
///
/// ```
/// use suffit_stats::logistic::{ProbeOptions, fit};
/// let x = [-2.0, -1.0, 1.0, 2.0];
/// let probe = fit(&x, &[0, 0, 1, 1], 2, &ProbeOptions::default())?;
/// assert!(probe.converged);
/// assert_eq!(probe.predict(&[-5.0, 0.1])?, vec![0, 1]);
/// // mirror-image data: even odds in the middle
/// assert!((probe.predict_proba(&[0.0])?[0] - 0.5).abs() < 1e-9);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn fit(x: &[f64], y: &[usize], classes: usize, options: &ProbeOptions) -> Result<Probe, StatsError> {
    let data = Standardised::new(x, y, classes)?;
    settings(options)?;
    let start = vec![0.0; classes * (data.columns + 1)];
    Ok(data.solve(y, classes, options, start))
}

impl Probe {
    /// Likeliest class of each row, `[N]`.
    ///
    /// - shapes: `x: [N, D]` row-major, in the units of the training data
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::NotFinite`].
    pub fn predict(&self, x: &[f64]) -> Result<Vec<usize>, StatsError> {
        Ok(self.logits(x)?.chunks_exact(self.classes).map(metric::argmax).collect())
    }

    /// Class probabilities of each row, `[N, K]` row-major.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_proba(&self, x: &[f64]) -> Result<Vec<f64>, StatsError> {
        crate::calibration::softmax(&self.logits(x)?, self.classes, 1.0)
    }

    /// `w_k . (x - mean)/scale + b_k` of each row, `[N, K]` row-major.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn logits(&self, x: &[f64]) -> Result<Vec<f64>, StatsError> {
        check::table("x", x.len(), x.len() / self.columns.max(1), self.columns)?;
        check::finite("x", x)?;
        let mut z = x.to_vec();
        standardise(&mut z, &self.mean, &self.scale);
        Ok(objective::logits(&z, self.columns, &self.weights, &self.bias))
    }

    /// Weights followed by biases: the starting point of the next fit.
    fn parameters(&self) -> Vec<f64> {
        [self.weights.as_slice(), self.bias.as_slice()].concat()
    }
}

/// Checked training data, standardised with its own statistics.
struct Standardised {
    columns: usize,
    x: Vec<f64>,
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Standardised {
    fn new(x: &[f64], y: &[usize], classes: usize) -> Result<Self, StatsError> {
        check::at_least("y", y.len(), 2)?;
        check::at_least("classes", classes, 2)?;
        let columns = x.len() / y.len();
        check::table("x", x.len(), y.len(), columns)?;
        check::sample("x", x, y.len())?;
        check::labels("y", y, classes)?;
        if y.iter().all(|&c| c == y[0]) {
            return Err(StatsError::OneClass { name: "y" });
        }
        let (mean, scale) = column_statistics(x, columns);
        let mut x = x.to_vec();
        standardise(&mut x, &mean, &scale);
        Ok(Self { columns, x, mean, scale })
    }

    fn solve(&self, y: &[usize], classes: usize, options: &ProbeOptions, start: Vec<f64>) -> Probe {
        let problem = Objective { x: &self.x, y, columns: self.columns, classes, penalty: options.penalty };
        let end = lbfgs::minimise(
            |parameters, gradient| problem.evaluate(parameters, gradient),
            start,
            options.max_iterations,
            options.gradient_tolerance,
        );
        let mut weights = end.point;
        let bias = weights.split_off(classes * self.columns);
        Probe {
            classes,
            columns: self.columns,
            mean: self.mean.clone(),
            scale: self.scale.clone(),
            weights,
            bias,
            penalty: options.penalty,
            objective: end.value,
            iterations: end.iterations,
            gradient: end.gradient,
            converged: end.gradient <= options.gradient_tolerance,
        }
    }
}

fn settings(options: &ProbeOptions) -> Result<(), StatsError> {
    let bad = |name, value| Err(StatsError::Setting { name, value, range: "positive and finite" });
    if !(options.penalty > 0.0 && options.penalty.is_finite()) {
        return bad("penalty", options.penalty);
    }
    if !(options.gradient_tolerance > 0.0 && options.gradient_tolerance.is_finite()) {
        return bad("gradient_tolerance", options.gradient_tolerance);
    }
    check::positive("max_iterations", options.max_iterations)
}

/// Mean and standard deviation (divisor N) of each column; 1 for a column without variation.
fn column_statistics(x: &[f64], columns: usize) -> (Vec<f64>, Vec<f64>) {
    let n = (x.len() / columns) as f64;
    let mut mean = vec![0.0; columns];
    for row in x.chunks_exact(columns) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / n);
    }
    let mut scale = vec![0.0; columns];
    for row in x.chunks_exact(columns) {
        scale.iter_mut().zip(row).zip(&mean).for_each(|((s, v), m)| *s += (v - m) * (v - m) / n);
    }
    for (s, m) in scale.iter_mut().zip(&mean) {
        let sd = s.sqrt();
        // What is left of a constant after rounding its mean is not a scale.
        *s = if sd > 1e-12 * m.abs() && sd > f64::MIN_POSITIVE { sd } else { 1.0 };
    }
    (mean, scale)
}

fn standardise(x: &mut [f64], mean: &[f64], scale: &[f64]) {
    for row in x.chunks_exact_mut(mean.len()) {
        row.iter_mut().zip(mean).zip(scale).for_each(|((v, m), s)| *v = (*v - m) / s);
    }
}

#[cfg(test)]
mod tests;
