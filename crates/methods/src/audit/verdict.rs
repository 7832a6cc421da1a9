//! An evidence to an answer in words.

use suffit_core::verdict::{Assumption, Effect, Evidence as Piece};
use suffit_core::{Answer, Verdict, units};
use suffit_report::Format;
use suffit_stats::audit::{Decision, Estimate, LossKind, Note, RepresentationEvidence};

use super::record::AuditRecord;

/// A verdict that says nothing yet.
pub(super) fn empty() -> Verdict {
    Verdict {
        question: String::new(),
        answer: Answer::Undecided,
        sentence: String::new(),
        effect: Effect {
            name: String::new(),
            value: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
            level: 0.9,
            interval: String::new(),
            unit: String::new(),
        },
        tolerance: 0.0,
        test: None,
        n: 0,
        assumptions: Vec::new(),
        would_decide: None,
        evidence: Vec::new(),
    }
}

/// The answer about representation `index`.
pub fn verdict(record: &AuditRecord, index: usize) -> Verdict {
    let (e, r) = (&record.evidence, &record.evidence.representations[index]);
    let lost = r.lost.unwrap_or(Estimate { value: f64::NAN, se: f64::NAN, lower: f64::NAN, upper: f64::NAN });
    let alpha = e.settings.alpha;
    Verdict {
        question: format!("Does {} keep what {} knows about {}?", r.name, record.x_name(), record.y_name()),
        answer: answer(r.decision),
        sentence: sentence(record, r),
        effect: Effect {
            name: "of what x adds about y (kept minus all)".to_owned(),
            value: -lost.value,
            low: -lost.upper,
            high: -lost.lower,
            level: 1.0 - 2.0 * alpha,
            interval: format!(
                "one-sided limits at {} each, cross-fitted in {} folds",
                percent(1.0 - alpha),
                e.settings.folds
            ),
            unit: String::new(),
        },
        tolerance: e.settings.tolerance,
        test: Some((test_name(&r.test.name), r.p_holm)),
        n: e.rows as u64,
        assumptions: assumptions(record, r),
        would_decide: would_decide(record, r),
        evidence: pieces(record, r),
    }
}

/// The answer of a decision.
pub fn answer(decision: Decision) -> Answer {
    match decision {
        Decision::Enough | Decision::EnoughLossReal => Answer::Enough,
        Decision::NotEnough => Answer::NotEnough,
        Decision::Undecided | Decision::NoSignal => Answer::Undecided,
    }
}

/// A share as `97.3 %`.
pub fn percent(share: f64) -> String {
    Format::percent(1).write_with_unit(share)
}

/// A p-value as it is written in a sentence.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// The share kept with its limits, such as `97.3 % [95.1 %, 99.0 %]`.
pub fn kept(lost: &Estimate) -> String {
    format!("{} [{}, {}]", percent(1.0 - lost.value), percent(1.0 - lost.upper), percent(1.0 - lost.lower))
}

fn sentence(record: &AuditRecord, r: &RepresentationEvidence) -> String {
    let (x, y, z) = (record.x_name(), record.y_name(), &r.name);
    let test = format!("{} {}", test_name(&r.test.name), p_value(r.p_holm));
    let share = r.lost.as_ref().map(kept);
    match (r.decision, share) {
        (Decision::NoSignal, _) => format!(
            "no signal to keep: {x} shows no dependence with {y} in {} rows ({})",
            units::count(record.evidence.rows as u64),
            p_value(record.evidence.screen.p)
        ),
        (_, None) => {
            format!("no probe predicts {y} from {x} better than a constant, so there is no share to compare ({test})")
        }
        (Decision::Enough, Some(share)) => {
            format!("{z} keeps {share} of what {x} tells about {y}; the test sees no loss ({test})")
        }
        (Decision::EnoughLossReal, Some(share)) => {
            format!("{z} keeps {share} of what {x} tells about {y}: the loss is real but below the tolerance ({test})")
        }
        (Decision::NotEnough, Some(share)) => {
            format!("{z} keeps only {share} of what {x} tells about {y}; the loss is real ({test})")
        }
        (Decision::Undecided, Some(share)) => {
            format!("these rows do not decide: {z} keeps {share} of what {x} tells about {y} ({test})")
        }
    }
}

