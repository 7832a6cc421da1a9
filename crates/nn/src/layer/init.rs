//! Initial values of parameters, from our own seed streams.
//!
//! Burn has initialisers, but they draw from the device's global generator; here each parameter has
//! its own stream, addressed by its name, so that its bytes depend on the seed and its name only
//! (not on the order of construction, the threads, or a dependency's version).

use burn::module::{Param, ParamId};
use burn::tensor::{DType, Device, Tensor, TensorData};
use suffit_core::{Seed, Stream, seed};

use crate::device::Place;

/// Makes parameters: seed, place and the name path so far.
#[derive(Debug, Clone)]
pub struct Init {
    seed: Seed,
    device: Device,
    dtype: DType,
    path: String,
}

impl Init {
    /// For a module at the root of the names.
    pub fn new(seed: Seed, place: &Place) -> Self {
        Init { seed, device: place.autodiff(), dtype: place.dtype(), path: String::new() }
    }

    /// For the module in field `name`.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Init { path, ..self.clone() }
    }

    /// Independent draws from `U(−bound, bound)`, in row-major order from the stream `init/NAME`.
    pub fn uniform<const D: usize>(&self, name: &str, shape: [usize; D], bound: f64) -> Param<Tensor<D>> {
        self.draw(name, shape, |stream| bound * (2.0 * seed::uniform(stream) - 1.0))
    }

    /// Independent draws from `N(0, sd²)`, in row-major order from the stream `init/NAME`.
    pub fn normal<const D: usize>(&self, name: &str, shape: [usize; D], sd: f64) -> Param<Tensor<D>> {
        self.draw(name, shape, |stream| sd * seed::normal(stream))
    }

    /// The same value everywhere.
    pub fn constant<const D: usize>(&self, shape: [usize; D], value: f64) -> Param<Tensor<D>> {
        self.values(shape, vec![value; shape.iter().product()])
    }

    fn draw<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
        mut next: impl FnMut(&mut Stream) -> f64,
    ) -> Param<Tensor<D>> {
        let mut stream = self.seed.stream(&format!("init/{}", self.child(name).path), &[]);
        let values = (0..shape.iter().product::<usize>()).map(|_| next(&mut stream)).collect();
        self.values(shape, values)
    }

    /// Values are drawn in f64 and rounded once, so that f32 and f64 models start alike.
    fn values<const D: usize>(&self, shape: [usize; D], values: Vec<f64>) -> Param<Tensor<D>> {
        let tensor = Tensor::from_data(TensorData::new(values, shape), (&self.device, self.dtype));
        Param::initialized(ParamId::new(), tensor.require_grad())
    }
}
