//! Formats, bad inputs, opening and bundles, through the public interface.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod bad;
mod bundled;
mod fixture;
mod opening;
mod round_trip;
mod values;
