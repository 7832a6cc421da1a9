//! The optimiser against the reference and its own promises.
#![allow(clippy::unwrap_used, clippy::panic)]

use burn::module::{Module, Param, ParamId};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{DType, Device, Tensor, TensorData};
use serde_json::Value;
use suffit_core::{Result, Seed, TrainConfig};

use super::*;
use crate::layer::{Init, Linear, l2_rows};
use crate::parameter::collect;
use crate::{NnError, Place};

/// Affine heads and the log of the inverse temperature.
#[derive(Module, Debug)]
struct Heads {
    heads: Vec<Linear>,
    s: Param<Tensor<1>>,
}

struct Reference {
    views: Vec<Vec<Vec<f64>>>,
    steps: Vec<Value>,
    start: Heads,
    dtype: DType,
}

fn floats(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(floats).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn param<const D: usize>(values: Vec<f64>, shape: [usize; D], dtype: DType) -> Param<Tensor<D>> {
    let device = Device::flex().autodiff();
    Param::initialized(
        ParamId::new(),
        Tensor::from_data(TensorData::new(values, shape), (&device, dtype)).require_grad(),
    )
}

impl Reference {
    fn read(dtype: DType) -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/symile/train_steps.json");
        let case: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let heads =
            case["init"]["W"].as_array().unwrap().iter().zip(case["init"]["b"].as_array().unwrap()).map(|(w, b)| {
                let (rows, columns) = (w.as_array().unwrap().len(), w[0].as_array().unwrap().len());
                Linear { weight: param(floats(w), [rows, columns], dtype), bias: Some(param(floats(b), [rows], dtype)) }
            });
        let start = Heads { heads: heads.collect(), s: param(vec![case["init"]["s"].as_f64().unwrap()], [1], dtype) };
        let views = case["V"].as_array().unwrap().iter();
        let views = views.map(|v| v.as_array().unwrap().iter().map(floats).collect()).collect();
        Reference { views, steps: case["steps"].as_array().unwrap().clone(), start, dtype }
    }

    /// The O(N) loss by its definition: `symile.md` §Loss.
    fn loss(&self, model: &Heads, perms: &Value) -> Tensor<1> {
        let device = Device::flex();
        let n = self.views[0].len();
        let r: Vec<Tensor<2>> = (self.views.iter().zip(&model.heads))
            .map(|(v, head)| {
                let shape = [n, v[0].len()];
                l2_rows(head.forward(Tensor::from_data(TensorData::new(v.concat(), shape), (&device, self.dtype))))
            })
            .collect();
        let tau = model.s.val().exp().unsqueeze::<2>();
        let eye = Tensor::<2>::eye(n, &device).cast(self.dtype);
        let mut total: Option<Tensor<1>> = None;
        for m in 0..r.len() {
            let others: Vec<usize> = (0..r.len()).filter(|&k| k != m).collect();
            let rows = |a: usize| -> Vec<i64> { floats(&perms[m][a]).into_iter().map(|v| v as i64).collect() };
            let negative = |(a, &k): (usize, &usize)| {
                r[k].clone().select(0, Tensor::from_data(TensorData::new(rows(a), [n]), &device))
            };
            let shuffled = others.iter().enumerate().map(negative).reduce(|a, b| a * b).unwrap(); // [B, d]
            let aligned = others.iter().map(|&k| r[k].clone()).reduce(|a, b| a * b).unwrap();
            let positive = (r[m].clone() * aligned).sum_dim(1); // [B, 1]
            let scores = r[m].clone().matmul(shuffled.transpose());
            let scores = (scores * (eye.clone().neg() + 1.0) + eye.clone() * positive.clone()) * tau.clone();
            let lse = scores.exp().sum_dim(1).log();
            let part = (lse - positive * tau.clone()).mean();
            total = Some(total.map_or(part.clone(), |t| t + part));
        }
        total.unwrap() / r.len() as f64
    }

    /// Largest deviation of loss and state from the reference over the three steps.
    fn deviation(&self, mut next: impl FnMut(Heads, &dyn Fn(&Heads) -> Tensor<1>) -> (Heads, f64)) -> f64 {
        let mut model = self.start.clone();
        let mut worst = 0.0f64;
        for step in &self.steps {
            let (after, loss) = next(model, &|m| self.loss(m, &step["perms"]));
            model = after;
            let state = collect(&model).unwrap();
            let mut compare = |ours: Vec<f64>, theirs: Vec<f64>| {
                assert_eq!(ours.len(), theirs.len());
                let scale = theirs.iter().fold(0.0f64, |m, v| m.max(v.abs()));
                let off = ours.iter().zip(&theirs).fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
                worst = worst.max(off / scale);
            };
            compare(vec![loss], floats(&step["loss"]));
            compare(state["s"].to_f64(), floats(&step["s"]));
            for m in 0..self.views.len() {
                compare(state[&format!("heads.{m}.weight")].to_f64(), floats(&step["W"][m]));
                compare(state[&format!("heads.{m}.bias")].to_f64(), floats(&step["b"][m]));
            }
        }
        worst
    }
}

