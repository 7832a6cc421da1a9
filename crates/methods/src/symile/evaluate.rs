//! What a fitted model reaches on held-out rows: retrieval, calibration, information.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Result};
use suffit_stats::calibration::{Reliability, brier, reliability, top_label};

use super::artifact::Artifact;
use super::config::Objective;
use super::error::SymileError;
use super::ledger::{Ledger, LedgerInput, ledger};
use super::reps::Reps;
use super::retrieve::{Cell, all_subsets, evaluate as evaluate_cell};
use super::score::posterior;
use super::temperature::fit_factor;

/// Rows above which measurements use the first ones only.
const MOST_ROWS: usize = 2_000;

/// Bins of a reliability table.
const BINS: usize = 10;

/// How well the probabilities of one searched view are calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationResult {
    /// The view searched for.
    pub target: String,
    /// Factor on the scores, fitted on validation.
    pub factor: f64,
    /// Expected calibration error of the top candidate without the factor.
    pub before: f64,
    /// The same with it.
    pub after: f64,
    /// Brier score over all candidates, with the factor.
    pub brier: f64,
    /// Reliability of the top candidate, with the factor.
    pub reliability: Reliability,
}

/// Results on held-out rows: the content of `evaluation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Which part was measured: `test`, or another where there is none.
    pub part: String,
    /// Its rows.
    pub rows: usize,
    /// `s`.
    pub log_scale: f64,
    /// Every searched view from subsets of the others.
    pub cells: Vec<Cell>,
    /// Calibration by searched view; empty when rows are too few.
    pub calibration: Vec<CalibrationResult>,
    /// What the views share; absent for the pairwise baseline and for too few rows.
    pub ledger: Option<Ledger>,
    /// Remarks for the report.
    pub notes: Vec<String>,
}

impl Evaluation {
    /// The cell of a target from all other views.
    pub fn full_cell(&self, target: &str) -> Option<&Cell> {
        self.cells.iter().filter(|c| c.target == target).max_by_key(|c| c.given.len())
    }
}

/// Measures a model.
///
/// # Errors
/// Interruption; statistics that cannot be computed.
pub fn evaluate(
    artifact: &Artifact,
    held_out: &Reps,
    validation: &Reps,
    part: &str,
    batch: usize,
    ctx: &Ctx,
) -> Result<Evaluation> {
    let mut notes = Vec::new();
    let rows = held_out.rows();
    let measured = if rows > MOST_ROWS {
        notes.push(format!("measured on the first {MOST_ROWS} of {rows} {part} rows"));
        held_out.select(&(0..MOST_ROWS).collect::<Vec<_>>())
    } else {
        held_out.clone()
    };
    if part != "test" {
        notes.push(format!("measured on {part} rows, which choices have seen: too favourable"));
    }
    let cells = retrieval(artifact, &measured, &mut notes, ctx)?;
    let calibration = calibration(artifact, &measured)?;
    let ledger = information(artifact, &measured, validation, batch, &mut notes, ctx)?;
    Ok(Evaluation {
        part: part.to_owned(),
        rows: measured.rows(),
        log_scale: artifact.model.log_scale()?,
        cells,
        calibration,
        ledger,
        notes,
    })
}

/// Every view from every subset of the others, or, for many views, from each other one and from all.
fn retrieval(artifact: &Artifact, reps: &Reps, notes: &mut Vec<String>, ctx: &Ctx) -> Result<Vec<Cell>> {
    let views = reps.views();
    let searcher = artifact.searcher()?;
    let wanted: Vec<(usize, Vec<usize>)> = (0..views)
        .flat_map(|target| {
            let subsets = if views <= 6 {
                all_subsets(views, target)
            } else {
                let others: Vec<usize> = (0..views).filter(|m| *m != target).collect();
                others.iter().map(|m| vec![*m]).chain([others.clone()]).collect()
            };
            subsets.into_iter().map(move |given| (target, given))
        })
        .collect();
    let phase = ctx.phase("retrieve", Some(wanted.len() as u64));
    let mut cells = Vec::with_capacity(wanted.len());
    let mut skipped = 0;
    for (done, (target, given)) in wanted.iter().enumerate() {
        ctx.check_cancel("retrieval")?;
        let any = reps.observed(*target).into_iter().any(|i| given.iter().all(|&m| reps.present(m, i)));
        if any {
            cells.push(evaluate_cell(&searcher, reps, *target, given)?);
        } else {
            skipped += 1;
        }
        phase.step(done as u64 + 1, &[]);
    }
    if skipped > 0 {
        notes.push(format!("{skipped} combinations of views occur in no held-out row"));
    }
    Ok(cells)
}

