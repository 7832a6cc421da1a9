//! Distance covariance of two numbers in `O(n log n)`.

use super::DistanceCovariance;
use crate::{StatsError, check, mean_var};

/// Length below which halves are merged on one thread.
const GRAIN: usize = 16_384;

/// Sums over one run of rows, sorted by `y` inside.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    x: f64,
    y: f64,
    xy: f64,
}

/// Distance covariance and correlation of two numbers.
///
/// - formula: `S_ab/(n(n-3)) - 2 sum a_i. b_i./(n(n-2)(n-3)) + a.. b../(n(n-1)(n-2)(n-3))` and
///   its V-form `S_ab/n^2 - 2 sum a_i. b_i./n^3 + a.. b../n^4`, row sums by prefix sums, `S_ab` by merging
/// - shapes: `x, y: [n]`; cost `O(n log n)` time, `64 n` bytes
/// - determinism: independent of threads; source: Huo and Székely 2016; spec section 6
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::NotFinite`], [`StatsError::TooFew`] (4).
///
/// ```
/// let d = suffit_stats::dependence::univariate(&[0.0, 1.0, 2.0, 3.0], &[0.0, 2.0, 4.0, 6.0])?;
/// assert!((d.dcor_sqr_v.unwrap_or(0.0) - 1.0).abs() < 1e-12);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
pub fn univariate(x: &[f64], y: &[f64]) -> Result<DistanceCovariance, StatsError> {
    let (a, b) = (Side::new("x", x)?, Side::new("y", y)?);
    check::same_length("x", x.len(), "y", y.len())?;
    let n = x.len();
    let of = |s: f64, p: &Side, q: &Side| forms(s, p, q);
    let (v_xy, u_xy) = of(products(&a, &b.values), &a, &b);
    let (v_xx, u_xx) = of(a.squares(), &a, &a);
    let (v_yy, u_yy) = of(b.squares(), &b, &b);
    Ok(DistanceCovariance::of(n, [v_xy, v_xx, v_yy], [u_xy, u_xx, u_yy]))
}

/// One number prepared: centred values, their order, and sums of distances by row.
pub(super) struct Side {
    pub(super) values: Vec<f64>,
    order: Vec<u32>,
    rows: Vec<f64>,
    total: f64,
}

impl Side {
    pub(super) fn new(name: &'static str, raw: &[f64]) -> Result<Self, StatsError> {
        check::sample(name, raw, 4)?;
        // Shifts change no distance; small values lose fewer digits.
        let mean = mean_var::mean_unchecked(raw);
        let values: Vec<f64> = raw.iter().map(|v| v - mean).collect();
        let mut keyed: Vec<(f64, u32)> = values.iter().zip(0u32..).map(|(v, i)| (*v, i)).collect();
        keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (n, whole) = (raw.len() as f64, mean_var::sum(&values));
        let (mut rows, mut before) = (vec![0.0; raw.len()], 0.0);
        for (k, (v, i)) in keyed.iter().enumerate() {
            rows[*i as usize] = v * (2.0 * k as f64 - n) + whole - 2.0 * before;
            before += v;
        }
        let total = mean_var::sum(&rows);
        Ok(Self { values, order: keyed.into_iter().map(|k| k.1).collect(), rows, total })
    }

    /// `sum_ij |x_i - x_j|^2`.
    fn squares(&self) -> f64 {
        let squares: Vec<f64> = self.values.iter().map(|v| v * v).collect();
        let sum = mean_var::sum(&self.values);
        2.0 * (self.values.len() as f64 * mean_var::sum(&squares) - sum * sum)
    }

    /// The same number with its rows permuted: row i takes the place of `perm[i]`.
    pub(super) fn permuted_rows(&self, perm: &[u32]) -> (Vec<f64>, f64) {
        (perm.iter().map(|&i| self.rows[i as usize]).collect(), self.total)
    }

