//! The demonstration: six feature views of 2,000 handwritten digits.
//!
//! Symile on three views (`pix`, `fou`, `zer`) and on six, the pairwise baseline with the same
//! encoders on both, every view searched from every subset of the others, and the question: is the
//! product of the present representations enough to name the digit and to find the missing view?

use serde::{Deserialize, Serialize};
use suffit_core::method::{Outcome, ResultRow};
use suffit_core::{Ctx, Dataset, Result, Role, Run};
use suffit_report::{
    Axis, Card, Document, Estimate, Figure, Format, Intervals, LimitState, Reference, Section, Subsets, Table, cells,
};

use super::audit::Audit;
use super::config::{Objective, Sampling, SymileConfig};
use super::evaluate::Evaluation;
use super::fit::{Fit, divide, fit_tuples};
use super::input::Tuples;
use super::method::{finish_fit, question};
use super::report;
use super::retrieve::{Cell, all_subsets, evaluate};

/// The three views of the main run; the last one counts as missing.
pub const THREE: [&str; 3] = ["pix", "fou", "zer"];

/// Name of the baseline in tables.
pub const BASELINE: &str = "pairwise";

/// The file of a run that holds what only the demonstration measured.
pub const DEMONSTRATION: &str = "demonstration.json";

/// Results of the demonstration beside those of the main run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Demonstration {
    /// Three views, pairwise baseline.
    pub pairwise_three: Vec<Cell>,
    /// Six views, Symile.
    pub six: Evaluation,
    /// Six views, pairwise baseline.
    pub pairwise_six: Vec<Cell>,
    /// Six views, missing views left out of the product instead of averaged over the bank.
    pub dropped_six: Vec<Cell>,
    /// Audit of six views: the last one counts as missing.
    pub audit_six: Audit,
}

/// The bundled digits with the roles of the main run: three views, label, split.
///
/// # Errors
/// The bundle cannot be read.
pub fn dataset() -> Result<Dataset> {
    let mut data = suffit_data::bundle::open("digits")?;
    let mut roles = suffit_core::Roles::default();
    for view in THREE {
        let role = Role::View(view.to_owned());
        roles.bind(role.clone(), data.roles.get(&role).to_vec());
    }
    for role in [Role::Label, Role::Id, Role::Split] {
        if !data.roles.get(&role).is_empty() {
            roles.bind(role.clone(), data.roles.get(&role).to_vec());
        }
    }
    data.roles = roles;
    Ok(data)
}

/// Settings of the demonstration, chosen by validation loss (never by test results).
///
/// Negatives of whole shuffled tuples are told apart from six true views within a few steps (the
/// bound stands at its ceiling), so each view is held against other rows of the same view instead,
/// and half of the hidden units are dropped because 1,400 rows are few.
pub fn config() -> SymileConfig {
    let mut config = SymileConfig { sampling: Sampling::Pair(128), ..SymileConfig::default() };
    config.encoder.dropout = 0.5;
    config.train.epochs = 160;
    config
}