fn reference_config() -> TrainConfig {
    TrainConfig { learning_rate: 0.1, weight_decay: 0.01, clip_norm: 0.0, accumulate: 1, ..TrainConfig::default() }
}

fn ours(dtype: DType) -> f64 {
    let mut optim = Optimiser::new(&reference_config());
    Reference::read(dtype).deviation(|mut model, loss| {
        let update = optim.step(&mut model, |m, _| Ok(loss(m))).unwrap();
        (model, update.loss)
    })
}

#[test]
fn three_steps_equal_the_reference_in_double_precision() {
    let off = ours(DType::F64);
    assert!(off < 1e-9, "relative deviation {off:e}");
}

#[test]
fn three_steps_equal_the_reference_in_single_precision() {
    let off = ours(DType::F32);
    assert!(off < 1e-5, "relative deviation {off:e}");
}

/// Why the optimiser is our own: the reference's tolerance in f64 is 1e-9.
#[test]
fn burns_own_adamw_is_not_double_precision() {
    let config = AdamWConfig::new().with_weight_decay(0.01).with_epsilon(1e-8);
    let mut optim = config.init();
    let off = Reference::read(DType::F64).deviation(|model, loss| {
        let value = loss(&model);
        let grads = GradientsParams::from_grads(value.backward(), &model);
        (optim.step(0.1, model, grads), value.into_scalar::<f64>())
    });
    assert!(off > 1e-9, "relative deviation {off:e}: Burn's own could now be used");
}

fn quadratic(seed: u64) -> Linear {
    Linear::new(40, 900, true, &Init::new(Seed::new(seed), &Place::cpu()))
}

fn norm_loss(model: &Linear) -> Result<Tensor<1>> {
    Ok((model.weight.val() - 1.0).square().sum() + model.bias.as_ref().unwrap().val().square().sum())
}

#[test]
fn moments_survive_saving_bit_for_bit_and_threads_do_not_matter() {
    let config = TrainConfig { learning_rate: 0.01, ..reference_config() };
    let steps = |model: &mut Linear, optim: &mut Optimiser, n: usize| {
        for _ in 0..n {
            optim.step(model, |m, _| norm_loss(m)).unwrap();
        }
    };
    let whole = |threads| {
        crate::device::in_pool(threads, || {
            let (mut model, mut optim) = (quadratic(1), Optimiser::new(&config));
            steps(&mut model, &mut optim, 6);
            (collect(&model).unwrap(), optim.save().unwrap())
        })
        .unwrap()
    };
    let one = whole(1);
    assert_eq!(one, whole(2)); // 36,000 weights: more than one chunk

    let (mut model, mut optim) = (quadratic(1), Optimiser::new(&config));
    steps(&mut model, &mut optim, 2);
    let (values, moments) = (collect(&model).unwrap(), optim.save().unwrap());
    let mut other = crate::parameter::load(quadratic(2), &values, "x").unwrap();
    let mut again = Optimiser::new(&config);
    again.load(&moments).unwrap();
    steps(&mut other, &mut again, 4);
    assert_eq!((collect(&other).unwrap(), again.save().unwrap()), one);
    assert_eq!(one.1["weight.step"].to_i64(), Some(6));
}

