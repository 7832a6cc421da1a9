//! A folder of its own for each test, the binary in it, and what it said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Rows of the small data set.
pub const ROWS: usize = 96;

/// Settings that make a fit take about a second.
pub const SMALL: &[&str] =
    &["--set", "train.epochs=3", "--set", "train.batch_size=32", "--set", "dim=8", "--set", "bank_size=16"];

/// A folder that is gone after the test.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What a call said.
#[derive(Debug)]
pub struct Said {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    /// With `small.csv` in it: three views of 3 columns, a label, an id.
    pub fn with_data() -> Self {
        let place = Place::new();
        place.write("small.csv", &small_csv(ROWS));
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The binary in this folder, with nothing of the caller's environment that changes its output.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suffit"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars() {
            if name.starts_with("SUFFIT_") {
                command.env_remove(name);
            }
        }
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100").env("TERM", "xterm");
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args))
    }

    /// A call that must succeed.
    pub fn ok(&self, args: &[&str]) -> Said {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said
    }

    /// The one document of a call.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = args.to_vec();
        all.push("--json");
        let said = self.run(&all);
        let value =
            serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{args:?}: not one document: {e}\n{said:?}"));
        (said.code, value)
    }

    /// A small fit into `folder`.
    pub fn fit(&self, folder: &str) -> Said {
        let mut args = vec!["fit", "symile", "--data", "small.csv", "--out", folder, "--threads", "2", "--no-progress"];
        args.extend_from_slice(SMALL);
        self.ok(&args)
    }

    /// Text with the places, times and names that differ between runs replaced.
    pub fn tidy(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for root in [self.dir.path().canonicalize().unwrap(), self.dir.path().to_owned()] {
            text = text.replace(&root.display().to_string(), "[DIR]");
        }
        // what it costs depends on the machine
        let lines = text.lines().map(|l| if l.starts_with("plan  ") { "plan        [COST]" } else { l });
        let text = lines.collect::<Vec<_>>().join("\n");
        text.replace(concat!("suffit ", env!("CARGO_PKG_VERSION")), "suffit [VERSION]")
    }
}

pub fn said(mut command: Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A call that has begun to learn in the run `run`.
#[cfg(unix)]
pub fn begun(place: &Place, args: &[&str], run: &str) -> std::process::Child {
    let child = place.command(args).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let begin = std::time::Instant::now();
    while !place.exists(&format!("{run}/metrics.jsonl")) {
        assert!(begin.elapsed().as_secs() < 60, "the work did not begin");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    child
}

/// Ctrl-C.
#[cfg(unix)]
pub fn interrupt(child: &std::process::Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Everything a call said, for a snapshot.
pub fn shown(place: &Place, args: &[&str]) -> String {
    let said = place.run(args);
    let part = |name: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("--- {name}\n{}\n", place.tidy(text).trim_end()) }
    };
    format!("exit {}\n{}{}", said.code, part("stdout", &said.out), part("stderr", &said.err))
}

/// Three views that share a factor: `c` is the product of `a` and `b`, by rows.
pub fn small_csv(rows: usize) -> String {
    let mut text = String::from("row,a_0,a_1,a_2,b_0,b_1,b_2,c_0,c_1,c_2,label\n");
    for i in 0..rows {
        let (u, v) = (i % 4, (i / 4) % 3);
        let wiggle = |k: usize| ((i * 37 + k * 101) % 97) as f64 / 970.0;
        let a = [f64::from(u == 0), f64::from(u == 1), f64::from(u == 2)];
        let b = [f64::from(v == 0), f64::from(v == 1), f64::from(v == 2)];
        let c = [(u * v) as f64 / 3.0, f64::from((u + v) % 2 == 0), f64::from((u + 2 * v) % 3 == 0)];
        let cells: Vec<String> =
            a.iter().chain(&b).chain(&c).enumerate().map(|(k, x)| format!("{:.4}", x + wiggle(k))).collect();
        text.push_str(&format!("r{i},{},{}\n", cells.join(","), u % 2));
    }
    text
}

/// A float64 npy file, version 1.0, C order, written by hand from the format's description.
pub fn npy(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f64) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    for r in 0..rows {
        for c in 0..columns {
            bytes.extend_from_slice(&value(r, c).to_le_bytes());
        }
    }
    bytes
}

/// The files below a folder by relative path.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
