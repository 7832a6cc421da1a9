//! The audit from rows to record: the statistics with progress and cancel.

use std::ops::ControlFlow;

use suffit_core::ctx::Event;
use suffit_core::error::CommonError;
use suffit_core::method::{Outcome, ResultRow};
use suffit_core::{Ctx, Dataset, Result, Run};
use suffit_stats::StatsError;

use super::config::AuditConfig;
use super::input::Rows;
use super::record::AuditRecord;
use super::report::AUDIT;
use super::verdict::loss_unit;

/// Asks the question of a data set; the answer for all representations.
///
/// - determinism: the seed of the context decides; threads change nothing
///
/// # Errors
/// What [`Rows::read`] refuses; an interruption; statistics that cannot be computed.
pub fn ask(config: &AuditConfig, data: &Dataset, ctx: &Ctx) -> Result<AuditRecord> {
    suffit_core::method::Config::check(config)?;
    let rows = Rows::read(data, config, ctx)?;
    let seed = ctx.seed.value();
    let settings = config.settings(seed);
    let mut stage = String::new();
    let mut told = |name: &str, done: usize, total: usize| {
        if name != stage {
            if !stage.is_empty() {
                ctx.progress.event(&Event::End { phase: stage.clone() });
            }
            name.clone_into(&mut stage);
            ctx.progress.event(&Event::Start { phase: stage.clone(), total: Some(total as u64) });
        }
        ctx.progress.event(&Event::Step { phase: stage.clone(), done: done as u64, values: Vec::new() });
        if ctx.cancel.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let found = rows.with_input(|input| suffit_stats::audit::run(input, &settings, &mut told));
    if !stage.is_empty() {
        ctx.progress.event(&Event::End { phase: stage });
    }
    let evidence = found.map_err(|source| match source {
        StatsError::Stopped { stage } => CommonError::Interrupted { at: stage.to_owned(), resume: None }.into(),
        source => suffit_core::Error::from(rows.refused(source)),
    })?;
    Ok(AuditRecord::new(&rows, data.source.files()?, config, seed, evidence))
}

/// Writes the record and a card into a run, and makes the table for the terminal.
///
/// # Errors
/// I/O.
pub fn keep(record: &AuditRecord, run: &Run) -> Result<Outcome> {
    run.write_json(AUDIT, record)?;
    run.write_text("README.md", &card(record))?;
    Ok(outcome(record))
}

fn card(record: &AuditRecord) -> String {
    let answers: Vec<String> =
        record.verdicts.iter().map(|v| format!("- {} {}: {}", v.question, v.answer.word(), v.sentence)).collect();
    format!(
        "# Audit of {}\n\n{}\n\n`audit.json` holds all numbers, settings, seeds and the digests of the data; `report.html` shows them.\n",
        record.data,
        answers.join("\n")
    )
}

fn outcome(record: &AuditRecord) -> Outcome {
    let e = &record.evidence;
    let mut results = Vec::new();
    let order = record.order();
    for &i in &order {
        let r = &e.representations[i];
        let mut row = |name: String, value: &suffit_stats::audit::Estimate| {
            results.push(ResultRow {
                name,
                value: value.value,
                interval: Some((value.lower, value.upper)),
                baselines: Vec::new(),
            });
        };
        if order.first() == Some(&i) {
            row("R0, a constant".to_owned(), &r.r0);
        }
        row(format!("R_Z, {}", r.name), &r.r_z);
        row(format!("R_XZ, x on top of {}", r.name), &r.r_xz);
        if let Some(l) = &r.lost {
            let kept = suffit_stats::audit::Estimate {
                value: 1.0 - l.value,
                se: l.se,
                lower: 1.0 - l.upper,
                upper: 1.0 - l.lower,
            };
            row(format!("share kept by {}", r.name), &kept);
        }
    }
    Outcome {
        results,
        heading: (format!("risk in {}", loss_unit(e.loss)), "value".to_owned()),
        verdict: Some(record.verdict.clone()),
        sentence: record.verdict.sentence.clone(),
        next: "suffit report latest --open".to_owned(),
    }
}

/// What was lost, one line each: for the terminal.
pub fn lost(record: &AuditRecord) -> Vec<String> {
    let e = &record.evidence;
    let alpha = e.settings.alpha;
    let Some(r) = record.order().first().map(|&i| &e.representations[i]) else { return Vec::new() };
    let mut out = Vec::new();
    let mut columns: Vec<_> = r.lost_columns.iter().filter(|c| c.p_adjusted < alpha).collect();
    columns.sort_by(|a, b| b.statistic.abs().total_cmp(&a.statistic.abs()));
    if !columns.is_empty() {
        let names: Vec<String> =
            columns.iter().take(5).map(|c| format!("{} (T = {:.1})", record.x_column(c.column), c.statistic)).collect();
        out.push(format!("columns that still tell: {}", names.join(", ")));
    }
    let parts = r.lost_parts.iter().filter(|p| p.p_adjusted < alpha).count();
    if parts > 0 {
        out.push(format!("{parts} part(s) of y are predicted worse: see the report"));
    }
    if let Some(group) = r.subgroups.iter().find(|g| g.p_adjusted < alpha) {
        let bounds: Vec<String> = group
            .bounds
            .iter()
            .map(|b| format!("{} {} {:.4}", record.x_column(b.column), if b.above { ">" } else { "<=" }, b.value))
            .collect();
        out.push(format!("most in rows with {} ({} rows)", bounds.join(" and "), group.rows));
    }
    out.extend(r.notes.iter().map(|note| super::verdict::note_text(record, r, note)));
    out
}
