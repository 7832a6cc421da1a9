//! Matrix products on slices: a checked front of the `gemm` crate, which picks its kernel (SSE,
//! AVX2, AVX-512, NEON) when it runs.

use super::Real;

/// A matrix inside a slice, by its strides: entry `(i, j)` is at `i * row + j * col`.
#[derive(Clone, Copy)]
pub(super) struct Mat<'a, T> {
    pub data: &'a [T],
    pub rows: usize,
    pub cols: usize,
    pub row: usize,
    pub col: usize,
}

impl<'a, T: Real> Mat<'a, T> {
    /// A row-major matrix.
    pub fn new(data: &'a [T], rows: usize, cols: usize) -> Self {
        Self { data, rows, cols, row: cols, col: 1 }
    }

    /// The same numbers, transposed.
    pub fn t(self) -> Self {
        Self { rows: self.cols, cols: self.rows, row: self.col, col: self.row, ..self }
    }

    /// One past the last place that is read.
    fn end(&self) -> usize {
        match self.rows == 0 || self.cols == 0 {
            true => 0,
            false => (self.rows - 1) * self.row + (self.cols - 1) * self.col + 1,
        }
    }
}

/// Whether a product may use the other threads of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    /// This thread only: the caller shares out whole tasks.
    Here,
    /// All threads of the pool. Each entry is summed in the same order for any number of threads.
    Pool,
}

/// `out = scale * a * b` (`add == false`) or `out += scale * a * b`, `out` row-major `[m, n]`.
///
/// - cost: `2 m n k` FLOPs
/// - determinism: the sum over `k` has a fixed order
pub(super) fn matmul<T: Real>(out: &mut [T], a: Mat<T>, b: Mat<T>, scale: T, add: bool, spread: Spread) {
    let (m, n, k) = (a.rows, b.cols, a.cols);
    assert!(b.rows == k, "inner sizes differ: {k} and {}", b.rows);
    assert!(out.len() == m * n, "the result holds {} numbers, expected {m} x {n}", out.len());
    assert!(a.end() <= a.data.len() && b.end() <= b.data.len(), "a factor reaches past its slice");
    let parallelism = match spread {
        Spread::Here => gemm::Parallelism::None,
        Spread::Pool => gemm::Parallelism::Rayon(0),
    };
    // SAFETY: the assertions above bound every place that is read or written; `out` is an exclusive
    // borrow, so it overlaps neither factor; `Real` is only `f32` and `f64`, which `gemm` knows.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            add,
            a.data.as_ptr(),
            a.col as isize,
            a.row as isize,
            b.data.as_ptr(),
            b.col as isize,
            b.row as isize,
            T::ONE,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Real>(m: usize, n: usize, k: usize, tolerance: f64) {
        let fill = |len: usize, step: f64| -> Vec<T> { (0..len).map(|i| T::of((i as f64 * step).sin())).collect() };
        let (a, b) = (fill(k * m, 0.7), fill(n * k, 1.3));
        for spread in [Spread::Here, Spread::Pool] {
            let mut out = vec![T::ONE; m * n];
            // `a` is stored [k, m], `b` is stored [n, k]: both are read transposed.
            matmul(&mut out, Mat::new(&a, k, m).t(), Mat::new(&b, n, k).t(), T::of(0.5), true, spread);
            for i in 0..m {
                for j in 0..n {
                    let dot: f64 = (0..k).map(|l| a[l * m + i].f64() * b[j * k + l].f64()).sum();
                    let gap = (out[i * n + j].f64() - (1.0 + 0.5 * dot)).abs();
                    assert!(gap <= tolerance * (1.0 + k as f64), "{m}x{n}x{k} at {i},{j}: {gap}");
                }
            }
        }
    }

    #[test]
    fn agrees_with_plain_sums() {
        for (m, n, k) in [(1, 1, 1), (3, 5, 2), (17, 33, 65), (64, 40, 1)] {
            check::<f64>(m, n, k, 1e-15);
            check::<f32>(m, n, k, 1e-7);
        }
    }
}
