//! The contrastive losses as differentiable functions of Burn tensors.
//!
//! On the CPU backend (Flex, f32 or f64) the fused kernels run on the tensors' own memory and give
//! loss and gradients in one go; elsewhere the same loss is composed of ordinary operations.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, Tensor, TensorData};

use super::carry::carry;
use super::composed;
use super::{
    FusedError, Groups, LossGrad, LossValue, Negatives, Permutations, Real, Views, clip_pairs, clip_pairs_value,
    symile_grid, symile_grid_value, symile_n, symile_n_value, symile_pair, symile_pair_value,
};

/// Which contrastive loss, with what it draws.
#[derive(Debug, Clone, Copy)]
pub enum Contrast<'a> {
    /// Symile with O(N) sampling, see [`symile_n`].
    Shuffled(&'a Permutations),
    /// Symile over all combinations, see [`symile_grid`]; with two views the symmetric InfoNCE.
    Grid,
    /// Symile with drawn negatives of the target, see [`symile_pair`].
    Drawn(&'a Negatives),
    /// CLIP summed over all pairs, see [`clip_pairs`].
    Clip,
}

/// A contrastive loss in a graph.
#[derive(Debug, Clone)]
pub struct ContrastLoss {
    /// The loss, `[1]`, to call `backward` on.
    pub loss: Tensor<1>,
    /// The same number and its parts, for logging.
    pub value: LossValue,
}

impl Contrast<'_> {
    /// The loss on slices, with gradients.
    ///
    /// # Errors
    /// Those of the loss.
    pub fn with_gradients<T: Real>(
        &self,
        views: &Views<T>,
        log_scale: f64,
        groups: Option<&Groups>,
    ) -> Result<LossGrad<T>, FusedError> {
        match self {
            Contrast::Shuffled(perms) => symile_n(views, log_scale, perms, groups),
            Contrast::Grid => symile_grid(views, log_scale, groups),
            Contrast::Drawn(negatives) => symile_pair(views, log_scale, negatives, groups),
            Contrast::Clip => clip_pairs(views, log_scale, groups),
        }
    }

    /// The loss on slices, without gradients.
    ///
    /// # Errors
    /// Those of the loss.
    pub fn value_of<T: Real>(
        &self,
        views: &Views<T>,
        log_scale: f64,
        groups: Option<&Groups>,
    ) -> Result<LossValue, FusedError> {
        match self {
            Contrast::Shuffled(perms) => symile_n_value(views, log_scale, perms, groups),
            Contrast::Grid => symile_grid_value(views, log_scale, groups),
            Contrast::Drawn(negatives) => symile_pair_value(views, log_scale, negatives, groups),
            Contrast::Clip => clip_pairs_value(views, log_scale, groups),
        }
    }

    /// The loss of a batch of tensors, differentiable in every view and in the log-scale.
    ///
    /// Gradients are formed here, with the value, when any input is tracked; otherwise only the
    /// value is. The loss has the autodiff association of the inputs.
    ///
    /// - shapes: views `[B, d]`, all alike; `log_scale` `[1]`, `s = ln tau`
    /// - dtype: that of the views; fused for f32 and f64 on the CPU backend
    /// - cost and determinism: as the loss on slices
    ///
    /// # Errors
    /// [`FusedError::ViewShape`], [`FusedError::ScaleCount`], and those of the loss.
    pub fn loss(
        &self,
        views: &[Tensor<2>],
        log_scale: &Tensor<1>,
        groups: Option<&Groups>,
    ) -> Result<ContrastLoss, FusedError> {
        let shape = check(views, log_scale)?;
        match Memory::of(views) {
            Some(Memory::F32(memory)) => self.fused::<f32>(&memory, shape, views, log_scale, groups),
            Some(Memory::F64(memory)) => self.fused::<f64>(&memory, shape, views, log_scale, groups),
            None => composed::loss(self, views, log_scale, groups),
        }
    }

    /// The loss of a batch of tensors without gradients, for validation.
    ///
    /// # Errors
    /// As [`Contrast::loss`].
    pub fn value(
        &self,
        views: &[Tensor<2>],
        log_scale: &Tensor<1>,
        groups: Option<&Groups>,
    ) -> Result<LossValue, FusedError> {
        let shape = check(views, log_scale)?;
        let s = scalar(log_scale);
        match Memory::of(views) {
            Some(Memory::F32(memory)) => self.value_of(&bind::<f32>(&memory, shape)?, s, groups),
            Some(Memory::F64(memory)) => self.value_of(&bind::<f64>(&memory, shape)?, s, groups),
            None => {
                let inner: Vec<_> = views.iter().map(|v| v.clone().inner()).collect();
                Ok(composed::loss(self, &inner, &log_scale.clone().inner(), groups)?.value)
            }
        }
    }

    fn fused<T: Stored>(
        &self,
        memory: &[FlexTensor],
        shape: [usize; 2],
        views: &[Tensor<2>],
        log_scale: &Tensor<1>,
        groups: Option<&Groups>,
    ) -> Result<ContrastLoss, FusedError> {
        let bound = bind::<T>(memory, shape)?;
        let s = scalar(log_scale);
        let device = log_scale.device();
        let constant = |x: f64| Tensor::<1>::from_data(TensorData::new(vec![T::of(x)], [1]), (&device, T::DTYPE));
        if !log_scale.is_tracked() && views.iter().all(|v| !v.is_tracked()) {
            let value = self.value_of(&bound, s, groups)?;
            return Ok(ContrastLoss { loss: constant(value.loss), value });
        }
        let LossGrad { value, views: grads, log_scale: slope } = self.with_gradients(&bound, s, groups)?;
        let inner = device.clone().inner();
        let mut loss = constant(value.loss);
        for (view, grad) in views.iter().zip(grads) {
            if view.is_tracked() {
                let grad = Tensor::from_data(TensorData::new(grad, shape), (&inner, T::DTYPE));
                loss = loss + carry(view.clone(), grad);
            }
        }
        if log_scale.is_tracked() {
            let slope = TensorData::new(vec![slope], [1]).convert_dtype(log_scale.dtype());
            let slope = Tensor::from_data(slope, (&inner, log_scale.dtype()));
            loss = loss + carry(log_scale.clone(), slope).cast(T::DTYPE);
        }
        Ok(ContrastLoss { loss, value })
    }
}

