//! The gap of risks, the lost share, and their limits.
//!
//! From losses of the constant `l0`, of Z `lz` and of the stack `lxz`, row by row:
//! `Delta = mean(lz - lxz)`, `psi = Delta / (R_0 - R_XZ)`. Standard error of `psi` by the delta method:
//! the standard error of `[(lz - lxz) - psi (l0 - lxz)] / (R_0 - R_XZ)`. With groups, sums over groups
//! are the units.
//!
//! **Limits near 0.** At `Delta = 0` the row differences vanish to first order and their spread says
//! nothing about how large a gap could still be (it is 0 exactly where the stack kept the Z-probe).
//! There a predictor with gap `d` has row differences of variance about `c d`: `c = 4 R_Z` for squared
//! errors, `2/ln 2` for bits (a likelihood ratio of mean `d` nats has variance `2 d`). The upper limit is
//! the largest `d` that even the best direction would not show, `(d - Delta+) <= q sqrt(c d / n)`, the
//! form of Wilson's limit for a proportion of 0; the larger of both limits counts, so the interval never
//! has width 0. Source: `fccov.md`, section 5(b); Wilson 1927 for the form; the rule is ours.

use super::evidence::Estimate;
use crate::{StatsError, check, normal};

/// Gap and lost share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// `R_Z - R_XZ`.
    pub delta: Estimate,
    /// `(R_Z - R_XZ)/(R_0 - R_XZ)`; `None` where `R_0 <= R_XZ`.
    pub lost: Option<Estimate>,
}

/// Standard error of a mean; with groups that of the sum of group totals over n.
///
/// - formula: `sd(ddof 1)/sqrt(n)`, or `sqrt(sum_g S_g^2 G/(G-1))/n` with centred group sums `S_g`
pub fn clustered_se(values: &[f64], groups: Option<&[usize]>) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let Some(groups) = groups else {
        return (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
    };
    let mut sums = std::collections::BTreeMap::new();
    values.iter().zip(groups).for_each(|(v, g)| *sums.entry(*g).or_insert(0.0) += v - mean);
    let g = sums.len() as f64;
    if g < 2.0 { f64::INFINITY } else { (sums.values().map(|s| s * s).sum::<f64>() * g / (g - 1.0)).sqrt() / n }
}

/// A mean with one-sided limits at level `1 - alpha`.
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::Setting`].
pub fn mean_estimate(values: &[f64], groups: Option<&[usize]>, alpha: f64) -> Result<Estimate, StatsError> {
    check::at_least("values", values.len(), 2)?;
    let q = normal::quantile(1.0 - alpha)?;
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let se = clustered_se(values, groups);
    Ok(Estimate { value, se, lower: value - q * se, upper: value + q * se })
}

/// Gap and lost share from losses of every row; limits by the delta method alone.
///
/// - shapes: all `[n]`; cost `O(n)`
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::TooFew`], [`StatsError::Setting`].
///
/// ```
/// use suffit_stats::audit::gap;
/// let g = gap(&[2.0, 2.2, 1.9], &[1.2, 1.0, 1.1], &[1.0, 0.9, 0.9], None, 0.05)?;
/// assert!((g.delta.value - 0.5 / 3.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn gap(l0: &[f64], lz: &[f64], lxz: &[f64], groups: Option<&[usize]>, alpha: f64) -> Result<Gap, StatsError> {
    check::same_length("l0", l0.len(), "lz", lz.len())?;
    check::same_length("l0", l0.len(), "lxz", lxz.len())?;
    let d: Vec<f64> = lz.iter().zip(lxz).map(|(a, b)| a - b).collect();
    let delta = mean_estimate(&d, groups, alpha)?;
    let n = l0.len() as f64;
    let gain = l0.iter().zip(lxz).map(|(a, b)| a - b).sum::<f64>() / n;
    if gain <= 0.0 {
        return Ok(Gap { delta, lost: None });
    }
    let psi = delta.value / gain;
    let influence: Vec<f64> = (0..l0.len()).map(|i| (d[i] - psi * (l0[i] - lxz[i])) / gain).collect();
    let se = clustered_se(&influence, groups);
    let q = normal::quantile(1.0 - alpha)?;
    Ok(Gap { delta, lost: Some(Estimate { value: psi, se, lower: psi - q * se, upper: psi + q * se }) })
}

/// The largest gap that `units` independent rows would not show: see the module.
///
/// `curvature` is `c`; the result is at least `q^2 c / units`.
pub fn hidden_gap(delta: f64, curvature: f64, units: f64, alpha: f64) -> Result<f64, StatsError> {
    let q = normal::quantile(1.0 - alpha)?;
    let b = q * (curvature / units).sqrt();
    let root = 0.5 * (b + (b * b + 4.0 * delta.max(0.0)).sqrt());
    Ok(root * root)
}
