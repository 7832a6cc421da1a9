//! The rank kernel: FCCov as a quadratic form of the features, and its gradient.

use rayon::prelude::*;

use super::{CentredKernel, Ranks, top_eigenvalue};
use crate::{
    StatsError, check,
    linalg::{Matrix, matmul, symmetric_eigen},
};

/// Rows and columns of one tile of the kernel that stays in registers.
const TALL: usize = 8;
const WIDE: usize = 64;

/// `G_kl = sum_i min(r_ik, r_il)`: a positive semi-definite matrix that depends on the response only.
///
/// With `H = I - 11'/n`: `FCCov_V = n^-4 tr(U' H G H U)` exactly, and its gradient in U is
/// `2 n^-4 H G H U`. Source: spec section 1 (derived there).
#[derive(Debug, Clone, PartialEq)]
pub struct RankGram {
    /// `[n, n]`, whole numbers.
    pub values: Matrix,
}

impl RankGram {
    pub(super) fn of(ranks: &Ranks) -> Self {
        let n = ranks.rows();
        let padded = n.div_ceil(WIDE) * WIDE;
        // Zero ranks in the padding add nothing to any minimum.
        let mut table = vec![0u16; n * padded];
        table.par_chunks_mut(padded).enumerate().for_each(|(i, row)| row[..n].copy_from_slice(ranks.row(i)));
        let flush = (usize::from(u16::MAX) / n).clamp(1, n);
        let arch = pulp::Arch::new();
        let mut out = vec![0u32; n.div_ceil(TALL) * TALL * padded];
        out.par_chunks_mut(TALL * padded).enumerate().for_each(|(band, rows)| {
            arch.dispatch(|| fill_band(&table, n, padded, band * TALL, flush, rows));
        });
        let mut values = Matrix::zeros(n, n);
        values.values.par_chunks_mut(n).enumerate().for_each(|(k, row)| {
            // Tiles left of the diagonal are not computed: they are read from above it.
            let from = k / TALL * TALL / WIDE * WIDE;
            for (l, v) in row.iter_mut().enumerate() {
                *v = f64::from(if l >= from { out[k * padded + l] } else { out[l * padded + k] });
            }
        });
        Self { values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.rows
    }

    /// FCCov, V-form, as the quadratic form.
    ///
    /// - shapes: `u: [n, d]`; cost `2 n^2 d` FLOPs; determinism: independent of threads
    ///
    /// # Errors
    /// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`].
    pub fn fccov_v(&self, u: &Matrix) -> Result<f64, StatsError> {
        self.value_and_gradient(u).map(|(value, _)| value)
    }

    /// FCCov and its gradient `2 n^-4 H G H U`, `[n, d]`.
    ///
    /// - cost `2 n^2 d` FLOPs; determinism: independent of threads
    ///
    /// # Errors
    /// As [`Self::fccov_v`].
    pub fn value_and_gradient(&self, u: &Matrix) -> Result<(f64, Matrix), StatsError> {
        check::same_length("u", u.rows, "gram", self.rows())?;
        check::finite("u", &u.values)?;
        let mut centred = u.clone();
        let means = centred.column_means();
        centred.subtract_row(&means);
        let mut product = matmul(&self.values, &centred)?;
        let means = product.column_means();
        product.subtract_row(&means);
        let scale = (self.rows() as f64).powi(-4);
        let value = centred.values.iter().zip(&product.values).map(|(a, b)| a * b).sum::<f64>() * scale;
        product.values.iter_mut().for_each(|v| *v *= 2.0 * scale);
        Ok((value, product))
    }

    /// `H K H` with `K = G/n^2`, so that `FCCov_V = n^-2 tr(U' HKH U)`.
    pub fn centred(&self) -> Matrix {
        let mut k = self.values.clone();
        let scale = (self.rows() as f64).powi(-2);
        k.values.par_iter_mut().for_each(|v| *v *= scale);
        k.double_centre();
        k
    }

    /// Eigenvalues of `H G H/n^3`, largest first.
    ///
    /// # Errors
    /// [`StatsError::Decomposition`].
    pub fn eigenvalues(&self) -> Result<Vec<f64>, StatsError> {
        let mut k = self.centred();
        let n = self.rows() as f64;
        k.values.iter_mut().for_each(|v| *v /= n);
        Ok(symmetric_eigen(&k)?.values)
    }

    /// Largest eigenvalue of `H G H/n^3`: what the kernel is divided by before it is learned from.
    ///
    /// # Errors
    /// [`StatsError::Decomposition`].
    pub fn scale(&self) -> Result<f64, StatsError> {
        top_eigenvalue(&self.centred())
    }

    /// The centred kernel divided by its scale.
    ///
    /// # Errors
    /// [`StatsError::Constant`] (the response does not vary), [`StatsError::Decomposition`].
    pub fn kernel(&self) -> Result<CentredKernel, StatsError> {
        CentredKernel::scaled(self.centred())
    }
}

/// Rows `top .. top + TALL` of the kernel, right of the diagonal tile.
#[inline(always)]
fn fill_band(table: &[u16], n: usize, padded: usize, top: usize, flush: usize, out: &mut [u32]) {
    let mut left = top / WIDE * WIDE;
    while left < padded {
        let mut total = [[0u32; WIDE]; TALL];
        let mut from = 0;
        while from < n {
            let to = (from + flush).min(n);
            let mut part = [[0u16; WIDE]; TALL];
            for row in table[from * padded..to * padded].chunks_exact(padded) {
                tile(&row[top..top + TALL], &row[left..left + WIDE], &mut part);
            }
            for (t, p) in total.iter_mut().zip(&part) {
                t.iter_mut().zip(p).for_each(|(t, p)| *t += u32::from(*p));
            }
            from = to;
        }
        for (k, t) in total.iter().enumerate() {
            out[k * padded + left..k * padded + left + WIDE].copy_from_slice(t);
        }
        left += WIDE;
    }
}

#[inline(always)]
fn tile(a: &[u16], b: &[u16], sums: &mut [[u16; WIDE]; TALL]) {
    for (sum, &x) in sums.iter_mut().zip(a) {
        for (s, &y) in sum.iter_mut().zip(b) {
            *s = s.wrapping_add(x.min(y));
        }
    }
}
