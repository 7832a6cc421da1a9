//! Gradients against central differences, for tests.

use burn::tensor::{DType, Device, Tensor, TensorData};

/// The largest disagreement found by [`check`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// Relative deviation: `|a − n| / max(|a|, |n|, 1e-3·largest gradient entry, 1e-8)`.
    pub relative: f64,
    /// Which input.
    pub input: usize,
    /// Which entry, row-major.
    pub entry: usize,
    /// By the tape.
    pub analytic: f64,
    /// By central differences.
    pub numeric: f64,
}

/// Compares the gradient of `f` at `inputs` (shape and row-major values, f64) with central
/// differences `(f(x + h) − f(x − h)) / 2h`, `h = 1e-5·max(1, |x|)`, whose error is of order
/// `h²` and rounding of order `1e-16/h`: about 1e-10 for functions of size 1.
///
/// `f` gets tensors in f64 and gives one number, `[1]`. Entries whose gradient is much smaller
/// than the largest one are judged against a thousandth of that one, since differences cannot
/// resolve them. An input that the loss does not reach has gradient 0.
///
/// Cost: two evaluations for each entry.
pub fn check(inputs: &[([usize; 2], Vec<f64>)], f: impl Fn(&[Tensor<2>]) -> Tensor<1>) -> Worst {
    let make = |device: &Device, values: &[Vec<f64>]| -> Vec<Tensor<2>> {
        let shapes = inputs.iter().map(|(shape, _)| *shape);
        shapes
            .zip(values)
            .map(|(s, v)| Tensor::from_data(TensorData::new(v.clone(), s), (device, DType::F64)))
            .collect()
    };
    let plain = Device::flex();
    let values: Vec<Vec<f64>> = inputs.iter().map(|(_, v)| v.clone()).collect();
    let at = |values: &[Vec<f64>]| f(&make(&plain, values)).into_scalar::<f64>();

    let tracked: Vec<Tensor<2>> =
        make(&plain.clone().autodiff(), &values).into_iter().map(Tensor::require_grad).collect();
    let gradients = f(&tracked).backward();
    let analytic: Vec<Vec<f64>> = tracked
        .iter()
        .zip(&values)
        .map(|(t, v)| t.grad(&gradients).map_or_else(|| vec![0.0; v.len()], |g| g.into_data().iter::<f64>().collect()))
        .collect();
    let largest = analytic.iter().flatten().fold(0.0f64, |m, g| m.max(g.abs()));

    let mut worst = Worst { relative: 0.0, input: 0, entry: 0, analytic: 0.0, numeric: 0.0 };
    for (input, gradient) in analytic.iter().enumerate() {
        for (entry, &analytic) in gradient.iter().enumerate() {
            let (mut up, mut down) = (values.clone(), values.clone());
            let h = 1e-5 * values[input][entry].abs().max(1.0);
            up[input][entry] += h;
            down[input][entry] -= h;
            let numeric = (at(&up) - at(&down)) / (up[input][entry] - down[input][entry]);
            let scale = analytic.abs().max(numeric.abs()).max(1e-3 * largest).max(1e-8);
            let relative = (analytic - numeric).abs() / scale;
            // NaN must win over any number.
            if relative.is_nan() || relative > worst.relative {
                worst = Worst { relative, input, entry, analytic, numeric };
            }
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_gradients_pass_and_wrong_ones_do_not() {
        let x = ([1, 3], vec![0.3, -2.0, 1.5]);
        let right = check(std::slice::from_ref(&x), |t| (t[0].clone().square() * t[0].clone().exp()).sum());
        assert!(right.relative < 1e-8, "{right:?}");
        // A detached factor: the value is x·x, its tape says x.
        let wrong = check(&[x], |t| (t[0].clone().detach() * t[0].clone()).sum());
        assert!(wrong.relative > 0.1, "{wrong:?}");
    }
}
