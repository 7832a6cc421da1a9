//! The evaluation as an offline page.

use suffit_core::Verdict as Answered;
use suffit_report::{Axis, Banner, Card, Document, Estimate, Figure, Format, Heat, LimitState, Section, Table, cells};

use super::eval::{Found, upper};

/// The evaluation as a page.
pub fn document(found: &Found, verdict: &Answered) -> Document {
    let ours = &found.gates[0];
    let estimate = |v: Option<f64>| Estimate::new(v.unwrap_or(f64::NAN));
    let counts: Vec<Vec<f64>> = ours.matrix.matrix.iter().map(|r| r.iter().map(|c| *c as f64).collect()).collect();
    let mut gates = Table::new("Gates on the same claims")
        .text("gate")
        .number("verdicts right", 3)
        .number("entailed licensed", 3)
        .number("contradicted refuted", 3)
        .count("false licences")
        .number("their share at most (95 %)", 4);
    for gate in &found.gates {
        let row = cells![
            gate.name,
            gate.metrics.verdict_accuracy.unwrap_or(f64::NAN),
            gate.metrics.license_recall.unwrap_or(f64::NAN),
            gate.metrics.refute_recall.unwrap_or(f64::NAN),
            gate.leaks,
            upper(gate)
        ];
        gates = if gate.name == "ours" { gates.strong_row(row) } else { gates.baseline_row(row) };
    }
    let mut reasons = Table::new("Reasons").code("reason").count("claims");
    found.reasons.iter().for_each(|(r, n)| reasons.push_row(cells![r.clone(), *n]));
    let mut cover = Table::new("Coverage")
        .code("class")
        .code("predicate")
        .count("members")
        .count("with a value")
        .percent("covered", 1);
    for row in found.coverage.iter().take(400) {
        cover.push_row(cells![
            row.class.clone(),
            row.predicate.clone(),
            row.members as u64,
            row.covered as u64,
            row.covered as f64 / row.members.max(1) as f64
        ]);
    }
    let heat = Heat::new(
        Axis::new("claims").format(Format::count()),
        ["entailed", "contradicted", "unknown"],
        ["licensed", "refuted", "silent"],
        counts,
    )
    .labels("label", "verdict");
    Document::new("What the graph licenses, held against labels", "oracle")
        .verdict(Banner::from(verdict))
        .card(Card::new("verdicts as labelled", estimate(ours.metrics.verdict_accuracy), Format::digits(3)).baseline(
            "only stated triples",
            found.gates[1].metrics.verdict_accuracy.unwrap_or(f64::NAN),
        ))
        .card(Card::new("entailed claims licensed", estimate(ours.metrics.license_recall), Format::digits(3)).baseline(
            "only stated triples",
            found.gates[1].metrics.license_recall.unwrap_or(f64::NAN),
        ))
        .card(Card::text("false licences", format!("{} of {}", ours.leaks, ours.forbidden)))
        .section(
            Section::new("Verdicts against labels")
                .figure(Figure::new(verdict.sentence.clone(), heat))
                .table(gates),
        )
        .section(Section::new("Why").table(reasons))
        .section(
            Section::new("Can this graph answer this kind of question?")
                .paragraph("Share of the members of each class that have a value of each predicate, asserted or derived. A question about a pair with low coverage mostly ends in “unknown”.")
                .table(cover),
        )
        .limit(LimitState::Unchecked, "A licence says that the graph entails the claim, not that the graph is true.")
        .limit(LimitState::Unchecked, "The limit on false licences holds for claims like the labelled ones.")
}
