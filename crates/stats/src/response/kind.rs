//! The kinds of responses and the checks that each passes before it exists.

use super::{Metric, Space};
use crate::{
    StatsError, check,
    linalg::{Matrix, symmetric_eigen},
};

/// One object a row, of one kind. Build it with the constructors: they name the bad row or cell.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Response {
    /// Numbers or vectors.
    Real {
        /// `[n, dim]` row-major.
        values: Vec<f64>,
        /// Rows.
        n: usize,
        /// Columns.
        dim: usize,
    },
    /// Unordered classes.
    Label {
        /// Class of each row, below `classes`.
        codes: Vec<usize>,
        /// Number of classes.
        classes: usize,
    },
    /// Ordered levels on a line.
    Ordinal {
        /// Level of each row.
        levels: Vec<f64>,
    },
    /// Distributions on the line as quantile functions on common levels.
    Distribution {
        /// `[n, levels]` row-major, non-decreasing in every row.
        quantiles: Vec<f64>,
        /// Rows.
        n: usize,
        /// Levels in `[0, 1]`, strictly increasing.
        levels: Vec<f64>,
    },
    /// Symmetric positive definite matrices.
    Spd {
        /// `[n, q, q]` row-major.
        values: Vec<f64>,
        /// Rows.
        n: usize,
        /// Order of each matrix.
        q: usize,
    },
    /// Points on the unit sphere.
    Sphere {
        /// `[n, dim]` row-major, each row of norm 1.
        values: Vec<f64>,
        /// Rows.
        n: usize,
        /// Coordinates.
        dim: usize,
    },
    /// Shares that sum to 1.
    Composition {
        /// `[n, parts]` row-major, each row closed to sum 1.
        values: Vec<f64>,
        /// Rows.
        n: usize,
        /// Parts.
        parts: usize,
    },
    /// Graphs on common nodes.
    Graph {
        /// `[n, nodes, nodes]` Laplacians.
        laplacians: Vec<f64>,
        /// Rows.
        n: usize,
        /// Nodes.
        nodes: usize,
    },
    /// Strings.
    Strings {
        /// One a row.
        values: Vec<String>,
    },
    /// Only a dissimilarity is known.
    Distance {
        /// `[n, n]`, row i = distances from row i.
        values: Vec<f64>,
        /// Rows.
        n: usize,
    },
}

fn rows_of(name: &'static str, values: &[f64], columns: usize) -> Result<usize, StatsError> {
    check::positive("columns", columns)?;
    let n = values.len() / columns;
    check::table(name, values.len(), n, columns)?;
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        let (row, column) = (i / columns, i % columns);
        return Err(StatsError::Cell { name, row, column, value: values[i], range: "finite" });
    }
    Ok(n)
}

