//! Surgery on small data sets in memory.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, FixedSizeListArray, Float32Array, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use suffit_core::dataset::{Batches, FileInfo, Location};
use suffit_core::{Dataset, Result, Role, Source};
use suffit_data::source::Held;

/// Identifier column that data sets without one get.
const ID: &str = "contract_row";

/// All rows.
pub fn rows(data: &Dataset) -> RecordBatch {
    Held::read(&*data.source, &data.name).unwrap().batch().clone()
}

/// The same data set with other rows.
pub fn with_rows(data: &Dataset, batch: &RecordBatch) -> Dataset {
    let held = Held::new(&data.name, &batch.schema(), std::slice::from_ref(batch), Vec::new()).unwrap();
    Dataset { source: Arc::new(held), ..data.clone() }
}

/// Batches of one schema as one.
pub fn join(batches: &[RecordBatch]) -> RecordBatch {
    let schema = batches.first().expect("apply writes at least one batch").schema();
    Held::new("rows", &schema, batches, Vec::new()).unwrap().batch().clone()
}

/// The given rows in that order.
pub fn take(batch: &RecordBatch, order: &[usize]) -> RecordBatch {
    join(&order.iter().map(|&row| batch.slice(row, 1)).collect::<Vec<_>>())
}

/// The data set in memory, with an identifier column if it had none.
pub fn with_ids(data: &Dataset) -> Dataset {
    let batch = rows(data);
    if data.roles.one(&Role::Id).is_some() {
        return with_rows(data, &batch);
    }
    let ids = StringArray::from((0..batch.num_rows()).map(|i| format!("r{i}")).collect::<Vec<_>>());
    let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(ID, DataType::Utf8, false)));
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(ids));
    let mut out = with_rows(data, &RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap());
    out.roles.bind(Role::Id, vec![ID.to_owned()]);
    out
}

/// A place that a bad value can be put into.
pub struct Place {
    /// Column of the table.
    column: String,
    /// The place in messages: the column, or `column[1]` inside an array column.
    pub shown: String,
}

/// The first place with a number that has others beside it in its view.
pub fn place(data: &Dataset) -> Place {
    let roles: Vec<(Role, Vec<String>)> = data.roles.iter().map(|(r, c)| (r.clone(), c.to_vec())).collect();
    let schema = data.source.schema();
    let features = roles.iter().filter(|(role, _)| matches!(role, Role::View(_) | Role::Features));
    for (_, columns) in features {
        for column in columns {
            let kind = schema.field_with_name(column).unwrap().data_type();
            match kind {
                DataType::FixedSizeList(item, width) if *width > 1 && floats(item.data_type()) => {
                    return Place { column: column.clone(), shown: format!("{column}[1]") };
                }
                kind if floats(kind) && columns.len() > 1 => {
                    return Place { column: column.clone(), shown: column.clone() };
                }
                _ => {}
            }
        }
    }
    panic!("give the contract data with a view (or features) of two or more floating-point numbers")
}

fn floats(kind: &DataType) -> bool {
    matches!(kind, DataType::Float32 | DataType::Float64)
}

/// The data set with a bad value in row `row` (from 0).
pub fn spoil(data: &Dataset, place: &Place, row: usize, value: f64) -> Dataset {
    let batch = rows(data);
    let index = batch.schema().index_of(&place.column).unwrap();
    let spoilt: ArrayRef = match batch.column(index).data_type() {
        DataType::FixedSizeList(item, width) => {
            let list = batch.column(index).as_fixed_size_list();
            let values = put(list.values(), row * *width as usize + 1, value);
            Arc::new(FixedSizeListArray::try_new(item.clone(), *width, values, list.nulls().cloned()).unwrap())
        }
        _ => put(batch.column(index), row, value),
    };
    replace(data, &batch, index, spoilt)
}

fn put(array: &ArrayRef, at: usize, value: f64) -> ArrayRef {
    match array.data_type() {
        DataType::Float32 => {
            let mut values = array.as_primitive::<Float32Type>().values().to_vec();
            values[at] = value as f32;
            Arc::new(Float32Array::new(values.into(), array.nulls().cloned()))
        }
        _ => {
            let mut values = array.as_primitive::<Float64Type>().values().to_vec();
            values[at] = value;
            Arc::new(Float64Array::new(values.into(), array.nulls().cloned()))
        }
    }
}

/// The data set with the first row's label in every row; `None` where no label is bound.
pub fn one_class(data: &Dataset) -> Option<Dataset> {
    let column = data.roles.one(&Role::Label)?;
    let batch = rows(data);
    let index = batch.schema().index_of(column).unwrap();
    let label = take(&batch.project(&[index]).unwrap(), &vec![0; batch.num_rows()]);
    Some(replace(data, &batch, index, label.column(0).clone()))
}

fn replace(data: &Dataset, batch: &RecordBatch, index: usize, column: ArrayRef) -> Dataset {
    let mut columns = batch.columns().to_vec();
    columns[index] = column;
    with_rows(data, &RecordBatch::try_new(batch.schema(), columns).unwrap())
}

/// Gives at most `at_once` rows at a time, whatever is asked for.
pub struct Trickle {
    inner: Arc<dyn Source>,
    at_once: usize,
}

impl Trickle {
    /// The data set, a few rows at a time.
    pub fn of(data: &Dataset, at_once: usize) -> Dataset {
        Dataset { source: Arc::new(Trickle { inner: data.source.clone(), at_once }), ..data.clone() }
    }
}

impl Source for Trickle {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }
    fn rows(&self) -> Option<u64> {
        None // a stream does not know; methods must not need it
    }
    fn files(&self) -> Result<Vec<FileInfo>> {
        self.inner.files()
    }
    fn batches(&self, columns: Option<&[String]>, batch_rows: usize) -> Result<Batches> {
        self.inner.batches(columns, batch_rows.min(self.at_once))
    }
    fn locate(&self, column: &str, row: u64) -> Location {
        self.inner.locate(column, row)
    }
}

/// Fails with the first column and row in which two tables differ.
pub fn assert_same(ours: &RecordBatch, expected: &RecordBatch, what: &str) {
    assert_eq!(ours.schema(), expected.schema(), "{what}: other columns");
    assert_eq!(ours.num_rows(), expected.num_rows(), "{what}: other number of rows");
    for (index, field) in expected.schema().fields().iter().enumerate() {
        let (a, b) = (ours.column(index), expected.column(index));
        if a.to_data() != b.to_data() {
            let row = (0..a.len()).find(|&r| a.slice(r, 1).to_data() != b.slice(r, 1).to_data());
            panic!("{what}: column `{}` differs, first in row {:?} (from 0)", field.name(), row);
        }
    }
}
