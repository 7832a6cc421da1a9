//! The layers against definitions, the reference and their gradients.
#![allow(clippy::unwrap_used, clippy::panic)]

use burn::module::{Param, ParamId};
use burn::tensor::{DType, Device, Tensor, TensorData};
use serde_json::Value;
use suffit_core::Seed;

use super::*;
use crate::gradcheck::check;
use crate::parameter::collect;
use crate::{NnError, Place};

fn floats(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(floats).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn values(t: Tensor<2>) -> Vec<f64> {
    t.into_data().iter::<f64>().collect()
}

fn sample(rows: usize, columns: usize, seed: u64) -> Vec<f64> {
    let mut stream = Seed::new(seed).stream("sample", &[]);
    (0..rows * columns).map(|_| suffit_core::seed::normal(&mut stream)).collect()
}

#[test]
fn missing_heads_equal_the_reference_in_both_precisions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/symile/missing_heads.json");
    let case: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-5)] {
        let device = Device::flex();
        let tensor = |key: &str, shape: [usize; 2]| {
            Tensor::<2>::from_data(TensorData::new(floats(&case[key]), shape), (&device, dtype))
        };
        let row = |key: &str| {
            Tensor::<1>::from_data(TensorData::new(floats(&case[key]), [floats(&case[key]).len()]), (&device, dtype))
        };
        let n = case["missing"].as_array().unwrap().len();
        let p = case["x"][0].as_array().unwrap().len();
        let d = floats(&case["b_indicator"]).len();
        let (x, missing) = (tensor("x", [n, p]), tensor("missing", [n, 1]));
        let linear = |w: &str, b: &str, columns| Linear {
            weight: Param::initialized(ParamId::new(), tensor(w, [d, columns])),
            bias: Some(Param::initialized(ParamId::new(), row(b))),
        };
        let compare = |ours: Tensor<2>, key: &str| {
            let (ours, theirs) = (values(ours), floats(&case[key]));
            let scale = theirs.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            let off = ours.iter().zip(&theirs).fold(0.0f64, |m, (a, b)| m.max((a - b).abs())) / scale;
            assert!(ours.len() == theirs.len() && off < tolerance, "{key}: {off:e} in {dtype:?}");
        };
        let marked = indicator(x.clone(), missing.clone(), case["placeholder"].as_f64().unwrap());
        compare(l2_rows(linear("W_indicator", "b_indicator", p + 1).forward(marked)), "out_indicator_l2");

        let table = MissingEmbedding { weight: Param::initialized(ParamId::new(), tensor("embed_table", [2, p])) };
        let norm = LayerNorm {
            weight: Param::initialized(ParamId::new(), row("ln_gamma")),
            bias: Param::initialized(ParamId::new(), row("ln_beta")),
        };
        let beside = table.forward(x, missing, row("mean_of_observed"));
        compare(norm.forward(linear("W_embedding", "b_embedding", 2 * p).forward(beside)), "out_embedding_ln");
    }
}

#[test]
fn gradients_of_the_normalisations_match_differences() {
    let x = ([4, 3], sample(4, 3, 1));
    let weights = ([4, 3], sample(4, 3, 2));
    let both = [x, weights];
    for (name, worst) in [
        ("l2", check(&both, |t| (l2_rows(t[0].clone()) * t[1].clone()).sum())),
        ("standard", check(&both, |t| (standard_rows(t[0].clone()) * t[1].clone()).sum())),
        ("gelu", check(&both, |t| (Activation::Gelu.apply(t[0].clone()) * t[1].clone()).sum())),
    ] {
        assert!(worst.relative < 1e-6, "{name}: {worst:?}");
    }
}

/// A parameter that is an input of the gradient check.
fn as_param<const D: usize>(t: &Tensor<2>) -> Param<Tensor<D>> {
    let n: usize = t.dims().iter().product();
    let shape: [usize; D] = if D == 1 { std::array::from_fn(|_| n) } else { std::array::from_fn(|i| t.dims()[i]) };
    Param::initialized(ParamId::new(), t.clone().reshape(shape))
}

