//! Golden vectors: the product's public functions held against independent references, at 1e-10
//! relative in f64 (rules: `tests/golden/fccov/README.md`).

mod audit;

use serde_json::Value;
use suffit_core::Result;
use suffit_core::golden::{Array, Comparison, GoldenCase, GoldenError, KeyGuard};
use suffit_stats::StatsError;
use suffit_stats::dependence::{
    Ranks, chi_square_p, cumulative, distance_covariance, gaussian_gram, hsic, population, t_test,
};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{
    Metric, Response, density_quantiles, distances, equidistant_levels, wasserstein2_samples,
};
use suffit_stats::sdr::FiniteProblem;

use super::error::FccovError;

/// Names of the checks.
pub const CHECKS: [&str; 11] = [
    "dcov_hsic",
    "distances",
    "energy_score",
    "fccov",
    "gap",
    "kci",
    "mi_bounds",
    "order",
    "pcm_gcm",
    "population",
    "sdr_finite",
];

/// Checks one file.
///
/// # Errors
/// An unknown stem, keys that are missing or not known, values of the wrong kind.
pub fn check(stem: &str, file: &Value) -> Result<Vec<GoldenCase>> {
    let one: fn(&KeyGuard) -> Result<Vec<GoldenCase>> = match stem {
        "dcov_hsic" => dependence,
        "distances" => objects,
        "fccov" => covariance,
        "energy_score" => audit::forecast,
        "gap" => audit::gap,
        "kci" => audit::kernels,
        "mi_bounds" => audit::bounds,
        "order" => audit::orders,
        "pcm_gcm" => audit::projected,
        "population" => closed_forms,
        "sdr_finite" => finite,
        _ => {
            return Err(
                GoldenError::UnknownStem { stem: stem.to_owned(), known: CHECKS.map(String::from).to_vec() }.into()
            );
        }
    };
    KeyGuard::each(stem, file, one)
}

fn statistic(source: StatsError) -> suffit_core::Error {
    FccovError::Statistic { what: "a golden vector", source }.into()
}

fn matrix(array: &Array) -> Matrix {
    let rows = array.shape().first().copied().unwrap_or(0);
    Matrix { rows, cols: array.len() / rows.max(1), values: array.data().to_vec() }
}

fn named(case: &KeyGuard, key: &str) -> String {
    format!("{}.{key}", case.path())
}

fn covariance(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let rule = Comparison::f64(1e-10);
    case.text("name")?;
    let u = matrix(&case.array("U")?);
    let ranks = Ranks::new(&matrix(&case.array("D")?)).map_err(statistic)?;
    let n = u.rows;
    let ours: Vec<f64> = (0..n * n).map(|k| f64::from(ranks.at(k / n, k % n))).collect();
    let gram = ranks.gram();
    let (by_gram, gradient) = gram.value_and_gradient(&u).map_err(statistic)?;
    let expected = case.number("fccov_v")?;
    let top = case.array("top_eigs_of_HGH_over_n3")?;
    let eigenvalues = gram.eigenvalues().map_err(statistic)?;
    let share = if case.value("share_of_bound")?.is_null() { None } else { Some(case.number("share_of_bound")?) };
    let mut out = vec![
        rule.slice(&named(case, "r"), &ours, &case.array("r")?),
        rule.number(&named(case, "fccov_v"), ranks.fccov_v(&u).map_err(statistic)?, expected),
        rule.number(&named(case, "fccov_v by the Gram matrix"), by_gram, expected),
        rule.number(&named(case, "fccov_u"), ranks.fccov_u(&u).map_err(statistic)?, case.number("fccov_u")?),
        rule.optional(&named(case, "share_of_bound"), ranks.share_of_bound(&u).map_err(statistic)?, share),
        rule.slice(&named(case, "grad_u"), &gradient.values, &case.array("grad_u")?),
        rule.slice(&named(case, "top_eigs_of_HGH_over_n3"), &eigenvalues[..top.len()], &top),
    ];
    if case.has("cumulative_v") {
        let value = cumulative(&u, case.array("y")?.data()).map_err(statistic)?;
        out.push(rule.number(&named(case, "cumulative_v"), value, case.number("cumulative_v")?));
    }
    // How the distances were made: information for readers.
    for key in ["y", "labels", "kind"] {
        if case.has(key) {
            case.value(key)?;
        }
    }
    Ok(out)
}

