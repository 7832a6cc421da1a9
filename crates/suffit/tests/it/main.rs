//! The binary, as a user meets it: help, results, errors, exit codes, and what survives a kill.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bad_input;
mod colour;
mod docs;
mod exit;
mod flow;
mod help;
mod json;
mod kill;
mod pipe;
mod quickstart;
mod util;
