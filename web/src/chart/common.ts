// What the charts share: text widths, axes, reference lines, labels at the ends of curves.
import * as Plot from "@observablehq/plot";
import type { Axis, Estimate, Format, Num, Reference } from "../document";
import { count, finer, num, suffix, write, writeInterval } from "../number";

export const FONT = 12;
export const INK = "var(--ink)";
export const MUTED = "var(--muted)";
export const SURFACE = "var(--surface)";
/** More marks than this are binned. */
export const MARKS = 5000;

/** An entry of the key: the series' name decides the colour, `label` is printed (the name if absent). */
export interface Key { name: string; label?: string; dashed?: boolean }

/** A drawn chart: the picture and, where names do not fit into it, the key beside it. */
export interface Drawn { picture: Node[]; key?: Key[]; ramp?: Node; notes?: string[] }

const pen = document.createElement("canvas").getContext("2d");

/** Width of a text in the charts' font, in pixels. */
export function textWidth(text: string, size = FONT): number {
  if (!pen) return text.length * size * 0.6;
  pen.font = `${size}px system-ui, sans-serif`;
  return pen.measureText(text).width;
}

/** The text cut to a width, with an ellipsis. */
export function ellipsis(text: string, width: number, size = FONT): string {
  if (textWidth(text, size) <= width) return text;
  const parts = [...text];
  while (parts.length > 1 && textWidth(`${parts.join("")}…`, size) > width) parts.pop();
  return `${parts.join("").trimEnd()}…`;
}

/** Axis label with unit, and "log scale" where it is one. */
export function axisLabel(axis: Axis): string {
  const unit = suffix(axis.format);
  return `${axis.label}${unit ? ` (${unit})` : ""}${axis.scale === "log" ? ", log scale" : ""}`;
}

/** Ticks are round: automatic digits, but in the axis' percent. */
export function tick(format: Format): (value: number) => string {
  return (value) => write({ ...(format.percent ? { percent: true } : {}) }, value);
}

/** Positions of ticks: powers of ten on a logarithmic axis that spans some, Plot's own choice otherwise. */
export function ticks(axis: Axis, domain: [number, number], wanted: number): number | number[] {
  if (axis.scale !== "log") return wanted;
  const [from, to] = [Math.ceil(Math.log10(domain[0]) - 1e-9), Math.floor(Math.log10(domain[1]) + 1e-9)];
  if (to - from < 2) return wanted;
  const step = Math.ceil((to - from) / Math.max(2, wanted));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => 10 ** (from + i * step));
}

/** Room at the right for half of the last tick label. */
export function rightMargin(axis: Axis, domain: [number, number]): number {
  return Math.max(16, textWidth(tick(axis.format)(Number(domain[1].toPrecision(2)))) / 2 + 2);
}

/** A label in at most two lines of a width. */
export function twoLines(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const words = text.split(" ");
  let first = words.shift() ?? "";
  while (words.length > 0 && textWidth(`${first} ${words[0]}`) <= width) first += ` ${words.shift()}`;
  return words.length === 0 ? ellipsis(first, width) : `${ellipsis(first, width)}\n${ellipsis(words.join(" "), width)}`;
}

/** Ends of an axis over these values: fixed, or covering all with a little room, or from zero. */
export function extent(axis: Axis, values: Num[]): [number, number] {
  if (axis.domain) return axis.domain;
  const log = axis.scale === "log";
  const finite = values.map(num).filter((v) => Number.isFinite(v) && (!log || v > 0));
  if (finite.length === 0) return log ? [1, 10] : [0, 1];
  let low = finite.reduce((a, b) => Math.min(a, b));
  let high = finite.reduce((a, b) => Math.max(a, b));
  if (log) return low === high ? [low / 2, high * 2] : [low, high];
  if (axis.zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === high) return [low - (Math.abs(low) || 1) * 0.5, high + (Math.abs(high) || 1) * 0.5];
  const room = (high - low) * 0.04;
  return [axis.zero && low === 0 ? 0 : low - room, axis.zero && high === 0 ? 0 : high + room];
}

export function scaleType(axis: Axis): "log" | "linear" {
  return axis.scale === "log" ? "log" : "linear";
}

/** Position of a value in pixels. */
export function positioner(axis: Axis, domain: [number, number], range: [number, number]): (v: number) => number {
  const scale = Plot.scale({ x: { type: scaleType(axis), domain, range } });
  return (v) => Number(scale.apply(v));
}

/** The value at a position in pixels. */
export function inverter(axis: Axis, domain: [number, number], range: [number, number]): (pixel: number) => number {
  const scale = Plot.scale({ x: { type: scaleType(axis), domain, range } });
  return (pixel) => Number(scale.invert?.(pixel));
}

/** Room for the tick labels of a vertical axis. */
export function leftMargin(axis: Axis, domain: [number, number]): number {
  const write = tick(axis.format);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((t) => domain[0] + t * (domain[1] - domain[0]));
  const round = steps.map((v) => Number(v.toPrecision(2)));
  return Math.min(72, Math.max(30, Math.max(...round.map((v) => textWidth(write(v)))) + 14));
}

