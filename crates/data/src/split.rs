//! Which rows learn, which choose, which judge: splits with digests.

use std::collections::BTreeMap;

use suffit_core::seed::permutation;
use suffit_core::{Cause, Dataset, Family, Result, Role, Seed};

use crate::error::BindError;
use crate::label::{self, Labels};

/// A part of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// To learn from.
    Train,
    /// To choose with.
    Val,
    /// To judge with.
    Test,
}

impl Part {
    /// From the text of a split column; case does not matter.
    pub fn parse(text: &str) -> Option<Part> {
        match text.trim().to_ascii_lowercase().as_str() {
            "train" | "training" | "tr" => Some(Part::Train),
            "val" | "valid" | "validation" | "dev" => Some(Part::Val),
            "test" | "testing" | "te" | "heldout" | "held_out" => Some(Part::Test),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Val => "val",
            Part::Test => "test",
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How large a part is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Share of the rows, 0 ≤ f < 1; rounded to the nearest count.
    Fraction(f64),
    /// Number of rows.
    Count(usize),
}

impl Size {
    fn count(self, rows: usize) -> usize {
        match self {
            Size::Fraction(f) => (f * rows as f64).round() as usize,
            Size::Count(n) => n,
        }
    }
}

/// How rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By the split column if there is one, else grouped if there is a group column, else random.
    Auto,
    /// As the split column says.
    Column,
    /// Every row for itself.
    Random,
    /// No group in two parts.
    Grouped,
    /// The same shares of every label in each part, as nearly as counts allow.
    Stratified,
    /// The last rows in time are test, those before validation.
    Time,
}

/// A request to split.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SplitPlan {
    /// How.
    pub how: How,
    /// Size of validation.
    pub val: Size,
    /// Size of test.
    pub test: Size,
}

impl Default for SplitPlan {
    /// 15 % validation, 15 % test, `Auto`.
    fn default() -> Self {
        SplitPlan { how: How::Auto, val: Size::Fraction(0.15), test: Size::Fraction(0.15) }
    }
}

/// Why rows cannot be split.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A size that is no share.
    #[error("the {part} share is {got}, expected 0 to 1")]
    Fraction {
        /// The part.
        part: Part,
        /// What was given.
        got: f64,
    },
    /// Nothing left to learn from.
    #[error("of {rows} rows, {val} for validation and {test} for test leave none to train on")]
    NothingLeft {
        /// Rows.
        rows: usize,
        /// Validation.
        val: usize,
        /// Test.
        test: usize,
    },
    /// A part that came out empty.
    #[error("the {part} part has no rows ({rows} rows, {units} {unit})")]
    Empty {
        /// The part.
        part: Part,
        /// Rows.
        rows: usize,
        /// Groups or classes.
        units: usize,
        /// `groups`, `labels`, `rows`.
        unit: &'static str,
    },
}

impl Cause for SplitError {
    fn family(&self) -> Family {
        match self {
            SplitError::Fraction { .. } => Family::Config,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            SplitError::Fraction { .. } => "for example 0.15".into(),
            SplitError::NothingLeft { .. } => "make the parts smaller".into(),
            SplitError::Empty { unit: "groups", .. } => {
                "there are too few groups for these shares: give a split column".into()
            }
            SplitError::Empty { .. } => {
                "there are too few rows for these shares: give a split column or larger shares".into()
            }
        })
    }

    fn code(&self) -> &'static str {
        match self {
            SplitError::Fraction { .. } => "split.fraction",
            SplitError::NothingLeft { .. } => "split.nothing_left",
            SplitError::Empty { .. } => "split.empty",
        }
    }
}

/// The part of every row, with how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The part of each row. `[N]`
    pub parts: Vec<Part>,
    /// How, in words: `column split`, `random`, `grouped by patient`, …
    pub how: String,
    /// BLAKE3 over the identifiers of each part's rows, in row order: the same digest, the same rows.
    pub digests: BTreeMap<Part, String>,
}

