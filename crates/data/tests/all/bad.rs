//! Bad files: each its own named error.

use suffit_core::Exit;
use suffit_data::{OpenRequest, ViewOptions, open, view_matrix};

use crate::fixture::{Files, le32, npy, open_path, safetensors, whole, zipped};

/// Opens and reads; the error's code, exit code and message.
fn failure(files: &Files, name: &str) -> (String, Exit, String) {
    let error = match open_path(&files.path(name)) {
        Err(e) => e,
        Ok((data, _)) => {
            data.source.batches(None, 100).unwrap().find_map(Result::err).expect("the file should be refused")
        }
    };
    (error.code().to_owned(), error.family().exit(), files.message(&error))
}

#[test]
fn pickles_are_refused_with_the_conversion() {
    let files = Files::new();
    for (name, line) in
        [("a.pt", "torch.load("), ("a.pth", "save_file"), ("a.pkl", "read_pickle"), ("a.joblib", "joblib.load")]
    {
        let path = files.put(name, b"\x80\x02}q\x00.");
        let error = open_path(&path).unwrap_err();
        assert_eq!(error.code(), "format.pickle");
        assert_eq!(error.family().exit(), Exit::Data);
        assert!(error.to_string().contains(name));
        let hint = error.hint().unwrap();
        assert!(hint.contains(line) && hint.contains("python -c \"") && !hint.contains('\n'), "{hint}");
    }
    // a pickle under another name
    let path = files.put("a.csv", b"\x80\x04\x95\x10\x00\x00\x00");
    assert_eq!(open_path(&path).unwrap_err().code(), "format.pickle");
    // PyTorch's zip under the name of NumPy's
    let path = files.put("a.npz", zipped(&[("archive/data.pkl", b"\x80\x02".to_vec())], false));
    assert_eq!(open_path(&path).unwrap_err().code(), "format.pickle");
}

#[test]
fn hdf5_names_the_accepted_formats() {
    let files = Files::new();
    let error = open_path(&files.put("a.h5", b"\x89HDF\r\n\x1a\n....")).unwrap_err();
    assert_eq!(error.code(), "format.not_yet");
    assert!(error.to_string().contains(".parquet, .csv, .tsv, .npy, .npz, .safetensors"));
    assert!(error.hint().unwrap().contains("h5py.File("));
    assert_eq!(open_path(&files.put("b.csv", b"\x89HDF\r\n\x1a\n....")).unwrap_err().code(), "format.not_yet");
}

#[test]
fn empty_missing_and_unknown_files() {
    let files = Files::new();
    for name in ["a.parquet", "a.csv", "a.npy", "a.npz", "a.safetensors"] {
        files.put(name, b"");
        assert_eq!(failure(&files, name), ("format.empty".into(), Exit::Data, format!("{name} is empty (0 bytes)")));
    }
    assert_eq!(failure(&files, "none.csv").1, Exit::Io);
    files.put("a.docx", b"x");
    assert_eq!(failure(&files, "a.docx").0, "format.extension");
    std::fs::create_dir(files.path("folder")).unwrap();
    assert_eq!(failure(&files, "folder").0, "format.empty_folder");
}

#[test]
fn truncated_parquet() {
    let files = Files::new();
    suffit_data::bundle::write_example("nutrimouse", &files.path("whole.parquet")).unwrap();
    let bytes = std::fs::read(files.path("whole.parquet")).unwrap();
    for cut in [6, bytes.len() / 2, bytes.len() - 1] {
        files.put("cut.parquet", &bytes[..cut]);
        let (code, exit, message) = failure(&files, "cut.parquet");
        assert_eq!((code.as_str(), exit), ("format.parquet", Exit::Data));
        assert!(message.starts_with("cut.parquet cannot be read as Parquet"), "{message}");
    }
    files.put("text.parquet", b"a,b\n1,2\n");
    assert_eq!(failure(&files, "text.parquet").2, "text.parquet is not a Parquet file: it begins with \"a,b\\n\"");
}

