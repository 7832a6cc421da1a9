//! Clauses about the configuration.

use serde_json::{Value, json};
use suffit_core::Family;
use suffit_core::config::{ConfigError, PRESETS, from_toml_text, layer, to_toml};

use super::Fixture;

/// Defaults → TOML → defaults and defaults → JSON → defaults, both accepted by schema and checks.
pub fn defaults_round_trip_and_fit_their_schema(fixture: &Fixture) {
    let method = fixture.method();
    let default = method.default_config();
    assert!(default.is_object(), "the default configuration is no object: {default}");
    method.check_config(&default).unwrap_or_else(|e| panic!("the defaults are refused: {e}"));

    let text = serde_json::to_string(&default).unwrap();
    let again: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(again, default, "JSON changes the defaults");

    let text = to_toml(&default).unwrap();
    let read: Value = from_toml_text("defaults.toml", &text).unwrap();
    method.check_config(&read).unwrap_or_else(|e| panic!("the defaults are refused when read from TOML: {e}\n{text}"));
    // Empty optional keys have no form in TOML; they are the only ones that may be left out.
    let mut filled = default.clone();
    layer(&mut filled, &read);
    assert_eq!(filled, default, "TOML changes the defaults:\n{text}");
}

/// Every key of the struct has a sentence in the schema, which editors and `describe` show.
pub fn every_key_is_documented(fixture: &Fixture) {
    let schema = fixture.method().schema();
    let default = fixture.method().default_config();
    let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("the schema names no keys: {schema}"));
    for key in default.as_object().unwrap().keys() {
        let about = properties.get(key).unwrap_or_else(|| panic!("`{key}` is not in the schema"));
        let said = about["description"].as_str().is_some_and(|text| !text.trim().is_empty());
        assert!(said, "`{key}` has no description in the schema");
    }
}

/// A misspelt key is refused at every place that has keys, and the right one is offered.
pub fn unknown_keys_are_refused_with_the_nearest_name(fixture: &Fixture) {
    let mut places = Vec::new();
    keys(&fixture.method().default_config(), &mut Vec::new(), &mut places);
    assert!(!places.is_empty(), "the configuration has no keys");
    for path in places {
        let dotted = path.join(".");
        let (last, parents) = path.split_last().unwrap();
        let wrong = format!("{last}_");
        let misspelt =
            parents.iter().rev().fold(json!({ (wrong.clone()): 1 }), |inner, key| json!({ (key.clone()): inner }));
        let mut config = fixture.method().default_config();
        layer(&mut config, &misspelt);
        let error = match fixture.method().check_config(&config) {
            Ok(()) => panic!("`{dotted}_` is accepted although there is no such key"),
            Err(error) => error,
        };
        assert_eq!(error.family(), Family::Config, "{error}");
        match error.downcast_ref::<ConfigError>() {
            Some(ConfigError::UnknownKey { key, nearest, .. }) => {
                assert_eq!(key, &format!("{dotted}_"));
                assert_eq!(nearest.as_ref(), Some(last), "`{dotted}_` is refused, but another key is offered");
            }
            _ => panic!("`{dotted}_` is refused, but not as an unknown key: {error}"),
        }
    }
}

/// Paths of all keys; what is below an array has no keys of the configuration.
fn keys(value: &Value, path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        path.push(key.clone());
        out.push(path.clone());
        keys(inner, path, out);
        path.pop();
    }
}

/// Each preset, laid over the defaults, is accepted; a preset that nobody made is not there.
pub fn presets_are_valid(fixture: &Fixture) {
    let method = fixture.method();
    assert_eq!(method.preset("no such preset"), None);
    for name in PRESETS {
        let Some(changes) = method.preset(name) else { continue };
        let mut config = method.default_config();
        layer(&mut config, &changes);
        method.check_config(&config).unwrap_or_else(|e| panic!("the preset `{name}` is refused: {e}"));
    }
}
