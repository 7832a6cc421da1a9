//! Scores and posteriors of candidates, on plain row-major slices in f32 or f64.
//!
//! The multilinear inner product `MIP(r¹, …, rᴹ) = Σ_k Π_m rᵐ_k` depends on the query only through
//! the elementwise product `q` of the present representations, so scoring is one matrix product
//! (spec: `symile.md`, Theory 3 to 5 and Inference).

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use suffit_core::Result;
use suffit_core::error::CommonError;
use suffit_nn::fused::Real;

use super::error::SymileError;

/// A number that representations are made of: `f32` in the product, `f64` against golden vectors.
pub trait Number: Real + Element {}
impl Number for f32 {}
impl Number for f64 {}

/// Elementwise product of representations: the query vector `q_i = Π_m rᵐ_i`.
///
/// - shapes: every input `[N · d]`; result `[N · d]`; all ones when `reps` is empty
/// - cost: `M N d` FLOPs; determinism: factors in the given order
///
/// # Errors
/// [`SymileError::Dimension`] when lengths differ.
///
/// ```
/// use suffit_methods::symile::score::product;
/// assert_eq!(product(&[&[1.0, 2.0][..], &[3.0, -1.0]], 2)?, [3.0, -2.0]);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn product<T: Number>(reps: &[&[T]], len: usize) -> Result<Vec<T>> {
    let mut q = vec![T::ONE; len];
    for (m, rep) in reps.iter().enumerate() {
        same_length(&format!("factor {m}"), rep.len(), "the query", len)?;
        for (a, &b) in q.iter_mut().zip(*rep) {
            *a = *a * b;
        }
    }
    Ok(q)
}

/// Scores `τ q candᵀ` with `τ = exp(log_scale)`.
///
/// - shapes: `q: [Q · d]`, `cand: [C · d]`; result `[Q · C]` row-major
/// - cost: `2 Q C d` FLOPs; determinism: fixed order of summation
///
/// # Errors
/// [`SymileError::Dimension`] when a slice is no multiple of `dim`.
///
/// ```
/// use suffit_methods::symile::score::mip_scores;
/// assert_eq!(mip_scores(&[1.0, 2.0], &[3.0, 4.0, 0.0, 1.0], 2, 0.0)?, [11.0, 2.0]);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn mip_scores<T: Number>(q: &[T], cand: &[T], dim: usize, log_scale: f64) -> Result<Vec<T>> {
    whole("the query", q.len(), dim)?;
    whole("the candidates", cand.len(), dim)?;
    let tau = T::of(log_scale.exp());
    let mut scores = by_blocks(q, cand, dim)?;
    scores.iter_mut().for_each(|x| *x = *x * tau);
    Ok(scores)
}

/// Scores of the pairwise baseline: `τ [(Σ_m rᵐ) candᵀ + Σ_{k<l} ⟨rᵏ, rˡ⟩]`.
///
/// The second term is constant along a row; it is kept so that scores are comparable across rows.
///
/// - shapes: every query view `[Q · d]`, `cand: [C · d]`; result `[Q · C]`
/// - cost: `2 Q C d` FLOPs
///
/// # Errors
/// [`SymileError::Dimension`].
///
/// ```
/// use suffit_methods::symile::score::clip_scores;
/// // (1 + 2) · 5 + 1 · 2
/// assert_eq!(clip_scores(&[&[1.0][..], &[2.0]], &[5.0], 1, 0.0)?, [17.0]);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn clip_scores<T: Number>(reps: &[&[T]], cand: &[T], dim: usize, log_scale: f64) -> Result<Vec<T>> {
    let len = reps.first().map_or(0, |r| r.len());
    whole("the query", len, dim)?;
    let mut sum = vec![T::ZERO; len];
    let mut squares = vec![T::ZERO; len];
    for (m, rep) in reps.iter().enumerate() {
        same_length(&format!("query view {m}"), rep.len(), "query view 0", len)?;
        for ((s, p), &x) in sum.iter_mut().zip(&mut squares).zip(*rep) {
            // Σ_{k<l} r^k r^l, built up: every new factor meets the sum of the earlier ones.
            *p += *s * x;
            *s += x;
        }
    }
    let tau = T::of(log_scale.exp());
    let mut scores = by_blocks(&sum, cand, dim)?;
    let candidates = cand.len() / dim;
    for (row, pairs) in scores.chunks_mut(candidates.max(1)).zip(squares.chunks(dim)) {
        let among = pairs.iter().fold(T::ZERO, |a, &b| a + b);
        row.iter_mut().for_each(|x| *x = tau * (*x + among));
    }
    Ok(scores)
}

