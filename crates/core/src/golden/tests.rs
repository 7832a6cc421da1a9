#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;

use super::*;

#[test]
fn arrays_keep_shape_and_undefined_entries() {
    let a = Array::from_json("a", &json!([[1, null, 3.5], [4, true, -6]])).unwrap();
    assert_eq!(a.shape(), [2, 3]);
    assert!(a.data()[1].is_nan());
    assert_eq!((a.data()[4], a.data()[5], a.largest()), (1.0, -6.0, 6.0));
    assert_eq!(a.position(5), [1, 2]);
    assert_eq!(Array::from_json("a", &json!(2.0)).unwrap().shape(), [0usize; 0]);
    assert_eq!(Array::from_json("a", &json!([])).unwrap().shape(), [0]);
    assert_eq!(Array::from_json("a", &json!([[], []])).unwrap().shape(), [2, 0]);
}

#[test]
fn ragged_and_textual_arrays_are_named() {
    let e = Array::from_json("case.x", &json!([[1, 2], [3]])).unwrap_err();
    assert_eq!(e.to_string(), "`case.x[1]` is ragged: 1 entries where 2 are needed");
    let e = Array::from_json("case.x", &json!([1, "two"])).unwrap_err();
    assert_eq!(e.to_string(), "`case.x[1]` is the text \"two\", a number or null is needed");
    let e = Array::from_json("case.x", &json!([[1], 2])).unwrap_err();
    assert_eq!(e.to_string(), "`case.x[1]` is the number 2, an array like its siblings is needed");
    assert!(Array::from_json("case.x", &json!([1, [2]])).is_err());
}

#[test]
fn tolerance_is_relative_to_the_largest_entry_plus_the_floor() {
    let expected = Array::vector(vec![0.0, 1000.0, f64::NAN]);
    let case = Comparison::f64(1e-9).slice("g", &[9e-7, 1000.0, f64::NAN], &expected);
    assert_eq!((case.name.as_str(), case.deviation), ("g (f64)", 9e-7));
    assert!((case.tolerance - (1e-6 + 1e-12)).abs() < 1e-20);
    assert!(case.passed());
    assert!(!Comparison::f64(1e-10).slice("g", &[9e-7, 1000.0, f64::NAN], &expected).passed());
    // All zeros: only the floor is allowed.
    let zero = Array::vector(vec![0.0]);
    assert!(Comparison::f32(1e-5).slice("z", &[9e-7], &zero).passed());
    assert!(!Comparison::f64(1e-5).slice("z", &[9e-7], &zero).passed());
    // A scale from outside.
    assert!(Comparison::f64(1e-9).relative_to(1e6).slice("z", &[9e-4], &zero).passed());
}

#[test]
fn undefined_must_be_undefined_on_both_sides() {
    let rule = Comparison::f64(1.0);
    assert!(rule.number("u", f64::NAN, f64::NAN).passed());
    assert!(rule.optional("u", None, None).passed());
    for case in [rule.number("u", 1.0, f64::NAN), rule.number("u", f64::NAN, 1.0), rule.optional("u", Some(1.0), None)]
    {
        assert!(!case.passed());
        assert_eq!(case.deviation, f64::INFINITY);
    }
    assert!(!rule.number("u", f64::INFINITY, 1.0).passed());
    assert!(rule.number("u", f64::INFINITY, f64::INFINITY).passed());
}

#[test]
fn shapes_must_agree() {
    let (row, column) = (Array::new(&[1, 2], vec![1.0, 2.0]).unwrap(), Array::new(&[2, 1], vec![1.0, 2.0]).unwrap());
    let case = Comparison::f64(1.0).array("s", &row, &column);
    assert!(!case.passed());
    assert_eq!(case.note, "shape [1, 2], expected [2, 1]");
    assert!(!Comparison::f64(1.0).slice("s", &[1.0], &row).passed());
    assert!(Array::new(&[3], vec![1.0]).is_none());
}

#[test]
fn reference_differences_bound_ours_by_ten_times() {
    assert!(Comparison::within_reference("max_loss_diff", 9e-11, 1e-11).passed());
    assert!(!Comparison::within_reference("max_loss_diff", 2e-10, 1e-11).passed());
    assert!(Comparison::within_reference("max_loss_diff", 9e-13, 0.0).passed());
    assert!(!Comparison::within_reference("max_loss_diff", f64::NAN, 1.0).passed());
}

