//! The contract of a method as tests: what every method promises, asked of each one.
//!
//! A method calls [`method_contract!`] once in its `tests.rs`, with data and a configuration that
//! fit in a second or two; each clause becomes a test of its own name.
//!
//! | file | clauses |
//! |---|---|
//! | [`config`] | defaults round-trip, every key is documented, unknown keys are refused, presets are valid |
//! | [`learn`] | same seed = same bytes, stopped and resumed = uninterrupted, progress only grows |
//! | [`apply`] | saved, moved and loaded = the same; chunks, parts and orders of rows change nothing |
//! | [`input`] | NaN, infinity, no rows, one row, one class, a missing view: named errors, nothing written |
//! | [`shown`] | what the card promises is there: verbs, model card, metrics, report, verdict |
//!
//! *Same bytes* means: every file of the run but the ones that say when it happened (`run.json`, its
//! log, and the list of files with their digests), the newest checkpoint, and `metrics.jsonl`
//! without its times. Killing the real process is the command line's test; here a stop is asked for
//! in the process, and every second time the newest checkpoint is damaged as well.

#![allow(clippy::unwrap_used, clippy::panic)] // tests: compiled only for them

pub mod apply;
pub mod config;
mod fixture;
pub mod input;
pub mod learn;
pub mod shown;
mod table;
#[cfg(test)]
mod tests;
mod trace;

use std::sync::Arc;

use serde_json::{Value, json};
use suffit_core::{AnyMethod, Dataset};

pub use fixture::Fixture;

/// Whether a row of `apply`'s output depends on other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Each row by itself: rows may come in any order and in any parts.
    Independent,
    /// Rows are held against one another, such as candidates of a search.
    Together,
}

/// What must happen at the edge of what a method can learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// `validate` refuses it with the cause of this code.
    Refused(&'static str),
    /// It is fitted.
    Accepted,
}

/// What a method is asked to keep.
pub struct Contract {
    method: Arc<dyn AnyMethod>,
    data: Dataset,
    config: Value,
    rows: Rows,
    chunks: Vec<Value>,
    options: Value,
    one_row: Edge,
    one_class: Edge,
    stops: usize,
}

impl Contract {
    /// The contract of a method on data that it accepts: at least 8 rows, and at least one view of
    /// two or more numbers. Rows without an identifier get one, so that they can be told apart.
    pub fn new(method: Arc<dyn AnyMethod>, data: &Dataset) -> Self {
        let config = method.default_config();
        Contract {
            data: table::with_ids(data),
            method,
            config,
            rows: Rows::Together,
            chunks: Vec::new(),
            options: json!({}),
            one_row: Edge::Accepted,
            one_class: Edge::Accepted,
            stops: 5,
        }
    }

    /// Laid over the defaults: keeps a fit small.
    #[must_use]
    pub fn config(mut self, changes: &Value) -> Self {
        suffit_core::config::layer(&mut self.config, changes);
        self
    }

    /// Declares how rows of the output depend on one another.
    #[must_use]
    pub fn rows(mut self, rows: Rows) -> Self {
        self.rows = rows;
        self
    }

    /// Options of `apply` that change the size of its blocks and nothing else.
    #[must_use]
    pub fn chunks(mut self, options: &Value) -> Self {
        self.chunks.push(options.clone());
        self
    }

    /// Declares what one row does.
    #[must_use]
    pub fn one_row(mut self, edge: Edge) -> Self {
        self.one_row = edge;
        self
    }

    /// Declares what rows of one class do; only asked where the data has a label.
    #[must_use]
    pub fn one_class(mut self, edge: Edge) -> Self {
        self.one_class = edge;
        self
    }

    /// At how many places a fit is stopped and resumed (5).
    #[must_use]
    pub fn stops(mut self, stops: usize) -> Self {
        self.stops = stops;
        self
    }
}

/// Makes a module of tests, one by clause, from a function or closure that makes a [`Contract`].
///
/// ```text
/// method_contract!(contract, || Contract::new(erase::<Foo>(), &data()).config(&json!({"dim": 4})));
/// ```
macro_rules! method_contract {
    ($name:ident, $contract:expr) => {
        mod $name {
            use super::*;

            /// One fit serves all clauses.
            static FIXTURE: std::sync::LazyLock<$crate::contract::Fixture> =
                std::sync::LazyLock::new(|| $crate::contract::Fixture::new($contract()));

            $crate::contract::method_contract! { @tests
                config: defaults_round_trip_and_fit_their_schema, every_key_is_documented,
                    unknown_keys_are_refused_with_the_nearest_name, presets_are_valid;
                learn: same_seed_gives_same_bytes, stopped_and_resumed_equals_uninterrupted,
                    progress_only_grows, a_finished_run_verifies;
                apply: saved_and_loaded_gives_the_same, chunks_change_nothing,
                    independent_rows_stand_for_themselves;
                input: bad_values_are_named, no_rows_are_refused, one_row_does_what_is_declared,
                    one_class_does_what_is_declared, a_missing_view_is_named, validation_writes_nothing;
                shown: the_card_says_what_is_there, the_run_has_card_metrics_and_model,
                    the_report_is_a_valid_document, the_cost_is_an_upper_bound_in_steps,
                    the_audit_answers_with_evidence;
            }
        }
    };
    (@tests $($group:ident: $($clause:ident),+;)+) => {
        $($(
            #[test]
            fn $clause() {
                $crate::contract::$group::$clause(&FIXTURE);
            }
        )+)+
    };
}
pub(crate) use method_contract;
