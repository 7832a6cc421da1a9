//! Is the product of the present representations enough to name the label and to find the missing
//! view? A probe on the product against the same probe on the raw views, on held-out rows.
//!
//! Rule: enough when the lower 95 % limit of the paired accuracy difference (product minus raw)
//! lies above minus the tolerance (spec: `symile.md`, Beyond 6).

use serde::{Deserialize, Serialize};
use suffit_core::units::count;
use suffit_core::{Answer, Assumption, Ctx, Effect, Evidence, Result, Seed, Verdict};
use suffit_data::split::{How, Part, Size, SplitPlan, random, stratified};
use suffit_stats::logistic::{PENALTIES, ProbeOptions, Rows, fit_validated};
use suffit_stats::paired::{PairedOptions, compare};
use suffit_stats::proportion::wilson;

use super::artifact::Artifact;
use super::error::SymileError;
use super::fit::Parts;
use super::input::{Content, Tuples};
use super::reps::Reps;
use super::retrieve::{Cell, evaluate, subset_name};

/// Accuracy that may be lost and still count as enough.
pub const TOLERANCE: f64 = 0.05;

/// What the audit asks about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The fitted model.
    pub artifact: &'a Artifact,
    /// Prepared rows, views in the model's order.
    pub prepared: &'a Tuples,
    /// Their representations.
    pub reps: &'a Reps,
    /// Rows of each part.
    pub parts: &'a Parts,
    /// The view that counts as missing.
    pub target: usize,
    /// The margin.
    pub tolerance: f64,
    /// Whether the reported rows took no part in fit.
    pub unseen: bool,
    /// Root of the bootstrap.
    pub seed: Seed,
}

/// Evidence of one probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeScore {
    /// What the probe reads.
    pub reads: String,
    /// Number of columns.
    pub columns: usize,
    /// Accuracy on held-out rows.
    pub accuracy: f64,
    /// Wilson 95 % interval.
    pub low: f64,
    /// Wilson 95 % interval.
    pub high: f64,
    /// Penalty chosen on validation rows.
    pub penalty: f64,
    /// Whether each held-out row was named rightly.
    #[serde(skip)]
    pub hits: Vec<f64>,
}

/// An audit with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// The answer.
    pub verdict: Verdict,
    /// The probes: product, concatenated representations, raw views.
    pub probes: Vec<ProbeScore>,
    /// Accuracy of always naming the commonest label.
    pub majority: f64,
    /// Every view from all others.
    pub retrieval: Vec<Cell>,
    /// Number of labels.
    pub classes: usize,
}

/// Answers the question.
///
/// - cost: three probes (multinomial logistic regressions with the penalty chosen on validation)
///   and M retrievals
/// - determinism: a function of its input
///
/// # Errors
/// [`SymileError::NoLabel`], [`SymileError::TooFewRows`], statistics that cannot be computed.
pub fn audit(question: Question, ctx: &Ctx) -> Result<Audit> {
    let Question { prepared, reps, parts, target, .. } = question;
    let labels = prepared.labels.as_ref().ok_or_else(|| SymileError::NoLabel { data: prepared.name.clone() })?;
    let given: Vec<usize> = (0..reps.views()).filter(|m| *m != target).collect();
    let usable = |rows: &[usize]| -> Vec<usize> {
        rows.iter()
            .copied()
            .filter(|&i| labels.codes[i].is_some() && given.iter().any(|&m| reps.present(m, i)))
            .collect()
    };
    let (reported, _) = parts.reported();
    let held_out = usable(reported);
    let train = usable(&parts.train);
    let validation = if parts.validation.is_empty() { train.clone() } else { usable(&parts.validation) };
    for (what, rows) in
        [("the probes' training", &train), ("the probes' validation", &validation), ("the audit", &held_out)]
    {
        if rows.len() < 2 {
            return Err(SymileError::TooFewRows { what, need: 2, got: rows.len() }.into());
        }
    }
    let code = |i: &usize| labels.codes[*i].map_or(0, |c| c as usize);
    let of = |rows: &[usize]| -> Vec<usize> { rows.iter().map(code).collect() };
    let truth =
        Truth { classes: labels.classes(), train: of(&train), validation: of(&validation), held_out: of(&held_out) };
    let phase = ctx.phase("audit", Some(4));
    let names = subset_name(reps.names(), &given);
    let mut probes = Vec::new();
    let sources: [(String, Source); 3] = [
        (format!("product of {names}"), Source::Product),
        ("representations side by side".into(), Source::Concatenated),
        ("raw views side by side".into(), Source::Raw),
    ];
    for (done, (reads, source)) in sources.into_iter().enumerate() {
        ctx.check_cancel("the audit")?;
        let features = |rows: &[usize]| source.features(&question, &given, rows);
        probes.push(probe(reads, &features(&train), &features(&validation), &features(&held_out), &truth)?);
        phase.step(done as u64 + 1, &[]);
    }
    let searcher = question.artifact.searcher()?;
    let part = reps.select(reported);
    let mut retrieval = Vec::new();
    for view in 0..reps.views() {
        let others: Vec<usize> = (0..reps.views()).filter(|m| *m != view).collect();
        if part.observed(view).into_iter().any(|i| others.iter().all(|&m| part.present(m, i))) {
            retrieval.push(evaluate(&searcher, &part, view, &others)?);
        }
    }
    phase.step(4, &[]);
    let mut frequency = vec![0usize; truth.classes];
    truth.train.iter().for_each(|&c| frequency[c] += 1);
    let commonest = super::score::argmax(&frequency);
    let majority = truth.held_out.iter().filter(|c| **c == commonest).count() as f64 / truth.held_out.len() as f64;
    let groups =
        prepared.groups.as_ref().map(|_| super::train::group_ids(&prepared.select(&held_out)).unwrap_or_default());
    let verdict = verdict(&question, &labels.column, &names, &probes, majority, &retrieval, groups.as_deref())?;
    Ok(Audit { verdict, probes, majority, retrieval, classes: truth.classes })
}

