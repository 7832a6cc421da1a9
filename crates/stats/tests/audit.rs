//! The traps of the specification: each is a data set whose right answer is known.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::ControlFlow;

use suffit_stats::audit::{Decision, Evidence, Input, Note, Representation, Settings, run};
use suffit_stats::conditional::{Smoother, ball_targets, gcm, pcm, vector_pcm};
use suffit_stats::linalg::Matrix;
use suffit_stats::probe::Family;
use suffit_stats::response::{Metric, Response};
use suffit_stats::{StatsError, Stream};

fn normals(n: usize, p: usize, seed: u64) -> Matrix {
    let mut s = Stream::new(seed, 0);
    Matrix::from_fn(n, p, |_, _| s.normal())
}

fn columns(x: &Matrix, which: &[usize]) -> Matrix {
    Matrix::from_fn(x.rows, which.len(), |i, j| x.at(i, which[j]))
}

/// `sin 2x1 + x2^2/2 + delta x3 + e/2`.
fn response(x: &Matrix, delta: f64, seed: u64) -> Vec<f64> {
    let e = normals(x.rows, 1, seed);
    let f = |i: usize| (2.0 * x.at(i, 0)).sin() + 0.5 * x.at(i, 1).powi(2) + delta * x.at(i, 2);
    (0..x.rows).map(|i| f(i) + 0.5 * e.at(i, 0)).collect()
}

fn quick() -> Settings {
    Settings { families: vec![Family::Ridge, Family::Kernel], permutations: 99, splits: 4, ..Settings::default() }
}

fn audit(x: &Matrix, z: &Matrix, y: &Response, settings: &Settings) -> Evidence {
    let z = [Representation { name: "z", values: z }];
    let metric = Metric::default_for(y);
    let input = Input { x, z: &z, w: None, y, metric, groups: None, time: None };
    run(&input, settings, &mut |_, _, _| ControlFlow::Continue(())).unwrap()
}

fn one(x: &Matrix, z: &Matrix, y: Vec<f64>) -> suffit_stats::audit::RepresentationEvidence {
    audit(x, z, &Response::real(y, 1).unwrap(), &quick()).representations.remove(0)
}

#[test]
fn a_copy_a_rotation_and_a_rescaling_of_x_are_never_not_enough() {
    let x = normals(300, 4, 1);
    let y = response(&x, 0.5, 2);
    let (c, s) = (0.6, 0.8);
    let rotation = Matrix::from_fn(300, 4, |i, j| match j {
        0 => c * x.at(i, 0) - s * x.at(i, 2),
        2 => s * x.at(i, 0) + c * x.at(i, 2),
        _ => x.at(i, j),
    });
    let rescaled = Matrix::from_fn(300, 4, |i, j| (x.at(i, j) * (1.0 + j as f64)).sinh());
    for z in [&x, &rotation, &rescaled] {
        let found = one(&x, z, y.clone());
        assert!(
            matches!(found.decision, Decision::Enough | Decision::EnoughLossReal | Decision::Undecided),
            "{found:?}"
        );
        let lost = found.lost.unwrap();
        assert!(lost.upper > lost.lower && lost.upper > 0.0, "{lost:?}");
    }
    assert!(one(&x, &x, y).notes.contains(&Note::SameAsX));
}

#[test]
fn noise_in_place_of_x_is_not_enough() {
    let x = normals(300, 4, 3);
    let found = one(&x, &normals(300, 2, 4), response(&x, 0.5, 5));
    assert_eq!(found.decision, Decision::NotEnough, "{found:?}");
    assert!(found.lost.unwrap().value > 0.7);
}

#[test]
fn a_dropped_column_is_named_and_its_share_is_covered() {
    let x = normals(800, 5, 6);
    let y = response(&x, 0.6, 7);
    let found = one(&x, &columns(&x, &[0, 1]), y);
    assert_eq!(found.decision, Decision::NotEnough, "{found:?}");
    assert_eq!(found.lost_columns[0].column, 2);
    assert!(found.lost_columns[0].p_adjusted < 0.01);
    // lost: 0.36; Var sin(2 x1) = (1 - exp(-8))/2, Var x2^2/2 = 1/2
    let truth = 0.36 / (0.36 + 0.5 * (1.0 - (-8.0f64).exp()) + 0.5);
    let lost = found.lost.unwrap();
    assert!(lost.lower < truth && truth < lost.upper + 0.03, "{truth} {lost:?}");
}

