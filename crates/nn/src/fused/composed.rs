//! The same losses made of ordinary Burn operations, for devices without fused kernels.
//!
//! They keep every score for the backward pass: `M B^2` numbers for O(N) sampling, `B^M` for all
//! combinations. The tests hold them equal to the fused ones.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Bool, DType, Device, Int, Tensor, TensorData};

use super::clip::pairs;
use super::contrast::{Contrast, ContrastLoss};
use super::{FusedError, Groups, LossValue, Negatives, Permutations};

/// A logit that no softmax sees: finite, so that `0 * logit` stays 0, and representable.
fn out_of(logits: &Tensor<2>) -> f64 {
    if logits.dtype() == DType::F16 { -6e4 } else { -1e30 }
}

/// The loss of a batch, by ordinary operations.
pub(super) fn loss(
    contrast: &Contrast,
    views: &[Tensor<2>],
    log_scale: &Tensor<1>,
    groups: Option<&Groups>,
) -> Result<ContrastLoss, FusedError> {
    let [rows, dim] = views[0].dims();
    if views.len() < 2 {
        return Err(FusedError::TooFewViews { got: views.len() });
    }
    if rows == 0 || dim == 0 {
        return Err(FusedError::Empty { rows, dim });
    }
    fits(contrast, views.len(), rows, groups)?;
    let tau = log_scale.clone().exp().cast(views[0].dtype()).reshape([1, 1]);
    let parts = match contrast {
        Contrast::Shuffled(perms) => shuffled(views, &tau, perms, groups),
        Contrast::Grid => grid(views, &tau, groups)?,
        Contrast::Drawn(negatives) => drawn(views, &tau, negatives, groups),
        Contrast::Clip => {
            let mut parts = Vec::new();
            for (m, l) in pairs(views.len()) {
                let both = grid(&[views[m].clone(), views[l].clone()], &tau, groups)?;
                parts.push(Tensor::cat(both, 0).mean());
            }
            parts
        }
    };
    let parts = Tensor::cat(parts, 0);
    let loss = match contrast {
        Contrast::Clip => parts.clone().sum(),
        _ => parts.clone().mean(),
    };
    let value = LossValue { loss: numbers(&loss)[0], parts: numbers(&parts) };
    Ok(ContrastLoss { loss, value })
}

fn numbers(x: &Tensor<1>) -> Vec<f64> {
    x.clone().inner().into_data().iter::<f64>().collect()
}

/// What the bound views check for the fused kernels.
fn fits(contrast: &Contrast, views: usize, rows: usize, groups: Option<&Groups>) -> Result<(), FusedError> {
    // The checks read sizes only; zeros of the right size stand for the views.
    let zeros = vec![0.0f32; rows];
    let sized = super::Views::new(vec![&zeros[..]; views], rows, 1)?;
    match contrast {
        Contrast::Shuffled(perms) => perms.fits(&sized)?,
        Contrast::Drawn(negatives) => negatives.fits(&sized)?,
        Contrast::Grid | Contrast::Clip => {}
    }
    groups.map_or(Ok(()), |g| g.fits(&sized))
}

/// Mean over rows of `-log_softmax(logits)[positive]`, `[1]`.
fn cross_entropy(logits: Tensor<2>, positive: Tensor<2, Int>) -> Tensor<1> {
    log_softmax(logits, 1).gather(1, positive).mean().neg()
}

fn indices(of: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let of: Vec<i64> = of.map(|i| i as i64).collect();
    let n = of.len();
    Tensor::from_data(TensorData::new(of, [n]), device)
}

fn mask(bits: Vec<bool>, shape: [usize; 2], device: &Device) -> Tensor<2, Bool> {
    Tensor::from_data(TensorData::new(bits, shape), device)
}

fn product(factors: impl Iterator<Item = Tensor<2>>) -> Option<Tensor<2>> {
    factors.reduce(|a, b| a * b)
}

