//! The table behind a figure, and whether its lists fit each other.

use super::{Axis, Bar, Calibration, Chart, Figure, Heat, Histogram, IntervalRow, Lines, Reference, Scatter, Subsets};
use crate::error::ReportError;
use crate::format::Format;
use crate::table::{Cell, Column, ColumnKind, Table};
use crate::value::Estimate;

impl Figure {
    /// The numbers that are drawn, as a table; reference lines are listed last.
    pub fn data(&self) -> Table {
        let table = Table::new(&self.title);
        match &self.chart {
            Chart::Lines(chart) => lines(table, chart),
            Chart::Intervals(chart) => {
                let rows = chart.rows.iter().map(|IntervalRow { label, series, value }| (label, series, value));
                values(table, "label", &chart.axis, rows, &chart.references)
            }
            Chart::Heat(chart) => heat(table, chart),
            Chart::Bars(chart) => {
                let rows = chart.bars.iter().map(|Bar { label, series, value }| (label, series, value));
                values(table, &chart.category, &chart.axis, rows, &chart.references)
            }
            Chart::Histogram(chart) => histogram(table, chart),
            Chart::Scatter(chart) => scatter(table, chart),
            Chart::Calibration(chart) => calibration(table, chart),
            Chart::Subsets(chart) => subsets(table, chart),
        }
    }

    /// Checks that the lists of the figure fit each other.
    pub(crate) fn validate(&self) -> Result<(), ReportError> {
        let fit = |part: String, expected: usize, got: usize| {
            if expected == got {
                return Ok(());
            }
            Err(ReportError::FigureLength { figure: self.title.clone(), part, expected, got })
        };
        match &self.chart {
            Chart::Lines(chart) => chart.series.iter().try_for_each(|series| {
                fit(format!("y of `{}`", series.name), series.x.len(), series.y.len())?;
                let optional = [("low", series.low.len()), ("high", series.high.len()), ("n", series.n.len())];
                optional
                    .into_iter()
                    .filter(|(_, got)| *got > 0)
                    .try_for_each(|(part, got)| fit(format!("{part} of `{}`", series.name), series.x.len(), got))?;
                fit(format!("high of `{}`", series.name), series.low.len(), series.high.len())
            }),
            Chart::Scatter(chart) => chart.series.iter().try_for_each(|points| {
                fit(format!("y of `{}`", points.name), points.x.len(), points.y.len())?;
                let labels = if points.labels.is_empty() { points.x.len() } else { points.labels.len() };
                fit(format!("labels of `{}`", points.name), points.x.len(), labels)
            }),
            Chart::Histogram(chart) => chart.series.iter().try_for_each(|series| {
                let bins = chart.edges.len().saturating_sub(1);
                fit(format!("counts of `{}`", series.name), bins, series.counts.len())
            }),
            Chart::Heat(chart) => {
                fit("rows of values".to_owned(), chart.rows.len(), chart.values.len())?;
                for (name, row) in chart.rows.iter().zip(&chart.values) {
                    fit(format!("values of row `{name}`"), chart.columns.len(), row.len())?;
                }
                if chart.n.is_empty() {
                    return Ok(());
                }
                fit("rows of n".to_owned(), chart.rows.len(), chart.n.len())?;
                let mut rows = chart.rows.iter().zip(&chart.n);
                rows.try_for_each(|(name, row)| fit(format!("n of row `{name}`"), chart.columns.len(), row.len()))
            }
            Chart::Subsets(chart) => chart.rows.iter().enumerate().try_for_each(|(i, row)| {
                fit(format!("members of subset {}", i + 1), chart.members.len(), row.present.len())?;
                fit(format!("values of subset {}", i + 1), chart.targets.len(), row.values.len())
            }),
            Chart::Intervals(_) | Chart::Bars(_) | Chart::Calibration(_) => Ok(()),
        }
    }
}

fn column(table: Table, name: &str, format: &Format, kind: ColumnKind) -> Table {
    // A table of exact values: more digits than the drawing's labels are worth having.
    table.column(Column { name: name.to_owned(), kind, format: format.clone(), baseline: false })
}

fn of_axis(table: Table, axis: &Axis, kind: ColumnKind) -> Table {
    column(table, &axis.label, &axis.format, kind)
}

fn references(mut table: Table, list: &[Reference], blank: usize) -> Table {
    for reference in list {
        let mut cells = vec![Cell::Missing; blank];
        cells[0] = Cell::Text(reference.label.clone());
        cells.push(Cell::Number(reference.value));
        table = table.baseline_row(cells);
    }
    table
}

