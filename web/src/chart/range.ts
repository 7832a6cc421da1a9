// Figures with one axis of numbers: intervals, bars, histograms.
import * as Plot from "@observablehq/plot";
import { colour } from "../colour";
import type { Axis, Bars, Histogram, Intervals, Ranged, Reference } from "../document";
import { count, finer, num, suffix, write } from "../number";
import * as common from "./common";

const DIRECT = 5;
/** From this width on, labels stand at the left of their rows; above them otherwise. */
const BESIDE = 460;

interface Line { row: Ranged; y: number; first: boolean }
interface Layout { lines: Line[]; labels: { label: string; y: number }[]; height: number; beside: boolean; left: number }

export function intervals(chart: Intervals, width: number): common.Drawn {
  return rows(chart.rows, chart.axis, chart.references ?? [], width, false);
}

/** Bars always start at zero: their length is read as the value. */
export function bars(chart: Bars, width: number): common.Drawn {
  const axis: Axis = chart.axis.scale === "log" ? chart.axis : { ...chart.axis, zero: true };
  return rows(chart.bars, axis, chart.references ?? [], width, true);
}

/** Rows by label; the series of a label below one another. Positions in pixels from the top. */
function layout(list: Ranged[], width: number, top: number): Layout {
  const groups = new Map<string, Ranged[]>();
  for (const row of list) groups.set(row.label, [...(groups.get(row.label) ?? []), row]);
  const single = [...groups.values()].every((group) => group.length === 1);
  const beside = width >= BESIDE;
  const step = single ? 26 : 19;
  const gap = single ? 0 : 12;
  const out: Layout = { lines: [], labels: [], height: 0, beside, left: 8 };
  let y = top;
  let firstFull = true;
  const most = Math.max(1, ...[...groups.values()].map((group) => group.length));
  for (const [label, group] of groups) {
    if (!beside) {
      out.labels.push({ label, y: y + 9 });
      y += 18;
    } else {
      out.labels.push({ label, y: y + (group.length * step) / 2 });
    }
    const first = firstFull && group.length === most;
    if (first) firstFull = false;
    for (const row of group) {
      out.lines.push({ row, y: y + step / 2, first });
      y += step;
    }
    y += gap + (beside ? 0 : 4);
  }
  out.height = y - gap;
  if (beside) out.left = Math.min(width * 0.36, Math.max(40, ...out.labels.map(({ label }) => common.textWidth(label)))) + 14;
  return out;
}

