//! Eigenvalues of symmetric matrices, Cholesky and least squares.

use faer::{
    Mat, Par,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch},
        triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place},
    },
};

use super::{Matrix, matmul, matmul_nt, matmul_tn};
use crate::{StatsError, check};

/// Order from which a decomposition is cut in two parts.
const PARALLEL: usize = 512;

/// Eigenvalues and eigenvectors, largest eigenvalue first.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Eigen {
    /// `[n]`, descending.
    pub values: Vec<f64>,
    /// `[n, n]`, eigenvector `j` in column `j`; its entry of largest absolute value is positive.
    pub vectors: Matrix,
}

fn parallelism(order: usize) -> Par {
    if order < PARALLEL { Par::Seq } else { Par::rayon(2) }
}

/// Eigen-decomposition `A = V diag(values) V'` of a symmetric matrix (the lower triangle is read).
///
/// - shapes: `a: [n, n]`; cost about `9 n^3` FLOPs, `24 n^2` bytes
/// - sign: the entry of largest absolute value of every vector is positive (the first among equals)
/// - determinism: independent of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`] (not square), [`StatsError::NotFinite`],
/// [`StatsError::Decomposition`] (no convergence).
///
/// ```
/// use suffit_stats::linalg::{Matrix, symmetric_eigen};
/// let e = symmetric_eigen(&Matrix::new(2, 2, vec![2.0, 1.0, 1.0, 2.0])?)?;
/// assert!((e.values[0] - 3.0).abs() < 1e-12 && (e.values[1] - 1.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn symmetric_eigen(a: &Matrix) -> Result<Eigen, StatsError> {
    square("a", a)?;
    let n = a.rows;
    let failed = || StatsError::Decomposition { name: "a", size: n, routine: "symmetric eigenvalues" };
    let par = parallelism(n);
    let (mut s, mut u) = (faer::Col::<f64>::zeros(n), Mat::<f64>::zeros(n, n));
    let need = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, par, Default::default());
    let mut memory = MemBuffer::try_new(need).map_err(|_| failed())?;
    self_adjoint_evd(
        a.view(),
        s.as_mut().as_diagonal_mut(),
        Some(u.as_mut()),
        par,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .map_err(|_| failed())?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| s[j].total_cmp(&s[i]));
    let mut vectors = Matrix::zeros(n, n);
    for (j, &from) in order.iter().enumerate() {
        for i in 0..n {
            vectors.values[i * n + j] = u[(i, from)];
        }
    }
    fix_signs(&mut vectors);
    Ok(Eigen { values: order.iter().map(|&i| s[i]).collect(), vectors })
}

/// The lower Cholesky factor `L`, `A = L L'`, of a positive definite matrix.
///
/// - shapes: `a: [n, n]` to `[n, n]`; cost `n^3/3` FLOPs; determinism: independent of threads
///
/// # Errors
/// [`StatsError::LengthMismatch`] (not square), [`StatsError::NotFinite`],
/// [`StatsError::Decomposition`] (not positive definite).
pub fn cholesky(a: &Matrix) -> Result<Matrix, StatsError> {
    square("a", a)?;
    Ok(Matrix::from_view(factor(a)?.as_ref()))
}

fn factor(a: &Matrix) -> Result<Mat<f64>, StatsError> {
    use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
    let n = a.rows;
    let failed = || StatsError::Decomposition { name: "a", size: n, routine: "Cholesky" };
    let par = parallelism(n);
    let mut l = a.view().to_owned();
    let mut memory =
        MemBuffer::try_new(cholesky_in_place_scratch::<f64>(n, par, Default::default())).map_err(|_| failed())?;
    cholesky_in_place(l.as_mut(), Default::default(), par, MemStack::new(&mut memory), Default::default())
        .map_err(|_| failed())?;
    for j in 0..n {
        for i in 0..j {
            l[(i, j)] = 0.0;
        }
    }
    Ok(l)
}

