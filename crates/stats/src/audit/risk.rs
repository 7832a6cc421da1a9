//! Cross-fitted losses of the constant, of Z, and of the stack of X on Z.
//!
//! In every fold the Z-probe is fitted on the training rows, and its out-of-fold predictions there come
//! from an inner cross-fitting. The stack is `g_XZ = g_Z + a h`: for numbers `h` is a probe of the same
//! family on (X, Z, W) for the residual `y - g_Z`; for classes `h = L - g_Z` on the scale of logits, with
//! `L` a probe on (g_Z, X, Z, W). `a` in {0, 1/4, 1/2, 3/4, 1} minimises the inner out-of-fold loss, so a
//! wide input that only adds noise leaves the Z-probe as it is.
//! Source: `fccov.md`, section 5(b).

use super::{energy, evidence::LossKind, target::Target};
use crate::{
    StatsError, Stream,
    conditional::beside,
    linalg::Matrix,
    probe::{self, Family, Task},
};

/// Folds of the inner cross-fitting.
const INNER: usize = 3;
/// Weights of the stack that are tried.
const WEIGHTS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Most rows on which families are compared.
const CHOOSE_ROWS: usize = 3_000;

/// Losses of every row, in the order of the rows.
pub(crate) struct Losses {
    pub constant: Vec<f64>,
    pub z: Vec<f64>,
    pub xz: Vec<f64>,
    /// Weight of the stack in every fold.
    pub stack: Vec<f64>,
    /// Out-of-fold predictions from Z and of the stack.
    pub predicted_z: Matrix,
    pub predicted_xz: Matrix,
}

/// What one cross-fitting needs.
pub(crate) struct Job<'a> {
    pub target: &'a Target,
    /// (Z, W).
    pub narrow: &'a Matrix,
    /// (X, Z, W).
    pub wide: &'a Matrix,
    pub fold: &'a [usize],
    pub groups: Option<&'a [usize]>,
    pub folds: usize,
    pub fit_rows: usize,
    pub seed: u64,
}

/// Runs the cross-fitting; `done` is called after every fold and may stop it.
pub(crate) fn crossfit(
    job: &Job<'_>,
    family: Family,
    done: &mut dyn FnMut(usize, usize) -> Result<(), StatsError>,
) -> Result<Losses, StatsError> {
    let n = job.fold.len();
    let m = job.target.values.cols;
    let empty = || Matrix::zeros(n, m);
    let mut out = Losses {
        constant: vec![0.0; n],
        z: vec![0.0; n],
        xz: vec![0.0; n],
        stack: Vec::new(),
        predicted_z: empty(),
        predicted_xz: empty(),
    };
    for f in 0..job.folds {
        let (test, mut train): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| job.fold[i] == f);
        if train.len() > job.fit_rows {
            Stream::new(job.seed, 0x7355 + f as u64).shuffle(&mut train);
            train.truncate(job.fit_rows);
            train.sort_unstable();
        }
        if !test.is_empty() {
            one_fold(job, family, f, (&train, &test), &mut out)?;
        }
        done(f + 1, job.folds)?;
    }
    Ok(out)
}

fn one_fold(
    job: &Job<'_>,
    family: Family,
    f: usize,
    (train, test): (&[usize], &[usize]),
    out: &mut Losses,
) -> Result<(), StatsError> {
    let seed = job.seed.wrapping_add(f as u64);
    let (narrow, y) = (job.narrow.select(train), job.target.values.select(train));
    let inner = inner_folds(job, train, seed);
    let out_z = out_of_fold(family, job.target.task, &narrow, &y, &inner, seed)?;
    let g_z = probe::fit(family, job.target.task, &narrow, &y, seed)?.predict(&job.narrow.select(test))?;
    let stack = Stack::new(job, family, train, &out_z, &inner, seed)?;
    let h = stack.predict(&job.wide.select(test), &g_z)?;
    let g_xz = combine(&g_z, &h, stack.weight);
    let reference = combine(&out_z, &stack.out, stack.weight);
    let lz = losses(job.target, &g_z, test, (&out_z, train));
    let lxz = losses(job.target, &g_xz, test, (&reference, train));
    let l0 = match job.target.kind {
        LossKind::Energy => energy::constant(&job.target.space, test, train),
        _ => job.target.losses(&job.target.constant(train, test.len()), test),
    };
    for (k, &i) in test.iter().enumerate() {
        (out.constant[i], out.z[i], out.xz[i]) = (l0[k], lz[k], lxz[k]);
        let m = g_z.cols;
        out.predicted_z.values[i * m..(i + 1) * m].copy_from_slice(g_z.row(k));
        out.predicted_xz.values[i * m..(i + 1) * m].copy_from_slice(g_xz.row(k));
    }
    out.stack.push(stack.weight);
    Ok(())
}

/// The second stage on top of the Z-probe.
struct Stack {
    probe: Box<dyn probe::Probe>,
    task: Task,
    weight: f64,
    /// Out-of-fold values of `h` on the training rows.
    out: Matrix,
}

impl Stack {
    fn new(
        job: &Job<'_>,
        family: Family,
        train: &[usize],
        out_z: &Matrix,
        inner: &[usize],
        seed: u64,
    ) -> Result<Self, StatsError> {
        let task = job.target.task;
        let y = job.target.values.select(train);
        let wide = job.wide.select(train);
        let (x, goal) = match task {
            Task::Squares => (wide, difference(&y, out_z)),
            Task::Classes => (beside(out_z, &wide), y),
        };
        let mut out = out_of_fold(family, task, &x, &goal, inner, seed)?;
        if task == Task::Classes {
            out = difference(&out, out_z);
        }
        let mut best = (f64::INFINITY, 0.0);
        for a in WEIGHTS {
            let g = combine(out_z, &out, a);
            let loss: f64 = losses(job.target, &g, train, (&g, train)).iter().sum();
            if loss < best.0 {
                best = (loss, a);
            }
        }
        Ok(Self { probe: probe::fit(family, task, &x, &goal, seed)?, task, weight: best.1, out })
    }

