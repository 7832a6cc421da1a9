//! The verdict as the reader sees it: question, answer, effect, tolerance, what would decide it.

use serde::{Deserialize, Serialize};
use suffit_core::{Answer, Verdict};

use crate::document::{Limit, LimitState};
use crate::format::Format;
use crate::num;
use crate::value::Estimate;

/// On which side of the margin the effect has to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Enough when the whole interval is above the margin.
    Above,
    /// Enough when the whole interval is below the margin.
    Below,
}

/// The line the effect's interval is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// Signed position, in the effect's unit (a tolerated loss of 0.05 is −0.05).
    #[serde(with = "num")]
    pub value: f64,
    /// Which side is good.
    pub side: Side,
}

/// One verdict at the top of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// The question in words, ending in a question mark.
    pub question: String,
    /// The answer.
    pub answer: Answer,
    /// The answer as a sentence without full stop, to which the effect is appended.
    pub statement: String,
    /// What the effect is: "accuracy, product minus probe on the raw views".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect_label: Option<String>,
    /// The effect with its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Estimate>,
    /// How the effect is printed.
    #[serde(default)]
    pub format: Format,
    /// Where the line between enough and not enough lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Margin>,
    /// How interval and answer were made: "paired bootstrap, 2,000 resamples".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// What would decide the question (for an undecided one) or change the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_decide: Option<String>,
    /// Assumptions the answer rests on, and whether they were checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<Limit>,
}

impl Banner {
    /// A banner with an answer and no evidence yet.
    pub fn new(question: impl Into<String>, answer: Answer, statement: impl Into<String>) -> Self {
        Self {
            question: question.into(),
            answer,
            statement: statement.into(),
            effect_label: None,
            effect: None,
            format: Format::digits(3),
            margin: None,
            basis: None,
            would_decide: None,
            assumptions: Vec::new(),
        }
    }

    /// The effect: what it is, its value with interval and n, and how it is printed.
    #[must_use]
    pub fn effect(mut self, label: impl Into<String>, effect: impl Into<Estimate>, format: Format) -> Self {
        self.effect_label = Some(label.into());
        self.effect = Some(effect.into());
        self.format = format;
        self
    }

    /// The signed margin and its good side.
    #[must_use]
    pub fn margin(mut self, value: f64, side: Side) -> Self {
        self.margin = Some(Margin { value, side });
        self
    }

    /// How interval and answer were made.
    #[must_use]
    pub fn basis(mut self, text: impl Into<String>) -> Self {
        self.basis = Some(text.into());
        self
    }

    /// What would decide an undecided question.
    #[must_use]
    pub fn would_decide(mut self, text: impl Into<String>) -> Self {
        self.would_decide = Some(text.into());
        self
    }

    /// An assumption and whether it was checked.
    #[must_use]
    pub fn assumption(mut self, state: LimitState, text: impl Into<String>) -> Self {
        self.assumptions.push(Limit { state, text: text.into() });
        self
    }

    /// The answer in one line of text, without the word:
    /// statement, effect with interval, what it is, tolerance and n.
    pub fn sentence(&self) -> String {
        let mut out = self.statement.trim_end_matches('.').to_owned();
        if let Some(effect) = &self.effect {
            out.push_str(": ");
            out.push_str(&self.format.write_estimate(effect));
            if let Some(label) = &self.effect_label {
                out.push(' ');
                out.push_str(label);
            }
        }
        let mut facts = Vec::new();
        if let Some(margin) = &self.margin {
            // A tolerance is a size; the sign is in the side.
            let size = Format { signed: false, ..self.format.clone() }.write_with_unit(margin.value.abs());
            facts.push(format!("tolerance {size}"));
        }
        if let Some(n) = self.effect.and_then(|effect| effect.n) {
            facts.push(format!("n = {}", Format::count().write(n as f64)));
        }
        if !facts.is_empty() {
            out.push_str(&format!(" ({})", facts.join(", ")));
        }
        out
    }
}

/// Three digits; the margin of the non-inferiority rule, `-tolerance`, with the good side above.
impl From<&Verdict> for Banner {
    fn from(verdict: &Verdict) -> Self {
        let effect = &verdict.effect;
        let estimate = Estimate::new(effect.value).interval(effect.low, effect.high).level(effect.level).n(verdict.n);
        let mut format = Format::digits(3).signed();
        if !effect.unit.is_empty() {
            format = format.unit(&effect.unit);
        }
        let mut basis: Vec<String> = Vec::new();
        if !effect.interval.is_empty() {
            basis.push(effect.interval.clone());
        }
        if let Some((test, p)) = &verdict.test {
            basis.push(format!("{test}: p = {}", Format::auto().write(*p)));
        }
        Self {
            basis: (!basis.is_empty()).then(|| basis.join("; ")),
            would_decide: verdict.would_decide.clone(),
            assumptions: verdict.assumptions.iter().map(Limit::from).collect(),
            ..Self::new(&verdict.question, verdict.answer, &verdict.sentence)
                .effect(&effect.name, estimate, format)
                .margin(-verdict.tolerance, Side::Above)
        }
    }
}
