//! Gradients of a module by parameter name.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Gradients, Tensor, TensorData};
use suffit_core::Result;
use suffit_core::error::CommonError;

use crate::error::NnError;
use crate::parameter::read;

/// Gradients on the host, by parameter name. Parameters that the loss does not reach are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grads {
    pub(super) by_name: BTreeMap<String, TensorData>,
}

impl Grads {
    /// Takes the gradients of `module` out of a finished backward pass.
    ///
    /// # Errors
    /// [`NnError::Readback`].
    pub fn take<M: Module>(module: &M, gradients: &mut Gradients) -> Result<Self> {
        struct Take<'a> {
            path: Vec<String>,
            gradients: &'a mut Gradients,
            out: Result<Grads>,
        }
        impl ModuleVisitor for Take<'_> {
            fn enter_module(&mut self, name: &str, _: &str) {
                self.path.push(name.to_owned());
            }
            fn exit_module(&mut self, _: &str, _: &str) {
                self.path.pop();
            }
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let Some(tensor) = param.val().grad_remove(self.gradients) else { return };
                let name = self.path.join(".");
                if let Ok(out) = &mut self.out {
                    match read(&format!("the gradient of {name}"), tensor) {
                        Ok(data) => {
                            out.by_name.insert(name, data);
                        }
                        Err(e) => self.out = Err(e),
                    }
                }
            }
        }
        let mut visitor = Take { path: vec![], gradients, out: Ok(Grads::default()) };
        module.visit(&mut visitor);
        visitor.out
    }

    /// The gradient of one parameter as f64.
    pub fn get(&self, name: &str) -> Option<Vec<f64>> {
        self.by_name.get(name).map(|data| data.iter::<f64>().collect())
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Adds the gradients of another micro-batch.
    ///
    /// # Errors
    /// [`NnError::Size`] when a parameter changed its size in between.
    pub fn add(&mut self, other: Grads) -> Result<()> {
        for (name, theirs) in other.by_name {
            match self.by_name.get_mut(&name) {
                None => {
                    self.by_name.insert(name, theirs);
                }
                Some(ours) if ours.shape() == theirs.shape() && ours.dtype() == theirs.dtype() => {
                    each(ours, &theirs, |a, b| *a += b, |a, b| *a += b)?;
                }
                Some(ours) => {
                    let (got, expected) = (format!("{:?}", theirs.shape()), format!("{:?}", ours.shape()));
                    return Err(NnError::Size { what: format!("gradient of {name}"), got, expected }.into());
                }
            }
        }
        Ok(())
    }

    /// Multiplies every gradient.
    ///
    /// # Errors
    /// A bug: gradients of a precision that modules here do not have.
    pub fn scale(&mut self, factor: f64) -> Result<()> {
        for data in self.by_name.values_mut() {
            match data.dtype() {
                DType::F32 => slice_mut::<f32>(data)?.iter_mut().for_each(|v| *v *= factor as f32),
                _ => slice_mut::<f64>(data)?.iter_mut().for_each(|v| *v *= factor),
            }
        }
        Ok(())
    }

    /// Euclidean norm over all parameters, summed in f64 in name and then element order.
    pub fn norm(&self) -> f64 {
        let square = |data: &TensorData| match data.dtype() {
            // Blocks of eight partial sums: a fixed order that the compiler can vectorise.
            DType::F32 => data.as_slice::<f32>().map_or(f64::NAN, |v| ordered_sum(v, |x| f64::from(x) * f64::from(x))),
            _ => data.as_slice::<f64>().map_or(f64::NAN, |v| ordered_sum(v, |x| x * x)),
        };
        self.by_name.values().map(square).sum::<f64>().sqrt()
    }
}

fn ordered_sum<T: Copy>(values: &[T], f: impl Fn(T) -> f64) -> f64 {
    let (blocks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for block in blocks {
        for (sum, &v) in sums.iter_mut().zip(block) {
            *sum += f(v);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&v| f(v)).sum::<f64>()
}

fn each(a: &mut TensorData, b: &TensorData, f32s: impl Fn(&mut f32, f32), f64s: impl Fn(&mut f64, f64)) -> Result<()> {
    match a.dtype() {
        DType::F32 => slice_mut::<f32>(a)?.iter_mut().zip(slice::<f32>(b)?).for_each(|(a, &b)| f32s(a, b)),
        _ => slice_mut::<f64>(a)?.iter_mut().zip(slice::<f64>(b)?).for_each(|(a, &b)| f64s(a, b)),
    }
    Ok(())
}

/// The numbers of host data; Burn checks precision and alignment.
pub(super) fn slice<E: burn::tensor::Element>(data: &TensorData) -> Result<&[E]> {
    data.as_slice::<E>().map_err(|e| CommonError::bug(format!("host tensor cannot be read: {e}")).into())
}

/// The numbers of host data, writable.
pub(super) fn slice_mut<E: burn::tensor::Element>(data: &mut TensorData) -> Result<&mut [E]> {
    data.as_mut_slice::<E>().map_err(|e| CommonError::bug(format!("host tensor cannot be written: {e}")).into())
}
