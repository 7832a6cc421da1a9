//! Dates with their precision, as intervals of time.
//!
//! Source: specification of the Licensing Oracle, heading "Licensing decision", extensions.

use oxrdf::LiteralRef;

use super::number::XSD;

/// Seconds in a day.
const DAY: i128 = 86_400;
/// The widest offset between a local time and UTC, in seconds.
const WIDEST_OFFSET: i128 = 14 * 3600;
/// Fractions of a second are kept to this many parts.
const PARTS: i128 = 1_000_000_000;

/// The half-open stretch of time that a date literal names; a `dateTime` is one instant.
///
/// Times without a zone are local: beside a time with a zone they may lie up to 14 hours off, so
/// neither "inside" nor "disjoint" is claimed within that margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    from: i128,
    until: i128,
    zoned: bool,
}

impl Stretch {
    /// The stretch of a `gYear`, `gYearMonth`, `date` or `dateTime`; `None` for other or ill-typed
    /// literals. Proleptic Gregorian calendar, year 0 allowed.
    pub fn of(literal: LiteralRef<'_>) -> Option<Stretch> {
        let kind = literal.datatype().as_str().strip_prefix(XSD)?;
        if !matches!(kind, "gYear" | "gYearMonth" | "date" | "dateTime" | "dateTimeStamp") {
            return None;
        }
        let (text, zone) = zone(literal.value().trim_matches([' ', '\t', '\n', '\r']))?;
        let (date, clock) = match text.split_once('T') {
            Some((date, clock)) => (date, Some(clock)),
            None => (text, None),
        };
        let (negative, date) = match date.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, date),
        };
        let mut parts = date.split('-');
        let year = year(parts.next()?)?;
        let year = if negative { -year } else { year };
        let month = parts.next().map(two).map_or(Some(None), |m| m.filter(|m| (1..=12).contains(m)).map(Some))?;
        let day = parts.next().map(two).map_or(Some(None), |d| d.map(Some))?;
        if parts.next().is_some() {
            return None;
        }
        let (first, last) = match (kind, month, day) {
            ("gYear", None, None) => (days(year, 1, 1), days(year + 1, 1, 1)),
            ("gYearMonth", Some(m), None) => {
                let (y, n) = if m == 12 { (year + 1, 1) } else { (year, m + 1) };
                (days(year, m, 1), days(y, n, 1))
            }
            ("date" | "dateTime" | "dateTimeStamp", Some(m), Some(d)) if (1..=month_days(year, m)).contains(&d) => {
                (days(year, m, d), days(year, m, d) + 1)
            }
            _ => return None,
        };
        let offset = zone.unwrap_or(0) * 60;
        let (from, until) = match (kind, clock) {
            ("dateTime" | "dateTimeStamp", Some(clock)) => {
                let at = (first * DAY - offset) * PARTS + seconds(clock)?;
                (at, at)
            }
            ("dateTime" | "dateTimeStamp", None) | (_, Some(_)) => return None,
            (_, None) => ((first * DAY - offset) * PARTS, (last * DAY - offset) * PARTS),
        };
        Some(Stretch { from, until, zoned: zone.is_some() })
    }

    /// Whether all of `self` certainly lies in `other`.
    pub fn inside(self, other: Stretch) -> bool {
        let margin = self.margin(other);
        let instant_at_end = self.from == self.until && self.from == other.until && other.from != other.until;
        self.from >= other.from + margin && self.until + margin <= other.until && !instant_at_end
    }

    /// Whether the two certainly have no moment in common.
    pub fn disjoint(self, other: Stretch) -> bool {
        let margin = self.margin(other);
        let before = |a: Stretch, b: Stretch| {
            let instants = a.from == a.until;
            if instants { a.until + margin < b.from } else { a.until + margin <= b.from }
        };
        before(self, other) || before(other, self)
    }

    fn margin(self, other: Stretch) -> i128 {
        if self.zoned == other.zoned { 0 } else { WIDEST_OFFSET * PARTS }
    }
}

