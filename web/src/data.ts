// The table behind a figure: what `Figure::data` gives on the Rust side.
import type { Axis, Cell, Column, Figure, Format, Num, Ranged, Reference, Row, Table } from "./document";

const text = (is: string): Cell => ({ cell: "text", is });
const number = (is: Num | undefined): Cell => ({ cell: "number", is: is ?? null });
const words = (name: string): Column => ({ name, kind: "text", format: {} });
const numbers = (name: string, format: Format): Column => ({ name, kind: "number", format });
const estimates = (axis: Axis): Column => ({ name: axis.label, kind: "estimate", format: axis.format });

export function dataOf(figure: Figure): Table {
  const chart = figure.chart;
  const made = (columns: Column[], rows: Row[]): Table => ({ title: figure.title, columns, rows });
  switch (chart.kind) {
    case "lines": {
      const rows = chart.series.flatMap((series) => series.x.map((x, i): Row => ({
        cells: [text(series.name), number(x), {
          cell: "estimate",
          is: {
            value: series.y[i] ?? null,
            ...(series.low && series.high ? { interval: { low: series.low[i] ?? null, high: series.high[i] ?? null, level: series.level ?? null } } : {}),
            ...(series.n ? { n: series.n[i] ?? 0 } : {}),
          },
        }],
      })));
      return made([words("series"), numbers(chart.x.label, chart.x.format), estimates(chart.y)], [...rows, ...lines(chart.references, 2)]);
    }
    case "intervals":
      return made([words("label"), words("series"), estimates(chart.axis)], [...ranged(chart.rows), ...lines(chart.references, 2)]);
    case "bars":
      return made([words(chart.category), words("series"), estimates(chart.axis)], [...ranged(chart.bars), ...lines(chart.references, 2)]);
    case "heat":
      return made(
        [words(chart.y_label || "row"), ...chart.columns.map((name) => numbers(name, chart.axis.format))],
        chart.rows.map((name, i) => ({ cells: [text(name), ...chart.columns.map((_, j) => number(chart.values[i]?.[j]))] })),
      );
    case "histogram":
      return made(
        [numbers("from", chart.x.format), numbers("to", chart.x.format), ...chart.series.map((series) => numbers(series.name, { digits: 0 }))],
        chart.edges.slice(1).map((to, i) => ({
          cells: [number(chart.edges[i]), number(to), ...chart.series.map((series) => number(series.counts[i]))],
        })),
      );
    case "scatter": {
      const named = chart.series.some((points) => points.labels && points.labels.length > 0);
      const rows = chart.series.flatMap((points) => points.x.map((x, i): Row => ({
        cells: [text(points.name), ...(named ? [text(points.labels?.[i] ?? "")] : []), number(x), number(points.y[i])],
      })));
      const columns = [words("series"), ...(named ? [words("name")] : []), numbers(chart.x.label, chart.x.format), numbers(chart.y.label, chart.y.format)];
      return made(columns, [...rows, ...lines(chart.references, named ? 3 : 2)]);
    }
    case "calibration":
      return made(
        [words("series"), numbers("predicted", { digits: 3 }), { name: "observed", kind: "estimate", format: { digits: 3 } }],
        chart.curves.flatMap((curve) => curve.bins.map((bin): Row => ({
          cells: [text(curve.name), number(bin.predicted), { cell: "estimate", is: bin.observed }],
        }))),
      );
    case "subsets": {
      const rows = chart.rows.map((row): Row => ({
        cells: [
          text(chart.members.filter((_, i) => row.present[i]).join(" + ") || "none"),
          ...row.values.map((value): Cell => (value ? { cell: "estimate", is: value } : { cell: "missing" })),
        ],
      }));
      const below = (chart.references ?? []).map((reference): Row => ({
        kind: "baseline",
        cells: [text(reference.label), ...chart.targets.map(() => number(reference.value))],
      }));
      const columns = chart.targets.map((name): Column => ({ name, kind: "estimate", format: chart.axis.format }));
      return made([words("present"), ...columns], [...rows, ...below]);
    }
  }
}

function ranged(rows: Ranged[]): Row[] {
  return rows.map((row) => ({ cells: [text(row.label), text(row.series), { cell: "estimate", is: row.value }] }));
}

/** Reference lines at the end of a table whose value column has `blank` columns before it. */
function lines(references: Reference[] | undefined, blank: number): Row[] {
  return (references ?? []).map((reference) => ({
    kind: "baseline",
    cells: [text(reference.label), ...Array.from({ length: blank - 1 }, (): Cell => ({ cell: "missing" })), number(reference.value)],
  }));
}
