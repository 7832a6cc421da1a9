//! Flags that several verbs share: what to read and how, and how a method is configured.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use suffit_core::{Result, Role};
use suffit_data::read::ReadOptions;
use suffit_data::{OpenRequest, ViewSpec};

use crate::failure::CliError;

/// Which data, and what its columns are for. Everything that is left out is guessed and told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// File, folder or bundled:NAME (.parquet .csv .tsv .npy .npz .safetensors); repeat for parts
    #[arg(long, value_name = "PATH")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// View NAME from columns (`img_*`, `a,b`, `a..f`) or a file of its own (FILE or FILE[KEY])
    #[arg(long, value_name = "NAME=COLUMNS|FILE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub view: Vec<String>,
    /// Column that is 1 where view NAME is present
    #[arg(long, value_name = "NAME=COLUMN")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
    /// Label column
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Row identifier
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Group for grouped splits and intervals
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Column that holds train, val or test
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Row weights
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Time column
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Align several files by this column; a key that a file lacks is a missing view
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Delimiter of CSV files [default: found out]
    #[arg(long, value_name = "CHAR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The first line of CSV files is data
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_header: bool,
}

impl DataArgs {
    /// Whether nothing says where the data is.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.view.is_empty()
    }

    /// What was typed here, and for the rest what `other` says.
    pub fn or(&self, other: &DataArgs) -> DataArgs {
        let list = |mine: &[String], theirs: &[String]| if mine.is_empty() { theirs.to_vec() } else { mine.to_vec() };
        let one = |mine: &Option<String>, theirs: &Option<String>| mine.clone().or_else(|| theirs.clone());
        DataArgs {
            data: list(&self.data, &other.data),
            view: list(&self.view, &other.view),
            present: list(&self.present, &other.present),
            label: one(&self.label, &other.label),
            id: one(&self.id, &other.id),
            group: one(&self.group, &other.group),
            split: one(&self.split, &other.split),
            weight: one(&self.weight, &other.weight),
            time: one(&self.time, &other.time),
            key: one(&self.key, &other.key),
            delimiter: self.delimiter.or(other.delimiter),
            no_header: self.no_header || other.no_header,
        }
    }

    /// The request for `suffit-data`.
    ///
    /// # Errors
    /// `--view` or `--present` without `=`.
    pub fn request(&self) -> Result<OpenRequest> {
        let views = self.view.iter().map(|v| ViewSpec::parse(v)).collect::<Result<Vec<_>>>()?;
        let present = self
            .present
            .iter()
            .map(|p| {
                let (name, column) = pair("present", p, "NAME=COLUMN")?;
                Ok(ViewSpec { name, from: column })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(OpenRequest {
            data: self.data.iter().map(PathBuf::from).collect(),
            views,
            label: self.label.clone(),
            id: self.id.clone(),
            group: self.group.clone(),
            split: self.split.clone(),
            weight: self.weight.clone(),
            time: self.time.clone(),
            present,
            key: self.key.clone(),
            read: ReadOptions { delimiter: self.delimiter, header: self.no_header.then_some(false) },
        })
    }

    /// The flag that binds a role, as it would be typed.
    pub fn flag(role: &Role, columns: &[String]) -> Option<(&'static str, String)> {
        let list = columns.join(",");
        Some(match role {
            Role::View(name) => ("view", format!("{name}={list}")),
            Role::Present(name) => ("present", format!("{name}={list}")),
            Role::Label => ("label", list),
            Role::Id => ("id", list),
            Role::Group => ("group", list),
            Role::Split => ("split", list),
            Role::Weight => ("weight", list),
            Role::Time => ("time", list),
            _ => return None,
        })
    }
}

/// How a method is configured: defaults < preset < file < environment < `--set`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Named changes to the defaults: paper, fast or best
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Configuration file, TOML or JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One configuration key, such as train.epochs=20; repeat for more
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `NAME=VALUE` with something on both sides.
///
/// # Errors
/// [`CliError::Pair`].
pub fn pair(flag: &'static str, text: &str, expected: &'static str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(CliError::Pair { flag, got: text.to_owned(), expected }.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn typed_flags_win_over_the_file() {
        let typed = DataArgs { label: Some("y".into()), ..DataArgs::default() };
        let file = DataArgs { label: Some("z".into()), data: vec!["a.csv".into()], ..DataArgs::default() };
        let both = typed.or(&file);
        assert_eq!((both.label.as_deref(), both.data.as_slice()), (Some("y"), ["a.csv".to_owned()].as_slice()));
    }

    #[test]
    fn data_arguments_round_trip_as_toml() {
        let args =
            DataArgs { view: vec!["a=a_*".into()], no_header: true, delimiter: Some(';'), ..DataArgs::default() };
        let text = toml::to_string(&args).unwrap();
        assert_eq!(toml::from_str::<DataArgs>(&text).unwrap(), args);
    }

    #[test]
    fn a_pair_needs_both_sides() {
        assert!(pair("set", "a=1", "KEY=VALUE").is_ok());
        for bad in ["a", "=1", "a=", " = "] {
            assert_eq!(pair("set", bad, "KEY=VALUE").unwrap_err().code(), "usage.pair");
        }
    }
}
