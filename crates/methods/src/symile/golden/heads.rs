//! `missing_heads` and `train_steps`: encoders with missing rows, and the optimiser's first steps.

use burn::tensor::{Device, Tensor, TensorData};
use suffit_core::golden::{Array, GoldenCase, KeyGuard};
use suffit_core::{Result, Seed, TrainConfig};
use suffit_nn::blob::{Blob, Tensors};
use suffit_nn::layer::{Init, Pass};
use suffit_nn::optim::Optimiser;
use suffit_nn::{Place, parameter};

use super::loss::{host, permutations};
use super::{narrow, rule, wide};
use crate::symile::config::{EncoderKind, Missing, Normalise};
use crate::symile::loss::{Draw, loss_tensor};
use crate::symile::model::{ModelSpec, SymileModel, ViewBatch, ViewEncoder, ViewShape, ViewSpec};
use crate::symile::score::{Number, dtype_of};

/// Linear heads whose input marks missing rows.
pub(super) fn missing(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    let mut out = Vec::new();
    missing_in::<f64>(guard, &mut out)?;
    missing_in::<f32>(guard, &mut out)?;
    Ok(out)
}

/// Key of the output, how missing rows enter, row normalisation, our parameters beside the file's keys.
type Head = (&'static str, Missing, Normalise, &'static [(&'static str, &'static str)]);

fn missing_in<T: Number>(guard: &KeyGuard, out: &mut Vec<GoldenCase>) -> Result<()> {
    let x = guard.array("x")?;
    let width = x.shape()[1];
    let rows = x.shape()[0];
    let missing = tensor::<T, 2>(guard.array("missing")?.data(), [rows, 1]);
    let fill = tensor::<T, 1>(guard.array("mean_of_observed")?.data(), [width]);
    let batch =
        ViewBatch::Dense { x: tensor::<T, 2>(x.data(), [rows, width]), missing: Some(missing), fill: Some(fill) };
    let dim = guard.array("b_indicator")?.len();
    let cases: [Head; 2] = [
        (
            "out_indicator_l2",
            Missing::Indicator,
            Normalise::L2,
            &[("linear.weight", "W_indicator"), ("linear.bias", "b_indicator")],
        ),
        (
            "out_embedding_ln",
            Missing::Embedding,
            Normalise::LayerNorm,
            &[
                ("linear.weight", "W_embedding"),
                ("linear.bias", "b_embedding"),
                ("missing.weight", "embed_table"),
                ("norm.weight", "ln_gamma"),
                ("norm.bias", "ln_beta"),
            ],
        ),
    ];
    for (key, mode, normalise, weights) in cases {
        let spec = ViewSpec {
            name: "x".into(),
            shape: ViewShape::Dense { width },
            encoder: EncoderKind::Linear,
            hidden: 1,
            dropout: 0.0,
            missing: Some(mode),
        };
        let encoder = ViewEncoder::new(
            &spec,
            dim,
            normalise,
            guard.number("placeholder")?,
            &Init::new(Seed::new(0), &place::<T>()),
        );
        let tensors = weights
            .iter()
            .map(|(ours, theirs)| Ok(((*ours).to_owned(), blob::<T>(&guard.array(theirs)?))))
            .collect::<Result<Tensors>>()?;
        let encoder = parameter::load(encoder, &tensors, "the golden vector")?;
        let ours = host::<T, 2>(encoder.forward(&batch, Pass::Evaluate)?)?;
        out.push(rule::<T>().slice(&format!("{}.{key}", guard.path()), &wide(&ours), &guard.array(key)?));
    }
    Ok(())
}

/// AdamW steps of affine heads under O(N) sampling.
pub(super) fn train_steps(guard: &KeyGuard) -> Result<Vec<GoldenCase>> {
    guard.text("optimiser")?;
    let mut out = Vec::new();
    steps_in::<f64>(guard, &mut out)?;
    steps_in::<f32>(guard, &mut out)?;
    Ok(out)
}

fn steps_in<T: Number>(guard: &KeyGuard, out: &mut Vec<GoldenCase>) -> Result<()> {
    let views = guard.arrays("V")?;
    let init = guard.child("init")?;
    let (weights, biases) = (init.arrays("W")?, init.arrays("b")?);
    let view = |m: usize| ViewSpec {
        name: m.to_string(),
        shape: ViewShape::Dense { width: views[m].shape()[1] },
        encoder: EncoderKind::Linear,
        hidden: 1,
        dropout: 0.0,
        missing: None,
    };
    let spec = ModelSpec {
        model_type: "symile".into(),
        library_name: "suffit".into(),
        views: (0..views.len()).map(view).collect(),
        dim: biases[0].len(),
        normalise: Normalise::L2,
        placeholder: 0.0,
        log_scale: init.number("s")?,
    };
    let model = SymileModel::new(&spec, Seed::new(0), &place::<T>());
    let mut start = Tensors::from([("logit_scale".to_owned(), blob::<T>(&Array::vector(vec![spec.log_scale])))]);
    for m in 0..views.len() {
        start.insert(format!("views.{m}.linear.weight"), blob::<T>(&weights[m]));
        start.insert(format!("views.{m}.linear.bias"), blob::<T>(&biases[m]));
    }
    let mut model = parameter::load(model, &start, "the golden vector")?;
    let config = TrainConfig {
        learning_rate: 0.1,
        weight_decay: 0.01,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        ..TrainConfig::default()
    };
    let mut optimiser = Optimiser::new(&config);
    let batch: Vec<ViewBatch> = views
        .iter()
        .map(|x| ViewBatch::Dense {
            x: tensor::<T, 2>(x.data(), [x.shape()[0], x.shape()[1]]),
            missing: None,
            fill: None,
        })
        .collect();
    let rule = rule::<T>();
    for step in guard.children("steps")? {
        let draw = Draw::Shuffles(permutations(&step)?);
        let update = optimiser.step(&mut model, |model: &SymileModel, _| {
            loss_tensor(&model.forward(&batch, Pass::Evaluate)?, &model.logit_scale.val(), &draw, None)
        })?;
        let path = step.path();
        out.push(rule.number(&format!("{path}.loss"), update.loss, step.number("loss")?));
        let now = parameter::collect(&model)?;
        let (weights, biases) = (step.arrays("W")?, step.arrays("b")?);
        let value = |name: String| now.get(&name).map(Blob::to_f64).unwrap_or_default();
        for m in 0..views.len() {
            out.push(rule.slice(&format!("{path}.W[{m}]"), &value(format!("views.{m}.linear.weight")), &weights[m]));
            out.push(rule.slice(&format!("{path}.b[{m}]"), &value(format!("views.{m}.linear.bias")), &biases[m]));
        }
        out.push(rule.slice(
            &format!("{path}.s"),
            &value("logit_scale".into()),
            &Array::vector(vec![step.number("s")?]),
        ));
    }
    Ok(())
}

fn place<T: Number>() -> Place {
    if dtype_of::<T>() == burn::tensor::DType::F64 { Place::cpu().double() } else { Place::cpu() }
}

fn tensor<T: Number, const D: usize>(values: &[f64], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(narrow::<T>(values), shape), (&Device::flex(), dtype_of::<T>()))
}

fn blob<T: Number>(array: &Array) -> Blob {
    let shape = array.shape().to_vec();
    if dtype_of::<T>() == burn::tensor::DType::F64 {
        Blob::from_f64(shape, array.data())
    } else {
        Blob::from_f32(shape, &array.to_f32())
    }
}
