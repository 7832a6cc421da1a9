//! The audit from input to evidence.

use std::ops::ControlFlow;

use super::{
    evidence::{Decision, Estimate, Evidence, LossKind, Note, Paired, RepresentationEvidence, Screen},
    explain,
    folds::{FoldRule, folds},
    gap::{clustered_se, gap, hidden_gap, mean_estimate},
    notes, online,
    risk::{self, Job, Losses},
    screen::screen,
    settings::{Input, Settings},
    target::Target,
    test,
    verdict::{decide, detectable, rows_to_decide},
};
use crate::{StatsError, conditional::beside, linalg::Matrix, multiple::holm, normal, probe::Family};

/// Told before and after every step: name of the stage, steps done, steps in all. `Break` stops.
pub type Progress<'a> = dyn FnMut(&str, usize, usize) -> ControlFlow<()> + 'a;

/// Everything shared by the representations of one audit.
struct Shared<'a> {
    input: &'a Input<'a>,
    settings: &'a Settings,
    target: Target,
    rule: FoldRule,
    fold: Vec<usize>,
    families: Vec<Family>,
}

/// Audits every representation of `input`.
///
/// - cost: about 40 fits of the chosen family and `6 * splits` kernel preparations for every
///   representation; memory `O(n (p + k))` and kernels of at most `n x 256`
/// - determinism: a function of input and settings, for any number of threads
///
/// # Errors
/// Those of [`Input::validate`] and [`Settings::validate`]; [`StatsError::Stopped`] when `progress`
/// breaks; failed decompositions.
pub fn run(input: &Input<'_>, settings: &Settings, progress: &mut Progress<'_>) -> Result<Evidence, StatsError> {
    settings.validate()?;
    input.validate(settings)?;
    let target = Target::new(input.y, input.metric, settings.seed)?;
    let (rule, fold) = folds(input.y, input.groups, input.time, settings.folds, settings.seed);
    let families = if settings.families.is_empty() { Family::ALL.to_vec() } else { settings.families.clone() };
    let shared = Shared { input, settings, target, rule, fold, families };
    tell(progress, "screen", 0, 1)?;
    let known = match input.w {
        Some(w) => beside(input.x, w),
        None => input.x.clone(),
    };
    let screen = screen(&known, &shared.target.space, settings.permutations, settings.seed)?;
    let mut found = Vec::with_capacity(input.z.len());
    let mut losses = Vec::with_capacity(input.z.len());
    for k in 0..input.z.len() {
        let (evidence, z_losses) = shared.one(k, progress)?;
        found.push(evidence);
        losses.push(z_losses);
    }
    conclude(&mut found, &screen, settings)?;
    let mut ranking: Vec<usize> = (0..found.len()).collect();
    ranking.sort_by(|&a, &b| found[a].r_z.value.total_cmp(&found[b].r_z.value));
    let pairs = pairs(&losses, input.groups, settings.alpha)?;
    Ok(Evidence {
        rows: input.rows(),
        x_columns: input.x.cols,
        w_columns: input.w.map_or(0, |w| w.cols),
        kind: input.y.kind().into(),
        metric: input.metric.name().into(),
        loss: shared.target.kind,
        fold_rule: shared.rule.name().into(),
        screen,
        representations: found,
        ranking,
        pairs,
        settings: settings.clone(),
    })
}

fn tell(progress: &mut Progress<'_>, stage: &'static str, done: usize, total: usize) -> Result<(), StatsError> {
    match progress(stage, done, total) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(StatsError::Stopped { stage }),
    }
}

/// Holm over the representations, then the verdicts.
fn conclude(found: &mut [RepresentationEvidence], screen: &Screen, settings: &Settings) -> Result<(), StatsError> {
    let adjusted = holm(&found.iter().map(|f| f.test.p).collect::<Vec<f64>>())?;
    for (one, p) in found.iter_mut().zip(adjusted) {
        one.p_holm = p;
        one.decision = decide(one.lost.as_ref(), p, settings.alpha, settings.tolerance);
        // The screen alone would miss what probes see, and probes what the screen sees.
        let predicted = one.r0.value - one.r_xz.value;
        let seen = screen.p <= settings.alpha || (one.lost.is_some() && predicted > 0.0 && one.test.p < settings.alpha);
        if !seen {
            one.decision = Decision::NoSignal;
        }
    }
    Ok(())
}