impl Split {
    /// The rows of a part, ascending.
    pub fn rows(&self, part: Part) -> Vec<usize> {
        self.parts.iter().enumerate().filter(|(_, p)| **p == part).map(|(i, _)| i).collect()
    }

    /// From given parts and identifiers.
    pub fn new(parts: Vec<Part>, how: impl Into<String>, ids: &[String]) -> Self {
        let mut digests = BTreeMap::new();
        for part in [Part::Train, Part::Val, Part::Test] {
            let mut hash = blake3::Hasher::new();
            for (id, _) in ids.iter().zip(&parts).filter(|(_, p)| **p == part) {
                hash.update(&(id.len() as u64).to_le_bytes());
                hash.update(id.as_bytes());
            }
            digests.insert(part, hash.finalize().to_hex().to_string());
        }
        Split { parts, how: how.into(), digests }
    }
}

/// Splits a data set. Random choices come from the stream `split` of `seed`.
///
/// - determinism: depends on the seed, the plan and the columns it names only
/// - cost: O(N log N)
///
/// # Errors
/// [`SplitError`]; [`BindError::Unbound`] when the plan needs a column that no role has; bad split names.
pub fn split(data: &Dataset, plan: &SplitPlan, seed: Seed) -> Result<Split> {
    let ids = label::ids(data)?;
    let how = match plan.how {
        How::Auto if data.roles.one(&Role::Split).is_some() => How::Column,
        How::Auto if data.roles.one(&Role::Group).is_some() => How::Grouped,
        How::Auto => How::Random,
        other => other,
    };
    let needs = |role: Role, flag| -> suffit_core::Error { BindError::Unbound { role: role.to_string(), flag }.into() };
    let (parts, how) = match how {
        How::Column => {
            let parts = label::splits(data)?.ok_or_else(|| needs(Role::Split, "--split COLUMN"))?;
            (parts, format!("column {}", data.roles.one(&Role::Split).unwrap_or_default()))
        }
        How::Grouped => {
            let groups = label::groups(data)?.ok_or_else(|| needs(Role::Group, "--group COLUMN"))?;
            (grouped(&own_groups(&groups), plan, seed)?, format!("grouped by {}", groups.column))
        }
        How::Stratified => {
            let labels = label::labels(data)?.ok_or_else(|| needs(Role::Label, "--label COLUMN"))?;
            (stratified(&labels.codes, plan, seed)?, format!("stratified by {}", labels.column))
        }
        How::Time => {
            let times = label::coded(data, &Role::Time)?.ok_or_else(|| needs(Role::Time, "--time COLUMN"))?;
            (
                by_time(&times.codes.iter().map(|c| c.map_or(-1.0, f64::from)).collect::<Vec<_>>(), plan)?,
                format!("by time {}", times.column),
            )
        }
        How::Random | How::Auto => (random(ids.len(), plan, seed)?, "random".to_owned()),
    };
    Ok(Split::new(parts, how, &ids))
}

/// Rows without a group are groups of their own.
fn own_groups(groups: &Labels) -> Vec<u32> {
    let mut next = groups.names.len() as u32;
    let mut own = || {
        next += 1;
        next - 1
    };
    groups.codes.iter().map(|c| c.unwrap_or_else(&mut own)).collect()
}

fn sizes(rows: usize, plan: &SplitPlan) -> Result<(usize, usize)> {
    for (part, size) in [(Part::Val, plan.val), (Part::Test, plan.test)] {
        if let Size::Fraction(got) = size
            && !(0.0..1.0).contains(&got)
        {
            return Err(SplitError::Fraction { part, got }.into());
        }
    }
    let (val, test) = (plan.val.count(rows), plan.test.count(rows));
    if val.saturating_add(test) >= rows {
        return Err(SplitError::NothingLeft { rows, val, test }.into());
    }
    Ok((val, test))
}

