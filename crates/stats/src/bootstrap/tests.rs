#![allow(clippy::unwrap_used)]
use super::limit::acceleration;
use super::*;
use crate::Stream;
use proptest::prelude::*;

fn mean_of(x: &[f64]) -> impl Fn(&[usize]) -> f64 + Sync + '_ {
    move |rows| rows.iter().map(|&i| x[i]).sum::<f64>() / rows.len() as f64
}

/// Lower bound of a coverage that is nominally 0.95, three binomial standard errors below.
fn floor(runs: f64) -> f64 {
    0.95 - 3.0 * (0.95f64 * 0.05 / runs).sqrt()
}

fn coverage(
    runs: u64,
    truth: f64,
    make: impl Fn(&mut Stream) -> Vec<f64> + Sync,
    interval: impl Fn(&[f64], u64) -> Interval + Sync,
) -> f64 {
    let hits: usize = (0..runs)
        .into_par_iter()
        .map(|r| {
            let x = make(&mut Stream::new(77, r));
            usize::from(interval(&x, r).contains(truth))
        })
        .sum();
    hits as f64 / runs as f64
}

#[test]
fn bca_covers_the_mean_of_normal_and_of_skewed_data() {
    let interval = |x: &[f64], seed| Bootstrap { replicates: 1_000, seed, ..Bootstrap::default() }.mean(x).unwrap();
    let normal = coverage(1_000, 0.0, |s| (0..80).map(|_| s.normal()).collect(), interval);
    let skewed = coverage(1_000, 1.0, |s| (0..150).map(|_| -(1.0 - s.uniform()).ln()).collect(), interval);
    for c in [normal, skewed] {
        assert!(c >= floor(1_000.0) && c <= 0.95 + (0.95 - floor(1_000.0)), "{normal} {skewed}");
    }
}

#[test]
fn percentile_covers_the_median() {
    let settings = |seed| Bootstrap { replicates: 600, seed, kind: BootstrapKind::Percentile, level: 0.95 };
    let c = coverage(
        600,
        0.0,
        |s| (0..61).map(|_| s.normal()).collect(),
        |x, seed| {
            settings(seed)
                .interval(x.len(), |rows| {
                    let v: Vec<f64> = rows.iter().map(|&i| x[i]).collect();
                    crate::quantile::median(&v).unwrap()
                })
                .unwrap()
        },
    );
    assert!(c >= floor(600.0), "{c}");
}

