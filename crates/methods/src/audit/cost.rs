//! What an audit will take, told before it starts.
//!
//! Per representation the probes are fitted on at most `fit_rows` rows in every fold, the tests on at
//! most `test_rows`; so time grows with n only through reading and prediction.

use suffit_core::Ctx;
use suffit_core::method::Cost;

use super::config::AuditConfig;

/// Operations a second of the probes' inner loops on one core of an ordinary machine (a rough
/// figure for a statement in advance; nothing depends on it).
const SPEED: f64 = 4e8;

/// Seconds and bytes for `n` rows, `p` columns of x, and the columns of every representation.
///
/// - formula: seconds `Σ_z [ (folds + 3) f (p + k) t + splits r (p + k) t + n (p + k) 50 ] / 4e8`,
///   with `f = min(n, fit_rows)`, `r = min(n, test_rows)`, `t = 1,500` operations a value (a guess:
///   not yet held against timings); bytes `16 n (p + Σk) + 4 · 8 f (p + k)` + 200 MB
pub fn cost(config: &AuditConfig, n: u64, p: usize, z: &[usize], _ctx: &Ctx) -> Cost {
    let rows = n as f64;
    let fit = rows.min(config.fit_rows as f64);
    let test = rows.min(config.test_rows as f64);
    let work: f64 = z
        .iter()
        .map(|&k| {
            let wide = (p + k) as f64;
            (config.folds as f64 + 3.0) * fit * wide * 1_500.0
                + config.splits as f64 * test * wide * 1_500.0
                + rows * wide * 50.0
        })
        .sum();
    let kept: usize = z.iter().sum();
    let widest = z.iter().copied().max().unwrap_or(0) + p;
    let held = 16.0 * rows * (p + kept) as f64;
    let memory = held + 32.0 * fit * widest as f64 + 2e8;
    Cost { seconds: 1.0 + work / SPEED, memory_bytes: memory as u64, disk_bytes: 200_000 + 24 * n, steps: 0 }
}
