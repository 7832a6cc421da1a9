//! Analytic gradients against central differences, in f64.

use crate::fused::{Contrast, Groups, LossGrad, Views};

use super::Batch;

const STEP: f64 = 1e-5;

/// Largest gap between gradient and central differences, relative to the largest entry.
fn gap(contrast: Contrast, batch: &Batch<f64>, s: f64, groups: Option<&Groups>) -> f64 {
    let LossGrad { views, log_scale, value } = contrast.with_gradients(&batch.views(), s, groups).unwrap();
    assert_eq!(views.len(), batch.x.len());
    let loss = |x: &[Vec<f64>], s: f64| {
        let views = Views::new(x.iter().map(|v| &v[..]).collect(), batch.rows, batch.dim).unwrap();
        contrast.value_of(&views, s, groups).unwrap().loss
    };
    assert!((loss(&batch.x, s) - value.loss).abs() <= 1e-13 * (1.0 + value.loss.abs()));
    let slope = (loss(&batch.x, s + STEP) - loss(&batch.x, s - STEP)) / (2.0 * STEP);
    let mut worst = (slope - log_scale).abs() / log_scale.abs().max(1e-4);
    let scale = views.iter().flatten().fold(1e-4f64, |a, g| a.max(g.abs()));
    for m in 0..views.len() {
        for at in 0..batch.rows * batch.dim {
            let mut x = batch.x.clone();
            x[m][at] += STEP;
            let up = loss(&x, s);
            x[m][at] -= 2.0 * STEP;
            let slope = (up - loss(&x, s)) / (2.0 * STEP);
            worst = worst.max((slope - views[m][at]).abs() / scale);
        }
    }
    worst
}

#[test]
fn central_differences_agree() {
    let shapes = [(2, 4, 3), (3, 1, 2), (3, 2, 1), (3, 5, 4), (4, 3, 2), (5, 3, 3), (3, 1, 1)];
    for (at, (views, rows, dim)) in shapes.into_iter().enumerate() {
        let batch = Batch::<f64>::new(views, rows, dim, 1.2, at as u64);
        let (perms, negatives) = (batch.perms(), batch.negatives());
        let ids: Vec<usize> = (0..rows).map(|i| i / 2).collect();
        let groups = Groups::new(&ids);
        for contrast in [Contrast::Shuffled(&perms), Contrast::Grid, Contrast::Drawn(&negatives), Contrast::Clip] {
            for groups in [None, Some(&groups)] {
                let worst = gap(contrast, &batch, 0.7, groups);
                assert!(worst < 1e-6, "{views}x{rows}x{dim} {contrast:?}: {worst}");
            }
        }
    }
}

#[test]
fn one_row_has_no_negatives() {
    let batch = Batch::<f32>::new(3, 1, 5, 1.0, 3);
    let (perms, negatives) = (batch.perms(), batch.negatives());
    for contrast in [Contrast::Shuffled(&perms), Contrast::Grid, Contrast::Drawn(&negatives), Contrast::Clip] {
        let out = contrast.with_gradients(&batch.views(), 1.0, None).unwrap();
        assert_eq!(out.value.loss, 0.0);
        assert_eq!(out.log_scale, 0.0);
        assert!(out.views.iter().flatten().all(|&g| g == 0.0));
    }
}