/// Scores with missing factors averaged over a bank:
/// `log mean_b exp(τ ⟨q_i ∘ bank_b, cand_c⟩)` (spec: Theory 5, exact at the optimum).
///
/// - shapes: `q: [Q · d]`, `bank: [K · d]` (products of the missing views' representations, one
///   row per bank entry), `cand: [C · d]`; result `[Q · C]`
/// - cost: `2 Q K C d` FLOPs and `Q K C` exponentials; memory `K C` numbers per thread
/// - determinism: each query is summed in bank order, whatever the number of threads
///
/// # Errors
/// [`SymileError::Dimension`]; an empty bank gives [`SymileError::TooFewRows`].
///
/// ```
/// use suffit_methods::symile::score::bank_scores;
/// // log((e^2 + e^6) / 2)
/// let s = bank_scores(&[2.0], &[1.0, 3.0], &[1.0], 1, 0.0)?[0];
/// assert!((s - ((2f64.exp() + 6f64.exp()) / 2.0).ln()).abs() < 1e-12);
/// # Ok::<(), suffit_core::Error>(())
/// ```
pub fn bank_scores<T: Number>(q: &[T], bank: &[T], cand: &[T], dim: usize, log_scale: f64) -> Result<Vec<T>> {
    whole("the query", q.len(), dim)?;
    whole("the bank", bank.len(), dim)?;
    whole("the candidates", cand.len(), dim)?;
    if bank.is_empty() {
        return Err(SymileError::TooFewRows { what: "a bank for missing views", need: 1, got: 0 }.into());
    }
    let tau = T::of(log_scale.exp());
    let entries = bank.len() / dim;
    let rows: Vec<Result<Vec<T>>> = q
        .par_chunks(dim)
        .map(|one| {
            let scaled: Vec<T> = bank.chunks(dim).flat_map(|b| b.iter().zip(one).map(|(&x, &y)| x * y * tau)).collect();
            Ok(column_log_mean_exp(&matmul_nt(&scaled, cand, dim)?, entries))
        })
        .collect();
    let mut scores = Vec::with_capacity((q.len() / dim) * (cand.len() / dim));
    for row in rows {
        scores.extend(row?);
    }
    Ok(scores)
}

/// Probabilities of the candidates of each query: `softmax(score + log prior)`, in f64.
///
/// - shapes: `scores: [Q · C]`, `log_prior: [C]` (uniform when absent); result `[Q · C]`
///
/// ```
/// use suffit_methods::symile::score::posterior;
/// let p = posterior(&[0.0, 3f64.ln()], 2, None);
/// assert!((p[1] - 0.75).abs() < 1e-12);
/// let p = posterior(&[0.0, 3f64.ln()], 2, Some(&[3f64.ln(), 0.0])); // the prior evens it out
/// assert!((p[1] - 0.5).abs() < 1e-12);
/// ```
pub fn posterior<T: Number>(scores: &[T], candidates: usize, log_prior: Option<&[f64]>) -> Vec<f64> {
    let mut out = Vec::with_capacity(scores.len());
    for row in scores.chunks(candidates.max(1)) {
        let logits: Vec<f64> = row.iter().enumerate().map(|(c, x)| x.f64() + log_prior.map_or(0.0, |p| p[c])).collect();
        let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logits.iter().map(|x| (x - top).exp()).collect();
        let sum: f64 = weights.iter().sum();
        out.extend(weights.iter().map(|w| w / sum));
    }
    out
}

/// Position of the largest entry; the first of equals.
pub fn argmax<T: PartialOrd + Copy>(row: &[T]) -> usize {
    let mut best = 0;
    for (i, x) in row.iter().enumerate() {
        if *x > row[best] {
            best = i;
        }
    }
    best
}

/// The `k` largest entries, largest first, the first of equals before the second.
pub fn top_k(row: &[f64], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..row.len()).collect();
    let k = k.min(row.len());
    let by = |a: &usize, b: &usize| row[*b].total_cmp(&row[*a]).then(a.cmp(b));
    if k < order.len() && k > 0 {
        order.select_nth_unstable_by(k - 1, by);
        order.truncate(k);
    }
    order.sort_by(by);
    order.truncate(k);
    order
}

/// How many candidates score above the true one, plus half of those that equal it: rank from 0,
/// so that a constant score cannot look like a hit.
pub fn rank_of<T: PartialOrd + Copy>(row: &[T], truth: usize) -> f64 {
    let (mut above, mut equal) = (0usize, 0usize);
    for (c, x) in row.iter().enumerate() {
        if *x > row[truth] {
            above += 1;
        } else if c != truth && *x == row[truth] {
            equal += 1;
        }
    }
    above as f64 + equal as f64 / 2.0
}

/// Query rows multiplied at a time.
const QUERY_BLOCK: usize = 64;

