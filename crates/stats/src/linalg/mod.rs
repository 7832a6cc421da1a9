//! A thin layer on faer: row-major matrices of f64 and the few decompositions that statistics need.
//!
//! Products are cut into blocks of 256 rows whatever the number of threads; decompositions run on
//! one thread below order 512 and always in two parts above. Results therefore do not depend on the
//! number of threads. Source of the algorithms: Golub and Van Loan 2013, "Matrix Computations".

mod decompose;
mod matrix;

pub(crate) use decompose::fix_signs;
pub use decompose::{Eigen, cholesky, cholesky_solve, generalised_symmetric_eigen, lstsq, symmetric_eigen};
pub use matrix::{Matrix, matmul, matmul_nt, matmul_tn};
