//! Time of the fused losses, forward and backward, f32.
//!
//! `cargo bench -p suffit-nn --bench symile_loss [-- --threads N] [--seconds S] [NAME…]`
//!
//! Prints per shape the smallest and the median wall time, the process's CPU time divided by the
//! threads (the honest figure on a busy machine), GFLOP/s by the arithmetic that the algorithm needs
//! and its share of the matrix-product peak measured in the same run.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::time::Instant;

use burn::tensor::{Device, Distribution, Tensor};
use suffit_nn::fused::{Contrast, FusedError, Permutations, Views};

/// One line of the table.
struct Shape {
    name: &'static str,
    grid: bool,
    rows: usize,
    dim: usize,
}

const SHAPES: [Shape; 7] = [
    Shape { name: "n-1024-128", grid: false, rows: 1024, dim: 128 },
    Shape { name: "n-1024-8192", grid: false, rows: 1024, dim: 8192 },
    Shape { name: "n-1000-16", grid: false, rows: 1000, dim: 16 },
    Shape { name: "n-4096-128", grid: false, rows: 4096, dim: 128 },
    Shape { name: "grid-128-64", grid: true, rows: 128, dim: 64 },
    Shape { name: "grid-256-128", grid: true, rows: 256, dim: 128 },
    Shape { name: "grid-1024-128", grid: true, rows: 1024, dim: 128 },
];

impl Shape {
    /// FLOPs of three views, forward and backward.
    fn flops(&self) -> f64 {
        let (b, d) = (self.rows as f64, self.dim as f64);
        if self.grid { 8.0 * b * b * b * d } else { 18.0 * b * b * d }
    }
}

/// A small generator (splitmix64): the numbers only have to be spread out.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Unit rows, `[rows, dim]`.
    fn rows(&mut self, rows: usize, dim: usize) -> Vec<f32> {
        let mut x: Vec<f32> = (0..rows * dim).map(|_| (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0).collect();
        for row in x.chunks_mut(dim) {
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
            row.iter_mut().for_each(|v| *v /= norm);
        }
        x
    }

    fn shuffle(&mut self, n: usize) -> Vec<usize> {
        let mut perm: Vec<usize> = (0..n).collect();
        for j in (1..n).rev() {
            perm.swap(j, (self.next() % (j as u64 + 1)) as usize);
        }
        perm
    }
}

/// CPU seconds of this process so far, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// Smallest and median wall time, and CPU time per thread, of one call, in milliseconds.
fn time(threads: usize, seconds: f64, mut call: impl FnMut()) -> (f64, f64, Option<f64>) {
    call();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut times = Vec::new();
    while times.len() < 3 || (start.elapsed().as_secs_f64() < seconds && times.len() < 1000) {
        let one = Instant::now();
        call();
        times.push(one.elapsed().as_secs_f64() * 1e3);
    }
    let cpu = cpu_seconds().zip(cpu).map(|(now, then)| (now - then) * 1e3 / (times.len() * threads) as f64);
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2], cpu)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut threads, mut seconds, mut wanted) = (2, 2.0, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--threads" => threads = args.next().ok_or("--threads needs a number")?.parse()?,
            "--seconds" => seconds = args.next().ok_or("--seconds needs a number")?.parse()?,
            "--bench" => {}
            _ => wanted.push(arg),
        }
    }
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let device = Device::flex();
    let square = || Tensor::<2>::random([1024, 1024], Distribution::Uniform(-1.0, 1.0), &device);
    let (a, b) = (square(), square());
    let (fastest, _, cpu) = time(threads, seconds, || drop(a.clone().matmul(b.clone())));
    let peak = 2.0 * 1024f64.powi(3) / fastest / 1e6;
    let busy = cpu.map_or(0.0, |c| 2.0 * 1024f64.powi(3) / c / 1e6);
    println!("{threads} threads; matrix product 1024^3: {peak:.0} GFLOP/s best, {busy:.0} by CPU time");
    println!("{:<14} {:>9} {:>9} {:>9} {:>9} {:>6}", "shape", "min ms", "median", "cpu ms", "GFLOP/s", "peak");
    for shape in SHAPES.iter().filter(|s| wanted.is_empty() || wanted.iter().any(|w| w == s.name)) {
        let mut numbers = Numbers(7);
        let x: Vec<_> = (0..3).map(|_| numbers.rows(shape.rows, shape.dim)).collect();
        let views = Views::new(x.iter().map(|v| &v[..]).collect(), shape.rows, shape.dim)?;
        let perms = (0..3).map(|_| (0..2).map(|_| numbers.shuffle(shape.rows)).collect()).collect();
        let perms = Permutations::new(perms, shape.rows)?;
        let contrast = if shape.grid { Contrast::Grid } else { Contrast::Shuffled(&perms) };
        let mut failed: Option<FusedError> = None;
        let (min, median, cpu) = time(threads, seconds, || {
            failed = contrast.with_gradients(&views, (shape.dim as f64).ln(), None).err();
        });
        failed.map_or(Ok(()), Err)?;
        let rate = shape.flops() / min / 1e6;
        println!(
            "{:<14} {min:>9.2} {median:>9.2} {:>9.2} {rate:>9.0} {:>5.0}%",
            shape.name,
            cpu.unwrap_or(f64::NAN),
            100.0 * rate / peak
        );
    }
    Ok(())
}
