//! Where tensors live, how many threads work on them, and the precision they have.
//!
//! The CPU back end is Burn's Flex. Other devices come behind features of this crate; this module
//! is the one place that will name them.

use burn::tensor::{DType, Device, Element, Int, Tensor, TensorData};
use suffit_core::{Ctx, Result};

use crate::error::NnError;

/// A device with the precision of the numbers on it.
///
/// Tensors made here carry no gradient tape: they are inputs. Parameters are made by
/// [`crate::layer::Init`], which switches the tape on; in an operation that mixes both, inputs
/// count as constants.
#[derive(Debug, Clone)]
pub struct Place {
    device: Device,
    dtype: DType,
}

impl Place {
    /// The device of a context, single precision (house style: f32 for parameters).
    pub fn of(ctx: &Ctx) -> Self {
        match ctx.device {
            suffit_core::Device::Cpu => Place::cpu(),
            // The enum is open so that `wgpu` and `cuda` can join it; until a feature adds the
            // back end, the CPU is the only device that a context can name.
            _ => Place::cpu(),
        }
    }

    /// The CPU in single precision.
    pub fn cpu() -> Self {
        Place { device: Device::flex(), dtype: DType::F32 }
    }

    /// The same device in double precision, for gradient checks and golden vectors.
    pub fn double(self) -> Self {
        Place { dtype: DType::F64, ..self }
    }

    /// The device, without gradients.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The device, with gradients.
    pub fn autodiff(&self) -> Device {
        self.device.clone().autodiff()
    }

    /// The precision.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// A matrix `[rows, columns]` from row-major values.
    ///
    /// # Errors
    /// [`NnError::Size`] when the number of values is not `rows × columns`.
    pub fn matrix<E: Element>(&self, values: Vec<E>, [rows, columns]: [usize; 2]) -> Result<Tensor<2>> {
        check_len("values of a matrix", values.len(), rows * columns)?;
        let data = TensorData::new(values, [rows, columns]);
        Ok(Tensor::from_data(data, (&self.device, self.dtype)))
    }

    /// A vector.
    pub fn vector<E: Element>(&self, values: Vec<E>) -> Tensor<1> {
        let n = values.len();
        Tensor::from_data(TensorData::new(values, [n]), (&self.device, self.dtype))
    }

    /// A matrix of integers, such as tokens `[rows, columns]`.
    ///
    /// # Errors
    /// [`NnError::Size`] when the number of values is not `rows × columns`.
    pub fn integers(&self, values: Vec<i64>, [rows, columns]: [usize; 2]) -> Result<Tensor<2, Int>> {
        check_len("values of a matrix", values.len(), rows * columns)?;
        Ok(Tensor::from_data(TensorData::new(values, [rows, columns]), &self.device))
    }
}

fn check_len(what: &str, got: usize, expected: usize) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    Err(NnError::Size { what: what.into(), got: got.to_string(), expected: expected.to_string() }.into())
}

/// Sets the number of worker threads of the process, once.
///
/// Rayon's global pool carries Flex's matrix products (through `gemm`) and our fused kernels, so
/// this is the only knob. Called with the same number again it does nothing; the pool cannot be
/// resized, so another number is refused. [`in_pool`] works beside it.
///
/// # Errors
/// [`NnError::Threads`] when the pool already has another size, [`NnError::ThreadPool`] when the
/// system gives no threads.
pub fn set_threads(threads: usize) -> Result<()> {
    let asked = threads.max(1);
    let Err(source) = rayon::ThreadPoolBuilder::new().num_threads(asked).build_global() else { return Ok(()) };
    // The builder fails with a cause below it when the system refused, and without one when the
    // pool was there already.
    if std::error::Error::source(&source).is_some() {
        return Err(NnError::ThreadPool { asked, source }.into());
    }
    match rayon::current_num_threads() {
        running if running == asked => Ok(()),
        running => Err(NnError::Threads { asked, running }.into()),
    }
}

/// Runs `work` on a pool of its own with `threads` threads.
///
/// # Errors
/// [`NnError::ThreadPool`] when the system gives no threads.
pub fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T> {
    let asked = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(asked)
        .build()
        .map_err(|source| NnError::ThreadPool { asked, source })?;
    Ok(pool.install(work))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_pool_keeps_its_size_and_others_work_beside_it() {
        let running = rayon::current_num_threads();
        set_threads(running).unwrap();
        let e = set_threads(running + 1).unwrap_err();
        assert_eq!(
            e.to_string(),
            format!("{} threads asked, but the process already works with {running}", running + 1)
        );
        assert_eq!(in_pool(running + 1, rayon::current_num_threads).unwrap(), running + 1);
    }

    #[test]
    fn precision_follows_the_place() {
        let x = Place::cpu().double().matrix(vec![0.1f64, 0.2], [1, 2]).unwrap();
        assert_eq!((x.dtype(), x.into_data().try_to_vec::<f64>().unwrap()), (DType::F64, vec![0.1, 0.2]));
        let x = Place::cpu().matrix(vec![0.1f64], [1, 1]).unwrap();
        assert_eq!(x.into_data().try_to_vec::<f32>().unwrap(), [0.1f32]);
        let e = Place::cpu().matrix(vec![0.0f32; 5], [2, 3]).unwrap_err();
        assert_eq!(e.to_string(), "values of a matrix: got 5, expected 6");
    }
}