/// The name of a test for people.
pub fn test_name(name: &str) -> String {
    match name {
        "pcm" | "pcm_primary" => "PCM".to_owned(),
        "pcm_balls" => "PCM on balls".to_owned(),
        "gcm" => "GCM".to_owned(),
        "wgcm" => "weighted GCM".to_owned(),
        "kci" => "KCI".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The unit of a risk.
pub fn loss_unit(loss: LossKind) -> &'static str {
    match loss {
        LossKind::Bits => "bits",
        LossKind::Squared => "squared error, standardised",
        LossKind::Wasserstein => "squared Wasserstein distance",
        LossKind::LogEuclidean => "squared log-Euclidean distance",
        LossKind::Cosine => "1 - cos",
        LossKind::Coordinates => "squared distance in coordinates",
        LossKind::Energy => "energy score",
    }
}

fn would_decide(record: &AuditRecord, r: &RepresentationEvidence) -> Option<String> {
    if answer(r.decision) != Answer::Undecided {
        return None;
    }
    let n = record.evidence.rows as u64;
    let rows = r
        .rows_to_decide
        .filter(|rows| *rows > n)
        .map(|rows| format!("about {} more rows ({} in all)", units::count(rows - n), units::count(rows)));
    let seen = r.detectable.map(|d| format!("these rows would show a loss of {} or more (power 80 %)", percent(d)));
    match (rows, seen) {
        (Some(rows), Some(seen)) => Some(format!("{rows}; {seen}")),
        (rows, seen) => rows.or(seen),
    }
}

fn assumptions(record: &AuditRecord, r: &RepresentationEvidence) -> Vec<Assumption> {
    let e = &record.evidence;
    let rows = match e.fold_rule.as_str() {
        "group" => "rows of one group never lie in two folds, and errors are clustered by group",
        "time" => "folds are blocks of time; rows within a block are taken as independent",
        _ => "rows are independent of one another (give `--group` or `--time` where they are not)",
    };
    let checked = (e.fold_rule == "group").then_some(true);
    let mut out = vec![Assumption { text: rows.to_owned(), holds: checked }];
    out.push(Assumption {
        text: "the share is what these probes can read; a loss that none of them can read is left to the test"
            .to_owned(),
        holds: None,
    });
    out.extend(r.notes.iter().map(|note| Assumption { text: note_text(record, r, note), holds: note_holds(note) }));
    out
}

fn note_holds(note: &Note) -> Option<bool> {
    match note {
        Note::MayContainTarget { .. } | Note::RowOrder { .. } | Note::DuplicatesAcrossFolds { .. } => Some(false),
        _ => None,
    }
}

/// A remark in words.
pub fn note_text(record: &AuditRecord, r: &RepresentationEvidence, note: &Note) -> String {
    match note {
        Note::ConstantColumns { columns } => {
            format!("{} column(s) of {} never vary and were left out", columns.len(), r.name)
        }
        Note::MayContainTarget { share, .. } => format!(
            "{} predicts {} almost without error ({} of the constant's risk): it may contain it",
            r.name,
            record.y_name(),
            percent(*share)
        ),
        Note::RowOrder { column, correlation } => format!(
            "column {} of {} follows the order of the rows (rank correlation {correlation:.3}) as x does not: a row number may leak {}",
            column + 1,
            r.name,
            record.y_name()
        ),
        Note::DuplicatesAcrossFolds { rows } => format!(
            "{} rows have a twin with the same x and {}: twins in other folds make probes look better than they are (give `--group`)",
            units::count(*rows as u64),
            r.name
        ),
        Note::Subsampled { test, fit } => format!(
            "tests use {} rows and probes learn from at most {} rows, drawn at random; intervals are those of the rows used",
            units::count(*test as u64),
            units::count(*fit as u64)
        ),
        Note::StackKeptZ => format!("adding x to {} never helped: the larger probe is the smaller one", r.name),
        Note::SameAsX => format!("{} is x, column by column", r.name),
        Note::BeyondMeans { p } => {
            format!("the test on balls sees a difference beyond means ({}), such as in the spread of y", p_value(*p))
        }
    }
}

fn pieces(record: &AuditRecord, r: &RepresentationEvidence) -> Vec<Piece> {
    let unit = loss_unit(record.evidence.loss);
    let n = record.evidence.rows as u64;
    let piece = |name: String, e: &Estimate| Piece {
        name,
        value: e.value,
        low: Some(e.lower),
        high: Some(e.upper),
        baselines: Vec::new(),
        n,
    };
    let mut out = vec![
        piece(format!("R0: risk of a constant ({unit})"), &r.r0),
        piece(format!("R_Z: risk from {} ({unit})", r.name), &r.r_z),
        piece(format!("R_XZ: risk from x and {} ({unit})", r.name), &r.r_xz),
        piece("gap R_Z - R_XZ".to_owned(), &r.gap),
    ];
    if let Some(l) = &r.lost {
        let kept = Estimate { value: 1.0 - l.value, se: l.se, lower: 1.0 - l.upper, upper: 1.0 - l.lower };
        out.push(piece("retained share".to_owned(), &kept));
    }
    out
}

impl AuditRecord {
    /// What x is called.
    pub fn x_name(&self) -> String {
        "x".to_owned()
    }
}
