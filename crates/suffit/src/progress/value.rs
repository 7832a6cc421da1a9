//! Numbers and times as the progress line shows them.

/// Three to four significant digits, without trailing noise: `1.93`, `0.021`, `1,204`, `3.1e-6`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        value.to_string()
    } else if size == 0.0 {
        "0".to_owned()
    } else if size < 1e-3 {
        format!("{value:.1e}")
    } else if size < 1.0 {
        format!("{value:.3}")
    } else if size < 100.0 {
        format!("{value:.2}")
    } else if size < 1000.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// `loss 1.93  bound 4.98`.
pub fn values(values: &[(String, f64)]) -> String {
    values.iter().map(|(name, value)| format!("{name} {}", number(*value))).collect::<Vec<_>>().join("  ")
}

/// Seconds left by proportion; nothing before the first unit is done.
pub fn left_s(done: u64, total: Option<u64>, elapsed_s: f64) -> Option<f64> {
    let total = total?;
    (done > 0 && done <= total).then(|| elapsed_s * (total - done) as f64 / done as f64)
}

/// Seconds below a minute, minutes above, hours beyond two of them.
pub fn time(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{:.0} s", seconds.ceil())
    } else if seconds < 7200.0 {
        format!("{:.0} min", (seconds / 60.0).ceil())
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 1.9349, 0.0214, 1204.2, 3.14e-6, -12.345, 199.96].map(number).to_vec();
        assert_eq!(shown, ["0", "1.93", "0.021", "1204", "3.1e-6", "-12.35", "200.0"]);
        assert_eq!(number(f64::NAN), "NaN");
    }

    #[test]
    fn time_left_is_proportional() {
        assert_eq!(left_s(25, Some(100), 10.0), Some(30.0));
        assert_eq!(left_s(0, Some(100), 10.0), None);
        assert_eq!(left_s(5, None, 10.0), None);
        assert_eq!(left_s(101, Some(100), 10.0), None);
        assert_eq!((time(14.0), time(61.0), time(9000.0)), ("14 s".into(), "2 min".into(), "2.5 h".into()));
    }
}
