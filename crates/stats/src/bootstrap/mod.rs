//! Bootstrap intervals: percentile and BCa, over rows, groups of rows, or pairs.
//!
//! Replicate `r` draws from [`crate::Stream`]`::new(seed, r)`; replicates are stored by number,
//! so nothing depends on the number of threads.
//! Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 13 and 14;
//! resampling of groups: Davison and Hinkley 1997, "Bootstrap Methods and their Application",
//! section 3.8.

mod limit;
mod unit;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Caution, Interval, IntervalKind, StatsError, check, mean_var, normal};
use unit::Units;

/// Which limits to read off the replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootstrapKind {
    /// Quantiles `(1 - level)/2` and `(1 + level)/2` of the replicates.
    Percentile,
    /// Bias-corrected and accelerated: second-order correct for skewed statistics.
    Bca,
}

/// Settings of a bootstrap; the methods run it.
///
/// ```
/// use suffit_stats::Bootstrap;
/// let i = Bootstrap::default().mean(&[1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(i.estimate, 2.5);
/// assert!(1.0 < i.low && i.low < 2.5 && 2.5 < i.high && i.high < 4.0);
/// # Ok::<(), suffit_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Number of resamples (2,000).
    pub replicates: usize,
    /// Nominal coverage (0.95).
    pub level: f64,
    /// Seed of all streams (0).
    pub seed: u64,
    /// Which limits (BCa).
    pub kind: BootstrapKind,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { replicates: 2_000, level: 0.95, seed: 0, kind: BootstrapKind::Bca }
    }
}

