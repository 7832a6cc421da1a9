//! A fitted model on new rows: representations, products, candidates with probabilities.
//!
//! Rows are encoded, scored and written in blocks. Blocks of any size give the same bytes.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::method::{Applied, Sink};
use suffit_core::{Ctx, Dataset, Result, Run};
use suffit_data::ViewOptions;

use super::artifact::Artifact;
use super::config::{MissingQuery, Prior};
use super::error::SymileError;
use super::fit::read_prior;
use super::input::{Tuples, View, read_view};
use super::reps::Reps;
use super::retrieve::{LabelPrior, Searcher, log_prior};
use super::score::{posterior, top_k};

/// Rows encoded and written at a time.
const BLOCK: usize = 1_024;

/// Options of `apply`, as given in JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplyOptions {
    /// View to search for; the model's own when absent; `none` for no search.
    pub target: Option<String>,
    /// Candidates kept per row.
    pub top: usize,
    /// File with candidates; the applied rows themselves when absent.
    pub candidates: Option<String>,
    /// Prior; the model's own when absent.
    pub prior: Option<Prior>,
    /// What to do about missing query views; the model's own when absent.
    pub missing_query: Option<MissingQuery>,
    /// Rows at a time.
    pub batch_rows: usize,
}

impl ApplyOptions {
    const KNOWN: [&'static str; 6] = ["target", "top", "candidates", "prior", "missing_query", "batch_rows"];

    /// From the method's JSON object (`null` for none).
    ///
    /// # Errors
    /// [`SymileError::Option`] naming the key.
    pub fn parse(options: &Value) -> Result<Self> {
        let mut out = ApplyOptions {
            target: None,
            top: 5,
            candidates: None,
            prior: None,
            missing_query: None,
            batch_rows: BLOCK,
        };
        let Some(map) = options.as_object() else {
            return if options.is_null() { Ok(out) } else { Err(bad("options", "expected an object")) };
        };
        for (key, value) in map {
            let text = || value.as_str().map(str::to_owned).ok_or_else(|| bad(key, &format!("{value} is no text")));
            let number = || {
                let whole = value.as_u64().or_else(|| value.as_str().and_then(|t| t.parse().ok()));
                whole
                    .filter(|n| *n > 0)
                    .map(|n| n as usize)
                    .ok_or_else(|| bad(key, &format!("{value} is no whole number above 0")))
            };
            match key.as_str() {
                "target" => out.target = Some(text()?),
                "top" => out.top = number()?,
                "candidates" => out.candidates = Some(text()?),
                "prior" => out.prior = Some(Prior::try_from(text()?).map_err(|what| bad(key, &what))?),
                "missing_query" => {
                    out.missing_query = Some(
                        serde_json::from_value(value.clone())
                            .map_err(|_| bad(key, &format!("{value} is not `bank`, `drop` or `trained`")))?,
                    )
                }
                "batch_rows" => out.batch_rows = number()?,
                _ => return Err(bad(key, "there is no such option")),
            }
        }
        Ok(out)
    }
}

fn bad(key: &str, got: &str) -> suffit_core::Error {
    SymileError::Option { key: key.to_owned(), got: got.to_owned(), known: ApplyOptions::KNOWN.to_vec() }.into()
}

/// Candidates of the searched view.
struct Candidates {
    target: usize,
    ids: Vec<String>,
    reps: Vec<f32>,
    log_prior: Option<Vec<f64>>,
}

impl Candidates {
    /// Candidates kept per row: a fixed number, so that every table format can hold them.
    fn best(&self, top: usize) -> usize {
        top.min(self.ids.len())
    }
}

/// Applies a run to a data set.
///
/// Columns written: `id`; `VIEW` as a list of `d` numbers (null where missing); `product` over the
/// present views (null when none is); and for the searched view `TARGET_candidate` (ids, best
/// first), `TARGET_score` and `TARGET_probability`.
///
/// # Errors
/// Views of another width or that the model does not have, [`SymileError::NoCandidates`],
/// [`SymileError::NoQueryViews`], options that do not exist, I/O.
pub fn apply(run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
    let options = ApplyOptions::parse(options)?;
    let artifact = Artifact::load(run, "", ctx)?;
    apply_with(&artifact, data, &options, sink, ctx)
}

/// [`apply`] with a model in memory.
///
/// # Errors
/// As [`apply`].
pub fn apply_with(
    artifact: &Artifact,
    data: &Dataset,
    options: &ApplyOptions,
    sink: &mut dyn Sink,
    ctx: &Ctx,
) -> Result<Applied> {
    let rows = Tuples::with_views(data, read_views(artifact, data)?)?;
    let searched = candidates(artifact, &rows, options, ctx)?;
    let searcher = {
        let own = artifact.searcher()?;
        Searcher { missing: options.missing_query.unwrap_or(own.missing), ..own }
    };
    if searcher.missing == MissingQuery::Trained {
        refuse_untrained(artifact, &rows)?;
    }
    let schema = schema(artifact, searched.as_ref(), options.top);
    let phase = ctx.phase("apply", Some(rows.rows as u64));
    for start in (0..rows.rows).step_by(options.batch_rows) {
        ctx.check_cancel(&format!("row {start} of {}", rows.rows))?;
        let block: Vec<usize> = (start..(start + options.batch_rows).min(rows.rows)).collect();
        let part = rows.select(&block);
        let reps = artifact.represent(&part, ctx)?;
        let batch = table(artifact, &searcher, searched.as_ref(), &part, &reps, options.top, &schema)?;
        sink.write(&batch)?;
        phase.step(block.last().map_or(0, |i| *i as u64 + 1), &[]);
    }
    let sentence = match &searched {
        Some(s) => format!(
            "{} rows: representations, product and the best {} of {} candidates for `{}`",
            suffit_core::units::count(rows.rows as u64),
            s.best(options.top),
            suffit_core::units::count(s.ids.len() as u64),
            artifact.spec.views[s.target].name
        ),
        None => format!("{} rows: representations and product", suffit_core::units::count(rows.rows as u64)),
    };
    Ok(Applied { rows: rows.rows as u64, files: Vec::new(), sentence })
}

/// Reads those views of the data that the model has; at least one.
fn read_views(artifact: &Artifact, data: &Dataset) -> Result<Vec<View>> {
    let names = artifact.view_names();
    let bound: Vec<String> = data.roles.views().iter().map(ToString::to_string).collect();
    if let Some(view) = bound.iter().find(|v| !names.contains(v)) {
        return Err(SymileError::UnknownView { view: view.clone(), place: "in the model".into(), known: names }.into());
    }
    if bound.is_empty() {
        return Err(SymileError::TooFewViews { data: data.name.clone(), got: "none is".into() }.into());
    }
    let options = |name: &str| {
        let expected_cols = artifact.spec.views.iter().find(|v| v.name == name).and_then(|v| match v.shape {
            super::model::ViewShape::Dense { width } => Some(width),
            super::model::ViewShape::Tokens { .. } => None,
        });
        ViewOptions { expected_cols, allow_never_present: true }
    };
    bound.iter().map(|name| read_view(data, name, &options(name))).collect()
}

fn refuse_untrained(artifact: &Artifact, rows: &Tuples) -> Result<()> {
    for spec in artifact.spec.views.iter().filter(|s| s.missing.is_none()) {
        let lacking = rows.views.iter().find(|v| v.name == spec.name).is_none_or(|v| v.present.iter().any(|p| !p));
        if lacking {
            return Err(SymileError::NotTrainedMissing { view: spec.name.clone() }.into());
        }
    }
    Ok(())
}

fn candidates(artifact: &Artifact, rows: &Tuples, options: &ApplyOptions, ctx: &Ctx) -> Result<Option<Candidates>> {
    let asked = options.target.as_deref();
    if asked == Some("none") {
        return Ok(None);
    }
    let name = asked.unwrap_or(&artifact.search.target);
    let target = artifact.view_index(name)?;
    let foreign = match &options.candidates {
        Some(path) => {
            let (mut data, _) = suffit_data::open(&suffit_data::OpenRequest::path(path))?;
            if data.roles.views().len() == 1 {
                // A file with one unnamed block of features holds the searched view, whatever it is called.
                data = suffit_data::open(&suffit_data::OpenRequest::default().view(&format!("{name}={path}"))?)?.0;
            }
            if !data.roles.views().contains(&name) {
                return Err(SymileError::NoCandidates { data: data.name.clone(), view: name.to_owned() }.into());
            }
            Some(Tuples::with_views(
                &data,
                vec![read_view(&data, name, &ViewOptions { expected_cols: None, allow_never_present: true })?],
            )?)
        }
        None => None,
    };
    let pool = foreign.as_ref().unwrap_or(rows);
    let Some(view) = pool.views.iter().find(|v| v.name == name) else {
        return no_candidates(pool, name, asked.is_some(), ctx);
    };
    let there: Vec<usize> = (0..pool.rows).filter(|&i| view.present[i]).collect();
    if there.is_empty() {
        return no_candidates(pool, name, asked.is_some() || options.candidates.is_some(), ctx);
    }
    let others: Vec<String> = artifact.view_names().into_iter().filter(|v| v != name).collect();
    if !rows.views.iter().any(|v| v.name != name && v.present.contains(&true)) {
        let (target, data) = (name.to_owned(), rows.name.clone());
        if asked.is_some() {
            return Err(SymileError::NoQueryViews { target, data, others: others.join(", ") }.into());
        }
        ctx.note(format!("no search: `{data}` has none of the views {}", others.join(", ")));
        return Ok(None);
    }
    let only = Tuples { views: vec![view.clone()], ..pool.clone() };
    let reps = artifact.represent(&only.select(&there), ctx)?;
    let prior: Option<LabelPrior> = match &options.prior {
        None => artifact.search.prior.clone(),
        Some(Prior::Uniform) => None,
        Some(Prior::Empirical) => {
            Some(LabelPrior::empirical(pool.labels.as_ref().ok_or_else(|| needs_labels("empirical", pool))?))
        }
        Some(Prior::File(path)) => {
            Some(read_prior(path, &pool.labels.as_ref().ok_or_else(|| needs_labels(path, pool))?.names)?)
        }
    };
    let log_prior = prior.map(|p| log_prior(&p, pool.labels.as_ref(), &there, &pool.name)).transpose()?;
    Ok(Some(Candidates {
        target,
        ids: there.iter().map(|&i| pool.ids[i].clone()).collect(),
        reps: reps.view(target).to_vec(),
        log_prior,
    }))
}

fn needs_labels(prior: &str, pool: &Tuples) -> SymileError {
    SymileError::PriorNeedsLabels { prior: prior.to_owned(), data: pool.name.clone() }
}

/// An error when a search was asked for, else a note.
fn no_candidates(pool: &Tuples, view: &str, asked: bool, ctx: &Ctx) -> Result<Option<Candidates>> {
    if asked {
        return Err(SymileError::NoCandidates { data: pool.name.clone(), view: view.to_owned() }.into());
    }
    ctx.note(format!("no search: no row of `{}` has view `{view}`, which the model searches for", pool.name));
    Ok(None)
}

fn schema(artifact: &Artifact, searched: Option<&Candidates>, top: usize) -> SchemaRef {
    let list = |inner: DataType| Arc::new(Field::new("item", inner, true));
    let vector = || DataType::FixedSizeList(list(DataType::Float32), artifact.spec.dim as i32);
    let mut fields = vec![Field::new("id", DataType::Utf8, false)];
    fields.extend(artifact.spec.views.iter().map(|v| Field::new(&v.name, vector(), true)));
    fields.push(Field::new("product", vector(), true));
    if let Some(s) = searched {
        let name = &artifact.spec.views[s.target].name;
        let best = |inner: DataType| DataType::FixedSizeList(list(inner), s.best(top) as i32);
        fields.push(Field::new(format!("{name}_candidate"), best(DataType::Utf8), false));
        fields.push(Field::new(format!("{name}_score"), best(DataType::Float32), false));
        fields.push(Field::new(format!("{name}_probability"), best(DataType::Float64), false));
    }
    Arc::new(Schema::new(fields))
}

fn table(
    artifact: &Artifact,
    searcher: &Searcher,
    searched: Option<&Candidates>,
    rows: &Tuples,
    reps: &Reps,
    top: usize,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let dim = artifact.spec.dim;
    let all: Vec<usize> = (0..reps.views()).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(rows.ids.clone()))];
    for m in 0..reps.views() {
        columns.push(vectors(dim, (0..reps.rows()).map(|i| reps.present(m, i).then(|| reps.row(m, i).to_vec()))));
    }
    let product = |i: usize| all.iter().any(|&m| reps.present(m, i)).then(|| reps.product_of_present(i, &all));
    columns.push(vectors(dim, (0..reps.rows()).map(product)));
    if let Some(s) = searched {
        let scores = searcher.scores(reps, &s.reps, s.target, &all)?;
        let factor = artifact.search.factors[s.target] as f32;
        let scaled: Vec<f32> = scores.iter().map(|x| x * factor).collect();
        let probabilities = posterior(&scaled, s.ids.len(), s.log_prior.as_deref());
        let best = s.best(top) as i32;
        let mut ids = FixedSizeListBuilder::new(StringBuilder::new(), best);
        let mut score = FixedSizeListBuilder::new(Float32Builder::new(), best);
        let mut chance = FixedSizeListBuilder::new(Float64Builder::new(), best);
        for (p, raw) in probabilities.chunks(s.ids.len()).zip(scores.chunks(s.ids.len())) {
            for c in top_k(p, top) {
                ids.values().append_value(&s.ids[c]);
                score.values().append_value(raw[c]);
                chance.values().append_value(p[c]);
            }
            ids.append(true);
            score.append(true);
            chance.append(true);
        }
        columns.extend([Arc::new(ids.finish()) as ArrayRef, Arc::new(score.finish()), Arc::new(chance.finish())]);
    }
    Ok(RecordBatch::try_new(schema.clone(), columns)
        .map_err(|e| CommonError::bug(format!("the table of representations: {e}")))?)
}

fn vectors(dim: usize, rows: impl Iterator<Item = Option<Vec<f32>>>) -> ArrayRef {
    let mut builder = FixedSizeListBuilder::new(Float32Builder::new(), dim as i32);
    for row in rows {
        match &row {
            Some(values) => builder.values().append_slice(values),
            None => builder.values().append_nulls(dim),
        }
        builder.append(row.is_some());
    }
    Arc::new(builder.finish())
}
