//! Sources of record batches that are not files: held, put side by side, put end to end, aligned.

mod align;
mod beside;
mod chain;
mod held;
mod stream;

pub use align::align;
pub use beside::{Beside, Part};
pub use chain::Chain;
pub use held::Held;
pub(crate) use stream::{count, fold, project, projected, rechunk};

use arrow_schema::Schema;

/// The names of the columns, in order.
pub fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|f| f.name().clone()).collect()
}
