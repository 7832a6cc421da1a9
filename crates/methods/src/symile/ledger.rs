//! The information ledger: how much the views share, how much of it is in pairs, and whether
//! pairwise training would have been enough (spec: `symile.md`, Theory 1 and Beyond 2).
//!
//! Everything is measured on held-out complete rows, in nats. With one true tuple among `B`
//! candidates, `ln B − loss` is a lower bound of the total correlation; the same bound for two
//! views, the other views averaged over the bank, bounds a pair's mutual information. The pairs of
//! a spanning tree add up to a lower bound of what a pairwise model can know; the rest is the
//! interaction remainder.

use serde::{Deserialize, Serialize};
use suffit_core::{Answer, Result, Seed};
use suffit_stats::Bootstrap;

use super::error::SymileError;
use super::reps::{Bank, BankKind, Reps};
use super::score::{bank_scores, mip_scores, product};

/// Independent shuffles over which the tuple bound is averaged.
const SHUFFLES: u64 = 8;
/// Resamples behind every interval.
const RESAMPLES: usize = 2_000;
/// Share of the total that counts as nothing.
const NEGLIGIBLE: f64 = 0.05;

/// A lower bound in nats with its interval and its ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The bound.
    pub nats: f64,
    /// Lower 95 % limit.
    pub low: f64,
    /// Upper 95 % limit.
    pub high: f64,
    /// The largest value that this bound can take: `ln B`.
    pub ceiling: f64,
    /// Within ln 2 of the ceiling: the truth lies above what `B` candidates can show.
    pub ceiling_reached: bool,
}

impl Bound {
    /// The bound in bits.
    pub fn bits(&self) -> f64 {
        self.nats / std::f64::consts::LN_2
    }
}

/// The bound of one pair of views.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairBound {
    /// First view.
    pub first: String,
    /// Second view.
    pub second: String,
    /// Its mutual information is at least this.
    pub bound: Bound,
    /// How the other views were left out (`bank`, `joint bank` or `product`), chosen on validation.
    pub through: String,
}

/// What the views share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Held-out rows used.
    pub rows: usize,
    /// Candidates per row, `B`.
    pub batch: usize,
    /// Total correlation of all views.
    pub total: Bound,
    /// Every pair.
    pub pairs: Vec<PairBound>,
    /// Positions in `pairs` of the spanning tree with the largest sum.
    pub tree: Vec<usize>,
    /// Sum over the tree.
    pub tree_nats: f64,
    /// Total minus tree.
    pub remainder: Bound,
    /// Would pairwise training be enough?
    pub pairwise: Answer,
    /// The same in a sentence.
    pub sentence: String,
}

/// What the ledger reads.
#[derive(Debug, Clone, Copy)]
pub struct LedgerInput<'a> {
    /// Held-out rows.
    pub held_out: &'a Reps,
    /// Validation rows, for choices.
    pub validation: &'a Reps,
    /// Training tuples.
    pub bank: &'a Bank,
    /// `s`.
    pub log_scale: f64,
    /// Candidates per row.
    pub batch: usize,
    /// Root of the shuffles and resamples.
    pub seed: Seed,
}

