//! Names of runs: `2026-11-23-symile-quiet-heron`.

use crate::ctx::Ctx;
use crate::seed::below;

const ADJECTIVES: [&str; 48] = [
    "amber", "brave", "brisk", "bright", "calm", "clear", "clever", "coral", "crisp", "eager", "early", "fair",
    "fleet", "fresh", "gentle", "golden", "grand", "green", "happy", "hardy", "honest", "humble", "jolly", "keen",
    "kind", "light", "lively", "lucid", "mellow", "merry", "mild", "nimble", "noble", "patient", "plain", "proud",
    "quick", "quiet", "rapid", "sharp", "silver", "sober", "steady", "sunny", "swift", "tidy", "warm", "wise",
];

const ANIMALS: [&str; 48] = [
    "badger", "beaver", "bison", "crane", "cricket", "curlew", "deer", "dolphin", "dove", "eagle", "egret", "falcon",
    "finch", "fox", "gecko", "gull", "hare", "hawk", "hedgehog", "heron", "ibex", "ibis", "jackdaw", "kestrel", "kite",
    "lark", "lynx", "marten", "mole", "moth", "newt", "osprey", "otter", "owl", "plover", "puffin", "raven", "robin",
    "salmon", "seal", "shrew", "stork", "swan", "tern", "thrush", "toad", "trout", "wren",
];

/// The name to try at the given attempt: date by the clock (UTC), two words by seed, clock and
/// attempt; from the 33rd attempt on a number, so that a free name is always found.
pub(super) fn candidate(slug: &str, attempt: u64, ctx: &Ctx) -> String {
    let now = ctx.clock.unix_ms();
    let mut stream = ctx.seed.stream("run name", &[now, attempt]);
    let adjective = ADJECTIVES[below(ADJECTIVES.len() as u64, &mut stream) as usize];
    let animal = ANIMALS[below(ANIMALS.len() as u64, &mut stream) as usize];
    let (y, m, d) = civil(now / 86_400_000);
    let name = format!("{y:04}-{m:02}-{d:02}-{slug}-{adjective}-{animal}");
    if attempt < 32 { name } else { format!("{name}-{}", attempt - 30) }
}

/// Year, month and day of a day since 1970-01-01 (proleptic Gregorian calendar), counted in eras
/// of 400 years = 146,097 days whose years begin in March.
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    (yoe + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_of_known_days() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(11_017), (2000, 3, 1));
        assert_eq!(civil(19_722), (2023, 12, 31));
        assert_eq!(civil(19_723), (2024, 1, 1));
    }

    #[test]
    fn civil_walks_day_by_day() {
        // A naive calendar over 140 years, leap rules written out.
        let (mut y, mut m, mut d) = (1970u64, 1u64, 1u64);
        for day in 0..51_500 {
            assert_eq!(civil(day), (y, m, d));
            let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
            let length = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m as usize - 1];
            d += 1;
            if d > length {
                (d, m) = (1, m + 1);
            }
            if m > 12 {
                (m, y) = (1, y + 1);
            }
        }
    }

    #[test]
    fn words_are_distinct() {
        let words: std::collections::BTreeSet<_> = ADJECTIVES.iter().chain(&ANIMALS).collect();
        assert_eq!(words.len(), ADJECTIVES.len() + ANIMALS.len());
    }
}
