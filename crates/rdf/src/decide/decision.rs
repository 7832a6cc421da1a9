//! Decisions: the verdict, why, and what the graph says instead.

use serde::Serialize;

/// The four values of a licence, and the two ways not to reach one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The graph entails the claim and nothing contradicts it.
    Licensed,
    /// The graph contradicts the claim and does not entail it.
    Refuted,
    /// The graph neither entails nor contradicts the claim.
    Unknown,
    /// The graph entails the claim and contradicts it.
    Conflict,
    /// A mention or a unit of the claim means nothing here.
    Ungrounded,
    /// No claim was recognised.
    Unparsed,
}

impl Verdict {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Licensed => "licensed",
            Verdict::Refuted => "refuted",
            Verdict::Unknown => "unknown",
            Verdict::Conflict => "conflict",
            Verdict::Ungrounded => "ungrounded",
            Verdict::Unparsed => "unparsed",
        }
    }

    /// The verdict of the denied claim: licensed and refuted swap, the others stay.
    pub fn negate(self) -> Verdict {
        match self {
            Verdict::Licensed => Verdict::Refuted,
            Verdict::Refuted => Verdict::Licensed,
            other => other,
        }
    }
}

/// Why a verdict was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    // The order is alphabetical, so that sorted reasons are sorted words.
    /// Several groundings disagree.
    Ambiguous,
    /// The inverse of an asymmetric property holds.
    Asymmetric,
    /// The property is complete for the class of the subject and does not have the value.
    ClosedWorldComplete,
    /// A numeric comparison decided.
    Comparison,
    /// A numeric comparison failed for some of several values.
    ComparisonMulti,
    /// The class is disjoint with a class of the subject.
    DisjointClass,
    /// A domain of the property is disjoint with a class of the subject.
    DisjointDomain,
    /// A range of the property is disjoint with a class of the object.
    DisjointRange,
    /// The closure holds the claim.
    Entailed,
    /// A functional property has another value.
    Functional,
    /// A functional property has the value and another one.
    FunctionalInKg,
    /// An inverse functional property has another subject.
    InverseFunctional,
    /// An irreflexive property relates a thing to itself.
    Irreflexive,
    /// A mention has no candidate.
    Mention,
    /// The graph denies the claim.
    NegativeAssertion,
    /// Nothing for or against.
    NoEvidence,
    /// No numeric value to compare with.
    NoValue,
    /// A new violation of a shape.
    Shape,
    /// The source could not be asked.
    SourceUnavailable,
    /// The unit does not fit the property.
    Unit,
    /// The subject or the object occurs nowhere in the graph.
    UnknownEntity,
}

impl Reason {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Ambiguous => "ambiguous",
            Reason::Asymmetric => "asymmetric",
            Reason::ClosedWorldComplete => "closed_world_complete",
            Reason::Comparison => "comparison",
            Reason::ComparisonMulti => "comparison_multi",
            Reason::DisjointClass => "disjoint_class",
            Reason::DisjointDomain => "disjoint_domain",
            Reason::DisjointRange => "disjoint_range",
            Reason::Entailed => "entailed",
            Reason::Functional => "functional",
            Reason::FunctionalInKg => "functional_in_kg",
            Reason::InverseFunctional => "inverse_functional",
            Reason::Irreflexive => "irreflexive",
            Reason::Mention => "mention",
            Reason::NegativeAssertion => "negative_assertion",
            Reason::NoEvidence => "no_evidence",
            Reason::NoValue => "no_value",
            Reason::Shape => "shape",
            Reason::SourceUnavailable => "source_unavailable",
            Reason::Unit => "unit",
            Reason::UnknownEntity => "unknown_entity",
        }
    }
}

/// A constraint that the claim would break and the graph alone does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ShapeFinding {
    /// The shape, as an N-Triples term.
    pub shape: String,
    /// IRI of the constraint component.
    pub component: String,
    /// The focus node, as an N-Triples term.
    pub focus: String,
    /// The path, if the shape has one.
    pub path: Option<String>,
    /// The value at fault, as an N-Triples term.
    pub value: Option<String>,
    /// What the shape says.
    pub message: Option<String>,
}

/// What speaks for or against a claim: triples of the closure, as N-Triples terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// What it shows.
    pub reason: Reason,
    /// Triples of the closure, each as three N-Triples terms.
    pub triples: Vec<[String; 3]>,
}

/// One grounding of an ambiguous claim and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The claim with IRIs in place of the mentions.
    pub claim: serde_json::Value,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its reasons, sorted.
    pub reasons: Vec<Reason>,
}

/// The answer to one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Why: sorted, without repeats.
    pub reasons: Vec<Reason>,
    /// What the graph has instead: sorted lexical forms, empty where none applies.
    pub correction: Vec<String>,
    /// The triples that decide, by reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// New violations of shapes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shapes: Vec<ShapeFinding>,
    /// The groundings, where a mention had several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Names near a mention without candidate; they are offered and never decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

impl Decision {
    /// A verdict with one reason and nothing else.
    pub fn plain(verdict: Verdict, reason: Reason) -> Decision {
        Decision {
            verdict,
            reasons: vec![reason],
            correction: Vec::new(),
            evidence: Vec::new(),
            shapes: Vec::new(),
            readings: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// The verdict where the source of the graph could not be asked: unknown, never licensed.
    pub fn source_unavailable() -> Decision {
        Decision::plain(Verdict::Unknown, Reason::SourceUnavailable)
    }

    /// One line for people.
    pub fn sentence(&self) -> String {
        let words: Vec<&str> = self.reasons.iter().map(|r| r.word()).collect();
        let mut line = format!("{}: {}", self.verdict.word(), words.join(", "));
        if !self.correction.is_empty() {
            line.push_str(&format!("; the graph has {}", self.correction.join(", ")));
        }
        for shape in &self.shapes {
            if let Some(message) = &shape.message {
                line.push_str(&format!("; {message}"));
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_sort_as_their_words() {
        let all = [
            Reason::Ambiguous,
            Reason::Asymmetric,
            Reason::ClosedWorldComplete,
            Reason::Comparison,
            Reason::ComparisonMulti,
            Reason::DisjointClass,
            Reason::DisjointDomain,
            Reason::DisjointRange,
            Reason::Entailed,
            Reason::Functional,
            Reason::FunctionalInKg,
            Reason::InverseFunctional,
            Reason::Irreflexive,
            Reason::Mention,
            Reason::NegativeAssertion,
            Reason::NoEvidence,
            Reason::NoValue,
            Reason::Shape,
            Reason::SourceUnavailable,
            Reason::Unit,
            Reason::UnknownEntity,
        ];
        for pair in all.windows(2) {
            assert!(pair[0] < pair[1] && pair[0].word() < pair[1].word(), "{pair:?}");
        }
        for reason in all {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.word());
        }
    }
}
