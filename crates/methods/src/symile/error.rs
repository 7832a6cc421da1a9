//! Why Symile cannot go on: causes with data.

use suffit_core::{Cause, Family};

/// Why Symile cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SymileError {
    /// A setting is out of range.
    #[error("`{key}` is {got}: expected {expected}")]
    Setting {
        /// Dotted key.
        key: String,
        /// What it holds.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Fewer than two views.
    #[error("symile needs two or more views of the same rows, but {got} bound in `{data}`")]
    TooFewViews {
        /// The data set.
        data: String,
        /// How many, in words (`1 is`).
        got: String,
    },
    /// The data set holds no rows.
    #[error("`{data}` has no rows")]
    NoRows {
        /// The data set.
        data: String,
    },
    /// A part of the split holds no rows.
    #[error("the {part} part of `{data}` has no rows ({rows} rows in all)")]
    EmptyPart {
        /// Which part.
        part: &'static str,
        /// The data set.
        data: String,
        /// Rows in all.
        rows: usize,
    },
    /// A view has no observed row in the training part.
    #[error("view `{view}` is never observed in the training part of `{data}` ({rows} rows)")]
    NeverObserved {
        /// The view.
        view: String,
        /// The data set.
        data: String,
        /// Training rows.
        rows: usize,
    },
    /// A row in which every view is missing.
    #[error("row {row} of `{data}` (id {id}) has no view at all; {total} such rows")]
    EmptyRow {
        /// The data set.
        data: String,
        /// Row from 1.
        row: u64,
        /// Its id.
        id: String,
        /// Number of such rows.
        total: usize,
    },
    /// A view with another number of features than in training.
    #[error("view `{view}` has {got} features in `{data}`, but the model was trained with {expected}")]
    Width {
        /// The view.
        view: String,
        /// The data set.
        data: String,
        /// Features found.
        got: usize,
        /// Features expected.
        expected: usize,
    },
    /// A view is numeric where tokens were expected, or the other way round.
    #[error("view `{view}` holds {got} in `{data}`, but {expected} were expected")]
    ViewKind {
        /// The view.
        view: String,
        /// The data set.
        data: String,
        /// `numbers` or `tokens`.
        got: &'static str,
        /// `numbers` or `tokens`.
        expected: &'static str,
    },
    /// An encoder shape that does not fit the view.
    #[error("encoder `{encoder}` does not take view `{view}`, which holds {holds}")]
    EncoderKind {
        /// The view.
        view: String,
        /// Encoder shape.
        encoder: &'static str,
        /// `numbers` or `tokens`.
        holds: &'static str,
    },
    /// A token outside the vocabulary seen in training.
    #[error("view `{view}`, row {row}: token {token} lies outside the {vocabulary} tokens seen in training")]
    Token {
        /// The view.
        view: String,
        /// Row from 1.
        row: usize,
        /// The token id.
        token: i64,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// A view named in settings or options that the data or the model do not have.
    #[error("there is no view `{view}` {place}")]
    UnknownView {
        /// The name.
        view: String,
        /// Where it was looked for (`in `digits.parquet``).
        place: String,
        /// Names there are.
        known: Vec<String>,
    },
    /// The candidates lack the view that is searched for.
    #[error("the candidates (`{data}`) have no row with view `{view}`, which is searched for")]
    NoCandidates {
        /// The candidate data.
        data: String,
        /// The target view.
        view: String,
    },
    /// A query without any view to search from.
    #[error("nothing to search `{target}` from: `{data}` has none of the other views ({others})")]
    NoQueryViews {
        /// The target view.
        target: String,
        /// The query data.
        data: String,
        /// The other views.
        others: String,
    },
    /// Representations of different lengths.
    #[error("{left} has length {left_len} but {right} has length {right_len}")]
    Dimension {
        /// One side.
        left: String,
        /// Its length.
        left_len: usize,
        /// The other side.
        right: String,
        /// Its length.
        right_len: usize,
    },
    /// The prior names a label that the data do not have.
    #[error("prior `{file}`, line {line}: there is no label `{label}`")]
    UnknownLabel {
        /// The prior file.
        file: String,
        /// Line from 1.
        line: usize,
        /// The label.
        label: String,
        /// Labels there are.
        known: Vec<String>,
    },
    /// A line of the prior file that cannot be read.
    #[error("prior `{file}`, line {line}: {got} (expected `label,weight` with a weight above 0)")]
    PriorLine {
        /// The prior file.
        file: String,
        /// Line from 1.
        line: usize,
        /// What it holds.
        got: String,
    },
    /// A label without weight in the prior file.
    #[error("prior `{file}` has no weight for label `{label}`")]
    PriorIncomplete {
        /// The prior file.
        file: String,
        /// The label.
        label: String,
    },
    /// A prior by label, but no label column.
    #[error("prior `{prior}` weighs candidates by label, but `{data}` has no label column")]
    PriorNeedsLabels {
        /// The prior.
        prior: String,
        /// The data set.
        data: String,
    },
    /// All combinations would be too many.
    #[error("sampling `grid` with {views} views and batches of {batch} means {scores:.1e} scores a step")]
    GridTooLarge {
        /// Views.
        views: usize,
        /// Batch size.
        batch: usize,
        /// Scores a step.
        scores: f64,
    },
    /// Missing query views through encoders that never saw a missing row.
    #[error("view `{view}` was never missing in training, so its encoder cannot stand in for a missing one")]
    NotTrainedMissing {
        /// The view.
        view: String,
    },
    /// A row whose representation cannot be normalised.
    #[error("view `{view}`, row {row}: the representation is not finite")]
    NotFinite {
        /// The view.
        view: String,
        /// Row from 1.
        row: usize,
    },
    /// The audit needs a label.
    #[error("the audit asks whether the label can be named, but `{data}` has no label column")]
    NoLabel {
        /// The data set.
        data: String,
    },
    /// Too few rows to answer.
    #[error("{what} needs at least {need} rows, but there are {got}")]
    TooFewRows {
        /// What was tried.
        what: &'static str,
        /// Rows needed.
        need: usize,
        /// Rows there are.
        got: usize,
    },
    /// An option of `apply` or `audit` that does not exist or has the wrong type.
    #[error("option `{key}`: {got}")]
    Option {
        /// The key.
        key: String,
        /// What is wrong with it.
        got: String,
        /// Options there are.
        known: Vec<&'static str>,
    },
    /// A file of the run that does not hold what it should.
    #[error("`{file}` of the run: {what}")]
    RunFile {
        /// The file within the run.
        file: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A golden vector that names an unknown check, rule or key.
    #[error("golden vector: {what}")]
    Golden {
        /// What is wrong.
        what: String,
    },
    /// A table that cannot be reproduced by this name.
    #[error("symile has no table `{table}`")]
    UnknownTable {
        /// The name.
        table: String,
        /// Tables there are.
        known: Vec<&'static str>,
    },
    /// A statistic could not be computed.
    #[error("{what}: {source}")]
    Statistic {
        /// What was computed.
        what: &'static str,
        /// Why not.
        source: suffit_stats::StatsError,
    },
}

impl Cause for SymileError {
    fn family(&self) -> Family {
        use SymileError as E;
        match self {
            E::Setting { .. } | E::GridTooLarge { .. } | E::EncoderKind { .. } => Family::Config,
            E::Option { .. } | E::UnknownView { .. } | E::UnknownTable { .. } => Family::Usage,
            E::Width { .. } | E::Dimension { .. } => Family::Shape,
            E::RunFile { .. } | E::Golden { .. } | E::PriorLine { .. } => Family::Format,
            _ => Family::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        use SymileError as E;
        Some(match self {
            E::TooFewViews { .. } => {
                "bind each view with `--view NAME=COLUMNS`, for example `--view image=img_*`".into()
            }
            E::EmptyPart { .. } => "give more rows or smaller fractions in `split`".into(),
            E::NeverObserved { view, .. } => format!("leave `{view}` out, or give rows in which it is present"),
            E::EmptyRow { .. } => "remove these rows, or allow them with `--set allow_empty=true`".into(),
            E::Width { .. } => "apply the model to the features it was trained with, in the same order".into(),
            E::EncoderKind { .. } => "use `token_bag` for token ids, `linear` or `mlp` for numbers, or `auto`".into(),
            E::Token { .. } => "use the token ids of the training data".into(),
            E::UnknownView { view, known, .. } | E::UnknownLabel { label: view, known, .. } => {
                nearest(view, known.iter().map(String::as_str))
            }
            E::Option { key, known, .. } => nearest(key, known.iter().copied()),
            E::UnknownTable { table, known } => nearest(table, known.iter().copied()),
            E::PriorNeedsLabels { .. } => "bind a label column with `--label COLUMN`, or use prior `uniform`".into(),
            E::GridTooLarge { .. } => "use `--set sampling=n`, or a smaller `train.batch_size`".into(),
            E::NotTrainedMissing { .. } => {
                "use `missing_query=bank`, which needs no training with missing views".into()
            }
            E::NoLabel { .. } => "bind a label column with `--label COLUMN`".into(),
            _ => return None,
        })
    }

    fn code(&self) -> &'static str {
        use SymileError as E;
        match self {
            E::Setting { .. } => "symile.setting",
            E::TooFewViews { .. } => "symile.too_few_views",
            E::NoRows { .. } => "symile.no_rows",
            E::EmptyPart { .. } => "symile.empty_part",
            E::NeverObserved { .. } => "symile.never_observed",
            E::EmptyRow { .. } => "symile.empty_row",
            E::Width { .. } => "symile.width",
            E::ViewKind { .. } => "symile.view_kind",
            E::EncoderKind { .. } => "symile.encoder_kind",
            E::Token { .. } => "symile.token",
            E::UnknownView { .. } => "symile.unknown_view",
            E::NoCandidates { .. } => "symile.no_candidates",
            E::NoQueryViews { .. } => "symile.no_query_views",
            E::Dimension { .. } => "symile.dimension",
            E::UnknownLabel { .. } => "symile.unknown_label",
            E::PriorLine { .. } => "symile.prior_line",
            E::PriorIncomplete { .. } => "symile.prior_incomplete",
            E::PriorNeedsLabels { .. } => "symile.prior_needs_labels",
            E::GridTooLarge { .. } => "symile.grid_too_large",
            E::NotTrainedMissing { .. } => "symile.not_trained_missing",
            E::NotFinite { .. } => "symile.not_finite",
            E::NoLabel { .. } => "symile.no_label",
            E::TooFewRows { .. } => "symile.too_few_rows",
            E::Option { .. } => "symile.option",
            E::RunFile { .. } => "symile.run_file",
            E::Golden { .. } => "symile.golden",
            E::UnknownTable { .. } => "symile.unknown_table",
            E::Statistic { .. } => "symile.statistic",
        }
    }
}

/// "did you mean" by edit distance, and what there is.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let list = known.clone().collect::<Vec<_>>().join(", ");
    match suffit_core::text::nearest(name, known) {
        Some(best) => format!("did you mean `{best}`? there are: {list}"),
        None if list.is_empty() => "there are none".into(),
        None => format!("there are: {list}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_only_when_near() {
        assert_eq!(nearest("zerr", ["pix", "zer"].into_iter()), "did you mean `zer`? there are: pix, zer");
        assert_eq!(nearest("quaternion", ["pix", "zer"].into_iter()), "there are: pix, zer");
    }

    #[test]
    fn families_give_the_documented_exit_codes() {
        let shape = SymileError::Width { view: "a".into(), data: "d".into(), got: 1, expected: 2 };
        assert_eq!(shape.family().exit().code(), 3);
        let usage = SymileError::UnknownView { view: "a".into(), place: "in the model".into(), known: vec![] };
        assert_eq!(usage.family().exit().code(), 2);
    }
}
