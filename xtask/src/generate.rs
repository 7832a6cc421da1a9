//! `cargo xtask gen`: files that are made from the product itself, so that they cannot go stale.
//!
//! - `docs/schema/SLUG.json`: the JSON Schema of each method's configuration, for editors
//! - `docs/reference/cli.md`: the help of every verb
//! - `docs/reference/methods.md`: what each method does, takes and offers

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::workspace::root;

const NOTICE: &str = "<!-- made by `cargo xtask gen`; do not edit -->\n\n";

/// Writes the files, or with `check` compares them with those on disk.
pub fn run(check: bool) -> Result<ExitCode> {
    let root = root()?;
    let mut stale = 0;
    for (path, text) in wanted(&root)? {
        let at = root.join(&path);
        let same = std::fs::read_to_string(&at).is_ok_and(|old| old == text);
        if same {
            continue;
        }
        stale += 1;
        if check {
            println!("{} is not current: run `cargo xtask gen`", path.display());
        } else {
            std::fs::create_dir_all(at.parent().context("a generated file has a folder")?)?;
            std::fs::write(&at, text).with_context(|| format!("cannot write {}", at.display()))?;
            println!("wrote {}", path.display());
        }
    }
    Ok(if check && stale > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn wanted(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    let mut table = format!("{NOTICE}# Methods\n");
    for method in suffit_methods::registry() {
        let schema = serde_json::to_string_pretty(&method.schema())? + "\n";
        files.push((PathBuf::from(format!("docs/schema/{}.json", method.slug())), schema));
        let (card, takes) = (method.card(), method.accepts());
        table += &format!(
            "\n## {}\n{}. {}\n\n- paper: {}\n- verbs: {}\n- takes: {}; optional: {}\n- configuration: [schema](../schema/{}.json)\n\n```sh\n{}\n```\n",
            card.slug,
            card.title,
            card.purpose,
            card.paper,
            card.verbs.join(", "),
            takes.required.join(", "),
            takes.optional.join(", "),
            card.slug,
            card.example,
        );
    }
    files.push((PathBuf::from("docs/reference/methods.md"), table));
    files.push((PathBuf::from("docs/reference/cli.md"), command_line(root)?));
    Ok(files)
}

/// The help of the program and of each verb, as the binary prints it.
fn command_line(root: &Path) -> Result<String> {
    let program = help(root, &[])?;
    let mut text = format!("{NOTICE}# Command line\n\n```text\n{}\n```\n", program.trim_end());
    for verb in verbs(&program) {
        let own = help(root, &[&verb])?;
        text += &format!("\n## suffit {verb}\n\n```text\n{}\n```\n", own.trim_end());
        for inner in verbs(&own) {
            text +=
                &format!("\n### suffit {verb} {inner}\n\n```text\n{}\n```\n", help(root, &[&verb, &inner])?.trim_end());
        }
    }
    Ok(text)
}

fn help(root: &Path, verb: &[&str]) -> Result<String> {
    let mut arguments = vec!["run", "--quiet", "--release", "--package", "suffit", "--"];
    arguments.extend(verb);
    arguments.push("--help");
    let output = Command::new("cargo")
        .args(&arguments)
        .current_dir(root)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`suffit {} --help` failed:\n{}", verb.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    let lines: Vec<String> = String::from_utf8(output.stdout)?.lines().map(|l| l.trim_end().to_owned()).collect();
    Ok(lines.join("\n"))
}

/// Names in the `Commands:` section of a help text.
fn verbs(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|l| l.trim() != "Commands:")
        .skip(1)
        .take_while(|l| l.starts_with("  "))
        .filter(|l| l.chars().nth(2).is_some_and(char::is_alphanumeric))
        .filter_map(|l| l.split_whitespace().next().map(str::to_owned))
        .filter(|v| v != "help")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::verbs;

    #[test]
    fn verbs_are_read_from_the_commands_section_only() {
        let help = "About\n\nUsage: x\n\nCommands:\n  fit    Learn\n         more words\n  help   Print\n\nOptions:\n  --json\n";
        assert_eq!(verbs(help), ["fit"]);
    }
}
