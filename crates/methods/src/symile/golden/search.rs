//! `similarity`: scores, posteriors and bank marginalisation.

use suffit_core::Result;
use suffit_core::golden::{Comparison, GoldenCase, KeyGuard};

use super::{narrow, rule, wide};
use crate::symile::score::{Number, argmax, bank_scores, clip_scores, mip_scores, posterior, product};

/// Checks one case in both precisions.
pub(super) fn check(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let mut out = Vec::new();
    run::<f64>(guard, &mut out)?;
    run::<f32>(guard, &mut out)?;
    Ok(out)
}

fn run<T: Number>(guard: &KeyGuard, out: &mut Vec<GoldenCase>) -> Result<()> {
    let (path, rule) = (guard.path(), rule::<T>());
    let name = |key: &str| format!("{path}.{key}");
    let rows = |key: &str| -> Result<(Vec<T>, usize)> {
        let array = guard.array(key)?;
        Ok((narrow(array.data()), array.shape().last().copied().unwrap_or(0)))
    };
    let (s, ((q1, dim), (q2, _))) = (guard.number("tau")?.ln(), (rows("q1")?, rows("q2")?));
    let ((cand, _), (bank, _)) = (rows("cand")?, rows("bank")?);
    let candidates = cand.len() / dim;

    let q = product(&[&q1, &q2], q1.len())?;
    let scores = mip_scores(&q, &cand, dim, s)?;
    out.push(rule.slice(&name("mip_scores"), &wide(&scores), &guard.array("mip_scores")?));
    let clip = clip_scores(&[&q1, &q2], &cand, dim, s)?;
    out.push(rule.slice(&name("clip_scores"), &wide(&clip), &guard.array("clip_scores")?));
    let averaged = bank_scores(&q1, &bank, &cand, dim, s)?;
    out.push(rule.slice(&name("bank_scores_z_given_x"), &wide(&averaged), &guard.array("bank_scores_z_given_x")?));

    let log_prior: Vec<f64> = guard.array("prior")?.data().iter().map(|p| p.ln()).collect();
    for (key, best, prior) in
        [("posterior_uniform", "argmax_uniform", None), ("posterior_prior", "argmax_prior", Some(log_prior.as_slice()))]
    {
        let p = posterior(&scores, candidates, prior);
        out.push(rule.slice(&name(key), &p, &guard.array(key)?));
        let ours: Vec<usize> = p.chunks(candidates).map(argmax).collect();
        out.push(Comparison::exact(&name(best), &ours, &guard.indices(best)?.1));
    }
    Ok(())
}
