//! Units: a subset of UCUM and QUDT with exact factors.

use std::str::FromStr;

use oxsdatatypes::Decimal;

/// A unit, the canonical unit of its kind and the factor between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The canonical unit (`m`, `km2`, `m3`, `m3/s`, `kg`, `s`, `degC`, `m/s`, `%`, `1`).
    pub canonical: &'static str,
    /// Canonical units in one of this unit, as decimal text.
    pub factor: &'static str,
}

/// Why a number in one unit cannot be compared with a property in another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitFault {
    /// The unit is not known.
    #[error("the unit `{got}` is not known")]
    Unknown {
        /// Its name.
        got: String,
    },
    /// The units measure different kinds of things.
    #[error("`{got}` measures {got_kind}, but the property is in `{wanted}` ({wanted_kind})")]
    Kind {
        /// The unit of the claim.
        got: String,
        /// Its canonical unit.
        got_kind: &'static str,
        /// The unit of the property.
        wanted: String,
        /// Its canonical unit.
        wanted_kind: &'static str,
    },
}

/// Canonical unit, factor, names.
type Row = (&'static str, &'static str, &'static [&'static str]);

const UNITS: &[Row] = &[
    ("m", "1", &["m", "metre", "metres", "meter", "meters", "unit:M"]),
    ("m", "1000", &["km", "kilometre", "kilometres", "kilometer", "kilometers", "unit:KiloM"]),
    ("m", "0.01", &["cm", "centimetre", "centimetres", "centimeter", "centimeters", "unit:CentiM"]),
    ("m", "0.001", &["mm", "millimetre", "millimetres", "millimeter", "millimeters", "unit:MilliM"]),
    ("m", "0.3048", &["ft", "foot", "feet", "[ft_i]", "unit:FT"]),
    ("m", "0.0254", &["in", "inch", "inches", "[in_i]", "unit:IN"]),
    ("m", "0.9144", &["yd", "yard", "yards", "[yd_i]", "unit:YD"]),
    ("m", "1609.344", &["mi", "mile", "miles", "[mi_i]", "unit:MI"]),
    ("m", "1852", &["nmi", "nautical mile", "nautical miles", "[nmi_i]", "unit:MI_N"]),
    (
        "km2",
        "1",
        &[
            "km2",
            "km²",
            "km^2",
            "sq km",
            "square kilometre",
            "square kilometres",
            "square kilometer",
            "square kilometers",
            "unit:KiloM2",
        ],
    ),
    (
        "km2",
        "0.000001",
        &["m2", "m²", "m^2", "sq m", "square metre", "square metres", "square meter", "square meters", "unit:M2"],
    ),
    ("km2", "0.01", &["ha", "hectare", "hectares", "har", "unit:HA"]),
    ("km2", "2.589988110336", &["sq mi", "mi2", "mi²", "square mile", "square miles", "[smi_us]", "unit:MI2"]),
    ("m3", "1", &["m3", "m³", "m^3", "cubic metre", "cubic metres", "cubic meter", "cubic meters", "unit:M3"]),
    ("m3", "0.001", &["l", "L", "litre", "litres", "liter", "liters", "unit:L"]),
    ("m3", "1000000000", &["km3", "km³", "cubic kilometre", "cubic kilometres", "cubic kilometer", "cubic kilometers"]),
    ("m3", "0.028316846592", &["cu ft", "ft3", "ft³", "cubic foot", "cubic feet", "[cft_i]", "unit:FT3"]),
    ("m3/s", "1", &["m3/s", "m³/s", "m^3/s", "cubic metres per second", "cubic meters per second", "unit:M3-PER-SEC"]),
    ("m3/s", "0.028316846592", &["cu ft/s", "ft3/s", "ft³/s", "cubic feet per second", "cfs", "unit:FT3-PER-SEC"]),
    ("kg", "1", &["kg", "kilogram", "kilograms", "unit:KiloGM"]),
    ("kg", "0.001", &["g", "gram", "grams", "unit:GM"]),
    ("kg", "0.000001", &["mg", "milligram", "milligrams", "unit:MilliGM"]),
    ("kg", "1000", &["t", "tonne", "tonnes", "unit:TONNE"]),
    ("kg", "0.45359237", &["lb", "lbs", "pound", "pounds", "[lb_av]", "unit:LB"]),
    ("kg", "0.028349523125", &["oz", "ounce", "ounces", "[oz_av]", "unit:OZ"]),
    ("s", "1", &["s", "sec", "second", "seconds", "unit:SEC"]),
    ("s", "60", &["min", "minute", "minutes", "unit:MIN"]),
    ("s", "3600", &["h", "hour", "hours", "unit:HR"]),
    ("s", "86400", &["d", "day", "days", "unit:DAY"]),
    ("m/s", "1", &["m/s", "metres per second", "meters per second", "unit:M-PER-SEC"]),
    ("m/s", "0.44704", &["mph", "miles per hour", "[mi_i]/h", "unit:MI-PER-HR"]),
    ("degC", "1", &["°C", "degC", "Cel", "degrees Celsius", "degree Celsius", "unit:DEG_C"]),
    ("%", "1", &["%", "percent", "per cent", "unit:PERCENT"]),
    ("1", "1", &["1", "unit:UNITLESS"]),
];

