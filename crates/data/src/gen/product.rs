//! Product synergy (symile.md, Data).

use suffit_core::seed::normal;
use suffit_core::{Result, Seed};

use super::{GenerateError, Sample, view};

/// a, b ~ N(0, 1), c = (a b + σ e) / sqrt(1 + σ²) with e ~ N(0, 1): all pairs are uncorrelated, c has
/// unit variance, and (a, b) together tell c up to the noise. No closed form for its information.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Product {
    /// σ, at least 0.
    pub noise: f64,
}

impl Product {
    /// Draws rows from the stream `product` of `seed`: views `a`, `b`, `c`, each `[rows, 3]` with columns
    /// 1, x, x².
    ///
    /// # Errors
    /// A noise that is negative or not finite.
    pub fn draw(&self, rows: usize, seed: Seed) -> Result<Sample> {
        if !self.noise.is_finite() || self.noise < 0.0 {
            return Err(GenerateError::Range {
                what: "the noise",
                got: self.noise,
                expected: "a number of at least 0",
            }
            .into());
        }
        let mut stream = seed.stream("product", &[]);
        let scale = 1.0 / (1.0 + self.noise * self.noise).sqrt();
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rows {
            let (a, b) = (normal(&mut stream), normal(&mut stream));
            let c = scale * (a * b + self.noise * normal(&mut stream));
            for (column, x) in columns.iter_mut().zip([a, b, c]) {
                column.extend([1.0, x as f32, (x * x) as f32]);
            }
        }
        let views = columns.into_iter().zip(["a", "b", "c"]).map(|(c, name)| view(name, rows, 3, c)).collect();
        Ok(Sample { views, label: None })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pairs_are_uncorrelated_and_the_triple_is_not() {
        let s = Product { noise: 0.5 }.draw(50_000, Seed::new(8)).unwrap();
        let x = |k: usize, r: usize| f64::from(s.views[k].row(r)[1]);
        let mean = |f: &dyn Fn(usize) -> f64| (0..50_000).map(f).sum::<f64>() / 50_000.0;
        assert!(mean(&|r| x(0, r) * x(2, r)).abs() < 0.05);
        // E[abc] = E[a²b²] / sqrt(1.25)
        assert!((mean(&|r| x(0, r) * x(1, r) * x(2, r)) - 1.0 / 1.25f64.sqrt()).abs() < 0.1);
        assert!((mean(&|r| x(2, r) * x(2, r)) - 1.0).abs() < 0.1);
        assert!(Product { noise: -1.0 }.draw(1, Seed::new(0)).is_err());
    }
}
