//! Measures of dependence between features and a response, and their tests.
//!
//! | measure | what it sees | entry |
//! |---|---|---|
//! | Fréchet cumulative covariance | the mean of features given a response with any dissimilarity | [`Ranks`], [`RankGram`] |
//! | its half-line form | the same for a number, `O(n log n)` | [`cumulative`] |
//! | distance covariance | any dependence of objects whose distances are of negative type | [`distance_covariance`], [`univariate`] |
//! | HSIC | any dependence that the kernels see | [`hsic`] |
//!
//! Spec: `fccov.md`, sections 1, 2 and 6.

mod cumulative;
mod distance;
mod fast;
mod hsic;
mod kernel;
pub mod naive;
mod permute;
pub mod population;
mod rank_gram;
mod ranks;
mod sampled;

pub use cumulative::cumulative;
pub use distance::{DistanceCovariance, chi_square_p, distance_covariance, t_test};
pub use fast::univariate;
pub use hsic::{Hsic, gaussian_gram, hsic, median_distance};
pub use kernel::{CentredKernel, ResponseKernel, top_eigenvalue};
pub use permute::{fccov_permutation, gram_permutation, univariate_permutation};
pub use rank_gram::RankGram;
pub use ranks::Ranks;
pub use sampled::SampledBalls;
