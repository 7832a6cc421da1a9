//! The report of a run as a document: the answer, the evidence in the order of the argument, limits.
//!
//! Configuration, data digests, machine and commands are added by the command line for all methods.

use std::collections::BTreeMap;

use suffit_core::{Answer, Result, Run, metrics};
use suffit_report::{
    Axis, Banner, Calibration, Card, Document, Estimate, Figure, Format, Heat, Intervals, LimitState, Lines, Reference,
    Section, Series, Subsets, Table, cells,
};

use super::audit::Audit;
use super::digits::Demonstration;
use super::evaluate::Evaluation;
use super::ledger::{Bound, Ledger};
use super::retrieve::Cell;

/// File names that a fit writes for the report.
pub const EVALUATION: &str = "evaluation.json";
/// The audit of a run, where a label was bound.
pub const AUDIT: &str = "audit.json";

/// The document of a run, from its files alone.
///
/// # Errors
/// Missing or damaged files.
pub fn document(run: &Run) -> Result<Document> {
    let audit: Option<Audit> = if run.has(AUDIT) { Some(run.read_json(AUDIT)?) } else { None };
    if run.has(super::digits::DEMONSTRATION) && run.has(EVALUATION) {
        let shown: Demonstration = run.read_json(super::digits::DEMONSTRATION)?;
        return super::digits::document(&shown, &run.read_json(EVALUATION)?, audit.as_ref(), curves(run)?);
    }
    let mut document = Document::new("What the views share, and how well one finds another", "symile");
    if run.has(EVALUATION) {
        let evaluation: Evaluation = run.read_json(EVALUATION)?;
        document = evidence(document, &evaluation, audit.as_ref(), curves(run)?);
    } else if let Some(figure) = curves(run)? {
        document = document.section(Section::new("Training so far").figure(figure));
    }
    Ok(document)
}

/// Everything that a fit measured.
pub fn evidence(
    mut document: Document,
    evaluation: &Evaluation,
    audit: Option<&Audit>,
    curves: Option<Figure>,
) -> Document {
    if let Some(audit) = audit {
        document = document.verdict(Banner::from(&audit.verdict));
    }
    for card in cards(evaluation, audit) {
        document = document.card(card);
    }
    document = document.section(retrieval_section(&evaluation.cells, &evaluation.part));
    if let Some(ledger) = &evaluation.ledger {
        document = document.section(ledger_section(ledger));
    }
    if let Some(audit) = audit {
        document = document.section(probe_section(audit));
    }
    if !evaluation.calibration.is_empty() {
        document = document.section(calibration_section(evaluation));
    }
    if let Some(figure) = curves {
        document = document.section(Section::new("Training").figure(figure));
    }
    limits(document, evaluation)
}

fn cards(evaluation: &Evaluation, audit: Option<&Audit>) -> Vec<Card> {
    let mut cards = Vec::new();
    if let Some(audit) = audit
        && let Some(product) = audit.probes.first()
    {
        let value = Estimate::new(product.accuracy).interval(product.low, product.high).n(product
            .hits
            .len()
            .max(audit.verdict.n as usize)
            as u64);
        let mut card = Card::new("label named from the product", value, Format::digits(3))
            .baseline("commonest label", audit.majority);
        if let Some(raw) = audit.probes.last() {
            card = card.baseline("raw views", raw.accuracy);
        }
        cards.push(card);
    }
    if let Some(cell) = evaluation.cells.iter().max_by_key(|c| c.given.len()) {
        let target = evaluation.cells.last().map_or(cell, |last| evaluation.full_cell(&last.target).unwrap_or(cell));
        cards.push(
            Card::new(format!("{} found from all others", target.target), estimate(target), Format::digits(3))
                .baseline("chance", target.chance),
        );
    }
    if let Some(ledger) = &evaluation.ledger {
        let note = format!("lower bound; {} candidates can show at most {:.2}", ledger.batch, ledger.total.ceiling);
        cards.push(Card::new("shared by all views", bound(&ledger.total), Format::digits(2).unit("nats")).note(note));
    }
    if let Some(worst) = evaluation.calibration.iter().map(|c| c.after).reduce(f64::max) {
        cards.push(
            Card::new("calibration error, worst view", Estimate::new(worst), Format::digits(3))
                .note("expected error of the best candidate's probability"),
        );
    }
    cards
}

