//! Settings of Symile: typed, with defaults that need no flag on ordinary data.
//!
//! Every field is a key of the run's `config.toml` and of `--set key=value`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suffit_core::Result;
use suffit_core::config::TrainConfig;
use suffit_core::method::Config;

use super::error::SymileError;
use super::reps::BankKind;

/// Settings of Symile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SymileConfig {
    /// Length `d` of every representation.
    pub dim: usize,
    /// What is contrasted: whole tuples (`symile`) or every pair of views (`clip`, the baseline).
    pub objective: Objective,
    /// Negatives: `n` (shuffled tuples), `grid` (all combinations) or `pair:K`.
    pub sampling: Sampling,
    /// Row normalisation of the representations.
    pub normalise: Normalise,
    /// Start of the learned log-scale `s`: `"auto"` or a number.
    pub init_scale: InitScale,
    /// Upper limit of `s`: `"none"` or a number.
    pub clamp_scale: ClampScale,
    /// Encoder of every view that `encoders` does not name.
    pub encoder: EncoderConfig,
    /// Encoders by view name.
    pub encoders: BTreeMap<String, EncoderConfig>,
    /// How a missing view enters its encoder in training.
    pub missing: Missing,
    /// Stands for the features of a missing view under `missing = "indicator"` (0 is the mean of
    /// standardised features).
    pub placeholder: f64,
    /// How a missing view of a query is treated when a view is searched for.
    pub missing_query: MissingQuery,
    /// View that is searched for by default; empty for the last one.
    pub target: String,
    /// How the bank combines several missing views.
    pub bank: BankKind,
    /// Training tuples in the bank that stands in for missing query views.
    pub bank_size: usize,
    /// Accept rows in which every view is missing (they get no representation).
    pub allow_empty: bool,
    /// Leave tuples of the same group (or exact duplicates) out of each other's negatives.
    pub group_aware: bool,
    /// Scale features to mean 0, standard deviation 1 with training statistics.
    pub standardise: bool,
    /// Parts of the data.
    pub split: SplitConfig,
    /// Prior over candidates in posteriors: `uniform`, `empirical` or `file:PATH`.
    pub prior: Prior,
    /// Fit one temperature per searched view on the validation part.
    pub calibrate: bool,
    /// Independent starts; the one with the lowest validation loss is kept.
    pub restarts: usize,
    /// The training loop.
    pub train: TrainConfig,
}

impl Default for SymileConfig {
    fn default() -> Self {
        SymileConfig {
            dim: 64,
            objective: Objective::Symile,
            sampling: Sampling::N,
            normalise: Normalise::L2,
            init_scale: InitScale::Word(AutoWord::Auto),
            clamp_scale: ClampScale::Word(NoneWord::None),
            encoder: EncoderConfig::default(),
            encoders: BTreeMap::new(),
            missing: Missing::Indicator,
            placeholder: 0.0,
            missing_query: MissingQuery::Bank,
            target: String::new(),
            bank: BankKind::Independent,
            bank_size: 256,
            allow_empty: false,
            group_aware: false,
            standardise: true,
            split: SplitConfig::default(),
            prior: Prior::Uniform,
            calibrate: true,
            restarts: 1,
            train: train_defaults(),
        }
    }
}

/// The training defaults of Symile; the shared ones where Symile has no reason to differ.
fn train_defaults() -> TrainConfig {
    TrainConfig {
        epochs: 80,
        batch_size: 256,
        learning_rate: 2e-3,
        weight_decay: 0.01,
        patience: 12,
        ..TrainConfig::default()
    }
}

/// What is contrasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Whole tuples through the multilinear inner product.
    Symile,
    /// The sum of pairwise contrastive losses over all pairs of views.
    Clip,
}

/// Which negatives a tuple is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sampling {
    /// Shuffled tuples: `B` candidates per anchor, cost `O(B²)`.
    N,
    /// All combinations of the other views' rows: `B^(M−1)` candidates per anchor.
    Grid,
    /// `K` uniform rows of the target view, the other views kept at the true row.
    Pair(usize),
}

impl From<Sampling> for String {
    fn from(sampling: Sampling) -> String {
        match sampling {
            Sampling::N => "n".into(),
            Sampling::Grid => "grid".into(),
            Sampling::Pair(k) => format!("pair:{k}"),
        }
    }
}

impl TryFrom<String> for Sampling {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "n" => return Ok(Sampling::N),
            "grid" => return Ok(Sampling::Grid),
            _ => {}
        }
        match text.strip_prefix("pair:").map(str::parse::<usize>) {
            Some(Ok(k)) if k > 0 => Ok(Sampling::Pair(k)),
            _ => Err(format!("`{text}` is no sampling: expected `n`, `grid` or `pair:K` with K ≥ 1")),
        }
    }
}

