//! No code. Cargo compiles a dependency anew for every set of features, and the set depends on
//! which packages a command selects. This crate names the union of the features that any command
//! of the workspace needs, so that `cargo run`, `cargo test -p X` and `cargo xtask ci` share one
//! compiled copy of everything (the tensor back end alone takes minutes).
