//! Six kinds of response (fccov.md R4): 500 rows to fit, 1,000 to judge, p = 10.
//!
//! Score: distance correlation of the representation with the true predictors on fresh rows. Networks
//! have hidden widths 64–64, batches of 100, at most 200 epochs; a fifth of the 500 rows chooses the
//! step by held-out `FCCov_U`. Baselines see all 500 rows.

use serde_json::json;
use suffit_core::method::{ReproduceRequest, TableCard};
use suffit_core::{Ctx, Result};
use suffit_data::ViewMatrix;
use suffit_data::generate::objects::{Design, ObjectSample};
use suffit_data::split::{Part, Split};
use suffit_report::Section;
use suffit_stats::dependence::distance_covariance;
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{Metric, Response, distances};

use super::TableResult;
use crate::bench::{Bench, Job, Measured};
use crate::fccov::config::{FccovConfig, Objective, Solver};
use crate::fccov::error::FccovError;
use crate::fccov::fit::learn;
use crate::fccov::input::Paired;
use crate::response::{Bound, ResponseKind};
use crate::shown::{SPECIFICATION, by_seed, context, mean, table};

/// What it is.
pub const CARD: TableCard = TableCard {
    name: "objects",
    title: "Object responses: network and exact solvers, FCCov beside martingale difference divergence",
    needs: None,
    seconds: (60.0, 900.0),
};

/// A column: name, solver, kernel.
const COLUMNS: [(&str, Solver, Objective); 5] = [
    ("FCCov-net", Solver::Net, Objective::Fccov),
    ("MDD-net", Solver::Net, Objective::Mdd),
    ("kernel (Gauss on y)", Solver::Kernel, Objective::Gauss),
    ("kernel (FCCov)", Solver::Kernel, Objective::Fccov),
    ("linear FCCov", Solver::Linear, Objective::Fccov),
];

/// Mean and sd of the specification's FCCov-net, and the mean of its MDD-net, by design.
const EXPECTED: [(f64, f64, f64); 6] = [
    (0.908, 0.009, 0.956),
    (0.806, 0.034, 0.498),
    (0.812, 0.051, 0.897),
    (0.934, 0.008, 0.961),
    (0.936, 0.002, 0.951),
    (0.943, 0.008, 0.951),
];

/// Rows that fit.
const FITTED: usize = 500;

/// Rows that judge.
const JUDGED: usize = 1_000;

/// A sample as rows of a data set; `chooses` rows of the first 500 choose the step.
pub(in crate::fccov) fn paired(sample: &ObjectSample, chooses: usize) -> Result<Paired> {
    let n = sample.x.len() / sample.columns;
    let statistic = FccovError::of("a generated response");
    let (response, metric, kind) = if sample.width == 3 && sample.dims == 2 {
        let sphere = Response::sphere(sample.y.clone(), 3).map_err(statistic)?;
        (sphere, Metric::GreatCircle, ResponseKind::Sphere)
    } else {
        let real = Response::real(sample.y.clone(), sample.width).map_err(statistic)?;
        (real, Metric::Euclidean, ResponseKind::Real)
    };
    let part = |i: usize| match i {
        i if i < FITTED - chooses => Part::Train,
        i if i < FITTED => Part::Val,
        _ => Part::Test,
    };
    let ids: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    let view = ViewMatrix {
        name: "x".to_owned(),
        rows: n,
        cols: sample.columns,
        data: sample.x.iter().map(|v| *v as f32).collect(),
        present: vec![true; n],
        names: (1..=sample.columns).map(|j| format!("x{j}")).collect(),
    };
    let (columns, classes, why) = (Vec::new(), Vec::new(), "generated".to_owned());
    Ok(Paired {
        data: "a generated sample".to_owned(),
        view,
        bound: Bound { response, metric, kind, columns, classes, why },
        split: Split::new((0..n).map(part).collect(), "by order", &ids),
    })
}

/// Distance correlation of two representations of the same rows.
pub(in crate::fccov) fn dcor(a: &Matrix, b: &Matrix) -> Result<f64> {
    let statistic = FccovError::of("a distance correlation");
    let side = |m: &Matrix| {
        distances(&Response::real(m.values.clone(), m.cols).map_err(statistic)?, Metric::Euclidean).map_err(statistic)
    };
    Ok(distance_covariance(&side(a)?, &side(b)?).map_err(statistic)?.correlation().unwrap_or(0.0))
}

fn measure(design: Design, epochs: u64, ctx: &Ctx) -> Result<Measured> {
    let sample = design.draw(FITTED + JUDGED, 10, ctx.seed);
    let truth = Matrix { rows: JUDGED, cols: sample.dims, values: sample.truth[FITTED * sample.dims..].to_vec() };
    let mut out = Measured::default();
    for (name, solver, objective) in COLUMNS {
        // Solvers without a choice of step keep six rows aside, because a part cannot be empty.
        let rows = paired(&sample, if solver == Solver::Net { FITTED / 5 } else { 6 })?;
        let mut config = FccovConfig { solver, objective, dims: sample.dims, restarts: 1, ..FccovConfig::default() };
        config.hidden = vec![64, 64];
        // Every epoch is seen; the best one on the rows that choose is kept.
        (config.train.epochs, config.train.patience) = (epochs, 0);
        let learnt = learn(&config, &rows, None, ctx)?;
        let z = learnt.artifact.represent(&rows.view.select(&rows.rows(Part::Test)).data, ctx)?;
        out.put(name, dcor(&z, &truth)?);
    }
    Ok(out)
}

/// Fits every column to every design.
///
/// # Errors
/// Interruption, I/O.
pub fn run(bench: &Bench, _: &ReproduceRequest) -> Result<TableResult> {
    let (epochs, seeds) = (bench.size(40, 200), bench.size(bench.seeds.min(2), bench.seeds.max(5)));
    let jobs: Vec<Job> = Design::ALL
        .into_iter()
        .map(|design| Job {
            row: design.name().to_owned(),
            settings: json!({ "epochs": epochs, "hidden": [64, 64], "fitted": FITTED, "judged": JUDGED, "version": 1 }),
            work: Box::new(move |ctx| measure(design, epochs, ctx)),
        })
        .collect();
    let measured = bench.run(CARD.name, seeds, &jobs)?;
    let mut cells = Vec::new();
    for (which, results) in measured.iter().enumerate() {
        let row = Design::ALL[which].name();
        let mdd = mean(&by_seed(results, "MDD-net"));
        let (expected, sd, theirs) = EXPECTED[which];
        for (name, ..) in COLUMNS {
            let mut cell = context(CARD.name, row, name, by_seed(results, name), "");
            if name == "FCCov-net" && !bench.quick {
                let value = mean(&cell.values);
                cell.expected = Some((expected, SPECIFICATION.to_owned()));
                cell.tolerance = Some(2.0 * sd);
                // Reaching it is being no more than two sd below it; the heavy tail must be won.
                cell.pass = Some(value >= expected - 2.0 * sd && (row != "E2" || value > mdd));
                if row == "E2" {
                    cell.note = format!("must lie above MDD-net ({mdd:.3} here, {theirs:.3} in the specification)");
                }
            }
            cells.push(cell);
        }
    }
    let section =
        Section::new("Object responses").table(table("Distance correlation with the true predictors", &cells));
    let remarks = vec![
        "on clean responses the distances themselves (MDD) are a little better than their ranks; ranks win under \
         outliers of y and where the dissimilarity is not of negative type"
            .to_owned(),
        "the choice of step costs the networks a fifth of the 500 rows".to_owned(),
    ];
    Ok(TableResult { cells, section, remarks })
}
