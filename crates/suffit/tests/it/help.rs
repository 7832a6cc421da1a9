//! The help of every verb: seen as a whole, with an example that names real verbs.

use crate::util::Place;

pub const VERBS: &[&str] = &[
    "quickstart",
    "fit",
    "apply",
    "audit",
    "dependence",
    "report",
    "reproduce",
    "list",
    "describe",
    "new",
    "check",
    "schema",
    "example",
    "runs",
];

/// Methods with commands of their own.
const METHODS: &[&str] = &["oracle"];

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(Place::new().ok(&["--help"]).out);
}

#[test]
fn help_of_every_verb_has_an_example() {
    let place = Place::new();
    for verb in VERBS {
        let help = place.ok(&[verb, "--help"]).out;
        assert!(help.contains("Example") && help.contains(&format!("suffit {verb}")), "{verb}: {help}");
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{verb}: longer than 100 columns: {line}");
        }
        insta::assert_snapshot!(format!("help_{verb}"), help);
    }
}

#[test]
fn help_of_every_part_of_runs_has_an_example() {
    let place = Place::new();
    for part in ["list", "show", "verify"] {
        let help = place.ok(&["runs", part, "--help"]).out;
        assert!(help.contains(&format!("suffit runs {part}")), "{help}");
    }
}

#[test]
fn every_verb_of_the_help_is_tested_here() {
    let help = Place::new().ok(&["--help"]).out;
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.strip_prefix("  ")?.split(' ').next())
        .filter(|w| !w.is_empty())
        .collect();
    assert_eq!(listed, [VERBS, METHODS].concat());
}

#[test]
fn help_of_the_commands_of_methods_has_examples() {
    let place = Place::new();
    for verb in ["build", "check", "explain", "eval", "lint", "verify-shapes"] {
        let help = place.ok(&["oracle", verb, "--help"]).out;
        assert!(help.contains(&format!("suffit oracle {verb}")), "{help}");
    }
}

#[test]
fn no_verb_is_a_usage_error() {
    let said = Place::new().run(&[]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: no command was given"), "{said:?}");
}

#[test]
fn the_version_is_the_crate_version() {
    assert_eq!(Place::new().ok(&["--version"]).out.trim(), concat!("suffit ", env!("CARGO_PKG_VERSION")));
}
