//! Age-at-death distributions of 162 countries against nine predictors (fccov.md R9).
//!
//! Densities by age become quantile functions at the levels `(i + 1/2)/200`; distance: 2-Wasserstein
//! in years. Population density and income enter as `log(1 + x)`, all predictors standardised.

use std::path::Path;

use suffit_core::method::{Cell, ReproduceRequest, TableCard};
use suffit_core::{Dataset, Result};
use suffit_data::{OpenRequest, Selector, source::names};
use suffit_report::Section;
use suffit_stats::dependence::{Ranks, distance_covariance, fccov_permutation};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{Metric, Response, distances};
use suffit_stats::sdr::LinearSdr;

use super::TableResult;
use crate::bench::Bench;
use crate::fccov::error::FccovError;
use crate::response::{ResponseKind, ResponseOptions, bind};
use crate::shown::{SPECIFICATION, context, table};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "mortality",
    title: "Life tables of 162 countries: what nine predictors know about the distribution of ages at death",
    needs: Some("folder `un-mortality` with `predictors.csv` and `death_density.csv` (United Nations figures)"),
    seconds: (2.0, 2.0),
};

/// Columns of the predictors, and whether they enter as logarithms.
const PREDICTORS: [(&str, bool); 9] = [
    ("pop_density_per_km2", true),
    ("males_per_100_females", false),
    ("mean_age_childbearing_years", false),
    ("gdp_per_capita_usd", true),
    ("agriculture_gva_percent", false),
    ("consumer_price_index", false),
    ("unemployment_percent", false),
    ("health_expenditure_percent_gdp", false),
    ("arable_land_percent", false),
];

/// Distance correlation of each predictor, from the specification (three decimals).
const DCOR: [f64; 9] = [0.256, 0.210, 0.500, 0.813, 0.694, 0.414, 0.212, 0.431, 0.127];

/// Share of the bound of four predictors: position, value (three decimals).
const SHARE: [(usize, f64); 4] = [(3, 0.162), (4, 0.108), (2, 0.081), (8, 0.001)];

/// Eigenvalues of linear FCCov (four decimals).
const ETA: [f64; 4] = [0.0443, 0.0177, 0.0015, 0.0006];

fn read(folder: &Path) -> Result<(Matrix, Response)> {
    let open = |file: &str| -> Result<Dataset> {
        Ok(suffit_data::open(&OpenRequest::path(folder.join("un-mortality").join(file)))?.0)
    };
    let (predictors, deaths) = (open("predictors.csv")?, open("death_density.csv")?);
    let real = ResponseOptions { kind: ResponseKind::Real, ..ResponseOptions::default() };
    let wanted: Vec<String> = PREDICTORS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut x = match bind(&predictors, &wanted, &real)?.response {
        Response::Real { values, n, dim } => Matrix { rows: n, cols: dim, values },
        _ => Matrix::zeros(0, PREDICTORS.len()),
    };
    for row in x.values.chunks_exact_mut(PREDICTORS.len()) {
        row.iter_mut().zip(PREDICTORS).filter(|(_, (_, log))| *log).for_each(|(v, _)| *v = v.ln_1p());
    }
    let ages = Selector::new("age_*").resolve("y", &deaths.name, &names(&deaths.source.schema()))?;
    let grid = format!("0..{}", ages.len() - 1);
    let options = ResponseOptions { kind: ResponseKind::Distribution, grid, ..ResponseOptions::default() };
    Ok((x, bind(&deaths, &ages, &options)?.response))
}

fn near(row: &str, column: &str, value: f64, expected: f64, tolerance: f64) -> Cell {
    Cell {
        expected: Some((expected, SPECIFICATION.to_owned())),
        tolerance: Some(tolerance),
        pass: Some((value - expected).abs() <= tolerance),
        ..context(CARD.name, row, column, vec![value], "")
    }
}

/// Measures dependence and linear directions.
///
/// # Errors
/// [`FccovError::NoData`]; what the readers name.
pub fn run(bench: &Bench, request: &ReproduceRequest) -> Result<TableResult> {
    let missing = || FccovError::NoData { table: CARD.name, needs: CARD.needs.unwrap_or_default() };
    let (x, response) = read(request.data.as_deref().ok_or_else(missing)?)?;
    let statistic = FccovError::of("a measure of dependence");
    let space = response.space(Metric::Wasserstein2).map_err(statistic)?;
    let (d, ranks) = (space.matrix(), Ranks::of_space(&space).map_err(statistic)?);
    let dcor = |columns: &Matrix| -> Result<f64> {
        let real = Response::real(columns.values.clone(), columns.cols).map_err(statistic)?;
        let from = distances(&real, Metric::Standardised).map_err(statistic)?;
        Ok(distance_covariance(&from, &d).map_err(statistic)?.correlation().unwrap_or(0.0))
    };
    let one = |j: usize| Matrix { rows: x.rows, cols: 1, values: x.column(j) };
    // The specification prints so many decimals: half a unit of the last, and rounding.
    let mut cells = vec![near("all nine", "distance correlation", dcor(&x)?, 0.6916, 5.1e-5)];
    for (j, expected) in DCOR.iter().enumerate() {
        cells.push(near(PREDICTORS[j].0, "distance correlation", dcor(&one(j))?, *expected, 5.1e-4));
    }
    for (j, expected) in SHARE {
        let share = ranks.share_of_bound(&one(j)).map_err(statistic)?.unwrap_or(0.0);
        cells.push(near(PREDICTORS[j].0, "share of bound", share, expected, 5.1e-4));
    }
    let kernel = ranks.gram().centred();
    let linear = LinearSdr::fit(&x, &kernel, 0.0).map_err(statistic)?;
    for (k, expected) in ETA.iter().enumerate() {
        let row = format!("linear direction {}", k + 1);
        cells.push(near(&row, "eta", linear.eta()[k], *expected, 5.1e-5));
        let z = linear.predict(&x, k + 1).map_err(statistic)?;
        let last = Matrix { rows: z.rows, cols: 1, values: z.column(k) };
        let seed = bench.ctx.seed.child("mortality", &[k as u64]).value();
        let p = fccov_permutation(&kernel, &last, 199, seed).map_err(statistic)?.p_value;
        let note = "this direction alone, permuted; in-sample directions make it too small";
        cells.push(context(CARD.name, &row, "p", vec![p], note));
    }
    let section = Section::new("Life tables").table(table("What the predictors know about ages at death", &cells));
    let remarks =
        vec!["directions are fitted on the rows on which they are shown; the audit splits them properly".to_owned()];
    Ok(TableResult { cells, section, remarks })
}