    fn predict(&self, wide: &Matrix, g_z: &Matrix) -> Result<Matrix, StatsError> {
        match self.task {
            Task::Squares => self.probe.predict(wide),
            Task::Classes => Ok(difference(&self.probe.predict(&beside(g_z, wide))?, g_z)),
        }
    }
}

fn losses(target: &Target, predicted: &Matrix, rows: &[usize], reference: (&Matrix, &[usize])) -> Vec<f64> {
    match target.kind {
        LossKind::Energy => energy::scores(&target.space, predicted, rows, reference),
        _ => target.losses(predicted, rows),
    }
}

fn combine(g: &Matrix, h: &Matrix, a: f64) -> Matrix {
    let values = g.values.iter().zip(&h.values).map(|(g, h)| g + a * h).collect();
    Matrix { rows: g.rows, cols: g.cols, values }
}

fn difference(a: &Matrix, b: &Matrix) -> Matrix {
    let values = a.values.iter().zip(&b.values).map(|(a, b)| a - b).collect();
    Matrix { rows: a.rows, cols: a.cols, values }
}

/// Inner fold of every training row; whole groups on one side.
fn inner_folds(job: &Job<'_>, train: &[usize], seed: u64) -> Vec<usize> {
    let mut stream = Stream::new(seed, 0x1f01d);
    let mut units: Vec<usize> = match job.groups {
        Some(groups) => train.iter().map(|&i| groups[i]).collect(),
        None => (0..train.len()).collect(),
    };
    let of = units.clone();
    units.sort_unstable();
    units.dedup();
    stream.shuffle(&mut units);
    let home: std::collections::BTreeMap<usize, usize> =
        units.into_iter().enumerate().map(|(rank, unit)| (unit, rank % INNER)).collect();
    of.iter().map(|unit| home[unit]).collect()
}

/// Predictions of every row by a probe that did not see its fold.
fn out_of_fold(
    family: Family,
    task: Task,
    x: &Matrix,
    y: &Matrix,
    inner: &[usize],
    seed: u64,
) -> Result<Matrix, StatsError> {
    let mut out = Matrix::zeros(y.rows, y.cols);
    for f in 0..INNER {
        let (test, train): (Vec<usize>, Vec<usize>) = (0..x.rows).partition(|&i| inner[i] == f);
        if test.is_empty() {
            continue;
        }
        let fitted = probe::fit(family, task, &x.select(&train), &y.select(&train), seed)?;
        let p = fitted.predict(&x.select(&test))?;
        for (k, &i) in test.iter().enumerate() {
            out.values[i * y.cols..(i + 1) * y.cols].copy_from_slice(p.row(k));
        }
    }
    Ok(out)
}

/// Inner cross-validated risk of every family, on (Z, W) plus on (X, Z, W), and the family of the
/// smallest sum: one family for both sides. Squared errors of the coordinates, or bits.
pub(crate) fn choose(job: &Job<'_>, families: &[Family]) -> Result<(Family, Vec<(Family, f64)>), StatsError> {
    let n = job.fold.len();
    let mut rows: Vec<usize> = (0..n).collect();
    if n > CHOOSE_ROWS {
        Stream::new(job.seed, 0xfa31).shuffle(&mut rows);
        rows.truncate(CHOOSE_ROWS);
        rows.sort_unstable();
    }
    let y = job.target.values.select(&rows);
    let inner = inner_folds(job, &rows, job.seed);
    let (narrow, wide) = (job.narrow.select(&rows), job.wide.select(&rows));
    let mut risks = Vec::with_capacity(families.len());
    for &family in families {
        let mut total = 0.0;
        for x in [&narrow, &wide] {
            let p = out_of_fold(family, job.target.task, x, &y, &inner, job.seed)?;
            total += match job.target.kind {
                LossKind::Energy => probe::mean_loss(Task::Squares, &p, &y),
                _ => job.target.losses(&p, &rows).iter().sum::<f64>() / rows.len() as f64,
            };
        }
        risks.push((family, total / 2.0));
    }
    let best = risks.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(Family::Ridge, |b| b.0);
    Ok((best, risks))
}

/// Cross-fitted losses of one probe on `x`, without a stack.
pub(crate) fn plain(job: &Job<'_>, x: &Matrix, family: Family) -> Result<Vec<f64>, StatsError> {
    let n = job.fold.len();
    let mut out = vec![0.0; n];
    for f in 0..job.folds {
        let (test, mut train): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| job.fold[i] == f);
        if test.is_empty() {
            continue;
        }
        if train.len() > job.fit_rows {
            Stream::new(job.seed, 0x7355 + f as u64).shuffle(&mut train);
            train.truncate(job.fit_rows);
        }
        let seed = job.seed.wrapping_add(f as u64);
        let (x_train, y) = (x.select(&train), job.target.values.select(&train));
        let fitted = probe::fit(family, job.target.task, &x_train, &y, seed)?;
        let p = fitted.predict(&x.select(&test))?;
        let own = fitted.predict(&x_train)?;
        let l = losses(job.target, &p, &test, (&own, &train));
        test.iter().zip(l).for_each(|(&i, l)| out[i] = l);
    }
    Ok(out)
}
