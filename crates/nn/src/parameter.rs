//! Parameters of a module as named tensors, and back.
//!
//! Names are the field paths joined by dots, as in a PyTorch state dict: `encoder.layers.0.weight`.
//! The layers of this crate name and lay out their fields so that the paths *are* PyTorch's.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use suffit_core::{Error, Result};

use crate::blob::{Blob, Tensors};
use crate::error::NnError;

/// The values of all float parameters of a module.
///
/// # Errors
/// [`NnError::Readback`], [`NnError::TensorDtype`].
pub fn collect<M: Module>(module: &M) -> Result<Tensors> {
    struct Collect {
        path: Vec<String>,
        out: Result<Tensors>,
    }
    impl ModuleVisitor for Collect {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = self.path.join(".");
            if let Ok(out) = &mut self.out {
                match read(&name, param.val().inner()).and_then(|data| Blob::from_data(&name, &data)) {
                    Ok(blob) => {
                        out.insert(name, blob);
                    }
                    Err(e) => self.out = Err(e),
                }
            }
        }
    }
    let mut visitor = Collect { path: vec![], out: Ok(Tensors::new()) };
    module.visit(&mut visitor);
    visitor.out
}

/// Number of float parameters (numbers, not tensors).
pub fn count<M: Module>(module: &M) -> usize {
    struct Count(usize);
    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 += param.lazy_shape().iter().product::<usize>();
        }
    }
    let mut visitor = Count(0);
    module.visit(&mut visitor);
    visitor.0
}

/// The module with the values of `tensors`, every one of which must fit exactly: same names, same
/// shapes, same precision. `origin` is for the messages, such as `model.safetensors`.
///
/// # Errors
/// [`NnError::TensorMissing`], [`NnError::TensorUnknown`], [`NnError::TensorShape`],
/// [`NnError::TensorDtype`]; the first in name order.
pub fn load<M: Module>(module: M, tensors: &Tensors, origin: &str) -> Result<M> {
    let own = collect(&module)?;
    for (name, expected) in &own {
        let Some(got) = tensors.get(name) else {
            let nearest = nearest(name, tensors.keys().filter(|k| !own.contains_key(*k)));
            return Err(NnError::TensorMissing { origin: origin.into(), name: name.clone(), nearest }.into());
        };
        check_fit(origin, name, got, expected)?;
    }
    if let Some(name) = tensors.keys().find(|k| !own.contains_key(*k)) {
        return Err(NnError::TensorUnknown { origin: origin.into(), name: name.clone() }.into());
    }
    let mut mapper = Replace { path: vec![], values: tensors.iter().map(|(k, v)| (k.clone(), v.to_data())).collect() };
    Ok(module.map(&mut mapper))
}

/// Fails unless `got` has the shape and precision of `expected`.
///
/// # Errors
/// [`NnError::TensorShape`], [`NnError::TensorDtype`].
pub fn check_fit(origin: &str, name: &str, got: &Blob, expected: &Blob) -> Result<()> {
    let (origin, name) = (origin.to_owned(), name.to_owned());
    if got.shape() != expected.shape() {
        let (got, expected) = (got.shape().to_vec(), expected.shape().to_vec());
        return Err(NnError::TensorShape { origin, name, got, expected }.into());
    }
    if got.dtype() != expected.dtype() {
        let (got, expected) = (got.dtype().name().into(), expected.dtype().name().into());
        return Err(NnError::TensorDtype { origin, name, got, expected }.into());
    }
    Ok(())
}

/// Puts values into the parameters of their names; other parameters stay.
struct Replace {
    path: Vec<String>,
    values: BTreeMap<String, TensorData>,
}

impl ModuleMapper for Replace {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.remove(&self.path.join(".")) {
            Some(data) => set(param, data),
            None => param,
        }
    }
}

/// The parameter with another value of the same shape; keeps identity, device and tape.
pub(crate) fn set<const D: usize>(param: Param<Tensor<D>>, data: TensorData) -> Param<Tensor<D>> {
    let (id, old, mapper) = param.consume();
    let (device, dtype) = (old.device(), data.dtype());
    let require_grad = old.is_require_grad();
    drop(old);
    let new = Tensor::from_data(data, (&device, dtype)).set_require_grad(require_grad);
    Param::from_mapped_value(id, new, mapper)
}

/// Reads a tensor back from its device.
pub(crate) fn read<const D: usize>(what: &str, tensor: Tensor<D>) -> Result<TensorData> {
    let explain = |e: &dyn std::fmt::Display| NnError::Readback { what: what.to_owned(), detail: e.to_string() };
    tensor.try_into_data().map_err(|e| Error::from(explain(&e)))
}

fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a String>) -> Option<String> {
    let common = |other: &str| name.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
    among.map(|other| (common(other), other)).filter(|(n, _)| *n > 0).max().map(|(_, other)| other.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::device::Place;
    use crate::layer::{Init, Linear};
    use suffit_core::Seed;

    fn linear(seed: u64) -> Linear {
        Linear::new(3, 2, true, &Init::new(Seed::new(seed), &Place::cpu()))
    }

    #[test]
    fn names_are_those_of_pytorch_and_loading_is_exact() {
        let (a, b) = (linear(1), linear(2));
        let values = collect(&a).unwrap();
        assert_eq!(values.keys().collect::<Vec<_>>(), ["bias", "weight"]);
        assert_eq!(values["weight"].shape(), [2, 3]);
        assert_ne!(collect(&b).unwrap(), values);
        assert_eq!(collect(&load(b, &values, "x").unwrap()).unwrap(), values);
        assert_eq!(count(&a), 8);
    }

    #[test]
    fn misfits_are_named() {
        let values = collect(&linear(1)).unwrap();
        let message = |t: &Tensors| load(linear(2), t, "m.safetensors").unwrap_err().to_string();

        let mut t = values.clone();
        let weight = t.remove("weight").unwrap();
        t.insert("fc.weight".into(), weight);
        assert_eq!(message(&t), "m.safetensors holds no tensor `weight`; did you mean `fc.weight`?");

        let mut t = values.clone();
        t.insert("weight".into(), Blob::from_f32(vec![3, 2], &[0.0; 6]));
        assert_eq!(message(&t), "tensor `weight` of m.safetensors has shape [3, 2], expected [2, 3]");

        let mut t = values.clone();
        t.insert("bias".into(), Blob::from_f64(vec![2], &[0.0; 2]));
        assert_eq!(message(&t), "tensor `bias` of m.safetensors holds F64 numbers, expected F32");

        let mut t = values;
        t.insert("extra".into(), Blob::from_i64(1));
        assert_eq!(message(&t), "m.safetensors holds the tensor `extra`, which this model does not have");
    }
}