#[test]
fn gradients_of_the_layers_match_differences() {
    let missing = [1.0, 0.0, 0.0, 1.0];
    for rows in [1, 4] {
        let input = |columns, seed| ([rows, columns], sample(rows, columns, seed));
        let matrix = |a, b, seed| ([a, b], sample(a, b, seed));
        let linear = check(&[input(3, 1), matrix(2, 3, 2), matrix(1, 2, 3)], |t| {
            let layer = Linear { weight: as_param(&t[1]), bias: Some(as_param(&t[2])) };
            layer.forward(t[0].clone()).square().sum()
        });
        let norm = check(&[input(3, 4), matrix(1, 3, 5), matrix(1, 3, 6), input(3, 7)], |t| {
            let layer = LayerNorm { weight: as_param(&t[1]), bias: as_param(&t[2]) };
            (layer.forward(t[0].clone()) * t[3].clone()).sum()
        });
        let bag = check(&[matrix(5, 3, 8), matrix(2, 3, 9)], |t| {
            let bag = TokenBag {
                embedding: Embedding { weight: as_param(&t[0]) },
                head: Linear { weight: as_param(&t[1]), bias: None },
            };
            let tokens = [vec![4, 0, 4], vec![2], vec![], vec![1, 1]];
            bag.forward(&Tokens::new(&tokens[..rows], 5, &Place::cpu().double()).unwrap()).square().sum()
        });
        let place = Place::cpu().double();
        let table = check(&[input(2, 10), matrix(2, 2, 11)], |t| {
            let table = MissingEmbedding { weight: as_param(&t[1]) };
            let missing = place.matrix(missing[..rows].to_vec(), [rows, 1]).unwrap();
            table.forward(t[0].clone(), missing, place.vector(vec![0.5f64, -1.0])).powi_scalar(3).sum()
        });
        for (name, worst) in [("linear", linear), ("norm", norm), ("bag", bag), ("table", table)] {
            assert!(worst.relative < 1e-6, "{name}, {rows} rows: {worst:?}");
        }
    }
}

#[test]
fn a_zero_row_has_a_gradient_without_nan() {
    let device = Device::flex().autodiff();
    let x = Tensor::<2>::zeros([2, 3], &device).require_grad();
    let grads = l2_rows(x.clone()).sum().backward();
    assert!(values(x.grad(&grads).unwrap()).iter().all(|g| g.is_finite()));
}

#[test]
fn linear_is_the_affine_map_and_starts_within_its_bound() {
    let place = Place::cpu().double();
    let layer = Linear::new(16, 50, true, &Init::new(Seed::new(3), &place));
    let (w, b) = (
        values(layer.weight.val().inner()),
        layer.bias.as_ref().unwrap().val().into_data().try_to_vec::<f64>().unwrap(),
    );
    let x = sample(2, 16, 4);
    let y = values(layer.forward(place.matrix(x.clone(), [2, 16]).unwrap()));
    for i in 0..2 {
        for o in 0..50 {
            let expected = (0..16).map(|k| x[i * 16 + k] * w[o * 16 + k]).sum::<f64>() + b[o];
            assert!((y[i * 50 + o] - expected).abs() < 1e-13);
        }
    }
    // U(−¼, ¼): bounds, and the variance 1/48 of 800 draws within five standard errors
    assert!(w.iter().chain(&b).all(|v| v.abs() <= 0.25));
    let variance = w.iter().map(|v| v * v).sum::<f64>() / 800.0;
    let se = (0.25f64.powi(4) / 5.0 - (1.0 / 48.0f64).powi(2)).sqrt() / 800f64.sqrt();
    assert!((variance - 1.0 / 48.0).abs() < 5.0 * se, "{variance}");
    assert_eq!((layer.input(), layer.output()), (16, 50));
}

#[test]
fn initial_values_depend_on_seed_and_name_only() {
    let spec = MlpSpec {
        input: 3,
        hidden: vec![5, 4],
        output: 2,
        activation: Activation::Relu,
        layer_norm: true,
        dropout: 0.0,
    };
    let init = Init::new(Seed::new(1), &Place::cpu());
    let all = collect(&Mlp::new(&spec, &init.child("encoder"))).unwrap();
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    let expected = [
        "layers.0.bias",
        "layers.0.weight",
        "layers.1.bias",
        "layers.1.weight",
        "layers.2.bias",
        "layers.2.weight",
        "norms.0.bias",
        "norms.0.weight",
        "norms.1.bias",
        "norms.1.weight",
    ];
    assert_eq!(names, expected);
    let alone = collect(&Linear::new(5, 4, true, &init.child("encoder").child("layers").child("1"))).unwrap();
    assert_eq!((&alone["weight"], &alone["bias"]), (&all["layers.1.weight"], &all["layers.1.bias"]));
    let renamed = collect(&Linear::new(5, 4, true, &init.child("other"))).unwrap();
    assert_ne!(alone["weight"], renamed["weight"]);
}

