// Colours by series name: the same name has the same colour in every figure of a report.
import type { Chart, Document } from "./document";

/** How many colours there are; the ninth series starts again and is told apart by dashes. */
const COLOURS = 8;
const order: string[] = [];

/** Fixes the colours of a document: first the order it asks for, then as figures bring names up. */
export function assign(report: Document): void {
  order.length = 0;
  const names = [...(report.series_order ?? [])];
  for (const section of report.sections ?? []) {
    for (const block of section.blocks ?? []) {
      if (block.block === "figure") names.push(...namesOf(block.chart));
    }
  }
  for (const name of names) if (!order.includes(name)) order.push(name);
}

/** The series of a chart, in order, each once. */
export function namesOf(chart: Chart): string[] {
  const names = (() => {
    switch (chart.kind) {
      case "lines":
      case "histogram":
      case "scatter":
        return chart.series.map((series) => series.name);
      case "intervals":
        return chart.rows.map((row) => row.series);
      case "bars":
        return chart.bars.map((bar) => bar.series);
      case "calibration":
        return chart.curves.map((curve) => curve.name);
      case "heat":
      case "subsets":
        return [];
    }
  })();
  return [...new Set(names)];
}

function position(name: string): number {
  return Math.max(0, order.indexOf(name));
}

export function colour(name: string): string {
  return `var(--series-${(position(name) % COLOURS) + 1})`;
}

/** Dashes for a curve: baselines are dashed, and so is every second round of the colours. */
export function dashes(name: string, baseline: boolean): string | undefined {
  if (baseline) return "6,4";
  return position(name) >= COLOURS ? "2,3" : undefined;
}
