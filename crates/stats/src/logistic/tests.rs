#![allow(clippy::unwrap_used)]
use super::*;
use crate::Stream;
use proptest::prelude::*;

/// Loss and gradient by their definition, term by term.
fn evaluate_naive(o: &Objective<'_>, theta: &[f64]) -> (f64, Vec<f64>) {
    let (n, d, k) = (o.y.len(), o.columns, o.classes);
    let mut gradient = vec![0.0; theta.len()];
    let mut loss = 0.0;
    for i in 0..n {
        let z: Vec<f64> =
            (0..k).map(|c| (0..d).map(|j| theta[c * d + j] * o.x[i * d + j]).sum::<f64>() + theta[k * d + c]).collect();
        let mass: f64 = z.iter().map(|v| v.exp()).sum();
        loss += mass.ln() - z[o.y[i]];
        for c in 0..k {
            let r = z[c].exp() / mass - f64::from(u8::from(c == o.y[i]));
            (0..d).for_each(|j| gradient[c * d + j] += r * o.x[i * d + j] / n as f64);
            gradient[k * d + c] += r / n as f64;
        }
    }
    let mut value = loss / n as f64;
    for j in 0..k * d {
        value += 0.5 * o.penalty * theta[j] * theta[j];
        gradient[j] += o.penalty * theta[j];
    }
    (value, gradient)
}

fn data(seed: u64, n: usize, d: usize, k: usize, gap: f64) -> (Vec<f64>, Vec<usize>) {
    let mut s = Stream::new(seed, 0);
    let centre: Vec<f64> = (0..k * d).map(|_| gap * s.normal()).collect();
    let y: Vec<usize> = (0..n).map(|_| s.below(k)).collect();
    let x = y.iter().flat_map(|&c| centre[c * d..(c + 1) * d].to_vec()).map(|m| m + s.normal()).collect();
    (x, y)
}

#[test]
fn gradient_agrees_with_differences() {
    let (x, y) = data(1, 23, 5, 3, 1.0);
    let o = Objective { x: &x, y: &y, columns: 5, classes: 3, penalty: 0.1 };
    let mut s = Stream::new(2, 0);
    let theta: Vec<f64> = (0..18).map(|_| s.normal()).collect();
    let mut g = vec![0.0; 18];
    o.evaluate(&theta, &mut g);
    for j in 0..18 {
        let h = 1e-5;
        let at = |e: f64| {
            let mut t = theta.clone();
            t[j] += e;
            o.evaluate(&t, &mut [0.0; 18])
        };
        let slope = (at(h) - at(-h)) / (2.0 * h);
        assert!((slope - g[j]).abs() < 1e-6 * (1.0 + g[j].abs()), "{j}: {slope} {}", g[j]);
    }
}

#[test]
fn one_binary_feature_has_a_closed_solution() {
    // x in {-1, 1} (already standardised), right 3 times in 4: with a negligible penalty the odds
    // are 3 at x = 1, so the weights differ by ln 3.
    let x = [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0];
    let y = [0, 0, 0, 1, 1, 1, 1, 0];
    let o = ProbeOptions { penalty: 1e-12, gradient_tolerance: 1e-11, ..ProbeOptions::default() };
    let p = fit(&x, &y, 2, &o).unwrap();
    assert!((p.weights[1] - p.weights[0] - 3f64.ln()).abs() < 1e-8);
    assert!((p.predict_proba(&[1.0]).unwrap()[1] - 0.75).abs() < 1e-9);
}

