//! The fused losses against their definitions, on random shapes.

use proptest::prelude::*;

use crate::fused::{
    Groups, clip_pairs, clip_pairs_naive, symile_grid, symile_grid_naive, symile_n, symile_n_naive, symile_pair,
    symile_pair_naive,
};

use super::{Batch, excess_of};

/// Two precisions of one batch; f32 is compared with the definition on the rounded numbers.
macro_rules! agrees {
    ($views:expr, $rows:expr, $dim:expr, $s:expr, $grouped:expr, $seed:expr, $type:ty, $rel:expr, $abs:expr) => {{
        let batch = Batch::<$type>::new($views, $rows, $dim, 1.0, $seed);
        let (views, s) = (batch.views(), $s);
        let ids: Vec<usize> = (0..$rows).map(|i| (i * 7 + 3) % ($rows / 2 + 1)).collect();
        let groups = Groups::new(&ids);
        let groups = $grouped.then_some(&groups);
        let (perms, negatives) = (batch.perms(), batch.negatives());
        let pairs = [
            ("n", symile_n(&views, s, &perms, groups), symile_n_naive(&views, s, &perms, groups)),
            ("grid", symile_grid(&views, s, groups), symile_grid_naive(&views, s, groups)),
            ("pair", symile_pair(&views, s, &negatives, groups), symile_pair_naive(&views, s, &negatives, groups)),
            ("clip", clip_pairs(&views, s, groups), clip_pairs_naive(&views, s, groups)),
        ];
        for (name, fused, naive) in pairs {
            let worst = excess_of(&fused.unwrap(), &naive.unwrap(), $rel, $abs);
            prop_assert!(worst <= 1.0, "{name} in {}: {worst} times", stringify!($type));
        }
    }};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn fused_is_naive(
        views in 2usize..6,
        rows in 1usize..7,
        dim in 1usize..40,
        s in -2.0f64..2.5,
        grouped in any::<bool>(),
        seed in any::<u64>(),
    ) {
        agrees!(views, rows, dim, s, grouped, seed, f64, 1e-11, 1e-12);
        agrees!(views, rows, dim, s, grouped, seed, f32, 1e-5, 1e-6);
    }
}

#[test]
fn fused_is_naive_across_tiles_and_lanes() -> Result<(), TestCaseError> {
    // n: 300 rows cross a lane; grid: 60^2 score rows cross tiles and lanes.
    let batch = Batch::<f64>::new(3, 300, 3, 1.0, 5);
    let perms = batch.perms();
    let ids: Vec<usize> = (0..300).map(|i| i / 3).collect();
    for groups in [None, Some(&Groups::new(&ids))] {
        let fused = symile_n(&batch.views(), 1.0, &perms, groups).unwrap();
        let naive = symile_n_naive(&batch.views(), 1.0, &perms, groups).unwrap();
        prop_assert!(excess_of(&fused, &naive, 1e-11, 1e-12) <= 1.0);
    }
    let batch = Batch::<f64>::new(3, 60, 2, 1.0, 6);
    let ids: Vec<usize> = (0..60).map(|i| i / 3).collect();
    for groups in [None, Some(&Groups::new(&ids))] {
        let fused = symile_grid(&batch.views(), 1.0, groups).unwrap();
        let naive = symile_grid_naive(&batch.views(), 1.0, groups).unwrap();
        prop_assert!(excess_of(&fused, &naive, 1e-11, 1e-12) <= 1.0);
    }
    Ok(())
}