/// Retrieval: a matrix of subsets, the same as a table.
pub fn retrieval_section(cells: &[Cell], part: &str) -> Section {
    let views = view_order(cells);
    let chance = cells.first().map_or(0.0, |c| c.chance);
    let best = cells.iter().max_by(|a, b| a.top1.total_cmp(&b.top1));
    let finding = best.map_or_else(String::new, |b| {
        format!("Best: {} from {}, {:.3} where guessing finds {:.4}", b.target, b.given.join(" + "), b.top1, b.chance)
    });
    let mut figure = Subsets::new(
        Axis::new("share found first").format(Format::digits(2)).from_zero(),
        views.clone(),
        views.iter().map(|v| format!("find {v}")),
    );
    for (given, row) in by_subset(cells) {
        let present = views.iter().map(|v| given.contains(v)).collect();
        figure.push(present, views.iter().map(|v| row.get(v.as_str()).map(|c| estimate(c))).collect());
    }
    figure.references.push(Reference::chance(chance));
    let caption = format!(
        "Held-out {part} rows; the candidates are all of them. A tie for the first place counts as a miss. Intervals: Wilson, 95 %."
    );
    let mut table = Table::new("Every view from every subset of the others")
        .text("find")
        .text("from")
        .estimate("first", 3)
        .number("mean reciprocal rank", 3)
        .number("chance", 4)
        .baseline()
        .count("queries");
    for cell in cells {
        table.push_row(cells![
            cell.target.clone(),
            cell.given.join(" + "),
            estimate(cell),
            cell.mean_reciprocal_rank,
            cell.chance,
            cell.n
        ]);
    }
    Section::new("One view found from the others")
        .figure(Figure::new(finding, figure).caption(caption).wide())
        .table(table)
}

/// The information ledger.
pub fn ledger_section(ledger: &Ledger) -> Section {
    let nats = || Axis::new("information").unit("nats").format(Format::digits(2));
    let mut figure = Intervals::new(nats().from_zero()).row("all views together", "lower bound", bound(&ledger.total));
    for pair in &ledger.pairs {
        figure = figure.row(format!("{} · {}", pair.first, pair.second), "lower bound", bound(&pair.bound));
    }
    figure = figure.row("not in any chain of pairs", "remainder", bound(&ledger.remainder));
    figure.references.push(Reference::ceiling(format!("{} candidates", ledger.batch), ledger.total.ceiling));
    let mut table = Table::new("Information ledger")
        .text("what")
        .estimate("at least", 3)
        .unit("nats")
        .number("bits", 2)
        .number("ceiling", 2)
        .unit("nats")
        .text("remark");
    let remark = |b: &Bound, more: &str| {
        let reached = if b.ceiling_reached { "ceiling reached" } else { "" };
        [more, reached].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>().join("; ")
    };
    table.push_row(cells![
        "all views together",
        bound(&ledger.total),
        ledger.total.bits(),
        ledger.total.ceiling,
        remark(&ledger.total, "")
    ]);
    for (k, pair) in ledger.pairs.iter().enumerate() {
        let place = if ledger.tree.contains(&k) {
            format!("in the chain, through {}", pair.through)
        } else {
            format!("through {}", pair.through)
        };
        table.push_row(cells![
            format!("{} and {}", pair.first, pair.second),
            bound(&pair.bound),
            pair.bound.bits(),
            pair.bound.ceiling,
            remark(&pair.bound, &place)
        ]);
    }
    table.push_row(cells![
        "chain of pairs",
        ledger.tree_nats,
        ledger.tree_nats / std::f64::consts::LN_2,
        f64::NAN,
        "sum over the spanning tree with the largest sum"
    ]);
    table.push_row(cells![
        "interaction remainder",
        bound(&ledger.remainder),
        ledger.remainder.bits(),
        f64::NAN,
        remark(&ledger.remainder, "total minus chain; a difference of bounds, so itself no bound")
    ]);
    let section = Section::new("What the views share").paragraph(ledger.sentence.clone());
    let section = if ledger.total.ceiling_reached {
        section.caution(format!(
            "Ceiling reached: a bound from {} candidates cannot exceed {:.2} nats, and this one is within ln 2 of it. Larger batches would show more.",
            ledger.batch, ledger.total.ceiling
        ))
    } else {
        section
    };
    section
        .figure(
            Figure::new(ledger.sentence.clone(), figure).caption(format!(
                "{} held-out rows. Intervals: BCa bootstrap over rows, 2,000 resamples.",
                ledger.rows
            )),
        )
        .table(table)
}

