//! A document that holds every kind of block, for tests of layout. Every value in it is made up,
//! and chosen to look it.

use suffit_report::{
    Answer, Axis, Banner, Bars, Calibration, Card, Document, Estimate, Figure, Format, Heat, Histogram, Input,
    Intervals, LimitState, Lines, Record, Reference, Scatter, Section, Series, Side, Subsets, Table, cells,
};

const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// A value with an interval of plus or minus 0.05 and n = 1000.
fn about(value: f64) -> Estimate {
    Estimate::new(value).interval(round(value - 0.05), round(value + 0.05)).n(1000)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Numbers in [0, 1) that look random and are the same everywhere.
fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        round((state >> 33) as f64 / (1_u64 << 31) as f64)
    };
    (0..count).map(|_| next()).collect()
}

/// The whole document.
pub fn sample() -> Document {
    let document = Document::new("Layout sample: every value on this page is made up", "sample")
        .summary("This page shows every kind of block that a report can hold. The numbers are chosen to be easy to check by eye; none of them was measured.")
        .series_order(["ours", "pairwise", "probe"]);
    let document = verdicts(document);
    let document = document
        .card(
            Card::new("Share found, top 1", about(0.5), Format::digits(3))
                .baseline("chance", 0.1)
                .baseline("pairwise", 0.2),
        )
        .card(
            Card::new(
                "Bound on the total correlation",
                Estimate::new(3.0).interval(2.9, 3.1),
                Format::digits(2).unit("nats"),
            )
            .baseline("ceiling", 6.0),
        )
        .card(Card::new("Share of rows used", Estimate::new(0.75), Format::percent(0)).note("the rest is held out"))
        .card(Card::text("Seeds solved", "3 of 4").note("a figure in words"));
    document
        .section(curves())
        .section(ranges())
        .section(matrices())
        .section(clouds())
        .section(texts())
        .section(Section::new("A section without content"))
        .limit(LimitState::Holds, "An assumption that was checked and holds.")
        .limit(LimitState::Violated, "An assumption that was checked and does not hold; a longer text shows how lines wrap beside the word when there is more to say than fits on one.")
        .limit(LimitState::Unchecked, "An assumption that nothing here checks.")
        .limit(LimitState::Note, "Something the method cannot say.")
        .record(record())
}

fn verdicts(document: Document) -> Document {
    document
        .verdict(
            Banner::new(
                "Is the sample enough to see the layout of a verdict?",
                Answer::Enough,
                "the sample keeps what it should keep",
            )
            .effect(
                "made-up difference, ours minus probe",
                Estimate::new(-0.01).interval(-0.03, 0.01).n(1000),
                Format::digits(3).signed(),
            )
            .margin(-0.05, Side::Above)
            .basis("an invented interval")
            .assumption(LimitState::Holds, "rows are independent")
            .assumption(LimitState::Unchecked, "later rows look like these"),
        )
        .verdict(
            Banner::new("Would half of it be enough?", Answer::NotEnough, "half of it loses more than is tolerated")
                .effect(
                    "made-up difference, half minus whole",
                    Estimate::new(-0.2).interval(-0.25, -0.15).n(1000),
                    Format::digits(2).signed(),
                )
                .margin(-0.05, Side::Above),
        )
        .verdict(
            Banner::new(
                "Is the error below one in ten?",
                Answer::Undecided,
                "the interval lies on both sides of the margin",
            )
            .effect("made-up error", Estimate::new(0.09).interval(0.07, 0.11).n(200), Format::percent(1))
            .margin(0.1, Side::Below)
            .would_decide("about 1,000 more rows of the same kind"),
        )
}

