//! The suffit side of `benches/reference/peer_symile.py`: one JSON request a line on standard input,
//! one JSON answer a line on standard output. Times are wall milliseconds on two threads.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic)] // a benchmark stops at the first surprise

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::{Tensor, TensorData};
use serde_json::{Value, json};
use suffit_core::Ctx;
use suffit_methods::symile::config::{EncoderConfig, EncoderKind, InitScale, SymileConfig};
use suffit_methods::symile::fit::{Parts, fit_tuples};
use suffit_methods::symile::input::{Content, Tuples, View};
use suffit_nn::Place;
use suffit_nn::fused::{Contrast, Permutations};

fn main() {
    suffit_nn::device::set_threads(2).unwrap();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match request["op"].as_str().unwrap() {
            "n" | "grid" => step(&request),
            "train_xor" => train_xor(&request),
            "grid_memory" => grid_memory(&request),
            other => panic!("unknown op {other}"),
        };
        println!("{answer}");
    }
}

/// Loss, backward pass and gradients through the tensor surface that training uses.
fn step(request: &Value) -> Value {
    let (shape, x) = floats(path(request, "x").as_path());
    let (m, b, d) = (shape[0], shape[1], shape[2]);
    let (_, index) = longs(path(request, "perms").as_path());
    let grid = request["op"] == "grid";
    let perms = Permutations::new(nested(&index, m, b), b).unwrap();
    let contrast = if grid { Contrast::Grid } else { Contrast::Shuffled(&perms) };
    let device = Place::cpu().autodiff();
    let leaf = |k: usize| {
        let data = TensorData::new(x[k * b * d..(k + 1) * b * d].to_vec(), [b, d]);
        Tensor::<2>::from_data(data, &device).require_grad()
    };
    let views: Vec<Tensor<2>> = (0..m).map(leaf).collect();
    let scale = request["s"].as_f64().unwrap() as f32;
    let scale = Tensor::<1>::from_data(TensorData::new(vec![scale], [1]), &device).require_grad();

    let mut ms = Vec::new();
    let (mut loss, mut gradients) = (0.0, Vec::new());
    for _ in 0..request["repetitions"].as_u64().unwrap() {
        let begin = Instant::now();
        let out = contrast.loss(&views, &scale, None).unwrap();
        let grads = out.loss.backward();
        let each: Vec<Tensor<2>> = views.iter().map(|v| v.grad(&grads).unwrap()).collect();
        ms.push(1e3 * begin.elapsed().as_secs_f64());
        (loss, gradients) = (out.value.loss, each);
    }
    let flat: Vec<f32> = gradients.into_iter().flat_map(|g| g.into_data().try_to_vec::<f32>().unwrap()).collect();
    save(path(request, "gradients").as_path(), &flat, [m, b, d]);
    json!({"loss": loss, "ms": ms})
}

/// XOR training as the specification sets it: affine heads, d = 16, AdamW 0.1, s from −0.3.
fn train_xor(request: &Value) -> Value {
    let (shape, x) = floats(path(request, "x").as_path());
    let (m, n, p) = (shape[0], shape[1], shape[2]);
    let view = |k: usize| View {
        name: ["a", "b", "c"][k].into(),
        content: Content::Dense { width: p, data: x[k * n * p..(k + 1) * n * p].to_vec(), columns: Vec::new() },
        present: vec![true; n],
    };
    let tuples = Tuples {
        name: "xor".into(),
        rows: n,
        views: (0..m).map(view).collect(),
        ids: (0..n).map(|i| i.to_string()).collect(),
        labels: None,
        groups: None,
        parts: None,
    };
    let mut config = SymileConfig {
        dim: request["d"].as_u64().unwrap() as usize,
        encoder: EncoderConfig { kind: EncoderKind::Linear, ..EncoderConfig::default() },
        init_scale: InitScale::Number(-0.3),
        standardise: false,
        calibrate: false,
        ..SymileConfig::default()
    };
    config.train.epochs = request["epochs"].as_u64().unwrap();
    config.train.batch_size = request["batch"].as_u64().unwrap() as usize;
    config.train.learning_rate = 0.1;
    config.train.patience = 0;
    // Every row trains, as on the other side; one evaluation at the end gives the loss.
    config.train.eval_every = config.train.epochs * (n as u64).div_ceil(config.train.batch_size as u64);
    let all: Vec<usize> = (0..n).collect();
    let parts = Parts { how: "all rows train".into(), train: all, validation: Vec::new(), test: Vec::new() };
    let mut ctx = Ctx::silent(request["seed"].as_u64().unwrap());
    ctx.threads = 2;
    let begin = Instant::now();
    let fit = fit_tuples(&config, tuples, parts, None, None, &ctx).unwrap();
    let ms = 1e3 * begin.elapsed().as_secs_f64();
    json!({"loss": fit.trained.fitted.best_value, "ms": ms})
}

