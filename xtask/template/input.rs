//! Rows of a data set, and which of them learn, choose and judge.

use suffit_core::{Dataset, Result, Role, Seed};
use suffit_data::split::{Part, Split, split};
use suffit_data::{Labels, ViewMatrix, ViewOptions, labels, view_matrix};

use super::config::__Camel__Config;
use super::error::__Camel__Error;

/// Rows with view and label, divided into parts.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Name of the data set, for messages.
    pub data: String,
    /// The view as read. `x: [N, D]`
    pub view: ViewMatrix,
    /// The class of each row, `None` where the label is empty. `[N]`
    pub labels: Labels,
    /// Which row is in which part.
    pub split: Split,
}

impl Labelled {
    /// Reads and checks everything that a fit needs; writes nothing.
    ///
    /// # Errors
    /// What the readers of `suffit-data` name; [`__Camel__Error::NoView`],
    /// [`__Camel__Error::NoLabel`], [`__Camel__Error::OneClass`], [`__Camel__Error::EmptyPart`].
    pub fn read(config: &__Camel__Config, data: &Dataset, seed: Seed) -> Result<Self> {
        let view = view_matrix(data, &view_name(&config.view, data)?, &ViewOptions::default())?;
        let out = Labelled {
            data: data.name.clone(),
            view,
            labels: labels_of(data)?,
            split: split(data, &config.plan(), seed)?,
        };
        let classes: std::collections::BTreeSet<usize> =
            (0..out.view.rows).filter(|&r| out.usable(r)).filter_map(|r| out.class(r)).collect();
        if classes.len() < 2 {
            let (column, classes) = (out.labels.column.clone(), classes.len());
            return Err(__Camel__Error::OneClass { data: out.data, column, classes }.into());
        }
        for part in [Part::Train, Part::Val, Part::Test] {
            if out.rows(part).is_empty() {
                let usable = (0..out.view.rows).filter(|&r| out.usable(r)).count();
                let (part, rows) = (part.name(), out.view.rows);
                return Err(__Camel__Error::EmptyPart { part, data: out.data, usable, rows }.into());
            }
        }
        Ok(out)
    }

    /// The class of a row.
    pub fn class(&self, row: usize) -> Option<usize> {
        self.labels.codes[row].map(|code| code as usize)
    }

    /// Whether view and label of a row are there.
    pub fn usable(&self, row: usize) -> bool {
        self.view.present[row] && self.class(row).is_some()
    }

    /// The usable rows of a part, ascending.
    pub fn rows(&self, part: Part) -> Vec<usize> {
        self.split.rows(part).into_iter().filter(|&r| self.usable(r)).collect()
    }

    /// Digest of view, labels and split: the same digest, the same rows in the same parts.
    pub fn digest(&self) -> String {
        let mut bytes: Vec<u8> = self.view.data.iter().flat_map(|v| v.to_le_bytes()).collect();
        bytes.extend(self.labels.codes.iter().flat_map(|c| c.map_or(u32::MAX, |c| c).to_le_bytes()));
        bytes.extend(self.split.digests.values().flat_map(|d| d.bytes()));
        suffit_core::files::digest_bytes(&bytes)
    }
}

/// The view that is asked for, or the first one.
///
/// # Errors
/// [`__Camel__Error::NoView`].
pub fn view_name(asked: &str, data: &Dataset) -> Result<String> {
    match (asked, data.roles.views().first()) {
        ("", Some(first)) => Ok((*first).to_owned()),
        ("", None) => Err(__Camel__Error::NoView { data: data.name.clone() }.into()),
        (name, _) => Ok(name.to_owned()),
    }
}

/// The label column.
///
/// # Errors
/// [`__Camel__Error::NoLabel`].
pub fn labels_of(data: &Dataset) -> Result<Labels> {
    match labels(data)? {
        Some(labels) => Ok(labels),
        None => Err(__Camel__Error::NoLabel { data: data.name.clone() }.into()),
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
