//! Example files: what the documented commands read, written from the bundled data.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float32Array, RecordBatch, StringArray, UInt8Array};
use arrow_schema::{Field, Schema};
use suffit_core::error::CommonError;
use suffit_core::{Result, Role};

use crate::error::FormatError;
use crate::generate::M3Mini;
use crate::source::Held;
use crate::split::Part;
use crate::write::write_all;

/// Rows of each part of the trimodal example.
const TRIMODAL: [(Part, usize); 3] = [(Part::Train, 800), (Part::Val, 200), (Part::Test, 200)];

/// An example that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// The file or folder it is written to when no other is named.
    pub file: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The bundle it comes from, whose notice applies.
    pub bundle: &'static str,
    /// Options that open it.
    pub options: &'static str,
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "digits",
        file: "digits.parquet",
        title: "2,000 digits in six views, one Parquet table",
        bundle: "digits",
        options: "--data digits.parquet",
    },
    Example {
        name: "digits-csv",
        file: "digits.csv",
        title: "the same as CSV",
        bundle: "digits",
        options: "--data digits.csv --view fou=fou_* --view kar=kar_* --view zer=zer_* --label digit",
    },
    Example {
        name: "digits-views",
        file: "digits-views",
        title: "the same as a folder: one npy array per view, labels and split in rows.csv",
        bundle: "digits",
        options: "--data digits-views",
    },
    Example {
        name: "trimodal",
        file: "trimodal.csv",
        title: "1,200 tuples of a digit image, two number words and a recording that tells which of them is meant",
        bundle: "fsdd",
        options: "--data trimodal.csv --view image=img_* --view text=txt_* --view audio=aud_*",
    },
    Example {
        name: "nutrimouse",
        file: "nutrimouse.csv",
        title: "40 mice: genes and fatty acids, diet, genotype",
        bundle: "nutrimouse",
        options: "--data nutrimouse.csv --label diet",
    },
];

/// The examples.
pub fn examples() -> &'static [Example] {
    EXAMPLES
}

/// The error for a name that no example has, with the nearest ones.
pub fn unknown_example(name: &str) -> suffit_core::Error {
    super::unknown(name, EXAMPLES.iter().map(|e| e.name))
}

/// Writes an example to `path` (a folder for `digits-views`); tables take the format of the path's
/// ending. Returns the number of rows.
///
/// # Errors
/// [`crate::BindError::UnknownBundle`], I/O, an ending that cannot be written.
pub fn write_example(name: &str, path: &Path) -> Result<u64> {
    match name {
        "digits" | "digits-csv" => write_all(path, &*super::source("digits")?, None),
        "digits-views" => digit_views(path),
        "trimodal" => {
            let held = trimodal()?;
            write_all(path, &held, None)
        }
        "nutrimouse" => write_all(path, &*super::source("nutrimouse")?, None),
        _ => Err(unknown_example(name)),
    }
}

fn digit_views(folder: &Path) -> Result<u64> {
    std::fs::create_dir_all(folder).map_err(|e| CommonError::io("create", folder, e))?;
    let digits = super::open("digits")?;
    for view in digits.roles.views() {
        let matrix = crate::view::view_matrix(&digits, view, &crate::view::ViewOptions::default())?;
        let sample = crate::generate::Sample { views: vec![matrix], label: None };
        let data = sample.into_dataset("digits")?;
        write_all(folder.join(format!("{view}.npy")), &*data.source, None)?;
    }
    let plain = [Role::Label, Role::Split].iter().flat_map(|r| digits.roles.get(r).to_vec()).collect::<Vec<_>>();
    write_all(folder.join("rows.csv"), &*digits.source, Some(&plain))
}

/// The M3-mini tuples of two words as plain columns; audio rounded to three decimals to stay small.
fn trimodal() -> Result<Held> {
    let m3 = M3Mini::open(2)?;
    let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
    let parts: Vec<_> = TRIMODAL.iter().map(|(p, n)| (*p, *n, m3.part(*p))).collect();
    let column = |view: usize, j: usize| -> Vec<f32> {
        parts.iter().flat_map(|(_, n, p)| (0..*n).map(move |r| p.sample.views[view].row(r)[j])).collect()
    };
    // two words of the first two languages use the first 20 of the 60 text columns
    for (view, prefix, cols) in [(1, "img", 64), (2, "txt", 20), (0, "aud", 320)] {
        for j in 0..cols {
            let values = column(view, j);
            let array: ArrayRef = match prefix {
                "aud" => {
                    Arc::new(Float32Array::from(values.iter().map(|v| (v * 1e3).round() / 1e3).collect::<Vec<_>>()))
                }
                _ => Arc::new(UInt8Array::from(values.iter().map(|v| *v as u8).collect::<Vec<_>>())),
            };
            fields.push(Field::new(format!("{prefix}_{j}"), array.data_type().clone(), false));
            arrays.push(array);
        }
    }
    let digit = parts
        .iter()
        .flat_map(|(_, n, p)| p.sample.label.iter().flatten().take(*n).map(|d| *d as u8))
        .collect::<Vec<_>>();
    let split = parts.iter().flat_map(|(part, n, _)| std::iter::repeat_n(part.name(), *n)).collect::<Vec<_>>();
    let plain: [(&str, ArrayRef); 2] =
        [("digit", Arc::new(UInt8Array::from(digit))), ("split", Arc::new(StringArray::from(split)))];
    for (name, array) in plain {
        fields.push(Field::new(name, array.data_type().clone(), false));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), arrays)
        .map_err(|source| FormatError::Arrow { path: "bundled:trimodal".to_owned(), source })?;
    Held::new("bundled:trimodal", &schema, &[batch], Vec::new())
}