#[test]
fn reaches_the_bayes_rate_of_two_normal_classes() {
    // Unit normals a distance 2 apart along the first axis: Bayes accuracy Phi(1) = 0.8413.
    let make = |seed, n: usize| {
        let mut s = Stream::new(seed, 0);
        let y: Vec<usize> = (0..n).map(|_| s.below(2)).collect();
        let x: Vec<f64> = y
            .iter()
            .flat_map(|&c| {
                let shift = 2.0 * c as f64 - 1.0;
                [shift + s.normal(), s.normal(), s.normal()]
            })
            .collect();
        (x, y)
    };
    let ((x, y), (u, v)) = (make(3, 4_000), make(4, 8_000));
    let p = fit(&x, &y, 2, &ProbeOptions { penalty: 1e-4, ..ProbeOptions::default() }).unwrap();
    let a = metric::accuracy(&p.predict(&u).unwrap(), &v).unwrap();
    let bayes = crate::normal::cdf(1.0);
    assert!((a - bayes).abs() < 3.0 * (bayes * (1.0 - bayes) / 8_000.0).sqrt(), "{a}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let (x, y) = data(5, 700, 9, 4, 0.7);
    let run = |k| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(k).build().unwrap();
        pool.install(|| fit(&x, &y, 4, &ProbeOptions::default()).unwrap())
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn the_grid_prefers_what_validates() {
    // Few rows, many useless columns: a strong penalty must win.
    let (mut x, y) = data(6, 60, 40, 2, 0.0);
    let mut s = Stream::new(7, 0);
    for (row, &c) in x.chunks_exact_mut(40).zip(&y) {
        row[0] = 2.0 * c as f64 - 1.0 + s.normal();
    }
    let (train, validation) = ((&x[..30 * 40], &y[..30]), (&x[30 * 40..], &y[30..]));
    let tight = ProbeOptions { penalty: 1e-3, gradient_tolerance: 1e-9, ..ProbeOptions::default() };
    let selection = fit_validated(
        Rows { x: train.0, y: train.1 },
        Rows { x: validation.0, y: validation.1 },
        2,
        &PENALTIES,
        &tight,
    )
    .unwrap();
    assert!(selection.probe.penalty >= 0.1, "{:?}", selection.candidates);
    assert!(selection.candidates.iter().all(|c| c.converged));
    // Warm and cold starts lead to the same solution: the objective is 1e-3-strongly convex, so each
    // is within sqrt(82) 1e-9 / 1e-3 of it, and a row of 41 numbers moves a logit by at most 2e-4.
    let cold = fit(train.0, train.1, 2, &tight).unwrap();
    let warm = &selection.candidates[3];
    let p = cold.predict_proba(validation.0).unwrap();
    let loss = crate::calibration::log_loss(&p, 2, validation.1).unwrap();
    assert!((loss - warm.log_loss).abs() < 4e-4, "{loss} {}", warm.log_loss);
}

#[test]
fn constant_columns_and_absent_classes_are_harmless() {
    let x = [1.0, 5.0, 2.0, 5.0, -1.0, 5.0, -2.0, 5.0];
    let p = fit(&x, &[0, 0, 2, 2], 4, &ProbeOptions::default()).unwrap();
    assert!(p.converged && p.weights.iter().skip(1).step_by(2).all(|w| w.abs() < 1e-9));
    let q = p.predict_proba(&[3.0, 5.0]).unwrap();
    assert!(q[1] < 0.01 && q[3] < 0.01, "{q:?}");
    assert_eq!(p.predict(&x).unwrap(), vec![0, 0, 2, 2]);
}

#[test]
fn bad_input() {
    let o = ProbeOptions::default();
    assert!(matches!(fit(&[1.0; 7], &[0, 1], 2, &o), Err(StatsError::Shape { .. })));
    assert!(matches!(fit(&[1.0, f64::NAN], &[0, 1], 2, &o), Err(StatsError::NotFinite { index: 1, .. })));
    assert!(matches!(fit(&[1.0; 2], &[0, 2], 2, &o), Err(StatsError::Class { index: 1, .. })));
    assert!(matches!(fit(&[1.0; 2], &[1, 1], 2, &o), Err(StatsError::OneClass { .. })));
    assert!(matches!(fit(&[], &[0, 1], 2, &o), Err(StatsError::TooFew { .. })));
    let bad = ProbeOptions { penalty: 0.0, ..o };
    assert!(matches!(fit(&[1.0, 2.0], &[0, 1], 2, &bad), Err(StatsError::Setting { name: "penalty", .. })));
    let p = fit(&[1.0, 2.0, 3.0, 4.0], &[0, 1], 2, &o).unwrap();
    assert!(p.predict(&[1.0, 2.0, 3.0]).is_err());
    assert!(p.predict(&[1.0, f64::INFINITY]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn fast_evaluation_equals_the_definition(
        seed in 0u64..1_000, n in 2usize..300, d in 1usize..20, k in 2usize..10,
    ) {
        let (x, y) = data(seed, n, d, k, 0.5);
        let o = Objective { x: &x, y: &y, columns: d, classes: k, penalty: 0.3 };
        let mut s = Stream::new(seed, 9);
        let theta: Vec<f64> = (0..k * (d + 1)).map(|_| s.normal()).collect();
        let mut g = vec![0.0; theta.len()];
        let value = o.evaluate(&theta, &mut g);
        let (naive, slow) = evaluate_naive(&o, &theta);
        prop_assert!((value - naive).abs() < 1e-10 * (1.0 + naive));
        for (a, b) in g.iter().zip(&slow) {
            prop_assert!((a - b).abs() < 1e-10);
        }
    }

    #[test]
    fn solution_is_stationary_and_ignores_units(seed in 0u64..1_000) {
        let (x, y) = data(seed, 60, 4, 3, 0.8);
        let mut y = y;
        (y[0], y[1]) = (0, 1);
        let o = ProbeOptions { penalty: 0.05, gradient_tolerance: 1e-8, ..ProbeOptions::default() };
        let p = fit(&x, &y, 3, &o).unwrap();
        prop_assert!(p.converged);
        let scaled: Vec<f64> = x.iter().map(|v| 40.0 * v - 7.0).collect();
        let q = fit(&scaled, &y, 3, &o).unwrap();
        let (a, b) = (p.predict_proba(&x).unwrap(), q.predict_proba(&scaled).unwrap());
        prop_assert!(a.iter().zip(&b).all(|(u, v)| (u - v).abs() < 1e-6));
    }
}
