//! Columns on a common scale: standardised, or normal scores of their ranks.

use crate::{linalg::Matrix, normal};

/// A map of columns fitted on rows and applied to others.
#[derive(Debug, Clone)]
pub(crate) struct Scaler {
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
enum Column {
    /// `(v - mean) / sd`; 0 where the column is constant.
    Standard { mean: f64, scale: f64 },
    /// Linear interpolation between (value, score) knots.
    Scores { knots: Vec<(f64, f64)> },
}

/// Knots of a score map: enough for a smooth map, few enough for long columns.
const KNOTS: usize = 256;

impl Scaler {
    /// Mean 0 and standard deviation 1.
    pub(crate) fn standard(x: &Matrix) -> Self {
        Self { columns: (0..x.cols).map(|j| standard(&x.column(j))).collect() }
    }

    /// Normal scores: rank `r` (ties averaged) of n becomes the normal quantile of `(r + 1/2)/n`.
    ///
    /// Two-valued and constant columns are standardised: they have no shape to undo.
    pub(crate) fn scores(x: &Matrix) -> Self {
        Self { columns: (0..x.cols).map(|j| scores(x.column(j))).collect() }
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn apply(&self, x: &Matrix) -> Matrix {
        let mut out = x.clone();
        let cols = self.columns.len().max(1);
        for row in out.values.chunks_exact_mut(cols) {
            row.iter_mut().zip(&self.columns).for_each(|(v, c)| *v = c.map(*v));
        }
        out
    }
}

impl Column {
    fn map(&self, v: f64) -> f64 {
        match self {
            Self::Standard { mean, scale } => ((v - mean) * scale).clamp(-8.0, 8.0),
            Self::Scores { knots } => {
                let above = knots.partition_point(|k| k.0 < v);
                let (Some(first), Some(last)) = (knots.first(), knots.last()) else { return 0.0 };
                if above == 0 {
                    return first.1;
                }
                let Some(right) = knots.get(above) else { return last.1 };
                let left = knots[above - 1];
                left.1 + (right.1 - left.1) * (v - left.0) / (right.0 - left.0)
            }
        }
    }
}

fn standard(values: &[f64]) -> Column {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let constant = variance <= 1e-20 * mean * mean || variance < 1e-300;
    Column::Standard { mean, scale: if constant { 0.0 } else { 1.0 / variance.sqrt() } }
}

fn scores(mut values: Vec<f64>) -> Column {
    let raw = standard(&values);
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let mut knots: Vec<(f64, f64)> = Vec::new();
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        while end < n && values[end] == values[start] {
            end += 1;
        }
        let level = (start + end) as f64 / (2 * n) as f64;
        knots.push((values[start], normal::quantile_unchecked(level)));
        start = end;
    }
    if knots.len() <= 2 {
        return raw;
    }
    if knots.len() > KNOTS {
        let last = knots.len() - 1;
        knots = (0..KNOTS).map(|k| knots[k * last / (KNOTS - 1)]).collect();
    }
    Column::Scores { knots }
}
