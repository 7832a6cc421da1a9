//! Is the view enough? The classifier against always naming the commonest label.
//!
//! Effect: accuracy of the classifier minus accuracy of the commonest training label, on the same
//! held-out rows, with a paired BCa bootstrap interval. Rule: [`Verdict::non_inferior`] with the
//! tolerance of the settings; at tolerance 0, *enough* means better beyond chance.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use suffit_core::units::count;
use suffit_core::{Answer, Assumption, Ctx, Dataset, Effect, Evidence, Result, Run, Seed, Verdict};
use suffit_data::split::Part;
use suffit_data::{ValueError, ViewOptions, view_matrix};
use suffit_stats::metric::{argmax, confusion};
use suffit_stats::paired::{PairedOptions, compare};
use suffit_stats::proportion::wilson;

use super::artifact::Artifact;
use super::config::__Camel__Config;
use super::error::__Camel__Error;
use super::input::{Labelled, labels_of};

/// What was measured on held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The answer.
    pub verdict: Verdict,
    /// Accuracy.
    pub accuracy: f64,
    /// Its Wilson 95 % interval.
    pub interval: (f64, f64),
    /// Accuracy of the commonest training label.
    pub commonest: f64,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Rows by true class (row) and named class (column). `[K, K]`
    pub confusion: Vec<Vec<u64>>,
}

/// Held-out rows: standardised by the model, not here.
pub struct HeldOut<'a> {
    /// `[N, D]` row-major.
    pub x: &'a [f32],
    /// True classes by the model's names. `[N]`
    pub truth: &'a [usize],
    /// In words, such as `the test part`.
    pub what: &'a str,
    /// Whether no choice in the fit saw them.
    pub unseen: bool,
}

/// Judges a model on held-out rows.
///
/// - cost: one forward pass and 2,000 resamples
/// - determinism: a function of its input and the seed
///
/// # Errors
/// [`__Camel__Error::Statistic`], for example on fewer than two rows.
pub fn judge(model: &Artifact, rows: &HeldOut, tolerance: f64, seed: Seed, ctx: &Ctx) -> Result<Judgement> {
    let named: Vec<usize> = model.probabilities(rows.x, ctx)?.iter().map(|p| argmax(p)).collect();
    let hits = |named: &dyn Fn(usize) -> usize| -> Vec<f64> {
        rows.truth.iter().enumerate().map(|(i, &c)| f64::from(u8::from(named(i) == c))).collect()
    };
    let (ours, theirs) = (hits(&|i| named[i]), hits(&|_| model.spec.commonest));
    let options = PairedOptions { margin: -tolerance, seed: seed.value(), ..PairedOptions::default() };
    let statistic = |what| move |source| __Camel__Error::Statistic { what, source };
    let pair = compare(&ours, &theirs, None, &options).map_err(statistic("accuracy difference"))?;
    let right = ours.iter().filter(|h| **h == 1.0).count() as u64;
    let share = wilson(right, ours.len() as u64, 0.95).map_err(statistic("accuracy"))?;
    let classes = model.spec.classes.clone();
    let table = confusion(&named, rows.truth, classes.len()).map_err(statistic("confusion"))?;
    let all = 0..classes.len();
    let answer = Verdict::non_inferior(pair.difference.low, pair.difference.high, tolerance);
    let view = &model.spec.view;
    let verdict = Verdict {
        question: format!("Does the view {view} name the label better than always saying the commonest one?"),
        answer,
        sentence: sentence(answer, view),
        effect: Effect {
            name: "accuracy, classifier minus commonest label".to_owned(),
            value: pair.difference.estimate,
            low: pair.difference.low,
            high: pair.difference.high,
            level: pair.difference.level,
            interval: format!("paired BCa bootstrap, {} resamples", count(options.replicates as u64)),
            unit: String::new(),
        },
        tolerance,
        test: pair.mcnemar.map(|m| ("McNemar, exact".to_owned(), m.p_value)),
        n: ours.len() as u64,
        assumptions: vec![
            Assumption { text: "rows are independent of one another".to_owned(), holds: None },
            Assumption { text: "no choice in the fit saw the rows".to_owned(), holds: Some(rows.unseen) },
        ],
        would_decide: pair.rows_to_decide.map(|n| format!("about {} held-out rows", count(n))),
        evidence: vec![Evidence {
            name: format!("accuracy on {}", rows.what),
            value: share.estimate,
            low: Some(share.low),
            high: Some(share.high),
            baselines: vec![("commonest label".to_owned(), pair.mean_b)],
            n: ours.len() as u64,
        }],
    };
    Ok(Judgement {
        verdict,
        accuracy: share.estimate,
        interval: (share.low, share.high),
        commonest: pair.mean_b,
        confusion: all.clone().map(|t| all.clone().map(|p| table.count(t, p)).collect()).collect(),
        classes,
    })
}

