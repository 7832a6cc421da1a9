//! Two systems scored on the same rows: how large is the difference, is it beyond a margin, and
//! how many rows would decide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Bootstrap, BootstrapKind, Interval, IntervalKind, StatsError, beta, check, mean_var, normal};

/// Which interval of the mean difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairedKind {
    /// BCa bootstrap; of whole groups when groups are given.
    Bca,
    /// Student's t; with groups the cluster-robust variance and groups - 1 degrees of freedom.
    Student,
}

/// Settings of a paired comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedOptions {
    /// The difference that has to be cleared (0): for example -0.05 for "not worse by 5 points".
    pub margin: f64,
    /// Nominal coverage (0.95).
    pub level: f64,
    /// Which interval (BCa).
    pub kind: PairedKind,
    /// Bootstrap replicates (2,000).
    pub replicates: usize,
    /// Seed of the bootstrap (0).
    pub seed: u64,
    /// Chance of a decision that [`Comparison::rows_to_decide`] asks for (0.8).
    pub power: f64,
}

impl Default for PairedOptions {
    fn default() -> Self {
        Self { margin: 0.0, level: 0.95, kind: PairedKind::Bca, replicates: 2_000, seed: 0, power: 0.8 }
    }
}

/// Where the interval lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The lower limit is above the margin.
    Above,
    /// The upper limit is below the margin.
    Below,
    /// The interval holds the margin.
    Undecided,
}

/// McNemar's exact test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct McNemar {
    /// Rows that only the first system has right.
    pub only_a: u64,
    /// Rows that only the second system has right.
    pub only_b: u64,
    /// Two-sided exact p-value.
    pub p_value: f64,
}

/// Result of [`compare`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Number of rows.
    pub rows: usize,
    /// Number of groups, when groups were given.
    pub groups: Option<usize>,
    /// Mean score of the first system.
    pub mean_a: f64,
    /// Mean score of the second system.
    pub mean_b: f64,
    /// Mean difference, first minus second, with its interval.
    pub difference: Interval,
    /// The margin asked about.
    pub margin: f64,
    /// Where the interval lies.
    pub decision: Decision,
    /// McNemar's test, when every score is 0 or 1 and no groups were given.
    pub mcnemar: Option<McNemar>,
    /// When undecided: rows (of the same kind, with the same groups sizes) after which the
    /// interval would clear the margin with the chance `power`, if the difference is what it looks
    /// like now. `None` when decided, or when the difference equals the margin.
    pub rows_to_decide: Option<u64>,
}

/// Compares two systems on the same rows.
///
/// The difference is `mean(a - b)`; see [`PairedKind`] for its interval. Rows to decide:
/// `N ((z_((1+level)/2) + z_power) se / |difference - margin|)^2`, with the standard error `se` of
/// the interval (so dependence inside groups is counted).
///
/// - shapes: `a: [N]`, `b: [N]` (0/1 or real scores), `groups: [N]` labels
/// - cost: `replicates * N` additions (BCa), `O(N)` (Student)
/// - determinism: same seed, same bytes, for any number of threads
///
/// # Errors
/// [`StatsError::TooFew`] below two rows or groups, [`StatsError::LengthMismatch`],
/// [`StatsError::NotFinite`], [`StatsError::Setting`].
///
/// ```
/// use suffit_stats::paired::{Decision, PairedKind, PairedOptions, compare};
/// let options = PairedOptions { kind: PairedKind::Student, ..PairedOptions::default() };
/// // differences 1, 1, 0, 1: mean 3/4, se 1/4, t_3 = 3.18
/// let c = compare(&[1.0, 1.0, 1.0, 1.0], &[0.0, 0.0, 1.0, 0.0], None, &options)?;
/// assert_eq!((c.difference.estimate, c.decision), (0.75, Decision::Undecided));
/// assert_eq!(c.difference.standard_error, Some(0.25));
/// let p = c.mcnemar.map_or(1.0, |m| m.p_value);
/// assert!((p - 2.0 * 0.5 * 0.5 * 0.5).abs() < 1e-13); // three rows, all for the first
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn compare(
    a: &[f64],
    b: &[f64],
    groups: Option<&[usize]>,
    options: &PairedOptions,
) -> Result<Comparison, StatsError> {
    check::sample("a", a, 2)?;
    check::same_length("a", a.len(), "b", b.len())?;
    check::finite("b", b)?;
    check::finite("margin", &[options.margin])?;
    check::open_unit("power", options.power)?;
    let d: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    check::finite("a - b", &d)?;
    if let Some(g) = groups {
        check::same_length("a", a.len(), "groups", g.len())?;
    }
    let difference = interval(&d, groups, options)?;
    let decision = if difference.low > options.margin {
        Decision::Above
    } else if difference.high < options.margin {
        Decision::Below
    } else {
        Decision::Undecided
    };
    let binary = |v: &[f64]| v.iter().all(|&x| x == 0.0 || x == 1.0);
    let mcnemar = (groups.is_none() && binary(a) && binary(b)).then(|| count_discordant(a, b));
    Ok(Comparison {
        rows: a.len(),
        groups: groups.map(distinct),
        mean_a: mean_var::mean_unchecked(a),
        mean_b: mean_var::mean_unchecked(b),
        difference,
        margin: options.margin,
        decision,
        mcnemar,
        rows_to_decide: match decision {
            Decision::Undecided => rows_to_decide(a.len(), &difference, options)?,
            _ => None,
        },
    })
}