    pub(super) fn row_sums(&self) -> (&[f64], f64) {
        (&self.rows, self.total)
    }
}

/// V-form and U-form from the sum of products of distances.
fn forms(products: f64, a: &Side, b: &Side) -> (f64, f64) {
    let n = a.values.len() as f64;
    let cross: Vec<f64> = a.rows.iter().zip(&b.rows).map(|(x, y)| x * y).collect();
    let (cross, both) = (mean_var::sum(&cross), a.total * b.total);
    let v = products / (n * n) - 2.0 * cross / (n * n * n) + both / (n * n * n * n);
    let u = products / (n * (n - 3.0)) - 2.0 * cross / (n * (n - 2.0) * (n - 3.0))
        + both / (n * (n - 1.0) * (n - 2.0) * (n - 3.0));
    (v, u)
}

/// `sum_ij |x_i - x_j| |y_i - y_j|` with the order of x known.
pub(super) fn products(a: &Side, y: &[f64]) -> f64 {
    let mut items: Vec<[f64; 2]> = a.order.iter().map(|&i| [y[i as usize], a.values[i as usize]]).collect();
    let mut spare = items.clone();
    let (signed, plain, _) = merge(&mut items, &mut spare);
    2.0 * (2.0 * signed - plain)
}

/// Sorts `items` (y, x; in the order of x) by y and returns
/// `sum_{i<j, y_i <= y_j} (x_j - x_i)(y_j - y_i)`, the same without the condition, and the sums.
fn merge(items: &mut [[f64; 2]], spare: &mut [[f64; 2]]) -> (f64, f64, Sums) {
    if items.len() <= 16 {
        return brute(items);
    }
    let half = items.len() / 2;
    let (l, r) = {
        let (il, ir) = items.split_at_mut(half);
        let (sl, sr) = spare.split_at_mut(half);
        if il.len() >= GRAIN { rayon::join(|| merge(il, sl), || merge(ir, sr)) } else { (merge(il, sl), merge(ir, sr)) }
    };
    let (a, b) = (l.2, r.2);
    let plain = a.count * b.xy - a.x * b.y - a.y * b.x + b.count * a.xy;
    spare.copy_from_slice(items);
    let (left, right) = spare.split_at(half);
    let mut taken = Sums::default();
    let (mut i, mut j, mut signed) = (0, 0, 0.0);
    for slot in items.iter_mut() {
        if j == right.len() || (i < half && left[i][0] <= right[j][0]) {
            let [y, x] = left[i];
            taken = Sums { count: taken.count + 1.0, x: taken.x + x, y: taken.y + y, xy: taken.xy + x * y };
            *slot = left[i];
            i += 1;
        } else {
            let [y, x] = right[j];
            signed += taken.count * x * y - y * taken.x - x * taken.y + taken.xy;
            *slot = right[j];
            j += 1;
        }
    }
    let both = Sums { count: a.count + b.count, x: a.x + b.x, y: a.y + b.y, xy: a.xy + b.xy };
    (l.0 + r.0 + signed, l.1 + r.1 + plain, both)
}

/// A short run, pair by pair, then sorted by y.
fn brute(items: &mut [[f64; 2]]) -> (f64, f64, Sums) {
    let (mut signed, mut plain, mut sums) = (0.0, 0.0, Sums::default());
    for j in 0..items.len() {
        let [y, x] = items[j];
        for [v, u] in &items[..j] {
            let term = (x - u) * (y - v);
            plain += term;
            signed += if *v <= y { term } else { 0.0 };
        }
        sums = Sums { count: sums.count + 1.0, x: sums.x + x, y: sums.y + y, xy: sums.xy + x * y };
    }
    // Stable, so that equal y keep the order of x.
    for j in 1..items.len() {
        let item = items[j];
        let mut k = j;
        while k > 0 && items[k - 1][0] > item[0] {
            items[k] = items[k - 1];
            k -= 1;
        }
        items[k] = item;
    }
    (signed, plain, sums)
}