#[test]
fn shuffled_x_carries_no_signal() {
    let x = normals(200, 3, 8);
    let y = response(&normals(200, 3, 9), 0.5, 10);
    assert_eq!(one(&x, &columns(&x, &[0]), y).decision, Decision::NoSignal);
}

#[test]
fn forty_rows_of_a_copy_do_not_say_not_enough() {
    for seed in 0..5 {
        let x = normals(40, 3, 20 + seed);
        let found = one(&x, &x, response(&x, 0.5, 30 + seed));
        assert_ne!(found.decision, Decision::NotEnough, "{found:?}");
    }
}

#[test]
fn an_interaction_is_seen_by_pcm_and_not_by_gcm() {
    let x = normals(500, 3, 11);
    let e = normals(500, 1, 12);
    let y: Vec<f64> = (0..500).map(|i| x.at(i, 0) + 0.5 * x.at(i, 0) * x.at(i, 2) + 0.5 * e.at(i, 0)).collect();
    let z = columns(&x, &[0, 1]);
    let w = columns(&x, &[2]);
    let direct = pcm(&Smoother, &w, &z, &y, None, 6, 1).unwrap();
    let target = Matrix::new(500, 1, y).unwrap();
    let linear = gcm(&Smoother, &w, &z, &target, 199, 1).unwrap();
    assert!(direct.p < 0.01 && linear.p > 0.05, "{direct:?} {linear:?}");
}

#[test]
fn a_change_of_spread_alone_is_seen_by_balls() {
    let x = normals(500, 3, 13);
    let e = normals(500, 1, 14);
    let y: Vec<f64> = (0..500).map(|i| x.at(i, 0) + 0.5 * x.at(i, 2).exp() * e.at(i, 0)).collect();
    let (z, w) = (columns(&x, &[0, 1]), columns(&x, &[2]));
    let space = Response::real(y.clone(), 1).unwrap().space(Metric::Standardised).unwrap();
    let targets = |a: &[usize], split: u64| ball_targets(&space, a, 48, split);
    let balls = vector_pcm("balls", &Smoother, &w, &z, &targets, None, 6, 1).unwrap();
    let means = pcm(&Smoother, &w, &z, &y, None, 6, 1).unwrap();
    assert!(balls.p < 0.01 && means.p > 0.05, "{balls:?} {means:?}");
}

#[test]
fn rows_may_be_shuffled_together_and_copies_of_z_change_no_verdict() {
    let x = normals(240, 3, 15);
    let y = response(&x, 0.8, 16);
    let z = columns(&x, &[0, 1]);
    let first = one(&x, &z, y.clone());
    let mut order: Vec<usize> = (0..240).collect();
    Stream::new(17, 0).shuffle(&mut order);
    let moved = one(&x.select(&order), &z.select(&order), order.iter().map(|&i| y[i]).collect());
    let twice = one(&x, &columns(&x, &[0, 1, 0]), y);
    for other in [&moved, &twice] {
        assert_eq!(other.decision, first.decision);
        assert!((other.r_z.value - first.r_z.value).abs() < 3.0 * first.r_z.se);
    }
}

#[test]
fn a_target_inside_z_and_a_row_number_are_flagged() {
    let x = normals(200, 3, 18);
    let y = response(&x, 0.5, 19);
    let leak = Matrix::from_fn(200, 2, |i, j| if j == 0 { 3.0 * y[i] } else { x.at(i, 0) });
    let found = one(&x, &leak, y.clone());
    assert!(found.notes.iter().any(|n| matches!(n, Note::MayContainTarget { .. })), "{:?}", found.notes);
    let numbered = Matrix::from_fn(200, 2, |i, j| if j == 0 { i as f64 } else { x.at(i, 0) });
    assert!(one(&x, &numbered, y).notes.iter().any(|n| matches!(n, Note::RowOrder { column: 0, .. })));
}