#[test]
fn damaged_moments_are_named() {
    let mut optim = Optimiser::new(&reference_config());
    optim.step(&mut quadratic(1), |m, _| norm_loss(m)).unwrap();
    let saved = optim.save().unwrap();
    let message = |change: &dyn Fn(&mut Tensors)| {
        let mut t = saved.clone();
        change(&mut t);
        Optimiser::new(&reference_config()).load(&t).unwrap_err().to_string()
    };
    assert_eq!(message(&|t| drop(t.remove("bias.exp_avg_sq"))), "optim.safetensors holds no tensor `bias.exp_avg_sq`");
    assert_eq!(message(&|t| drop(t.remove("bias.step"))), "optim.safetensors holds no tensor `bias.step`");
    let text = "optim.safetensors holds the tensor `bias.exp_avg_sq`, which this model does not have";
    assert_eq!(message(&|t| drop(t.remove("bias.exp_avg"))), text);
    let text = "tensor `bias.step` of optim.safetensors holds F32 numbers, expected I64 with one count";
    assert_eq!(message(&|t| drop(t.insert("bias.step".into(), crate::Blob::from_f32(vec![], &[1.0])))), text);
}

#[test]
fn clipping_scales_the_whole_gradient_and_accumulation_averages() {
    let place = Place::cpu().double();
    let model = || Linear::new(3, 2, true, &Init::new(Seed::new(4), &place));
    let data =
        |k: u64| place.matrix((0..6).map(|i| ((i * 7 + 3 * k as i32) % 5) as f64 - 1.0).collect(), [2, 3]).unwrap();
    let loss = |m: &Linear, k: u64| -> Result<Tensor<1>> { Ok(m.forward(data(k)).square().mean()) };
    let grads = |k: u64| {
        let m = model();
        Grads::take(&m, &mut loss(&m, k).unwrap().backward()).unwrap()
    };

    // By hand: mean of the two gradients, then scaled to length 0.01.
    let (a, b) = (grads(0), grads(1));
    let mean = |name: &str| -> Vec<f64> {
        a.get(name).unwrap().iter().zip(b.get(name).unwrap()).map(|(x, y)| (x + y) / 2.0).collect()
    };
    let norm = ["weight", "bias"].iter().flat_map(|n| mean(n)).map(|g| g * g).sum::<f64>().sqrt();
    let config = TrainConfig { accumulate: 2, clip_norm: 0.01, epsilon: 1.0, ..reference_config() };
    let (mut m, mut optim) = (model(), Optimiser::new(&config));
    let before = collect(&m).unwrap();
    let update = optim.step(&mut m, loss).unwrap();
    assert!((update.grad_norm / norm - 1.0).abs() < 1e-12 && norm > 0.01);
    let losses: f64 = (0..2).map(|k| loss(&model(), k).unwrap().into_scalar::<f64>()).sum();
    assert!((update.loss - losses / 2.0).abs() < 1e-15);
    let after = collect(&m).unwrap();
    for name in ["weight", "bias"] {
        for ((p, q), g) in before[name].to_f64().iter().zip(after[name].to_f64()).zip(mean(name)) {
            // First step: m̂ = g, v̂ = g²; epsilon 1 lets the size of g show.
            let g = g * 0.01 / norm;
            let expected = p * (1.0 - 0.1 * 0.01) - 0.1 * g / (g.abs() + 1.0);
            assert!((q - expected).abs() < 1e-14, "{name}: {q} {expected}");
        }
    }
}

#[test]
fn a_gradient_that_is_not_finite_leaves_the_module_alone() {
    let (mut model, mut optim) = (quadratic(1), Optimiser::new(&reference_config()));
    let before = collect(&model).unwrap();
    // √0 has value 0 and an infinite slope.
    let e = optim.step(&mut model, |m, _| Ok((m.weight.val() * 0.0).sqrt().sum())).unwrap_err();
    assert!(matches!(e.downcast_ref(), Some(NnError::NotFinite { what, .. }) if what == "gradient norm"), "{e}");
    let e = optim.step(&mut model, |m, _| Ok(m.weight.val().sum() * f64::NAN)).unwrap_err();
    assert_eq!(e.to_string(), "the loss is NaN");
    assert_eq!(collect(&model).unwrap(), before);
}

#[test]
fn parameters_without_a_gradient_stay() {
    let (mut model, mut optim) = (quadratic(1), Optimiser::new(&reference_config()));
    let before = collect(&model).unwrap();
    optim.step(&mut model, |m, _| Ok(m.weight.val().square().sum())).unwrap();
    let after = collect(&model).unwrap();
    assert_eq!(after["bias"], before["bias"]);
    assert_ne!(after["weight"], before["weight"]);
}
