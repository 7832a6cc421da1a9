//! How results look on the terminal: the table, the answer, where things are, what to type next.

use std::path::Path;

use suffit_core::Verdict;
use suffit_core::method::Outcome;
use suffit_report::{Banner, Cell, Estimate, Table, terminal_verdict};

use crate::settings::Session;

/// The result table of an outcome and its answer: the verdict, or the sentence where none was
/// asked for.
pub fn outcome(session: &Session, outcome: &Outcome) {
    let out = &session.out;
    if !outcome.results.is_empty() {
        out.line("");
        out.line(suffit_report::terminal_table(&table(outcome), out.width, out.paint.is_on()).trim_end());
        out.line("");
    }
    match &outcome.verdict {
        Some(found) => verdict(session, found),
        None => out.answer_field("result", &outcome.sentence),
    }
}

/// The verdict: the word in capitals, the sentence with effect and interval, what would decide it.
pub fn verdict(session: &Session, verdict: &Verdict) {
    let text = terminal_verdict(&Banner::from(verdict), session.out.width, session.out.paint.is_on());
    session.out.answer(text.trim_end());
}

/// Where the report is and what to type next.
pub fn ending(session: &Session, report: Option<&Path>, next: &str) {
    if let Some(path) = report {
        session.out.answer_field("report", path.display().to_string());
    }
    if !next.is_empty() {
        session.out.field("next", next);
    }
}

/// The rows of an outcome as a table: name, value with interval, one column per baseline.
fn table(outcome: &Outcome) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in outcome.results.iter().flat_map(|row| &row.baselines) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut table = Table::new("").text(&outcome.heading.0).estimate(&outcome.heading.1, 3);
    for name in &names {
        table = table.number(*name, 3).baseline();
    }
    // an audit's intervals have the level of its verdict
    let level = outcome.verdict.as_ref().map_or(0.95, |v| v.effect.level);
    for row in &outcome.results {
        let value = match row.interval {
            Some((low, high)) => Estimate::new(row.value).interval(low, high).level(level),
            None => Estimate::new(row.value),
        };
        let mut cells = vec![Cell::from(&row.name), Cell::from(value)];
        cells.extend(names.iter().map(|name| {
            let found = row.baselines.iter().find(|(n, _)| n == name);
            found.map_or(Cell::Missing, |(_, v)| Cell::Number(*v))
        }));
        table.push_row(cells);
    }
    table
}

/// An absolute path for messages, without `\\?\` or links resolved where that fails.
pub fn absolute(path: &Path) -> std::path::PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use suffit_core::method::ResultRow;

    #[test]
    fn baselines_become_columns_and_gaps_stay_gaps() {
        let row = |name: &str, baselines: &[(&str, f64)]| ResultRow {
            name: name.into(),
            value: 0.5,
            interval: Some((0.4, 0.6)),
            baselines: baselines.iter().map(|&(n, v)| (n.to_owned(), v)).collect(),
        };
        let outcome = Outcome {
            results: vec![row("a", &[("chance", 0.1)]), row("b", &[("chance", 0.1), ("pairwise", 0.3)])],
            heading: ("find the view".into(), "top-1".into()),
            verdict: None,
            sentence: String::new(),
            next: String::new(),
        };
        let table = table(&outcome);
        assert_eq!(table.columns.len(), 4);
        assert_eq!(table.rows[0].cells[3], Cell::Missing);
        assert!(table.validate().is_ok());
    }
}
