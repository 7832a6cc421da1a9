//! A fitted model at rest and in memory: everything that `apply` and `audit` need.
//!
//! `model.safetensors` holds the parameters (PyTorch names) and the bank, `config.json` how to
//! rebuild and search, `preprocessing.json` the training statistics.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Result, Run, Seed};
use suffit_nn::blob::{Blob, Tensors};
use suffit_nn::export::{Metadata, from_bytes, to_bytes};
use suffit_nn::{Place, parameter};

use super::config::{MissingQuery, Objective};
use super::error::{SymileError, nearest};
use super::input::{Tuples, View};
use super::model::{ModelSpec, SymileModel};
use super::prepare::{Preprocessing, encode, encode_view};
use super::reps::{Bank, BankKind, Reps};
use super::retrieve::{LabelPrior, Searcher};

/// How the fitted model is searched: part of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchSpec {
    /// What the model was trained for.
    pub objective: Objective,
    /// How several missing views are combined.
    pub bank: BankKind,
    /// What to do about missing query views.
    pub missing_query: MissingQuery,
    /// View searched for by default.
    pub target: String,
    /// Factor on the scores before the softmax, by view searched for; 1 when not fitted.
    pub factors: Vec<f64>,
    /// Prior over candidates by label; absent for the uniform one.
    pub prior: Option<LabelPrior>,
    /// Root of the bank's shuffles.
    pub seed: Seed,
}

/// The content of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ModelFile {
    #[serde(flatten)]
    spec: ModelSpec,
    search: SearchSpec,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// How to rebuild the encoders.
    pub spec: ModelSpec,
    /// How to search.
    pub search: SearchSpec,
    /// Training statistics.
    pub preprocessing: Preprocessing,
    /// Parameters.
    pub model: SymileModel,
    /// Training tuples for missing query views.
    pub bank: Bank,
}

const MODEL: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const PREPROCESSING: &str = "preprocessing.json";

impl Artifact {
    /// Writes the three files into a folder of the run (`""` for the run itself).
    ///
    /// # Errors
    /// I/O.
    pub fn save(&self, run: &Run, folder: &str, config_digest: &str) -> Result<()> {
        let mut tensors = parameter::collect(&self.model)?;
        let dim = self.spec.dim;
        for m in 0..self.spec.views.len() {
            for (kind, rows) in [("view", self.bank.view(m)), ("joint", self.bank.joint(m))] {
                tensors.insert(format!("bank.{kind}.{m}"), Blob::from_f32(vec![rows.len() / dim, dim], rows));
            }
        }
        let mut roles = std::collections::BTreeMap::new();
        for (m, view) in self.spec.views.iter().enumerate() {
            roles.insert(format!("views.{m}."), format!("encoder of view {}", view.name));
            roles.insert(format!("bank.view.{m}"), format!("representations of training rows of view {}", view.name));
            roles.insert(
                format!("bank.joint.{m}"),
                format!("representations of complete training rows, view {}", view.name),
            );
        }
        roles.insert("logit_scale".into(), "log of the scale of the scores".into());
        let metadata = Metadata { method: "symile".into(), config_digest: config_digest.into(), roles };
        run.write_bytes(&join(folder, MODEL), &to_bytes(&tensors, &metadata)?)?;
        run.write_json(&join(folder, CONFIG), &ModelFile { spec: self.spec.clone(), search: self.search.clone() })?;
        run.write_json(&join(folder, PREPROCESSING), &self.preprocessing)
    }

    /// Reads what [`Artifact::save`] wrote.
    ///
    /// # Errors
    /// Missing or damaged files, tensors that do not fit the description.
    pub fn load(run: &Run, folder: &str, ctx: &Ctx) -> Result<Artifact> {
        let file: ModelFile = run.read_json(&join(folder, CONFIG))?;
        let preprocessing: Preprocessing = run.read_json(&join(folder, PREPROCESSING))?;
        let ModelFile { spec, search } = file;
        if preprocessing.views.len() != spec.views.len() || search.factors.len() != spec.views.len() {
            let what = format!("{} views, but `{CONFIG}` has {}", preprocessing.views.len(), spec.views.len());
            return Err(SymileError::RunFile { file: PREPROCESSING, what }.into());
        }
        let (mut tensors, _) = from_bytes(&run.read_bytes(&join(folder, MODEL))?, MODEL)?;
        let (views, joint) = (take_bank(&mut tensors, "view", &spec)?, take_bank(&mut tensors, "joint", &spec)?);
        let model = SymileModel::new(&spec, Seed::new(0), &Place::of(ctx));
        let model = parameter::load(model, &tensors, MODEL)?;
        let bank = Bank::from_parts(spec.dim, search.seed, views, joint);
        Ok(Artifact { spec, search, preprocessing, model, bank })
    }

