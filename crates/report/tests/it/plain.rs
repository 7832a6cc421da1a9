//! Terminal and Markdown.

use proptest::prelude::*;
use suffit_report::{
    Answer, Banner, Card, Document, Estimate, Format, LimitState, Section, Side, Status, Table, cells, markdown,
    markdown_table, terminal, terminal_cards, terminal_line, terminal_table, terminal_verdict,
};

fn about(value: f64) -> Estimate {
    Estimate::new(value).interval(value - 0.05, value + 0.05).n(1000)
}

fn retrieval() -> Table {
    Table::new("")
        .text("from")
        .estimate("top-1", 3)
        .number("chance", 3)
        .baseline()
        .estimate("gain", 2)
        .with(Format::digits(2).signed().unit("nats"))
        .count("rows")
        .heading("find the zer view from …")
        .row(cells!["pix + fou", about(0.75), 0.01, Estimate::new(-0.5).interval(-1.25, 0.25), 2000])
        .strong_row(cells!["pix", Estimate::new(0.5), 0.01, None::<f64>, 12000])
        .heading("name the digit")
        .baseline_row(cells![
            "a probe on the raw views of every kind",
            about(0.9),
            0.1,
            Estimate::new(10.0).interval(9.5, 10.5),
            2000
        ])
}

fn banner() -> Banner {
    Banner::new("Is it enough?", Answer::Enough, "the product of pix and fou keeps the digit.")
        .effect("accuracy, product minus a probe on the raw views", about(0.0), Format::digits(2).signed())
        .margin(-0.1, Side::Above)
        .assumption(LimitState::Violated, "rows are independent")
}

