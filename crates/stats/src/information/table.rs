//! Everything one may ask of a joint table of three discrete variables.

use super::{mutual_information, total_correlation};
use crate::metric::argmax;
use crate::{StatsError, check};

/// A joint distribution `p(x, y, z)`, normalised to sum to one.
///
/// Zero cells are allowed: their `g*` is minus infinity; a posterior given a pair that never
/// occurs is undefined and given as NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Table3 {
    sizes: [usize; 3],
    p: Vec<f64>,
    px: Vec<f64>,
    py: Vec<f64>,
    pz: Vec<f64>,
}

impl Table3 {
    /// Takes probabilities or counts, `[X, Y, Z]` row-major, and divides by their sum.
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::NotFinite`], [`StatsError::Element`] (negative, or
    /// nothing positive), [`StatsError::TooFew`].
    ///
    /// ```
    /// use suffit_stats::information::Table3;
    /// let t = Table3::new(&[1.0, 0.0, 0.0, 3.0], [1, 2, 2])?;
    /// assert_eq!((t.p(0, 1, 1), t.posterior_z(0, 1)), (0.75, vec![0.0, 1.0]));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn new(cells: &[f64], sizes: [usize; 3]) -> Result<Self, StatsError> {
        let [nx, ny, nz] = sizes;
        check::sample("cells", cells, 1)?;
        check::table("cells", cells.len(), nx.saturating_mul(ny), nz)?;
        if let Some(index) = cells.iter().position(|&c| c < 0.0) {
            let range = "zero or more";
            return Err(StatsError::Element { name: "cells", index, value: cells[index], range });
        }
        let sum = crate::mean_var::sum(cells);
        if sum <= 0.0 || !sum.is_finite() {
            let range = "positive somewhere, with a finite sum";
            return Err(StatsError::Element { name: "cells", index: 0, value: cells[0], range });
        }
        let p: Vec<f64> = cells.iter().map(|c| c / sum).collect();
        let (mut px, mut py, mut pz) = (vec![0.0; nx], vec![0.0; ny], vec![0.0; nz]);
        for (i, &q) in p.iter().enumerate() {
            px[i / (ny * nz)] += q;
            py[i / nz % ny] += q;
            pz[i % nz] += q;
        }
        Ok(Self { sizes, p, px, py, pz })
    }

    /// Sizes `[X, Y, Z]`.
    pub fn sizes(&self) -> [usize; 3] {
        self.sizes
    }

    /// `p(x, y, z)`; 0 outside the table.
    pub fn p(&self, x: usize, y: usize, z: usize) -> f64 {
        let [nx, ny, nz] = self.sizes;
        if x < nx && y < ny && z < nz { self.p[(x * ny + y) * nz + z] } else { 0.0 }
    }

    /// Pointwise total correlation `g*(x, y, z) = ln [ p(x,y,z) / (p(x) p(y) p(z)) ]`, `[X, Y, Z]`.
    ///
    /// It is the optimal score of a contrastive model of whole tuples, up to a constant
    /// (`symile.md`, section "Theory", 2).
    pub fn g_star(&self) -> Vec<f64> {
        let ratio = |x: usize, y: usize, z: usize| self.px[x] * self.py[y] * self.pz[z];
        self.cells(|x, y, z, p| if p > 0.0 { (p / ratio(x, y, z)).ln() } else { f64::NEG_INFINITY })
    }

    /// Total correlation in nats.
    pub fn total_correlation(&self) -> f64 {
        total_correlation(&self.p, &self.sizes).unwrap_or(f64::NAN)
    }

    /// `I(x; y)` in nats.
    pub fn i_xy(&self) -> f64 {
        let [nx, ny, _] = self.sizes;
        mutual_information(&self.pair(0, 1), nx, ny).unwrap_or(f64::NAN)
    }

    /// `I(x; z)` in nats.
    pub fn i_xz(&self) -> f64 {
        let [nx, _, nz] = self.sizes;
        mutual_information(&self.pair(0, 2), nx, nz).unwrap_or(f64::NAN)
    }

    /// `I(y; z)` in nats.
    pub fn i_yz(&self) -> f64 {
        let [_, ny, nz] = self.sizes;
        mutual_information(&self.pair(1, 2), ny, nz).unwrap_or(f64::NAN)
    }

    /// `I(y; z | x) = sum p(x,y,z) ln [ p(x) p(x,y,z) / (p(x,y) p(x,z)) ]` in nats.
    ///
    /// Chain rule: `TC = I(x; y) + I(x; z) + I(y; z | x)`.
    pub fn i_yz_given_x(&self) -> f64 {
        let [_, ny, nz] = self.sizes;
        let (xy, xz) = (self.pair(0, 1), self.pair(0, 2));
        let terms =
            self.cells(
                |x, y, z, p| {
                    if p > 0.0 { p * (p * self.px[x] / (xy[x * ny + y] * xz[x * nz + z])).ln() } else { 0.0 }
                },
            );
        terms.iter().sum::<f64>().max(0.0)
    }

    /// `p(z | x, y)` for one pair, `[Z]`; NaN for a pair that never occurs, or outside the table.
    pub fn posterior_z(&self, x: usize, y: usize) -> Vec<f64> {
        let nz = self.sizes[2];
        let row: Vec<f64> = (0..nz).map(|z| self.p(x, y, z)).collect();
        let sum: f64 = row.iter().sum();
        row.iter().map(|q| q / sum).collect()
    }

    /// `p(z | x, y)` for all pairs, `[X, Y, Z]`.
    pub fn posterior_z_given_xy(&self) -> Vec<f64> {
        self.pairs().flat_map(|(x, y)| self.posterior_z(x, y)).collect()
    }

    /// The `z` with the largest `g*` for each `(x, y)`, `[X, Y]`: what ranking by score alone
    /// returns, `argmax p(z | x, y) / p(z)`.
    pub fn argmax_g(&self) -> Vec<usize> {
        self.g_star().chunks_exact(self.sizes[2]).map(argmax).collect()
    }

    /// The likeliest `z` for each `(x, y)`, `[X, Y]`: `argmax p(z | x, y)`. Differs from
    /// [`Self::argmax_g`] when `z` is not uniform.
    pub fn argmax_posterior(&self) -> Vec<usize> {
        self.p.chunks_exact(self.sizes[2]).map(argmax).collect()
    }

    /// Pointwise mutual information `ln [ p(x,z) / (p(x) p(z)) ]`, `[X, Z]`.
    pub fn pmi_xz(&self) -> Vec<f64> {
        let nz = self.sizes[2];
        let score = |(i, &q): (usize, &f64)| {
            if q > 0.0 { (q / (self.px[i / nz] * self.pz[i % nz])).ln() } else { f64::NEG_INFINITY }
        };
        self.pair(0, 2).iter().enumerate().map(score).collect()
    }

    /// `ln sum_y p(y) e^(g*(x, y, z))`, `[X, Z]`: the score of a pair when `y` is missing, equal
    /// to [`Self::pmi_xz`] (`symile.md`, section "Theory", 5).
    pub fn pmi_xz_by_marginalising_y(&self) -> Vec<f64> {
        let [nx, ny, nz] = self.sizes;
        let g = self.g_star();
        let score = |x: usize, z: usize| {
            (0..ny).filter(|&y| self.py[y] > 0.0).map(|y| self.py[y] * g[(x * ny + y) * nz + z].exp()).sum::<f64>().ln()
        };
        (0..nx).flat_map(|x| (0..nz).map(move |z| (x, z))).map(|(x, z)| score(x, z)).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let [nx, ny, _] = self.sizes;
        (0..nx).flat_map(move |x| (0..ny).map(move |y| (x, y)))
    }

    fn cells(&self, f: impl Fn(usize, usize, usize, f64) -> f64) -> Vec<f64> {
        let [_, ny, nz] = self.sizes;
        let at = |(i, &p): (usize, &f64)| f(i / (ny * nz), i / nz % ny, i % nz, p);
        self.p.iter().enumerate().map(at).collect()
    }

    /// Marginal of two axes, row-major in their order.
    fn pair(&self, first: usize, second: usize) -> Vec<f64> {
        let [_, ny, nz] = self.sizes;
        let mut out = vec![0.0; self.sizes[first] * self.sizes[second]];
        for (i, &q) in self.p.iter().enumerate() {
            let at = [i / (ny * nz), i / nz % ny, i % nz];
            out[at[first] * self.sizes[second] + at[second]] += q;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_input() {
        assert!(Table3::new(&[1.0; 7], [2, 2, 2]).is_err());
        assert!(Table3::new(&[0.0; 8], [2, 2, 2]).is_err());
        let e = Table3::new(&[1.0, -1.0], [1, 1, 2]).unwrap_err();
        assert!(matches!(e, StatsError::Element { index: 1, .. }));
        assert!(Table3::new(&[1.0, f64::NAN], [1, 1, 2]).is_err());
    }

    #[test]
    fn pairs_that_never_occur_have_no_posterior() {
        let t = Table3::new(&[1.0, 0.0, 0.0, 0.0], [1, 2, 2]).unwrap();
        assert!(t.posterior_z(0, 1).iter().all(|v| v.is_nan()));
        let none = f64::NEG_INFINITY;
        assert_eq!(t.g_star(), vec![0.0, none, none, none]);
        assert_eq!((t.pmi_xz(), t.pmi_xz_by_marginalising_y()), (vec![0.0, none], vec![0.0, none]));
    }

    proptest! {
        #[test]
        fn chain_rule_and_mean_of_g(v in prop::collection::vec(0.001f64..1.0, 24)) {
            let t = Table3::new(&v, [2, 3, 4]).unwrap();
            let tc = t.total_correlation();
            prop_assert!((tc - (t.i_xy() + t.i_xz() + t.i_yz_given_x())).abs() < 1e-12);
            let mean: f64 = t.g_star().iter().zip(&t.p).map(|(g, p)| g * p).sum();
            prop_assert!((tc - mean).abs() < 1e-12);
        }

        #[test]
        fn posterior_is_the_prior_tilted_by_g(v in prop::collection::vec(0.001f64..1.0, 24)) {
            let t = Table3::new(&v, [2, 3, 4]).unwrap();
            let (g, post) = (t.g_star(), t.posterior_z_given_xy());
            for (row, g) in post.chunks_exact(4).zip(g.chunks_exact(4)) {
                let tilted: Vec<f64> = g.iter().zip(&t.pz).map(|(g, p)| p * g.exp()).collect();
                let sum: f64 = tilted.iter().sum();
                for (a, b) in row.iter().zip(&tilted) {
                    prop_assert!((a - b / sum).abs() < 1e-12);
                }
            }
            for (a, b) in t.pmi_xz().iter().zip(t.pmi_xz_by_marginalising_y()) {
                prop_assert!((a - b).abs() < 1e-12);
            }
        }
    }
}
