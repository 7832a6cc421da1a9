//! What must not change a loss, and what it must be at the ends (`symile.md` §Checks).

use crate::fused::{Contrast, Groups, LossGrad, Permutations, Real, Views, mip, score_sum, symile_grid, symile_n};

use super::{Batch, excess};

fn all<'a>(perms: &'a Permutations, negatives: &'a crate::fused::Negatives) -> [Contrast<'a>; 4] {
    [Contrast::Shuffled(perms), Contrast::Grid, Contrast::Drawn(negatives), Contrast::Clip]
}

#[test]
fn mip_is_symmetric_and_multilinear_and_a_dot_product_of_two() {
    let batch = Batch::<f64>::new(4, 3, 5, 1.0, 1);
    let plain = mip(&batch.views());
    let order = Views::new([2, 0, 3, 1].iter().map(|&m| &batch.x[m][..]).collect(), 3, 5).unwrap();
    assert!(excess(mip(&order), &plain, 1e-14, 0.0) <= 1.0);
    let scaled: Vec<f64> = batch.x[2].iter().map(|x| 3.0 * x).collect();
    let scaled = Views::new(vec![&batch.x[0], &batch.x[1], &scaled, &batch.x[3]], 3, 5).unwrap();
    let thrice: Vec<f64> = plain.iter().map(|x| 3.0 * x).collect();
    assert!(excess(mip(&scaled), &thrice, 1e-14, 0.0) <= 1.0);
    let two = Views::new(vec![&batch.x[0][..], &batch.x[1]], 3, 5).unwrap();
    let dots: Vec<f64> = (0..3).map(|i| (0..5).map(|k| batch.x[0][i * 5 + k] * batch.x[1][i * 5 + k]).sum()).collect();
    assert!(excess(mip(&two), &dots, 1e-14, 0.0) <= 1.0);
}

#[test]
fn score_sum_is_the_sum_of_all_scores() {
    let batch = Batch::<f64>::new(3, 4, 3, 1.0, 9);
    let x = &batch.x;
    let mut sum = 0.0;
    for (i, j, k) in (0..64).map(|c| (c / 16, c / 4 % 4, c % 4)) {
        sum += (0..3).map(|e| x[0][i * 3 + e] * x[1][j * 3 + e] * x[2][k * 3 + e]).sum::<f64>();
    }
    assert!((score_sum(&batch.views(), 0.4) - 0.4f64.exp() * sum).abs() < 1e-13);
}

#[test]
fn grid_does_not_depend_on_row_order_or_view_order() {
    let batch = Batch::<f64>::new(3, 6, 4, 1.0, 2);
    let plain = symile_grid(&batch.views(), 1.0, None).unwrap();
    let order = [4, 0, 5, 2, 1, 3];
    let moved: Vec<Vec<f64>> =
        batch.x.iter().map(|v| order.iter().flat_map(|&i| v[i * 4..(i + 1) * 4].to_vec()).collect()).collect();
    let moved = Views::new(moved.iter().map(|v| &v[..]).collect(), 6, 4).unwrap();
    let other = symile_grid(&moved, 1.0, None).unwrap();
    assert!((plain.value.loss - other.value.loss).abs() < 1e-13);
    let turned = Views::new(vec![&batch.x[2], &batch.x[0], &batch.x[1]], 6, 4).unwrap();
    let other = symile_grid(&turned, 1.0, None).unwrap();
    assert!((plain.value.loss - other.value.loss).abs() < 1e-13);
    assert!(excess(other.views[0].iter().copied(), &plain.views[2], 1e-12, 0.0) <= 1.0);
}

#[test]
fn without_scale_the_loss_is_the_log_of_the_candidates() {
    let batch = Batch::<f64>::new(3, 7, 4, 1.0, 2);
    let (perms, negatives) = (batch.perms(), batch.negatives());
    let b = 7f64;
    let want = [b.ln(), 2.0 * b.ln(), 3f64.ln(), 3.0 * b.ln()];
    for (contrast, want) in all(&perms, &negatives).into_iter().zip(want) {
        let got = contrast.value_of(&batch.views(), -800.0, None).unwrap().loss;
        assert!((got - want).abs() < 1e-14, "{contrast:?}: {got} and {want}");
    }
}

