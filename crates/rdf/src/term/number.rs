//! The numbers that literals denote.

use std::cmp::Ordering;

use oxsdatatypes::{Decimal, Double, Float};

/// XML Schema's namespace.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Lower and upper bound of `xsd:integer` and of the types derived from it, by local name; an absent
/// bound is open.
pub(crate) fn integer_range(name: &str) -> Option<(Option<i128>, Option<i128>)> {
    Some(match name {
        "integer" => (None, None),
        "nonNegativeInteger" => (Some(0), None),
        "positiveInteger" => (Some(1), None),
        "nonPositiveInteger" => (None, Some(0)),
        "negativeInteger" => (None, Some(-1)),
        "long" => (Some(i64::MIN.into()), Some(i64::MAX.into())),
        "int" => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        "short" => (Some(i16::MIN.into()), Some(i16::MAX.into())),
        "byte" => (Some(i8::MIN.into()), Some(i8::MAX.into())),
        "unsignedLong" => (Some(0), Some(u64::MAX.into())),
        "unsignedInt" => (Some(0), Some(u32::MAX.into())),
        "unsignedShort" => (Some(0), Some(u16::MAX.into())),
        "unsignedByte" => (Some(0), Some(u8::MAX.into())),
        _ => return None,
    })
}

/// A number: exact as long as its datatype is.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// xsd:decimal and every integer type: 18 decimals, exact.
    Decimal(Decimal),
    /// xsd:double, and xsd:float widened.
    Double(Double),
}

impl Number {
    /// As a double, rounded if need be.
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Decimal(d) => Double::from(d).into(),
            Number::Double(d) => d.into(),
        }
    }

    /// As a decimal, if it is one: a double is taken at its shortest decimal form.
    pub fn to_decimal(self) -> Option<Decimal> {
        match self {
            Number::Decimal(d) => Some(d),
            // The shortest text that reads back as this double; `Display` of f64 never uses an exponent.
            Number::Double(d) => f64::from(d).to_string().parse().ok(),
        }
    }

    /// Order in the value space; `None` if one of them is not a number.
    ///
    /// Two exact numbers compare exactly. With a double in it, the double is taken at its shortest
    /// decimal form if that fits (so 1.7 = "1.70"^^decimal), else both are compared as doubles.
    pub fn compare(self, other: Number) -> Option<Ordering> {
        match (self.to_decimal(), other.to_decimal()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

/// The number denoted by `text` of type `datatype`.
pub(super) fn parse(text: &str, datatype: &str) -> Option<Number> {
    let name = datatype.strip_prefix(XSD)?;
    match name {
        "double" => text.parse::<Double>().ok().map(Number::Double),
        "float" => text.parse::<Float>().ok().map(|f| Number::Double(f.into())),
        "decimal" => text.parse().ok().map(Number::Decimal),
        _ => fits(integer_range(name)?, text).then(|| text.parse().ok().map(Number::Decimal))?,
    }
}

/// Whether a text is a whole number within a range. What no `i128` holds is no decimal either.
fn fits((low, high): (Option<i128>, Option<i128>), text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<i128>().is_ok_and(|v| low.is_none_or(|l| v >= l) && high.is_none_or(|h| v <= h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, datatype: &str) -> Option<Number> {
        parse(text, &format!("{XSD}{datatype}"))
    }

    #[test]
    fn equal_across_types() {
        let forms = [("1.70", "decimal"), ("1.7", "decimal"), ("1.7", "double"), ("17e-1", "double")];
        for a in forms {
            for b in forms {
                let (x, y) = (number(a.0, a.1).unwrap(), number(b.0, b.1).unwrap());
                assert_eq!(x.compare(y), Some(Ordering::Equal), "{a:?} {b:?}");
            }
        }
        let (one, two) = (number("1", "integer").unwrap(), number("2", "byte").unwrap());
        assert_eq!(one.compare(two), Some(Ordering::Less));
        assert_eq!(number("NaN", "double").unwrap().compare(one), None);
    }

    #[test]
    fn ill_typed_is_no_number() {
        for (text, datatype) in [("abc", "integer"), ("1.0", "integer"), ("300", "byte"), ("-1", "positiveInteger")] {
            assert!(number(text, datatype).is_none(), "{text} {datatype}");
        }
        assert!(parse("1", "http://x/integer").is_none());
    }
}
