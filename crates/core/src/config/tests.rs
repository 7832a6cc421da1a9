#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::{Error, Exit};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Normalise {
    /// Unit rows.
    #[default]
    L2,
    /// Zero mean.
    LayerNorm,
    /// As is.
    None,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Encoder {
    #[default]
    Linear,
    Mlp {
        hidden: Vec<u32>,
        #[serde(default)]
        dropout: f64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum Scale {
    Auto(Auto),
    Number(f64),
}

impl Default for Scale {
    fn default() -> Self {
        Scale::Auto(Auto::Auto)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Auto {
    Auto,
}

/// Written `n`, `grid` or `{ pair = 5 }`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sampling {
    #[default]
    N,
    Grid,
    Pair(u32),
}

/// A text that its own type refuses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
struct Even(String);

impl TryFrom<String> for Even {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Even, &'static str> {
        if text.len().is_multiple_of(2) { Ok(Even(text)) } else { Err("an even number of letters is needed") }
    }
}

impl From<Even> for String {
    fn from(even: Even) -> String {
        even.0
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Demo {
    dim: u32,
    normalise: Normalise,
    init_scale: Scale,
    sampling: Sampling,
    encoder: Encoder,
    encoders: BTreeMap<String, Encoder>,
    prior: Option<PathBuf>,
    limit: Option<u64>,
    range: Option<(f64, f64)>,
    even: Even,
    train: TrainConfig,
}

impl Config for Demo {}

fn sources() -> Sources {
    Sources { defaults: serde_json::to_value(Demo::default()).unwrap(), ..Sources::default() }
}

fn resolved(change: impl FnOnce(&mut Sources)) -> Result<Resolved> {
    let mut sources = sources();
    change(&mut sources);
    resolve(&schema_of::<Demo>(), &sources)
}

fn set(key: &str, value: &str) -> Result<Resolved> {
    resolved(|s| s.flags = vec![(key.into(), value.into())])
}

fn demo(result: Result<Resolved>) -> Demo {
    from_value(&result.unwrap().value).unwrap()
}

fn error(result: Result<Resolved>) -> Error {
    result.unwrap_err()
}

/// The marked characters.
fn marked(error: &Error) -> String {
    let span = error.span().unwrap();
    format!("{} | {}", span.origin, &span.text[span.range])
}

fn file(name: &str, text: &str) -> Result<Resolved> {
    resolved(|s| s.file = Some((name.into(), text.into())))
}

#[test]
fn precedence_is_defaults_preset_file_env_flags() {
    let all = |level: usize| {
        let pick = |n: usize, key: &str, value: &str| (n <= level).then(|| vec![(key.to_owned(), value.to_owned())]);
        resolved(|s| {
            s.preset = (level >= 1).then(|| ("fast".into(), json!({"train": {"epochs": 1, "patience": 1}})));
            s.file = (level >= 2).then(|| ("c.toml".into(), "train.epochs = 2\ndim = 2".into()));
            s.env = pick(3, "SUFFIT_TRAIN__EPOCHS", "3").unwrap_or_default();
            s.flags = pick(4, "train.epochs", "4").unwrap_or_default();
        })
        .unwrap()
    };
    let epochs = |r: &Resolved| r.value["train"]["epochs"].as_u64().unwrap();
    assert_eq!((0..=4).map(|l| epochs(&all(l))).collect::<Vec<_>>(), [60, 1, 2, 3, 4]);
    let r = all(4);
    assert_eq!(r.origins["train.epochs"], Origin::Flag(0));
    assert_eq!(r.origins["train.patience"], Origin::Preset("fast".into()));
    assert_eq!(r.origins["dim"], Origin::File("c.toml".into()));
    assert_eq!(r.origins["train.batch_size"], Origin::Default);
    assert_eq!(all(3).origins["train.epochs"], Origin::Env("SUFFIT_TRAIN__EPOCHS".into()));
    assert_eq!(r.changed().into_keys().collect::<Vec<_>>(), ["dim", "train.epochs", "train.patience"]);
}

#[test]
fn unknown_keys_are_refused_at_any_depth_with_the_nearest_name() {
    let e = error(set("train.epochss", "3"));
    assert_eq!(e.to_string(), "unknown key `train.epochss`");
    assert_eq!(e.hint().unwrap(), "did you mean `epochs`?");
    assert_eq!(marked(&e), "--set | epochss");
    assert_eq!(e.family().exit(), Exit::Usage);

    let e = error(file("c.toml", "dim = 3\n\n[train]\nbatchsize = 3\n"));
    assert_eq!(
        (e.to_string().as_str(), e.hint().unwrap().as_str()),
        ("unknown key `train.batchsize`", "did you mean `batch_size`?")
    );
    assert_eq!(marked(&e), "c.toml | batchsize");

    let e = error(file("c.json", "{\"dim\": 3, \"train\": {\"epochs\": 2, \"laerning_rate\": 1}}"));
    assert_eq!(e.hint().unwrap(), "did you mean `learning_rate`?");
    assert_eq!(marked(&e), "c.json | \"laerning_rate\"");

    let e = error(resolved(|s| s.env = vec![("SUFFIT_TRAIN__EPOCH".into(), "3".into())]));
    assert_eq!(e.hint().unwrap(), "did you mean `epochs`?");
    assert_eq!(marked(&e), "environment | EPOCH");

    let e = error(set("encoders.image.hiden", "[3]"));
    assert_eq!(e.to_string(), "unknown key `encoders.image.hiden`");
    assert_eq!(e.hint().unwrap(), "did you mean `hidden`?");

    let e = error(set("colour", "3"));
    assert!(e.hint().unwrap().starts_with("the keys here are `dim`, `normalise`"));
}

#[test]
fn types_ranges_and_choices_are_named() {
    let text = |key: &str, value: &str| {
        let e = error(set(key, value));
        format!("{e} | {}", marked(&e))
    };
    let count = "a whole number of at least 1";
    assert_eq!(
        text("train.epochs", "ten"),
        format!("`train.epochs` holds \"ten\" (a text), expected {count} | --set | ten")
    );
    assert_eq!(text("train.epochs", "0"), format!("`train.epochs` is 0, expected {count} | --set | 0"));
    assert_eq!(text("train.epochs", "2.5"), format!("`train.epochs` holds 2.5, expected {count} | --set | 2.5"));
    assert_eq!(text("train", "5"), "`train` holds 5, expected a table | --set | 5");
    assert_eq!(text("dim.x", "5"), "`dim` holds a table, expected a whole number of at least 0 | --set | dim");
    assert_eq!(text("train.beta1", "1.5"), "`train.beta1` is 1.5, expected a number from 0 to 1 | --set | 1.5");
    assert_eq!(
        text("train.beta1", "nan"),
        "`train.beta1` holds \"nan\" (a text), expected a number from 0 to 1 | --set | nan"
    );
    assert_eq!(
        text("normalise", "l3"),
        "`normalise` is \"l3\" (a text), expected `l2`, `layer_norm` or `none` | --set | l3"
    );
    assert_eq!(error(set("normalise", "layernorm")).hint().unwrap(), "did you mean `layer_norm`?");
    assert_eq!(
        text("encoder.kind", "mpl"),
        "`encoder.kind` is \"mpl\" (a text), expected `linear` or `mlp` | --set | mpl"
    );
    assert_eq!(
        text("init_scale", "automatic"),
        "`init_scale` is \"automatic\" (a text), expected `auto` | --set | automatic"
    );
    assert_eq!(text("init_scale", "true"), "`init_scale` holds true, expected `auto` or a number | --set | true");
    assert_eq!(text("sampling", "5"), "`sampling` holds 5, expected `n`, `grid` or a table with `pair` | --set | 5");
    assert_eq!(
        text("sampling.pair", "x"),
        "`sampling.pair` holds \"x\" (a text), expected a whole number of at least 0 | --set | x"
    );
    assert_eq!(text("range", "[1.0]"), "`range` is a list of 1, expected a list of 2 | --set | [1.0]");
    assert_eq!(text("limit", "-3"), "`limit` is -3, expected a whole number of at least 0 | --set | -3");
}

#[test]
fn places_inside_files_are_exact() {
    let toml = "dim = 3\n[encoder]\nkind = \"mlp\"\nhidden = [8, \"wide\", 4]\n";
    let e = error(file("deep/c.toml", toml));
    assert_eq!(e.to_string(), "`encoder.hidden[1]` holds \"wide\" (a text), expected a whole number of at least 0");
    assert_eq!(marked(&e), "deep/c.toml | \"wide\"");

    let json = "{\n  \"encoder\": { \"kind\": \"mlp\",\n    \"hidden\": [8, [\"}\\\"\"], 4] } }";
    let e = error(file("c.json", json));
    assert_eq!(marked(&e), "c.json | [\"}\\\"\"]");

    let e = error(file("c.toml", "train = { epochs = 3, beta1 = 2.0 }"));
    assert_eq!(marked(&e), "c.toml | 2.0");
    let e = error(file("c.toml", "train.beta1 = 2.0"));
    assert_eq!(marked(&e), "c.toml | 2.0");
}

#[test]
fn texts_that_are_no_toml_or_json_point_at_the_character() {
    let e = error(file("c.toml", "dim = 3\nencoder = [1, 2\n"));
    assert!(e.to_string().starts_with("c.toml is not valid TOML: "), "{e}");
    assert!(e.span().unwrap().range.start >= 18);
    let e = error(file("c.json", "{\n\"dim\": 3,\n}"));
    assert!(e.to_string().starts_with("c.json is not valid JSON: trailing comma"), "{e}");
    assert_eq!(marked(&e), "c.json | }");
    let e = error(file("c.json", "{\"dim\": "));
    assert_eq!(e.code(), "config.syntax");
    let e = error(file("no-ending", "{\"dim\": nil}"));
    assert!(e.to_string().contains("not valid JSON"));
    let e = error(file("c.toml", "init_scale = nan"));
    assert_eq!(e.to_string(), "`init_scale` is not a finite number");
    assert_eq!(marked(&e), "c.toml | nan");
}

#[test]
fn choosing_another_alternative_replaces_the_old_one() {
    let mlp = "[encoder]\nkind = \"mlp\"\nhidden = [8]\ndropout = 0.5";
    let r = resolved(|s| {
        s.file = Some(("c.toml".into(), mlp.into()));
        s.flags = vec![("encoder".into(), "{ kind = \"linear\" }".into())];
    });
    assert_eq!(demo(r).encoder, Encoder::Linear);
    let r = resolved(|s| {
        s.file = Some(("c.toml".into(), mlp.into()));
        s.flags = vec![("encoder.dropout".into(), "0.25".into())];
    });
    assert_eq!(demo(r).encoder, Encoder::Mlp { hidden: vec![8], dropout: 0.25 });
    // The default is linear, which has no dropout: the flag is to blame.
    let e = error(set("encoder.dropout", "0.25"));
    assert_eq!(e.to_string(), "unknown key `encoder.dropout`");
    assert_eq!(marked(&e), "--set | dropout");
    // mlp needs hidden layers.
    let e = error(set("encoder.kind", "mlp"));
    assert_eq!(e.to_string(), "`encoder.hidden` is missing");
    assert_eq!(demo(set("sampling.pair", "5")).sampling, Sampling::Pair(5));
    let r = resolved(|s| s.flags = vec![("sampling.pair".into(), "5".into()), ("sampling".into(), "grid".into())]);
    assert_eq!(demo(r).sampling, Sampling::Grid);
}

#[test]
fn typed_values_read_as_the_key_needs_them() {
    assert_eq!(demo(set("prior", "5")).prior, Some(PathBuf::from("5")));
    assert_eq!(demo(set("prior", "a b.csv")).prior, Some(PathBuf::from("a b.csv")));
    assert_eq!(demo(set("init_scale", "auto")).init_scale, Scale::Auto(Auto::Auto));
    assert_eq!(demo(set("init_scale", "3")).init_scale, Scale::Number(3.0));
    assert_eq!(demo(set("dim", "0x10")).dim, 16);
    assert_eq!(
        demo(set("encoders.a", "{ kind = \"mlp\", hidden = [1, 2] }")).encoders["a"],
        Encoder::Mlp { hidden: vec![1, 2], dropout: 0.0 }
    );
    let r = resolved(|s| s.flags = vec![("limit".into(), "3".into()), ("limit".into(), "null".into())]);
    assert_eq!(demo(r).limit, None);
}

#[test]
fn reserved_and_foreign_variables_are_no_keys() {
    let r = resolved(|s| {
        s.env = RESERVED.iter().map(|n| ((*n).to_owned(), "x".to_owned())).collect();
        s.env.push(("HOME".into(), "x".into()));
    });
    assert_eq!(demo(r), Demo::default());
    let e = error(resolved(|s| s.flags = vec![("train..epochs".into(), "3".into())]));
    assert_eq!(e.to_string(), "`train..epochs` is not a key: a part between the dots is empty");
}

#[test]
fn what_only_the_type_refuses_names_its_key_too() {
    let r = set("even", "odd").unwrap();
    let e = r.point(from_value::<Demo>(&r.value).unwrap_err());
    assert_eq!(e.to_string(), "`even` is refused: an even number of letters is needed");
    assert_eq!(marked(&e), "--set | odd");
    let e = from_value::<Demo>(&json!({"train": {"epochs": -1}})).unwrap_err();
    assert_eq!(e.to_string(), "`train.epochs` is -1, expected a whole number of at least 1");
    let e = from_value::<Demo>(&json!([1])).unwrap_err();
    assert_eq!(e.to_string(), "`configuration` holds a list of 1, expected a table");
}

#[test]
fn toml_round_trip_keeps_every_value() {
    let config = Demo {
        encoders: BTreeMap::from([("a b".into(), Encoder::Mlp { hidden: vec![3], dropout: 0.1 })]),
        sampling: Sampling::Pair(7),
        train: TrainConfig { epsilon: 1e-300, learning_rate: 0.1 + 0.2, ..TrainConfig::default() },
        ..Demo::default()
    };
    let text = to_toml(&serde_json::to_value(&config).unwrap()).unwrap();
    assert_eq!(from_toml_text::<Demo>("c.toml", &text).unwrap(), config);
    assert_eq!(demo(file("c.toml", &text)), config);
    let e = to_toml(&json!({"a": [null]})).unwrap_err();
    assert_eq!(e.code(), "config.cannot_encode");
}

#[test]
fn a_schema_without_deny_is_closed_all_the_same() {
    #[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(default)]
    struct Open {
        inner: OpenInner,
    }
    #[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(default)]
    struct OpenInner {
        x: u8,
    }
    impl Config for Open {}
    assert_eq!(schema_of::<Open>()["additionalProperties"], json!(false));
    let e = from_value::<Open>(&json!({"inner": {"y": 1}})).unwrap_err();
    assert_eq!(e.to_string(), "unknown key `inner.y`");
    from_value::<Open>(&json!({"inner": {"x": 255}})).unwrap();
    assert!(from_value::<Open>(&json!({"inner": {"x": 256}})).is_err());
}

/// Objects of a few keys, so that layers meet.
fn objects() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<i32>().prop_map(Value::from), "[a-z]{0,3}".prop_map(Value::from), Just(json!([1, 2]))];
    let inner = leaf.prop_recursive(3, 20, 4, |inner| {
        prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect()))
    });
    prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect()))
}

