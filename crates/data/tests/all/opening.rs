//! Opening: guesses and their reasons, selectors, views with files of their own, alignment by key.

use suffit_core::{Kind, Role};
use suffit_data::split::{How, Size, SplitPlan, split};
use suffit_data::{OpenRequest, Part, TokenOptions, ViewOptions, ids, labels, open, token_matrix, view_matrix};

use crate::fixture::{Files, batch, le32, npy, open_path, safetensors, zipped};
use arrow_array::{ArrayRef, Int32Array, ListArray, types::Int32Type};
use std::sync::Arc;
use suffit_core::method::Sink;

const TABLE: &str = "sample_id,img_0,img_1,txt_0,txt_1,kind,split\n\
a,0.1,1,3,4,cat,train\nb,0.2,2,5,6,dog,train\nc,0.3,3,7,8,cat,val\nd,0.4,4,9,10,dog,test\n";

fn told(decisions: &[suffit_data::Decision]) -> Vec<String> {
    decisions.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_is_guessed_and_told() {
    let files = Files::new();
    let (data, decisions) = open_path(&files.put("t.csv", TABLE)).unwrap();
    assert_eq!(data.kind, Kind::Tuples);
    assert_eq!(data.roles.views(), ["img", "txt"]);
    assert_eq!(data.roles.one(&Role::Id), Some("sample_id"));
    assert_eq!(data.roles.one(&Role::Label), Some("kind"));
    assert_eq!(data.roles.one(&Role::Split), Some("split"));
    assert_eq!(
        told(&decisions),
        [
            "split split: its values name parts (test, train, val)",
            "id sample_id: by its name, and its values differ",
            "views img(2) txt(2): columns share a prefix before a number",
            "label kind: 2 different values",
        ]
    );
    assert!(decisions.iter().all(|d| !d.given));
}

#[test]
fn given_roles_win_and_the_rest_is_guessed() {
    let files = Files::new();
    let mut request =
        OpenRequest::path(files.put("t.csv", TABLE)).view("image=img_*").unwrap().view("text=txt_0,txt_1").unwrap();
    request.label = Some("kind".into());
    let (data, decisions) = open(&request).unwrap();
    assert_eq!(data.roles.views(), ["image", "text"]);
    assert!(told(&decisions).contains(&"view:image img_0 … img_1 (2): as given".to_owned()));
    assert_eq!(data.roles.one(&Role::Split), Some("split"));
    let m = view_matrix(&data, "image", &ViewOptions::default()).unwrap();
    assert_eq!((m.rows, m.cols, m.row(1)), (4, 2, &[0.2f32, 2.0][..]));
    assert_eq!(m.names, ["img_0", "img_1"]);
    assert_eq!(ids(&data).unwrap(), ["a", "b", "c", "d"]);
    let l = labels(&data).unwrap().unwrap();
    assert_eq!((l.names, l.codes), (vec!["cat".into(), "dog".into()], vec![Some(0), Some(1), Some(0), Some(1)]));
    let s = split(&data, &SplitPlan::default(), suffit_core::Seed::new(0)).unwrap();
    assert_eq!((s.rows(Part::Train), s.how.as_str()), (vec![0, 1], "column split"));
    let plan = SplitPlan { how: How::Stratified, val: Size::Count(1), test: Size::Count(1) };
    assert_eq!(split(&data, &plan, suffit_core::Seed::new(0)).unwrap().rows(Part::Test).len(), 1);
}

#[test]
fn what_is_not_there_is_named_with_the_nearest() {
    let files = Files::new();
    let path = files.put("t.csv", TABLE);
    let message = |request: &OpenRequest| files.message(&open(request).unwrap_err());
    let base = OpenRequest::path(&path);
    assert_eq!(
        message(&base.clone().view("image=imgs_*").unwrap()),
        "view:image: `imgs_*` matches no column of t.csv, nearest are `img_0`, `img_1`"
    );
    assert_eq!(
        message(&base.clone().view("image=img_0,img_9").unwrap()),
        "t.csv has no column `img_9`, nearest are `img_0`, `img_1`"
    );
    assert_eq!(
        message(&OpenRequest { label: Some("kinds".into()), ..base.clone() }),
        "t.csv has no column `kinds`, did you mean `kind`?"
    );
    assert_eq!(
        message(&OpenRequest { label: Some("img_0".into()), ..base.clone().view("image=img_*").unwrap() }),
        "column `img_0` is both view:image and label"
    );
    let twice = base.clone().view("a=img_*").unwrap().view("b=img_0").unwrap();
    assert_eq!(message(&twice), "column `img_0` is both view:a and view:b");
    assert_eq!(
        open(&base.clone().view("a=img_0").unwrap().view("a=img_1").unwrap()).unwrap_err().code(),
        "bind.view_twice"
    );
    assert_eq!(open(&OpenRequest::default()).unwrap_err().code(), "bind.no_data");
    let (data, _) = open(&base).unwrap();
    let e = view_matrix(&data, "imgs", &ViewOptions::default()).unwrap_err();
    assert_eq!(e.to_string(), "there is no view `imgs`, did you mean `img`?");
    let e = view_matrix(&data, "img", &ViewOptions { expected_cols: Some(3), ..ViewOptions::default() }).unwrap_err();
    assert_eq!(e.to_string(), "view `img` has 2 columns here, expected 3 as in the fit");
}

#[test]
fn every_view_from_a_file_of_its_own() {
    let files = Files::new();
    let a = files.put("a.npy", npy("'<f4'", false, "(3, 2)", &le32(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])));
    let z = files.put(
        "z.npz",
        zipped(
            &[
                ("left.npy", npy("'<f4'", false, "(3, 1)", &le32(&[7.0, 8.0, 9.0]))),
                ("right.npy", npy("'<f4'", false, "(2,)", &le32(&[1.0, 2.0]))),
            ],
            true,
        ),
    );
    let s = files.put(
        "s.safetensors",
        safetensors(r#"{"h":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}}"#, &le32(&[1.5, 2.5, 3.5])),
    );
    let t = files.put("t.tsv", "id\tx\ty\tlabel\nr1\t1\t2\tu\nr2\t3\t4\tv\nr3\t5\t6\tu\n");
    let request = OpenRequest::default()
        .view(&format!("a={}", a.display()))
        .and_then(|r| r.view(&format!("z={}[left]", z.display())))
        .and_then(|r| r.view(&format!("s={}[h]", s.display())))
        .and_then(|r| r.view(&format!("t={}", t.display())))
        .unwrap();
    let (data, _) = open(&request).unwrap();
    assert_eq!(data.roles.views(), ["a", "z", "s", "t"]);
    assert_eq!(data.roles.one(&Role::Label), Some("label"));
    assert_eq!(data.roles.one(&Role::Id), Some("id"));
    let m = |view: &str| view_matrix(&data, view, &ViewOptions::default()).unwrap();
    assert_eq!(m("a").row(2), [5.0, 6.0]);
    assert_eq!((m("z").data, m("s").data), (vec![7.0, 8.0, 9.0], vec![1.5, 2.5, 3.5]));
    assert_eq!((m("t").names, m("t").row(1).to_vec()), (vec!["t.x".to_owned(), "t.y".into()], vec![3.0, 4.0]));
    assert_eq!(data.source.files().unwrap().len(), 4);
    let e = open(&OpenRequest::default().view(&format!("z={}[lift]", z.display())).unwrap()).unwrap_err();
    assert_eq!(files.message(&e), "z.npz has no array `lift`, did you mean `left`?");
    let picked = OpenRequest::default().view(&format!("t={}[y]", t.display())).unwrap();
    assert_eq!(view_matrix(&open(&picked).unwrap().0, "t", &ViewOptions::default()).unwrap().data, [2.0, 4.0, 6.0]);
}

#[test]
fn a_key_aligns_files_and_leaves_views_missing() {
    let files = Files::new();
    let a = files.put("a.csv", "key,a0,a1\nk1,1,2\nk2,3,4\nk3,5,6\n");
    let b = files.put("b.csv", "key,b0,b1\nk3,50,60\nk1,10,20\nk9,90,91\n");
    let mut request = OpenRequest::default()
        .view(&format!("a={}", a.display()))
        .unwrap()
        .view(&format!("b={}", b.display()))
        .unwrap();
    request.key = Some("key".into());
    let (data, _) = open(&request).unwrap();
    assert_eq!(ids(&data).unwrap(), ["k1", "k2", "k3", "k9"]);
    let m = |view: &str| view_matrix(&data, view, &ViewOptions::default()).unwrap();
    assert_eq!(m("a").present, [true, true, true, false]);
    assert_eq!(m("b").present, [true, false, true, true]);
    assert_eq!((m("b").row(2).to_vec(), m("b").row(3).to_vec()), (vec![50.0, 60.0], vec![90.0, 91.0]));
    assert_eq!(data.source.locate("b.b0", 2).row, 1);
    files.put("b.csv", "key,b0\nk1,1\nk1,2\n");
    assert_eq!(files.message(&open(&request).unwrap_err()), "b.csv: key `k1` is in row 1 and again in row 2");
    files.put("b.csv", "key,b0\nk1,1\n,2\n");
    assert_eq!(files.message(&open(&request).unwrap_err()), "b.csv row 2: the key column `key` is empty");
    files.put("b.csv", "kei,b0\nk1,1\n");
    assert_eq!(files.message(&open(&request).unwrap_err()), "b.csv has no column `key`, did you mean `kei`?");
}

#[test]
fn parts_of_one_table_and_folders() {
    let files = Files::new();
    let one = files.put("p1.csv", "a_0,a_1,b_0,b_1\n1,2,3,4\n5,6,7,8\n");
    let two = files.put("p2.csv", "a_0,a_1,b_0,b_1\n9,10,11,x\n");
    let request = OpenRequest { data: vec![one.clone(), two.clone()], ..OpenRequest::default() };
    assert_eq!(files.message(&open(&request).unwrap_err()), "p2.csv: column `b_1` is Utf8, but in p1.csv it is Int64");
    files.put("p2.csv", "a_0,a_1,b_0,b_1\n9,10,11,12\n");
    let (data, _) = open(&request).unwrap();
    assert_eq!(data.source.rows(), Some(3));
    assert_eq!(view_matrix(&data, "b", &ViewOptions::default()).unwrap().row(2), [11.0, 12.0]);
    let at = data.source.locate("b_1", 2);
    assert_eq!((files.plain(&at.file), at.row), ("p2.csv".to_owned(), 1));
    std::fs::create_dir(files.path("f")).unwrap();
    files.put("f/img.npy", npy("'<f4'", false, "(2, 2)", &le32(&[1.0, 2.0, 3.0, 4.0])));
    files.put("f/aud.npy", npy("'|u1'", false, "(2, 3)", &[1, 2, 3, 4, 5, 6]));
    files.put("f/rows.csv", "label,split\nx,train\ny,test\n");
    files.put("f/.hidden.csv", "never,read\n");
    let (data, decisions) = open_path(&files.path("f")).unwrap();
    assert_eq!(data.roles.views(), ["aud", "img"]);
    assert_eq!(data.roles.one(&Role::Label), Some("label"));
    assert!(told(&decisions).contains(&"views aud img: every array column is a view".to_owned()));
    files.put("f/weights.pt", b"x");
    assert_eq!(open_path(&files.path("f")).unwrap_err().code(), "format.pickle");
}

#[test]
fn token_views() {
    let files = Files::new();
    let ids = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
        Some(vec![Some(3), Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(7), Some(0)]),
    ]);
    let table = batch(vec![("ids", Arc::new(ids) as ArrayRef), ("n", Arc::new(Int32Array::from(vec![1, 2, 3, 4])))]);
    let write = |table: &arrow_array::RecordBatch| {
        let mut w = suffit_data::Writer::create(files.path("t.parquet"), &table.schema()).unwrap();
        w.write(table).unwrap();
        w.finish().unwrap();
        open_path(&files.path("t.parquet")).unwrap().0
    };
    let t = token_matrix(&write(&table), "ids", &TokenOptions { pad: Some(0), ..TokenOptions::default() }).unwrap();
    assert_eq!((t.rows, t.width, t.vocabulary), (4, 2, 8));
    assert_eq!(t.ids, [3, 1, 0, 0, 0, 0, 7, 0]);
    assert_eq!(t.mask, [true, true, false, false, false, false, true, false]);
    assert_eq!(t.present, [true, false, true, true]);
    let bad = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(3)]), Some(vec![Some(-4)])]);
    let data = write(&batch(vec![("ids", Arc::new(bad) as ArrayRef)]));
    let e = token_matrix(&data, "ids", &TokenOptions::default()).unwrap_err();
    assert_eq!(
        files.message(&e),
        "view:ids: 1 value cannot be used, the first at t.parquet row 2, column `ids[0]`: -4 is not a token id (0 to 4294967294)"
    );
    let mask = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), Some(0)])]);
    let ids = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(5), Some(6)])]);
    let data = write(&batch(vec![("ids", Arc::new(ids) as ArrayRef), ("ids_mask", Arc::new(mask))]));
    assert_eq!(data.roles.views(), ["ids"]);
    assert_eq!(token_matrix(&data, "ids", &TokenOptions::default()).unwrap().ids, [5]);
}
