#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;

/// A clock that moves by one millisecond each time it is read.
#[derive(Default)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn unix_ms(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
    fn monotonic_s(&self) -> f64 {
        0.0
    }
}

fn open_at(path: &Path) -> Metrics {
    Metrics::append(path, Arc::new(Ticking::default())).unwrap()
}

/// The file without its times.
fn timeless(path: &Path) -> Vec<(u64, String, String, u64)> {
    read(path).unwrap().into_iter().map(|e| (e.step, e.split, e.name, e.value.to_bits())).collect()
}

#[test]
fn one_line_an_event_with_words_for_what_json_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let metrics = open_at(&path);
    for value in [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        metrics.log(3, "train", "loss", value).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = [
        r#"{"step":3,"split":"train","name":"loss","value":0.1,"time_ms":0}"#,
        r#"{"step":3,"split":"train","name":"loss","value":"NaN","time_ms":1}"#,
        r#"{"step":3,"split":"train","name":"loss","value":"inf","time_ms":2}"#,
        r#"{"step":3,"split":"train","name":"loss","value":"-inf","time_ms":3}"#,
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    let values: Vec<f64> = read(&path).unwrap().iter().map(|e| e.value).collect();
    assert!(values[0] == 0.1 && values[1].is_nan() && values[2] == f64::INFINITY && values[3] == f64::NEG_INFINITY);
    assert_eq!(metrics.count(), 4);
}

#[test]
fn a_torn_last_line_is_cut_and_any_other_bad_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    open_at(&path).log(1, "train", "loss", 1.0).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for cut in 1..whole.len() {
        let torn = [&whole[..], &whole[..cut]].concat();
        std::fs::write(&path, &torn).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1);
        // The whole line but for its end is torn, too.
        assert_eq!(open_at(&path).count(), 1);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
    std::fs::write(&path, [&whole[..20], b"\n", &whole[..]].concat()).unwrap();
    let e = read(&path).unwrap_err();
    assert!(e.to_string().contains("metrics.jsonl, line 1: not a metric event"), "{e}");
    assert!(Metrics::append(&path, Arc::new(Ticking::default())).is_err());
}

#[test]
fn truncation_by_count_is_exact_within_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let metrics = open_at(&path);
    metrics.log(5, "train", "loss", 1.0).unwrap();
    let at_checkpoint = metrics.count();
    metrics.log(5, "test", "accuracy", 0.5).unwrap();
    metrics.truncate(at_checkpoint, 5).unwrap();
    assert_eq!(timeless(&path), [(5, "train".to_owned(), "loss".to_owned(), 1f64.to_bits())]);
    metrics.log(5, "test", "accuracy", 0.5).unwrap();
    assert_eq!(metrics.count(), 2);
}

#[test]
fn tensorboard_files_are_written_beside_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let metrics = open_at(&folder.path().join("metrics.jsonl")).with_tensorboard(folder.path()).unwrap();
    metrics.log(1, "train", "loss", 1.0).unwrap();
    metrics.rewind(0).unwrap();
    let events = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().starts_with("events.out.tfevents."));
    assert_eq!(events.count(), 2);
}

proptest! {
    // Each case flushes the disk a few times.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Run to a checkpoint, go on for a while, be killed in the middle of a line, resume at the
    /// checkpoint and do the rest: the file is that of an uninterrupted run but for the times.
    #[test]
    fn killed_and_resumed_equals_uninterrupted(
        values in prop::collection::vec(prop_oneof![any::<f64>(), Just(f64::NAN)], 1..30),
        checkpoint in 0usize..30,
        more in 0usize..30,
        torn in 0usize..40,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let log = |m: &Metrics, from: usize, to: usize| for (i, v) in values[from..to].iter().enumerate() {
            m.log((from + i) as u64, "train", "loss", *v).unwrap();
            m.log((from + i) as u64, "val", "bound", -*v).unwrap();
        };
        let n = values.len();
        let checkpoint = checkpoint.min(n - 1);
        let killed = (checkpoint + 1 + more).min(n);
        log(&open_at(&a), 0, n);
        log(&open_at(&b), 0, killed);
        let whole = std::fs::read(&b).unwrap();
        let line = whole.split_inclusive(|&c| c == b'\n').next().unwrap();
        std::fs::write(&b, [&whole[..], &line[..torn.min(line.len() - 1)]].concat()).unwrap();
        let resumed = open_at(&b);
        resumed.rewind(checkpoint as u64).unwrap();
        prop_assert_eq!(resumed.count(), 2 * (checkpoint as u64 + 1));
        log(&resumed, checkpoint + 1, n);
        let (mut left, mut right) = (timeless(&a), timeless(&b));
        // NaN keeps its word, not its bits.
        for list in [&mut left, &mut right] {
            list.iter_mut().filter(|e| f64::from_bits(e.3).is_nan()).for_each(|e| e.3 = 0);
        }
        prop_assert_eq!(left, right);
    }

    #[test]
    fn finite_values_are_kept_bit_for_bit(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        let event = MetricEvent { step: 1, split: "s".into(), name: "n".into(), value, time_ms: 0 };
        let back: MetricEvent = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        prop_assert_eq!(back.value.to_bits(), value.to_bits());
    }
}
