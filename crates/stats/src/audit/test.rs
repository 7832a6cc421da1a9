//! The tests of one representation: PCM decides, the others are second opinions.

use super::{
    evidence::LossKind,
    settings::{Input, Settings},
    target::Target,
};
use crate::{
    StatsError, Stream, check,
    conditional::{Smoother, TestResult, ball_targets, beside, pcm, vector_pcm},
    linalg::Matrix,
};

/// Outcomes on a common subset of rows.
#[derive(Debug, Clone)]
pub struct Tests {
    /// The p-value that decides: Bonferroni over those below.
    pub primary: TestResult,
    /// PCM of means.
    pub means: Option<TestResult>,
    /// PCM of balls.
    pub balls: Option<TestResult>,
    /// Rows used.
    pub rows: Vec<usize>,
}

/// PCM of means (of coordinates) and of balls, given Z and W; Bonferroni over those that apply.
///
/// Labels have one test, their one-hot coordinates say everything. Objects that have distances only
/// have the ball test. All others have both: a change of spread alone is seen by balls only.
pub(crate) fn run(input: &Input<'_>, z: &Matrix, target: &Target, settings: &Settings) -> Result<Tests, StatsError> {
    let n = input.rows();
    let mut rows: Vec<usize> = (0..n).collect();
    if n > settings.test_rows {
        Stream::new(settings.seed, 0x7e57).shuffle(&mut rows);
        rows.truncate(settings.test_rows);
        rows.sort_unstable();
    }
    let x = input.x.select(&rows);
    let given = match input.w {
        Some(w) => beside(&z.select(&rows), &w.select(&rows)),
        None => z.select(&rows),
    };
    let groups: Option<Vec<usize>> = input.groups.map(|g| rows.iter().map(|&i| g[i]).collect());
    let groups = groups.as_deref();
    let seed = settings.seed;
    let values = target.values.select(&rows);
    let means = match target.kind {
        LossKind::Energy => None,
        _ if values.cols == 1 => Some(pcm(&Smoother, &x, &given, &values.values, groups, settings.splits, seed)?),
        _ => {
            let targets = |_: &[usize], _: u64| values.clone();
            Some(vector_pcm("pcm", &Smoother, &x, &given, &targets, groups, settings.splits, seed)?)
        }
    };
    let balls = match target.kind {
        LossKind::Bits => None,
        _ => {
            let targets = |a: &[usize], split: u64| {
                let centres: Vec<usize> = a.iter().map(|&i| rows[i]).collect();
                ball_targets(&target.space, &centres, settings.balls, seed.wrapping_add(split)).select(&rows)
            };
            Some(vector_pcm("pcm_balls", &Smoother, &x, &given, &targets, groups, settings.splits, seed)?)
        }
    };
    let found: Vec<&TestResult> = means.iter().chain(&balls).collect();
    let p = found.iter().map(|t| t.p).fold(1.0, f64::min) * found.len() as f64;
    let statistic = found.iter().map(|t| t.statistic).fold(f64::NEG_INFINITY, f64::max);
    let primary =
        TestResult { name: "pcm_primary".into(), statistic, splits: Vec::new(), p: p.min(1.0), rows: rows.len() };
    Ok(Tests { primary, means, balls, rows })
}

/// The tests of representation `k` alone, without risks: what calibration measures.
///
/// # Errors
/// As [`super::run`].
pub fn tests(input: &Input<'_>, k: usize, settings: &Settings) -> Result<Tests, StatsError> {
    settings.validate()?;
    input.validate(settings)?;
    check::positive("representations", input.z.len().saturating_sub(k))?;
    let target = Target::new(input.y, input.metric, settings.seed)?;
    run(input, &super::notes::varying(input.z[k].values).0, &target, settings)
}
