//! One form for all spellings of a name.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Everything that is neither word, space nor parenthesis.
#[allow(clippy::expect_used)]
static OTHER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[^\p{L}\p{N}\s()]").expect("a constant pattern that the tests compile"));

/// NFKD, combining marks dropped, case folded, `_` to a space, `ß` to `ss`, `'`, `’` and `` ` ``
/// deleted, every other character that is neither word, space nor parenthesis to a space, spaces
/// collapsed and trimmed.
///
/// Cost: one pass; texts of plain ASCII letters allocate once. The result is a fixed point.
///
/// ```
/// use suffit_rdf::ground::normalise;
/// assert_eq!(normalise("Côte d’Ivoire"), "cote divoire");
/// assert_eq!(normalise(" Straße_Nr.\u{a0}5 "), "strasse nr 5");
/// ```
pub fn normalise(text: &str) -> String {
    if text.is_ascii() {
        return ascii(text);
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| canonical_combining_class(*c) == 0) {
        match c {
            '_' => folded.push(' '),
            '\'' | '’' | '`' => {}
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            // Case folding takes Cherokee to its capitals.
            '\u{13a0}'..='\u{13f5}' => folded.push(c),
            '\u{ab70}'..='\u{abbf}' => folded.extend(char::from_u32(c as u32 - 0xab70 + 0x13a0)),
            '\u{13f8}'..='\u{13fd}' => folded.extend(char::from_u32(c as u32 - 8)),
            _ => folded.extend(c.to_lowercase().filter(|l| canonical_combining_class(*l) == 0)),
        }
    }
    let spaced = OTHER.replace_all(&folded, " ");
    let mut out = String::with_capacity(spaced.len());
    for word in spaced.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for b in text.bytes() {
        match b {
            b'\'' | b'`' => {}
            b'(' | b')' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                if space && !out.is_empty() {
                    out.push(' ');
                }
                space = false;
                out.push(char::from(b.to_ascii_lowercase()));
            }
            _ => space = true,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_scripts_and_invisible_characters() {
        assert_eq!(normalise("ΣΊΣΥΦΟΣ"), "σισυφοσ");
        assert_eq!(normalise("ﬁn"), "fin");
        assert_eq!(normalise("a\u{200b}b"), "a b");
        assert_eq!(normalise("İstanbul"), "istanbul");
        assert_eq!(normalise("हिन्दी"), "ह नद"); // vowel signs are no letters, the virama combines
    }

    proptest! {
        #[test]
        fn is_a_fixed_point(text in "\\PC{0,24}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn ascii_path_agrees_with_the_general_one(text in "[ -~]{0,24}") {
            // A non-ASCII letter forces the general path and stays at the end.
            let general = normalise(&format!("{text} ж"));
            let short = normalise(&text);
            let expected = if short.is_empty() { "ж".to_owned() } else { format!("{short} ж") };
            prop_assert_eq!(general, expected);
        }
    }
}
