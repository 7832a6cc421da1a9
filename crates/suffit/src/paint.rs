//! Colour on the terminal: four words of it, and a way to do without.

/// Whether and how to colour; copied freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// By the habits of terminals: `NO_COLOR` (not empty) and `TERM=dumb` turn it off,
    /// `CLICOLOR_FORCE` (not `0`) turns it on, else it is on when the stream is a terminal.
    pub fn decide(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|v| !v.is_empty());
        let on = if set("NO_COLOR").is_some() {
            false
        } else if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") {
            true
        } else {
            terminal && variable("TERM").as_deref() != Some("dumb")
        };
        Paint { on }
    }

    /// Whether colour is on.
    pub fn is_on(self) -> bool {
        self.on
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Errors and "not enough".
    pub fn red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// Warnings and "undecided".
    pub fn yellow(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    /// Hints.
    pub fn cyan(self, text: &str) -> String {
        self.wrap("36", text)
    }

    /// Labels at the left.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(terminal: bool, set: &[(&str, &str)]) -> bool {
        Paint::decide(terminal, |name| set.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned())).is_on()
    }

    #[test]
    fn variables_decide_before_the_terminal() {
        assert!(decide(true, &[]));
        assert!(!decide(false, &[]));
        assert!(!decide(true, &[("NO_COLOR", "1")]));
        assert!(decide(true, &[("NO_COLOR", "")]));
        assert!(decide(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!decide(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!decide(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(!decide(true, &[("TERM", "dumb")]));
        assert!(decide(true, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")]));
    }
}
