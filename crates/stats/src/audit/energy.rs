//! Forecasts of objects that have distances only: nearest rows in the predicted landmarks.
//!
//! A probe predicts kernels with landmarks; the forecast of a row is the uniform law on the `k` training
//! rows whose predictions are nearest. Its energy score `mean_i d(y_i, y) - 1/2 mean_ij d(y_i, y_j)` is
//! proper when the distance is of negative type. Source: `fccov.md`, section 5(b); Gneiting and Raftery
//! 2007.

use crate::{linalg::Matrix, response::Space};

/// Most training rows that a forecast chooses from or that stand for the constant.
const MOST: usize = 2_000;

/// Energy score of the law with equal weights on `atoms` at row `y`.
pub(crate) fn score(space: &Space, atoms: &[usize], y: usize, spread: f64) -> f64 {
    atoms.iter().map(|&i| space.distance(i, y)).sum::<f64>() / atoms.len() as f64 - 0.5 * spread
}

/// Mean distance of all pairs (with themselves) of `atoms`.
pub(crate) fn spread(space: &Space, atoms: &[usize]) -> f64 {
    let mut sum = 0.0;
    for (k, &i) in atoms.iter().enumerate() {
        sum += atoms[..k].iter().map(|&j| space.distance(i, j) + space.distance(j, i)).sum::<f64>();
    }
    sum / (atoms.len() * atoms.len()) as f64
}

/// Scores of every row of `rows` under the forecast from its prediction.
///
/// A training row never is an atom of its own forecast.
pub(crate) fn scores(space: &Space, predicted: &Matrix, rows: &[usize], train: (&Matrix, &[usize])) -> Vec<f64> {
    let (reference, members) = train;
    let used: Vec<usize> = thin(members.len(), MOST);
    let k = ((used.len() as f64).sqrt().round() as usize).clamp(5, 50).min(used.len());
    let one = |i: usize| {
        let p = predicted.row(i);
        let mut near: Vec<(f64, usize)> = used
            .iter()
            .filter(|&&t| members[t] != rows[i])
            .map(|&t| (reference.row(t).iter().zip(p).map(|(a, b)| (a - b) * (a - b)).sum(), members[t]))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let atoms: Vec<usize> = near.iter().take(k).map(|n| n.1).collect();
        score(space, &atoms, rows[i], spread(space, &atoms))
    };
    (0..rows.len()).map(one).collect()
}

/// Scores of the law of all training rows.
pub(crate) fn constant(space: &Space, rows: &[usize], members: &[usize]) -> Vec<f64> {
    let atoms: Vec<usize> = thin(members.len(), 400).iter().map(|&t| members[t]).collect();
    let own = spread(space, &atoms);
    rows.iter().map(|&y| score(space, &atoms, y, own)).collect()
}

/// At most `most` indices, evenly spaced.
fn thin(n: usize, most: usize) -> Vec<usize> {
    if n <= most { (0..n).collect() } else { (0..most).map(|k| k * n / most).collect() }
}
