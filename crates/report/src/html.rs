//! One HTML file that opens offline.

use crate::document::Document;
use crate::markdown::markdown;

/// The page as built by `web/` (`npm run build`): style and script inline, a content security
/// policy with their hashes, and the three marks below.
const PAGE: &str = include_str!("../assets/report.html");
const TITLE: &str = "<!--suffit:title-->";
const PLAIN: &str = "<!--suffit:plain-->";
const DOCUMENT: &str = "<!--suffit:document-->";

/// The report as one HTML file: no request, no remote source, users' text inert.
///
/// The document is the content of a `<script type="application/json">` block in which `<`, `>`,
/// `&`, U+2028 and U+2029 are written as JSON escapes, so no text in it can end the block or be
/// read as markup; the page puts text on the screen by `textContent` alone. A reader without
/// scripts finds [`markdown`] instead.
pub fn html(document: &Document) -> String {
    let json = serde_json::to_string(document).expect("no map keys and no numbers that JSON lacks");
    let mut out = String::with_capacity(PAGE.len() + 2 * json.len() + 4096);
    // The marks are looked for in the page alone: a user's text that holds one changes nothing.
    let (before, rest) = PAGE.split_once(TITLE).unwrap_or((PAGE, ""));
    let (middle, rest) = rest.split_once(PLAIN).unwrap_or((rest, ""));
    let (second, after) = rest.split_once(DOCUMENT).unwrap_or((rest, ""));
    out.push_str(before);
    out.push_str(&escape_text(&document.title));
    out.push_str(middle);
    out.push_str(&escape_text(&markdown(document)));
    out.push_str(second);
    out.push_str(&escape_json(&json));
    out.push_str(after);
    out
}

/// Text content of an element.
fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON that is also harmless inside a script element. The five characters occur in JSON only
/// inside strings, where an escape means the same.
fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}
