//! Limits from sorted replicates.

use crate::{Caution, normal, quantile};

/// Two limits and how they came about.
pub(super) struct Limits {
    pub low: f64,
    pub high: f64,
    pub bias: f64,
    pub acceleration: f64,
    pub caution: Option<Caution>,
}

/// Plain quantiles.
pub(super) fn percentile(sorted: &[f64], level: f64) -> Limits {
    let tail = 0.5 - 0.5 * level;
    let caution = if sorted.first() == sorted.last() {
        Some(Caution::Constant)
    } else {
        (tail * (sorted.len() as f64) < 1.0).then_some(Caution::Extreme)
    };
    Limits {
        low: quantile::sorted_unchecked(sorted, tail),
        high: quantile::sorted_unchecked(sorted, 1.0 - tail),
        bias: 0.0,
        acceleration: 0.0,
        caution,
    }
}

/// Efron's BCa limits; `z` is the normal quantile of the upper tail.
pub(super) fn bca(estimate: f64, sorted: &[f64], z: f64, jackknife: &[f64]) -> Limits {
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    // Replicates that differ from the estimate by rounding only are ties.
    let tie = 1e-12 * estimate.abs().max(last - first);
    if (first - estimate).abs() <= tie && (last - estimate).abs() <= tie {
        let caution = Some(Caution::Constant);
        return Limits { low: first, high: last, bias: 0.0, acceleration: 0.0, caution };
    }
    let count = sorted.len() as f64;
    let below = sorted.partition_point(|&v| v < estimate - tie) as f64;
    let upto = sorted.partition_point(|&v| v <= estimate + tie) as f64;
    let share = 0.5 * (below + upto) / count;
    let capped = share.clamp(0.5 / count, 1.0 - 0.5 / count);
    // A single replicate leaves one admissible share, 1/2.
    let bias = normal::quantile_unchecked(capped);
    let acceleration = acceleration(jackknife);
    let position = |z: f64| {
        let shifted = bias + z;
        let scale = 1.0 - acceleration * shifted;
        if scale > 0.0 {
            normal::cdf(bias + shifted / scale)
        } else if shifted > 0.0 {
            1.0
        } else {
            0.0
        }
    };
    let (p, q) = (position(-z), position(z));
    let outside = |s: f64| s * count < 1.0 || (1.0 - s) * count < 1.0;
    let caution = if share != capped {
        Some(Caution::OneSided)
    } else if outside(p) || outside(q) {
        Some(Caution::Extreme)
    } else {
        None
    };
    Limits {
        low: quantile::sorted_unchecked(sorted, p),
        high: quantile::sorted_unchecked(sorted, q),
        bias,
        acceleration,
        caution,
    }
}

/// `sum d^3 / (6 (sum d^2)^(3/2))` with `d` = mean minus value; 0 where nothing varies.
pub(super) fn acceleration(jackknife: &[f64]) -> f64 {
    let mean = jackknife.iter().sum::<f64>() / jackknife.len().max(1) as f64;
    let top = jackknife.iter().map(|v| (mean - v).abs()).fold(0.0, f64::max);
    if top <= 1e-14 * mean.abs() || top == 0.0 {
        return 0.0;
    }
    // Dividing by the largest deviation keeps the cubes in range.
    let (squares, cubes) = jackknife.iter().fold((0.0, 0.0), |(s, c), v| {
        let d = (mean - v) / top;
        (s + d * d, c + d * d * d)
    });
    cubes / (6.0 * squares * squares.sqrt())
}
