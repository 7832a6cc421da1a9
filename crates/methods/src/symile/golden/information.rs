//! `xor_information` and `discrete_tc`: the closed forms of `suffit-stats` that tables and reports
//! print, in f64.

use suffit_core::Result;
use suffit_core::golden::{Comparison, GoldenCase, KeyGuard};
use suffit_stats::information::{Table3, Xor};

use crate::symile::error::SymileError;

fn statistic(source: suffit_stats::StatsError) -> suffit_core::Error {
    SymileError::Statistic { what: "closed forms of a golden vector", source }.into()
}

/// Information of the XOR family.
pub(super) fn xor(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let rule = Comparison::f64(1e-9);
    let bits = guard.number("d_v")? as u32;
    let ours = Xor::new(bits, guard.number("p_hat")?).map_err(statistic)?;
    let pairs = [
        ("I_ac", ours.i_ac()),
        ("I_bc", ours.i_bc()),
        ("I_ab_given_c", ours.i_ab_given_c()),
        ("I_cb_given_a", ours.i_cb_given_a()),
        ("TC", ours.total_correlation()),
        ("bayes_acc_b_given_ac", ours.bayes_accuracy()),
    ];
    pairs
        .iter()
        .map(|(key, value)| Ok(rule.number(&format!("{}.{key}", guard.path()), *value, guard.number(key)?)))
        .collect()
}

/// Everything about a table of three discrete variables.
pub(super) fn table(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let (rule, path) = (Comparison::f64(1e-9), guard.path());
    let cells = guard.array("p")?;
    let [x, y, z] = cells.shape()[..] else {
        return Err(
            SymileError::Golden { what: format!("{path}.p has {} axes, expected 3", cells.shape().len()) }.into()
        );
    };
    let ours = Table3::new(cells.data(), [x, y, z]).map_err(statistic)?;
    let mut out = Vec::new();
    for (key, value) in [
        ("TC", ours.total_correlation()),
        ("I_xy", ours.i_xy()),
        ("I_xz", ours.i_xz()),
        ("I_yz", ours.i_yz()),
        ("I_yz_given_x", ours.i_yz_given_x()),
    ] {
        out.push(rule.number(&format!("{path}.{key}"), value, guard.number(key)?));
    }
    for (key, values) in [
        ("g_star", ours.g_star()),
        ("p_z_given_xy", ours.posterior_z_given_xy()),
        ("pmi_xz", ours.pmi_xz()),
        ("pmi_xz_from_marginalising_y", ours.pmi_xz_by_marginalising_y()),
    ] {
        out.push(rule.slice(&format!("{path}.{key}"), &values, &guard.array(key)?));
    }
    for (key, values) in [("argmax_g", ours.argmax_g()), ("argmax_posterior", ours.argmax_posterior())] {
        out.push(Comparison::exact(&format!("{path}.{key}"), &values, &guard.indices(key)?.1));
    }
    Ok(out)
}
