//! The document as Markdown (GitHub's tables), for model cards and for readers without scripts.

use crate::banner::Banner;
use crate::document::{Block, Card, CardValue, Document, Status, Tone};
use crate::figure::Figure;
use crate::format::Format;
use crate::record::Record;
use crate::table::{Cell, ColumnKind, RowKind, Table};

/// A figure's table is printed up to this many rows.
const ROWS: usize = 40;

/// The document as Markdown. Users' text is escaped: it is never read as markup.
pub fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n\n", escape(&document.title));
    if let Some(summary) = &document.summary {
        out.push_str(&format!("{}\n\n", escape(summary)));
    }
    out.push_str(&format!("Method: {}. {}\n\n", escape(&document.method), status(&document.status)));
    for banner in &document.verdicts {
        out.push_str(&verdict(banner));
    }
    if !document.cards.is_empty() {
        out.push_str("## Key figures\n\n");
        document.cards.iter().for_each(|one| out.push_str(&card(one)));
        out.push('\n');
    }
    for section in &document.sections {
        out.push_str(&format!("## {}\n\n", escape(&section.title)));
        section.blocks.iter().for_each(|one| out.push_str(&block(one)));
    }
    if !document.limits.is_empty() {
        out.push_str("## Limits\n\n");
        for limit in &document.limits {
            out.push_str(&format!("- *{}*: {}\n", limit.state.word(), escape(&limit.text)));
        }
        out.push('\n');
    }
    if !document.record.is_empty() {
        out.push_str(&record(&document.record));
    }
    format!("{}\n", out.trim_end())
}

fn status(status: &Status) -> String {
    match status {
        Status::Complete => "Status: complete.".to_owned(),
        Status::Running { step, share } => {
            let share = share.map(|share| format!(" ({} %)", Format::percent(0).write(share))).unwrap_or_default();
            format!("Status: running, {}{share}.", escape(step))
        }
        Status::Interrupted { at, resume } => {
            format!("Status: interrupted {}. Resume with\n\n{}", escape(at), fence(resume))
        }
        Status::Failed { at, cause, hint, resume } => {
            let mut out = format!("Status: failed {}. Cause: {}.", escape(at), escape(cause));
            if let Some(hint) = hint {
                out.push_str(&format!(" Hint: {}.", escape(hint)));
            }
            if let Some(resume) = resume {
                out.push_str(&format!(" Resume with\n\n{}", fence(resume)));
            }
            out
        }
    }
}

fn verdict(banner: &Banner) -> String {
    let mut out = format!("> {}\n>\n", escape(&banner.question));
    out.push_str(&format!("> **{}**: {}.\n", banner.answer.word(), escape(&banner.sentence())));
    if let Some(text) = &banner.would_decide {
        out.push_str(&format!(">\n> Would decide: {}\n", escape(text)));
    }
    if let Some(text) = &banner.basis {
        out.push_str(&format!(">\n> Basis: {}\n", escape(text)));
    }
    for assumption in &banner.assumptions {
        out.push_str(&format!("> - *{}*: {}\n", assumption.state.word(), escape(&assumption.text)));
    }
    format!("{out}\n")
}

fn card(card: &Card) -> String {
    let value = match &card.value {
        CardValue::Number(estimate) => card.format.write_estimate(estimate),
        CardValue::Text(text) => text.clone(),
    };
    let baselines = card.baselines.iter().map(|b| format!("{} {}", b.label, card.format.write_with_unit(b.value)));
    let beside: Vec<String> = baselines.chain(card.note.clone()).collect();
    let beside = if beside.is_empty() { String::new() } else { format!(" ({})", beside.join("; ")) };
    format!("- {}: **{}**{}\n", escape(&card.label), escape(&value), escape(&beside))
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph { text } => format!("{}\n\n", escape(text)),
        Block::List { items } => {
            let items: String = items.iter().map(|item| format!("- {}\n", escape(item))).collect();
            format!("{items}\n")
        }
        Block::Note { tone: Tone::Info, text } => format!("> Note: {}\n\n", escape(text)),
        Block::Note { tone: Tone::Caution, text } => format!("> **Caution**: {}\n\n", escape(text)),
        Block::Table(table) => format!("{}\n", markdown_table(table)),
        Block::Figure(figure) => self::figure(figure),
        Block::Code { caption, text } => {
            let caption = caption.as_ref().map(|caption| format!("{}\n\n", escape(caption))).unwrap_or_default();
            format!("{caption}{}\n", fence(text))
        }
    }
}