impl JsonSchema for Sampling {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sampling".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(n|grid|pair:[1-9][0-9]*)$" })
    }
}

/// Row normalisation of the representations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Each row divided by its Euclidean norm (at least 1e-12).
    L2,
    /// Layer normalisation with learned scale and shift, eps 1e-5.
    LayerNorm,
    /// As the encoder gives it.
    None,
}

/// Start of the learned log-scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum InitScale {
    /// From the dimension and the number of views, so that the first logits have spread 1.
    Word(AutoWord),
    /// As given.
    Number(f64),
}

/// The word `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AutoWord {
    /// `auto`.
    Auto,
}

/// Upper limit of the learned log-scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ClampScale {
    /// No limit; a warning is given above 12.
    Word(NoneWord),
    /// The limit.
    Number(f64),
}

/// The word `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoneWord {
    /// `none`.
    None,
}

impl ClampScale {
    /// The limit, if there is one.
    pub fn limit(self) -> Option<f64> {
        match self {
            ClampScale::Word(NoneWord::None) => None,
            ClampScale::Number(limit) => Some(limit),
        }
    }
}

/// Shape of an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EncoderKind {
    /// `mlp` for numeric views, `token_bag` for token views.
    Auto,
    /// One affine map.
    Linear,
    /// One hidden layer with GELU.
    Mlp,
    /// Mean of token embeddings, then one affine map.
    TokenBag,
}

/// One view's encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderConfig {
    /// Shape.
    pub kind: EncoderKind,
    /// Width of the hidden layer (`mlp`) or of the token embedding (`token_bag`).
    pub hidden: usize,
    /// Share of hidden units dropped in training.
    pub dropout: f64,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        EncoderConfig { kind: EncoderKind::Auto, hidden: 128, dropout: 0.0 }
    }
}

/// How a missing view enters its encoder in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A placeholder and a column that is 1 where the view is missing.
    Indicator,
    /// The mean of observed rows and a learned vector for "observed" or "missing", concatenated.
    Embedding,
    /// A learned vector takes the place of the missing features.
    Token,
}

/// How a missing view of a query is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingQuery {
    /// Averaged over a bank of training tuples (no retraining needed).
    Bank,
    /// Left out of the product.
    Drop,
    /// Through the encoder as in training; needs views that were missing in training.
    Trained,
}

/// Parts of the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SplitConfig {
    /// Share of rows used to stop and to choose.
    pub val_fraction: f64,
    /// Share of rows that no choice sees.
    pub test_fraction: f64,
    /// How rows are divided.
    pub by: SplitBy,
}

impl Default for SplitConfig {
    fn default() -> Self {
        SplitConfig { val_fraction: 0.15, test_fraction: 0.15, by: SplitBy::Auto }
    }
}

/// How rows are divided into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// The split column if there is one, else by group, else by label, else at random.
    Auto,
    /// The split column (`train`, `val`, `test`).
    Column,
    /// Whole groups.
    Group,
    /// At random within each label.
    Label,
    /// At random.
    Random,
}

/// Prior over the candidates of a posterior.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Prior {
    /// Every candidate alike.
    Uniform,
    /// Candidates weigh as often as their label occurs in the training part.
    Empirical,
    /// Weights by label from a two-column file (`label,weight`).
    File(String),
}

impl From<Prior> for String {
    fn from(prior: Prior) -> String {
        match prior {
            Prior::Uniform => "uniform".into(),
            Prior::Empirical => "empirical".into(),
            Prior::File(path) => format!("file:{path}"),
        }
    }
}

impl TryFrom<String> for Prior {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "uniform" => Ok(Prior::Uniform),
            "empirical" => Ok(Prior::Empirical),
            other => match other.strip_prefix("file:") {
                Some(path) if !path.is_empty() => Ok(Prior::File(path.to_owned())),
                _ => Err(format!("`{other}` is no prior: expected `uniform`, `empirical` or `file:PATH`")),
            },
        }
    }
}

impl JsonSchema for Prior {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Prior".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(uniform|empirical|file:.+)$" })
    }
}

