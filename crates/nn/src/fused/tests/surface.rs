//! The tensor functions: gradients in a graph, and the composed losses equal to the fused ones.

use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::fused::composed;
use crate::fused::{Contrast, FusedError, Groups};

use super::{Batch, excess};

fn leaves(batch: &Batch<f64>, device: &Device, dtype: DType) -> Vec<Tensor<2>> {
    let one = |x: &Vec<f64>| {
        let data = TensorData::new(x.clone(), [batch.rows, batch.dim]).convert_dtype(dtype);
        Tensor::from_data(data, (device, dtype))
    };
    batch.x.iter().map(one).collect()
}

fn number(x: f64, device: &Device, dtype: DType) -> Tensor<1> {
    Tensor::from_data(TensorData::new(vec![x], [1]).convert_dtype(dtype), (device, dtype))
}

fn values<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

#[test]
fn composed_and_fused_agree() {
    let device = Device::flex().autodiff();
    for (views, rows, dim) in [(2, 5, 3), (3, 6, 7), (4, 3, 2), (3, 1, 2)] {
        let batch = Batch::<f64>::new(views, rows, dim, 1.0, 3);
        let (perms, negatives) = (batch.perms(), batch.negatives());
        let ids: Vec<usize> = (0..rows).map(|i| i / 2).collect();
        let groups = Groups::new(&ids);
        for contrast in [Contrast::Shuffled(&perms), Contrast::Grid, Contrast::Drawn(&negatives), Contrast::Clip] {
            for groups in [None, Some(&groups)] {
                let run = |fused: bool| {
                    let x = leaves(&batch, &device, DType::F64);
                    let x: Vec<_> = x.into_iter().map(Tensor::require_grad).collect();
                    let s = number(0.8, &device, DType::F64).require_grad();
                    let out = match fused {
                        true => contrast.loss(&x, &s, groups).unwrap(),
                        false => composed::loss(&contrast, &x, &s, groups).unwrap(),
                    };
                    // A factor other than 1 goes through the gradient as well.
                    let grads = (out.loss.clone() * 3.0).backward();
                    let mut all = vec![out.value.loss];
                    all.extend(&out.value.parts);
                    all.extend(values(out.loss));
                    all.extend(values(s.grad(&grads).unwrap()));
                    for x in &x {
                        all.extend(values(x.grad(&grads).unwrap()));
                    }
                    all
                };
                let worst = excess(run(true), &run(false), 1e-11, 1e-12);
                assert!(worst <= 1.0, "{contrast:?} {views}x{rows}x{dim}: {worst}");
            }
        }
    }
}

#[test]
fn only_tracked_inputs_get_gradients() {
    let device = Device::flex().autodiff();
    let batch = Batch::<f64>::new(3, 4, 3, 1.0, 1);
    let mut x = leaves(&batch, &device, DType::F32);
    x[1] = x[1].clone().require_grad();
    let s = number(0.5, &device, DType::F32);
    let grads = Contrast::Grid.loss(&x, &s, None).unwrap().loss.backward();
    assert!(x[1].grad(&grads).is_some());
    assert!(x[0].grad(&grads).is_none() && s.grad(&grads).is_none());
}

#[test]
fn views_that_are_not_contiguous_are_read_right() {
    let device = Device::flex().autodiff();
    let batch = Batch::<f64>::new(3, 4, 3, 1.0, 1);
    let plain = leaves(&batch, &device, DType::F64);
    let s = number(0.5, &device, DType::F64);
    let want = Contrast::Grid.loss(&plain, &s, None).unwrap().value.loss;
    let turned: Vec<_> = plain
        .iter()
        .map(|x| Tensor::<2>::from_data(x.clone().transpose().into_data(), (&device, DType::F64)))
        .map(|x| x.transpose().require_grad())
        .collect();
    let out = Contrast::Grid.loss(&turned, &s, None).unwrap();
    assert!((out.value.loss - want).abs() < 1e-14);
    assert_eq!(turned[0].grad(&out.loss.backward()).map(|g| g.dims()), None.or(Some([4, 3])));
}

#[test]
fn value_is_the_loss() {
    let device = Device::flex().autodiff();
    let batch = Batch::<f64>::new(3, 5, 3, 1.0, 1);
    let perms = batch.perms();
    let x: Vec<_> = leaves(&batch, &device, DType::F32).into_iter().map(Tensor::require_grad).collect();
    let s = number(0.5, &device, DType::F32);
    for contrast in [Contrast::Shuffled(&perms), Contrast::Grid, Contrast::Clip] {
        let loss = contrast.loss(&x, &s, None).unwrap();
        let value = contrast.value(&x, &s, None).unwrap();
        assert!((loss.value.loss - value.loss).abs() < 1e-6);
        assert_eq!(values(loss.loss)[0], f64::from(loss.value.loss as f32));
    }
}

#[test]
fn the_value_alone_is_the_same_number() {
    let batch = Batch::<f32>::new(3, 60, 17, 1.0, 7);
    let (views, negatives) = (batch.views(), batch.negatives());
    for contrast in [Contrast::Grid, Contrast::Drawn(&negatives), Contrast::Clip] {
        let with = contrast.with_gradients(&views, 1.0, None).unwrap().value;
        assert_eq!(contrast.value_of(&views, 1.0, None).unwrap(), with, "{contrast:?}");
    }
}

#[test]
fn wrong_shapes_are_named() {
    let device = Device::flex();
    let a = Tensor::<2>::zeros([3, 2], &device);
    let b = Tensor::<2>::zeros([4, 2], &device);
    let s = Tensor::<1>::zeros([1], &device);
    let e = Contrast::Grid.loss(&[a.clone(), b], &s, None).unwrap_err();
    assert_eq!(e.to_string(), "view 1 has shape [4, 2], expected [3, 2] as view 0 has");
    let e = Contrast::Grid.loss(std::slice::from_ref(&a), &s, None).unwrap_err();
    assert_eq!(e, FusedError::TooFewViews { got: 1 });
    let s = Tensor::<1>::zeros([2], &device);
    let e = Contrast::Grid.loss(&[a.clone(), a.clone()], &s, None).unwrap_err();
    assert_eq!(e, FusedError::ScaleCount { got: 2 });
    let s = Tensor::<1>::zeros([1], &device);
    let e = Contrast::Grid.loss(&[a.clone(), a], &s, Some(&Groups::new(&[1]))).unwrap_err();
    assert_eq!(e, FusedError::GroupCount { got: 1, rows: 3 });
}