#[test]
fn labels_in_bits_and_objects_with_distances_only() {
    let x = normals(300, 3, 21);
    let e = normals(300, 1, 22);
    let codes = (0..300).map(|i| usize::from(x.at(i, 0) + x.at(i, 1) + 0.5 * e.at(i, 0) > 0.0)).collect();
    let y = Response::label(codes, 2).unwrap();
    let found = audit(&x, &columns(&x, &[0]), &y, &quick()).representations.remove(0);
    assert_eq!(found.decision, Decision::NotEnough, "{found:?}");
    assert!((found.r0.value - 1.0).abs() < 0.02);
    let d = Matrix::from_fn(300, 300, |i, j| (x.at(i, 0) - x.at(j, 0)).abs().sqrt() + (x.at(i, 1) - x.at(j, 1)).abs());
    let y = Response::distance(d.values, 300, false).unwrap();
    let found = audit(&x, &columns(&x, &[0]), &y, &quick()).representations.remove(0);
    assert_eq!(found.decision, Decision::NotEnough, "{:?} {:?}", found.test, found.lost);
    let kept = audit(&x, &columns(&x, &[0, 1]), &y, &quick()).representations.remove(0);
    assert!(kept.r_z.value < found.r_z.value && kept.decision != Decision::NotEnough);
}

#[test]
fn the_same_seed_gives_the_same_evidence_for_any_number_of_threads() {
    let x = normals(400, 3, 23);
    let y = Response::real(response(&x, 0.5, 24), 1).unwrap();
    let z = columns(&x, &[0]);
    let settings = Settings { families: Family::ALL.to_vec(), permutations: 19, splits: 2, ..Settings::default() };
    let seen: Vec<Evidence> = [1, 2].iter().map(|&t| rayon_pool(t, || audit(&x, &z, &y, &settings))).collect();
    assert!(seen[0] == seen[1]);
}

fn rayon_pool<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

#[test]
fn bad_input_is_named_and_a_stop_is_obeyed() {
    let x = normals(60, 2, 25);
    let y = Response::real(response(&normals(60, 3, 26), 0.5, 27), 1).unwrap();
    let check = |x: &Matrix, z: &Matrix, y: &Response, settings: &Settings| {
        let z = [Representation { name: "z", values: z }];
        let input = Input { x, z: &z, w: None, y, metric: Metric::default_for(y), groups: None, time: None };
        run(&input, settings, &mut |_, _, _| ControlFlow::Continue(())).unwrap_err()
    };
    let few = x.select(&(0..12).collect::<Vec<_>>());
    let few_y = y.subset(&(0..12).collect::<Vec<_>>()).unwrap();
    let s = Settings::default();
    assert!(matches!(check(&few, &few, &few_y, &s), StatsError::TooFew { name: "rows", got: 12, need: 20 }));
    let flat = Matrix::zeros(60, 2);
    assert!(matches!(check(&x, &flat, &y, &s), StatsError::Constant { name: "z", .. }));
    let still = Response::real(vec![1.0; 60], 1).unwrap();
    assert!(matches!(check(&x, &x, &still, &s), StatsError::Constant { name: "y", .. }));
    let rare = Response::label((0..60).map(|i| usize::from(i == 7)).collect(), 2).unwrap();
    assert!(matches!(check(&x, &x, &rare, &s), StatsError::TooFew { got: 1, need: 2, .. }));
    let zero = Settings { tolerance: 0.0, ..Settings::default() };
    assert!(matches!(check(&x, &x, &y, &zero), StatsError::Setting { name: "tolerance", .. }));
    let mut hole = x.clone();
    hole.set(3, 1, f64::NAN);
    assert!(matches!(check(&x, &hole, &y, &s), StatsError::Cell { name: "z", row: 3, column: 1, .. }));
    let z = [Representation { name: "z", values: &x }];
    let input = Input { x: &x, z: &z, w: None, y: &y, metric: Metric::Standardised, groups: None, time: None };
    let stopped = run(&input, &s, &mut |_, _, _| ControlFlow::Break(())).unwrap_err();
    assert!(matches!(stopped, StatsError::Stopped { .. }));
}
