//! What the fused losses return.

/// A loss without gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct LossValue {
    /// The loss that is minimised.
    pub loss: f64,
    /// Its parts: one mean loss per anchor (Symile, `loss` is their mean) or one per unordered pair
    /// in the order (0,1), (0,2), …, (1,2), … (CLIP, `loss` is their sum).
    pub parts: Vec<f64>,
}

/// A loss with its gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct LossGrad<T> {
    /// The loss and its parts.
    pub value: LossValue,
    /// Gradient with respect to each view, `[B, d]`.
    pub views: Vec<Vec<T>>,
    /// Gradient with respect to the log-scale `s = ln tau` (that is `tau` times the one with
    /// respect to `tau`).
    pub log_scale: f64,
}