impl Bootstrap {
    /// Interval of any statistic of rows.
    ///
    /// `statistic` gets row numbers (with repeats in resamples) and returns a finite number.
    ///
    /// BCa, with `z0 = Phi^-1(share of replicates below the estimate, ties counted half)` and the
    /// acceleration `a = sum d^3 / (6 (sum d^2)^(3/2))`, `d` = mean minus leave-one-out value:
    /// the limits are the replicate quantiles (type 7) at `Phi(z0 + (z0 + z)/(1 - a (z0 + z)))`,
    /// `z = Phi^-1((1 -+ level)/2)`. Degenerate cases: no variation of the leave-one-out values
    /// gives `a = 0`; `z0` is capped at half a replicate; a denominator `<= 0` gives the outermost
    /// replicate. [`Interval::caution`] says which happened.
    ///
    /// - shapes: `rows` = N; the closure sees `[N]`
    /// - cost: `replicates + min(N, 2048)` evaluations; above 2,048 rows the acceleration comes
    ///   from leaving out every 2,048th row at once
    /// - determinism: same seed, same bytes, for any number of threads
    ///
    /// # Errors
    /// [`StatsError::TooFew`] below two rows, [`StatsError::Setting`],
    /// [`StatsError::Statistic`] when the closure returns NaN or an infinity.
    ///
    /// ```
    /// use suffit_stats::Bootstrap;
    /// let x = [1.0, 5.0, 2.0, 8.0, 3.0];
    /// let top = |rows: &[usize]| rows.iter().map(|&i| x[i]).fold(f64::MIN, f64::max);
    /// let i = Bootstrap::default().interval(x.len(), top)?;
    /// assert_eq!((i.estimate, i.high), (8.0, 8.0)); // a resample has no larger value
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn interval<F>(&self, rows: usize, statistic: F) -> Result<Interval, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        self.run(&Units::rows(rows)?, &statistic)
    }

    /// Interval of any statistic when rows of one group belong together (patients, speakers):
    /// whole groups are drawn, so dependence inside a group does not make the interval too short.
    ///
    /// - shapes: `groups: [N]`, any labels; the closure sees the rows of the drawn groups
    /// - cost: `replicates + min(groups, 2048)` evaluations; determinism as [`Self::interval`]
    ///
    /// # Errors
    /// As [`Self::interval`]; [`StatsError::TooFew`] below two groups.
    ///
    /// ```
    /// use suffit_stats::Bootstrap;
    /// let x = [1.0, 1.0, 3.0, 3.0];
    /// let mean = |r: &[usize]| r.iter().map(|&i| x[i]).sum::<f64>() / r.len() as f64;
    /// let i = Bootstrap::default().clusters(&[0, 0, 1, 1], mean)?;
    /// assert_eq!((i.low, i.estimate, i.high), (1.0, 2.0, 3.0));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn clusters<F>(&self, groups: &[usize], statistic: F) -> Result<Interval, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        self.run(&Units::groups(groups)?, &statistic)
    }

    /// Interval of the mean: [`Self::interval`] without row lists, same streams.
    ///
    /// - shapes: `values: [N]`; cost: `replicates * N` additions, `O(N)` for the acceleration
    /// - determinism as [`Self::interval`]
    ///
    /// # Errors
    /// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::Setting`].
    ///
    /// ```
    /// use suffit_stats::{Bootstrap, Caution};
    /// let i = Bootstrap::default().mean(&[1.0; 12])?;
    /// assert_eq!((i.low, i.high, i.caution), (1.0, 1.0, Some(Caution::Constant)));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn mean(&self, values: &[f64]) -> Result<Interval, StatsError> {
        check::sample("values", values, 2)?;
        self.check()?;
        let n = values.len();
        let replicates: Vec<f64> = (0..self.replicates)
            .into_par_iter()
            .map(|r| {
                let mut stream = crate::Stream::new(self.seed, r as u64);
                (0..n).map(|_| values[stream.below(n)]).sum::<f64>() / n as f64
            })
            .collect();
        let total = mean_var::sum(values);
        let jackknife = || values.iter().map(|x| (total - x) / (n - 1) as f64).collect();
        self.finish(total / n as f64, replicates, n, jackknife)
    }

    /// Interval of the mean over rows when whole groups are drawn; the estimate is
    /// `sum of all values / number of rows`, so large groups weigh more.
    ///
    /// - shapes: `values: [N]`, `groups: [N]`; cost: `replicates * groups` additions
    /// - determinism as [`Self::interval`]; same streams as [`Self::clusters`]
    ///
    /// # Errors
    /// [`StatsError::TooFew`], [`StatsError::NotFinite`], [`StatsError::LengthMismatch`],
    /// [`StatsError::Setting`].
    ///
    /// ```
    /// use suffit_stats::Bootstrap;
    /// let i = Bootstrap::default().cluster_mean(&[1.0, 1.0, 3.0, 3.0], &[7, 7, 9, 9])?;
    /// assert_eq!((i.low, i.estimate, i.high), (1.0, 2.0, 3.0));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn cluster_mean(&self, values: &[f64], groups: &[usize]) -> Result<Interval, StatsError> {
        check::sample("values", values, 1)?;
        check::same_length("values", values.len(), "groups", groups.len())?;
        self.check()?;
        let units = Units::groups(groups)?;
        let parts: Vec<(f64, f64)> =
            units.members().iter().map(|rows| (rows.iter().map(|&i| values[i]).sum(), rows.len() as f64)).collect();
        let g = parts.len();
        let replicates: Vec<f64> = (0..self.replicates)
            .into_par_iter()
            .map(|r| {
                let mut stream = crate::Stream::new(self.seed, r as u64);
                let (sum, rows) = (0..g).fold((0.0, 0.0), |(s, n), _| {
                    let (ds, dn) = parts[stream.below(g)];
                    (s + ds, n + dn)
                });
                sum / rows
            })
            .collect();
        let (sum, rows) = parts.iter().fold((0.0, 0.0), |(s, n), p| (s + p.0, n + p.1));
        let jackknife = || parts.iter().map(|p| (sum - p.0) / (rows - p.1)).collect();
        self.finish(sum / rows, replicates, g, jackknife)
    }

    /// Interval of `statistic(a) - statistic(b)` for scores of the same rows: each resample takes
    /// the same rows of both, so what the rows have in common cancels.
    ///
    /// - shapes: `a: [N]`, `b: [N]`; the closure sees `[N]` values
    /// - cost and determinism as [`Self::interval`], two evaluations each
    ///
    /// # Errors
    /// As [`Self::interval`]; [`StatsError::LengthMismatch`], [`StatsError::NotFinite`].
    ///
    /// ```
    /// use suffit_stats::{Bootstrap, quantile::median};
    /// let (a, b) = ([3.0, 5.0, 9.0], [1.0, 3.0, 7.0]);
    /// let i = Bootstrap::default().paired(&a, &b, |v| median(v).unwrap_or(f64::NAN))?;
    /// assert_eq!((i.low, i.estimate, i.high), (2.0, 2.0, 2.0));
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn paired<F>(&self, a: &[f64], b: &[f64], statistic: F) -> Result<Interval, StatsError>
    where
        F: Fn(&[f64]) -> f64 + Sync,
    {
        check::sample("a", a, 2)?;
        check::same_length("a", a.len(), "b", b.len())?;
        check::finite("b", b)?;
        let of = |v: &[f64], rows: &[usize]| statistic(&rows.iter().map(|&i| v[i]).collect::<Vec<f64>>());
        self.interval(a.len(), |rows| of(a, rows) - of(b, rows))
    }

    /// The replicates themselves, by number: `[replicates]` values of the statistic.
    ///
    /// # Errors
    /// As [`Self::interval`].
    ///
    /// ```
    /// use suffit_stats::Bootstrap;
    /// let b = Bootstrap { replicates: 10, ..Bootstrap::default() };
    /// assert_eq!(b.replicate(4, |rows| rows.len() as f64)?, vec![4.0; 10]);
    /// # Ok::<(), suffit_stats::StatsError>(())
    /// ```
    pub fn replicate<F>(&self, rows: usize, statistic: F) -> Result<Vec<f64>, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        self.check()?;
        self.draw(&Units::rows(rows)?, &statistic)
    }

    fn run<F>(&self, units: &Units, statistic: &F) -> Result<Interval, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        self.check()?;
        let estimate = statistic(&units.all());
        if !estimate.is_finite() {
            return Err(StatsError::Statistic { sample: "the data", index: 0, value: estimate });
        }
        let replicates = self.draw(units, statistic)?;
        let jackknife = match self.kind {
            BootstrapKind::Bca => units.jackknife(statistic)?,
            BootstrapKind::Percentile => Vec::new(),
        };
        self.finish(estimate, replicates, units.len(), || jackknife)
    }

    fn draw<F>(&self, units: &Units, statistic: &F) -> Result<Vec<f64>, StatsError>
    where
        F: Fn(&[usize]) -> f64 + Sync,
    {
        let values: Vec<f64> = (0..self.replicates)
            .into_par_iter()
            .map_init(Vec::new, |rows, r| {
                units.resample(&mut crate::Stream::new(self.seed, r as u64), rows);
                statistic(rows)
            })
            .collect();
        all_finite(values, "resample")
    }

    /// Limits from replicates; `jackknife` is asked for only where BCa needs it.
    fn finish(
        &self,
        estimate: f64,
        mut replicates: Vec<f64>,
        units: usize,
        jackknife: impl FnOnce() -> Vec<f64>,
    ) -> Result<Interval, StatsError> {
        let error = if replicates.len() > 1 { mean_var::variance_unchecked(&replicates).sqrt() } else { 0.0 };
        replicates.sort_by(f64::total_cmp);
        let z = normal::quantile(0.5 + 0.5 * self.level)?;
        let limits = match self.kind {
            BootstrapKind::Percentile => limit::percentile(&replicates, self.level),
            BootstrapKind::Bca => limit::bca(estimate, &replicates, z, &jackknife()),
        };
        let kind = match self.kind {
            BootstrapKind::Percentile => IntervalKind::Percentile,
            BootstrapKind::Bca => IntervalKind::Bca { bias: limits.bias, acceleration: limits.acceleration },
        };
        let mut interval =
            Interval::plain(estimate, limits.low, limits.high, self.level, kind).with_standard_error(error);
        interval.replicates = replicates.len();
        interval.caution = limits.caution.or((units < 10).then_some(Caution::FewUnits));
        Ok(interval)
    }

    fn check(&self) -> Result<(), StatsError> {
        check::positive("replicates", self.replicates)?;
        check::open_unit("level", self.level)
    }
}

/// The first value that is not finite becomes an error that names its number.
fn all_finite(values: Vec<f64>, sample: &'static str) -> Result<Vec<f64>, StatsError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(StatsError::Statistic { sample, index, value: values[index] }),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests;