/// Draws up the ledger.
///
/// - cost: `O(M² B N d)` for pairs of two views, times the bank size for more than two
/// - determinism: a function of its input
///
/// # Errors
/// [`SymileError::TooFewRows`] below two complete held-out rows.
pub fn ledger(input: LedgerInput) -> Result<Ledger> {
    let held_out = complete(input.held_out, "the information ledger")?;
    let chosen_on = complete(input.validation, "the information ledger").unwrap_or_else(|_| held_out.clone());
    let batch = input.batch.clamp(2, held_out.rows());
    let total_rows = tuple_gains(&held_out, input.log_scale, batch, input.seed)?;
    let names = held_out.names();
    let mut pairs = Vec::new();
    let mut gains: Vec<Vec<f64>> = Vec::new();
    for a in 0..held_out.views() {
        for b in a + 1..held_out.views() {
            let way = choose_way(&chosen_on, input, (a, b))?;
            let rows = pair_gains(&held_out, input, (a, b), way, batch)?;
            let bound = bound(&rows, batch, input.seed)?;
            pairs.push((
                a,
                b,
                PairBound { first: names[a].clone(), second: names[b].clone(), bound, through: way.kind.word().into() },
            ));
            gains.push(rows);
        }
    }
    let tree =
        spanning_tree(held_out.views(), &pairs.iter().map(|(a, b, p)| (*a, *b, p.bound.nats)).collect::<Vec<_>>());
    let rest: Vec<f64> =
        (0..total_rows.len()).map(|i| total_rows[i] - tree.iter().map(|&p| gains[p][i]).sum::<f64>()).collect();
    let pairs: Vec<PairBound> = pairs.into_iter().map(|(_, _, p)| p).collect();
    let total = bound(&total_rows, batch, input.seed)?;
    let mut remainder = bound(&rest, batch, input.seed)?;
    remainder.ceiling_reached = total.ceiling_reached || tree.iter().any(|&p| pairs[p].bound.ceiling_reached);
    let pairwise = judge(&total, &remainder, held_out.views());
    let sentence = sentence(&total, &remainder, pairwise, held_out.views());
    let tree_nats = tree.iter().map(|&p| pairs[p].bound.nats).sum();
    Ok(Ledger { rows: total_rows.len(), batch, total, pairs, tree, tree_nats, remainder, pairwise, sentence })
}

/// `ln B − loss` of every row under O(N) sampling, averaged over anchors and shuffles.
///
/// Rows are cut into batches of `batch`; rows that fill no batch are left out.
///
/// # Errors
/// Fewer than two views.
pub fn tuple_gains(reps: &Reps, log_scale: f64, batch: usize, seed: Seed) -> Result<Vec<f64>> {
    let (views, dim) = (reps.views(), reps.dim());
    if views == 2 {
        return in_batches(reps, batch, |part| {
            Ok(infonce_gains(&mip_scores(part.view(0), part.view(1), dim, log_scale)?, part.rows()))
        });
    }
    in_batches(reps, batch, |part| {
        let rows = part.rows();
        let positives = part.product(&(0..views).collect::<Vec<_>>())?;
        let tau = log_scale.exp();
        let positive: Vec<f64> =
            positives.chunks(dim).map(|p| tau * p.iter().map(|&x| f64::from(x)).sum::<f64>()).collect();
        let mut loss = vec![0.0f64; rows];
        for shuffle in 0..SHUFFLES {
            let perms = super::sample::permutations(seed, "ledger", shuffle, views, rows)?;
            for anchor in 0..views {
                let others = (0..views).filter(|&m| m != anchor);
                let shuffled: Vec<Vec<f32>> = others
                    .enumerate()
                    .map(|(a, m)| {
                        perms.of(anchor, a).iter().flat_map(|&j| part.row(m, j as usize).iter().copied()).collect()
                    })
                    .collect();
                let q = product(&shuffled.iter().map(Vec::as_slice).collect::<Vec<_>>(), rows * dim)?;
                let mut scores = mip_scores(part.view(anchor), &q, dim, log_scale)?;
                for (i, row) in scores.chunks_mut(rows).enumerate() {
                    row[i] = positive[i] as f32;
                    loss[i] += log_sum_exp(row.iter().map(|&x| f64::from(x))) - positive[i];
                }
            }
        }
        let terms = (SHUFFLES * views as u64) as f64;
        Ok(loss.iter().map(|l| (rows as f64).ln() - l / terms).collect())
    })
}

