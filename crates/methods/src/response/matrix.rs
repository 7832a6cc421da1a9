//! A matrix of distances from a file: square (npy, CSV without other columns) or long (`i,j,d`).

use std::collections::HashMap;
use std::path::Path;

use suffit_core::{Dataset, Result};
use suffit_data::OpenRequest;
use suffit_data::source::names;
use suffit_stats::response::{Metric, Response};

use super::error::ResponseError;
use super::read::Columns;
use super::{Bound, ResponseKind, ResponseOptions, bind};

/// Reads the distances between the rows of a data set from a file of their own.
///
/// A file with the columns `i`, `j` and `d` is the long form: `i` and `j` are identifiers of `ids`,
/// or row numbers from 0; a pair given once counts in both directions unless asymmetry is allowed;
/// the diagonal may be left out. Any other file is the matrix itself, rows in the order of `ids`.
///
/// - cost: `8 n²` bytes
///
/// # Errors
/// [`ResponseError::Rows`], [`ResponseError::NoPair`], [`ResponseError::PairTwice`],
/// [`ResponseError::UnknownObject`], and those of [`bind`]: NaN, negative, a diagonal that is not
/// zero, asymmetry, each with its cell.
pub fn distance_file(path: &Path, ids: &[String], options: &ResponseOptions) -> Result<Bound> {
    let (data, _) = suffit_data::open(&OpenRequest::path(path))?;
    let columns = names(&data.source.schema());
    let options = ResponseOptions { kind: ResponseKind::Distance, ..options.clone() };
    if ["i", "j", "d"].iter().all(|want| columns.iter().any(|c| c == want)) {
        return long(&data, ids, &options);
    }
    let bound = bind(&data, &columns, &options)?;
    if bound.response.rows() != ids.len() {
        let (got, expected) = (bound.response.rows(), ids.len());
        return Err(ResponseError::Rows { file: data.name, got, expected }.into());
    }
    Ok(bound)
}

fn long(data: &Dataset, ids: &[String], options: &ResponseOptions) -> Result<Bound> {
    let n = ids.len();
    let by_id: HashMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
    let text = |name: &str| suffit_data::label::texts(&*data.source, name, &data.name, name);
    let (left, right) = (text("i")?, text("j")?);
    let (values, _) = Columns::read(data, &["d".to_owned()])?.matrix()?;
    // Row numbers are the fallback: identifiers win as soon as one of them is known.
    let known = left.iter().flatten().any(|id| by_id.contains_key(id.as_str()));
    let find = |cell: &Option<String>, row: usize| -> Result<usize> {
        let id = cell.as_deref().unwrap_or("");
        let number = if known { None } else { id.parse::<usize>().ok().filter(|k| *k < n) };
        by_id.get(id).copied().filter(|_| known).or(number).ok_or_else(|| {
            let (file, row) = (data.name.clone(), row as u64 + 1);
            ResponseError::UnknownObject { file, row, id: id.to_owned() }.into()
        })
    };
    let mut cells = vec![f64::NAN; n * n];
    for (row, &value) in values.iter().enumerate() {
        let (i, j) = (find(&left[row], row)?, find(&right[row], row)?);
        if !cells[i * n + j].is_nan() {
            let (file, i, j) = (data.name.clone(), ids[i].clone(), ids[j].clone());
            return Err(ResponseError::PairTwice { file, row: row as u64 + 1, i, j }.into());
        }
        cells[i * n + j] = value;
    }
    complete(&mut cells, n, data, ids, options.allow_asymmetric)?;
    let whole = |source| ResponseError::Whole { data: data.name.clone(), source: Box::new(source) };
    Ok(Bound {
        response: Response::distance(cells, n, options.allow_asymmetric).map_err(whole)?,
        metric: Metric::Given,
        kind: ResponseKind::Distance,
        columns: ["i", "j", "d"].map(str::to_owned).to_vec(),
        classes: Vec::new(),
        why: "a file of pairs with their distances".to_owned(),
    })
}

/// Fills the diagonal and, where one direction is there, the other.
fn complete(cells: &mut [f64], n: usize, data: &Dataset, ids: &[String], one_way: bool) -> Result<()> {
    for i in 0..n {
        for j in 0..n {
            if !cells[i * n + j].is_nan() {
                continue;
            }
            let mirror = cells[j * n + i];
            if i == j {
                cells[i * n + j] = 0.0;
            } else if !one_way && !mirror.is_nan() {
                cells[i * n + j] = mirror;
            } else {
                let (file, i, j) = (data.name.clone(), ids[i].clone(), ids[j].clone());
                return Err(ResponseError::NoPair { file, i, j }.into());
            }
        }
    }
    Ok(())
}
