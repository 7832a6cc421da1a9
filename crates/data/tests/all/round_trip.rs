//! What is written reads back the same, in every format; arrays of every kind and order.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float16Array, Float32Array, Float64Array, Int8Array, Int16Array, Int64Array,
    RecordBatch, StringArray, UInt16Array,
};
use half::f16;
use proptest::prelude::*;
use suffit_core::Source;
use suffit_core::method::Sink;
use suffit_data::{ViewOptions, Writer, view_matrix};

use crate::fixture::{Files, batch, is_list, le32, list, npy, open_path, safetensors, whole, zipped};

fn written(files: &Files, name: &str, batch: &RecordBatch, pieces: usize) -> Arc<dyn Source> {
    let path = files.path(name);
    let mut writer = Writer::create(&path, &batch.schema()).unwrap();
    let step = batch.num_rows().div_ceil(pieces.max(1)).max(1);
    for from in (0..batch.num_rows()).step_by(step) {
        writer.write(&batch.slice(from, step.min(batch.num_rows() - from))).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), batch.num_rows() as u64);
    open_path(&path).unwrap().0.source
}

fn same(a: &dyn Array, b: &dyn Array) {
    assert_eq!(a.to_data(), b.to_data());
}

/// NaN-tolerant comparison of f32 lists: a null float and NaN are the same missing value.
fn floats(array: &ArrayRef) -> Vec<Option<u32>> {
    let values = array.as_fixed_size_list_opt().map_or_else(|| array.clone(), |l| l.values().clone());
    let array = values.as_primitive::<Float32Type>();
    array.iter().map(|v| v.filter(|v| !v.is_nan()).map(f32::to_bits)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn tables(
        rows in prop::collection::vec((any::<Option<i64>>(), any::<f64>(), any::<bool>(), "[ -~é日]{1,12}"), 1..40),
        pieces in 1usize..4,
    ) {
        let files = Files::new();
        let table = batch(vec![
            ("whole", Arc::new(Int64Array::from(rows.iter().map(|r| r.0).collect::<Vec<_>>())) as ArrayRef),
            ("real", Arc::new(Float64Array::from(rows.iter().map(|r| r.1).collect::<Vec<_>>()))),
            ("flag", Arc::new(BooleanArray::from(rows.iter().map(|r| r.2).collect::<Vec<_>>()))),
            // a letter first, so that no text looks like a number; CSV trims spaces at the ends
            ("text", Arc::new(StringArray::from(rows.iter().map(|r| format!("t{}", r.3.trim_end())).collect::<Vec<_>>()))),
        ]);
        let back = whole(&*written(&files, "t.parquet", &table, pieces));
        for (a, b) in table.columns().iter().zip(back.columns()) {
            same(a, b);
        }
        for name in ["t.csv", "t.tsv"] {
            let back = whole(&*written(&files, name, &table, pieces));
            prop_assert_eq!(back.num_rows(), rows.len());
            if rows.iter().any(|r| r.0.is_some()) {
                same(table.column(0), back.column(0));
            }
            if rows.iter().any(|r| !r.1.is_nan()) {
                let real = back.column(1).as_primitive::<Float64Type>();
                for (r, v) in rows.iter().zip(real.iter()) {
                    prop_assert_eq!(v.map(f64::to_bits), (!r.1.is_nan()).then(|| r.1.to_bits()));
                }
            }
            same(table.column(2), back.column(2));
            same(table.column(3), back.column(3));
        }
    }

    #[test]
    fn arrays(values in prop::collection::vec(any::<f32>(), 1..20), cols in 1usize..4, missing: u32, pieces in 1usize..4) {
        let files = Files::new();
        let rows = values.len();
        let data: Vec<f32> = (0..rows * cols).map(|i| values[i % rows] + (i / rows) as f32).collect();
        let present: Vec<bool> = (0..rows).map(|r| (missing >> (r % 32)) & 1 == 0).collect();
        let view = list(Arc::new(Float32Array::from(data)), cols as i32, None);
        let table = batch(vec![("x", view.clone()), ("n", Arc::new(Int16Array::from((0..rows as i16).collect::<Vec<_>>())) as ArrayRef)]);
        for name in ["t.npz", "t.safetensors", "t.parquet"] {
            let source = written(&files, name, &table, pieces);
            let back = whole(&*source);
            let x = back.column_by_name("x").unwrap();
            prop_assert!(is_list(x.data_type()));
            prop_assert_eq!(floats(x), floats(&view));
            same(table.column(1), back.column_by_name("n").unwrap());
        }
        let one = batch(vec![("x", view.clone())]);
        let source = written(&files, "x.npy", &one, pieces);
        prop_assert_eq!(floats(whole(&*source).column(0)), floats(&view));
        // missing rows: null in Parquet, NaN in arrays, empty in CSV; the same view everywhere
        if values.iter().all(|v| v.is_finite()) && present.contains(&true) {
            let view = list(Arc::new(Float32Array::from((0..rows * cols).map(|i| i as f32).collect::<Vec<_>>())), cols as i32, Some(present.clone()));
            let one = batch(vec![("x", view)]);
            for name in ["p.parquet", "p.npy", "p.npz", "p.safetensors"] {
                written(&files, name, &one, pieces);
                let (data, _) = open_path(&files.path(name)).unwrap();
                let matrix = view_matrix(&data, data.roles.views()[0], &ViewOptions::default()).unwrap();
                prop_assert_eq!(&matrix.present, &present);
                for r in (0..rows).filter(|r| present[*r]) {
                    let expected: Vec<f32> = (r * cols..(r + 1) * cols).map(|i| i as f32).collect();
                    prop_assert_eq!(matrix.row(r), expected.as_slice());
                }
            }
        }
    }

    #[test]
    fn fortran_order_is_c_order(n in 1u64..6, a in 1u64..4, b in 1u64..4, step in 1usize..4) {
        let files = Files::new();
        let (n, a, b) = (n as usize, a as usize, b as usize);
        let at = |i: usize, j: usize, k: usize| (i * 100 + j * 10 + k) as f32;
        let c: Vec<f32> = (0..n).flat_map(|i| (0..a).flat_map(move |j| (0..b).map(move |k| at(i, j, k)))).collect();
        let f: Vec<f32> = (0..b).flat_map(|k| (0..a).flat_map(move |j| (0..n).map(move |i| at(i, j, k)))).collect();
        let shape = format!("({n}, {a}, {b})");
        files.put("c.npy", npy("'<f4'", false, &shape, &le32(&c)));
        files.put("f.npy", npy("'<f4'", true, &shape, &le32(&f)));
        files.put("z.npz", zipped(&[("f.npy", npy("'<f4'", true, &shape, &le32(&f)))], true));
        for name in ["c.npy", "f.npy", "z.npz"] {
            let (data, _) = open_path(&files.path(name)).unwrap();
            let mut got = Vec::new();
            for batch in data.source.batches(None, step).unwrap() {
                got.extend(floats(batch.unwrap().column(0)));
            }
            prop_assert_eq!(got, c.iter().map(|v| Some(v.to_bits())).collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_element_type_and_byte_order() {
    let files = Files::new();
    let cases: Vec<(&str, Vec<u8>, Vec<f64>)> = vec![
        ("'|b1'", vec![1, 0], vec![1.0, 0.0]),
        ("'|i1'", vec![0xff, 5], vec![-1.0, 5.0]),
        ("'|u1'", vec![255, 5], vec![255.0, 5.0]),
        ("'<i2'", vec![0xfe, 0xff, 2, 1], vec![-2.0, 258.0]),
        ("'>i2'", vec![0xff, 0xfe, 1, 2], vec![-2.0, 258.0]),
        ("'<u2'", vec![0xfe, 0xff, 2, 1], vec![65534.0, 258.0]),
        ("'>u4'", vec![0, 0, 1, 0, 0, 0, 0, 7], vec![256.0, 7.0]),
        ("'<i4'", [(-3i32).to_le_bytes(), 9i32.to_le_bytes()].concat(), vec![-3.0, 9.0]),
        ("'>i8'", [(-3i64).to_be_bytes(), 9i64.to_be_bytes()].concat(), vec![-3.0, 9.0]),
        ("'<u8'", [3u64.to_le_bytes(), 9u64.to_le_bytes()].concat(), vec![3.0, 9.0]),
        ("'<f2'", [f16::from_f32(1.5).to_le_bytes(), f16::from_f32(-2.0).to_le_bytes()].concat(), vec![1.5, -2.0]),
        ("'>f4'", [1.5f32.to_be_bytes(), (-2f32).to_be_bytes()].concat(), vec![1.5, -2.0]),
        ("'<f8'", [0.1f64.to_le_bytes(), (-2f64).to_le_bytes()].concat(), vec![0.1f32.into(), -2.0]),
        ("\"=f4\"", le32(&[1.5, -2.0]), vec![1.5, -2.0]),
    ];
    for (descr, data, expected) in cases {
        files.put("a.npy", npy(descr, false, "(2, 1)", &data));
        let (opened, _) = open_path(&files.path("a.npy")).unwrap();
        let m = view_matrix(&opened, "a", &ViewOptions::default()).unwrap();
        assert_eq!(m.data.iter().map(|v| f64::from(*v)).collect::<Vec<_>>(), expected, "{descr}");
    }
    let bf16: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|v| half::bf16::from_f32(*v).to_le_bytes()).collect();
    files.put("a.safetensors", safetensors(r#"{"a":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]}}"#, &bf16));
    let (opened, _) = open_path(&files.path("a.safetensors")).unwrap();
    assert_eq!(view_matrix(&opened, "a", &ViewOptions::default()).unwrap().data, [1.5, -2.0]);
}

#[test]
fn text_arrays() {
    let files = Files::new();
    let chars: Vec<u8> = ["ab", "é", "日本語"]
        .iter()
        .flat_map(|t| {
            t.chars()
                .chain(std::iter::repeat('\0'))
                .take(3)
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect::<Vec<_>>()
        })
        .collect();
    files.put("u.npy", npy("'<U3'", false, "(3,)", &chars));
    files.put("s.npy", npy("'|S2'", false, "(3,)", b"ab\0\0c\0"));
    let texts = |name: &str| -> Vec<String> {
        let (data, _) = open_path(&files.path(name)).unwrap();
        whole(&*data.source).column(0).as_string::<i32>().iter().map(|t| t.unwrap().to_owned()).collect()
    };
    assert_eq!(texts("u.npy"), ["ab", "é", "日本語"]);
    assert_eq!(texts("s.npy"), ["ab", "", "c"]);
    let table = batch(vec![("t", Arc::new(StringArray::from(vec!["ab", "日本語", ""])) as ArrayRef)]);
    let back = whole(&*written(&files, "t.npz", &table, 1));
    same(table.column(0), back.column(0));
}

#[test]
fn safetensors_reads_what_the_reference_writes() {
    let files = Files::new();
    let (x, y) = (le32(&[1.0, 2.0, 3.0, 4.0]), vec![7u8, 8]);
    let views = vec![
        ("x", safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2, 2], &x).unwrap()),
        ("y", safetensors::tensor::TensorView::new(safetensors::Dtype::U8, vec![2], &y).unwrap()),
    ];
    files.put(
        "a.safetensors",
        safetensors::serialize(views, None::<std::collections::HashMap<String, String>>).unwrap(),
    );
    let (data, _) = open_path(&files.path("a.safetensors")).unwrap();
    let back = whole(&*data.source);
    assert_eq!(floats(back.column_by_name("x").unwrap()).len(), 4);
    // and the reference reads what we write
    let table = batch(vec![("n", Arc::new(UInt16Array::from(vec![1, 2, 3])) as ArrayRef)]);
    written(&files, "b.safetensors", &table, 2);
    let bytes = std::fs::read(files.path("b.safetensors")).unwrap();
    let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(read.tensor("n").unwrap().data(), [1, 0, 2, 0, 3, 0]);
}

#[test]
fn csv_layouts() {
    let files = Files::new();
    let read = |name: &str, bytes: &[u8]| {
        files.put(name, bytes);
        let (data, decisions) = open_path(&files.path(name)).unwrap();
        (whole(&*data.source), decisions)
    };
    let (plain, _) = read("a.csv", b"x,label\n1,a\n2,b\n3,a\n");
    for bytes in [
        &b"\xef\xbb\xbfx,label\r\n1,a\r\n2,b\r\n3,a\r\n"[..],
        b"x;label\n1;a\n2;b\n3;a\n",
        b"\"x\",\"label\"\n1,\"a\"\n\n2,\"b\"\n3,\"a\"",
    ] {
        let (batch, _) = read("a.csv", bytes);
        assert_eq!(batch, plain);
    }
    assert_eq!(read("a.tsv", b"x\tlabel\n1\ta\n2\tb\n3\ta\n").0, plain);
    let (_, decisions) = read("a.csv", b"x;label\n1;a\n2;b\n");
    assert!(decisions.iter().any(|d| d.subject == "delimiter" && d.choice == "';'"));
    let (numbers, decisions) = read("a.csv", b"1.5,2\n3,4\n");
    assert_eq!((numbers.num_rows(), numbers.schema().field(0).name().as_str()), (2, "column_1"));
    assert!(decisions.iter().any(|d| d.subject == "header"));
    let (counted, _) = read("a.csv", b"0,1,2\n5,6,7\n");
    assert_eq!(counted.num_rows(), 1);
    let (types, _) = read(
        "a.csv",
        b"i,f,b,s,e,q\n1,1,true,x,,\"a, b\"\n,NaN,false,1,NA,\"line\nbreak\"\n-3,2.5,true,y,,\"say \"\"hi\"\"\"\n",
    );
    let kinds: Vec<String> = types.schema().fields().iter().map(|f| f.data_type().to_string()).collect();
    assert_eq!(kinds, ["Int64", "Float64", "Boolean", "Utf8", "Float64", "Utf8"]);
    assert_eq!(types.column(0).as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(1), None, Some(-3)]);
    assert_eq!(types.column(5).as_string::<i32>().value(2), "say \"hi\"");
}

#[test]
fn json_lines() {
    let files = Files::new();
    let x = list(Arc::new(Float32Array::from(vec![0.5, f32::NAN, 2.0, 3.0])), 2, Some(vec![true, false]));
    let table = batch(vec![
        ("id", Arc::new(StringArray::from(vec!["a\"b", "c"])) as ArrayRef),
        ("x", x),
        ("n", Arc::new(Int8Array::from(vec![Some(1), None]))),
    ]);
    let mut writer = Writer::create(files.path("a.jsonl"), &table.schema()).unwrap();
    writer.write(&table).unwrap();
    writer.finish().unwrap();
    let text = std::fs::read_to_string(files.path("a.jsonl")).unwrap();
    assert_eq!(text, "{\"id\":\"a\\\"b\",\"x\":[0.5,null],\"n\":1}\n{\"id\":\"c\",\"x\":null,\"n\":null}\n");
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn writers_leave_nothing_half_done() {
    let files = Files::new();
    let table = batch(vec![("x", Arc::new(Float16Array::from(vec![f16::from_f32(0.5)])) as ArrayRef)]);
    let names = || -> Vec<String> {
        std::fs::read_dir(files.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    };
    for ending in ["parquet", "csv", "tsv", "npy", "npz", "safetensors", "jsonl"] {
        let path = files.put(&format!("a.{ending}"), b"old");
        let mut writer = Writer::create(&path, &table.schema()).unwrap();
        writer.write(&table).unwrap();
        drop(writer);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        std::fs::remove_file(&path).unwrap();
        assert!(names().is_empty(), "{:?}", names());
        // the same rows, the same bytes
        let bytes: Vec<Vec<u8>> = (0..2)
            .map(|_| {
                let mut writer = Writer::create(&path, &table.schema()).unwrap();
                writer.write(&table).unwrap();
                writer.finish().unwrap();
                std::fs::read(&path).unwrap()
            })
            .collect();
        assert_eq!(bytes[0], bytes[1]);
        assert_eq!(names().len(), 1);
        std::fs::remove_file(&path).unwrap();
    }
    let other = batch(vec![("y", Arc::new(Int8Array::from(vec![1])) as ArrayRef)]);
    let mut writer = Writer::create(files.path("a.csv"), &table.schema()).unwrap();
    assert_eq!(writer.write(&other).unwrap_err().code(), "write.schema");
}

#[test]
fn what_cannot_be_written_is_named() {
    let files = Files::new();
    let code = |name: &str, table: &RecordBatch| -> String {
        let mut writer = match Writer::create(files.path(name), &table.schema()) {
            Ok(writer) => writer,
            Err(e) => return e.code().to_owned(),
        };
        writer.write(table).map_or_else(|e| e.code().to_owned(), |()| "fine".to_owned())
    };
    let text = batch(vec![("t", Arc::new(StringArray::from(vec!["a"])) as ArrayRef)]);
    let holes = batch(vec![("n", Arc::new(Int64Array::from(vec![None, Some(1)])) as ArrayRef)]);
    let mixed = batch(vec![
        ("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
        ("f", Arc::new(Float64Array::from(vec![1.0]))),
    ]);
    assert_eq!(code("a.safetensors", &text), "write.column_type");
    assert_eq!(code("a.npy", &text), "write.column_type");
    assert_eq!(code("a.npy", &mixed), "write.not_one_array");
    assert_eq!(code("a.npz", &holes), "write.missing");
    assert_eq!(code("a.npy", &holes), "write.missing");
    assert_eq!(code("a.txt", &text), "write.extension");
    assert_eq!(code("no/such/folder/a.csv", &text), "io");
}