fn shuffled(views: &[Tensor<2>], tau: &Tensor<2>, perms: &Permutations, groups: Option<&Groups>) -> Vec<Tensor<1>> {
    let (b, device) = (views[0].dims()[0], views[0].device());
    let others = |m: usize| (0..views.len()).filter(move |&l| l != m).enumerate();
    let diagonal = (0..b * b).map(|at| at / b == at % b).collect();
    let diagonal = mask(diagonal, [b, b], &device);
    let own = indices(0..b, &device).reshape([b, 1]);
    let mip = product(views.iter().cloned()).map(|p| p.sum_dim(1) * tau.clone());
    let mut parts = Vec::new();
    for m in 0..views.len() {
        let at = |a: usize| indices(perms.of(m, a).iter().map(|&j| j as usize), &device);
        let columns = product(others(m).map(|(a, l)| views[l].clone().select(0, at(a))));
        let (Some(columns), Some(mip)) = (columns, mip.clone()) else { continue };
        let logits = views[m].clone().matmul(columns.transpose()) * tau.clone();
        let logits = match groups {
            None => logits,
            Some(groups) => {
                let out =
                    |i: usize, j: usize| others(m).all(|(a, _)| groups.of(perms.of(m, a)[j] as usize) == groups.of(i));
                let bits = (0..b * b).map(|at| out(at / b, at % b)).collect();
                let out = out_of(&logits);
                logits.mask_fill(mask(bits, [b, b], &device), out)
            }
        };
        let logits = logits.mask_where(diagonal.clone(), mip.expand([b, b]));
        parts.push(cross_entropy(logits, own.clone()));
    }
    parts
}

fn grid(views: &[Tensor<2>], tau: &Tensor<2>, groups: Option<&Groups>) -> Result<Vec<Tensor<1>>, FusedError> {
    let ([b, d], m, device) = (views[0].dims(), views.len(), views[0].device());
    let too_many = FusedError::TooManyCombinations { rows: b, views: m };
    let combos = u32::try_from(m - 1).ok().and_then(|p| b.checked_pow(p)).ok_or(too_many.clone())?;
    let all = combos.checked_mul(b).ok_or(too_many)?;
    let mut leading = views[0].clone();
    for view in &views[1..m - 1] {
        let n = leading.dims()[0];
        leading = (leading.reshape([n, 1, d]) * view.clone().reshape([1, b, d])).reshape([n * b, d]);
    }
    let scores = leading.matmul(views[m - 1].clone().transpose()) * tau.clone();
    let scores = match groups {
        None => scores,
        Some(groups) => {
            // A combination is out when its rows are in one group, unless they are one row.
            let out = |at: usize| {
                let digits = |at: usize| {
                    (0..m).scan(at, move |at, _| {
                        let digit = *at % b;
                        *at /= b;
                        Some(digit)
                    })
                };
                let first = at % b;
                digits(at).all(|i| groups.of(i) == groups.of(first)) && !digits(at).all(|i| i == first)
            };
            let bits = (0..all).map(out).collect();
            let out = out_of(&scores);
            scores.mask_fill(mask(bits, [combos, b], &device), out)
        }
    };
    let ones: usize = (0..m - 1).map(|k| b.pow(k as u32)).sum();
    let positive = indices((0..b).map(|i| i * ones), &device).reshape([b, 1]);
    let of_anchor = |axis: usize| {
        let before = b.pow(axis as u32);
        let rows = scores.clone().reshape([before, b, combos / before]).swap_dims(0, 1);
        cross_entropy(rows.reshape([b, combos]), positive.clone())
    };
    Ok((0..m).map(of_anchor).collect())
}

fn drawn(views: &[Tensor<2>], tau: &Tensor<2>, negatives: &Negatives, groups: Option<&Groups>) -> Vec<Tensor<1>> {
    let ([b, d], k, device) = (views[0].dims(), negatives.per_row(), views[0].device());
    let first = indices((0..b).map(|_| 0), &device).reshape([b, 1]);
    let mut parts = Vec::new();
    for t in 0..views.len() {
        let query = product((0..views.len()).filter(|&m| m != t).map(|m| views[m].clone()));
        let Some(query) = query else { continue };
        let positive = (query.clone() * views[t].clone()).sum_dim(1) * tau.clone();
        let logits = if k == 0 {
            positive
        } else {
            let rows = || (0..b).flat_map(|i| negatives.of(t, i)).map(|&n| n as usize);
            let drawn = views[t].clone().select(0, indices(rows(), &device)).reshape([b, k, d]);
            let scores = (query.reshape([b, 1, d]) * drawn).sum_dim(2).reshape([b, k]) * tau.clone();
            let scores = match groups {
                None => scores,
                Some(groups) => {
                    let bits = rows().enumerate().map(|(at, n)| groups.of(n) == groups.of(at / k));
                    let out = out_of(&scores);
                    scores.mask_fill(mask(bits.collect(), [b, k], &device), out)
                }
            };
            Tensor::cat(vec![positive, scores], 1)
        };
        parts.push(cross_entropy(logits, first.clone()));
    }
    parts
}
