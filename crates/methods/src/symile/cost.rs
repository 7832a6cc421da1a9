//! What a fit will cost, told before it starts.

use suffit_core::method::Cost;
use suffit_core::{Ctx, Dataset, Result, Role};

use super::config::{EncoderKind, Objective, Sampling, SymileConfig};

/// Floating-point operations a second and thread that training of small batches reaches.
const RATE: f64 = 1.2e10;
/// Seconds that every step costs beside arithmetic, per view: graph, optimiser, copies.
const STEP: f64 = 4e-4;

/// An estimate from sizes alone: rows and widths are known from the schema.
///
/// # Errors
/// A view that is not bound.
pub fn estimate(config: &SymileConfig, data: &Dataset, ctx: &Ctx) -> Result<Cost> {
    let rows = data.source.rows().unwrap_or(10_000) as f64;
    let names: Vec<String> = data.roles.views().iter().map(ToString::to_string).collect();
    let widths: Vec<f64> = names.iter().map(|name| width(data, name)).collect();
    let views = widths.len().max(1) as f64;
    let train = (rows * (1.0 - config.split.val_fraction - config.split.test_fraction)).max(1.0);
    let batch = (config.train.batch_size as f64).min(train);
    let accumulate = config.train.accumulate.max(1) as f64;
    let per_epoch = (train / (batch * accumulate)).floor().max(1.0);
    let steps = per_epoch * config.train.epochs as f64 * config.restarts as f64;
    let dim = config.dim as f64;
    let encoder = |width: &f64| match config.encoder.kind {
        EncoderKind::Linear => width * dim,
        _ => (width + dim) * config.encoder.hidden as f64,
    };
    let parameters: f64 = widths.iter().map(encoder).sum();
    let loss = match (config.objective, config.sampling) {
        (Objective::Clip, _) => 6.0 * batch * batch * dim * views * (views - 1.0) / 2.0,
        (Objective::Symile, Sampling::N) => 6.0 * views * batch * batch * dim,
        (Objective::Symile, Sampling::Grid) => 8.0 * batch.powf(views) * dim,
        (Objective::Symile, Sampling::Pair(k)) => 6.0 * views * batch * k as f64 * dim,
    };
    let threads = ctx.threads.max(1) as f64;
    let flops = accumulate * (6.0 * batch * parameters + loss) + 30.0 * parameters;
    let measured = (rows * config.split.test_fraction.max(0.05)).min(2_000.0);
    let subsets = if views <= 6.0 { views * (2f64.powf(views - 1.0) - 1.0) } else { views * views };
    let bank = if views > 2.0 { config.bank_size as f64 } else { 1.0 };
    let search = subsets * measured * measured * bank * (2.0 * dim + 8.0);
    let seconds =
        steps * (flops / (RATE * threads) + STEP * views * accumulate) + search / (RATE * threads) + rows * 1e-5;
    let values: f64 = rows * widths.iter().sum::<f64>();
    let model = 4.0 * (parameters + views * bank * dim * 2.0);
    Ok(Cost {
        seconds,
        memory_bytes: (60e6
            + 12.0 * values
            + 4.0 * rows * views * dim
            + 12.0 * 4.0 * parameters
            + 8.0 * measured * measured) as u64,
        disk_bytes: (model * (4.0 + 3.0 * config.train.keep_checkpoints as f64) + 2e6) as u64,
        steps: steps as u64,
    })
}

/// Columns of a view, arrays counted by their length.
fn width(data: &Dataset, view: &str) -> f64 {
    let schema = data.source.schema();
    let one = |column: &String| match schema.field_with_name(column).map(|f| f.data_type().clone()) {
        Ok(arrow_schema::DataType::FixedSizeList(_, n)) => f64::from(n),
        _ => 1.0,
    };
    data.roles.get(&Role::View(view.to_owned())).iter().map(one).sum()
}