/// Splits a zone off: minutes east of UTC.
fn zone(text: &str) -> Option<(&str, Option<i128>)> {
    if let Some(rest) = text.strip_suffix('Z') {
        return Some((rest, Some(0)));
    }
    let Some(at) = text.len().checked_sub(6).filter(|at| text.is_char_boundary(*at)) else {
        return Some((text, None));
    };
    let tail = &text[at..];
    let sign = match tail.as_bytes() {
        [b'+', _, _, b':', ..] => 1,
        [b'-', _, _, b':', ..] => -1,
        _ => return Some((text, None)),
    };
    let (hours, minutes) = (two(&tail[1..3])?, two(&tail[4..6])?);
    (hours * 60 + minutes <= 14 * 60 && minutes < 60).then_some((&text[..at], Some(sign * (hours * 60 + minutes))))
}

fn year(text: &str) -> Option<i128> {
    let valid = (4..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

fn two(text: &str) -> Option<i128> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// `hh:mm:ss[.fraction]` in parts of a second since midnight.
fn seconds(text: &str) -> Option<i128> {
    let mut parts = text.split(':');
    let (h, m, s) = (two(parts.next()?)?, two(parts.next()?)?, parts.next()?);
    if parts.next().is_some() || h > 24 || m > 59 {
        return None;
    }
    let (whole, fraction) = s.split_once('.').map_or((s, None), |(w, f)| (w, Some(f)));
    let whole = two(whole).filter(|w| *w < 60)?;
    let mut part = 0;
    if let Some(digits) = fraction {
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut scale = PARTS;
        for b in digits.bytes().take(9) {
            scale /= 10;
            part += i128::from(b - b'0') * scale;
        }
    }
    let all = (h * 3600 + m * 60 + whole) * PARTS + part;
    (all <= DAY * PARTS).then_some(all)
}

fn leap(year: i128) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn month_days(year: i128, month: i128) -> i128 {
    match month {
        2 => 28 + i128::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting years from March so that the leap day is the last.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let y = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::{Literal, NamedNode};

    fn stretch(text: &str, kind: &str) -> Option<Stretch> {
        Stretch::of(Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{XSD}{kind}"))).as_ref())
    }

    #[test]
    fn days_count_one_by_one() {
        assert_eq!(days(1970, 1, 1), 0);
        let mut expected = days(-1, 1, 1);
        for year in -1..2105 {
            for month in 1..=12 {
                for day in 1..=month_days(year, month) {
                    assert_eq!(days(year, month, day), expected);
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn coarser_holds_finer() {
        let day = stretch("1950-03-02", "date").unwrap();
        let (month, year) = (stretch("1950-03", "gYearMonth").unwrap(), stretch("1950", "gYear").unwrap());
        assert!(day.inside(month) && month.inside(year) && day.inside(year) && day.inside(day));
        assert!(!month.inside(day) && !month.disjoint(day));
        assert!(stretch("1951", "gYear").unwrap().disjoint(day));
        assert!(stretch("1950-12", "gYearMonth").unwrap().inside(year));
        let midnight = stretch("1951-01-01T00:00:00", "dateTime").unwrap();
        assert!(!midnight.inside(year) && midnight.disjoint(year));
        assert!(stretch("1950-12-31T23:59:59.999", "dateTime").unwrap().inside(year));
    }

    #[test]
    fn zones_move_and_their_absence_is_uncertain() {
        let east = stretch("1950-03-02T01:00:00+02:00", "dateTime").unwrap();
        assert_eq!(east, stretch("1950-03-01T23:00:00Z", "dateTime").unwrap());
        let (local, utc) = (stretch("1950-03-02", "date").unwrap(), stretch("1950-03-02Z", "date").unwrap());
        assert!(!local.inside(utc) && !local.disjoint(utc));
        assert!(local.disjoint(stretch("1950-03-09Z", "date").unwrap()));
    }

    #[test]
    fn ill_typed_has_no_stretch() {
        for (text, kind) in [
            ("1950-02-29", "date"),
            ("1950-13", "gYearMonth"),
            ("50", "gYear"),
            ("1950-03-02", "gYear"),
            ("1950-03-02T25:00:00", "dateTime"),
            ("1950-03-02", "dateTime"),
            ("x", "date"),
            ("1950-03-02", "string"),
            ("é50-03-02", "date"),
            ("1950-03-02+15:00", "date"),
        ] {
            assert_eq!(stretch(text, kind), None, "{text} {kind}");
        }
    }
}
