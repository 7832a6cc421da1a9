//! Folds of the cross-fitting: by group, by time, by class, or at random.

use crate::{Stream, response::Response};

/// How folds are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldRule {
    /// Whole groups, shuffled, to the smallest fold so far.
    Group,
    /// Blocks of consecutive rows in time.
    Time,
    /// Every class (or every tenth of a number) spread evenly.
    Stratified,
    /// At random.
    Random,
}

impl FoldRule {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Time => "time",
            Self::Stratified => "stratified",
            Self::Random => "random",
        }
    }
}

/// Fold of every row, `[n]`, in `0..k`.
///
/// - determinism: a function of the arguments
pub fn folds(
    y: &Response,
    groups: Option<&[usize]>,
    time: Option<&[f64]>,
    k: usize,
    seed: u64,
) -> (FoldRule, Vec<usize>) {
    let n = y.rows();
    let mut stream = Stream::new(seed, 0xf01d);
    if let Some(groups) = groups {
        return (FoldRule::Group, by_group(groups, k, &mut stream));
    }
    let mut fold = vec![0; n];
    let mut order: Vec<usize> = (0..n).collect();
    if let Some(time) = time {
        order.sort_by(|&i, &j| time[i].total_cmp(&time[j]));
        order.iter().enumerate().for_each(|(rank, &i)| fold[i] = rank * k / n);
        return (FoldRule::Time, fold);
    }
    stream.shuffle(&mut order);
    let rule = match y {
        Response::Label { codes, .. } => {
            order.sort_by_key(|&i| codes[i]);
            FoldRule::Stratified
        }
        _ => FoldRule::Random,
    };
    order.iter().enumerate().for_each(|(rank, &i)| fold[i] = rank % k);
    (rule, fold)
}

fn by_group(groups: &[usize], k: usize, stream: &mut Stream) -> Vec<usize> {
    let mut size = std::collections::BTreeMap::new();
    groups.iter().for_each(|g| *size.entry(*g).or_insert(0usize) += 1);
    let mut names: Vec<(usize, usize)> = size.into_iter().collect();
    stream.shuffle(&mut names);
    names.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let mut load = vec![0; k];
    let mut home = std::collections::BTreeMap::new();
    for (name, rows) in names {
        let least = (0..k).min_by_key(|&f| load[f]).unwrap_or(0);
        load[least] += rows;
        home.insert(name, least);
    }
    groups.iter().map(|g| home[g]).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn groups_stay_together_and_classes_spread() {
        let y = Response::label((0..60).map(|i| i % 3).collect(), 3).unwrap();
        let groups: Vec<usize> = (0..60).map(|i| i / 4).collect();
        let (rule, fold) = folds(&y, Some(&groups), None, 5, 1);
        assert_eq!(rule, FoldRule::Group);
        (0..60).for_each(|i| assert_eq!(fold[i], fold[i / 4 * 4]));
        (0..5).for_each(|f| assert_eq!(fold.iter().filter(|x| **x == f).count(), 12));
        let (rule, fold) = folds(&y, None, None, 5, 1);
        assert_eq!(rule, FoldRule::Stratified);
        for f in 0..5 {
            for c in 0..3 {
                assert_eq!((0..60).filter(|&i| fold[i] == f && i % 3 == c).count(), 4);
            }
        }
    }

    #[test]
    fn time_makes_blocks() {
        let y = Response::real((0..20).map(f64::from).collect(), 1).unwrap();
        let time: Vec<f64> = (0..20).rev().map(f64::from).collect();
        let (rule, fold) = folds(&y, None, Some(&time), 4, 0);
        assert_eq!((rule, fold[0], fold[19], fold[4]), (FoldRule::Time, 3, 0, 3));
    }
}