fn interval(d: &[f64], groups: Option<&[usize]>, options: &PairedOptions) -> Result<Interval, StatsError> {
    let bootstrap = Bootstrap {
        replicates: options.replicates,
        level: options.level,
        seed: options.seed,
        kind: BootstrapKind::Bca,
    };
    match (options.kind, groups) {
        (PairedKind::Bca, None) => bootstrap.mean(d),
        (PairedKind::Bca, Some(g)) => bootstrap.cluster_mean(d, g),
        (PairedKind::Student, None) => mean_var::mean_interval(d, options.level),
        (PairedKind::Student, Some(g)) => clustered_student(d, g, options.level),
    }
}

/// `mean +- t_(G-1) se` with `se^2 = G/(G-1) sum_g (sum_(i in g) (d_i - mean))^2 / N^2`.
///
/// Source: Liang and Zeger 1986, Biometrika 73, 13-22 (with the usual factor for few groups).
fn clustered_student(d: &[f64], groups: &[usize], level: f64) -> Result<Interval, StatsError> {
    check::open_unit("level", level)?;
    let mean = mean_var::mean_unchecked(d);
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for (&g, v) in groups.iter().zip(d) {
        *sums.entry(g).or_insert(0.0) += v - mean;
    }
    check::at_least("groups", sums.len(), 2)?;
    let (g, n) = (sums.len() as f64, d.len() as f64);
    let se = (g / (g - 1.0) * sums.values().map(|s| s * s).sum::<f64>()).sqrt() / n;
    let t = beta::student_quantile(0.5 + 0.5 * level, g - 1.0)?;
    Ok(Interval::plain(mean, mean - t * se, mean + t * se, level, IntervalKind::Student).with_standard_error(se))
}

fn distinct(groups: &[usize]) -> usize {
    groups.iter().collect::<std::collections::BTreeSet<_>>().len()
}

fn count_discordant(a: &[f64], b: &[f64]) -> McNemar {
    let count = |wins: fn(&f64, &f64) -> bool| a.iter().zip(b).filter(|(x, y)| wins(x, y)).count();
    mcnemar(count(|x, y| x > y) as u64, count(|x, y| x < y) as u64)
}

/// McNemar's exact test: given the `only_a + only_b` rows on which two systems disagree, each is
/// equally likely to favour either under the null, so
/// `p = min(1, 2 P(X <= min(only_a, only_b)))`, `X ~ Binomial(only_a + only_b, 1/2)`.
///
/// - source: McNemar 1947, Psychometrika 12, 153-157, with the exact binomial tail
/// - cost: `O(sqrt(n))`; deterministic
///
/// ```
/// use suffit_stats::paired::mcnemar;
/// assert_eq!(mcnemar(0, 0).p_value, 1.0);
/// assert!((mcnemar(1, 4).p_value - 2.0 * 6.0 / 32.0).abs() < 1e-13); // (1 + 5) / 2^5, twice
/// ```
pub fn mcnemar(only_a: u64, only_b: u64) -> McNemar {
    let (few, many) = (only_a.min(only_b) as f64, only_a.max(only_b) as f64);
    // P(X <= few) = I_(1/2)(n - few, few + 1), and 1 when nothing is left above.
    let tail = if many == 0.0 { 1.0 } else { beta::incomplete_unchecked(many, few + 1.0, 0.5) };
    McNemar { only_a, only_b, p_value: (2.0 * tail).min(1.0) }
}

