//! The HTML file: complete, inert, small, alone.

use proptest::prelude::*;
use suffit_report::{Document, Section, Table, cells, html};

const START: &str = r#"<script type="application/json" id="suffit-document">"#;

/// The JSON block of a page.
fn block(page: &str) -> &str {
    let (_, rest) = page.split_once(START).unwrap();
    rest.split_once("</script>").unwrap().0
}

#[test]
fn the_file_holds_the_document() {
    let document = crate::sample::sample();
    let page = html(&document);
    let back: Document = serde_json::from_str(block(&page)).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), serde_json::to_string(&document).unwrap());
    assert!(page.contains("<title>Layout sample: every value on this page is made up</title>"));
    assert!(!page.contains("<!--suffit:"), "a mark was left");
}

#[test]
fn text_from_a_user_is_never_markup() {
    let page = html(&crate::sample::sample());
    assert!(!page.contains("<img"));
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("</script").count(), 2, "the document and the page's own script");
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn the_file_loads_nothing_and_says_so_to_the_browser() {
    // Without users' text, which may speak of any tag.
    let page = html(&Document::new("title", "method"));
    let (page, _notices) = page.split_once("</html>").unwrap();
    let policy =
        page.split_once(r#"http-equiv="Content-Security-Policy" content=""#).unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for tag in ["<link", "<iframe", "<object", "<embed", "<base", "<form", "@import", " src=", "url(http", "url(//"] {
        assert!(!page.contains(tag), "{tag}");
    }
    for scheme in ["http://", "https://"] {
        for (at, _) in page.match_indices(scheme) {
            let address: String = page[at..].chars().take_while(|c| !"\"'`) <".contains(*c)).collect();
            assert!(address.starts_with("http://www.w3.org/"), "{address}");
        }
    }
}

#[test]
fn an_ordinary_report_is_small() {
    let size = html(&crate::sample::sample()).len();
    assert!(size < 1_500_000, "{size} bytes");
}

#[test]
fn a_reader_without_scripts_finds_the_text() {
    let page = html(&Document::new("a < b", "m").summary("c & d"));
    let text = page.split_once("<noscript>").unwrap().1.split_once("</noscript>").unwrap().0;
    // Markdown writes `<` as an entity, which the page then shows as written.
    assert!(text.contains("# a &amp;lt; b"), "{text}");
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(title in any::<String>(), cell in any::<String>()) {
        let table = Table::new(&title).text(&cell).row(cells![&cell]);
        let document = Document::new(&title, &cell).section(Section::new(&cell).table(table));
        let page = html(&document);
        prop_assert_eq!(page.matches("</script").count(), 2);
        let back: Document = serde_json::from_str(block(&page)).unwrap();
        prop_assert_eq!(back, document);
    }
}