/// Runs the demonstration inside a run made from [`config`] and [`dataset`].
///
/// The main run is an ordinary fit (apply, audit and report work on it); the six-view model lies in
/// `six-views/`. A killed demonstration goes on from its checkpoints when called again.
///
/// # Errors
/// Interruption, I/O; a bug if the bundled data are damaged.
pub fn demonstrate(config: &SymileConfig, run: &Run, ctx: &Ctx) -> Result<Outcome> {
    let data = dataset()?;
    let six_data = suffit_data::bundle::open("digits")?;
    let all = Tuples::read(&six_data, ctx)?;
    let three = all.only(&THREE)?;
    let parts = divide(config, &data, &three, ctx)?;
    let baseline = SymileConfig { objective: Objective::Clip, ..config.clone() };

    ctx.note("1 of 4: symile on pix, fou, zer");
    let main = fit_tuples(config, three.clone(), parts.clone(), Some(run), None, ctx)?;
    ctx.note("2 of 4: pairwise baseline on the same views");
    let pairwise = fit_tuples(&baseline, three, parts.clone(), Some(run), Some("pairwise"), ctx)?;
    ctx.note("3 of 4: symile on all six views");
    let six = fit_tuples(config, all.clone(), parts.clone(), Some(run), Some("six-views"), ctx)?;
    ctx.note("4 of 4: pairwise baseline on all six views");
    let pairwise_six = fit_tuples(&baseline, all, parts, Some(run), Some("six-views-pairwise"), ctx)?;

    let six_evaluation = six.evaluate(config, ctx)?;
    let target = six.artifact.spec.views.len() - 1;
    let audit_six = super::audit::audit(question(&six, target, true, ctx), ctx)?;
    let mut dropped = six.clone();
    dropped.artifact.search.missing_query = super::config::MissingQuery::Drop;
    let shown = Demonstration {
        pairwise_three: all_cells(&pairwise, ctx)?,
        six: six_evaluation,
        pairwise_six: all_cells(&pairwise_six, ctx)?,
        dropped_six: all_cells(&dropped, ctx)?,
        audit_six,
    };
    six.artifact.save(run, "six-views", "")?;
    run.write_json(DEMONSTRATION, &shown)?;
    let events = [&main, &pairwise, &six, &pairwise_six].iter().map(|f| f.trained.events).sum();
    let (evaluation, audit) = finish_fit(config, &main, &data, run, events, ctx)?;
    Ok(outcome(&evaluation, audit.as_ref(), &shown, run))
}

fn all_cells(fit: &Fit, ctx: &Ctx) -> Result<Vec<Cell>> {
    let (rows, _) = fit.parts.reported();
    let reps = fit.reps.select(rows);
    let searcher = fit.artifact.searcher()?;
    let mut cells = Vec::new();
    for target in 0..reps.views() {
        for given in all_subsets(reps.views(), target) {
            ctx.check_cancel("retrieval")?;
            cells.push(evaluate(&searcher, &reps, target, &given)?);
        }
    }
    Ok(cells)
}

fn find<'a>(cells: &'a [Cell], like: &Cell) -> Option<&'a Cell> {
    cells.iter().find(|c| c.target == like.target && c.given == like.given)
}

fn outcome(evaluation: &Evaluation, audit: Option<&Audit>, shown: &Demonstration, run: &Run) -> Outcome {
    let mut results = Vec::new();
    let baseline = |cell: &Cell, pairwise: &[Cell]| {
        let mut list = vec![("chance".to_owned(), cell.chance)];
        list.extend(find(pairwise, cell).map(|p| (BASELINE.to_owned(), p.top1)));
        list
    };
    let row = |cell: &Cell, pairwise: &[Cell], suffix: &str| ResultRow {
        name: format!("find {} from {}{suffix}", cell.target, cell.given.join(" + ")),
        value: cell.top1,
        interval: Some((cell.low, cell.high)),
        baselines: baseline(cell, pairwise),
    };
    results.extend(evaluation.cells.iter().map(|cell| row(cell, &shown.pairwise_three, "")));
    for view in report::view_order(&shown.six.cells) {
        if let Some(cell) = shown.six.full_cell(&view) {
            let mut one = row(cell, &shown.pairwise_six, "");
            one.name = format!("find {view} from the other five");
            results.push(one);
        }
    }
    for (views, audit) in [("pix + fou", audit), ("five views", Some(&shown.audit_six))] {
        if let Some((audit, product)) = audit.and_then(|a| a.probes.first().map(|p| (a, p))) {
            let raw = audit.probes.last().map_or(f64::NAN, |p| p.accuracy);
            results.push(ResultRow {
                name: format!("name the digit from the product of {views}"),
                value: product.accuracy,
                interval: Some((product.low, product.high)),
                baselines: vec![("chance".to_owned(), audit.majority), ("raw views".to_owned(), raw)],
            });
        }
    }
    let verdict = audit.map(|a| a.verdict.clone());
    let sentence = verdict.as_ref().map_or_else(String::new, |v| v.sentence.clone());
    Outcome {
        results,
        heading: ("handwritten digits".into(), "top-1".into()),
        verdict,
        sentence,
        next: format!("suffit audit --run {}", run.path().display()),
    }
}

