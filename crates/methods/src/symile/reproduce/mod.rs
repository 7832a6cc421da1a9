//! The paper's experiments, and those of the specification, as tables that can be run again.
//!
//! Every table is a list of jobs (row × seed). A finished job is kept as a small JSON file in the
//! output folder and is not run again, so a reproduction that was stopped goes on where it was;
//! a job whose settings, seed or program version differ is run anew. Expected values carry their
//! source: `derived` (a formula of the specification) or `specification` (its target).
//!
//! Settings are those of the specification (`symile.md`, Experiments) or were chosen on validation
//! rows; test rows are drawn or opened after training. The pairwise baseline (CLIP) has the same
//! encoders, data, steps and choice of step.
//!
//! | file | table |
//! |---|---|
//! | [`xor`] | one view from two that say nothing alone, over the share of XORed rows |
//! | [`xor8`] | the parity of seven bits: how many seeds leave the plateau |
//! | [`missing`] | training with missing views |
//! | [`m3_mini`] | real audio, real images, number words |
//! | [`xnor`] | two views of which one lies in every row |
//! | [`mfeat`] | every view of the digits from every subset of the others |
//! | [`d8192`] | wide representations need the start of the scale to fit |

pub mod d8192;
pub mod m3_mini;
pub mod mfeat;
pub mod missing;
pub mod setup;
pub mod xnor;
pub mod xor;
pub mod xor8;

use suffit_core::method::{Cell, ReproduceRequest, Reproduction, TableCard};
use suffit_core::{Ctx, Result};
use suffit_report::{Document, LimitState, Section};

use self::bench::Bench;
use super::error::SymileError;
pub use crate::{bench, shown};

/// What a table gives: its cells, and how the report shows them.
#[derive(Debug, Clone, PartialEq)]
pub struct TableResult {
    /// The cells, row by row.
    pub cells: Vec<Cell>,
    /// Figures and text.
    pub section: Section,
    /// Remarks on what was done and what cannot be said.
    pub remarks: Vec<String>,
}

/// A table: what it is and how it is run.
struct Table {
    card: TableCard,
    run: fn(&Bench) -> Result<TableResult>,
}

const TABLES: [Table; 7] = [
    Table { card: xor::CARD, run: xor::run },
    Table { card: xor8::CARD, run: xor8::run },
    Table { card: missing::CARD, run: missing::run },
    Table { card: m3_mini::CARD, run: m3_mini::run },
    Table { card: xnor::CARD, run: xnor::run },
    Table { card: mfeat::CARD, run: mfeat::run },
    Table { card: d8192::CARD, run: d8192::run },
];

/// The tables that can be reproduced.
pub fn tables() -> Vec<TableCard> {
    TABLES.iter().map(|t| t.card.clone()).collect()
}

/// Runs one table, or all.
///
/// - determinism: a function of the request and the context's seed and threads
///
/// # Errors
/// [`SymileError::UnknownTable`]; interruption (finished jobs are kept); divergence; I/O.
pub fn reproduce(request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
    let chosen: Vec<&Table> = match &request.table {
        None => TABLES.iter().collect(),
        Some(name) => {
            let known = || TABLES.iter().map(|t| t.card.name).collect();
            let found = TABLES.iter().find(|t| t.card.name == name);
            vec![found.ok_or_else(|| SymileError::UnknownTable { table: name.clone(), known: known() })?]
        }
    };
    let bench = Bench::new(request, ctx);
    let (mut cells, mut sections, mut remarks) = (Vec::new(), Vec::new(), Vec::new());
    for table in chosen {
        let result = (table.run)(&bench)?;
        cells.extend(result.cells);
        sections.push(result.section);
        remarks.extend(result.remarks.into_iter().map(|text| format!("{}: {text}", table.card.name)));
    }
    let document = document(request, &cells, sections, remarks);
    let document = serde_json::to_value(&document)
        .map_err(|e| suffit_core::error::CommonError::bug(format!("report document: {e}")))?;
    Ok(Reproduction { method: "symile".into(), cells, document })
}

fn document(request: &ReproduceRequest, cells: &[Cell], sections: Vec<Section>, remarks: Vec<String>) -> Document {
    let title = match &request.table {
        Some(name) => format!("Symile: table {name} run again"),
        None => "Symile: all tables run again".to_owned(),
    };
    let count = |answer| cells.iter().filter(|c| c.pass == Some(answer)).count();
    let quick =
        if request.quick { " Quick version: fewer rows, steps and values than the specification asks." } else { "" };
    let failed: Vec<String> =
        cells.iter().filter(|c| c.pass == Some(false)).map(|c| format!("{} {} {}", c.table, c.row, c.column)).collect();
    let not = if failed.is_empty() { String::new() } else { format!(" Not as expected: {}.", failed.join("; ")) };
    let judged = count(true) + count(false);
    let summary = if judged == 0 {
        format!(
            "No cell is judged: the specification states no value here, baselines stand beside every result.{quick}"
        )
    } else {
        format!("{} of {judged} judged cells are as expected.{not}{quick}", count(true))
    };
    let mut document = Document::new(title, "symile").summary(summary).series_order([
        "Symile",
        "exact optimum",
        "CLIP",
        "chance",
        "exact value",
    ]);
    for section in sections {
        document = document.section(section);
    }
    for remark in remarks {
        document = document.limit(LimitState::Note, remark);
    }
    document
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn request(out: &std::path::Path, table: &str) -> ReproduceRequest {
        ReproduceRequest { table: Some(table.into()), quick: true, seeds: 1, data: None, out: out.to_path_buf() }
    }

    #[test]
    fn a_table_is_judged_documented_and_the_same_again() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let run = |k: usize| reproduce(&request(folders[k].path(), "missing"), &Ctx::silent(3)).unwrap();
        let (first, kept, anew) = (run(0), run(0), run(1));
        assert_eq!(first, kept);
        assert_eq!(first, anew);
        assert!(first.cells.iter().any(|c| c.column == "Symile" && c.pass == Some(true)), "{:?}", first.cells);
        let document: Document = serde_json::from_value(first.document).unwrap();
        document.validate().unwrap();
        assert!(document.summary.unwrap_or_default().contains("Quick version"));
    }

    #[test]
    fn an_unknown_table_names_those_there_are() {
        let error = reproduce(&request(std::path::Path::new("unused"), "xorr"), &Ctx::silent(0)).unwrap_err();
        assert_eq!(error.family(), suffit_core::Family::Usage);
        let hint = error.hint().unwrap_or_default() + &error.to_string();
        assert!(hint.contains("xor8"), "{hint}");
    }
}
