//! Responses that are objects: the designs of the object suite (fccov.md, R1 and R4).
//!
//! Every design draws `X ~ N(0, I_p)` (or the law of its table) and a response that depends on X
//! through a few known predictors, which are returned beside it: a representation is judged by its
//! distance correlation with them.

use suffit_core::Seed;
use suffit_core::seed::{normal, uniform};

/// Rows of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectSample {
    /// `[n, p]` row-major.
    pub x: Vec<f64>,
    /// p.
    pub columns: usize,
    /// The response: `[n, width]` row-major.
    pub y: Vec<f64>,
    /// Values a row of the response.
    pub width: usize,
    /// The true predictors: `[n, d]` row-major.
    pub truth: Vec<f64>,
    /// d.
    pub dims: usize,
}

/// A design of the object suite: `r2 = x1² + x2²`, `s = x3 + x4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// `Y = r2 + e/2`.
    E1,
    /// `Y = r2 + Cauchy/2`: heavy tails.
    E2,
    /// `Y = (x1 x2 + e/4, sin s + e'/4)`.
    E3,
    /// `Y = N(r2 + e/2, σ²)`, `σ = exp(s/2)` cut to `[0.1, 10]`; written as (mean, sd), whose
    /// Euclidean distance is the 2-Wasserstein distance of normal laws.
    W1,
    /// Two by two covariance matrices: `log Y = log [[1, ρ], [ρ, 1]] + 0.3 S`, `ρ = 0.9 tanh(r2 − 2)`;
    /// written as the log-matrix `(a, √2 b, c)`, whose Euclidean distance is the log-Euclidean one.
    P1,
    /// Directions: azimuth `atan s + e/5`, polar angle `acos tanh(r2/2 − 1) + e'/5`.
    S1,
}

impl Design {
    /// All designs.
    pub const ALL: [Design; 6] = [Design::E1, Design::E2, Design::E3, Design::W1, Design::P1, Design::S1];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Design::E1 => "E1",
            Design::E2 => "E2",
            Design::E3 => "E3",
            Design::W1 => "W1",
            Design::P1 => "P1",
            Design::S1 => "S1",
        }
    }

    /// Draws `n` rows of `p` columns (at least four).
    ///
    /// - determinism: a function of the seed; rows come from one stream `objects/NAME`
    pub fn draw(self, n: usize, p: usize, seed: Seed) -> ObjectSample {
        let p = p.max(4);
        let mut stream = seed.stream(&format!("objects/{}", self.name()), &[]);
        let mut out = ObjectSample { x: Vec::new(), columns: p, y: Vec::new(), width: 0, truth: Vec::new(), dims: 0 };
        for _ in 0..n {
            let x: Vec<f64> = (0..p).map(|_| normal(&mut stream)).collect();
            let (r2, s) = (x[0] * x[0] + x[1] * x[1], x[2] + x[3]);
            let mut e = || normal(&mut stream);
            let (y, truth) = match self {
                Design::E1 => (vec![r2 + 0.5 * e()], vec![r2]),
                Design::E2 => {
                    let cauchy = (std::f64::consts::PI * (uniform(&mut stream) - 0.5)).tan();
                    (vec![r2 + 0.5 * cauchy], vec![r2])
                }
                Design::E3 => (vec![x[0] * x[1] + 0.25 * e(), s.sin() + 0.25 * e()], vec![x[0] * x[1], s]),
                Design::W1 => (vec![r2 + 0.5 * e(), (0.5 * s).exp().clamp(0.1, 10.0)], vec![r2, s]),
                Design::P1 => {
                    let rho = 0.9 * (r2 - 2.0).tanh();
                    // [[1, ρ], [ρ, 1]] has the eigenvalues 1 ± ρ on (1, ±1)/√2.
                    let (up, down) = ((1.0 + rho).ln(), (1.0 - rho).ln());
                    let (on, off) = (0.5 * (up + down), 0.5 * (up - down));
                    let noise = [e(), 0.5f64.sqrt() * e(), e()];
                    let root = std::f64::consts::SQRT_2;
                    (vec![on + 0.3 * noise[0], root * (off + 0.3 * noise[1]), on + 0.3 * noise[2]], vec![r2])
                }
                Design::S1 => {
                    let azimuth = s.atan() + 0.2 * e();
                    let polar = (0.5 * r2 - 1.0).tanh().acos() + 0.2 * e();
                    (vec![polar.sin() * azimuth.cos(), polar.sin() * azimuth.sin(), polar.cos()], vec![r2, s])
                }
            };
            out.x.extend(x);
            (out.width, out.dims) = (y.len(), truth.len());
            out.y.extend(y);
            out.truth.extend(truth);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_of_their_kind_and_follow_their_predictors() {
        for design in Design::ALL {
            let sample = design.draw(400, 10, Seed::new(3));
            assert_eq!((sample.x.len(), sample.y.len()), (4_000, 400 * sample.width));
            assert_eq!(sample, design.draw(400, 10, Seed::new(3)));
            if design == Design::S1 {
                assert!(sample.y.chunks(3).all(|v| (v.iter().map(|c| c * c).sum::<f64>() - 1.0).abs() < 1e-12));
            }
            if design == Design::E1 {
                // Y − r2 has standard deviation 1/2: within five standard errors of 400 draws.
                let square: f64 = sample.y.iter().zip(&sample.truth).map(|(y, t)| (y - t).powi(2)).sum();
                assert!(((square / 400.0).sqrt() - 0.5).abs() < 5.0 * 0.5 / 800f64.sqrt());
            }
        }
    }
}
