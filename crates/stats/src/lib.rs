//! Statistics in f64 on plain slices; no tensors, no files, no clock.
//!
//! Every random procedure takes a `u64` seed and addresses its streams by replicate number
//! ([`Stream`]), and every sum has an order fixed by the length of the data, so results do not
//! depend on the number of threads. Rows are always the first axis; flat tables are row-major.
//!
//! | question | module |
//! |---|---|
//! | how sure is this number | [`Bootstrap`], [`proportion`], [`mean_var`] |
//! | is A better than B | [`paired`], [`Permutation`], [`multiple`] |
//! | are the probabilities right | [`calibration`] |
//! | how much do these variables share | [`information`] |
//! | how good is a ranking or a classifier | [`metric`], [`logistic`] |
//! | does Z keep what X knows about Y | [`audit`], [`conditional`], [`probe`] |
//! | how far apart are two objects | [`response`] |
//! | does this depend on that | [`dependence`] |
//! | which few features carry the dependence, and how many | [`sdr`], [`order`] |
//! | how good is a forecast of an object; bounds on mutual information | [`energy`], [`mutual`] |

#![deny(missing_docs)]

pub mod audit;
pub mod beta;
mod bootstrap;
pub mod calibration;
mod check;
pub mod conditional;
pub mod dependence;
pub mod energy;
mod error;
pub mod gamma;
pub mod information;
mod interval;
pub mod linalg;
pub mod logistic;
pub mod mean_var;
pub mod metric;
pub mod multiple;
pub mod mutual;
pub mod normal;
pub mod order;
pub mod paired;
mod permutation;
pub mod probe;
pub mod proportion;
pub mod quantile;
mod random;
pub mod response;
pub mod sdr;

pub use bootstrap::{Bootstrap, BootstrapKind};
pub use error::{Fault, StatsError};
pub use interval::{Caution, Interval, IntervalKind};
pub use permutation::{Alternative, Permutation, PermutationTest};
pub use random::Stream;
