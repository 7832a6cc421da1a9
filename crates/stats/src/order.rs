//! How many dimensions: criteria of a falling sequence of eigenvalues.
//!
//! | criterion | idea | entry |
//! |---|---|---|
//! | permutation sequence | an eigenvalue counts if it beats its permuted copies | [`permutation_sequence`] |
//! | ladle | eigenvectors past the true number wander between resamples | [`ladle`] |
//! | augmentation | noise columns enter the eigenvectors past the true number | [`augmentation`] |
//! | LAL, ZMP | penalised sums of eigenvalues | [`lal`], [`zmp`] |
//! | predictive | smallest number within one standard error of the best risk | [`predictive`] |
//!
//! Spec: `fccov.md`, section 4.

use crate::{StatsError, Stream, check, linalg::Matrix, metric::argmax};

/// Values of a criterion for k = 0, 1, ... and the k that it picks.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Order {
    /// The number of dimensions picked.
    pub d: usize,
    /// The criterion at k = 0, 1, ...; p-values of eigenvalue 1, 2, ... for the permutation sequence.
    pub values: Vec<f64>,
}

/// LAL: maximises `sum_{j<=k} eta_j - 2 eta_1 n^-1/2 (log n)^1/2 k`.
///
/// - shapes: `eta: [p]` falling; values for k = 0..=p; source: spec section 4 (4)
///
/// # Errors
/// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::Setting`] (n below 2).
///
/// ```
/// assert_eq!(suffit_stats::order::lal(&[1.0, 0.9, 0.01, 0.0], 10_000)?.d, 2);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn lal(eta: &[f64], n: usize) -> Result<Order, StatsError> {
    eigenvalues(eta, n)?;
    let m = n as f64;
    let step = 2.0 * eta[0] * (m.ln() / m).sqrt();
    let mut sum = 0.0;
    let values = std::iter::once(0.0)
        .chain(eta.iter().zip(1..).map(|(e, k)| {
            sum += e;
            sum - step * f64::from(k)
        }))
        .collect();
    Ok(best(values))
}

/// ZMP: maximises `sum_{j>k} [log(eta_j + 1) - eta_j] - (eta_1/3)(0.5 log n + 0.1 n^{1/3})/(2n) k(2p-k+1)`.
///
/// - shapes: `eta: [p]` falling; values for k = 0..=p; source: spec section 4 (4)
///
/// # Errors
/// As [`lal`].
pub fn zmp(eta: &[f64], n: usize) -> Result<Order, StatsError> {
    eigenvalues(eta, n)?;
    let (m, p) = (n as f64, eta.len());
    let price = eta[0] / 3.0 * (0.5 * m.ln() + 0.1 * m.cbrt()) / (2.0 * m);
    let values = (0..=p)
        .map(|k| {
            let rest: f64 = eta[k..].iter().map(|e| (e.max(-1.0 + 1e-12)).ln_1p() - e).sum();
            rest - price * (k * (2 * p - k + 1)) as f64
        })
        .collect();
    Ok(best(values))
}

/// The eigenvalue half of the ladle: `phi(k) = eta_{k+1}/(1 + sum_{j<=kmax+1} eta_j)`, k = 0..=kmax.
///
/// # Errors
/// [`StatsError::TooFew`] (`kmax + 1` eigenvalues), [`StatsError::NotFinite`].
pub fn ladle_phi(eta: &[f64], kmax: usize) -> Result<Vec<f64>, StatsError> {
    check::sample("eta", eta, kmax + 1)?;
    let whole = 1.0 + eta[..=kmax].iter().sum::<f64>();
    Ok(eta[..=kmax].iter().map(|e| e / whole).collect())
}

/// Largest number that the ladle looks at: `p - 2` for `p <= 10`, else `p/log p`.
pub fn ladle_kmax(p: usize) -> usize {
    if p <= 10 { p.saturating_sub(2) } else { (p as f64 / (p as f64).ln()) as usize }
}

