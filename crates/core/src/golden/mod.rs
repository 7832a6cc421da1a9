//! Golden vectors: holding public functions against values of independent references.

/// One comparison.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct GoldenCase {
    /// What was compared, such as `loss_n[2].grad_x[0] (f32)`.
    pub name: String,
    /// Largest absolute deviation found; infinite where shapes or undefined entries differ.
    pub deviation: f64,
    /// What it may be.
    pub tolerance: f64,
    /// A remark, such as where the largest deviation is.
    pub note: String,
}

impl GoldenCase {
    /// Whether the deviation is within the tolerance; NaN is not.
    pub fn passed(&self) -> bool {
        self.deviation <= self.tolerance
    }
}
