//! From raw views to encoder inputs: training statistics, batches, representations of many rows.

use serde::{Deserialize, Serialize};
use suffit_core::{Ctx, Result};
use suffit_nn::Place;
use suffit_nn::layer::{Pass, Standardiser, Tokens};

use super::error::SymileError;
use super::input::{Content, Tuples, View};
use super::model::{ModelSpec, SymileModel, ViewBatch, ViewShape};
use super::reps::Reps;

/// Rows encoded at a time; shorter blocks are filled up, so that every row meets the same kernels
/// however the data are cut into chunks (the contract "in chunks = at once").
const BLOCK: usize = 256;

/// What `apply` needs beside the parameters: the content of `preprocessing.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// By view, in the model's order.
    pub views: Vec<ViewPreprocessing>,
}

/// Training statistics of one view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewPreprocessing {
    /// Name of the view.
    pub name: String,
    /// Names of its columns in training (empty for tokens).
    pub columns: Vec<String>,
    /// Means and scales; absent when features are taken as they are.
    pub standardiser: Option<Standardiser>,
    /// Mean of the observed training rows after scaling, where that is not 0 (`missing = embedding`).
    pub fill: Option<Vec<f64>>,
    /// Whether the view was missing in some training row.
    pub missing_in_training: bool,
}

impl Preprocessing {
    /// Statistics of the training rows. Warns about constant features.
    ///
    /// # Errors
    /// [`SymileError::NeverObserved`].
    pub fn fit(train: &Tuples, standardise: bool, ctx: &Ctx) -> Result<Self> {
        let mut views = Vec::with_capacity(train.views.len());
        for view in &train.views {
            if !view.present.iter().any(|p| *p) {
                return Err(SymileError::NeverObserved {
                    view: view.name.clone(),
                    data: train.name.clone(),
                    rows: train.rows,
                }
                .into());
            }
            let missing_in_training = view.present.iter().any(|p| !p);
            let mut one = ViewPreprocessing {
                name: view.name.clone(),
                columns: Vec::new(),
                standardiser: None,
                fill: None,
                missing_in_training,
            };
            if let Content::Dense { width, data, columns } = &view.content {
                let fitted = Standardiser::fit(data, *width, Some(&view.present))?;
                if let Some(warning) = fitted.warning(&format!("view `{}`", view.name), Some(columns)) {
                    ctx.warn(warning);
                }
                one.columns.clone_from(columns);
                one.fill = (!standardise && missing_in_training).then(|| fitted.mean.clone());
                one.standardiser = standardise.then_some(fitted);
            }
            views.push(one);
        }
        Ok(Preprocessing { views })
    }

    /// Applies the statistics to one view's values, in place.
    ///
    /// # Errors
    /// [`SymileError::Width`], [`SymileError::ViewKind`].
    pub fn apply(&self, m: usize, view: &mut View, spec: &ModelSpec, data_name: &str) -> Result<()> {
        let shape = spec.views[m].shape;
        match (&mut view.content, shape) {
            (Content::Dense { width, data, .. }, ViewShape::Dense { width: expected }) => {
                if *width != expected {
                    let (view, data, got) = (view.name.clone(), data_name.to_owned(), *width);
                    return Err(SymileError::Width { view, data, got, expected }.into());
                }
                if let Some(standardiser) = &self.views[m].standardiser {
                    standardiser.apply(data)?;
                }
                for (i, row) in data.chunks_mut(expected).enumerate() {
                    if !view.present[i] {
                        row.fill(0.0);
                    }
                }
                Ok(())
            }
            (Content::Tokens { rows }, ViewShape::Tokens { vocabulary }) => {
                for (i, row) in rows.iter_mut().enumerate() {
                    if !view.present[i] {
                        row.clear();
                    }
                    if let Some(&token) = row.iter().find(|&&t| t < 0 || t as usize >= vocabulary) {
                        return Err(
                            SymileError::Token { view: view.name.clone(), row: i + 1, token, vocabulary }.into()
                        );
                    }
                }
                Ok(())
            }
            (content, shape) => {
                let got = if matches!(content, Content::Dense { .. }) { "numbers" } else { "tokens" };
                let (view, data) = (view.name.clone(), data_name.to_owned());
                Err(SymileError::ViewKind { view, data, got, expected: shape.word() }.into())
            }
        }
    }

    /// Applies the statistics to all views, which must be the model's in order.
    ///
    /// # Errors
    /// As [`Preprocessing::apply`].
    pub fn apply_all(&self, tuples: &mut Tuples, spec: &ModelSpec) -> Result<()> {
        let name = tuples.name.clone();
        for (m, view) in tuples.views.iter_mut().enumerate() {
            self.apply(m, view, spec, &name)?;
        }
        Ok(())
    }
}