/// The namespace of QUDT's units.
const QUDT: &str = "http://qudt.org/vocab/unit/";

impl Unit {
    /// The unit with this name, UCUM code or QUDT IRI; capitals count only where a name without
    /// regard to them is not found (`Mg` is not `mg`).
    ///
    /// ```
    /// use suffit_rdf::ground::Unit;
    /// assert_eq!(Unit::find("ft").map(|u| (u.canonical, u.factor)), Some(("m", "0.3048")));
    /// assert_eq!(Unit::find("parsec"), None);
    /// ```
    pub fn find(name: &str) -> Option<Unit> {
        let short = name.strip_prefix(QUDT).map(|rest| format!("unit:{rest}"));
        let name = short.as_deref().unwrap_or(name).trim();
        let exact = UNITS.iter().find(|(_, _, names)| names.contains(&name));
        let words =
            || UNITS.iter().find(|(_, _, names)| names.iter().any(|n| n.len() > 3 && n.eq_ignore_ascii_case(name)));
        exact.or_else(words).map(|(canonical, factor, _)| Unit { canonical, factor })
    }

    /// The exact factor to the canonical unit.
    pub fn scale(self) -> Decimal {
        // Every factor of the table is a decimal: a test reads them all.
        Decimal::from_str(self.factor).unwrap_or_default()
    }

    /// The number that turns an amount in `got` into one in `wanted`, as numerator and denominator.
    ///
    /// # Errors
    /// [`UnitFault`]: unknown unit, or units of different kinds (kilometres for square kilometres).
    pub fn conversion(got: &str, wanted: &str) -> Result<(Decimal, Decimal), UnitFault> {
        let unknown = |name: &str| UnitFault::Unknown { got: name.to_owned() };
        let from = Unit::find(got).ok_or_else(|| unknown(got))?;
        let to = Unit::find(wanted).ok_or_else(|| unknown(wanted))?;
        if from.canonical != to.canonical {
            return Err(UnitFault::Kind {
                got: got.to_owned(),
                got_kind: from.canonical,
                wanted: wanted.to_owned(),
                wanted_kind: to.canonical,
            });
        }
        Ok((from.scale(), to.scale()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_factor_is_a_decimal_and_every_name_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (canonical, factor, names) in UNITS {
            assert!(Decimal::from_str(factor).is_ok_and(|d| d > Decimal::default()), "{factor}");
            assert!(Unit::find(canonical).is_some_and(|u| u.canonical == *canonical && u.factor == "1"), "{canonical}");
            for name in *names {
                assert!(seen.insert(*name), "{name} twice");
                assert_eq!(Unit::find(name).map(|u| u.factor), Some(*factor));
            }
        }
    }

    #[test]
    fn kinds_do_not_mix() {
        assert!(matches!(Unit::conversion("km", "km2"), Err(UnitFault::Kind { .. })));
        assert!(matches!(Unit::conversion("furlong", "m"), Err(UnitFault::Unknown { .. })));
        assert!(Unit::conversion("http://qudt.org/vocab/unit/KiloM", "m").is_ok());
    }
}
