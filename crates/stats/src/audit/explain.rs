//! What was lost: columns of X, parts of Y, subgroups of rows.
//!
//! Columns: the generalised covariance measure of every column of X given (Z, W). Parts: the mean gap on
//! a class, a fifth of a number, or a coordinate. Subgroups: a tree of two cuts on the row gaps, grown on
//! one half and measured on the other, so the measurement is honest. Every family of answers is
//! adjusted by Benjamini and Hochberg. Source: `fccov.md`, Beyond 3.

use super::{
    evidence::{Bound, CalibrationBin, ColumnLoss, Part, PartLoss, Subgroup},
    gap::mean_estimate,
    risk::Losses,
    target::Target,
};
use crate::{
    StatsError, Stream,
    conditional::{Smoother, TestResult, gcm},
    linalg::Matrix,
    multiple::benjamini_hochberg,
    normal,
    probe::{Task, softmax},
    response::Response,
};

/// Products of columns of X and coordinates of Y that the covariance measure looks at.
const PRODUCTS: usize = 1_000;
/// Work of the multiplier bootstrap above which Bonferroni takes its place.
const BOOTSTRAP_WORK: usize = 400_000_000;

/// The covariance measure column by column, and as one test.
pub(crate) fn columns(
    x: &Matrix,
    given: &Matrix,
    y: &Matrix,
    seed: u64,
) -> Result<(Vec<ColumnLoss>, TestResult), StatsError> {
    let coordinates = spaced(y.cols, (PRODUCTS / x.cols.max(1)).clamp(1, 16));
    let y = Matrix::from_fn(y.rows, coordinates.len(), |i, j| y.at(i, coordinates[j]));
    let draws = if x.rows * x.cols * y.cols * 199 > BOOTSTRAP_WORK { 0 } else { 199 };
    let found = gcm(&Smoother, x, given, &y, draws, seed)?;
    let adjusted = benjamini_hochberg(&found.p_columns)?;
    let least = found.p_columns.iter().copied().fold(1.0, f64::min);
    let p = if draws == 0 { (least * x.cols as f64).min(1.0) } else { found.p };
    let mut losses: Vec<ColumnLoss> = (0..x.cols)
        .map(|column| ColumnLoss {
            column,
            statistic: found.t[column],
            p: found.p_columns[column],
            p_adjusted: adjusted[column],
        })
        .collect();
    losses.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.statistic.abs().total_cmp(&a.statistic.abs())));
    let test = TestResult { name: "gcm".into(), statistic: found.max_abs, splits: Vec::new(), p, rows: x.rows };
    Ok((losses, test))
}

/// The gap on every part of Y, largest first.
pub(crate) fn parts(
    y: &Response,
    target: &Target,
    losses: &Losses,
    groups: Option<&[usize]>,
    alpha: f64,
) -> Result<Vec<PartLoss>, StatsError> {
    let n = losses.z.len();
    let gaps: Vec<f64> = losses.z.iter().zip(&losses.xz).map(|(a, b)| a - b).collect();
    let mut found: Vec<(Part, Vec<usize>, Vec<f64>)> = Vec::new();
    match y {
        Response::Label { codes, classes } => {
            for class in 0..*classes {
                let rows: Vec<usize> = (0..n).filter(|&i| codes[i] == class).collect();
                let values = rows.iter().map(|&i| gaps[i]).collect();
                found.push((Part::Class(class), rows, values));
            }
        }
        Response::Real { values, dim: 1, .. } | Response::Ordinal { levels: values } => {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
            for fifth in 0..5 {
                let rows = order[fifth * n / 5..(fifth + 1) * n / 5].to_vec();
                let (Some(&low), Some(&high)) = (rows.first(), rows.last()) else { continue };
                let part = rows.iter().map(|&i| gaps[i]).collect();
                found.push((Part::Range(values[low], values[high]), rows, part));
            }
        }
        _ if target.task == Task::Squares => {
            for j in spaced(target.values.cols, 20) {
                let square = |p: &Matrix, i: usize| (p.at(i, j) - target.values.at(i, j)).powi(2);
                let values = (0..n).map(|i| square(&losses.predicted_z, i) - square(&losses.predicted_xz, i)).collect();
                found.push((Part::Coordinate(j), (0..n).collect(), values));
            }
        }
        _ => {}
    }
    let mut out = Vec::with_capacity(found.len());
    for (part, rows, values) in found.into_iter().filter(|f| f.1.len() >= 5) {
        let clusters: Option<Vec<usize>> = groups.map(|g| rows.iter().map(|&i| g[i]).collect());
        let gap = mean_estimate(&values, clusters.as_deref(), alpha)?;
        let p = upper_tail(gap.value, gap.se);
        out.push(PartLoss { part, rows: rows.len(), gap, p, p_adjusted: p });
    }
    if !out.is_empty() {
        let adjusted = benjamini_hochberg(&out.iter().map(|o| o.p).collect::<Vec<f64>>())?;
        out.iter_mut().zip(adjusted).for_each(|(o, p)| o.p_adjusted = p);
    }
    out.sort_by(|a, b| b.gap.value.total_cmp(&a.gap.value));
    Ok(out)
}

