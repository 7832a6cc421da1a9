//! Row-major matrices and their products.

use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul as product};
use rayon::prelude::*;

use crate::{StatsError, check};

/// Rows of one block of a product.
const BLOCK: usize = 256;

/// A row-major matrix of f64.
///
/// ```
/// use suffit_stats::linalg::Matrix;
/// let m = Matrix::new(2, 2, vec![1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!((m.at(1, 0), m.row(0), m.transpose().row(0)), (3.0, &[1.0, 2.0][..], &[1.0, 3.0][..]));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Matrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `rows x cols` values, row after row.
    pub values: Vec<f64>,
}

impl Matrix {
    /// A matrix from its values.
    ///
    /// # Errors
    /// [`StatsError::Shape`].
    pub fn new(rows: usize, cols: usize, values: Vec<f64>) -> Result<Self, StatsError> {
        check::table("values", values.len(), rows, cols)?;
        Ok(Self { rows, cols, values })
    }

    /// All zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, values: vec![0.0; rows * cols] }
    }

    /// The value of each cell from its row and column.
    pub fn from_fn(rows: usize, cols: usize, mut cell: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = Vec::with_capacity(rows * cols);
        for i in 0..rows {
            values.extend((0..cols).map(|j| cell(i, j)));
        }
        Self { rows, cols, values }
    }

    /// The cell at row `i`, column `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.cols + j]
    }

    /// Writes the cell at row `i`, column `j`.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i * self.cols + j] = value;
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.cols..(i + 1) * self.cols]
    }

    /// Column `j`, copied.
    pub fn column(&self, j: usize) -> Vec<f64> {
        (0..self.rows).map(|i| self.at(i, j)).collect()
    }

    /// The transpose, copied.
    pub fn transpose(&self) -> Self {
        Self::from_fn(self.cols, self.rows, |i, j| self.at(j, i))
    }

    /// The rows at `rows`, in that order, copied.
    pub fn select(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&i| self.row(i).iter().copied()).collect();
        Self { rows: rows.len(), cols: self.cols, values }
    }

    /// The first `count` columns, copied.
    pub fn leading(&self, count: usize) -> Self {
        let count = count.min(self.cols);
        Self::from_fn(self.rows, count, |i, j| self.at(i, j))
    }

    /// Mean of every column.
    pub fn column_means(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.cols];
        for i in 0..self.rows {
            sums.iter_mut().zip(self.row(i)).for_each(|(s, v)| *s += v);
        }
        let n = self.rows.max(1) as f64;
        sums.iter_mut().for_each(|s| *s /= n);
        sums
    }

    /// Takes `means` from every row.
    pub fn subtract_row(&mut self, means: &[f64]) {
        let cols = self.cols.max(1);
        self.values.chunks_exact_mut(cols).for_each(|r| r.iter_mut().zip(means).for_each(|(v, m)| *v -= m));
    }

    /// Centres rows and columns of a square matrix in place: `H A H`, `H = I - 11'/n`.
    ///
    /// - cost: three passes over the matrix; determinism: independent of threads
    pub fn double_centre(&mut self) {
        let columns = self.column_means();
        let grand = columns.iter().sum::<f64>() / columns.len().max(1) as f64;
        let cols = self.cols.max(1);
        self.values.par_chunks_mut(cols).for_each(|row| {
            let mean = row.iter().sum::<f64>() / cols as f64;
            row.iter_mut().zip(&columns).for_each(|(v, c)| *v += grand - mean - c);
        });
    }

    pub(super) fn view(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.values, self.rows, self.cols)
    }

    pub(super) fn from_view(m: MatRef<'_, f64>) -> Self {
        Self::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)])
    }
}

/// `A B`.
///
/// - shapes: `a: [n, k]`, `b: [k, m]` to `[n, m]`; cost `2 n k m` FLOPs
/// - determinism: blocks of 256 rows, independent of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`] when the inner sizes differ.
///
/// ```
/// use suffit_stats::linalg::{Matrix, matmul};
/// let a = Matrix::new(1, 2, vec![1.0, 2.0])?;
/// assert_eq!(matmul(&a, &a.transpose())?.values, vec![5.0]);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn matmul(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    multiply(a.view(), b.view())
}

/// `A' B`; as [`matmul`].
///
/// # Errors
/// As [`matmul`].
pub fn matmul_tn(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    multiply(a.view().transpose(), b.view())
}

/// `A B'`; as [`matmul`].
///
/// # Errors
/// As [`matmul`].
pub fn matmul_nt(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    multiply(a.view(), b.view().transpose())
}

fn multiply(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Result<Matrix, StatsError> {
    check::same_length("columns of a", a.ncols(), "rows of b", b.nrows())?;
    let mut out = Matrix::zeros(a.nrows(), b.ncols());
    if out.values.is_empty() || a.ncols() == 0 {
        return Ok(out);
    }
    out.values.par_chunks_mut(BLOCK * b.ncols()).enumerate().for_each(|(block, chunk)| {
        let rows = chunk.len() / b.ncols();
        let target = MatMut::from_row_major_slice_mut(chunk, rows, b.ncols());
        product(target, Accum::Replace, a.subrows(block * BLOCK, rows), b, 1.0, Par::Seq);
    });
    Ok(out)
}