#[test]
fn npy_headers_that_lie() {
    let files = Files::new();
    let data = le32(&[1.0, 2.0, 3.0]);
    let cases = [
        ("'<f4'", "(4,)", "format.size"),
        ("'<f4'", "(2,)", "format.size"),
        ("'<f4'", "(4000000000, 4000000000)", "format.limit"),
        ("'<f8'", "(18446744073709551615, 4)", "format.limit"),
        ("'<f4'", "(99999999999,)", "format.size"),
        ("'<f4'", "(-1,)", "format.header"),
        ("'<f4'", "(3, 0)", "format.header"),
        ("'<f4'", "(0, 3)", "format.header_only"),
        ("'<f4'", "()", "format.no_rows"),
        ("'<f4'", "3", "format.header"),
        ("'|O'", "(3,)", "format.objects"),
        ("'<c8'", "(3,)", "format.element_type"),
        ("'<M8[ns]'", "(3,)", "format.element_type"),
        ("[('x', '<f4')]", "(3,)", "format.element_type"),
    ];
    for (descr, shape, code) in cases {
        files.put("a.npy", npy(descr, false, shape, &data));
        let (got, exit, message) = failure(&files, "a.npy");
        assert_eq!(got, code, "{descr} {shape}: {message}");
        assert!(message.contains("a.npy"), "{message}");
        assert!(exit == Exit::Data || code == "format.limit");
    }
    let full = npy("'<f4'", false, "(3,)", &data);
    for cut in [1, 7, 9, 40, full.len() - 1] {
        files.put("a.npy", &full[..cut]);
        assert!(["format.magic", "format.size"].contains(&failure(&files, "a.npy").0.as_str()), "cut at {cut}");
    }
    let mut long = full.clone();
    long[6] = 2; // version 2 reads four bytes of length: the first two are the old length, then text
    files.put("a.npy", long);
    assert_eq!(failure(&files, "a.npy").0, "format.limit");
    let mut version = full;
    version[6] = 9;
    files.put("a.npy", version);
    assert_eq!(failure(&files, "a.npy").0, "format.header");
}

#[test]
fn object_arrays_show_the_conversion() {
    let files = Files::new();
    let error = open_path(&files.put("obj.npy", npy("'|O'", false, "(3,)", b"\x80\x04K\x01."))).unwrap_err();
    assert!(error.hint().unwrap().contains("np.load("), "{:?}", error.hint());
    let entry = npy("'|O'", false, "(3,)", b"\x80\x04K\x01.");
    let error = open_path(&files.put("obj.npz", zipped(&[("x.npy", entry)], false))).unwrap_err();
    assert_eq!(error.code(), "format.objects");
    assert!(error.to_string().contains("`x`") && error.hint().unwrap().contains("['x']"));
}

#[test]
fn npz_bombs_and_outside_names() {
    let files = Files::new();
    let honest = npy("'<f4'", false, "(3,)", &le32(&[1.0, 2.0, 3.0]));
    for name in ["../x.npy", "/x.npy", "a/../../x.npy", "c:\\x.npy"] {
        // an archive writer cleans such names: put the name in afterwards, in both headers
        let plain = "q".repeat(name.len());
        let mut bytes = zipped(&[(&plain, honest.clone())], false);
        for at in 0..bytes.len() - name.len() {
            if bytes[at..].starts_with(plain.as_bytes()) {
                bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
            }
        }
        files.put("a.npz", bytes);
        let (code, _, message) = failure(&files, "a.npz");
        assert_eq!(code, "format.entry_name", "{message}");
        assert!(message.contains(name));
    }
    // the entry is larger than its header says: a bomb hides behind a small array
    let mut bomb = npy("'<f4'", false, "(3,)", &le32(&[1.0, 2.0, 3.0]));
    bomb.extend(std::iter::repeat_n(0u8, 1 << 20));
    files.put("b.npz", zipped(&[("x.npy", bomb)], true));
    assert_eq!(failure(&files, "b.npz").0, "format.size");
    // the header claims a terabyte that is not there
    let liar = npy("'<f4'", false, "(1000000, 250000)", &[0; 64]);
    files.put("c.npz", zipped(&[("x.npy", liar)], true));
    assert_eq!(failure(&files, "c.npz").0, "format.size");
    // cut short
    let full = zipped(&[("x.npy", honest)], false);
    files.put("d.npz", &full[..full.len() - 10]);
    assert_eq!(failure(&files, "d.npz").0, "format.zip");
}

