//! Cells of a known kind to a validated response; every refusal names file, row and column.

use suffit_core::{Error, Result};
use suffit_data::Labels;
use suffit_stats::StatsError;
use suffit_stats::response::{Response, density_quantiles, midpoint_levels, sample_quantiles};

use super::error::ResponseError;
use super::read::{Cells, Columns};
use super::{DistributionForm, ResponseKind, ResponseOptions, grid};

/// The response and the names of its classes.
pub(super) fn build(table: &Columns, kind: ResponseKind, options: &ResponseOptions) -> Result<(Response, Vec<String>)> {
    let plain = |response: Result<Response>| response.map(|r| (r, Vec::new()));
    match kind {
        ResponseKind::Label => labels(table),
        ResponseKind::Ordinal => ordinal(table),
        ResponseKind::String => {
            one(table, kind)?;
            plain(Ok(Response::strings(table.texts()?)))
        }
        ResponseKind::Distribution => plain(distribution(table, options)),
        _ => plain(vectors(table, kind, options)),
    }
}

/// Kinds whose object is a row of numbers.
fn vectors(table: &Columns, kind: ResponseKind, options: &ResponseOptions) -> Result<Response> {
    let (values, width) = table.matrix()?;
    let n = table.rows;
    let refuse = |expected: String| Error::from(ResponseError::Width { kind: kind.name(), got: width, expected });
    // Position in the object of each column, for messages.
    let lower = |q: usize| -> Vec<usize> { (0..q * q).map(|k| triangle(k / q, k % q)).collect() };
    let (response, place) = match kind {
        ResponseKind::Spd => match (triangular(width, 0), square(width)) {
            // 1 and 36 are both; the triangle is the documented form, so it wins.
            (Some(q), _) => (Response::spd_lower(&values, q), lower(q)),
            (None, Some(q)) => (Response::spd(values, q), (0..width).collect()),
            _ => return Err(refuse("q(q+1)/2 (lower triangle) or q² columns".to_owned())),
        },
        ResponseKind::Graph => match (square(width), triangular(width, 1)) {
            (Some(q), _) if q >= 2 => (Response::graph(values, q), (0..width).collect()),
            (_, Some(q)) if q >= 2 => {
                (Response::graph(mirrored(&values, q), q), (0..q * q).map(|k| strict(k, q)).collect())
            }
            _ => return Err(refuse("q² or q(q-1)/2 columns, q at least 2".to_owned())),
        },
        ResponseKind::Sphere if width < 2 => return Err(refuse("2 or more".to_owned())),
        ResponseKind::Composition if width < 2 => return Err(refuse("2 or more".to_owned())),
        ResponseKind::Sphere => (Response::sphere(values, width), (0..width).collect()),
        ResponseKind::Composition => (Response::composition(values, width), (0..width).collect()),
        ResponseKind::Distance if width != n => return Err(refuse(format!("{n}, as many as rows"))),
        ResponseKind::Distance => (Response::distance(values, n, options.allow_asymmetric), (0..width).collect()),
        _ => (Response::real(values, width), (0..width).collect()),
    };
    response.map_err(|source| located(table, source, &place))
}

/// `i(i+1)/2 + j` of the lower triangle, whatever the order of `i` and `j`.
fn triangle(i: usize, j: usize) -> usize {
    let (i, j) = (i.max(j), i.min(j));
    i * (i + 1) / 2 + j
}

/// Column of cell `k` of a mirrored adjacency matrix.
fn strict(k: usize, q: usize) -> usize {
    let (i, j) = ((k / q).max(k % q), (k / q).min(k % q));
    if i == 0 { 0 } else { i * (i - 1) / 2 + j.min(i - 1) }
}

/// Adjacency matrices from their strict lower triangles.
fn mirrored(values: &[f64], q: usize) -> Vec<f64> {
    let half = q * (q - 1) / 2;
    let cell = |row: &[f64], k: usize| if k / q == k % q { 0.0 } else { row[strict(k, q)] };
    values.chunks_exact(half).flat_map(|row| (0..q * q).map(move |k| cell(row, k))).collect()
}

fn square(width: usize) -> Option<usize> {
    let q = width.isqrt();
    (q * q == width).then_some(q)
}

/// `q` with `q(q+1)/2 = width` (`strict` 0) or `q(q-1)/2 = width` (`strict` 1).
fn triangular(width: usize, strict: usize) -> Option<usize> {
    (1..=width + 1)
        .take_while(|q| q * (q + 1 - 2 * strict) / 2 <= width)
        .find(|q| q * (q + 1 - 2 * strict) / 2 == width)
}

fn one(table: &Columns, kind: ResponseKind) -> Result<()> {
    match table.cells.as_slice() {
        [Cells::Lists(_)] => Err(cells(table, 0, kind.name(), "one number or text a row").into()),
        [_] => Ok(()),
        many => {
            let expected = "one column".to_owned();
            Err(ResponseError::Width { kind: kind.name(), got: many.len(), expected }.into())
        }
    }
}