fn closed_forms(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let (rule, loose) = (Comparison::f64(1e-10), Comparison::f64(1e-8));
    let mut out = vec![loose.number(
        &named(case, "gaussian_kappa"),
        population::gaussian_kappa(),
        case.number("gaussian_kappa")?,
    )];
    out.push(loose.number(
        &named(case, "uniform_identity"),
        population::UNIFORM_IDENTITY,
        case.number("uniform_identity")?,
    ));
    let labels = case.child("labels")?;
    let means = matrix(&labels.array("class_means")?);
    let value = population::labels_fccov(labels.array("p")?.data(), &means).map_err(statistic)?;
    out.push(rule.number(&named(&labels, "fccov"), value, labels.number("fccov")?));
    labels.finish()?;
    for example in case.children("gaussian_examples")? {
        let rho = example.number("rho")?;
        let fccov = population::gaussian_fccov(rho).map_err(statistic)?;
        let dcor = population::gaussian_dcor_sqr(rho).map_err(statistic)?;
        out.push(loose.number(&named(&example, "fccov"), fccov, example.number("fccov")?));
        out.push(rule.number(&named(&example, "dcor2"), dcor, example.number("dcor2")?));
        example.finish()?;
    }
    Ok(out)
}

fn finite(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    // The reference's optimum is checked there to 1e-12; eigenvectors lose half of the digits.
    let (rule, vector) = (Comparison::f64(1e-10), Comparison::f64(1e-8));
    case.text("note")?;
    let points = matrix(&case.array("y_points")?);
    let response = Response::real(points.values.clone(), points.cols).map_err(statistic)?;
    let d = distances(&response, Metric::Euclidean).map_err(statistic)?;
    let p_y = matrix(&case.array("p_y_given_x")?);
    let problem = FiniteProblem::solve(case.array("p_x")?.data(), &p_y, &d).map_err(statistic)?;
    let expected = case.array("eta")?;
    let positive = Array::vector(expected.data().iter().copied().filter(|v| *v > 1e-12).collect());
    let ours: Vec<f64> = problem.eta.iter().copied().filter(|v| *v > 1e-12).collect();
    let first = problem.functions.column(0);
    let mut out = vec![
        rule.slice(&named(case, "eta"), &ours, &positive),
        vector.slice(&named(case, "e1"), &first, &case.array("e1")?),
    ];
    for one in case.children("optimum")? {
        let best = problem.optimum(one.count("d")?, one.number("lam")?).map_err(statistic)?;
        out.push(rule.number(&named(&one, "J"), best.value, one.number("J")?));
        out.push(rule.slice(&named(&one, "s2"), &best.variances, &one.array("s2")?));
        one.finish()?;
    }
    Ok(out)
}

