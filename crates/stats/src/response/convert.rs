//! Samples, histograms and densities to quantile functions on common levels.

use crate::{StatsError, check};

/// `m` levels at the middles of equal cells, `(i + 1/2)/m`: the squared 2-Wasserstein distance of
/// quantiles on them is the mean squared difference.
///
/// ```
/// assert_eq!(suffit_stats::response::midpoint_levels(2), vec![0.25, 0.75]);
/// ```
pub fn midpoint_levels(m: usize) -> Vec<f64> {
    (0..m).map(|i| (i as f64 + 0.5) / m as f64).collect()
}

/// `m >= 2` equidistant levels from 0 to 1: the squared 2-Wasserstein distance of quantiles on them
/// is the trapezoid rule.
///
/// ```
/// assert_eq!(suffit_stats::response::equidistant_levels(3), vec![0.0, 0.5, 1.0]);
/// ```
pub fn equidistant_levels(m: usize) -> Vec<f64> {
    (0..m).map(|i| i as f64 / (m.max(2) - 1) as f64).collect()
}

pub(super) fn check_levels(levels: &[f64]) -> Result<(), StatsError> {
    check::at_least("levels", levels.len(), 1)?;
    check::probabilities("levels", levels)?;
    match levels.windows(2).position(|w| w[1] <= w[0]) {
        Some(i) => Err(StatsError::Element {
            name: "levels",
            index: i + 1,
            value: levels[i + 1],
            range: "above the level on its left",
        }),
        None => Ok(()),
    }
}

/// Weights of an integral over `[0, 1]` from values on `levels`: each level stands for the stretch to
/// the middles of its neighbours (to 0 and 1 at the ends). Trapezoid rule on equidistant levels,
/// equal weights on midpoint levels.
pub(crate) fn level_weights(levels: &[f64]) -> Vec<f64> {
    let m = levels.len();
    let edge = |i: usize| match i {
        0 => 0.0,
        i if i == m => 1.0,
        i => 0.5 * (levels[i - 1] + levels[i]),
    };
    (0..m).map(|i| edge(i + 1) - edge(i)).collect()
}

/// Quantiles of a sample on `levels`: the inverse of its distribution function (a step function), so
/// that distances on `midpoint_levels` of a multiple of the sample sizes are exact.
///
/// - shapes: `sample: [N]` in any order to `[levels]`; cost `O(N log N)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::Element`] (levels).
///
/// ```
/// use suffit_stats::response::{midpoint_levels, sample_quantiles};
/// assert_eq!(sample_quantiles(&[3.0, 1.0], &midpoint_levels(4))?, vec![1.0, 1.0, 3.0, 3.0]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn sample_quantiles(sample: &[f64], levels: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::sample("sample", sample, 1)?;
    check_levels(levels)?;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    // The margin keeps a level that is k/n up to rounding on the k-th value.
    let at = |p: f64| ((p * n as f64 - 1e-9).ceil() as usize).clamp(1, n) - 1;
    Ok(levels.iter().map(|&p| sorted[at(p)]).collect())
}

/// Quantiles of a density given on a grid: cumulative trapezoids, scaled to end at 1, and the linear
/// interpolation of the inverse.
///
/// - shapes: `grid: [G]` increasing, `density: [G]` non-negative to `[levels]`; cost `O(G + levels)`
///
/// # Errors
/// [`StatsError::TooFew`] (two points), [`StatsError::LengthMismatch`], [`StatsError::NotFinite`],
/// [`StatsError::Element`] (grid not increasing, negative density, no mass).
///
/// ```
/// use suffit_stats::response::{density_quantiles, equidistant_levels};
/// let q = density_quantiles(&[0.0, 1.0, 2.0], &[1.0, 1.0, 1.0], &equidistant_levels(3))?;
/// assert_eq!(q, vec![0.0, 1.0, 2.0]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn density_quantiles(grid: &[f64], density: &[f64], levels: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::same_length("grid", grid.len(), "density", density.len())?;
    check::sample("grid", grid, 2)?;
    masses("density", density)?;
    let cells: Vec<f64> =
        (1..grid.len()).map(|i| 0.5 * (density[i] + density[i - 1]) * (grid[i] - grid[i - 1])).collect();
    inverse(grid, &cells, levels)
}

