//! Near names: they are proposed, and never license anything by themselves.

/// Edit distance with transpositions of neighbours (optimal string alignment), over characters.
///
/// Cost: `O(nm)` time, three rows of memory.
pub fn damerau_levenshtein(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// Shared trigrams over all trigrams, of texts padded by two blanks in front and one behind.
pub fn trigram_jaccard(a: &str, b: &str) -> f64 {
    let grams = |t: &str| {
        let padded: Vec<char> = "  ".chars().chain(t.chars()).chain(" ".chars()).collect();
        padded.windows(3).map(|w| [w[0], w[1], w[2]]).collect::<std::collections::BTreeSet<_>>()
    };
    let (x, y) = (grams(a), grams(b));
    let shared = x.intersection(&y).count();
    shared as f64 / (x.len() + y.len() - shared) as f64
}

/// Whether two normalised names are near: at most one edit per five letters of the shorter one, or
/// trigrams shared to 0.7 (inferred: the specification names the measure and no limit).
pub fn near(a: &str, b: &str) -> bool {
    /// Below this share of common trigrams names are strangers.
    const SHARED: f64 = 0.7;
    let letters = a.chars().count().min(b.chars().count());
    let allowed = letters / 5;
    let gap = a.chars().count().abs_diff(b.chars().count());
    (gap <= allowed && damerau_levenshtein(a, b) <= allowed) || trigram_jaccard(a, b) >= SHARED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_by_hand() {
        assert_eq!(damerau_levenshtein("bulgaria", "bulgraia"), 1);
        assert_eq!(damerau_levenshtein("", "abc"), 3);
        assert_eq!(damerau_levenshtein("kitten", "sitting"), 3);
        assert!((trigram_jaccard("ab", "ab") - 1.0).abs() < 1e-15);
        // "  a", " ab", "ab " against "  a", " ac", "ac "
        assert!((trigram_jaccard("ab", "ac") - 0.2).abs() < 1e-15);
    }

    #[test]
    fn short_names_are_never_near_by_edits() {
        assert!(near("bulgaria", "bulgraia") && near("germany", "germani"));
        assert!(!near("mali", "bali") && !near("iran", "iraq") && !near("niger", "nigeria"));
    }
}
