//! The product's answer: enough, not enough, undecided.

use crate::error::Exit;

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What was kept is enough for the job, within the tolerance.
    Enough,
    /// It is not.
    NotEnough,
    /// The data cannot tell.
    Undecided,
}

impl Answer {
    /// The exit code of a check that ends in this answer.
    pub fn exit(self) -> Exit {
        match self {
            Answer::Enough => Exit::Ok,
            Answer::NotEnough => Exit::NotEnough,
            Answer::Undecided => Exit::Undecided,
        }
    }

    /// In capitals, for the terminal.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Enough => "ENOUGH",
            Answer::NotEnough => "NOT ENOUGH",
            Answer::Undecided => "UNDECIDED",
        }
    }
}

/// An estimate with its interval.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Effect {
    /// What it measures, such as `accuracy difference (product − raw views)`.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Confidence level, such as 0.95.
    pub level: f64,
    /// How the interval was made, such as `paired BCa bootstrap, 2,000 resamples`.
    pub interval: String,
    /// Unit, empty for shares.
    pub unit: String,
}

/// Something the answer rests on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Assumption {
    /// The assumption in words.
    pub text: String,
    /// True when it was checked and holds, false when checked and violated, absent when unchecked.
    pub holds: Option<bool>,
}

/// One piece of evidence: a number with its baselines.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// What was measured.
    pub name: String,
    /// The value, with its interval where there is one.
    pub value: f64,
    /// Lower limit.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
    /// Baselines by name, trivial ones included.
    pub baselines: Vec<(String, f64)>,
    /// Number of samples behind the value.
    pub n: u64,
}

/// A question and its answer, with everything needed to rebut it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Verdict {
    /// The question in words.
    pub question: String,
    /// The answer.
    pub answer: Answer,
    /// The answer as one sentence.
    pub sentence: String,
    /// The effect that decided.
    pub effect: Effect,
    /// The margin that the effect was held against.
    pub tolerance: f64,
    /// Test behind it, with p-value, where one was made.
    pub test: Option<(String, f64)>,
    /// Number of independent samples.
    pub n: u64,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
    /// What would decide an undecided case, such as "about 3,400 more rows".
    pub would_decide: Option<String>,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

impl Verdict {
    /// Non-inferiority rule: `effect` (kept minus everything, larger is better) is *enough* when
    /// its lower limit lies above `−tolerance`, *not enough* when its upper limit lies below
    /// `−tolerance`, and *undecided* otherwise.
    ///
    /// ```
    /// use suffit_core::{Answer, Verdict};
    /// assert_eq!(Verdict::non_inferior(-0.03, 0.01, 0.05), Answer::Enough);
    /// assert_eq!(Verdict::non_inferior(-0.12, -0.06, 0.05), Answer::NotEnough);
    /// assert_eq!(Verdict::non_inferior(-0.08, 0.01, 0.05), Answer::Undecided);
    /// ```
    pub fn non_inferior(low: f64, high: f64, tolerance: f64) -> Answer {
        if low > -tolerance {
            Answer::Enough
        } else if high < -tolerance {
            Answer::NotEnough
        } else {
            Answer::Undecided
        }
    }
}
