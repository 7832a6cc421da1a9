//! The commands of the documentation are tests: `tests/cli/*.md`.

#[test]
fn commands_of_the_documentation() {
    trycmd::TestCases::new().default_bin_name("suffit").env("COLUMNS", "100").case("tests/cli/*.md");
}