#[test]
fn groups_cover_where_rows_do_not() {
    // 60 groups of 5 rows that share most of their noise: the variance of the mean is about
    // (1 + 4 * 0.8) times what independent rows would give.
    let groups: Vec<usize> = (0..300).map(|i| i / 5).collect();
    let make = |s: &mut Stream| {
        let mut x = Vec::with_capacity(300);
        for _ in 0..60 {
            let shared = 0.8f64.sqrt() * s.normal();
            x.extend((0..5).map(|_| shared + 0.2f64.sqrt() * s.normal()));
        }
        x
    };
    let b = |seed| Bootstrap { replicates: 800, seed, ..Bootstrap::default() };
    let grouped = coverage(600, 0.0, make, |x, seed| b(seed).cluster_mean(x, &groups).unwrap());
    let rows = coverage(600, 0.0, make, |x, seed| b(seed).mean(x).unwrap());
    assert!(grouped >= floor(600.0), "{grouped}");
    // The interval is too short by sqrt(1 + 4 * 0.8): it covers 2 Phi(1.96 / sqrt(4.2)) - 1 = 0.66.
    let expected = 2.0 * normal::cdf(1.959_963_984_540_054 / 4.2f64.sqrt()) - 1.0;
    assert!((rows - expected).abs() < 3.0 * (expected * (1.0 - expected) / 600.0).sqrt(), "{rows}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let x: Vec<f64> = (0..500).map(|i| f64::from(i * i % 97)).collect();
    let run = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| Bootstrap::default().interval(x.len(), mean_of(&x)).unwrap())
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn acceleration_of_the_mean_is_its_skewness() {
    let x: [f64; 6] = [0.0, 0.0, 1.0, 2.0, 3.0, 12.0];
    let m = x.iter().sum::<f64>() / 6.0;
    let (s2, s3) = x.iter().fold((0.0, 0.0), |(a, b), v| (a + (v - m).powi(2), b + (v - m).powi(3)));
    let jack: Vec<f64> = x.iter().map(|v| (6.0 * m - v) / 5.0).collect();
    assert!((acceleration(&jack) - s3 / (6.0 * s2.powf(1.5))).abs() < 1e-14);
}

#[test]
fn degenerate_data_are_reported() {
    let b = Bootstrap::default();
    let constant = b.interval(20, |_| 0.1).unwrap();
    assert_eq!((constant.low, constant.high, constant.caution), (0.1, 0.1, Some(Caution::Constant)));
    // The number of distinct rows is largest on the data: all replicates on one side.
    let distinct = |rows: &[usize]| {
        let mut r = rows.to_vec();
        r.sort_unstable();
        r.dedup();
        r.len() as f64
    };
    let one = b.interval(20, distinct).unwrap();
    assert_eq!(one.caution, Some(Caution::OneSided));
    assert!(one.low.is_finite() && one.high <= 20.0);
    // One value of forty carries everything: the limits stay among the replicates.
    let mut spike = vec![0.0; 40];
    spike[3] = 1.0;
    let i = b.mean(&spike).unwrap();
    assert!(i.low >= 0.0 && i.high <= 1.0 && i.low <= i.estimate && i.estimate <= i.high);
    assert_eq!(b.mean(&[0.0, 1.0, 1.0]).unwrap().caution, Some(Caution::FewUnits));
    // Twenty replicates cannot hold a 99 % limit.
    let x: Vec<f64> = (0..30).map(f64::from).collect();
    for kind in [BootstrapKind::Percentile, BootstrapKind::Bca] {
        let few = Bootstrap { replicates: 20, level: 0.99, kind, ..b };
        assert_eq!(few.mean(&x).unwrap().caution, Some(Caution::Extreme));
        assert_eq!(Bootstrap { kind, ..b }.mean(&x).unwrap().caution, None);
    }
}

#[test]
fn errors_name_the_cause() {
    let b = Bootstrap::default();
    assert!(matches!(b.mean(&[1.0]), Err(StatsError::TooFew { need: 2, .. })));
    assert!(matches!(
        b.interval(5, |rows| if rows[0] == rows[1] { f64::NAN } else { 0.0 }),
        Err(StatsError::Statistic { sample: "resample", .. })
    ));
    assert!(b.clusters(&[4, 4, 4], |_| 0.0).is_err());
    assert!(b.cluster_mean(&[1.0, 2.0], &[0]).is_err());
    assert!(b.paired(&[1.0, 2.0], &[1.0, f64::NAN], |v| v[0]).is_err());
    let bad = Bootstrap { replicates: 0, ..b };
    assert!(matches!(bad.mean(&[1.0, 2.0]), Err(StatsError::Setting { name: "replicates", .. })));
    let bad = Bootstrap { level: 1.0, ..b };
    assert!(bad.mean(&[1.0, 2.0]).is_err());
}

#[test]
fn many_rows_use_folds() {
    let x: Vec<f64> = (0..5_000).map(|i| f64::from(i % 7)).collect();
    let b = Bootstrap { replicates: 200, ..Bootstrap::default() };
    let (fast, general) = (b.mean(&x).unwrap(), b.interval(x.len(), mean_of(&x)).unwrap());
    assert_eq!(fast.standard_error, general.standard_error);
    let of = |i: Interval| match i.kind {
        IntervalKind::Bca { acceleration, .. } => acceleration,
        _ => f64::NAN,
    };
    // The skewness of G sums has standard error sqrt(6/G), and the acceleration is skewness / (6 sqrt(G)).
    assert!((of(fast) - of(general)).abs() < 4.0 * 6f64.sqrt() / (6.0 * 2_048.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn fast_mean_equals_the_general_path(
        x in prop::collection::vec(-10.0f64..10.0, 2..30), seed in 0u64..50,
    ) {
        for kind in [BootstrapKind::Percentile, BootstrapKind::Bca] {
            let b = Bootstrap { replicates: 200, seed, kind, ..Bootstrap::default() };
            let (f, g) = (b.mean(&x).unwrap(), b.interval(x.len(), mean_of(&x)).unwrap());
            prop_assert!((f.low - g.low).abs() < 1e-9 && (f.high - g.high).abs() < 1e-9);
            prop_assert_eq!(f.caution, g.caution);
        }
    }

    #[test]
    fn fast_cluster_mean_equals_the_general_path(
        x in prop::collection::vec((-10.0f64..10.0, 0usize..6), 12..40), seed in 0u64..50,
    ) {
        let (v, mut g): (Vec<f64>, Vec<usize>) = x.into_iter().unzip();
        (g[0], g[1]) = (0, 1);
        let b = Bootstrap { replicates: 200, seed, ..Bootstrap::default() };
        let (f, c) = (b.cluster_mean(&v, &g).unwrap(), b.clusters(&g, mean_of(&v)).unwrap());
        prop_assert!((f.low - c.low).abs() < 1e-9 && (f.high - c.high).abs() < 1e-9);
    }

    #[test]
    fn shift_and_scale_carry_over(x in prop::collection::vec(-10.0f64..10.0, 5..30)) {
        let b = Bootstrap { replicates: 100, ..Bootstrap::default() };
        let moved: Vec<f64> = x.iter().map(|v| 2.0 * v + 8.0).collect();
        let (i, j) = (b.mean(&x).unwrap(), b.mean(&moved).unwrap());
        prop_assert!((2.0 * i.low + 8.0 - j.low).abs() < 1e-9);
        prop_assert!((2.0 * i.high + 8.0 - j.high).abs() < 1e-9);
    }

    #[test]
    fn singleton_groups_are_rows(x in prop::collection::vec(-10.0f64..10.0, 2..30)) {
        let b = Bootstrap { replicates: 100, ..Bootstrap::default() };
        let groups: Vec<usize> = (0..x.len()).collect();
        let (i, j) = (b.mean(&x).unwrap(), b.cluster_mean(&x, &groups).unwrap());
        prop_assert!((i.low - j.low).abs() < 1e-12 && (i.high - j.high).abs() < 1e-12);
    }
}
