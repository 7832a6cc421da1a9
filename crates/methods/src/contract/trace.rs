//! The bytes of a run that the contract holds to be the same.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use suffit_core::run::file;

/// Files by name within a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Files that say when and where something happened.
const WHEN: [&str; 4] = [file::RUN, file::FILES, file::LOG, file::LOCK];

/// Reads every file below a folder.
pub fn read(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(next) = stack.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, suffit_core::files::read(&path).unwrap());
            }
        }
    }
    files
}

/// Writes files below a folder that is made.
pub fn write(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        suffit_core::files::write_synced(&path, bytes).unwrap();
    }
}

/// What must be the same: no times, and of checkpoints the newest in each folder only (older ones
/// depend on when a stop was asked for).
pub fn comparable(files: &Files) -> Files {
    let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
    for (folder, step, _) in files.keys().filter_map(|name| checkpoint(name)) {
        let best = newest.entry(folder).or_insert(step);
        *best = step.max(*best);
    }
    let mut out = Files::new();
    for (name, bytes) in files {
        match checkpoint(name) {
            _ if WHEN.contains(&name.as_str()) => {}
            Some((folder, step, _)) if newest.get(folder) != Some(&step) => {}
            _ if name == file::METRICS => drop(out.insert(name.clone(), without_time(bytes))),
            _ => drop(out.insert(name.clone(), bytes.clone())),
        }
    }
    out
}

/// `checkpoints/part/step-00000012/optim.safetensors` → folder, step, file.
fn checkpoint(name: &str) -> Option<(&str, &str, &str)> {
    let (path, file) = name.rsplit_once('/')?;
    let (folder, last) = path.rsplit_once('/')?;
    (folder.starts_with(file::CHECKPOINTS) && last.starts_with("step-")).then_some((folder, last, file))
}

fn without_time(metrics: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in metrics.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
        let mut event: Value = serde_json::from_slice(line).unwrap();
        assert!(event.as_object_mut().unwrap().remove("time_ms").is_some(), "a metric without its time: {event}");
        out.extend(event.to_string().into_bytes());
        out.push(b'\n');
    }
    out
}

/// Fails with the names of the files that differ, and for texts with the first line that does.
pub fn assert_same(ours: &Files, expected: &Files, what: &str) {
    let (ours, expected) = (comparable(ours), comparable(expected));
    let names: std::collections::BTreeSet<&String> = ours.keys().chain(expected.keys()).collect();
    let differ: Vec<String> = names
        .into_iter()
        .filter(|name| ours.get(*name) != expected.get(*name))
        .map(|name| match (ours.get(name), expected.get(name)) {
            (None, _) => format!("{name} is missing"),
            (_, None) => format!("{name} should not be there"),
            (Some(a), Some(b)) => format!("{name} differs{}", first_line(a, b)),
        })
        .collect();
    assert!(differ.is_empty(), "{what}: {}", differ.join("; "));
}

fn first_line(a: &[u8], b: &[u8]) -> String {
    let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return String::new() };
    let pair = a.lines().zip(b.lines()).enumerate().find(|(_, (x, y))| x != y);
    pair.map_or_else(
        || format!(" in length ({} and {} lines)", a.lines().count(), b.lines().count()),
        |(n, (x, y))| format!(" in line {}: `{x}` instead of `{y}`", n + 1),
    )
}
