//! Claims in JSON: strict keys, every error names the key.

use oxrdf::{Literal, NamedNode};
use serde_json::{Map, Value, json};

use super::claim::{Claim, Gold, Line, Node, Object, Op};
use super::error::ClaimError;

/// Keys of a claim.
const KEYS: [&str; 6] = ["subject", "predicate", "object", "op", "negated", "unit"];

impl Claim {
    /// Reads one claim; the wrapper `{"claim": …}` is accepted and its other keys are left aside.
    ///
    /// # Errors
    /// [`ClaimError`]: not JSON (line, column), unknown or missing keys, values of another type,
    /// relative IRIs.
    pub fn from_json(text: &str) -> Result<Claim, ClaimError> {
        Ok(Line::from_json(text)?.claim)
    }

    /// Reads one claim from a JSON value.
    ///
    /// # Errors
    /// As [`Claim::from_json`].
    pub fn from_value(value: &Value) -> Result<Claim, ClaimError> {
        let map = object("claim", value)?;
        known_keys(map, "", &KEYS)?;
        let op = match map.get("op") {
            None | Some(Value::Null) => Op::Eq,
            Some(v) => {
                let sign = text("op", v)?;
                Op::from_sign(sign).ok_or_else(|| ClaimError::Op { got: sign.to_owned() })?
            }
        };
        let negated = match map.get("negated") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(b)) => *b,
            Some(v) => return Err(wrong("negated", v, "true or false")),
        };
        let unit = match map.get("unit") {
            None | Some(Value::Null) => None,
            Some(v) => Some(text("unit", v)?.to_owned()),
        };
        Ok(Claim {
            subject: node("subject", required(map, "subject")?, false)?,
            predicate: node("predicate", required(map, "predicate")?, true)?,
            object: claim_object(required(map, "object")?)?,
            op,
            negated,
            unit,
        })
    }

    /// The claim as JSON; reading it back gives the same claim.
    pub fn to_json(&self) -> Value {
        let node = |n: &Node| match n {
            Node::Iri(iri) => json!({ "iri": iri.as_str() }),
            Node::Mention(m) => json!({ "mention": m }),
        };
        let mut map = Map::new();
        map.insert("subject".into(), node(&self.subject));
        map.insert(
            "predicate".into(),
            match &self.predicate {
                Node::Iri(iri) => Value::from(iri.as_str()),
                other => node(other),
            },
        );
        map.insert("object".into(), object_json(&self.object));
        map.insert("op".into(), Value::from(self.op.sign()));
        if self.negated {
            map.insert("negated".into(), Value::Bool(true));
        }
        if let Some(unit) = &self.unit {
            map.insert("unit".into(), Value::from(unit.as_str()));
        }
        Value::Object(map)
    }
}

impl Line {
    /// Reads a line of a claims file: a bare claim, or `{"claim": …, "gold": …, "text": …}`.
    ///
    /// # Errors
    /// As [`Claim::from_json`]; a label that is none of `E`, `C`, `U`.
    pub fn from_json(line: &str) -> Result<Line, ClaimError> {
        let value: Value = serde_json::from_str(line).map_err(|e| ClaimError::Json {
            line: e.line(),
            column: e.column(),
            message: e.to_string(),
        })?;
        Line::from_value(&value)
    }

    /// Reads a line from a JSON value.
    ///
    /// # Errors
    /// As [`Line::from_json`].
    pub fn from_value(value: &Value) -> Result<Line, ClaimError> {
        let map = object("claim", value)?;
        let Some(inner) = map.get("claim") else {
            let claim = Claim::from_value(value)?;
            return Ok(Line { claim, id: None, gold: None, text: None, text_gold: None });
        };
        let label = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(v) => {
                let word = text(key, v)?;
                Gold::from_word(word).map(Some).ok_or_else(|| ClaimError::Word {
                    key: key.to_owned(),
                    got: word.to_owned(),
                    expected: "`E`, `C` or `U`",
                })
            }
        };
        let optional = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(n)) => Ok(Some(n.to_string())),
            Some(v) => text(key, v).map(|t| Some(t.to_owned())),
        };
        Ok(Line {
            claim: Claim::from_value(inner)?,
            id: optional("id")?,
            gold: label("gold")?,
            text: optional("text")?,
            text_gold: label("text_gold")?,
        })
    }
}

fn object_json(object: &Object) -> Value {
    match object {
        Object::Iri(iri) => json!({ "iri": iri.as_str() }),
        Object::Mention(m) => json!({ "mention": m }),
        Object::Untyped(v) => json!({ "value": v }),
        Object::Literal(l) => match l.language() {
            Some(lang) => json!({ "value": l.value(), "lang": lang }),
            None => json!({ "value": l.value(), "datatype": l.datatype().as_str() }),
        },
    }
}

fn node(key: &str, value: &Value, bare_iri: bool) -> Result<Node, ClaimError> {
    if let (true, Value::String(text)) = (bare_iri, value) {
        return Ok(Node::Iri(iri(key, text)?));
    }
    let map = object(key, value)?;
    known_keys(map, key, &["iri", "mention"])?;
    match (map.get("iri"), map.get("mention")) {
        (Some(_), Some(_)) => Err(both(key, "iri", "mention")),
        (Some(v), None) => Ok(Node::Iri(iri(&format!("{key}.iri"), text(&format!("{key}.iri"), v)?)?)),
        (None, Some(v)) => Ok(Node::Mention(text(&format!("{key}.mention"), v)?.to_owned())),
        (None, None) => Err(ClaimError::Missing { key: format!("{key}.iri") }),
    }
}