#[test]
fn a_corrupt_deflated_entry_is_an_error_not_garbage() {
    let files = Files::new();
    let values: Vec<f32> = (0..4096).map(|i| (i as f32).sin()).collect();
    let mut bytes = zipped(&[("x.npy", npy("'<f4'", false, "(4096,)", &le32(&values)))], true);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    files.put("a.npz", bytes);
    assert!(["format.zip", "format.size"].contains(&failure(&files, "a.npz").0.as_str()));
}

#[test]
fn safetensors_that_lie() {
    let files = Files::new();
    let data = le32(&[1.0, 2.0, 3.0, 4.0]);
    let cases = [
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            "format.offsets",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#,
            "format.offsets",
        ),
        (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "format.size"),
        (r#"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}}"#, "format.size"),
        (r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#, "format.header"),
        (r#"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#, "format.header"),
        (r#"{"a":{"dtype":"F32","data_offsets":[0,16]}}"#, "format.header"),
        (r#"{"a":{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}}"#, "format.element_type"),
        (r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,16]}}"#, "format.limit"),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
            "format.json",
        ),
        (r#"{"a":"#, "format.json"),
        (r#"[1, 2]"#, "format.json"),
        (r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,99999999999]}}"#, "format.size"),
        (r#"{"__metadata__":{"x":"y"}}"#, "format.size"),
    ];
    for (header, code) in cases {
        files.put("a.safetensors", safetensors(header, &data));
        let (got, _, message) = failure(&files, "a.safetensors");
        assert_eq!(got, code, "{header}: {message}");
        assert!(message.contains("a.safetensors"));
    }
    files.put("b.safetensors", 4_000_000_000_000u64.to_le_bytes());
    assert_eq!(failure(&files, "b.safetensors").0, "format.limit");
    files.put("c.safetensors", 90_000_000u64.to_le_bytes());
    assert_eq!(failure(&files, "c.safetensors").0, "format.size");
    files.put("d.safetensors", b"abc");
    assert_eq!(failure(&files, "d.safetensors").0, "format.size");
}

#[test]
fn csv_that_is_not() {
    let files = Files::new();
    files.put("ragged.csv", "a,b\n1,2\n3\n4,5\n");
    assert_eq!(failure(&files, "ragged.csv").2, "ragged.csv row 2 (line 3) has 1 cells, expected 2 as in the header");
    files.put("latin.csv", b"name,x\nAnna,1\nJos\xe9,2\n");
    assert_eq!(failure(&files, "latin.csv").2, "latin.csv row 2, column `name`: not UTF-8 text");
    files.put("twice.csv", "a,b,a\n1,2,3\n");
    assert_eq!(failure(&files, "twice.csv").2, "twice.csv: columns 1 and 3 are both named `a`");
    files.put("head.csv", "a,b\n");
    assert_eq!(failure(&files, "head.csv").0, "format.header_only");
    files.put("wide.csv", b"\xff\xfea\x00,\x00b\x00");
    assert_eq!(failure(&files, "wide.csv").0, "format.utf16");
    files.put("binary.csv", b"a,b\n\x00\x01,2\n");
    assert_eq!(failure(&files, "binary.csv").0, "format.magic");
    files.put("quote.csv", format!("a,b\n\"{}\n", "x".repeat(2 << 20)));
    assert!(["format.limit", "format.ragged"].contains(&failure(&files, "quote.csv").0.as_str()));
}

#[test]
fn csv_that_changes_between_opening_and_reading() {
    let files = Files::new();
    let path = files.put("a.csv", "x,y\n1,2\n3,4\n5,6\n");
    let (data, _) = open_path(&path).unwrap();
    files.put("a.csv", "x,y\n1,2\n3,oops\n5,6\n");
    let error = data.source.batches(None, 10).unwrap().find_map(Result::err).unwrap();
    assert_eq!(files.message(&error), "a.csv row 2, column `y`: `oops` is not a whole number");
    files.put("a.csv", "x,y\n1,2\n");
    let error = data.source.batches(None, 10).unwrap().find_map(Result::err).unwrap();
    assert_eq!(error.code(), "format.changed");
}

#[test]
fn mismatched_row_counts_name_both_files() {
    let files = Files::new();
    let a = files.put("a.npy", npy("'<f4'", false, "(3, 1)", &le32(&[1.0; 3])));
    let b = files.put("b.npy", npy("'<f4'", false, "(4, 1)", &le32(&[1.0; 4])));
    let request = OpenRequest::default()
        .view(&format!("a={}", a.display()))
        .unwrap()
        .view(&format!("b={}", b.display()))
        .unwrap();
    let error = open(&request).unwrap_err();
    assert_eq!(files.message(&error), "row counts differ: a.npy has 3 rows, b.npy has 4");
    assert!(error.hint().unwrap().contains("--key"));
    let (x, y) = (npy("'<f4'", false, "(3,)", &le32(&[1.0; 3])), npy("'<f4'", false, "(4,)", &le32(&[1.0; 4])));
    let error = open_path(&files.put("ab.npz", zipped(&[("x.npy", x), ("y.npy", y)], false))).unwrap_err();
    assert_eq!(files.message(&error), "row counts differ: ab.npz[x] has 3 rows, ab.npz[y] has 4");
}

#[test]
fn a_file_cut_while_open_is_an_error() {
    let files = Files::new();
    let bytes = npy("'<f4'", false, "(100, 4)", &le32(&[1.0; 400]));
    let path = files.put("a.npy", &bytes);
    let (data, _) = open_path(&path).unwrap();
    files.put("a.npy", &bytes[..bytes.len() - 100]);
    let error = view_matrix(&data, "a", &ViewOptions::default()).unwrap_err();
    assert_eq!(error.code(), "format.size");
    files.put("a.npy", bytes);
    assert_eq!(whole(&*data.source).num_rows(), 100);
}

#[test]
fn mutated_files_never_panic() {
    // every reader of bytes, with one byte changed at a time over the first 300 and the last 100
    let files = Files::new();
    let seeds: Vec<(&str, Vec<u8>)> = vec![
        ("m.npy", npy("'<f4'", true, "(3, 4)", &le32(&[0.5; 12]))),
        ("m.npz", zipped(&[("x.npy", npy("'<i2'", false, "(3,)", &[1, 0, 2, 0, 3, 0]))], true)),
        (
            "m.safetensors",
            safetensors(r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, &le32(&[1.0; 4])),
        ),
        ("m.csv", b"a,b,\"c d\"\n1,2.5,x\n3,4.5,\"y, z\"\n".to_vec()),
    ];
    for (name, bytes) in seeds {
        let n = bytes.len();
        for at in (0..n).filter(|i| *i < 300 || *i + 100 > n) {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                let path = files.put(name, &bytes);
                if let Ok((data, _)) = open_path(&path)
                    && let Ok(batches) = data.source.batches(None, 2)
                {
                    let rows: usize = batches.map_while(Result::ok).map(|b| b.num_rows()).sum();
                    assert!(rows <= 1 << 20);
                }
            }
        }
    }
}

#[test]
fn mutated_parquet_never_panics() {
    let files = Files::new();
    let table = crate::fixture::batch(vec![
        (
            "n",
            std::sync::Arc::new(arrow_array::Int32Array::from(vec![Some(1), None, Some(3)])) as arrow_array::ArrayRef,
        ),
        ("t", std::sync::Arc::new(arrow_array::StringArray::from(vec!["a", "b", "a"]))),
    ]);
    let mut writer = suffit_data::Writer::create(files.path("w.parquet"), &table.schema()).unwrap();
    suffit_core::method::Sink::write(&mut writer, &table).unwrap();
    writer.finish().unwrap();
    let bytes = std::fs::read(files.path("w.parquet")).unwrap();
    let path = files.path("m.parquet");
    for at in 0..bytes.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok((data, _)) = open_path(&path)
                && let Ok(batches) = data.source.batches(None, 2)
            {
                let rows: usize = batches.map_while(Result::ok).map(|b| b.num_rows()).sum();
                assert!(rows <= 1 << 20);
            }
        }
    }
}