fn lines(table: Table, chart: &Lines) -> Table {
    let table = of_axis(table.text("series"), &chart.x, ColumnKind::Number);
    let mut table = of_axis(table, &chart.y, ColumnKind::Estimate);
    for series in &chart.series {
        for (i, (&x, &y)) in series.x.iter().zip(&series.y).enumerate() {
            let mut estimate = Estimate::new(y);
            if let (Some(&low), Some(&high)) = (series.low.get(i), series.high.get(i)) {
                estimate = estimate.interval(low, high).level(series.level.unwrap_or(f64::NAN));
            }
            estimate.n = series.n.get(i).copied();
            table.push_row(vec![Cell::from(&series.name), Cell::Number(x), Cell::Estimate(estimate)]);
        }
    }
    references(table, &chart.references, 2)
}

fn values<'a>(
    table: Table,
    label: &str,
    axis: &Axis,
    rows: impl Iterator<Item = (&'a String, &'a String, &'a Estimate)>,
    list: &[Reference],
) -> Table {
    let mut table = of_axis(table.text(label).text("series"), axis, ColumnKind::Estimate);
    for (label, series, value) in rows {
        table.push_row(vec![Cell::from(label), Cell::from(series), Cell::Estimate(*value)]);
    }
    references(table, list, 2)
}

fn heat(table: Table, chart: &Heat) -> Table {
    let corner = if chart.y_label.is_empty() { "row" } else { &chart.y_label };
    let mut table = table.text(corner);
    for name in &chart.columns {
        table = column(table, name, &chart.axis.format, ColumnKind::Number);
    }
    for (name, row) in chart.rows.iter().zip(&chart.values) {
        let mut cells = vec![Cell::from(name)];
        cells.extend(row.iter().map(|&value| Cell::Number(value)));
        table.push_row(cells);
    }
    table
}

fn histogram(table: Table, chart: &Histogram) -> Table {
    let from = column(table, "from", &chart.x.format, ColumnKind::Number);
    let mut table = column(from, "to", &chart.x.format, ColumnKind::Number);
    for series in &chart.series {
        table = table.count(&series.name);
    }
    for (i, ends) in chart.edges.windows(2).enumerate() {
        let mut cells: Vec<Cell> = ends.iter().map(|&end| Cell::Number(end)).collect();
        cells.extend(chart.series.iter().map(|series| Cell::from(series.counts.get(i).copied())));
        table.push_row(cells);
    }
    table
}

fn scatter(table: Table, chart: &Scatter) -> Table {
    let named = chart.series.iter().any(|points| !points.labels.is_empty());
    let mut table = table.text("series");
    if named {
        table = table.text("name");
    }
    let table = of_axis(table, &chart.x, ColumnKind::Number);
    let mut table = of_axis(table, &chart.y, ColumnKind::Number);
    for points in &chart.series {
        for (i, (&x, &y)) in points.x.iter().zip(&points.y).enumerate() {
            let mut cells = vec![Cell::from(&points.name)];
            if named {
                cells.push(Cell::from(points.labels.get(i).cloned()));
            }
            cells.extend([Cell::Number(x), Cell::Number(y)]);
            table.push_row(cells);
        }
    }
    references(table, &chart.references, if named { 3 } else { 2 })
}

fn calibration(table: Table, chart: &Calibration) -> Table {
    let mut table = table.text("series").number("predicted", 3).estimate("observed", 3);
    for curve in &chart.curves {
        for bin in &curve.bins {
            table.push_row(vec![Cell::from(&curve.name), Cell::Number(bin.predicted), Cell::Estimate(bin.observed)]);
        }
    }
    table
}

fn subsets(table: Table, chart: &Subsets) -> Table {
    let mut table = table.text("present");
    for target in &chart.targets {
        table = column(table, target, &chart.axis.format, ColumnKind::Estimate);
    }
    for row in &chart.rows {
        let present: Vec<&str> =
            chart.members.iter().zip(&row.present).filter(|(_, on)| **on).map(|(name, _)| name.as_str()).collect();
        let name = if present.is_empty() { "none".to_owned() } else { present.join(" + ") };
        let mut cells = vec![Cell::Text(name)];
        cells.extend(row.values.iter().map(|&value| Cell::from(value)));
        table.push_row(cells);
    }
    for reference in &chart.references {
        let mut cells = vec![Cell::from(&reference.label)];
        cells.extend(chart.targets.iter().map(|_| Cell::Number(reference.value)));
        table = table.baseline_row(cells);
    }
    table
}
