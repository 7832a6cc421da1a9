//! Does a representation Z keep what X knows about Y?
//!
//! `H0: Y ⟂ X | (Z, W)`. The audit measures three risks by cross-fitting (best constant, probe on Z,
//! stack of X on the Z-probe), their gap and the lost share with limits, tests the null with the
//! projected covariance measure, and says enough, not enough, undecided, or no signal. It also says
//! what was lost and how many rows would decide.
//!
//! | step | file |
//! |---|---|
//! | folds | `folds` |
//! | the target and its loss | `target`, `energy` |
//! | risks of constant, Z and stack | `risk` |
//! | gap, lost share and limits | [`gap()`] |
//! | tests | `test`, [`crate::conditional`] |
//! | verdict and why the rule is what it is | [`decide`] |
//! | what was lost | `explain` |
//! | online code | `online` |
//!
//! Spec: `fccov.md`, section 5.

mod energy;
mod evidence;
mod explain;
mod folds;
mod gap;
mod notes;
mod online;
mod risk;
mod run;
mod screen;
mod settings;
mod target;
mod test;
mod verdict;

pub use evidence::*;
pub use folds::{FoldRule, folds};
pub use gap::{Gap, clustered_se, gap, hidden_gap, mean_estimate};
pub use run::{Progress, run};
pub use settings::{FEWEST_ROWS, Input, Representation, Settings};
pub use test::{Tests, tests};
pub use verdict::{decide, detectable, rows_to_decide};
