//! Does X say anything about Y that these rows can show?

use super::evidence::{Measure, Screen};
use crate::{
    StatsError, Stream,
    dependence::{gaussian_gram, gram_permutation, median_distance},
    linalg::Matrix,
    multiple::holm,
    response::{Metric, Response, Space},
};

/// Most rows of the screen: `n^2` memory and `n^2` work a permutation.
const MOST_ROWS: usize = 800;

/// Distance covariance and HSIC by permutation.
///
/// - cost: `O(permutations n^2)` with n at most 800; determinism: a function of the arguments
pub(crate) fn screen(x: &Matrix, space: &Space, permutations: usize, seed: u64) -> Result<Screen, StatsError> {
    let mut rows: Vec<usize> = (0..x.rows).collect();
    if x.rows > MOST_ROWS {
        Stream::new(seed, 0x5c4).shuffle(&mut rows);
        rows.truncate(MOST_ROWS);
        rows.sort_unstable();
    }
    let chosen = x.select(&rows);
    let dx = Response::real(chosen.values, x.cols)?.space(Metric::Standardised)?.matrix();
    let dy = Matrix::from_fn(rows.len(), rows.len(), |i, j| space.distance(rows[i], rows[j]));
    let mut measures = Vec::new();
    let dcor = gram_permutation(&dx, &dy, permutations, seed)?;
    measures.push(Measure { name: "dcov".into(), statistic: dcor.statistic, p: dcor.p_value });
    let (kx, ky) = (gaussian_gram(&dx, median_distance(&dx)?), gaussian_gram(&dy, median_distance(&dy)?));
    let hsic = gram_permutation(&kx, &ky, permutations, seed.wrapping_add(1))?;
    measures.push(Measure { name: "hsic".into(), statistic: hsic.statistic, p: hsic.p_value });
    let p = holm(&measures.iter().map(|m| m.p).collect::<Vec<f64>>())?.into_iter().fold(1.0, f64::min);
    Ok(Screen { rows: rows.len(), permutations, measures, p })
}