/// Solves `A X = B` for a positive definite `A`.
///
/// - shapes: `a: [n, n]`, `b: [n, m]` to `[n, m]`; cost `n^3/3 + 2 n^2 m` FLOPs
/// - determinism: independent of threads
///
/// # Errors
/// As [`cholesky`]; [`StatsError::LengthMismatch`].
///
/// ```
/// use suffit_stats::linalg::{Matrix, cholesky_solve};
/// let a = Matrix::new(2, 2, vec![4.0, 2.0, 2.0, 3.0])?;
/// let x = cholesky_solve(&a, &Matrix::new(2, 1, vec![8.0, 8.0])?)?;
/// assert!((x.values[0] - 1.0).abs() < 1e-12 && (x.values[1] - 2.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn cholesky_solve(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    square("a", a)?;
    check::same_length("a", a.rows, "b", b.rows)?;
    check::finite("b", &b.values)?;
    let l = factor(a)?;
    let mut x = b.view().to_owned();
    solve_lower_triangular_in_place(l.as_ref(), x.as_mut(), parallelism(a.rows));
    solve_upper_triangular_in_place(l.as_ref().transpose(), x.as_mut(), parallelism(a.rows));
    Ok(Matrix::from_view(x.as_ref()))
}

/// Solves `A v = eta B v` for symmetric `A` and positive definite `B`; `v' B v = 1`.
///
/// - method: `B = L L'`, eigenvectors of `L^-1 A L^-T`; cost about `11 n^3` FLOPs
/// - order and sign as [`symmetric_eigen`] (sign by the largest entry of `v`)
///
/// # Errors
/// As [`symmetric_eigen`] and [`cholesky`].
///
/// ```
/// use suffit_stats::linalg::{Matrix, generalised_symmetric_eigen};
/// let a = Matrix::new(2, 2, vec![2.0, 0.0, 0.0, 3.0])?;
/// let b = Matrix::new(2, 2, vec![1.0, 0.0, 0.0, 4.0])?;
/// let e = generalised_symmetric_eigen(&a, &b)?;
/// assert!((e.values[0] - 2.0).abs() < 1e-12 && (e.values[1] - 0.75).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn generalised_symmetric_eigen(a: &Matrix, b: &Matrix) -> Result<Eigen, StatsError> {
    square("a", a)?;
    square("b", b)?;
    check::same_length("a", a.rows, "b", b.rows)?;
    let par = parallelism(a.rows);
    let l = factor(b)?;
    let mut m = a.view().to_owned();
    solve_lower_triangular_in_place(l.as_ref(), m.as_mut(), par);
    let mut m = m.transpose().to_owned();
    solve_lower_triangular_in_place(l.as_ref(), m.as_mut(), par);
    let e = symmetric_eigen(&Matrix::from_view(m.as_ref()))?;
    let mut v = e.vectors.view().to_owned();
    solve_upper_triangular_in_place(l.as_ref().transpose(), v.as_mut(), par);
    let mut vectors = Matrix::from_view(v.as_ref());
    fix_signs(&mut vectors);
    Ok(Eigen { values: e.values, vectors })
}

/// Turns every column so that its entry of largest absolute value is positive.
pub(crate) fn fix_signs(m: &mut Matrix) {
    for j in 0..m.cols {
        let mut top = 0;
        for i in 1..m.rows {
            // A margin keeps the choice stable when two entries are equal up to rounding.
            if m.at(i, j).abs() > m.at(top, j).abs() * (1.0 + 1e-9) {
                top = i;
            }
        }
        if m.rows > 0 && m.at(top, j) < 0.0 {
            for i in 0..m.rows {
                let v = -m.at(i, j);
                m.set(i, j, v);
            }
        }
    }
}

