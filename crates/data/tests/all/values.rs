//! Values in views: what is missing, what is wrong, and where.

use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, ListArray, StringArray};
use suffit_core::method::Sink;
use suffit_data::{OpenRequest, ValueError, ViewOptions, open, splits, view_matrix};

use crate::fixture::{Files, batch, le32, npy, open_path};

#[test]
fn a_missing_row_is_not_present_and_a_partly_missing_one_is_an_error() {
    let files = Files::new();
    files.put("t.csv", "img_0,img_1,txt_0,txt_1\n1,2,3,4\n,NaN,5,6\n7,8,9,10\n");
    let (data, _) = open_path(&files.path("t.csv")).unwrap();
    let m = view_matrix(&data, "img", &ViewOptions::default()).unwrap();
    assert_eq!((m.present.clone(), m.observed(), m.row(1)), (vec![true, false, true], 2, &[0.0f32, 0.0][..]));
    files.put("t.csv", "img_0,img_1,txt_0,txt_1\n1,2,3,4\n,5,5,6\n7,inf,9,10\n");
    let (data, _) = open_path(&files.path("t.csv")).unwrap();
    let e = view_matrix(&data, "img", &ViewOptions::default()).unwrap_err();
    assert_eq!(
        files.message(&e),
        "view:img: 2 values cannot be used, the first at t.csv row 2, column `img_0`: NaN or missing in a row that has other values"
    );
    assert_eq!((e.code(), e.family().exit().code()), ("data.not_finite", 3));
    let hint = files.plain(&e.hint().unwrap());
    assert!(hint.contains("t.csv row 3, column `img_1`: infinite"), "{hint}");
}

#[test]
fn the_first_twenty_problems_are_listed_and_all_are_counted() {
    let files = Files::new();
    let mut values = vec![1.0f32; 30_000 * 2];
    for r in 0..25_000 {
        values[2 * r + 1] = f32::NAN;
    }
    files.put("x.npy", npy("'<f4'", false, "(30000, 2)", &le32(&values)));
    let (data, _) = open_path(&files.path("x.npy")).unwrap();
    let e = view_matrix(&data, "x", &ViewOptions::default()).unwrap_err();
    let Some(ValueError::Values { problems, total, .. }) = e.downcast_ref::<ValueError>() else { panic!("{e}") };
    assert_eq!((problems.len(), *total), (20, 25_000));
    assert_eq!((problems[19].at.row, problems[19].column.as_str()), (20, "x[1]"));
    assert!(e.hint().unwrap().contains("… and 24980 more"));
}

#[test]
fn text_where_numbers_are_expected() {
    let files = Files::new();
    files.put("t.csv", "img_0,img_1,txt_0,txt_1\n1,2,3,4\n2,abc,5,6\n");
    let (data, _) = open_path(&files.path("t.csv")).unwrap();
    let e = view_matrix(&data, "img", &ViewOptions::default()).unwrap_err();
    assert_eq!(
        files.message(&e),
        "view:img: 1 value cannot be used, the first at t.csv row 2, column `img_1`: `abc` is text, expected a number"
    );
    let table = batch(vec![("x", Arc::new(StringArray::from(vec!["1", "2"])) as ArrayRef)]);
    let mut w = suffit_data::Writer::create(files.path("t.parquet"), &table.schema()).unwrap();
    w.write(&table).unwrap();
    w.finish().unwrap();
    let (data, _) = open(&OpenRequest::path(files.path("t.parquet")).view("v=x").unwrap()).unwrap();
    let e = view_matrix(&data, "v", &ViewOptions::default()).unwrap_err();
    assert_eq!(e.code(), "data.column_type");
}

#[test]
fn presence_masks() {
    let files = Files::new();
    let open_it = |text: &str| {
        files.put("t.csv", text);
        open_path(&files.path("t.csv")).unwrap().0
    };
    let data = open_it("a_0,a_1,b_0,b_1,present_a\n1,2,3,4,1\n0.5,inf,5,6,0\n7,8,9,10,1\n");
    assert_eq!(data.roles.one(&suffit_core::Role::Present("a".into())), Some("present_a"));
    // placeholders of a masked row are not looked at, not even an infinite one
    assert_eq!(view_matrix(&data, "a", &ViewOptions::default()).unwrap().present, [true, false, true]);
    let e = |text: &str| files.message(&view_matrix(&open_it(text), "a", &ViewOptions::default()).unwrap_err());
    assert!(
        e("a_0,a_1,b_0,b_1,present_a\n1,2,3,4,1\n,,5,6,1\n")
            .ends_with("t.csv row 2, column `present_a`: the presence mask says present, but every value is missing")
    );
    assert!(
        e("a_0,a_1,b_0,b_1,present_a\n1,2,3,4,2\n")
            .contains("row 1, column `present_a`: 2 in a presence mask, expected 0 or 1")
    );
    assert!(e("a_0,a_1,b_0,b_1,present_a\n1,2,3,4,\n1,2,3,4,1\n").contains("row 1, column `present_a`: empty"));
    assert_eq!(
        e("a_0,a_1,b_0,b_1,present_a\n1,2,3,4,0\n1,2,3,4,0\n"),
        "view `a` is never present: all 2 rows are missing"
    );
}

#[test]
fn wide_numbers_and_ragged_lists() {
    let files = Files::new();
    let read = |column: ArrayRef| {
        let table = batch(vec![("x", column)]);
        let mut w = suffit_data::Writer::create(files.path("t.parquet"), &table.schema()).unwrap();
        w.write(&table).unwrap();
        w.finish().unwrap();
        let (data, _) = open(&OpenRequest::path(files.path("t.parquet")).view("v=x").unwrap()).unwrap();
        view_matrix(&data, "v", &ViewOptions::default())
    };
    let e = read(Arc::new(Float64Array::from(vec![1.0, 1e300]))).unwrap_err();
    assert!(e.to_string().ends_with("row 2, column `x`: 1e300 is beyond the range of 32-bit numbers"), "{e}");
    let lists =
        |rows: Vec<Option<Vec<Option<f64>>>>| Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows));
    let m = read(lists(vec![None, Some(vec![Some(1.0), Some(2.0)]), Some(vec![None, None])])).unwrap();
    assert_eq!((m.cols, m.present), (2, vec![false, true, false]));
    let e = read(lists(vec![Some(vec![Some(1.0), Some(2.0)]), Some(vec![Some(1.0)])])).unwrap_err();
    assert!(e.to_string().ends_with("a list of 1 values, expected 2 as in the first row"), "{e}");
}

#[test]
fn split_columns_with_other_names() {
    let files = Files::new();
    files.put("t.csv", "a_0,a_1,b_0,b_1,part\n1,2,3,4,train\n1,2,3,4,trian\n");
    let mut request = OpenRequest::path(files.path("t.csv"));
    request.split = Some("part".into());
    let e = splits(&open(&request).unwrap().0).unwrap_err();
    assert_eq!(
        files.message(&e),
        "split: 1 value cannot be used, the first at t.csv row 2, column `part`: `trian` is not train, val or test"
    );
}