/// The probes behind the verdict.
pub fn probe_section(audit: &Audit) -> Section {
    let n = audit.verdict.n;
    let mut figure = Intervals::new(Axis::new("accuracy").format(Format::digits(2)).domain(0.0, 1.0));
    let mut table = Table::new("Probes").text("reads").count("columns").estimate("accuracy", 3).number("penalty", 4);
    for probe in &audit.probes {
        let value = Estimate::new(probe.accuracy).interval(probe.low, probe.high).n(n);
        figure = figure.row(probe.reads.clone(), "probe", value);
        table.push_row(cells![probe.reads.clone(), probe.columns, value, probe.penalty]);
    }
    table = table.baseline_row(cells!["commonest label", 0usize, audit.majority, f64::NAN]);
    figure.references.push(Reference::baseline("commonest label", audit.majority));
    let title = audit.verdict.sentence.clone();
    Section::new("Is it enough to name the label?")
        .figure(
            Figure::new(title, figure).caption(
                "Multinomial logistic regressions; penalty chosen on validation rows. Intervals: Wilson, 95 %.",
            ),
        )
        .table(table)
}

fn calibration_section(evaluation: &Evaluation) -> Section {
    let mut figure = Calibration::new("the best candidate is right");
    let mut table = Table::new("Calibration")
        .text("find")
        .number("factor", 3)
        .number("error before", 3)
        .number("error after", 3)
        .number("Brier", 3);
    for one in &evaluation.calibration {
        let bins = one
            .reliability
            .bins
            .iter()
            .filter(|b| b.count > 0)
            .map(|b| (b.confidence, Estimate::new(b.accuracy).n(b.count as u64)))
            .collect();
        figure = figure.curve(format!("find {}", one.target), Some(one.after), bins);
        table.push_row(cells![one.target.clone(), one.factor, one.before, one.after, one.brier]);
    }
    let worst = evaluation.calibration.iter().map(|c| c.after).fold(0.0, f64::max);
    Section::new("Are the probabilities right?")
        .figure(Figure::new(format!("Stated and observed probabilities differ by {worst:.3} on average at worst"), figure).caption("One factor per searched view, fitted on validation rows, measured on held-out ones; candidates are the held-out rows."))
        .table(table)
}

fn limits(mut document: Document, evaluation: &Evaluation) -> Document {
    document = document.limit(LimitState::Note, "Bounds of information hold for the rows measured here, up to their sampling error; the true values can be larger.");
    document = document.limit(LimitState::Note, "Missing query views are averaged over a bank of training rows; the average is exact only for a perfectly trained score (inferred).");
    for note in &evaluation.notes {
        document = document.limit(LimitState::Note, note.clone());
    }
    document
}