fn cells(table: &Columns, j: usize, kind: &'static str, expected: &'static str) -> ResponseError {
    let (column, file) = (table.names[j].clone(), table.data.source.locate(&table.names[j], 0).file);
    ResponseError::Cells { column, file, got: table.cells[j].name(), kind, expected }
}

fn labels(table: &Columns) -> Result<(Response, Vec<String>)> {
    one(table, ResponseKind::Label)?;
    let texts: Vec<Option<String>> = table.texts()?.into_iter().map(Some).collect();
    let labels = Labels::from_texts(&table.names[0], &texts);
    let codes = labels.codes.iter().flatten().map(|&c| c as usize).collect();
    let response = Response::label(codes, labels.classes()).map_err(|source| located(table, source, &[0]))?;
    Ok((response, labels.names))
}

/// Numbers keep their values as levels; texts are levels in text order.
fn ordinal(table: &Columns) -> Result<(Response, Vec<String>)> {
    one(table, ResponseKind::Ordinal)?;
    let texts: Vec<Option<String>> = table.texts()?.into_iter().map(Some).collect();
    let labels = Labels::from_texts(&table.names[0], &texts);
    let numbers: Option<Vec<f64>> = labels.names.iter().map(|n| n.parse().ok()).collect();
    let level = |code: u32| numbers.as_ref().map_or(f64::from(code), |n| n[code as usize]);
    let levels = labels.codes.iter().flatten().map(|&c| level(c)).collect();
    let response = Response::ordinal(levels).map_err(|source| located(table, source, &[0]))?;
    Ok((response, labels.names))
}

fn distribution(table: &Columns, options: &ResponseOptions) -> Result<Response> {
    let kind = ResponseKind::Distribution.name();
    let ragged = matches!(table.cells.as_slice(), [Cells::Lists(_)]);
    let form = match options.form {
        DistributionForm::Auto if !options.grid.is_empty() => DistributionForm::Density,
        DistributionForm::Auto if ragged && !rises(table) => DistributionForm::Samples,
        DistributionForm::Auto => DistributionForm::Quantiles,
        form => form,
    };
    let levels = midpoint_levels(options.levels.max(2));
    match (form, table.cells.as_slice()) {
        (DistributionForm::Samples, [Cells::Lists(rows)]) => {
            let each = |(i, row): (usize, &Vec<f64>)| sample_quantiles(row, &levels).map_err(|e| at(table, i, None, e));
            let quantiles = rows.iter().enumerate().map(each).collect::<Result<Vec<_>>>()?.concat();
            Response::distribution(quantiles, levels).map_err(|source| located(table, source, &[]))
        }
        (DistributionForm::Samples, _) => Err(cells(table, 0, kind, "one list of observations a row").into()),
        (DistributionForm::Density, _) => {
            let (values, width) = table.matrix()?;
            let points = grid(&options.grid)?;
            if points.len() != width {
                let expected = format!("{}, one for each point of the grid `{}`", points.len(), options.grid);
                return Err(ResponseError::Width { kind, got: width, expected }.into());
            }
            let each = |(i, row): (usize, &[f64])| {
                density_quantiles(&points, row, &levels).map_err(|e| {
                    let column = if let StatsError::Element { index, .. } = &e { Some(*index) } else { None };
                    at(table, i, column, e)
                })
            };
            let quantiles = values.chunks_exact(width).enumerate().map(each).collect::<Result<Vec<_>>>()?.concat();
            Response::distribution(quantiles, levels).map_err(|source| located(table, source, &[]))
        }
        _ => {
            let (values, width) = table.matrix()?;
            let place: Vec<usize> = (0..width).collect();
            Response::distribution(values, midpoint_levels(width)).map_err(|source| located(table, source, &place))
        }
    }
}

/// Lists of one length of at least ten values, none of which falls: quantiles, not samples.
fn rises(table: &Columns) -> bool {
    let [Cells::Lists(rows)] = table.cells.as_slice() else { return false };
    let width = rows.first().map_or(0, Vec::len);
    width >= 10 && rows.iter().all(|r| r.len() == width && r.windows(2).all(|w| w[0] <= w[1]))
}

fn at(table: &Columns, row: usize, column: Option<usize>, source: StatsError) -> Error {
    let name = column.map(|j| table.name_of(j));
    let known = name.as_deref().filter(|n| table.names.iter().any(|k| k == n)).unwrap_or(&table.names[0]);
    let place = table.data.source.locate(known, row as u64);
    ResponseError::Object { file: place.file, row: place.row, column: name, source: Box::new(source) }.into()
}

/// A refusal of `stats` with file, row and column; `place` gives the column of each cell of an object.
fn located(table: &Columns, source: StatsError, place: &[usize]) -> Error {
    match source {
        StatsError::Cell { row, column, .. } => at(table, row, place.get(column).copied(), source),
        StatsError::Row { row, .. } => at(table, row, None, source),
        StatsError::Asymmetric { row, column, .. } => at(table, row, Some(column), source),
        source => ResponseError::Whole { data: table.data.name.clone(), source: Box::new(source) }.into(),
    }
}