/// How a pair is scored, chosen on validation.
#[derive(Debug, Clone, Copy)]
struct Way {
    kind: WayKind,
    /// Logarithm of the outer scale.
    scale: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayKind {
    Product,
    Bank(BankKind),
}

impl WayKind {
    fn word(self) -> &'static str {
        match self {
            WayKind::Product => "product",
            WayKind::Bank(BankKind::Independent) => "bank",
            WayKind::Bank(BankKind::Joint) => "joint bank",
        }
    }
}

/// Any score gives a valid bound, so the way and its scale with the lowest validation loss is taken.
fn choose_way(validation: &Reps, input: LedgerInput, pair: (usize, usize)) -> Result<Way> {
    let kinds: &[WayKind] = match validation.views() {
        2 => &[WayKind::Product],
        3 => &[WayKind::Bank(BankKind::Independent), WayKind::Product],
        _ => &[WayKind::Bank(BankKind::Independent), WayKind::Bank(BankKind::Joint), WayKind::Product],
    };
    let batch = input.batch.clamp(1, validation.rows());
    let mut best: Option<(f64, Way)> = None;
    for &kind in kinds {
        let unit = Way { kind, scale: 0.0 };
        let parts = score_parts(validation, input, pair, unit, batch)?;
        let gain_at = |scale: f64| -> f64 {
            let gains = parts.iter().flat_map(|(scores, rows)| infonce_gains(&scaled(scores, scale), *rows));
            let (sum, count) = gains.fold((0.0, 0usize), |(s, n), g| (s + g, n + 1));
            sum / count.max(1) as f64
        };
        let scale = super::temperature::minimise(|x| -gain_at(x), -4.0, 4.0);
        let gain = gain_at(scale);
        if best.as_ref().is_none_or(|(known, _)| gain > *known) {
            best = Some((gain, Way { kind, scale }));
        }
    }
    Ok(best.map_or(Way { kind: WayKind::Product, scale: 0.0 }, |(_, way)| way))
}

fn pair_gains(reps: &Reps, input: LedgerInput, pair: (usize, usize), way: Way, batch: usize) -> Result<Vec<f64>> {
    let parts = score_parts(reps, input, pair, way, batch)?;
    Ok(parts.iter().flat_map(|(scores, rows)| infonce_gains(&scaled(scores, way.scale), *rows)).collect())
}

fn scaled(scores: &[f32], log_scale: f64) -> Vec<f32> {
    let factor = log_scale.exp() as f32;
    scores.iter().map(|x| x * factor).collect()
}

/// Scores of all pairs of rows in each batch: `[B · B]` and `B`.
fn score_parts(
    reps: &Reps,
    input: LedgerInput,
    (a, b): (usize, usize),
    way: Way,
    batch: usize,
) -> Result<Vec<(Vec<f32>, usize)>> {
    let others: Vec<usize> = (0..reps.views()).filter(|&m| m != a && m != b).collect();
    let bank = match way.kind {
        WayKind::Bank(kind) if !others.is_empty() => {
            Some(input.bank.entries(&others, kind)?).filter(|bank| !bank.is_empty())
        }
        _ => None,
    };
    let mut parts = Vec::new();
    for start in (0..reps.rows()).step_by(batch.max(1)) {
        if start + batch > reps.rows() {
            break;
        }
        let part = reps.select(&(start..start + batch).collect::<Vec<_>>());
        let scores = match &bank {
            Some(bank) => bank_scores(part.view(a), bank, part.view(b), reps.dim(), input.log_scale)?,
            None => mip_scores(part.view(a), part.view(b), reps.dim(), input.log_scale)?,
        };
        parts.push((scores, batch));
    }
    Ok(parts)
}

/// `ln B − loss` per row for square scores, the loss averaged over rows and columns.
fn infonce_gains(scores: &[f32], rows: usize) -> Vec<f64> {
    let at = |i: usize, j: usize| f64::from(scores[i * rows + j]);
    (0..rows)
        .map(|i| {
            let across = log_sum_exp((0..rows).map(|j| at(i, j))) - at(i, i);
            let down = log_sum_exp((0..rows).map(|j| at(j, i))) - at(i, i);
            (rows as f64).ln() - (across + down) / 2.0
        })
        .collect()
}

fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = values.clone().fold(f64::NEG_INFINITY, f64::max);
    top + values.map(|x| (x - top).exp()).sum::<f64>().ln()
}

fn in_batches(reps: &Reps, batch: usize, work: impl Fn(&Reps) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let mut gains = Vec::with_capacity(reps.rows());
    for start in (0..reps.rows()).step_by(batch.max(1)) {
        if start + batch > reps.rows() {
            break;
        }
        gains.extend(work(&reps.select(&(start..start + batch).collect::<Vec<_>>()))?);
    }
    Ok(gains)
}

fn complete(reps: &Reps, what: &'static str) -> Result<Reps> {
    let rows = reps.complete();
    if rows.len() < 2 {
        return Err(SymileError::TooFewRows { what, need: 2, got: rows.len() }.into());
    }
    Ok(reps.select(&rows))
}

fn bound(gains: &[f64], batch: usize, seed: Seed) -> Result<Bound> {
    let bootstrap =
        Bootstrap { replicates: RESAMPLES, seed: seed.child("ledger bootstrap", &[]).value(), ..Bootstrap::default() };
    let interval = bootstrap
        .mean(gains)
        .map_err(|source| SymileError::Statistic { what: "interval of an information bound", source })?;
    let ceiling = (batch as f64).ln();
    // At the optimum the bound is ceiling − ln(1 + (B − 1) e^(−truth)), so a gap below ln 2 means
    // that the truth exceeds the ceiling (inferred).
    let ceiling_reached = ceiling - interval.estimate < std::f64::consts::LN_2;
    Ok(Bound { nats: interval.estimate, low: interval.low, high: interval.high, ceiling, ceiling_reached })
}