/// Least squares of least norm: minimises `|A X - B|`, directions of `A` below
/// `1e-12` of its largest squared singular value are left out.
///
/// - shapes: `a: [n, p]`, `b: [n, m]` to `[p, m]`
/// - method: eigenvectors of the smaller of `A'A` and `AA'`, so the condition number is squared:
///   meant for designs that are scaled; cost `2 n p min(n, p) + 9 min(n, p)^3` FLOPs
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::Decomposition`].
///
/// ```
/// use suffit_stats::linalg::{Matrix, lstsq};
/// let a = Matrix::new(3, 2, vec![1.0, 0.0, 1.0, 1.0, 1.0, 2.0])?;
/// let x = lstsq(&a, &Matrix::new(3, 1, vec![1.0, 3.0, 5.0])?)?;
/// assert!((x.values[0] - 1.0).abs() < 1e-10 && (x.values[1] - 2.0).abs() < 1e-10);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn lstsq(a: &Matrix, b: &Matrix) -> Result<Matrix, StatsError> {
    check::same_length("a", a.rows, "b", b.rows)?;
    check::finite("a", &a.values)?;
    check::finite("b", &b.values)?;
    let tall = a.rows >= a.cols;
    let e = symmetric_eigen(&if tall { matmul_tn(a, a)? } else { matmul_nt(a, a)? })?;
    let right = if tall { matmul_tn(a, b)? } else { b.clone() };
    let mut c = matmul_tn(&e.vectors, &right)?;
    let floor = e.values.first().copied().unwrap_or(0.0).max(0.0) * 1e-12;
    for (i, &value) in e.values.iter().enumerate() {
        let scale = if value > floor { 1.0 / value } else { 0.0 };
        let m = c.cols;
        c.values[i * m..(i + 1) * m].iter_mut().for_each(|v| *v *= scale);
    }
    let x = matmul(&e.vectors, &c)?;
    if tall { Ok(x) } else { matmul_tn(a, &x) }
}

fn square(name: &'static str, a: &Matrix) -> Result<(), StatsError> {
    check::same_length("rows", a.rows, "columns", a.cols)?;
    check::table(name, a.values.len(), a.rows, a.cols)?;
    check::finite(name, &a.values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn random(rows: usize, cols: usize, seed: u64) -> Matrix {
        let mut s = Stream::new(seed, 0);
        Matrix::from_fn(rows, cols, |_, _| s.normal())
    }

    #[test]
    fn eigenvectors_rebuild_the_matrix_for_any_number_of_threads() {
        let x = random(600, 40, 1);
        let a = matmul_nt(&x, &x).unwrap();
        let mut seen: Vec<Eigen> = Vec::new();
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            seen.push(pool.install(|| symmetric_eigen(&a).unwrap()));
        }
        assert!(seen[0] == seen[1] && seen[1] == seen[2]);
        let e = &seen[0];
        let scaled = Matrix::from_fn(600, 600, |i, j| e.vectors.at(i, j) * e.values[j]);
        let back = matmul_nt(&scaled, &e.vectors).unwrap();
        let worst = back.values.iter().zip(&a.values).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-10, "{worst}");
        assert!(e.values.windows(2).all(|w| w[0] >= w[1]) && e.values[40].abs() < 1e-10);
    }

    #[test]
    fn a_wide_least_squares_problem_is_solved_with_least_norm() {
        let (a, b) = (random(4, 9, 2), random(4, 2, 3));
        let x = lstsq(&a, &b).unwrap();
        let back = matmul(&a, &x).unwrap();
        assert!(back.values.iter().zip(&b.values).all(|(p, q)| (p - q).abs() < 1e-9));
    }

    #[test]
    fn bad_matrices_are_refused() {
        let a = Matrix::new(2, 2, vec![1.0, 2.0, 2.0, 1.0]).unwrap();
        assert!(matches!(cholesky(&a), Err(StatsError::Decomposition { size: 2, .. })));
        assert!(symmetric_eigen(&Matrix::zeros(2, 3)).is_err());
        let nan = Matrix::new(1, 1, vec![f64::NAN]).unwrap();
        assert!(matches!(symmetric_eigen(&nan), Err(StatsError::NotFinite { .. })));
        assert!(matmul(&a, &Matrix::zeros(3, 1)).is_err());
    }
}