/// The chosen rows of every view as tensors; a row number past the end gives an empty row.
///
/// # Errors
/// [`SymileError::ViewKind`] when views and model differ (prepared views do not).
pub fn batch(
    tuples: &Tuples,
    spec: &ModelSpec,
    preprocessing: &Preprocessing,
    rows: &[usize],
    place: &Place,
) -> Result<Vec<ViewBatch>> {
    (0..tuples.views.len()).map(|m| view_batch(&tuples.views[m], spec, preprocessing, m, rows, place)).collect()
}

fn view_batch(
    view: &View,
    spec: &ModelSpec,
    preprocessing: &Preprocessing,
    m: usize,
    rows: &[usize],
    place: &Place,
) -> Result<ViewBatch> {
    let there = |i: usize| view.present.get(i).copied().unwrap_or(false);
    match (&view.content, spec.views[m].shape) {
        (Content::Dense { width, data, .. }, ViewShape::Dense { .. }) => {
            let mut values = Vec::with_capacity(rows.len() * width);
            for &i in rows {
                match data.get(i * width..(i + 1) * width) {
                    Some(row) => values.extend_from_slice(row),
                    None => values.extend(std::iter::repeat_n(0.0, *width)),
                }
            }
            let missing = match spec.views[m].missing {
                Some(_) => Some(
                    place.matrix(rows.iter().map(|&i| f32::from(u8::from(!there(i)))).collect(), [rows.len(), 1])?,
                ),
                None => None,
            };
            let fill = preprocessing.views[m].fill.clone().map(|fill| place.vector(fill));
            Ok(ViewBatch::Dense { x: place.matrix(values, [rows.len(), *width])?, missing, fill })
        }
        (Content::Tokens { rows: all }, ViewShape::Tokens { vocabulary }) => {
            let marked = spec.views[m].missing.is_some();
            let row = |&i: &usize| match all.get(i) {
                Some(row) if there(i) || !marked => row.clone(),
                _ if marked => vec![vocabulary as i64], // the reserved id of a missing row
                _ => Vec::new(),
            };
            let rows: Vec<Vec<i64>> = rows.iter().map(row).collect();
            Ok(ViewBatch::Tokens(Tokens::new(&rows, vocabulary + usize::from(marked), place)?))
        }
        (Content::Dense { .. }, shape) | (Content::Tokens { .. }, shape) => {
            let got = if matches!(view.content, Content::Dense { .. }) { "numbers" } else { "tokens" };
            Err(SymileError::ViewKind { view: view.name.clone(), data: "memory".into(), got, expected: shape.word() }
                .into())
        }
    }
}

/// Representations of one view of prepared rows, `[N · d]`, in blocks of one size.
///
/// # Errors
/// [`SymileError::NotFinite`] naming the row.
pub fn encode_view(
    model: &SymileModel,
    spec: &ModelSpec,
    preprocessing: &Preprocessing,
    view: &View,
    m: usize,
    place: &Place,
) -> Result<Vec<f32>> {
    let rows = view.present.len();
    let mut out = Vec::with_capacity(rows * spec.dim);
    for start in (0..rows).step_by(BLOCK) {
        let block: Vec<usize> = (start..start + BLOCK).collect();
        let input = view_batch(view, spec, preprocessing, m, &block, place)?;
        let tensor = model.views[m].forward(&input, Pass::Evaluate)?;
        let data = tensor
            .inner()
            .try_into_data()
            .map_err(|e| suffit_core::error::CommonError::bug(format!("representations: {e}")))?;
        let values = data
            .try_into_vec::<f32>()
            .map_err(|e| suffit_core::error::CommonError::bug(format!("representations: {e:?}")))?;
        out.extend_from_slice(&values[..BLOCK.min(rows - start) * spec.dim]);
    }
    match out.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(SymileError::NotFinite { view: view.name.clone(), row: at / spec.dim + 1 }.into()),
        None => Ok(out),
    }
}

/// Representations of all views of prepared rows.
///
/// # Errors
/// As [`encode_view`].
pub fn encode(
    model: &SymileModel,
    spec: &ModelSpec,
    preprocessing: &Preprocessing,
    tuples: &Tuples,
    place: &Place,
) -> Result<Reps> {
    let data = (0..tuples.views.len())
        .map(|m| encode_view(model, spec, preprocessing, &tuples.views[m], m, place))
        .collect::<Result<Vec<_>>>()?;
    let names = tuples.views.iter().map(|v| v.name.clone()).collect();
    let present = tuples.views.iter().map(|v| v.present.clone()).collect();
    Reps::new(names, spec.dim, tuples.rows, data, present)
}
