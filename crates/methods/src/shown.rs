//! Cells and the pieces of the report that all tables share.

use suffit_core::method::Cell;
use suffit_report::{Axis, Estimate, Figure, Format, Intervals, Section, Table, cells};

use crate::bench::Measured;

/// Where an expected value comes from.
pub const DERIVED: &str = "derived";
/// Where an expected value comes from.
pub const SPECIFICATION: &str = "specification";

/// A cell without expectation: context such as a baseline.
pub fn context(table: &str, row: &str, column: &str, values: Vec<f64>, note: impl Into<String>) -> Cell {
    Cell {
        table: table.into(),
        row: row.into(),
        column: column.into(),
        values,
        expected: None,
        tolerance: None,
        pass: None,
        note: note.into(),
    }
}

/// A number of every seed.
pub fn by_seed(measured: &[Measured], name: &str) -> Vec<f64> {
    measured.iter().map(|m| m.get(name)).collect()
}

/// Mean of a few values; NaN of none.
///
/// ```
/// use suffit_methods::shown::mean;
/// assert_eq!(mean(&[1.0, 2.0]), 1.5);
/// ```
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Smallest and largest of a few values.
pub fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Mean of the cell in a row and column; NaN where there is none.
pub fn cell_mean(cells: &[Cell], row: &str, column: &str) -> f64 {
    cells.iter().find(|c| c.row == row && c.column == column).map_or(f64::NAN, |c| mean(&c.values))
}

/// Whether every value obeys a bound. False for NaN, so that a number that was not measured cannot
/// pass.
pub fn all(values: &[f64], holds: impl Fn(f64) -> bool) -> bool {
    !values.is_empty() && values.iter().all(|v| holds(*v))
}

/// Mean over seeds with the lowest and the highest.
pub fn estimate(values: &[f64]) -> Estimate {
    let (low, high) = range(values);
    let estimate = Estimate::new(mean(values)).n(values.len() as u64);
    if values.len() > 1 { estimate.spread(low, high) } else { estimate }
}

/// The cells as a table of the report: what was found beside what was expected.
pub fn table(title: &str, all: &[Cell]) -> Table {
    let mut table = Table::new(title)
        .text("row")
        .text("column")
        .estimate("mean over seeds", 3)
        .count("seeds")
        .number("expected", 3)
        .text("source")
        .text("as expected")
        .text("remark");
    for cell in all {
        let mark = cell.pass.map_or("", |p| if p { "yes" } else { "no" });
        let (value, source) =
            cell.expected.as_ref().map_or((None, ""), |(value, source)| (Some(*value), source.as_str()));
        let row =
            cells![&cell.row, &cell.column, estimate(&cell.values), cell.values.len(), value, source, mark, &cell.note];
        if cell.column == "chance" || cell.column == "CLIP" {
            table = table.baseline_row(row)
        } else {
            table.push_row(row)
        }
    }
    table
}

/// A figure with one line per row and column of the cells whose columns are named.
pub fn intervals(title: impl Into<String>, axis: &str, all: &[Cell], columns: &[&str]) -> Figure {
    let mut figure = Intervals::new(Axis::new(axis).format(Format::digits(2)).domain(0.0, 1.0));
    for cell in all.iter().filter(|c| columns.contains(&c.column.as_str())) {
        figure = figure.row(cell.row.clone(), cell.column.clone(), estimate(&cell.values));
    }
    Figure::new(title, figure).caption("Mean over seeds; the band reaches from the lowest to the highest seed.")
}

/// A section with a paragraph, a figure and the table of cells.
pub fn section(title: &str, paragraph: &str, figure: Figure, cells: &[Cell]) -> Section {
    Section::new(title).paragraph(paragraph).figure(figure).table(table("Cells", cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_does_not_pass() {
        assert!(all(&[0.1, 0.2], |v| v <= 0.2));
        assert!(!all(&[], |_| true));
        assert!(!all(&[f64::NAN], |v| v <= 1.0) && !all(&[f64::NAN], |v| v >= 0.0));
        assert_eq!(range(&[2.0, -1.0, 0.5]), (-1.0, 2.0));
    }
}
