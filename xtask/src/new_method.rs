//! `cargo xtask new-method SLUG`: the folder of a new method, a small working example to replace
//! piece by piece. The template lies in `xtask/template/`; `__slug__`, `__module__`, `__Camel__`
//! and `__Title__` in it are filled in, and the result is formatted.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::workspace::root;

/// Where methods and their registry are.
const METHODS: &str = "crates/methods/src";

/// In the registry, the line above which new methods go when they are not the first by name.
const MARKER: &str = "// new methods above this line";

/// The names of one method.
struct Names {
    slug: String,
    module: String,
    camel: String,
    title: String,
}

/// Makes the method `slug` below `root` and says what to do next.
pub fn run(root: &Path, slug: &str, title: Option<&str>) -> Result<ExitCode> {
    let names = Names::new(slug, title)?;
    refuse_existing(root, &names)?;
    // The registry first, in memory: if it cannot be understood, nothing is written.
    let library = root.join(METHODS).join("lib.rs");
    let text = std::fs::read_to_string(&library).with_context(|| format!("cannot read {}", library.display()))?;
    let registered = register(&text, &names)?;
    let mut made = Vec::new();
    for (from, to) in files(root, &names)? {
        let text = std::fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        write_new(&to, &render(&text, &names))?;
        made.push(to);
    }
    format(root, &made)?;
    std::fs::write(&library, registered).with_context(|| format!("cannot write {}", library.display()))?;
    say(root, &names, &made);
    Ok(ExitCode::SUCCESS)
}

impl Names {
    fn new(slug: &str, title: Option<&str>) -> Result<Names> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = slug.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || !slug.chars().all(plain) || slug.ends_with('-') || slug.contains("--") {
            bail!("`{slug}` is no slug: lower-case letters, digits and single `-`, a letter first, such as `foo-bar`");
        }
        let module = slug.replace('-', "_");
        if KEYWORDS.contains(&module.as_str()) || RESERVED.contains(&module.as_str()) {
            bail!("`{slug}` cannot be a module: it is a word of Rust or of this crate; choose another name");
        }
        let title = match title {
            Some(title) if title.trim().is_empty() || title.contains(['"', '\\', '\n']) => {
                bail!("the title `{title}` is empty or holds quotes, backslashes or line ends")
            }
            Some(title) => title.trim().to_owned(),
            None => capital(&slug.replace('-', " ")),
        };
        Ok(Names { slug: slug.to_owned(), camel: slug.split('-').map(capital).collect(), module, title })
    }
}

/// Words that the language keeps for itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
];

/// Modules of the crate that are no methods, and the rest of the language's words.
const RESERVED: &[&str] = &[
    "contract", "error", "lib", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield", "test",
];

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn refuse_existing(root: &Path, names: &Names) -> Result<()> {
    let folder = root.join(METHODS).join(&names.module);
    for taken in [folder.clone(), folder.with_extension("rs"), vectors(root, names), docs(root, names)] {
        if taken.exists() {
            bail!("`{}` is taken: {} exists", names.slug, taken.strip_prefix(root).unwrap_or(&taken).display());
        }
    }
    Ok(())
}

fn vectors(root: &Path, names: &Names) -> PathBuf {
    root.join("tests/golden").join(&names.slug)
}

fn docs(root: &Path, names: &Names) -> PathBuf {
    root.join("docs/methods").join(format!("{}.md", names.slug))
}

/// Template files with the places where they go, sorted.
fn files(root: &Path, names: &Names) -> Result<Vec<(PathBuf, PathBuf)>> {
    let template = root.join("xtask/template");
    let mut files = Vec::new();
    for (folder, to) in
        [(template.clone(), root.join(METHODS).join(&names.module)), (template.join("golden"), vectors(root, names))]
    {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let from = entry?.path();
            let Some(name) = from.file_name().filter(|_| from.is_file()) else { continue };
            let to = if name == "docs.md" { docs(root, names) } else { to.join(name) };
            files.push((from, to));
        }
    }
    files.sort();
    Ok(files)
}

