//! The rules of the house that a compiler does not check, read from `cargo metadata` and from the
//! sources: arrows never go up, methods do not import one another, only named places open files or
//! hold `unsafe`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace::{files, root};

/// For each crate of the workspace, the crates of the workspace it may depend on (dev included).
const MAY_DEPEND: &[(&str, &[&str])] = &[
    ("suffit-core", &["workspace-hack"]),
    ("workspace-hack", &[]),
    ("suffit-stats", &["workspace-hack"]),
    ("suffit-data", &["suffit-core"]),
    ("suffit-report", &["suffit-core"]),
    ("suffit-nn", &["suffit-core", "suffit-data", "suffit-stats"]),
    ("suffit-rdf", &["suffit-core", "suffit-stats"]),
    ("suffit-methods", &["suffit-core", "suffit-data", "suffit-nn", "suffit-stats", "suffit-report", "suffit-rdf"]),
    (
        "suffit",
        &["suffit-core", "suffit-data", "suffit-nn", "suffit-stats", "suffit-report", "suffit-methods", "suffit-rdf"],
    ),
    ("xtask", &["suffit", "suffit-core", "suffit-methods"]),
];

/// Third-party crates that only some crates may name.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("tokio", &["suffit-serve", "suffit-sql", "suffit"]),
    ("burn", &["suffit-nn", "suffit-methods"]),
    ("gemm", &["suffit-nn"]),
    ("parquet", &["suffit-data"]),
    ("clap", &["suffit", "xtask"]),
    ("indicatif", &["suffit"]),
    ("faer", &["suffit-stats"]),
    ("oxrdf", &["suffit-rdf", "suffit-methods"]),
    ("spareval", &["suffit-rdf"]),
];

/// Folders and files whose product code may touch the file system.
const MAY_OPEN_FILES: &[&str] = &[
    "crates/core/src/run",
    "crates/core/src/checkpoint",
    "crates/core/src/metrics",
    "crates/core/src/files",
    "crates/core/src/golden",
    "crates/core/src/config",
    "crates/data/src/read",
    "crates/data/src/write",
    "crates/data/src/bundle",
    "crates/data/src/open",
    "crates/data/src/sniff",
    "crates/rdf/src/read",
    "crates/rdf/src/store",
    "crates/suffit/src",
    "crates/report/examples",
    "crates/nn/benches",
    "crates/methods/examples",
    "crates/stats/examples",
    "xtask",
];

const OPENS_FILES: &[&str] = &["std::fs", "fs::File", "File::open", "File::create", "OpenOptions"];
const OPENS_SOCKETS: &[&str] = &["std::net", "TcpStream", "TcpListener", "UdpSocket"];

/// Prints each violation; success when there is none.
pub fn run() -> Result<ExitCode> {
    let root = root()?;
    let mut found = dependencies(&root)?;
    found.extend(sources(&root)?);
    found.iter().for_each(|line| println!("rule broken: {line}"));
    println!("rules: {} broken", found.len());
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Violations of the dependency arrows.
pub fn dependencies(root: &Path) -> Result<Vec<String>> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let allowed: BTreeMap<_, _> = MAY_DEPEND.iter().copied().collect();
    let mut found = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(may) = allowed.get(name) else {
            found.push(format!("crate `{name}` is not in the table of arrows (xtask/src/rules.rs)"));
            continue;
        };
        for dependency in &package.dependencies {
            let wants = dependency.name.as_str();
            if allowed.contains_key(wants) && !may.contains(&wants) {
                found.push(format!("`{name}` depends on `{wants}`: arrows never go up"));
            }
            if let Some((_, users)) = ONLY_IN.iter().find(|(n, _)| *n == wants)
                && !users.contains(&name)
            {
                found.push(format!("`{name}` names `{wants}`: only {users:?} may"));
            }
        }
    }
    Ok(found)
}

/// Violations that stand in the sources.
pub fn sources(root: &Path) -> Result<Vec<String>> {
    let slugs = method_folders(root)?;
    let mut found = Vec::new();
    for path in files(root, &["rs"])? {
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string().replace('\\', "/");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        if !(shown.starts_with("crates/") || shown.starts_with("xtask/")) {
            continue;
        }
        for (number, line) in product_lines(&shown, &text) {
            let at = format!("{shown}:{number}");
            if line.contains("unsafe ") && !shown.starts_with("crates/nn/src/fused") && !shown.starts_with("xtask") {
                found.push(format!("{at}: `unsafe` outside nn::fused"));
            }
            if OPENS_FILES.iter().any(|w| line.contains(w)) && !MAY_OPEN_FILES.iter().any(|f| shown.starts_with(f)) {
                found.push(format!("{at}: opens files outside the readers, the writers and the run directory"));
            }
            if OPENS_SOCKETS.iter().any(|w| line.contains(w)) && !shown.starts_with("xtask") {
                found.push(format!("{at}: opens sockets"));
            }
            if let Some(other) = foreign_method(&slugs, &shown, line) {
                found
                    .push(format!("{at}: imports the method `{other}`: move what is shared down to nn, stats or data"));
            }
        }
    }
    Ok(found)
}

/// Lines before the test module, without comments; files of tests have none.
fn product_lines<'a>(shown: &str, text: &'a str) -> Vec<(usize, &'a str)> {
    let contract = shown.starts_with("crates/methods/src/contract/"); // compiled for tests only
    let is_test = contract || shown.contains("/tests/") || shown.ends_with("/tests.rs") || shown.ends_with("_tests.rs");
    if is_test {
        return Vec::new();
    }
    text.lines()
        .enumerate()
        .take_while(|(_, l)| !l.trim_start().starts_with("#[cfg(test)]"))
        .filter(|(_, l)| !l.trim_start().starts_with("//"))
        .map(|(i, l)| (i + 1, l))
        .collect()
}

fn method_folders(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("crates/methods/src");
    let mut slugs = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        // A method has a page; what methods share (`response`, `contract`) has none.
        if entry.path().join("README.md").is_file() {
            slugs.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    slugs.sort();
    Ok(slugs)
}

fn foreign_method<'a>(slugs: &'a [String], shown: &str, line: &str) -> Option<&'a str> {
    let own = shown.strip_prefix("crates/methods/src/")?.split('/').next()?;
    let inside = slugs.iter().any(|s| s == own);
    slugs.iter().find(|s| inside && *s != own && line.contains(&format!("crate::{s}::"))).map(String::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_house_keeps_its_rules() {
        let root = root().unwrap();
        assert_eq!(dependencies(&root).unwrap(), Vec::<String>::new());
        assert_eq!(sources(&root).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn one_method_importing_another_is_seen() {
        let slugs = ["gde".to_owned(), "symile".to_owned()];
        assert_eq!(
            foreign_method(&slugs, "crates/methods/src/gde/train.rs", "use crate::symile::loss;"),
            Some("symile")
        );
        assert_eq!(foreign_method(&slugs, "crates/methods/src/gde/train.rs", "use crate::gde::loss;"), None);
        assert_eq!(foreign_method(&slugs, "crates/methods/src/lib.rs", "crate::symile::x"), None);
    }

    #[test]
    fn comments_and_test_modules_are_not_product_code() {
        let lines = product_lines("crates/x/src/a.rs", "// unsafe \nlet a = 1;\n#[cfg(test)]\nunsafe {}");
        assert_eq!(lines, [(2, "let a = 1;")]);
        assert!(product_lines("crates/x/tests/it/a.rs", "std::fs").is_empty());
    }
}