/// Quantiles of a histogram: mass spread evenly inside every cell.
///
/// - shapes: `edges: [G + 1]` increasing, `mass: [G]` non-negative (counts will do) to `[levels]`
///
/// # Errors
/// As [`density_quantiles`].
///
/// ```
/// use suffit_stats::response::histogram_quantiles;
/// assert_eq!(histogram_quantiles(&[0.0, 1.0, 3.0], &[5.0, 5.0], &[0.5, 0.75])?, vec![1.0, 2.0]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn histogram_quantiles(edges: &[f64], mass: &[f64], levels: &[f64]) -> Result<Vec<f64>, StatsError> {
    check::sample("edges", edges, 2)?;
    check::same_length("cells between edges", edges.len() - 1, "mass", mass.len())?;
    masses("mass", mass)?;
    inverse(edges, mass, levels)
}

fn masses(name: &'static str, values: &[f64]) -> Result<(), StatsError> {
    check::finite(name, values)?;
    match values.iter().position(|v| *v < 0.0) {
        Some(index) => Err(StatsError::Element { name, index, value: values[index], range: "0 or more" }),
        None => Ok(()),
    }
}

/// Linear interpolation of the inverse of the distribution function that grows by `cells` on `grid`.
fn inverse(grid: &[f64], cells: &[f64], levels: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_levels(levels)?;
    if let Some(i) = grid.windows(2).position(|w| w[1] <= w[0]) {
        let (index, value) = (i + 1, grid[i + 1]);
        return Err(StatsError::Element { name: "grid", index, value, range: "above the value on its left" });
    }
    let total: f64 = cells.iter().sum();
    if total <= 0.0 {
        return Err(StatsError::Element { name: "density", index: 0, value: 0.0, range: "above 0 somewhere" });
    }
    let mut cdf = vec![0.0];
    let mut sum = 0.0;
    for c in cells {
        sum += c;
        cdf.push(sum / total);
    }
    let last = grid.len() - 1;
    let mut cell = 0;
    Ok(levels
        .iter()
        .map(|&p| {
            while cell < last - 1 && cdf[cell + 1] < p {
                cell += 1;
            }
            let width = cdf[cell + 1] - cdf[cell];
            let share = if width > 0.0 { ((p - cdf[cell]) / width).clamp(0.0, 1.0) } else { 0.0 };
            grid[cell] + share * (grid[cell + 1] - grid[cell])
        })
        .collect())
}

/// Exact 2-Wasserstein distance of two samples of any sizes.
///
/// - formula: `sqrt(int_0^1 (F^-1(t) - G^-1(t))^2 dt)`; cost `O(N log N + M log M)`
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::NotFinite`].
///
/// ```
/// // half of the mass moves by 1
/// let w = suffit_stats::response::wasserstein2_samples(&[0.0, 0.0], &[0.0, 1.0])?;
/// assert!((w * w - 0.5).abs() < 1e-15);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn wasserstein2_samples(a: &[f64], b: &[f64]) -> Result<f64, StatsError> {
    check::sample("a", a, 1)?;
    check::sample("b", b, 1)?;
    let (mut x, mut y) = (a.to_vec(), b.to_vec());
    x.sort_by(f64::total_cmp);
    y.sort_by(f64::total_cmp);
    // Positions in units of 1/(N M), so that the breakpoints are integers.
    let (n, m) = (x.len() as u128, y.len() as u128);
    let (mut i, mut j, mut at, mut sum) = (0u128, 0u128, 0u128, 0.0);
    while i < n && j < m {
        let next = ((i + 1) * m).min((j + 1) * n);
        let gap = x[i as usize] - y[j as usize];
        sum += (next - at) as f64 * gap * gap;
        at = next;
        if (i + 1) * m == next {
            i += 1;
        }
        if (j + 1) * n == next {
            j += 1;
        }
    }
    Ok((sum / (n * m) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_trapezoids_or_equal() {
        assert_eq!(level_weights(&equidistant_levels(3)), vec![0.25, 0.5, 0.25]);
        assert!(level_weights(&midpoint_levels(5)).iter().all(|w| (w - 0.2).abs() < 1e-15));
    }

    #[test]
    fn bad_grids_are_refused() {
        assert!(density_quantiles(&[0.0, 0.0], &[1.0, 1.0], &[0.5]).is_err());
        assert!(density_quantiles(&[0.0, 1.0], &[1.0, -1.0], &[0.5]).is_err());
        assert!(density_quantiles(&[0.0, 1.0], &[0.0, 0.0], &[0.5]).is_err());
        assert!(sample_quantiles(&[1.0], &[0.5, 0.5]).is_err());
        assert!(sample_quantiles(&[], &[0.5]).is_err());
    }
}
