//! The bundled data: complete, as documented, and the same as their sources.

use std::path::{Path, PathBuf};

use suffit_core::Role;
use suffit_data::generate::M3Mini;
use suffit_data::split::Part;
use suffit_data::{ViewMatrix, ViewOptions, bundle, labels, splits, view_matrix};

use crate::fixture::{Files, open_path};

/// The folder with the original files, where it lies beside the repository.
fn originals(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: the original files of {name} are not beside the repository");
        return None;
    }
    Some(folder)
}

fn matrix(data: &suffit_core::Dataset, view: &str) -> ViewMatrix {
    view_matrix(data, view, &ViewOptions::default()).unwrap()
}

#[test]
fn digits_are_as_documented() {
    let digits = bundle::open("digits").unwrap();
    let widths = [("fou", 76), ("fac", 216), ("kar", 64), ("pix", 240), ("zer", 47), ("mor", 6)];
    assert_eq!(digits.roles.views(), widths.map(|w| w.0));
    for (view, cols) in widths {
        let m = matrix(&digits, view);
        assert_eq!((m.rows, m.cols, m.observed()), (2_000, cols, 2_000));
    }
    assert_eq!(digits.roles.one(&Role::Label), Some("digit"));
    let l = labels(&digits).unwrap().unwrap();
    assert!((0..10u32).all(|d| l.codes.iter().filter(|c| **c == Some(d)).count() == 200));
    let parts = splits(&digits).unwrap().unwrap();
    for (r, part) in parts.iter().enumerate() {
        let expected = if r % 200 < 140 {
            Part::Train
        } else if r % 200 < 160 {
            Part::Val
        } else {
            Part::Test
        };
        assert_eq!(*part, expected);
    }
}

#[test]
fn digits_are_the_numbers_of_the_csv_files() {
    let Some(folder) = originals("mfeat-views") else { return };
    let digits = bundle::open("digits").unwrap();
    for view in digits.roles.views() {
        let m = matrix(&digits, view);
        let mut reader = csv::ReaderBuilder::new().from_path(folder.join(format!("mfeat-{view}.csv"))).unwrap();
        for (r, record) in reader.records().enumerate() {
            let record = record.unwrap();
            for c in 0..m.cols {
                // the shortest decimal of the stored number is the number of the file
                let stored: f64 = m.row(r)[c].to_string().parse().unwrap();
                assert_eq!(stored, record[c].parse::<f64>().unwrap(), "{view} row {r} column {c}");
            }
        }
    }
}

#[test]
fn spoken_digits_are_the_tensors_of_the_source() {
    let Some(folder) = originals("fsdd") else { return };
    let bytes = std::fs::read(folder.join("fsdd_features.safetensors")).unwrap();
    let source = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let m3 = M3Mini::open(2).unwrap();
    let raw: Vec<u8> = m3.audio.data.iter().flat_map(|v| v.to_le_bytes()).collect();
    assert!(raw == source.tensor("logmel320").unwrap().data());
    let raw: Vec<u8> = m3.image.data.iter().map(|v| *v as u8).collect();
    assert!(raw == source.tensor("digits8x8").unwrap().data());
    let bytes = std::fs::read(folder.join("m3mini_index.safetensors")).unwrap();
    let source = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    for words in [2, 5] {
        let m3 = M3Mini::open(words).unwrap();
        for part in [Part::Train, Part::Val, Part::Test] {
            let p = m3.part(part);
            let raw = |name: &str| source.tensor(&format!("w{words}.{part}.{name}")).unwrap().data().to_vec();
            let i16s = |rows: &[usize]| rows.iter().flat_map(|r| (*r as i16).to_le_bytes()).collect::<Vec<u8>>();
            assert!(i16s(&p.audio_row) == raw("audio") && i16s(&p.image_row) == raw("image"));
            let bytes =
                |f: &dyn Fn(&(usize, usize)) -> usize| p.text.iter().flatten().map(|w| f(w) as u8).collect::<Vec<u8>>();
            assert!(bytes(&|w| w.0) == raw("text_lang") && bytes(&|w| w.1) == raw("text_cls"));
            assert!(p.sample.label.unwrap().iter().map(|l| *l as u8).collect::<Vec<_>>() == raw("cls"));
        }
    }
}

#[test]
fn nutrimouse_keeps_every_number() {
    let mice = bundle::open("nutrimouse").unwrap();
    assert_eq!(mice.roles.views(), ["gene", "lipid"]);
    assert_eq!((matrix(&mice, "gene").cols, matrix(&mice, "lipid").cols), (120, 21));
    let Some(folder) = originals("nutrimouse") else { return };
    for view in ["gene", "lipid"] {
        let m = matrix(&mice, view);
        let mut reader = csv::ReaderBuilder::new().from_path(folder.join(format!("{view}.csv"))).unwrap();
        for (r, record) in reader.records().enumerate() {
            let values: Vec<f32> = record.unwrap().iter().map(|c| c.parse().unwrap()).collect();
            assert_eq!(m.row(r), values);
        }
    }
}

#[test]
fn every_bundle_has_its_notice() {
    for b in bundle::list() {
        let data = bundle::open(b.name).unwrap();
        assert_eq!(data.source.rows(), Some(b.rows));
        for word in ["Licen", "Source", "Citation", "Changes"] {
            assert!(b.notice.contains(word), "{} lacks {word}", b.name);
        }
    }
    let e = bundle::open("digit").unwrap_err();
    assert_eq!(e.to_string(), "there is no bundled data set or example `digit`, did you mean `digits`?");
}

#[test]
fn examples_open_again() {
    let files = Files::new();
    for example in bundle::examples() {
        let path = files.path(example.file);
        let rows = bundle::write_example(example.name, &path).unwrap();
        let (data, _) = open_path(&path).unwrap();
        assert_eq!(data.source.rows(), Some(rows), "{}", example.name);
        assert!(data.roles.views().len() >= 2, "{}", example.name);
    }
    let from = |name: &str| open_path(&files.path(name)).unwrap().0;
    let digits = bundle::open("digits").unwrap();
    for name in ["digits.parquet", "digits.csv", "digits-views"] {
        let data = from(name);
        for view in digits.roles.views() {
            assert_eq!(matrix(&data, view).data, matrix(&digits, view).data, "{name} {view}");
        }
        assert_eq!(labels(&data).unwrap().unwrap().codes, labels(&digits).unwrap().unwrap().codes);
        assert_eq!(splits(&data).unwrap(), splits(&digits).unwrap());
    }
    let trimodal = from("trimodal.csv");
    assert_eq!(trimodal.roles.views(), ["img", "txt", "aud"]);
    assert_eq!(trimodal.roles.one(&Role::Label), Some("digit"));
    assert!(std::fs::metadata(files.path("trimodal.csv")).unwrap().len() < 4 << 20);
}
