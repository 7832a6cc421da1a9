//! `cargo xtask ci`: the one test command, for people and for the server.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::workspace::{call, root};
use crate::{generate, new_method, rules};

/// A named step.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Path) -> Result<()>,
}

/// Cheap steps first, so that a failure comes early.
const STEPS: &[Step] = &[
    Step { name: "fmt", what: "formatting", run: |r| call(r, "cargo", &["fmt", "--all", "--check"]) },
    Step { name: "rules", what: "who depends on whom, unsafe, file access", run: |_| ok(rules::run()?) },
    Step { name: "deny", what: "licences and advisories (where cargo-deny is installed)", run: deny },
    Step { name: "gen", what: "generated files are current", run: |_| ok(generate::run(true)?) },
    Step {
        name: "clippy",
        what: "lints, warnings denied",
        run: |r| {
            call(
                r,
                "cargo",
                &["clippy", "--release", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"],
            )
        },
    },
    Step {
        name: "test",
        what: "unit, property, golden, contract, snapshot and kill tests, doc tests",
        run: |r| call(r, "cargo", &["test", "--release", "--workspace", "--no-fail-fast"]),
    },
    Step { name: "doc", what: "rustdoc without warnings", run: doc },
    Step {
        name: "template",
        what: "a new method compiles and passes the contract",
        run: |_| ok(new_method::check_template()?),
    },
    Step { name: "web", what: "the committed report page is what web/ builds; browser test", run: web },
];

/// Runs the steps that are asked for.
pub fn run(skip: &[String], only: &[String], list: bool) -> Result<ExitCode> {
    if let Some(unknown) = skip.iter().chain(only).find(|n| STEPS.iter().all(|s| s.name != n.as_str())) {
        bail!("no step is called `{unknown}`: `cargo xtask ci --list` shows them");
    }
    if list {
        STEPS.iter().for_each(|s| println!("{:<10}{}", s.name, s.what));
        return Ok(ExitCode::SUCCESS);
    }
    let root = root()?;
    let wanted = |s: &&Step| !skip.iter().any(|n| n == s.name) && (only.is_empty() || only.iter().any(|n| n == s.name));
    let begin = Instant::now();
    for step in STEPS.iter().filter(wanted) {
        println!("── {}: {}", step.name, step.what);
        let at = Instant::now();
        (step.run)(&root)?;
        println!("── {} done in {:.0} s", step.name, at.elapsed().as_secs_f64());
    }
    println!("ci: every step passed in {:.0} s", begin.elapsed().as_secs_f64());
    Ok(ExitCode::SUCCESS)
}

fn ok(code: ExitCode) -> Result<()> {
    if code == ExitCode::SUCCESS { Ok(()) } else { bail!("the step failed; its output stands above") }
}

fn deny(root: &Path) -> Result<()> {
    let installed =
        std::process::Command::new("cargo").args(["deny", "--version"]).output().is_ok_and(|o| o.status.success());
    if installed {
        return call(root, "cargo", &["deny", "--offline", "check", "licenses", "bans", "sources"]);
    }
    println!("skipped: cargo-deny is not installed");
    Ok(())
}

fn doc(root: &Path) -> Result<()> {
    let status = std::process::Command::new("cargo")
        .args(["doc", "--release", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root)
        .status()?;
    if status.success() { Ok(()) } else { bail!("rustdoc ended with {status}") }
}

/// Builds the page anew and compares it with the committed one, then opens it in a browser.
fn web(root: &Path) -> Result<()> {
    let web = root.join("web");
    call(&web, "npm", &["ci", "--no-audit", "--no-fund", "--silent"])?;
    call(&web, "npm", &["run", "--silent", "build"])?;
    call(root, "git", &["diff", "--exit-code", "--stat", "--", "crates/report/assets"])?;
    call(&web, "npm", &["test", "--silent"])
}
