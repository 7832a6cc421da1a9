//! `loss_n`, `loss_n2` and `clip`: losses, their parts and their gradients.

use burn::tensor::{Device, Tensor, TensorData};
use suffit_core::Result;
use suffit_core::error::CommonError;
use suffit_core::golden::{Array, GoldenCase, KeyGuard};
use suffit_nn::fused::{LossValue, Permutations, Views, score_sum, symile_n_logits};

use super::{narrow, rule, wide};
use crate::symile::config::Normalise;
use crate::symile::loss::{Draw, loss_tensor, loss_value};
use crate::symile::model::normalise_rows;
use crate::symile::score::{Number, dtype_of};

struct Case {
    x: Vec<Array>,
    normalise: Normalise,
    s: f64,
    draw: Draw,
}

/// Checks one case in both precisions.
pub(super) fn check(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let sizes = [guard.count("M")?, guard.count("B")?, guard.count("d")?];
    let normalise = match guard.text("normalise")? {
        "l2" => Normalise::L2,
        "ln" => Normalise::LayerNorm,
        "none" => Normalise::None,
        other => {
            let (key, got) = (format!("{}.normalise", guard.path()), format!("`{other}`"));
            return Err(
                suffit_core::golden::GoldenError::WrongKind { key, got, expected: "`l2`, `ln` or `none`" }.into()
            );
        }
    };
    let x = guard.arrays("x")?;
    let draw = if guard.path().starts_with("clip") {
        Draw::Pairs
    } else if guard.has("perms") {
        Draw::Shuffles(permutations(guard)?)
    } else {
        Draw::All
    };
    let case = Case { x, normalise, s: guard.number("s")?, draw };
    let mut out = vec![GoldenCase {
        name: format!("{} sizes", guard.path()),
        deviation: if case.x.len() == sizes[0] && case.x.iter().all(|x| x.shape() == [sizes[1], sizes[2]]) {
            0.0
        } else {
            f64::INFINITY
        },
        tolerance: 0.0,
        note: format!("M, B, d = {sizes:?}"),
    }];
    run::<f64>(guard, &case, &mut out)?;
    run::<f32>(guard, &case, &mut out)?;
    Ok(out)
}

/// `[M, M − 1, B]` row numbers.
pub(super) fn permutations(guard: &KeyGuard) -> Result<Permutations> {
    let (shape, rows) = guard.indices("perms")?;
    let [views, others, batch] = shape[..] else {
        return Err(CommonError::bug(format!("shuffles of shape {shape:?}")).into());
    };
    let list = |m: usize, a: usize| rows[(m * others + a) * batch..(m * others + a + 1) * batch].to_vec();
    Ok(Permutations::new((0..views).map(|m| (0..others).map(|a| list(m, a)).collect()).collect(), batch)?)
}

fn run<T: Number>(guard: &KeyGuard, case: &Case, out: &mut Vec<GoldenCase>) -> Result<()> {
    let (path, rule) = (guard.path(), rule::<T>());
    let device = Device::flex().autodiff();
    let leaf = |x: &Array| -> Tensor<2> {
        let data = TensorData::new(narrow::<T>(x.data()), x.shape().to_vec());
        Tensor::from_data(data, (&device, dtype_of::<T>())).require_grad()
    };
    let leaves: Vec<Tensor<2>> = case.x.iter().map(leaf).collect();
    let s =
        Tensor::<1>::from_data(TensorData::new(vec![T::of(case.s)], [1]), (&device, dtype_of::<T>())).require_grad();
    let reps: Vec<Tensor<2>> = leaves.iter().map(|x| normalise_rows(x.clone(), case.normalise)).collect();

    let rows: Vec<Vec<T>> = reps.iter().map(|r| host::<T, 2>(r.clone())).collect::<Result<_>>()?;
    let [batch, dim] = [case.x[0].shape()[0], case.x[0].shape()[1]];
    let views = Views::new(rows.iter().map(Vec::as_slice).collect(), batch, dim)?;
    let value: LossValue = loss_value(&views, case.s, &case.draw, None)?;
    out.push(rule.number(&format!("{path}.loss"), value.loss, guard.number("loss")?));
    if guard.has("loss_per_anchor") {
        out.push(rule.slice(&format!("{path}.loss_per_anchor"), &value.parts, &guard.array("loss_per_anchor")?));
    }
    if guard.has("T_sum") {
        out.push(rule.number(&format!("{path}.T_sum"), score_sum(&views, case.s), guard.number("T_sum")?));
    }
    if let (Draw::Shuffles(perms), true) = (&case.draw, guard.has("logits_anchor0")) {
        let logits = symile_n_logits(&views, case.s, perms, 0)?;
        out.push(rule.slice(&format!("{path}.logits_anchor0"), &wide(&logits), &guard.array("logits_anchor0")?));
    }

    let loss = loss_tensor(&reps, &s, &case.draw, None)?;
    out.push(rule.number(
        &format!("{path}.loss (autodiff)"),
        wide(&host::<T, 1>(loss.clone())?)[0],
        guard.number("loss")?,
    ));
    let gradients = loss.backward();
    let expected = guard.arrays("grad_x")?;
    let grad_s = guard.number("grad_s")?;
    let largest = expected.iter().map(Array::largest).fold(grad_s.abs(), f64::max);
    // README: in f32, gradients are relative to the largest gradient of the case.
    let grad_rule = if dtype_of::<T>() == burn::tensor::DType::F64 { rule } else { rule.relative_to(largest) };
    let missing = || CommonError::bug("a leaf without gradient");
    for (m, (leaf, expected)) in leaves.iter().zip(&expected).enumerate() {
        let ours = host::<T, 2>(leaf.grad(&gradients).ok_or_else(missing)?)?;
        out.push(grad_rule.slice(&format!("{path}.grad_x[{m}]"), &wide(&ours), expected));
    }
    let ours = host::<T, 1>(s.grad(&gradients).ok_or_else(missing)?)?;
    out.push(grad_rule.number(&format!("{path}.grad_s"), ours[0].f64(), grad_s));
    Ok(())
}

/// A tensor's numbers.
pub(super) fn host<T: Number, const D: usize>(tensor: Tensor<D>) -> Result<Vec<T>> {
    let data = tensor.inner().try_into_data().map_err(|e| CommonError::bug(format!("reading a tensor back: {e}")))?;
    Ok(data.try_into_vec::<T>().map_err(|e| CommonError::bug(format!("reading a tensor back: {e:?}")))?)
}