/// Ladle of Luo and Li 2016: minimises `f(k) + phi(k)`, where
/// `f0(k) = mean over resamples of 1 - |det(V_k' V*_k)|`, `f = f0/(1 + sum f0)`.
///
/// - `solve` gives eigenvalues and orthonormal eigenvectors (columns) on the rows that it gets; it is
///   called once with all rows in order and then on `resamples` bootstrap samples (stream b of the seed)
/// - source: spec section 4 (2)
///
/// # Errors
/// Those of `solve`; [`StatsError::Setting`] (no resamples); [`StatsError::TooFew`].
pub fn ladle<F>(rows: usize, resamples: usize, seed: u64, mut solve: F) -> Result<Order, StatsError>
where
    F: FnMut(&[usize]) -> Result<(Vec<f64>, Matrix), StatsError>,
{
    check::positive("resamples", resamples)?;
    let all: Vec<usize> = (0..rows).collect();
    let (eta, vectors) = solve(&all)?;
    let kmax = ladle_kmax(vectors.rows);
    let mut wander = vec![0.0; kmax + 1];
    for b in 0..resamples {
        let mut stream = Stream::new(seed, b as u64);
        let sample: Vec<usize> = (0..rows).map(|_| stream.below(rows)).collect();
        let (_, other) = solve(&sample)?;
        for (k, w) in wander.iter_mut().enumerate().skip(1) {
            *w += 1.0 - overlap(&vectors, &other, k);
        }
    }
    wander.iter_mut().for_each(|w| *w /= resamples as f64);
    let whole = 1.0 + wander.iter().sum::<f64>();
    let phi = ladle_phi(&eta, kmax)?;
    Ok(least(wander.iter().zip(phi).map(|(f, p)| f / whole + p).collect()))
}

/// `|det(A_k' B_k)|` of the first k columns.
fn overlap(a: &Matrix, b: &Matrix, k: usize) -> f64 {
    let mut m = Matrix::from_fn(k, k, |i, j| (0..a.rows).map(|r| a.at(r, i) * b.at(r, j)).sum());
    let mut det = 1.0;
    for c in 0..k {
        let pivot = (c..k).max_by(|&x, &y| m.at(x, c).abs().total_cmp(&m.at(y, c).abs())).unwrap_or(c);
        if m.at(pivot, c) == 0.0 {
            return 0.0;
        }
        for j in 0..k {
            let (x, y) = (m.at(c, j), m.at(pivot, j));
            m.set(c, j, y);
            m.set(pivot, j, x);
        }
        det *= m.at(c, c);
        for r in c + 1..k {
            let factor = m.at(r, c) / m.at(c, c);
            for j in c..k {
                let v = m.at(r, j) - factor * m.at(c, j);
                m.set(r, j, v);
            }
        }
    }
    det.abs().min(1.0)
}

/// Predictor augmentation of Luo and Li 2021: minimises `f(k) + phi(k)`, f the mean squared norm of the
/// noise block in the first k eigenvectors over `repeats` draws of `floor(p/2) + 1` standard normal
/// columns, `phi(k) = eta_{k+1}/(1e-5 + sum_{j<=k+1} eta_j)`.
///
/// - `solve` gets the noise `[rows, r]` to put behind the `p` predictors and gives eigenvalues and
///   orthonormal eigenvectors of the `p + r` columns; eigenvalues are averaged over the draws
/// - values for k = 0..p; source: spec section 4 (3)
///
/// # Errors
/// Those of `solve`; [`StatsError::Setting`] (no repeats), [`StatsError::TooFew`].
pub fn augmentation<F>(rows: usize, p: usize, repeats: usize, seed: u64, mut solve: F) -> Result<Order, StatsError>
where
    F: FnMut(&Matrix) -> Result<(Vec<f64>, Matrix), StatsError>,
{
    check::positive("repeats", repeats)?;
    check::positive("p", p)?;
    let r = p / 2 + 1;
    let (mut noise, mut eta) = (vec![0.0; p], vec![0.0; p]);
    for s in 0..repeats {
        let mut stream = Stream::new(seed, s as u64);
        let (values, vectors) = solve(&Matrix::from_fn(rows, r, |_, _| stream.normal()))?;
        check::at_least("eigenvalues", values.len(), p)?;
        check::at_least("eigenvectors", vectors.rows, p + r)?;
        let mut share = 0.0;
        for k in 0..p {
            noise[k] += share / repeats as f64;
            eta[k] += values[k] / repeats as f64;
            share += (p..p + r).map(|i| vectors.at(i, k) * vectors.at(i, k)).sum::<f64>();
        }
    }
    let mut sum = 1e-5;
    let values = noise.iter().zip(&eta).map(|(f, e)| {
        sum += e.max(0.0);
        f + e.max(0.0) / sum
    });
    Ok(least(values.collect()))
}