/// The two precisions as Burn stores them.
trait Stored: Real + burn::tensor::Element {
    const DTYPE: DType;
    fn slice(tensor: &FlexTensor) -> Option<&[Self]>;
}

impl Stored for f32 {
    const DTYPE: DType = DType::F32;
    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }
}

impl Stored for f64 {
    const DTYPE: DType = DType::F64;
    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }
}

/// Tensors of the CPU backend, contiguous, of one precision.
enum Memory {
    F32(Vec<FlexTensor>),
    F64(Vec<FlexTensor>),
}

impl Memory {
    /// The memory of the views, where the fused kernels can read it.
    fn of(views: &[Tensor<2>]) -> Option<Self> {
        let dtype = views.first()?.dtype();
        let plain = |view: &Tensor<2>| {
            let tensor = view.clone().inner().try_into_primitive::<Flex>().ok()?;
            (tensor.dtype() == dtype).then(|| tensor.to_contiguous())
        };
        let memory = views.iter().map(plain).collect::<Option<Vec<_>>>()?;
        match dtype {
            DType::F32 => Some(Memory::F32(memory)),
            DType::F64 => Some(Memory::F64(memory)),
            _ => None,
        }
    }
}

fn bind<T: Stored>(memory: &[FlexTensor], [rows, dim]: [usize; 2]) -> Result<Views<'_, T>, FusedError> {
    Views::new(memory.iter().map(|t| T::slice(t).unwrap_or(&[])).collect(), rows, dim)
}

/// The value of the log-scale.
fn scalar(log_scale: &Tensor<1>) -> f64 {
    log_scale.clone().inner().into_data().iter::<f64>().next().unwrap_or(f64::NAN)
}

/// Shape of the batch.
fn check(views: &[Tensor<2>], log_scale: &Tensor<1>) -> Result<[usize; 2], FusedError> {
    let Some(first) = views.first() else { return Err(FusedError::TooFewViews { got: 0 }) };
    let expected = first.dims();
    for (view, tensor) in views.iter().enumerate() {
        if tensor.dims() != expected {
            return Err(FusedError::ViewShape { view, got: tensor.dims(), expected });
        }
    }
    match log_scale.dims() {
        [1] => Ok(expected),
        [got] => Err(FusedError::ScaleCount { got }),
    }
}
