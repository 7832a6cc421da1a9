//! Priors over candidates (spec: `symile.md`, Theory 4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use suffit_core::Result;
use suffit_data::label::Labels;

use crate::symile::error::SymileError;

/// Weights by label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelPrior {
    /// Where the weights come from, for messages.
    pub origin: String,
    /// Weight by label, positive, any sum.
    pub weights: BTreeMap<String, f64>,
}

impl LabelPrior {
    /// How often each label occurs.
    pub fn empirical(labels: &Labels) -> LabelPrior {
        let mut weights: BTreeMap<String, f64> = BTreeMap::new();
        for code in labels.codes.iter().flatten() {
            *weights.entry(labels.names[*code as usize].clone()).or_default() += 1.0;
        }
        LabelPrior { origin: "empirical".into(), weights }
    }

    /// From lines `label,weight` (a first line `label,weight` is a heading).
    ///
    /// # Errors
    /// [`SymileError::PriorLine`], [`SymileError::UnknownLabel`] for a label not in `known`.
    pub fn parse(file: &str, lines: &[(String, String)], known: &[String]) -> Result<LabelPrior> {
        let mut weights = BTreeMap::new();
        for (k, (label, weight)) in lines.iter().enumerate() {
            let line = k + 2; // the heading is line 1
            let bad = || SymileError::PriorLine { file: file.to_owned(), line, got: format!("`{label},{weight}`") };
            let weight: f64 = weight.trim().parse().map_err(|_| bad())?;
            if !(weight.is_finite() && weight > 0.0) {
                return Err(bad().into());
            }
            if !known.contains(label) {
                let (file, label, known) = (file.to_owned(), label.clone(), known.to_vec());
                return Err(SymileError::UnknownLabel { file, line, label, known }.into());
            }
            weights.insert(label.clone(), weight);
        }
        Ok(LabelPrior { origin: file.to_owned(), weights })
    }
}

/// Log-prior of every candidate: its label's weight, shared among the candidates of that label.
///
/// # Errors
/// [`SymileError::PriorNeedsLabels`] for a candidate without label,
/// [`SymileError::PriorIncomplete`] for a label without weight.
pub fn log_prior(prior: &LabelPrior, labels: Option<&Labels>, rows: &[usize], data: &str) -> Result<Vec<f64>> {
    let needs = || SymileError::PriorNeedsLabels { prior: prior.origin.clone(), data: data.to_owned() };
    let labels = labels.ok_or_else(needs)?;
    let mut count = vec![0.0f64; labels.names.len()];
    let codes =
        rows.iter().map(|&i| labels.codes[i].map(|c| c as usize).ok_or_else(needs)).collect::<Result<Vec<_>, _>>()?;
    codes.iter().for_each(|&c| count[c] += 1.0);
    codes
        .iter()
        .map(|&c| {
            let label = &labels.names[c];
            let incomplete = || SymileError::PriorIncomplete { file: prior.origin.clone(), label: label.clone() };
            Ok((prior.weights.get(label).ok_or_else(incomplete)? / count[c]).ln())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn labels() -> Labels {
        Labels::from_texts("digit", &["0", "1", "1", "1"].map(|s| Some(s.to_owned())))
    }

    #[test]
    fn a_label_keeps_its_weight_however_many_candidates_share_it() {
        let prior = LabelPrior { origin: "p".into(), weights: [("0".into(), 1.0), ("1".into(), 1.0)].into() };
        let p = log_prior(&prior, Some(&labels()), &[0, 1, 2, 3], "d").unwrap();
        let mass: f64 = p[1..].iter().map(|x| x.exp()).sum();
        assert!((mass - 1.0).abs() < 1e-12 && p[0] == 0.0);
        assert_eq!(LabelPrior::empirical(&labels()).weights["1"], 3.0);
    }

    #[test]
    fn bad_files_are_named_by_line() {
        let known = ["0".to_owned(), "1".to_owned()];
        let line = |a: &str, b: &str| [(a.to_owned(), b.to_owned())];
        let e = LabelPrior::parse("p.csv", &line("7", "1"), &known).unwrap_err();
        assert_eq!(e.to_string(), "prior `p.csv`, line 2: there is no label `7`");
        assert!(LabelPrior::parse("p.csv", &line("0", "-1"), &known).is_err());
        let prior = LabelPrior::parse("p.csv", &line("0", "2"), &known).unwrap();
        assert!(
            log_prior(&prior, Some(&labels()), &[0, 1], "d")
                .unwrap_err()
                .to_string()
                .contains("no weight for label `1`")
        );
        assert!(log_prior(&prior, None, &[0], "d").is_err());
    }
}
