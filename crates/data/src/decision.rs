//! What was decided about a data set, and why: echoed to the user before work starts.

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// What it is about: `views`, `label`, `split`, `delimiter`, …
    pub subject: String,
    /// What was chosen.
    pub choice: String,
    /// Why.
    pub reason: String,
    /// True when the user said so, false when it was guessed.
    pub given: bool,
}

impl Decision {
    /// A guess.
    pub fn guessed(subject: impl Into<String>, choice: impl Into<String>, reason: impl Into<String>) -> Self {
        Decision { subject: subject.into(), choice: choice.into(), reason: reason.into(), given: false }
    }

    /// A choice of the user.
    pub fn given(subject: impl Into<String>, choice: impl Into<String>, reason: impl Into<String>) -> Self {
        Decision { subject: subject.into(), choice: choice.into(), reason: reason.into(), given: true }
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.subject, self.choice, self.reason)
    }
}
