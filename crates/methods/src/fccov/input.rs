//! Rows of a data set: x, the response, and which rows learn, choose and judge.

use std::path::Path;

use suffit_core::{Dataset, Result, Role, Seed};
use suffit_data::split::{Part, Split, split};
use suffit_data::{ViewMatrix, ViewOptions, ids, view_matrix};
use suffit_stats::response::Response;

use super::config::FccovConfig;
use super::error::FccovError;
use crate::response::{Bound, bind, columns, distance_file};

/// Fewest rows of a part: the unbiased form of the covariance needs six.
const FEWEST: usize = 6;

/// Rows with x and a response, divided into parts.
#[derive(Debug, Clone)]
pub struct Paired {
    /// Name of the data set, for messages.
    pub data: String,
    /// The view as read. `x: [N, D]`
    pub view: ViewMatrix,
    /// The response of each row.
    pub bound: Bound,
    /// Which row is in which part.
    pub split: Split,
}

impl Paired {
    /// Reads and checks everything that a fit needs; writes nothing.
    ///
    /// # Errors
    /// What the readers of `suffit-data` and [`crate::response`] name; [`FccovError::NoView`],
    /// [`FccovError::NoRow`], [`FccovError::TooFew`].
    pub fn read(config: &FccovConfig, data: &Dataset, seed: Seed) -> Result<Self> {
        let view = view_matrix(data, &view_name(&config.view, data)?, &ViewOptions::default())?;
        if let Some(row) = view.present.iter().position(|p| !p) {
            let (data, view) = (data.name.clone(), view.name);
            return Err(FccovError::NoRow { data, row: row + 1, view }.into());
        }
        let bound = response(config, data)?;
        let out = Paired { data: data.name.clone(), view, bound, split: split(data, &config.plan(), seed)? };
        for part in [Part::Train, Part::Val, Part::Test] {
            let rows = out.rows(part).len();
            if rows < FEWEST {
                let (part, need) = (part.name(), FEWEST);
                return Err(FccovError::TooFew { part, data: out.data, rows, need }.into());
            }
        }
        let train = out.subset(Part::Train)?;
        if train.is_constant().map_err(FccovError::of("the response"))? {
            let source = suffit_stats::StatsError::Constant { name: "y", rows: train.rows() };
            return Err(FccovError::Statistic { what: "the response of the training rows", source }.into());
        }
        Ok(out)
    }

    /// The rows of a part, ascending.
    pub fn rows(&self, part: Part) -> Vec<usize> {
        self.split.rows(part)
    }

    /// The response of a part.
    ///
    /// # Errors
    /// A bug: rows beyond the response.
    pub fn subset(&self, part: Part) -> Result<Response> {
        self.bound.response.subset(&self.rows(part)).map_err(FccovError::of("the response of a part"))
    }

    /// Digest of x and split: the same digest, the same rows in the same parts.
    pub fn digest(&self) -> String {
        let mut bytes: Vec<u8> = self.view.data.iter().flat_map(|v| v.to_le_bytes()).collect();
        bytes.extend(self.split.digests.values().flat_map(|d| d.bytes()));
        suffit_core::files::digest_bytes(&bytes)
    }
}

/// The response of a data set, from its columns or from a file of distances.
///
/// # Errors
/// What [`crate::response`] names.
pub fn response(config: &FccovConfig, data: &Dataset) -> Result<Bound> {
    if config.distances.is_empty() {
        bind(data, &columns(data), &config.response)
    } else {
        distance_file(Path::new(&config.distances), &ids(data)?, &config.response)
    }
}

/// The view that is asked for, or the first one that is not y.
///
/// # Errors
/// [`FccovError::NoView`].
pub fn view_name(asked: &str, data: &Dataset) -> Result<String> {
    match (asked, data.roles.views().iter().find(|v| **v != "y")) {
        ("", Some(first)) => Ok((*first).to_owned()),
        ("", None) => Err(FccovError::NoView { data: data.name.clone() }.into()),
        (name, _) => Ok(name.to_owned()),
    }
}

/// Number of columns of a view, from the schema alone.
pub fn width(data: &Dataset, view: &str) -> usize {
    let schema = data.source.schema();
    let one = |column: &String| match schema.field_with_name(column).map(|f| f.data_type().clone()) {
        Ok(arrow_schema::DataType::FixedSizeList(_, n)) => usize::try_from(n).unwrap_or(1),
        _ => 1,
    };
    data.roles.get(&Role::View(view.to_owned())).iter().map(one).sum()
}
