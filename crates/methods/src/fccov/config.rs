//! Settings, their defaults and their checks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suffit_core::config::ConfigError;
use suffit_core::method::Config;
use suffit_core::{Result, TrainConfig};
use suffit_data::split::{How, Size, SplitPlan};
use suffit_stats::dependence::ResponseKernel;

use crate::response::ResponseOptions;

/// Which kernel of the response the representation is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Fréchet cumulative covariance: ranks of distances, robust to outliers of y, any dissimilarity.
    #[default]
    Fccov,
    /// Its half-line form; one number or ordered level.
    Cumulative,
    /// Martingale difference divergence: the distances themselves.
    Mdd,
    /// A Gaussian kernel of the distances at their median.
    Gauss,
    /// Equal labels.
    Label,
}

impl Objective {
    /// The kernel.
    pub fn kernel(self) -> ResponseKernel {
        match self {
            Self::Fccov => ResponseKernel::Fccov,
            Self::Cumulative => ResponseKernel::Cumulative,
            Self::Mdd => ResponseKernel::Mdd,
            Self::Gauss => ResponseKernel::Gauss,
            Self::Label => ResponseKernel::Label,
        }
    }

    /// Its name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fccov => "fccov",
            Self::Cumulative => "cumulative",
            Self::Mdd => "mdd",
            Self::Gauss => "gauss",
            Self::Label => "label",
        }
    }
}

/// How the objective is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// A network, by gradient steps.
    #[default]
    Net,
    /// Functions of a Gaussian kernel of x, by a regularised eigenproblem.
    Kernel,
    /// One linear map, exactly, by a generalised eigenproblem.
    Linear,
}

/// Settings of the Fréchet cumulative covariance net. The comments become the schema that editors show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FccovConfig {
    /// The view to reduce; empty = the first one that is not `y`.
    pub view: String,
    /// What y is and how far apart two of its objects are. Its columns are those of the view `y`,
    /// else the label column.
    pub response: ResponseOptions,
    /// A file with the distances between the rows (square, or long with the columns i, j, d), in
    /// place of columns for y; empty = none.
    pub distances: String,
    /// Which kernel of y the representation is fitted to.
    pub objective: Objective,
    /// How it is solved.
    pub solver: Solver,
    /// Number of columns of the representation.
    #[schemars(range(min = 1))]
    pub dims: usize,
    /// Weight of `|Cov(f) - I|²`.
    #[schemars(range(min = 0.0))]
    pub lambda: f64,
    /// Widths between x and the representation; empty = h, 2h, h, h/2, …, 16 with
    /// `h = 2^(floor(log2 p) + 1)`.
    pub hidden: Vec<usize>,
    /// Standardised x is cut at this many standard deviations; 0 = not.
    #[schemars(range(min = 0.0))]
    pub clip_x: f64,
    /// Estimate the penalty from two halves of each batch, which makes it unbiased.
    pub half_batch: bool,
    /// Independent starts; the one with the largest held-out covariance is kept.
    #[schemars(range(min = 1))]
    pub restarts: usize,
    /// Share of the rows that choose (early stop); ignored where the data has a split column.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub val_fraction: f64,
    /// Share of the rows that judge; ignored where the data has a split column.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub test_fraction: f64,
    /// The training loop.
    pub train: TrainConfig,
}

impl Default for FccovConfig {
    fn default() -> Self {
        FccovConfig {
            view: String::new(),
            response: ResponseOptions::default(),
            distances: String::new(),
            objective: Objective::Fccov,
            solver: Solver::Net,
            dims: 2,
            lambda: 1.0,
            hidden: Vec::new(),
            clip_x: 8.0,
            half_batch: true,
            restarts: 3,
            val_fraction: 0.15,
            test_fraction: 0.15,
            train: TrainConfig {
                epochs: 200,
                batch_size: 100,
                weight_decay: 0.0,
                patience: 60,
                ..TrainConfig::default()
            },
        }
    }
}

impl FccovConfig {
    /// Which rows learn, choose and judge: by the split column, else by groups, else at random.
    pub fn plan(&self) -> SplitPlan {
        SplitPlan { how: How::Auto, val: Size::Fraction(self.val_fraction), test: Size::Fraction(self.test_fraction) }
    }

    /// Widths between `columns` of x and the representation.
    ///
    /// ```
    /// use suffit_methods::fccov::FccovConfig;
    /// assert_eq!(FccovConfig::default().widths(50), [64, 128, 64, 32, 16]);
    /// assert_eq!(FccovConfig::default().widths(10), [16, 32, 16]);
    /// ```
    pub fn widths(&self, columns: usize) -> Vec<usize> {
        if self.solver != Solver::Net {
            return Vec::new();
        }
        if !self.hidden.is_empty() {
            return self.hidden.clone();
        }
        let h = 2usize << columns.max(1).ilog2();
        let mut widths = vec![h, 2 * h, h];
        let mut next = h / 2;
        while next >= 16 {
            widths.push(next);
            next /= 2;
        }
        widths
    }
}

fn out_of_range(key: &str, got: String, expected: String) -> suffit_core::Error {
    ConfigError::OutOfRange { key: key.to_owned(), got, expected, at: None }.into()
}

impl Config for FccovConfig {
    fn preset(name: &str) -> Option<Value> {
        match name {
            "fast" => Some(json!({"restarts": 1, "train": {"epochs": 60, "patience": 30}})),
            "best" => Some(json!({"restarts": 5, "train": {"epochs": 400, "patience": 100}})),
            // The program of the sister method: no choice by held-out rows beyond the restarts.
            "paper" => Some(
                json!({"restarts": 1, "half_batch": false, "clip_x": 0.0, "train": {"epochs": 100, "patience": 0}}),
            ),
            _ => None,
        }
    }

    fn check(&self) -> Result<()> {
        let left = 1.0 - self.val_fraction - self.test_fraction;
        if left.is_nan() || left <= 0.0 {
            let expected = format!("less than {}, so that rows to train on are left", 1.0 - self.val_fraction);
            return Err(out_of_range("test_fraction", self.test_fraction.to_string(), expected));
        }
        if self.dims == 0 {
            return Err(out_of_range("dims", "0".to_owned(), "1 or more".to_owned()));
        }
        if self.hidden.contains(&0) {
            return Err(out_of_range("hidden", format!("{:?}", self.hidden), "widths of 1 or more".to_owned()));
        }
        self.train.check()
    }
}
