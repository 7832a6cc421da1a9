//! A fitted model on new rows: the label it names, and how sure it is.
//!
//! Rows are read, named and written in blocks, so memory does not grow with the file.

use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::method::{Applied, Sink};
use suffit_core::{Ctx, Dataset, Result, Run, units};
use suffit_data::view::ViewPlan;
use suffit_data::{ValueError, ViewMatrix, ViewOptions, ids};
use suffit_stats::metric::argmax;

use super::artifact::Artifact;
use super::error::__Camel__Error;

/// Rows at a time, unless the option `batch_rows` says otherwise.
const BLOCK: usize = 4_096;

/// Applies a run. Columns written: `id`, `label` and `probability`, the last two empty where the
/// view is missing. Each row depends on itself alone.
///
/// # Errors
/// A view of another width, bad values (file, row and column), an option that does not exist, I/O.
pub fn apply(run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
    let batch_rows = batch_rows(options)?;
    let model = Artifact::load(run, ctx)?;
    let options = ViewOptions { expected_cols: Some(model.spec.columns), allow_never_present: true };
    let plan = ViewPlan::new(data, &model.spec.view, &options)?;
    let ids = ids(data)?;
    let (schema, phase) = (schema(), ctx.phase("apply", Some(ids.len() as u64)));
    let mut done = 0;
    for batch in data.source.batches(Some(&plan.wanted()), batch_rows)? {
        ctx.check_cancel(&format!("row {done} of {}", ids.len()))?;
        let view = plan.extract(data, &batch?, done as u64)?;
        sink.write(&name_rows(&model, &view, &ids[done..done + view.rows], &schema, ctx)?)?;
        done += view.rows;
        phase.step(done as u64, &[]);
    }
    if done == 0 {
        return Err(ValueError::NoRows { name: data.name.clone() }.into());
    }
    let sentence = format!("{}: label and probability", units::counted(done as u64, "row", "rows"));
    Ok(Applied { rows: done as u64, files: Vec::new(), sentence })
}

fn batch_rows(options: &Value) -> Result<usize> {
    let mut rows = BLOCK;
    for (key, value) in options.as_object().into_iter().flatten() {
        // The command line gives options as text.
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        match (key.as_str(), number) {
            ("batch_rows", Some(n)) if n > 0 => rows = n as usize,
            ("batch_rows", _) => return Err(bad(key, value, "a whole number above 0")),
            _ => return Err(bad(key, value, "`batch_rows`, the only option")),
        }
    }
    Ok(rows)
}

fn bad(key: &str, got: &Value, expected: &'static str) -> suffit_core::Error {
    __Camel__Error::Option { key: key.to_owned(), got: got.to_string(), expected }.into()
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("label", DataType::Utf8, true),
        Field::new("probability", DataType::Float64, true),
    ]))
}

fn name_rows(model: &Artifact, view: &ViewMatrix, ids: &[String], schema: &SchemaRef, ctx: &Ctx) -> Result<RecordBatch> {
    let probabilities = model.probabilities(&view.data, ctx)?;
    let best = probabilities.iter().zip(&view.present).map(|(p, present)| present.then(|| (argmax(p), p)));
    let named: Vec<Option<(usize, &Vec<f64>)>> = best.collect();
    let labels: StringArray = named.iter().map(|row| row.map(|(class, _)| model.spec.classes[class].as_str())).collect();
    let sure: Float64Array = named.iter().map(|row| row.map(|(class, p)| p[class])).collect();
    let columns: Vec<arrow_array::ArrayRef> =
        vec![Arc::new(StringArray::from(ids.to_vec())), Arc::new(labels), Arc::new(sure)];
    let table = RecordBatch::try_new(Arc::clone(schema), columns);
    Ok(table.map_err(|e| CommonError::bug(format!("the table of labels: {e}")))?)
}