#[test]
fn dropout_is_off_in_evaluation_and_keeps_the_mean() {
    let place = Place::cpu();
    let ones = || place.matrix(vec![1.0f32; 40_000], [200, 200]).unwrap();
    assert_eq!(values(dropout(ones(), 0.3, Pass::Evaluate, 0)), vec![1.0; 40_000]);
    let train = |seed, layer| values(dropout(ones(), 0.3, Pass::Train(Seed::new(seed)), layer));
    let y = train(1, 0);
    assert!(y.iter().all(|&v| v == 0.0 || (v - 1.0 / 0.7).abs() < 1e-6));
    let mean = y.iter().sum::<f64>() / 40_000.0;
    let se = (0.3f64 / 0.7).sqrt() / 200.0;
    assert!((mean - 1.0).abs() < 5.0 * se, "{mean}");
    assert_eq!(train(1, 0), y);
    assert!(train(2, 0) != y && train(1, 1) != y);
    assert!(values(dropout(ones(), 1.0, Pass::Train(Seed::new(1)), 0)).iter().all(|&v| v == 0.0));
    assert_ne!(Pass::Train(Seed::new(1)).child("a"), Pass::Train(Seed::new(1)).child("b"));
}

#[test]
fn token_bag_is_the_mean_over_the_tokens_that_are_there() {
    let place = Place::cpu().double();
    let bag = TokenBag::new(5, 3, 2, &Init::new(Seed::new(9), &place));
    let tokens = Tokens::new(&[vec![4, 0, 4], vec![], vec![1]], 5, &place).unwrap();
    let out = values(bag.forward(&tokens));
    let e = values(bag.embedding.weight.val().inner());
    let head = |mean: &[f64]| values(bag.head.forward(place.matrix(mean.to_vec(), [1, 3]).unwrap()));
    let mean: Vec<f64> = (0..3).map(|k| (2.0 * e[12 + k] + e[k]) / 3.0).collect();
    let expected = [head(&mean), head(&[0.0; 3]), head(&e[3..6])].concat();
    assert!(out.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-14), "{out:?} {expected:?}");

    let e = Tokens::new(&[vec![1], vec![2, 5]], 5, &place).unwrap_err();
    assert!(matches!(e.downcast_ref(), Some(NnError::Token { row: 1, position: 1, id: 5, vocabulary: 5 })));
    assert!(Tokens::new(&[vec![-1]], 5, &place).is_err());
}

#[test]
fn values_behind_a_missing_mark_reach_neither_output_nor_gradient() {
    let place = Place::cpu().double();
    let device = place.autodiff();
    let mut x = sample(3, 2, 5);
    (x[2], x[3]) = (f64::NAN, f64::INFINITY);
    let x = Tensor::<2>::from_data(TensorData::new(x, [3, 2]), (&device, DType::F64)).require_grad();
    let missing = place.matrix(vec![0.0f64, 1.0, 0.0], [3, 1]).unwrap();
    let table = MissingEmbedding::new(2, &Init::new(Seed::new(1), &place));
    for out in
        [indicator(x.clone(), missing.clone(), 0.5), table.forward(x.clone(), missing, place.vector(vec![7.0f64, 8.0]))]
    {
        assert!(values(out.clone().inner()).iter().all(|v| v.is_finite()));
        let grads = out.sum().backward();
        assert_eq!(values(x.grad(&grads).unwrap()), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    }
}

#[test]
fn same_bytes_for_the_same_seed_and_threads() {
    let train = |threads: usize| {
        crate::device::in_pool(threads, || {
            let place = Place::cpu();
            // Large enough for parallel matrix products: 256 × 256 × 256 > 192³.
            let spec = MlpSpec {
                input: 256,
                hidden: vec![256],
                output: 64,
                activation: Activation::Gelu,
                layer_norm: true,
                dropout: 0.1,
            };
            let mut model = Mlp::new(&spec, &Init::new(Seed::new(6), &place));
            let mut optim = crate::optim::Optimiser::new(&suffit_core::TrainConfig::default());
            let x: Vec<f32> = sample(256, 256, 7).into_iter().map(|v| v as f32).collect();
            for step in 0..4 {
                let pass = Pass::Train(Seed::new(6).child("dropout", &[step]));
                let loss = |m: &Mlp, _| {
                    Ok(l2_rows(m.forward(place.matrix(x.clone(), [256, 256])?, pass)).narrow(0, 0, 128).sum())
                };
                optim.step(&mut model, loss).unwrap();
            }
            collect(&model).unwrap()
        })
        .unwrap()
    };
    for threads in [1, 2] {
        assert!(train(threads) == train(threads), "{threads} threads");
    }
}