fn claim_object(value: &Value) -> Result<Object, ClaimError> {
    let map = object("object", value)?;
    known_keys(map, "object", &["iri", "mention", "value", "datatype", "lang"])?;
    if let Some(literal) = map.get("value") {
        for (key, name) in [("iri", "iri"), ("mention", "mention")] {
            if map.contains_key(key) {
                return Err(both("object", name, "value"));
            }
        }
        return literal_object(map, literal);
    }
    for key in ["datatype", "lang"] {
        if map.contains_key(key) {
            return Err(ClaimError::Missing { key: "object.value".to_owned() });
        }
    }
    Ok(match node("object", value, false)? {
        Node::Iri(iri) => Object::Iri(iri),
        Node::Mention(m) => Object::Mention(m),
    })
}

fn literal_object(map: &Map<String, Value>, value: &Value) -> Result<Object, ClaimError> {
    let lexical = match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        other => return Err(wrong("object.value", other, "text, a number or true/false")),
    };
    let present = |key: &str| map.get(key).filter(|v| !v.is_null());
    match (present("datatype"), present("lang")) {
        (Some(_), Some(_)) => Err(both("object", "datatype", "lang")),
        (Some(d), None) => {
            let datatype = iri("object.datatype", text("object.datatype", d)?)?;
            Ok(Object::Literal(Literal::new_typed_literal(lexical, datatype)))
        }
        (None, Some(l)) => {
            let tag = text("object.lang", l)?;
            let literal = Literal::new_language_tagged_literal(lexical, tag).map_err(|e| ClaimError::Language {
                key: "object.lang".to_owned(),
                got: tag.to_owned(),
                message: e.to_string(),
            })?;
            Ok(Object::Literal(literal))
        }
        (None, None) => Ok(Object::Untyped(lexical)),
    }
}

fn required<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a Value, ClaimError> {
    map.get(key).ok_or_else(|| ClaimError::Missing { key: key.to_owned() })
}

fn object<'a>(key: &str, value: &'a Value) -> Result<&'a Map<String, Value>, ClaimError> {
    value.as_object().ok_or_else(|| wrong(key, value, "an object"))
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, ClaimError> {
    value.as_str().ok_or_else(|| wrong(key, value, "text"))
}

fn iri(key: &str, text: &str) -> Result<NamedNode, ClaimError> {
    NamedNode::new(text).map_err(|e| ClaimError::Iri {
        key: key.to_owned(),
        got: text.to_owned(),
        message: e.to_string(),
    })
}

fn known_keys(map: &Map<String, Value>, prefix: &str, known: &[&str]) -> Result<(), ClaimError> {
    match map.keys().find(|k| !known.contains(&k.as_str())) {
        None => Ok(()),
        Some(key) => Err(ClaimError::UnknownKey {
            key: if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") },
            nearest: suffit_core::text::nearest(key, known.iter().copied()).map(str::to_owned),
        }),
    }
}

fn wrong(key: &str, value: &Value, expected: &'static str) -> ClaimError {
    let got = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    ClaimError::Type { key: key.to_owned(), got, expected }
}

fn both(key: &str, first: &'static str, second: &'static str) -> ClaimError {
    ClaimError::Both { key: key.to_owned(), first, second }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"subject":{"iri":"urn:s"},"predicate":"urn:p","object":{"value":"1","datatype":"http://www.w3.org/2001/XMLSchema#integer"},"op":">","negated":true,"unit":"km"}"#;

    #[test]
    fn reads_what_it_writes_and_the_wrapper() {
        let claim = Claim::from_json(GOOD).unwrap();
        assert_eq!(Claim::from_json(&claim.to_json().to_string()).unwrap(), claim);
        let line = Line::from_json(&format!(r#"{{"claim":{GOOD},"gold":"C","id":"7","text":"t","more":1}}"#)).unwrap();
        assert_eq!((line.claim, line.gold, line.id.as_deref()), (claim, Some(Gold::C), Some("7")));
    }

    #[test]
    fn names_what_is_wrong() {
        let base = r#""predicate":"urn:p","object":{"iri":"urn:o"}"#;
        let cases = [
            ("{", "claim.json"),
            ("[]", "claim.type"),
            (r#"{"predicate":"urn:p","object":{"iri":"urn:o"}}"#, "claim.missing"),
            (&format!(r#"{{"subject":{{}},{base}}}"#), "claim.missing"),
            (&format!(r#"{{"subject":{{"iri":"rel"}},{base}}}"#), "claim.iri"),
            (&format!(r#"{{"subject":{{"iri":"urn:a","mention":"a"}},{base}}}"#), "claim.both"),
            (&format!(r#"{{"subject":{{"iri":"urn:a"}},{base},"negatd":true}}"#), "claim.unknown_key"),
            (&format!(r#"{{"subject":{{"iri":"urn:a"}},{base},"op":"=="}}"#), "claim.op"),
            (&format!(r#"{{"subject":{{"iri":"urn:a"}},{base},"negated":"yes"}}"#), "claim.type"),
            (r#"{"subject":{"iri":"urn:a"},"predicate":"urn:p","object":{"lang":"en"}}"#, "claim.missing"),
            (
                r#"{"subject":{"iri":"urn:a"},"predicate":"urn:p","object":{"value":"x","lang":"e n"}}"#,
                "claim.language",
            ),
            (&format!(r#"{{"claim":{GOOD},"gold":"maybe"}}"#), "claim.word"),
        ];
        for (text, code) in cases {
            let error = Line::from_json(text).unwrap_err();
            assert_eq!(suffit_core::Cause::code(&error), code, "{text}: {error}");
        }
    }
}
