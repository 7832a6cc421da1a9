//! What may be said about which predicate: must be licensed, may pass, is forbidden.
//!
//! Source: specification of the Licensing Oracle, heading "Beyond", 8.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decide::Verdict;

/// What a predicate asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Only licensed claims pass.
    #[default]
    MustLicense,
    /// Claims pass unless they are refuted or in conflict.
    MayPass,
    /// No claim passes.
    Forbid,
}

/// What happens to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It may be said.
    Pass,
    /// It is held back.
    Hold,
}

/// Rules by predicate IRI; what is not named follows `default`. Unknown keys are refused.
///
/// ```
/// use suffit_rdf::decide::Verdict;
/// use suffit_rdf::policy::{Action, Policy};
/// let policy: Policy = serde_json::from_str(r#"{"default":"must_license","predicates":{"urn:p":"may_pass"}}"#)?;
/// assert_eq!(policy.action("urn:p", Verdict::Unknown), Action::Pass);
/// assert_eq!(policy.action("urn:q", Verdict::Unknown), Action::Hold);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// For predicates that are not named.
    pub default: Rule,
    /// By predicate IRI.
    pub predicates: BTreeMap<String, Rule>,
}

impl Policy {
    /// The rule of a predicate.
    pub fn rule(&self, predicate: &str) -> Rule {
        self.predicates.get(predicate).copied().unwrap_or(self.default)
    }

    /// What happens to a claim about `predicate` with this verdict.
    pub fn action(&self, predicate: &str, verdict: Verdict) -> Action {
        let passes = match self.rule(predicate) {
            Rule::MustLicense => verdict == Verdict::Licensed,
            Rule::MayPass => !matches!(verdict, Verdict::Refuted | Verdict::Conflict),
            Rule::Forbid => false,
        };
        if passes { Action::Pass } else { Action::Hold }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_by_verdict() {
        let policy: Policy = serde_json::from_str(r#"{"predicates":{"urn:m":"may_pass","urn:f":"forbid"}}"#).unwrap();
        let passes = |p, v| policy.action(p, v) == Action::Pass;
        assert!(passes("urn:any", Verdict::Licensed) && !passes("urn:any", Verdict::Conflict));
        assert!(passes("urn:m", Verdict::Ungrounded) && !passes("urn:m", Verdict::Refuted));
        assert!(!passes("urn:f", Verdict::Licensed));
        assert!(serde_json::from_str::<Policy>(r#"{"predicate":{}}"#).is_err());
        assert!(serde_json::from_str::<Policy>(r#"{"default":"sometimes"}"#).is_err());
    }
}
