//! Edit distance of strings.

/// Levenshtein distance: fewest insertions, deletions and replacements of characters.
///
/// - cost: `O(|a| |b|)` time, `O(|b|)` bytes; source: Levenshtein 1966; Wagner and Fischer 1974
///
/// ```
/// assert_eq!(suffit_stats::response::levenshtein("kitten", "sitting"), 3);
/// ```
pub fn levenshtein(a: &str, b: &str) -> usize {
    let right: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, c) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, d) in right.iter().enumerate() {
            let replace = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
