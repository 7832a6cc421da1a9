//! Opening a file with the program that the system has for it.

use std::path::Path;
use std::process::{Command, Stdio};

use suffit_core::Result;

use crate::failure::CliError;

#[cfg(target_os = "macos")]
const PROGRAM: (&str, &[&str]) = ("open", &[]);
#[cfg(target_os = "windows")]
const PROGRAM: (&str, &[&str]) = ("explorer", &[]);
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
const PROGRAM: (&str, &[&str]) = ("xdg-open", &[]);

/// Opens the file and does not wait.
///
/// # Errors
/// The program cannot be started.
pub fn open(path: &Path) -> Result<()> {
    let started = Command::new(PROGRAM.0)
        .args(PROGRAM.1)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(_) => Ok(()),
        Err(source) => Err(CliError::Open { path: path.display().to_string(), program: PROGRAM.0, source }.into()),
    }
}
