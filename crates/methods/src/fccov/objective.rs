//! The objective and its gradient to the representation, in f64.
//!
//! `J(U) = b⁻² tr(U' H K H U) − λ |Cov(U) − I|²` (fccov.md §2) for a batch of `b` rows, `K` a centred
//! kernel of the response scaled to largest eigenvalue 1. Gradient of the first term:
//! `2 b⁻² H K H U`; of the penalty with `C = U'HU/(b−1)`: `4 HU (C − I)/(b−1)`. With two halves the
//! penalty is `⟨C₁ − I, C₂ − I⟩`, whose mean over batches is that of the population.

use suffit_core::Result;
use suffit_stats::linalg::{Matrix, matmul, matmul_tn};

use super::error::FccovError;

/// Value and gradient at one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// `J(U)`.
    pub value: f64,
    /// `dJ/dU`, `[b, d]`.
    pub gradient: Matrix,
}

/// The objective of a batch.
///
/// - shapes: `u: [b, d]`, `k: [b, b]`
/// - cost: `2 b² d + 4 b d²` FLOPs
/// - determinism: independent of threads
///
/// # Errors
/// A bug: shapes that do not fit.
pub fn objective(u: &Matrix, k: &Matrix, lambda: f64, halves: bool) -> Result<Step> {
    let statistic = FccovError::of("the objective");
    let mut centred = u.clone();
    centred.subtract_row(&u.column_means());
    let mut gradient = matmul(k, &centred).map_err(statistic)?;
    let means = gradient.column_means();
    gradient.subtract_row(&means);
    let scale = (u.rows as f64).powi(-2);
    let mut value: f64 = centred.values.iter().zip(&gradient.values).map(|(a, b)| a * b).sum::<f64>() * scale;
    gradient.values.iter_mut().for_each(|g| *g *= 2.0 * scale);
    // Two halves need two rows each.
    let half = u.rows / 2;
    let parts = if halves && half >= 2 { vec![0..half, half..u.rows] } else { std::iter::once(0..u.rows).collect() };
    let parts: Vec<(usize, Matrix, Matrix)> =
        parts.into_iter().map(|rows| deviation(u, rows)).collect::<Result<_>>()?;
    let last = parts.len() - 1;
    value -= lambda * parts[0].2.values.iter().zip(&parts[last].2.values).map(|(a, b)| a * b).sum::<f64>();
    for (this, (first, part, _)) in parts.iter().enumerate() {
        let other = &parts[last - this].2;
        let factor = lambda * if last == 0 { 4.0 } else { 2.0 } / (part.rows as f64 - 1.0).max(1.0);
        let pull = matmul(part, other).map_err(statistic)?;
        let at = first * u.cols;
        gradient.values[at..at + pull.values.len()].iter_mut().zip(&pull.values).for_each(|(g, p)| *g -= factor * p);
    }
    Ok(Step { value, gradient })
}

/// First row, centred rows, and `Cov − I` of a part.
fn deviation(u: &Matrix, rows: std::ops::Range<usize>) -> Result<(usize, Matrix, Matrix)> {
    let first = rows.start;
    let mut part = u.select(&rows.collect::<Vec<_>>());
    let means = part.column_means();
    part.subtract_row(&means);
    let mut c = matmul_tn(&part, &part).map_err(FccovError::of("the covariance of a batch"))?;
    let scale = 1.0 / (part.rows as f64 - 1.0).max(1.0);
    c.values.iter_mut().for_each(|v| *v *= scale);
    (0..c.rows).for_each(|i| c.values[i * c.cols + i] -= 1.0);
    Ok((first, part, c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use suffit_core::Seed;
    use suffit_core::seed::normal;

    fn random(rows: usize, cols: usize, name: &str) -> Matrix {
        let mut stream = Seed::new(11).stream(name, &[]);
        Matrix::from_fn(rows, cols, |_, _| normal(&mut stream))
    }

    #[test]
    fn the_gradient_is_that_of_the_value() {
        for (rows, cols, halves) in [(7, 2, false), (8, 3, true), (9, 1, true), (3, 2, true)] {
            let (u, a) = (random(rows, cols, "u"), random(rows, rows, "a"));
            let k = matmul_tn(&a, &a).unwrap();
            let exact = objective(&u, &k, 0.7, halves).unwrap().gradient;
            for cell in 0..u.values.len() {
                let at = |h: f64| {
                    let mut moved = u.clone();
                    moved.values[cell] += h;
                    objective(&moved, &k, 0.7, halves).unwrap().value
                };
                let h = 1e-5;
                let slope = (at(h) - at(-h)) / (2.0 * h);
                // central differences of a quartic: h² times its third derivative, and rounding / h
                assert!((slope - exact.values[cell]).abs() < 1e-7 * (1.0 + slope.abs()), "{rows} {cols} {halves}");
            }
        }
    }

    #[test]
    fn white_rows_have_no_penalty() {
        let u = Matrix::new(4, 1, vec![1.5f64.sqrt(), -(1.5f64.sqrt()), 0.0, 0.0]).unwrap();
        let zero = Matrix::zeros(4, 4);
        assert!(objective(&u, &zero, 1.0, false).unwrap().value.abs() < 1e-15);
    }
}
