//! Gradient-boosted trees on binned columns, one tree for all outputs.
//!
//! Columns are cut at up to 31 quantiles. Every round fits one tree of depth 3 to the gradients of all
//! outputs: gain of a cut `sum_m G_m^2/(H_m + l)` on both sides minus the parent; leaf values
//! `-rate G_m/(H_m + l)`. The number of rounds is chosen on held-out rows, then those rows stay out.
//! Own code for now: one tree serves all outputs, sums run in the order of the rows, and a fit of a few
//! hundred rows has to be cheap. Kept crates have not been compared yet.
//! Source: Friedman 2001; Ke et al. 2017 (histograms).

use super::{Probe, Task, held_out, mean_loss, softmax};
use crate::{StatsError, Stream, linalg::Matrix};

const BINS: usize = 32;
const DEPTH: usize = 3;
const ROUNDS: usize = 300;
const RATE: f64 = 0.1;
const PENALTY: f64 = 1.0;
const PATIENCE: usize = 20;
/// Columns looked at in a round when there are more: a random subset keeps wide tables affordable.
const COLUMNS: usize = 64;

struct Node {
    column: usize,
    cut: f64,
    /// Index of the left child; the right one follows. 0 marks a leaf.
    left: usize,
    value: Vec<f64>,
}

pub(super) struct Trees {
    start: Vec<f64>,
    trees: Vec<Vec<Node>>,
}

pub(super) fn fit(task: Task, x: &Matrix, y: &Matrix, seed: u64) -> Result<Trees, StatsError> {
    let (rows, valid) = held_out(x.rows, seed);
    let grown = Grower::new(x, seed);
    let start = start(task, y, &rows);
    let mut score = Matrix::from_fn(x.rows, y.cols, |_, k| start[k]);
    let yv = y.select(&valid);
    let mut best = (mean_loss(task, &score.select(&valid), &yv), 0);
    let mut trees = Vec::new();
    for round in 0..ROUNDS {
        let (gradient, hessian) = derivatives(task, &score, y);
        let tree = grown.tree(&gradient, &hessian, &rows, round as u64);
        add(&tree, x, &mut score);
        trees.push(tree);
        let loss = mean_loss(task, &score.select(&valid), &yv);
        if loss < best.0 {
            best = (loss, round + 1);
        } else if round + 1 >= best.1 + PATIENCE {
            break;
        }
    }
    trees.truncate(best.1);
    Ok(Trees { start, trees })
}

fn start(task: Task, y: &Matrix, rows: &[usize]) -> Vec<f64> {
    let n = rows.len() as f64;
    let sum = |k: usize| rows.iter().map(|&i| y.at(i, k)).sum::<f64>();
    let log_share = |k: usize| ((sum(k) + 0.5) / (n + 0.5 * y.cols as f64)).ln();
    (0..y.cols).map(|k| if task == Task::Squares { sum(k) / n } else { log_share(k) }).collect()
}

fn derivatives(task: Task, score: &Matrix, y: &Matrix) -> (Matrix, Option<Matrix>) {
    let difference = |p: &Matrix| Matrix::from_fn(y.rows, y.cols, |i, k| p.at(i, k) - y.at(i, k));
    match task {
        Task::Squares => (difference(score), None),
        Task::Classes => {
            let p = softmax(score);
            let h = Matrix::from_fn(y.rows, y.cols, |i, k| (p.at(i, k) * (1.0 - p.at(i, k))).max(1e-6));
            (difference(&p), Some(h))
        }
    }
}

fn leaf_of<'a>(tree: &'a [Node], row: &[f64]) -> &'a Node {
    let mut at = 0;
    while tree[at].left != 0 {
        at = tree[at].left + usize::from(row[tree[at].column] > tree[at].cut);
    }
    &tree[at]
}

fn add(tree: &[Node], x: &Matrix, score: &mut Matrix) {
    for i in 0..x.rows {
        let leaf = leaf_of(tree, x.row(i));
        let cols = score.cols;
        score.values[i * cols..(i + 1) * cols].iter_mut().zip(&leaf.value).for_each(|(s, v)| *s += v);
    }
}

impl Probe for Trees {
    fn predict(&self, x: &Matrix) -> Result<Matrix, StatsError> {
        let mut out = Matrix::from_fn(x.rows, self.start.len(), |_, k| self.start[k]);
        self.trees.iter().for_each(|t| add(t, x, &mut out));
        Ok(out)
    }
}

/// Binned columns.
struct Grower {
    seed: u64,
    /// `[p][n]`.
    bins: Vec<Vec<u8>>,
    /// `[p]`, increasing.
    cuts: Vec<Vec<f64>>,
}

/// A cut found: its gain, column and bin.
struct Cut {
    gain: f64,
    column: usize,
    bin: usize,
}

