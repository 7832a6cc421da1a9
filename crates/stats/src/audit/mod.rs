//! Does a representation Z keep what X knows about Y?
mod evidence;
mod gap;
mod settings;

pub use evidence::*;
pub use gap::{Gap, clustered_se, gap, hidden_gap, mean_estimate};
pub use settings::{FEWEST_ROWS, Input, Representation, Settings};