fn sentence(answer: Answer, view: &str) -> String {
    match answer {
        Answer::Enough => format!("The view {view} names the label better than the commonest label does"),
        Answer::NotEnough => format!("The view {view} names the label worse than the commonest label does"),
        Answer::Undecided => format!("These rows cannot tell whether the view {view} names the label"),
    }
}

/// Judges the model of a run: on its own test rows where the data is that of the fit, else on all
/// rows with view and label. The option `tolerance` replaces that of the settings.
///
/// # Errors
/// What the readers name; [`__Camel__Error::UnknownLabel`], [`__Camel__Error::Option`]; those of
/// [`judge`].
pub fn audit(run: &Run, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
    let config: __Camel__Config = run.config()?;
    let tolerance = tolerance(options)?.unwrap_or(config.tolerance);
    let model = Artifact::load(run, ctx)?;
    let same = Labelled::read(&config, data, run.info().seed).ok().filter(|l| l.digest() == model.spec.fitted_on);
    let options = ViewOptions { expected_cols: Some(model.spec.columns), allow_never_present: false };
    let view = view_matrix(data, &model.spec.view, &options)?;
    let labels = labels_of(data)?;
    let (rows, what) = match &same {
        Some(fitted) => (fitted.rows(Part::Test), "the test part"),
        None => ((0..view.rows).filter(|&r| view.present[r] && labels.codes[r].is_some()).collect(), "all rows"),
    };
    if rows.is_empty() {
        return Err(ValueError::NoRows { name: data.name.clone() }.into());
    }
    let class = |&row: &usize| -> Result<usize> {
        let label = labels.codes[row].map_or("", |code| labels.names[code as usize].as_str());
        let unknown = || {
            let (label, column, data) = (label.to_owned(), labels.column.clone(), data.name.clone());
            __Camel__Error::UnknownLabel { label, column, data }
        };
        Ok(model.spec.classes.iter().position(|name| name == label).ok_or_else(unknown)?)
    };
    let truth = rows.iter().map(class).collect::<Result<Vec<usize>>>()?;
    let held_out = HeldOut { x: &view.select(&rows).data, truth: &truth, what, unseen: true };
    Ok(judge(&model, &held_out, tolerance, ctx.seed.child("audit", &[]), ctx)?.verdict)
}

fn tolerance(options: &Value) -> Result<Option<f64>> {
    let mut tolerance = None;
    for (key, value) in options.as_object().into_iter().flatten() {
        // The command line gives options as text.
        let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let bad = |expected| __Camel__Error::Option { key: key.clone(), got: value.to_string(), expected };
        match (key.as_str(), number) {
            ("tolerance", Some(share)) if (0.0..=1.0).contains(&share) => tolerance = Some(share),
            ("tolerance", _) => return Err(bad("a share from 0 to 1").into()),
            _ => return Err(bad("`tolerance`, the only option").into()),
        }
    }
    Ok(tolerance)
}
