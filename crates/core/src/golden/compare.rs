//! The rules of comparison.

use super::{Array, GoldenCase};

/// The precision in which the product computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Double: entries below 1e-12 count as 0.
    F64,
    /// Single: entries below 1e-6 count as 0.
    F32,
}

impl Precision {
    /// The absolute part of a tolerance.
    pub fn floor(self) -> f64 {
        match self {
            Precision::F64 => 1e-12,
            Precision::F32 => 1e-6,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Precision::F64 => "f64",
            Precision::F32 => "f32",
        }
    }
}

/// A tolerance: `relative × (largest absolute expected entry) + floor of the precision`.
///
/// ```
/// use suffit_core::golden::{Array, Comparison};
/// let rule = Comparison::f64(1e-9);
/// // largest entry 2: 2e-9 + 1e-12 is allowed
/// let expected = Array::vector(vec![0.0, -2.0]);
/// assert!(rule.slice("x", &[1.9e-9, -2.0], &expected).passed());
/// assert!(!rule.slice("x", &[2.1e-9, -2.0], &expected).passed());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    relative: f64,
    precision: Precision,
    largest: Option<f64>,
}

impl Comparison {
    /// For results computed in double precision.
    pub fn f64(relative: f64) -> Comparison {
        Comparison { relative, precision: Precision::F64, largest: None }
    }

    /// For results computed in single precision.
    pub fn f32(relative: f64) -> Comparison {
        Comparison { relative, precision: Precision::F32, largest: None }
    }

    /// Relative to this magnitude instead of the array's own largest entry, where a folder's
    /// README says so (such as the largest gradient over several arrays).
    #[must_use]
    pub fn relative_to(mut self, largest: f64) -> Comparison {
        self.largest = Some(largest);
        self
    }

    /// Its precision.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Compares arrays: the shapes must agree, and NaN must be where NaN is expected.
    pub fn array(&self, name: &str, ours: &Array, expected: &Array) -> GoldenCase {
        if ours.shape() != expected.shape() {
            return self.wrong(name, expected, format!("shape {:?}, expected {:?}", ours.shape(), expected.shape()));
        }
        self.slice(name, ours.data(), expected)
    }

    /// Compares flat numbers, row-major, with an array.
    pub fn slice(&self, name: &str, ours: &[f64], expected: &Array) -> GoldenCase {
        if ours.len() != expected.len() {
            return self.wrong(name, expected, format!("{} entries, expected {}", ours.len(), expected.len()));
        }
        let mut worst: Option<(usize, f64)> = None;
        for (i, (&a, &b)) in ours.iter().zip(expected.data()).enumerate() {
            let d = deviation(a, b);
            if worst.is_none_or(|(_, w)| d > w) {
                worst = Some((i, d));
            }
        }
        let note = match worst {
            Some((i, d)) if d > 0.0 => {
                format!("at {:?}: {:e}, expected {:e}", expected.position(i), ours[i], expected.data()[i])
            }
            _ => String::new(),
        };
        GoldenCase {
            name: self.tagged(name),
            deviation: worst.map_or(0.0, |(_, d)| d),
            tolerance: self.allowed(expected),
            note,
        }
    }

    /// Compares flat numbers of single precision with an array.
    pub fn slice_f32(&self, name: &str, ours: &[f32], expected: &Array) -> GoldenCase {
        let wide: Vec<f64> = ours.iter().map(|&v| f64::from(v)).collect();
        self.slice(name, &wide, expected)
    }

    /// Compares two numbers; `expected` NaN means undefined.
    pub fn number(&self, name: &str, ours: f64, expected: f64) -> GoldenCase {
        self.slice(name, &[ours], &Array::scalar(expected))
    }

    /// Compares two numbers of which either may be undefined.
    pub fn optional(&self, name: &str, ours: Option<f64>, expected: Option<f64>) -> GoldenCase {
        self.number(name, ours.unwrap_or(f64::NAN), expected.unwrap_or(f64::NAN))
    }

    /// A field `max_*_diff`: what the reference showed; ours must be below max(1e-12, 10 × that).
    pub fn within_reference(name: &str, ours: f64, reference: f64) -> GoldenCase {
        let tolerance = (10.0 * reference).max(1e-12);
        GoldenCase { name: name.to_owned(), deviation: ours.abs(), tolerance, note: "10 × the reference's".to_owned() }
    }

    /// Something that must hold exactly, such as an index or a rank.
    pub fn exact<T: PartialEq + std::fmt::Debug>(name: &str, ours: &T, expected: &T) -> GoldenCase {
        let equal = ours == expected;
        let note = if equal { String::new() } else { format!("{ours:?}, expected {expected:?}") };
        GoldenCase { name: name.to_owned(), deviation: if equal { 0.0 } else { f64::INFINITY }, tolerance: 0.0, note }
    }

    fn allowed(&self, expected: &Array) -> f64 {
        self.relative * self.largest.unwrap_or_else(|| expected.largest()) + self.precision.floor()
    }

    fn wrong(&self, name: &str, expected: &Array, note: String) -> GoldenCase {
        GoldenCase { name: self.tagged(name), deviation: f64::INFINITY, tolerance: self.allowed(expected), note }
    }

    fn tagged(&self, name: &str) -> String {
        format!("{name} ({})", self.precision.tag())
    }
}

/// Absolute deviation; 0 where both are undefined or the same infinity, infinite where one is not.
fn deviation(ours: f64, expected: f64) -> f64 {
    match (ours.is_nan(), expected.is_nan()) {
        (true, true) => 0.0,
        (false, false) if ours == expected => 0.0,
        (false, false) => (ours - expected).abs(),
        _ => f64::INFINITY,
    }
}
