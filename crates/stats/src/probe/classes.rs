//! Multinomial logistic regression in a basis, penalty chosen on held-out rows.

use super::{Basis, Probe};
use crate::{
    StatsError,
    linalg::Matrix,
    logistic::{self, PENALTIES, ProbeOptions},
    metric,
};

/// Log-odds of classes seen in the rows; classes unseen there get odds of half a row.
pub(super) struct Logistic {
    basis: Basis,
    features: usize,
    probe: Option<logistic::Probe>,
    prior: Vec<f64>,
}

/// Fits on the leading `most` features.
pub(super) fn fit(basis: Basis, most: usize, y: &Matrix) -> Result<Logistic, StatsError> {
    let n = y.rows as f64;
    let count: Vec<f64> = (0..y.cols).map(|k| (0..y.rows).map(|i| y.at(i, k)).sum()).collect();
    let prior: Vec<f64> = count.iter().map(|c| ((c + 0.5) / (n + 0.5 * y.cols as f64)).ln()).collect();
    let features = basis.len().min(most);
    let labels: Vec<usize> = (0..y.rows).map(|i| metric::argmax(y.row(i))).collect();
    let several = count.iter().filter(|c| **c > 0.0).count() > 1;
    let probe =
        if features == 0 || !several { None } else { Some(select(&basis.train().leading(features), &labels, y.cols)?) };
    Ok(Logistic { basis, features, probe, prior })
}

/// The penalty of smallest log-loss on every fifth row, then all rows.
fn select(x: &Matrix, labels: &[usize], classes: usize) -> Result<logistic::Probe, StatsError> {
    let options = |penalty| ProbeOptions { penalty, max_iterations: 200, gradient_tolerance: 1e-4 };
    let (train, valid): (Vec<usize>, Vec<usize>) = (0..x.rows).partition(|i| i % 5 != 2);
    let pick = |rows: &[usize]| rows.iter().map(|&i| labels[i]).collect::<Vec<usize>>();
    let (xt, xv, yt, yv) = (x.select(&train), x.select(&valid), pick(&train), pick(&valid));
    let mut best = (f64::INFINITY, PENALTIES[0]);
    if yt.iter().any(|c| *c != yt[0]) {
        for penalty in PENALTIES {
            let probe = logistic::fit(&xt.values, &yt, classes, &options(penalty))?;
            let p = probe.predict_proba(&xv.values)?;
            let loss: f64 = yv.iter().enumerate().map(|(i, &c)| -p[i * classes + c].max(1e-12).ln()).sum();
            if loss < best.0 {
                best = (loss, penalty);
            }
        }
    }
    logistic::fit(&x.values, labels, classes, &options(best.1))
}

impl Probe for Logistic {
    fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        match &self.probe {
            None => Ok(Matrix::from_fn(x.rows, self.prior.len(), |_, k| self.prior[k])),
            Some(probe) => {
                let f = self.basis.features(x)?.leading(self.features);
                Matrix::new(x.rows, self.prior.len(), probe.logits(&f.values)?)
            }
        }
    }
}