fn curves() -> Section {
    let x: Vec<f64> = (0..=20).map(f64::from).collect();
    let rise = |top: f64| -> Vec<f64> { x.iter().map(|x| round(top * x / (x + 5.0))).collect() };
    let shift = |y: &[f64], by: f64| -> Vec<f64> { y.iter().map(|y| round(y + by)).collect() };
    let (ours, pairwise, probe) = (rise(1.0), rise(0.5), rise(0.95));
    let few = Lines::new(Axis::new("epoch"), Axis::new("top-1 accuracy").format(Format::digits(3)).from_zero())
        .series(
            Series::new("ours", x.clone(), ours.clone())
                .band(shift(&ours, -0.04), shift(&ours, 0.04))
                .n(vec![1000; x.len()]),
        )
        .series(
            Series::new("pairwise", x.clone(), pairwise.clone())
                .spread(shift(&pairwise, -0.03), shift(&pairwise, 0.03)),
        )
        .series(Series::new("probe", x.clone(), probe).as_baseline())
        .reference(Reference::chance(0.1))
        .reference(Reference::target("target", 0.9));
    let decades: Vec<f64> = (0..=6).map(|k| 10_f64.powi(k)).collect();
    let many = (1..=7).fold(Lines::new(Axis::new("rows").log(), Axis::new("time").unit("s").log()), |lines, k| {
        let y = decades.iter().map(|x| x * f64::from(k) / 1e4).collect();
        lines.series(Series::new(format!("variant {k}"), decades.clone(), y).marked())
    });
    let reliable = |lift: f64| -> Vec<(f64, Estimate)> {
        (0_i32..10)
            .map(|k| {
                let p = round(0.05 + 0.1 * f64::from(k));
                let y = round((p + lift * p * (1.0 - p)).clamp(0.0, 1.0));
                (
                    p,
                    Estimate::new(y)
                        .interval(round((y - 0.06).max(0.0)), round((y + 0.06).min(1.0)))
                        .n(20 + 20 * k.unsigned_abs() as u64),
                )
            })
            .collect()
    };
    Section::new("Curves")
        .paragraph("Up to five series carry their name at the right end of the curve. A baseline is dashed, an interval is a band, and chance, target and ceiling are labelled lines.")
        .figure(Figure::new("Ours comes near the target, pairwise stays far below", few.clone()).caption("Bands: a made-up 95 % interval for ours, a made-up spread over seeds for pairwise."))
        .figure(Figure::new("Calibration: ours is near the diagonal, pairwise is too sure", Calibration::new("first candidate is right").curve("ours", Some(0.01), reliable(0.1)).curve("pairwise", Some(0.09), reliable(-0.6))).caption("A dot is as large as its bin."))
        .figure(Figure::new("Seven series need a key, and six decades need a logarithmic axis", many).wide())
}

fn ranges() -> Section {
    let single = ["a + b", "a + c", "b + c", "a + b + c"].iter().zip([0.3, 0.4, 0.45, 0.7]).fold(
        Intervals::new(Axis::new("top-1 accuracy").format(Format::digits(3)).from_zero())
            .reference(Reference::chance(0.1)),
        |plot, (label, value)| plot.row(*label, "ours", about(value)),
    );
    let pairs = [
        ("find the first view", 0.5, 0.2),
        ("find the second view", 0.6, 0.3),
        ("find a view with quite a long name", 0.4, 0.35),
    ];
    let grouped = pairs.iter().fold(
        Intervals::new(Axis::new("top-1 accuracy").format(Format::digits(3)))
            .reference(Reference::chance(0.1))
            .reference(Reference::baseline("probe", 0.25)),
        |plot, (label, ours, pairwise)| {
            plot.row(*label, "ours", about(*ours)).row(*label, "pairwise", about(*pairwise))
        },
    );
    let bars = pairs.iter().fold(
        Bars::new("task", Axis::new("share").format(Format::percent(0))),
        |plot, (label, ours, pairwise)| {
            plot.bar(*label, "ours", about(*ours)).bar(*label, "pairwise", about(*pairwise))
        },
    );
    let values: Vec<f64> = noise(1, 600).chunks(3).map(|c| round(c.iter().sum::<f64>() / 3.0)).collect();
    let edges: Vec<f64> = (0..=10).map(|k| f64::from(k) / 10.0).collect();
    Section::new("Ranges and distributions")
        .figure(Figure::new("More views, larger share found", single))
        .figure(Figure::new("Two series per task", grouped).caption("The first group names the series."))
        .figure(Figure::new("Bars start at zero", bars))
        .figure(Figure::new(
            "A histogram with its median",
            Histogram::of(Axis::new("score").format(Format::digits(2)), "ours", &values, 24)
                .reference(Reference::baseline("median", 0.5)),
        ))
        .figure(
            Figure::new(
                "Two distributions stand below one another on one axis",
                Histogram::new(Axis::new("similarity").format(Format::digits(1)), edges)
                    .series("ours", vec![1, 2, 4, 8, 16, 32, 64, 96, 64, 16])
                    .series("pairwise", vec![16, 64, 96, 64, 32, 16, 8, 4, 2, 1])
                    .reference(Reference::target("threshold", 0.55)),
            )
            .wide(),
        )
}

