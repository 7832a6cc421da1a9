//! The target as regressions see it, and the loss of a prediction.

use super::evidence::LossKind;
use crate::{
    StatsError, Stream,
    linalg::Matrix,
    probe::{Task, softmax},
    response::{Metric, Response, Space},
};

/// Landmarks of a target that has distances only.
const LANDMARKS: usize = 24;

/// A response prepared for probes.
pub(crate) struct Target {
    pub kind: LossKind,
    pub task: Task,
    /// What probes predict, `[n, m]`: coordinates, one-hot labels, or kernels with landmarks.
    pub values: Matrix,
    pub space: Space,
    /// Square roots of the weights of quantiles.
    roots: Vec<f64>,
}

impl Target {
    pub(crate) fn new(y: &Response, metric: Metric, seed: u64) -> Result<Self, StatsError> {
        let space = y.space(metric)?;
        let mut roots = Vec::new();
        let kind = match y {
            Response::Real { .. } | Response::Ordinal { .. } => LossKind::Squared,
            Response::Label { .. } => LossKind::Bits,
            Response::Distribution { levels, .. } => {
                roots = crate::response::level_weights(levels).iter().map(|w| w.sqrt()).collect();
                LossKind::Wasserstein
            }
            Response::Spd { .. } if metric == Metric::LogEuclidean => LossKind::LogEuclidean,
            Response::Sphere { .. } => LossKind::Cosine,
            _ => LossKind::Coordinates,
        };
        let task = if kind == LossKind::Bits { Task::Classes } else { Task::Squares };
        match space.coordinates() {
            Some(values) => Ok(Self { kind, task, values, space, roots }),
            None => {
                let values = landmarks(&space, seed);
                Ok(Self { kind: LossKind::Energy, task, values, space, roots })
            }
        }
    }

    /// The loss of every predicted row against the rows of the target, `[n']`.
    pub(crate) fn losses(&self, predicted: &Matrix, rows: &[usize]) -> Vec<f64> {
        let p = if self.task == Task::Classes { softmax(predicted) } else { predicted.clone() };
        rows.iter().enumerate().map(|(i, &row)| self.loss(p.row(i), self.values.row(row))).collect()
    }

    fn loss(&self, p: &[f64], y: &[f64]) -> f64 {
        match self.kind {
            LossKind::Bits => -p.iter().zip(y).map(|(p, y)| y * p.max(1e-12).log2()).sum::<f64>(),
            LossKind::Cosine => {
                let norm = p.iter().map(|v| v * v).sum::<f64>().sqrt();
                let inner: f64 = p.iter().zip(y).map(|(a, b)| a * b).sum();
                1.0 - if norm > 1e-12 { inner / norm } else { 0.0 }
            }
            LossKind::Wasserstein => square(&monotone(p, &self.roots), y),
            _ => square(p, y),
        }
    }

    /// The prediction without any input, fitted on `train`: the mean, or the log-shares.
    pub(crate) fn constant(&self, train: &[usize], rows: usize) -> Matrix {
        let mean = self.values.select(train).column_means();
        let (n, k) = (train.len() as f64, mean.len() as f64);
        let value = |j: usize| match self.task {
            Task::Squares => mean[j],
            Task::Classes => ((mean[j] * n + 0.5) / (n + 0.5 * k)).ln(),
        };
        Matrix::from_fn(rows, mean.len(), |_, j| value(j))
    }
}

fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The closest increasing quantiles: pooled adjacent violators, weights `roots^2`.
///
/// `p` are quantiles times `roots`, and so is the result.
fn monotone(p: &[f64], roots: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(p.len());
    for (v, r) in p.iter().zip(roots) {
        let mut block = (v / r, r * r, 1);
        while let Some(last) = blocks.last()
            && last.0 > block.0
        {
            let weight = last.1 + block.1;
            block = ((last.0 * last.1 + block.0 * block.1) / weight, weight, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let flat = blocks.iter().flat_map(|b| std::iter::repeat_n(b.0, b.2));
    flat.zip(roots).map(|(v, r)| v * r).collect()
}

/// `exp(-d^2 / (2 median^2))` to random landmark rows: coordinates of objects that have none.
fn landmarks(space: &Space, seed: u64) -> Matrix {
    let n = space.rows();
    let mut rows: Vec<usize> = (0..n).collect();
    Stream::new(seed, 0x6c6d).shuffle(&mut rows);
    rows.truncate(LANDMARKS);
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
    for centre in rows {
        let mut d = vec![0.0; n];
        space.row(centre, &mut d);
        let mut sorted = d.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[n / 2].max(1e-12);
        columns.push(d.iter().map(|v| (-v * v / (2.0 * median * median)).exp()).collect());
    }
    Matrix::from_fn(n, columns.len(), |i, j| columns[j][i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooled_quantiles_are_increasing_and_keep_the_weighted_mean() {
        let roots = [1.0, 2.0, 1.0];
        let out = monotone(&[3.0, 2.0 * 1.0, 4.0], &roots);
        let q: Vec<f64> = out.iter().zip(&roots).map(|(v, r)| v / r).collect();
        // (3 * 1 + 1 * 4)/5
        assert!((q[0] - 1.4).abs() < 1e-12 && (q[1] - 1.4).abs() < 1e-12 && (q[2] - 4.0).abs() < 1e-12);
    }
}
