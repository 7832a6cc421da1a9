//! The suffit command line.
fn main() {}
