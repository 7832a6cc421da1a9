//! Quantities in texts: exact value, canonical unit and the precision that the digits give.

use std::str::FromStr;
use std::sync::LazyLock;

use oxsdatatypes::Decimal;
use regex::Regex;

use super::unit::Unit;
use super::words;

/// What a quantity says about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// `value ± half_width`: half a unit of the last written digit.
    Value {
        /// In canonical units.
        value: Decimal,
        /// In canonical units.
        half_width: Decimal,
    },
    /// From one amount to another, both included.
    Between(Decimal, Decimal),
    /// More than, or at least if included.
    Above(Decimal, bool),
    /// Less than, or at most if included.
    Below(Decimal, bool),
    /// A day: year, month, day.
    Day(i32, u8, u8),
    /// A month: year, month.
    Month(i32, u8),
    /// Whole years, first and last.
    Years(i32, i32),
}

/// A quantity or a date, read exactly.
///
/// ```
/// use suffit_rdf::ground::Quantity;
/// let q = Quantity::parse("about 45 km").expect("a number and a known unit");
/// assert_eq!((q.unit(), q.value_text().as_str(), q.approx), ("m", "45000", true));
/// assert_eq!(q.half_width_text().as_deref(), Some("500"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// What it says.
    pub extent: Extent,
    /// The canonical unit (dates have none).
    canonical: &'static str,
    /// Whether the text says "about"; the half width stays that of the digits.
    pub approx: bool,
}

const ABOUT: [&str; 10] =
    ["about ", "around ", "approximately ", "approx. ", "roughly ", "circa ", "ca. ", "nearly ", "~", "≈"];
const ABOVE: [(&str, bool); 12] = [
    ("more than ", false),
    ("greater than ", false),
    ("larger than ", false),
    ("over ", false),
    ("above ", false),
    ("at least ", true),
    ("no fewer than ", true),
    ("no less than ", true),
    (">=", true),
    ("≥", true),
    (">", false),
    ("exceeding ", false),
];
const BELOW: [(&str, bool); 12] = [
    ("fewer than ", false),
    ("less than ", false),
    ("smaller than ", false),
    ("under ", false),
    ("below ", false),
    ("at most ", true),
    ("no more than ", true),
    ("up to ", true),
    ("<=", true),
    ("≤", true),
    ("<", false),
    ("not more than ", true),
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Sign, digits with thousands separators (`,`, `'`, blanks, only in groups of three), fraction.
#[allow(clippy::expect_used)]
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^([+\-−]?)(\d{1,3}(?:,\d{3})+|\d{1,3}(?:['’]\d{3})+|\d{1,3}(?:[ \u{a0}\u{2009}\u{202f}]\d{3})+|\d+)(\.\d+)?",
    )
    .expect("a constant pattern that the tests compile")
});
/// ISO days and months.
#[allow(clippy::expect_used)]
static ISO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$").expect("a constant pattern that the tests compile"));

impl Quantity {
    /// Reads a quantity or a date that fills the whole text; `None` if it is neither, or its unit is
    /// not known, or the value leaves the range of decimals.
    ///
    /// Thousands separators do not lower the precision; numbers in words are exact to one half;
    /// `1,5` is no number here, because a comma separates thousands.
    pub fn parse(text: &str) -> Option<Quantity> {
        let text = text.trim();
        if let Some(extent) = date(text) {
            return Some(Quantity { extent, canonical: "1", approx: false });
        }
        if let Some(rest) = strip(text, "between ") {
            return between(rest);
        }
        for (words, extent) in [(&ABOVE, Extent::Above as fn(Decimal, bool) -> Extent), (&BELOW, Extent::Below)] {
            for (word, included) in words {
                if let Some(rest) = strip(text, word) {
                    let amount = Amount::parse(rest)?;
                    let (value, _, canonical) = amount.canonical(None)?;
                    return Some(Quantity { extent: extent(value, *included), canonical, approx: false });
                }
            }
        }
        let about = ABOUT.iter().find_map(|word| strip(text, word));
        let (value, half_width, canonical) = Amount::parse(about.unwrap_or(text))?.canonical(None)?;
        Some(Quantity { extent: Extent::Value { value, half_width }, canonical, approx: about.is_some() })
    }

    /// The canonical unit, or `date`, `gYearMonth`, `interval` for dates.
    pub fn unit(&self) -> &'static str {
        match self.extent {
            Extent::Day(..) => "date",
            Extent::Month(..) => "gYearMonth",
            Extent::Years(..) => "interval",
            _ => self.canonical,
        }
    }

    /// The value as text: `44640`, `interval 10000..20000`, `>5000`, `1950-03`, ….
    pub fn value_text(&self) -> String {
        match self.extent {
            Extent::Value { value, .. } => value.to_string(),
            Extent::Between(a, b) => format!("interval {a}..{b}"),
            Extent::Above(v, included) => format!(">{}{v}", if included { "=" } else { "" }),
            Extent::Below(v, included) => format!("<{}{v}", if included { "=" } else { "" }),
            Extent::Day(y, m, d) => format!("{y:04}-{m:02}-{d:02}"),
            Extent::Month(y, m) => format!("{y:04}-{m:02}"),
            Extent::Years(a, b) => format!("{a:04}-01-01..{b:04}-12-31"),
        }
    }

    /// The half width as text, for plain values.
    pub fn half_width_text(&self) -> Option<String> {
        match self.extent {
            Extent::Value { half_width, .. } => Some(half_width.to_string()),
            _ => None,
        }
    }
}

/// Half a unit of the last digit of a written number (`44.64` gives `0.005`), as exact decimal.
pub(crate) fn half_of_last_digit(written: &str) -> Option<Decimal> {
    let digits = written.split_once('.').map_or(0, |(_, part)| part.bytes().filter(u8::is_ascii_digit).count());
    Decimal::from_str(&format!("0.{}5", "0".repeat(digits))).ok()
}

