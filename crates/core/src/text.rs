//! Small helpers on names and texts.

/// The nearest of `names` to what was typed, if it is near enough to be a slip: Jaro–Winkler
/// similarity of at least 0.8 or at most a third of the letters changed (Damerau–Levenshtein).
///
/// ```
/// use suffit_core::text::nearest;
/// assert_eq!(nearest("epochss", ["epochs", "batch_size"]), Some("epochs"));
/// assert_eq!(nearest("zzz", ["epochs", "batch_size"]), None);
/// ```
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &'a str)> = None;
    for name in names {
        let (a, b) = (typed.to_lowercase(), name.to_lowercase());
        let edits = strsim::damerau_levenshtein(&a, &b);
        let letters = a.chars().count().max(b.chars().count());
        let likeness = strsim::jaro_winkler(&a, &b);
        let near = likeness >= 0.8 || edits * 3 <= letters;
        // The first of equally near names wins, so the answer does not depend on anything else.
        if near && best.is_none_or(|(score, _)| likeness > score) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Words as a list for people: `` `a`, `b` or `c` ``.
pub fn choices<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_swapped_and_missing_letters_and_leaves_strangers() {
        let names = ["learning_rate", "batch_size", "epochs"];
        assert_eq!(nearest("learnign_rate", names), Some("learning_rate"));
        assert_eq!(nearest("batchsize", names), Some("batch_size"));
        assert_eq!(nearest("Epochs", names), Some("epochs"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn choices_read_well() {
        assert_eq!(choices(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(choices(&["a"]), "`a`");
    }
}
