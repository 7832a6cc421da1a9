//! What the fused losses read: views of one batch, shuffles, drawn negatives, groups.

use super::{FusedError, Real};

/// The representations of M views of the same B rows, each `[B, d]`, row-major and contiguous.
#[derive(Debug, Clone)]
pub struct Views<'a, T> {
    data: Vec<&'a [T]>,
    rows: usize,
    dim: usize,
}

impl<'a, T: Real> Views<'a, T> {
    /// Binds the views after checking that each holds `rows * dim` numbers.
    ///
    /// # Errors
    /// [`FusedError::TooFewViews`], [`FusedError::Empty`], [`FusedError::ViewLength`].
    pub fn new(data: Vec<&'a [T]>, rows: usize, dim: usize) -> Result<Self, FusedError> {
        if data.len() < 2 {
            return Err(FusedError::TooFewViews { got: data.len() });
        }
        if rows == 0 || dim == 0 {
            return Err(FusedError::Empty { rows, dim });
        }
        let wanted = rows.checked_mul(dim);
        match data.iter().position(|v| Some(v.len()) != wanted) {
            Some(view) => Err(FusedError::ViewLength { view, got: data[view].len(), rows, dim }),
            None => Ok(Self { data, rows, dim }),
        }
    }

    /// M, the number of views.
    pub fn views(&self) -> usize {
        self.data.len()
    }

    /// B, the rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// d, the numbers per row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// View `m` as a whole, `[B, d]`.
    pub fn view(&self, m: usize) -> &'a [T] {
        self.data[m]
    }

    /// Row `i` of view `m`, `[d]`.
    #[inline(always)]
    pub fn row(&self, m: usize, i: usize) -> &'a [T] {
        &self.data[m][i * self.dim..(i + 1) * self.dim]
    }
}

/// The shuffles of O(N) sampling: for every anchor one permutation per other view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permutations {
    rows: usize,
    to: Vec<Vec<Vec<u32>>>,
}

impl Permutations {
    /// Binds `perms[m][a][j]`: the row of the `a`-th other view (others in increasing order, `m`
    /// skipped) that column `j` of anchor `m` uses.
    ///
    /// # Errors
    /// [`FusedError::TooFewViews`], [`FusedError::Count`], [`FusedError::RowIndex`],
    /// [`FusedError::NotPermutation`].
    pub fn new(perms: Vec<Vec<Vec<usize>>>, rows: usize) -> Result<Self, FusedError> {
        let views = perms.len();
        if views < 2 {
            return Err(FusedError::TooFewViews { got: views });
        }
        let mut to = Vec::with_capacity(views);
        for (view, others) in perms.iter().enumerate() {
            if others.len() != views - 1 {
                let (got, expected) = (others.len(), views - 1);
                return Err(FusedError::Count { what: "the list of shuffles", view, got, expected });
            }
            let checked = others.iter().enumerate().map(|(a, p)| check_permutation(view, a, p, rows));
            to.push(checked.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { rows, to })
    }

    /// M, the number of views.
    pub fn views(&self) -> usize {
        self.to.len()
    }

    /// B, the rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The permutation of the `a`-th other view for anchor `m`, `[B]`.
    pub fn of(&self, m: usize, a: usize) -> &[u32] {
        &self.to[m][a]
    }

    /// Refuses shuffles made for another batch.
    pub(super) fn fits<T: Real>(&self, views: &Views<T>) -> Result<(), FusedError> {
        if self.views() != views.views() {
            let (got, expected) = (self.views(), views.views());
            return Err(FusedError::Count { what: "the list of anchors", view: 0, got, expected });
        }
        if self.rows != views.rows() {
            let (got, expected) = (self.rows, views.rows());
            return Err(FusedError::Count { what: "each shuffle", view: 0, got, expected });
        }
        Ok(())
    }
}

fn check_permutation(view: usize, other: usize, perm: &[usize], rows: usize) -> Result<Vec<u32>, FusedError> {
    if perm.len() != rows {
        return Err(FusedError::Count { what: "each shuffle", view, got: perm.len(), expected: rows });
    }
    let mut seen = vec![false; rows];
    let mut to = Vec::with_capacity(rows);
    for (position, &row) in perm.iter().enumerate() {
        if row >= rows {
            return Err(FusedError::RowIndex { what: "a shuffle", view, position, got: row, rows });
        }
        if std::mem::replace(&mut seen[row], true) {
            return Err(FusedError::NotPermutation { view, other, row });
        }
        to.push(row as u32);
    }
    Ok(to)
}

/// The negatives of pair sampling: per target view, K rows for every row of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negatives {
    rows: usize,
    per_row: usize,
    index: Vec<Vec<u32>>,
}

