//! Empty: a build script makes Cargo resolve the features of build dependencies too.
fn main() {}
