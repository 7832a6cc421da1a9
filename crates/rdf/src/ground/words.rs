//! Numbers in English words.

/// Value of `two thousand`, `twenty-one`, `one hundred and five`; `None` for other words.
///
/// The words of one group (below a thousand) add up; each scale word multiplies the group before it
/// and scales must fall from left to right.
pub(crate) fn number(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    let (mut total, mut group, mut seen) = (0_i64, 0_i64, false);
    let (mut last_scale, mut room) = (i64::MAX, 1000_i64);
    for word in lower.split([' ', '-']).filter(|w| !w.is_empty() && *w != "and") {
        if let Some(value) = small(word) {
            // Within a group each word must be smaller than what the one before left open.
            if value >= room {
                return None;
            }
            group += value;
            room = if value >= 20 { 10 } else { 0 };
            seen = true;
        } else if word == "hundred" {
            if !(1..10).contains(&group) {
                return None;
            }
            group *= 100;
            room = 100;
        } else {
            let scale = scale(word)?;
            if scale >= last_scale || group == 0 {
                return None;
            }
            total += group.checked_mul(scale)?;
            (group, room, last_scale) = (0, 1000, scale);
        }
    }
    seen.then_some(total + group)
}

/// `thousand` to `trillion`.
pub(crate) fn scale(word: &str) -> Option<i64> {
    Some(match word.to_lowercase().as_str() {
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        "trillion" => 1_000_000_000_000,
        _ => return None,
    })
}

fn small(word: &str) -> Option<i64> {
    const UNITS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let unit = UNITS.iter().position(|w| *w == word).map(|i| i as i64);
    unit.or_else(|| TENS.iter().position(|w| *w == word).map(|i| (i as i64 + 2) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_add_and_multiply() {
        for (text, value) in [
            ("two thousand", 2000),
            ("twenty-one", 21),
            ("one hundred and five", 105),
            ("three million two hundred thousand", 3_200_000),
            ("zero", 0),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "and", "two three", "thousand million", "twenty twelve", "a dozen", "hundred"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
