//! Settings, their defaults and their checks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suffit_core::config::ConfigError;
use suffit_core::method::Config;
use suffit_core::{Result, TrainConfig};
use suffit_data::split::{How, Size, SplitPlan};

/// Settings of __Title__. The comments become the schema that editors show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct __Camel__Config {
    /// The view to read; empty = the first one of the data.
    pub view: String,
    /// Accuracy by which the view may fall short of the commonest label and still count as enough.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub tolerance: f64,
    /// Share of the rows that choose (early stop); ignored where the data has a split column.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub val_fraction: f64,
    /// Share of the rows that judge; ignored where the data has a split column.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub test_fraction: f64,
    /// The training loop.
    pub train: TrainConfig,
}

impl Default for __Camel__Config {
    fn default() -> Self {
        __Camel__Config {
            view: String::new(),
            tolerance: 0.0,
            val_fraction: 0.15,
            test_fraction: 0.15,
            train: TrainConfig { learning_rate: 0.01, ..TrainConfig::default() },
        }
    }
}

impl __Camel__Config {
    /// Which rows learn, choose and judge: by the split column, else by groups, else at random.
    pub fn plan(&self) -> SplitPlan {
        SplitPlan { how: How::Auto, val: Size::Fraction(self.val_fraction), test: Size::Fraction(self.test_fraction) }
    }
}

impl Config for __Camel__Config {
    fn preset(name: &str) -> Option<Value> {
        match name {
            "fast" => Some(json!({"train": {"epochs": 10}})),
            "best" => Some(json!({"train": {"epochs": 300, "patience": 30}})),
            "paper" => Some(json!({})),
            _ => None,
        }
    }

    fn check(&self) -> Result<()> {
        let left = 1.0 - self.val_fraction - self.test_fraction;
        if left.is_nan() || left <= 0.0 {
            return Err(ConfigError::OutOfRange {
                key: "test_fraction".to_owned(),
                got: self.test_fraction.to_string(),
                expected: format!("less than {}, so that rows to train on are left", 1.0 - self.val_fraction),
                at: None,
            }
            .into());
        }
        self.train.check()
    }
}
