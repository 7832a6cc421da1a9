//! Clauses about data that cannot be used.

use suffit_core::error::CommonError;
use suffit_core::{Dataset, Error, Result};
use tempfile::TempDir;

use super::fixture::{self, SEED, Watch, assert_named, context, views};
use super::{Edge, Fixture, table};

/// Row (from 0) that gets the bad value.
const ROW: usize = 2;

/// NaN and infinities are refused by `validate` and `apply` with file, row and column.
pub fn bad_values_are_named(fixture: &Fixture) {
    let place = table::place(fixture.data());
    let row = format!("row {}", ROW + 1);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let data = table::spoil(fixture.data(), &place, ROW, value);
        let words = [fixture.data().name.as_str(), row.as_str(), place.shown.as_str()];
        assert_named(&refusal(validate(fixture, &data), &format!("validate accepts {value}")), &words);
        if fixture.offers("apply") {
            let applied = fixture.apply(&data, &fixture.contract.options);
            assert_named(&refusal(applied, &format!("apply accepts {value}")), &words);
        }
    }
}

/// A table without rows is refused by name, by `validate` and `apply`.
pub fn no_rows_are_refused(fixture: &Fixture) {
    let data = table::with_rows(fixture.data(), &table::rows(fixture.data()).slice(0, 0));
    let name = fixture.data().name.as_str();
    assert_named(&refusal(validate(fixture, &data), "validate accepts no rows"), &[name]);
    if fixture.offers("apply") {
        assert_named(&refusal(fixture.apply(&data, &fixture.contract.options), "apply accepts no rows"), &[name]);
    }
}

/// One row is refused or fitted, as the contract declares; applying to one row always works.
pub fn one_row_does_what_is_declared(fixture: &Fixture) {
    let data = table::with_rows(fixture.data(), &table::rows(fixture.data()).slice(0, 1));
    as_declared(fixture, &data, fixture.contract.one_row, "one row");
    if fixture.offers("apply") {
        let applied =
            fixture.apply(&data, &fixture.contract.options).unwrap_or_else(|e| panic!("apply on one row: {e}"));
        assert_eq!(applied.num_rows(), 1);
    }
}

/// Rows of one class are refused or fitted, as the contract declares.
pub fn one_class_does_what_is_declared(fixture: &Fixture) {
    if let Some(data) = table::one_class(fixture.data()) {
        as_declared(fixture, &data, fixture.contract.one_class, "one class");
    }
}

fn as_declared(fixture: &Fixture, data: &Dataset, edge: Edge, what: &str) {
    match edge {
        Edge::Refused(code) => {
            let error = refusal(validate(fixture, data), &format!("validate accepts {what}"));
            assert_named(&error, &[]);
            assert_eq!(error.code(), code, "{what}: {error}");
        }
        Edge::Accepted => {
            validate(fixture, data).unwrap_or_else(|e| panic!("{what} is declared as accepted: {e}"));
            let folder = TempDir::new().unwrap();
            let fitted = fixture::fit(&fixture.contract, data, &folder.path().join("edge"), SEED, &Watch::new(None));
            fitted.unwrap_or_else(|e| panic!("{what} passes validate and then fails: {e}"));
        }
    }
}

/// Data without any view is refused with words, not with an empty result.
pub fn a_missing_view_is_named(fixture: &Fixture) {
    if views(fixture.data()).is_empty() {
        return;
    }
    let mut data = fixture.data().clone();
    data.roles = suffit_core::Roles::default();
    assert_named(&refusal(validate(fixture, &data), "validate accepts data without roles"), &[]);
    if fixture.offers("apply") {
        assert_named(
            &refusal(fixture.apply(&data, &fixture.contract.options), "apply accepts data without roles"),
            &[],
        );
    }
}

/// Validation and the estimate leave no file behind, neither here nor where runs are kept.
pub fn validation_writes_nothing(fixture: &Fixture) {
    let listing = |folder: &std::path::Path| {
        let mut names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let here = std::env::current_dir().unwrap();
    let before = listing(&here);
    validate(fixture, fixture.data()).unwrap_or_else(|e| panic!("validate refuses the contract's data: {e}"));
    let ctx = context(SEED, &Watch::new(None));
    fixture.method().estimate(fixture.config(), fixture.data(), &ctx).unwrap();
    assert_eq!(listing(&here), before, "validate or estimate wrote into the current folder");
}

fn validate(fixture: &Fixture, data: &Dataset) -> Result<()> {
    fixture.method().validate(fixture.config(), data, &context(SEED, &Watch::new(None)))
}

/// The error, which must be there and must not be our own mistake.
fn refusal<T>(result: Result<T>, otherwise: &str) -> Error {
    match result {
        Ok(_) => panic!("{otherwise}"),
        Err(error) => {
            let bug = matches!(error.downcast_ref(), Some(CommonError::Bug { .. }));
            assert!(!bug, "{error}");
            error
        }
    }
}
