//! Prefixes of the queries in shapes.

/// Vocabularies that `lenient` binds besides what the shapes declare.
pub(crate) const COMMON: &[(&str, &str)] = &[
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("sh", super::words::SH),
];

/// The first prefix that a query uses but neither declares nor gets from `known`.
pub(crate) fn undeclared(query: &str, known: &[(String, String)]) -> Option<String> {
    let bare = without_texts(query);
    let words: Vec<&str> = bare.split(|c: char| c.is_whitespace() || "{}()[],;|/^*+!=<>&".contains(c)).collect();
    let mut declared: Vec<&str> = known.iter().map(|(p, _)| p.as_str()).collect();
    let mut used = Vec::new();
    let mut after_keyword = false;
    for word in words.into_iter().filter(|w| !w.is_empty()) {
        let Some((prefix, _)) = word.split_once(':') else {
            after_keyword = word.eq_ignore_ascii_case("prefix");
            continue;
        };
        if after_keyword {
            declared.push(prefix);
        } else if !prefix.starts_with(['?', '$', '_', '@'])
            && prefix.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
        {
            used.push(prefix);
        }
        after_keyword = false;
    }
    used.into_iter().find(|p| !declared.contains(p)).map(str::to_owned)
}

/// The query with strings, IRIs in angle brackets and comments left out.
fn without_texts(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(c) = rest.chars().next() {
        let skip = match c {
            '"' | '\'' => string_length(rest, c),
            '<' => iri_length(rest),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ => 0,
        };
        if skip == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            out.push(' ');
            rest = &rest[skip..];
        }
    }
    // `"1"^^xsd:integer` leaves `^^xsd:integer`, which splits at the carets.
    out
}

fn string_length(text: &str, quote: char) -> usize {
    let long: String = [quote; 3].iter().collect();
    let (open, close) = if text.starts_with(&long) { (3, long) } else { (1, quote.to_string()) };
    let mut at = open;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(&close) {
            return at + close.len();
        }
        let mut chars = rest.chars();
        match chars.next() {
            Some('\\') => at += 1 + chars.next().map_or(0, char::len_utf8),
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    text.len()
}

/// Length of `<...>`, or 0 when the sign is a comparison.
fn iri_length(text: &str) -> usize {
    let end =
        text.find('>').filter(|&end| !text[1..end].contains(|c: char| c.is_whitespace() || "<\"{}|^`".contains(c)));
    end.map_or(0, |e| e + 1)
}

#[cfg(test)]
mod tests {
    use super::undeclared;

    #[test]
    fn the_first_undeclared_prefix_is_named() {
        let known = [("ex".to_owned(), "http://ex/".to_owned())];
        let found = |q: &str| undeclared(q, &known);
        assert_eq!(found("SELECT $this { $this rdf:type ex:A }"), Some("rdf".into()));
        assert_eq!(found("PREFIX rdf: <http://r#> SELECT $this { $this rdf:type ex:A }"), None);
        assert_eq!(found("SELECT $this { $this ex:a \"foaf:name\" ; ex:b <urn:x> } # skos:label"), None);
        assert_eq!(
            found("SELECT $this { $this ex:a ?b FILTER(?b < \"1\"^^xsd:integer && ?b >3) }"),
            Some("xsd".into())
        );
        assert_eq!(found("SELECT $this { $this :a ?b }"), Some(String::new()));
        assert_eq!(found("SELECT $this { _:b ex:p/ex:q ?b }"), None);
    }
}
