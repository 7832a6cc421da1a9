//! Numbers in JSON without loss: a finite number is a number, `NaN` is `null`, and the infinities
//! are the strings `"inf"` and `"-inf"` (JSON has no word for the three).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One number in its JSON form.
#[derive(Clone, Copy)]
struct Num(f64);

impl Serialize for Num {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            s.serialize_f64(self.0)
        } else if self.0.is_nan() {
            s.serialize_none()
        } else {
            s.serialize_str(if self.0 > 0.0 { "inf" } else { "-inf" })
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Finite(f64),
    Word(String),
    Nothing(()),
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match Wire::deserialize(d)? {
            Wire::Finite(v) => Ok(Self(v)),
            Wire::Nothing(()) => Ok(Self(f64::NAN)),
            Wire::Word(w) if w == "inf" => Ok(Self(f64::INFINITY)),
            Wire::Word(w) if w == "-inf" => Ok(Self(f64::NEG_INFINITY)),
            Wire::Word(w) => Err(D::Error::custom(format!("`{w}` is not a number, null, \"inf\" or \"-inf\""))),
        }
    }
}

pub(crate) fn serialize<S: Serializer>(v: &f64, s: S) -> Result<S::Ok, S::Error> {
    Num(*v).serialize(s)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    Ok(Num::deserialize(d)?.0)
}

/// The same for a list.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Num, Serializer};

    pub(crate) fn serialize<S: Serializer>(v: &[f64], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(v.iter().map(|&x| Num(x)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<Num>::deserialize(d)?.into_iter().map(|x| x.0).collect())
    }
}

/// The same for a list of rows.
pub(crate) mod grid {
    use super::{Deserialize, Deserializer, Num, Serializer};

    pub(crate) fn serialize<S: Serializer>(v: &[Vec<f64>], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(v.iter().map(|row| row.iter().map(|&x| Num(x)).collect::<Vec<_>>()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<f64>>, D::Error> {
        let rows = Vec::<Vec<Num>>::deserialize(d)?;
        Ok(rows.into_iter().map(|row| row.into_iter().map(|x| x.0).collect()).collect())
    }
}