/// Rows needed so that an interval of a mean clears a margin with the chance `power`.
///
/// `ceil( ((z_((1+level)/2) + z_power) sd / |gap|)^2 )`, `gap` = assumed mean minus margin.
///
/// - source: Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", chapter 2
///   (normal approximation)
///
/// # Errors
/// [`StatsError::Setting`]: `sd < 0`, `gap` zero or not finite, `level` or `power` outside (0, 1).
///
/// ```
/// // power 1/2 means "if everything turns out as expected": (1.96 * 1 / 0.1)^2 = 384.1
/// assert_eq!(suffit_stats::paired::sample_size(1.0, 0.1, 0.95, 0.5)?, 385);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn sample_size(sd: f64, gap: f64, level: f64, power: f64) -> Result<u64, StatsError> {
    check::open_unit("level", level)?;
    check::open_unit("power", power)?;
    if !(sd >= 0.0 && sd.is_finite()) {
        return Err(StatsError::Setting { name: "sd", value: sd, range: "zero or more" });
    }
    if gap == 0.0 || !gap.is_finite() {
        return Err(StatsError::Setting { name: "gap", value: gap, range: "finite and not zero" });
    }
    let z = normal::quantile(0.5 + 0.5 * level)? + normal::quantile(power)?;
    Ok((z.max(0.0) * sd / gap).powi(2).ceil().max(2.0) as u64)
}

