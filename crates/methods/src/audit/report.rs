//! The page of an audit.

use suffit_core::{Result, Run, units};
use suffit_report::{
    Axis, Banner, Bars, Calibration, Card, Document, Estimate, Figure, Format, Histogram, Intervals, LimitState,
    Reference, Scatter, Section, Table, cells,
};
use suffit_stats::audit::{self, CalibrationBin, LossKind, Part, RepresentationEvidence};

use super::record::AuditRecord;
use super::verdict::{loss_unit, note_text, p_value, percent, test_name};

/// The file of the audit.
pub const AUDIT: &str = "audit.json";

/// Bars of columns shown.
const SHOWN: usize = 15;

/// The document of a run, from its files alone.
///
/// # Errors
/// Missing or damaged files.
pub fn document(run: &Run) -> Result<Document> {
    if !run.has(AUDIT) {
        return Ok(Document::new("Does the representation keep what the data know?", "audit"));
    }
    Ok(evidence(&run.read_json(AUDIT)?))
}

/// Everything that an audit found, best representation first.
pub fn evidence(record: &AuditRecord) -> Document {
    let e = &record.evidence;
    let title = format!("What the representation keeps about {}", record.y_name());
    let mut document = Document::new(title, "audit");
    for &i in &record.order() {
        document = document.verdict(Banner::from(&record.verdicts[i]));
    }
    let best = record.order().first().map(|&i| &e.representations[i]);
    for card in best.map(|r| cards(record, r)).unwrap_or_default() {
        document = document.card(card);
    }
    if e.representations.len() > 1 {
        document = document.section(ranking(record));
    }
    for &i in &record.order() {
        let r = &e.representations[i];
        document = document.section(ladder(record, r)).section(loss(record, r));
        if let Some(section) = calibration(record, r) {
            document = document.section(section);
        }
    }
    document = document.section(tests(record));
    limits(document, record)
}

/// An estimate with its one-sided limits.
fn shown(e: &audit::Estimate, record: &AuditRecord) -> Estimate {
    let level = 1.0 - 2.0 * record.evidence.settings.alpha;
    Estimate::new(e.value).interval(e.lower, e.upper).level(level).n(record.evidence.rows as u64)
}

fn kept(e: &audit::Estimate, record: &AuditRecord) -> Estimate {
    let turned = audit::Estimate { value: 1.0 - e.value, se: e.se, lower: 1.0 - e.upper, upper: 1.0 - e.lower };
    shown(&turned, record)
}

fn cards(record: &AuditRecord, r: &RepresentationEvidence) -> Vec<Card> {
    let settings = &record.evidence.settings;
    let unit = loss_unit(record.evidence.loss);
    let mut out = Vec::new();
    if let Some(lost) = &r.lost {
        out.push(
            Card::new(format!("kept by {}", r.name), kept(lost, record), Format::percent(1))
                .note(format!("of what x adds over a constant; enough from {}", percent(1.0 - settings.tolerance))),
        );
    }
    out.push(
        Card::new(format!("risk from {}", r.name), shown(&r.r_z, record), Format::digits(3))
            .baseline("constant", r.r0.value)
            .baseline("with x on top", r.r_xz.value)
            .note(unit),
    );
    out.push(Card::text(test_name(&r.test.name), p_value(r.p_holm)).note(format!(
        "does x still tell about y once {} is known? {} rows",
        r.name,
        units::count(r.test.rows as u64)
    )));
    if let Some(rows) = r.rows_to_decide {
        out.push(Card::text("rows that would decide", units::count(rows)).note("with power 80 %"));
    } else if let Some(d) = r.detectable {
        out.push(Card::text("smallest loss seen", percent(d)).note("with power 80 %"));
    }
    out
}

