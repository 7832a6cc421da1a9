//! Parameters, and rows through them in f64.
//!
//! A network (one affine map for the solver `linear`) whose last map gives eigen-coordinates: unit
//! variance on the training rows, sorted by what they know about y.

use suffit_core::Result;
use suffit_core::error::CommonError;
use suffit_nn::blob::{Blob, Tensors};
use suffit_nn::layer::{Activation, Init, Mlp, MlpSpec, Pass};
use suffit_nn::{Place, parameter};
use suffit_stats::linalg::Matrix;
use suffit_stats::sdr::Spectral;

/// Rows that go through the model at once in [`outputs`].
const BLOCK: usize = 256;

/// Shape of the network: ReLU between, none at the end (fccov.md §3).
pub fn shape(columns: usize, hidden: &[usize], dims: usize) -> MlpSpec {
    let (input, output, hidden) = (columns, dims, hidden.to_vec());
    MlpSpec { input, hidden, output, activation: Activation::Relu, layer_norm: false, dropout: 0.0 }
}

/// A network at its start: weights from `U(−a, a)` with `a = √(6/(in + out))` (Xavier), biases 0.
///
/// # Errors
/// A bug: tensors that do not fit the shape.
pub fn start(spec: &MlpSpec, init: &Init) -> Result<Mlp> {
    let mut model = Mlp::new(spec, init);
    for (i, layer) in model.layers.iter_mut().enumerate() {
        let [output, input] = [layer.output(), layer.input()];
        let bound = (6.0 / (input + output) as f64).sqrt();
        let init = init.child("xavier").child(&i.to_string());
        layer.weight = init.uniform("weight", [output, input], bound);
        layer.bias = Some(init.constant([output], 0.0));
    }
    Ok(model)
}

/// Outputs of standardised rows.
///
/// - shapes: `x: [N, D]` row-major, result `[N, d]`
/// - determinism: each row by itself, whatever rows come with it
///
/// # Errors
/// Values that are no whole number of rows; tensors that cannot be read back.
pub fn outputs(model: &Mlp, x: &[f32], place: &Place) -> Result<Matrix> {
    let columns = model.layers[0].input();
    let dims = model.layers[model.layers.len() - 1].output();
    let mut values = Vec::with_capacity(x.len() / columns.max(1) * dims);
    // Blocks of one shape: matrix kernels may sum in another order for another number of rows.
    for block in x.chunks(BLOCK * columns.max(1)) {
        let rows = block.len() / columns.max(1);
        let mut full = block.to_vec();
        full.resize(BLOCK * columns, 0.0);
        let out = model.forward(place.matrix(full, [BLOCK, columns])?, Pass::Evaluate);
        values.extend(read(out)?.into_iter().take(rows * dims));
    }
    let rows = values.len() / dims.max(1);
    Ok(Matrix { rows, cols: dims, values })
}

/// The values of a tensor in f64.
///
/// # Errors
/// A tensor that cannot be read back.
pub fn read(tensor: burn::tensor::Tensor<2>) -> Result<Vec<f64>> {
    let data = tensor.inner().try_into_data().map_err(|e| CommonError::bug(format!("the representation: {e}")))?;
    Ok(data.iter::<f64>().collect())
}

/// The same network with `coordinates` of its outputs folded into the last map.
///
/// # Errors
/// A bug: coordinates of another width.
pub fn fold(model: &Mlp, coordinates: &Spectral, dims: usize, init: &Init) -> Result<Mlp> {
    let last = model.layers.len() - 1;
    let tensors = parameter::collect(model)?;
    let (weight, bias) = (format!("layers.{last}.weight"), format!("layers.{last}.bias"));
    let bug = || CommonError::bug("a network without a last map");
    let (w, b) = (tensors.get(&weight).ok_or_else(bug)?, tensors.get(&bias).ok_or_else(bug)?);
    let (input, outer) = (model.layers[last].input(), model.layers[last].output());
    let (old, shift) = (w.to_f64(), b.to_f64());
    let a = &coordinates.weights.leading(dims); // [outer, d]
    let new: Vec<f32> = (0..a.cols)
        .flat_map(|j| (0..input).map(move |c| (j, c)))
        .map(|(j, c)| (0..outer).map(|k| a.at(k, j) * old[k * input + c]).sum::<f64>() as f32)
        .collect();
    let bias_of = |j: usize| (0..outer).map(|k| a.at(k, j) * (shift[k] - coordinates.means[k])).sum::<f64>() as f32;
    let new_bias: Vec<f32> = (0..a.cols).map(bias_of).collect();
    let mut folded: Tensors = tensors.clone();
    folded.insert(weight, Blob::from_f32(vec![a.cols, input], &new));
    folded.insert(bias, Blob::from_f32(vec![a.cols], &new_bias));
    let hidden: Vec<usize> = model.layers[..last].iter().map(|l| l.output()).collect();
    parameter::load(Mlp::new(&shape(model.layers[0].input(), &hidden, a.cols), init), &folded, "the folded network")
}

/// One affine map that gives `coordinates`.
///
/// # Errors
/// A bug: tensors that do not fit the shape.
pub fn affine(coordinates: &Spectral, dims: usize, init: &Init) -> Result<Mlp> {
    let (a, m) = (&coordinates.weights.leading(dims), &coordinates.means);
    let weight: Vec<f32> = a.transpose().values.iter().map(|v| *v as f32).collect();
    let bias: Vec<f32> = (0..a.cols).map(|j| -(0..a.rows).map(|i| a.at(i, j) * m[i]).sum::<f64>() as f32).collect();
    let tensors: Tensors = [
        ("layers.0.weight".to_owned(), Blob::from_f32(vec![a.cols, a.rows], &weight)),
        ("layers.0.bias".to_owned(), Blob::from_f32(vec![a.cols], &bias)),
    ]
    .into();
    parameter::load(Mlp::new(&shape(a.rows, &[], a.cols), init), &tensors, "the linear solution")
}
