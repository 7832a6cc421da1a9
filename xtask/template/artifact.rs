//! The fitted model at rest: everything that `apply` and `audit` need.
//!
//! `model.safetensors` holds the parameters, `config.json` how to rebuild them, and
//! `preprocessing.json` the training statistics.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Result, Run, Seed};
use suffit_nn::export::{Metadata, from_bytes, to_bytes};
use suffit_nn::layer::{Init, Standardiser};
use suffit_nn::{Place, parameter};

use super::config::__Camel__Config;
use super::input::Labelled;
use super::model::Classifier;

const MODEL: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const PREPROCESSING: &str = "preprocessing.json";

/// How to rebuild the model: the content of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The method.
    pub model_type: String,
    /// `suffit`.
    pub library_name: String,
    /// The view that is read.
    pub view: String,
    /// Its number of columns.
    pub columns: usize,
    /// Names of the classes, in the order of the logits.
    pub classes: Vec<String>,
    /// The commonest class of the training rows.
    pub commonest: usize,
    /// Digest of the rows and parts of the fit, see [`Labelled::digest`].
    pub fitted_on: String,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// How to rebuild it.
    pub spec: Spec,
    /// Training statistics.
    pub standardiser: Standardiser,
    /// Parameters.
    pub model: Classifier,
}

impl Artifact {
    /// Writes the three files into the run.
    ///
    /// # Errors
    /// I/O.
    pub fn save(&self, run: &Run, config: &__Camel__Config) -> Result<()> {
        let config = suffit_core::config::to_toml(&serde_json::json!(config))?;
        let metadata = Metadata {
            method: self.spec.model_type.clone(),
            config_digest: suffit_core::files::digest_bytes(config.as_bytes()),
            roles: [("linear.".to_owned(), format!("logits from view {}", self.spec.view))].into(),
        };
        run.write_bytes(MODEL, &to_bytes(&parameter::collect(&self.model)?, &metadata)?)?;
        run.write_json(CONFIG, &self.spec)?;
        run.write_json(PREPROCESSING, &self.standardiser)
    }

    /// Reads what [`Artifact::save`] wrote.
    ///
    /// # Errors
    /// Missing or damaged files, tensors that do not fit the description.
    pub fn load(run: &Run, ctx: &Ctx) -> Result<Artifact> {
        let spec: Spec = run.read_json(CONFIG)?;
        let standardiser: Standardiser = run.read_json(PREPROCESSING)?;
        let (tensors, _) = from_bytes(&run.read_bytes(MODEL)?, MODEL)?;
        // The seed does not matter: every parameter is replaced.
        let empty = Classifier::new(spec.columns, spec.classes.len(), &Init::new(Seed::new(0), &Place::of(ctx)));
        Ok(Artifact { model: parameter::load(empty, &tensors, MODEL)?, spec, standardiser })
    }

    /// Class probabilities of rows as read.
    ///
    /// - shapes: `x: [N, D]` row-major, result `N` lists of `K`
    ///
    /// # Errors
    /// Rows of another width.
    pub fn probabilities(&self, x: &[f32], ctx: &Ctx) -> Result<Vec<Vec<f64>>> {
        let mut x = x.to_vec();
        self.standardiser.apply(&mut x)?;
        self.model.probabilities(&x, &Place::of(ctx))
    }
}

/// The commonest class among rows; of equals the first.
pub fn commonest(data: &Labelled, rows: &[usize]) -> usize {
    let mut counts = vec![0u64; data.labels.classes()];
    rows.iter().filter_map(|&r| data.class(r)).for_each(|class| counts[class] += 1);
    counts.iter().enumerate().max_by_key(|&(class, &n)| (n, std::cmp::Reverse(class))).map_or(0, |(class, _)| class)
}