#[test]
fn one_anchor_does_not_see_a_function_of_itself() {
    // A coordinate that is f(x) in view 0 and 1 elsewhere adds f(x_i) to every score of row i.
    let batch = Batch::<f64>::new(3, 5, 3, 1.0, 4);
    let widen = |m: usize, f: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..5).flat_map(|i| batch.x[m][i * 3..(i + 1) * 3].iter().copied().chain([f(i)]).collect::<Vec<_>>()).collect()
    };
    let x = [widen(0, &|i| i as f64), widen(1, &|_| 1.0), widen(2, &|_| 1.0)];
    let wide = Views::new(x.iter().map(|v| &v[..]).collect(), 5, 4).unwrap();
    let perms = batch.perms();
    let plain = symile_n(&batch.views(), 0.0, &perms, None).unwrap().value.parts;
    let added = symile_n(&wide, 0.0, &perms, None).unwrap().value.parts;
    assert!((plain[0] - added[0]).abs() < 1e-13);
    assert!((plain[1] - added[1]).abs() > 1e-2 && (plain[2] - added[2]).abs() > 1e-2);
}

#[test]
fn threads_do_not_change_a_byte() {
    let run = |threads: usize| -> Vec<LossGrad<f32>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let large = Batch::<f32>::new(3, 300, 33, 1.0, 8);
            let small = Batch::<f32>::new(3, 48, 33, 1.0, 8);
            let (perms, negatives) = (large.perms(), large.negatives());
            vec![
                symile_n(&large.views(), 1.0, &perms, None).unwrap(),
                symile_grid(&small.views(), 1.0, None).unwrap(),
                Contrast::Drawn(&negatives).with_gradients(&large.views(), 1.0, None).unwrap(),
                Contrast::Clip.with_gradients(&large.views(), 1.0, None).unwrap(),
            ]
        })
    };
    let once = run(1);
    for threads in [1, 2, 3] {
        assert!(run(threads) == once, "{threads} threads give other bytes than one");
    }
}

/// Large scales neither overflow nor lose the gradient, in either precision.
fn stays_finite<T: Real>(s: f64, width: f64) {
    let batch = Batch::<T>::new(3, 9, 8, width, 11);
    let (perms, negatives) = (batch.perms(), batch.negatives());
    for contrast in all(&perms, &negatives) {
        let out = contrast.with_gradients(&batch.views(), s, None).unwrap();
        assert!(out.value.loss.is_finite() && out.value.loss >= 0.0, "{contrast:?}");
        assert!(out.log_scale.is_finite());
        assert!(out.views.iter().flatten().all(|g| g.f64().is_finite()));
        // At these scales each row is won outright: the loss is linear in tau, so s-slope = loss.
        assert!((out.log_scale / out.value.loss - 1.0).abs() < 1e-2, "{contrast:?}");
    }
}

#[test]
fn large_scales_are_safe() {
    stays_finite::<f64>(12.0, 1.0);
    stays_finite::<f32>(12.0, 1.0);
    stays_finite::<f64>(2.0, 300.0);
    stays_finite::<f32>(2.0, 300.0);
}

#[test]
fn separated_tuples_have_tiny_exact_losses_in_f32() {
    // One-hot rows: MIP 1 on the diagonal, 0 elsewhere; tau = 20 and B = 3.
    let eye: Vec<f32> = (0..9).map(|at| if at / 3 == at % 3 { 1.0 } else { 0.0 }).collect();
    let views = Views::new(vec![&eye[..], &eye, &eye], 3, 3).unwrap();
    let out = symile_grid(&views, 20f64.ln(), None).unwrap();
    let want = (8.0 * (-20f64).exp()).ln_1p();
    assert!((out.value.loss / want - 1.0).abs() < 1e-6, "{} and {want}", out.value.loss);
}

#[test]
fn nan_reaches_the_loss() {
    let mut batch = Batch::<f32>::new(3, 5, 4, 1.0, 2);
    batch.x[1][6] = f32::NAN;
    let (perms, negatives) = (batch.perms(), batch.negatives());
    for contrast in all(&perms, &negatives) {
        assert!(contrast.value_of(&batch.views(), 0.0, None).unwrap().loss.is_nan());
    }
}

#[test]
fn copies_are_no_negatives_of_one_another() {
    // Rows 0 and 1 are copies. With the group known, they are told apart from row 2 alone.
    let x = [1.0f64, 0.0, 1.0, 0.0, 0.0, 1.0];
    let views = Views::new(vec![&x[..], &x], 3, 2).unwrap();
    let groups = Groups::new(&[5, 5, 6]);
    let masked = symile_grid(&views, 50f64.ln(), Some(&groups)).unwrap().value.loss;
    let plain = symile_grid(&views, 50f64.ln(), None).unwrap().value.loss;
    assert!(masked < 1e-15 && (plain - 2f64.ln() * 2.0 / 3.0).abs() < 1e-12);
}
