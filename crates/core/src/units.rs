//! Counts, times and sizes as people read them.

/// A count with thousands separators.
///
/// ```
/// assert_eq!(suffit_core::units::count(1234567), "1,234,567");
/// assert_eq!(suffit_core::units::count(999), "999");
/// ```
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 row`, `2,000 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A time span: below a second in ms, below a minute in s, below an hour in min, then in h.
///
/// ```
/// use suffit_core::units::seconds;
/// assert_eq!(seconds(0.0123), "12 ms");
/// assert_eq!(seconds(7.24), "7.2 s");
/// assert_eq!(seconds(41.6), "42 s");
/// assert_eq!(seconds(125.0), "2 min 5 s");
/// assert_eq!(seconds(3725.0), "1 h 2 min");
/// ```
pub fn seconds(s: f64) -> String {
    if !s.is_finite() || s < 0.0 {
        return "unknown".to_owned();
    }
    let whole = s.round() as u64;
    match s {
        s if s < 0.9995 => format!("{:.0} ms", s * 1000.0),
        s if s < 9.95 => format!("{s:.1} s"),
        _ if whole < 60 => format!("{whole} s"),
        _ if whole < 600 && !whole.is_multiple_of(60) => format!("{} min {} s", whole / 60, whole % 60),
        _ if whole < 3600 => format!("{} min", (s / 60.0).round() as u64),
        _ => {
            let minutes = (s / 60.0).round() as u64;
            if minutes.is_multiple_of(60) {
                format!("{} h", minutes / 60)
            } else {
                format!("{} h {} min", minutes / 60, minutes % 60)
            }
        }
    }
}

/// A size in bytes with decimal prefixes and at most three digits: `999 B`, `1.50 kB`, `300 MB`.
///
/// ```
/// use suffit_core::units::bytes;
/// assert_eq!(bytes(999), "999 B");
/// assert_eq!(bytes(1_500), "1.50 kB");
/// assert_eq!(bytes(300_000_000), "300 MB");
/// ```
pub fn bytes(n: u64) -> String {
    let (mut value, mut prefixes) = (n as f64, ["B", "kB", "MB", "GB", "TB", "PB", "EB"].iter());
    let mut unit = prefixes.next().copied().unwrap_or("B");
    // 999.5 would print as 1000.
    while value >= 999.5 {
        let Some(next) = prefixes.next() else { break };
        (value, unit) = (value / 1000.0, next);
    }
    match unit {
        "B" => format!("{n} B"),
        _ if value < 9.995 => format!("{value:.2} {unit}"),
        _ if value < 99.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

/// A moment, given in milliseconds since the Unix epoch, as `2026-11-23 14:05` (UTC).
pub fn moment(unix_ms: u64) -> String {
    let (y, m, d) = crate::run::civil(unix_ms / 86_400_000);
    let minutes = unix_ms / 60_000 % 1440;
    format!("{y:04}-{m:02}-{d:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_do_not_print_four_digits() {
        assert_eq!(bytes(999_499), "999 kB");
        assert_eq!(bytes(999_500), "1.00 MB");
        assert_eq!(bytes(9_995), "10.0 kB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        assert_eq!(bytes(0), "0 B");
    }

    #[test]
    fn times_round_over_their_units() {
        assert_eq!(seconds(0.9996), "1.0 s");
        assert_eq!(seconds(9.96), "10 s");
        assert_eq!(seconds(59.6), "1 min");
        assert_eq!(seconds(600.0), "10 min");
        assert_eq!(seconds(1234.0), "21 min");
        assert_eq!(seconds(7200.0), "2 h");
        assert_eq!(seconds(f64::NAN), "unknown");
    }

    #[test]
    fn counts_and_moments() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(2000, "row", "rows"), "2,000 rows");
        assert_eq!(count(100_000), "100,000");
        assert_eq!(moment(951_782_400_000 + 3_723_000), "2000-02-29 01:02");
    }
}
