//! Tables in a terminal.
//!
//! Columns align, an interval stands in brackets after its value with the same digits, units
//! stand in headers. Where the table is wider than the terminal, texts wrap first; if that is not
//! enough, the columns are dealt over several panels that each repeat the first column. Nothing
//! is cut off.

use super::text::{Ink, clean, ink, left, right, width, wrap};
use crate::format::Format;
use crate::table::{Cell, Column, ColumnKind, RowKind, Table};

const GAP: usize = 3;
/// Text columns wrap down to this width before columns move to another panel.
const NARROW: usize = 14;

/// A column laid out: how wide, and each cell ready to print.
struct Laid {
    numeric: bool,
    /// Width of the header's widest line and of the cells.
    width: usize,
    header: String,
    cells: Vec<String>,
}

/// The table in at most `width` columns (wider only where a single number is), one line break
/// at the end of each line, no trailing spaces.
pub fn terminal_table(table: &Table, width: usize, color: bool) -> String {
    let mut out = String::new();
    for line in Some(&table.title).into_iter().chain(&table.caption).filter(|text| !text.is_empty()) {
        for part in wrap(&clean(line), width) {
            out.push_str(&ink(&part, if *line == table.title { Ink::Bold } else { Ink::Dim }, color));
            out.push('\n');
        }
    }
    if table.columns.is_empty() {
        return out;
    }
    let columns: Vec<Laid> = (0..table.columns.len()).map(|i| lay(table, i)).collect();
    for (i, panel) in panels(&columns, width).iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        print_panel(&mut out, table, &columns, panel, width, color);
    }
    if table.rows.is_empty() {
        out.push_str("(no rows)\n");
    }
    out
}

fn lay(table: &Table, at: usize) -> Laid {
    let column = &table.columns[at];
    let grouped = at == 0 && table.rows.iter().any(|row| row.kind == RowKind::Heading);
    let cells = table.rows.iter().map(|row| row.cells.get(at).unwrap_or(&Cell::Missing));
    let plain = table.rows.iter().map(|row| row.kind != RowKind::Heading);
    let cells: Vec<Option<&Cell>> = cells.zip(plain).map(|(cell, plain)| plain.then_some(cell)).collect();
    let numeric = matches!(column.kind, ColumnKind::Number | ColumnKind::Estimate);
    let (header, cells) = if column.kind == ColumnKind::Estimate {
        lay_estimates(column, table.interval_tag(at), &cells)
    } else {
        let indent = if grouped { "  " } else { "" };
        let write = |cell: Option<&Cell>| {
            cell.map(|cell| format!("{indent}{}", clean(&cell.write(&column.format)))).unwrap_or_default()
        };
        (clean(&column.header()), cells.iter().map(|cell| write(*cell)).collect())
    };
    let wide = cells.iter().map(|cell| width(cell)).chain([width(&header)]).max().unwrap_or(0);
    Laid { numeric, width: wide, header, cells }
}

/// Value, two spaces, bracket; values, lower and upper limits each aligned to the right.
fn lay_estimates(column: &Column, tag: Option<String>, cells: &[Option<&Cell>]) -> (String, Vec<String>) {
    let parts: Vec<[String; 3]> = cells.iter().map(|cell| estimate_parts(*cell, &column.format)).collect();
    let name = clean(&column.header());
    let widest = |i: usize| parts.iter().map(|part| width(&part[i])).max().unwrap_or(0);
    let (value, low, high) = (widest(0).max(width(&name)), widest(1), widest(2));
    let Some(tag) = tag.map(|tag| format!("[{tag}]")) else {
        return (name, parts.into_iter().map(|[value, ..]| value).collect());
    };
    let bracket = (low + high + 4).max(width(&tag));
    let header = format!("{}  {}", right(&name, value), left(&tag, bracket));
    let cells = parts.iter().map(|[v, l, h]| {
        let interval = if l.is_empty() && h.is_empty() {
            String::new()
        } else {
            format!("[{}, {}]", right(l, low), right(h, high))
        };
        format!("{}  {}", right(v, value), left(&interval, bracket))
    });
    (header, cells.collect())
}

fn estimate_parts(cell: Option<&Cell>, format: &Format) -> [String; 3] {
    match cell {
        None => Default::default(),
        Some(Cell::Estimate(estimate)) => {
            let ends = estimate.interval.map(|i| (format.write(i.low), format.write(i.high))).unwrap_or_default();
            [format.write(estimate.value), ends.0, ends.1]
        }
        Some(cell) => [clean(&cell.write(format)), String::new(), String::new()],
    }
}

