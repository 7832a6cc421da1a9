//! How good a gate is: the two-action matrix of the paper and the three-action matrix.
//!
//! Source: specification of the Licensing Oracle, heading "Metrics". A ratio with a zero
//! denominator has no value.

use serde::Serialize;

use crate::decide::{Gold, Verdict};

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Counts of (answered, abstained) by (entailed, contradicted, unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TwoAction {
    /// Answered, by E, C, U.
    pub answered: [u64; 3],
    /// Abstained, by E, C, U.
    pub abstained: [u64; 3],
}

/// The paper's ratios. AP = 1 is reached by never abstaining on what is entailed: read AR and LA
/// beside it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)]
pub struct TwoActionMetrics {
    /// Abstention precision `(S_C + S_U) / (S_E + S_C + S_U)`.
    pub AP: Option<f64>,
    /// `S_C / (S_C + S_E)`.
    pub AP_invalid: Option<f64>,
    /// `S_U / (S_U + S_E)`.
    pub AP_unknown: Option<f64>,
    /// Abstention recall `(S_C + S_U) / (C + U)`.
    pub AR: Option<f64>,
    /// `S_C / C`.
    pub CVRR: Option<f64>,
    /// `(A_C + A_U) / (C + U)`.
    pub FAR_NE: Option<f64>,
    /// `A_E / E`.
    pub LA: Option<f64>,
    /// Answers over all.
    pub coverage: Option<f64>,
    /// `A_E` over answers: the "correct among licensed" of the paper's formula guide.
    pub answer_accuracy: Option<f64>,
    /// `(A_E + S_C + S_U) / all`.
    pub overall_accuracy: Option<f64>,
}

impl TwoAction {
    /// Counts one question.
    pub fn add(&mut self, gold: Gold, answered: bool) {
        let row = if answered { &mut self.answered } else { &mut self.abstained };
        row[gold as usize] += 1;
    }

    /// The ratios.
    ///
    /// ```
    /// // the authors' 800 cards
    /// let m = suffit_rdf::metrics::TwoAction { answered: [200, 200, 0], abstained: [0, 200, 200] }.metrics();
    /// assert_eq!((m.AP, m.CVRR, m.FAR_NE), (Some(1.0), Some(0.5), Some(1.0 / 3.0)));
    /// ```
    pub fn metrics(&self) -> TwoActionMetrics {
        let ([a_e, a_c, a_u], [s_e, s_c, s_u]) = (self.answered, self.abstained);
        let not_entailed = a_c + s_c + a_u + s_u;
        let (answers, all) = (a_e + a_c + a_u, a_e + a_c + a_u + s_e + s_c + s_u);
        TwoActionMetrics {
            AP: ratio(s_c + s_u, s_e + s_c + s_u),
            AP_invalid: ratio(s_c, s_c + s_e),
            AP_unknown: ratio(s_u, s_u + s_e),
            AR: ratio(s_c + s_u, not_entailed),
            CVRR: ratio(s_c, a_c + s_c),
            FAR_NE: ratio(a_c + a_u, not_entailed),
            LA: ratio(a_e, a_e + s_e),
            coverage: ratio(answers, all),
            answer_accuracy: ratio(a_e, answers),
            overall_accuracy: ratio(a_e + s_c + s_u, all),
        }
    }
}

/// What a gate does with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Act {
    /// Says it.
    License,
    /// Says that it is wrong.
    Refute,
    /// Says nothing.
    Silent,
}

impl Act {
    /// What follows from a verdict: conflict, unknown, ungrounded and unparsed are silent.
    pub fn of(verdict: Verdict) -> Act {
        match verdict {
            Verdict::Licensed => Act::License,
            Verdict::Refuted => Act::Refute,
            _ => Act::Silent,
        }
    }
}

/// Counts of (licence, refute, silent) by (entailed, contradicted, unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ThreeAction {
    /// Rows E, C, U; columns license, refute, silent.
    pub matrix: [[u64; 3]; 3],
}

/// The ratios of the three-action matrix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThreeActionMetrics {
    /// `(L_C + L_U) / (C + U)`.
    pub false_license_rate: Option<f64>,
    /// `L_E / L`.
    pub license_precision: Option<f64>,
    /// `L_E / E`.
    pub license_recall: Option<f64>,
    /// `R_C / R`.
    pub refute_precision: Option<f64>,
    /// `R_C / C`.
    pub refute_recall: Option<f64>,
    /// `S_U / S`.
    pub abstain_precision: Option<f64>,
    /// What is not licensed and not entailed over what is not licensed.
    pub withhold_precision: Option<f64>,
    /// `S_U / U`.
    pub abstain_recall: Option<f64>,
    /// `(L_E + R_C + S_U) / all`.
    pub verdict_accuracy: Option<f64>,
}

impl ThreeAction {
    /// Counts one claim.
    pub fn add(&mut self, gold: Gold, act: Act) {
        self.matrix[gold as usize][act as usize] += 1;
    }

    /// The ratios.
    pub fn metrics(&self) -> ThreeActionMetrics {
        let [[l_e, r_e, s_e], [l_c, r_c, s_c], [l_u, r_u, s_u]] = self.matrix;
        let (licensed, refuted, silent) = (l_e + l_c + l_u, r_e + r_c + r_u, s_e + s_c + s_u);
        let (e, c, u) = (l_e + r_e + s_e, l_c + r_c + s_c, l_u + r_u + s_u);
        ThreeActionMetrics {
            false_license_rate: ratio(l_c + l_u, c + u),
            license_precision: ratio(l_e, licensed),
            license_recall: ratio(l_e, e),
            refute_precision: ratio(r_c, refuted),
            refute_recall: ratio(r_c, c),
            abstain_precision: ratio(s_u, silent),
            withhold_precision: ratio(r_c + s_c + r_u + s_u, refuted + silent),
            abstain_recall: ratio(s_u, u),
            verdict_accuracy: ratio(l_e + r_c + s_u, e + c + u),
        }
    }

    /// False licences and the claims that must not be licensed: `(L_C + L_U, C + U)`.
    pub fn leaks(&self) -> (u64, u64) {
        let [_, c, u] = self.matrix;
        (c[0] + u[0], c.iter().sum::<u64>() + u.iter().sum::<u64>())
    }
}

/// An upper bound of the rate of false licences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LeakBound {
    /// False licences.
    pub leaks: u64,
    /// Claims that must not be licensed.
    pub trials: u64,
    /// Upper end of Wilson's interval at the asked level.
    pub wilson_high: f64,
    /// `3 / trials`: the upper bound at 95 % where no leak was seen; `None` where one was.
    pub rule_of_three: Option<f64>,
}

/// The bound for `leaks` in `trials` at a level such as 0.95.
///
/// # Errors
/// [`suffit_stats::StatsError`]: no trials, more leaks than trials, a level outside (0, 1).
///
/// ```
/// let bound = suffit_rdf::metrics::leak_bound(0, 400, 0.95)?;
/// assert_eq!(bound.rule_of_three, Some(0.0075));
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn leak_bound(leaks: u64, trials: u64, level: f64) -> Result<LeakBound, suffit_stats::StatsError> {
    let wilson_high = suffit_stats::proportion::wilson(leaks, trials, level)?.high;
    let rule_of_three = (leaks == 0).then(|| (3.0 / trials as f64).min(1.0));
    Ok(LeakBound { leaks, trials, wilson_high, rule_of_three })
}

#[cfg(test)]
mod tests;