fn dependence(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let rule = Comparison::f64(1e-10);
    case.text("kind")?;
    let n = case.count("n")?;
    let side = |key: &str| -> Result<Matrix> {
        let x = matrix(&case.array(key)?);
        distances(&Response::real(x.values, x.cols).map_err(statistic)?, Metric::Euclidean).map_err(statistic)
    };
    let (x, y) = (side("x")?, side("y")?);
    let ours = distance_covariance(&x, &y).map_err(statistic)?;
    let mut out = vec![rule.number(&named(case, "dcov_sqr_v"), ours.dcov_sqr_v, case.number("dcov_sqr_v")?)];
    for (key, value) in
        [("dcor_sqr_v", ours.dcor_sqr_v), ("dcov_sqr_u", Some(ours.dcov_sqr_u)), ("dcor_sqr_u", ours.dcor_sqr_u)]
    {
        out.push(rule.optional(&named(case, key), value, Some(case.number(key)?)));
    }
    let unbiased = case.number("dcor_sqr_u")?;
    let (t, p) = t_test(unbiased, n).map_err(statistic)?;
    out.push(rule.number(&named(case, "t_stat"), t, case.number("t_stat")?));
    out.push(rule.number(&named(case, "t_p"), p, case.number("t_p")?));
    out.push(rule.number(&named(case, "chi2_p"), chi_square_p(unbiased, n), case.number("chi2_p")?));
    let kernels = case.child("hsic")?;
    let (sx, sy) = (kernels.number("sigma_x")?, kernels.number("sigma_y")?);
    let median = |d: &Matrix| suffit_stats::dependence::median_distance(d).map_err(statistic);
    out.push(rule.number(&named(&kernels, "sigma_x"), median(&x)?, sx));
    out.push(rule.number(&named(&kernels, "sigma_y"), median(&y)?, sy));
    let value = hsic(&gaussian_gram(&x, sx), &gaussian_gram(&y, sy)).map_err(statistic)?;
    out.push(rule.number(&named(&kernels, "biased_n2"), value.biased, kernels.number("biased_n2")?));
    out.push(rule.optional(&named(&kernels, "unbiased"), value.unbiased, Some(kernels.number("unbiased")?)));
    kernels.finish()?;
    Ok(out)
}

fn objects(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let rule = Comparison::f64(1e-10);
    let mut out = Vec::new();
    let width = |key: &str| -> Result<(Vec<f64>, usize)> {
        let array = case.array(key)?;
        let width = array.shape().last().copied().unwrap_or(0);
        Ok((array.into_data(), width))
    };
    let (values, q) = width("spd")?;
    let spd = Response::spd(values, q).map_err(statistic)?;
    let (values, dim) = width("sphere")?;
    let sphere = Response::sphere(values, dim).map_err(statistic)?;
    let (values, parts) = width("composition")?;
    let composition = Response::composition(values, parts).map_err(statistic)?;
    for (key, response, metric) in [
        ("frobenius", &spd, Metric::Frobenius),
        ("log_euclidean", &spd, Metric::LogEuclidean),
        ("affine_invariant", &spd, Metric::AffineInvariant),
        ("log_cholesky", &spd, Metric::LogCholesky),
        ("sphere_dist", &sphere, Metric::GreatCircle),
        ("fisher_rao", &composition, Metric::FisherRao),
        ("aitchison", &composition, Metric::Aitchison),
    ] {
        let ours = distances(response, metric).map_err(statistic)?;
        out.push(rule.slice(&named(case, key), &ours.values, &case.array(key)?));
    }
    let samples = case.arrays("samples")?;
    let value = wasserstein2_samples(samples[0].data(), samples[1].data()).map_err(statistic)?;
    out.push(rule.number(&named(case, "w2_samples"), value, case.number("w2_samples")?));
    let (grid, levels) = (case.array("density_grid")?, case.array("quantile_grid")?);
    let ours = equidistant_levels(levels.len());
    out.push(rule.slice(&named(case, "quantile_grid"), &ours, &levels));
    let mut quantiles = Vec::new();
    for density in matrix(&case.array("densities")?).values.chunks(grid.len()) {
        quantiles.extend(density_quantiles(grid.data(), density, &ours).map_err(statistic)?);
    }
    out.push(rule.slice(&named(case, "quantiles"), &quantiles, &case.array("quantiles")?));
    let both = Response::distribution(quantiles, ours).map_err(statistic)?;
    let value = both.space(Metric::Wasserstein2).map_err(statistic)?.distance(0, 1);
    out.push(rule.number(&named(case, "w2_quantiles"), value, case.number("w2_quantiles")?));
    Ok(out)
}
