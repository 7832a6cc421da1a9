//! Loss and gradient of the probe.

use rayon::prelude::*;

use super::kernel;

/// Rows per partial sum: fixed, so that sums do not depend on the number of threads. A multiple
/// of four, because the gradient takes four rows at a time.
const CHUNK: usize = 128;

/// The training problem on standardised features.
pub(super) struct Objective<'a> {
    /// `[N, D]`.
    pub x: &'a [f64],
    /// `[N]`.
    pub y: &'a [usize],
    pub columns: usize,
    pub classes: usize,
    pub penalty: f64,
}

impl Objective<'_> {
    /// Value at `parameters` (`[K, D]` weights, then `[K]` biases); the gradient goes to `out`.
    pub(super) fn evaluate(&self, parameters: &[f64], out: &mut [f64]) -> f64 {
        let (weights, bias) = parameters.split_at(self.classes * self.columns);
        let parts: Vec<(f64, Vec<f64>)> = self
            .x
            .par_chunks(CHUNK * self.columns)
            .zip(self.y.par_chunks(CHUNK))
            .map(|(x, y)| pulp::Arch::new().dispatch(|| chunk_terms(x, y, self.columns, weights, bias)))
            .collect();
        out.fill(0.0);
        let mut loss = 0.0;
        for (value, gradient) in &parts {
            loss += value;
            out.iter_mut().zip(gradient).for_each(|(o, g)| *o += g);
        }
        let n = self.y.len() as f64;
        out.iter_mut().for_each(|o| *o /= n);
        out.iter_mut().zip(weights).for_each(|(o, w)| *o += self.penalty * w);
        loss / n + 0.5 * self.penalty * kernel::dot(weights, weights)
    }
}

/// `w_k . x_i + b_k`, `[N, K]`.
pub(super) fn logits(x: &[f64], columns: usize, weights: &[f64], bias: &[f64]) -> Vec<f64> {
    x.par_chunks(CHUNK * columns)
        .map(|block| pulp::Arch::new().dispatch(|| chunk_logits(block, columns, weights, bias)))
        .collect::<Vec<_>>()
        .concat()
}

#[inline(always)]
fn chunk_logits(x: &[f64], columns: usize, weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let classes = bias.len();
    let mut z = Vec::with_capacity(x.len() / columns * classes);
    let class = |k: usize| &weights[k * columns..(k + 1) * columns];
    for row in x.chunks_exact(columns) {
        let mut k = 0;
        while k + 4 <= classes {
            let four = kernel::dot4(row, [class(k), class(k + 1), class(k + 2), class(k + 3)]);
            z.extend(four.iter().zip(&bias[k..]).map(|(d, b)| d + b));
            k += 4;
        }
        z.extend((k..classes).map(|k| kernel::dot(row, class(k)) + bias[k]));
    }
    z
}

/// Sums over one chunk: loss, and the gradient of weights and biases.
#[inline(always)]
fn chunk_terms(x: &[f64], y: &[usize], columns: usize, weights: &[f64], bias: &[f64]) -> (f64, Vec<f64>) {
    let classes = bias.len();
    let mut z = chunk_logits(x, columns, weights, bias);
    let mut gradient = vec![0.0; classes * (columns + 1)];
    let (by_weight, by_bias) = gradient.split_at_mut(classes * columns);
    let mut loss = 0.0;
    for (row, &t) in z.chunks_exact_mut(classes).zip(y) {
        let top = row.iter().copied().fold(f64::MIN, f64::max);
        let own = row[t] - top;
        let mut mass = 0.0;
        for v in row.iter_mut() {
            *v = (*v - top).exp();
            mass += *v;
        }
        loss += mass.ln() - own;
        row.iter_mut().for_each(|v| *v /= mass);
        row[t] -= 1.0; // the residual p - 1{y}
        by_bias.iter_mut().zip(row.iter()).for_each(|(g, r)| *g += r);
    }
    let row = |i: usize| &x[i * columns..(i + 1) * columns];
    // Four rows stay in the nearest cache while every class takes them.
    let whole = y.len() / 4 * 4;
    for i in (0..whole).step_by(4) {
        let rows = [row(i), row(i + 1), row(i + 2), row(i + 3)];
        for (k, g) in by_weight.chunks_exact_mut(columns).enumerate() {
            kernel::add4(g, [0, 1, 2, 3].map(|j| z[(i + j) * classes + k]), rows);
        }
    }
    for i in whole..y.len() {
        for (k, g) in by_weight.chunks_exact_mut(columns).enumerate() {
            let r = z[i * classes + k];
            g.iter_mut().zip(row(i)).for_each(|(g, v)| *g += r * v);
        }
    }
    (loss, gradient)
}