/** "0.7512 [0.70, 0.80]" and "n = 400", each on a line. */
export function exact(format: Format, estimate: Estimate): string[] {
  const fine = finer(format);
  const unit = suffix(format);
  const value = `${write(fine, estimate.value)}${unit ? ` ${unit}` : ""}`;
  const lines = [estimate.interval ? `${value} ${writeInterval(fine, estimate.interval)}` : value];
  if (estimate.n !== undefined) lines.push(`n = ${count(estimate.n)}`);
  return lines;
}

/** The style of a hover box. */
export const TIP = {
  fill: "var(--raised)",
  stroke: "var(--line-strong)",
  textPadding: 8,
  pathFilter: "none",
  fontSize: FONT,
  lineWidth: 26,
  lineHeight: 1.3,
} as const;

export interface Hover { x: number; y: number; text: string }

/** Hover over the nearest point: a ring and its exact numbers. */
export function hover(points: Hover[], maxRadius = 36): Plot.Markish[] {
  const near = { x: "x", y: "y", maxRadius } as const;
  return [
    Plot.dot(points, Plot.pointer({ ...near, r: 5, stroke: INK, strokeWidth: 1.5, fill: "none" })),
    Plot.tip(points, Plot.pointer({ ...near, ...TIP, title: "text" })),
  ];
}

/** Lines at reference values; `at` says on which axis the values lie. */
export function referenceLines(references: Reference[], at: "x" | "y"): Plot.Markish[] {
  return references.map((reference) => {
    const strong = reference.role === "target" || reference.role === "ceiling";
    const style = { stroke: MUTED, strokeWidth: 1.25, strokeDasharray: strong ? "none" : "2,3" };
    const value = [num(reference.value)];
    return at === "y" ? Plot.ruleY(value, style) : Plot.ruleX(value, style);
  });
}

export function referenceText(reference: Reference, format: Format): string {
  // Automatic digits: a line may lie between the values that the axis' digits can tell apart.
  return `${reference.label} ${write({ ...(format.percent ? { percent: true } : {}) }, reference.value)}${format.percent ? " %" : ""}`;
}

/** Labels of reference lines on the vertical axis, inside the frame at its left end, spread so that they do not cover one another. */
export function referenceLabels(references: Reference[], axis: Axis, place: (v: number) => number): Plot.Markish[] {
  const at = spread(references.map((reference) => place(num(reference.value)) - 7), 13);
  return references.map((reference, i) => Plot.text([referenceText(reference, axis.format)], {
    y: [num(reference.value)],
    frameAnchor: "left",
    dx: 4,
    dy: (at[i] ?? 0) - place(num(reference.value)),
    textAnchor: "start",
    fill: MUTED,
    stroke: SURFACE,
    strokeWidth: 4,
    fontSize: 11,
    text: (d: string) => d,
  }));
}

/** Positions moved as little as possible so that neighbours are at least `gap` apart. */
export function spread(wanted: number[], gap: number, low = -Infinity, high = Infinity): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const out = [...wanted];
  let floor = low;
  for (const i of order) {
    out[i] = Math.max(out[i] ?? 0, floor);
    floor = (out[i] ?? 0) + gap;
  }
  let ceiling = high;
  for (const i of order.reverse()) {
    out[i] = Math.min(out[i] ?? 0, ceiling);
    ceiling = (out[i] ?? 0) - gap;
  }
  return out;
}

export interface End { name: string; colour: string; x: number; y: number }

/** Names at the ends of curves in the right margin, with a dot of the curve's colour. */
export function endLabels(ends: End[], place: (v: number) => number, width: number, top: number, bottom: number): Plot.Markish[] {
  const at = spread(ends.map((end) => place(end.y)), 15, top, bottom);
  return ends.flatMap((end, i) => {
    const dy = (at[i] ?? 0) - place(end.y);
    const common = { y: [end.y], frameAnchor: "right", dy } as const;
    return [
      Plot.dot([0], { ...common, dx: 10, r: 3.5, fill: end.colour, clip: false }),
      Plot.text([ellipsis(end.name, width - 22)], { ...common, dx: 18, textAnchor: "start", fill: INK, text: (d: string) => d }),
    ];
  });
}

/**
 * Options that every plot takes. Plot's style element is taken out (the page's policy allows ours
 * alone), and so are its labels for groups of marks: the figure has one name and a table.
 */
export function plot(options: Plot.PlotOptions): SVGElement | HTMLElement {
  const out = Plot.plot({ className: "plot", style: { fontSize: `${FONT}px`, background: "none", overflow: "visible" }, ...options });
  out.querySelectorAll("style").forEach((style) => style.remove());
  out.querySelectorAll("[aria-label]").forEach((group) => group.removeAttribute("aria-label"));
  return out;
}