function rows(list: Ranged[], axis: Axis, references: Reference[], width: number, barred: boolean): common.Drawn {
  const top = 10 + references.length * 14;
  const plan = layout(list, width, top);
  const names = [...new Set(list.map((row) => row.series))];
  const print = (row: Ranged) => `${write(axis.format, row.value.value)}${axis.format.percent ? " %" : ""}`;
  const valueWidth = Math.max(0, ...list.map((row) => common.textWidth(print(row))));
  const right = valueWidth + 16;
  const domain = common.extent(axis, [
    ...list.flatMap((row) => [row.value.value, row.value.interval?.low ?? null, row.value.interval?.high ?? null]),
    ...references.map((reference) => reference.value),
  ]);
  const range: [number, number] = [plan.left, width - right];
  const place = common.positioner(axis, domain, range);
  const fitted = Math.max(3, Math.floor((range[1] - range[0]) / 64));
  const spaced = common.ticks(axis, domain, fitted);
  const zero = axis.scale === "log" ? domain[0] : 0;
  const height = Math.round(plan.height + 46);
  const labels = names.length > 1 && names.length <= DIRECT ? seriesLabels(plan, place, range) : null;
  const inside = (value: number) => Math.min(domain[1], Math.max(domain[0], value));
  const points = plan.lines.map(({ row, y }) => ({
    x: num(row.value.value), y,
    text: [names.length > 1 || row.series !== row.label ? `${row.label} · ${row.series}` : row.label, ...common.exact(axis.format, row.value)].join("\n"),
  })).filter((point) => Number.isFinite(point.x));
  const picture = common.plot({
    width, height, marginTop: top, marginBottom: 46, marginLeft: plan.left, marginRight: right,
    x: { type: common.scaleType(axis), domain, label: null },
    y: { type: "identity", axis: null },
    marks: [
      Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks: spaced }),
      Plot.axisX({
        anchor: "bottom", tickFormat: common.tick(axis.format), ticks: spaced, tickSize: 0,
        label: common.axisLabel(axis), labelArrow: "none", labelAnchor: "center", labelOffset: 38, color: common.MUTED,
      }),
      ...common.referenceLines(references, "x"),
      ...stack(references, axis, place, width),
      ...plan.lines.flatMap(({ row, y }) => mark(row, y, zero, inside, barred)),
      ...plan.labels.map(({ label, y }) => Plot.text([label], {
        y: [y], frameAnchor: "left", dx: plan.beside ? -12 : 0, textAnchor: plan.beside ? "end" : "start", fill: common.INK,
        stroke: common.SURFACE, strokeWidth: 4, lineHeight: 1.05,
        text: (d: string) => (plan.beside ? common.twoLines(d, plan.left - 14) : common.ellipsis(d, width - 20)),
      })),
      ...plan.lines.map(({ row, y }) => Plot.text([print(row)], {
        y: [y], frameAnchor: "right", dx: right - 4, textAnchor: "end", fill: common.INK, fontVariant: "tabular-nums", text: (d: string) => d,
      })),
      ...(labels ?? []),
      ...common.hover(points, 40),
    ],
  });
  return { picture: [picture], ...(names.length > 1 && !labels ? { key: names.map((name) => ({ name })) } : {}) };
}

/** One row: an interval with its dot, or a bar with its interval as a whisker. */
function mark(row: Ranged, y: number, zero: number, inside: (v: number) => number, barred: boolean): Plot.Markish[] {
  const value = num(row.value.value);
  if (!Number.isFinite(value)) return [];
  const hue = colour(row.series);
  const [low, high] = [num(row.value.interval?.low), num(row.value.interval?.high)];
  const whisker = Number.isNaN(low) || Number.isNaN(high) ? [] : [Plot.ruleY([y], {
    x1: [inside(low)], x2: [inside(high)], stroke: barred ? common.INK : hue, strokeWidth: barred ? 1.25 : 2.5, strokeLinecap: "round",
  })];
  if (barred) {
    return [Plot.rect([y], { x1: [inside(zero)], x2: [inside(value)], y1: [y - 7], y2: [y + 7], fill: hue, fillOpacity: 0.85, rx: 1.5 }), ...whisker];
  }
  return [...whisker, Plot.dot([y], { x: [inside(value)], y: [y], r: 4.5, fill: hue, stroke: common.SURFACE, strokeWidth: 1.5 })];
}

/** Series named beside their marks in the first group that has all of them, if every name finds room. */
function seriesLabels(plan: Layout, place: (v: number) => number, range: [number, number]): Plot.Markish[] | null {
  const out: Plot.Markish[] = [];
  for (const { row, y } of plan.lines.filter((line) => line.first)) {
    const value = num(row.value.value);
    if (!Number.isFinite(value)) return null;
    const interval = row.value.interval;
    const low = place(interval ? Math.min(value, num(interval.low)) : value);
    const high = place(interval ? Math.max(value, num(interval.high)) : value);
    const need = common.textWidth(row.series, 11) + 10;
    const toRight = high + need <= range[1];
    if (!toRight && low - need < range[0]) return null;
    out.push(Plot.text([row.series], {
      x: [value], y: [y], dx: toRight ? high - place(value) + 8 : low - place(value) - 8, textAnchor: toRight ? "start" : "end",
      fill: common.INK, stroke: common.SURFACE, strokeWidth: 4, fontSize: 11, text: (d: string) => d,
    }));
  }
  return out;
}