/// Every row for itself: exactly the asked counts.
///
/// # Errors
/// [`SplitError`].
pub fn random(rows: usize, plan: &SplitPlan, seed: Seed) -> Result<Vec<Part>> {
    let (val, test) = sizes(rows, plan)?;
    let order = permutation(rows, &mut seed.stream("split", &[]));
    Ok(assign(rows, &order, val, test))
}

fn assign(rows: usize, order: &[usize], val: usize, test: usize) -> Vec<Part> {
    let mut parts = vec![Part::Train; rows];
    for (k, &row) in order.iter().enumerate() {
        if k < test {
            parts[row] = Part::Test;
        } else if k < test + val {
            parts[row] = Part::Val;
        }
    }
    parts
}

/// No group in two parts: groups in random order fill test, then validation, each until adding the
/// next group would move its size further from the wanted one.
///
/// # Errors
/// [`SplitError`].
pub fn grouped(groups: &[u32], plan: &SplitPlan, seed: Seed) -> Result<Vec<Part>> {
    let (val, test) = sizes(groups.len(), plan)?;
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, g) in groups.iter().enumerate() {
        members.entry(*g).or_default().push(row);
    }
    let members: Vec<Vec<usize>> = members.into_values().collect();
    let order = permutation(members.len(), &mut seed.stream("split", &[]));
    let mut parts = vec![Part::Train; groups.len()];
    let mut filled = [(Part::Test, test, 0usize), (Part::Val, val, 0usize)];
    for &g in &order {
        let size = members[g].len();
        let nearer = |f: &(Part, usize, usize)| (f.2 + size).abs_diff(f.1) < f.2.abs_diff(f.1);
        if let Some(f) = filled.iter_mut().find(|f| nearer(f)) {
            f.2 += size;
            for &row in &members[g] {
                parts[row] = f.0;
            }
        }
    }
    for (part, wanted, got) in filled {
        if wanted > 0 && got == 0 {
            return Err(SplitError::Empty { part, rows: groups.len(), units: members.len(), unit: "groups" }.into());
        }
    }
    if !parts.contains(&Part::Train) {
        return Err(
            SplitError::Empty { part: Part::Train, rows: groups.len(), units: members.len(), unit: "groups" }.into()
        );
    }
    Ok(parts)
}

/// The same shares of every label: quotas by largest remainder, so that the totals are exact.
///
/// # Errors
/// [`SplitError`].
pub fn stratified(labels: &[Option<u32>], plan: &SplitPlan, seed: Seed) -> Result<Vec<Part>> {
    let rows = labels.len();
    let (val, test) = sizes(rows, plan)?;
    let mut members: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
    for (row, l) in labels.iter().enumerate() {
        members.entry(*l).or_default().push(row);
    }
    let members: Vec<Vec<usize>> = members.into_values().collect();
    let counts: Vec<usize> = members.iter().map(Vec::len).collect();
    let tests = quotas(&counts, test);
    let left: Vec<usize> = counts.iter().zip(&tests).map(|(c, t)| c - t).collect();
    let vals = quotas(&left, val);
    let mut parts = vec![Part::Train; rows];
    for (k, rows) in members.iter().enumerate() {
        let order = permutation(rows.len(), &mut seed.stream("split", &[k as u64]));
        for (part, &row) in assign(rows.len(), &order, vals[k], tests[k]).into_iter().zip(rows) {
            parts[row] = part;
        }
    }
    Ok(parts)
}

/// `total` divided in proportion to `counts` (largest remainder, ties to the first), never above a count.
fn quotas(counts: &[usize], total: usize) -> Vec<usize> {
    let sum: usize = counts.iter().sum();
    if sum == 0 {
        return vec![0; counts.len()];
    }
    let exact = |c: usize| c as u128 * total as u128;
    let mut out: Vec<usize> = counts.iter().map(|&c| (exact(c) / sum as u128) as usize).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&k| (std::cmp::Reverse(exact(counts[k]) % sum as u128), k));
    let mut missing = total - out.iter().sum::<usize>();
    for &k in order.iter().cycle().take(2 * counts.len()) {
        if missing > 0 && out[k] < counts[k] {
            out[k] += 1;
            missing -= 1;
        }
    }
    out
}

