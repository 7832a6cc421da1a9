//! Does the representation know anything about y on rows that the fit did not see?
//!
//! Effect: `FCCov_U(Z | Y) / (tr Cov(Z)/4)`, the unbiased covariance as a share of its bound, with a
//! jackknife interval over blocks of rows. Test: rows of Z permuted against the rank kernel of Y.
//! *Enough* here means: more than chance. Whether Z keeps **all** that X knows is another question,
//! which `suffit audit` asks of any representation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use suffit_core::seed::permutation;
use suffit_core::units::count;
use suffit_core::{Answer, Assumption, Ctx, Dataset, Effect, Evidence, Result, Run, Seed, Verdict};
use suffit_data::split::Part;
use suffit_data::{ViewOptions, view_matrix};
use suffit_stats::dependence::{Ranks, distance_covariance, fccov_permutation};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{Metric, Response, distances};

use super::artifact::Artifact;
use super::config::FccovConfig;
use super::error::FccovError;
use super::input::{Paired, response};

/// Permutations, unless the option says otherwise.
pub const PERMUTATIONS: usize = 999;

/// Blocks of the jackknife.
const BLOCKS: usize = 20;

/// Most rows that are judged at once; evenly spaced ones above.
const MOST: usize = 4_000;

/// What was measured on held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The answer.
    pub verdict: Verdict,
    /// Distance correlation of Z and Y.
    pub dcor: f64,
    /// Share of the bound of each column of Z by itself.
    pub columns: Vec<f64>,
    /// Share of the kernel's largest eigenvalue of each column on the training rows.
    pub eta: Vec<f64>,
    /// The kernel.
    pub objective: String,
}

/// `FCCov_U / (tr Cov/4)`; 0 without variance.
fn share(z: &Matrix, ranks: &Ranks) -> Result<f64> {
    let mut centred = z.clone();
    centred.subtract_row(&z.column_means());
    let trace = centred.values.iter().map(|v| v * v).sum::<f64>() / (z.rows as f64 - 1.0).max(1.0);
    let value = ranks.fccov_u(z).map_err(FccovError::of("the covariance of z and y"))?;
    Ok(if trace > 0.0 { 4.0 * value / trace } else { 0.0 })
}

/// Jackknife standard error over blocks of rows.
fn jackknife(z: &Matrix, response: &Response, metric: Metric) -> Result<f64> {
    let blocks = BLOCKS.min(z.rows / 2);
    let statistic = FccovError::of("the interval of the covariance");
    let mut values = Vec::with_capacity(blocks);
    for b in 0..blocks {
        let rows: Vec<usize> = (0..z.rows).filter(|i| i % blocks != b).collect();
        let space = response.subset(&rows).and_then(|r| r.space(metric)).map_err(statistic)?;
        values.push(share(&z.select(&rows), &Ranks::of_space(&space).map_err(statistic)?)?);
    }
    let mean = values.iter().sum::<f64>() / blocks as f64;
    let spread: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Ok((spread * (blocks as f64 - 1.0) / blocks as f64).sqrt())
}

