//! Tables as data: object responses, and real life tables.
//!
//! | file | table |
//! |---|---|
//! | [`objects`] | six kinds of response, network and exact solvers, two kernels (fccov.md R4) |
//! | [`mortality`] | age-at-death distributions of 162 countries (fccov.md R9) |

pub mod mortality;
pub mod objects;

use suffit_core::method::{Cell, ReproduceRequest, Reproduction, TableCard};
use suffit_core::{Ctx, Method, Result};
use suffit_report::{Document, LimitState, Section};

use super::Fccov;
use super::error::FccovError;
use super::report::value;
use crate::bench::Bench;

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
    run: fn(&Bench, &ReproduceRequest) -> Result<TableResult>,
}

const TABLES: [Table; 2] =
    [Table { card: objects::CARD, run: objects::run }, Table { card: mortality::CARD, run: mortality::run }];

/// What can be reproduced.
pub fn tables() -> Vec<TableCard> {
    TABLES.iter().map(|t| t.card.clone()).collect()
}

/// Runs one table, or all; in the latter case tables whose data is not given are left out with a
/// remark.
///
/// # Errors
/// [`FccovError::UnknownTable`], [`FccovError::NoData`]; interruption (finished jobs are kept); I/O.
pub fn reproduce(request: &ReproduceRequest, ctx: &Ctx) -> Result<Reproduction> {
    let chosen: Vec<&Table> = match &request.table {
        None => TABLES.iter().filter(|t| t.card.needs.is_none() || request.data.is_some()).collect(),
        Some(name) => {
            let known = || TABLES.iter().map(|t| t.card.name).collect();
            let found = TABLES.iter().find(|t| t.card.name == name);
            vec![found.ok_or_else(|| FccovError::UnknownTable { table: name.clone(), known: known() })?]
        }
    };
    let bench = Bench::new(request, ctx);
    let mut document = Document::new("Fréchet cumulative covariance net: tables run again", Fccov::SLUG);
    let mut cells = Vec::new();
    for table in chosen {
        let result = (table.run)(&bench, request)?;
        cells.extend(result.cells);
        document = document.section(result.section);
        for remark in result.remarks {
            document = document.limit(LimitState::Note, format!("{}: {remark}", table.card.name));
        }
    }
    let count = |answer| cells.iter().filter(|c| c.pass == Some(answer)).count();
    let quick = if request.quick { " Quick version: fewer seeds and epochs than the specification asks." } else { "" };
    let summary = format!("{} of {} judged cells are as expected.{quick}", count(true), count(true) + count(false));
    let document = document.summary(summary);
    Ok(Reproduction { method: Fccov::SLUG.to_owned(), cells, document: value(&document)? })
}