/// A number as written, before its unit is applied.
struct Amount<'a> {
    value: Decimal,
    half: Decimal,
    unit: &'a str,
}

impl<'a> Amount<'a> {
    fn parse(text: &'a str) -> Option<Amount<'a>> {
        let text = text.trim();
        let Some(found) = NUMBER.captures(text) else {
            return Amount::words(text);
        };
        let whole: String = found.get(2)?.as_str().chars().filter(char::is_ascii_digit).collect();
        let fraction = found.get(3).map_or("", |f| f.as_str());
        let sign = if found.get(1)?.as_str().is_empty() || found.get(1)?.as_str() == "+" { "" } else { "-" };
        let written = format!("{sign}{whole}{fraction}");
        let mut amount = Amount {
            value: Decimal::from_str(&written).ok()?,
            half: half_of_last_digit(&written)?,
            unit: text[found.get(0)?.end()..].trim(),
        };
        if amount.unit.starts_with(|c: char| c == ',' || c == '.' || c.is_ascii_digit()) {
            return None;
        }
        let (first, rest) = amount.unit.split_once(' ').unwrap_or((amount.unit, ""));
        if let Some(scale) = words::scale(first) {
            amount.value = amount.value.checked_mul(Decimal::from(scale))?;
            amount.half = amount.half.checked_mul(Decimal::from(scale))?;
            amount.unit = rest.trim();
        }
        Some(amount)
    }

    /// A number in words, the longest run of them, and a unit behind it.
    fn words(text: &'a str) -> Option<Amount<'a>> {
        let ends = text.char_indices().filter(|(_, c)| *c == ' ').map(|(at, _)| at).chain([text.len()]);
        let mut best = None;
        for end in ends {
            if let Some(value) = words::number(&text[..end]) {
                best = Some((value, end));
            }
        }
        let (value, end) = best?;
        Some(Amount { value: Decimal::from(value), half: half_of_last_digit("0")?, unit: text[end..].trim() })
    }

    /// Value and half width in canonical units; `unit` stands in where the text has none.
    fn canonical(&self, unit: Option<&str>) -> Option<(Decimal, Decimal, &'static str)> {
        let name = if self.unit.is_empty() { unit.unwrap_or("1") } else { self.unit };
        let unit = Unit::find(name)?;
        Some((self.value.checked_mul(unit.scale())?, self.half.checked_mul(unit.scale())?, unit.canonical))
    }
}

fn between(rest: &str) -> Option<Quantity> {
    let at = rest.find(" and ")?;
    let (low, high) = (Amount::parse(&rest[..at])?, Amount::parse(&rest[at + 5..])?);
    let (b, _, canonical) = high.canonical(None)?;
    let (a, _, other) = low.canonical(Some(if high.unit.is_empty() { "1" } else { high.unit }))?;
    (canonical == other && a <= b).then_some(Quantity { extent: Extent::Between(a, b), canonical, approx: false })
}

/// `text` without `prefix`, capitals ignored.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text[prefix.len()..].trim_start())
}

fn date(text: &str) -> Option<Extent> {
    if let Some(found) = ISO.captures(text) {
        let (y, m) = (found[1].parse().ok()?, found[2].parse().ok()?);
        return match found.get(3) {
            Some(d) => day(y, m, d.as_str().parse().ok()?),
            None => (1..=12).contains(&m).then_some(Extent::Month(y, m)),
        };
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["the" | "The", decade] => decade_years(decade),
        [decade] => decade_years(decade),
        [month, y] => Some(Extent::Month(four(y)?, month_number(month)?)),
        [a, b, y] => {
            let (d, m) = match month_number(b) {
                Some(m) => (*a, m),
                None => (b.strip_suffix(',')?, month_number(a)?),
            };
            day(four(y)?, m, d.parse().ok()?)
        }
        _ => None,
    }
}

fn decade_years(text: &str) -> Option<Extent> {
    let year = four(text.strip_suffix('s')?)?;
    let span = if year % 100 == 0 { 100 } else { 10 };
    // "the 1900s" is a century or a decade: not decided here.
    (year % 10 == 0 && span == 10).then_some(Extent::Years(year, year + 9))
}

fn month_number(word: &str) -> Option<u8> {
    let lower = word.to_lowercase();
    MONTHS.iter().position(|m| *m == lower).map(|i| i as u8 + 1)
}

fn four(text: &str) -> Option<i32> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn day(year: i32, month: u8, day: u8) -> Option<Extent> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last).contains(&day).then_some(Extent::Day(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_signs_and_scales() {
        for (text, value, half) in [
            ("1 234 567", "1234567", "0.5"),
            ("1'234.50", "1234.5", "0.005"),
            ("−3 million", "-3000000", "500000"),
            ("twenty-one km", "21000", "500"),
            ("1.5 billion", "1500000000", "50000000"),
        ] {
            let q = Quantity::parse(text).unwrap();
            assert_eq!((q.value_text().as_str(), q.half_width_text().as_deref()), (value, Some(half)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_quantity() {
        for text in [
            "",
            "km",
            "1,5",
            "12 parsecs",
            "1.2.3",
            "1,2345",
            "2 February",
            "30 February 1950",
            "between 5 and 2",
            "1950-13",
            "the 1900s",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn comparisons_and_intervals() {
        assert_eq!(Quantity::parse("at least 3 km").unwrap().value_text(), ">=3000");
        assert_eq!(Quantity::parse("Between 10 and 20 km").unwrap().value_text(), "interval 10000..20000");
        assert_eq!(Quantity::parse("March 2, 1950").unwrap().value_text(), "1950-03-02");
    }
}