    /// The searcher with the model's own settings.
    ///
    /// # Errors
    /// When the log-scale cannot be read.
    pub fn searcher(&self) -> Result<Searcher<'_>> {
        Ok(Searcher {
            objective: self.search.objective,
            log_scale: self.model.log_scale()?,
            bank: &self.bank,
            bank_kind: self.search.bank,
            missing: self.search.missing_query,
        })
    }

    /// Names of the views.
    pub fn view_names(&self) -> Vec<String> {
        self.spec.views.iter().map(|v| v.name.clone()).collect()
    }

    /// Position of a view.
    ///
    /// # Errors
    /// [`SymileError::UnknownView`].
    pub fn view_index(&self, name: &str) -> Result<usize> {
        let unknown = || SymileError::UnknownView {
            view: name.to_owned(),
            place: "in the model".into(),
            known: self.view_names(),
        };
        Ok(self.spec.views.iter().position(|v| v.name == name).ok_or_else(unknown)?)
    }

    /// Representations of raw rows whose views are the model's, in any order; views that the rows
    /// do not have are missing.
    ///
    /// # Errors
    /// [`SymileError::UnknownView`] for a view that the model does not have, shapes that differ.
    pub fn represent(&self, tuples: &Tuples, ctx: &Ctx) -> Result<Reps> {
        let mut ordered = tuples.clone();
        ordered.views = self.ordered(tuples)?;
        self.preprocessing.apply_all(&mut ordered, &self.spec)?;
        let place = Place::of(ctx);
        if tuples.views.len() == self.spec.views.len() {
            return encode(&self.model, &self.spec, &self.preprocessing, &ordered, &place);
        }
        let mut data = Vec::with_capacity(ordered.views.len());
        for (m, view) in ordered.views.iter().enumerate() {
            ctx.check_cancel("encoding")?;
            data.push(encode_view(&self.model, &self.spec, &self.preprocessing, view, m, &place)?);
        }
        let present = ordered.views.iter().map(|v| v.present.clone()).collect();
        Reps::new(self.view_names(), self.spec.dim, tuples.rows, data, present)
    }

    /// The views of raw rows in the model's order; absent ones are all missing.
    ///
    /// # Errors
    /// [`SymileError::UnknownView`] for a view that the model does not have.
    pub fn ordered(&self, tuples: &Tuples) -> Result<Vec<View>> {
        let (views, rows) = (&tuples.views, tuples.rows);
        if let Some(extra) = views.iter().find(|v| self.spec.views.iter().all(|s| s.name != v.name)) {
            let (view, known) = (extra.name.clone(), self.view_names());
            return Err(SymileError::UnknownView { view, place: "in the model".into(), known }.into());
        }
        let find = |name: &String| views.iter().find(|v| v.name == *name).cloned();
        Ok(self
            .spec
            .views
            .iter()
            .map(|spec| find(&spec.name).unwrap_or_else(|| View::absent(&spec.name, spec.shape, rows)))
            .collect())
    }
}

/// Removes the bank's tensors and checks their width.
fn take_bank(tensors: &mut Tensors, kind: &str, spec: &ModelSpec) -> Result<Vec<Vec<f32>>> {
    (0..spec.views.len())
        .map(|m| {
            let name = format!("bank.{kind}.{m}");
            let there = tensors.keys().cloned().collect::<Vec<_>>();
            let blob = tensors.remove(&name).ok_or_else(|| {
                let what = format!("no tensor `{name}` ({})", nearest(&name, there.iter().map(String::as_str)));
                SymileError::RunFile { file: MODEL, what }
            })?;
            match blob.shape() {
                [_, width] if *width == spec.dim => Ok(blob.to_f32()),
                shape => Err(SymileError::RunFile {
                    file: MODEL,
                    what: format!("tensor `{name}` has shape {shape:?}, expected [rows, {}]", spec.dim),
                }
                .into()),
            }
        })
        .collect()
}

fn join(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}