fn rows_to_decide(rows: usize, difference: &Interval, options: &PairedOptions) -> Result<Option<u64>, StatsError> {
    let gap = difference.estimate - options.margin;
    let sd = difference.standard_error.unwrap_or(0.0) * (rows as f64).sqrt();
    if gap == 0.0 || sd == 0.0 {
        return Ok(None);
    }
    sample_size(sd, gap, options.level, options.power).map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stream;
    use proptest::prelude::*;
    use rayon::prelude::*;

    fn student() -> PairedOptions {
        PairedOptions { kind: PairedKind::Student, ..PairedOptions::default() }
    }

    fn band(p: f64, runs: u64) -> f64 {
        3.0 * (p * (1.0 - p) / runs as f64).sqrt()
    }

    fn share(runs: u64, hit: impl Fn(u64) -> bool + Sync + Send) -> f64 {
        (0..runs).into_par_iter().filter(|&r| hit(r)).count() as f64 / runs as f64
    }

    /// `2 sum_(k <= min) C(n, k) / 2^n`.
    fn mcnemar_naive(a: u64, b: u64) -> f64 {
        let n = a + b;
        let (mut c, mut sum) = (1.0, 0.0);
        for k in 0..=a.min(b) {
            sum += c;
            c *= (n - k) as f64 / (k + 1) as f64;
        }
        (2.0 * sum / 2f64.powi(n as i32)).min(1.0)
    }

    #[test]
    fn intervals_of_correlated_zero_one_scores_cover() {
        // Both systems share the difficulty of the row: right when u < .7 + noise, .65 + noise.
        let runs = 800;
        let scores = |r: u64| {
            let mut s = Stream::new(8, r);
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for _ in 0..300 {
                // a right with .70; b right with .65; they disagree on about a quarter of rows
                let (u, flip) = (s.uniform(), s.uniform());
                a.push(f64::from(u8::from(u < 0.70)));
                let v = if flip < 0.6 { u } else { s.uniform() };
                b.push(f64::from(u8::from(v < 0.65)));
            }
            (a, b)
        };
        for kind in [PairedKind::Student, PairedKind::Bca] {
            let covered = share(runs, |r| {
                let (a, b) = scores(r);
                let o = PairedOptions { kind, replicates: 800, seed: r, ..PairedOptions::default() };
                compare(&a, &b, None, &o).unwrap().difference.contains(0.05)
            });
            assert!((covered - 0.95).abs() <= band(0.95, runs), "{kind:?} {covered}");
        }
    }

    #[test]
    fn the_promised_rows_decide_with_the_promised_chance() {
        let (sd, gap, runs) = (1.0, 0.3, 2_000);
        let n = sample_size(sd, gap, 0.95, 0.8).unwrap();
        assert_eq!(n, 88); // ((1.960 + 0.842) / 0.3)^2 = 87.2
        let decided = share(runs, |r| {
            let mut s = Stream::new(9, r);
            let a: Vec<f64> = (0..n).map(|_| gap + sd * s.normal()).collect();
            compare(&a, &vec![0.0; a.len()], None, &student()).unwrap().decision == Decision::Above
        });
        assert!((decided - 0.8).abs() <= band(0.8, runs), "{decided}");
    }

    #[test]
    fn mcnemar_never_rejects_true_nulls_too_often() {
        // Exact level by enumeration: the mass of all counts with p <= 0.05.
        for n in [5u64, 20, 60, 200] {
            let mut mass = 0.5f64.powi(n as i32);
            let mut level = 0.0;
            for k in 0..=n {
                if mcnemar(k, n - k).p_value <= 0.05 {
                    level += mass;
                }
                mass *= (n - k) as f64 / (k + 1) as f64;
            }
            assert!(level <= 0.05, "{n}: {level}");
            assert!(n < 20 || level > 0.01, "{n}: {level}");
        }
    }

    #[test]
    fn grouped_student_covers() {
        let groups: Vec<usize> = (0..200).map(|i| i / 5).collect();
        let runs = 1_000;
        let covered = share(runs, |r| {
            let mut s = Stream::new(10, r);
            let mut a = Vec::new();
            for _ in 0..40 {
                let g = s.normal();
                a.extend((0..5).map(|_| g + s.normal()));
            }
            let b = vec![0.0; 200];
            compare(&a, &b, Some(&groups), &student()).unwrap().difference.contains(0.0)
        });
        // Equal groups of normal rows: exactly Student's t of the 40 group means.
        assert!((covered - 0.95).abs() <= band(0.95, runs), "{covered}");
    }

    #[test]
    fn undecided_says_how_many_rows() {
        let a: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i % 10 < 7))).collect();
        let b: Vec<f64> = (0..100).map(|i| f64::from(u8::from((i * 3 + 1) % 10 < 6))).collect();
        let c = compare(&a, &b, None, &PairedOptions::default()).unwrap();
        assert_eq!(c.decision, Decision::Undecided);
        let n = c.rows_to_decide.unwrap();
        let se = c.difference.standard_error.unwrap();
        let expect = 100.0 * ((1.959_964 + 0.841_621) * se / 0.1).powi(2);
        assert!((n as f64 - expect).abs() < 2.0, "{n} {expect}");
        let wide = PairedOptions { margin: -0.5, ..PairedOptions::default() };
        let c = compare(&a, &b, None, &wide).unwrap();
        assert_eq!((c.decision, c.rows_to_decide), (Decision::Above, None));
        let high = PairedOptions { margin: 0.5, ..PairedOptions::default() };
        assert_eq!(compare(&a, &b, None, &high).unwrap().decision, Decision::Below);
        let same = compare(&a, &a, None, &PairedOptions::default()).unwrap();
        assert_eq!((same.decision, same.rows_to_decide), (Decision::Undecided, None));
    }

    #[test]
    fn bad_input() {
        let o = PairedOptions::default();
        assert!(compare(&[1.0], &[1.0], None, &o).is_err());
        assert!(compare(&[1.0, 2.0], &[1.0], None, &o).is_err());
        assert!(compare(&[1.0, 2.0], &[1.0, f64::NAN], None, &o).is_err());
        assert!(compare(&[1.0, 2.0], &[1.0, 0.0], Some(&[0]), &o).is_err());
        assert!(compare(&[1.0, 2.0], &[1.0, 0.0], Some(&[3, 3]), &o).is_err());
        assert!(sample_size(1.0, 0.0, 0.95, 0.8).is_err());
        assert!(sample_size(-1.0, 0.1, 0.95, 0.8).is_err());
    }

    proptest! {
        #[test]
        fn mcnemar_is_the_binomial_sum(a in 0u64..40, b in 0u64..40) {
            let m = mcnemar(a, b);
            prop_assert!((m.p_value - mcnemar_naive(a, b)).abs() < 1e-12);
            prop_assert_eq!(m.p_value, mcnemar(b, a).p_value);
        }

        #[test]
        fn swapping_the_systems_mirrors_the_interval(
            v in prop::collection::vec((-5.0f64..5.0, -5.0f64..5.0), 3..40),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = v.into_iter().unzip();
            let (x, y) = (
                compare(&a, &b, None, &student()).unwrap().difference,
                compare(&b, &a, None, &student()).unwrap().difference,
            );
            prop_assert!((x.low + y.high).abs() < 1e-9 && (x.high + y.low).abs() < 1e-9);
        }

        #[test]
        fn singleton_groups_change_nothing(v in prop::collection::vec(-5.0f64..5.0, 3..40)) {
            let groups: Vec<usize> = (0..v.len()).collect();
            let zero = vec![0.0; v.len()];
            let (x, y) = (
                compare(&v, &zero, None, &student()).unwrap().difference,
                compare(&v, &zero, Some(&groups), &student()).unwrap().difference,
            );
            prop_assert!((x.low - y.low).abs() < 1e-9 && (x.high - y.high).abs() < 1e-9);
        }
    }
}
