//! Renders a document from its JSON: `cargo run --release -p suffit-report --example render -- IN.json OUT.html`.
//!
//! An output name ending in `.md` gives Markdown, `.txt` the terminal's text at 100 columns.

use std::process::ExitCode;

use suffit_report::Document;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(output), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return fail("usage: render IN.json OUT.html|OUT.md|OUT.txt");
    };
    match render(&input, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("error: {error}")),
    }
}

fn render(input: &str, output: &str) -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(input).map_err(|error| format!("{input}: {error}"))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| format!("{input}: {error}"))?;
    document.validate()?;
    let rendered = match std::path::Path::new(output).extension().and_then(|name| name.to_str()) {
        Some("md") => suffit_report::markdown(&document),
        Some("txt") => suffit_report::terminal(&document, 100, false),
        _ => suffit_report::html(&document),
    };
    std::fs::write(output, rendered).map_err(|error| format!("{output}: {error}"))?;
    Ok(())
}

fn fail(message: &str) -> ExitCode {
    use std::io::Write as _;
    // Nothing can be done about a closed standard error.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::from(2)
}
