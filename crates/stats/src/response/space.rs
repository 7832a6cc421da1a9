//! A response with its metric, prepared for many distances.

use rayon::prelude::*;

use super::{Metric, Response, spd, text::levenshtein};
use crate::{StatsError, linalg::Matrix};

/// Objects prepared for one metric; answers single distances, rows, or the whole matrix.
///
/// ```
/// use suffit_stats::response::{Metric, Response};
/// let space = Response::label(vec![0, 1, 1], 2)?.space(Metric::ZeroOne)?;
/// assert_eq!((space.distance(0, 1), space.distance(1, 2)), (1.0, 0.0));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Space {
    form: Form,
    rows: usize,
}

#[derive(Debug, Clone)]
enum Form {
    /// Distance = Euclidean distance of these rows.
    Points(Matrix),
    Codes {
        codes: Vec<usize>,
        classes: usize,
    },
    /// Distance = factor * arccos of the inner product.
    Angle {
        rows: Matrix,
        factor: f64,
    },
    Affine(Vec<Matrix>),
    Text(Vec<String>),
    Given(Matrix),
}

impl Space {
    pub(super) fn new(response: &Response, metric: Metric) -> Result<Self, StatsError> {
        let form = form(response, metric)?;
        Ok(Self { form, rows: response.rows() })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Distance from row `i` to row `j`.
    ///
    /// - cost: `O(dim)`; `O(q^3)` for the affine-invariant metric, `O(|a||b|)` for strings
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        match &self.form {
            Form::Points(p) => euclid(p.row(i), p.row(j)),
            Form::Codes { codes, .. } => f64::from(u8::from(codes[i] != codes[j])),
            Form::Angle { rows, factor } if i != j => factor * angle(rows.row(i), rows.row(j)),
            Form::Angle { .. } => 0.0,
            // The eigenproblem has been checked to have positive definite arguments.
            Form::Affine(m) if i != j => spd::affine_invariant(&m[i.min(j)], &m[i.max(j)]).unwrap_or(f64::NAN),
            Form::Affine(_) => 0.0,
            Form::Text(t) => levenshtein(&t[i], &t[j]) as f64,
            Form::Given(d) => d.at(i, j),
        }
    }

    /// Distances from row `i` to all rows, into `out` (`[n]`).
    pub fn row(&self, i: usize, out: &mut [f64]) {
        out.iter_mut().enumerate().for_each(|(j, d)| *d = self.distance(i, j));
    }

    /// All distances, `[n, n]`.
    pub fn matrix(&self) -> Matrix {
        if let Form::Given(d) = &self.form {
            return d.clone();
        }
        let n = self.rows;
        let mut out = Matrix::zeros(n, n);
        out.values.par_chunks_mut(n.max(1)).enumerate().for_each(|(i, row)| self.row(i, row));
        out
    }

    /// Coordinates for regressions: see [`super::coordinates`].
    pub fn coordinates(&self) -> Option<Matrix> {
        match &self.form {
            Form::Points(p) | Form::Angle { rows: p, .. } => Some(p.clone()),
            Form::Codes { codes, classes } => {
                Some(Matrix::from_fn(codes.len(), *classes, |i, j| f64::from(u8::from(codes[i] == j))))
            }
            Form::Affine(_) | Form::Text(_) | Form::Given(_) => None,
        }
    }

    /// Whether the metric is the Euclidean distance of [`Self::coordinates`].
    pub fn is_euclidean(&self) -> bool {
        matches!(self.form, Form::Points(_))
    }
}

