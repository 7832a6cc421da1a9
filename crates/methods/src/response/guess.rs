//! The kind of a response from its columns, where nobody says it.

use std::collections::BTreeSet;

use super::read::{Cells, Columns};
use super::{DistributionForm, ResponseKind, ResponseOptions};

/// Most whole numbers that are taken for names of classes.
const CLASSES: usize = 10;

/// Fewest columns that are taken for quantiles.
const QUANTILES: usize = 10;

/// The kind and why, in words. Matrices (`spd`, `graph`) are never guessed: their columns look like
/// those of a vector.
pub(super) fn kind(table: &Columns, options: &ResponseOptions) -> (ResponseKind, String) {
    let of = |kind: ResponseKind, why: &str| (kind, why.to_owned());
    if !options.grid.is_empty() || options.form != DistributionForm::Auto {
        return of(ResponseKind::Distribution, "a grid or a form of distributions is given");
    }
    match table.cells.as_slice() {
        [Cells::Texts(texts)] => text(texts),
        [Cells::Numbers(values)] => number(values),
        [Cells::Lists(rows)] => {
            let width = rows.first().map_or(0, Vec::len);
            if rows.iter().any(|r| r.len() != width) {
                return of(ResponseKind::Distribution, "lists of unequal length are samples");
            }
            shape(rows.iter().map(Vec::as_slice), width, table.rows)
        }
        _ => match table.matrix() {
            Ok((values, width)) => shape(values.chunks(width.max(1)), width, table.rows),
            Err(_) => of(ResponseKind::Real, "several columns"),
        },
    }
}

fn text(texts: &[Option<String>]) -> (ResponseKind, String) {
    if texts.iter().flatten().all(|t| t.trim().parse::<f64>().is_ok()) {
        let values: Vec<f64> = texts.iter().flatten().filter_map(|t| t.trim().parse().ok()).collect();
        return number(&values);
    }
    let distinct = texts.iter().flatten().collect::<BTreeSet<_>>().len();
    if 2 * distinct <= texts.len() {
        (ResponseKind::Label, format!("{distinct} texts that repeat"))
    } else {
        (ResponseKind::String, format!("{distinct} different texts in {} rows", texts.len()))
    }
}

fn number(values: &[f64]) -> (ResponseKind, String) {
    let distinct: BTreeSet<u64> = values.iter().map(|v| v.to_bits()).collect();
    let whole = values.iter().all(|v| v.fract() == 0.0);
    if whole && distinct.len() <= CLASSES && 2 * distinct.len() <= values.len() {
        return (ResponseKind::Label, format!("{} whole numbers that repeat", distinct.len()));
    }
    (ResponseKind::Real, "a column of numbers".to_owned())
}

/// The kind of several numbers a row.
fn shape<'a>(rows: impl Iterator<Item = &'a [f64]> + Clone, width: usize, n: usize) -> (ResponseKind, String) {
    let all = |holds: &dyn Fn(&[f64]) -> bool| rows.clone().all(holds);
    let kind =
        if width == n && rows.clone().enumerate().all(|(i, r)| r[i] == 0.0) && all(&|r| r.iter().all(|v| *v >= 0.0)) {
            (ResponseKind::Distance, "as many columns as rows, zeros on the diagonal")
        } else if width >= QUANTILES && all(&|r| r.windows(2).all(|w| w[0] <= w[1])) {
            (ResponseKind::Distribution, "every row rises: quantiles")
        } else if width >= 2 && all(&|r| r.iter().all(|v| *v >= 0.0) && (r.iter().sum::<f64>() - 1.0).abs() < 1e-6) {
            (ResponseKind::Composition, "every row is non-negative and sums to 1")
        } else if width >= 2 && all(&|r| (r.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-6) {
            (ResponseKind::Sphere, "every row has length 1")
        } else {
            (ResponseKind::Real, "several columns of numbers")
        };
    (kind.0, kind.1.to_owned())
}