#[test]
fn every_number_must_be_read() {
    let file = json!([{"name": "a", "x": [1, 2], "deep": {"list": [{"k": 1, "label": "t"}], "n": null}, "labels": ["p", "q"]}]);
    let cases = KeyGuard::cases("loss", &file).unwrap();
    let guard = &cases[0];
    let unread = |g: &KeyGuard<'_>| g.finish().err().map(|e| e.to_string());
    assert_eq!(
        unread(guard).unwrap(),
        "the check does not know `loss[0].x`, `loss[0].deep.list[0].k` or `loss[0].deep.n`"
    );
    assert_eq!(guard.array("x").unwrap().len(), 2);
    let deep = guard.child("deep").unwrap();
    assert_eq!(deep.children("list").unwrap()[0].count("k").unwrap(), 1);
    assert_eq!(unread(guard).unwrap(), "the check does not know `loss[0].deep.n`");
    assert!(deep.number("n").unwrap().is_nan());
    assert_eq!(unread(guard), None);
}

#[test]
fn guards_name_what_is_missing_or_of_another_kind() {
    let value = json!({"n": -1, "t": 3, "m": [[0, 2], [1, 1.5]]});
    let guard = KeyGuard::new("c", &value).unwrap();
    let text = |e: crate::Error| e.to_string();
    assert_eq!(text(guard.number("gone").unwrap_err()), "`c.gone` is missing");
    assert_eq!(text(guard.count("n").unwrap_err()), "`c.n` is the number -1, a whole number from 0 is needed");
    assert_eq!(text(guard.text("t").unwrap_err()), "`c.t` is the number 3, a text is needed");
    assert!(guard.indices("m").is_err());
    assert!(KeyGuard::new("c", &json!(1)).is_err());
}

#[test]
fn safetensors_files_read_like_json() {
    use safetensors::Dtype;
    use safetensors::tensor::{TensorView, serialize};
    let x: Vec<u8> = [1.5f32, f32::NAN, -2.0, 0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let n: Vec<u8> = 7i64.to_le_bytes().to_vec();
    let h: Vec<u8> = half::f16::from_f32(0.25).to_le_bytes().to_vec();
    let views = [
        ("x", TensorView::new(Dtype::F32, vec![2, 2], &x).unwrap()),
        ("n", TensorView::new(Dtype::I64, vec![], &n).unwrap()),
        ("h", TensorView::new(Dtype::F16, vec![1], &h).unwrap()),
    ];
    let meta = std::collections::HashMap::from([("note".to_owned(), "made by hand".to_owned())]);
    let bytes = serialize(views, Some(meta)).unwrap();
    let value = tensors::to_value(std::path::Path::new("v.safetensors"), &bytes).unwrap();
    assert_eq!(value, json!({"note": "made by hand", "x": [[1.5, null], [-2.0, 0.0]], "n": 7, "h": [0.25]}));
    assert!(tensors::to_value(std::path::Path::new("v"), &bytes[..20]).is_err());
}

#[test]
fn reports_count_and_print() {
    let good = Comparison::f64(1e-9).number("loss", 1.0, 1.0);
    let bad = Comparison::f64(1e-9).number("grad", 1.0, 2.0);
    let file = |name: &str, cases, problem: Option<&str>| FileCases {
        file: name.into(),
        cases,
        problem: problem.map(str::to_owned),
    };
    let report = GoldenReport {
        files: vec![
            file("loss.json", vec![good, bad], None),
            file("odd.json", vec![], Some("no check is called `odd`")),
        ],
    };
    assert_eq!((report.passed(), report.failed()), (1, 2));
    assert_eq!(
        report.lines(),
        [
            "ok    loss.json  loss (f64)  0.00e0 <= 1.00e-9",
            "FAIL  loss.json  grad (f64)  1.00e0 >  2.00e-9  at []: 1e0, expected 2e0",
            "FAIL  odd.json  no check is called `odd`",
            "1 passed, 2 failed",
        ]
    );
}

/// A method whose golden check squares a list.
struct Square;

#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct SquareConfig {
    times: u8,
}

impl crate::method::Config for SquareConfig {}

impl crate::Method for Square {
    const SLUG: &'static str = "square";
    type Config = SquareConfig;