/// The report of the demonstration: the main run's evidence with the baseline beside it, then six
/// views.
pub fn document(
    shown: &Demonstration,
    evaluation: &Evaluation,
    audit: Option<&Audit>,
    curves: Option<Figure>,
) -> Result<Document> {
    let mut document = Document::new("Handwritten digits: is the product of two views enough?", "symile")
        .summary("2,000 handwritten digits in six feature views (UCI Multiple Features, CC BY 4.0); 400 held-out digits behind every number.")
        .series_order(["symile", BASELINE]);
    if let Some(audit) = audit {
        document = document.verdict(&audit.verdict);
    }
    document = document.verdict(&shown.audit_six.verdict);
    if let Some(cell) = evaluation.full_cell("zer") {
        let mut card = Card::new("zer found from pix and fou", report::estimate(cell), Format::digits(3))
            .baseline("chance", cell.chance);
        if let Some(pairwise) = find(&shown.pairwise_three, cell) {
            card = card.baseline(BASELINE, pairwise.top1);
        }
        document = document.card(card);
    }
    if let Some((audit, product)) = audit.and_then(|a| a.probes.first().map(|p| (a, p))) {
        let value = Estimate::new(product.accuracy).interval(product.low, product.high).n(audit.verdict.n);
        let card = Card::new("digit named from pix and fou", value, Format::digits(3))
            .baseline("commonest digit", audit.majority);
        document =
            document.card(audit.probes.last().map_or(card.clone(), |raw| card.baseline("raw views", raw.accuracy)));
    }
    if let Some(ledger) = &shown.six.ledger {
        let value = Estimate::new(ledger.total.nats).interval(ledger.total.low, ledger.total.high);
        document = document.card(
            Card::new("shared by six views", value, Format::digits(2).unit("nats"))
                .note(format!("lower bound; {} candidates can show at most {:.2}", ledger.batch, ledger.total.ceiling)),
        );
    }
    document = document.section(comparison(evaluation, &shown.pairwise_three));
    if let Some(audit) = audit {
        document = document.section(report::probe_section(audit));
    }
    if let Some(ledger) = &evaluation.ledger {
        document = document.section(report::ledger_section(ledger));
    }
    document = document.section(six_section(shown));
    if let Some(ledger) = &shown.six.ledger {
        let names = report::view_order(&shown.six.cells);
        let mut section = report::ledger_section(ledger);
        section.title = "What six views share".into();
        document = document.section(section.figure(report::pair_heat(ledger, &names)));
    }
    let mut six_probes = report::probe_section(&shown.audit_six);
    six_probes.title = "Six views: is the product of five enough to name the digit?".into();
    document = document.section(six_probes);
    if let Some(figure) = curves {
        document = document.section(Section::new("Training").figure(figure));
    }
    document = document
        .limit(LimitState::Note, "The views are fixed features of the same images, so much of what they share is in pairs; the digits show retrieval from any subset, not the need for higher-order terms.")
        .limit(LimitState::Note, "The pairwise baseline has the same encoders, batches, optimiser and stopping rule; neither method was tuned further for these data.")
        .limit(LimitState::Note, "Missing query views are averaged over a bank of training rows; the average is exact only for a perfectly trained score (inferred).");
    for note in &evaluation.notes {
        document = document.limit(LimitState::Note, note.clone());
    }
    Ok(document)
}

