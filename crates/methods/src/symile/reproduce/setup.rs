//! From generated samples to fitted models, and the measurements that several tables share.

use suffit_core::{Ctx, Result, TrainConfig};
use suffit_data::generate::Sample;
use suffit_data::view::ViewMatrix;

use crate::symile::artifact::Artifact;
use crate::symile::config::{EncoderConfig, EncoderKind, InitScale, Objective, SymileConfig};
use crate::symile::fit::{Fit, Parts, fit_tuples};
use crate::symile::input::{Content, Tuples, View};
use crate::symile::score::{argmax, posterior};

/// Settings of the paper's package's XOR examples (spec: Experiments 1 to 3): affine heads of
/// length 16, raw bits, scale starting at −0.3, AdamW 0.1.
pub fn bits_config(objective: Objective, epochs: u64) -> SymileConfig {
    SymileConfig {
        dim: 16,
        objective,
        init_scale: InitScale::Number(-0.3),
        encoder: EncoderConfig { kind: EncoderKind::Linear, ..EncoderConfig::default() },
        standardise: false,
        calibrate: false,
        allow_empty: true,
        train: TrainConfig {
            epochs,
            batch_size: 1000,
            learning_rate: 0.1,
            weight_decay: 0.01,
            patience: 0,
            ..TrainConfig::default()
        },
        ..SymileConfig::default()
    }
}

/// Both objectives with the name of their column.
pub const OBJECTIVES: [(&str, Objective); 2] = [("Symile", Objective::Symile), ("CLIP", Objective::Clip)];

/// The views of a sample as tuples without labels.
pub fn tuples(name: &str, views: Vec<ViewMatrix>) -> Tuples {
    let rows = views.first().map_or(0, |v| v.rows);
    let view = |v: ViewMatrix| View {
        name: v.name,
        content: Content::Dense { width: v.cols, data: v.data, columns: v.names },
        present: v.present,
    };
    Tuples {
        name: name.to_owned(),
        rows,
        views: views.into_iter().map(view).collect(),
        ids: (1..=rows).map(|i| i.to_string()).collect(),
        labels: None,
        groups: None,
        parts: None,
    }
}

/// Rows of both samples, one after the other.
pub fn stacked(first: Sample, second: Sample) -> Vec<ViewMatrix> {
    let join = |(mut a, b): (ViewMatrix, ViewMatrix)| {
        a.rows += b.rows;
        a.data.extend(b.data);
        a.present.extend(b.present);
        a
    };
    first.views.into_iter().zip(second.views).map(join).collect()
}

/// Trains on the first sample, stops and chooses on the second.
///
/// # Errors
/// As [`fit_tuples`].
pub fn fit(name: &str, config: &SymileConfig, train: Sample, validation: Sample, ctx: &Ctx) -> Result<Fit> {
    let rows = train.rows();
    let parts = Parts {
        how: "drawn apart".into(),
        train: (0..rows).collect(),
        validation: (rows..rows + validation.rows()).collect(),
        test: Vec::new(),
    };
    fit_tuples(config, tuples(name, stacked(train, validation)), parts, None, None, ctx)
}

/// Share of queries whose best-scoring candidate is the true one.
pub fn accuracy(scores: &[f32], candidates: usize, truth: &[usize]) -> f64 {
    let hit = |(row, &t): (&[f32], &usize)| argmax(row) == t;
    scores.chunks(candidates).zip(truth).filter(|(row, t)| hit((row, t))).count() as f64 / truth.len() as f64
}

/// How view 1 was found from views 0 and 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BitsFound {
    /// Share of rows whose best-scoring candidate is the true one; blind to the scale of the scores.
    pub accuracy: f64,
    /// Mean posterior probability of the true candidate (uniform prior).
    pub probability: f64,
}

/// Searches view 1 from views 0 and 2 among all rows that it can be, given as bits (highest bit
/// first), on a fresh complete sample.
///
/// # Errors
/// Scores that cannot be computed.
pub fn bits_found(artifact: &Artifact, candidates: &ViewMatrix, test: Sample, ctx: &Ctx) -> Result<BitsFound> {
    let pool = artifact.represent(&tuples("candidates", vec![candidates.clone()]), ctx)?;
    let number = |row: &[f32]| row.iter().fold(0, |k, &bit| 2 * k + usize::from(bit > 0.5));
    let truth: Vec<usize> = (0..test.rows()).map(|i| number(test.views[1].row(i))).collect();
    let queries = artifact.represent(&tuples("test", test.views), ctx)?;
    let scores = artifact.searcher()?.scores(&queries, pool.view(1), 1, &[0, 2])?;
    let posteriors = posterior(&scores, candidates.rows, None);
    let right: f64 = posteriors.chunks(candidates.rows).zip(&truth).map(|(p, &t)| p[t]).sum();
    Ok(BitsFound { accuracy: accuracy(&scores, candidates.rows, &truth), probability: right / truth.len() as f64 })
}
