//! Numbers of literals in their value space.
//!
//! Decimals are exact (`oxsdatatypes::Decimal`, 18 fractional digits); a double is read by its
//! digits, so `"1.7"^^xsd:double` equals `1.70`. What does not fit a decimal is an `f64`.

use std::cmp::Ordering;
use std::str::FromStr;

use oxrdf::LiteralRef;
use oxsdatatypes::Decimal;

pub use crate::term::XSD;
use crate::term::integer_range;

/// A numeric value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Exact.
    Decimal(Decimal),
    /// Too large or too fine for a decimal; finite.
    Double(f64),
}

impl Number {
    /// The value of a literal, if its datatype is numeric and its text is valid there.
    ///
    /// An ill-typed literal (`"abc"^^xsd:integer`), infinities and not-a-number have none.
    /// Cost: one pass over the text.
    pub fn of(literal: LiteralRef<'_>) -> Option<Number> {
        let kind = literal.datatype().as_str().strip_prefix(XSD)?;
        let text = literal.value();
        match kind {
            "decimal" => is_decimal(text).then(|| Number::parse(text)).flatten(),
            "double" | "float" => Number::parse(text),
            _ => integer(kind, text),
        }
    }

    /// The value of `[+-]digits[.digits][e[+-]digits]`; blanks around it are allowed.
    ///
    /// ```
    /// use suffit_rdf::decide::Number;
    /// assert_eq!(Number::parse("1.70"), Number::parse("17e-1"));
    /// assert_eq!(Number::parse("1,5"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Number> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            None => (text, 0),
            Some(at) => (&text[..at], exponent(&text[at + 1..])?),
        };
        if !is_decimal(mantissa) {
            return None;
        }
        let exact = if exponent == 0 { Decimal::from_str(mantissa).ok() } else { shifted(mantissa, exponent) };
        match exact {
            Some(d) => Some(Number::Decimal(d)),
            None => f64::from_str(text).ok().filter(|v| v.is_finite()).map(Number::Double),
        }
    }

    /// The nearest `f64`.
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Decimal(d) => f64::from_str(&d.to_string()).unwrap_or(f64::NAN),
            Number::Double(v) => v,
        }
    }

    /// Exact comparison where both are decimals, in `f64` otherwise.
    pub fn compare(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Decimal(a), Number::Decimal(b)) => a.cmp(&b),
            (a, b) => a.to_f64().total_cmp(&b.to_f64()),
        }
    }

    /// Whether `|self - value| <= max(relative * |value|, half_width)`.
    pub fn within(self, value: Number, relative: Number, half_width: Number) -> bool {
        if let (Number::Decimal(o), Number::Decimal(v), Number::Decimal(r), Number::Decimal(h)) =
            (self, value, relative, half_width)
            && let Some(inside) = within_exact(o, v, r, h)
        {
            return inside;
        }
        let (o, v) = (self.to_f64(), value.to_f64());
        (o - v).abs() <= (relative.to_f64() * v.abs()).max(half_width.to_f64())
    }

    /// Zero.
    pub fn zero() -> Number {
        Number::Decimal(Decimal::from(0_i64))
    }
}

/// `None` if a product or difference leaves the range of decimals.
fn within_exact(o: Decimal, v: Decimal, relative: Decimal, half: Decimal) -> Option<bool> {
    let gap = o.checked_sub(v)?.checked_abs()?;
    Some(gap <= half || gap <= relative.checked_mul(v.checked_abs()?)?)
}

/// `[+-]` and digits with at most one point, at least one digit.
fn is_decimal(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let points = digits.bytes().filter(|b| *b == b'.').count();
    points <= 1 && digits.len() > points && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// The decimal `mantissa * 10^exponent`, by moving the point in the text.
fn shifted(mantissa: &str, exponent: i32) -> Option<Decimal> {
    /// No decimal has more digits than this.
    const MOST: i32 = 64;
    if exponent.abs() > MOST {
        return None;
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    let point = whole.len() as i32 + exponent;
    let text = if point <= 0 {
        format!("{sign}0.{}{all}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= all.len() {
        format!("{sign}{all}{}", "0".repeat(point as usize - all.len()))
    } else {
        format!("{sign}{}.{}", &all[..point as usize], &all[point as usize..])
    };
    let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Decimal::from_str(trimmed).ok()
}

/// A value of `xsd:integer` or of a type derived from it, inside its range.
fn integer(kind: &str, text: &str) -> Option<Number> {
    let (low, high) = integer_range(kind)?;
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    if trimmed.contains('.') || !is_decimal(trimmed) {
        return None;
    }
    if low.is_some() || high.is_some() {
        let negative = trimmed.starts_with('-') && trimmed.bytes().any(|b| matches!(b, b'1'..=b'9'));
        // A number that does not fit 128 bits is outside each bounded side and inside an open one.
        let value = trimmed.parse::<i128>().unwrap_or(if negative { i128::MIN } else { i128::MAX });
        if low.is_some_and(|l| value < l) || high.is_some_and(|h| value > h) {
            return None;
        }
    }
    Number::parse(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::{Literal, NamedNode};
    use proptest::prelude::*;

    fn value(text: &str, kind: &str) -> Option<Number> {
        Number::of(Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{XSD}{kind}"))).as_ref())
    }

    #[test]
    fn equal_in_value_space() {
        let same =
            [("1.70", "decimal"), ("1.7", "double"), ("17e-1", "double"), ("+01.7", "decimal"), ("0.17E1", "float")];
        for (text, kind) in same {
            assert_eq!(
                value(text, kind).map(|v| v.compare(value("1.7", "decimal").unwrap())),
                Some(Ordering::Equal),
                "{text}"
            );
        }
        assert_eq!(value("5", "byte"), value("5.0", "decimal"));
    }

    #[test]
    fn ill_typed_has_no_value() {
        for (text, kind) in [
            ("abc", "integer"),
            ("1.5", "integer"),
            ("1e3", "decimal"),
            ("", "decimal"),
            (".", "decimal"),
            ("200", "byte"),
            ("-1", "nonNegativeInteger"),
            ("0", "positiveInteger"),
            ("NaN", "double"),
            ("INF", "double"),
            ("1", "string"),
            ("0x10", "integer"),
            ("1e", "double"),
            ("--1", "integer"),
        ] {
            assert_eq!(value(text, kind), None, "{text} {kind}");
        }
        assert!(value("-0", "nonNegativeInteger").is_some());
    }

    #[test]
    fn large_values_compare() {
        let (a, b) = (value("1e300", "double").unwrap(), value("9", "integer").unwrap());
        assert_eq!(a.compare(b), Ordering::Greater);
        assert!(matches!(a, Number::Double(_)));
    }

    #[test]
    fn tolerance_is_exact_at_its_edge() {
        let n = |t: &str| Number::parse(t).unwrap();
        assert!(n("102").within(n("100"), n("0.02"), Number::zero()));
        assert!(!n("102.000000001").within(n("100"), n("0.02"), Number::zero()));
        assert!(n("44645").within(n("44640"), Number::zero(), n("5")));
    }

    proptest! {
        #[test]
        fn moving_the_point_keeps_the_value(m in -99_999_i64..99_999, e in -8_i32..8) {
            let direct = Number::parse(&format!("{m}e{e}")).unwrap();
            let expected = m as f64 * 10f64.powi(e);
            prop_assert!((direct.to_f64() - expected).abs() <= 1e-12 * expected.abs());
        }
    }
}
