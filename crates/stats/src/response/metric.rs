//! Which distance a response has.

use super::Response;

/// A distance between two objects of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Metric {
    /// Euclidean, columns divided by their standard deviations (numbers and vectors).
    Standardised,
    /// Euclidean on the values as they are (numbers and vectors).
    Euclidean,
    /// 0 for equal labels, else 1.
    ZeroOne,
    /// `|i - j|` of ordered levels.
    Absolute,
    /// 2-Wasserstein: the L2 distance of quantile functions.
    Wasserstein2,
    /// `|log A - log B|_F` of positive definite matrices.
    LogEuclidean,
    /// `|A - B|_F` of matrices.
    Frobenius,
    /// `|log(A^-1/2 B A^-1/2)|_F` of positive definite matrices.
    AffineInvariant,
    /// Log-Cholesky: strict lower triangles of the factors and logarithms of their diagonals.
    LogCholesky,
    /// `arccos <a, b>` of unit vectors.
    GreatCircle,
    /// `2 arccos sum sqrt(a_i b_i)` of compositions.
    FisherRao,
    /// Euclidean distance of centred log-ratios of compositions without zeros.
    Aitchison,
    /// `|L_A - L_B|_F` of graph Laplacians on common nodes.
    Laplacian,
    /// Edit distance of strings.
    Levenshtein,
    /// The matrix that was given.
    Given,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 15] = [
        Self::Standardised,
        Self::Euclidean,
        Self::ZeroOne,
        Self::Absolute,
        Self::Wasserstein2,
        Self::LogEuclidean,
        Self::Frobenius,
        Self::AffineInvariant,
        Self::LogCholesky,
        Self::GreatCircle,
        Self::FisherRao,
        Self::Aitchison,
        Self::Laplacian,
        Self::Levenshtein,
        Self::Given,
    ];

    /// The default metric of this kind of response.
    pub fn default_for(response: &Response) -> Self {
        match response {
            Response::Real { .. } => Self::Standardised,
            Response::Label { .. } => Self::ZeroOne,
            Response::Ordinal { .. } => Self::Absolute,
            Response::Distribution { .. } => Self::Wasserstein2,
            Response::Spd { .. } => Self::LogEuclidean,
            Response::Sphere { .. } => Self::GreatCircle,
            Response::Composition { .. } => Self::FisherRao,
            Response::Graph { .. } => Self::Laplacian,
            Response::Strings { .. } => Self::Levenshtein,
            Response::Distance { .. } => Self::Given,
        }
    }

    /// Its name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standardised => "standardised",
            Self::Euclidean => "euclidean",
            Self::ZeroOne => "zero-one",
            Self::Absolute => "absolute",
            Self::Wasserstein2 => "wasserstein2",
            Self::LogEuclidean => "log-euclidean",
            Self::Frobenius => "frobenius",
            Self::AffineInvariant => "affine-invariant",
            Self::LogCholesky => "log-cholesky",
            Self::GreatCircle => "great-circle",
            Self::FisherRao => "fisher-rao",
            Self::Aitchison => "aitchison",
            Self::Laplacian => "laplacian",
            Self::Levenshtein => "levenshtein",
            Self::Given => "given",
        }
    }

    /// The metric of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}