/// Risks of constant, z, and x on top of z.
fn ladder(record: &AuditRecord, r: &RepresentationEvidence) -> Section {
    let unit = loss_unit(record.evidence.loss);
    let axis = Axis::new("risk").unit(unit).format(Format::digits(3)).from_zero();
    let figure = Intervals::new(axis)
        .row("a constant (R0)", "risk", shown(&r.r0, record))
        .row(format!("{} (R_Z)", r.name), "risk", shown(&r.r_z, record))
        .row(format!("x on top of {} (R_XZ)", r.name), "risk", shown(&r.r_xz, record));
    let title = match &r.lost {
        Some(lost) => format!("Of the risk that x takes away, {} takes away {}", r.name, percent(1.0 - lost.value)),
        None => format!("No probe predicts {} better than a constant", record.y_name()),
    };
    let caption = format!(
        "Cross-fitted in {} folds ({}), probe family {}, the same on both sides; x is stacked on the prediction from {}. Limits: one-sided, {} each.",
        record.evidence.settings.folds,
        record.evidence.fold_rule,
        family(r.family),
        r.name,
        percent(1.0 - record.evidence.settings.alpha)
    );
    let mut table = Table::new(format!("Risks and share of {}", r.name)).text("what").estimate("value", 4).text("unit");
    table.push_row(cells!["R0, a constant", shown(&r.r0, record), unit]);
    table.push_row(cells![format!("R_Z, {}", r.name), shown(&r.r_z, record), unit]);
    table.push_row(cells!["R_XZ, x on top", shown(&r.r_xz, record), unit]);
    table.push_row(cells!["gap R_Z - R_XZ", shown(&r.gap, record), unit]);
    if let Some(lost) = &r.lost {
        table.push_row(cells!["share kept", kept(lost, record), "share"]);
    }
    let mut section = Section::new(format!("{}: how well is {} predicted?", r.name, record.y_name()))
        .figure(Figure::new(title, figure).caption(caption))
        .table(table);
    if let Some(figure) = gaps(record, r) {
        section = section.figure(figure);
    }
    section
}

fn gaps(record: &AuditRecord, r: &RepresentationEvidence) -> Option<Figure> {
    let values: Vec<f64> = r.gaps.iter().copied().filter(|v| v.is_finite()).collect();
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    if values.len() < 2 || low >= high {
        return None;
    }
    let worse = values.iter().filter(|v| **v > 0.0).count() as f64 / values.len() as f64;
    let axis = Axis::new("loss without x minus loss with x").unit(loss_unit(record.evidence.loss));
    let mut figure = Histogram::of(axis, "rows", &values, 40);
    figure.references.push(Reference::baseline("no difference", 0.0));
    figure.references.push(Reference::target("mean", r.gap.value));
    let title = format!("x helps in {} of the rows", percent(worse));
    Some(Figure::new(title, figure).caption("One value a row, out of fold. Right of zero: x on top predicts better."))
}

fn family(family: suffit_stats::probe::Family) -> &'static str {
    use suffit_stats::probe::Family;
    match family {
        Family::Ridge => "ridge",
        Family::Kernel => "kernel ridge",
        Family::Trees => "boosted trees",
        Family::Network => "network",
    }
}

