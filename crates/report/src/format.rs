//! How a number is written; the page's `number.ts` follows the same rules, and both are held to
//! `tests/numbers.json`.

use serde::{Deserialize, Serialize};

use crate::value::{Estimate, Interval};

/// Shown where there is no number.
pub(crate) const DASH: &str = "–";

/// How numbers of one kind are printed.
///
/// - `digits: Some(d)`: `d` digits after the point, ties away from zero; a magnitude from 1e15 on
///   is written with an exponent.
/// - `digits: None`: whole numbers below 1e15 in full, others with up to 4 significant digits,
///   and with an exponent below 1e-4 or from 1e7 on.
/// - thousands are separated by commas, the minus is U+2212, a missing value is an en dash,
///   infinities are `∞`.
/// - `percent`: the value is a share; it is printed times 100 (the sign `%` goes with the unit).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Digits after the decimal point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<u8>,
    /// Print a share as percent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub percent: bool,
    /// Print a plus in front of positive numbers (differences).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// Unit, such as `nats` or `s`; printed in headers and after key figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Format {
    /// Automatic digits.
    pub fn auto() -> Self {
        Self::default()
    }

    /// A fixed number of digits after the point.
    pub fn digits(digits: u8) -> Self {
        Self { digits: Some(digits), ..Self::default() }
    }

    /// A whole number.
    pub fn count() -> Self {
        Self::digits(0)
    }

    /// A share, printed as percent with `digits` digits.
    pub fn percent(digits: u8) -> Self {
        Self { digits: Some(digits), percent: true, ..Self::default() }
    }

    /// A share, printed as percent with automatic digits.
    pub(crate) fn percent_auto() -> Self {
        Self { percent: true, ..Self::default() }
    }

    /// With a plus sign in front of positive numbers.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// With a unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// The number without its unit.
    ///
    /// ```
    /// use suffit_report::Format;
    /// assert_eq!(Format::count().write(12345.0), "12,345");
    /// assert_eq!(Format::digits(3).signed().write(-0.0125), "−0.013");
    /// assert_eq!(Format::percent(1).write(0.25), "25.0");
    /// ```
    pub fn write(&self, value: f64) -> String {
        if value.is_nan() {
            return DASH.to_owned();
        }
        let scaled = if self.percent { value * 100.0 } else { value };
        let magnitude = scaled.abs();
        let body = if magnitude.is_infinite() {
            "∞".to_owned()
        } else {
            match self.digits {
                Some(digits) if magnitude < 1e15 => group(&fixed(magnitude, usize::from(digits))),
                Some(digits) => exponent(magnitude, usize::from(digits)),
                None if magnitude.fract() == 0.0 && magnitude < 1e15 => group(&fixed(magnitude, 0)),
                None if !(1e-4..1e7).contains(&magnitude) => exponent(magnitude, 3),
                None => group(&significant(magnitude)),
            }
        };
        // "−0.000" is noise: a sign is shown only where a digit other than zero follows.
        let zero = body.chars().all(|c| matches!(c, '0' | '.' | ','));
        match (zero, scaled < 0.0) {
            (true, _) => body,
            (false, true) => format!("−{body}"),
            (false, false) if self.signed => format!("+{body}"),
            (false, false) => body,
        }
    }

    /// The number with its unit: `3.20 nats`, `25.0 %`.
    pub fn write_with_unit(&self, value: f64) -> String {
        let number = self.write(value);
        match self.suffix() {
            Some(unit) if number != DASH => format!("{number} {unit}"),
            _ => number,
        }
    }

    /// `[low, high]`.
    pub fn write_interval(&self, interval: &Interval) -> String {
        format!("[{}, {}]", self.write(interval.low), self.write(interval.high))
    }

    /// Value with unit, then its interval in brackets: `3.20 nats [3.10, 3.30]`.
    pub fn write_estimate(&self, estimate: &Estimate) -> String {
        let value = self.write_with_unit(estimate.value);
        match &estimate.interval {
            Some(interval) => format!("{value} {}", self.write_interval(interval)),
            None => value,
        }
    }

    /// The unit as printed: percent sign and unit.
    pub(crate) fn suffix(&self) -> Option<String> {
        match (self.percent, &self.unit) {
            (true, Some(unit)) => Some(format!("% {unit}")),
            (true, None) => Some("%".to_owned()),
            (false, unit) => unit.clone(),
        }
    }
}

/// `magnitude >= 0` with `digits` decimals, exact ties away from zero (as `Number.toFixed` does).
fn fixed(magnitude: f64, digits: usize) -> String {
    // A double is an exact tie only if its decimal expansion ends at the digit after the last
    // one shown, in a 5; then the next double up rounds the way we want.
    let longer = format!("{magnitude:.*}", digits + 1);
    let tie = longer.ends_with('5') && format!("{magnitude:.*}", digits + 60).trim_end_matches('0') == longer;
    let value = if tie { magnitude.next_up() } else { magnitude };
    format!("{value:.digits$}")
}

/// Four significant digits without trailing zeros and exponent, for 1e-4 <= magnitude < 1e7.
fn significant(magnitude: f64) -> String {
    let rounded = format!("{magnitude:.3e}");
    let power: i32 = rounded.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    trim(&fixed(magnitude, usize::try_from(3 - power).unwrap_or(0))).to_owned()
}

/// `0.500` -> `0.5`, `3.000` -> `3`, `100` stays.
fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// `1.234e−5`.
fn exponent(magnitude: f64, digits: usize) -> String {
    let text = format!("{magnitude:.digits$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{}", trim(mantissa), power.replace('-', "−"))
}

/// Commas between thousands of the part before the point.
fn group(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(w, r)| (w, Some(r)));
    let mut out = String::with_capacity(text.len() + whole.len() / 3 + 1);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}
