//! `--json`: exactly one document on standard output for every verb, errors included.

use serde_json::Value;

use crate::util::{Place, SMALL};

/// Every verb but `quickstart`, which takes longer and has a file of its own.
#[test]
fn every_verb_prints_one_document() {
    let place = Place::with_data();
    place.fit("runs/small");
    let calls: &[(&[&str], &[&str])] = &[
        (&["list"], &["methods"]),
        (&["describe", "symile"], &["method", "accepts", "config", "tables"]),
        (&["new", "symile", "small.csv"], &["toml"]),
        (&["check"], &["environment"]),
        (&["check", "small.csv", "--method", "symile"], &["environment", "data"]),
        (&["example"], &["examples"]),
        (&["fit", "symile", "--data", "small.csv", "--dry-run"], &["cost", "config", "data"]),
        (&["runs", "list"], &["runs"]),
        (&["runs", "show", "small"], &["info", "status"]),
        (&["runs", "verify", "small"], &["files", "bad"]),
        (&["report", "small"], &["report"]),
        (&["apply", "small", "small.csv", "--out", "reps.parquet"], &["rows", "out"]),
        (&["reproduce", "symile", "--list"], &["tables"]),
    ];
    for (args, keys) in calls {
        let (code, document) = place.json(args);
        assert_eq!(code, 0, "{args:?}: {document}");
        assert_eq!(document["exit"], 0, "{args:?}");
        assert!(document["verb"].as_str().unwrap().starts_with(args[0]), "{args:?}: {document}");
        for key in *keys {
            assert!(!document[key].is_null(), "{args:?} has no `{key}`: {document}");
        }
    }
    let (code, verdict) = place.json(&["audit", "small"]);
    assert!([0, 1, 6].contains(&code), "{verdict}");
    assert_eq!(verdict["exit"], code);
    assert!(verdict["verdict"]["question"].as_str().unwrap().ends_with('?'), "{verdict}");
}

#[test]
fn the_schema_is_itself_the_document() {
    let (code, schema) = Place::new().json(&["schema", "symile"]);
    assert_eq!(code, 0);
    assert!(schema["properties"].is_object());
    let (_, schema) = Place::new().json(&["schema", "verdict"]);
    assert!(schema["properties"]["answer"].is_object());
}

#[test]
fn an_error_is_one_document_too() {
    let place = Place::with_data();
    for (args, exit, family) in [
        (&["fit", "symlie", "--data", "small.csv"][..], 2, "usage"),
        (&["fit", "symile", "--data", "small.csv", "--set", "dimm=1"][..], 2, "config"),
        (&["check", "nothing.csv"][..], 4, "io"),
        (&["--nonsense"][..], 2, "usage"),
    ] {
        let (code, document) = place.json(args);
        assert_eq!(code, exit, "{document}");
        let error = &document["error"];
        assert_eq!(error["exit"], exit);
        assert_eq!(error["family"], family, "{document}");
        assert!(error["code"].as_str().unwrap() != "unnamed", "{document}");
        assert!(error["message"].is_string() && error["hint"].is_string(), "{document}");
    }
}

#[test]
fn json_lines_end_with_the_result() {
    let place = Place::with_data();
    let mut args = vec!["fit", "symile", "--data", "small.csv", "--out", "run", "--json-lines"];
    args.extend_from_slice(SMALL);
    let said = place.ok(&args);
    let lines: Vec<Value> = said.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|l| l["event"].as_str().unwrap()).collect();
    assert_eq!(*kinds.last().unwrap(), "result");
    assert_eq!(kinds.iter().filter(|k| **k == "result").count(), 1);
    assert!(kinds.contains(&"start") && kinds.contains(&"step") && kinds.contains(&"end"), "{kinds:?}");
    assert_eq!(lines.last().unwrap()["result"]["verb"], "fit");
    // progress never goes back within a phase
    let mut last: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for line in &lines {
        match line["event"].as_str().unwrap() {
            "start" => {
                last.insert(line["phase"].as_str().unwrap(), 0);
            }
            "step" => {
                let (phase, done) = (line["phase"].as_str().unwrap(), line["done"].as_u64().unwrap());
                let before = last.insert(phase, done).unwrap_or(0);
                assert!(done >= before, "{phase}: {done} after {before}");
            }
            _ => {}
        }
    }
}

#[test]
fn json_and_json_lines_exclude_each_other() {
    let said = Place::new().run(&["list", "--json", "--json-lines"]);
    assert_eq!(said.code, 2);
    let error: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(error["error"]["code"], "usage.arguments");
}