impl Negatives {
    /// Binds `index[t][i * per_row + k]`: the row of view `t` that is negative `k` of row `i`.
    ///
    /// # Errors
    /// [`FusedError::TooFewViews`], [`FusedError::Count`], [`FusedError::RowIndex`],
    /// [`FusedError::NegativeIsPositive`].
    pub fn new(index: Vec<Vec<usize>>, rows: usize, per_row: usize) -> Result<Self, FusedError> {
        if index.len() < 2 {
            return Err(FusedError::TooFewViews { got: index.len() });
        }
        let mut checked = Vec::with_capacity(index.len());
        for (view, list) in index.iter().enumerate() {
            if list.len() != rows * per_row {
                let (got, expected) = (list.len(), rows * per_row);
                return Err(FusedError::Count { what: "the list of negatives", view, got, expected });
            }
            for (at, &got) in list.iter().enumerate() {
                let (row, position) = (at / per_row, at % per_row);
                if got >= rows {
                    let what = "the list of negatives";
                    return Err(FusedError::RowIndex { what, view, position: at, got, rows });
                }
                if got == row {
                    return Err(FusedError::NegativeIsPositive { view, row, position });
                }
            }
            checked.push(list.iter().map(|&r| r as u32).collect());
        }
        Ok(Self { rows, per_row, index: checked })
    }

    /// M, the number of views.
    pub fn views(&self) -> usize {
        self.index.len()
    }

    /// B, the rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// K, the negatives of each row.
    pub fn per_row(&self) -> usize {
        self.per_row
    }

    /// The negatives of row `i` for target `t`, `[K]`.
    pub fn of(&self, t: usize, i: usize) -> &[u32] {
        &self.index[t][i * self.per_row..(i + 1) * self.per_row]
    }

    /// Refuses negatives drawn for another batch.
    pub(super) fn fits<T: Real>(&self, views: &Views<T>) -> Result<(), FusedError> {
        if self.views() != views.views() {
            let (got, expected) = (self.views(), views.views());
            return Err(FusedError::Count { what: "the list of targets", view: 0, got, expected });
        }
        if self.rows != views.rows() {
            let (got, expected) = (self.rows * self.per_row, views.rows() * self.per_row);
            return Err(FusedError::Count { what: "the list of negatives", view: 0, got, expected });
        }
        Ok(())
    }
}

/// Which rows are copies of one another, so that a copy is never used as a negative.
///
/// A combination of rows is a *coincidence* when all its rows are in one group: it is a true tuple
/// that stands where a negative should stand. Losses that are given groups leave coincidences out
/// of the log-sum-exp; the positive itself always stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    of: Vec<u32>,
    start: Vec<u32>,
    members: Vec<u32>,
}

impl Groups {
    /// Binds one group id per row; ids are any numbers, equal ids are one group.
    pub fn new(ids: &[usize]) -> Self {
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_by_key(|&i| (ids[i as usize], i));
        let mut of = vec![0; ids.len()];
        let mut start = Vec::new();
        for (at, &row) in order.iter().enumerate() {
            if at == 0 || ids[row as usize] != ids[order[at - 1] as usize] {
                start.push(at as u32);
            }
            of[row as usize] = start.len() as u32 - 1;
        }
        start.push(ids.len() as u32);
        Self { of, start, members: order }
    }

    /// Rows described.
    pub fn rows(&self) -> usize {
        self.of.len()
    }

    /// The group of row `i`, numbered from 0 in order of id.
    #[inline(always)]
    pub fn of(&self, i: usize) -> usize {
        self.of[i] as usize
    }

    /// The rows of group `g`, increasing.
    pub fn members(&self, g: usize) -> &[u32] {
        &self.members[self.start[g] as usize..self.start[g + 1] as usize]
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Whether no row is described.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Refuses groups made for another batch.
    pub(super) fn fits<T: Real>(&self, views: &Views<T>) -> Result<(), FusedError> {
        match self.rows() == views.rows() {
            true => Ok(()),
            false => Err(FusedError::GroupCount { got: self.rows(), rows: views.rows() }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn groups_list_their_members() {
        let groups = Groups::new(&[7, 2, 7, 9]);
        assert_eq!(groups.len(), 3);
        assert_eq!((0..4).map(|i| groups.of(i)).collect::<Vec<_>>(), [1, 0, 1, 2]);
        assert_eq!(groups.members(1), [0, 2]);
    }

    #[test]
    fn a_shuffle_must_use_every_row_once() {
        let e = Permutations::new(vec![vec![vec![0, 0]], vec![vec![0, 1]]], 2).unwrap_err();
        assert_eq!(e, FusedError::NotPermutation { view: 0, other: 0, row: 0 });
        let e = Permutations::new(vec![vec![vec![0, 2]], vec![vec![0, 1]]], 2).unwrap_err();
        assert!(e.to_string().contains("names row 2 at position 1"), "{e}");
    }

    #[test]
    fn a_negative_is_another_row() {
        let e = Negatives::new(vec![vec![1, 0], vec![1, 1]], 2, 1).unwrap_err();
        assert_eq!(e, FusedError::NegativeIsPositive { view: 1, row: 1, position: 0 });
    }

    #[test]
    fn views_name_the_one_that_differs() {
        let e = Views::new(vec![&[0.0f32; 6][..], &[0.0; 4]], 3, 2).unwrap_err();
        assert_eq!(e, FusedError::ViewLength { view: 1, got: 4, rows: 3, dim: 2 });
    }
}
