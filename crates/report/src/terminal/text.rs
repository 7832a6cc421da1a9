//! Plain text in a terminal: widths, wrapping, padding, and nothing that moves the cursor.

use unicode_width::UnicodeWidthChar as _;

/// Columns the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text with control characters and direction overrides made visible as `\u{…}`, so that a
/// column name cannot colour the screen, move the cursor or turn a line around. Line breaks and
/// tabs become spaces.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_unicode());
            }
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Lines of at most `limit` columns, broken at spaces; a longer word is broken where it must be.
/// Never empty.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(2);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let mut rest = word;
        let need = width(word);
        if used > 0 && used + 1 + need <= limit {
            line.push(' ');
            line.push_str(word);
            used += 1 + need;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        while width(rest) > limit {
            let (head, tail) = split(rest, limit);
            lines.push(head.to_owned());
            rest = tail;
        }
        line.push_str(rest);
        used = width(rest);
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Splits after at most `limit` columns, never inside a character; the head is never empty.
fn split(text: &str, limit: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > limit && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// Padded with spaces on the right.
pub(crate) fn left(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// Padded with spaces on the left.
pub(crate) fn right(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(width(text))))
}

/// The escape sequences used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Bold,
    Dim,
    Green,
    Red,
    Yellow,
}

/// The text between an escape sequence and its end, or as it is without colour.
pub(crate) fn ink(text: &str, ink: Ink, color: bool) -> String {
    if !color || text.is_empty() {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Bold => "1",
        Ink::Dim => "2",
        Ink::Green => "1;32",
        Ink::Red => "1;31",
        Ink::Yellow => "1;33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb c\\u{202e}d");
    }

    #[test]
    fn wraps_at_spaces_and_breaks_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("数据"), 4);
        assert_eq!(wrap("数据数据", 5), ["数据", "数据"]);
    }
}
