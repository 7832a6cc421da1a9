//! Online code length: every block is coded by a probe that saw the blocks before it.
//!
//! Blocks end at 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.25, 12.5, 25, 50 and 100 % of the rows in random order;
//! the first block (and those with fewer than 16 rows before them) is coded by the baseline: `log2 C`
//! bits a row for classes, the loss of the constant otherwise. Source: `fccov.md`, section 5(b).

use super::{
    evidence::{CodeLength, LossKind},
    target::Target,
};
use crate::{
    StatsError, Stream,
    linalg::Matrix,
    probe::{self, Family, Task},
};

const ENDS: [f64; 11] = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.0625, 0.125, 0.25, 0.5, 1.0];

/// Code lengths from `z` and from `x`; `None` for losses that are no code (distances only).
pub(crate) fn code_length(
    target: &Target,
    x: &Matrix,
    z: &Matrix,
    family: Family,
    most: usize,
    seed: u64,
) -> Result<Option<CodeLength>, StatsError> {
    if target.kind == LossKind::Energy {
        return Ok(None);
    }
    let mut order: Vec<usize> = (0..x.rows).collect();
    Stream::new(seed, 0x3d1).shuffle(&mut order);
    order.truncate(most);
    let n = order.len();
    let baseline: Vec<f64> = match target.task {
        Task::Classes => vec![(target.values.cols as f64).log2(); n],
        Task::Squares => target.losses(&target.constant(&order, n), &order),
    };
    let mut total = [0.0; 2];
    let mut start = 0;
    for share in ENDS {
        let end = ((share * n as f64).round() as usize).min(n);
        if end <= start {
            continue;
        }
        let (seen, block) = (&order[..start], &order[start..end]);
        for (side, inputs) in [z, x].into_iter().enumerate() {
            total[side] += if start < 16 {
                baseline[start..end].iter().sum::<f64>()
            } else {
                let y = target.values.select(seen);
                let fitted = probe::fit(family, target.task, &inputs.select(seen), &y, seed)?;
                target.losses(&fitted.predict(&inputs.select(block))?, block).iter().sum::<f64>()
            };
        }
        start = end;
    }
    Ok(Some(CodeLength { rows: n, z: total[0], x: total[1], baseline: baseline.iter().sum() }))
}
