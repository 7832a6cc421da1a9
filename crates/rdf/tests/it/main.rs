//! Tests through the public API: the W3C SHACL suite and the golden vectors.
#![allow(clippy::unwrap_used, clippy::panic)]

mod countries;
mod golden;
mod shacl_suite;

use std::path::{Path, PathBuf};

use suffit_rdf::read::{Format, OnError, load, parse};
use suffit_rdf::store::{Builder, Part, Store};

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Data, ontology and shapes given as Turtle.
fn store_of(data: &[&str], shapes: &str) -> Store {
    let mut builder = Builder::new();
    for text in data {
        parse(text.as_bytes(), Format::Turtle, "data.ttl", Part::Data, OnError::Stop, &mut builder).unwrap();
    }
    parse(shapes.as_bytes(), Format::Turtle, "shapes.ttl", Part::Shapes, OnError::Stop, &mut builder).unwrap();
    builder.build()
}

fn load_into(path: &Path, part: Part, builder: &mut Builder) {
    load(path, part, OnError::Stop, builder).unwrap();
}
