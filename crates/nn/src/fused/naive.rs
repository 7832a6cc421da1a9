//! The losses by their definition, in f64, one tuple at a time: the oracle of the fused ones.

use super::clip::pairs;
use super::{FusedError, Groups, LossGrad, LossValue, Negatives, Permutations, Real, Views};

/// Cross-entropy of each row of each anchor against its tuples, and its gradients.
struct Naive {
    x: Vec<Vec<f64>>,
    rows: usize,
    dim: usize,
    tau: f64,
    grads: Vec<Vec<f64>>,
    slope: f64,
}

impl Naive {
    fn new<T: Real>(views: &Views<T>, log_scale: f64) -> Self {
        let x: Vec<Vec<f64>> = (0..views.views()).map(|m| views.view(m).iter().map(|v| v.f64()).collect()).collect();
        let grads = x.iter().map(|v| vec![0.0; v.len()]).collect();
        Self { x, rows: views.rows(), dim: views.dim(), tau: log_scale.exp(), grads, slope: 0.0 }
    }

    /// `tau MIP` of one tuple: `tuple[a]` is a row of view `of[a]`.
    fn score(&self, of: &[usize], tuple: &[usize]) -> f64 {
        let term = |k: usize| -> f64 { of.iter().zip(tuple).map(|(&m, &i)| self.x[m][i * self.dim + k]).product() };
        self.tau * (0..self.dim).map(term).sum::<f64>()
    }

    /// Adds `weight` times the gradient of one score.
    fn push(&mut self, of: &[usize], tuple: &[usize], weight: f64) {
        self.slope += weight * self.score(of, tuple);
        for (a, (&m, &i)) in of.iter().zip(tuple).enumerate() {
            for k in 0..self.dim {
                let rest: f64 = of
                    .iter()
                    .zip(tuple)
                    .enumerate()
                    .filter(|(b, _)| *b != a)
                    .map(|(_, (&l, &j))| self.x[l][j * self.dim + k])
                    .product();
                self.grads[m][i * self.dim + k] += weight * self.tau * rest;
            }
        }
    }

    /// Cross-entropy of one row: the first tuple is the positive. Gradients are added `share` times.
    fn row(&mut self, of: &[usize], tuples: &[Vec<usize>], share: f64) -> f64 {
        let scores: Vec<f64> = tuples.iter().map(|t| self.score(of, t)).collect();
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
        for (at, tuple) in tuples.iter().enumerate() {
            let p = (scores[at] - top).exp() / sum;
            let target = if at == 0 { 1.0 } else { 0.0 };
            self.push(of, tuple, share * (p - target));
        }
        top + sum.ln() - scores[0]
    }

    /// The mean over anchors and rows, the tuples of each row given by `tuples(anchor, row)`.
    fn all(mut self, tuples: impl Fn(usize, usize) -> Vec<Vec<usize>>) -> LossGrad<f64> {
        let of: Vec<usize> = (0..self.x.len()).collect();
        let share = 1.0 / (self.rows * of.len()) as f64;
        let mut parts = Vec::new();
        for m in 0..of.len() {
            let mut part = 0.0;
            for i in 0..self.rows {
                part += self.row(&of, &tuples(m, i), share);
            }
            parts.push(part / self.rows as f64);
        }
        let loss = parts.iter().sum::<f64>() / parts.len() as f64;
        let value = LossValue { loss, parts };
        LossGrad { value, views: self.grads, log_scale: self.slope }
    }
}

fn together(groups: Option<&Groups>, tuple: &[usize]) -> bool {
    groups.is_some_and(|g| tuple.iter().all(|&i| g.of(i) == g.of(tuple[0])))
}

/// [`super::symile_n`] by its definition.
///
/// # Errors
/// As [`super::symile_n`].
pub fn symile_n_naive<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    perms: &Permutations,
    groups: Option<&Groups>,
) -> Result<LossGrad<f64>, FusedError> {
    perms.fits(views)?;
    let m_all = views.views();
    Ok(Naive::new(views, log_scale).all(|m, i| {
        let mut tuples = vec![vec![i; m_all]];
        for j in (0..views.rows()).filter(|&j| j != i) {
            let mut tuple = Vec::new();
            let mut others = 0;
            for l in 0..m_all {
                if l == m {
                    tuple.push(i);
                } else {
                    tuple.push(perms.of(m, others)[j] as usize);
                    others += 1;
                }
            }
            if !together(groups, &tuple) {
                tuples.push(tuple);
            }
        }
        tuples
    }))
}

/// [`super::symile_grid`] by its definition, all `B^M` tuples.
///
/// # Errors
/// None for views that bind.
pub fn symile_grid_naive<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossGrad<f64>, FusedError> {
    let (rows, m_all) = (views.rows(), views.views());
    Ok(Naive::new(views, log_scale).all(|m, i| {
        let mut tuples = vec![vec![i; m_all]];
        for mut code in 0..rows.pow(m_all as u32 - 1) {
            let mut tuple = Vec::new();
            for l in 0..m_all {
                if l == m {
                    tuple.push(i);
                } else {
                    tuple.push(code % rows);
                    code /= rows;
                }
            }
            if tuple.iter().any(|&r| r != i) && !together(groups, &tuple) {
                tuples.push(tuple);
            }
        }
        tuples
    }))
}

/// [`super::symile_pair`] by its definition.
///
/// # Errors
/// As [`super::symile_pair`].
pub fn symile_pair_naive<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    negatives: &Negatives,
    groups: Option<&Groups>,
) -> Result<LossGrad<f64>, FusedError> {
    negatives.fits(views)?;
    let m_all = views.views();
    Ok(Naive::new(views, log_scale).all(|t, i| {
        let mut tuples = vec![vec![i; m_all]];
        for &n in negatives.of(t, i) {
            let mut tuple = vec![i; m_all];
            tuple[t] = n as usize;
            if !together(groups, &tuple) {
                tuples.push(tuple);
            }
        }
        tuples
    }))
}

/// [`super::clip_pairs`] by its definition.
///
/// # Errors
/// None for views that bind.
pub fn clip_pairs_naive<T: Real>(
    views: &Views<T>,
    log_scale: f64,
    groups: Option<&Groups>,
) -> Result<LossGrad<f64>, FusedError> {
    let rows = views.rows();
    let mut naive = Naive::new(views, log_scale);
    let mut parts = Vec::new();
    for (m, l) in pairs(views.views()) {
        let mut part = 0.0;
        for i in 0..rows {
            for of in [[m, l], [l, m]] {
                let mut tuples = vec![vec![i, i]];
                for j in (0..rows).filter(|&j| j != i) {
                    if !together(groups, &[i, j]) {
                        tuples.push(vec![i, j]);
                    }
                }
                part += naive.row(&of, &tuples, 0.5 / rows as f64);
            }
        }
        parts.push(0.5 * part / rows as f64);
    }
    let value = LossValue { loss: parts.iter().sum(), parts };
    Ok(LossGrad { value, views: naive.grads, log_scale: naive.slope })
}