fn upper_tail(value: f64, se: f64) -> f64 {
    if se > 0.0 && se.is_finite() { normal::cdf(-value / se) } else { 1.0 }
}

/// At most `most` indices of `0..n`, evenly spaced.
fn spaced(n: usize, most: usize) -> Vec<usize> {
    if n <= most { (0..n).collect() } else { (0..most).map(|k| k * (n - 1) / (most - 1).max(1)).collect() }
}

/// Leaves of an honest tree on the gaps, largest gap first.
pub(crate) fn subgroups(x: &Matrix, gaps: &[f64], alpha: f64, seed: u64) -> Result<Vec<Subgroup>, StatsError> {
    let n = gaps.len();
    let fewest = (n / 40).max(10);
    if n < 4 * fewest {
        return Ok(Vec::new());
    }
    let mut order: Vec<usize> = (0..n).collect();
    Stream::new(seed, 0x5b6).shuffle(&mut order);
    let (grow, measure) = order.split_at(n / 2);
    let mut leaves: Vec<(Vec<Bound>, Vec<usize>)> = vec![(Vec::new(), grow.to_vec())];
    for _ in 0..2 {
        let mut next = Vec::new();
        for (bounds, rows) in leaves {
            match best_cut(x, gaps, &rows, fewest) {
                None => next.push((bounds, rows)),
                Some((column, value)) => {
                    for above in [false, true] {
                        let side = rows.iter().copied().filter(|&i| (x.at(i, column) > value) == above).collect();
                        let mut path = bounds.clone();
                        path.push(Bound { column, value, above });
                        next.push((path, side));
                    }
                }
            }
        }
        leaves = next;
    }
    let all: Vec<f64> = measure.iter().map(|&i| gaps[i]).collect();
    let mean = mean_estimate(&all, None, alpha)?;
    let mut out = Vec::new();
    for (bounds, _) in leaves.into_iter().filter(|l| !l.0.is_empty()) {
        let inside = |i: usize| bounds.iter().all(|b| (x.at(i, b.column) > b.value) == b.above);
        let values: Vec<f64> = measure.iter().filter(|&&i| inside(i)).map(|&i| gaps[i]).collect();
        if values.len() < 5 {
            continue;
        }
        let gap = mean_estimate(&values, None, alpha)?;
        let p = upper_tail(gap.value - mean.value, (gap.se * gap.se + mean.se * mean.se).sqrt());
        out.push(Subgroup { bounds, rows: values.len(), gap, p, p_adjusted: p });
    }
    if !out.is_empty() {
        let adjusted = benjamini_hochberg(&out.iter().map(|o| o.p).collect::<Vec<f64>>())?;
        out.iter_mut().zip(adjusted).for_each(|(o, p)| o.p_adjusted = p);
    }
    out.sort_by(|a, b| b.gap.value.total_cmp(&a.gap.value));
    Ok(out)
}

/// The cut with the largest between-sides sum of squares of the gaps over 15 quantiles of every column.
fn best_cut(x: &Matrix, gaps: &[f64], rows: &[usize], fewest: usize) -> Option<(usize, f64)> {
    let total: f64 = rows.iter().map(|&i| gaps[i]).sum();
    let n = rows.len() as f64;
    let mut best: Option<(f64, usize, f64)> = None;
    for column in 0..x.cols {
        let mut order: Vec<(f64, f64)> = rows.iter().map(|&i| (x.at(i, column), gaps[i])).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut left = 0.0;
        for k in 1..order.len() {
            left += order[k - 1].1;
            let candidate = k * 16 / order.len() != (k - 1) * 16 / order.len();
            if !candidate || k < fewest || order.len() - k < fewest || order[k].0 == order[k - 1].0 {
                continue;
            }
            let right = total - left;
            let gain = left * left / k as f64 + right * right / (n - k as f64) - total * total / n;
            if gain > 1e-12 && best.is_none_or(|b| gain > b.0) {
                best = Some((gain, column, order[k - 1].0));
            }
        }
    }
    best.map(|(_, column, value)| (column, value))
}

/// Predicted against seen in ten bins: the first coordinate, or the likeliest class.
pub(crate) fn calibration(target: &Target, predicted: &Matrix) -> Vec<CalibrationBin> {
    let n = predicted.rows;
    let mut pairs: Vec<(f64, f64)> = match target.task {
        Task::Squares => (0..n).map(|i| (predicted.at(i, 0), target.values.at(i, 0))).collect(),
        Task::Classes => {
            let p = softmax(predicted);
            let one = |i: usize| {
                let top = crate::metric::argmax(p.row(i));
                (p.at(i, top), target.values.at(i, top))
            };
            (0..n).map(one).collect()
        }
    };
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins = 10.min(n);
    let bin = |k: usize| {
        let part = &pairs[k * n / bins..(k + 1) * n / bins];
        let rows = part.len().max(1) as f64;
        CalibrationBin {
            rows: part.len(),
            predicted: part.iter().map(|v| v.0).sum::<f64>() / rows,
            seen: part.iter().map(|v| v.1).sum::<f64>() / rows,
        }
    };
    (0..bins).map(bin).collect()
}