fn euclid(a: &[f64], b: &[f64]) -> f64 {
    if let ([x], [y]) = (a, b) {
        return (x - y).abs();
    }
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

/// The angle of two unit vectors, exact for near and opposite ones: `2 atan2(|a - b|, |a + b|)`.
fn angle(a: &[f64], b: &[f64]) -> f64 {
    let (mut minus, mut plus) = (0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        minus += (x - y) * (x - y);
        plus += (x + y) * (x + y);
    }
    2.0 * minus.sqrt().atan2(plus.sqrt())
}

fn form(response: &Response, metric: Metric) -> Result<Form, StatsError> {
    let points = |rows: usize, cols: usize, values: Vec<f64>| Form::Points(Matrix { rows, cols, values });
    Ok(match (response, metric) {
        (Response::Real { values, n, dim }, Metric::Euclidean) => points(*n, *dim, values.clone()),
        (Response::Real { values, n, dim }, Metric::Standardised) => points(*n, *dim, standardise(values, *n, *dim)),
        (Response::Label { codes, classes }, Metric::ZeroOne) => {
            Form::Codes { codes: codes.clone(), classes: *classes }
        }
        (Response::Ordinal { levels }, Metric::Absolute) => points(levels.len(), 1, levels.clone()),
        (Response::Distribution { quantiles, n, levels }, Metric::Wasserstein2) => {
            let w: Vec<f64> = super::convert::level_weights(levels).into_iter().map(f64::sqrt).collect();
            let scaled = quantiles.chunks_exact(w.len()).flat_map(|q| q.iter().zip(&w).map(|(q, w)| q * w));
            points(*n, w.len(), scaled.collect())
        }
        (Response::Spd { values, n, q }, _) => spd_form(&matrices(values, *n, *q), *q, metric, response)?,
        (Response::Sphere { values, n, dim }, Metric::GreatCircle) => {
            Form::Angle { rows: Matrix { rows: *n, cols: *dim, values: values.clone() }, factor: 1.0 }
        }
        (Response::Composition { values, n, parts }, Metric::FisherRao) => {
            let roots = values.iter().map(|v| v.sqrt()).collect();
            Form::Angle { rows: Matrix { rows: *n, cols: *parts, values: roots }, factor: 2.0 }
        }
        (Response::Composition { values, n, parts }, Metric::Aitchison) => {
            points(*n, *parts, centred_log_ratios(values, *parts)?)
        }
        (Response::Graph { laplacians, n, nodes }, Metric::Laplacian | Metric::Frobenius) => {
            let rows: Vec<f64> = matrices(laplacians, *n, *nodes).iter().flat_map(spd::half_vector).collect();
            points(*n, nodes * (nodes + 1) / 2, rows)
        }
        (Response::Strings { values }, Metric::Levenshtein) => Form::Text(values.clone()),
        (Response::Distance { values, n }, Metric::Given) => {
            Form::Given(Matrix { rows: *n, cols: *n, values: values.clone() })
        }
        _ => return Err(StatsError::Metric { metric: metric.name(), kind: response.kind() }),
    })
}

fn matrices(values: &[f64], n: usize, q: usize) -> Vec<Matrix> {
    (0..n).map(|i| Matrix { rows: q, cols: q, values: values[i * q * q..(i + 1) * q * q].to_vec() }).collect()
}

fn spd_form(all: &[Matrix], q: usize, metric: Metric, response: &Response) -> Result<Form, StatsError> {
    let rows: Vec<Vec<f64>> = match metric {
        Metric::LogEuclidean => {
            all.iter().map(|m| spd::log(m).map(|l| spd::half_vector(&l))).collect::<Result<_, _>>()?
        }
        Metric::Frobenius => all.iter().map(spd::half_vector).collect(),
        Metric::LogCholesky => all.iter().map(spd::log_cholesky).collect::<Result<_, _>>()?,
        Metric::AffineInvariant => return Ok(Form::Affine(all.to_vec())),
        _ => return Err(StatsError::Metric { metric: metric.name(), kind: response.kind() }),
    };
    Ok(Form::Points(Matrix { rows: all.len(), cols: q * (q + 1) / 2, values: rows.concat() }))
}

/// Columns to mean 0 and (sample) standard deviation 1; constant columns to 0.
fn standardise(values: &[f64], n: usize, dim: usize) -> Vec<f64> {
    let mut m = Matrix { rows: n, cols: dim, values: values.to_vec() };
    let means = m.column_means();
    m.subtract_row(&means);
    for (j, mean) in means.iter().enumerate() {
        let square: f64 = (0..n).map(|i| m.at(i, j) * m.at(i, j)).sum();
        let sd = (square / (n.max(2) - 1) as f64).sqrt();
        // Below this the column is constant up to the rounding of its mean.
        let scale = if sd > 1e-14 * mean.abs() { 1.0 / sd } else { 0.0 };
        (0..n).for_each(|i| m.values[i * dim + j] *= scale);
    }
    m.values
}

fn centred_log_ratios(values: &[f64], parts: usize) -> Result<Vec<f64>, StatsError> {
    let mut out = Vec::with_capacity(values.len());
    for (row, v) in values.chunks_exact(parts).enumerate() {
        if let Some(column) = v.iter().position(|x| *x <= 0.0) {
            let range = "above 0 under the Aitchison distance";
            return Err(StatsError::Cell { name: "values", row, column, value: v[column], range });
        }
        let mean = v.iter().map(|x| x.ln()).sum::<f64>() / parts as f64;
        out.extend(v.iter().map(|x| x.ln() - mean));
    }
    Ok(out)
}