impl Grower {
    fn new(x: &Matrix, seed: u64) -> Self {
        let (mut bins, mut cuts) = (Vec::with_capacity(x.cols), Vec::with_capacity(x.cols));
        for j in 0..x.cols {
            let column = x.column(j);
            let mut sorted = column.clone();
            sorted.sort_by(f64::total_cmp);
            let mut edges: Vec<f64> = (1..BINS)
                .map(|b| sorted[(b * x.rows / BINS).min(x.rows - 1)])
                .filter(|c| *c < sorted[x.rows - 1])
                .collect();
            edges.dedup();
            bins.push(column.iter().map(|v| edges.partition_point(|c| c < v) as u8).collect());
            cuts.push(edges);
        }
        Self { seed, bins, cuts }
    }

    fn tree(&self, g: &Matrix, h: &Option<Matrix>, rows: &[usize], round: u64) -> Vec<Node> {
        let mut columns: Vec<usize> = (0..self.bins.len()).filter(|&j| !self.cuts[j].is_empty()).collect();
        if columns.len() > COLUMNS {
            Stream::new(self.seed, 0x7400 + round).shuffle(&mut columns);
            columns.truncate(COLUMNS);
            columns.sort_unstable();
        }
        let mut nodes = vec![leaf(g, h, rows)];
        let mut open = vec![(0usize, rows.to_vec())];
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for (at, members) in open {
                let Some(cut) = self.best(g, h, &members, &columns) else { continue };
                let (left, right): (Vec<usize>, Vec<usize>) =
                    members.iter().partition(|&&i| usize::from(self.bins[cut.column][i]) <= cut.bin);
                nodes[at].left = nodes.len();
                nodes[at].column = cut.column;
                nodes[at].cut = self.cuts[cut.column][cut.bin];
                for side in [left, right] {
                    nodes.push(leaf(g, h, &side));
                    next.push((nodes.len() - 1, side));
                }
            }
            open = next;
        }
        nodes
    }

    fn best(&self, g: &Matrix, h: &Option<Matrix>, rows: &[usize], columns: &[usize]) -> Option<Cut> {
        let fewest = (rows.len() / 50).clamp(3, 20);
        if rows.len() < 2 * fewest {
            return None;
        }
        let m = g.cols;
        let mut best: Option<Cut> = None;
        let (mut sums, mut weights) = (vec![0.0; BINS * m], vec![0.0; BINS * m]);
        for &column in columns {
            sums.iter_mut().chain(&mut weights).for_each(|v| *v = 0.0);
            let mut count = [0usize; BINS];
            for &i in rows {
                let bin = usize::from(self.bins[column][i]);
                count[bin] += 1;
                sums[bin * m..(bin + 1) * m].iter_mut().zip(g.row(i)).for_each(|(s, v)| *s += v);
                if let Some(h) = h {
                    weights[bin * m..(bin + 1) * m].iter_mut().zip(h.row(i)).for_each(|(s, v)| *s += v);
                }
            }
            if h.is_none() {
                (0..BINS * m).for_each(|k| weights[k] = count[k / m] as f64);
            }
            let found = scan((&sums, &weights), &count, m, fewest, self.cuts[column].len());
            if let Some((gain, bin)) = found
                && best.as_ref().is_none_or(|b| gain > b.gain)
            {
                best = Some(Cut { gain, column, bin });
            }
        }
        best
    }
}

/// The cut of largest gain over the bins of one column.
fn scan(
    (sums, weights): (&[f64], &[f64]),
    count: &[usize],
    m: usize,
    fewest: usize,
    cuts: usize,
) -> Option<(f64, usize)> {
    let total = |v: &[f64], k: usize| (0..BINS).map(|b| v[b * m + k]).sum::<f64>();
    let (all_g, all_h): (Vec<f64>, Vec<f64>) = (0..m).map(|k| (total(sums, k), total(weights, k))).unzip();
    let rows: usize = count.iter().sum();
    let parent: f64 = all_g.iter().zip(&all_h).map(|(g, h)| g * g / (h + PENALTY)).sum();
    let (mut g, mut h, mut seen) = (vec![0.0; m], vec![0.0; m], 0);
    let mut best = None;
    for bin in 0..cuts {
        seen += count[bin];
        let mut gain = -parent;
        for k in 0..m {
            g[k] += sums[bin * m + k];
            h[k] += weights[bin * m + k];
            gain += g[k] * g[k] / (h[k] + PENALTY) + (all_g[k] - g[k]).powi(2) / (all_h[k] - h[k] + PENALTY);
        }
        let open = seen >= fewest && rows - seen >= fewest;
        if open && gain > 1e-12 && best.is_none_or(|(b, _)| gain > b) {
            best = Some((gain, bin));
        }
    }
    best
}

fn leaf(g: &Matrix, h: &Option<Matrix>, rows: &[usize]) -> Node {
    let value = (0..g.cols)
        .map(|k| {
            let sum: f64 = rows.iter().map(|&i| g.at(i, k)).sum();
            let weight = h.as_ref().map_or(rows.len() as f64, |h| rows.iter().map(|&i| h.at(i, k)).sum());
            -RATE * sum / (weight + PENALTY)
        })
        .collect();
    Node { column: 0, cut: 0.0, left: 0, value }
}
