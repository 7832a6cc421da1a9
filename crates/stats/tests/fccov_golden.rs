//! Distances, dependence measures and the algebra of dimension reduction against vectors of an
//! independent computation.
#![allow(clippy::unwrap_used, clippy::panic)]

mod vectors;

use suffit_stats::linalg::Matrix;
use suffit_stats::response::*;
use vectors::{flat, matrix, read};

/// Relative `1e-10` of the largest entry, plus `1e-12`.
fn near(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let top = theirs.iter().map(|v| v.abs()).fold(0.0, f64::max);
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-10 * top + 1e-12, "{name}[{i}]: {a} {b}");
    }
}

#[test]
fn distances_of_objects() {
    let v = read("distances");
    let spd = Response::spd(flat(&v["spd"]), 3).unwrap();
    for (key, metric) in [
        ("frobenius", Metric::Frobenius),
        ("log_euclidean", Metric::LogEuclidean),
        ("affine_invariant", Metric::AffineInvariant),
        ("log_cholesky", Metric::LogCholesky),
    ] {
        near(key, &distances(&spd, metric).unwrap().values, &flat(&v[key]));
    }
    let (a, b) = (flat(&v["samples"][0]), flat(&v["samples"][1]));
    near("w2_samples", &[wasserstein2_samples(&a, &b).unwrap()], &flat(&v["w2_samples"]));
    let sphere = Response::sphere(flat(&v["sphere"]), 3).unwrap();
    near("sphere_dist", &distances(&sphere, Metric::GreatCircle).unwrap().values, &flat(&v["sphere_dist"]));
    let parts = Response::composition(flat(&v["composition"]), 4).unwrap();
    near("fisher_rao", &distances(&parts, Metric::FisherRao).unwrap().values, &flat(&v["fisher_rao"]));
    near("aitchison", &distances(&parts, Metric::Aitchison).unwrap().values, &flat(&v["aitchison"]));
    let (grid, levels) = (flat(&v["density_grid"]), flat(&v["quantile_grid"]));
    let q: Vec<f64> =
        (0..2).flat_map(|i| density_quantiles(&grid, &flat(&v["densities"][i]), &levels).unwrap()).collect();
    near("quantiles", &q, &flat(&v["quantiles"]));
    let w = distances(&Response::distribution(q, levels).unwrap(), Metric::Wasserstein2).unwrap();
    near("w2_quantiles", &[w.at(0, 1)], &flat(&v["w2_quantiles"]));
}

#[test]
fn fccov_of_every_case() {
    use suffit_stats::dependence::{RankGram, Ranks, cumulative, naive};
    let cases = read("fccov");
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (u, d) = (matrix(&case["U"]), matrix(&case["D"]));
        let ranks = Ranks::new(&d).unwrap();
        let n = u.rows;
        let r: Vec<f64> = (0..n * n).map(|i| f64::from(ranks.at(i / n, i % n))).collect();
        near(name, &r, &flat(&case["r"]));
        let gram: RankGram = ranks.gram();
        assert_eq!(gram.values, naive::rank_gram(&d));
        let (value, gradient) = gram.value_and_gradient(&u).unwrap();
        let expected = flat(&case["fccov_v"]);
        for ours in [ranks.fccov_v(&u).unwrap(), value, naive::fccov_v(&u, &d).unwrap()] {
            near(name, &[ours], &expected);
        }
        near(name, &[ranks.fccov_u(&u).unwrap()], &flat(&case["fccov_u"]));
        near(name, &[naive::fccov_u(&u, &d).unwrap()], &flat(&case["fccov_u"]));
        assert_eq!(ranks.share_of_bound(&u).unwrap().is_none(), case["share_of_bound"].is_null());
        if let Some(share) = ranks.share_of_bound(&u).unwrap() {
            near(name, &[share], &flat(&case["share_of_bound"]));
        }
        near(name, &gradient.values, &flat(&case["grad_u"]));
        let top = flat(&case["top_eigs_of_HGH_over_n3"]);
        near(name, &gram.eigenvalues().unwrap()[..top.len()], &top);
        near(name, &[gram.scale().unwrap()], &top[..1]);
        if !case["cumulative_v"].is_null() {
            near(name, &[cumulative(&u, &flat(&case["y"])).unwrap()], &flat(&case["cumulative_v"]));
        }
    }
}

#[test]
fn population_values() {
    use suffit_stats::dependence::population::*;
    let v = read("population");
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-8 * b.abs(), "{a} {b}");
    close(gaussian_kappa(), v["gaussian_kappa"].as_f64().unwrap());
    // The vector is a quadrature; its README names the closed form 1/180.
    close(UNIFORM_IDENTITY, v["uniform_identity"].as_f64().unwrap());
    let l = &v["labels"];
    near("labels", &[labels_fccov(&flat(&l["p"]), &matrix(&l["class_means"])).unwrap()], &flat(&l["fccov"]));
    for e in v["gaussian_examples"].as_array().unwrap() {
        let rho = e["rho"].as_f64().unwrap();
        close(gaussian_fccov(rho).unwrap(), e["fccov"].as_f64().unwrap());
        near("dcor2", &[gaussian_dcor_sqr(rho).unwrap()], &flat(&e["dcor2"]));
    }
}