/// `a bᵀ` in blocks of [`QUERY_BLOCK`] rows, the last one filled up with zeros: the way a product is
/// summed depends on its size, and a row's score must not depend on how many rows come with it.
fn by_blocks<T: Number>(a: &[T], b: &[T], dim: usize) -> Result<Vec<T>> {
    let n = b.len() / dim;
    let mut out = Vec::with_capacity(a.len() / dim * n);
    for block in a.chunks(QUERY_BLOCK * dim) {
        let mut filled = block.to_vec();
        filled.resize(QUERY_BLOCK * dim, T::of(0.0));
        out.extend_from_slice(&matmul_nt(&filled, b, dim)?[..block.len() / dim * n]);
    }
    Ok(out)
}

/// `a bᵀ` for row-major `a: [m · dim]`, `b: [n · dim]`.
fn matmul_nt<T: Number>(a: &[T], b: &[T], dim: usize) -> Result<Vec<T>> {
    let (m, n) = (a.len() / dim, b.len() / dim);
    if m == 0 || n == 0 {
        return Ok(Vec::new());
    }
    let device = Device::flex();
    let options = |_: ()| (&device, <T as Element>::dtype());
    let a = Tensor::<2>::from_data(TensorData::new(a.to_vec(), [m, dim]), options(()));
    let b = Tensor::<2>::from_data(TensorData::new(b.to_vec(), [n, dim]), options(()));
    let data = a.matmul(b.transpose()).try_into_data().map_err(|e| CommonError::bug(format!("matrix product: {e}")))?;
    data.try_into_vec::<T>().map_err(|e| CommonError::bug(format!("matrix product: {e:?}")).into())
}

/// `log mean exp` down the columns of `[entries · C]`.
fn column_log_mean_exp<T: Number>(scores: &[T], entries: usize) -> Vec<T> {
    struct Columns<'a, T> {
        scores: &'a [T],
        width: usize,
    }
    impl<T: Number> WithSimd for Columns<'_, T> {
        type Output = Vec<T>;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Vec<T> {
            let mut top = self.scores[..self.width].to_vec();
            for row in self.scores.chunks_exact(self.width).skip(1) {
                for (t, &x) in top.iter_mut().zip(row) {
                    *t = if x > *t { x } else { *t };
                }
            }
            let mut sum = vec![T::ZERO; self.width];
            for row in self.scores.chunks_exact(self.width) {
                for ((s, &t), &x) in sum.iter_mut().zip(&top).zip(row) {
                    *s += (x - t).exp_wide();
                }
            }
            let rows = (self.scores.len() / self.width) as f64;
            sum.iter().zip(&top).map(|(s, t)| T::of(t.f64() + (s.f64() / rows).ln())).collect()
        }
    }
    let width = scores.len() / entries;
    if width == 0 {
        return Vec::new();
    }
    Arch::new().dispatch(Columns { scores, width })
}

fn whole(what: &str, len: usize, dim: usize) -> Result<()> {
    if dim > 0 && len.is_multiple_of(dim) {
        return Ok(());
    }
    Err(SymileError::Dimension {
        left: what.to_owned(),
        left_len: len,
        right: "a row of the representation".into(),
        right_len: dim,
    }
    .into())
}

fn same_length(left: &str, left_len: usize, right: &str, right_len: usize) -> Result<()> {
    if left_len == right_len {
        return Ok(());
    }
    Err(SymileError::Dimension { left: left.to_owned(), left_len, right: right.to_owned(), right_len }.into())
}

/// The precision of `T` as Burn names it.
pub fn dtype_of<T: Number>() -> DType {
    <T as Element>::dtype()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn bank_of_one_row_is_the_plain_score() {
        let (q, b, c) = ([0.5f64, -1.0, 2.0, 0.25], [2.0, 4.0], [1.0, 3.0, -1.0, 0.5]);
        let full = product(&[&q, &[2.0, 4.0, 2.0, 4.0]], 4).unwrap();
        let (plain, bank) = (mip_scores(&full, &c, 2, 0.3).unwrap(), bank_scores(&q, &b, &c, 2, 0.3).unwrap());
        assert!(plain.iter().zip(&bank).all(|(x, y)| (x - y).abs() < 1e-12), "{plain:?} {bank:?}");
    }

    #[test]
    fn rank_counts_ties_by_half_and_top_k_is_stable() {
        assert_eq!(rank_of(&[1.0, 1.0, 1.0], 1), 1.0);
        assert_eq!(rank_of(&[3.0, 1.0, 2.0], 2), 1.0);
        assert_eq!(top_k(&[1.0, 5.0, 5.0, 2.0], 3), [1, 2, 3]);
        assert_eq!(top_k(&[1.0], 4), [0]);
        assert_eq!(argmax(&[2.0, 2.0, 1.0]), 0);
    }

    #[test]
    fn lengths_that_differ_name_both_sides() {
        let e = product(&[&[1.0f32, 2.0][..], &[1.0]], 2).unwrap_err();
        assert_eq!(e.to_string(), "factor 1 has length 1 but the query has length 2");
        assert!(mip_scores(&[1.0f32; 3], &[1.0; 4], 2, 0.0).is_err());
    }
}
