//! `suffit reproduce`: the tables of a method's paper, cell by cell, with what was expected.

use std::path::PathBuf;

use serde_json::json;
use suffit_core::method::{Cell, ReproduceRequest, Reproduction};
use suffit_core::{Exit, Result, files, units};
use suffit_report::{Document, Table, cells, html};

use super::Reply;
use crate::failure::{CliError, unknown};
use crate::settings::Session;
use crate::{browser, show};

/// Reproduce the tables of a method's paper
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  suffit reproduce symile --list\n  suffit reproduce symile --table xor --quick")]
pub struct Args {
    /// The method; see `suffit list`
    method: String,
    /// One table [default: all]
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// A smaller version that ends sooner, and says so
    #[arg(long)]
    quick: bool,
    /// Seeds per cell
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: u16,
    /// Folder with data that is not bundled
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for finished cells and the report; cells found there are not computed again
    /// [default: reproduce-METHOD in the runs folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// List the tables with time and data they need, and stop
    #[arg(long)]
    list: bool,
    /// Open the report when it is written
    #[arg(long)]
    open: bool,
}

/// Computes the cells, prints them beside what was expected, and writes a report.
///
/// # Errors
/// An unknown method or table, missing data, an interruption.
pub fn run(args: &Args, session: &Session) -> Result<Reply> {
    let method = suffit_methods::find(&args.method)?;
    let tables = method.tables();
    if args.list {
        let mut shown = Table::new("").code("table").text("what it shows").text("quick").text("whole").text("needs");
        for t in &tables {
            let time = |s: f64| format!("about {}", units::seconds(s));
            shown.push_row(cells![t.name, t.title, time(t.seconds.0), time(t.seconds.1), t.needs.unwrap_or("nothing")]);
        }
        session.out.table(&shown);
        return Ok(Reply::ok("reproduce", json!({"method": method.slug(), "tables": tables})));
    }
    if let Some(name) = &args.table
        && !tables.iter().any(|t| t.name == name)
    {
        return Err(unknown("table", name, &tables.iter().map(|t| t.name).collect::<Vec<_>>()));
    }
    let out = args.out.clone().unwrap_or_else(|| session.runs.join(format!("reproduce-{}", method.slug())));
    std::fs::create_dir_all(&out).map_err(|e| suffit_core::error::CommonError::io("create", &out, e))?;
    let request = ReproduceRequest {
        table: args.table.clone(),
        quick: args.quick,
        seeds: usize::from(args.seeds),
        data: args.data.clone(),
        out: out.clone(),
    };
    let result = method.reproduce(&request, &session.ctx)?;
    finish(args, session, &result, &out)
}

fn finish(args: &Args, session: &Session, result: &Reproduction, out: &std::path::Path) -> Result<Reply> {
    let json = |source| CliError::Json { source };
    let document: Document = serde_json::from_value(result.document.clone()).map_err(json)?;
    files::write_atomic(
        &out.join("reproduction.json"),
        format!("{:#}\n", serde_json::to_value(result).map_err(json)?).as_bytes(),
    )?;
    let report = out.join("report.html");
    files::write_atomic(&report, html(&document).as_bytes())?;
    let report = show::absolute(&report);
    print(session, &result.cells);
    let failed = result.cells.iter().filter(|c| c.pass == Some(false)).count();
    let passed = result.cells.iter().filter(|c| c.pass == Some(true)).count();
    let size = if args.quick { " (quick version)" } else { "" };
    session.out.answer_field(
        "result",
        format!("{} as expected, {failed} not{size}", units::counted(passed as u64, "cell", "cells")),
    );
    show::ending(session, Some(&report), "");
    if args.open {
        browser::open(&report)?;
    }
    let exit = if failed == 0 { Exit::Ok } else { Exit::NotEnough };
    Ok(Reply::new(
        "reproduce",
        exit,
        json!({
            "method": result.method, "quick": args.quick, "seeds": args.seeds, "cells": result.cells,
            "passed": passed, "failed": failed, "report": report,
        }),
    ))
}

/// One table per table name: mean, spread over seeds, expectation, mark.
fn print(session: &Session, all: &[Cell]) {
    let mut names: Vec<&str> = Vec::new();
    for cell in all {
        if !names.contains(&cell.table.as_str()) {
            names.push(&cell.table);
        }
    }
    for name in names {
        session.out.line(session.out.paint.bold(name));
        let mut table = Table::new("")
            .text("row")
            .text("column")
            .number("mean", 3)
            .number("sd", 3)
            .count("seeds")
            .text("expected")
            .text("")
            .text("remark");
        for cell in all.iter().filter(|c| c.table == name) {
            let (mean, spread) = mean_sd(&cell.values);
            let mark = cell.pass.map_or("", |p| if p { "pass" } else { "FAIL" });
            table.push_row(cells![
                &cell.row,
                &cell.column,
                mean,
                spread,
                cell.values.len(),
                expected(cell),
                mark,
                &cell.note
            ]);
        }
        session
            .out
            .line(suffit_report::terminal_table(&table, session.out.width, session.out.paint.is_on()).trim_end());
        session.out.line("");
    }
}

fn expected(cell: &Cell) -> String {
    match (&cell.expected, cell.tolerance) {
        (Some((value, source)), Some(tolerance)) => format!("{value:.3} ± {tolerance} ({source})"),
        (Some((value, source)), None) => format!("{value:.3} ({source})"),
        (None, Some(bound)) => format!("within {bound}"),
        (None, None) => String::new(),
    }
}

/// Mean and sample standard deviation; no deviation for a single value, nothing for none.
fn mean_sd(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread =
        (values.len() > 1).then(|| (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt());
    (Some(mean), spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_the_sample_standard_deviation() {
        assert_eq!(mean_sd(&[1.0, 3.0]), (Some(2.0), Some(2f64.sqrt())));
        assert_eq!(mean_sd(&[5.0]), (Some(5.0), None));
        assert_eq!(mean_sd(&[]), (None, None));
    }
}