fn render(text: &str, names: &Names) -> String {
    text.replace("__slug__", &names.slug)
        .replace("__module__", &names.module)
        .replace("__Camel__", &names.camel)
        .replace("__Title__", &names.title)
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut file = std::fs::File::create_new(path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// Names of other lengths break lines elsewhere: the sources are formatted as the house formats.
fn format(root: &Path, made: &[PathBuf]) -> Result<()> {
    for path in made.iter().filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(path)?;
        std::fs::write(path, rustfmt(root, &text).with_context(|| format!("cannot format {}", path.display()))?)?;
    }
    Ok(())
}

/// One text through `rustfmt`, which then does not follow its modules.
fn rustfmt(root: &Path, text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start rustfmt: `rustup component add rustfmt`")?;
    child.stdin.take().context("rustfmt takes no input")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("rustfmt ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The registry with the method in it: a `pub mod` line and an entry, both sorted by name.
fn register(text: &str, names: &Names) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let module = format!("pub mod {};", names.module);
    let entry = format!("        erase::<{}::{}>(),", names.module, names.camel);
    insert(&mut lines, &module, |line| line.starts_with("pub mod ") && line.ends_with(';'), None)
        .context("crates/methods/src/lib.rs has no line `pub mod …;` to stand beside")?;
    insert(&mut lines, &entry, |line| line.trim_start().starts_with("erase::<"), Some(MARKER))
        .with_context(|| format!("crates/methods/src/lib.rs has neither `erase::<…>(),` nor `{MARKER}`"))?;
    Ok(lines.join("\n") + "\n")
}

/// Puts a line among those like it: before the first that comes after it by name, else after the
/// last, else above the marker.
fn insert(lines: &mut Vec<String>, new: &str, like: impl Fn(&str) -> bool, marker: Option<&str>) -> Option<()> {
    let group: Vec<usize> = (0..lines.len()).filter(|&i| like(&lines[i])).collect();
    let after = group.iter().copied().find(|&i| lines[i].trim_start() > new.trim_start());
    let at = match (after, group.last()) {
        (Some(at), _) => at,
        (None, Some(last)) => last + 1,
        (None, None) => lines.iter().position(|l| marker.is_some_and(|m| l.trim_start() == m))?,
    };
    lines.insert(at, new.to_owned());
    Some(())
}

fn say(root: &Path, names: &Names, made: &[PathBuf]) {
    for path in made {
        println!("made     {}", path.strip_prefix(root).unwrap_or(path).display());
    }
    println!("changed  {METHODS}/lib.rs");
    println!("\nnext");
    println!(
        "  cargo test --release -p suffit-methods {}    the contract passes before you change anything",
        names.module
    );
    println!("  cargo xtask gen                              schema and reference of `{}`", names.slug);
    println!(
        "then replace config → model → loss → train → apply → audit → reproduce (CONTRIBUTING, \"Add a method\"),"
    );
    println!("and the vectors in tests/golden/{} by those of an independent reference", names.slug);
}

/// Makes a method in a copy of the workspace and runs its tests: the recipe stays true.
///
/// The copy holds what git tracks, with its uncommitted content, and files that could be added. It
/// lies in the target folder under a fixed name, so that a second check finds its crates compiled;
/// dependencies from registries are shared with the workspace itself.
pub fn check_template() -> Result<ExitCode> {
    let (root, begin) = (root()?, Instant::now());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let copy = target.join("template-check");
    clear(&copy)?; // of a check that was killed
    let outcome = copy_workspace(&root, &copy).and_then(|()| try_template(&target, &copy));
    clear(&copy)?;
    let code = outcome?;
    let word = if code == ExitCode::SUCCESS { "passed" } else { "FAILED" };
    println!("template: {word} in {:.0} s", begin.elapsed().as_secs_f64());
    Ok(code)
}

fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn try_template(target: &Path, copy: &Path) -> Result<ExitCode> {
    run(copy, "demo-method", Some("Demo method"))?;
    let status = Command::new("cargo")
        .args(["test", "--release", "--package", "suffit-methods", "--", "demo_method"]) // doc tests too
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .status()
        .context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Copies tracked files and those that git would take.
fn copy_workspace(root: &Path, copy: &Path) -> Result<()> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!("git ls-files ended with {}", output.status);
    }
    for name in String::from_utf8(output.stdout)?.split_terminator('\0') {
        let (from, to) = (root.join(name), copy.join(name));
        if !from.is_file() {
            continue; // removed here, but not yet in git
        }
        std::fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        std::fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
        keep_time(&from, &to)?;
    }
    Ok(())
}

/// The copy is as old as the file, so that what was built from it counts as current.
fn keep_time(from: &Path, to: &Path) -> Result<()> {
    let modified = from.metadata()?.modified()?;
    Ok(std::fs::File::options().write(true).open(to)?.set_modified(modified)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const REGISTRY: &str = "mod error;\npub mod symile;\n\npub fn registry() {\n    vec![\n        erase::<symile::Symile>(),\n        // new methods above this line\n    ]\n}\n";

    fn names(slug: &str) -> Names {
        Names::new(slug, None).unwrap()
    }

    #[test]
    fn names_follow_from_the_slug() {
        let n = names("foo-bar2");
        assert_eq!((n.module.as_str(), n.camel.as_str(), n.title.as_str()), ("foo_bar2", "FooBar2", "Foo bar2"));
        for bad in ["", "Foo", "2foo", "foo-", "-foo", "foo--bar", "foo_bar", "../foo", "type", "contract", "self"] {
            assert!(Names::new(bad, None).is_err(), "{bad}");
        }
        assert!(Names::new("foo", Some("a \"b\"")).is_err());
    }

    #[test]
    fn the_registry_stays_sorted() {
        let one = register(REGISTRY, &names("zeta")).unwrap();
        let two = register(&one, &names("alpha-one")).unwrap();
        let modules: Vec<&str> = two.lines().filter(|l| l.starts_with("pub mod")).collect();
        assert_eq!(modules, ["pub mod alpha_one;", "pub mod symile;", "pub mod zeta;"]);
        let entries: Vec<&str> = two.lines().map(str::trim).filter(|l| l.starts_with("erase")).collect();
        assert_eq!(
            entries,
            ["erase::<alpha_one::AlphaOne>(),", "erase::<symile::Symile>(),", "erase::<zeta::Zeta>(),"]
        );
        assert!(two.ends_with("        // new methods above this line\n    ]\n}\n"));
        assert!(register("nothing\n", &names("zeta")).is_err());
    }

    #[test]
    fn a_method_is_made_once_and_no_placeholder_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (root().unwrap(), folder.path());
        for (from, _) in files(&here, &names("x")).unwrap() {
            let to = there.join(from.strip_prefix(&here).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(from, to).unwrap();
        }
        std::fs::copy(here.join("rustfmt.toml"), there.join("rustfmt.toml")).unwrap();
        let library = there.join(METHODS).join("lib.rs");
        write_new(&library, REGISTRY).unwrap();

        run(there, "foo-bar", Some("Foo, the bar")).unwrap();
        let made = crate::workspace::files(there, &["rs", "md", "json"]).unwrap();
        let made: Vec<_> = made.into_iter().filter(|p| !p.starts_with(there.join("xtask"))).collect();
        assert!(made.contains(&there.join("crates/methods/src/foo_bar/mod.rs")));
        assert!(made.contains(&there.join("docs/methods/foo-bar.md")));
        assert!(made.contains(&there.join("tests/golden/foo-bar/README.md")));
        for path in made {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("__"), "{} holds a placeholder", path.display());
        }
        assert!(run(there, "foo-bar", None).unwrap_err().to_string().contains("is taken"));
    }
}
