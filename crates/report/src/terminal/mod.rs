//! The document in a terminal: verdicts, key figures, tables.

mod table;
pub(crate) mod text;

use suffit_core::Answer;

pub use self::table::terminal_table;
use self::text::{Ink, clean, ink, left, wrap};
use crate::banner::Banner;
use crate::document::{Block, Card, CardValue, Document, Limit, Section, Status, Tone};
use crate::format::Format;

/// Column at which the text after a label starts.
const LABEL: usize = 12;

/// `label` in its own column, then `text`, wrapped with a hanging indent: the shape of every line
/// that is not part of a table.
pub fn terminal_line(label: &str, text: &str, width: usize) -> String {
    labelled(&left(&clean(label), LABEL - 1), text, width)
}

/// `label` is padded already (and maybe coloured).
fn labelled(label: &str, text: &str, width: usize) -> String {
    let mut out = String::new();
    for (i, line) in wrap(&clean(text), width.saturating_sub(LABEL)).iter().enumerate() {
        let start = if i == 0 { label.to_owned() } else { " ".repeat(LABEL - 1) };
        out.push_str(format!("{start} {line}").trim_end());
        out.push('\n');
    }
    out
}

/// The verdict: the word in capitals, then the sentence with effect, interval, tolerance and n;
/// then what would decide it and every assumption that was violated.
pub fn terminal_verdict(banner: &Banner, width: usize, color: bool) -> String {
    let word = left(banner.answer.word(), LABEL - 1);
    let paint = match banner.answer {
        Answer::Enough => Ink::Green,
        Answer::NotEnough => Ink::Red,
        Answer::Undecided => Ink::Yellow,
    };
    let mut out = labelled(&ink(&word, paint, color), &banner.sentence(), width);
    if let Some(text) = &banner.would_decide {
        out.push_str(&labelled(&" ".repeat(LABEL - 1), &format!("would decide: {text}"), width));
    }
    for Limit { text, .. } in banner.assumptions.iter().filter(|a| a.state == crate::LimitState::Violated) {
        out.push_str(&labelled(&" ".repeat(LABEL - 1), &format!("violated: {text}"), width));
    }
    out
}

/// The key figures, one a line: label, value with interval, baselines.
pub fn terminal_cards(cards: &[Card], width: usize) -> String {
    let labels: Vec<String> = cards.iter().map(|card| clean(&card.label)).collect();
    let values: Vec<String> = cards
        .iter()
        .map(|card| match &card.value {
            CardValue::Number(estimate) => card.format.write_estimate(estimate),
            CardValue::Text(text) => clean(text),
        })
        .collect();
    let label = labels.iter().map(|text| text::width(text)).max().unwrap_or(0).min(width / 2);
    let value = values.iter().map(|text| text::width(text)).max().unwrap_or(0);
    let mut out = String::new();
    for (card, (name, number)) in cards.iter().zip(labels.iter().zip(&values)) {
        let baselines = card.baselines.iter().map(|b| format!("{} {}", b.label, card.format.write_with_unit(b.value)));
        let beside: Vec<String> = baselines.map(|text| clean(&text)).chain(card.note.as_deref().map(clean)).collect();
        let beside = beside.join(" · ");
        let one_line = format!("{}   {}   {beside}", left(name, label), left(number, value));
        if text::width(name) <= label && text::width(&one_line) <= width {
            out.push_str(one_line.trim_end());
            out.push('\n');
            continue;
        }
        for line in wrap(name, width).into_iter().chain(
            [number.clone()]
                .into_iter()
                .chain((!beside.is_empty()).then_some(beside))
                .flat_map(|text| wrap(&text, width.saturating_sub(2)).into_iter().map(|line| format!("  {line}"))),
        ) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

/// The whole document in at most `width` columns: answer, key figures, tables, limits, commands.
/// Figures are named with their finding; they are drawn in the HTML report.
pub fn terminal(document: &Document, width: usize, color: bool) -> String {
    let width = width.max(20);
    let mut parts = vec![head(document, width, color)];
    if !document.verdicts.is_empty() {
        parts.push(document.verdicts.iter().map(|banner| terminal_verdict(banner, width, color)).collect());
    }
    if !document.cards.is_empty() {
        parts.push(terminal_cards(&document.cards, width));
    }
    for part in &document.sections {
        section(&mut parts, part, width, color);
    }
    if !document.limits.is_empty() {
        let limits = document.limits.iter().map(|limit| terminal_line(limit.state.word(), &limit.text, width));
        parts.push(format!("{}\n{}", ink("Limits", Ink::Bold, color), limits.collect::<String>()));
    }
    if !document.record.commands.is_empty() {
        let mut text = format!("{}\n", ink("Commands", Ink::Bold, color));
        for command in &document.record.commands {
            // A command line is never wrapped: it is there to be copied.
            text.push_str(&format!("{}\n  {}\n", clean(&command.purpose), clean(&command.line)));
        }
        parts.push(text);
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn head(document: &Document, width: usize, color: bool) -> String {
    let mut out = String::new();
    for line in wrap(&clean(&format!("{} · {}", document.title, document.method)), width) {
        out.push_str(&ink(&line, Ink::Bold, color));
        out.push('\n');
    }
    if let Some(summary) = &document.summary {
        out.push_str(&paragraph(summary, "", width));
    }
    match &document.status {
        Status::Complete => {}
        Status::Running { step, share } => {
            let share = share.map(|share| format!(" ({} %)", Format::percent(0).write(share))).unwrap_or_default();
            out.push_str(&terminal_line("running", &format!("{step}{share}"), width));
        }
        Status::Interrupted { at, resume } => {
            out.push_str(&terminal_line("interrupted", at, width));
            out.push_str(&format!("{} {}\n", left("resume", LABEL - 1), clean(resume)));
        }
        Status::Failed { at, cause, hint, resume } => {
            out.push_str(&terminal_line("failed", at, width));
            out.push_str(&terminal_line("cause", cause, width));
            if let Some(hint) = hint {
                out.push_str(&terminal_line("hint", hint, width));
            }
            if let Some(resume) = resume {
                out.push_str(&format!("{} {}\n", left("resume", LABEL - 1), clean(resume)));
            }
        }
    }
    out
}

fn paragraph(text: &str, indent: &str, width: usize) -> String {
    let lines = wrap(&clean(text), width.min(75).saturating_sub(indent.len()));
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

fn section(parts: &mut Vec<String>, section: &Section, width: usize, color: bool) {
    parts.push(format!("{}\n", ink(&clean(&section.title), Ink::Bold, color)));
    for block in &section.blocks {
        parts.push(match block {
            Block::Paragraph { text } => paragraph(text, "", width),
            Block::List { items } => {
                items.iter().map(|item| paragraph(item, "  ", width).replacen("  ", "- ", 1)).collect()
            }
            Block::Note { tone: Tone::Info, text } => terminal_line("note", text, width),
            Block::Note { tone: Tone::Caution, text } => terminal_line("caution", text, width),
            Block::Table(table) => terminal_table(table, width, color),
            Block::Figure(figure) => terminal_line("figure", &figure.title, width),
            Block::Code { caption, text } => {
                let caption = caption.as_ref().map(|caption| paragraph(caption, "", width)).unwrap_or_default();
                let lines = text.lines().map(|line| format!("  {}\n", clean(line)));
                format!("{caption}{}", lines.collect::<String>())
            }
        });
    }
}