fn matrices() -> Section {
    let names = ["a", "b", "c", "d", "e", "f"];
    let square = |f: &dyn Fn(usize, usize) -> f64, size: usize| -> Vec<Vec<f64>> {
        (0..size).map(|i| (0..size).map(|j| round(f(i, j))).collect()).collect()
    };
    let gap = |i: usize, j: usize| i.abs_diff(j) as f64;
    let plain = Heat::new(
        Axis::new("top-1 accuracy").format(Format::digits(2)),
        names,
        names,
        square(&|i, j| if i == j { f64::NAN } else { 1.0 - 0.15 * gap(i, j) }, 6),
    )
    .labels("view that is given", "view to find")
    .n(vec![vec![1000; 6]; 6]);
    let signed = Heat::new(
        Axis::new("difference to pairwise").format(Format::digits(2).signed()),
        names,
        names,
        square(&|i, j| 0.1 * (j as f64 - i as f64), 6),
    )
    .diverging(0.0);
    let large: Vec<String> = (1..=24).map(|k| format!("class {k}")).collect();
    let wide = Heat::new(
        Axis::new("count").format(Format::count()),
        &large,
        &large,
        square(&|i, j| (100.0 / (1.0 + gap(i, j))).round(), 24),
    )
    .labels("true class", "named class");
    let subsets = |members: usize| {
        (1_u32..1 << members).map(move |bits| (0..members).map(|m| bits >> m & 1 == 1).collect::<Vec<bool>>())
    };
    let mut one = Subsets::new(
        Axis::new("top-1 accuracy").format(Format::digits(3)).from_zero(),
        ["image", "text", "audio", "depth"],
        ["name it"],
    )
    .reference(Reference::chance(0.1));
    for present in subsets(4) {
        let value = 0.2 * present.iter().filter(|on| **on).count() as f64;
        one.push(present, vec![Some(about(value))]);
    }
    let views = ["fou", "fac", "kar", "pix", "zer", "mor"];
    let mut all = Subsets::new(Axis::new("top-1 accuracy").format(Format::digits(2)), views, views)
        .reference(Reference::chance(0.01));
    let mut rows: Vec<Vec<bool>> = subsets(6).filter(|p| p.iter().any(|on| !on)).collect();
    rows.sort_by_key(|present| std::cmp::Reverse(present.iter().filter(|on| **on).count()));
    for present in rows {
        let size = present.iter().filter(|on| **on).count() as f64;
        let values = present
            .iter()
            .enumerate()
            .map(|(j, on)| (!on).then(|| Estimate::new(round(size * 0.15 + j as f64 * 0.02)).n(1000)));
        let values = values.collect();
        all.push(present, values);
    }
    Section::new("Matrices")
        .paragraph("Values are printed in the cells below 15 by 15.")
        .figure(Figure::new("Near views find each other", plain))
        .figure(Figure::new("Gains lie above the diagonal, losses below", signed))
        .figure(Figure::new("Every view adds as much as the last", one).caption("A filled dot: the view is present."))
        .figure(Figure::new("Twenty-four classes, too many to print", wide))
        .figure(
            Figure::new("Each view from every subset of the others", all)
                .caption("Rows: which views are given. Columns: which view is to be found.")
                .wide(),
        )
}

