//! Entropy, mutual information and total correlation of discrete tables, in nats.
//!
//! Source: Cover and Thomas 2006, "Elements of Information Theory", chapter 2; total correlation:
//! Watanabe 1960, IBM Journal 4, 66-82.

mod table;
mod xor;

pub use table::Table3;
pub use xor::Xor;

use crate::{StatsError, check};

/// Entropy `H = -sum p ln p`, with `0 ln 0 = 0`.
///
/// - shapes: `p: [K]`, non-negative, summing to 1 within `1e-6`; cost `O(K)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::Element`],
/// [`StatsError::NotNormalised`].
///
/// ```
/// let h = suffit_stats::information::entropy(&[0.25; 4])?;
/// assert!((h - 4f64.ln()).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn entropy(p: &[f64]) -> Result<f64, StatsError> {
    distribution("p", p)?;
    Ok(entropy_unchecked(p))
}

/// Entropy of one binary choice, `h(p) = -p ln p - (1 - p) ln(1 - p)`.
///
/// # Errors
/// [`StatsError::Setting`] unless `0 <= p <= 1`.
///
/// ```
/// use suffit_stats::information::binary_entropy;
/// assert_eq!(binary_entropy(0.5)?, std::f64::consts::LN_2);
/// assert_eq!(binary_entropy(1.0)?, 0.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn binary_entropy(p: f64) -> Result<f64, StatsError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(StatsError::Setting { name: "p", value: p, range: "between 0 and 1" });
    }
    // ln_1p keeps the digits of ln(1 - p) when p is tiny.
    let rest = if p < 1.0 { -(1.0 - p) * (-p).ln_1p() } else { 0.0 };
    Ok(rest - x_ln_x(p))
}

/// Mutual information `I(x; y) = sum p(x, y) ln [ p(x, y) / (p(x) p(y)) ]`.
///
/// - shapes: `p: [X, Y]` row-major, summing to 1 within `1e-6`; cost `O(X Y)`
///
/// # Errors
/// As [`entropy`]; [`StatsError::Shape`].
///
/// ```
/// use suffit_stats::information::mutual_information;
/// let same = mutual_information(&[0.5, 0.0, 0.0, 0.5], 2, 2)?;
/// assert!((same - std::f64::consts::LN_2).abs() < 1e-15);
/// assert_eq!(mutual_information(&[0.25; 4], 2, 2)?, 0.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn mutual_information(p: &[f64], rows: usize, columns: usize) -> Result<f64, StatsError> {
    total_correlation(p, &[rows, columns])
}

/// Total correlation `TC = sum p(x_1..x_M) ln [ p(x_1..x_M) / prod_m p(x_m) ]`; for two variables
/// the mutual information.
///
/// - shapes: `p: [K_1, ..., K_M]` row-major, summing to 1 within `1e-6`; cost `O(M prod K)`
/// - rounding below zero is cut to 0
///
/// # Errors
/// As [`entropy`]; [`StatsError::Shape`] when the sizes do not multiply to the length.
///
/// ```
/// use suffit_stats::information::total_correlation;
/// // c = a xor b: any two are independent, all three share one bit
/// let mut p = [0.0; 8];
/// for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
///     p[4 * a + 2 * b + (a ^ b)] = 0.25;
/// }
/// assert!((total_correlation(&p, &[2, 2, 2])? - std::f64::consts::LN_2).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn total_correlation(p: &[f64], sizes: &[usize]) -> Result<f64, StatsError> {
    distribution("p", p)?;
    let columns = sizes.last().copied().unwrap_or(1);
    let rows = sizes.iter().rev().skip(1).product();
    check::table("p", p.len(), rows, columns)?;
    let marginals: Vec<Vec<f64>> = (0..sizes.len()).map(|axis| marginal(p, sizes, axis)).collect();
    // Cell by cell rather than as a difference of entropies: exactly 0 for a product of
    // powers of two, and no cancellation when the dependence is weak.
    let mut sum = 0.0;
    for (cell, &q) in p.iter().enumerate().filter(|c| *c.1 > 0.0) {
        let mut rest = cell;
        let mut product = 1.0;
        for (m, &size) in marginals.iter().zip(sizes).rev() {
            product *= m[rest % size];
            rest /= size;
        }
        sum += q * (q / product).ln();
    }
    Ok(sum.max(0.0))
}

/// Marginal of one axis of a row-major table.
fn marginal(p: &[f64], sizes: &[usize], axis: usize) -> Vec<f64> {
    let stride: usize = sizes[axis + 1..].iter().product();
    let mut out = vec![0.0; sizes[axis]];
    for (cell, &q) in p.iter().enumerate() {
        out[cell / stride % sizes[axis]] += q;
    }
    out
}

fn distribution(name: &'static str, p: &[f64]) -> Result<(), StatsError> {
    check::at_least(name, p.len(), 1)?;
    check::simplex_rows(name, p, p.len())
}

fn entropy_unchecked(p: &[f64]) -> f64 {
    -p.iter().map(|&q| x_ln_x(q)).sum::<f64>()
}

/// `x ln x`, continued to 0 at 0.
fn x_ln_x(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn normalised(v: Vec<f64>) -> Vec<f64> {
        let s: f64 = v.iter().sum();
        v.into_iter().map(|x| x / s).collect()
    }

    #[test]
    fn bad_input() {
        assert!(matches!(entropy(&[0.5, 0.6]), Err(StatsError::NotNormalised { row: 0, .. })));
        assert!(matches!(entropy(&[1.5, -0.5]), Err(StatsError::Element { index: 0, .. })));
        assert!(entropy(&[]).is_err());
        assert!(binary_entropy(f64::NAN).is_err());
        assert!(total_correlation(&[0.25; 4], &[2, 3]).is_err());
        assert!(mutual_information(&[0.5, f64::NAN], 1, 2).is_err());
        assert_eq!(total_correlation(&[1.0], &[]).unwrap(), 0.0);
    }

    proptest! {
        #[test]
        fn total_correlation_is_a_difference_of_entropies(
            v in prop::collection::vec(0.0f64..1.0, 24), zero in 0usize..24,
        ) {
            let mut v = v;
            v[zero] = 0.0;
            v[(zero + 1) % 24] += 0.1;
            let (p, sizes) = (normalised(v), [2, 3, 4]);
            let h: f64 = (0..3).map(|a| entropy_unchecked(&marginal(&p, &sizes, a))).sum();
            let tc = total_correlation(&p, &sizes).unwrap();
            prop_assert!((tc - (h - entropy_unchecked(&p))).abs() < 1e-12);
        }

        #[test]
        fn a_product_table_shares_nothing(
            a in prop::collection::vec(0.01f64..1.0, 3), b in prop::collection::vec(0.01f64..1.0, 5),
        ) {
            let (a, b) = (normalised(a), normalised(b));
            let p: Vec<f64> = a.iter().flat_map(|x| b.iter().map(move |y| x * y)).collect();
            prop_assert!(mutual_information(&p, 3, 5).unwrap() < 1e-14);
        }

        #[test]
        fn binary_entropy_is_entropy(p in 0.0f64..=1.0) {
            let (a, b) = (binary_entropy(p).unwrap(), entropy(&[p, 1.0 - p]).unwrap());
            prop_assert!((a - b).abs() < 1e-14);
        }
    }
}
