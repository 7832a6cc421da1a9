//! Writes the layout sample that the page's browser test opens:
//! `cargo run --release -p suffit-report --example sample > web/test/sample.json`.

use std::io::Write as _;

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = sample::sample();
    document.validate()?;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}
