//! Vectors of the audit: conditional independence, the gap, orders, bounds, scores of forecasts.

use suffit_core::Result;
use suffit_core::golden::{Comparison, GoldenCase, KeyGuard};
use suffit_stats::audit::{clustered_se, gap as gap_of};
use suffit_stats::conditional::{Ols, gcm, kci, pcm_split};
use suffit_stats::energy::energy_score;
use suffit_stats::linalg::Matrix;
use suffit_stats::mutual::lower_bounds;
use suffit_stats::order;

use super::{matrix, named, statistic};

fn rule() -> Comparison {
    Comparison::f64(1e-10)
}

/// `order`: criteria for the number of dimensions.
pub(super) fn orders(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let (eta, n) = (case.array("eta")?, case.count("n")?);
    let lal = order::lal(eta.data(), n).map_err(statistic)?;
    let zmp = order::zmp(eta.data(), n).map_err(statistic)?;
    let expected = case.array("ladle_phi")?;
    let phi = order::ladle_phi(eta.data(), expected.len().saturating_sub(1)).map_err(statistic)?;
    Ok(vec![
        rule().slice(&named(case, "lal"), &lal.values, &case.array("lal")?),
        rule().slice(&named(case, "zmp"), &zmp.values, &case.array("zmp")?),
        Comparison::exact(&named(case, "lal_d"), &lal.d, &case.count("lal_d")?),
        Comparison::exact(&named(case, "zmp_d"), &zmp.d, &case.count("zmp_d")?),
        rule().slice(&named(case, "ladle_phi"), &phi, &expected),
    ])
}

/// `mi_bounds`: lower bounds on mutual information.
pub(super) fn bounds(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    case.text("note")?;
    let ours = lower_bounds(&matrix(&case.array("scores")?), 5.0).map_err(statistic)?;
    [("infonce", ours.infonce), ("dv", ours.dv), ("nwj", ours.nwj), ("smile_tau5", ours.smile)]
        .into_iter()
        .map(|(key, value)| Ok(rule().number(&named(case, key), value, case.number(key)?)))
        .collect()
}

/// `energy_score`: a weighted forecast against each of its atoms.
pub(super) fn forecast(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let d = matrix(&case.array("D")?);
    let ours = energy_score(case.array("weights")?.data(), &d, &d).map_err(statistic)?;
    let key = "score_for_each_observed";
    Ok(vec![rule().slice(&named(case, key), &ours, &case.array(key)?)])
}

/// `gap`: the gap of risks and the lost share.
pub(super) fn gap(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let (l0, lz, lxz) = (case.array("loss_const")?, case.array("loss_z")?, case.array("loss_xz")?);
    let ours = gap_of(l0.data(), lz.data(), lxz.data(), None, 0.05).map_err(statistic)?;
    let differences: Vec<f64> = lz.data().iter().zip(lxz.data()).map(|(a, b)| a - b).collect();
    let triples: Vec<usize> = (0..differences.len()).map(|i| i / 3).collect();
    let clustered = clustered_se(&differences, Some(&triples));
    let mut out: Vec<GoldenCase> = [("delta", ours.delta.value), ("se", ours.delta.se), ("cluster_of_3_se", clustered)]
        .into_iter()
        .map(|(key, value)| Ok(rule().number(&named(case, key), value, case.number(key)?)))
        .collect::<Result<_>>()?;
    let lost = |of: fn(&suffit_stats::audit::Estimate) -> f64| ours.lost.as_ref().map(of);
    for (key, value) in
        [("psi", lost(|e| e.value)), ("se_psi", lost(|e| e.se)), ("upper95_psi_one_sided", lost(|e| e.upper))]
    {
        out.push(rule().optional(&named(case, key), value, Some(case.number(key)?)));
    }
    Ok(out)
}

/// `kci`: the statistic and its gamma null, unit widths.
pub(super) fn kernels(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    case.text("kernels")?;
    let column = |key: &str| case.array(key).map(|a| matrix(&a));
    let ours = kci(&column("x")?, &column("y")?, &column("z")?, [1.0; 3], 1e-3).map_err(statistic)?;
    [("stat", ours.statistic), ("gamma_mean", ours.mean), ("gamma_var", ours.variance), ("p", ours.p)]
        .into_iter()
        .map(|(key, value)| Ok(rule().number(&named(case, key), value, case.number(key)?)))
        .collect()
}

/// `pcm_gcm`: projected and generalised covariance measures with least squares.
pub(super) fn projected(case: &KeyGuard) -> Result<Vec<GoldenCase>> {
    case.text("regression")?;
    let (x, z, y) = (matrix(&case.array("X")?), matrix(&case.array("Z")?), case.array("Y")?);
    let (direction, test) = (case.indices("direction_rows")?.1, case.indices("test_rows")?.1);
    let halves = (direction.as_slice(), test.as_slice());
    let plain = pcm_split(&Ols, &x, &z, y.data(), halves, false, 0).map_err(statistic)?;
    let weighted = pcm_split(&Ols, &x, &z, y.data(), halves, true, 0).map_err(statistic)?;
    let mut out = Vec::new();
    let of = case.child("pcm_no_variance")?;
    for (key, value) in [("rho", plain.rho), ("T", plain.t), ("p", plain.p)] {
        out.push(rule().number(&named(&of, key), value, of.number(key)?));
    }
    // The published program's sign statistic, for readers: ours has another by specification.
    of.number("rho_pycomets")?;
    let first = of.array("L_first5")?;
    out.push(rule().slice(&named(&of, "L_first5"), &plain.products[..first.len()], &first));
    of.finish()?;
    let of = case.child("pcm_variance")?;
    out.push(rule().optional(&named(&of, "floor"), weighted.floor, Some(of.number("floor")?)));
    out.push(rule().optional(&named(&of, "c"), weighted.c, Some(of.number("c")?)));
    for (key, value) in [("T", weighted.t), ("p", weighted.p)] {
        out.push(rule().number(&named(&of, key), value, of.number(key)?));
    }
    of.finish()?;
    let of = case.child("gcm")?;
    let column = Matrix { rows: y.len(), cols: 1, values: y.data().to_vec() };
    let ours = gcm(&Ols, &x, &z, &column, 99, 0).map_err(statistic)?;
    out.push(rule().slice(&named(&of, "T"), &ours.t, &of.array("T")?));
    let key = "p_univariate_two_sided";
    out.push(rule().slice(&named(&of, key), &ours.p_columns, &of.array(key)?));
    out.push(rule().number(&named(&of, "max_abs"), ours.max_abs, of.number("max_abs")?));
    of.finish()?;
    Ok(out)
}