/// Which columns stand side by side, with their widths; every panel starts with column 0.
fn panels(columns: &[Laid], limit: usize) -> Vec<Vec<(usize, usize)>> {
    let all: Vec<usize> = (0..columns.len()).collect();
    if let Some(fitted) = fit(columns, &all, limit) {
        return vec![fitted];
    }
    let mut out = Vec::new();
    let mut current = vec![0];
    for i in 1..columns.len() {
        current.push(i);
        if current.len() > 2 && fit(columns, &current, limit).is_none() {
            current.pop();
            out.push(std::mem::replace(&mut current, vec![0, i]));
        }
    }
    out.push(current);
    out.iter().map(|panel| fit(columns, panel, limit).unwrap_or_else(|| squeeze(columns, panel, limit))).collect()
}

/// Widths for these columns within the limit, taking from the widest text column first.
fn fit(columns: &[Laid], which: &[usize], limit: usize) -> Option<Vec<(usize, usize)>> {
    let mut widths: Vec<(usize, usize)> = which.iter().map(|&i| (i, columns[i].width)).collect();
    let used: usize = widths.iter().map(|(_, w)| w).sum::<usize>() + GAP * (which.len() - 1);
    let mut excess = used.saturating_sub(limit);
    while excess > 0 {
        let texts = widths.iter_mut().filter(|(i, w)| !columns[*i].numeric && *w > NARROW);
        let (_, widest) = texts.max_by_key(|(_, w)| *w)?;
        *widest -= 1;
        excess -= 1;
    }
    Some(widths)
}

/// Two columns that do not fit: whatever text there is takes what the number leaves.
fn squeeze(columns: &[Laid], which: &[usize], limit: usize) -> Vec<(usize, usize)> {
    let numbers: usize = which.iter().filter(|&&i| columns[i].numeric).map(|&i| columns[i].width).sum();
    let texts = which.iter().filter(|&&i| !columns[i].numeric).count().max(1);
    let room = limit.saturating_sub(numbers + GAP * (which.len() - 1)) / texts;
    which
        .iter()
        .map(|&i| (i, if columns[i].numeric { columns[i].width } else { room.clamp(6, columns[i].width.max(6)) }))
        .collect()
}

fn print_panel(out: &mut String, table: &Table, columns: &[Laid], panel: &[(usize, usize)], limit: usize, color: bool) {
    let header = panel.iter().map(|&(i, w)| block(&columns[i].header, w, columns[i].numeric));
    print_row(out, &header.collect::<Vec<_>>(), panel, columns, Some(Ink::Bold), color);
    for (r, row) in table.rows.iter().enumerate() {
        if row.kind == RowKind::Heading {
            let text = row.cells.first().map(|cell| cell.write(&Format::auto())).unwrap_or_default();
            for line in wrap(&clean(&text), limit) {
                out.push_str(&ink(&line, Ink::Bold, color));
                out.push('\n');
            }
            continue;
        }
        let blocks: Vec<Vec<String>> =
            panel.iter().map(|&(i, w)| block(&columns[i].cells[r], w, columns[i].numeric)).collect();
        let style = match row.kind {
            RowKind::Baseline => Some(Ink::Dim),
            RowKind::Strong => Some(Ink::Bold),
            RowKind::Plain | RowKind::Heading => None,
        };
        print_row(out, &blocks, panel, columns, style, color);
    }
}

/// A cell as lines: numbers stay whole, texts wrap and keep their indent.
fn block(text: &str, limit: usize, numeric: bool) -> Vec<String> {
    if numeric || width(text) <= limit {
        return vec![text.to_owned()];
    }
    let indent = text.len() - text.trim_start().len();
    let pad = " ".repeat(indent);
    wrap(text, limit.saturating_sub(indent)).iter().map(|line| format!("{pad}{line}")).collect()
}

fn print_row(
    out: &mut String,
    blocks: &[Vec<String>],
    panel: &[(usize, usize)],
    columns: &[Laid],
    style: Option<Ink>,
    color: bool,
) {
    let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut text = String::new();
        for (at, (lines, &(i, w))) in blocks.iter().zip(panel).enumerate() {
            if at > 0 {
                text.push_str(&" ".repeat(GAP));
            }
            let cell = lines.get(line).map_or("", String::as_str);
            text.push_str(&if columns[i].numeric { right(cell, w) } else { left(cell, w) });
        }
        let text = text.trim_end();
        match style {
            Some(style) => out.push_str(&ink(text, style, color)),
            None => out.push_str(text),
        }
        out.push('\n');
    }
}