/// The grid loss at a size that the published code cannot hold, with the process's peak memory.
fn grid_memory(request: &Value) -> Value {
    let (b, d) = (request["batch"].as_u64().unwrap() as usize, request["d"].as_u64().unwrap() as usize);
    let mut stream = Ctx::silent(1).seed.stream("grid", &[]);
    let device = Place::cpu().autodiff();
    let leaf = |_| {
        let mut rows = Vec::with_capacity(b * d);
        for _ in 0..b {
            let row: Vec<f64> = (0..d).map(|_| suffit_core::seed::normal(&mut stream)).collect();
            let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
            rows.extend(row.iter().map(|v| (v / norm) as f32));
        }
        Tensor::<2>::from_data(TensorData::new(rows, [b, d]), &device).require_grad()
    };
    let views: Vec<Tensor<2>> = (0..3).map(leaf).collect();
    let scale = Tensor::<1>::from_data(TensorData::new(vec![(d as f32).ln()], [1]), &device).require_grad();
    let begin = Instant::now();
    let out = Contrast::Grid.loss(&views, &scale, None).unwrap();
    let grads = out.loss.backward();
    let sum: f32 = views[0].grad(&grads).unwrap().abs().sum().into_scalar();
    let ms = 1e3 * begin.elapsed().as_secs_f64();
    json!({"loss": out.value.loss, "gradient_sum": sum, "ms": ms, "peak_mb": peak_mb()})
}

/// Largest resident size of this process so far, from the kernel's accounting (0 where unknown).
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}

fn path(request: &Value, key: &str) -> PathBuf {
    PathBuf::from(request[key].as_str().unwrap())
}

/// `perms[m][a][j]` from rows in the order in which the package asks for them.
fn nested(index: &[i64], m: usize, b: usize) -> Vec<Vec<Vec<usize>>> {
    let row = |r: usize| index[r * b..(r + 1) * b].iter().map(|&v| v as usize).collect();
    (0..m).map(|a| (0..m - 1).map(|k| row(a * (m - 1) + k)).collect()).collect()
}

/// Shape and body of a `.npy` file (version 1, C order), as numpy's format description has it.
fn npy(file: &Path, dtype: &str) -> (Vec<usize>, Vec<u8>) {
    let bytes = std::fs::read(file).unwrap();
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = std::str::from_utf8(&bytes[10..10 + header]).unwrap();
    assert!(text.contains(dtype), "{} is not {dtype}: {text}", file.display());
    let inner = text.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let shape = inner.split(',').filter_map(|v| v.trim().parse().ok()).collect();
    (shape, bytes[10 + header..].to_vec())
}

fn floats(file: &Path) -> (Vec<usize>, Vec<f32>) {
    let (shape, body) = npy(file, "'<f4'");
    (shape, body.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect())
}

fn longs(file: &Path) -> (Vec<usize>, Vec<i64>) {
    let (shape, body) = npy(file, "'<i8'");
    (shape, body.chunks_exact(8).map(|c| i64::from_le_bytes(c.try_into().unwrap())).collect())
}

fn save(file: &Path, values: &[f32], [a, b, c]: [usize; 3]) {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({a}, {b}, {c}), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    values.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
    std::fs::write(file, bytes).unwrap();
}
