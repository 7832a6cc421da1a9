//! Random halves, whole groups on one side.

use crate::Stream;

/// Rows of the direction half and of the test half, both in increasing order.
pub(super) fn halves(rows: usize, groups: Option<&[usize]>, seed: u64, split: u64) -> (Vec<usize>, Vec<usize>) {
    let mut stream = Stream::new(seed, 0x9c00 + split);
    let mut in_a = vec![false; rows];
    match groups {
        None => {
            let mut order: Vec<usize> = (0..rows).collect();
            stream.shuffle(&mut order);
            order[..rows / 2].iter().for_each(|&i| in_a[i] = true);
        }
        Some(groups) => {
            let mut names = groups.to_vec();
            names.sort_unstable();
            names.dedup();
            stream.shuffle(&mut names);
            let (mut size, mut chosen) = (0, std::collections::BTreeSet::new());
            for name in names {
                if size >= rows / 2 {
                    break;
                }
                size += groups.iter().filter(|&&g| g == name).count();
                chosen.insert(name);
            }
            (0..rows).for_each(|i| in_a[i] = chosen.contains(&groups[i]));
        }
    }
    (0..rows).partition(|&i| in_a[i])
}
