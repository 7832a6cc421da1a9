//! Are predicted probabilities right: reliability, proper scores, temperature.

mod reliability;
mod score;
mod temperature;

pub use reliability::{Binning, Reliability, ReliabilityBin, expected_calibration_error, reliability, top_label};
pub use score::{brier, brier_binary, log_loss};
pub use temperature::{Temperature, fit_temperature, softmax};
