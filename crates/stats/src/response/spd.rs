//! Symmetric positive definite matrices: logarithms, factors and the affine-invariant distance.

use crate::{
    StatsError,
    linalg::{Matrix, cholesky, generalised_symmetric_eigen, symmetric_eigen},
};

/// Upper triangle, off-diagonals times `sqrt(2)`: its Euclidean norm is the Frobenius norm.
pub(super) fn half_vector(m: &Matrix) -> Vec<f64> {
    let q = m.rows;
    (0..q)
        .flat_map(|i| (i..q).map(move |j| if i == j { m.at(i, i) } else { std::f64::consts::SQRT_2 * m.at(i, j) }))
        .collect()
}

/// The matrix logarithm.
pub(super) fn log(m: &Matrix) -> Result<Matrix, StatsError> {
    let e = symmetric_eigen(m)?;
    let q = m.rows;
    let logs: Vec<f64> = e.values.iter().map(|v| v.ln()).collect();
    Ok(Matrix::from_fn(q, q, |i, j| (0..q).map(|k| e.vectors.at(i, k) * logs[k] * e.vectors.at(j, k)).sum()))
}

/// Log-Cholesky coordinates: the strict lower triangle of the factor, then its log diagonal.
pub(super) fn log_cholesky(m: &Matrix) -> Result<Vec<f64>, StatsError> {
    let l = cholesky(m)?;
    let mut out: Vec<f64> = (0..m.rows).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| l.at(i, j)).collect();
    out.extend((0..m.rows).map(|i| l.at(i, i).ln()));
    Ok(out)
}

/// `|log(A^-1/2 B A^-1/2)|_F`, from the eigenvalues of `B v = lambda A v`.
pub(super) fn affine_invariant(a: &Matrix, b: &Matrix) -> Result<f64, StatsError> {
    let e = generalised_symmetric_eigen(b, a)?;
    Ok(e.values.iter().map(|v| v.ln() * v.ln()).sum::<f64>().sqrt())
}