/** Labels of vertical reference lines above the frame, one below the other, kept inside the picture. */
function stack(references: Reference[], axis: Axis, place: (v: number) => number, width: number): Plot.Markish[] {
  return references.map((reference, i) => {
    const text = common.ellipsis(common.referenceText(reference, axis.format), width * 0.6, 11);
    const [at, half] = [place(num(reference.value)), common.textWidth(text, 11) / 2];
    return Plot.text([text], {
      x: [num(reference.value)], frameAnchor: "top", lineAnchor: "bottom", dy: -(references.length - i - 1) * 14 - 4,
      dx: Math.max(0, half - at) + Math.min(0, width - half - at), fill: common.MUTED, fontSize: 11, text: (d: string) => d,
    });
  });
}

export function histogram(chart: Histogram, width: number): common.Drawn {
  const references = chart.references ?? [];
  const edges = chart.edges.map(num);
  const domain = common.extent({ ...chart.x, domain: chart.x.domain ?? [edges[0] ?? 0, edges[edges.length - 1] ?? 1] }, []);
  const several = chart.series.length > 1;
  const most = Math.max(1, ...chart.series.flatMap((series) => series.counts));
  const counts: Axis = { label: "count", format: { digits: 0 }, zero: true };
  const left = common.leftMargin(counts, [0, most]);
  const pictures = chart.series.map((series, at) => {
    const last = at === chart.series.length - 1;
    const bars = series.counts.map((n, i) => ({ n, x1: edges[i] ?? 0, x2: edges[i + 1] ?? 0 }));
    const total = series.counts.reduce((a, b) => a + b, 0);
    const fine = finer(chart.x.format);
    const unit = suffix(chart.x.format);
    const labelled = at === 0 ? references : [];
    const top = 26 + labelled.length * 14;
    const name = several ? `${series.name} · n = ${count(total)}` : `n = ${count(total)}`;
    return common.plot({
      width, height: top + (several ? 84 : 170) + (last ? 42 : 6),
      marginTop: top, marginBottom: last ? 42 : 6, marginLeft: left, marginRight: 16,
      x: { type: common.scaleType(chart.x), domain, label: null, axis: null },
      y: { domain: [0, most], label: null },
      marks: [
        Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: several ? 2 : 4 }),
        ...(last ? [Plot.axisX({ tickFormat: common.tick(chart.x.format), ticks: common.ticks(chart.x, domain, Math.max(3, Math.floor(width / 90))), tickSize: 4, label: common.axisLabel(chart.x), labelArrow: "none", labelAnchor: "center", labelOffset: 36, color: common.MUTED })] : []),
        Plot.axisY({ tickFormat: common.tick(counts.format), ticks: several ? 2 : 4, tickSize: 0, label: at === 0 ? "count" : null, labelArrow: "none", labelAnchor: "top", color: common.MUTED }),
        Plot.rectY(bars, { x1: "x1", x2: "x2", y1: 0, y2: "n", fill: colour(series.name), fillOpacity: 0.85, inset: 0.5 }),
        Plot.ruleY([0], { stroke: "var(--line-strong)" }),
        ...common.referenceLines(references, "x"),
        ...stack(labelled, chart.x, common.positioner(chart.x, domain, [left, width - 16]), width),
        Plot.text([name], { frameAnchor: "top-right", dx: 0, dy: 6 - top, fill: common.INK, text: (d: string) => d }),
        ...(several ? [Plot.dot([0], { frameAnchor: "top-right", dx: -common.textWidth(name) - 10, dy: 12 - top, r: 4, fill: colour(series.name) })] : []),
        ...common.hover(bars.map((bar) => ({
          x: (bar.x1 + bar.x2) / 2, y: bar.n,
          text: `${several ? `${series.name}\n` : ""}${write(fine, bar.x1)} to ${write(fine, bar.x2)}${unit ? ` ${unit}` : ""}\nn = ${count(bar.n)}`,
        })), 60),
      ],
    });
  });
  return { picture: pictures };
}