/// Judges a representation of held-out rows.
///
/// - cost: `n³/2` minima for the kernel, `2 n² d` FLOPs a permutation, twenty passes of `n² d`
/// - determinism: a function of its input and the seed
///
/// # Errors
/// [`FccovError::Statistic`], for example on fewer than eight rows.
#[allow(clippy::too_many_arguments)] // each is a plain input of the judgement
pub fn judge(
    model: &Artifact,
    z: &Matrix,
    response: &Response,
    metric: Metric,
    what: &str,
    unseen: bool,
    permutations: usize,
    seed: Seed,
) -> Result<Judgement> {
    let statistic = FccovError::of("the covariance of z and y");
    let step = z.rows.div_ceil(MOST).max(1);
    let rows: Vec<usize> = (0..z.rows).step_by(step).collect();
    let (z, response) = (z.select(&rows), response.subset(&rows).map_err(statistic)?);
    let space = response.space(metric).map_err(statistic)?;
    let ranks = Ranks::of_space(&space).map_err(statistic)?;
    let value = share(&z, &ranks)?;
    let error = jackknife(&z, &response, metric)?;
    let gram = ranks.gram().centred();
    let test = fccov_permutation(&gram, &z, permutations, seed.value()).map_err(statistic)?;
    let from_z = distances(&Response::real(z.values.clone(), z.cols).map_err(statistic)?, Metric::Euclidean);
    let from_z = from_z.map_err(statistic)?;
    let pair = distance_covariance(&from_z, &space.matrix()).map_err(statistic)?;
    // The same rows, shuffled: what the correlation is where nothing is shared.
    let order = permutation(z.rows, &mut seed.stream("chance", &[]));
    let shuffled = response.subset(&order).and_then(|r| distances(&r, metric)).map_err(statistic)?;
    let chance = distance_covariance(&from_z, &shuffled).map_err(statistic)?.correlation().unwrap_or(0.0);
    let one = |j: usize| share(&Matrix { rows: z.rows, cols: 1, values: z.column(j) }, &ranks);
    let columns = (0..z.cols).map(one).collect::<Result<Vec<f64>>>()?;
    let (answer, n) = (answer(test.p_value), z.rows as u64);
    let verdict = Verdict {
        question: "Does the representation know anything about y on rows that the fit did not see?".to_owned(),
        answer,
        sentence: sentence(answer, &model.spec.response),
        effect: Effect {
            name: "covariance of z and y, share of its bound".to_owned(),
            value,
            low: value - 1.959_963_984_540_054 * error,
            high: value + 1.959_963_984_540_054 * error,
            level: 0.95,
            interval: format!("jackknife over {} blocks of rows", BLOCKS.min(z.rows / 2)),
            unit: String::new(),
        },
        tolerance: 0.0,
        test: Some((format!("permutation of rows, {}", count(permutations as u64)), test.p_value)),
        n,
        assumptions: vec![
            Assumption { text: "rows are independent of one another".to_owned(), holds: None },
            Assumption { text: "no choice in the fit saw the rows".to_owned(), holds: Some(unseen) },
        ],
        would_decide: None,
        evidence: vec![Evidence {
            name: format!("distance correlation on {what}"),
            value: pair.correlation().unwrap_or(0.0),
            low: None,
            high: None,
            baselines: vec![("rows shuffled".to_owned(), chance)],
            n,
        }],
    };
    let (eta, objective) = (model.spec.eta.clone(), model.spec.objective.clone());
    Ok(Judgement { verdict, dcor: pair.correlation().unwrap_or(0.0), columns, eta, objective })
}

/// A test that does not reject proves nothing: it is undecided.
fn answer(p: f64) -> Answer {
    if p < 0.05 { Answer::Enough } else { Answer::Undecided }
}

fn sentence(answer: Answer, kind: &str) -> String {
    match answer {
        Answer::Enough => format!("The representation knows more than chance about the response ({kind})"),
        _ => format!("These rows do not show that the representation knows anything about the response ({kind})"),
    }
}

/// Judges the model of a run: on its own test rows where the data is that of the fit, else on all
/// rows. The option `permutations` replaces 999.
///
/// # Errors
/// What the readers name; [`FccovError::Option`]; those of [`judge`].
pub fn audit(run: &Run, data: &Dataset, options: &Value, ctx: &Ctx) -> Result<Verdict> {
    let config: FccovConfig = run.config()?;
    let permutations = permutations(options)?;
    let model = Artifact::load(run, ctx)?;
    let same = Paired::read(&config, data, run.info().seed).ok().filter(|p| p.digest() == model.spec.fitted_on);
    let seed = ctx.seed.child("audit", &[]);
    if let Some(fitted) = same {
        let z = model.represent(&fitted.view.select(&fitted.rows(Part::Test)).data, ctx)?;
        let (response, metric) = (fitted.subset(Part::Test)?, fitted.bound.metric);
        return Ok(judge(&model, &z, &response, metric, "the test part", true, permutations, seed)?.verdict);
    }
    let expected = ViewOptions { expected_cols: Some(model.spec.columns), allow_never_present: false };
    let view = view_matrix(data, &model.spec.view, &expected)?;
    if let Some(row) = view.present.iter().position(|p| !p) {
        return Err(FccovError::NoRow { data: data.name.clone(), row: row + 1, view: view.name }.into());
    }
    let bound = response(&config, data)?;
    let z = model.represent(&view.data, ctx)?;
    Ok(judge(&model, &z, &bound.response, bound.metric, "all rows", true, permutations, seed)?.verdict)
}

fn permutations(options: &Value) -> Result<usize> {
    let mut permutations = PERMUTATIONS;
    for (key, value) in options.as_object().into_iter().flatten() {
        // The command line gives options as text.
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let expected = match (key.as_str(), number) {
            ("permutations", Some(n @ 19..=1_000_000)) => {
                permutations = n as usize;
                continue;
            }
            ("permutations", _) => "a whole number from 19",
            _ => "`permutations`, the only option",
        };
        return Err(FccovError::Option { key: key.to_owned(), got: value.to_string(), expected }.into());
    }
    Ok(permutations)
}