fn clouds() -> Section {
    let group = |seed: u64, x: f64, y: f64| {
        let at = |seed: u64, centre: f64| -> Vec<f64> { noise(seed, 40).iter().map(|v| round(centre + v)).collect() };
        (at(seed, x), at(seed + 50, y))
    };
    let groups = [("zero", group(2, 0.0, 0.0)), ("one", group(3, 1.2, 1.4)), ("two", group(4, 2.6, 0.4))];
    let few = groups
        .into_iter()
        .fold(Scatter::new(Axis::new("first direction"), Axis::new("second direction")), |plot, (name, (x, y))| {
            plot.points(name, x, y)
        });
    let (a, b, c, d) = (noise(5, 6000), noise(6, 6000), noise(7, 6000), noise(8, 6000));
    let mean = |u: &[f64], v: &[f64]| -> Vec<f64> { u.iter().zip(v).map(|(u, v)| round((u + v) / 2.0)).collect() };
    let many = Scatter::new(Axis::new("score of ours"), Axis::new("score of pairwise"))
        .points("pairs", mean(&a, &b), mean(&c, &d))
        .diagonal();
    Section::new("Points")
        .figure(Figure::new("Three groups keep apart", few))
        .figure(Figure::new("Six thousand pairs are drawn as counts", many))
        .figure(Figure::new("A figure that has no data yet", Lines::new(Axis::new("epoch"), Axis::new("loss"))).wide())
}

fn texts() -> Section {
    let results = Table::new("Retrieval from every subset")
        .caption("Sort by a header; the groups stay together.")
        .text("from")
        .estimate("top-1", 3)
        .number("chance", 3)
        .baseline()
        .estimate("pairwise", 3)
        .baseline()
        .count("rows")
        .heading("find view c from …")
        .row(cells!["a", about(0.2), 0.1, about(0.15), 2000])
        .row(cells!["b", about(0.3), 0.1, about(0.25), 2000])
        .strong_row(cells!["a + b", about(0.75), 0.1, about(0.35), 2000])
        .heading("name the class from …")
        .row(cells!["a + b", about(0.9), 0.1, None::<f64>, 12000])
        .baseline_row(cells!["probe on the raw views", about(0.92), 0.1, None::<f64>, 12000]);
    let hostile = Table::new("Text from a user stays text")
        .text(HOSTILE)
        .code("command")
        .number("gain", 2)
        .with(Format::digits(2).signed().unit("nats"))
        .percent("share", 1)
        .row(cells!["</script><script>alert(1)</script>", "a | b `c`", 0.5, 0.125])
        .row(cells!["line one\nline two, with a comma and a \"quote\"", "x", -1.25, 0.5])
        .row(cells!["\u{1b}[31mred\u{1b}[0m and \u{202e}turned", HOSTILE, f64::NAN, 1.0]);
    Section::new("Tables and text")
        .table(results)
        .paragraph("A paragraph of plain text. It is set to at most seventy-five characters a line, because longer lines are hard to follow, and it is never read as markup: <b>this is not bold</b>, and neither is **this**.")
        .list(["a list item", "another one, with a little more to say than the first"])
        .note("A note says something worth knowing.")
        .caution("A caution says what to read before relying on the result.")
        .table(hostile)
        .table(Table::new("A table without rows").text("name").number("value", 2))
        .code("suffit report RUN\nsuffit runs verify RUN")
}

fn record() -> Record {
    Record::new()
        .command(
            "Repeat this run",
            "suffit fit sample --data sample.parquet --seed 1 --set train.epochs=20 --set model.dim=64",
        )
        .command("Make this page again", "suffit report RUN")
        .input(
            Input::new("sample.parquet")
                .rows(2000)
                .bytes(1_234_567)
                .digest("blake3:0000000000000000000000000000000000000000000000000000000000000000")
                .note("made up"),
        )
        .required_setting("data.path", "sample.parquet")
        .setting("train.epochs", 20, 60)
        .setting("train.batch", 256, 256)
        .setting("train.rate", 0.001, 0.001)
        .setting("model.dim", 64, 128)
        .seed("root", 1)
        .version("suffit", "0.0.0")
        .version("rustc", "0.0.0")
        .machine("processor", "an invented one")
        .machine("threads", 2)
        .machine("duration", "0 s")
        .file("model.safetensors", "the model", Some(1_000_000))
        .file("metrics.jsonl", "all metrics by step", Some(12_345))
        .file(format!("notes/{HOSTILE}.txt"), "a file with a hostile name", Some(10))
}