/// Permutation sequence: leading eigenvalues whose p-value against the same eigenvalue after permuting
/// the response is at most `alpha`, up to the first that fails; `values` are the p-values.
///
/// - `solve` gets the permutation of the response (identity first) and gives falling eigenvalues
/// - `p_j = (1 + #{eta_j^b >= eta_j})/(B + 1)`; source: spec section 4 (1)
/// - past the first true direction these p-values are somewhat small: the eigenvalue is the largest of the
///   remaining null directions, its permuted copy the j-th of all of them; choose a small `alpha` (0.01)
///
/// # Errors
/// Those of `solve`; [`StatsError::Setting`] (no permutations, alpha outside `(0, 1)`).
pub fn permutation_sequence<F>(
    rows: usize,
    permutations: usize,
    alpha: f64,
    seed: u64,
    mut solve: F,
) -> Result<Order, StatsError>
where
    F: FnMut(&[usize]) -> Result<Vec<f64>, StatsError>,
{
    check::positive("permutations", permutations)?;
    check::open_unit("alpha", alpha)?;
    let mut perm: Vec<usize> = (0..rows).collect();
    let eta = solve(&perm)?;
    let mut above = vec![1usize; eta.len()];
    for b in 0..permutations {
        perm.iter_mut().zip(0..).for_each(|(p, i)| *p = i);
        Stream::new(seed, b as u64).shuffle(&mut perm);
        let drawn = solve(&perm)?;
        for ((a, e), d) in above.iter_mut().zip(&eta).zip(&drawn) {
            *a += usize::from(*d >= e - 1e-12 * e.abs());
        }
    }
    let values: Vec<f64> = above.iter().map(|a| *a as f64 / (permutations + 1) as f64).collect();
    let d = values.iter().position(|p| *p > alpha).unwrap_or(values.len());
    Ok(Order { d, values })
}

/// Predictive: the smallest k whose mean loss is within one standard error of the best.
///
/// - `losses` gives the cross-fitted loss of every row for k = 0, 1, ..., `kmax`; the standard error is
///   that of the paired differences from the best k; source: spec section 4 (5)
///
/// # Errors
/// Those of `losses`; [`StatsError::TooFew`] (2 rows), [`StatsError::NotFinite`].
pub fn predictive<F>(kmax: usize, mut losses: F) -> Result<Order, StatsError>
where
    F: FnMut(usize) -> Result<Vec<f64>, StatsError>,
{
    let all = (0..=kmax).map(&mut losses).collect::<Result<Vec<_>, _>>()?;
    let risks = all.iter().map(|l| crate::mean_var::mean(l)).collect::<Result<Vec<_>, _>>()?;
    let top = least(risks.clone()).d;
    for (k, own) in all.iter().enumerate() {
        check::same_length("losses", own.len(), "losses of the best", all[top].len())?;
        let gaps: Vec<f64> = own.iter().zip(&all[top]).map(|(a, b)| a - b).collect();
        if risks[k] - risks[top] <= crate::mean_var::standard_error(&gaps)? {
            return Ok(Order { d: k, values: risks });
        }
    }
    Ok(Order { d: top, values: risks })
}

fn eigenvalues(eta: &[f64], n: usize) -> Result<(), StatsError> {
    check::sample("eta", eta, 1)?;
    if n < 2 { Err(StatsError::Setting { name: "n", value: n as f64, range: "at least 2" }) } else { Ok(()) }
}

fn best(values: Vec<f64>) -> Order {
    Order { d: argmax(&values), values }
}

fn least(values: Vec<f64>) -> Order {
    let negated: Vec<f64> = values.iter().map(|v| -v).collect();
    Order { d: argmax(&negated), values }
}