fn figure(figure: &Figure) -> String {
    let mut data = figure.data();
    data.caption.clone_from(&figure.caption);
    if data.rows.len() <= ROWS {
        return format!("{}\n", markdown_table(&data));
    }
    let count = Format::count().write(data.rows.len() as f64);
    let caption = figure.caption.as_ref().map(|caption| format!("{}\n\n", escape(caption))).unwrap_or_default();
    format!("**{}**\n\n{caption}({count} rows: drawn in the HTML report)\n\n", escape(&figure.title))
}

/// A table as Markdown: title in bold, caption, then the table.
pub fn markdown_table(table: &Table) -> String {
    let mut out = String::new();
    if !table.title.is_empty() {
        out.push_str(&format!("**{}**\n\n", escape(&table.title)));
    }
    if let Some(caption) = &table.caption {
        out.push_str(&format!("{}\n\n", escape(caption)));
    }
    let header = table.columns.iter().enumerate().map(|(i, column)| {
        let mut text = escape(&column.header());
        if let Some(tag) = table.interval_tag(i) {
            text.push_str(&format!(" \\[{tag}\\]"));
        }
        text
    });
    out.push_str(&format!("| {} |\n", header.collect::<Vec<_>>().join(" | ")));
    let rule = table.columns.iter().map(|column| match column.kind {
        ColumnKind::Text | ColumnKind::Code => ":--",
        ColumnKind::Number | ColumnKind::Estimate => "--:",
    });
    out.push_str(&format!("|{}|\n", rule.collect::<Vec<_>>().join("|")));
    for row in &table.rows {
        let cells = table.columns.iter().enumerate().map(|(i, column)| {
            let cell = row.cells.get(i);
            let text = match (row.kind, cell) {
                (RowKind::Heading, None) => return String::new(),
                (_, cell) => cell.unwrap_or(&Cell::Missing).write(&column.format),
            };
            match (row.kind, column.kind) {
                (RowKind::Heading | RowKind::Strong, _) => format!("**{}**", escape(&text)),
                (_, ColumnKind::Code) => code(&text),
                _ => escape(&text),
            }
        });
        out.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    out
}

fn record(record: &Record) -> String {
    let mut out = "## Record\n\n".to_owned();
    for command in &record.commands {
        out.push_str(&format!("{}\n\n{}\n", escape(&command.purpose), fence(&command.line)));
    }
    if !record.inputs.is_empty() {
        let mut table = Table::new("Data").text("source").count("rows").count("bytes").code("digest").text("note");
        for input in &record.inputs {
            let (rows, bytes) = (input.rows, input.bytes);
            table.push_row(crate::cells![&input.name, rows, bytes, input.digest.clone(), input.note.clone()]);
        }
        out.push_str(&format!("{}\n", markdown_table(&table)));
    }
    if !record.config.is_empty() {
        let mut table = Table::new("Configuration").code("key").code("value").code("default");
        for setting in &record.config {
            let cells = crate::cells![&setting.key, &setting.value, setting.default.clone()];
            table = if setting.changed() { table.strong_row(cells) } else { table.row(cells) };
        }
        out.push_str(&format!("{}\n", markdown_table(&table)));
    }
    for (title, facts) in [("Seeds", &record.seeds), ("Versions", &record.versions), ("Machine", &record.machine)] {
        if !facts.is_empty() {
            out.push_str(&format!("**{title}**\n\n"));
            facts.iter().for_each(|f| out.push_str(&format!("- {}: {}\n", escape(&f.name), escape(&f.value))));
            out.push('\n');
        }
    }
    if !record.files.is_empty() {
        out.push_str("**Files**\n\n");
        record.files.iter().for_each(|f| out.push_str(&format!("- {}: {}\n", code(&f.path), escape(&f.what))));
    }
    out
}

/// Text that Markdown prints as it is; line breaks become spaces.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => out.extend(['\\', c]),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Inline code that holds backticks and bars safely.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A fenced block whose fence is longer than any in the text.
fn fence(text: &str) -> String {
    let ticks = "`".repeat((longest_run(text) + 1).max(3));
    format!("{ticks}\n{}\n{ticks}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