/// Scores of complete rows for every target from all other views: `[N · N]` by target.
fn full_scores(artifact: &Artifact, reps: &Reps) -> Result<Option<(Vec<Vec<f32>>, usize)>> {
    let rows = reps.complete();
    if rows.len() < 2 {
        return Ok(None);
    }
    let complete = reps.select(&rows);
    let searcher = artifact.searcher()?;
    let all: Vec<usize> = (0..reps.views()).collect();
    let scores = all
        .iter()
        .map(|&target| searcher.scores(&complete, complete.view(target), target, &all))
        .collect::<Result<Vec<_>>>()?;
    Ok(Some((scores, rows.len())))
}

/// The factor of every searched view that makes validation rows most likely (1 without rows).
///
/// # Errors
/// When scores cannot be computed.
pub fn fit_factors(artifact: &Artifact, validation: &Reps) -> Result<Vec<f64>> {
    let first = validation.select(&(0..validation.rows().min(MOST_ROWS)).collect::<Vec<_>>());
    Ok(match full_scores(artifact, &first)? {
        None => vec![1.0; validation.views()],
        Some((scores, rows)) => {
            let truth: Vec<usize> = (0..rows).collect();
            scores.iter().map(|s| fit_factor(s, rows, &truth, None)).collect()
        }
    })
}

fn calibration(artifact: &Artifact, reps: &Reps) -> Result<Vec<CalibrationResult>> {
    let Some((scores, rows)) = full_scores(artifact, reps)? else { return Ok(Vec::new()) };
    let truth: Vec<usize> = (0..rows).collect();
    let failed = |source| SymileError::Statistic { what: "calibration", source };
    let top = |p: &[f64]| -> Result<Reliability> {
        let (confidence, right) = top_label(p, rows, &truth).map_err(failed)?;
        Ok(reliability(&confidence, &right, BINS, suffit_stats::calibration::Binning::Width).map_err(failed)?)
    };
    let one = |(target, scores): (usize, &Vec<f32>)| {
        let factor = artifact.search.factors[target];
        let scaled: Vec<f32> = scores.iter().map(|s| s * factor as f32).collect();
        let p = posterior(&scaled, rows, None);
        let after = top(&p)?;
        Ok(CalibrationResult {
            target: reps.names()[target].clone(),
            factor,
            before: top(&posterior(scores, rows, None))?.expected_error,
            after: after.expected_error,
            brier: brier(&p, rows, &truth).map_err(failed)?,
            reliability: after,
        })
    };
    scores.iter().enumerate().map(one).collect()
}

fn information(
    artifact: &Artifact,
    held_out: &Reps,
    validation: &Reps,
    batch: usize,
    notes: &mut Vec<String>,
    ctx: &Ctx,
) -> Result<Option<Ledger>> {
    if artifact.search.objective == Objective::Clip {
        notes.push("the pairwise baseline scores pairs only, so it has no bound of the total correlation".into());
        return Ok(None);
    }
    if held_out.complete().len() < 2 {
        notes.push("no information ledger: fewer than two complete held-out rows".into());
        return Ok(None);
    }
    ctx.check_cancel("the information ledger")?;
    let input = LedgerInput {
        held_out,
        validation,
        bank: &artifact.bank,
        log_scale: artifact.model.log_scale()?,
        batch,
        seed: artifact.search.seed,
    };
    ledger(input).map(Some)
}