#[test]
fn a_table_at_100_columns() {
    insta::assert_snapshot!(terminal_table(&retrieval(), 100, false), @r"
    from                          top-1  [95 %]           chance   gain (nats)  [95 %]              rows
    find the zer view from …
      pix + fou                   0.750  [0.700, 0.800]    0.010         −0.50  [−1.25,  +0.25]    2,000
      pix                         0.500                    0.010             –                    12,000
    name the digit
      a probe on the raw views    0.900  [0.850, 0.950]    0.100        +10.00  [+9.50, +10.50]    2,000
      of every kind
    ");
}

#[test]
fn a_table_at_60_columns() {
    insta::assert_snapshot!(terminal_table(&retrieval(), 60, false), @r"
    from                          top-1  [95 %]           chance
    find the zer view from …
      pix + fou                   0.750  [0.700, 0.800]    0.010
      pix                         0.500                    0.010
    name the digit
      a probe on the raw views    0.900  [0.850, 0.950]    0.100
      of every kind

    from                   gain (nats)  [95 %]              rows
    find the zer view from …
      pix + fou                  −0.50  [−1.25,  +0.25]    2,000
      pix                            –                    12,000
    name the digit
      a probe on the raw        +10.00  [+9.50, +10.50]    2,000
      views of every
      kind
    ");
}

#[test]
fn a_spread_is_not_called_an_interval() {
    let spread = Estimate::new(0.5).spread(0.4, 0.7);
    let table =
        |cell: Estimate| Table::new("").text("p").estimate("gap", 1).row(cells!["a", spread]).row(cells!["b", cell]);
    assert!(terminal_table(&table(spread), 80, false).starts_with("p   gap  [spread]\n"));
    assert!(markdown_table(&table(spread)).contains("gap \\[spread\\]"));
    assert!(terminal_table(&table(about(0.5)), 80, false).starts_with("p   gap  [interval]\n"));
    assert!(terminal_table(&table(about(0.5).level(0.9)), 80, false).contains("[0.5, 0.6]"));
}

#[test]
fn a_table_as_markdown() {
    insta::assert_snapshot!(markdown_table(&retrieval()), @r"
    | from | top-1 \[95 %\] | chance | gain (nats) \[95 %\] | rows |
    |:--|--:|--:|--:|--:|
    | **find the zer view from …** |  |  |  |  |
    | pix + fou | 0.750 \[0.700, 0.800\] | 0.010 | −0.50 \[−1.25, +0.25\] | 2,000 |
    | **pix** | **0.500** | **0.010** | **–** | **12,000** |
    | **name the digit** |  |  |  |  |
    | a probe on the raw views of every kind | 0.900 \[0.850, 0.950\] | 0.100 | +10.00 \[+9.50, +10.50\] | 2,000 |
    ");
}

#[test]
fn verdicts_in_words() {
    let undecided =
        Banner::new("Is it?", Answer::Undecided, "the data cannot tell").would_decide("about 3,400 more rows");
    let not = Banner::new("Is it?", Answer::NotEnough, "it is not");
    let text = [banner(), not, undecided].map(|b| terminal_verdict(&b, 60, false)).concat();
    insta::assert_snapshot!(text, @r"
    ENOUGH      the product of pix and fou keeps the digit: 0.00
                [−0.05, +0.05] accuracy, product minus a probe
                on the raw views (tolerance 0.10, n = 1,000)
                violated: rows are independent
    NOT ENOUGH  it is not
    UNDECIDED   the data cannot tell
                would decide: about 3,400 more rows
    ");
}

#[test]
fn colour_only_when_asked() {
    let plain = terminal_verdict(&banner(), 80, false);
    assert!(!plain.contains('\u{1b}'));
    let coloured = terminal_verdict(&banner(), 80, true);
    assert!(coloured.contains("\u{1b}[1;32mENOUGH     \u{1b}[0m the product"), "{coloured:?}");
    let mut stripped = coloured;
    for code in ["\u{1b}[1;32m", "\u{1b}[0m"] {
        stripped = stripped.replace(code, "");
    }
    assert_eq!(stripped, plain);
}

#[test]
fn key_figures_line_up() {
    let cards = [
        Card::new("top-1", about(0.5), Format::digits(3)).baseline("chance", 0.1).baseline("pairwise", 0.2),
        Card::new("bound", Estimate::new(3.0), Format::digits(1).unit("nats")).note("in the limit"),
        Card::text("seeds solved", "3 of 4"),
    ];
    insta::assert_snapshot!(terminal_cards(&cards, 80), @r"
    top-1          0.500 [0.450, 0.550]   chance 0.100 · pairwise 0.200
    bound          3.0 nats               in the limit
    seeds solved   3 of 4
    ");
    insta::assert_snapshot!(terminal_cards(&cards, 30), @r"
    top-1
      0.500 [0.450, 0.550]
      chance 0.100 · pairwise
      0.200
    bound
      3.0 nats
      in the limit
    seeds solved
      3 of 4
    ");
}

#[test]
fn labelled_lines_hang() {
    insta::assert_snapshot!(terminal_line("data", "digits.parquet · 2,000 rows · views pix(240) fou(76)", 40), @r"
    data        digits.parquet · 2,000 rows
                · views pix(240) fou(76)
    ");
}

#[test]
fn a_failed_run_says_where_and_how_to_go_on() {
    let status = Status::Failed {
        at: "at step 1,200 of 4,000".into(),
        cause: "view `pix` holds NaN".into(),
        hint: Some("drop the row".into()),
        resume: Some("suffit fit --resume RUN".into()),
    };
    let document = Document::new("A run", "sample").status(status);
    insta::assert_snapshot!(terminal(&document, 80, false), @r"
    A run · sample
    failed      at step 1,200 of 4,000
    cause       view `pix` holds NaN
    hint        drop the row
    resume      suffit fit --resume RUN
    ");
    insta::assert_snapshot!(markdown(&document), @r"
    # A run

    Method: sample. Status: failed at step 1,200 of 4,000. Cause: view \`pix\` holds NaN. Hint: drop the row. Resume with

    ```
    suffit fit --resume RUN
    ```
    ");
}

#[test]
fn hostile_names_stay_text_in_markdown() {
    let name = "<img src=x onerror=alert(1)>|`*_[x](y)\n# z";
    let text = markdown(
        &Document::new(name, name).section(Section::new(name).table(Table::new(name).text(name).row(cells![name]))),
    );
    assert!(!text.contains("<img"), "{text}");
    assert!(text.contains(r"&lt;img src=x onerror=alert(1)&gt;\|\`\*\_\[x\](y) \# z"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with('|')).count(), 3);
    // A code cell is literal in Markdown; its fence is longer than any run of backticks in it.
    let code = markdown_table(&Table::new("").code("c").row(cells!["`` | ` <b>"]));
    assert!(code.ends_with("| ``` `` \\| ` <b> ``` |\n"), "{code}");
}

#[test]
fn the_whole_sample_fits_in_100_and_in_60_columns() {
    let document = crate::sample::sample();
    for width in [100, 60] {
        let text = terminal(&document, width, false);
        // Commands are there to be copied and are not wrapped.
        let prose = text.split_once("Commands\n").unwrap().0;
        for line in prose.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
            assert_eq!(line.trim_end(), line);
        }
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}

proptest! {
    #[test]
    fn tables_of_any_text_stay_within_the_width(
        name in any::<String>(), rows in prop::collection::vec((any::<String>(), any::<f64>()), 0..5), width in 40_usize..120,
    ) {
        let mut table = Table::new("t").text(name).number("value", 3).text("beside");
        for (text, value) in &rows {
            let value = if value.abs() < 1e9 { *value } else { 1.0 };
            table.push_row(cells![text, value, text]);
        }
        for line in terminal_table(&table, width, false).lines() {
            let columns: usize = line.chars().map(|c| unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)).sum();
            prop_assert!(columns <= width, "{} > {}: {:?}", columns, width, line);
        }
        let text = markdown_table(&table);
        prop_assert_eq!(text.lines().filter(|line| line.starts_with('|')).count(), 2 + rows.len());
    }
}