    fn card() -> crate::method::MethodCard {
        crate::method::MethodCard {
            slug: Self::SLUG,
            title: "Square",
            purpose: "squares numbers",
            family: "summarise",
            paper: "",
            verbs: &[],
            example: "",
        }
    }
    fn accepts() -> crate::method::Accepts {
        crate::method::Accepts { kinds: vec![], required: vec![], optional: vec![] }
    }
    fn validate(_: &SquareConfig, _: &crate::Dataset, _: &crate::Ctx) -> crate::Result<()> {
        Ok(())
    }
    fn estimate(_: &SquareConfig, _: &crate::Dataset, _: &crate::Ctx) -> crate::Result<crate::method::Cost> {
        Err(crate::error::CommonError::bug("not asked").into())
    }
    fn fit(
        _: &SquareConfig,
        _: &crate::Dataset,
        _: &crate::Run,
        _: &crate::Ctx,
    ) -> crate::Result<crate::method::Outcome> {
        Err(crate::error::CommonError::bug("not asked").into())
    }
    fn report(_: &crate::Run) -> crate::Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }
    fn golden(stem: &str, case: &serde_json::Value, _: &std::path::Path) -> crate::Result<Vec<GoldenCase>> {
        if stem != "square" {
            return Err(GoldenError::UnknownStem { stem: stem.to_owned(), known: vec!["square".to_owned()] }.into());
        }
        let mut cases = Vec::new();
        for guard in KeyGuard::cases(stem, case)? {
            let squares: Vec<f64> = guard.array("x")?.data().iter().map(|x| x * x).collect();
            let name = format!("{}.y", guard.path());
            cases.push(Comparison::f64(1e-12).slice(&name, &squares, &guard.array("y")?));
            guard.finish()?;
        }
        Ok(cases)
    }
}

#[test]
fn a_folder_runs_every_vector_file_and_only_those() {
    let folder = tempfile::tempdir().unwrap();
    let method = crate::method::erase::<Square>();
    let run = || run_folder(&*method, folder.path(), folder.path());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    assert!(run().unwrap_err().to_string().ends_with("holds no vectors (.json or .safetensors)"));
    write("README.md", "words");
    write("square.jsonl", "{}");
    std::fs::create_dir(folder.path().join("sub.json")).unwrap();
    assert!(run().is_err());
    write("square.json", r#"[{"x": [1, 2], "y": [1, 4]}, {"name": "second", "x": [3], "y": [9]}]"#);
    write("square-2.json", r#"{"x": [2], "y": [5]}"#);
    write("square-key.json", r#"{"x": [2], "y": [4], "z": 1}"#);
    write("square-none.json", "[]");
    write("square-torn.json", r#"[{"x": "#);
    write("cube.json", "{}");
    let x: Vec<u8> = [3.0f64].iter().flat_map(|v| v.to_le_bytes()).collect();
    let y: Vec<u8> = [9.0f64].iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = |bytes| safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![1], bytes).unwrap();
    let bytes = safetensors::serialize([("x", view(&x)), ("y", view(&y))], None).unwrap();
    std::fs::write(folder.path().join("square-t.safetensors"), bytes).unwrap();
    let report = run().unwrap();
    assert_eq!(report.files.len(), 7);
    assert_eq!((report.passed(), report.failed()), (3, 5));
    let lines = report.lines();
    let problem = |file: &str| lines.iter().find(|l| l.starts_with(&format!("FAIL  {file}"))).unwrap().clone();
    assert!(problem("cube.json").ends_with("no check is called `cube`"));
    assert!(problem("square-key.json").ends_with("the check does not know `square.z`"));
    assert!(problem("square-none.json").ends_with("the check compared nothing"));
    assert!(problem("square-torn.json").contains("not JSON"));
    assert!(problem("square-2.json").contains("at [0]: 4e0, expected 5e0"));
    assert_eq!(lines.last().unwrap(), "3 passed, 5 failed");
}

#[test]
fn presets_are_looked_up_by_name() {
    let method = crate::method::erase::<Square>();
    assert_eq!(crate::config::preset(&*method, "fast").unwrap(), json!({}));
    let e = crate::config::preset(&*method, "fats").unwrap_err();
    assert_eq!(e.to_string(), "square has no preset `fats`");
    assert_eq!(e.hint().unwrap(), "its presets are `paper`, `fast`, `best`");
}

#[test]
fn the_erased_method_checks_its_configuration() {
    let method = crate::method::erase::<Square>();
    assert_eq!((method.slug(), method.default_config()), ("square", json!({"times": 0})));
    method.check_config(&json!({"times": 3})).unwrap();
    let e = method.check_config(&json!({"tims": 3})).unwrap_err();
    assert_eq!((e.to_string().as_str(), e.hint().unwrap().as_str()), ("unknown key `tims`", "did you mean `times`?"));
}
