//! The pairwise baseline: CLIP on every pair of views, `symile.md` §Loss.
//!
//! `loss = sum_{m<l} ½ (CE(tau x^m x^l^T) + CE(tau x^l x^m^T))`, one shared `tau`. Each pair is the
//! two-view case of the loss over all combinations.

use super::vector::add;
use super::{FusedError, Groups, LossGrad, LossValue, Real, Views, symile_grid, symile_grid_value};

/// Loss and gradients of CLIP summed over all unordered pairs of views.
///
/// With `groups`, rows of one group are not negatives of one another.
///
/// - shapes: M views `[B, d]`; `log_scale` is `ln tau`; `parts` holds one loss per pair
/// - cost: `M (M-1) / 2` times `6 B^2 d` FLOPs (8 where `B^2` scores exceed 16 MiB)
/// - determinism: sums have a fixed order, the same for any number of threads
///
/// # Errors
/// [`FusedError::GroupCount`].
///
/// ```
/// use suffit_nn::fused::{Views, clip_pairs};
/// // All scores equal: each of the 3 pairs costs ln 2.
/// let zero = [0.0f64; 2];
/// let views = Views::new(vec![&zero[..], &zero, &zero], 2, 1)?;
/// assert!((clip_pairs(&views, 0.0, None)?.value.loss - 3.0 * 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), suffit_nn::fused::FusedError>(())
/// ```
pub fn clip_pairs<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossGrad<T>, FusedError> {
    let size = views.rows() * views.dim();
    let mut grads = vec![vec![T::ZERO; size]; views.views()];
    let (mut parts, mut slope) = (Vec::new(), 0.0);
    for (m, l) in pairs(views.views()) {
        let out = symile_grid(&two(views, m, l)?, log_scale, groups)?;
        parts.push(out.value.loss);
        slope += out.log_scale;
        for (of, grad) in [m, l].into_iter().zip(&out.views) {
            add(&mut grads[of], grad);
        }
    }
    let value = LossValue { loss: parts.iter().sum(), parts };
    Ok(LossGrad { value, views: grads, log_scale: slope })
}

/// [`clip_pairs`] without gradients.
///
/// # Errors
/// As [`clip_pairs`].
pub fn clip_pairs_value<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossValue, FusedError> {
    let mut parts = Vec::new();
    for (m, l) in pairs(views.views()) {
        parts.push(symile_grid_value(&two(views, m, l)?, log_scale, groups)?.loss);
    }
    Ok(LossValue { loss: parts.iter().sum(), parts })
}

/// The unordered pairs, in the order of [`LossValue::parts`].
pub(super) fn pairs(views: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..views).flat_map(move |m| (m + 1..views).map(move |l| (m, l)))
}

fn two<'v, T: Real>(views: &Views<'v, T>, m: usize, l: usize) -> Result<Views<'v, T>, FusedError> {
    Views::new(vec![views.view(m), views.view(l)], views.rows(), views.dim())
}
