//! Table `xor8`: eight views of one bit, the last the parity of the others (spec: Experiment 2).
//!
//! Any seven views are independent, so the loss starts on the plateau `ln B` and stays there until
//! all eight heads agree. Counted is the share of seeds that find the parity.

use serde_json::json;
use suffit_core::method::{Cell, TableCard};
use suffit_core::{Ctx, Result};

use super::TableResult;
use super::bench::{Bench, Job, Measured};
