//! Clauses about applying a finished run.

use arrow_array::RecordBatch;
use serde_json::Value;
use suffit_core::Dataset;
use suffit_core::seed::{Seed, permutation};

use super::table::{self, Trickle};
use super::{Fixture, Rows};

/// A run that was copied elsewhere gives the same as before, again and again.
pub fn saved_and_loaded_gives_the_same(fixture: &Fixture) {
    let Some(first) = whole(fixture) else { return };
    assert_eq!(first.num_rows(), table::rows(fixture.data()).num_rows(), "apply keeps every row");
    // Each call unpacks the run into a folder of its own and loads it from there.
    table::assert_same(&applied(fixture, fixture.data(), &fixture.contract.options), &first, "loaded again");
}

/// Blocks of any size, asked for or given by the source, give the same rows.
pub fn chunks_change_nothing(fixture: &Fixture) {
    let Some(first) = whole(fixture) else { return };
    let trickled = Trickle::of(fixture.data(), 3);
    table::assert_same(&applied(fixture, &trickled, &fixture.contract.options), &first, "3 rows at a time");
    for options in &fixture.contract.chunks {
        let mut all = fixture.contract.options.clone();
        suffit_core::config::layer(&mut all, options);
        table::assert_same(&applied(fixture, fixture.data(), &all), &first, &format!("with {options}"));
    }
}

/// Where rows are declared independent: parts put together are the whole, and the order of rows
/// only changes the order of the output.
pub fn independent_rows_stand_for_themselves(fixture: &Fixture) {
    if fixture.contract.rows == Rows::Together {
        return;
    }
    let Some(first) = whole(fixture) else { return };
    let rows = table::rows(fixture.data());
    let n = rows.num_rows();
    let on =
        |batch: &RecordBatch| applied(fixture, &table::with_rows(fixture.data(), batch), &fixture.contract.options);
    let parts: Vec<RecordBatch> =
        [0..1, 1..n / 2, n / 2..n].into_iter().map(|r| on(&rows.slice(r.start, r.len()))).collect();
    table::assert_same(&table::join(&parts), &first, "in three parts");

    let order = permutation(n, &mut Seed::new(7).stream("contract", &[]));
    table::assert_same(&on(&table::take(&rows, &order)), &table::take(&first, &order), "rows in another order");
}

/// The output on all rows; none where the method has no `apply`.
fn whole(fixture: &Fixture) -> Option<RecordBatch> {
    fixture.offers("apply").then(|| applied(fixture, fixture.data(), &fixture.contract.options))
}

fn applied(fixture: &Fixture, data: &Dataset, options: &Value) -> RecordBatch {
    fixture.apply(data, options).unwrap_or_else(|e| panic!("apply fails with {options}: {e}"))
}