/// The last rows are test, those before validation; equal times keep row order.
///
/// # Errors
/// [`SplitError`].
pub fn by_time(times: &[f64], plan: &SplitPlan) -> Result<Vec<Part>> {
    let (val, test) = sizes(times.len(), plan)?;
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[a].total_cmp(&times[b]).then(a.cmp(&b)));
    order.reverse();
    Ok(assign(times.len(), &order, val, test))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn plan(val: f64, test: f64) -> SplitPlan {
        SplitPlan { how: How::Auto, val: Size::Fraction(val), test: Size::Fraction(test) }
    }

    fn count(parts: &[Part], part: Part) -> usize {
        parts.iter().filter(|p| **p == part).count()
    }

    proptest! {
        #[test]
        fn random_has_exact_sizes(n in 3usize..200, seed: u64) {
            let p = SplitPlan { how: How::Random, val: Size::Count(1), test: Size::Count(1) };
            let parts = random(n, &p, Seed::new(seed)).unwrap();
            prop_assert_eq!((count(&parts, Part::Val), count(&parts, Part::Test)), (1, 1));
        }

        #[test]
        fn groups_stay_together(groups in prop::collection::vec(0u32..12, 20..200), seed: u64) {
            if let Ok(parts) = grouped(&groups, &plan(0.2, 0.2), Seed::new(seed)) {
                let mut of = BTreeMap::new();
                for (g, p) in groups.iter().zip(&parts) {
                    prop_assert_eq!(of.entry(*g).or_insert(*p), p);
                }
            }
        }

        #[test]
        fn strata_keep_their_shares(labels in prop::collection::vec(prop::option::of(0u32..5), 10..300), seed: u64) {
            let parts = stratified(&labels, &plan(0.2, 0.2), Seed::new(seed)).unwrap();
            let n = labels.len();
            let wanted = (0.2 * n as f64).round() as usize;
            prop_assert_eq!(count(&parts, Part::Test), wanted);
            prop_assert_eq!(count(&parts, Part::Val), wanted);
            for l in 0..5u32 {
                let of: Vec<Part> = labels.iter().zip(&parts).filter(|(x, _)| **x == Some(l)).map(|(_, p)| *p).collect();
                let exact = of.len() as f64 * wanted as f64 / n as f64;
                prop_assert!((count(&of, Part::Test) as f64 - exact).abs() <= 1.0);
            }
        }
    }

    #[test]
    fn time_puts_the_last_rows_into_test() {
        let parts = by_time(&[3.0, 1.0, 2.0, 4.0], &plan(0.25, 0.25)).unwrap();
        assert_eq!(parts, [Part::Val, Part::Train, Part::Train, Part::Test]);
    }

    #[test]
    fn digests_depend_on_identifiers_only() {
        let ids: Vec<String> = ["a", "b", "c"].iter().map(ToString::to_string).collect();
        let parts = vec![Part::Train, Part::Val, Part::Test];
        let a = Split::new(parts.clone(), "x", &ids);
        assert_eq!(a.digests, Split::new(parts, "y", &ids).digests);
        let other = Split::new(vec![Part::Val, Part::Train, Part::Test], "x", &ids);
        assert_ne!(a.digests[&Part::Train], other.digests[&Part::Train]);
        assert_eq!(a.digests[&Part::Test], other.digests[&Part::Test]);
    }

    #[test]
    fn sizes_that_leave_nothing_are_refused() {
        assert!(random(4, &plan(0.5, 0.5), Seed::new(0)).is_err());
        assert!(random(4, &plan(1.5, 0.5), Seed::new(0)).is_err());
    }
}
