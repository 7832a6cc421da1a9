//! Settings of an audit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use suffit_core::Result;
use suffit_core::method::Config;
use suffit_stats::audit::Settings;
use suffit_stats::probe::Family;

use super::error::AuditError;
use crate::response::ResponseOptions;

/// A family of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeFamily {
    /// Linear with a penalty.
    Ridge,
    /// Kernel ridge regression.
    Kernel,
    /// Boosted trees.
    Trees,
    /// A small network.
    Network,
}

/// Settings of an audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// How the columns of y are read.
    pub y: ResponseOptions,
    /// Largest lost share that still is enough.
    pub tolerance: f64,
    /// Level of the test and of the one-sided limits.
    pub alpha: f64,
    /// Folds of the cross-fitting.
    #[schemars(range(min = 2))]
    pub folds: usize,
    /// Random halvings whose test statistics are averaged.
    #[schemars(range(min = 1))]
    pub splits: usize,
    /// Ball indicators of the test that sees more than means.
    #[schemars(range(min = 1))]
    pub balls: usize,
    /// Permutations of the screen for any dependence at all.
    #[schemars(range(min = 1))]
    pub permutations: usize,
    /// Families of probes to choose from by inner cross-validation; empty for all.
    pub probes: Vec<ProbeFamily>,
    /// Most rows that a test uses; a random part is drawn above.
    #[schemars(range(min = 1))]
    pub test_rows: usize,
    /// Most rows that a probe learns from.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
    /// Also find out what was lost: columns of x, parts of y, groups of rows.
    pub explain: bool,
}

impl Default for AuditConfig {
    fn default() -> Self {
        let of = Settings::default();
        AuditConfig {
            y: ResponseOptions::default(),
            tolerance: of.tolerance,
            alpha: of.alpha,
            folds: of.folds,
            splits: of.splits,
            balls: of.balls,
            permutations: of.permutations,
            probes: Vec::new(),
            test_rows: of.test_rows,
            fit_rows: of.fit_rows,
            explain: of.explain,
        }
    }
}

impl AuditConfig {
    /// The settings of the statistics.
    pub fn settings(&self, seed: u64) -> Settings {
        let family = |f: &ProbeFamily| match f {
            ProbeFamily::Ridge => Family::Ridge,
            ProbeFamily::Kernel => Family::Kernel,
            ProbeFamily::Trees => Family::Trees,
            ProbeFamily::Network => Family::Network,
        };
        Settings {
            alpha: self.alpha,
            tolerance: self.tolerance,
            folds: self.folds,
            splits: self.splits,
            balls: self.balls,
            permutations: self.permutations,
            families: self.probes.iter().map(family).collect(),
            test_rows: self.test_rows,
            fit_rows: self.fit_rows,
            explain: self.explain,
            seed,
        }
    }
}

impl Config for AuditConfig {
    fn check(&self) -> Result<()> {
        let share = |key: &'static str, value: f64| {
            if value > 0.0 && value < 1.0 {
                return Ok(());
            }
            Err(AuditError::Setting { key, got: value.to_string(), expected: "a share above 0 and below 1" })
        };
        share("tolerance", self.tolerance)?;
        share("alpha", self.alpha)?;
        let least = [
            ("folds", self.folds, 2, "at least 2"),
            ("splits", self.splits, 1, "at least 1"),
            ("balls", self.balls, 1, "at least 1"),
            ("permutations", self.permutations, 1, "at least 1"),
            ("test_rows", self.test_rows, 20, "at least 20"),
            ("fit_rows", self.fit_rows, 20, "at least 20"),
        ];
        for (key, value, minimum, expected) in least {
            if value < minimum {
                return Err(AuditError::Setting { key, got: value.to_string(), expected }.into());
            }
        }
        Ok(())
    }
}