struct Truth {
    classes: usize,
    train: Vec<usize>,
    validation: Vec<usize>,
    held_out: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Source {
    Product,
    Concatenated,
    Raw,
}

impl Source {
    /// Columns of each row, row-major.
    fn features(self, question: &Question, given: &[usize], rows: &[usize]) -> Vec<f64> {
        let wide = |x: &f32| f64::from(*x);
        match self {
            Source::Product => {
                rows.iter().flat_map(|&i| question.reps.product_of_present(i, given)).map(|x| wide(&x)).collect()
            }
            Source::Concatenated => {
                let row = |i: usize, m: usize| -> Vec<f64> {
                    if question.reps.present(m, i) {
                        question.reps.row(m, i).iter().map(wide).collect()
                    } else {
                        vec![0.0; question.reps.dim()]
                    }
                };
                rows.iter().flat_map(|&i| given.iter().flat_map(move |&m| row(i, m))).collect()
            }
            Source::Raw => {
                let mut out = Vec::new();
                for &i in rows {
                    given.iter().for_each(|&m| raw_row(question, m, i, &mut out));
                }
                out
            }
        }
    }
}

/// Scaled features (0 where missing), or token counts; one more column where the view can be missing.
fn raw_row(question: &Question, m: usize, i: usize, out: &mut Vec<f64>) {
    let view = &question.prepared.views[m];
    match &view.content {
        Content::Dense { width, data, .. } => {
            out.extend(data[i * width..(i + 1) * width].iter().map(|&x| f64::from(x)))
        }
        Content::Tokens { rows } => {
            let vocabulary = match question.artifact.spec.views[m].shape {
                super::model::ViewShape::Tokens { vocabulary } => vocabulary,
                super::model::ViewShape::Dense { .. } => 0,
            };
            let start = out.len();
            out.resize(start + vocabulary, 0.0);
            rows[i]
                .iter()
                .filter_map(|&t| usize::try_from(t).ok())
                .filter(|t| *t < vocabulary)
                .for_each(|t| out[start + t] += 1.0);
        }
    }
    if view.present.iter().any(|p| !p) {
        out.push(f64::from(u8::from(!view.present[i])));
    }
}

fn probe(reads: String, train: &[f64], validation: &[f64], held_out: &[f64], truth: &Truth) -> Result<ProbeScore> {
    let failed = |source| SymileError::Statistic { what: "a probe", source };
    let selection = fit_validated(
        Rows { x: train, y: &truth.train },
        Rows { x: validation, y: &truth.validation },
        truth.classes,
        &PENALTIES,
        &ProbeOptions::default(),
    )
    .map_err(failed)?;
    let named = selection.probe.predict(held_out).map_err(failed)?;
    let hits: Vec<f64> = named.iter().zip(&truth.held_out).map(|(a, b)| f64::from(u8::from(a == b))).collect();
    let right = hits.iter().sum::<f64>() as u64;
    let interval = wilson(right, hits.len() as u64, 0.95).map_err(failed)?;
    Ok(ProbeScore {
        reads,
        columns: selection.probe.columns,
        accuracy: interval.estimate,
        low: interval.low,
        high: interval.high,
        penalty: selection.probe.penalty,
        hits,
    })
}

fn verdict(
    question: &Question,
    label: &str,
    names: &str,
    probes: &[ProbeScore],
    majority: f64,
    retrieval: &[Cell],
    groups: Option<&[usize]>,
) -> Result<Verdict> {
    let [product, side_by_side, raw] = probes else {
        return Err(suffit_core::error::CommonError::bug("the audit needs three probes").into());
    };
    let options = PairedOptions {
        margin: -question.tolerance,
        seed: question.seed.child("audit", &[]).value(),
        ..PairedOptions::default()
    };
    let failed = |source| SymileError::Statistic { what: "the paired comparison", source };
    let comparison = compare(&product.hits, &raw.hits, groups, &options).map_err(failed)?;
    let difference = comparison.difference;
    let answer = Verdict::non_inferior(difference.low, difference.high, question.tolerance);
    let (target, n) = (&question.reps.names()[question.target], product.hits.len() as u64);
    let words = match answer {
        Answer::Enough => "keeps",
        Answer::NotEnough => "loses",
        Answer::Undecided => "may or may not keep",
    };
    // Without numbers: whoever shows the sentence appends the effect, its interval and the tolerance.
    let sentence = format!("the product of {names} {words} what a probe on the raw views says about `{label}`");
    let baselines = vec![
        ("chance".to_owned(), majority),
        ("raw views".to_owned(), raw.accuracy),
        ("side by side".to_owned(), side_by_side.accuracy),
    ];
    let mut evidence = vec![Evidence {
        name: format!("name {label} from the product of {names}"),
        value: product.accuracy,
        low: Some(product.low),
        high: Some(product.high),
        baselines,
        n,
    }];
    evidence.extend(retrieval.iter().map(|cell| Evidence {
        name: format!("find {} from {}", cell.target, cell.given.join(" + ")),
        value: cell.top1,
        low: Some(cell.low),
        high: Some(cell.high),
        baselines: vec![("chance".to_owned(), cell.chance)],
        n: cell.n,
    }));
    let kind = if groups.is_some() {
        "paired BCa bootstrap of whole groups, 2,000 resamples"
    } else {
        "paired BCa bootstrap, 2,000 resamples"
    };
    let assume = |text: &str, holds| Assumption { text: text.to_owned(), holds };
    Ok(Verdict {
        question: format!(
            "Is the product of the representations of {names} enough to name `{label}`, without {target}?"
        ),
        answer,
        sentence,
        effect: Effect {
            name: "accuracy difference (product − raw views)".into(),
            value: difference.estimate,
            low: difference.low,
            high: difference.high,
            level: 0.95,
            interval: kind.into(),
            unit: String::new(),
        },
        tolerance: question.tolerance,
        test: comparison.mcnemar.map(|m| ("McNemar, exact, two-sided".to_owned(), m.p_value)),
        n,
        assumptions: vec![
            assume("The rows behind the answer took no part in training, stopping or choosing.", Some(question.unseen)),
            assume("Rows (or whole groups, where a group column is bound) are independent.", None),
            assume(
                "Both probes are multinomial logistic regressions: what a deeper probe could read is not measured.",
                None,
            ),
        ],
        would_decide: comparison.rows_to_decide.map(|rows| format!("about {} held-out rows", count(about(rows)))),
        evidence,
    })
}

/// Rounded up to two digits: the number rests on an estimated spread.
fn about(rows: u64) -> u64 {
    let unit = 10u64.pow(rows.max(1).ilog10().saturating_sub(1));
    rows.div_ceil(unit) * unit
}

/// Parts for rows that took no part in fit: probes need rows of their own to learn from.
///
/// # Errors
/// Too few rows to divide.
pub fn fresh_parts(tuples: &Tuples, seed: Seed) -> Result<Parts> {
    let plan = SplitPlan { how: How::Auto, val: Size::Fraction(0.2), test: Size::Fraction(0.4) };
    let parts = match &tuples.labels {
        Some(labels) => stratified(&labels.codes, &plan, seed)?,
        None => random(tuples.rows, &plan, seed)?,
    };
    let rows = |part: Part| (0..parts.len()).filter(|&i| parts[i] == part).collect();
    Ok(Parts {
        how: "new rows, divided for the probes".into(),
        train: rows(Part::Train),
        validation: rows(Part::Val),
        test: rows(Part::Test),
    })
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn rows_that_would_decide_are_rounded_up_to_two_digits() {
        assert_eq!([0, 7, 99, 100, 101, 1_501, 12_345].map(about), [0, 7, 99, 100, 110, 1_600, 13_000]);
    }
}
