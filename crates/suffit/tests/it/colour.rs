//! Colour obeys the habits of terminals, and everything reads without it.

use crate::util::{Place, said};

const ESCAPE: char = '\u{1b}';

fn call(vars: &[(&str, &str)]) -> String {
    let place = Place::new();
    let mut command = place.command(&["runs", "show", "nothing"]);
    vars.iter().for_each(|(k, v)| {
        command.env(k, v);
    });
    said(command).err
}

#[test]
fn no_colour_in_a_pipe() {
    assert!(!call(&[]).contains(ESCAPE));
}

#[test]
fn forced_colour_colours_a_pipe() {
    assert!(call(&[("CLICOLOR_FORCE", "1")]).contains(ESCAPE));
}

#[test]
fn no_color_wins() {
    let text = call(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!text.contains(ESCAPE));
    assert!(text.starts_with("error: "), "{text}");
}

#[test]
fn a_dumb_terminal_gets_no_colour() {
    assert!(!call(&[("TERM", "dumb")]).contains(ESCAPE));
}
