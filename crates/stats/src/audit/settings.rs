//! What is audited, and how.

use serde::{Deserialize, Serialize};

use crate::{
    StatsError, check,
    linalg::Matrix,
    probe::Family,
    response::{Metric, Response},
};

/// A representation of X under a name.
#[derive(Debug, Clone, Copy)]
pub struct Representation<'a> {
    /// Name in results.
    pub name: &'a str,
    /// `[n, k]`.
    pub values: &'a Matrix,
}

/// Everything that is known about the rows.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The raw inputs, `[n, p]`.
    pub x: &'a Matrix,
    /// Representations to audit, each on the same rows.
    pub z: &'a [Representation<'a>],
    /// Covariates that are always conditioned on, `[n, q]`.
    pub w: Option<&'a Matrix>,
    /// The target, n rows.
    pub y: &'a Response,
    /// Its distance.
    pub metric: Metric,
    /// Rows of one group never lie in two folds, and errors are clustered by group, `[n]`.
    pub groups: Option<&'a [usize]>,
    /// Folds are blocks of this order, `[n]`; groups go before time.
    pub time: Option<&'a [f64]>,
}

/// Settings of [`super::run`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Level of the tests and of the one-sided limits (0.05).
    pub alpha: f64,
    /// Largest lost share that still is enough (0.05).
    pub tolerance: f64,
    /// Folds of the cross-fitting (5).
    pub folds: usize,
    /// Random halvings whose test statistics are averaged (6).
    pub splits: usize,
    /// Ball indicators of the test that sees more than means (48).
    pub balls: usize,
    /// Permutations of the dependence screen (199).
    pub permutations: usize,
    /// Probe families to choose from by inner cross-validation; empty means [`Family::ALL`].
    pub families: Vec<Family>,
    /// Most rows that a test or a screen uses; a random subset is drawn above (5,000).
    pub test_rows: usize,
    /// Most rows that a probe is fitted on (20,000).
    pub fit_rows: usize,
    /// Also say what was lost: columns, parts of Y, subgroups (true).
    pub explain: bool,
    /// Root of all random streams.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            tolerance: 0.05,
            folds: 5,
            splits: 6,
            balls: 48,
            permutations: 199,
            families: Vec::new(),
            test_rows: 5_000,
            fit_rows: 20_000,
            explain: true,
            seed: 0,
        }
    }
}

/// Fewest rows of an audit.
pub const FEWEST_ROWS: usize = 20;

impl Settings {
    /// # Errors
    /// [`StatsError::Setting`].
    pub fn validate(&self) -> Result<(), StatsError> {
        check::open_unit("alpha", self.alpha)?;
        check::open_unit("tolerance", self.tolerance)?;
        if self.folds < 2 {
            return Err(StatsError::Setting { name: "folds", value: self.folds as f64, range: "at least 2" });
        }
        check::positive("splits", self.splits)?;
        check::positive("balls", self.balls)?;
        check::positive("permutations", self.permutations)?;
        check::positive("test_rows", self.test_rows)?;
        check::positive("fit_rows", self.fit_rows)
    }
}

impl Input<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.x.rows
    }

    /// Everything is finite, of one length, and long enough.
    ///
    /// # Errors
    /// [`StatsError::TooFew`] (rows, groups, rows of a class), [`StatsError::LengthMismatch`],
    /// [`StatsError::Cell`] (not finite), [`StatsError::Constant`] (a target or a representation
    /// without variation).
    pub fn validate(&self, settings: &Settings) -> Result<(), StatsError> {
        let n = self.rows();
        check::at_least("rows", n, FEWEST_ROWS)?;
        check::at_least("columns of x", self.x.cols, 1)?;
        check::at_least("representations", self.z.len(), 1)?;
        check::same_length("x", n, "y", self.y.rows())?;
        cells("x", self.x)?;
        for z in self.z {
            check::same_length("x", n, "z", z.values.rows)?;
            check::at_least("columns of z", z.values.cols, 1)?;
            cells("z", z.values)?;
            if (0..z.values.cols).all(|j| constant(z.values, j)) {
                return Err(StatsError::Constant { name: "z", rows: n });
            }
        }
        if let Some(w) = self.w {
            check::same_length("x", n, "w", w.rows)?;
            cells("w", w)?;
        }
        if let Some(time) = self.time {
            check::same_length("x", n, "time", time.len())?;
            check::finite("time", time)?;
        }
        if let Some(groups) = self.groups {
            check::same_length("x", n, "groups", groups.len())?;
            let mut seen = groups.to_vec();
            seen.sort_unstable();
            seen.dedup();
            check::at_least("groups", seen.len(), settings.folds)?;
        }
        self.target()
    }

    fn target(&self) -> Result<(), StatsError> {
        if let Response::Label { codes, classes } = self.y {
            let mut count = vec![0usize; *classes];
            codes.iter().for_each(|&c| count[c] += 1);
            let present = count.iter().filter(|&&c| c > 0);
            if present.clone().count() > 1 {
                let least = present.min().copied().unwrap_or(0);
                return check::at_least("rows of the rarest class of y", least, 2);
            }
        }
        if self.y.is_constant()? { Err(StatsError::Constant { name: "y", rows: self.rows() }) } else { Ok(()) }
    }
}

fn cells(name: &'static str, m: &Matrix) -> Result<(), StatsError> {
    match m.values.iter().position(|v| !v.is_finite()) {
        Some(i) => {
            Err(StatsError::Cell { name, row: i / m.cols, column: i % m.cols, value: m.values[i], range: "finite" })
        }
        None => Ok(()),
    }
}

/// Whether column `j` has one value only.
pub(crate) fn constant(m: &Matrix, j: usize) -> bool {
    (1..m.rows).all(|i| m.at(i, j) == m.at(0, j))
}
