//! A fitted model on new rows: the columns of its representation.
//!
//! Rows are read, reduced and written in blocks, so memory does not grow with the file.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde_json::Value;
use suffit_core::error::CommonError;
use suffit_core::method::{Applied, Sink};
use suffit_core::{Ctx, Dataset, Result, Run, units};
use suffit_data::view::ViewPlan;
use suffit_data::{ValueError, ViewMatrix, ViewOptions, ids};

use super::artifact::Artifact;
use super::error::FccovError;

/// Rows at a time, unless the option `batch_rows` says otherwise.
const BLOCK: usize = 4_096;

/// Applies a run. Columns written: `id`, `z1` to `zd` (unit variance on the training rows, the one that
/// knows most about y first), empty where the view is missing. Each row depends on itself alone.
///
/// # Errors
/// A view of another width, bad values (file, row and column), an option that does not exist, I/O.
pub fn apply(run: &Run, data: &Dataset, options: &Value, sink: &mut dyn Sink, ctx: &Ctx) -> Result<Applied> {
    let batch_rows = batch_rows(options)?;
    let model = Artifact::load(run, ctx)?;
    let options = ViewOptions { expected_cols: Some(model.spec.columns), allow_never_present: true };
    let plan = ViewPlan::new(data, &model.spec.view, &options)?;
    let ids = ids(data)?;
    let (schema, phase) = (schema(model.spec.dims), ctx.phase("apply", Some(ids.len() as u64)));
    let mut done = 0;
    for batch in data.source.batches(Some(&plan.wanted()), batch_rows)? {
        ctx.check_cancel(&format!("row {done} of {}", ids.len()))?;
        let view = plan.extract(data, &batch?, done as u64)?;
        sink.write(&reduce(&model, &view, &ids[done..done + view.rows], &schema, ctx)?)?;
        done += view.rows;
        phase.step(done as u64, &[]);
    }
    if done == 0 {
        return Err(ValueError::NoRows { name: data.name.clone() }.into());
    }
    let sentence = format!("{}: z1 to z{}", units::counted(done as u64, "row", "rows"), model.spec.dims);
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
    FccovError::Option { key: key.to_owned(), got: got.to_string(), expected }.into()
}

fn schema(dims: usize) -> SchemaRef {
    let mut fields = vec![Field::new("id", DataType::Utf8, false)];
    fields.extend((1..=dims).map(|k| Field::new(format!("z{k}"), DataType::Float64, true)));
    Arc::new(Schema::new(fields))
}

fn reduce(model: &Artifact, view: &ViewMatrix, ids: &[String], schema: &SchemaRef, ctx: &Ctx) -> Result<RecordBatch> {
    let z = model.represent(&view.data, ctx)?;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(ids.to_vec()))];
    for j in 0..z.cols {
        let cell = |i: usize| view.present[i].then(|| z.at(i, j));
        columns.push(Arc::new((0..view.rows).map(cell).collect::<Float64Array>()));
    }
    let table = RecordBatch::try_new(Arc::clone(schema), columns);
    Ok(table.map_err(|e| CommonError::bug(format!("the table of the representation: {e}")))?)
}