impl Response {
    /// Numbers (`dim` 1) or vectors.
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::Cell`] (not finite).
    pub fn real(values: Vec<f64>, dim: usize) -> Result<Self, StatsError> {
        let n = rows_of("values", &values, dim)?;
        Ok(Self::Real { values, n, dim })
    }

    /// Classes numbered from 0.
    ///
    /// # Errors
    /// [`StatsError::Class`].
    pub fn label(codes: Vec<usize>, classes: usize) -> Result<Self, StatsError> {
        check::labels("codes", &codes, classes)?;
        Ok(Self::Label { codes, classes })
    }

    /// Ordered levels.
    ///
    /// # Errors
    /// [`StatsError::NotFinite`].
    pub fn ordinal(levels: Vec<f64>) -> Result<Self, StatsError> {
        check::finite("levels", &levels)?;
        Ok(Self::Ordinal { levels })
    }

    /// Quantile functions on common `levels`.
    ///
    /// # Errors
    /// [`StatsError::Setting`] (levels not increasing in `[0, 1]`), [`StatsError::Shape`],
    /// [`StatsError::Cell`] (not finite, or below its left neighbour by more than rounding).
    pub fn distribution(quantiles: Vec<f64>, levels: Vec<f64>) -> Result<Self, StatsError> {
        super::convert::check_levels(&levels)?;
        let m = levels.len();
        let n = rows_of("quantiles", &quantiles, m)?;
        for (row, q) in quantiles.chunks_exact(m).enumerate() {
            let slack = 1e-9 * q.iter().fold(0.0f64, |a, v| a.max(v.abs()));
            if let Some(j) = q.windows(2).position(|w| w[1] < w[0] - slack) {
                let range = "at least the quantile on its left";
                return Err(StatsError::Cell { name: "quantiles", row, column: j + 1, value: q[j + 1], range });
            }
        }
        Ok(Self::Distribution { quantiles, n, levels })
    }

    /// Symmetric positive definite `q x q` matrices, row-major one after another.
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::Cell`] (not finite), [`StatsError::Row`] (not symmetric,
    /// or an eigenvalue that is not positive: its value is named).
    pub fn spd(mut values: Vec<f64>, q: usize) -> Result<Self, StatsError> {
        let n = rows_of("values", &values, q * q)?;
        for (row, m) in values.chunks_exact_mut(q * q).enumerate() {
            symmetrise("values", row, m, q)?;
            let e = symmetric_eigen(&Matrix { rows: q, cols: q, values: m.to_vec() })?.values;
            let (top, low) = (e[0], e[q - 1]);
            if low <= 1e-14 * top.max(0.0) {
                let what = "is not positive definite: its smallest eigenvalue is not above 0";
                return Err(StatsError::Row { name: "values", row, value: low, what });
            }
        }
        Ok(Self::Spd { values, n, q })
    }

    /// Positive definite matrices from flattened lower triangles, `(0,0), (1,0), (1,1), (2,0), ...`.
    ///
    /// # Errors
    /// As [`Self::spd`].
    pub fn spd_lower(values: &[f64], q: usize) -> Result<Self, StatsError> {
        let half = q * (q + 1) / 2;
        let n = rows_of("values", values, half)?;
        let mut full = vec![0.0; n * q * q];
        for (m, v) in full.chunks_exact_mut((q * q).max(1)).zip(values.chunks_exact(half)) {
            for i in 0..q {
                for j in 0..=i {
                    m[i * q + j] = v[i * (i + 1) / 2 + j];
                    m[j * q + i] = v[i * (i + 1) / 2 + j];
                }
            }
        }
        Self::spd(full, q)
    }

    /// Directions: rows of norm 1 within `1e-3`, then set to norm 1 exactly.
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::Cell`], [`StatsError::Row`] (the norm is named).
    pub fn sphere(mut values: Vec<f64>, dim: usize) -> Result<Self, StatsError> {
        let n = rows_of("values", &values, dim)?;
        for (row, v) in values.chunks_exact_mut(dim).enumerate() {
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            if (norm - 1.0).abs() > 1e-3 {
                let what = "is not a direction: its norm must be 1 within 0.001";
                return Err(StatsError::Row { name: "values", row, value: norm, what });
            }
            v.iter_mut().for_each(|x| *x /= norm);
        }
        Ok(Self::Sphere { values, n, dim })
    }

    /// Compositions: non-negative rows, closed to sum 1.
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::Cell`] (negative or not finite), [`StatsError::Row`]
    /// (all parts 0).
    pub fn composition(mut values: Vec<f64>, parts: usize) -> Result<Self, StatsError> {
        let n = rows_of("values", &values, parts)?;
        for (row, v) in values.chunks_exact_mut(parts).enumerate() {
            if let Some(column) = v.iter().position(|x| *x < 0.0) {
                return Err(StatsError::Cell { name: "values", row, column, value: v[column], range: "0 or more" });
            }
            let sum: f64 = v.iter().sum();
            if sum <= 0.0 {
                return Err(StatsError::Row { name: "values", row, value: sum, what: "has no part above 0" });
            }
            v.iter_mut().for_each(|x| *x /= sum);
        }
        Ok(Self::Composition { values, n, parts })
    }

    /// Graphs from weighted adjacency matrices on common nodes (the diagonal is ignored).
    ///
    /// # Errors
    /// [`StatsError::Shape`], [`StatsError::Cell`] (negative weight), [`StatsError::Row`] (asymmetric).
    pub fn graph(mut adjacency: Vec<f64>, nodes: usize) -> Result<Self, StatsError> {
        let n = rows_of("adjacency", &adjacency, nodes * nodes)?;
        for (row, m) in adjacency.chunks_exact_mut(nodes * nodes).enumerate() {
            (0..nodes).for_each(|i| m[i * nodes + i] = 0.0);
            if let Some(column) = m.iter().position(|w| *w < 0.0) {
                let range = "a weight of 0 or more";
                return Err(StatsError::Cell { name: "adjacency", row, column, value: m[column], range });
            }
            symmetrise("adjacency", row, m, nodes)?;
            for i in 0..nodes {
                let degree: f64 = m[i * nodes..(i + 1) * nodes].iter().sum();
                m[i * nodes..(i + 1) * nodes].iter_mut().for_each(|w| *w = -*w);
                m[i * nodes + i] = degree;
            }
        }
        Ok(Self::Graph { laplacians: adjacency, n, nodes })
    }

    /// Strings.
    pub fn strings(values: Vec<String>) -> Self {
        Self::Strings { values }
    }

    /// A dissimilarity matrix.
    ///
    /// # Errors
    /// [`StatsError::Shape`] (not square); [`StatsError::Cell`] (NaN, infinite, negative, or a
    /// diagonal that is not 0); [`StatsError::Asymmetric`] unless `allow_asymmetric` (differences
    /// within `1e-9` of the largest distance are rounding).
    pub fn distance(values: Vec<f64>, n: usize, allow_asymmetric: bool) -> Result<Self, StatsError> {
        check::table("distances", values.len(), n, n)?;
        let name = "distances";
        for (i, &value) in values.iter().enumerate() {
            let (row, column) = (i / n, i % n);
            if !value.is_finite() || value < 0.0 {
                return Err(StatsError::Cell { name, row, column, value, range: "finite and 0 or more" });
            }
            if row == column && value != 0.0 {
                return Err(StatsError::Cell { name, row, column, value, range: "0 on the diagonal" });
            }
        }
        let slack = 1e-9 * values.iter().fold(0.0f64, |a, v| a.max(*v));
        for row in 0..n {
            for column in row + 1..n {
                let (upper, lower) = (values[row * n + column], values[column * n + row]);
                if !allow_asymmetric && (upper - lower).abs() > slack {
                    return Err(StatsError::Asymmetric { name, row, column, upper, lower });
                }
            }
        }
        Ok(Self::Distance { values, n })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Real { n, .. }
            | Self::Distribution { n, .. }
            | Self::Spd { n, .. }
            | Self::Sphere { n, .. }
            | Self::Composition { n, .. }
            | Self::Graph { n, .. }
            | Self::Distance { n, .. } => *n,
            Self::Label { codes, .. } => codes.len(),
            Self::Ordinal { levels } => levels.len(),
            Self::Strings { values } => values.len(),
        }
    }

    /// Its kind in settings and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Real { .. } => "real",
            Self::Label { .. } => "label",
            Self::Ordinal { .. } => "ordinal",
            Self::Distribution { .. } => "distribution",
            Self::Spd { .. } => "spd",
            Self::Sphere { .. } => "sphere",
            Self::Composition { .. } => "composition",
            Self::Graph { .. } => "graph",
            Self::Strings { .. } => "string",
            Self::Distance { .. } => "distance",
        }
    }

    /// The rows at `rows`, in that order; an index may repeat.
    ///
    /// # Errors
    /// [`StatsError::Element`] (an index beyond the last row).
    pub fn subset(&self, rows: &[usize]) -> Result<Self, StatsError> {
        let all = self.rows();
        if let Some(index) = rows.iter().position(|&r| r >= all) {
            let value = rows[index] as f64;
            return Err(StatsError::Element { name: "rows", index, value, range: "below the number of rows" });
        }
        let n = rows.len();
        let pick = |values: &[f64], width: usize| -> Vec<f64> {
            rows.iter().flat_map(|&r| values[r * width..(r + 1) * width].iter().copied()).collect()
        };
        Ok(match self {
            Self::Real { values, dim, .. } => Self::Real { values: pick(values, *dim), n, dim: *dim },
            Self::Label { codes, classes } => {
                Self::Label { codes: rows.iter().map(|&r| codes[r]).collect(), classes: *classes }
            }
            Self::Ordinal { levels } => Self::Ordinal { levels: pick(levels, 1) },
            Self::Distribution { quantiles, levels, .. } => {
                Self::Distribution { quantiles: pick(quantiles, levels.len()), n, levels: levels.clone() }
            }
            Self::Spd { values, q, .. } => Self::Spd { values: pick(values, q * q), n, q: *q },
            Self::Sphere { values, dim, .. } => Self::Sphere { values: pick(values, *dim), n, dim: *dim },
            Self::Composition { values, parts, .. } => {
                Self::Composition { values: pick(values, *parts), n, parts: *parts }
            }
            Self::Graph { laplacians, nodes, .. } => {
                Self::Graph { laplacians: pick(laplacians, nodes * nodes), n, nodes: *nodes }
            }
            Self::Strings { values } => Self::Strings { values: rows.iter().map(|&r| values[r].clone()).collect() },
            Self::Distance { values, n: width } => {
                let cell = |&r: &usize| rows.iter().map(move |&c| values[r * width + c]);
                Self::Distance { values: rows.iter().flat_map(cell).collect(), n }
            }
        })
    }

    /// This response with `metric`, ready to answer distances.
    ///
    /// # Errors
    /// [`StatsError::Metric`] (not defined on this kind), [`StatsError::Cell`] (a zero part under
    /// Aitchison), [`StatsError::Decomposition`].
    pub fn space(&self, metric: Metric) -> Result<Space, StatsError> {
        Space::new(self, metric)
    }

    /// Whether all rows are the same object: every distance of the default metric is 0.
    ///
    /// # Errors
    /// As [`Self::space`].
    pub fn is_constant(&self) -> Result<bool, StatsError> {
        let space = self.space(Metric::default_for(self))?;
        Ok((1..self.rows()).all(|i| space.distance(0, i) == 0.0))
    }
}

