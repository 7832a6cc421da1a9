//! Parquet with zstd.

use std::fs::File;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use suffit_core::Result;

use super::{Encoder, Out};
use crate::error::WriteError;

/// Rows of a row group: what a reader must hold at once.
const GROUP_ROWS: usize = 1 << 16;

struct Parquet {
    writer: ArrowWriter<File>,
    path: String,
}

pub(super) fn encoder(out: Out, schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
    let path = out.label();
    let failed = |source| WriteError::Parquet { path: path.clone(), source };
    let level = ZstdLevel::try_new(3).map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(concat!("suffit ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let writer = ArrowWriter::try_new(out.file, schema.clone(), Some(properties)).map_err(failed)?;
    Ok(Box::new(Parquet { writer, path }))
}

impl Encoder for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(|source| WriteError::Parquet { path: self.path.clone(), source }.into())
    }

    fn finish(self: Box<Self>) -> Result<File> {
        let Parquet { writer, path } = *self;
        writer.into_inner().map_err(|source| WriteError::Parquet { path, source }.into())
    }
}
