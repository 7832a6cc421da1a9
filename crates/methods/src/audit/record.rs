//! `audit.json`: everything an audit found, with the names that make it readable.

use serde::{Deserialize, Serialize};
use suffit_core::{FileInfo, Verdict};
use suffit_stats::audit::Evidence;

use super::config::AuditConfig;
use super::input::Rows;

/// Everything an audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The answer that decides the exit code: that of the best representation.
    pub verdict: Verdict,
    /// Answers, in the order in which the representations were given.
    pub verdicts: Vec<Verdict>,
    /// Lost share and kept share of every representation, for programs.
    pub shares: Vec<Share>,
    /// Data set.
    pub data: String,
    /// Files with digests.
    pub files: Vec<FileInfo>,
    /// Names of the columns of x, after texts became indicators.
    pub x_columns: Vec<String>,
    /// Names of the columns of w.
    pub w_columns: Vec<String>,
    /// Columns of y.
    pub y_columns: Vec<String>,
    /// Names of the classes of y, where it has classes.
    pub classes: Vec<String>,
    /// Why y has the kind that it has.
    pub y_why: String,
    /// Settings.
    pub config: AuditConfig,
    /// Root seed.
    pub seed: u64,
    /// All numbers.
    pub evidence: Evidence,
}

/// What a representation kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The representation.
    pub name: String,
    /// `1 - lost`, absent where x predicts nothing.
    pub retained: Option<f64>,
    /// Lower limit, one-sided at level `1 - alpha`.
    pub low: Option<f64>,
    /// Upper limit, one-sided at level `1 - alpha`.
    pub high: Option<f64>,
    /// p-value of the primary test.
    pub p: f64,
    /// After Holm over the representations.
    pub p_holm: f64,
}

impl AuditRecord {
    /// From what was read and what was found.
    pub fn new(rows: &Rows, files: Vec<FileInfo>, config: &AuditConfig, seed: u64, evidence: Evidence) -> Self {
        let mut record = AuditRecord {
            verdict: super::verdict::empty(),
            verdicts: Vec::new(),
            shares: evidence.representations.iter().map(Share::of).collect(),
            data: rows.name.clone(),
            files,
            x_columns: rows.x.columns.clone(),
            w_columns: rows.w.as_ref().map(|w| w.columns.clone()).unwrap_or_default(),
            y_columns: rows.y.columns.clone(),
            classes: rows.y.classes.clone(),
            y_why: rows.y.why.clone(),
            config: config.clone(),
            seed,
            evidence,
        };
        record.verdicts =
            (0..record.evidence.representations.len()).map(|i| super::verdict::verdict(&record, i)).collect();
        let best = record.order().first().copied().unwrap_or(0);
        if let Some(verdict) = record.verdicts.get(best) {
            record.verdict = verdict.clone();
        }
        record
    }

    /// Representations by answer (enough first), then by risk. Risk alone would favour what the probes
    /// read easily over what lost nothing.
    pub fn order(&self) -> Vec<usize> {
        let mut order = self.evidence.ranking.clone();
        order.sort_by_key(|&i| match super::verdict::answer(self.evidence.representations[i].decision) {
            suffit_core::Answer::Enough => 0,
            suffit_core::Answer::Undecided => 1,
            suffit_core::Answer::NotEnough => 2,
        });
        order
    }

    /// What y is called.
    pub fn y_name(&self) -> String {
        short(&self.y_columns)
    }

    /// Name of a column of x.
    pub fn x_column(&self, column: usize) -> String {
        self.x_columns.get(column).cloned().unwrap_or_else(|| format!("column {}", column + 1))
    }
}

impl Share {
    fn of(r: &suffit_stats::audit::RepresentationEvidence) -> Self {
        Share {
            name: r.name.clone(),
            retained: r.lost.map(|l| 1.0 - l.value),
            low: r.lost.map(|l| 1.0 - l.upper),
            high: r.lost.map(|l| 1.0 - l.lower),
            p: r.test.p,
            p_holm: r.p_holm,
        }
    }
}

/// One name for several columns: `a`, or `a … z (26)`.
pub fn short(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] => format!("{first} … {last} ({})", columns.len()),
    }
}