impl Config for SymileConfig {
    fn preset(name: &str) -> Option<Value> {
        match name {
            // The package's own XOR examples: affine heads, fixed start of the scale, no early stop.
            "paper" => Some(json!({
                "dim": 16, "init_scale": -0.3, "standardise": false, "calibrate": false,
                "encoder": { "kind": "linear" },
                "train": { "epochs": 100, "batch_size": 1000, "learning_rate": 0.1, "weight_decay": 0.01, "patience": 0 },
            })),
            "fast" => Some(json!({
                "dim": 32, "bank_size": 64, "encoder": { "hidden": 64 },
                "train": { "epochs": 20, "patience": 4, "learning_rate": 5e-3 },
            })),
            "best" => Some(json!({
                "dim": 128, "bank_size": 1024, "restarts": 3, "encoder": { "hidden": 256, "dropout": 0.1 },
                "train": { "epochs": 300, "patience": 25, "learning_rate": 1e-3 },
            })),
            _ => None,
        }
    }

    fn check(&self) -> Result<()> {
        positive("dim", self.dim)?;
        positive("bank_size", self.bank_size)?;
        positive("restarts", self.restarts)?;
        encoder("encoder", &self.encoder)?;
        for (view, one) in &self.encoders {
            encoder(&format!("encoders.{view}"), one)?;
        }
        finite("placeholder", self.placeholder)?;
        finite("init_scale", if let InitScale::Number(s) = self.init_scale { s } else { 0.0 })?;
        finite("clamp_scale", self.clamp_scale.limit().unwrap_or(0.0))?;
        fraction("split.val_fraction", self.split.val_fraction)?;
        fraction("split.test_fraction", self.split.test_fraction)?;
        let kept = 1.0 - self.split.val_fraction - self.split.test_fraction;
        if kept <= 0.0 {
            return Err(bad(
                "split",
                format!("{} + {}", self.split.val_fraction, self.split.test_fraction),
                "a sum below 1, so that rows are left for training",
            ));
        }
        if self.objective == Objective::Clip && self.sampling != Sampling::N {
            return Err(bad(
                "sampling",
                String::from(self.sampling),
                "`n` with objective `clip`, whose negatives are all other rows of the batch",
            ));
        }
        self.train.check()
    }
}

fn bad(key: &str, got: impl Into<String>, expected: &'static str) -> suffit_core::Error {
    SymileError::Setting { key: key.to_owned(), got: got.into(), expected }.into()
}

fn positive(key: &str, value: usize) -> Result<()> {
    if value == 0 { Err(bad(key, "0", "at least 1")) } else { Ok(()) }
}

fn finite(key: &str, value: f64) -> Result<()> {
    if value.is_finite() { Ok(()) } else { Err(bad(key, value.to_string(), "a finite number")) }
}

fn fraction(key: &str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(bad(key, value.to_string(), "a share from 0 up to, but not including, 1"))
    }
}

fn encoder(key: &str, one: &EncoderConfig) -> Result<()> {
    positive(&format!("{key}.hidden"), one.hidden)?;
    fraction(&format!("{key}.dropout"), one.dropout)?;
    if one.kind == EncoderKind::Linear && one.dropout > 0.0 {
        return Err(bad(
            &format!("{key}.dropout"),
            one.dropout.to_string(),
            "0 with a linear encoder, which has no hidden units to drop",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn words_round_trip() {
        for (sampling, text) in [(Sampling::N, "n"), (Sampling::Grid, "grid"), (Sampling::Pair(7), "pair:7")] {
            assert_eq!(String::from(sampling), text);
            assert_eq!(Sampling::try_from(text.to_owned()), Ok(sampling));
        }
        assert!(Sampling::try_from("pair:0".to_owned()).is_err());
        assert_eq!(Prior::try_from("file:a.csv".to_owned()), Ok(Prior::File("a.csv".into())));
        assert!(Prior::try_from("file:".to_owned()).is_err());
    }

    #[test]
    fn presets_differ_from_the_defaults_and_from_each_other() {
        let base = serde_json::to_value(SymileConfig::default()).unwrap();
        let with = |name: &str| {
            let mut value = base.clone();
            suffit_core::config::layer(&mut value, &SymileConfig::preset(name).unwrap());
            let typed: SymileConfig = suffit_core::config::from_value(&value).unwrap();
            typed.check().unwrap();
            value
        };
        let all = [base.clone(), with("paper"), with("fast"), with("best")];
        for i in 0..4 {
            for j in 0..i {
                assert_ne!(all[i], all[j]);
            }
        }
        assert!(SymileConfig::preset("huge").is_none());
    }

    #[test]
    fn bad_settings_name_their_key() {
        let mut config = SymileConfig { dim: 0, ..Default::default() };
        assert!(config.check().unwrap_err().to_string().contains("`dim`"));
        config.dim = 4;
        config.split.val_fraction = 0.6;
        config.split.test_fraction = 0.5;
        assert!(config.check().unwrap_err().to_string().contains("`split`"));
    }
}
