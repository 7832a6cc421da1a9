//! Our side of `benches/reference/peer_dependence.py`: one JSON request a line, one answer a line.
//!
//! `{"step": "gram|univariate|permutation", "x": FILE, "y": FILE, "n": N, "d": D, "repeat": R}`; files hold
//! f64, little-endian, row after row. Answers hold wall times in milliseconds and the numbers computed.
#![allow(clippy::print_stdout)]

use std::io::BufRead;
use std::time::Instant;

use serde_json::{Value, json};
use suffit_stats::dependence::{RankGram, Ranks, gram_permutation, univariate, univariate_permutation};
use suffit_stats::linalg::Matrix;
use suffit_stats::response::{Metric, Response, distances};

type Failure = Box<dyn std::error::Error>;

fn read(request: &Value, key: &str, n: usize) -> Result<Matrix, Failure> {
    let bytes = std::fs::read(request[key].as_str().ok_or("a file name is missing")?)?;
    let values: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    Ok(Matrix::new(n, values.len() / n, values)?)
}

/// Wall and processor times of one call, in milliseconds.
#[derive(Default, serde::Serialize)]
struct Times {
    wall: Vec<f64>,
    /// All threads together: the honest figure on a busy machine.
    cpu: Vec<f64>,
}

/// Processor milliseconds of this process so far (threads summed), where the system tells.
fn cpu_ms() -> Option<f64> {
    let text = |task: std::path::PathBuf| std::fs::read_to_string(task.join("schedstat")).ok();
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds = tasks.flatten().filter_map(|t| text(t.path())?.split(' ').next()?.parse::<f64>().ok());
    Some(nanoseconds.sum::<f64>() / 1e6)
}

/// Times of `repeat` calls and the last result.
fn time<T>(repeat: u64, mut call: impl FnMut() -> Result<T, Failure>) -> Result<(Times, T), Failure> {
    let mut times = Times::default();
    loop {
        let (start, before) = (Instant::now(), cpu_ms());
        let result = call()?;
        times.wall.push(start.elapsed().as_secs_f64() * 1e3);
        times.cpu.push(cpu_ms().zip(before).map_or(f64::NAN, |(now, then)| now - then));
        if times.wall.len() as u64 >= repeat {
            return Ok((times, result));
        }
    }
}

fn answer(line: &str) -> Result<Value, Failure> {
    let request: Value = serde_json::from_str(line)?;
    let n = request["n"].as_u64().ok_or("n is missing")? as usize;
    let repeat = request["repeat"].as_u64().unwrap_or(1);
    let (x, y) = (read(&request, "x", n)?, read(&request, "y", n)?);
    let euclid = |m: &Matrix| distances(&Response::real(m.values.clone(), m.cols)?, Metric::Euclidean);
    Ok(match request["step"].as_str().unwrap_or("") {
        "gram" => {
            let d = euclid(&y)?;
            let (ranks_ms, ranks) = time(repeat, || Ok(Ranks::new(&d)?))?;
            let (ms, gram): (_, RankGram) = time(repeat, || Ok(ranks.gram()))?;
            let (step_ms, (value, gradient)) = time(repeat * 5, || Ok(gram.value_and_gradient(&x)?))?;
            let direct = ranks.fccov_v(&x)?;
            json!({"ranks_ms": ranks_ms, "ms": ms, "step_ms": step_ms, "value": value, "direct": direct,
                "gradient": gradient.values})
        }
        "univariate" => {
            let (ms, found) = time(repeat, || Ok(univariate(&x.values, &y.values)?))?;
            json!({"ms": ms, "dcov_sqr_u": found.dcov_sqr_u, "dcov_sqr_v": found.dcov_sqr_v})
        }
        "permutation" => {
            let draws = request["permutations"].as_u64().unwrap_or(999) as usize;
            let (a, b) = (euclid(&x)?, euclid(&y)?);
            let (ms, test) = time(repeat, || Ok(gram_permutation(&a, &b, draws, 1)?))?;
            let mut out = json!({"ms": ms, "statistic": test.statistic, "p": test.p_value});
            if x.cols == 1 && y.cols == 1 {
                let (ms, test) = time(repeat, || Ok(univariate_permutation(&x.values, &y.values, draws, 1)?))?;
                out["univariate_ms"] = json!(ms);
                out["univariate_statistic"] = json!(test.statistic);
            }
            out
        }
        other => return Err(format!("unknown step {other}").into()),
    })
}

fn main() -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global()?;
    for line in std::io::stdin().lock().lines() {
        println!("{}", answer(&line?)?);
    }
    Ok(())
}
