//! Identities, invariances and unbiasedness of the dependence measures and their solvers.
#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use suffit_stats::Stream;
use suffit_stats::dependence::{self, *};
use suffit_stats::linalg::{Matrix, matmul_nt};
use suffit_stats::response::{Metric, Response, distances};
use suffit_stats::sdr::{KernelOptions, KernelSdr, LinearSdr, Spectral};

fn normals(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut s = Stream::new(seed, 0);
    Matrix::from_fn(rows, cols, |_, _| s.normal())
}

fn euclid(m: &Matrix) -> Matrix {
    distances(&Response::real(m.values.clone(), m.cols).unwrap(), Metric::Euclidean).unwrap()
}

/// A dissimilarity with many ties, not symmetric.
fn tied(n: usize, seed: u64) -> Matrix {
    let mut s = Stream::new(seed, 1);
    Matrix::from_fn(n, n, |i, j| if i == j { 0.0 } else { (1 + s.below(4)) as f64 })
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * scale.max(1e-12)
}

fn in_pools<T: PartialEq + Send>(f: impl Fn() -> T + Sync) -> bool {
    let run = |k| rayon::ThreadPoolBuilder::new().num_threads(k).build().unwrap().install(&f);
    let first = run(1);
    first == run(2) && first == run(5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn all_forms_of_fccov_agree(n in 6usize..11, d in 1usize..4, seed in 0u64..1_000, ties in any::<bool>()) {
        let u = normals(n, d, seed);
        let dist = if ties { tied(n, seed) } else { euclid(&normals(n, 2, seed + 1)) };
        let ranks = Ranks::new(&dist).unwrap();
        let gram = ranks.gram();
        let size: f64 = u.values.iter().map(|v| v * v).sum();
        let naive = naive::fccov_v(&u, &dist).unwrap();
        prop_assert!(close(ranks.fccov_v(&u).unwrap(), naive, size));
        prop_assert!(close(gram.fccov_v(&u).unwrap(), naive, size));
        prop_assert!(close(ranks.fccov_u(&u).unwrap(), naive::fccov_u(&u, &dist).unwrap(), 10.0 * size));
        prop_assert_eq!(&gram.values, &naive::rank_gram(&dist));
        let bound = u.clone();
        let share = ranks.share_of_bound(&bound).unwrap().unwrap();
        prop_assert!((0.0..=1.0).contains(&share));
    }

    #[test]
    fn fccov_ignores_what_it_must(n in 8usize..40, seed in 0u64..1_000) {
        let (u, dist) = (normals(n, 2, seed), euclid(&normals(n, 3, seed + 7)));
        let base = Ranks::new(&dist).unwrap();
        let value = base.fccov_v(&u).unwrap();
        // An increasing transformation of the distances: the same ranks exactly.
        let bent = Matrix::from_fn(n, n, |i, j| (1.0 + dist.at(i, j)).ln() * 3.0);
        prop_assert_eq!(&Ranks::new(&bent).unwrap(), &base);
        // Rotation, shift, scale.
        let (c, s) = (0.6, 0.8);
        let turned = Matrix::from_fn(n, 2, |i, j| {
            let (a, b) = (u.at(i, 0), u.at(i, 1));
            5.0 + if j == 0 { c * a - s * b } else { s * a + c * b }
        });
        prop_assert!((base.fccov_v(&turned).unwrap() - value).abs() < 1e-11 * value);
        let tripled = Matrix::from_fn(n, 2, |i, j| 3.0 * u.at(i, j));
        prop_assert!((base.fccov_v(&tripled).unwrap() - 9.0 * value).abs() < 1e-11 * value);
        // Every row twice; rows in another order.
        let twice: Vec<usize> = (0..2 * n).map(|i| i % n).collect();
        let mut mixed: Vec<usize> = (0..n).collect();
        Stream::new(seed, 2).shuffle(&mut mixed);
        let r = Response::distance(dist.values.clone(), n, false).unwrap();
        for rows in [twice, mixed] {
            let ranks = Ranks::of_space(&r.subset(&rows).unwrap().space(Metric::Given).unwrap()).unwrap();
            prop_assert!((ranks.fccov_v(&u.select(&rows)).unwrap() - value).abs() < 1e-11 * value);
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_value(n in 6usize..20, d in 1usize..4, seed in 0u64..1_000) {
        let (u, dist) = (normals(n, d, seed), tied(n, seed));
        let gram = Ranks::new(&dist).unwrap().gram();
        let gradient = gram.value_and_gradient(&u).unwrap().1;
        let top = gradient.values.iter().fold(0.0f64, |a, v| a.max(v.abs()));
        for at in 0..n * d {
            let moved = |h: f64| {
                let mut m = u.clone();
                m.values[at] += h;
                gram.fccov_v(&m).unwrap()
            };
            let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4; // exact for a quadratic, up to rounding
            prop_assert!((slope - gradient.values[at]).abs() < 1e-8 * top + 1e-11);
        }
    }

    #[test]
    fn fast_distance_covariance_is_the_general_one(
        v in prop::collection::vec((-6i32..6, -5i32..5), 4..200), jitter in any::<bool>(), seed in 0u64..99,
    ) {
        let mut s = Stream::new(seed, 0);
        let mut noise = || if jitter { s.normal() } else { 0.0 };
        let x: Vec<f64> = v.iter().map(|p| f64::from(p.0) + noise()).collect();
        let y: Vec<f64> = v.iter().map(|p| 100.0 + f64::from(p.1) + noise()).collect();
        let at = |v: &[f64]| euclid(&Matrix::new(v.len(), 1, v.to_vec()).unwrap());
        let (fast, slow) = (univariate(&x, &y).unwrap(), distance_covariance(&at(&x), &at(&y)).unwrap());
        let scale = 100.0;
        prop_assert!(close(fast.dcov_sqr_v, slow.dcov_sqr_v, scale));
        prop_assert!(close(fast.dcov_sqr_u, slow.dcov_sqr_u, scale));
        // Kernels induced by the distances: dCov^2 = 4 HSIC.
        let induced = |d: &Matrix| Matrix::from_fn(d.rows, d.rows, |i, j| 0.5 * (d.at(i, 0) + d.at(0, j) - d.at(i, j)));
        let h = hsic(&induced(&at(&x)), &induced(&at(&y))).unwrap();
        prop_assert!(close(4.0 * h.biased, slow.dcov_sqr_v, scale));
        prop_assert!(close(4.0 * h.unbiased.unwrap(), slow.dcov_sqr_u, scale));
    }
}

#[test]
fn the_unbiased_form_is_unbiased_on_labels() {
    let (p, means) = ([0.5, 0.3, 0.2], [[0.0, 1.0], [1.0, -1.0], [3.0, 0.5]]);
    let table = Matrix::from_fn(3, 2, |c, j| means[c][j]);
    let truth = dependence::population::labels_fccov(&p, &table).unwrap();
    let draws: Vec<f64> = (0..2_000)
        .map(|b| {
            let mut s = Stream::new(17, b);
            let codes: Vec<usize> = (0..12)
                .map(|_| {
                    let t = s.uniform();
                    if t < 0.5 {
                        0
                    } else if t < 0.8 {
                        1
                    } else {
                        2
                    }
                })
                .collect();
            let u = Matrix::from_fn(12, 2, |i, j| means[codes[i]][j] + s.normal());
            let space = Response::label(codes, 3).unwrap().space(Metric::ZeroOne).unwrap();
            Ranks::of_space(&space).unwrap().fccov_u(&u).unwrap()
        })
        .collect();
    let mean = suffit_stats::mean_var::mean(&draws).unwrap();
    let se = suffit_stats::mean_var::standard_error(&draws).unwrap();
    assert!((mean - truth).abs() < 3.0 * se, "{mean} {truth} {se}");
    assert!(truth > 3.0 * se, "the test would not see zero");
}

#[test]
fn the_unbiased_form_meets_the_normal_closed_form() {
    let rho = 0.8f64;
    let truth = dependence::population::gaussian_fccov(rho).unwrap();
    let draws: Vec<f64> = (0..2_000)
        .map(|b| {
            let mut s = Stream::new(23, b);
            let y: Vec<f64> = (0..20).map(|_| s.normal()).collect();
            let u = Matrix::from_fn(20, 1, |i, _| rho * y[i] + (1.0 - rho * rho).sqrt() * s.normal());
            Ranks::new(&euclid(&Matrix::new(20, 1, y).unwrap())).unwrap().fccov_u(&u).unwrap()
        })
        .collect();
    let mean = suffit_stats::mean_var::mean(&draws).unwrap();
    let se = suffit_stats::mean_var::standard_error(&draws).unwrap();
    assert!((mean - truth).abs() < 3.0 * se && truth > 3.0 * se, "{mean} {truth} {se}");
}

#[test]
fn the_label_form_is_its_plug_in() {
    let mut s = Stream::new(5, 0);
    let codes: Vec<usize> = (0..60).map(|_| s.below(4)).collect();
    let u = normals(60, 3, 6);
    let mut p = vec![0.0; 4];
    let mut means = Matrix::zeros(4, 3);
    for (i, &c) in codes.iter().enumerate() {
        p[c] += 1.0 / 60.0;
        (0..3).for_each(|j| means.values[c * 3 + j] += u.at(i, j));
    }
    (0..12).for_each(|k| means.values[k] /= 60.0 * p[k / 3]);
    let plug = dependence::population::labels_fccov(&p, &means).unwrap();
    let space = Response::label(codes, 4).unwrap().space(Metric::ZeroOne).unwrap();
    let ours = Ranks::of_space(&space).unwrap().fccov_v(&u).unwrap();
    assert!((ours - plug).abs() < 1e-12 * plug.max(1e-3), "{ours} {plug}");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (u, dist) = (normals(150, 2, 1), euclid(&normals(150, 2, 2)));
    assert!(in_pools(|| {
        let ranks = Ranks::new(&dist).unwrap();
        let gram = ranks.gram();
        let t = fccov_permutation(&gram.centred(), &u, 30, 4).unwrap();
        let g = gram_permutation(&dist, &euclid(&u), 30, 4).unwrap();
        let x: Vec<f64> = u.column(0);
        let w = univariate_permutation(&x, &dist.column(0), 30, 4).unwrap();
        let lin = LinearSdr::fit(&u, &gram.kernel().unwrap().matrix, 0.0).unwrap();
        (ranks.fccov_u(&u).unwrap(), gram.scale().unwrap(), t, g, w, lin.eta().to_vec())
    }));
    let x: Vec<f64> = normals(70_000, 1, 3).values;
    let y: Vec<f64> = x.iter().map(|v| v * v).collect();
    assert!(in_pools(|| univariate(&x, &y).unwrap()));
}

#[test]
fn the_permutation_paths_agree() {
    let x: Vec<f64> = normals(40, 1, 8).values;
    let y: Vec<f64> = x.iter().zip(&normals(40, 1, 9).values).map(|(a, e)| a * a + e).collect();
    let at = |v: &[f64]| euclid(&Matrix::new(40, 1, v.to_vec()).unwrap());
    let (fast, slow) =
        (univariate_permutation(&x, &y, 199, 3).unwrap(), gram_permutation(&at(&x), &at(&y), 199, 3).unwrap());
    assert!((fast.statistic - slow.statistic).abs() < 1e-12);
    assert_eq!(fast.p_value, slow.p_value);
    assert!(fast.p_value >= 1.0 / 200.0);
}

#[test]
fn permutation_tests_keep_their_level_and_see_dependence() {
    // 400 null data sets: 0.05 +- 3 standard errors is [0.017, 0.083].
    let hits = (0..400u64)
        .filter(|b| {
            let (u, y) = (normals(30, 1, 1_000 + b), normals(30, 1, 5_000 + b));
            let k = Ranks::new(&euclid(&y)).unwrap().gram().centred();
            fccov_permutation(&k, &u, 99, *b).unwrap().p_value <= 0.05
        })
        .count();
    assert!((7..=33).contains(&hits), "{hits}");
    let y = normals(60, 1, 4);
    let u = Matrix::from_fn(60, 1, |i, _| y.at(i, 0).powi(2));
    let k = Ranks::new(&euclid(&y)).unwrap().gram().centred();
    assert_eq!(fccov_permutation(&k, &u, 199, 0).unwrap().p_value, 1.0 / 200.0);
}

#[test]
fn sampled_balls_estimate_the_whole() {
    let (u, y) = (normals(203, 2, 1), normals(203, 1, 2));
    let u = Matrix::from_fn(203, 2, |i, j| u.at(i, j) + y.at(i, 0));
    let space = Response::real(y.values, 1).unwrap().space(Metric::Euclidean).unwrap();
    let truth = Ranks::of_space(&space).unwrap().fccov_v(&u).unwrap();
    let draws: Vec<f64> = (0..60).map(|s| SampledBalls::new(&space, 20, 10, s).unwrap().fccov(&u).unwrap()).collect();
    let (mean, se) =
        (suffit_stats::mean_var::mean(&draws).unwrap(), suffit_stats::mean_var::standard_error(&draws).unwrap());
    assert!((mean - truth).abs() < 3.0 * se && truth > 10.0 * se, "{mean} {truth} {se}");
    let balls = SampledBalls::new(&space, 203, 4, 1).unwrap();
    assert_eq!(balls.balls(), 812);
    assert_eq!(balls.permutation(&u, 99, 2).unwrap().p_value, 0.01);
}

#[test]
fn a_conditional_mean_measure_is_blind_to_spread_and_sees_it_with_features_of_it() {
    let y = normals(400, 1, 3);
    let e = normals(400, 1, 4);
    // The spread of X depends on Y, its mean does not; antithetic rows make the mean exactly constant.
    let both = Matrix::from_fn(800, 1, |i, _| {
        let k = i / 2;
        (0.7 * y.at(k, 0)).exp() * e.at(k, 0) * if i % 2 == 0 { 1.0 } else { -1.0 }
    });
    let yy = Matrix::from_fn(800, 1, |i, _| y.at(i / 2, 0));
    let k = Ranks::new(&euclid(&yy)).unwrap().gram().centred();
    assert!(fccov_permutation(&k, &both, 199, 1).unwrap().p_value > 0.9);
    let square = Matrix::from_fn(800, 1, |i, _| (1.0 + both.at(i, 0).abs()).ln());
    assert_eq!(fccov_permutation(&k, &square, 199, 1).unwrap().p_value, 1.0 / 200.0);
}

#[test]
fn lanczos_finds_the_top_eigenvalue() {
    let x = normals(400, 30, 2);
    let mut k = matmul_nt(&x, &x).unwrap();
    k.double_centre();
    let all = suffit_stats::linalg::symmetric_eigen(&k).unwrap();
    let ours = top_eigenvalue(&k).unwrap() * 400.0;
    assert!((ours - all.values[0]).abs() < 1e-10 * all.values[0]);
    assert_eq!(top_eigenvalue(&Matrix::zeros(400, 400)).unwrap(), 0.0);
}

#[test]
fn kernels_are_scaled_alike_and_refuse_other_kinds() {
    let y = normals(50, 1, 1);
    let real = Response::real(y.values.clone(), 1).unwrap();
    for kernel in [ResponseKernel::Fccov, ResponseKernel::Cumulative, ResponseKernel::Mdd, ResponseKernel::Gauss] {
        let k = kernel.centred(&real, Metric::Euclidean).unwrap();
        assert!((top_eigenvalue(&k.matrix).unwrap() - 1.0).abs() < 1e-12, "{kernel:?}");
        let n = k.matrix.rows as f64;
        assert!(k.matrix.column_means().iter().all(|m| m.abs() * n < 1e-10));
    }
    let half = ResponseKernel::Cumulative.unscaled(&real, Metric::Euclidean).unwrap();
    let u = normals(50, 1, 2);
    let quadratic: f64 =
        (0..50).flat_map(|i| (0..50).map(move |j| (i, j))).map(|(i, j)| u.at(i, 0) * half.at(i, j) * u.at(j, 0)).sum();
    assert!((quadratic / 2_500.0 - cumulative(&u, &y.values).unwrap()).abs() < 1e-12);
    assert!(ResponseKernel::Label.centred(&real, Metric::Euclidean).is_err());
    let same = Response::real(vec![1.0; 50], 1).unwrap();
    assert!(matches!(
        ResponseKernel::Fccov.centred(&same, Metric::Euclidean),
        Err(suffit_stats::StatsError::Constant { .. })
    ));
    let codes = Response::label((0..50).map(|i| i % 3).collect(), 3).unwrap();
    assert!(ResponseKernel::Label.centred(&codes, Metric::ZeroOne).is_ok());
}

/// Share of the variance of `target` that a straight line in the columns of `f` explains.
fn explained(f: &Matrix, target: &[f64]) -> f64 {
    let design = Matrix::from_fn(f.rows, f.cols + 1, |i, j| if j == 0 { 1.0 } else { f.at(i, j - 1) });
    let y = Matrix::new(f.rows, 1, target.to_vec()).unwrap();
    let c = suffit_stats::linalg::lstsq(&design, &y).unwrap();
    let fit = suffit_stats::linalg::matmul(&design, &c).unwrap();
    let rss: f64 = fit.values.iter().zip(target).map(|(a, b)| (a - b).powi(2)).sum();
    1.0 - rss / (suffit_stats::mean_var::variance(target).unwrap() * (target.len() - 1) as f64)
}

#[test]
fn the_linear_solver_finds_the_directions() {
    let x = normals(600, 6, 11);
    let e = normals(600, 2, 12);
    let y = Matrix::from_fn(600, 2, |i, j| {
        if j == 0 { x.at(i, 0) + x.at(i, 1) + 0.2 * e.at(i, 0) } else { x.at(i, 2) + 0.2 * e.at(i, 1) }
    });
    let response = Response::real(y.values, 2).unwrap();
    let k = ResponseKernel::Fccov.centred(&response, Metric::Standardised).unwrap();
    let fit = LinearSdr::fit(&x, &k.matrix, 0.0).unwrap();
    let z = fit.predict(&x, 2).unwrap();
    for target in [(0..600).map(|i| x.at(i, 0) + x.at(i, 1)).collect::<Vec<_>>(), x.column(2)] {
        assert!(explained(&z, &target) > 0.95, "{}", explained(&z, &target));
    }
    assert!(fit.eta().windows(2).all(|w| w[0] >= w[1]) && fit.eta()[1] > 5.0 * fit.eta()[2]);
    // Features have unit variance, and their own FCCov is the eigenvalue.
    let first = fit.predict(&x, 1).unwrap();
    let variance: f64 = first.values.iter().map(|v| v * v).sum::<f64>() / 600.0;
    let raw = Ranks::of_space(&response.space(Metric::Standardised).unwrap()).unwrap().fccov_v(&first).unwrap();
    assert!((variance - 1.0).abs() < 1e-10 && (raw - fit.eta()[0] * k.scale).abs() < 1e-10);
    let again = Spectral::fit(&x, &k.matrix, 0.0).unwrap();
    assert!(again.predict(&x, 2).unwrap().values.iter().zip(&z.values).all(|(a, b)| (a - b).abs() < 1e-8));
    let copies = Matrix::from_fn(600, 2, |i, _| x.at(i, 0));
    assert!(matches!(LinearSdr::fit(&copies, &k.matrix, 0.0), Err(suffit_stats::StatsError::Decomposition { .. })));
}

#[test]
fn the_kernel_solver_finds_what_lines_cannot_and_predicts_new_rows() {
    let make = |n: usize, seed: u64| {
        let x = normals(n, 4, seed);
        let e = normals(n, 1, seed + 1);
        let r: Vec<f64> = (0..n).map(|i| x.at(i, 0).powi(2) + x.at(i, 1).powi(2)).collect();
        let y = (0..n).map(|i| r[i] + 0.3 * e.at(i, 0)).collect();
        (x, r, Response::real(y, 1).unwrap())
    };
    let (x, _, y) = make(400, 21);
    let (new, r, _) = make(300, 31);
    let k = ResponseKernel::Fccov.centred(&y, Metric::Standardised).unwrap();
    let exact = KernelSdr::fit(&x, &k.matrix, 2, &KernelOptions::default()).unwrap();
    let z = exact.predict(&new).unwrap().leading(1);
    assert!(explained(&z, &r) > 0.6, "{}", explained(&z, &r));
    let lines = LinearSdr::fit(&x, &k.matrix, 0.0).unwrap().predict(&new, 1).unwrap();
    assert!(explained(&lines, &r) < 0.2);
    let few = KernelOptions { exact: 100, landmarks: 200, ..KernelOptions::default() };
    let nystrom = KernelSdr::fit(&x, &k.matrix, 2, &few).unwrap();
    assert_eq!(nystrom.landmarks.rows, 200);
    assert!(explained(&nystrom.predict(&new).unwrap().leading(1), &r) > 0.6);
}

#[test]
fn order_criteria_find_a_known_number() {
    use suffit_stats::order;
    let x = normals(300, 6, 41);
    let e = normals(300, 2, 42);
    let y = Matrix::from_fn(300, 2, |i, j| x.at(i, j) + 0.3 * e.at(i, j));
    let response = Response::real(y.values, 2).unwrap();
    let kernel = ResponseKernel::Fccov.centred(&response, Metric::Standardised).unwrap().matrix;
    let with_rows = |rows: &[usize]| {
        let sub = response.subset(rows).unwrap();
        let k = ResponseKernel::Fccov.centred(&sub, Metric::Standardised)?;
        let fit = LinearSdr::fit(&x.select(rows), &k.matrix, 0.0)?;
        Ok((fit.eta().to_vec(), orthonormal(&fit.spectral.weights)))
    };
    let sequence = order::permutation_sequence(300, 199, 0.01, 1, |perm| {
        let moved = Matrix::from_fn(300, 300, |i, j| kernel.at(perm[i], perm[j]));
        Ok(LinearSdr::fit(&x, &moved, 0.0)?.eta().to_vec())
    });
    assert_eq!(sequence.unwrap().d, 2);
    assert_eq!(order::ladle(300, 30, 1, with_rows).unwrap().d, 2);
    let augmented = order::augmentation(300, 6, 10, 1, |noise| {
        let wide = Matrix::from_fn(300, 6 + noise.cols, |i, j| if j < 6 { x.at(i, j) } else { noise.at(i, j - 6) });
        let fit = LinearSdr::fit(&wide, &kernel, 0.0)?;
        Ok((fit.eta().to_vec(), orthonormal(&fit.spectral.weights)))
    });
    assert_eq!(augmented.unwrap().d, 2);
    let eta = LinearSdr::fit(&x, &kernel, 0.0).unwrap().eta().to_vec();
    assert_eq!(order::lal(&eta, 300).unwrap().d, 2, "{eta:?}");
    assert_eq!(order::zmp(&eta, 300).unwrap().d, 2, "{eta:?}");
    let losses =
        |k: usize| Ok((0..50).map(|i| [9.0, 4.0, 1.0, 0.98][k] + 0.4 * f64::from((i * 7 + k as i32) % 5)).collect());
    assert_eq!(order::predictive(3, losses).unwrap().d, 2);
}

/// Gram-Schmidt on the columns.
fn orthonormal(m: &Matrix) -> Matrix {
    let mut out = m.clone();
    for j in 0..m.cols {
        for k in 0..j {
            let c: f64 = (0..m.rows).map(|i| out.at(i, j) * out.at(i, k)).sum();
            for i in 0..m.rows {
                let v = out.at(i, j) - c * out.at(i, k);
                out.set(i, j, v);
            }
        }
        let norm = (0..m.rows).map(|i| out.at(i, j).powi(2)).sum::<f64>().sqrt();
        for i in 0..m.rows {
            let v = out.at(i, j) / norm;
            out.set(i, j, v);
        }
    }
    out
}

#[test]
fn bad_input_is_named() {
    use suffit_stats::StatsError as E;
    let five = euclid(&normals(5, 1, 1));
    let ranks = Ranks::new(&five).unwrap();
    assert!(matches!(ranks.fccov_u(&normals(5, 1, 2)), Err(E::TooFew { got: 5, need: 6, .. })));
    assert!(matches!(ranks.fccov_v(&normals(4, 1, 2)), Err(E::LengthMismatch { .. })));
    let mut nan = five.clone();
    nan.set(2, 3, f64::NAN);
    assert!(matches!(Ranks::new(&nan), Err(E::Cell { row: 2, column: 3, .. })));
    assert!(matches!(univariate(&[1.0; 3], &[1.0; 3]), Err(E::TooFew { .. })));
    assert!(univariate(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap().dcor_sqr_v.is_none());
    assert!(matches!(median_distance(&Matrix::zeros(5, 5)), Err(E::Constant { .. })));
    assert!(matches!(fccov_permutation(&five, &normals(5, 1, 1), 0, 1), Err(E::Setting { .. })));
    assert_eq!(ranks.fccov_v(&Matrix::from_fn(5, 2, |_, _| 3.0)).unwrap(), 0.0);
    assert!(ranks.share_of_bound(&Matrix::from_fn(5, 2, |_, _| 3.0)).unwrap().is_none());
}