/// What was lost: columns, parts of y, groups of rows.
fn loss(record: &AuditRecord, r: &RepresentationEvidence) -> Section {
    let mut section = Section::new(format!("{}: what was lost?", r.name));
    let mut columns: Vec<_> = r.lost_columns.iter().collect();
    columns.sort_by(|a, b| b.statistic.abs().total_cmp(&a.statistic.abs()));
    if columns.is_empty() && r.lost_parts.is_empty() && r.subgroups.is_empty() {
        return section.paragraph("Not asked for.");
    }
    let alpha = record.evidence.settings.alpha;
    if !columns.is_empty() {
        let found = columns.iter().filter(|c| c.p_adjusted < alpha).count();
        let title = match columns.first().filter(|_| found > 0) {
            Some(first) => {
                format!("{found} column(s) of x leak past {}, {} most", r.name, record.x_column(first.column))
            }
            None => format!("No single column of x is seen to tell more than {} does", r.name),
        };
        let mut figure =
            Bars::new("column of x", Axis::new("|T|, residual of the column against residual of y").from_zero());
        let mut table = Table::new("Columns of x by what they still tell")
            .text("column")
            .number("T", 2)
            .number("p", 4)
            .number("p, false discoveries controlled", 4);
        for c in columns.iter().take(SHOWN) {
            figure = figure.bar(record.x_column(c.column), "|T|", Estimate::new(c.statistic.abs()));
        }
        for c in &columns {
            table.push_row(cells![record.x_column(c.column), c.statistic, c.p, c.p_adjusted]);
        }
        let caption =
            "Both sides are regressed on the representation first. Columns that act only together can hide here.";
        section = section.figure(Figure::new(title, figure).caption(caption)).table(table);
    }
    if !r.lost_parts.is_empty() {
        let mut table = Table::new(format!("Parts of {}", record.y_name()))
            .text("part")
            .count("rows")
            .estimate("gap", 4)
            .number("p, false discoveries controlled", 4);
        for part in &r.lost_parts {
            table.push_row(cells![
                part_name(record, part.part),
                part.rows,
                shown_part(&part.gap, part.rows, record),
                part.p_adjusted
            ]);
        }
        section = section.table(table);
    }
    if !r.subgroups.is_empty() {
        let mut table = Table::new("Groups of rows where most was lost")
            .text("rows with")
            .count("rows")
            .estimate("gap", 4)
            .number("p, false discoveries controlled", 4);
        for group in &r.subgroups {
            let bounds: Vec<String> = group
                .bounds
                .iter()
                .map(|b| format!("{} {} {:.4}", record.x_column(b.column), if b.above { ">" } else { "≤" }, b.value))
                .collect();
            table.push_row(cells![
                bounds.join(" and "),
                group.rows,
                shown_part(&group.gap, group.rows, record),
                group.p_adjusted
            ]);
        }
        section = section
            .paragraph("Groups are found by a small tree on one half of the rows and measured on the other half.")
            .table(table);
    }
    section
}

fn shown_part(e: &audit::Estimate, rows: usize, record: &AuditRecord) -> Estimate {
    shown(e, record).n(rows as u64)
}

fn part_name(record: &AuditRecord, part: Part) -> String {
    match part {
        Part::Class(code) => record.classes.get(code).cloned().unwrap_or_else(|| format!("class {code}")),
        Part::Range(low, high) => format!("{low:.4} to {high:.4}"),
        Part::Coordinate(k) => record
            .y_columns
            .get(k)
            .filter(|_| record.y_columns.len() > 1)
            .cloned()
            .unwrap_or_else(|| format!("coordinate {}", k + 1)),
    }
}

fn calibration(record: &AuditRecord, r: &RepresentationEvidence) -> Option<Section> {
    if r.calibration_z.is_empty() {
        return None;
    }
    let (z, xz) = (r.name.clone(), format!("x on top of {}", r.name));
    let figure = if record.evidence.loss == LossKind::Bits {
        let bins = |b: &[CalibrationBin]| {
            b.iter().map(|c| (c.predicted, Estimate::new(c.seen).n(c.rows as u64))).collect::<Vec<_>>()
        };
        let chart = Calibration::new("the likeliest class is right").curve(z, None, bins(&r.calibration_z)).curve(
            xz,
            None,
            bins(&r.calibration_xz),
        );
        Figure::new("Stated probabilities against how often they come true", chart)
    } else {
        let points = |b: &[CalibrationBin]| {
            (b.iter().map(|c| c.predicted).collect::<Vec<_>>(), b.iter().map(|c| c.seen).collect::<Vec<_>>())
        };
        let ((ax, ay), (bx, by)) = (points(&r.calibration_z), points(&r.calibration_xz));
        let chart =
            Scatter::new(Axis::new("predicted"), Axis::new("seen")).points(z, ax, ay).points(xz, bx, by).diagonal();
        Figure::new("Means of predictions against means of what was seen, in bins", chart)
    };
    let caption = "Out of fold. Far from the diagonal, a probe says more than it knows, and the risks are too large.";
    Some(Section::new(format!("{}: are the probes calibrated?", r.name)).figure(figure.caption(caption)))
}