#[test]
fn the_finite_problem_is_solved_exactly() {
    use suffit_stats::sdr::FiniteProblem;
    let v = read("sdr_finite");
    let points = matrix(&v["y_points"]);
    let d = distances(&Response::real(points.values, points.cols).unwrap(), Metric::Euclidean).unwrap();
    let solved = FiniteProblem::solve(&flat(&v["p_x"]), &matrix(&v["p_y_given_x"]), &d).unwrap();
    let eta: Vec<f64> = flat(&v["eta"]).into_iter().filter(|e| *e > 1e-12).collect();
    near("eta", &solved.eta, &eta);
    near("e1", &solved.functions.column(0), &flat(&v["e1"]));
    for o in v["optimum"].as_array().unwrap() {
        let ours = solved.optimum(o["d"].as_u64().unwrap() as usize, o["lam"].as_f64().unwrap()).unwrap();
        near("J", &[ours.value], &flat(&o["J"]));
        near("s2", &ours.variances, &flat(&o["s2"]));
    }
}

#[test]
fn distance_covariance_and_hsic() {
    use suffit_stats::dependence::*;
    for case in read("dcov_hsic").as_array().unwrap() {
        let (x, y) = (matrix(&case["x"]), matrix(&case["y"]));
        let at = |m: &Matrix| distances(&Response::real(m.values.clone(), m.cols).unwrap(), Metric::Euclidean).unwrap();
        let (a, b) = (at(&x), at(&y));
        let general = distance_covariance(&a, &b).unwrap();
        let mut forms = vec![general];
        if x.cols == 1 && y.cols == 1 {
            forms.push(univariate(&x.values, &y.values).unwrap());
        }
        for f in forms {
            near("v", &[f.dcov_sqr_v], &flat(&case["dcov_sqr_v"]));
            near("u", &[f.dcov_sqr_u], &flat(&case["dcov_sqr_u"]));
            near("rv", &[f.dcor_sqr_v.unwrap()], &flat(&case["dcor_sqr_v"]));
            near("ru", &[f.dcor_sqr_u.unwrap()], &flat(&case["dcor_sqr_u"]));
        }
        let r = general.dcor_sqr_u.unwrap();
        let (t, p) = t_test(r, x.rows).unwrap();
        near("t", &[t], &flat(&case["t_stat"]));
        near("t_p", &[p], &flat(&case["t_p"]));
        near("chi2_p", &[chi_square_p(r, x.rows)], &flat(&case["chi2_p"]));
        let h = &case["hsic"];
        let (sx, sy) = (median_distance(&a).unwrap(), median_distance(&b).unwrap());
        near("sigma", &[sx, sy], &[h["sigma_x"].as_f64().unwrap(), h["sigma_y"].as_f64().unwrap()]);
        let ours = hsic(&gaussian_gram(&a, sx), &gaussian_gram(&b, sy)).unwrap();
        near("biased", &[ours.biased], &flat(&h["biased_n2"]));
        near("unbiased", &[ours.unbiased.unwrap()], &flat(&h["unbiased"]));
    }
}

#[test]
fn orders_bounds_and_scores() {
    use suffit_stats::{energy::energy_score, mutual::lower_bounds, order};
    let v = read("order");
    let (eta, n) = (flat(&v["eta"]), v["n"].as_u64().unwrap() as usize);
    let (lal, zmp) = (order::lal(&eta, n).unwrap(), order::zmp(&eta, n).unwrap());
    near("lal", &lal.values, &flat(&v["lal"]));
    near("zmp", &zmp.values, &flat(&v["zmp"]));
    assert_eq!([lal.d as u64, zmp.d as u64], [v["lal_d"].as_u64().unwrap(), v["zmp_d"].as_u64().unwrap()]);
    near("phi", &order::ladle_phi(&eta, 6).unwrap(), &flat(&v["ladle_phi"]));
    let v = read("mi_bounds");
    let b = lower_bounds(&matrix(&v["scores"]), 5.0).unwrap();
    near(
        "bounds",
        &[b.infonce, b.dv, b.nwj, b.smile],
        &[
            v["infonce"].as_f64().unwrap(),
            v["dv"].as_f64().unwrap(),
            v["nwj"].as_f64().unwrap(),
            v["smile_tau5"].as_f64().unwrap(),
        ],
    );
    let v = read("energy_score");
    let d = matrix(&v["D"]);
    near("score", &energy_score(&flat(&v["weights"]), &d, &d).unwrap(), &flat(&v["score_for_each_observed"]));
}