fn comparison(evaluation: &Evaluation, pairwise: &[Cell]) -> Section {
    let mut figure = Intervals::new(Axis::new("share found first").format(Format::digits(2)).from_zero());
    let mut table = Table::new("Three views, every subset")
        .text("find")
        .text("from")
        .estimate("symile", 3)
        .estimate(BASELINE, 3)
        .baseline()
        .number("chance", 4)
        .baseline();
    let (mut better, mut worse) = (0, 0);
    for cell in &evaluation.cells {
        let label = format!("{} from {}", cell.target, cell.given.join(" + "));
        figure = figure.row(label.clone(), "symile", report::estimate(cell));
        let other = find(pairwise, cell);
        if let Some(other) = other {
            figure = figure.row(label, BASELINE, report::estimate(other));
            better += usize::from(cell.low > other.top1);
            worse += usize::from(cell.high < other.top1);
        }
        table.push_row(cells![
            cell.target.clone(),
            cell.given.join(" + "),
            report::estimate(cell),
            other.map(report::estimate),
            cell.chance
        ]);
    }
    if let Some(cell) = evaluation.cells.first() {
        figure.references.push(Reference::chance(cell.chance));
    }
    let title = format!(
        "Against the pairwise baseline, symile is clearly better in {better} and clearly worse in {worse} of {} searches",
        evaluation.cells.len()
    );
    let caption = "400 held-out digits, each searched among all 400. Clearly: the baseline's value lies outside the Wilson 95 % interval.";
    Section::new("One view found from the others").figure(Figure::new(title, figure).caption(caption)).table(table)
}

fn six_section(shown: &Demonstration) -> Section {
    let views = report::view_order(&shown.six.cells);
    let matrix = |cells: &[Cell]| {
        let mut figure = Subsets::new(
            Axis::new("share found first").format(Format::digits(2)).from_zero(),
            views.clone(),
            views.iter().map(|v| format!("find {v}")),
        );
        let mut subsets: Vec<&Vec<String>> = Vec::new();
        cells.iter().for_each(|c| {
            if !subsets.contains(&&c.given) {
                subsets.push(&c.given);
            }
        });
        subsets.sort_by_key(|s| s.len());
        for subset in subsets {
            let values = views
                .iter()
                .map(|v| cells.iter().find(|c| c.target == *v && c.given == *subset).map(report::estimate))
                .collect();
            figure.push(views.iter().map(|v| subset.contains(v)).collect(), values);
        }
        figure
    };
    let mean = |cells: &[Cell], full: bool| {
        let chosen: Vec<f64> =
            cells.iter().filter(|c| (c.given.len() + 1 == views.len()) == full).map(|c| c.top1).collect();
        chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    let title = format!(
        "From all five others, symile finds {:.3} of the views on average and the pairwise baseline {:.3}; from fewer, {:.3} and {:.3}",
        mean(&shown.six.cells, true),
        mean(&shown.pairwise_six, true),
        mean(&shown.six.cells, false),
        mean(&shown.pairwise_six, false)
    );
    let mut table = Table::new("Six views, every subset")
        .text("find")
        .text("from")
        .estimate("symile", 3)
        .number("left out", 3)
        .estimate(BASELINE, 3)
        .baseline()
        .number("chance", 4)
        .baseline();
    for cell in &shown.six.cells {
        let other = find(&shown.pairwise_six, cell).map(report::estimate);
        let dropped = find(&shown.dropped_six, cell).map(|c| c.top1);
        table.push_row(cells![
            cell.target.clone(),
            cell.given.join(" + "),
            report::estimate(cell),
            dropped,
            other,
            cell.chance
        ]);
    }
    let caption = "Missing query views are averaged over the bank; `left out` shows the same model with missing views left out of the product.";
    Section::new("Six views: every view from every subset")
        .figure(Figure::new(title, matrix(&shown.six.cells)).caption(caption).wide())
        .figure(Figure::new("The pairwise baseline on the same searches", matrix(&shown.pairwise_six)).wide())
        .table(table)
}
