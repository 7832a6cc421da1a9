//! The papers' generators, seeded, with their exact information where there is a closed form. They are
//! also the oracles of tests.

mod gaussian;
mod m3mini;
pub mod objects;
mod product;
mod xnor;
mod xor;

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use rand::Rng;
use suffit_core::dataset::Roles;
use suffit_core::{Dataset, Kind, Result, Role};

pub use gaussian::Gaussian;
pub use m3mini::{M3Mini, M3Part};
pub use product::Product;
pub use xnor::{Unreliable, Xnor};
pub use xor::{Parity, Xor, XorInformation};

use crate::error::FormatError;
use crate::view::ViewMatrix;

/// Why a generator cannot draw.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// A parameter outside its range.
    #[error("{what} is {got}, expected {expected}")]
    Range {
        /// The parameter.
        what: &'static str,
        /// What was given.
        got: f64,
        /// What is possible.
        expected: &'static str,
    },
    /// A matrix that is no correlation matrix.
    #[error("the correlation matrix is not symmetric and positive definite (row {row})")]
    NotPositive {
        /// The row in which it shows, from 1.
        row: usize,
    },
}

impl suffit_core::Cause for GenerateError {
    fn family(&self) -> suffit_core::Family {
        suffit_core::Family::Config
    }

    fn code(&self) -> &'static str {
        match self {
            GenerateError::Range { .. } => "generate.range",
            GenerateError::NotPositive { .. } => "generate.not_positive",
        }
    }
}

/// Rows drawn by a generator: aligned views, and a label where the generator has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The views, all with the same rows.
    pub views: Vec<ViewMatrix>,
    /// A class per row, if there is one.
    pub label: Option<Vec<u32>>,
}

impl Sample {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.views.first().map_or(0, |v| v.rows)
    }

    /// As a data set in memory: one array column per view (null where missing), `label` as text.
    ///
    /// # Errors
    /// Never for samples made here; the columns are checked by Arrow all the same.
    pub fn into_dataset(self, name: &str) -> Result<Dataset> {
        let (mut fields, mut arrays, mut roles) = (Vec::new(), Vec::<ArrayRef>::new(), Roles::default());
        let failed = |source| FormatError::Arrow { path: name.to_owned(), source };
        for view in self.views {
            let item = Arc::new(Field::new("item", DataType::Float32, true));
            let present: Vec<bool> = view.present;
            let nulls = present.contains(&false).then(|| present.into());
            let values: ArrayRef = Arc::new(Float32Array::from(view.data));
            let list = FixedSizeListArray::try_new(item, view.cols as i32, values, nulls).map_err(failed)?;
            fields.push(Field::new(&view.name, arrow_array::Array::data_type(&list).clone(), true));
            arrays.push(Arc::new(list));
            roles.bind(Role::View(view.name.clone()), vec![view.name]);
        }
        if let Some(label) = self.label {
            fields.push(Field::new("label", DataType::Utf8, false));
            arrays.push(Arc::new(StringArray::from(label.iter().map(u32::to_string).collect::<Vec<_>>())));
            roles.bind(Role::Label, vec!["label".to_owned()]);
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(failed)?;
        let source = Arc::new(crate::source::Held::new(name, &schema, &[batch], Vec::new())?);
        Ok(Dataset { name: name.to_owned(), kind: Kind::Tuples, source, roles })
    }
}

/// A view of complete rows.
fn view(name: &str, rows: usize, cols: usize, data: Vec<f32>) -> ViewMatrix {
    let names = (0..cols).map(|j| format!("{name}[{j}]")).collect();
    ViewMatrix { name: name.to_owned(), rows, cols, data, present: vec![true; rows], names }
}

/// A fair bit.
fn bit(stream: &mut suffit_core::Stream) -> bool {
    stream.next_u32() >> 31 == 1
}

fn share(what: &'static str, got: f64) -> Result<(), GenerateError> {
    match (0.0..=1.0).contains(&got) {
        true => Ok(()),
        false => Err(GenerateError::Range { what, got, expected: "0 to 1" }),
    }
}
