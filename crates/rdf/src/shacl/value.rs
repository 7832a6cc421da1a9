//! Order, well-formedness and languages of literals.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::store::Triples;
use crate::term::{TermId, XSD, integer_range};

use super::terms::{LiteralParts, Terms};

/// SPARQL's `<`: numbers by value, strings, booleans, dates and times; nothing when not comparable.
pub(crate) fn compare(graph: &dyn Triples, a: TermId, b: TermId) -> Option<Ordering> {
    let dictionary = graph.dictionary();
    if let (Some(x), Some(y)) = (dictionary.number(a), dictionary.number(b)) {
        return x.compare(y);
    }
    literals(graph.literal(a)?, graph.literal(b)?)
}

fn literals(a: LiteralParts<'_>, b: LiteralParts<'_>) -> Option<Ordering> {
    if is_integer(a.datatype) && is_integer(b.datatype) {
        return Some(whole(a.value)?.cmp(&whole(b.value)?)); // beyond 18 digits
    }
    let kind = a.datatype.strip_prefix(XSD)?;
    if a.datatype != b.datatype {
        return None;
    }
    match kind {
        "string" => Some(a.value.cmp(b.value)),
        "boolean" => Some(boolean(a.value)?.cmp(&boolean(b.value)?)),
        "dateTime" => parsed::<oxsdatatypes::DateTime>(a.value)?.partial_cmp(&parsed(b.value)?),
        "date" => parsed::<oxsdatatypes::Date>(a.value)?.partial_cmp(&parsed(b.value)?),
        "time" => parsed::<oxsdatatypes::Time>(a.value)?.partial_cmp(&parsed(b.value)?),
        "gYear" => parsed::<oxsdatatypes::GYear>(a.value)?.partial_cmp(&parsed(b.value)?),
        "gYearMonth" => parsed::<oxsdatatypes::GYearMonth>(a.value)?.partial_cmp(&parsed(b.value)?),
        "dayTimeDuration" => duration(a.value, b.value),
        "yearMonthDuration" => duration(a.value, b.value),
        _ => None,
    }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn is_integer(datatype: &str) -> bool {
    let name = datatype.strip_prefix(XSD).unwrap_or("");
    name == "integer"
        || name.ends_with("Integer")
        || matches!(name, "long" | "int" | "short" | "byte")
        || name.starts_with("unsigned")
}

/// A whole number of any length, ordered by value: sign, then digits by length and text.
fn whole(text: &str) -> Option<(bool, Signed<'_>)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let negative = negative && !digits.is_empty();
    Some((!negative, Signed { negative, digits }))
}

#[derive(Debug, PartialEq, Eq)]
struct Signed<'a> {
    negative: bool,
    digits: &'a str,
}

impl Ord for Signed<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let up = (self.digits.len(), self.digits).cmp(&(other.digits.len(), other.digits));
        if self.negative { up.reverse() } else { up }
    }
}

impl PartialOrd for Signed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Is the lexical form one of the datatype's? Datatypes that we do not know are taken on trust.
pub(crate) fn well_formed(literal: LiteralParts<'_>) -> bool {
    let Some(kind) = literal.datatype.strip_prefix(XSD) else {
        return true;
    };
    let text = literal.value;
    let integer = |low: Option<i128>, high: Option<i128>| {
        let Some((positive, number)) = whole(text) else { return false };
        match text.parse::<i128>() {
            Ok(v) => low.is_none_or(|l| v >= l) && high.is_none_or(|h| v <= h),
            // Beyond 128 bits only an open end on that side fits.
            Err(_) => {
                if positive || number.digits.is_empty() {
                    high.is_none()
                } else {
                    low.is_none()
                }
            }
        }
    };
    match kind {
        "boolean" => boolean(text).is_some(),
        "decimal" => decimal(text),
        "double" => parsed::<oxsdatatypes::Double>(text).is_some(),
        "float" => parsed::<oxsdatatypes::Float>(text).is_some(),
        "dateTime" => parsed::<oxsdatatypes::DateTime>(text).is_some(),
        "date" => parsed::<oxsdatatypes::Date>(text).is_some(),
        "time" => parsed::<oxsdatatypes::Time>(text).is_some(),
        "gYear" => parsed::<oxsdatatypes::GYear>(text).is_some(),
        "gYearMonth" => parsed::<oxsdatatypes::GYearMonth>(text).is_some(),
        "gMonthDay" => parsed::<oxsdatatypes::GMonthDay>(text).is_some(),
        "gMonth" => parsed::<oxsdatatypes::GMonth>(text).is_some(),
        "gDay" => parsed::<oxsdatatypes::GDay>(text).is_some(),
        "duration" => parsed::<oxsdatatypes::Duration>(text).is_some(),
        "dayTimeDuration" => parsed::<oxsdatatypes::DayTimeDuration>(text).is_some(),
        "yearMonthDuration" => parsed::<oxsdatatypes::YearMonthDuration>(text).is_some(),
        _ => integer_range(kind).is_none_or(|(low, high)| integer(low, high)),
    }
}

/// Optional sign, digits with at most one point, at least one digit.
fn decimal(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    whole.len() + part.len() > 0 && [whole, part].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
}

/// RFC 4647 basic filtering, as SPARQL's `langMatches`.
pub(crate) fn language_matches(tag: &str, range: &str) -> bool {
    let (tag, range) = (tag.to_ascii_lowercase(), range.to_ascii_lowercase());
    range == "*" && !tag.is_empty()
        || tag == range
        || tag.strip_prefix(&range).is_some_and(|rest| rest.starts_with('-'))
}

fn duration(a: &str, b: &str) -> Option<Ordering> {
    let (a, b): (oxsdatatypes::Duration, oxsdatatypes::Duration) = (parsed(a)?, parsed(b)?);
    a.partial_cmp(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'a>(value: &'a str, datatype: &'a str) -> LiteralParts<'a> {
        LiteralParts { value, datatype, language: None }
    }

    fn fits(value: &str, kind: &str) -> bool {
        well_formed(parts(value, &format!("{XSD}{kind}")))
    }

    #[test]
    fn lexical_forms_are_checked() {
        assert!(fits("123456789012345678901234567890123456789012345", "integer") && !fits("1.0", "integer"));
        assert!(fits("-1", "integer") && !fits("-1", "nonNegativeInteger") && fits("0", "nonNegativeInteger"));
        assert!(fits("255", "unsignedByte") && !fits("256", "unsignedByte") && !fits("aldi", "integer"));
        assert!(fits(".5", "decimal") && fits("5.", "decimal") && !fits(".", "decimal") && !fits("1e3", "decimal"));
        assert!(fits("2024-02-29", "date") && !fits("2023-02-29", "date") && fits("anything", "anyURI"));
    }

    #[test]
    fn long_whole_numbers_are_ordered() {
        let integer = format!("{XSD}integer");
        let order = |a: &str, b: &str| literals(parts(a, &integer), parts(b, &integer));
        let big = "100000000000000000000000000000000000000000000";
        assert_eq!(order(big, "2"), Some(Ordering::Greater));
        assert_eq!(order(&format!("-{big}"), "2"), Some(Ordering::Less));
        assert_eq!(order(&format!("-{big}"), "-2"), Some(Ordering::Less));
        assert_eq!(order("-0", "+00"), Some(Ordering::Equal));
        assert_eq!(order("x", "2"), None);
    }
}
