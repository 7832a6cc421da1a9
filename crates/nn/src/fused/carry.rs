//! A gradient that is known beforehand, carried into Burn's graph.
//!
//! The fused losses form value and gradients together. The value enters the graph as a constant,
//! and for every input one node is added to it whose value is 0 and whose gradient is the one that
//! was computed: `loss = value + sum_x carry(x, grad_x)`. So any number of inputs works with one
//! operation of one parent.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{FloatDType, Shape, Tensor};

/// Zero, with a given gradient.
#[backend_extension(Autodiff, Flex)]
pub trait CarryGradient: Backend {
    /// `[1]` holding 0, whose gradient with respect to `x` is `grad` (of the shape of `x`) times the
    /// gradient that arrives.
    fn carry_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

fn zero(x: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    Flex::float_zeros(Shape::new([1]), &x.device(), FloatDType::from(x.dtype()))
}

impl CarryGradient for Flex {
    fn carry_gradient(x: FloatTensor<Self>, _grad: FloatTensor<Self>) -> FloatTensor<Self> {
        zero(&x)
    }
}

#[derive(Debug)]
struct Carry;

impl Backward<Flex, 1> for Carry {
    type State = FloatTensor<Flex>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let arrived = grads.consume::<Flex>(&ops.node);
        let Some(node) = parent else { return };
        let grad = ops.state;
        // A loss that is minimised as it is arrives with 1: nothing to multiply, nothing to copy.
        let one = arrived.as_slice::<f32>().is_some_and(|g| g == [1.0])
            || arrived.as_slice::<f64>().is_some_and(|g| g == [1.0]);
        let grad = if one {
            grad
        } else {
            let rank = grad.shape().num_dims();
            let scalar = Flex::float_reshape(arrived, Shape::from(vec![1; rank]));
            Flex::float_mul(grad, scalar)
        };
        grads.register::<Flex>(node.id, grad);
    }
}

impl<C: CheckpointStrategy> CarryGradient for Autodiff<Flex, C> {
    fn carry_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let output = zero(x.primitive());
        match Carry.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(grad.into_primitive(), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

/// [`CarryGradient::carry_gradient`] for tensors.
pub(super) fn carry<const D: usize>(x: Tensor<D>, grad: Tensor<D>) -> Tensor<1> {
    let zero = <Dispatch as CarryGradient>::carry_gradient(x.into_dispatch(), grad.into_dispatch());
    Tensor::from_dispatch(zero)
}
