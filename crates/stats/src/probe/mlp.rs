//! A network with two hidden layers of 32 rectified units.
//!
//! Inputs are standardised; targets of squared error are standardised too. Adam (0.003, 0.9, 0.999),
//! batches of 64 rows, at most 100 passes, weights of the pass with the smallest loss on held-out rows.
//! Sums run in the order of the rows, so the fit is the same for any number of threads.
//! Source: `fccov.md`, section 5(b); Kingma and Ba 2015; Glorot and Bengio 2010 (initial weights).

use super::{Probe, Task, held_out, mean_loss, scale::Scaler, softmax};
use crate::{
    StatsError, Stream,
    linalg::{Matrix, matmul, matmul_nt, matmul_tn},
};

const HIDDEN: usize = 32;
const PASSES: usize = 100;
const PATIENCE: usize = 12;
const BATCH: usize = 64;
const STEP: f64 = 3e-3;
const DECAY: f64 = 1e-4;

#[derive(Clone)]
struct Layer {
    /// `[in + 1, out]`, biases in the last row.
    weights: Matrix,
    first: Vec<f64>,
    second: Vec<f64>,
}

pub(super) struct Network {
    input: Scaler,
    layers: Vec<Layer>,
    shift: Vec<f64>,
    stretch: Vec<f64>,
}

pub(super) fn fit(task: Task, x: &Matrix, y: &Matrix, seed: u64) -> Result<Network, StatsError> {
    let input = Scaler::standard(x);
    let u = input.apply(x);
    let (shift, stretch) = scales(task, y);
    let target = Matrix::from_fn(y.rows, y.cols, |i, k| (y.at(i, k) - shift[k]) / stretch[k]);
    let (mut rows, valid) = held_out(x.rows, seed);
    let (uv, yv) = (u.select(&valid), target.select(&valid));
    let mut layers = vec![
        Layer::new(x.cols, HIDDEN, seed, 0),
        Layer::new(HIDDEN, HIDDEN, seed, 1),
        Layer::new(HIDDEN, y.cols, seed, 2),
    ];
    let mut best = (f64::INFINITY, 0, layers.clone());
    let mut step = 0;
    for pass in 0..PASSES {
        Stream::new(seed, 0x6d00 + pass as u64).shuffle(&mut rows);
        for batch in rows.chunks(BATCH) {
            step += 1;
            descend(task, &mut layers, &u.select(batch), &target.select(batch), step)?;
        }
        let loss = mean_loss(task, &forward(&layers, &uv)?.2, &yv);
        if loss < best.0 {
            best = (loss, pass, layers.clone());
        } else if pass >= best.1 + PATIENCE {
            break;
        }
    }
    Ok(Network { input, layers: best.2, shift, stretch })
}

fn scales(task: Task, y: &Matrix) -> (Vec<f64>, Vec<f64>) {
    if task == Task::Classes {
        return (vec![0.0; y.cols], vec![1.0; y.cols]);
    }
    let mean = y.column_means();
    let n = y.rows as f64;
    let sd = |k: usize| ((0..y.rows).map(|i| (y.at(i, k) - mean[k]).powi(2)).sum::<f64>() / n).sqrt();
    let stretch = (0..y.cols).map(|k| if sd(k) > 1e-12 { sd(k) } else { 1.0 }).collect();
    (mean, stretch)
}

impl Layer {
    fn new(inputs: usize, outputs: usize, seed: u64, number: u64) -> Self {
        let mut stream = Stream::new(seed, 0x6e00 + number);
        let bound = (6.0 / (inputs + outputs).max(1) as f64).sqrt();
        let weights = Matrix::from_fn(inputs + 1, outputs, |i, _| {
            let u = stream.uniform();
            if i == inputs { 0.0 } else { bound * (2.0 * u - 1.0) }
        });
        let size = weights.values.len();
        Self { weights, first: vec![0.0; size], second: vec![0.0; size] }
    }

    fn apply(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        let inputs = self.weights.rows - 1;
        let cut = inputs * self.weights.cols;
        let w = Matrix { rows: inputs, cols: self.weights.cols, values: self.weights.values[..cut].to_vec() };
        let mut out = matmul(x, &w)?;
        let bias = &self.weights.values[cut..];
        out.values.chunks_exact_mut(bias.len()).for_each(|r| r.iter_mut().zip(bias).for_each(|(v, b)| *v += b));
        Ok(out)
    }

    /// One step of Adam along the gradient `[in + 1, out]`.
    fn update(&mut self, gradient: &[f64], step: i32) {
        let (c1, c2) = (1.0 - 0.9f64.powi(step), 1.0 - 0.999f64.powi(step));
        for (k, g) in gradient.iter().enumerate() {
            let g = g + DECAY * self.weights.values[k];
            self.first[k] = 0.9 * self.first[k] + 0.1 * g;
            self.second[k] = 0.999 * self.second[k] + 0.001 * g * g;
            self.weights.values[k] -= STEP * (self.first[k] / c1) / ((self.second[k] / c2).sqrt() + 1e-8);
        }
    }
}

fn rectified(mut m: Matrix) -> Matrix {
    m.values.iter_mut().for_each(|v| *v = v.max(0.0));
    m
}

fn forward(layers: &[Layer], x: &Matrix) -> Result<(Matrix, Matrix, Matrix), StatsError> {
    let one = rectified(layers[0].apply(x)?);
    let two = rectified(layers[1].apply(&one)?);
    let out = layers[2].apply(&two)?;
    Ok((one, two, out))
}

fn descend(task: Task, layers: &mut [Layer], x: &Matrix, y: &Matrix, step: i32) -> Result<(), StatsError> {
    let (one, two, out) = forward(layers, x)?;
    let p = if task == Task::Classes { softmax(&out) } else { out };
    let n = x.rows as f64;
    let d3 = Matrix::from_fn(y.rows, y.cols, |i, k| (p.at(i, k) - y.at(i, k)) / n);
    let d2 = back(&d3, &layers[2], &two)?;
    let d1 = back(&d2, &layers[1], &one)?;
    for (layer, (input, delta)) in layers.iter_mut().zip([(x, &d1), (&one, &d2), (&two, &d3)]) {
        let mut gradient = matmul_tn(input, delta)?.values;
        gradient.extend((0..delta.cols).map(|k| (0..delta.rows).map(|i| delta.at(i, k)).sum::<f64>()));
        layer.update(&gradient, step);
    }
    Ok(())
}

/// The error one layer down, where its unit was on.
fn back(delta: &Matrix, layer: &Layer, below: &Matrix) -> Result<Matrix, StatsError> {
    let full = matmul_nt(delta, &layer.weights)?;
    Ok(Matrix::from_fn(below.rows, below.cols, |i, j| if below.at(i, j) > 0.0 { full.at(i, j) } else { 0.0 }))
}

impl Probe for Network {
    fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        let (_, _, mut out) = forward(&self.layers, &self.input.apply(x))?;
        for row in out.values.chunks_exact_mut(self.shift.len().max(1)) {
            row.iter_mut().zip(self.shift.iter().zip(&self.stretch)).for_each(|(v, (a, b))| *v = *v * b + a);
        }
        Ok(out)
    }
}
