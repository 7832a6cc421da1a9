//! Remarks about the data that change how a result may be read.

use super::{
    evidence::Note,
    settings::{Input, constant},
};
use crate::linalg::Matrix;

/// Rank correlation with the row number above which a column looks like one.
const ROW_ORDER: f64 = 0.95;
/// `R_Z` below this share of `R_X` means that Z knows more about Y than X does.
const BETTER: f64 = 0.5;

/// Columns of `z` that vary, and those that do not.
pub(crate) fn varying(z: &Matrix) -> (Matrix, Vec<usize>) {
    let (dead, alive): (Vec<usize>, Vec<usize>) = (0..z.cols).partition(|&j| constant(z, j));
    (Matrix::from_fn(z.rows, alive.len(), |i, j| z.at(i, alive[j])), dead)
}

/// Columns of Z that follow the row number where no column of X does.
pub(crate) fn row_order(x: &Matrix, z: &Matrix) -> Option<Note> {
    let largest =
        |m: &Matrix| (0..m.cols).map(|j| (j, rank_correlation(&m.column(j)).abs())).max_by(|a, b| a.1.total_cmp(&b.1));
    let (column, correlation) = largest(z)?;
    let of_x = largest(x).map_or(0.0, |l| l.1);
    (correlation > ROW_ORDER && of_x < ROW_ORDER).then_some(Note::RowOrder { column, correlation })
}

/// Spearman correlation of values with their position; ties share their mean rank.
fn rank_correlation(values: &[f64]) -> f64 {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut rank = vec![0.0; n];
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        while end < n && values[order[end]] == values[order[start]] {
            end += 1;
        }
        order[start..end].iter().for_each(|&i| rank[i] = (start + end - 1) as f64 / 2.0);
        start = end;
    }
    let middle = (n as f64 - 1.0) / 2.0;
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (i, r) in rank.iter().enumerate() {
        let (a, b) = (i as f64 - middle, r - middle);
        sxy += a * b;
        sxx += a * a;
        syy += b * b;
    }
    if syy > 0.0 { sxy / (sxx * syy).sqrt() } else { 0.0 }
}

/// Rows whose X and Z are equal to those of a row in another fold.
pub(crate) fn duplicates(input: &Input<'_>, z: &Matrix, fold: &[usize]) -> Option<Note> {
    let mut order: Vec<usize> = (0..fold.len()).collect();
    let key = |i: usize| input.x.row(i).iter().chain(z.row(i));
    let compare = |i: usize, j: usize| {
        key(i).zip(key(j)).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    };
    order.sort_by(|&i, &j| compare(i, j));
    let mut rows = 0;
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && compare(order[start], order[end]).is_eq() {
            end += 1;
        }
        if order[start..end].iter().any(|&i| fold[i] != fold[order[start]]) {
            rows += end - start;
        }
        start = end;
    }
    (rows > 0).then_some(Note::DuplicatesAcrossFolds { rows })
}

/// Whether Z predicts Y far better than X can: a function of X cannot.
pub(crate) fn target_inside(r0: f64, rz: f64, rx: f64) -> Option<Note> {
    (r0 > 0.0 && rz < BETTER * rx && rx - rz > 0.1 * r0)
        .then_some(Note::MayContainTarget { share: rz / r0, share_x: rx / r0 })
}

/// Whether X and Z are the same columns, in any order.
pub(crate) fn same(x: &Matrix, z: &Matrix) -> bool {
    let equal = |j: usize, k: usize| (0..x.rows).all(|i| x.at(i, j) == z.at(i, k));
    (0..x.cols).all(|j| (0..z.cols).any(|k| equal(j, k)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_row_number_in_z_is_seen() {
        let x = Matrix::from_fn(50, 1, |i, _| ((i * 7919) % 50) as f64);
        let z = Matrix::from_fn(50, 2, |i, j| if j == 0 { x.at(i, 0) } else { 3.0 * i as f64 });
        assert!(matches!(row_order(&x, &z), Some(Note::RowOrder { column: 1, .. })));
        assert!(row_order(&x, &x).is_none());
        assert!(same(&x, &z) && !same(&z, &x));
    }

    #[test]
    fn a_representation_that_knows_more_than_x_is_flagged() {
        assert!(target_inside(1.0, 0.001, 0.5).is_some());
        // X predicts as well: nothing odd
        assert!(target_inside(1.0, 0.001, 0.0011).is_none());
        assert!(target_inside(1.0, 0.5, 0.52).is_none());
    }
}
