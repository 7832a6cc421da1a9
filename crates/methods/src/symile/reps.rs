//! Representations of many rows at rest, and the bank of training tuples that stands in for
//! missing query views.

use suffit_core::seed::permutation;
use suffit_core::{Result, Seed};

use super::error::SymileError;
use super::score::product;

/// Representations `r^m_i` of N rows in M views, with what was present.
#[derive(Debug, Clone, PartialEq)]
pub struct Reps {
    names: Vec<String>,
    dim: usize,
    rows: usize,
    data: Vec<Vec<f32>>,
    present: Vec<Vec<bool>>,
}

impl Reps {
    /// Binds the parts: `data[m]: [N · d]`, `present[m]: [N]`.
    ///
    /// # Errors
    /// [`SymileError::Dimension`] naming the view whose length does not fit.
    pub fn new(
        names: Vec<String>,
        dim: usize,
        rows: usize,
        data: Vec<Vec<f32>>,
        present: Vec<Vec<bool>>,
    ) -> Result<Self> {
        for (name, (values, there)) in names.iter().zip(data.iter().zip(&present)) {
            if values.len() != rows * dim || there.len() != rows {
                return Err(SymileError::Dimension {
                    left: format!("view `{name}`"),
                    left_len: values.len(),
                    right: "rows times representation".into(),
                    right_len: rows * dim,
                }
                .into());
            }
        }
        Ok(Reps { names, dim, rows, data, present })
    }

    /// Names of the views.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// M.
    pub fn views(&self) -> usize {
        self.names.len()
    }

    /// N.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// View `m`, `[N · d]`.
    pub fn view(&self, m: usize) -> &[f32] {
        &self.data[m]
    }

    /// Row `i` of view `m`, `[d]`.
    pub fn row(&self, m: usize, i: usize) -> &[f32] {
        &self.data[m][i * self.dim..(i + 1) * self.dim]
    }

    /// Whether view `m` of row `i` was observed.
    pub fn present(&self, m: usize, i: usize) -> bool {
        self.present[m][i]
    }

    /// Rows in which every view was observed.
    pub fn complete(&self) -> Vec<usize> {
        (0..self.rows).filter(|&i| self.present.iter().all(|p| p[i])).collect()
    }

    /// Rows in which view `m` was observed.
    pub fn observed(&self, m: usize) -> Vec<usize> {
        (0..self.rows).filter(|&i| self.present[m][i]).collect()
    }

    /// The chosen rows, in the given order.
    pub fn select(&self, rows: &[usize]) -> Reps {
        let take = |m: usize| rows.iter().flat_map(|&i| self.row(m, i).iter().copied()).collect();
        Reps {
            names: self.names.clone(),
            dim: self.dim,
            rows: rows.len(),
            data: (0..self.views()).map(take).collect(),
            present: self.present.iter().map(|p| rows.iter().map(|&i| p[i]).collect()).collect(),
        }
    }

    /// The product of the named views of every row, `[N · d]`, whatever is present.
    ///
    /// # Errors
    /// None in practice: lengths were checked by [`Reps::new`].
    pub fn product(&self, views: &[usize]) -> Result<Vec<f32>> {
        let factors: Vec<&[f32]> = views.iter().map(|&m| self.view(m)).collect();
        product(&factors, self.rows * self.dim)
    }

    /// The product of the observed views of row `i` among `views`, `[d]`; all ones if none is.
    pub fn product_of_present(&self, i: usize, views: &[usize]) -> Vec<f32> {
        let mut q = vec![1.0; self.dim];
        for &m in views.iter().filter(|&&m| self.present[m][i]) {
            q.iter_mut().zip(self.row(m, i)).for_each(|(a, b)| *a *= b);
        }
        q
    }
}

/// Representations of training rows, per view, that stand in for missing query views.
///
/// Entry `b` of a bank for views `V` is the product of one observed row of each view of `V`. The
/// rows are drawn independently per view (`Independent`: the product of marginals, for which the
/// marginalisation is exact at the optimum) or come from one and the same training row (`Joint`).
/// For one missing view both are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    dim: usize,
    seed: Seed,
    views: Vec<Vec<f32>>,
    joint: Vec<Vec<f32>>,
}

/// How the rows of several missing views are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BankKind {
    /// One independent row per missing view.
    Independent,
    /// All missing views from one training row.
    Joint,
}

