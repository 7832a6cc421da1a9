//! `cargo xtask golden SLUG FOLDER`: vectors from independent references against the product.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow};

/// Runs every vector of the folder through the method's public functions.
pub fn run(slug: &str, folder: &Path, data: &Path) -> Result<ExitCode> {
    let method = suffit_methods::find(slug).map_err(|e| anyhow!("{e}"))?;
    let report = suffit_core::golden::run_folder(&*method, folder, data).map_err(|e| anyhow!("{e}"))?;
    for line in report.lines() {
        println!("{line}");
    }
    Ok(if report.failed() == 0 && report.passed() > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
