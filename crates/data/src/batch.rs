//! The order in which rows are visited: shuffled, divided into batches, and resumable by two numbers.

use suffit_core::Seed;
use suffit_core::seed::permutation;

/// Where a loader stands: everything that must be saved to go on with the same batches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Passes finished.
    pub epoch: u64,
    /// Batches of this pass already given out.
    pub index: u64,
}

/// Gives out batches of row numbers, for ever.
///
/// The order of epoch `e` is the permutation drawn from the seed stream `("shuffle", e)`; it depends on
/// the seed, the epoch and the number of rows only. So a loader that is set to a saved [`Position`]
/// gives out exactly the batches that an uninterrupted one would.
///
/// ```
/// use suffit_core::Seed;
/// use suffit_data::batch::Loader;
/// let mut a = Loader::new(10, 4, Seed::new(1));
/// let sizes: Vec<usize> = (0..4).map(|_| a.next_batch().len()).collect();
/// assert_eq!(sizes, [4, 4, 2, 4]);
/// let mut b = Loader::new(10, 4, Seed::new(1));
/// b.seek(a.position());
/// assert_eq!(a.next_batch(), b.next_batch());
/// ```
#[derive(Debug, Clone)]
pub struct Loader {
    rows: usize,
    batch: usize,
    seed: Seed,
    shuffle: bool,
    drop_last: bool,
    position: Position,
    order: Option<(u64, Vec<usize>)>,
}

impl Loader {
    /// Shuffled batches of `batch` of `rows` rows; the last batch of a pass may be shorter. A batch of
    /// 0 is taken as 1.
    pub fn new(rows: usize, batch: usize, seed: Seed) -> Self {
        Loader {
            rows,
            batch: batch.max(1),
            seed,
            shuffle: true,
            drop_last: false,
            position: Position::default(),
            order: None,
        }
    }

    /// Visits rows in their own order.
    #[must_use]
    pub fn in_order(self) -> Self {
        Loader { shuffle: false, order: None, ..self }
    }

    /// Leaves out a last batch that is not full, unless it is the only one.
    #[must_use]
    pub fn drop_last(self) -> Self {
        Loader { drop_last: true, ..self }
    }

    /// Batches in one pass; 0 when there are no rows.
    pub fn batches_per_epoch(&self) -> u64 {
        let full = (self.rows / self.batch) as u64;
        let rest = !self.rows.is_multiple_of(self.batch);
        if rest && (!self.drop_last || full == 0) { full + 1 } else { full }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Goes to a saved position.
    pub fn seek(&mut self, position: Position) {
        self.position = position;
    }

    /// The next batch; empty only when there are no rows. A new pass begins by itself.
    pub fn next_batch(&mut self) -> Vec<usize> {
        let per = self.batches_per_epoch();
        if per == 0 {
            return Vec::new();
        }
        if self.position.index >= per {
            self.position = Position { epoch: self.position.epoch + 1, index: 0 };
        }
        let from = self.position.index as usize * self.batch;
        let to = (from + self.batch).min(self.rows);
        let epoch = self.position.epoch;
        self.position.index += 1;
        if !self.shuffle {
            return (from..to).collect();
        }
        let order = match self.order.take() {
            Some((of, order)) if of == epoch => order,
            _ => permutation(self.rows, &mut self.seed.stream("shuffle", &[epoch])),
        };
        let batch = order[from..to].to_vec();
        self.order = Some((epoch, order));
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pass_visits_every_row_once(rows in 1usize..200, batch in 1usize..50, seed: u64) {
            let mut loader = Loader::new(rows, batch, Seed::new(seed));
            let mut seen: Vec<usize> = (0..loader.batches_per_epoch()).flat_map(|_| loader.next_batch()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..rows).collect::<Vec<_>>());
        }

        #[test]
        fn resuming_anywhere_gives_the_same_batches(rows in 1usize..60, batch in 1usize..20, at in 0usize..40, drop: bool, seed: u64) {
            let make = || {
                let l = Loader::new(rows, batch, Seed::new(seed));
                if drop { l.drop_last() } else { l }
            };
            let mut whole = make();
            (0..at).for_each(|_| { whole.next_batch(); });
            let mut resumed = make();
            resumed.seek(whole.position());
            for _ in 0..10 {
                prop_assert_eq!(whole.next_batch(), resumed.next_batch());
            }
        }
    }

    #[test]
    fn epochs_differ_and_short_batches_can_be_dropped() {
        let mut l = Loader::new(10, 4, Seed::new(3)).drop_last();
        assert_eq!(l.batches_per_epoch(), 2);
        let first: Vec<usize> = (0..2).flat_map(|_| l.next_batch()).collect();
        let second: Vec<usize> = (0..2).flat_map(|_| l.next_batch()).collect();
        assert_ne!(first, second);
        assert_eq!(Loader::new(3, 8, Seed::new(0)).drop_last().next_batch().len(), 3);
        assert!(Loader::new(0, 8, Seed::new(0)).next_batch().is_empty());
    }
}