impl Shared<'_> {
    fn one(&self, k: usize, progress: &mut Progress<'_>) -> Result<(RepresentationEvidence, Vec<f64>), StatsError> {
        let (input, settings) = (self.input, self.settings);
        let (z, dead) = notes::varying(input.z[k].values);
        let join = |m: &Matrix| input.w.map_or_else(|| m.clone(), |w| beside(m, w));
        let narrow = join(&z);
        let wide = beside(input.x, &narrow);
        let job = Job {
            target: &self.target,
            narrow: &narrow,
            wide: &wide,
            fold: &self.fold,
            groups: input.groups,
            folds: settings.folds,
            fit_rows: settings.fit_rows,
            seed: settings.seed,
        };
        tell(progress, "families", 0, 1)?;
        let (family, families) = risk::choose(&job, &self.families)?;
        let losses = risk::crossfit(&job, family, &mut |done, total| tell(progress, "risks", done, total))?;
        tell(progress, "tests", 0, 1)?;
        let tests = test::run(input, &z, &self.target, settings)?;
        let mut evidence = self.assemble(k, &losses, family, families, &tests)?;
        if !dead.is_empty() {
            evidence.notes.push(Note::ConstantColumns { columns: dead });
        }
        tell(progress, "remarks", 0, 1)?;
        let known = join(input.x);
        self.remarks(&mut evidence, &z, &job, family, &losses, &known)?;
        if settings.explain {
            tell(progress, "what was lost", 0, 1)?;
            self.explain(&mut evidence, &narrow, &known, family, &losses, &tests.rows)?;
        }
        Ok((evidence, losses.z))
    }

    fn assemble(
        &self,
        k: usize,
        losses: &Losses,
        family: Family,
        families: Vec<(Family, f64)>,
        tests: &test::Tests,
    ) -> Result<RepresentationEvidence, StatsError> {
        let (groups, alpha) = (self.input.groups, self.settings.alpha);
        let estimate = |l: &[f64]| mean_estimate(l, groups, alpha);
        let r_xz = estimate(&losses.xz)?;
        let r0 = estimate(&losses.constant)?;
        let r_z = estimate(&losses.z)?;
        let mut found = gap(&losses.constant, &losses.z, &losses.xz, groups, alpha)?;
        let units = groups.map_or(losses.z.len(), distinct) as f64;
        let hidden = hidden_gap(found.delta.value, self.curvature(r_z.value), units, alpha)?;
        found.delta.upper = found.delta.upper.max(hidden);
        let gain = r0.value - r_xz.value;
        if let Some(lost) = &mut found.lost {
            lost.upper = lost.upper.max(hidden / gain);
        }
        let detect = found.lost.map(|l| self.reach(&l)).transpose()?;
        Ok(RepresentationEvidence {
            name: self.input.z[k].name.into(),
            columns: self.input.z[k].values.cols,
            family,
            families,
            r0,
            r_z,
            r_xz,
            gap: found.delta,
            lost: found.lost,
            stack: losses.stack.clone(),
            test: tests.primary.clone(),
            pcm: tests.means.clone(),
            balls: tests.balls.clone(),
            second: Vec::new(),
            p_holm: tests.primary.p,
            decision: Decision::Undecided,
            detectable: detect.map(|d| d.0),
            rows_to_decide: detect.map(|d| d.1),
            gaps: losses.z.iter().zip(&losses.xz).map(|(a, b)| a - b).collect(),
            lost_columns: Vec::new(),
            lost_parts: Vec::new(),
            subgroups: Vec::new(),
            calibration_z: explain::calibration(&self.target, &losses.predicted_z),
            calibration_xz: explain::calibration(&self.target, &losses.predicted_xz),
            code_length: None,
            notes: Vec::new(),
        })
    }

    /// Variance of a row difference per unit of gap, near 0 (see [`gap`]).
    fn curvature(&self, r_z: f64) -> f64 {
        match self.target.kind {
            LossKind::Bits => 2.0 / std::f64::consts::LN_2,
            _ => 4.0 * r_z,
        }
    }

    /// Detectable share and rows to decide, from the standard error that the upper limit stands for.
    fn reach(&self, lost: &Estimate) -> Result<(f64, u64), StatsError> {
        let s = self.settings;
        let q = normal::quantile(1.0 - s.alpha)?;
        let se = lost.se.max((lost.upper - lost.value.max(0.0)) / q);
        Ok((detectable(se, s.alpha)?, rows_to_decide(self.input.rows(), se, s.alpha, s.tolerance)?))
    }

    fn remarks(
        &self,
        evidence: &mut RepresentationEvidence,
        z: &Matrix,
        job: &Job<'_>,
        family: Family,
        losses: &Losses,
        known: &Matrix,
    ) -> Result<(), StatsError> {
        let input = self.input;
        let of_x = risk::plain(job, known, family)?;
        let mean = |l: &[f64]| l.iter().sum::<f64>() / l.len() as f64;
        let notes = &mut evidence.notes;
        notes.extend(notes::target_inside(mean(&losses.constant), mean(&losses.z), mean(&of_x)));
        notes.extend(notes::row_order(input.x, z));
        if input.groups.is_none() {
            notes.extend(notes::duplicates(input, z, &self.fold));
        }
        let s = self.settings;
        if input.rows() > s.test_rows || input.rows() > s.fit_rows {
            notes.push(Note::Subsampled { test: s.test_rows.min(input.rows()), fit: s.fit_rows.min(input.rows()) });
        }
        if losses.stack.iter().all(|a| *a == 0.0) {
            notes.push(Note::StackKeptZ);
        }
        if notes::same(input.x, z) {
            notes.push(Note::SameAsX);
        }
        if let (Some(means), Some(balls)) = (&evidence.pcm, &evidence.balls)
            && balls.p < s.alpha / 2.0
            && means.p >= s.alpha
        {
            notes.push(Note::BeyondMeans { p: balls.p });
        }
        Ok(())
    }

    fn explain(
        &self,
        evidence: &mut RepresentationEvidence,
        narrow: &Matrix,
        known: &Matrix,
        family: Family,
        losses: &Losses,
        rows: &[usize],
    ) -> Result<(), StatsError> {
        let (input, s) = (self.input, self.settings);
        let (x, given) = (input.x.select(rows), narrow.select(rows));
        let (columns, gcm) = explain::columns(&x, &given, &self.target.values.select(rows), s.seed)?;
        evidence.lost_columns = columns;
        evidence.second.push(gcm);
        evidence.lost_parts = explain::parts(input.y, &self.target, losses, input.groups, s.alpha)?;
        evidence.subgroups = explain::subgroups(input.x, &evidence.gaps, s.alpha, s.seed)?;
        evidence.code_length = online::code_length(&self.target, known, narrow, family, s.fit_rows, s.seed)?;
        Ok(())
    }
}

fn distinct(groups: &[usize]) -> usize {
    let mut names = groups.to_vec();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// Paired differences of the losses from Z, Holm over all pairs.
fn pairs(losses: &[Vec<f64>], groups: Option<&[usize]>, alpha: f64) -> Result<Vec<Paired>, StatsError> {
    let mut out = Vec::new();
    for a in 0..losses.len() {
        for b in a + 1..losses.len() {
            let d: Vec<f64> = losses[a].iter().zip(&losses[b]).map(|(x, y)| x - y).collect();
            let difference = mean_estimate(&d, groups, alpha)?;
            let se = clustered_se(&d, groups);
            let p = if se > 0.0 { (2.0 * normal::cdf(-(difference.value / se).abs())).min(1.0) } else { 1.0 };
            out.push(Paired { a, b, difference, p, p_holm: p });
        }
    }
    if !out.is_empty() {
        let adjusted = holm(&out.iter().map(|o| o.p).collect::<Vec<f64>>())?;
        out.iter_mut().zip(adjusted).for_each(|(o, p)| o.p_holm = p);
    }
    Ok(out)
}
