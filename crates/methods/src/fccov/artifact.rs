//! The fitted model at rest: everything that `apply` and `audit` need.
//!
//! `model.safetensors` (`kernel.json` for the solver `kernel`) holds the parameters, `config.json` how to rebuild them, and
//! `preprocessing.json` the training statistics.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Result, Run, Seed};
use suffit_nn::export::{Metadata, from_bytes, to_bytes};
use suffit_nn::layer::{Init, Mlp, Standardiser};
use suffit_nn::{Place, parameter};
use suffit_stats::linalg::Matrix;
use suffit_stats::sdr::KernelSdr;

use super::config::{FccovConfig, Solver};
use super::error::FccovError;
use super::model::{outputs, shape};
use super::train::prepare;

const MODEL: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const KERNEL: &str = "kernel.json";
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
    /// How it was solved.
    pub solver: Solver,
    /// Widths between.
    pub hidden: Vec<usize>,
    /// Columns of the representation.
    pub dims: usize,
    /// The kind of y in the fit.
    pub response: String,
    /// Its metric.
    pub metric: String,
    /// The kernel.
    pub objective: String,
    /// Share of the kernel's largest eigenvalue that each column reaches on the training rows.
    pub eta: Vec<f64>,
    /// x is cut at this many standard deviations; 0 = not.
    pub clip_x: f64,
    /// Digest of the rows and parts of the fit, see [`super::input::Paired::digest`].
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
    pub map: Map,
}

/// From standardised x to the representation.
#[derive(Debug, Clone)]
pub enum Map {
    /// A network, or one affine map; the last map gives eigen-coordinates.
    Net(Box<Mlp>),
    /// Functions of a Gaussian kernel.
    Kernel(KernelSdr),
}

impl Artifact {
    /// Writes the three files into the run.
    ///
    /// # Errors
    /// I/O.
    pub fn save(&self, run: &Run, config: &FccovConfig) -> Result<()> {
        let config = suffit_core::config::to_toml(&serde_json::json!(config))?;
        run.write_json(CONFIG, &self.spec)?;
        run.write_json(PREPROCESSING, &self.standardiser)?;
        let model = match &self.map {
            Map::Kernel(kernel) => return run.write_json(KERNEL, kernel),
            Map::Net(model) => model.as_ref(),
        };
        let metadata = Metadata {
            method: self.spec.model_type.clone(),
            config_digest: suffit_core::files::digest_bytes(config.as_bytes()),
            roles: [("layers.".to_owned(), format!("eigen-coordinates of view {}", self.spec.view))].into(),
        };
        run.write_bytes(MODEL, &to_bytes(&parameter::collect(model)?, &metadata)?)
    }

    /// Reads what [`Artifact::save`] wrote.
    ///
    /// # Errors
    /// Missing or damaged files, tensors that do not fit the description.
    pub fn load(run: &Run, ctx: &Ctx) -> Result<Artifact> {
        let spec: Spec = run.read_json(CONFIG)?;
        let standardiser: Standardiser = run.read_json(PREPROCESSING)?;
        if spec.solver == Solver::Kernel {
            return Ok(Artifact { map: Map::Kernel(run.read_json(KERNEL)?), spec, standardiser });
        }
        let (tensors, _) = from_bytes(&run.read_bytes(MODEL)?, MODEL)?;
        // The seed does not matter: every parameter is replaced.
        let init = Init::new(Seed::new(0), &Place::of(ctx));
        let empty = Mlp::new(&shape(spec.columns, &spec.hidden, spec.dims), &init);
        let map = Map::Net(Box::new(parameter::load(empty, &tensors, MODEL)?));
        Ok(Artifact { map, spec, standardiser })
    }

    /// The representation of rows as read, `[N, d]`.
    ///
    /// # Errors
    /// Rows of another width.
    pub fn represent(&self, x: &[f32], ctx: &Ctx) -> Result<Matrix> {
        let mut x = x.to_vec();
        prepare(&mut x, &self.standardiser, self.spec.clip_x)?;
        match &self.map {
            Map::Net(model) => outputs(model, &x, &Place::of(ctx)),
            Map::Kernel(kernel) => {
                kernel.predict(&wide(&x, self.spec.columns)).map_err(FccovError::of("features of x"))
            }
        }
    }
}

/// Rows in f64.
pub fn wide(x: &[f32], columns: usize) -> Matrix {
    let values: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
    Matrix { rows: values.len() / columns.max(1), cols: columns, values }
}