/// The definition: the value at a path is that of the last layer that decides it.
fn lookup<'a>(value: &'a Value, path: &[locate::Part]) -> Option<&'a Value> {
    value.pointer(&locate::pointer(path))
}

proptest! {
    #[test]
    fn layers_keep_what_the_upper_one_does_not_decide(base in objects(), over in objects()) {
        let mut sum = base.clone();
        layer(&mut sum, &over);
        for path in locate::leaves(&over) {
            let expected = lookup(&over, &path);
            let empty_table = expected.and_then(Value::as_object).is_some_and(serde_json::Map::is_empty);
            // An empty table changes nothing where a table was.
            prop_assert!(lookup(&sum, &path) == expected || (empty_table && lookup(&base, &path) == lookup(&sum, &path)));
        }
        for path in locate::leaves(&base) {
            let decided = (0..=path.len()).any(|n| lookup(&over, &path[..n]).is_some_and(|v| n == path.len() || !v.is_object()));
            if !decided {
                prop_assert_eq!(lookup(&sum, &path), lookup(&base, &path));
            }
        }
        let mut again = sum.clone();
        layer(&mut again, &over);
        prop_assert_eq!(&again, &sum); // laying the same on twice changes nothing
        let mut alone = Value::Object(serde_json::Map::new());
        layer(&mut alone, &base);
        prop_assert_eq!(alone, base);
    }

    #[test]
    fn layering_is_associative(a in objects(), b in objects(), c in objects()) {
        let sum = |x: &Value, y: &Value| { let mut s = x.clone(); layer(&mut s, y); s };
        let (left, right) = (sum(&sum(&a, &b), &c), sum(&a, &sum(&b, &c)));
        // Not where a plain value of b stands between tables of a and c: then c lands on it first.
        if !between(&a, &b, &c) {
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn the_last_flag_wins_whatever_the_order_of_others(values in prop::collection::vec((0usize..3, 1u64..1000), 1..12)) {
        let keys = ["train.epochs", "train.patience", "dim"];
        let flags: Vec<(String, String)> = values.iter().map(|(k, v)| (keys[*k].to_owned(), v.to_string())).collect();
        let r = resolved(|s| s.flags = flags).unwrap();
        for (i, key) in keys.iter().enumerate() {
            if let Some(last) = values.iter().rposition(|(k, _)| *k == i) {
                let pointer = format!("/{}", key.replace('.', "/"));
                prop_assert_eq!(r.value.pointer(&pointer), Some(&json!(values[last].1)));
                prop_assert_eq!(&r.origins[*key], &Origin::Flag(last));
            }
        }
    }

    #[test]
    fn any_stranger_is_refused_and_named(key in "[a-z_]{1,12}", deep in any::<bool>()) {
        let known = schema_of::<Demo>();
        let place = if deep { "/$defs/TrainConfig/properties" } else { "/properties" };
        prop_assume!(known.pointer(place).unwrap().get(&key).is_none());
        let path = if deep { format!("train.{key}") } else { key.clone() };
        let e = error(set(&path, "1"));
        prop_assert_eq!(e.to_string(), format!("unknown key `{path}`"));
        prop_assert_eq!(marked(&e), format!("--set | {key}"));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_crash(text in "\\PC{0,80}", name in "c\\.(toml|json)") {
        if let Err(e) = file(&name, &text) {
            prop_assert_eq!(e.family(), crate::Family::Config);
            if let Some(span) = e.span() {
                prop_assert!(span.text.get(span.range).is_some());
            }
        }
    }

    #[test]
    fn every_path_of_a_json_text_is_found(value in objects()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        for path in locate::leaves(&value).into_iter().filter(|p| !p.is_empty()) {
            let range = locate::in_json(&text, &path, locate::Aim::Value).unwrap();
            let found: Value = serde_json::from_str(&text[range]).unwrap();
            prop_assert_eq!(Some(&found), lookup(&value, &path));
            let key = locate::in_json(&text, &path, locate::Aim::Key).unwrap();
            let locate::Part::Key(last) = path.last().unwrap() else { unreachable!() };
            prop_assert_eq!(&text[key], &format!("\"{last}\""));
        }
    }
}

/// Whether somewhere `a` and `c` have tables and `b` something else.
fn between(a: &Value, b: &Value, c: &Value) -> bool {
    match (a, b, c) {
        (Value::Object(a), Value::Object(b), Value::Object(c)) => c.iter().any(|(k, c)| match (a.get(k), b.get(k)) {
            (Some(a), Some(b)) => between(a, b, c),
            _ => false,
        }),
        (Value::Object(_), b, Value::Object(_)) => !b.is_object(),
        _ => false,
    }
}