fn ranking(record: &AuditRecord) -> Section {
    let e = &record.evidence;
    let axis = Axis::new("risk").unit(loss_unit(e.loss)).format(Format::digits(3));
    let mut figure = Intervals::new(axis);
    let mut table = Table::new("Representations, smallest risk first")
        .text("representation")
        .count("columns")
        .estimate("risk", 4)
        .estimate("share kept", 4)
        .number("p, Holm", 4)
        .text("answer");
    for &i in &record.order() {
        let r = &e.representations[i];
        figure = figure.row(r.name.clone(), "risk", shown(&r.r_z, record));
        let share = r.lost.as_ref().map_or_else(|| Estimate::new(f64::NAN), |l| kept(l, record));
        table.push_row(cells![
            r.name.clone(),
            r.columns,
            shown(&r.r_z, record),
            share,
            r.p_holm,
            record.verdicts[i].answer.word()
        ]);
    }
    let mut pairs = Table::new("Paired differences of risk, row by row")
        .text("first")
        .text("second")
        .estimate("first minus second", 4)
        .number("p, Holm", 4);
    for pair in &e.pairs {
        let name = |i: usize| e.representations[i].name.clone();
        pairs.push_row(cells![name(pair.a), name(pair.b), shown(&pair.difference, record), pair.p_holm]);
    }
    let best = e.ranking.first().map_or("", |&i| &e.representations[i].name);
    let apart = e.pairs.iter().filter(|p| p.p_holm < e.settings.alpha).count();
    let title = format!("{best} has the smallest risk; {apart} of {} pairs differ", e.pairs.len());
    Section::new("Which representation keeps most?").figure(Figure::new(title, figure)).table(table).table(pairs)
}

fn tests(record: &AuditRecord) -> Section {
    let e = &record.evidence;
    let mut screen =
        Table::new(format!("Does y depend on x at all? ({} permutations)", units::count(e.screen.permutations as u64)))
            .text("measure")
            .number("statistic", 4)
            .number("p", 4);
    for m in &e.screen.measures {
        screen.push_row(cells![m.name.clone(), m.statistic, m.p]);
    }
    let mut table = Table::new("Does x still tell about y once the representation is known?")
        .text("representation")
        .text("test")
        .number("statistic", 3)
        .number("p", 4)
        .count("rows")
        .text("role");
    for r in &e.representations {
        let mut row = |t: &suffit_stats::conditional::TestResult, role: &str| {
            table.push_row(cells![r.name.clone(), test_name(&t.name), t.statistic, t.p, t.rows, role]);
        };
        row(&r.test, "decides");
        r.pcm.iter().filter(|t| t.name != r.test.name).for_each(|t| row(t, "part of it"));
        r.balls.iter().filter(|t| t.name != r.test.name).for_each(|t| row(t, "part of it"));
        r.second.iter().for_each(|t| row(t, "second opinion"));
    }
    Section::new("Tests").table(screen).table(table)
}

fn limits(mut document: Document, record: &AuditRecord) -> Document {
    document = document.limit(LimitState::Note, "A gap of zero is never proof that nothing was lost: the answer \"enough\" needs an upper limit below the tolerance.");
    document = document.limit(LimitState::Note, "A gap alone never means \"not enough\": a probe may read x more easily than z. That answer needs the test and the gap.");
    document = document.limit(
        LimitState::Note,
        format!("y is {} with the {} distance: {}.", record.evidence.kind, record.evidence.metric, record.y_why),
    );
    let several = record.evidence.representations.len() > 1;
    for r in &record.evidence.representations {
        for note in &r.notes {
            let text = note_text(record, r, note);
            document = document.limit(LimitState::Note, if several { format!("{}: {text}", r.name) } else { text });
        }
    }
    document
}
