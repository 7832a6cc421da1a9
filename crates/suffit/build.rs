//! Puts the commit that is built into the binary, where there is one: runs name it.

#![allow(clippy::print_stdout)] // how a build script talks to Cargo

use std::path::Path;
use std::process::Command;

fn main() {
    // Without a `rerun-if-changed` Cargo would run this at every change of any file.
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["HEAD", "logs/HEAD"] {
        let path = format!("../../.git/{name}");
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let asked = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Ok(answer) = asked
        && answer.status.success()
        && let Ok(commit) = String::from_utf8(answer.stdout)
    {
        println!("cargo::rustc-env=SUFFIT_COMMIT={}", commit.trim());
    }
}
