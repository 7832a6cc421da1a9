//! The penalty, chosen on validation rows.

use serde::{Deserialize, Serialize};

use super::{Probe, ProbeOptions, Standardised, settings};
use crate::{StatsError, calibration, check, metric};

/// The grid of penalties that [`fit_validated`] is usually given.
pub const PENALTIES: [f64; 5] = [1.0, 0.1, 0.01, 1e-3, 1e-4];

/// Labelled rows: features `x: [N, D]` row-major, labels `y: [N]`.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Features.
    pub x: &'a [f64],
    /// Labels.
    pub y: &'a [usize],
}

/// One penalty and how its probe did on the validation rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Penalty.
    pub penalty: f64,
    /// Validation log loss, nats.
    pub log_loss: f64,
    /// Validation accuracy.
    pub accuracy: f64,
    /// Whether the fit met its tolerance.
    pub converged: bool,
}

/// Result of [`fit_validated`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// The probe with the smallest validation log loss.
    pub probe: Probe,
    /// Every penalty tried, strongest first.
    pub candidates: Vec<Candidate>,
}

/// Fits one probe per penalty, from the strongest to the weakest, each starting from the one
/// before, and keeps the one with the smallest validation log loss (the stronger among equals).
///
/// - shapes: `train` and `validation` with the same D; standardised with training statistics
/// - cost: the number of penalties times [`super::fit`], less what the warm starts save
/// - determinism: as [`super::fit`]
///
/// # Errors
/// As [`super::fit`], for either set of rows; [`StatsError::TooFew`] without penalties.
///
/// ```
/// use suffit_stats::logistic::{PENALTIES, ProbeOptions, Rows, fit_validated};
/// let train = Rows { x: &[-2.0, -1.0, 1.0, 2.0], y: &[0, 0, 1, 1] };
/// let validation = Rows { x: &[-1.5, 1.5], y: &[0, 1] };
/// let s = fit_validated(train, validation, 2, &PENALTIES, &ProbeOptions::default())?;
/// assert_eq!(s.candidates.len(), 5);
/// assert_eq!(s.probe.penalty, 1e-4); // separable: the weakest penalty is the surest
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn fit_validated(
    train: Rows<'_>,
    validation: Rows<'_>,
    classes: usize,
    penalties: &[f64],
    options: &ProbeOptions,
) -> Result<Selection, StatsError> {
    check::at_least("penalties", penalties.len(), 1)?;
    for &penalty in penalties {
        settings(&ProbeOptions { penalty, ..*options })?;
    }
    let data = Standardised::new(train.x, train.y, classes)?;
    check::at_least("validation.y", validation.y.len(), 1)?;
    check::table("validation.x", validation.x.len(), validation.y.len(), data.columns)?;
    check::labels("validation.y", validation.y, classes)?;
    let mut order = penalties.to_vec();
    order.sort_by(|a, b| b.total_cmp(a));
    let mut start = vec![0.0; classes * (data.columns + 1)];
    let mut candidates = Vec::with_capacity(order.len());
    let mut best: Option<(f64, Probe)> = None;
    for penalty in order {
        let probe = data.solve(train.y, classes, &ProbeOptions { penalty, ..*options }, start);
        start = probe.parameters();
        let p = probe.predict_proba(validation.x)?;
        let log_loss = calibration::log_loss(&p, classes, validation.y)?;
        let accuracy = metric::accuracy(&probe.predict(validation.x)?, validation.y)?;
        candidates.push(Candidate { penalty, log_loss, accuracy, converged: probe.converged });
        if best.as_ref().is_none_or(|(loss, _)| log_loss < *loss) {
            best = Some((log_loss, probe));
        }
    }
    match best {
        Some((_, probe)) => Ok(Selection { probe, candidates }),
        None => Err(StatsError::TooFew { name: "penalties", got: 0, need: 1 }),
    }
}
