//! Vectors from independent references, held against the functions that the product uses.

use burn::tensor::Tensor;
use serde_json::Value;
use suffit_core::Result;
use suffit_core::error::CommonError;
use suffit_core::golden::{Comparison, GoldenCase, GoldenError, KeyGuard};
use suffit_nn::Place;

use super::loss::cross_entropy;

/// Checks by the stem of their files.
const KNOWN: [&str; 1] = ["cross_entropy"];

/// Runs the check of a stem on one file.
///
/// # Errors
/// A stem or key that is not known, values of the wrong kind.
pub fn check(stem: &str, file: &Value) -> Result<Vec<GoldenCase>> {
    if stem != "cross_entropy" {
        let known = KNOWN.map(str::to_owned).to_vec();
        return Err(GoldenError::UnknownStem { stem: stem.to_owned(), known }.into());
    }
    KeyGuard::each(stem, file, |case| {
        let exact = loss_and_gradient(case, &Place::cpu().double(), Comparison::f64(1e-12))?;
        let single = loss_and_gradient(case, &Place::cpu(), Comparison::f32(1e-5))?;
        Ok(exact.into_iter().chain(single))
    })
}

fn loss_and_gradient(case: &KeyGuard, place: &Place, rule: Comparison) -> Result<[GoldenCase; 2]> {
    let (logits, (_, classes)) = (case.array("logits")?, case.indices("classes")?);
    let (loss, gradient) = (case.number("loss")?, case.array("grad_logits")?);
    let &[rows, width] = logits.shape() else {
        let (key, got) = (format!("{}.logits", case.path()), format!("an array of shape {:?}", logits.shape()));
        return Err(GoldenError::WrongKind { key, got, expected: "an array of shape [B, K]" }.into());
    };
    let plain: Tensor<2> = place.matrix(logits.into_data(), [rows, width])?;
    let input = plain.autodiff().require_grad();
    let ours = cross_entropy(input.clone(), &classes, place)?;
    let value = suffit_nn::optim::scalar("loss", ours.clone())?;
    let unread = |what: &str| CommonError::bug(format!("the gradient of the logits {what}"));
    let grad = input.grad(&ours.backward()).ok_or_else(|| unread("is not there"))?;
    let data = grad.try_into_data().map_err(|e| unread(&format!("cannot be read: {e}")))?;
    let name = |what: &str| format!("{}.{what}", case.path());
    Ok([
        rule.number(&name("loss"), value, loss),
        rule.slice(&name("grad_logits"), &data.iter::<f64>().collect::<Vec<_>>(), &gradient),
    ])
}