/// Training and validation loss over steps.
pub fn curves(run: &Run) -> Result<Option<Figure>> {
    let path = run.path().join(suffit_core::run::file::METRICS);
    if !run.has(suffit_core::run::file::METRICS) {
        return Ok(None);
    }
    let mut series: BTreeMap<String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for event in metrics::read(&path)? {
        if event.name == "loss" && (event.split == "train" || event.split == "val") {
            let name = if event.split == "train" { "training" } else { "validation" };
            let (x, y) = series.entry(name.to_owned()).or_default();
            x.push(event.step as f64);
            y.push(event.value);
        }
    }
    if series.is_empty() {
        return Ok(None);
    }
    let lowest = series
        .get("validation")
        .and_then(|(x, y)| y.iter().zip(x).min_by(|a, b| a.0.total_cmp(b.0)).map(|(y, x)| (*x, *y)));
    let mut lines =
        Lines::new(Axis::new("step").format(Format::count()), Axis::new("loss").unit("nats").format(Format::digits(2)));
    for (name, (x, y)) in series {
        lines = lines.series(Series::new(name, x, y));
    }
    let title = lowest.map_or_else(
        || "Loss over steps".to_owned(),
        |(step, loss)| format!("Validation loss is lowest at step {step:.0} ({loss:.3}); those weights are kept"),
    );
    Ok(Some(Figure::new(title, lines)))
}

/// Pairs as a map, for many views.
pub fn pair_heat(ledger: &Ledger, names: &[String]) -> Figure {
    let mut values = vec![vec![f64::NAN; names.len()]; names.len()];
    let at = |name: &String| names.iter().position(|n| n == name);
    for pair in &ledger.pairs {
        if let (Some(a), Some(b)) = (at(&pair.first), at(&pair.second)) {
            values[a][b] = pair.bound.nats;
            values[b][a] = pair.bound.nats;
        }
    }
    let strongest = ledger.pairs.iter().max_by(|a, b| a.bound.nats.total_cmp(&b.bound.nats));
    let title = strongest.map_or_else(String::new, |p| {
        format!("{} and {} share most: at least {:.2} nats", p.first, p.second, p.bound.nats)
    });
    let heat = Heat::new(
        Axis::new("shared, at least").unit("nats").format(Format::digits(2)),
        names.to_vec(),
        names.to_vec(),
        values,
    );
    Figure::new(title, heat)
}

/// An estimate from a retrieval cell.
pub fn estimate(cell: &Cell) -> Estimate {
    Estimate::new(cell.top1).interval(cell.low, cell.high).n(cell.n)
}

fn bound(b: &Bound) -> Estimate {
    Estimate::new(b.nats).interval(b.low, b.high)
}

/// Views in the order in which they are searched for.
pub fn view_order(cells: &[Cell]) -> Vec<String> {
    let mut views: Vec<String> = Vec::new();
    for cell in cells {
        for name in std::iter::once(&cell.target).chain(&cell.given) {
            if !views.contains(name) {
                views.push(name.clone());
            }
        }
    }
    views
}

type BySubset<'a> = Vec<(Vec<String>, BTreeMap<&'a str, &'a Cell>)>;

/// Cells by the subset that they start from; small subsets first.
fn by_subset(cells: &[Cell]) -> BySubset<'_> {
    let mut rows: BySubset = Vec::new();
    for cell in cells {
        match rows.iter_mut().find(|(given, _)| *given == cell.given) {
            Some((_, row)) => {
                row.insert(cell.target.as_str(), cell);
            }
            None => rows.push((cell.given.clone(), BTreeMap::from([(cell.target.as_str(), cell)]))),
        }
    }
    rows.sort_by_key(|(given, _)| given.len());
    rows
}

/// Whether the ledger says that pairs are enough, in a word.
pub fn pairwise_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Enough => "enough",
        Answer::NotEnough => "not enough",
        Answer::Undecided => "cannot be told",
    }
}