impl Bank {
    /// At most `size` observed rows of every view, chosen by the seed.
    pub fn new(reps: &Reps, size: usize, seed: Seed) -> Bank {
        let draw = |rows: Vec<usize>, counter: u64| -> Vec<usize> {
            let mut order = permutation(rows.len(), &mut seed.stream("bank", &[counter]));
            order.truncate(size);
            order.into_iter().map(|k| rows[k]).collect()
        };
        let gather =
            |m: usize, rows: &[usize]| rows.iter().flat_map(|&i| reps.row(m, i).iter().copied()).collect::<Vec<f32>>();
        let views = (0..reps.views()).map(|m| gather(m, &draw(reps.observed(m), m as u64 + 1))).collect();
        let complete = draw(reps.complete(), 0);
        let joint = (0..reps.views()).map(|m| gather(m, &complete)).collect();
        Bank { dim: reps.dim, seed, views, joint }
    }

    /// From stored parts: per view `[K_m · d]` independent rows and `[K · d]` joint rows.
    pub fn from_parts(dim: usize, seed: Seed, views: Vec<Vec<f32>>, joint: Vec<Vec<f32>>) -> Bank {
        Bank { dim, seed, views, joint }
    }

    /// The independent rows of view `m`, `[K_m · d]`.
    pub fn view(&self, m: usize) -> &[f32] {
        &self.views[m]
    }

    /// The joint rows of view `m`, `[K · d]`.
    pub fn joint(&self, m: usize) -> &[f32] {
        &self.joint[m]
    }

    /// The bank for `missing` views, `[K · d]`; empty when a view has no row.
    ///
    /// `Joint` falls back to independent rows when no training row was complete.
    ///
    /// # Errors
    /// None in practice: all parts have rows of length `d`.
    pub fn entries(&self, missing: &[usize], kind: BankKind) -> Result<Vec<f32>> {
        let joint = kind == BankKind::Joint && missing.iter().all(|&m| !self.joint[m].is_empty());
        if joint && missing.len() > 1 {
            let factors: Vec<&[f32]> = missing.iter().map(|&m| self.joint[m].as_slice()).collect();
            return product(&factors, factors.first().map_or(0, |f| f.len()));
        }
        let entries = missing.iter().map(|&m| self.views[m].len() / self.dim).min().unwrap_or(0);
        let mut bank = vec![1.0f32; entries * self.dim];
        for (position, &m) in missing.iter().enumerate() {
            // The first view keeps its order; the others are shuffled against it.
            let order = match position {
                0 => (0..entries).collect(),
                _ => permutation(self.views[m].len() / self.dim, &mut self.seed.stream("bank order", &[m as u64])),
            };
            for (row, &from) in bank.chunks_mut(self.dim).zip(&order) {
                row.iter_mut().zip(&self.views[m][from * self.dim..]).for_each(|(a, b)| *a *= b);
            }
        }
        Ok(bank)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn reps() -> Reps {
        let names = vec!["a".into(), "b".into(), "c".into()];
        let data = (0..3).map(|m| (0..8).map(|k| (m * 10 + k) as f32).collect()).collect();
        let mut present = vec![vec![true; 4]; 3];
        present[1][2] = false;
        Reps::new(names, 2, 4, data, present).unwrap()
    }

    #[test]
    fn products_and_presence() {
        let r = reps();
        assert_eq!(r.complete(), [0, 1, 3]);
        assert_eq!(r.product(&[0, 1]).unwrap()[..2], [0.0, 11.0]);
        assert_eq!(r.product_of_present(2, &[0, 1]), r.row(0, 2));
        let s = r.select(&[3, 0]);
        assert_eq!((s.rows(), s.row(2, 0)), (2, r.row(2, 3)));
    }

    #[test]
    fn a_bank_holds_observed_rows_only_and_a_joint_bank_keeps_tuples() {
        let (r, seed) = (reps(), Seed::new(5));
        let bank = Bank::new(&r, 10, seed);
        assert_eq!(bank.view(1).len(), 3 * 2);
        assert_eq!(bank.view(0).len(), 4 * 2);
        let joint = bank.entries(&[0, 2], BankKind::Joint).unwrap();
        let products = r.product(&[0, 2]).unwrap();
        for entry in joint.chunks(2) {
            assert!([0usize, 1, 3].iter().any(|&i| products[i * 2..i * 2 + 2] == *entry));
        }
        assert_eq!(bank.entries(&[1], BankKind::Independent).unwrap(), bank.view(1));
        assert_eq!(bank.entries(&[0, 1, 2], BankKind::Independent).unwrap().len(), 3 * 2);
    }

    #[test]
    fn wrong_lengths_name_the_view() {
        let e = Reps::new(vec!["a".into()], 2, 3, vec![vec![0.0; 4]], vec![vec![true; 3]]).unwrap_err();
        assert!(e.to_string().contains("`a`"), "{e}");
    }
}