/// Refuses a matrix that differs from its transpose by more than rounding, then averages both halves.
fn symmetrise(name: &'static str, row: usize, m: &mut [f64], q: usize) -> Result<(), StatsError> {
    let slack = 1e-8 * m.iter().fold(0.0f64, |a, v| a.max(v.abs()));
    for i in 0..q {
        for j in 0..i {
            let value = m[i * q + j] - m[j * q + i];
            if value.abs() > slack {
                let what = "is not a symmetric matrix: a cell differs from its mirror image";
                return Err(StatsError::Row { name, row, value, what });
            }
            let mean = 0.5 * (m[i * q + j] + m[j * q + i]);
            (m[i * q + j], m[j * q + i]) = (mean, mean);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_objects_are_named_by_row_and_cell() {
        let at = |r: Result<Response, StatsError>| match r.unwrap_err() {
            StatsError::Cell { row, column, value, .. } => (row, column, value),
            other => panic!("{other}"),
        };
        assert_eq!(at(Response::distribution(vec![1.0, 2.0, 3.0, 2.5], vec![0.25, 0.75])), (1, 1, 2.5));
        assert_eq!(at(Response::distance(vec![0.0, -1.0, -1.0, 0.0], 2, false)), (0, 1, -1.0));
        assert_eq!(at(Response::distance(vec![0.0, 1.0, 1.0, 0.5], 2, false)), (1, 1, 0.5));
        assert_eq!(at(Response::composition(vec![0.5, 0.5, 1.5, -0.5], 2)), (1, 1, -0.5));
        assert!(matches!(Response::distance(vec![0.0; 6], 2, false), Err(StatsError::Shape { .. })));
        assert!(matches!(
            Response::distance(vec![0.0, 1.0, 2.0, 0.0], 2, false),
            Err(StatsError::Asymmetric { row: 0, column: 1, .. })
        ));
        assert!(Response::distance(vec![0.0, 1.0, 2.0, 0.0], 2, true).is_ok());
        let nan = Response::distance(vec![0.0, f64::NAN, 1.0, 0.0], 2, true);
        assert!(matches!(nan, Err(StatsError::Cell { row: 0, column: 1, .. })));
        let spd = Response::spd(vec![1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 1.0], 2);
        assert!(matches!(spd, Err(StatsError::Row { row: 1, value, .. }) if (value + 1.0).abs() < 1e-12));
        let sphere = Response::sphere(vec![1.0, 0.0, 0.6, 0.7], 2);
        assert!(matches!(sphere, Err(StatsError::Row { row: 1, .. })));
        let zero = Response::composition(vec![0.5, 0.5, 1.0, 0.0], 2).unwrap();
        assert!(matches!(zero.space(Metric::Aitchison), Err(StatsError::Cell { row: 1, column: 1, .. })));
        assert!(zero.space(Metric::FisherRao).is_ok());
        assert!(matches!(zero.space(Metric::GreatCircle), Err(StatsError::Metric { .. })));
        assert!(Response::label(vec![0, 3], 3).is_err());
    }

    #[test]
    fn a_subset_keeps_its_distances() {
        let d = vec![0.0, 1.0, 2.0, 1.0, 0.0, 3.0, 2.0, 3.0, 0.0];
        let r = Response::distance(d, 3, false).unwrap().subset(&[2, 0]).unwrap();
        assert_eq!(r.space(Metric::Given).unwrap().matrix().values, vec![0.0, 2.0, 2.0, 0.0]);
        assert!(r.subset(&[2]).is_err());
    }

    #[test]
    fn equal_rows_are_constant() {
        assert!(Response::real(vec![2.0; 4], 1).unwrap().is_constant().unwrap());
        assert!(!Response::label(vec![0, 0, 1], 2).unwrap().is_constant().unwrap());
    }
}
