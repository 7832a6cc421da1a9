//! Shuffles and drawn negatives, each from a stream addressed by (seed, step, anchor, view).
//!
//! Nothing is drawn from a shared generator, so that a resumed run sees the same negatives and no
//! result depends on the number of threads (spec: `symile.md`, Checks, Determinism).

use suffit_core::seed::{below, permutation};
use suffit_core::{Result, Seed};
use suffit_nn::fused::{Negatives, Permutations};

/// Independent uniform permutations for O(N) sampling: one for every anchor and other view.
///
/// `perms[m][a]` belongs to the `a`-th view other than `m`; fixed points and coincidences stay, as
/// in the paper's package.
///
/// - cost: `M (M − 1) B` draws
/// - determinism: a function of `(seed, stream, step, anchor, view)` alone
///
/// # Errors
/// Fewer than two views.
pub fn permutations(seed: Seed, name: &str, step: u64, views: usize, rows: usize) -> Result<Permutations> {
    let mut perms = Vec::with_capacity(views);
    for anchor in 0..views {
        let others = (0..views).filter(|&view| view != anchor);
        perms.push(
            others.map(|view| permutation(rows, &mut seed.stream(name, &[step, anchor as u64, view as u64]))).collect(),
        );
    }
    Ok(Permutations::new(perms, rows)?)
}

/// `K` uniform other rows per row and target view, for pair sampling.
///
/// - cost: `M B K` draws
/// - determinism: a function of `(seed, stream, step, target)` alone
///
/// # Errors
/// Fewer than two views; fewer than two rows while `per_row > 0` (there is no other row).
pub fn negatives(seed: Seed, name: &str, step: u64, views: usize, rows: usize, per_row: usize) -> Result<Negatives> {
    let per_row = if rows < 2 { 0 } else { per_row };
    let mut index = Vec::with_capacity(views);
    for target in 0..views {
        let mut stream = seed.stream(name, &[step, target as u64]);
        let mut list = Vec::with_capacity(rows * per_row);
        for row in 0..rows {
            for _ in 0..per_row {
                // Uniform over the other rows: skip the row itself.
                let drawn = below(rows as u64 - 1, &mut stream) as usize;
                list.push(if drawn >= row { drawn + 1 } else { drawn });
            }
        }
        index.push(list);
    }
    Ok(Negatives::new(index, rows, per_row)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn permutations_depend_on_every_part_of_their_address() {
        let at = |seed: u64, step| permutations(Seed::new(seed), "negatives", step, 3, 50).unwrap();
        assert_eq!(at(1, 5), at(1, 5));
        assert_ne!(at(1, 5), at(1, 6));
        assert_ne!(at(1, 5), at(2, 5));
        let p = at(1, 5);
        assert_ne!(p.of(0, 0), p.of(0, 1)); // independent per other view
        assert_ne!(p.of(0, 0), p.of(2, 0)); // and per anchor, though both shuffle view 1 or 0
    }

    #[test]
    fn drawn_negatives_are_uniform_over_the_other_rows() {
        let (rows, k) = (5, 2000);
        let drawn = negatives(Seed::new(3), "negatives", 0, 2, rows, k).unwrap();
        for row in 0..rows {
            let mut count = [0usize; 5];
            drawn.of(1, row).iter().for_each(|&r| count[r as usize] += 1);
            assert_eq!(count[row], 0);
            // expected 500 each, standard deviation sqrt(2000 · 1/4 · 3/4) = 19.4
            assert!(
                count.iter().enumerate().all(|(r, &c)| r == row || (c as f64 - 500.0).abs() < 5.0 * 19.4),
                "{count:?}"
            );
        }
        assert_eq!(negatives(Seed::new(3), "negatives", 0, 2, 1, 4).unwrap().per_row(), 0);
    }
}