/// Kruskal's maximum spanning tree: positions of the chosen edges, in the order of choice.
fn spanning_tree(views: usize, edges: &[(usize, usize, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by(|&x, &y| edges[y].2.total_cmp(&edges[x].2).then(x.cmp(&y)));
    let mut part: Vec<usize> = (0..views).collect();
    let mut tree = Vec::new();
    for edge in order {
        let (a, b) = (part[edges[edge].0], part[edges[edge].1]);
        if a != b {
            part.iter_mut().filter(|p| **p == b).for_each(|p| *p = a);
            tree.push(edge);
        }
    }
    tree
}

fn judge(total: &Bound, remainder: &Bound, views: usize) -> Answer {
    let margin = NEGLIGIBLE * total.nats.max(0.0) + 0.01;
    if views == 2 {
        Answer::Enough
    } else if total.low <= 0.0 || remainder.ceiling_reached {
        Answer::Undecided
    } else if remainder.low > margin {
        Answer::NotEnough
    } else if remainder.high < margin {
        Answer::Enough
    } else {
        Answer::Undecided
    }
}

fn sentence(total: &Bound, remainder: &Bound, answer: Answer, views: usize) -> String {
    if views == 2 {
        return "Two views have no higher-order part: pairwise training is all there is.".into();
    }
    if total.low <= 0.0 {
        return "No dependence between the views was found on held-out rows, so pairwise training cannot be judged."
            .into();
    }
    let rest = format!("{:.2} of {:.2} nats [{:.2}, {:.2}]", remainder.nats, total.nats, remainder.low, remainder.high);
    match answer {
        Answer::NotEnough => format!(
            "Pairwise training would not be enough here: {rest} of what the views share are in no chain of pairs."
        ),
        Answer::Enough => format!(
            "Pairwise training would be enough here: only {rest} of what the views share are in no chain of pairs."
        ),
        Answer::Undecided if remainder.ceiling_reached => format!(
            "Ceiling reached: {:.0} candidates can show at most {:.2} nats, so whether pairwise training would be enough cannot be told from the bounds.",
            total.ceiling.exp(),
            total.ceiling
        ),
        Answer::Undecided => format!(
            "The rows do not tell whether pairwise training would be enough: {rest} of what the views share are in no chain of pairs."
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use suffit_core::seed::{below, normal};

    /// Representations that solve one-bit XOR exactly: r = (1, ±1)/√2-like codes whose product is
    /// the parity.
    fn parity(rows: usize, seed: u64) -> Reps {
        let mut stream = Seed::new(seed).stream("bits", &[]);
        let mut data = vec![Vec::new(); 3];
        for _ in 0..rows {
            let (a, b) = (below(2, &mut stream), below(2, &mut stream));
            for (m, bit) in [a, b, a ^ b].into_iter().enumerate() {
                data[m].push(if bit == 1 { -1.0f32 } else { 1.0 });
            }
        }
        let names = ["a", "b", "c"].map(String::from).to_vec();
        Reps::new(names, 1, rows, data, vec![vec![true; rows]; 3]).unwrap()
    }

    #[test]
    fn parity_is_all_interaction() {
        let (held_out, train) = (parity(800, 1), parity(800, 2));
        let bank = Bank::new(&train, 256, Seed::new(3));
        let input = LedgerInput {
            held_out: &held_out,
            validation: &train,
            bank: &bank,
            log_scale: 2.0,
            batch: 200,
            seed: Seed::new(4),
        };
        let ledger = ledger(input).unwrap();
        // truth: total correlation ln 2, every pair 0
        assert!(ledger.total.nats <= std::f64::consts::LN_2 + 0.02 && ledger.total.nats > 0.6, "{ledger:?}");
        assert!(ledger.pairs.iter().all(|p| p.bound.nats.abs() < 0.02), "{ledger:?}");
        assert_eq!(ledger.pairwise, Answer::NotEnough);
        assert!(ledger.sentence.starts_with("Pairwise training would not be enough"));
        assert!(!ledger.total.ceiling_reached);
    }

    #[test]
    fn a_small_batch_reports_its_ceiling() {
        let (held_out, train) = (parity(400, 1), parity(400, 2));
        let bank = Bank::new(&train, 64, Seed::new(3));
        let input = LedgerInput {
            held_out: &held_out,
            validation: &train,
            bank: &bank,
            log_scale: 2.0,
            batch: 2,
            seed: Seed::new(4),
        };
        let ledger = ledger(input).unwrap();
        assert!(ledger.total.ceiling_reached && ledger.pairwise == Answer::Undecided);
        assert!(ledger.sentence.contains("Ceiling reached"), "{}", ledger.sentence);
    }

    #[test]
    fn independent_views_share_nothing() {
        let mut stream = Seed::new(8).stream("n", &[]);
        let mut draw = || {
            let data = (0..3).map(|_| (0..400 * 4).map(|_| normal(&mut stream) as f32 * 0.5).collect()).collect();
            Reps::new(["a", "b", "c"].map(String::from).to_vec(), 4, 400, data, vec![vec![true; 400]; 3]).unwrap()
        };
        let (held_out, train) = (draw(), draw());
        let bank = Bank::new(&train, 64, Seed::new(3));
        let input = LedgerInput {
            held_out: &held_out,
            validation: &train,
            bank: &bank,
            log_scale: 0.0,
            batch: 100,
            seed: Seed::new(4),
        };
        let ledger = ledger(input).unwrap();
        let error = (ledger.total.high - ledger.total.low) / 3.92;
        assert!(ledger.total.nats <= 3.0 * error, "{:?}", ledger.total);
        assert_eq!(ledger.pairwise, Answer::Undecided);
    }

    #[test]
    fn the_spanning_tree_takes_the_heaviest_edges_without_a_cycle() {
        assert_eq!(spanning_tree(3, &[(0, 1, 1.0), (0, 2, 3.0), (1, 2, 2.0)]), [1, 2]);
    }
}
